//! The three traffic flows between a control plane, its nodes and its users, worked out hop by hop
//! in three-valued logic: what is not known counts only where it can change the verdict.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>

pub(super) mod api_server;
pub(super) mod endpoint;
pub(super) mod kubectl;
pub(super) mod kubelet;
pub(super) mod path;
pub(super) mod render;
pub(super) mod way_out;

use super::known::Known;
use super::network::routes::{DefaultRoute, Table, Target};
use super::network::workers::Worker;
use super::view::ResourceView;
use std::fmt::Display;
use std::rc::Rc;

/// What becomes of the packets of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// They stay in the VPC.
    InVpc,
    /// They leave the VPC, through a NAT or internet gateway, to a public address.
    LeavesVpc,
    /// They reach the public endpoint, which does not accept where they come from.
    LockedOut,
    /// There is no way.
    Unreachable,
    /// A security group or a network ACL stops them.
    Blocked,
}

impl Verdict {
    /// The word that rules compare with.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::InVpc => "in-vpc",
            Self::LeavesVpc => "leaves-vpc",
            Self::LockedOut => "locked-out",
            Self::Unreachable => "unreachable",
            Self::Blocked => "blocked",
        }
    }
}

/// One flow: from or to the kubelets of one kind and name in one subnet.
#[derive(Clone, Debug)]
pub(super) struct Flow<'s> {
    pub(super) worker: Worker<'s>,
    pub(super) verdict: Known<Verdict>,
    /// Through what: the private endpoint, or the target of the route.
    pub(super) via: &'static str,
    /// The verdict in a sentence.
    pub(super) reason: String,
    /// The public addresses that it comes from.
    pub(super) addresses: Vec<String>,
    /// Shared, as many flows take the same steps.
    pub(super) hops: Vec<Rc<Hop>>,
}

/// One step of a flow: what it passes, and the field that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hop {
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) text: String,
    /// Where the field stands.
    pub(super) origin: String,
}

impl Hop {
    fn new(kind: &'static str, id: impl Display, text: impl Display, origin: impl Display) -> Self {
        Self { kind, id: id.to_string(), text: text.to_string(), origin: origin.to_string() }
    }

    fn route_table(table: &Table<'_>, subnet: &str) -> Self {
        let how = if table.is_main() { "follows the main route table" } else { "follows its route table" };
        let id = table.id();
        Self::new("route-table", id, format!("{subnet} {how} {id}"), table.pointer())
    }

    fn route(route: &DefaultRoute<'_>, v6: bool) -> Self {
        let family = if v6 { "IPv6 " } else { "" };
        let text = match route.target {
            Target::None => format!("no {family}route to public addresses"),
            Target::Several => format!("{family}routes to several targets for public addresses"),
            _ if route.is_blackhole => format!("{family}default route to {}, which is gone", route.id),
            target => format!("{family}default route to {} {}", target.as_str(), route.id),
        };
        Self::new("route", route.id, text, &route.origin)
    }

    fn nat_gateway(gateway: &ResourceView<'_>) -> Self {
        let id = gateway.key().unwrap_or_default();
        let state = gateway.text("State").unwrap_or("in an unknown state");
        Self::new("nat-gateway", id, format!("NAT gateway {id} is {state}"), gateway.pointer())
    }
}
