//! Who uses a subnet or a security group: the control plane, node groups, Fargate profiles, nodes.
//! What none of them uses is not the cluster's business.

use super::Network;
use super::nodes::NodePlacement;
use crate::facts::known::Known;
use crate::facts::view::SnapshotView;
use crate::snapshot::{Unknown, UnknownKind};
use std::rc::Rc;

const CONTROL_PLANE: &str = "the control plane";

/// Who uses what, and why there may be more.
#[derive(Debug)]
pub(crate) struct Users<'n, 's> {
    network: &'n Network<'s>,
    /// The title of each placement of nodes.
    titles: Vec<Rc<str>>,
}

impl<'n, 's> Users<'n, 's> {
    pub(crate) fn of(network: &'n Network<'s>) -> Self {
        let titles = network.nodes.iter().map(|placement| placement.title().into()).collect();
        Self { network, titles }
    }

    /// Who is in a subnet.
    pub(crate) fn of_subnet(&self, id: &str) -> Known<Vec<Rc<str>>> {
        let subnets = self.network.control_plane.subnets.as_deref().unwrap_or_default();
        let plane = subnets.iter().any(|subnet| subnet.id == id);
        self.list(
            plane,
            |placement| placement.subnet == id,
            self.network.control_plane.subnets.as_ref().err(),
        )
    }

    /// Who has a security group.
    pub(crate) fn of_group(&self, id: &str) -> Known<Vec<Rc<str>>> {
        let unknown = self.network.control_plane.security_groups.as_ref().err();
        let of_nodes =
            self.network.nodes.iter().find_map(|placement| placement.security_groups.as_ref().err());
        let plane = self.network.control_plane.has_group(id) == Ok(true);
        self.list(plane, |placement| has(placement, id), unknown.or(of_nodes))
    }

    /// The users as text. A list without any is known only if none could be missing.
    fn list(
        &self,
        plane: bool,
        uses: impl Fn(&NodePlacement<'s>) -> bool,
        unknown: Option<&Unknown>,
    ) -> Known<Vec<Rc<str>>> {
        let mut users: Vec<Rc<str>> = plane.then(|| CONTROL_PLANE.into()).into_iter().collect();
        let nodes = self.network.nodes.iter().zip(&self.titles);
        for (_, user) in nodes.filter(|(placement, _)| uses(placement)) {
            if !users.contains(user) {
                users.push(Rc::clone(user));
            }
        }
        match unknown.or(self.network.more.first()) {
            Some(unknown) if users.is_empty() => Err(unknown.clone()),
            _ => Ok(users),
        }
    }
}

/// Whether nodes have a security group.
pub(crate) fn have_nodes(network: &Network<'_>, id: &str) -> Known<bool> {
    let nodes = &network.nodes;
    if nodes.iter().any(|placement| has(placement, id)) {
        return Ok(true);
    }
    let unknown = nodes.iter().find_map(|placement| placement.security_groups.as_ref().err());
    unknown.or(network.more.first()).map_or(Ok(false), |unknown| Err(unknown.clone()))
}

fn has(placement: &NodePlacement<'_>, group: &str) -> bool {
    placement.security_groups.as_deref().unwrap_or_default().contains(&group)
}

/// Whether the document has no cluster: then its groups are judged by themselves.
pub(crate) fn is_without_cluster(view: SnapshotView<'_>) -> bool {
    let absent = view.section("cluster").err();
    let kinds = [UnknownKind::NotInSnapshot, UnknownKind::NotInTemplate];
    absent.is_some_and(|unknown| kinds.contains(&unknown.kind)) && view.section("nodegroups").is_err()
}
