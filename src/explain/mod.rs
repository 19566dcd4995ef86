//! What is understood about a cluster, for people: the facts that explain it, each flow with its
//! verdict, and the fields that decide it.
//!
//! It is made from the same typed results as the facts that rules read, and shares their types.

use crate::facts::AsOf;
use crate::facts::builder::FactBuilder;
use crate::facts::endpoint::EndpointExposure;
use crate::facts::flows::Flows;
use crate::facts::flows::addresses::scale_out;
use crate::facts::flows::flow::NodeFlow;
use crate::facts::iam::Iam;
use crate::facts::known::Known;
use crate::facts::network::Network;
use crate::facts::network::users::Users;
use crate::facts::versions::{ClusterVersion, ForcedUpgrade, Versions};
use crate::facts::view::SnapshotView;
use crate::snapshot::{ClusterType, Identity, Snapshot, Unknown, UnknownKind};
use crate::value::Pointer;
use bumpalo::Bump;
use checks::Checks;
use chrono::NaiveDate;
use context::EndpointContext;

pub use crate::facts::iam::{IdentityProblem, IdentityWay, PrincipalState, RoleUse};
pub use crate::facts::versions::calendar::SupportStatus;
pub use crate::facts::{
    EndpointMode, EndpointState, FlowHop, HopKind, NodeKind, RouteTarget, ScaleOut, Verdict, Via,
};
pub use admins::{AdminWay, ClusterAdmin};
pub use checks::{CheckCommand, CheckPlace, CommandPart, FlowCheck, SharedChecks};
pub use explained::Explained;
pub use identities::{
    AccessEntry, Identities, NotableTrust, PowerSource, ServiceAccount, Unrestricted, UsedRole,
};
pub use network::{OpenGroup, Opening, ShuttingEndpoint, SubnetRoute, UsedSubnet, VpcEndpoint};
pub use network_map::{MapEndpoint, MapNatGateway, MapSubnet, NetworkMap, PlaneInterfaces};
pub use node_roles::NodeAdmission;
pub use outlooks::{AddonOutlook, NodegroupOutlook, VersionOutlooks, version_outlooks};
pub use pods::{CalledPort, HybridObstacle, PodsWay};

mod admins;
mod checks;
mod context;
mod explained;
mod identities;
mod kubectl;
mod network;
mod network_map;
mod node_roles;
mod outlooks;
mod pods;

/// What is understood about a cluster.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The cluster.
    pub cluster: Identity,
    /// What its control plane runs on.
    pub kind: ClusterType,
    /// Its VPC.
    pub vpc: Option<String>,
    /// Its Kubernetes version.
    pub version: Known<VersionOutlook>,
    /// The versions of its node groups, those that are known.
    pub nodegroup_versions: Known<Vec<NodegroupOutlook>>,
    /// The builds of its add-ons, those that are known.
    pub addon_versions: Known<Vec<AddonOutlook>>,
    /// How far the API server's endpoint is exposed.
    pub endpoint: Known<Endpoint>,
    /// A. From the API server to the kubelets.
    pub to_kubelets: Listed<Flow>,
    /// B. From the kubelets to the API server.
    pub to_api_server: Listed<Flow>,
    /// The roles that nodes come with, and whether the API server admits them.
    pub node_roles: Known<Listed<NodeAdmission>>,
    /// C. From kubectl to the API server.
    pub from_kubectl: Listed<Flow>,
    /// From pods to the API server.
    pub from_pods: Listed<PodsWay>,
    /// From the API server to pods of add-ons.
    pub to_pods: Listed<CalledPort>,
    /// What in the VPC keeps hybrid nodes from working; none if the cluster has no networks of such nodes.
    pub hybrid: Known<Option<Listed<HybridObstacle>>>,
    /// Commands that show what is about no single flow.
    pub checks: SharedChecks,
    /// What fails when nodes come or go, though it works today.
    pub scale_out: Vec<ScaleOut>,
    /// The VPC endpoints that nodes need.
    pub vpc_endpoints: Known<Vec<VpcEndpoint>>,
    /// The VPC endpoints that shut nodes out.
    pub shutting_endpoints: Known<Listed<ShuttingEndpoint>>,
    /// The subnets that the cluster uses.
    pub subnets: Known<Vec<UsedSubnet>>,
    /// Where things are in the VPC.
    pub map: NetworkMap,
    /// The security groups in use that are open to the internet.
    pub open_groups: Known<Vec<OpenGroup>>,
    /// Service accounts with roles, the roles in use, and access entries that are left over.
    pub identities: Known<Identities>,
    /// Who may do everything in the cluster.
    pub admins: Listed<ClusterAdmin>,
}

/// How long AWS supports the Kubernetes version of a cluster, and what it will do with it.
#[derive(Clone, Debug)]
pub struct VersionOutlook {
    /// `1.36`
    pub value: String,
    /// Which support it has today.
    pub status: Known<SupportStatus>,
    /// The first day of extended support.
    pub end_of_standard_support: Known<NaiveDate>,
    /// The first day without support.
    pub end_of_extended_support: Known<NaiveDate>,
    /// From when on EKS upgrades the control plane by itself.
    pub forced_upgrade_date: Known<NaiveDate>,
    /// To which version.
    pub forced_upgrade_to: Known<String>,
    /// What happens when, in a sentence.
    pub forecast: Known<String>,
    /// Where the version is written.
    pub place: Pointer,
}

/// The API server's endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Which endpoints there are.
    pub mode: EndpointMode,
    /// Whether the public endpoint accepts the whole internet, or nearly.
    pub open_to_internet: Known<bool>,
    /// How many IPv4 addresses the public endpoint accepts.
    pub ipv4_addresses: Known<f64>,
    /// How many IPv6 networks of 64 bits the public endpoint accepts.
    pub ipv6_prefixes64: Known<f64>,
    /// The fields that say so.
    pub fields: Vec<FlowHop>,
}

/// What is known, and why there may be more.
#[derive(Clone, Debug)]
pub struct Listed<T> {
    /// What is known.
    pub items: Vec<T>,
    /// Why there may be more; each reason once.
    pub more: Vec<Unknown>,
}

impl<T> Listed<T> {
    /// With each reason once.
    fn sorted(mut self) -> Self {
        self.more.sort();
        self.more.dedup();
        self
    }
}

/// One flow.
#[derive(Clone, Debug)]
pub struct Flow {
    /// What is at the other end of the API server.
    pub end: FlowEnd,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub subnet: Option<String>,
    /// What becomes of the packets.
    pub verdict: Known<Verdict>,
    /// Through what they go.
    pub via: Via,
    /// The verdict in a sentence; empty if it is not known.
    pub reason: String,
    /// The public addresses that packets come from; for kubectl, the blocks that are accepted.
    pub addresses: Vec<String>,
    /// The steps, each with the field that decides it.
    pub hops: Vec<FlowHop>,
    /// The commands that show it on the running cluster.
    pub checks: Vec<FlowCheck>,
}

/// What is at the other end of the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FlowEnd {
    /// Kubelets.
    Nodes(NodeKind),
    /// kubectl.
    Kubectl(KubectlFrom),
}

impl FlowEnd {
    /// The word that programs compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nodes(kind) => kind.as_str(),
            Self::Kubectl(_) => "kubectl",
        }
    }

    /// As people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Nodes(kind) => kind.title(),
            Self::Kubectl(_) => "kubectl",
        }
    }
}

/// From where kubectl connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KubectlFrom {
    /// From outside the VPC.
    Outside,
    /// From inside it.
    Inside,
    /// From networks behind a peering connection, a transit gateway or a VPN.
    Connected,
}

impl KubectlFrom {
    /// As people call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Outside => "outside the VPC",
            Self::Inside => "inside the VPC",
            Self::Connected => "in networks connected to the VPC",
        }
    }
}

/// Explains one snapshot.
pub fn explain<'s>(snapshot: &'s Snapshot<'s>, as_of: AsOf, arena: &'s Bump) -> Explanation {
    let view = SnapshotView { snapshot };
    let network = Network::of(view);
    let (flows, users) = (Flows::of(&network), Users::of(&network));
    let endpoint = in_vpc(snapshot, EndpointExposure::of(view)).map(|exposure| endpoint(snapshot, &exposure));
    let context =
        EndpointContext::new(snapshot, endpoint.as_ref().ok(), flows.private_names(), &network.control_plane);
    let checks = Checks::new(view, &network, &flows);
    let (mut to_kubelets, mut to_api_server) = node_flows(&flows);
    checks.add_to_node_flows(&mut to_kubelets, &mut to_api_server);
    context.add_private_hops(&mut to_api_server, &to_kubelets, &flows.from_kubectl);
    let mut from_kubectl = kubectl::flows(&context, &flows.from_kubectl);
    checks.add_to_kubectl(&mut from_kubectl);
    let from_pods = pods::from_pods(&flows);
    let changes = flows.to_api_server.as_deref().map(scale_out);
    let iam = Iam::new(view, FactBuilder::new(arena));
    let needed = flows.needed_endpoints(&network);
    let in_the_way = flows.endpoints_in_the_way(&network, &needed);
    let versions = version_outlooks(snapshot, as_of);
    Explanation {
        cluster: snapshot.identity.clone(),
        kind: snapshot.kind,
        vpc: vpc(snapshot),
        version: versions.version,
        nodegroup_versions: versions.nodegroups,
        addon_versions: versions.addons,
        node_roles: node_roles::node_roles(&iam),
        checks: checks.shared(&to_kubelets, &to_api_server, pods::stopped(&from_pods).as_deref()),
        hybrid: pods::hybrid(&flows),
        // Why flows are not known is said beside them.
        scale_out: changes.map(|(changes, _)| changes).unwrap_or_default(),
        vpc_endpoints: network::vpc_endpoints(needed, &to_api_server),
        shutting_endpoints: network::shutting_endpoints(in_the_way),
        subnets: in_vpc(snapshot, network::subnets(&network, &users)),
        map: network_map::network_map(&network, &users),
        open_groups: in_vpc(snapshot, network::open_groups(&network, &users)),
        identities: identities::identities(view, &iam),
        admins: admins::admins(view),
        endpoint,
        to_kubelets,
        to_api_server,
        from_kubectl,
        from_pods,
        to_pods: pods::to_pods(&flows),
    }
}

/// How long AWS supports the version of a cluster.
///
/// # Errors
///
/// Why it is not known which version that is.
pub fn version_outlook(snapshot: &Snapshot<'_>, as_of: AsOf) -> Known<VersionOutlook> {
    let view = SnapshotView { snapshot };
    Versions::of(view, as_of).cluster().map(|version| outlook(snapshot, version))
}

/// The flows to and from kubelets.
fn node_flows(flows: &Flows<'_>) -> (Listed<Flow>, Listed<Flow>) {
    let mut more = flows.more.clone();
    more.sort();
    more.dedup();
    let to_kubelets = flows.to_kubelets.iter().map(flow).collect();
    match &flows.to_api_server {
        Ok(all) => {
            let outgoing = all.iter().map(|outgoing| flow(&outgoing.flow)).collect();
            (Listed { items: to_kubelets, more: more.clone() }, Listed { items: outgoing, more })
        }
        Err(unknown) => {
            // What hides every way to the API server hides the way back.
            let hidden = vec![unknown.clone()];
            let more = if flows.to_kubelets.is_empty() { hidden.clone() } else { more };
            (Listed { items: to_kubelets, more }, Listed { items: Vec::new(), more: hidden })
        }
    }
}

fn flow(flow: &NodeFlow<'_>) -> Flow {
    Flow {
        end: FlowEnd::Nodes(flow.nodes.kind),
        name: flow.nodes.name.to_owned(),
        subnet: Some(flow.nodes.subnet.to_owned()),
        via: flow.via,
        reason: if flow.verdict.is_ok() { flow.reason.clone() } else { String::new() },
        addresses: flow.addresses.clone(),
        hops: flow.hops.iter().map(|hop| (**hop).clone()).collect(),
        checks: Vec::new(),
        verdict: flow.verdict.clone(),
    }
}

fn vpc(snapshot: &Snapshot<'_>) -> Option<String> {
    let written = snapshot.cluster().and_then(|cluster| cluster.at(&["resourcesVpcConfig", "vpcId"]));
    let own = || snapshot.part_named("vpc")?.node.get_go_cased("VpcId");
    Some(written.or_else(own)?.as_written()?.to_owned())
}

/// What is in the cluster's VPC. A connected cluster has none, so nothing of it is missing.
fn in_vpc<T>(snapshot: &Snapshot<'_>, found: Known<T>) -> Known<T> {
    if snapshot.kind != ClusterType::Connected {
        return found;
    }
    let reason = "a connected cluster has no VPC configuration".to_owned();
    found.map_err(|_| Unknown { kind: UnknownKind::NotApplicable, ..Unknown::undecided(reason) })
}

fn outlook(snapshot: &Snapshot<'_>, version: ClusterVersion<'_>) -> VersionOutlook {
    let (lifecycle, forecast) = (version.lifecycle, version.forecast);
    let support = lifecycle.support.as_ref().map_err(Unknown::clone);
    let upgrade = forecast.upgrade.as_ref().map_err(Unknown::clone);
    VersionOutlook {
        value: lifecycle.value.to_owned(),
        status: lifecycle.status,
        end_of_standard_support: support.clone().map(|support| support.end_of_standard),
        end_of_extended_support: support.map(|support| support.end_of_extended),
        forced_upgrade_date: upgrade.clone().map(|upgrade| upgrade.date),
        forced_upgrade_to: upgrade.and_then(ForcedUpgrade::to_version),
        forecast: forecast.sentence,
        place: context::cluster_place(snapshot).key("version"),
    }
}

fn endpoint(snapshot: &Snapshot<'_>, exposure: &EndpointExposure<'_>) -> Endpoint {
    let accepts = &exposure.accepts;
    Endpoint {
        mode: exposure.mode,
        open_to_internet: accepts.open_to_internet(),
        ipv4_addresses: accepts.ipv4_addresses(),
        ipv6_prefixes64: accepts.ipv6_networks(),
        fields: context::endpoint_fields(snapshot),
    }
}
