//! The rules of network ACLs, as the snapshot writes them: in the order of their numbers, of which
//! the first that matches decides, and each direction by itself.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>

use super::cidr::{self, AddressFamily};
use super::connection::{ALL_PORTS, Direction, EVERY_PROTOCOL, PortRange, port_bounds};
use crate::facts::cidrs::{HALF, Union};
use crate::facts::known::Known;
use crate::facts::view::{ObjectView, ResourceView, SnapshotView};
use crate::snapshot::Unknown;
use crate::text::together;
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
        [EVERY_PROTOCOL, "6"].contains(&self.protocol.as_str())
    }

    /// The ports that it is for, if it is for TCP. A rule for all protocols is for all ports,
    /// whatever else it says.
    pub(super) fn tcp_ports(&self) -> PortRange {
        if self.protocol == EVERY_PROTOCOL { ALL_PORTS } else { self.ports }
    }
}

/// The ACLs of all subnets, and why one may be for a subnet that it does not name.
pub(super) fn by_subnet<'s>(
    view: SnapshotView<'s>,
) -> (FxHashMap<&'s str, ResourceView<'s>>, Option<Unknown>) {
    let (mut acls, mut unclear) = (FxHashMap::default(), None);
    for item in view.items("networkAcls") {
        let associations = item.objects_or_unknown(&["Associations", "*"]);
        for subnet in associations.into_iter().map(|association| association?.id_in("subnets", "SubnetId")) {
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
    acl.objects(&["Associations", "*"])?
        .map(|association| association?.id_in("subnets", "SubnetId"))
        .collect()
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

/// The numbers that rules have; the last two are those of the denials at the end, of IPv4 and of IPv6.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>
const NUMBERS: std::ops::RangeInclusive<i64> = 1..=32768;

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

/// A port range that rules open to the internet: one alone, or several together.
#[derive(Clone, Debug)]
pub(super) struct AclOpening {
    /// As the rules write it; of several, that of those which are not for all protocols.
    pub(super) protocol: String,
    pub(super) ports: PortRange,
    /// In the order of their numbers.
    pub(super) rules: Vec<OpeningRule>,
}

/// A rule that takes part in an opening.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct OpeningRule {
    pub(super) number: i64,
    /// Its position in the list.
    pub(super) at: usize,
    net: IpNet,
}

impl AclOpening {
    /// What it is open to: "0.0.0.0/1 and 128.0.0.0/1 together".
    pub(super) fn title(&self) -> String {
        together(&self.rules.iter().map(|rule| rule.net.to_string()).collect::<Vec<_>>())
    }
}

/// How many rules an ACL may have: more than AWS allows in a direction.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>
const MOST_RULES: usize = 200;

/// What the rules of a direction, in their order, admit from the internet: of each port what the rules
/// that allow it hold, without what a rule before them denies.
pub(super) fn open_to_internet(rules: &[NetworkAclRule]) -> Known<Vec<AclOpening>> {
    let rules = rules.iter().map(|rule| Ok((rule, rule.net.clone()?))).collect::<Known<Vec<_>>>()?;
    let mut found = Vec::new();
    for family in [AddressFamily::V4, AddressFamily::V6] {
        let own: Vec<_> = rules.iter().filter(|(_, net)| family.has(net)).cloned().collect();
        if own.len() > MOST_RULES {
            return Err(Unknown::undecided("the network ACL has more rules than AWS allows".to_owned()));
        }
        let mut protocols: Vec<_> = own.iter().map(|(rule, _)| rule.protocol.as_str()).collect();
        protocols.sort_unstable();
        protocols.dedup();
        for protocol in protocols {
            found.extend(open_of_protocol(&own, protocol, family));
        }
    }
    found.sort_by_key(|opening| opening.rules.first().map(|rule| (rule.number, opening.ports)));
    Ok(found)
}

/// A rule whose block is known.
type AskedRule<'r> = (&'r NetworkAclRule, IpNet);

/// What is open of one protocol. `-1` stands for those that no rule names.
fn open_of_protocol(rules: &[AskedRule<'_>], protocol: &str, family: AddressFamily) -> Vec<AclOpening> {
    let is_for = |rule: &NetworkAclRule| [EVERY_PROTOCOL, protocol].contains(&rule.protocol.as_str());
    let rules: Vec<_> = rules.iter().filter(|(rule, _)| is_for(rule)).collect();
    let bounds = port_bounds(rules.iter().map(|(rule, _)| rule.tcp_ports()));
    let mut open: Vec<AclOpening> = Vec::new();
    for (from, next) in bounds.iter().zip(bounds.iter().skip(1)) {
        let ports = (*from, next - 1);
        let at_port = rules.iter().filter(|(rule, _)| {
            let own = rule.tcp_ports();
            own.0 <= ports.0 && ports.1 <= own.1
        });
        for taking_part in open_by(at_port.copied().copied(), family) {
            // Told of all protocols.
            if protocol != EVERY_PROTOCOL
                && taking_part.iter().all(|(rule, _)| rule.protocol == EVERY_PROTOCOL)
            {
                continue;
            }
            let rule =
                |(rule, net): &AskedRule<'_>| OpeningRule { number: rule.number, at: rule.at, net: *net };
            let rules: Vec<_> = taking_part.iter().map(rule).collect();
            let goes_on = |opening: &&mut AclOpening| opening.ports.1 + 1 == *from && opening.rules == rules;
            match open.iter_mut().find(goes_on) {
                Some(opening) => opening.ports.1 = ports.1,
                None => open.push(AclOpening { protocol: protocol.to_owned(), ports, rules }),
            }
        }
    }
    open
}

/// The rules that open a port to the internet: each that does so alone, else all that do so together.
fn open_by<'r>(rules: impl Iterator<Item = AskedRule<'r>>, family: AddressFamily) -> Vec<Vec<AskedRule<'r>>> {
    let (mut decided, mut allowed, mut alone, mut together) = (Union::default(), 0.0, Vec::new(), Vec::new());
    for (rule, net) in rules {
        let after = Union::of(decided.ranges().chain([net]));
        let adds = family.share_of(&after) - family.share_of(&decided);
        decided = after;
        if rule.allows && adds > 0.0 {
            allowed += adds;
            together.push((rule, net));
            if adds >= HALF {
                alone.push(vec![(rule, net)]);
            }
        }
    }
    if alone.is_empty() && allowed >= HALF { vec![together] } else { alone }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(number: i64, allows: bool, protocol: &str, ports: PortRange, net: &str) -> NetworkAclRule {
        let net = Ok(net.parse().expect("a CIDR"));
        NetworkAclRule { number, allows, protocol: protocol.to_owned(), ports, net, at: 0 }
    }

    /// The protocol, the ports and the numbers of rules.
    fn open(rules: &[NetworkAclRule]) -> Vec<(String, PortRange, Vec<i64>)> {
        let opening = |opening: AclOpening| {
            (opening.protocol, opening.ports, opening.rules.iter().map(|rule| rule.number).collect())
        };
        open_to_internet(rules).expect("all is known").into_iter().map(opening).collect()
    }

    /// The rules are asked in the order of their numbers, and the first that matches decides:
    /// <https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html>
    #[test]
    fn several_rules_may_open_a_port_together() {
        let (all, ssh) = (ALL_PORTS, (22, 22));
        let tcp = |number, allows, net| rule(number, allows, "6", ssh, net);
        let halves = |ports| ("6".to_owned(), ports, vec![100, 110]);
        for (rules, expected) in [
            (vec![rule(100, true, "-1", all, "0.0.0.0/0")], vec![("-1".to_owned(), all, vec![100])]),
            (vec![tcp(100, true, "0.0.0.0/2"), tcp(110, true, "64.0.0.0/2")], vec![halves(ssh)]),
            (vec![tcp(100, true, "0.0.0.0/2"), tcp(110, true, "0.0.0.0/3")], vec![]),
            (
                vec![
                    tcp(100, true, "0.0.0.0/2"),
                    tcp(105, false, "64.0.0.0/2"),
                    tcp(110, true, "64.0.0.0/2"),
                ],
                vec![],
            ),
            // A denial of a part leaves more than half.
            (
                vec![tcp(90, false, "10.0.0.0/8"), tcp(100, true, "0.0.0.0/0")],
                vec![("6".to_owned(), ssh, vec![100])],
            ),
            // Denials that are everything together.
            (
                vec![tcp(90, false, "0.0.0.0/1"), tcp(91, false, "128.0.0.0/1"), tcp(100, true, "0.0.0.0/0")],
                vec![],
            ),
            // Of a range what no earlier denial takes away.
            (
                vec![rule(90, false, "6", ssh, "0.0.0.0/0"), rule(100, true, "6", (20, 30), "0.0.0.0/0")],
                vec![("6".to_owned(), (20, 21), vec![100]), ("6".to_owned(), (23, 30), vec![100])],
            ),
            // One for all protocols and one for TCP: TCP is open.
            (vec![rule(100, true, "-1", all, "0.0.0.0/2"), tcp(110, true, "128.0.0.0/2")], vec![halves(ssh)]),
            // Another family.
            (
                vec![tcp(100, true, "0.0.0.0/2"), tcp(110, true, "2000::/4")],
                vec![("6".to_owned(), ssh, vec![110])],
            ),
            (vec![tcp(100, true, "2000::/5"), tcp(110, true, "2800::/5")], vec![halves(ssh)]),
        ] {
            assert_eq!(open(&rules), expected, "{rules:?}");
        }
    }
}
