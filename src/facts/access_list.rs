//! The public access CIDRs of a cluster: whom the public endpoint of its API server accepts.
//!
//! <https://docs.aws.amazon.com/eks/latest/APIReference/API_VpcConfigResponse.html>

use crate::facts::cidrs::Union;
use crate::facts::known::Known;
use crate::facts::network::cidr::{self, AddressFamily};
use crate::facts::view::{ResourceView, written_name};
use crate::snapshot::{Unknown, template};
use crate::value::{Json, Pointer};
use ipnet::IpNet;

/// The field of the cluster that holds the list.
pub(crate) const VPC_CONFIG: &str = "resourcesVpcConfig";
const LIST: &str = "publicAccessCidrs";

/// Whom an empty list accepts.
const EVERYONE: [&str; 2] = ["0.0.0.0/0", "::/0"];

/// The list, entry by entry.
#[derive(Clone, Debug, Default)]
pub(crate) struct AccessList<'s> {
    /// Where it is.
    pub(crate) place: Pointer,
    /// The entries that are CIDRs.
    pub(crate) entries: Vec<CidrEntry<'s>>,
    pub(crate) blocks: AcceptedBlocks,
    /// The first entry that is no CIDR, as JSON: entries may be of any type.
    invalid: Option<Unknown>,
}

/// An entry of the list, with its position.
#[derive(Clone, Debug)]
pub(crate) struct CidrEntry<'s> {
    pub(crate) at: usize,
    pub(crate) text: &'s str,
    pub(crate) block: IpNet,
}

/// The blocks of the list, merged.
#[derive(Clone, Debug, Default)]
pub(crate) struct AcceptedBlocks {
    union: Union,
    /// The first entry that is no CIDR.
    invalid: Option<Unknown>,
}

impl<'s> AccessList<'s> {
    /// The list of a cluster's public endpoint.
    pub(crate) fn of(cluster: &ResourceView<'s>) -> Known<Self> {
        let items = cluster.list_under(&[VPC_CONFIG, LIST])?;
        let config = cluster.optional(VPC_CONFIG)?.unwrap_or(Json::Null);
        let place = cluster.place(VPC_CONFIG).key(written_name(&config, LIST));
        if items.is_empty() {
            let union = Union::of(EVERYONE.iter().filter_map(|all| all.parse().ok()));
            return Ok(Self { place, blocks: AcceptedBlocks { union, invalid: None }, ..Self::default() });
        }
        let (mut entries, mut blocks, mut invalid) = (Vec::new(), AcceptedBlocks::default(), None);
        let entry = [VPC_CONFIG, LIST, "*"];
        for (at, item) in items.iter().enumerate() {
            let as_json = || {
                let wrong = || cluster.invalid(&entry, format!("{item} is not a CIDR"));
                template::why_not_known(item, &cluster.place_in_any(&entry)).unwrap_or_else(wrong)
            };
            let read = item.as_str().ok_or_else(as_json);
            match read.and_then(|text| Ok((text, cidr::net(text, &cluster.place_in_any(&entry))?))) {
                Ok((text, block)) => entries.push(CidrEntry { at, text, block }),
                Err(unknown) => {
                    invalid.get_or_insert_with(as_json);
                    blocks.invalid.get_or_insert(unknown);
                }
            }
        }
        blocks.union = Union::of(entries.iter().map(|entry| entry.block));
        Ok(Self { place, entries, blocks, invalid })
    }

    /// Whether more than half of a family of addresses is accepted. Blocks that are known to be wide decide,
    /// whatever the others are.
    pub(crate) fn open_to_internet(&self) -> Known<bool> {
        if self.blocks.union.wider_than(1, 4) { Ok(true) } else { self.known(false) }
    }

    /// How many IPv4 addresses are accepted.
    pub(crate) fn ipv4_addresses(&self) -> Known<f64> {
        self.known(self.blocks.union.v4_addresses())
    }

    /// How many IPv6 networks of 64 bits are accepted.
    pub(crate) fn ipv6_networks(&self) -> Known<f64> {
        self.known(self.blocks.union.v6_networks())
    }

    /// What follows from the whole list, unless an entry could not be read.
    pub(crate) fn known<T>(&self, fact: T) -> Known<T> {
        self.invalid.clone().map_or(Ok(fact), Err)
    }
}

impl AcceptedBlocks {
    /// Their union.
    pub(crate) fn union(&self) -> &Union {
        &self.union
    }

    /// Whether every address of a family is accepted.
    pub(crate) fn is_open(&self, family: AddressFamily) -> bool {
        self.union.contains_net(&family.everything())
    }

    /// Whether more than half of a family is accepted. Not known if an entry does not parse.
    pub(crate) fn is_open_to_internet(&self) -> Known<bool> {
        match (self.union.wider_than(1, 4), &self.invalid) {
            (false, Some(unknown)) => Err(unknown.clone()),
            (wide, _) => Ok(wide),
        }
    }

    /// Why there may be more blocks.
    pub(crate) fn more(&self) -> Option<&Unknown> {
        self.invalid.as_ref()
    }

    /// Whether a block is accepted as a whole.
    pub(crate) fn holds(&self, block: &IpNet) -> Known<bool> {
        if self.union.contains_net(block) {
            return Ok(true);
        }
        if self.union.ranges().any(|range| block.contains(&range)) {
            let reason = format!("publicAccessCidrs holds a part of {block}");
            return Err(Unknown::undecided(reason));
        }
        self.invalid.clone().map_or(Ok(false), Err)
    }
}
