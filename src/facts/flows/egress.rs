//! How nodes in a subnet reach public addresses: the route, the gateway behind it, and the public
//! addresses that they then come from.

use super::flow::{FlowHop, Via};
use crate::facts::known::{Known, all};
use crate::facts::network::cidr::{self, AddressFamily};
use crate::facts::network::nat::{EgressAddress, is_regional, nat_addresses};
use crate::facts::network::nodes::{PublicAddress, PublicAddresses};
use crate::facts::network::reach::is_public;
use crate::facts::network::routes::{DefaultRoute, RouteTarget};
use crate::facts::network::vpc::Vpc;
use crate::facts::view::ResourceView;
use crate::snapshot::Unknown;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// A way from a subnet to public addresses, or the lack of one.
#[derive(Clone, Debug)]
pub(crate) struct Egress {
    /// Whether packets get there.
    pub(crate) leads: Known<bool>,
    /// The target of the route.
    pub(crate) via: Via,
    /// Why they certainly do not, as a sentence.
    pub(crate) fails: Option<String>,
    /// Where packets may come from, seen from outside.
    pub(crate) addresses: Known<Vec<EgressAddress>>,
    /// Why the next node, or the next hour, may bring other addresses.
    pub(crate) changes: Option<String>,
    pub(crate) hops: Vec<Rc<FlowHop>>,
}

/// The ways of nodes without public addresses of their own, by subnet and family: many nodes share
/// few subnets.
#[derive(Debug, Default)]
pub(crate) struct EgressCache<'s>(RefCell<FxHashMap<(&'s str, AddressFamily), Rc<Egress>>>);

impl<'s> EgressCache<'s> {
    /// The way of the nodes of a subnet over IPv4 or IPv6.
    pub(crate) fn of(
        &self,
        vpc: &Vpc<'s>,
        subnet: &'s str,
        public: &Known<PublicAddresses>,
        family: AddressFamily,
    ) -> Rc<Egress> {
        let way = || Rc::new(Egress::of(vpc, subnet, public, family));
        match public {
            Ok(PublicAddresses::None) => {
                Rc::clone(self.0.borrow_mut().entry((subnet, family)).or_insert_with(way))
            }
            _ => way(),
        }
    }
}

impl Egress {
    fn new(via: Via, leads: Known<bool>, hops: Vec<Rc<FlowHop>>) -> Self {
        Self { leads, via, fails: None, addresses: Ok(Vec::new()), changes: None, hops }
    }

    /// A way that leads nowhere if there is a reason for that.
    fn unless(via: Via, fails: Known<Option<String>>, hops: Vec<Rc<FlowHop>>) -> Self {
        let leads = fails.as_ref().map(Option::is_none).map_err(Clone::clone);
        Self { fails: fails.unwrap_or_default(), ..Self::new(via, leads, hops) }
    }

    fn with(self, addresses: Known<Vec<EgressAddress>>) -> Self {
        Self { addresses, ..self }
    }

    /// The way of the nodes of a subnet over IPv4 or IPv6.
    fn of<'s>(
        vpc: &Vpc<'s>,
        subnet: &'s str,
        public: &Known<PublicAddresses>,
        family: AddressFamily,
    ) -> Self {
        let route = vpc.table(subnet).and_then(|table| Ok((table, vpc.default_route(subnet, family)?)));
        let (table, route) = match route {
            Ok(found) => found,
            Err(unknown) => return Self::new(Via::Unknown, Err(unknown), Vec::new()),
        };
        let hops = [FlowHop::route_table(&table, subnet), FlowHop::route(&route, family)];
        let hops = hops.map(Rc::new).into();
        let via = Via::Route(route.target);
        if route.target == RouteTarget::None {
            return Self::unless(via, Ok(Some("the subnet has no default route".to_owned())), hops);
        }
        if route.is_blackhole {
            let why = format!("the default route leads to {}, and its state is blackhole", route.id);
            return Self::unless(via, Ok(Some(why)), hops);
        }
        match (route.target, family) {
            (RouteTarget::InternetGateway, _) => internet_gateway(vpc, subnet, public, family, hops),
            (RouteTarget::NatGateway, AddressFamily::V4) => nat_gateway(vpc, route.id, hops),
            (RouteTarget::EgressOnly, AddressFamily::V6) => {
                let stopped = stopped(blocked(vpc, subnet, &["block-bidirectional"]), subnet);
                Self::unless(via, stopped, hops).with(own_blocks(vpc, subnet))
            }
            (RouteTarget::Instance | RouteTarget::NetworkInterface, AddressFamily::V4) => {
                nat_instance(vpc, &route, hops)
            }
            _ => Self::new(via, Err(beyond(&route)), hops),
        }
    }
}

fn beyond(route: &DefaultRoute<'_>) -> Unknown {
    let reason = match route.target {
        RouteTarget::Several => "routes lead different public addresses to different targets".to_owned(),
        RouteTarget::Instance | RouteTarget::NetworkInterface => {
            format!("whether {} forwards traffic to the internet is not in the snapshot", route.id)
        }
        target => format!("where {} {} leads is not in the snapshot", target.as_str(), route.id),
    };
    Unknown::undecided(reason)
}

/// What VPC Block Public Access does to the traffic of a subnet, as the reason for which a way leads nowhere.
fn stopped(blocked: Known<bool>, subnet: &str) -> Known<Option<String>> {
    let why = || format!("VPC Block Public Access stops the traffic of {subnet}");
    blocked.map(|blocked| blocked.then(why))
}

/// Whether VPC Block Public Access stops traffic of a subnet. Files older than the feature do not
/// have the field, and it is off until it is turned on.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html>
fn blocked(vpc: &Vpc<'_>, subnet: &str, modes: &[&str]) -> Known<bool> {
    let of_subnet = vpc.view.get("subnets", subnet).map(|subnet| block_mode(&subnet));
    // A subnet that is not in the snapshot follows the VPC.
    let mode = match of_subnet.unwrap_or(Ok(None))? {
        Some(mode) => Some(mode),
        None => block_mode(&vpc.view.object("vpc")?)?,
    };
    Ok(mode.is_some_and(|mode| modes.contains(&mode)))
}

/// What VPC Block Public Access stops, where it says so.
fn block_mode<'s>(item: &ResourceView<'s>) -> Known<Option<&'s str>> {
    item.optional_text_under(&["BlockPublicAccessStates", "InternetGatewayBlockMode"])
}

/// An internet gateway helps only what has a public address of its own.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html>
fn internet_gateway<'s>(
    vpc: &Vpc<'s>,
    subnet: &'s str,
    public: &Known<PublicAddresses>,
    family: AddressFamily,
    hops: Vec<Rc<FlowHop>>,
) -> Egress {
    let via = Via::Route(RouteTarget::InternetGateway);
    match blocked(vpc, subnet, &["block-bidirectional", "block-ingress"]) {
        Ok(false) if family == AddressFamily::V6 => {
            return Egress::new(via, Ok(true), hops).with(own_blocks(vpc, subnet));
        }
        Ok(false) => {}
        answer => return Egress::unless(via, stopped(answer, subnet), hops),
    }
    let changes = "EC2 gives each new node a public address from its pool".to_owned();
    match public {
        Err(unknown) => Egress::new(via, Err(unknown.clone()), hops),
        Ok(PublicAddresses::None) => {
            let why = "the default route leads to an internet gateway, and the nodes have no public address";
            Egress::unless(via, Ok(Some(why.to_owned())), hops)
        }
        Ok(PublicAddresses::Assigned) => {
            let reason = "the public addresses of the nodes are assigned when they start";
            let way = Egress::new(via, Ok(true), hops).with(Err(Unknown::undecided(reason.to_owned())));
            Egress { changes: Some(changes), ..way }
        }
        Ok(PublicAddresses::Known(known)) => {
            let address = |node: &PublicAddress| EgressAddress {
                block: node.address,
                of: node.instance.clone(),
                place: node.place.clone(),
            };
            let way = Egress::new(via, Ok(true), hops).with(Ok(known.iter().map(address).collect()));
            Egress { changes: Some(changes), ..way }
        }
    }
}

/// The IPv6 addresses of a subnet's nodes are public ones.
fn own_blocks<'s>(vpc: &Vpc<'s>, subnet: &'s str) -> Known<Vec<EgressAddress>> {
    let place = vpc.view.get("subnets", subnet)?.pointer().key("Ipv6CidrBlockAssociationSet");
    let blocks = vpc.blocks(subnet)?;
    Ok(blocks
        .iter()
        .filter(|net| AddressFamily::V6.has(net))
        .map(|block| EgressAddress { block: *block, of: subnet.to_owned(), place: place.clone() })
        .collect())
}

/// A NAT gateway must be available, public, and itself have a way to an internet gateway.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html>
fn nat_gateway(vpc: &Vpc<'_>, id: &str, mut hops: Vec<Rc<FlowHop>>) -> Egress {
    let via = Via::Route(RouteTarget::NatGateway);
    let gateway = match vpc.view.find("natGateways", id) {
        Ok(Some(gateway)) => gateway,
        // A route to a gateway that is gone says `blackhole`; this one does not.
        Ok(None) => return Egress::new(via, Err(missing_gateway(id)), hops),
        Err(unknown) => return Egress::new(via, Err(unknown), hops),
    };
    hops.push(Rc::new(FlowHop::nat_gateway(&gateway)));
    let way = Egress::unless(via, nat_fails(vpc, &gateway, id), hops).with(nat_addresses(&gateway));
    let grows = all([
        is_regional(&gateway),
        gateway.optional_text("AutoScalingIps").map(|scales| scales == Some("enabled")),
    ]);
    let changes = "the regional NAT gateway takes more addresses when it needs them".to_owned();
    match grows {
        Ok(grows) => Egress { changes: grows.then_some(changes), ..way },
        // Whether today's addresses are all of them is not known.
        Err(unknown) => way.with(Err(unknown)),
    }
}

fn missing_gateway(id: &str) -> Unknown {
    Unknown::undecided(format!("a route leads to {id}, which natGateways does not have"))
}

/// Why a NAT gateway leads nowhere, if it does not.
fn nat_fails(vpc: &Vpc<'_>, gateway: &ResourceView<'_>, id: &str) -> Known<Option<String>> {
    match gateway.text("State")? {
        "available" => {}
        "pending" => return Err(Unknown::undecided("the NAT gateway is not available yet".to_owned())),
        state => {
            return Ok(Some(format!(
                "the default route leads to the NAT gateway {id}, and its state is {state}"
            )));
        }
    }
    let kind = gateway.optional_text("ConnectivityType")?;
    if kind == Some("private") {
        return Err(Unknown::undecided(
            "where a private NAT gateway leads is not in the snapshot".to_owned(),
        ));
    }
    if is_regional(gateway)? {
        return stopped(blocked_by_vpc(vpc), "the VPC");
    }
    let subnet = gateway.id_in("subnets", "SubnetId")?;
    if let Some(why) = stopped(blocked(vpc, subnet, &["block-bidirectional"]), subnet)? {
        return Ok(Some(why));
    }
    let route = vpc.default_route(subnet, AddressFamily::V4)?;
    let stands = format!("the NAT gateway {id} is in {subnet}");
    match route.target {
        RouteTarget::None => Ok(Some(format!("{stands}, which has no default route"))),
        _ if route.is_blackhole => {
            Ok(Some(format!("{stands}, whose default route leads to {} with the state blackhole", route.id)))
        }
        RouteTarget::InternetGateway => Ok(None),
        _ => Err(beyond(&route)),
    }
}

fn blocked_by_vpc(vpc: &Vpc<'_>) -> Known<bool> {
    Ok(block_mode(&vpc.view.object("vpc")?)? == Some("block-bidirectional"))
}

/// An instance that forwards for others: only with a public address that is known.
fn nat_instance(vpc: &Vpc<'_>, route: &DefaultRoute<'_>, hops: Vec<Rc<FlowHop>>) -> Egress {
    let via = Via::Route(route.target);
    let unknown = || Egress::new(via, Err(beyond(route)), hops.clone());
    let instance =
        vpc.view.find("instances", route.id).ok().flatten().map(|item| (item, &["PublicIpAddress"][..]));
    let interface = || vpc.view.find("networkInterfaces", route.id).ok().flatten();
    let interface = || interface().map(|item| (item, &["Association", "PublicIp"][..]));
    let Some((item, path)) = instance.or_else(interface) else { return unknown() };
    let Ok(Some(text)) = item.optional_text_under(path) else { return unknown() };
    let place = path.iter().fold(item.pointer(), |place, key| place.key(key));
    let addresses = cidr::address(text, place.as_str()).map(|address| {
        vec![EgressAddress { block: address.into(), of: route.id.to_owned(), place: place.clone() }]
    });
    let leads = item.id_in("subnets", "SubnetId").and_then(|subnet| is_public(vpc, &vpc.table(subnet)?));
    // Whether the instance really forwards is not in the snapshot.
    let leads = leads.and_then(|public| if public { Ok(true) } else { Err(beyond(route)) });
    Egress::new(via, leads, hops).with(addresses)
}
