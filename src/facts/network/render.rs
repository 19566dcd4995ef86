//! The facts about a network as nodes that rules read.

use super::Network;
use super::cidr::AddressFamily;
use super::connection::{Direction, HTTPS, KUBELET, Port};
use super::instances::{self, cluster_name, is_node, unnamed_cluster};
use super::nat::{is_regional, nat_addresses};
use super::network_acls::{self, AclOpening};
use super::openings::{JointOpening, JointOpenings};
use super::pod_subnets::PodSubnets;
use super::reach::{acl_open_to_internet, groups_admit, public_ipv6_address};
use super::resources::{self, SecurityGroupFacts, SubnetFacts};
use super::routes::{DefaultRoute, RouteTable, RouteTarget};
use super::security_groups::SecurityGroupRule;
use super::tagged_groups::{TaggedTogether, tagged_together};
use super::users::{self, Users};
use super::vpc_endpoints::{EndpointInTheWay, NeededEndpoint};
use crate::facts::builder::{FactBuilder, Field};
use crate::facts::cidrs::InternetFamilies;
use crate::facts::fact_set::{FactGroup, FactSet};
use crate::facts::known::{Known, any};
use crate::facts::view::{ResourceView, SnapshotView};
use crate::snapshot::Unknown;
use crate::value::Json;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// What of `facts` is about the network.
pub(crate) fn facts<'s>(network: &Network<'s>, wanted: FactSet, builder: FactBuilder<'s>) -> Vec<Field<'s>> {
    let openings = OnceCell::new();
    let render = Render { network, view: network.vpc.view, users: Users::of(network), openings, builder };
    let groups = [
        (FactGroup::Subnets, "subnets"),
        (FactGroup::RouteTables, "routeTables"),
        (FactGroup::NatGateways, "natGateways"),
        (FactGroup::SecurityGroups, "securityGroups"),
        (FactGroup::NetworkAcls, "networkAcls"),
        (FactGroup::Instances, "instances"),
    ];
    let chosen = groups.into_iter().filter(|(group, _)| wanted.has(*group));
    chosen.map(|(group, name)| (name, render.section(group))).collect()
}

struct Render<'n, 's> {
    network: &'n Network<'s>,
    view: SnapshotView<'s>,
    users: Users<'n, 's>,
    openings: OnceCell<JointOpenings<'s>>,
    builder: FactBuilder<'s>,
}

impl<'s> Render<'_, 's> {
    fn section(&self, group: FactGroup) -> Json<'s> {
        match group {
            FactGroup::Subnets => self.subnets(),
            FactGroup::RouteTables => self.route_tables(),
            FactGroup::NatGateways => self.nat_gateways(),
            FactGroup::SecurityGroups => self.security_groups(),
            FactGroup::NetworkAcls => self.network_acls(),
            _ => self.instances(),
        }
    }

    /// One object for each item of a section, by its key.
    fn each(
        &self,
        section: &'static str,
        make: impl Fn(&ResourceView<'s>, &'s str) -> Vec<Field<'s>>,
    ) -> Json<'s> {
        if self.view.section(section).is_err() {
            return self.builder.absent(self.view.snapshot, section);
        }
        let item = |item: ResourceView<'s>| {
            let key = item.key()?;
            Some((key, self.builder.object_at(item.pointer().as_str(), make(&item, key))))
        };
        self.builder.object(self.view.items(section).filter_map(item))
    }

    fn used_by(&self, users: Known<Vec<Rc<str>>>) -> Field<'s> {
        ("usedBy", self.builder.known(users.map(|users| self.builder.texts(users))))
    }

    fn subnets(&self) -> Json<'s> {
        let subnets = match resources::subnets(self.network, &self.users) {
            Ok(subnets) => subnets,
            Err(unknown) => return self.builder.unknown(&unknown),
        };
        let pods = PodSubnets::of(self.network);
        self.builder.object(subnets.map(|facts| (facts.id, self.subnet(facts, &pods))).collect::<Vec<_>>())
    }

    fn subnet(&self, facts: SubnetFacts<'s>, pods: &PodSubnets<'_, 's>) -> Json<'s> {
        let builder = self.builder;
        let most_free = pods.most_free(&facts.subnet, facts.id).map(Json::Int);
        let route = |route: Known<DefaultRoute<'s>>| builder.known(route.map(|route| self.route(&route)));
        let table = facts.table.as_ref().map_err(Clone::clone);
        let acl = facts.network_acl.map(|acl| Json::Str(acl.key().unwrap_or_default()));
        builder.object_at(
            facts.subnet.pointer().as_str(),
            [
                self.used_by(facts.used_by),
                ("isPublic", builder.flag(facts.is_public)),
                (
                    "routeTable",
                    builder.known(table.clone().and_then(|table| table.known_id()).map(Json::Str)),
                ),
                ("isMainRouteTable", builder.flag(table.map(RouteTable::is_main))),
                ("defaultRoute", route(facts.default_route)),
                ("defaultRouteIpv6", route(facts.default_route_ipv6)),
                ("networkAcl", builder.known(acl)),
                ("podsTakeAddresses", builder.flag(pods.take_addresses(&facts.subnet, facts.id))),
                ("isPodSubnet", builder.flag(pods.is_pod_subnet(&facts.subnet, facts.id))),
                ("mostFreeForPods", builder.known(most_free)),
            ],
        )
    }

    fn route(&self, route: &DefaultRoute<'s>) -> Json<'s> {
        self.builder.object_at(
            route.place.as_str(),
            [
                ("target", Json::Str(route.target.as_str())),
                ("id", Json::Str(route.id)),
                ("isBlackhole", Json::Bool(route.is_blackhole)),
            ],
        )
    }

    fn route_tables(&self) -> Json<'s> {
        let mut used: HashMap<&str, Vec<&'s str>> = HashMap::new();
        let mut unknown = None;
        for (id, table) in self.used_subnets() {
            match table {
                Ok(table) => used.entry(table.id()).or_default().push(id),
                Err(why) => unknown = Some(why),
            }
        }
        self.each("routeTables", |_, id| {
            let subnets = used.get(id).cloned().unwrap_or_default();
            let users = match (subnets.is_empty(), &unknown) {
                (true, Some(unknown)) => Err(unknown.clone()),
                _ => self.users_of(&subnets),
            };
            let more = self.network.more.iter().map(|unknown| self.builder.unknown(unknown));
            let subnets = subnets.iter().map(|id| Json::Str(id)).chain(more);
            vec![self.used_by(users), ("subnets", self.builder.list(subnets))]
        })
    }

    /// The subnets that the cluster uses, with their route tables.
    fn used_subnets(&self) -> Vec<(&'s str, Known<RouteTable<'s>>)> {
        let plane =
            self.network.control_plane.subnets.as_deref().unwrap_or_default().iter().map(|subnet| subnet.id);
        let mut seen = HashSet::new();
        let all = plane.chain(self.network.nodes.iter().map(|placement| placement.subnet));
        all.filter(|id| seen.insert(*id)).map(|id| (id, self.network.vpc.table(id))).collect()
    }

    /// All users of one of the subnets.
    fn users_of(&self, subnets: &[&str]) -> Known<Vec<Rc<str>>> {
        let mut all = Vec::new();
        for users in subnets.iter().map(|id| self.users.of_subnet(id)) {
            all.extend(users?);
        }
        all.sort();
        all.dedup();
        match self.network.more.first() {
            Some(unknown) if all.is_empty() => Err(unknown.clone()),
            _ => Ok(all),
        }
    }

    fn nat_gateways(&self) -> Json<'s> {
        let used = self.used_subnets();
        self.each("natGateways", |gateway, id| {
            let zones = self.zones_served(&used, id).map(|zones| self.builder.texts(zones));
            let addresses = nat_addresses(gateway)
                .map(|list| self.builder.texts(list.into_iter().map(|address| address.block.addr())));
            vec![
                ("isRegional", self.builder.flag(is_regional(gateway))),
                ("zonesServed", self.builder.known(zones)),
                ("addresses", self.builder.known(addresses)),
            ]
        })
    }

    /// The zones of the used subnets whose default route leads to a NAT gateway.
    fn zones_served(&self, used: &[(&'s str, Known<RouteTable<'s>>)], gateway: &str) -> Known<Vec<&'s str>> {
        let mut zones = Vec::new();
        for (id, _) in used {
            let route = self.network.vpc.default_route(id, AddressFamily::V4)?;
            let is_nat = route.target == RouteTarget::NatGateway;
            if is_nat && self.view.known_id("natGateways", route.id)? == gateway {
                zones.push(self.view.get("subnets", id)?.text("AvailabilityZone")?);
            }
        }
        zones.sort_unstable();
        zones.dedup();
        match self.network.more.first() {
            // Several zones stay several, whoever else there is.
            Some(unknown) if zones.len() < 2 => Err(unknown.clone()),
            _ => Ok(zones),
        }
    }

    fn security_groups(&self) -> Json<'s> {
        let groups = match resources::security_groups(self.network, &self.users, self.openings()) {
            Ok(groups) => groups,
            Err(unknown) => return self.builder.unknown(&unknown),
        };
        self.builder.object(groups.map(|facts| (facts.id, self.security_group(facts))).collect::<Vec<_>>())
    }

    fn security_group(&self, facts: SecurityGroupFacts<'s>) -> Json<'s> {
        let builder = self.builder;
        let joint = facts.joint.iter().map(|opening| self.joint(opening));
        let ingress = facts.ingress.map(|rules| {
            builder.list(rules.iter().map(|rule| self.known_rule(&facts.group, rule)).chain(joint))
        });
        builder.object_at(
            facts.group.pointer().as_str(),
            [
                self.used_by(facts.used_by),
                ("isInUse", builder.flag(facts.is_in_use)),
                ("usedByNodes", builder.flag(facts.used_by_nodes)),
                ("usedByControlPlane", builder.flag(facts.used_by_control_plane)),
                ("ingress", builder.known(ingress)),
            ],
        )
    }

    fn openings(&self) -> &JointOpenings<'s> {
        self.openings.get_or_init(|| JointOpenings::of(self.network))
    }

    fn ingress(&self, group: &ResourceView<'s>) -> Known<Vec<Json<'s>>> {
        let rules = self.network.vpc.security_group_rules(group.key().unwrap_or_default(), Direction::In)?;
        Ok(rules.iter().map(|rule| self.known_rule(group, rule)).collect())
    }

    fn known_rule(&self, group: &ResourceView<'s>, rule: &Known<SecurityGroupRule<'s>>) -> Json<'s> {
        match rule {
            Ok(rule) => self.rule(group, rule),
            Err(unknown) => self.builder.unknown(unknown),
        }
    }

    /// What several sources let in together, as one rule.
    fn joint(&self, opening: &Known<JointOpening<'s>>) -> Json<'s> {
        let opening = match opening {
            Ok(opening) => opening,
            Err(unknown) => return self.builder.unknown(unknown),
        };
        let fields = [
            ("protocol", Json::Str(opening.protocol)),
            ("isTcp", Json::Bool(opening.is_for("tcp"))),
            ("isUdp", Json::Bool(opening.is_for("udp"))),
            ("fromPort", Json::Int(opening.ports.0)),
            ("toPort", Json::Int(opening.ports.1)),
            ("kind", Json::Str("several")),
            ("source", self.builder.text(opening.title())),
        ];
        let internet = self.internet(opening.internet());
        self.builder.object_at(opening.place().as_str(), fields.into_iter().chain(internet))
    }

    /// Whether something is the internet, and over which family.
    fn internet(&self, internet: Known<InternetFamilies>) -> [Field<'s>; 3] {
        let of = |sort: fn(InternetFamilies) -> bool| self.builder.flag(internet.clone().map(sort));
        [
            ("fromInternet", of(InternetFamilies::any)),
            ("fromInternetIpv4", of(|internet| internet.v4)),
            ("fromInternetIpv6", of(|internet| internet.v6)),
        ]
    }

    fn rule(&self, group: &ResourceView<'s>, rule: &SecurityGroupRule<'s>) -> Json<'s> {
        let peer = rule.peer.as_ref().map_err(Clone::clone);
        let internet = self.internet(rule.internet(self.view));
        self.builder.object_at(
            rule.pointer(group).as_str(),
            [
                ("protocol", Json::Str(rule.protocol)),
                ("isTcp", Json::Bool(rule.is_tcp())),
                ("isUdp", Json::Bool(rule.is_udp())),
                ("fromPort", Json::Int(rule.ports.0)),
                ("toPort", Json::Int(rule.ports.1)),
                ("kind", self.builder.known(peer.clone().map(|peer| Json::Str(peer.kind())))),
                ("source", self.builder.known(peer.map(|peer| Json::Str(peer.value())))),
            ]
            .into_iter()
            .chain(internet),
        )
    }

    fn network_acls(&self) -> Json<'s> {
        self.each("networkAcls", |item, _| {
            let users = network_acls::subnets_of(item).and_then(|subnets| self.users_of(&subnets));
            let open = acl_open_to_internet(&self.network.vpc, item)
                .map(|open| self.builder.list(open.iter().map(|opening| self.acl_opening(item, opening))));
            vec![self.used_by(users), ("openFromInternet", self.builder.known(open))]
        })
    }

    fn acl_opening(&self, item: &ResourceView<'s>, opening: &AclOpening) -> Json<'s> {
        let at = opening.rules.first().map_or(0, |rule| rule.at);
        self.builder.object_at(
            item.pointer().key("Entries").index(at).as_str(),
            [
                ("protocol", self.builder.text(&opening.protocol)),
                ("fromPort", Json::Int(opening.ports.0)),
                ("toPort", Json::Int(opening.ports.1)),
                ("cidr", self.builder.text(opening.title())),
                ("rules", self.builder.texts(opening.rules.iter().map(|rule| rule.number))),
            ],
        )
    }

    fn instances(&self) -> Json<'s> {
        self.each("instances", |instance, _| {
            let node = cluster_name(self.view)
                .ok_or_else(|| unnamed_cluster(self.view))
                .and_then(|name| is_node(instance, name));
            let reaches = self.reaches_endpoint(instance);
            // An address that is known only after apply is one all the same.
            let address = match instance.optional("PublicIpAddress") {
                Ok(Some(symbol @ Json::Symbol(_))) => Ok(Some(symbol)),
                _ => instance.optional_text("PublicIpAddress").map(|text| text.map(Json::Str)),
            };
            let ipv6 = public_ipv6_address(&self.network.vpc, instance).map(|text| text.map(Json::Str));
            let has = |address: &Known<Option<Json<'_>>>| address.clone().map(|address| address.is_some());
            let has_one = any([has(&address), has(&ipv6)]);
            let text = |address: Known<Option<Json<'s>>>| {
                self.builder.known(address.map(|text| text.unwrap_or(Json::Str(""))))
            };
            vec![
                ("isNode", self.builder.flag(node)),
                ("reachesPrivateEndpoint", self.builder.flag(reaches)),
                ("hasPublicAddress", self.builder.flag(has_one)),
                ("publicAddress", text(address)),
                ("publicIpv6Address", text(ipv6)),
                ("ingress", self.builder.known(self.ingress_of(instance))),
            ]
        })
    }

    /// Whether the groups on the control plane's interfaces admit an instance on 443.
    fn reaches_endpoint(&self, instance: &ResourceView<'s>) -> Known<bool> {
        let plane = self.network.control_plane.security_groups.as_ref().map_err(Clone::clone)?;
        groups_admit(&self.network.vpc, plane, Direction::In, HTTPS, &instances::peer(instance))
    }

    /// What all groups of an instance admit.
    fn ingress_of(&self, instance: &ResourceView<'s>) -> Known<Json<'s>> {
        let (groups, mut all) = (instances::security_groups(instance)?, Vec::new());
        for id in &groups {
            all.extend(self.ingress(&self.view.get("securityGroups", id)?)?);
        }
        let joint = self.openings().of_instance(&self.network.vpc, &groups);
        all.extend(joint.iter().map(|opening| self.joint(opening)));
        Ok(self.builder.list(all))
    }
}

/// What every cluster security group must let its members do with each other.
/// <https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html>
const NEEDED_RULES: [(Port, &str); 4] = [
    (HTTPS, "the API server"),
    (KUBELET, "the kubelet"),
    (Port { protocol: "tcp", number: 53 }, "DNS"),
    (Port { protocol: "udp", number: 53 }, "DNS"),
];

/// The facts of `facts.cluster.network`.
pub(crate) fn of_cluster<'s>(
    network: &Network<'s>,
    needed: Known<Vec<NeededEndpoint>>,
    in_the_way: Known<Vec<Known<EndpointInTheWay>>>,
    private_names: Known<bool>,
    builder: FactBuilder<'s>,
) -> Json<'s> {
    let groups = network.control_plane.security_groups.clone().map(|groups| builder.texts(groups));
    builder.object([
        ("dnsResolvesPrivately", builder.flag(private_names)),
        ("zones", builder.known(zones(network, builder))),
        ("serviceRanges", builder.known(service_ranges(network.vpc.view).map(|all| builder.texts(all)))),
        ("interfaceGroups", builder.known(groups)),
        ("clusterGroupLacks", builder.known(lacks(network, builder))),
        ("taggedTogether", builder.known(tagged(network, builder))),
        (
            "vpcEndpoints",
            builder.known(needed.map(|needed| builder.list(needed.iter().map(|n| endpoint(n, builder))))),
        ),
        (
            "endpointsInTheWay",
            builder.known(
                in_the_way.map(|all| builder.list(all.iter().map(|one| endpoint_in_the_way(one, builder)))),
            ),
        ),
    ])
}

/// The blocks of which EKS chooses one for the services of a cluster that does not say which.
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_KubernetesNetworkConfigRequest.html>
const SERVICE_RANGES: [&str; 2] = ["10.100.0.0/16", "172.20.0.0/16"];

/// The range of the services, or those that it is one of.
fn service_ranges(view: SnapshotView<'_>) -> Known<Vec<&str>> {
    // The template is as the cluster is made, so that it says where EKS chooses.
    let is_choice = |unknown: &Unknown| SERVICE_RANGES.iter().all(|range| unknown.reason.contains(range));
    match view.cluster()?.text_under(&["kubernetesNetworkConfig", "serviceIpv4Cidr"]) {
        Ok(range) => Ok(vec![range]),
        Err(unknown) if is_choice(&unknown) => Ok(SERVICE_RANGES.to_vec()),
        Err(unknown) => Err(unknown),
    }
}

/// The Availability Zones of the cluster's subnets.
fn zones<'s>(network: &Network<'s>, builder: FactBuilder<'s>) -> Known<Json<'s>> {
    let (zones, more) = super::zones::of_cluster(network.vpc.view)?;
    let more = more.iter().map(|unknown| builder.unknown(unknown));
    Ok(builder.list(zones.into_iter().map(Json::Str).chain(more)))
}

/// The security groups with the cluster's tag that nodes have together.
fn tagged<'s>(network: &Network<'s>, builder: FactBuilder<'s>) -> Known<Json<'s>> {
    let item = |found: &Known<TaggedTogether<'s>>| match found {
        Ok(found) => builder.object_at(
            found.place.as_str(),
            [
                ("groups", builder.texts(&found.groups)),
                ("extra", Json::Str(found.extra)),
                ("usedBy", builder.texts(&found.used_by)),
            ],
        ),
        Err(unknown) => builder.unknown(unknown),
    };
    Ok(builder.list(tagged_together(network)?.iter().map(item)))
}

fn endpoint<'s>(needed: &NeededEndpoint, builder: FactBuilder<'s>) -> Json<'s> {
    let state = needed.state.clone().map(|state| Json::Str(state.as_str()));
    builder.object_at(
        needed.place.as_str(),
        [
            ("service", Json::Str(needed.service)),
            ("state", builder.known(state)),
            ("reason", builder.text(&needed.reason)),
            ("neededBy", Json::Str(needed.needed_by)),
        ],
    )
}

fn endpoint_in_the_way<'s>(found: &Known<EndpointInTheWay>, builder: FactBuilder<'s>) -> Json<'s> {
    let found = match found {
        Ok(found) => found,
        Err(unknown) => return builder.unknown(unknown),
    };
    builder.object_at(
        found.place.as_str(),
        [
            ("service", Json::Str(found.service)),
            ("reason", builder.text(&found.reason)),
            ("neededBy", Json::Str(found.needed_by)),
        ],
    )
}

/// The rules that a cluster security group lacks which nodes have.
fn lacks<'s>(network: &Network<'s>, builder: FactBuilder<'s>) -> Known<Json<'s>> {
    let view = network.vpc.view;
    let id = view.vpc_config_id("securityGroups", "clusterSecurityGroupId")?;
    if !users::have_nodes(network, id)? {
        return Ok(builder.list([]));
    }
    let group = view.get("securityGroups", id)?.pointer();
    let peer = network.control_plane.peer();
    let mut items = Vec::new();
    for (direction, name) in [(Direction::In, "in"), (Direction::Out, "out")] {
        for (port, why) in NEEDED_RULES {
            let admitted = groups_admit(&network.vpc, &[id], direction, port, &peer);
            let item = match admitted {
                Ok(true) => continue,
                Ok(false) => builder.object_at(
                    group.as_str(),
                    [
                        ("direction", Json::Str(name)),
                        ("protocol", Json::Str(port.protocol)),
                        ("port", Json::Int(port.number)),
                        ("why", Json::Str(why)),
                    ],
                ),
                Err(unknown) => builder.unknown(&unknown),
            };
            items.push(item);
        }
    }
    Ok(builder.list(items))
}
