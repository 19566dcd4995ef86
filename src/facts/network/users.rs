//! Who uses a subnet or a security group: the control plane, node groups, Fargate profiles, nodes.
//! What nobody of the cluster uses is not the cluster's business.

use super::super::known::Known;
use super::super::view::SnapshotView;
use super::Network;
use super::workers::Worker;
use crate::snapshot::Unknown;
use std::rc::Rc;

const CONTROL_PLANE: &str = "the control plane";

/// Who uses what, and why there may be more.
#[derive(Debug)]
pub(in crate::facts) struct Users<'n, 's> {
    network: &'n Network<'s>,
    /// Each worker in words.
    words: Vec<Rc<str>>,
}

impl<'n, 's> Users<'n, 's> {
    pub(in crate::facts) fn of(network: &'n Network<'s>) -> Self {
        let words = network.workers.iter().map(|worker| worker.words().into()).collect();
        Self { network, words }
    }

    /// Who is in a subnet.
    pub(in crate::facts) fn of_subnet(&self, id: &str) -> Known<Vec<Rc<str>>> {
        let subnets = self.network.plane.subnets.as_deref().unwrap_or_default();
        let plane = subnets.iter().any(|(known, _)| *known == id);
        self.list(plane, |worker| worker.subnet == id, self.network.plane.subnets.as_ref().err())
    }

    /// Who has a security group.
    pub(in crate::facts) fn of_group(&self, id: &str) -> Known<Vec<Rc<str>>> {
        let unknown = self.network.plane.groups.as_ref().err();
        let workers = self.network.workers.iter().find_map(|worker| worker.groups.as_ref().err());
        self.list(self.has_control_plane(id), |worker| has(worker, id), unknown.or(workers))
    }

    /// Whether the interfaces of the control plane have a security group.
    pub(in crate::facts) fn has_control_plane(&self, id: &str) -> bool {
        self.network.plane.groups.as_deref().unwrap_or_default().contains(&id)
    }

    /// The users in words. A list without any is known only if nobody could be missing.
    fn list(
        &self,
        plane: bool,
        uses: impl Fn(&Worker<'s>) -> bool,
        unknown: Option<&Unknown>,
    ) -> Known<Vec<Rc<str>>> {
        let mut words: Vec<Rc<str>> = plane.then(|| CONTROL_PLANE.into()).into_iter().collect();
        let workers = self.network.workers.iter().zip(&self.words);
        for (_, user) in workers.filter(|(worker, _)| uses(worker)) {
            if !words.contains(user) {
                words.push(Rc::clone(user));
            }
        }
        match unknown.or(self.network.more.first()) {
            Some(unknown) if words.is_empty() => Err(unknown.clone()),
            _ => Ok(words),
        }
    }
}

/// Whether nodes have a security group.
pub(in crate::facts) fn have_nodes(network: &Network<'_>, id: &str) -> Known<bool> {
    let workers = &network.workers;
    if workers.iter().any(|worker| has(worker, id)) {
        return Ok(true);
    }
    let unknown = workers.iter().find_map(|worker| worker.groups.as_ref().err());
    unknown.or(network.more.first()).map_or(Ok(false), |unknown| Err(unknown.clone()))
}

fn has(worker: &Worker<'_>, group: &str) -> bool {
    worker.groups.as_deref().unwrap_or_default().contains(&group)
}

/// Whether the document has no cluster: then its groups are judged by themselves.
pub(in crate::facts) fn is_without_cluster(view: SnapshotView<'_>) -> bool {
    let absent = view.section("cluster").err();
    absent.is_some_and(|unknown| unknown.kind == crate::snapshot::UnknownKind::NotInSnapshot)
        && view.section("nodegroups").is_err()
}
