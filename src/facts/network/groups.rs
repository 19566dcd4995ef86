//! Security groups: who may reach which ports. Groups have no order and no denials: what one rule
//! of one group admits is admitted.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>

use super::super::known::{Known, any};
use super::super::view::{ResourceView, SnapshotView};
use super::cidr;
use super::routes::prefix_list;
use super::vpc::Vpc;
use crate::facts::cidrs::Union;
use crate::snapshot::Unknown;
use crate::value::Node;
use ipnet::IpNet;
use std::rc::Rc;

/// Which way traffic goes, seen from the group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::facts) enum Direction {
    In,
    Out,
}

/// A protocol with ports, and one of its ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::facts) struct Port {
    /// `tcp` or `udp`.
    pub(in crate::facts) protocol: &'static str,
    pub(in crate::facts) number: i64,
}

/// The API server's.
pub(in crate::facts) const HTTPS: Port = Port { protocol: "tcp", number: 443 };
/// The kubelet's.
pub(in crate::facts) const KUBELET: Port = Port { protocol: "tcp", number: 10250 };

/// The other end of a connection.
#[derive(Clone, Debug)]
pub(in crate::facts) struct Peer<'s> {
    /// Its security groups, where it has any.
    pub(in crate::facts) groups: Known<Vec<&'s str>>,
    /// The addresses that it may have: all of them must be admitted.
    pub(in crate::facts) addresses: Known<Rc<[IpNet]>>,
}

/// What one permission says about one source or destination.
#[derive(Clone, Debug)]
pub(in crate::facts) struct Entry<'s> {
    pub(in crate::facts) protocol: &'s str,
    /// First and last port; all of them where the protocol has none.
    pub(in crate::facts) ports: (i64, i64),
    pub(in crate::facts) source: Source<'s>,
    /// Where it stands in the group: the permission, the list, the position.
    place: (usize, &'static str, usize),
    direction: Direction,
}

/// Where traffic comes from, or goes to.
#[derive(Clone, Debug)]
pub(in crate::facts) enum Source<'s> {
    Cidr(&'s str, Known<IpNet>),
    Group(&'s str),
    PrefixList(&'s str),
}

/// The lists of a permission: their name, the field of their items, what it is.
const LISTS: [(&str, &str); 4] = [
    ("IpRanges", "CidrIp"),
    ("Ipv6Ranges", "CidrIpv6"),
    ("UserIdGroupPairs", "GroupId"),
    ("PrefixListIds", "PrefixListId"),
];

const ALL_PORTS: (i64, i64) = (0, 65535);

impl<'s> Entry<'s> {
    /// Whether it is for TCP.
    pub(in crate::facts) fn is_tcp(&self) -> bool {
        matches!(self.protocol, "-1" | "tcp" | "6")
    }

    /// Whether it is for UDP.
    pub(in crate::facts) fn is_udp(&self) -> bool {
        matches!(self.protocol, "-1" | "udp" | "17")
    }

    pub(in crate::facts) fn is_for(&self, port: Port) -> bool {
        let protocol = if port.protocol == "udp" { self.is_udp() } else { self.is_tcp() };
        protocol && (self.ports.0..=self.ports.1).contains(&port.number)
    }

    /// The blocks that it names; none for a group.
    pub(in crate::facts) fn blocks(&self, view: SnapshotView<'s>) -> Known<Vec<IpNet>> {
        match &self.source {
            Source::Cidr(_, net) => net.clone().map(|net| vec![net]),
            Source::PrefixList(id) => prefix_list(view, id),
            Source::Group(_) => Ok(Vec::new()),
        }
    }

    /// Where it stands in the document.
    pub(in crate::facts) fn origin(&self, group: &ResourceView<'s>) -> String {
        let (permission, list, at) = self.place;
        group.pointer().key(self.direction.field()).index(permission).key(list).index(at).to_string()
    }
}

impl Direction {
    fn field(self) -> &'static str {
        match self {
            Self::In => "IpPermissions",
            Self::Out => "IpPermissionsEgress",
        }
    }
}

impl Source<'_> {
    /// The word that rules compare with, and what is named.
    pub(in crate::facts) fn words(&self) -> (&'static str, &str) {
        match self {
            Self::Cidr(text, _) => ("cidr", text),
            Self::Group(id) => ("group", id),
            Self::PrefixList(id) => ("prefix-list", id),
        }
    }
}

/// What a group's rules of one direction say, one entry a source.
pub(in crate::facts) fn entries<'s>(group: &ResourceView<'s>, direction: Direction) -> Known<Vec<Entry<'s>>> {
    let mut entries = Vec::new();
    for (permission, node) in group.list(direction.field())?.iter().enumerate() {
        let protocol = written(node, direction.field(), "IpProtocol")?;
        let ports = ports(node, protocol);
        for (list, field) in LISTS {
            let items = node.get(list).and_then(|node| node.as_list()).unwrap_or_default();
            for (at, item) in items.iter().enumerate() {
                let text = written(item, direction.field(), field)?;
                let source = source(list, text, group);
                entries.push(Entry { protocol, ports, source, place: (permission, list, at), direction });
            }
        }
    }
    Ok(entries)
}

/// A text that AWS always gives: without it nobody knows what the rule says.
fn written<'s>(node: &Node<'s>, list: &str, field: &str) -> Known<&'s str> {
    let absent = || Unknown::field_absent(&format!("/securityGroups/*/{list}/*/{field}"), None);
    node.get(field).and_then(|node| node.as_str()).ok_or_else(absent)
}

fn source<'s>(list: &str, text: &'s str, group: &ResourceView<'s>) -> Source<'s> {
    match list {
        "UserIdGroupPairs" => Source::Group(text),
        "PrefixListIds" => Source::PrefixList(text),
        _ => Source::Cidr(text, cidr::net(text, &format!("/{}/*", group.section().name))),
    }
}

/// First and last port; everything for all protocols, and for those without ports.
fn ports(permission: &Node<'_>, protocol: &str) -> (i64, i64) {
    let port = |name| match permission.get(name) {
        Some(Node::Int(port)) if port >= 0 => Some(port),
        _ => None,
    };
    match (protocol, port("FromPort"), port("ToPort")) {
        ("tcp" | "udp" | "6" | "17", from, to) => (from.unwrap_or(ALL_PORTS.0), to.unwrap_or(ALL_PORTS.1)),
        // Of ICMP, AWS writes type and code in the same fields.
        _ => ALL_PORTS,
    }
}

/// Whether one of the groups admits traffic of a port to or from a peer.
pub(in crate::facts) fn admit<'s>(
    vpc: &Vpc<'s>,
    groups: &[&'s str],
    direction: Direction,
    port: Port,
    peer: &Peer<'s>,
) -> Known<bool> {
    let mut blocks = Vec::new();
    let mut answers = Vec::new();
    for id in groups {
        match vpc.entries(id, direction) {
            Ok(entries) => {
                for entry in entries.iter().filter(|entry| entry.is_for(port)) {
                    answers.push(names(entry, peer));
                    match entry.blocks(vpc.view) {
                        Ok(more) => blocks.extend(more),
                        Err(unknown) => answers.push(Err(unknown)),
                    }
                }
            }
            Err(unknown) => answers.push(Err(unknown)),
        }
    }
    answers.push(covers(blocks, peer));
    any(answers)
}

/// Whether an entry names a group of the peer.
fn names<'s>(entry: &Entry<'s>, peer: &Peer<'s>) -> Known<bool> {
    match (&entry.source, &peer.groups) {
        (Source::Group(id), Ok(groups)) => Ok(groups.contains(id)),
        (Source::Group(_), Err(unknown)) => Err(unknown.clone()),
        _ => Ok(false),
    }
}

/// Whether blocks hold every address that the peer may have, of one family at least.
fn covers(blocks: Vec<IpNet>, peer: &Peer<'_>) -> Known<bool> {
    if blocks.is_empty() {
        return Ok(false);
    }
    let addresses = match &peer.addresses {
        Ok(addresses) => addresses,
        // Where everything is admitted, it does not matter what they are.
        Err(_) if blocks.iter().any(|net| net.contains(&cidr::everything(false))) => return Ok(true),
        Err(unknown) => return Err(unknown.clone()),
    };
    let holds_all_of = |v6, holds: &dyn Fn(&IpNet) -> bool| {
        let mut family = addresses.iter().filter(|net| cidr::is_v6(net) == v6).peekable();
        family.peek().is_some() && family.all(holds)
    };
    // Mostly one block is enough.
    let one_holds = |net: &IpNet| blocks.iter().any(|block| block.contains(net));
    if holds_all_of(false, &one_holds) || holds_all_of(true, &one_holds) {
        return Ok(true);
    }
    let is_touched = addresses.iter().any(|net| blocks.iter().any(|b| b.contains(net) || net.contains(b)));
    let union = Union::of(blocks);
    let union_holds = |net: &IpNet| union.contains_net(net);
    match (holds_all_of(false, &union_holds) || holds_all_of(true, &union_holds), is_touched) {
        (true, _) => Ok(true),
        (false, false) => Ok(false),
        (false, true) => Err(Unknown::undecided(
            "the security group rules admit a part of the addresses that may be used".to_owned(),
        )),
    }
}

/// Whether one of the blocks is the internet, or half of it.
pub(in crate::facts) fn is_internet(blocks: &[IpNet]) -> bool {
    blocks.iter().any(cidr::is_internet)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> IpNet {
        text.parse().expect("a CIDR")
    }

    fn peer(addresses: &[&str]) -> Peer<'static> {
        Peer { groups: Ok(Vec::new()), addresses: Ok(addresses.iter().map(|text| net(text)).collect()) }
    }

    #[test]
    fn all_addresses_of_a_peer_must_be_covered() {
        for (blocks, addresses, expected) in [
            (&["10.0.0.0/16"][..], &["10.0.1.0/24"][..], Ok(true)),
            (&["10.0.0.0/25", "10.0.0.128/25"], &["10.0.0.0/24"], Ok(true)),
            (&["10.1.0.0/16"], &["10.0.1.0/24"], Ok(false)),
            (&[], &["10.0.1.0/24"], Ok(false)),
            (&["10.0.1.0/25"], &["10.0.1.0/24"], Err(())),
            (&["10.0.0.0/16"], &["10.0.1.0/24", "2001:db8::/64"], Ok(true)),
            (&["2001:db8::/56"], &["10.0.1.0/24", "2001:db8::/64"], Ok(true)),
            (&["2001:db8:1::/56"], &["10.0.1.0/24", "2001:db8::/64"], Ok(false)),
        ] {
            let blocks: Vec<_> = blocks.iter().map(|text| net(text)).collect();
            let got = covers(blocks.clone(), &peer(addresses)).map_err(|_| ());
            assert_eq!(got, expected, "{blocks:?} {addresses:?}");
        }
    }
}
