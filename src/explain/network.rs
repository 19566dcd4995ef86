//! The network of a cluster: the VPC endpoints that it needs, the subnets that it uses, and the
//! security groups that are open to the internet.

use super::{Flow, Listed};
use crate::facts::cidrs::InternetFamilies;
use crate::facts::known::Known;
use crate::facts::network::Network;
use crate::facts::network::openings::{JointOpening, JointOpenings};
use crate::facts::network::resources::{self, SecurityGroupFacts, SubnetFacts};
use crate::facts::network::routes::DefaultRoute;
use crate::facts::network::security_groups::SecurityGroupRule;
use crate::facts::network::users::Users;
use crate::facts::network::vpc_endpoints::{EndpointInTheWay, NeededEndpoint};
use crate::facts::{EndpointState, RouteTarget};
use crate::snapshot::Unknown;
use crate::value::Pointer;
use std::rc::Rc;

/// A VPC endpoint that nodes without a way to the internet need.
#[derive(Clone, Debug)]
pub struct VpcEndpoint {
    /// `ecr.api`
    pub service: &'static str,
    /// Whether nodes can use it.
    pub state: Known<EndpointState>,
    /// What is wrong, in a sentence.
    pub reason: String,
    /// Who needs it.
    pub needed_by: &'static str,
    /// The endpoint, or the VPC; none if the document has neither.
    pub place: Option<Pointer>,
}

/// A VPC endpoint that nodes with a way to the internet cannot use, though the name of the service, or the
/// route to it, leads there.
#[derive(Clone, Debug)]
pub struct ShuttingEndpoint {
    /// `ecr.api`
    pub service: &'static str,
    /// What is wrong, in a sentence.
    pub reason: String,
    /// Who needs the service.
    pub needed_by: &'static str,
    /// The endpoint.
    pub place: Pointer,
}

/// A subnet.
#[derive(Clone, Debug)]
pub struct UsedSubnet {
    /// `subnet-…`
    pub id: String,
    /// Titles of who uses it.
    pub used_by: Known<Vec<String>>,
    /// Whether a route leads straight to an internet gateway.
    pub is_public: Known<bool>,
    /// Where packets to public IPv4 addresses go.
    pub default_route: Known<SubnetRoute>,
    /// Where packets to public IPv6 addresses go.
    pub default_route_ipv6: Known<SubnetRoute>,
    /// Where the subnet is in the document.
    pub place: Pointer,
}

/// The default route of a subnet.
#[derive(Clone, Debug)]
pub struct SubnetRoute {
    /// What it leads to.
    pub target: RouteTarget,
    /// The id of that.
    pub id: String,
    /// Whether its state is `blackhole`.
    pub is_blackhole: bool,
    /// Where the route is; the table, if there is none.
    pub place: Pointer,
}

impl From<DefaultRoute<'_>> for SubnetRoute {
    fn from(route: DefaultRoute<'_>) -> Self {
        Self {
            target: route.target,
            id: route.id.to_owned(),
            is_blackhole: route.is_blackhole,
            place: route.place,
        }
    }
}

/// A security group that is open to the internet.
#[derive(Clone, Debug)]
pub struct OpenGroup {
    /// `sg-…`
    pub id: String,
    /// Titles of who uses it.
    pub used_by: Known<Vec<String>>,
    /// What it lets in from the internet.
    pub openings: Known<Vec<Opening>>,
}

/// A port range that is open to the internet.
#[derive(Clone, Debug)]
pub struct Opening {
    /// As written: `tcp`, `-1`.
    pub protocol: String,
    /// The first port.
    pub from_port: i64,
    /// The last port.
    pub to_port: i64,
    /// The block or the prefix list; several, if they are the internet together.
    pub source: String,
    /// Whether that is the internet.
    pub from_internet: Known<bool>,
    /// Where it is in the document.
    pub place: Pointer,
}

/// The VPC endpoints that are needed. If none is, because no node lacks a way out, that holds only
/// for the nodes that are known.
pub(super) fn vpc_endpoints(
    needed: Known<Vec<NeededEndpoint>>,
    nodes: &Listed<Flow>,
) -> Known<Vec<VpcEndpoint>> {
    let endpoint = |needed: NeededEndpoint| VpcEndpoint {
        service: needed.service,
        state: needed.state,
        reason: needed.reason,
        needed_by: needed.needed_by,
        place: Some(needed.place).filter(|place| !place.is_root()),
    };
    match (needed?, nodes.more.first()) {
        (needed, Some(unknown)) if needed.is_empty() => Err(unknown.clone()),
        (needed, _) => Ok(needed.into_iter().map(endpoint).collect()),
    }
}

/// The VPC endpoints that shut nodes out which have a way to the internet.
pub(super) fn shutting_endpoints(
    found: Known<Vec<Known<EndpointInTheWay>>>,
) -> Known<Listed<ShuttingEndpoint>> {
    let mut listed = Listed { items: Vec::new(), more: Vec::new() };
    for endpoint in found? {
        match endpoint {
            Ok(EndpointInTheWay { service, reason, needed_by, place }) => {
                listed.items.push(ShuttingEndpoint { service, reason, needed_by, place });
            }
            Err(unknown) => listed.more.push(unknown),
        }
    }
    Ok(listed)
}

/// The subnets that the cluster uses, or may use.
pub(super) fn subnets<'s>(network: &Network<'s>, users: &Users<'_, 's>) -> Known<Vec<UsedSubnet>> {
    let subnet = |facts: SubnetFacts<'s>| UsedSubnet {
        id: facts.id.to_owned(),
        used_by: owned(facts.used_by),
        is_public: facts.is_public,
        default_route: facts.default_route.map(SubnetRoute::from),
        default_route_ipv6: facts.default_route_ipv6.map(SubnetRoute::from),
        place: facts.subnet.pointer(),
    };
    Ok(resources::subnets(network, users)?.filter(SubnetFacts::may_be_used).map(subnet).collect())
}

/// The security groups in use that let the internet in, or may do.
pub(super) fn open_groups<'s>(network: &Network<'s>, users: &Users<'_, 's>) -> Known<Vec<OpenGroup>> {
    let group = |facts: SecurityGroupFacts<'s>| {
        let openings = openings(network, &facts);
        let is_used = facts.is_in_use != Ok(false);
        let is_open = openings.as_ref().map_or(true, |openings| !openings.is_empty());
        let (id, used_by) = (facts.id.to_owned(), owned(facts.used_by));
        (is_used && is_open).then_some(OpenGroup { id, used_by, openings })
    };
    let openings = JointOpenings::of(network);
    Ok(resources::security_groups(network, users, &openings)?.filter_map(group).collect())
}

fn openings<'s>(network: &Network<'s>, facts: &SecurityGroupFacts<'s>) -> Known<Vec<Opening>> {
    let opening = |rule: &SecurityGroupRule<'s>| Opening {
        protocol: rule.protocol.to_owned(),
        from_port: rule.ports.0,
        to_port: rule.ports.1,
        source: rule.peer.as_ref().map_or("?", |peer| peer.value()).to_owned(),
        from_internet: rule.internet(network.vpc.view).map(InternetFamilies::any),
        place: rule.pointer(&facts.group),
    };
    let joint = |opening: &JointOpening<'s>| Opening {
        protocol: opening.protocol.to_owned(),
        from_port: opening.ports.0,
        to_port: opening.ports.1,
        source: opening.title(),
        from_internet: opening.internet().map(InternetFamilies::any),
        place: opening.place(),
    };
    let rules = facts.ingress.as_ref().map_err(Unknown::clone)?;
    let known = rules.iter().flatten().map(opening).chain(facts.joint.iter().flatten().map(joint));
    let open: Vec<_> = known.filter(|opening| opening.from_internet != Ok(false)).collect();
    let unread = rules.iter().find_map(|rule| rule.as_ref().err());
    match unread.or(facts.joint.iter().find_map(|opening| opening.as_ref().err())) {
        Some(unread) if open.is_empty() => Err(unread.clone()),
        _ => Ok(open),
    }
}

fn owned(titles: Known<Vec<Rc<str>>>) -> Known<Vec<String>> {
    titles.map(|titles| titles.iter().map(|title| title.to_string()).collect())
}
