//! Which route a packet takes: the route table of a subnet, the longest prefix, and where traffic
//! to public addresses goes.
//!
//! <https://docs.aws.amazon.com/vpc/latest/userguide/RouteTables.html>

use super::cidr::{self, AddressFamily};
use crate::facts::cidrs::Union;
use crate::facts::known::Known;
use crate::facts::view::{ObjectView, ResourceView, SnapshotView};
use crate::snapshot::UnknownKind;
use crate::value::{Json, Pointer};
use ipnet::IpNet;
use rustc_hash::FxHashMap;
use std::net::IpAddr;
use std::rc::Rc;

/// What a route leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RouteTarget {
    /// The VPC itself.
    Local,
    /// An internet gateway.
    InternetGateway,
    /// A NAT gateway.
    NatGateway,
    /// An egress-only internet gateway, for IPv6.
    EgressOnly,
    /// A transit gateway.
    TransitGateway,
    /// A VPC peering connection.
    Peering,
    /// A gateway endpoint, for the prefixes of Amazon S3 or DynamoDB.
    GatewayEndpoint,
    /// The endpoint of a firewall or a Gateway Load Balancer.
    Firewall,
    /// An EC2 instance.
    Instance,
    /// A network interface.
    NetworkInterface,
    /// A VPN gateway.
    VpnGateway,
    /// A local gateway, on an Outpost.
    LocalGateway,
    /// A carrier gateway, in a Wavelength Zone.
    CarrierGateway,
    /// A core network of AWS Cloud WAN.
    CoreNetwork,
    /// Something else.
    Other,
    /// There is no route.
    None,
    /// Routes to public addresses lead to different targets.
    Several,
}

impl RouteTarget {
    /// The word that rules compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::InternetGateway => "internet-gateway",
            Self::NatGateway => "nat-gateway",
            Self::EgressOnly => "egress-only-internet-gateway",
            Self::TransitGateway => "transit-gateway",
            Self::Peering => "peering",
            Self::GatewayEndpoint => "gateway-endpoint",
            Self::Firewall => "firewall",
            Self::Instance => "instance",
            Self::NetworkInterface => "network-interface",
            Self::VpnGateway => "vpn-gateway",
            Self::LocalGateway => "local-gateway",
            Self::CarrierGateway => "carrier-gateway",
            Self::CoreNetwork => "core-network",
            Self::Other => "other",
            Self::None => "none",
            Self::Several => "several",
        }
    }

    /// As people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::InternetGateway => "internet gateway",
            Self::NatGateway => "NAT gateway",
            Self::EgressOnly => "egress-only internet gateway",
            Self::TransitGateway => "transit gateway",
            Self::Peering => "VPC peering connection",
            Self::Firewall => "endpoint of a firewall or a Gateway Load Balancer",
            Self::NetworkInterface => "network interface",
            Self::VpnGateway => "VPN gateway",
            Self::LocalGateway => "local gateway",
            Self::CarrierGateway => "carrier gateway",
            Self::CoreNetwork => "core network",
            other => other.as_str(),
        }
    }
}

/// The fields that name a target, and what it then is. `GatewayId` needs a look at the id.
const TARGETS: [(&str, RouteTarget); 9] = [
    ("NatGatewayId", RouteTarget::NatGateway),
    ("EgressOnlyInternetGatewayId", RouteTarget::EgressOnly),
    ("TransitGatewayId", RouteTarget::TransitGateway),
    ("VpcPeeringConnectionId", RouteTarget::Peering),
    ("InstanceId", RouteTarget::Instance),
    ("NetworkInterfaceId", RouteTarget::NetworkInterface),
    ("LocalGatewayId", RouteTarget::LocalGateway),
    ("CarrierGatewayId", RouteTarget::CarrierGateway),
    ("CoreNetworkArn", RouteTarget::CoreNetwork),
];

/// One route of a table.
#[derive(Clone, Debug)]
pub(crate) struct Route<'s> {
    /// What it is for: a block, or the blocks of a prefix list.
    pub(super) destinations: Known<Vec<IpNet>>,
    pub(super) target: RouteTarget,
    pub(super) id: &'s str,
    pub(super) is_blackhole: bool,
    /// Its position in the table.
    pub(super) at: usize,
}

/// The route table that a subnet follows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RouteTable<'s> {
    item: ResourceView<'s>,
    /// Whether it is the VPC's main one, which subnets follow that name no other.
    is_main: bool,
}

/// Where packets to public addresses go.
#[derive(Clone, Debug)]
pub(crate) struct DefaultRoute<'s> {
    pub(crate) target: RouteTarget,
    pub(crate) id: &'s str,
    pub(crate) is_blackhole: bool,
    /// Where it is written; the table if there is none.
    pub(crate) place: Pointer,
}

impl<'s> RouteTable<'s> {
    /// All tables, by the subnets that name them, and the main one.
    /// A table that does not say which subnets follow it could be the one of any: then there is
    /// no main one to fall back to.
    pub(super) fn all(view: SnapshotView<'s>) -> (FxHashMap<&'s str, Self>, Known<Option<Self>>) {
        let (mut tables, mut main) = (FxHashMap::default(), None);
        let mut unclear = None;
        for item in view.items("routeTables") {
            let associations = item.objects_or_unknown(&["Associations", "*"]);
            for follower in associations.into_iter().map(|association| Follower::of(&association?)) {
                match follower {
                    Ok(Follower::Subnet(subnet)) => {
                        tables.entry(subnet).or_insert(Self { item, is_main: false });
                    }
                    Ok(Follower::Rest) => {
                        main.get_or_insert(Self { item, is_main: true });
                    }
                    Ok(Follower::Gateway) => {}
                    Err(unknown) => unclear = Some(unknown),
                }
            }
        }
        (tables, unclear.map_or(Ok(main), Err))
    }

    /// Its id; empty where it cannot be read.
    pub(crate) fn id(&self) -> &'s str {
        self.item.key().unwrap_or_default()
    }

    /// Its id, for what is looked up by it.
    pub(crate) fn known_id(&self) -> Known<&'s str> {
        self.item.reference(&["RouteTableId"])
    }

    pub(crate) fn is_main(&self) -> bool {
        self.is_main
    }

    pub(crate) fn pointer(&self) -> Pointer {
        self.item.pointer()
    }

    /// Its position among all tables.
    pub(super) fn position(&self) -> usize {
        self.item.position()
    }

    /// Its routes, in their order.
    pub(super) fn routes(&self, view: SnapshotView<'s>) -> Known<Rc<[Known<Route<'s>>]>> {
        let routes = self.item.objects(&["Routes", "*"])?.enumerate();
        Ok(routes.map(|(at, route)| Route::read(&route?, at, view)).collect())
    }

    /// Where packets to public addresses go, by the routes of the table.
    ///
    /// Routes to private networks do not count. Where routes to public addresses lead to several
    /// targets, or do not cover all of them, the target is [`RouteTarget::Several`]: which of them
    /// the API server is behind is not known, as its addresses are not in the snapshot.
    pub(super) fn default_route(
        &self,
        routes: &[Known<Route<'s>>],
        family: AddressFamily,
    ) -> Known<DefaultRoute<'s>> {
        let mut public = Vec::new();
        for route in routes {
            let route = route.as_ref().map_err(Clone::clone)?;
            if !route.may_be_public() {
                continue;
            }
            let destinations = route.destinations.as_ref().map_err(Clone::clone)?;
            let blocks = destinations.iter().filter(|net| family.has(net) && !cidr::is_special(net));
            public.extend(blocks.map(|net| (*net, route)));
        }
        let Some((_, widest)) = public.iter().min_by_key(|(net, _)| net.prefix_len()) else {
            return Ok(self.no_route());
        };
        let same = public.iter().all(|(_, route)| (route.target, route.id) == (widest.target, widest.id));
        let covers = Union::of(public.iter().map(|(net, _)| *net)).contains_net(&family.everything());
        let target = if same && covers { widest.target } else { RouteTarget::Several };
        Ok(DefaultRoute {
            target,
            id: widest.id,
            is_blackhole: widest.is_blackhole,
            place: self.item.pointer().key("Routes").index(widest.at),
        })
    }

    fn no_route(&self) -> DefaultRoute<'s> {
        DefaultRoute { target: RouteTarget::None, id: "", is_blackhole: false, place: self.item.pointer() }
    }
}

impl<'s> Route<'s> {
    fn read(route: &ObjectView<'s>, at: usize, view: SnapshotView<'s>) -> Known<Self> {
        let (target, id) = target(route, view)?;
        let is_blackhole = route.optional_text("State")? == Some("blackhole");
        let target = match target {
            RouteTarget::Firewall if route.has("DestinationPrefixListId")? => RouteTarget::GatewayEndpoint,
            target => target,
        };
        Ok(Self { destinations: destinations(route, view), target, id, is_blackhole, at })
    }

    /// Whether it may be for public addresses. Gateway endpoints carry S3 and DynamoDB alone.
    fn may_be_public(&self) -> bool {
        !matches!(self.target, RouteTarget::Local | RouteTarget::GatewayEndpoint)
    }

    /// How many bits of an address it matches, if it matches.
    fn matches(&self, address: IpAddr) -> Option<u8> {
        let nets = self.destinations.as_deref().unwrap_or_default();
        nets.iter().filter(|net| net.contains(&address)).map(IpNet::prefix_len).max()
    }
}

/// The route that a packet to an address takes: the longest prefix wins.
/// Not known where a route that cannot be read could be longer.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html>
pub(super) fn choose<'r, 's>(
    routes: &'r [Known<Route<'s>>],
    address: IpAddr,
) -> Known<Option<&'r Route<'s>>> {
    let mut chosen: Option<(u8, &Route<'s>)> = None;
    for route in routes {
        let route = route.as_ref().map_err(Clone::clone)?;
        // Lists of AWS's own services are mostly not in a snapshot, and lead elsewhere.
        if let Some(unknown) =
            route.destinations.as_ref().err().filter(|why| why.kind == UnknownKind::UntilApply)
        {
            return Err(unknown.clone());
        }
        // Of equal prefixes a static one wins, which AWS lists first.
        match route.matches(address) {
            Some(bits) if chosen.is_none_or(|(longest, _)| bits > longest) => chosen = Some((bits, route)),
            _ => {}
        }
    }
    Ok(chosen.map(|(_, route)| route))
}

/// What follows a table, as one of its associations says.
enum Follower<'s> {
    Subnet(&'s str),
    /// Whatever names no other table.
    Rest,
    Gateway,
}

impl<'s> Follower<'s> {
    fn of(association: &ObjectView<'s>) -> Known<Self> {
        if let Some(subnet) = association.optional_id_in("subnets", "SubnetId")? {
            return Ok(Self::Subnet(subnet));
        }
        match association.optional_flag("Main")? {
            Some(true) => Ok(Self::Rest),
            _ if association.has("GatewayId")? => Ok(Self::Gateway),
            // It says neither what it is with, nor that it is the main one.
            _ => Err(association.absent("SubnetId")),
        }
    }
}

/// The sections whose items a `GatewayId` may name.
const GATEWAYS: [(&str, RouteTarget); 2] =
    [("internetGateways", RouteTarget::InternetGateway), ("vpcEndpoints", RouteTarget::Firewall)];

/// The target of a route, which always has one.
fn target<'s>(route: &ObjectView<'s>, view: SnapshotView<'s>) -> Known<(RouteTarget, &'s str)> {
    if let Some(id) = route.optional_reference("GatewayId")? {
        // What a symbol stands for shows where it is the id of something.
        if view.symbol(id).is_none() {
            return Ok((gateway(id), id));
        }
        let is_in = |section: &str| matches!(view.find(section, id), Ok(Some(_)));
        let mut known = GATEWAYS.iter().filter(|(section, _)| is_in(section));
        let target = known.next().map(|(_, target)| (*target, id));
        return target.map_or_else(|| view.literal(id).map(|()| (RouteTarget::Other, id)), Ok);
    }
    for (name, target) in TARGETS {
        if let Some(id) = route.optional_reference(name)? {
            return Ok((target, id));
        }
    }
    // Targets that this version does not know have a field of their own.
    let is_other =
        |(name, node): &(&str, Json<'_>)| !node.is_null() && (name.ends_with("Id") || name.ends_with("Arn"));
    let is_destination = |(name, _): &(&str, Json<'_>)| name.starts_with("Destination");
    match route.entries().iter().any(|entry| is_other(entry) && !is_destination(entry)) {
        true => Ok((RouteTarget::Other, "")),
        false => Err(route.absent("GatewayId")),
    }
}

fn gateway(id: &str) -> RouteTarget {
    match id.split('-').next() {
        Some("local") => RouteTarget::Local,
        Some("igw") => RouteTarget::InternetGateway,
        Some("vgw") => RouteTarget::VpnGateway,
        Some("vpce") => RouteTarget::Firewall,
        Some("cagw") => RouteTarget::CarrierGateway,
        Some("lgw") => RouteTarget::LocalGateway,
        _ => RouteTarget::Other,
    }
}

fn destinations<'s>(route: &ObjectView<'s>, view: SnapshotView<'s>) -> Known<Vec<IpNet>> {
    for name in ["DestinationCidrBlock", "DestinationIpv6CidrBlock"] {
        if let Some(net) = cidr::field(route, name)? {
            return Ok(vec![net]);
        }
    }
    match route.optional_reference("DestinationPrefixListId")? {
        Some(list) => cidr::prefix_list(view, list),
        None => Err(route.absent("DestinationCidrBlock")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::net::Ipv4Addr;

    fn route(net: IpNet, at: usize) -> Known<Route<'static>> {
        let (target, id) = (RouteTarget::Other, "");
        Ok(Route { destinations: Ok(vec![net]), target, id, is_blackhole: false, at })
    }

    /// Blocks inside 10.0.0.0/24, of any length.
    fn block() -> impl Strategy<Value = IpNet> {
        (0_u8..=255, 16_u8..=32)
            .prop_map(|(last, bits)| {
                IpNet::new(Ipv4Addr::new(10, 0, 0, last).into(), bits).expect("a prefix")
            })
            .prop_map(|net| net.trunc())
    }

    proptest! {
        #[test]
        fn the_longest_prefix_wins(blocks in prop::collection::vec(block(), 0..12), last in 0_u8..=255) {
            let address = IpAddr::from(Ipv4Addr::new(10, 0, 0, last));
            let routes: Vec<_> = blocks.iter().enumerate().map(|(at, net)| route(*net, at)).collect();
            let longest = blocks.iter().filter(|net| net.contains(&address)).map(IpNet::prefix_len).max();
            let chosen = choose(&routes, address).expect("all routes are known");
            prop_assert_eq!(chosen.map(|route| blocks[route.at].prefix_len()), longest);
            // Among equals the first counts.
            if let Some(chosen) = chosen {
                let first = blocks.iter().position(|net| *net == blocks[chosen.at]);
                prop_assert_eq!(first, Some(chosen.at));
            }
        }
    }
}
