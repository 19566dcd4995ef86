//! How nodes in a subnet reach public addresses: the route, the gateway behind it, and the public
//! addresses that they then come from.

use super::super::known::Known;
use super::super::network::cidr;
use super::super::network::routes::{DefaultRoute, Target};
use super::super::network::vpc::Vpc;
use super::super::network::workers::Public;
use super::super::view::ResourceView;
use super::Hop;
use crate::snapshot::Unknown;
use ipnet::IpNet;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// A way from a subnet to public addresses, or the lack of one.
#[derive(Clone, Debug)]
pub(in crate::facts) struct WayOut {
    /// Whether packets get there.
    pub(in crate::facts) leads: Known<bool>,
    /// The word for it: the target of the route.
    pub(in crate::facts) via: &'static str,
    /// Where packets may come from, seen from outside.
    pub(in crate::facts) addresses: Known<Vec<Leaving>>,
    /// Why the next node, or the next hour, may bring other addresses.
    pub(in crate::facts) changes: Option<String>,
    pub(in crate::facts) hops: Vec<Rc<Hop>>,
}

/// A public address, or a block of them, that packets come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::facts) struct Leaving {
    pub(in crate::facts) block: IpNet,
    /// The gateway, instance or subnet that it belongs to.
    pub(in crate::facts) of: String,
    /// Where it stands.
    pub(in crate::facts) origin: String,
}

/// The ways of nodes without public addresses of their own, by subnet and family: many nodes share
/// few subnets.
#[derive(Debug, Default)]
pub(in crate::facts) struct WaysOut<'s>(RefCell<FxHashMap<(&'s str, bool), Rc<WayOut>>>);

impl<'s> WaysOut<'s> {
    /// The way of the nodes of a subnet over IPv4 or IPv6.
    pub(in crate::facts) fn of(
        &self,
        vpc: &Vpc<'s>,
        subnet: &'s str,
        public: &Known<Public>,
        v6: bool,
    ) -> Rc<WayOut> {
        let way = || Rc::new(WayOut::of(vpc, subnet, public, v6));
        match public {
            Ok(Public::None) => Rc::clone(self.0.borrow_mut().entry((subnet, v6)).or_insert_with(way)),
            _ => way(),
        }
    }
}

impl WayOut {
    fn new(via: &'static str, leads: Known<bool>, hops: Vec<Rc<Hop>>) -> Self {
        Self { leads, via, addresses: Ok(Vec::new()), changes: None, hops }
    }

    fn with(self, addresses: Known<Vec<Leaving>>) -> Self {
        Self { addresses, ..self }
    }

    /// The way of the nodes of a subnet over IPv4 or IPv6.
    fn of<'s>(vpc: &Vpc<'s>, subnet: &'s str, public: &Known<Public>, v6: bool) -> Self {
        let route = vpc.table(subnet).and_then(|table| Ok((table, vpc.default_route(subnet, v6)?)));
        let (table, route) = match route {
            Ok(found) => found,
            Err(unknown) => return Self::new("unknown", Err(unknown), Vec::new()),
        };
        let hops = [Hop::route_table(&table, subnet), Hop::route(&route, v6)].map(Rc::new).into();
        let via = route.target.as_str();
        if route.target == Target::None || route.is_blackhole {
            return Self::new(via, Ok(false), hops);
        }
        match route.target {
            Target::InternetGateway => internet_gateway(vpc, subnet, public, v6, hops),
            Target::NatGateway if !v6 => nat_gateway(vpc, route.id, hops),
            Target::EgressOnly if v6 => {
                let leads = blocked(vpc, subnet, &["block-bidirectional"]).map(|blocked| !blocked);
                Self::new(via, leads, hops).with(own_blocks(vpc, subnet))
            }
            Target::Instance | Target::NetworkInterface if !v6 => nat_instance(vpc, &route, hops),
            _ => Self::new(via, Err(beyond(&route)), hops),
        }
    }
}

fn beyond(route: &DefaultRoute<'_>) -> Unknown {
    let words = match route.target {
        Target::Several => "routes lead different public addresses to different targets".to_owned(),
        target => format!("where {} {} leads is not in the snapshot", target.as_str(), route.id),
    };
    Unknown::undecided(words)
}

/// Whether VPC Block Public Access stops traffic of a subnet. Files older than the feature do not
/// have the field, and it is off until somebody turns it on.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html>
fn blocked(vpc: &Vpc<'_>, subnet: &str, modes: &[&str]) -> Known<bool> {
    let mode = |item: ResourceView<'_>| {
        let mode = item.node.at(&["BlockPublicAccessStates", "InternetGatewayBlockMode"])?;
        Some(mode.as_str().is_some_and(|mode| modes.contains(&mode)))
    };
    match vpc.view.get("subnets", subnet).ok().and_then(mode) {
        Some(blocked) => Ok(blocked),
        None => Ok(mode(vpc.view.object("vpc")?).unwrap_or(false)),
    }
}

/// An internet gateway helps only what has a public address of its own.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html>
fn internet_gateway<'s>(
    vpc: &Vpc<'s>,
    subnet: &'s str,
    public: &Known<Public>,
    v6: bool,
    hops: Vec<Rc<Hop>>,
) -> WayOut {
    let via = Target::InternetGateway.as_str();
    match blocked(vpc, subnet, &["block-bidirectional", "block-ingress"]) {
        Ok(false) if v6 => return WayOut::new(via, Ok(true), hops).with(own_blocks(vpc, subnet)),
        Ok(false) => {}
        answer => return WayOut::new(via, answer.map(|_| false), hops),
    }
    let changes = "EC2 gives each new node a public address from its pool".to_owned();
    match public {
        Err(unknown) => WayOut::new(via, Err(unknown.clone()), hops),
        Ok(Public::None) => WayOut::new(via, Ok(false), hops),
        Ok(Public::Assigned) => {
            let words = "the public addresses of the nodes are assigned when they start";
            let way = WayOut::new(via, Ok(true), hops).with(Err(Unknown::undecided(words.to_owned())));
            WayOut { changes: Some(changes), ..way }
        }
        Ok(Public::Known(known)) => {
            let leaving = |(of, block, origin): &(String, IpNet, String)| Leaving {
                block: *block,
                of: of.clone(),
                origin: origin.clone(),
            };
            let way = WayOut::new(via, Ok(true), hops).with(Ok(known.iter().map(leaving).collect()));
            WayOut { changes: Some(changes), ..way }
        }
    }
}

/// The IPv6 addresses of a subnet's nodes are public ones.
fn own_blocks<'s>(vpc: &Vpc<'s>, subnet: &'s str) -> Known<Vec<Leaving>> {
    let origin = vpc.view.get("subnets", subnet)?.pointer().key("Ipv6CidrBlockAssociationSet").to_string();
    let blocks = vpc.blocks(subnet)?;
    Ok(blocks
        .iter()
        .filter(|net| cidr::is_v6(net))
        .map(|block| Leaving { block: *block, of: subnet.to_owned(), origin: origin.clone() })
        .collect())
}

/// A NAT gateway must be available, public, and itself have a way to an internet gateway.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html>
fn nat_gateway(vpc: &Vpc<'_>, id: &str, mut hops: Vec<Rc<Hop>>) -> WayOut {
    let via = Target::NatGateway.as_str();
    let gateway = match vpc.view.find("natGateways", id) {
        Ok(Some(gateway)) => gateway,
        Ok(None) => return WayOut::new(via, Ok(false), hops),
        Err(unknown) => return WayOut::new(via, Err(unknown), hops),
    };
    hops.push(Rc::new(Hop::nat_gateway(&gateway)));
    let way = WayOut::new(via, nat_leads(vpc, &gateway), hops).with(nat_addresses(&gateway));
    let scales = gateway.node.get("AutoScalingIps").and_then(|node| node.as_str()) == Some("enabled");
    let words = "the regional NAT gateway takes more addresses when it needs them".to_owned();
    WayOut { changes: (is_regional(&gateway) && scales).then_some(words), ..way }
}

/// Whether a NAT gateway stands in a VPC rather than in a subnet.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html>
pub(in crate::facts) fn is_regional(gateway: &ResourceView<'_>) -> bool {
    gateway.node.get("AvailabilityMode").and_then(|node| node.as_str()) == Some("regional")
}

fn nat_leads(vpc: &Vpc<'_>, gateway: &ResourceView<'_>) -> Known<bool> {
    match gateway.text("State")? {
        "available" => {}
        "pending" => return Err(Unknown::undecided("the NAT gateway is not available yet".to_owned())),
        _ => return Ok(false),
    }
    let kind = gateway.optional("ConnectivityType")?.and_then(|node| node.as_str());
    if kind == Some("private") {
        return Err(Unknown::undecided(
            "where a private NAT gateway leads is not in the snapshot".to_owned(),
        ));
    }
    if is_regional(gateway) {
        return blocked_by_vpc(vpc).map(|blocked| !blocked);
    }
    let subnet = gateway.text("SubnetId")?;
    if blocked(vpc, subnet, &["block-bidirectional"])? {
        return Ok(false);
    }
    let route = vpc.default_route(subnet, false)?;
    match route.target {
        Target::InternetGateway => Ok(!route.is_blackhole),
        Target::None => Ok(false),
        _ if route.is_blackhole => Ok(false),
        _ => Err(beyond(&route)),
    }
}

fn blocked_by_vpc(vpc: &Vpc<'_>) -> Known<bool> {
    let mode = vpc.view.object("vpc")?.node.at(&["BlockPublicAccessStates", "InternetGatewayBlockMode"]);
    Ok(mode.and_then(|mode| mode.as_str()) == Some("block-bidirectional"))
}

/// All public addresses of a NAT gateway: any of them may be the one.
pub(in crate::facts) fn nat_addresses(gateway: &ResourceView<'_>) -> Known<Vec<Leaving>> {
    let list = gateway.list("NatGatewayAddresses")?;
    let place = gateway.pointer().key("NatGatewayAddresses");
    let mut leaving = Vec::new();
    for (at, node) in list.iter().enumerate() {
        let Some(text) = node.get("PublicIp").and_then(|node| node.as_str()) else { continue };
        let address = cidr::address(text, "/natGateways/*/NatGatewayAddresses/*/PublicIp")?;
        let origin = place.index(at).key("PublicIp").to_string();
        leaving.push(Leaving {
            block: address.into(),
            of: gateway.key().unwrap_or_default().to_owned(),
            origin,
        });
    }
    match leaving.is_empty() {
        true => {
            Err(Unknown::undecided("the NAT gateway's public addresses are not in the snapshot".to_owned()))
        }
        false => Ok(leaving),
    }
}

/// An instance that forwards for others: only with a public address that is known.
fn nat_instance(vpc: &Vpc<'_>, route: &DefaultRoute<'_>, hops: Vec<Rc<Hop>>) -> WayOut {
    let via = route.target.as_str();
    let unknown = || WayOut::new(via, Err(beyond(route)), hops.clone());
    let instance =
        vpc.view.find("instances", route.id).ok().flatten().map(|item| (item, &["PublicIpAddress"][..]));
    let interface = || vpc.view.find("networkInterfaces", route.id).ok().flatten();
    let interface = || interface().map(|item| (item, &["Association", "PublicIp"][..]));
    let Some((item, path)) = instance.or_else(interface) else { return unknown() };
    let Some(text) = item.node.at(path).and_then(|node| node.as_str()) else { return unknown() };
    let place = path.iter().fold(item.pointer(), |place, key| place.key(key));
    let leaving = cidr::address(text, place.as_str()).map(|address| {
        vec![Leaving { block: address.into(), of: route.id.to_owned(), origin: place.to_string() }]
    });
    let leads = item.text("SubnetId").and_then(|subnet| vpc.table(subnet)?.is_public(vpc));
    // Whether the instance really forwards is its own business.
    let leads = leads.and_then(|public| if public { Ok(true) } else { Err(beyond(route)) });
    WayOut::new(via, leads, hops).with(leaving)
}
