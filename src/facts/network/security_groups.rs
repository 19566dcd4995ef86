//! The rules of security groups, as the snapshot writes them. Groups have no order and no denials:
//! what one rule of one group admits is admitted.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>

use super::cidr;
use super::connection::{ALL_PORTS, Direction, Port, PortRange};
use crate::facts::known::Known;
use crate::facts::view::{ResourceView, SnapshotView};
use crate::value::{Json, Pointer};
use ipnet::IpNet;

/// What one permission says about one peer: what AWS calls a security group rule.
#[derive(Clone, Debug)]
pub(crate) struct SecurityGroupRule<'s> {
    pub(crate) protocol: &'s str,
    /// First and last port; all of them where the protocol has none.
    pub(crate) ports: PortRange,
    pub(crate) peer: RulePeer<'s>,
    place: RulePlace,
}

/// Where a rule is in its group.
#[derive(Clone, Copy, Debug)]
struct RulePlace {
    direction: Direction,
    /// The position of the permission.
    permission: usize,
    /// The list of the permission.
    list: &'static str,
    /// The position in that list.
    at: usize,
}

/// What a rule names: where traffic comes from, or goes to.
#[derive(Clone, Debug)]
pub(crate) enum RulePeer<'s> {
    Cidr(&'s str, Known<IpNet>),
    Group(&'s str),
    PrefixList(&'s str),
}

/// The lists of a permission: their name, and the field of their items.
const LISTS: [(&str, &str); 4] = [
    ("IpRanges", "CidrIp"),
    ("Ipv6Ranges", "CidrIpv6"),
    ("UserIdGroupPairs", "GroupId"),
    ("PrefixListIds", "PrefixListId"),
];

impl<'s> SecurityGroupRule<'s> {
    /// Whether it is for TCP.
    pub(crate) fn is_tcp(&self) -> bool {
        matches!(self.protocol, "-1" | "tcp" | "6")
    }

    /// Whether it is for UDP.
    pub(crate) fn is_udp(&self) -> bool {
        matches!(self.protocol, "-1" | "udp" | "17")
    }

    /// Whether it is for a port.
    pub(crate) fn is_for(&self, port: Port) -> bool {
        let protocol = if port.protocol == "udp" { self.is_udp() } else { self.is_tcp() };
        protocol && (self.ports.0..=self.ports.1).contains(&port.number)
    }

    /// The blocks that it names; none for a group.
    pub(crate) fn blocks(&self, view: SnapshotView<'s>) -> Known<Vec<IpNet>> {
        match &self.peer {
            RulePeer::Cidr(_, net) => net.clone().map(|net| vec![net]),
            RulePeer::PrefixList(id) => cidr::prefix_list(view, id),
            RulePeer::Group(_) => Ok(Vec::new()),
        }
    }

    /// Whether one of the blocks that it names is the internet, or half of it.
    pub(crate) fn is_for_internet(&self, view: SnapshotView<'s>) -> Known<bool> {
        self.blocks(view).map(|blocks| blocks.iter().any(cidr::is_internet))
    }

    /// Where it is in the document.
    pub(crate) fn pointer(&self, group: &ResourceView<'s>) -> Pointer {
        let RulePlace { direction, permission, list, at } = self.place;
        group.pointer().key(field_of(direction)).index(permission).key(list).index(at)
    }
}

/// The field of a security group that holds its permissions of a direction.
fn field_of(direction: Direction) -> &'static str {
    match direction {
        Direction::In => "IpPermissions",
        Direction::Out => "IpPermissionsEgress",
    }
}

impl<'s> RulePeer<'s> {
    /// Which sort of peer it is: the word that facts have for it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Cidr(..) => "cidr",
            Self::Group(_) => "group",
            Self::PrefixList(_) => "prefix-list",
        }
    }

    /// The block, the group or the prefix list, as the document writes it.
    pub(crate) fn value(&self) -> &'s str {
        match self {
            Self::Cidr(text, _) | Self::Group(text) | Self::PrefixList(text) => text,
        }
    }
}

/// The rules of one direction, one for each peer that a permission names.
pub(super) fn rules<'s>(group: &ResourceView<'s>, direction: Direction) -> Known<Vec<SecurityGroupRule<'s>>> {
    let permissions = field_of(direction);
    let mut rules = Vec::new();
    for (permission, node) in group.list(permissions)?.iter().enumerate() {
        let protocol = written(group, node, permissions, "IpProtocol")?;
        let ports = ports(node, protocol);
        for (list, field) in LISTS {
            let items = node.get(list).and_then(|node| node.as_list()).unwrap_or_default();
            for (at, item) in items.iter().enumerate() {
                let text = written(group, item, permissions, field)?;
                let place = RulePlace { direction, permission, list, at };
                rules.push(SecurityGroupRule { protocol, ports, peer: peer(list, text, group), place });
            }
        }
    }
    Ok(rules)
}

/// A text that AWS always gives: without it, what the rule says is unknown.
fn written<'s>(group: &ResourceView<'s>, node: &Json<'s>, list: &str, field: &str) -> Known<&'s str> {
    let absent = || group.absent(&[list, "*", field]);
    node.get(field).and_then(|node| node.as_str()).ok_or_else(absent)
}

fn peer<'s>(list: &str, text: &'s str, group: &ResourceView<'s>) -> RulePeer<'s> {
    match list {
        "UserIdGroupPairs" => RulePeer::Group(text),
        "PrefixListIds" => RulePeer::PrefixList(text),
        _ => RulePeer::Cidr(text, cidr::net(text, &format!("/{}/*", group.section().name))),
    }
}

/// First and last port; everything for all protocols, and for those without ports.
fn ports(permission: &Json<'_>, protocol: &str) -> PortRange {
    let port = |name| match permission.get(name) {
        Some(Json::Int(port)) if port >= 0 => Some(port),
        _ => None,
    };
    match (protocol, port("FromPort"), port("ToPort")) {
        ("tcp" | "udp" | "6" | "17", from, to) => (from.unwrap_or(ALL_PORTS.0), to.unwrap_or(ALL_PORTS.1)),
        // Of ICMP, AWS writes type and code in the same fields.
        _ => ALL_PORTS,
    }
}
