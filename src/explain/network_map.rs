//! Where things are in a cluster's VPC: what a picture needs beside the flows.

use super::network::SubnetRoute;
use crate::facts::RouteTarget;
use crate::facts::known::Known;
use crate::facts::network::Network;
use crate::facts::network::control_plane::interface_subnets;
use crate::facts::network::instances::is_of_auto_mode;
use crate::facts::network::nodes::owner;
use crate::facts::network::resources::{self, SubnetFacts};
use crate::facts::network::routes::DefaultRoute;
use crate::facts::network::users::Users;
use crate::facts::view::{ObjectView, ResourceView, SnapshotView};
use crate::snapshot::Unknown;
use std::collections::BTreeSet;

/// Where things are in a VPC.
#[derive(Clone, Debug)]
pub struct NetworkMap {
    /// The blocks of the VPC, as written.
    pub blocks: Vec<String>,
    /// The subnets that the cluster uses or may use, and those of the NAT gateways behind them.
    pub subnets: Vec<MapSubnet>,
    /// Why there may be more.
    pub more: Option<Unknown>,
    /// How many subnets of the snapshot the cluster does not use.
    pub unused_subnets: usize,
    /// The NAT gateways.
    pub nat_gateways: Vec<MapNatGateway>,
    /// The VPC endpoints.
    pub vpc_endpoints: Known<Vec<MapEndpoint>>,
    /// The names of the nodes that are of EKS Auto Mode.
    pub auto_mode: BTreeSet<String>,
}

/// A subnet.
#[derive(Clone, Debug)]
pub struct MapSubnet {
    /// `subnet-…`
    pub id: String,
    /// The name of its Availability Zone, else the id.
    pub zone: Known<String>,
    /// Its blocks, as written.
    pub blocks: Vec<String>,
    /// Whether a route leads straight to an internet gateway.
    pub is_public: Known<bool>,
    /// Where packets to public IPv4 addresses go.
    pub default_route: Known<SubnetRoute>,
    /// Where packets to public IPv6 addresses go.
    pub default_route_ipv6: Known<SubnetRoute>,
    /// Whether network interfaces of the control plane are in it.
    pub interfaces: PlaneInterfaces,
}

/// Whether network interfaces of the control plane are in a subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlaneInterfaces {
    /// There are none.
    None,
    /// EKS may put some there, as the cluster names the subnet.
    Possible,
    /// The snapshot has some.
    Found,
}

/// A NAT gateway.
#[derive(Clone, Debug)]
pub struct MapNatGateway {
    /// `nat-…`
    pub id: String,
    /// Where it is; none for a regional one, and where that is not known.
    pub subnet: Option<String>,
    /// Its state, as AWS says it.
    pub state: Option<String>,
    /// Its public addresses, as far as they are known.
    pub addresses: Vec<String>,
}

/// A VPC endpoint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MapEndpoint {
    /// `ecr.api`: the last part of the name of the service.
    pub service: String,
    /// `Interface`, `Gateway`
    pub kind: String,
}

/// The map of a snapshot.
pub(super) fn network_map<'s>(network: &Network<'s>, users: &Users<'_, 's>) -> NetworkMap {
    let view = network.vpc.view;
    let gateways: Vec<_> = view.items("natGateways").filter_map(|item| nat_gateway(&item)).collect();
    let (subnets, unused_subnets) = subnets(network, users, &gateways);
    NetworkMap {
        blocks: view.object("vpc").map(|vpc| blocks(&vpc)).unwrap_or_default(),
        more: view.more("subnets"),
        subnets,
        unused_subnets,
        nat_gateways: gateways,
        vpc_endpoints: view.section("vpcEndpoints").map(|_| endpoints(view)),
        auto_mode: auto_mode(view),
    }
}

/// The subnets in use with those of the NAT gateways behind them, and how many are left.
fn subnets<'s>(
    network: &Network<'s>,
    users: &Users<'_, 's>,
    gateways: &[MapNatGateway],
) -> (Vec<MapSubnet>, usize) {
    let Ok(all) = resources::subnets(network, users) else { return (Vec::new(), 0) };
    let all: Vec<_> = all.collect();
    let targets: BTreeSet<_> =
        all.iter().filter(|facts| facts.may_be_used()).filter_map(nat_behind).collect();
    let has_gateway = |id: &str| {
        gateways.iter().any(|nat| nat.subnet.as_deref() == Some(id) && targets.contains(nat.id.as_str()))
    };
    let interfaces = InterfaceSubnets::of(network);
    let drawn = all.iter().filter(|facts| facts.may_be_used() || has_gateway(facts.id));
    let drawn: Vec<_> = drawn.map(|facts| subnet(facts, &interfaces)).collect();
    let unused = all.len() - drawn.len();
    (drawn, unused)
}

fn nat_behind<'s>(facts: &SubnetFacts<'s>) -> Option<&'s str> {
    let route = facts.default_route.as_ref().ok()?;
    (route.target == RouteTarget::NatGateway).then_some(route.id)
}

fn subnet<'s>(facts: &SubnetFacts<'s>, interfaces: &InterfaceSubnets<'s>) -> MapSubnet {
    let route = |route: &Known<DefaultRoute<'s>>| route.clone().map(SubnetRoute::from);
    let zone = facts.subnet.reference(&["AvailabilityZone"]);
    MapSubnet {
        id: facts.id.to_owned(),
        zone: zone.or_else(|_| facts.subnet.reference(&["AvailabilityZoneId"])).map(str::to_owned),
        blocks: blocks(&facts.subnet),
        is_public: facts.is_public.clone(),
        default_route: route(&facts.default_route),
        default_route_ipv6: route(&facts.default_route_ipv6),
        interfaces: interfaces.in_subnet(facts.id),
    }
}

/// The blocks of a VPC or a subnet, as written: IPv4 first.
fn blocks(item: &ResourceView<'_>) -> Vec<String> {
    let mut blocks: Vec<String> = item.reference(&["CidrBlock"]).into_iter().map(str::to_owned).collect();
    let mut add = |block: Known<&str>| {
        let block = block.ok().filter(|block| !blocks.iter().any(|known| known == block));
        blocks.extend(block.map(str::to_owned));
    };
    for object in item.optional_objects(&["CidrBlockAssociationSet", "*"]).into_iter().flatten().flatten() {
        add(object.reference("CidrBlock"));
    }
    for object in item.optional_objects(&["Ipv6CidrBlockAssociationSet", "*"]).into_iter().flatten().flatten()
    {
        add(object.reference("Ipv6CidrBlock"));
    }
    blocks
}

/// The subnets with network interfaces of the control plane.
struct InterfaceSubnets<'s> {
    found: Vec<&'s str>,
    /// Those that the cluster names, where it is not known which have one.
    possible: Vec<&'s str>,
}

impl<'s> InterfaceSubnets<'s> {
    fn of(network: &Network<'s>) -> Self {
        let view = network.vpc.view;
        let found = interface_subnets(view);
        let is_all = !found.is_empty() && view.more("networkInterfaces").is_none();
        let named = network.control_plane.subnets.as_deref().unwrap_or_default();
        let possible = named.iter().map(|subnet| subnet.id).filter(|_| !is_all).collect();
        Self { found, possible }
    }

    fn in_subnet(&self, id: &str) -> PlaneInterfaces {
        match id {
            id if self.found.contains(&id) => PlaneInterfaces::Found,
            id if self.possible.contains(&id) => PlaneInterfaces::Possible,
            _ => PlaneInterfaces::None,
        }
    }
}

fn nat_gateway(item: &ResourceView<'_>) -> Option<MapNatGateway> {
    let address = |object: ObjectView<'_>| Some(object.optional_text("PublicIp").ok()??.to_owned());
    let addresses = item.optional_objects(&["NatGatewayAddresses", "*"]).into_iter().flatten().flatten();
    Some(MapNatGateway {
        id: item.key()?.to_owned(),
        subnet: item.optional_id_in("subnets", "SubnetId").ok().flatten().map(str::to_owned),
        state: item.optional_text("State").ok().flatten().map(str::to_owned),
        addresses: addresses.filter_map(address).collect(),
    })
}

fn endpoints(view: SnapshotView<'_>) -> Vec<MapEndpoint> {
    let endpoint = |item: ResourceView<'_>| {
        let service = item.text("ServiceName").ok()?;
        let kind = item.text("VpcEndpointType").unwrap_or("Interface").to_owned();
        Some(MapEndpoint { service: short_service(service).to_owned(), kind })
    };
    let mut endpoints: Vec<_> = view.items("vpcEndpoints").filter_map(endpoint).collect();
    endpoints.sort();
    endpoints.dedup();
    endpoints
}

/// `ecr.api` of `com.amazonaws.eu-west-1.ecr.api`.
fn short_service(name: &str) -> &str {
    let after = |rest: &'_ str| rest.find('.').map(|at| at + 1);
    let rest = name.split_once("com.amazonaws.").map(|(_, rest)| rest);
    rest.and_then(|rest| rest.get(after(rest)?..)).filter(|short| !short.is_empty()).unwrap_or(name)
}

fn auto_mode(view: SnapshotView<'_>) -> BTreeSet<String> {
    let of_auto_mode = view.items("instances").filter(|item| is_of_auto_mode(item) == Ok(true));
    of_auto_mode.map(|item| owner(&item).to_owned()).collect()
}
