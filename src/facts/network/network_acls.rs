//! The rules of network ACLs, as the snapshot writes them: in the order of their numbers, of which
//! the first that matches decides, and each direction by itself.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>

use super::cidr;
use super::connection::{ALL_PORTS, Direction, PortRange};
use crate::facts::known::Known;
use crate::facts::view::{ResourceView, SnapshotView};
use crate::snapshot::Unknown;
use crate::value::Json;
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
pub(super) fn rules(acl: &ResourceView<'_>, direction: Direction) -> Known<Vec<NetworkAclRule>> {
    let mut rules = Vec::new();
    for (at, entry) in acl.list("Entries")?.iter().enumerate() {
        let egress =
            entry.get("Egress").and_then(|node| node.as_bool()).ok_or_else(|| absent(acl, "Egress"))?;
        if egress == (direction == Direction::Out) {
            rules.push(rule(acl, entry, at)?);
        }
    }
    rules.sort_by_key(|rule| rule.number);
    Ok(rules)
}

/// A field that AWS always gives: without it, what the rule says is unknown.
fn absent(acl: &ResourceView<'_>, field: &str) -> Unknown {
    acl.absent(&["Entries", "*", field])
}

fn rule(acl: &ResourceView<'_>, entry: &Json<'_>, at: usize) -> Known<NetworkAclRule> {
    let Some(Json::Int(number)) = entry.get("RuleNumber") else { return Err(absent(acl, "RuleNumber")) };
    let port = |name, other| match entry.at(&["PortRange", name]) {
        Some(Json::Int(port)) => port,
        _ => other,
    };
    let block = ["CidrBlock", "Ipv6CidrBlock"]
        .iter()
        .find_map(|name| cidr::field(entry, name, &format!("/networkAcls/*/Entries/*/{name}")));
    let text = |name: &str| entry.get(name).and_then(|node| node.as_str()).ok_or_else(|| absent(acl, name));
    Ok(NetworkAclRule {
        number,
        allows: text("RuleAction")? == "allow",
        protocol: text("Protocol")?.to_owned(),
        ports: (port("From", ALL_PORTS.0), port("To", ALL_PORTS.1)),
        net: block.ok_or_else(|| absent(acl, "CidrBlock"))?,
        at,
    })
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
