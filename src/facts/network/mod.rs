//! The network of a cluster: its subnets with their routes, its security groups and network ACLs,
//! who uses them, and the ends of its traffic.

pub(super) mod acl;
pub(super) mod cidr;
pub(super) mod endpoints;
pub(super) mod groups;
pub(super) mod render;
pub(super) mod routes;
pub(super) mod users;
pub(super) mod vpc;
pub(super) mod workers;

use super::view::SnapshotView;
use crate::snapshot::Unknown;
use vpc::Vpc;
use workers::{ControlPlane, Worker};

/// What the facts about networks and traffic share: worked out once for a snapshot.
#[derive(Debug)]
pub(super) struct Network<'s> {
    pub(super) vpc: Vpc<'s>,
    pub(super) plane: ControlPlane<'s>,
    pub(super) workers: Vec<Worker<'s>>,
    /// Why there may be workers that are not in the snapshot.
    pub(super) more: Vec<Unknown>,
    /// Why nothing can be said about nodes outside AWS, if there are any.
    pub(super) remote: Option<Unknown>,
}

impl<'s> Network<'s> {
    pub(super) fn of(view: SnapshotView<'s>) -> Self {
        let vpc = Vpc::of(view);
        Self {
            plane: ControlPlane::of(&vpc),
            workers: workers::all(&vpc),
            more: workers::more(view),
            remote: workers::remote_nodes(view),
            vpc,
        }
    }
}
