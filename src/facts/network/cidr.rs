//! Addresses in the words of the AWS APIs.

use super::super::known::Known;
use super::super::reserved;
use crate::snapshot::Unknown;
use crate::value::Node;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A block of addresses. Bits below the prefix do not count, as in AWS.
pub(in crate::facts) fn net(text: &str, at: &str) -> Known<IpNet> {
    match text.parse::<IpNet>() {
        Ok(net) => Ok(net.trunc()),
        Err(_) => Err(Unknown::invalid(format!("{} is not a CIDR", shown(text)), at)),
    }
}

/// One address.
pub(in crate::facts) fn address(text: &str, at: &str) -> Known<IpAddr> {
    text.parse().map_err(|_| Unknown::invalid(format!("{} is not an IP address", shown(text)), at))
}

/// The block that a field of a node holds, if it has the field.
pub(super) fn field(node: &Node<'_>, name: &str, at: &str) -> Option<Known<IpNet>> {
    Some(net(node.get(name)?.as_str()?, at))
}

/// A text of a snapshot, cut for a message.
fn shown(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    format!("'{short}'")
}

/// Whether a block lies outside the public address space.
pub(super) fn is_special(net: &IpNet) -> bool {
    reserved::holding(net).is_some()
}

/// All public addresses of a family. Of IPv6 that is global unicast space, the only one in use.
/// <https://www.iana.org/assignments/ipv6-address-space/>
pub(in crate::facts) fn everything(v6: bool) -> IpNet {
    const GLOBAL_UNICAST: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
    match v6 {
        false => IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 0)),
        true => IpNet::V6(GLOBAL_UNICAST),
    }
}

/// Whether a block is the internet or half of it.
pub(in crate::facts) fn is_internet(net: &IpNet) -> bool {
    net.prefix_len() <= if is_v6(net) { 3 } else { 1 }
}

/// Whether a block is of IPv6.
pub(in crate::facts) fn is_v6(net: &IpNet) -> bool {
    matches!(net, IpNet::V6(_))
}
