//! API server → kubelet: from the network interfaces that EKS puts into the cluster's subnets to
//! port 10250 of the nodes, for logs, exec and port forwarding.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html>

use super::endpoint::ApiServerEndpoint;
use super::flow::{FlowHop, HopKind, NodeFlow, Verdict, Via};
use super::path;
use crate::facts::known::Known;
use crate::facts::network::connection::KUBELET;
use crate::facts::network::control_plane::{ControlPlane, ControlPlaneSubnet};
use crate::facts::network::nodes::NodePlacement;
use crate::facts::network::vpc::Vpc;
use crate::facts::view::SnapshotView;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// The steps that the flows to all kubelets share: the control plane's subnets, and security groups.
pub(crate) struct KubeletHops<'s> {
    view: SnapshotView<'s>,
    subnets: Vec<Rc<FlowHop>>,
    groups: RefCell<FxHashMap<&'s str, Rc<FlowHop>>>,
}

/// Works out the flow to the kubelets of some nodes.
pub(crate) fn flow<'s>(
    vpc: &Vpc<'s>,
    endpoint: &Known<ApiServerEndpoint>,
    control_plane: &ControlPlane<'s>,
    nodes: &NodePlacement<'s>,
    hops: &KubeletHops<'s>,
) -> NodeFlow<'s> {
    // Where the control plane is not in AWS there are no interfaces to start from.
    let passes = endpoint.as_ref().map_err(Clone::clone);
    let passes = passes.and_then(|_| path::to_nodes(vpc, control_plane, nodes, KUBELET));
    let verdict = passes.map(|passes| if passes { Verdict::InVpc } else { Verdict::Blocked });
    let reason = match &verdict {
        Ok(Verdict::InVpc) => "the control plane's interfaces reach 10250 on the nodes".to_owned(),
        Ok(_) => {
            "security groups or network ACLs do not let the control plane reach 10250 on the nodes".to_owned()
        }
        Err(unknown) => unknown.reason.clone(),
    };
    NodeFlow {
        nodes: nodes.clone(),
        verdict,
        via: Via::ControlPlaneInterface,
        reason,
        addresses: Vec::new(),
        hops: hops.to(nodes),
    }
}

impl<'s> KubeletHops<'s> {
    pub(crate) fn of(view: SnapshotView<'s>, control_plane: &ControlPlane<'s>) -> Self {
        let subnets = control_plane.subnets.as_deref().unwrap_or_default().iter();
        let hop = |subnet: &ControlPlaneSubnet<'s>| {
            let id = subnet.id;
            let text = format!("EKS may put its network interfaces into {id}");
            Rc::new(FlowHop::new(HopKind::Subnet, id, text, subnet.place.clone()))
        };
        Self { view, subnets: subnets.map(hop).collect(), groups: RefCell::default() }
    }

    /// Those on the way to some nodes.
    fn to(&self, nodes: &NodePlacement<'s>) -> Vec<Rc<FlowHop>> {
        let groups = nodes.security_groups.as_deref().unwrap_or_default().iter();
        self.subnets.iter().cloned().chain(groups.map(|id| self.group(id))).collect()
    }

    fn group(&self, id: &'s str) -> Rc<FlowHop> {
        let hop = || {
            let place = self.view.get("securityGroups", id).map(|group| group.pointer()).ok();
            let text = format!("{id} decides what reaches 10250");
            Rc::new(FlowHop::new(HopKind::SecurityGroup, id, text, place))
        };
        Rc::clone(self.groups.borrow_mut().entry(id).or_insert_with(hop))
    }
}
