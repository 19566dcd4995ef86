//! Whether traffic passes what a VPC puts in its way: security groups, network ACLs, and routes
//! inside the VPC. Everything is answered in three values, and what does not follow from the
//! snapshot is unknown, never a yes or a no.

use super::cidr::{self, AddressFamily};
use super::connection::{Direction, EPHEMERAL, Peer, Port, PortRange};
use super::instances;
use super::network_acls::{self, AclOpening, NetworkAclRule};
use super::routes::{self, Route, RouteTable, RouteTarget};
use super::security_groups::{RulePeer, SecurityGroupRule};
use super::vpc::Vpc;
use crate::facts::cidrs::Union;
use crate::facts::known::{Known, all, any};
use crate::facts::view::ResourceView;
use crate::snapshot::Unknown;
use ipnet::IpNet;
use std::net::IpAddr;

/// Whether one of the security groups admits traffic of a port to or from a peer.
///
/// A rule admits a peer in one of two ways: it names one of its groups, or it names blocks. One
/// rule that names a group is enough; blocks are joined over all rules of all groups, as the
/// addresses that a peer may have can be spread over several of them.
pub(crate) fn groups_admit<'s>(
    vpc: &Vpc<'s>,
    security_groups: &[&'s str],
    direction: Direction,
    port: Port,
    peer: &Peer<'s>,
) -> Known<bool> {
    groups_admit_over(vpc, security_groups, direction, port, peer, None)
}

/// The same for traffic of one family of addresses only, if one is given.
pub(crate) fn groups_admit_over<'s>(
    vpc: &Vpc<'s>,
    security_groups: &[&'s str],
    direction: Direction,
    port: Port,
    peer: &Peer<'s>,
    family: Option<AddressFamily>,
) -> Known<bool> {
    let mut blocks = Vec::new();
    let mut answers = Vec::new();
    for id in security_groups {
        match vpc.security_group_rules(id, direction) {
            Ok(rules) => {
                for rule in rules.iter() {
                    match rule {
                        Ok(rule) if rule.is_for(port) => {
                            answers.push(names_group_of(rule, peer));
                            match rule.blocks(vpc.view) {
                                Ok(more) => {
                                    blocks.extend(
                                        more.into_iter().filter(|net| family.is_none_or(|f| f.has(net))),
                                    );
                                }
                                Err(unknown) => answers.push(Err(unknown)),
                            }
                        }
                        Ok(_) => {}
                        Err(unknown) => answers.push(Err(unknown.clone())),
                    }
                }
            }
            Err(unknown) => answers.push(Err(unknown)),
        }
    }
    answers.push(match family {
        Some(family) => cover(blocks, &peer.over(family), family),
        None => cover(blocks, peer, AddressFamily::V4),
    });
    any(answers)
}

/// Whether a rule names a security group of the peer.
fn names_group_of<'s>(rule: &SecurityGroupRule<'s>, peer: &Peer<'s>) -> Known<bool> {
    match (&rule.peer, &peer.security_groups) {
        (Ok(RulePeer::Group(id)), Ok(groups)) => Ok(groups.contains(id)),
        (Ok(RulePeer::Group(_)), Err(unknown)) | (Err(unknown), _) => Err(unknown.clone()),
        _ => Ok(false),
    }
}

/// Whether blocks hold every address that the peer may have, of one family at least.
///
/// One family is enough, as the peer connects over whichever works. Within a family every address
/// must be held: which of them the peer really has, or will get, is not known. Blocks that hold
/// some of them and not others therefore leave the answer open. Where the addresses are not known,
/// `family` is the one that they are of.
fn cover(blocks: Vec<IpNet>, peer: &Peer<'_>, family: AddressFamily) -> Known<bool> {
    if blocks.is_empty() {
        return Ok(false);
    }
    let everything = family.everything();
    let addresses = match &peer.addresses {
        Ok(addresses) => addresses,
        // Where everything is admitted, it does not matter what they are.
        Err(_) if blocks.iter().any(|net| net.contains(&everything)) => return Ok(true),
        Err(unknown) => return Err(unknown.clone()),
    };
    let hold_all_of = |family: AddressFamily, holds: &dyn Fn(&IpNet) -> bool| {
        let mut own = addresses.iter().filter(|net| family.has(net)).peekable();
        own.peek().is_some() && own.all(holds)
    };
    let hold_a_family = |holds: &dyn Fn(&IpNet) -> bool| {
        hold_all_of(AddressFamily::V4, holds) || hold_all_of(AddressFamily::V6, holds)
    };
    // Mostly one block is enough, and then there is no need to join them.
    if hold_a_family(&|net| blocks.iter().any(|block| block.contains(net))) {
        return Ok(true);
    }
    let touch = addresses.iter().any(|net| blocks.iter().any(|b| b.contains(net) || net.contains(b)));
    let union = Union::of(blocks);
    match (hold_a_family(&|net| union.contains_net(net)), touch) {
        (true, _) => Ok(true),
        (false, false) => Ok(false),
        (false, true) => Err(Unknown::undecided(
            "the security group rules admit a part of the addresses that may be used".to_owned(),
        )),
    }
}

/// Whether all TCP traffic of these ports to or from a block passes a network ACL. Not known where
/// a part of it may pass and another may not.
fn acl_admits<'s>(
    vpc: &Vpc<'s>,
    acl: &ResourceView<'s>,
    direction: Direction,
    ports: PortRange,
    peer: &IpNet,
) -> Known<bool> {
    first_match(&vpc.network_acl_rules(acl, direction)?, ports, peer)
}

/// What the rules of a network ACL, in the order of their numbers, do with traffic.
///
/// AWS asks the rules packet by packet: the first that matches decides. Here the question is about
/// many packets, any port of the range and any address of the block, so a rule can match some of
/// them only. Such a rule decides nothing by itself: the answer is the rule's only if whatever
/// decides about the rest says the same. That is why the first partial answer is kept, and why a
/// later rule that says otherwise, even for a part, makes it unknown.
fn first_match(rules: &[NetworkAclRule], ports: PortRange, peer: &IpNet) -> Known<bool> {
    let mut partial: Option<bool> = None;
    for rule in rules.iter().filter(|rule| rule.is_for_tcp()) {
        let net = rule.net.as_ref().map_err(Clone::clone)?;
        let overlaps = net.contains(peer) || peer.contains(net);
        let (from, to) = rule.tcp_ports();
        if !overlaps || to < ports.0 || ports.1 < from {
            continue;
        }
        let whole = net.contains(peer) && from <= ports.0 && ports.1 <= to;
        if partial.is_some_and(|before| before != rule.allows) {
            return Err(in_part(peer));
        }
        if whole {
            return Ok(rule.allows);
        }
        partial = Some(rule.allows);
    }
    // What no rule names is denied.
    if partial == Some(true) { Err(in_part(peer)) } else { Ok(false) }
}

fn in_part(peer: &IpNet) -> Unknown {
    Unknown::undecided(format!("the network ACL admits a part of the traffic with {peer}"))
}

/// Whether connections of a port pass the ACL of the side that opens them. Network ACLs keep no
/// state, so the answers, to an ephemeral port, must pass as well.
pub(crate) fn acl_lets_out<'s>(
    vpc: &Vpc<'s>,
    acl: &ResourceView<'s>,
    port: i64,
    peer: &IpNet,
) -> Known<bool> {
    let admits = |direction, ports| acl_admits(vpc, acl, direction, ports, peer);
    all([admits(Direction::Out, (port, port)), admits(Direction::In, EPHEMERAL)])
}

/// Whether connections to a port pass the ACL of the side that accepts them, and the answers too.
pub(crate) fn acl_lets_in<'s>(vpc: &Vpc<'s>, acl: &ResourceView<'s>, port: i64, peer: &IpNet) -> Known<bool> {
    let admits = |direction, ports| acl_admits(vpc, acl, direction, ports, peer);
    all([admits(Direction::In, (port, port)), admits(Direction::Out, EPHEMERAL)])
}

/// What a network ACL admits from the internet, by one rule or by several together.
pub(super) fn acl_open_to_internet<'s>(vpc: &Vpc<'s>, acl: &ResourceView<'s>) -> Known<Vec<AclOpening>> {
    network_acls::open_to_internet(&vpc.network_acl_rules(acl, Direction::In)?)
}

/// The IPv6 address at which an instance can be reached from the internet, if it has one.
///
/// An IPv6 address needs no public one beside it: it is public where the routes of its subnet lead to an
/// internet gateway, and not where they lead to an egress-only one.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-ip-addressing.html>
pub(super) fn public_ipv6_address<'s>(vpc: &Vpc<'s>, instance: &ResourceView<'s>) -> Known<Option<&'s str>> {
    let mut public = Vec::new();
    for address in instances::ipv6_addresses(instance)? {
        let net = IpNet::from(cidr::address(address, &instance.place_in_any(&["Ipv6Address"]))?);
        if !cidr::is_special(&net) {
            public.push((address, net));
        }
    }
    let Some((address, net)) = public.first() else { return Ok(None) };
    let subnet = instance.id_in("subnets", "SubnetId")?;
    let route = vpc.default_route(subnet, AddressFamily::V6)?;
    match route.target {
        RouteTarget::InternetGateway if route.is_blackhole => Ok(None),
        RouteTarget::InternetGateway => {
            Ok((!cidr::is_private_ipv6(vpc.view, subnet, net)?).then_some(*address))
        }
        RouteTarget::None | RouteTarget::EgressOnly | RouteTarget::NatGateway => Ok(None),
        target => Err(Unknown::undecided(format!(
            "IPv6 traffic of {subnet} goes to {}, and whether the internet comes in that way is not known",
            if route.id.is_empty() { target.as_str() } else { route.id }
        ))),
    }
}

/// Whether packets to an address of the VPC go straight there, and not through an appliance.
pub(crate) fn is_local<'s>(vpc: &Vpc<'s>, table: &RouteTable<'s>, address: IpAddr) -> Known<bool> {
    let routes = vpc.routes(table)?;
    match routes::choose(&routes, address)? {
        Some(route) if route.target == RouteTarget::Local => Ok(true),
        Some(route) => {
            let target = if route.id.is_empty() { route.target.as_str() } else { route.id };
            let what = if route.is_blackhole { "with the state blackhole" } else { "which may stop it" };
            Err(Unknown::undecided(format!("a route sends traffic inside the VPC to {target}, {what}")))
        }
        // The local route is in every table; short files leave it out.
        None => Ok(true),
    }
}

/// Whether a route of a table leads straight to an internet gateway: what makes a subnet public.
pub(crate) fn is_public<'s>(vpc: &Vpc<'s>, table: &RouteTable<'s>) -> Known<bool> {
    let leads = |route: &Known<Route<'s>>| {
        route.as_ref().map(|route| route.target == RouteTarget::InternetGateway).map_err(Clone::clone)
    };
    any(vpc.routes(table)?.iter().map(leads))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::network::connection::ALL_PORTS;

    fn net(text: &str) -> IpNet {
        text.parse().expect("a CIDR")
    }

    fn peer(addresses: &[&str]) -> Peer<'static> {
        let addresses = Ok(addresses.iter().map(|text| net(text)).collect());
        Peer { security_groups: Ok(Vec::new()), addresses }
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
            let got = cover(blocks.clone(), &peer(addresses), AddressFamily::V4).map_err(|_| ());
            assert_eq!(got, expected, "{blocks:?} {addresses:?}");
        }
    }

    fn rule(number: i64, allows: bool, protocol: &str, ports: PortRange, block: &str) -> NetworkAclRule {
        NetworkAclRule { number, allows, protocol: protocol.to_owned(), ports, net: Ok(net(block)), at: 0 }
    }

    #[test]
    fn the_first_rule_that_matches_decides() {
        let all = ALL_PORTS;
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
            let got = first_match(&rules, (443, 443), &net("10.0.1.0/24")).map_err(|_| ());
            assert_eq!(got, expected, "{rules:?}");
        }
    }
}
