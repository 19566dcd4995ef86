//! API server → kubelet: from the network interfaces that EKS puts into the cluster's subnets to
//! port 10250 of the nodes, for logs, exec and port forwarding.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html>

use super::super::known::Known;
use super::super::network::groups::KUBELET;
use super::super::network::vpc::Vpc;
use super::super::network::workers::{ControlPlane, Worker};
use super::super::view::SnapshotView;
use super::endpoint::Endpoint;
use super::{Flow, Hop, Verdict, path};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// The steps that the flows to all kubelets share: the control plane's subnets, and security groups.
pub(in crate::facts) struct Hops<'s> {
    view: SnapshotView<'s>,
    subnets: Vec<Rc<Hop>>,
    groups: RefCell<FxHashMap<&'s str, Rc<Hop>>>,
}

/// Works out the flow to a worker.
pub(in crate::facts) fn flow<'s>(
    vpc: &Vpc<'s>,
    endpoint: &Known<Endpoint>,
    plane: &ControlPlane<'s>,
    worker: &Worker<'s>,
    hops: &Hops<'s>,
) -> Flow<'s> {
    // Where the control plane is not in AWS there are no interfaces to start from.
    let passes = endpoint.as_ref().map_err(Clone::clone);
    let passes = passes.and_then(|_| path::to_worker(vpc, plane, worker, KUBELET));
    let verdict = passes.map(|passes| if passes { Verdict::InVpc } else { Verdict::Blocked });
    let reason = match &verdict {
        Ok(Verdict::InVpc) => "the control plane's interfaces reach 10250 on the nodes".to_owned(),
        Ok(_) => {
            "security groups or network ACLs do not let the control plane reach 10250 on the nodes".to_owned()
        }
        Err(unknown) => unknown.reason.clone(),
    };
    Flow {
        worker: worker.clone(),
        verdict,
        via: "network-interface",
        reason,
        addresses: Vec::new(),
        hops: hops.to(worker),
    }
}

impl<'s> Hops<'s> {
    pub(in crate::facts) fn of(view: SnapshotView<'s>, plane: &ControlPlane<'s>) -> Self {
        let subnets = plane.subnets.as_deref().unwrap_or_default().iter();
        let hop = |(id, origin): &(&'s str, String)| {
            let words = format!("EKS may put its network interfaces into {id}");
            Rc::new(Hop::new("subnet", id, words, origin))
        };
        Self { view, subnets: subnets.map(hop).collect(), groups: RefCell::default() }
    }

    /// Those on the way to a worker.
    fn to(&self, worker: &Worker<'s>) -> Vec<Rc<Hop>> {
        let groups = worker.groups.as_deref().unwrap_or_default().iter();
        self.subnets.iter().cloned().chain(groups.map(|id| self.group(id))).collect()
    }

    fn group(&self, id: &'s str) -> Rc<Hop> {
        let hop = || {
            let origin = self.view.get("securityGroups", id).map(|group| group.pointer()).unwrap_or_default();
            Rc::new(Hop::new("security-group", id, format!("{id} decides what reaches 10250"), origin))
        };
        Rc::clone(self.groups.borrow_mut().entry(id).or_insert_with(hop))
    }
}
