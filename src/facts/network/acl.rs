//! Network ACLs: rules in the order of their numbers, the first that matches decides, and both
//! directions are judged by themselves.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>

use super::super::known::{Known, all};
use super::super::view::{ResourceView, SnapshotView};
use super::cidr;
use super::groups::Direction;
use super::vpc::Vpc;
use crate::snapshot::Unknown;
use crate::value::Node;
use ipnet::IpNet;
use rustc_hash::FxHashMap;

/// The ports from which answers come back, whichever program asked.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports>
pub(in crate::facts) const EPHEMERAL: (i64, i64) = (1024, 65535);

/// One rule.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    number: i64,
    pub(super) allows: bool,
    pub(super) protocol: String,
    pub(super) ports: (i64, i64),
    pub(super) net: Known<IpNet>,
    /// Its position in the list.
    pub(super) at: usize,
}

/// The ACLs of all subnets.
pub(super) fn by_subnet<'s>(view: SnapshotView<'s>) -> FxHashMap<&'s str, ResourceView<'s>> {
    let mut acls = FxHashMap::default();
    for item in view.items("networkAcls") {
        let associations = item.node.get("Associations").and_then(|node| node.as_list()).unwrap_or_default();
        for association in associations {
            if let Some(subnet) = association.get("SubnetId").and_then(|id| id.as_str()) {
                acls.insert(subnet, item);
            }
        }
    }
    acls
}

/// The rules of one direction, in the order in which they are asked.
pub(super) fn rules(acl: &ResourceView<'_>, direction: Direction) -> Known<Vec<Rule>> {
    let mut rules = Vec::new();
    for (at, entry) in acl.list("Entries")?.iter().enumerate() {
        let egress = entry.get("Egress").and_then(|node| node.as_bool()).ok_or_else(|| absent("Egress"))?;
        if egress == (direction == Direction::Out) {
            rules.push(rule(entry, at)?);
        }
    }
    rules.sort_by_key(|rule| rule.number);
    Ok(rules)
}

/// A field that AWS always gives: without it nobody knows what the rule says.
fn absent(field: &str) -> Unknown {
    Unknown::field_absent(&format!("/networkAcls/*/Entries/*/{field}"), None)
}

fn rule(entry: &Node<'_>, at: usize) -> Known<Rule> {
    let Some(Node::Int(number)) = entry.get("RuleNumber") else { return Err(absent("RuleNumber")) };
    let port = |name, other| match entry.at(&["PortRange", name]) {
        Some(Node::Int(port)) => port,
        _ => other,
    };
    let block = ["CidrBlock", "Ipv6CidrBlock"]
        .iter()
        .find_map(|name| cidr::field(entry, name, &format!("/networkAcls/*/Entries/*/{name}")));
    let text = |name: &str| entry.get(name).and_then(|node| node.as_str()).ok_or_else(|| absent(name));
    Ok(Rule {
        number,
        allows: text("RuleAction")? == "allow",
        protocol: text("Protocol")?.to_owned(),
        ports: (port("From", 0), port("To", 65535)),
        net: block.ok_or_else(|| absent("CidrBlock"))?,
        at,
    })
}

/// Whether all TCP traffic of these ports to or from a block passes. Not known where a part of it
/// may pass and another may not.
pub(in crate::facts) fn admits<'s>(
    vpc: &Vpc<'s>,
    acl: &ResourceView<'s>,
    direction: Direction,
    ports: (i64, i64),
    peer: &IpNet,
) -> Known<bool> {
    decide(&vpc.rules(acl, direction)?, ports, peer)
}

fn decide(rules: &[Rule], ports: (i64, i64), peer: &IpNet) -> Known<bool> {
    let mut partial: Option<bool> = None;
    for rule in rules.iter().filter(|rule| matches!(rule.protocol.as_str(), "-1" | "6")) {
        let net = rule.net.as_ref().map_err(Clone::clone)?;
        let overlaps = net.contains(peer) || peer.contains(net);
        let (from, to) = if rule.protocol == "-1" { (0, 65535) } else { rule.ports };
        if !overlaps || to < ports.0 || ports.1 < from {
            continue;
        }
        let whole = net.contains(peer) && from <= ports.0 && ports.1 <= to;
        if partial.is_some_and(|before| before != rule.allows) {
            return Err(undecided(peer));
        }
        if whole {
            return Ok(rule.allows);
        }
        partial = Some(rule.allows);
    }
    // What no rule names is denied.
    if partial == Some(true) { Err(undecided(peer)) } else { Ok(false) }
}

fn undecided(peer: &IpNet) -> Unknown {
    Unknown::undecided(format!("the network ACL admits a part of the traffic with {peer}"))
}

/// Whether connections of a port pass the ACL of the side that opens them, both ways.
pub(in crate::facts) fn lets_out<'s>(
    vpc: &Vpc<'s>,
    acl: &ResourceView<'s>,
    port: i64,
    peer: &IpNet,
) -> Known<bool> {
    let admits = |direction, ports| admits(vpc, acl, direction, ports, peer);
    all([admits(Direction::Out, (port, port)), admits(Direction::In, EPHEMERAL)])
}

/// Whether connections to a port pass the ACL of the side that accepts them, both ways.
pub(in crate::facts) fn lets_in<'s>(
    vpc: &Vpc<'s>,
    acl: &ResourceView<'s>,
    port: i64,
    peer: &IpNet,
) -> Known<bool> {
    let admits = |direction, ports| admits(vpc, acl, direction, ports, peer);
    all([admits(Direction::In, (port, port)), admits(Direction::Out, EPHEMERAL)])
}

/// What rules of a direction admit from the whole internet: the entries that no earlier denial of
/// the whole internet takes away.
pub(super) fn open_to_internet(acl: &ResourceView<'_>) -> Known<Vec<Rule>> {
    let mut denied: Vec<Rule> = Vec::new();
    let mut open = Vec::new();
    for rule in rules(acl, Direction::In)? {
        let net = rule.net.clone()?;
        if !cidr::is_internet(&net) {
            continue;
        }
        let hides = |earlier: &Rule| {
            let same = earlier.net.as_ref().is_ok_and(|known| known.contains(&net));
            let wide = earlier.protocol == "-1" || earlier.protocol == rule.protocol;
            let ports = earlier.protocol == "-1"
                || (earlier.ports.0 <= rule.ports.0 && rule.ports.1 <= earlier.ports.1);
            same && wide && ports
        };
        match rule.allows {
            true if !denied.iter().any(hides) => open.push(rule),
            true => {}
            false => denied.push(rule),
        }
    }
    Ok(open)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(text: &str) -> IpNet {
        text.parse().expect("a CIDR")
    }

    fn rule(number: i64, allows: bool, protocol: &str, ports: (i64, i64), block: &str) -> Rule {
        Rule { number, allows, protocol: protocol.to_owned(), ports, net: Ok(net(block)), at: 0 }
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let all = (0, 65535);
        let allow_all = rule(100, true, "-1", all, "0.0.0.0/0");
        for (rules, expected) in [
            (vec![allow_all.clone()], Ok(true)),
            (vec![], Ok(false)),
            (vec![rule(50, false, "6", (443, 443), "0.0.0.0/0"), allow_all.clone()], Ok(false)),
            (vec![rule(50, false, "17", (443, 443), "0.0.0.0/0"), allow_all.clone()], Ok(true)),
            (vec![rule(50, false, "6", (22, 22), "0.0.0.0/0"), allow_all.clone()], Ok(true)),
            (vec![rule(50, false, "-1", all, "10.0.5.0/24"), allow_all.clone()], Ok(true)),
            (vec![rule(50, false, "-1", all, "10.0.1.0/25"), allow_all.clone()], Err(())),
            (vec![rule(50, true, "-1", all, "10.0.1.0/25"), allow_all.clone()], Ok(true)),
            (vec![rule(50, true, "6", (443, 443), "10.0.1.0/25")], Err(())),
            (vec![rule(50, true, "6", (443, 443), "::/0")], Ok(false)),
        ] {
            let got = decide(&rules, (443, 443), &net("10.0.1.0/24")).map_err(|_| ());
            assert_eq!(got, expected, "{rules:?}");
        }
    }
}
