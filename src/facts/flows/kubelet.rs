//! API server → kubelet: from the network interfaces that EKS puts into the cluster's subnets to
//! port 10250 of the nodes, for logs, exec and port forwarding.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html>

use super::super::known::Known;
use super::super::network::groups::KUBELET;
use super::super::network::vpc::Vpc;
use super::super::network::workers::{ControlPlane, Worker};
use super::super::view::View;
use super::endpoint::Endpoint;
use super::{Flow, Hop, Verdict, path};

/// Works out the flow to a worker.
pub(in crate::facts) fn flow<'s>(
    vpc: &Vpc<'s>,
    endpoint: &Known<Endpoint>,
    plane: &ControlPlane<'s>,
    worker: &Worker<'s>,
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
        hops: hops(vpc.view, plane, worker),
    }
}

fn hops(view: View<'_>, plane: &ControlPlane<'_>, worker: &Worker<'_>) -> Vec<Hop> {
    let subnets = plane.subnets.as_deref().unwrap_or_default().iter();
    let mut hops: Vec<_> = subnets
        .map(|(id, origin)| {
            Hop::new("subnet", id, format!("EKS may put its network interfaces into {id}"), origin)
        })
        .collect();
    let groups = worker.groups.as_deref().unwrap_or_default().iter();
    hops.extend(groups.map(|id| {
        let origin = view.get("securityGroups", id).map(|group| group.pointer()).unwrap_or_default();
        Hop::new("security-group", id, format!("{id} decides what reaches 10250"), origin)
    }));
    hops
}
