//! The three traffic flows between a control plane, its nodes and its users, worked out step by step
//! in three-valued logic: what is not known counts only where it can change the verdict.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>

pub(crate) mod addresses;
pub(crate) mod api_server;
mod egress;
pub(crate) mod endpoint;
pub(crate) mod flow;
pub(crate) mod hybrid;
pub(crate) mod kubectl;
mod kubelet;
mod path;
pub(crate) mod pods;
pub(super) mod render;

use crate::facts::known::{Known, any};
use crate::facts::network::Network;
use crate::facts::network::nodes::NodePlacement;
use crate::facts::network::vpc_endpoints::{self, EndpointInTheWay, EndpointState, NeededEndpoint};
use crate::snapshot::Unknown;
use api_server::ApiServerFlow;
use endpoint::ApiServerEndpoint;
use flow::NodeFlow;
use hybrid::HybridProblems;
use kubectl::KubectlAccess;
use pods::{AddonPort, PodFlow};

/// All flows of a cluster.
#[derive(Debug)]
pub(crate) struct Flows<'s> {
    pub(crate) endpoint: Known<ApiServerEndpoint>,
    pub(crate) to_kubelets: Vec<NodeFlow<'s>>,
    /// Not known where the endpoint is not.
    pub(crate) to_api_server: Known<Vec<ApiServerFlow<'s>>>,
    pub(crate) from_kubectl: Known<KubectlAccess<'s>>,
    /// Not known where the endpoint, or the family of addresses, is not.
    pub(crate) from_pods: Known<Vec<PodFlow<'s>>>,
    /// The ports of pods that add-ons need.
    pub(crate) to_pods: Vec<AddonPort<'s>>,
    /// What keeps hybrid nodes from working.
    pub(crate) hybrid: Known<HybridProblems>,
    /// Why there may be more add-ons.
    pub(crate) more_addons: Option<Unknown>,
    /// Why there may be more nodes than these.
    pub(crate) more: Vec<Unknown>,
}

impl<'s> Flows<'s> {
    /// Works out the flows of a cluster.
    pub(crate) fn of(network: &Network<'s>) -> Self {
        let (vpc, control_plane) = (&network.vpc, &network.control_plane);
        let endpoint = ApiServerEndpoint::of(vpc.view);
        let nodes = network.nodes.iter();
        let hops = kubelet::KubeletHops::of(vpc.view, control_plane);
        let to_kubelets = nodes
            .clone()
            .map(|placement| kubelet::flow(vpc, &endpoint, control_plane, placement, &hops))
            .collect();
        let shared = api_server::Shared::of(vpc.view);
        let to_api_server: Known<Vec<_>> = endpoint.as_ref().map_err(Clone::clone).map(|endpoint| {
            nodes
                .map(|placement| api_server::flow(vpc, endpoint, control_plane, placement, &shared))
                .collect()
        });
        let from_kubectl = kubectl::access(vpc, &endpoint, control_plane);
        let kubelets = to_api_server.as_deref().map_err(Clone::clone);
        let from_pods = kubelets.and_then(|kubelets| pods::to_api_server(vpc, control_plane, kubelets));
        let to_pods = pods::addon_ports(vpc, &endpoint, control_plane, &network.nodes);
        let hybrid = hybrid::problems(vpc, &endpoint, control_plane);
        let more = network.more.iter().chain(&network.remote).cloned().collect();
        Self {
            endpoint,
            to_kubelets,
            to_api_server,
            from_kubectl,
            from_pods,
            to_pods,
            hybrid,
            more_addons: vpc.view.more("addons"),
            more,
        }
    }

    /// The VPC endpoints that nodes without a way out of the VPC need.
    pub(crate) fn needed_endpoints(&self, network: &Network<'s>) -> Known<Vec<NeededEndpoint>> {
        let found = vpc_endpoints::without_egress(self.egress()?, &network.more)?;
        vpc_endpoints::needed(&network.vpc, &found)
    }

    /// The VPC endpoints that nodes with a way out cannot use, and use all the same. What nodes without a way
    /// out cannot use either is among the needed ones.
    pub(crate) fn endpoints_in_the_way(
        &self,
        network: &Network<'s>,
        needed: &Known<Vec<NeededEndpoint>>,
    ) -> Known<Vec<Known<EndpointInTheWay>>> {
        let nodes: Vec<_> =
            self.egress()?.filter(|(_, leads)| *leads != Ok(false)).map(|(nodes, _)| nodes).collect();
        let names = endpoint::amazon_resolves(network.vpc.view);
        let found = vpc_endpoints::in_the_way(&network.vpc, &nodes, network.more.first(), &names)?;
        let needed = needed.as_deref().unwrap_or_default();
        let is_told = |service| {
            needed
                .iter()
                .any(|needed| needed.service == service && needed.state == Ok(EndpointState::Unusable))
        };
        let is_new =
            |found: &Known<EndpointInTheWay>| !found.as_ref().is_ok_and(|found| is_told(found.service));
        Ok(found.into_iter().filter(is_new).collect())
    }

    /// Whether nodes in the VPC get the private addresses of the endpoint when they ask for its name.
    pub(crate) fn private_names(&self) -> Known<bool> {
        self.endpoint.as_ref().map_err(Clone::clone)?.private_names.clone()
    }

    /// The nodes, each placement with whether it has a way out of the VPC.
    fn egress(&self) -> Known<impl Iterator<Item = (&NodePlacement<'s>, Known<bool>)>> {
        let flows = self.to_api_server.as_ref().map_err(Clone::clone)?;
        let leads = |flow: &ApiServerFlow<'s>| any(flow.egress.iter().map(|way| way.leads.clone()));
        Ok(flows.iter().map(move |outgoing| (&outgoing.flow.nodes, leads(outgoing))))
    }
}
