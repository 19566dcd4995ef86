//! The rules of network ACLs, as the snapshot writes them: in the order of their numbers, of which
//! the first that matches decides, and each direction by itself.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>

use super::cidr;
use super::connection::{ALL_PORTS, Direction, PortRange};
use crate::facts::known::Known;
use crate::facts::view::{ObjectView, ResourceView, SnapshotView};
use crate::snapshot::Unknown;
use ipnet::IpNet;
use rustc_hash::FxHashMap;

/// One rule.
#[derive(Clone, Debug)]
pub(super) struct NetworkAclRule {
    pub(super) number: i64,
    pub(super) allows: bool,
    /// The number of the protocol as a text; `-1` for all of them.
    pub(super) protocol: String,
    pub(super) ports: PortRange,
    pub(super) net: Known<IpNet>,
    /// Its position in the list.
    pub(super) at: usize,
}

impl NetworkAclRule {
    /// Whether it is for TCP.
    pub(super) fn is_for_tcp(&self) -> bool {
        matches!(self.protocol.as_str(), "-1" | "6")
    }

    /// The ports that it is for, if it is for TCP. A rule for all protocols is for all ports,
    /// whatever else it says.
    pub(super) fn tcp_ports(&self) -> PortRange {
        if self.protocol == "-1" { ALL_PORTS } else { self.ports }
    }
}

/// The ACLs of all subnets, and why one may be for a subnet that it does not name.
pub(super) fn by_subnet<'s>(
    view: SnapshotView<'s>,
) -> (FxHashMap<&'s str, ResourceView<'s>>, Option<Unknown>) {
    let (mut acls, mut unclear) = (FxHashMap::default(), None);
    for item in view.items("networkAcls") {
        let associations = item.objects_or_unknown(&["Associations", "*"]);
        for subnet in associations.into_iter().map(|association| association?.text("SubnetId")) {
            match subnet {
                Ok(subnet) => {
                    acls.insert(subnet, item);
                }
                Err(unknown) => unclear = Some(unknown),
            }
        }
    }
    (acls, unclear)
}

/// The subnets of an ACL.
pub(super) fn subnets_of<'s>(acl: &ResourceView<'s>) -> Known<Vec<&'s str>> {
    acl.objects(&["Associations", "*"])?.map(|association| association?.text("SubnetId")).collect()
}

/// The rules of one direction, in the order in which they are asked.
pub(super) fn rules(acl: &ResourceView<'_>, direction: Direction) -> Known<Vec<NetworkAclRule>> {
    let mut rules = Vec::new();
    for (at, entry) in acl.objects(&["Entries", "*"])?.enumerate() {
        let entry = entry?;
        if entry.flag("Egress")? == (direction == Direction::Out) {
            rules.push(rule(&entry, at)?);
        }
    }
    rules.sort_by_key(|rule| rule.number);
    Ok(rules)
}

/// The numbers that rules have; the last is that of the denial at the end.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>
const NUMBERS: std::ops::RangeInclusive<i64> = 1..=32767;

fn rule(entry: &ObjectView<'_>, at: usize) -> Known<NetworkAclRule> {
    let number = entry.optional_int("RuleNumber")?.ok_or_else(|| entry.absent("RuleNumber"))?;
    if !NUMBERS.contains(&number) {
        return Err(entry.invalid("RuleNumber", format!("{number} is no number of a rule")));
    }
    let allows = match entry.text("RuleAction")? {
        "allow" => true,
        "deny" => false,
        other => return Err(entry.invalid("RuleAction", format!("{other} is neither allow nor deny"))),
    };
    let net = match cidr::field(entry, "CidrBlock").transpose() {
        Some(net) => net,
        None => match cidr::field(entry, "Ipv6CidrBlock").transpose() {
            Some(net) => net,
            None => return Err(entry.absent("CidrBlock")),
        },
    };
    let protocol = entry.text("Protocol")?.to_owned();
    Ok(NetworkAclRule { number, allows, protocol, ports: ports(entry)?, net, at })
}

/// The ports of a rule; all of them where it names none.
fn ports(entry: &ObjectView<'_>) -> Known<PortRange> {
    let Some(range) = entry.object(&["Entries", "*", "PortRange"])? else { return Ok(ALL_PORTS) };
    let port = |name, all| Ok(range.optional_int(name)?.unwrap_or(all));
    Ok((port("From", ALL_PORTS.0)?, port("To", ALL_PORTS.1)?))
}

/// What the rules of a direction admit from the whole internet: those that no earlier denial of the
/// whole internet takes away.
pub(super) fn open_to_internet(rules: &[NetworkAclRule]) -> Known<Vec<NetworkAclRule>> {
    let mut denied: Vec<&NetworkAclRule> = Vec::new();
    let mut open = Vec::new();
    for rule in rules {
        let net = rule.net.clone()?;
        if !cidr::is_internet(&net) {
            continue;
        }
        let hides = |earlier: &&NetworkAclRule| {
            let same = earlier.net.as_ref().is_ok_and(|known| known.contains(&net));
            let wide = earlier.protocol == "-1" || earlier.protocol == rule.protocol;
            let ports = earlier.protocol == "-1"
                || (earlier.ports.0 <= rule.ports.0 && rule.ports.1 <= earlier.ports.1);
            same && wide && ports
        };
        match rule.allows {
            true if !denied.iter().any(hides) => open.push(rule.clone()),
            true => {}
            false => denied.push(rule),
        }
    }
    Ok(open)
}
