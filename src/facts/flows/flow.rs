//! What is said about a flow: the verdict, through what it goes, and the steps that decide.

use crate::facts::known::Known;
use crate::facts::network::cidr::AddressFamily;
use crate::facts::network::nodes::NodePlacement;
use crate::facts::network::routes::{DefaultRoute, RouteTable, RouteTarget};
use crate::facts::view::ResourceView;
use crate::value::Pointer;
use std::fmt::Display;
use std::rc::Rc;

/// What becomes of the packets of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// They stay in the VPC.
    InVpc,
    /// They leave the VPC, through a NAT or internet gateway, to a public address.
    LeavesVpc,
    /// They come from outside, and the public endpoint accepts where they come from. Of kubectl only.
    Accepted,
    /// They reach the public endpoint, which does not accept where they come from.
    LockedOut,
    /// There is no way.
    Unreachable,
    /// A security group or a network ACL stops them.
    Blocked,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::InVpc, Self::LeavesVpc, Self::Accepted, Self::LockedOut, Self::Unreachable, Self::Blocked];

    /// The word that rules and programs compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InVpc => "in-vpc",
            Self::LeavesVpc => "leaves-vpc",
            Self::Accepted => "accepted",
            Self::LockedOut => "locked-out",
            Self::Unreachable => "unreachable",
            Self::Blocked => "blocked",
        }
    }

    /// As people say it. AWS says that traffic to a public endpoint stays on Amazon's network: that
    /// it leaves the VPC is all that is claimed.
    pub fn title(self) -> &'static str {
        match self {
            Self::InVpc => "stays in the VPC",
            Self::LeavesVpc => "leaves the VPC",
            Self::Accepted => "accepted",
            Self::LockedOut => "locked out",
            Self::Unreachable => "no way",
            Self::Blocked => "blocked",
        }
    }
}

/// Through what packets go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Via {
    /// The private endpoint of the API server.
    PrivateEndpoint,
    /// The public endpoint of the API server.
    PublicEndpoint,
    /// The network interfaces of the control plane.
    ControlPlaneInterface,
    /// The target of the default route.
    Route(RouteTarget),
    /// The route is not known.
    Unknown,
}

impl Via {
    /// The word that rules and programs compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PrivateEndpoint => "private-endpoint",
            Self::PublicEndpoint => "public-endpoint",
            Self::ControlPlaneInterface => "network-interface",
            Self::Route(target) => target.as_str(),
            Self::Unknown => "unknown",
        }
    }
}

/// One flow: from or to the nodes of one kind and name in one subnet.
#[derive(Clone, Debug)]
pub(crate) struct NodeFlow<'s> {
    pub(crate) nodes: NodePlacement<'s>,
    pub(crate) verdict: Known<Verdict>,
    pub(crate) via: Via,
    /// The verdict in a sentence.
    pub(crate) reason: String,
    /// The public addresses that it comes from.
    pub(crate) addresses: Vec<String>,
    /// Shared, as many flows take the same steps.
    pub(crate) hops: Vec<Rc<FlowHop>>,
}

/// One step of a flow: what it passes, and the field that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowHop {
    /// What it is.
    pub kind: HopKind,
    /// The field or the resource.
    pub id: String,
    /// What it says, as text.
    pub text: String,
    /// Where the field is; none if it is not in the document.
    pub place: Option<Pointer>,
}

/// What a step of a flow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HopKind {
    /// A field of the API server's endpoint.
    Endpoint,
    /// What the VPC's DNS does with the name of the endpoint.
    Dns,
    /// A subnet with network interfaces of the control plane.
    Subnet,
    /// A security group.
    SecurityGroup,
    /// A route table.
    RouteTable,
    /// A route.
    Route,
    /// A NAT gateway.
    NatGateway,
}

impl HopKind {
    /// The word that rules and programs compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::Dns => "dns",
            Self::Subnet => "subnet",
            Self::SecurityGroup => "security-group",
            Self::RouteTable => "route-table",
            Self::Route => "route",
            Self::NatGateway => "nat-gateway",
        }
    }
}

impl FlowHop {
    /// A step that a place of the document decides.
    pub(crate) fn new(
        kind: HopKind,
        id: impl Display,
        text: impl Display,
        place: impl Into<Option<Pointer>>,
    ) -> Self {
        Self { kind, id: id.to_string(), text: text.to_string(), place: place.into() }
    }

    pub(super) fn route_table(table: &RouteTable<'_>, subnet: &str) -> Self {
        let how = if table.is_main() { "follows the main route table" } else { "follows its route table" };
        let id = table.id();
        Self::new(HopKind::RouteTable, id, format!("{subnet} {how} {id}"), table.pointer())
    }

    pub(super) fn route(route: &DefaultRoute<'_>, family: AddressFamily) -> Self {
        let family = match family {
            AddressFamily::V4 => "",
            AddressFamily::V6 => "IPv6 ",
        };
        let text = match route.target {
            RouteTarget::None => format!("no {family}route to public addresses"),
            RouteTarget::Several => format!("{family}routes to several targets for public addresses"),
            _ if route.is_blackhole => {
                format!("{family}default route to {}, with the state blackhole", route.id)
            }
            target => format!("{family}default route to {} {}", target.as_str(), route.id),
        };
        Self::new(HopKind::Route, route.id, text, route.place.clone())
    }

    pub(super) fn nat_gateway(gateway: &ResourceView<'_>) -> Self {
        let id = gateway.key().unwrap_or_default();
        let state = gateway.text("State").unwrap_or("in an unknown state");
        Self::new(HopKind::NatGateway, id, format!("NAT gateway {id} is {state}"), gateway.pointer())
    }
}
