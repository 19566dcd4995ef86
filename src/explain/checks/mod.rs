//! See it yourself: the commands by which a person sees each flow on the running cluster, and what they print where the
//! verdict is right.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>,
//! <https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html>

mod command;
mod endpoint;
mod kubectl;
mod nodes;
mod pods;
mod shell;

use super::{Flow, Listed};
use crate::facts::flows::Flows;
use crate::facts::flows::api_server::ApiServerFlow;
use crate::facts::network::Network;
use crate::facts::network::nodes::NodePlacement;
use crate::facts::view::SnapshotView;
use crate::snapshot::ClusterType;
use endpoint::EndpointValues;

pub use command::{CheckCommand, CommandPart};
pub(super) use pods::of_port;

/// A command, and what it prints where the verdict is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowCheck {
    /// Where to run it.
    pub at: CheckPlace,
    /// The command.
    pub command: CheckCommand,
    /// What is seen where the verdict is right, and what would contradict it.
    pub prints: String,
}

/// Where a command is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckPlace {
    /// Where kubectl and the AWS CLI work.
    Anywhere,
    /// On a node of the flow.
    Node,
    /// Outside the VPC.
    Outside,
    /// Inside the VPC.
    Inside,
    /// In a network that is connected to the VPC.
    Connected,
}

impl CheckPlace {
    /// The word that programs compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anywhere => "anywhere",
            Self::Node => "node",
            Self::Outside => "outside-vpc",
            Self::Inside => "inside-vpc",
            Self::Connected => "connected-network",
        }
    }

    /// As people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Anywhere => "where you have the AWS CLI and kubectl",
            Self::Node => "on the node",
            Self::Outside => "outside the VPC",
            Self::Inside => "on a machine in the VPC",
            Self::Connected => "in the connected network",
        }
    }
}

/// Commands that are not about one flow.
#[derive(Clone, Debug, Default)]
pub struct SharedChecks {
    /// What the other commands need: that kubectl talks to this cluster, and the addresses of the control plane's
    /// network interfaces, which they print.
    pub cluster: Vec<FlowCheck>,
    /// A. Nodes that the snapshot does not describe.
    pub more_to_kubelets: Vec<FlowCheck>,
    /// B. The same.
    pub more_to_api_server: Vec<FlowCheck>,
    /// Pods that call the API server.
    pub from_pods: Vec<FlowCheck>,
}

/// What all commands of a cluster need.
pub(super) struct Checks<'a, 's> {
    view: SnapshotView<'s>,
    endpoint: EndpointValues,
    flows: &'a Flows<'s>,
}

impl<'a, 's> Checks<'a, 's> {
    pub(super) fn new(view: SnapshotView<'s>, network: &Network<'s>, flows: &'a Flows<'s>) -> Self {
        Self { view, endpoint: EndpointValues::of(view, network, flows), flows }
    }

    /// Whether there is a control plane in AWS to look at.
    fn has_control_plane(&self) -> bool {
        self.view.snapshot.kind == ClusterType::Eks
    }

    /// Adds the commands to the flows of kubelets, which are in the order of the facts.
    pub(super) fn add_to_node_flows(&self, to_kubelets: &mut Listed<Flow>, to_api_server: &mut Listed<Flow>) {
        let ways = self.flows.to_api_server.as_deref().unwrap_or_default();
        let shell_of = |at: usize, nodes: &NodePlacement<'_>| {
            let leads_out = |way: &ApiServerFlow<'_>| way.egress.iter().any(|way| way.leads != Ok(false));
            shell::of(self.view, nodes, ways.get(at).is_none_or(leads_out))
        };
        // Both are in the order of the nodes.
        for (at, (flow, fact)) in to_kubelets.items.iter_mut().zip(&self.flows.to_kubelets).enumerate() {
            let shell = shell_of(at, &fact.nodes);
            flow.checks = nodes::to_kubelet(&self.endpoint, &shell, &fact.verdict);
        }
        for (at, (flow, fact)) in to_api_server.items.iter_mut().zip(ways).enumerate() {
            let shell = shell_of(at, &fact.flow.nodes);
            flow.checks =
                nodes::to_api_server(&self.endpoint, &shell, &fact.flow.verdict, &fact.flow.addresses);
        }
    }

    /// Adds them to the flows of kubectl.
    pub(super) fn add_to_kubectl(&self, flows: &mut Listed<Flow>) {
        for flow in &mut flows.items {
            flow.checks = kubectl::checks(&self.endpoint, flow);
        }
    }

    /// The commands that are not about one flow. Given are the nodes from which pods do not certainly get to the API
    /// server, if pods are on the page.
    pub(super) fn shared(
        &self,
        to_kubelets: &Listed<Flow>,
        to_api_server: &Listed<Flow>,
        stopped_pods: Option<&[String]>,
    ) -> SharedChecks {
        if !self.has_control_plane() {
            return SharedChecks::default();
        }
        let more = |flows: &Listed<Flow>, of_any: fn(&EndpointValues) -> Vec<FlowCheck>| {
            let (is_first, has_more) = (flows.items.is_empty(), !flows.more.is_empty());
            let list = has_more.then(|| nodes::list(is_first));
            let any = if is_first && has_more { of_any(&self.endpoint) } else { Vec::new() };
            list.into_iter().chain(any).collect()
        };
        SharedChecks {
            cluster: vec![self.endpoint.kubeconfig(), self.endpoint.interfaces()],
            more_to_kubelets: more(to_kubelets, nodes::to_any_kubelet),
            more_to_api_server: more(to_api_server, nodes::from_any_kubelet),
            from_pods: stopped_pods
                .map(|stopped| pods::to_api_server(&self.endpoint, stopped))
                .unwrap_or_default(),
        }
    }
}
