//! Blocks of addresses as the AWS APIs write them: in a field, in a prefix list, of a subnet.

use crate::facts::cidrs::Union;
use crate::facts::known::Known;
use crate::facts::reserved;
use crate::facts::view::{ObjectView, SnapshotView};
use crate::snapshot::Unknown;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// IPv4 or IPv6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum AddressFamily {
    V4,
    V6,
}

impl AddressFamily {
    /// The family of a block.
    pub(crate) fn of(net: &IpNet) -> Self {
        match net {
            IpNet::V4(_) => Self::V4,
            IpNet::V6(_) => Self::V6,
        }
    }

    /// As people call it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        }
    }

    /// How much of this family's internet a union holds.
    pub(super) fn share_of(self, union: &Union) -> f64 {
        match self {
            Self::V4 => union.v4_share(),
            Self::V6 => union.v6_share(),
        }
    }

    /// Whether a block is of this family.
    pub(crate) fn has(self, net: &IpNet) -> bool {
        Self::of(net) == self
    }

    /// All public addresses. Of IPv6 that is global unicast space, the only one in use.
    /// <https://www.iana.org/assignments/ipv6-address-space/>
    pub(crate) fn everything(self) -> IpNet {
        const GLOBAL_UNICAST: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
        match self {
            Self::V4 => IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 0)),
            Self::V6 => IpNet::V6(GLOBAL_UNICAST),
        }
    }
}

/// A block of addresses. Bits below the prefix do not count, as in AWS.
pub(crate) fn net(text: &str, at: &str) -> Known<IpNet> {
    block(text, |reason| Unknown::invalid(reason, at))
}

/// One address.
pub(crate) fn address(text: &str, at: &str) -> Known<IpAddr> {
    text.parse().map_err(|_| Unknown::invalid(format!("{} is not an IP address", shown(text)), at))
}

/// The block that a field of an object holds, if it has the field.
pub(super) fn field(object: &ObjectView<'_>, name: &str) -> Known<Option<IpNet>> {
    object.optional_text(name)?.map(|text| block(text, |reason| object.invalid(name, reason))).transpose()
}

fn block(text: &str, invalid: impl FnOnce(String) -> Unknown) -> Known<IpNet> {
    let not_one = |_| invalid(format!("{} is not a CIDR", shown(text)));
    text.parse::<IpNet>().map(|net| net.trunc()).map_err(not_one)
}

/// A text of a snapshot, cut for a message.
fn shown(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    format!("'{short}'")
}

/// A block as text; a single address without its prefix length.
pub(crate) fn as_text(block: &IpNet) -> String {
    let is_host = block.prefix_len() == block.max_prefix_len();
    if is_host { block.addr().to_string() } else { block.to_string() }
}

/// Whether a block lies outside the public address space.
pub(super) fn is_special(net: &IpNet) -> bool {
    reserved::holding(net).is_some()
}

/// The blocks of a prefix list.
pub(super) fn prefix_list(view: SnapshotView<'_>, id: &str) -> Known<Vec<IpNet>> {
    let list = view.get("managedPrefixLists", id)?;
    let block = |entry: Known<ObjectView<'_>>| {
        let entry = entry?;
        field(&entry, "Cidr")?.ok_or_else(|| entry.absent("Cidr"))
    };
    list.objects(&["Entries", "*"])?.map(block).collect()
}

/// The addresses of a subnet.
pub(super) fn subnet_blocks(view: SnapshotView<'_>, id: &str) -> Known<Vec<IpNet>> {
    let subnet = view.get("subnets", id)?;
    // A subnet of IPv6 alone has no CidrBlock.
    let mut blocks: Vec<_> = field(&subnet.whole(), "CidrBlock")?.into_iter().collect();
    for association in subnet.optional_objects(&["Ipv6CidrBlockAssociationSet", "*"])? {
        blocks.extend(field(&association?, "Ipv6CidrBlock")?);
    }
    if blocks.is_empty() { Err(subnet.absent(&["CidrBlock"])) } else { Ok(blocks) }
}

/// Whether an IPv6 block of a subnet is not announced to the internet, though it is none of the blocks
/// that are private everywhere.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SubnetIpv6CidrBlockAssociation.html>
pub(super) fn is_private_ipv6(view: SnapshotView<'_>, subnet: &str, net: &IpNet) -> Known<bool> {
    let subnet = view.get("subnets", subnet)?;
    for association in subnet.optional_objects(&["Ipv6CidrBlockAssociationSet", "*"])? {
        let association = association?;
        if field(&association, "Ipv6CidrBlock")?.is_some_and(|block| block.contains(net)) {
            return Ok(association.optional_text("Ipv6AddressAttribute")? == Some("private"));
        }
    }
    Ok(false)
}

/// The IPv4 addresses of the VPC.
pub(super) fn vpc_blocks(view: SnapshotView<'_>) -> Known<Vec<IpNet>> {
    let vpc = view.object("vpc")?;
    let mut blocks: Vec<_> = field(&vpc.whole(), "CidrBlock")?.into_iter().collect();
    for association in vpc.optional_objects(&["CidrBlockAssociationSet", "*"])? {
        blocks.extend(field(&association?, "CidrBlock")?);
    }
    if blocks.is_empty() { Err(vpc.absent(&["CidrBlock"])) } else { Ok(blocks) }
}
