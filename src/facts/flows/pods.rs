//! Pods and the API server. Pods call it through the service `kubernetes`, which leads to the control plane's network
//! interfaces whatever the endpoint's mode is; and the control plane calls those that serve webhooks and APIs.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/hybrid-nodes-concepts-kubernetes.html>

use super::api_server::ApiServerFlow;
use super::endpoint::ApiServerEndpoint;
use super::flow::Verdict;
use super::path;
use crate::facts::known::{Known, all};
use crate::facts::network::cidr::AddressFamily;
use crate::facts::network::connection::{HTTPS, Port};
use crate::facts::network::control_plane::ControlPlane;
use crate::facts::network::nodes::NodePlacement;
use crate::facts::network::vpc::Vpc;
use crate::facts::network::vpc_cni::VpcCni;
use crate::facts::view::{ResourceView, SnapshotView};
use crate::snapshot::Unknown;
use crate::value::Pointer;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The way of pods to the API server, from some nodes.
#[derive(Clone, Debug)]
pub(crate) struct PodFlow<'s> {
    pub(crate) nodes: NodePlacement<'s>,
    pub(crate) verdict: Known<Verdict>,
    /// The verdict in a sentence.
    pub(crate) reason: String,
    /// Whether the kubelets of these nodes do not get to the API server either.
    pub(crate) kubelet_too: Known<bool>,
}

/// The way of pods to the API server, with addresses of the family that the cluster has.
pub(super) fn to_api_server<'s>(
    vpc: &Vpc<'s>,
    control_plane: &ControlPlane<'s>,
    kubelets: &[ApiServerFlow<'s>],
) -> Known<Vec<PodFlow<'s>>> {
    let family = pod_family(vpc.view)?;
    let flow = |kubelet: &ApiServerFlow<'s>| {
        let nodes = &kubelet.flow.nodes;
        let passes = match family {
            AddressFamily::V4 => kubelet.admitted.clone(),
            AddressFamily::V6 => path::to_control_plane_over_ipv6(vpc, nodes, control_plane, HTTPS),
        };
        let verdict = passes.map(|passes| if passes { Verdict::InVpc } else { Verdict::Blocked });
        PodFlow {
            nodes: nodes.clone(),
            reason: reason(&verdict, family),
            verdict,
            kubelet_too: kubelet.flow.verdict.clone().map(|verdict| verdict == Verdict::Unreachable),
        }
    };
    Ok(kubelets.iter().map(flow).collect())
}

/// Pods have addresses of one family: IPv6 in an IPv6 cluster.
/// <https://docs.aws.amazon.com/eks/latest/userguide/cni-ipv6.html>
fn pod_family(view: SnapshotView<'_>) -> Known<AddressFamily> {
    // Before IPv6 clusters there was no such field.
    let family = view.cluster()?.optional_text_under(&["kubernetesNetworkConfig", "ipFamily"])?;
    Ok(if family == Some("ipv6") { AddressFamily::V6 } else { AddressFamily::V4 })
}

fn reason(verdict: &Known<Verdict>, family: AddressFamily) -> String {
    let over = if family == AddressFamily::V6 { " over IPv6, which is all that pods have" } else { "" };
    match verdict {
        Ok(Verdict::InVpc) => "the control plane's interfaces admit pods on these nodes".to_owned(),
        Ok(_) => format!(
            "security groups or network ACLs do not let pods on these nodes reach 443 on the control plane's interfaces{over}"
        ),
        Err(unknown) => unknown.reason.clone(),
    }
}

/// A port of pods that the control plane calls for the sake of an add-on.
#[derive(Clone, Debug)]
pub(crate) struct AddonPort<'s> {
    pub(crate) addon: &'s str,
    pub(crate) place: Pointer,
    /// What is served there.
    pub(crate) serves: &'static str,
    pub(crate) port: Known<i64>,
    /// Whether the control plane reaches it on every node.
    pub(crate) reachable: Known<bool>,
    /// Where it is known not to.
    pub(crate) blocked_on: Vec<String>,
    /// The answer in a sentence.
    pub(crate) reason: String,
}

#[derive(Deserialize)]
struct PortsFile {
    addons: Vec<PortRow>,
}

#[derive(Deserialize)]
struct PortRow {
    addon: String,
    port: i64,
    serves: String,
}

static PORTS: LazyLock<Vec<PortRow>> = LazyLock::new(|| {
    let text = include_str!("../../../rules/data/addon-ports.yaml");
    serde_saphyr::from_str::<PortsFile>(text).expect("an embedded file is valid").addons
});

/// The ports that the add-ons of the snapshot need. Pods may come to run on any node, so each counts.
pub(super) fn addon_ports<'s>(
    vpc: &Vpc<'s>,
    endpoint: &Known<ApiServerEndpoint>,
    control_plane: &ControlPlane<'s>,
    nodes: &[NodePlacement<'s>],
) -> Vec<AddonPort<'s>> {
    let of = |addon: ResourceView<'s>| {
        let row = addon.key().and_then(|name| PORTS.iter().find(|row| row.addon == name));
        row.map(|row| addon_port(vpc, endpoint, control_plane, nodes, &addon, row))
    };
    vpc.view.items("addons").filter_map(of).collect()
}

fn addon_port<'s>(
    vpc: &Vpc<'s>,
    endpoint: &Known<ApiServerEndpoint>,
    control_plane: &ControlPlane<'s>,
    nodes: &[NodePlacement<'s>],
    addon: &ResourceView<'s>,
    row: &'static PortRow,
) -> AddonPort<'s> {
    let port = port_of(addon, row);
    let passes = |placement: &NodePlacement<'s>| {
        // Where the control plane is not in AWS there are no interfaces to start from.
        endpoint.as_ref().map_err(Clone::clone)?;
        let port = Port { protocol: "tcp", number: port.clone()? };
        path::to_nodes(vpc, control_plane, placement, port)
    };
    let answers: Vec<_> = nodes.iter().map(|placement| (placement, passes(placement))).collect();
    let blocked = answers.iter().filter(|(_, passes)| *passes == Ok(false)).map(|(nodes, _)| nodes.title());
    let blocked_on: Vec<_> = blocked.collect::<BTreeSet<_>>().into_iter().collect();
    // Security groups for single pods, and a CNI that EKS does not manage, no snapshot shows.
    let reachable = match VpcCni::of(vpc.view) {
        Ok(cni) if cni.is_custom => Err(Unknown::undecided(
            "pods have the security groups of custom networking, which the snapshot does not show".to_owned(),
        )),
        Ok(_) => all(answers.iter().map(|(_, passes)| passes.clone())),
        Err(unknown) => Err(unknown),
    };
    AddonPort {
        addon: addon.key().unwrap_or_default(),
        place: addon.pointer(),
        serves: &row.serves,
        reason: match (&reachable, &port) {
            (Ok(true), Ok(port)) => format!("the control plane's interfaces reach {port} on the nodes"),
            (Ok(_), Ok(port)) => format!(
                "security groups or network ACLs do not let the control plane reach {port} on {}",
                blocked_on.join(", ")
            ),
            (Err(unknown), _) | (_, Err(unknown)) => unknown.reason.clone(),
        },
        blocked_on: if reachable.is_ok() { blocked_on } else { Vec::new() },
        port,
        reachable,
    }
}

/// The port that an add-on listens on. What its configuration says about ports is not read, so then it is not known.
fn port_of(addon: &ResourceView<'_>, row: &PortRow) -> Known<i64> {
    let Some(text) = addon.optional_prose("configurationValues")? else { return Ok(row.port) };
    if !text.to_ascii_lowercase().contains("port") {
        return Ok(row.port);
    }
    let name = &row.addon;
    Err(Unknown::undecided(format!(
        "the configuration of the add-on {name} may give it another port than {}",
        row.port
    )))
}
