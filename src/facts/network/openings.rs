//! What several sources let in from the internet together: the quarters of IPv4 are all of it, in one
//! security group or over several that a node carries.
//!
//! Groups have no denials, and all groups of an interface count together:
//! <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>

use super::Network;
use super::cidr::AddressFamily;
use super::connection::{ALL_PORTS, Direction, EVERY_PROTOCOL, PortRange, port_bounds};
use super::security_groups::SecurityGroupRule;
use super::vpc::Vpc;
use crate::facts::cidrs::{HALF, InternetFamilies, Union};
use crate::facts::known::Known;
use crate::facts::view::ResourceView;
use crate::snapshot::Unknown;
use crate::text::together;
use crate::value::Pointer;
use ipnet::IpNet;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// A port range that no source alone opens to the internet, and several do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JointOpening<'s> {
    /// As facts write it: `tcp`, `-1`.
    pub(crate) protocol: &'s str,
    pub(crate) ports: PortRange,
    pub(crate) family: AddressFamily,
    /// The sources that take part, in the order of the document: group, block or prefix list, place.
    pub(crate) sources: Vec<OpeningSource<'s>>,
    /// Why nodes may not have all of the groups, if that is so.
    pub(crate) doubt: Option<Unknown>,
}

/// A source that takes part in an opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpeningSource<'s> {
    group: &'s str,
    name: &'s str,
    place: Pointer,
}

/// How many sources a text names.
const NAMED: usize = 4;

impl<'s> JointOpening<'s> {
    /// Where the first source is.
    pub(crate) fn place(&self) -> Pointer {
        self.sources.first().map(|source| source.place.clone()).unwrap_or_default()
    }

    /// Whether it is for a protocol.
    pub(crate) fn is_for(&self, protocol: &str) -> bool {
        self.protocol == EVERY_PROTOCOL || self.protocol == protocol
    }

    /// Of which families it lets the internet in.
    pub(crate) fn internet(&self) -> Known<InternetFamilies> {
        let known =
            InternetFamilies { v4: self.family == AddressFamily::V4, v6: self.family == AddressFamily::V6 };
        self.doubt.clone().map_or(Ok(known), Err)
    }

    /// The sources as a text: "0.0.0.0/2, 64.0.0.0/2 and 128.0.0.0/2 together".
    pub(crate) fn title(&self) -> String {
        let own = self.sources.first().map(|source| source.group);
        let name = |source: &OpeningSource<'s>| match Some(source.group) == own {
            true => source.name.to_owned(),
            false => format!("{} in {}", source.name, source.group),
        };
        // One block may stand in several rules.
        let mut names: Vec<_> = Vec::new();
        for name in self.sources.iter().map(name) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let more = names.len().saturating_sub(NAMED);
        names.truncate(NAMED);
        names.extend((more > 0).then(|| format!("{more} more")));
        together(&names)
    }
}

/// The openings of all groups of a snapshot.
#[derive(Debug, Default)]
pub(crate) struct JointOpenings<'s> {
    /// By a group alone.
    own: FxHashMap<&'s str, Known<Vec<JointOpening<'s>>>>,
    /// By a group with others that nodes or the control plane have with it: said of the group that has
    /// the first source, so that one opening is told once.
    shared: FxHashMap<&'s str, Vec<Known<JointOpening<'s>>>>,
}

impl<'s> JointOpenings<'s> {
    pub(crate) fn of(network: &Network<'s>) -> Self {
        let vpc = &network.vpc;
        let groups: Vec<_> = vpc.view.items("securityGroups").filter_map(|group| group.key()).collect();
        let own = groups.iter().map(|id| (*id, joint(&sources(vpc, &[id]), Vec::new()))).collect();
        let mut all = Self { own, shared: FxHashMap::default() };
        // Mostly all groups together open nothing more, and then it does not matter who has which.
        match all.over(vpc, &groups) {
            Ok(possible) if possible.is_empty() => {}
            Ok(possible) => all.add_shared(network, possible),
            Err(unknown) => {
                for id in groups {
                    all.shared.entry(id).or_default().push(Err(unknown.clone()));
                }
            }
        }
        all
    }

    /// What a group opens, alone or with others that are used with it.
    pub(crate) fn of_group(&self, id: &str) -> Vec<Known<JointOpening<'s>>> {
        let shared = self.shared.get(id).into_iter().flatten().cloned();
        self.of_group_alone(id).into_iter().chain(shared).collect()
    }

    /// What groups open that one instance has.
    pub(crate) fn of_instance(&self, vpc: &Vpc<'s>, groups: &[&'s str]) -> Vec<Known<JointOpening<'s>>> {
        let own = groups.iter().flat_map(|id| self.of_group_alone(id));
        let shared = listed(self.over(vpc, groups));
        own.chain(shared).collect()
    }

    fn of_group_alone(&self, id: &str) -> Vec<Known<JointOpening<'s>>> {
        self.own.get(id).map_or_else(Vec::new, |own| listed(own.clone()))
    }

    /// What groups open together that none of them opens alone.
    fn over(&self, vpc: &Vpc<'s>, groups: &[&'s str]) -> Known<Vec<JointOpening<'s>>> {
        if groups.len() < 2 {
            return Ok(Vec::new());
        }
        let alone = groups.iter().flat_map(|id| self.own.get(id).into_iter().flatten().flatten());
        let alone = alone.map(|opening| Open::of(opening.protocol, opening.family, opening.ports)).collect();
        joint(&sources(vpc, groups), alone)
    }

    /// Finds which of the possible openings there are, by the groups that are used together.
    fn add_shared(&mut self, network: &Network<'s>, possible: Vec<JointOpening<'s>>) {
        let nodes = network.nodes.iter().map(|placement| &placement.security_groups);
        let users = nodes.chain([&network.control_plane.security_groups]);
        let mut sets: Vec<Vec<&'s str>> = users.clone().flatten().cloned().collect();
        sets.iter_mut().for_each(|set| set.sort_unstable());
        sets.sort_unstable();
        sets.dedup();
        let mut found: Vec<JointOpening<'s>> = Vec::new();
        for opening in sets.iter().flat_map(|set| self.over(&network.vpc, set).unwrap_or_default()) {
            if !found.contains(&opening) {
                found.push(opening);
            }
        }
        let unknown = users.clone().find_map(|groups| groups.as_ref().err()).or(network.more.first());
        if let Some(unknown) = unknown {
            let doubtful = possible
                .into_iter()
                .filter(|opening| !found.contains(opening))
                .map(|opening| JointOpening { doubt: Some(unknown.clone()), ..opening });
            found.extend(doubtful.collect::<Vec<_>>());
        }
        for opening in found {
            let group = opening.sources.first().map(|source| source.group).unwrap_or_default();
            self.shared.entry(group).or_default().push(Ok(opening));
        }
    }
}

fn listed<T>(list: Known<Vec<T>>) -> Vec<Known<T>> {
    list.map_or_else(|unknown| vec![Err(unknown)], |items| items.into_iter().map(Ok).collect())
}

/// A rule that names blocks, which are known.
struct BlockRule<'s> {
    group: ResourceView<'s>,
    rule: SecurityGroupRule<'s>,
    blocks: Vec<IpNet>,
}

impl<'s> BlockRule<'s> {
    /// As an opening names it.
    fn named(&self) -> OpeningSource<'s> {
        OpeningSource {
            group: self.group.key().unwrap_or_default(),
            name: self.rule.peer.as_ref().map_or("", |peer| peer.value()),
            place: self.rule.pointer(&self.group),
        }
    }
}

/// The rules of groups that name blocks. A rule of unknown blocks is a doubt of its own, about its ports.
fn sources<'s>(vpc: &Vpc<'s>, groups: &[&'s str]) -> Vec<BlockRule<'s>> {
    let mut sources = Vec::new();
    for id in groups {
        let (Ok(group), Ok(rules)) =
            (vpc.view.get("securityGroups", id), vpc.security_group_rules(id, Direction::In))
        else {
            continue;
        };
        for rule in rules.iter().flatten() {
            let blocks = rule.blocks(vpc.view).unwrap_or_default();
            if !blocks.is_empty() {
                sources.push(BlockRule { group, rule: rule.clone(), blocks });
            }
        }
    }
    sources
}

/// A protocol under one name, whichever of two a rule has.
fn protocol_of<'s>(rule: &SecurityGroupRule<'s>) -> &'s str {
    match rule.protocol {
        "6" => "tcp",
        "17" => "udp",
        other => other,
    }
}

/// What is open already.
struct Open<'s> {
    protocol: &'s str,
    family: AddressFamily,
    ports: PortRange,
}

impl<'s> Open<'s> {
    fn of(protocol: &'s str, family: AddressFamily, ports: PortRange) -> Self {
        Self { protocol, family, ports }
    }
}

/// What one source says about a family of addresses.
struct Share<'a, 's> {
    source: &'a BlockRule<'s>,
    union: Union,
    /// How much of the internet it is.
    share: f64,
}

/// What sources open together, beside what one of them, or `open`, opens.
fn joint<'s>(sources: &[BlockRule<'s>], mut open: Vec<Open<'s>>) -> Known<Vec<JointOpening<'s>>> {
    let mut found = Vec::new();
    for family in [AddressFamily::V4, AddressFamily::V6] {
        let mut shares: Vec<Share<'_, 's>> = Vec::new();
        for source in sources {
            let union = Union::of(source.blocks.iter().filter(|net| family.has(net)).copied());
            match family.share_of(&union) {
                wide if wide >= HALF => {
                    open.push(Open::of(protocol_of(&source.rule), family, source.rule.ports));
                }
                none if none <= 0.0 => {}
                share => shares.push(Share { source, union, share }),
            }
        }
        let mut protocols: Vec<_> = shares.iter().map(|share| protocol_of(&share.source.rule)).collect();
        protocols.sort_unstable();
        protocols.dedup();
        // What all protocols have is not told again of each: `-1` sorts first.
        for protocol in protocols {
            let own: Vec<_> = shares.iter().filter(|share| share.is_for(protocol)).collect();
            let ranges = joint_ranges(&own, &ranges_of(&open, protocol, family))?;
            for JointRange { ports, needed } in ranges {
                open.push(Open::of(protocol, family, ports));
                let sources = needed.into_iter().map(|at| own[at].source.named()).collect();
                found.push(JointOpening { protocol, ports, family, sources, doubt: None });
            }
        }
    }
    Ok(found)
}

impl Share<'_, '_> {
    fn is_for(&self, protocol: &str) -> bool {
        [EVERY_PROTOCOL, protocol].contains(&protocol_of(&self.source.rule))
    }

    fn overlaps(&self, ports: PortRange) -> bool {
        let own = self.source.rule.ports;
        own.0 <= ports.1 && ports.0 <= own.1
    }
}

fn ranges_of(open: &[Open<'_>], protocol: &str, family: AddressFamily) -> Vec<PortRange> {
    let counts =
        |open: &&Open<'_>| open.family == family && [EVERY_PROTOCOL, protocol].contains(&open.protocol);
    open.iter().filter(counts).map(|open| open.ports).collect()
}

/// How many comparisons one question may take: far more than AWS's quotas for rules lead to
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html>).
const MOST_STEPS: usize = 4_000_000;

/// A port range that sources open together, and the positions of those that it takes.
struct JointRange {
    ports: PortRange,
    needed: BTreeSet<usize>,
}

/// The port ranges that sources open together and `open` does not hold.
fn joint_ranges(shares: &[&Share<'_, '_>], open: &[PortRange]) -> Known<Vec<JointRange>> {
    let Some(family) = shares.first().and_then(|share| share.union.ranges().next()) else {
        return Ok(Vec::new());
    };
    let family = AddressFamily::of(&family);
    if union_share(shares, family) < HALF {
        return Ok(Vec::new());
    }
    let ranges = shares.iter().map(|share| share.source.rule.ports).chain(open.iter().copied());
    let mut bounds = port_bounds(ranges);
    bounds.retain(|bound| (ALL_PORTS.0..=ALL_PORTS.1 + 1).contains(bound));
    if bounds.len().saturating_mul(shares.len() + open.len()) > MOST_STEPS {
        let reason = "the security groups have more rules than AWS allows".to_owned();
        return Err(Unknown::undecided(reason));
    }
    let mut ranges: Vec<JointRange> = Vec::new();
    for (from, next) in bounds.iter().zip(bounds.iter().skip(1)) {
        let ports = (*from, next - 1);
        if open.iter().any(|open| open.0 <= ports.0 && ports.1 <= open.1) {
            continue;
        }
        let active: Vec<_> = (0..shares.len()).filter(|at| shares[*at].overlaps(ports)).collect();
        // Together they are at most the sum.
        let sum: f64 = active.iter().map(|at| shares[*at].share).sum();
        let together: Vec<_> = active.iter().map(|at| shares[*at]).collect();
        if sum < HALF || union_share(&together, family) < HALF {
            continue;
        }
        let needed = taking_part(shares, active);
        match ranges.last_mut() {
            Some(last) if last.ports.1 + 1 == ports.0 => {
                last.ports.1 = ports.1;
                last.needed.extend(needed);
            }
            _ => ranges.push(JointRange { ports, needed }),
        }
    }
    Ok(ranges)
}

fn union_share(shares: &[&Share<'_, '_>], family: AddressFamily) -> f64 {
    family.share_of(&Union::of(shares.iter().flat_map(|share| share.union.ranges())))
}

/// The sources that an opening needs, of those that are for its ports: the widest first, without those that
/// add nothing to them.
fn taking_part(shares: &[&Share<'_, '_>], mut active: Vec<usize>) -> BTreeSet<usize> {
    active.sort_by(|one, other| shares[*other].share.total_cmp(&shares[*one].share));
    let (mut union, mut needed) = (Union::default(), BTreeSet::new());
    for at in active {
        let own = &shares[at].union;
        if own.ranges().any(|range| !union.contains_net(&range)) {
            union = Union::of(union.ranges().chain(own.ranges()));
            needed.insert(at);
        }
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::view::SnapshotView;
    use crate::snapshot::Snapshot;
    use crate::value::Json;
    use bumpalo::Bump;
    use serde_json::{Value, json};

    fn permission(protocol: &str, ports: PortRange, v4: &[&str], v6: &[&str]) -> Value {
        let v4: Vec<_> = v4.iter().map(|cidr| json!({"CidrIp": cidr})).collect();
        let v6: Vec<_> = v6.iter().map(|cidr| json!({"CidrIpv6": cidr})).collect();
        json!({"IpProtocol": protocol, "FromPort": ports.0, "ToPort": ports.1, "IpRanges": v4,
            "Ipv6Ranges": v6, "PrefixListIds": [], "UserIdGroupPairs": []})
    }

    /// What the groups `sg-0`, `sg-1`, … open, which one node has together: whose it is, protocol, ports, sources.
    fn opened(groups: &[Vec<Value>]) -> Vec<(String, String, PortRange, String)> {
        let ids: Vec<_> = (0..groups.len()).map(|at| format!("sg-{at}")).collect();
        let all: Vec<_> = ids
            .iter()
            .zip(groups)
            .map(|(id, rules)| json!({"GroupId": id, "IpPermissions": rules}))
            .collect();
        let carried: Vec<_> = ids.iter().map(|id| json!({"GroupId": id})).collect();
        let document = json!({"schemaVersion": 1,
            "cluster": {"name": "demo", "resourcesVpcConfig": {"subnetIds": [], "clusterSecurityGroupId": "sg-0"}},
            "nodegroups": [], "fargateProfiles": [], "networkInterfaces": [],
            "instances": [{"InstanceId": "i-1", "SubnetId": "subnet-1", "SecurityGroups": carried,
                "Tags": [{"Key": "kubernetes.io/cluster/demo", "Value": "owned"}]}],
            "securityGroups": all});
        let (text, arena) = (document.to_string(), Bump::new());
        let root = Json::parse(&text, &arena).expect("JSON");
        let snapshots = Snapshot::read(root, &arena).expect("a snapshot");
        let openings = JointOpenings::of(&Network::of(SnapshotView { snapshot: &snapshots[0] }));
        let mut rows = Vec::new();
        for id in &ids {
            for opening in openings.of_group(id) {
                let opening = opening.expect("all is known");
                rows.push(row(id, opening.protocol, opening.ports, &opening.title()));
            }
        }
        rows
    }

    fn row(
        group: &str,
        protocol: &str,
        ports: PortRange,
        title: &str,
    ) -> (String, String, PortRange, String) {
        (group.to_owned(), protocol.to_owned(), ports, title.to_owned())
    }

    /// <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>
    #[test]
    fn sources_are_joined_port_by_port() {
        let halves = "0.0.0.0/2 and 128.0.0.0/2 together";
        let tcp = |ports, v4: &[&str]| permission("tcp", ports, v4, &[]);
        for (rules, expected) in [
            (vec![tcp((22, 22), &["0.0.0.0/2", "128.0.0.0/2"])], vec![row("sg-0", "tcp", (22, 22), halves)]),
            (
                vec![tcp((20, 22), &["0.0.0.0/2"]), tcp((22, 30), &["128.0.0.0/2"])],
                vec![row("sg-0", "tcp", (22, 22), halves)],
            ),
            (vec![tcp((20, 21), &["0.0.0.0/2"]), tcp((22, 30), &["128.0.0.0/2"])], vec![]),
            // Ports that lie side by side are one opening.
            (
                vec![
                    tcp((20, 30), &["0.0.0.0/2"]),
                    tcp((20, 22), &["128.0.0.0/2"]),
                    tcp((23, 25), &["128.0.0.0/2"]),
                ],
                vec![row("sg-0", "tcp", (20, 25), halves)],
            ),
            // What one source opens is not told again, and what adds nothing is not named.
            (vec![tcp((22, 22), &["0.0.0.0/0", "0.0.0.0/2", "128.0.0.0/2"])], vec![]),
            (
                vec![tcp((22, 22), &["10.0.0.0/8", "0.0.0.0/2", "128.0.0.0/2"])],
                vec![row("sg-0", "tcp", (22, 22), halves)],
            ),
            // All protocols take part in each, and are told once.
            (
                vec![permission("-1", ALL_PORTS, &["0.0.0.0/2"], &[]), tcp((22, 22), &["128.0.0.0/2"])],
                vec![row("sg-0", "tcp", (22, 22), halves)],
            ),
            (
                vec![
                    permission("-1", ALL_PORTS, &["0.0.0.0/2", "128.0.0.0/2"], &[]),
                    tcp((22, 22), &["64.0.0.0/4"]),
                ],
                vec![row("sg-0", "-1", ALL_PORTS, halves)],
            ),
            (vec![tcp((22, 22), &["0.0.0.0/2"]), permission("udp", (22, 22), &["128.0.0.0/2"], &[])], vec![]),
            (
                vec![permission("6", (22, 22), &["0.0.0.0/2"], &[]), tcp((22, 22), &["128.0.0.0/2"])],
                vec![row("sg-0", "tcp", (22, 22), halves)],
            ),
            // Each family by itself.
            (vec![permission("tcp", (22, 22), &["0.0.0.0/2"], &["2000::/5"])], vec![]),
            (
                vec![permission("tcp", (22, 22), &[], &["2000::/5", "2800::/5"])],
                vec![row("sg-0", "tcp", (22, 22), "2000::/5 and 2800::/5 together")],
            ),
            // Long lists are cut.
            (
                vec![tcp(
                    (22, 22),
                    &[
                        "0.0.0.0/4",
                        "16.0.0.0/4",
                        "32.0.0.0/4",
                        "48.0.0.0/4",
                        "64.0.0.0/4",
                        "80.0.0.0/4",
                        "96.0.0.0/4",
                        "112.0.0.0/4",
                    ],
                )],
                vec![row(
                    "sg-0",
                    "tcp",
                    (22, 22),
                    "0.0.0.0/4, 16.0.0.0/4, 32.0.0.0/4, 48.0.0.0/4 and 4 more together",
                )],
            ),
        ] {
            assert_eq!(opened(std::slice::from_ref(&rules)), expected, "{rules:?}");
        }
    }

    #[test]
    fn groups_of_a_node_are_joined_and_told_once() {
        let ssh = |block: &str| vec![permission("tcp", (22, 22), &[block], &[])];
        let both = [ssh("0.0.0.0/2"), ssh("128.0.0.0/2")];
        assert_eq!(
            opened(&both),
            [row("sg-0", "tcp", (22, 22), "0.0.0.0/2 and 128.0.0.0/2 in sg-1 together")]
        );
        // What one of them opens alone is its own.
        let alone =
            [vec![permission("tcp", (22, 22), &["0.0.0.0/2", "128.0.0.0/2"], &[])], ssh("192.0.0.0/2")];
        assert_eq!(opened(&alone), [row("sg-0", "tcp", (22, 22), "0.0.0.0/2 and 128.0.0.0/2 together")]);
    }
}
