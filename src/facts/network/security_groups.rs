//! The rules of security groups, as the snapshot writes them. Groups have no order and no denials:
//! what one rule of one group admits is admitted.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>

use super::cidr;
use super::connection::{ALL_PORTS, Direction, EVERY_PROTOCOL, Port, PortRange};
use crate::facts::cidrs::{InternetFamilies, Union};
use crate::facts::known::Known;
use crate::facts::view::{ObjectView, ResourceView, SnapshotView};
use crate::value::Pointer;
use ipnet::IpNet;

/// What one permission says about one peer: what AWS calls a security group rule.
#[derive(Clone, Debug)]
pub(crate) struct SecurityGroupRule<'s> {
    pub(crate) protocol: &'s str,
    /// First and last port; all of them where the protocol has none.
    pub(crate) ports: PortRange,
    pub(crate) peer: Known<RulePeer<'s>>,
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
    /// The position in that list; none where the list itself cannot be read.
    at: Option<usize>,
}

/// What a rule names: where traffic comes from, or goes to.
#[derive(Clone, Debug)]
pub(crate) enum RulePeer<'s> {
    Cidr(&'s str, Known<IpNet>),
    Group(&'s str),
    PrefixList(&'s str),
}

/// A list of a permission: its name, the way to its items, and the field that says whom they are for.
type PeerList = (&'static str, &'static [&'static str], &'static str);

/// The lists of the permissions of a direction.
fn lists_of(direction: Direction) -> [PeerList; 4] {
    match direction {
        Direction::In => [
            ("IpRanges", &["IpPermissions", "*", "IpRanges", "*"], "CidrIp"),
            ("Ipv6Ranges", &["IpPermissions", "*", "Ipv6Ranges", "*"], "CidrIpv6"),
            ("UserIdGroupPairs", &["IpPermissions", "*", "UserIdGroupPairs", "*"], "GroupId"),
            ("PrefixListIds", &["IpPermissions", "*", "PrefixListIds", "*"], "PrefixListId"),
        ],
        Direction::Out => [
            ("IpRanges", &["IpPermissionsEgress", "*", "IpRanges", "*"], "CidrIp"),
            ("Ipv6Ranges", &["IpPermissionsEgress", "*", "Ipv6Ranges", "*"], "CidrIpv6"),
            ("UserIdGroupPairs", &["IpPermissionsEgress", "*", "UserIdGroupPairs", "*"], "GroupId"),
            ("PrefixListIds", &["IpPermissionsEgress", "*", "PrefixListIds", "*"], "PrefixListId"),
        ],
    }
}

impl<'s> SecurityGroupRule<'s> {
    /// Whether it is for TCP.
    pub(crate) fn is_tcp(&self) -> bool {
        [EVERY_PROTOCOL, "tcp", "6"].contains(&self.protocol)
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
            Ok(RulePeer::Cidr(_, net)) => net.clone().map(|net| vec![net]),
            Ok(RulePeer::PrefixList(id)) => cidr::prefix_list(view, id),
            Ok(RulePeer::Group(_)) => Ok(Vec::new()),
            Err(unknown) => Err(unknown.clone()),
        }
    }

    /// Of which families the blocks that it names are the internet together.
    pub(crate) fn internet(&self, view: SnapshotView<'s>) -> Known<InternetFamilies> {
        self.blocks(view).map(|blocks| Union::of(blocks).internet())
    }

    /// Where it is in the document.
    pub(crate) fn pointer(&self, group: &ResourceView<'s>) -> Pointer {
        let RulePlace { direction, permission, list, at } = self.place;
        let list = group.pointer().key(permissions_of(direction)[0]).index(permission).key(list);
        at.map_or_else(|| list.clone(), |at| list.index(at))
    }
}

/// The way to the permissions of a security group of a direction.
fn permissions_of(direction: Direction) -> &'static [&'static str; 2] {
    match direction {
        Direction::In => &["IpPermissions", "*"],
        Direction::Out => &["IpPermissionsEgress", "*"],
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
/// What cannot be read is an unknown rule, beside which the others count.
pub(super) fn rules<'s>(
    group: &ResourceView<'s>,
    direction: Direction,
) -> Known<Vec<Known<SecurityGroupRule<'s>>>> {
    let mut rules = Vec::new();
    for (permission, object) in group.objects(permissions_of(direction))?.enumerate() {
        match object.and_then(|object| Permission::read(group, object, direction, permission)) {
            Ok(permission) => permission.add_rules(&mut rules),
            Err(unknown) => rules.push(Err(unknown)),
        }
    }
    Ok(rules)
}

/// What all rules of a permission share.
struct Permission<'g, 's> {
    group: &'g ResourceView<'s>,
    object: ObjectView<'s>,
    protocol: &'s str,
    ports: PortRange,
    direction: Direction,
    at: usize,
}

impl<'g, 's> Permission<'g, 's> {
    fn read(
        group: &'g ResourceView<'s>,
        object: ObjectView<'s>,
        direction: Direction,
        at: usize,
    ) -> Known<Self> {
        let protocol = object.text("IpProtocol")?;
        Ok(Self { group, protocol, ports: ports(&object, protocol)?, object, direction, at })
    }

    fn add_rules(&self, rules: &mut Vec<Known<SecurityGroupRule<'s>>>) {
        for (list, path, field) in lists_of(self.direction) {
            // AWS always gives all four: without one of them, whom the permission is for is unknown.
            match self.object.objects(path) {
                Ok(items) => {
                    let read = |item: Known<ObjectView<'s>>| match list {
                        "UserIdGroupPairs" => item?.id_in("securityGroups", field),
                        "PrefixListIds" => item?.reference(field),
                        _ => item?.text(field),
                    };
                    let peers = items.map(|item| Ok(peer(list, read(item)?, self.group)));
                    rules.extend(peers.enumerate().map(|(at, peer)| Ok(self.rule(list, Some(at), peer))));
                }
                Err(unknown) => rules.push(Ok(self.rule(list, None, Err(unknown)))),
            }
        }
    }

    fn rule(
        &self,
        list: &'static str,
        at: Option<usize>,
        peer: Known<RulePeer<'s>>,
    ) -> SecurityGroupRule<'s> {
        let place = RulePlace { direction: self.direction, permission: self.at, list, at };
        SecurityGroupRule { protocol: self.protocol, ports: self.ports, peer, place }
    }
}

fn peer<'s>(list: &str, text: &'s str, group: &ResourceView<'s>) -> RulePeer<'s> {
    match list {
        "UserIdGroupPairs" => RulePeer::Group(text),
        "PrefixListIds" => RulePeer::PrefixList(text),
        _ => RulePeer::Cidr(text, cidr::net(text, &format!("/{}/*", group.section().name))),
    }
}

/// First and last port; everything for all protocols, and for those without ports.
fn ports(permission: &ObjectView<'_>, protocol: &str) -> Known<PortRange> {
    // Of ICMP, AWS writes type and code in the same fields.
    if !matches!(protocol, "tcp" | "udp" | "6" | "17") {
        return Ok(ALL_PORTS);
    }
    let port = |name| match permission.optional_int(name)? {
        Some(port) if (ALL_PORTS.0..=ALL_PORTS.1).contains(&port) => Ok(port),
        Some(port) => Err(permission.invalid(name, format!("{port} is no port"))),
        None => Err(permission.absent(name)),
    };
    Ok((port("FromPort")?, port("ToPort")?))
}
