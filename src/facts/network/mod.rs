//! The network of a cluster: its subnets with their routes, its security groups and network ACLs,
//! who uses them, and the ends of its traffic.
//!
//! What reads a snapshot is below [`vpc`], which keeps what was read; what asks several of them, such
//! as [`reach`], is above it.

pub(crate) mod cidr;
pub(crate) mod connection;
pub(crate) mod control_plane;
pub(crate) mod instances;
pub(crate) mod launch_template;
pub(crate) mod nat;
mod network_acls;
pub(crate) mod nodes;
pub(crate) mod openings;
mod pod_subnets;
pub(crate) mod reach;
pub(super) mod render;
pub(crate) mod resources;
pub(crate) mod routes;
pub(crate) mod security_groups;
mod tagged_groups;
pub(crate) mod users;
pub(crate) mod vpc;
pub(crate) mod vpc_cni;
pub(crate) mod vpc_endpoints;
mod zones;

use crate::facts::view::SnapshotView;
use crate::snapshot::Unknown;
use control_plane::ControlPlane;
use nodes::NodePlacement;
use vpc::Vpc;

/// What the facts about networks and traffic share: worked out once for a snapshot.
#[derive(Debug)]
pub(crate) struct Network<'s> {
    pub(crate) vpc: Vpc<'s>,
    pub(crate) control_plane: ControlPlane<'s>,
    pub(crate) nodes: Vec<NodePlacement<'s>>,
    /// Why there may be nodes that are not in the snapshot.
    pub(crate) more: Vec<Unknown>,
    /// Why nothing can be said about nodes outside AWS, if there are any.
    pub(crate) remote: Option<Unknown>,
}

impl<'s> Network<'s> {
    /// Reads the network of a snapshot.
    pub(crate) fn of(view: SnapshotView<'s>) -> Self {
        let vpc = Vpc::of(view);
        Self {
            control_plane: ControlPlane::of(&vpc),
            nodes: nodes::all(&vpc),
            more: nodes::more(view),
            remote: nodes::remote_nodes(view),
            vpc,
        }
    }
}
