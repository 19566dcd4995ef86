//! Pods, add-ons and hybrid nodes, for people: what is on the ways of the three flows beside kubelets and kubectl.

use super::Listed;
use super::checks::{FlowCheck, of_port};
use crate::facts::flows::Flows;
use crate::facts::flows::flow::Verdict;
use crate::facts::flows::hybrid::HybridProblem;
use crate::facts::flows::pods::{AddonPort, PodFlow};
use crate::facts::known::Known;
use crate::value::Pointer;

/// The way of the pods on some nodes to the API server.
#[derive(Clone, Debug)]
pub struct PodsWay {
    /// Whose nodes they are on, in words.
    pub nodes: String,
    /// Where these are.
    pub subnet: String,
    /// What becomes of the packets.
    pub verdict: Known<Verdict>,
    /// The verdict in a sentence.
    pub reason: String,
    /// Where the snapshot says that the nodes are there.
    pub place: Pointer,
}

/// A port of pods that the control plane calls for an add-on.
#[derive(Clone, Debug)]
pub struct CalledPort {
    /// The add-on.
    pub addon: String,
    /// What is served there.
    pub serves: &'static str,
    /// The TCP port.
    pub port: Known<i64>,
    /// Whether it is reached on every node.
    pub reachable: Known<bool>,
    /// That in a sentence.
    pub reason: String,
    /// The add-on in the document.
    pub place: Pointer,
    /// The commands that show it on the running cluster.
    pub checks: Vec<FlowCheck>,
}

/// Something in the VPC that keeps hybrid nodes from working.
#[derive(Clone, Debug)]
pub struct HybridObstacle {
    /// The network that it is about.
    pub network: String,
    /// What, in a sentence.
    pub reason: String,
    /// The network in the document.
    pub place: Pointer,
}

/// From pods to the API server.
pub(super) fn from_pods(flows: &Flows<'_>) -> Listed<PodsWay> {
    let way = |flow: &PodFlow<'_>| PodsWay {
        nodes: flow.nodes.title(),
        subnet: flow.nodes.subnet.to_owned(),
        verdict: flow.verdict.clone(),
        reason: flow.reason.clone(),
        place: flow.nodes.place.clone(),
    };
    // What hides every way is said of flow B.
    let items = flows.from_pods.iter().flatten().map(way).collect();
    let unknown = flows.from_pods.as_ref().err().cloned();
    Listed { items, more: unknown.into_iter().chain(flows.more.clone()).collect() }.sorted()
}

/// The nodes from which pods do not certainly get to the API server; none where there are no such ways.
pub(super) fn stopped(ways: &Listed<PodsWay>) -> Option<Vec<String>> {
    let stopped = ways.items.iter().filter(|way| !matches!(way.verdict, Ok(Verdict::InVpc)));
    let stopped = stopped.map(|way| format!("{} in {}", way.nodes, way.subnet)).collect();
    (!ways.items.is_empty()).then_some(stopped)
}

/// From the API server to pods of add-ons.
pub(super) fn to_pods(flows: &Flows<'_>) -> Listed<CalledPort> {
    let port = |port: &AddonPort<'_>| CalledPort {
        addon: port.addon.to_owned(),
        serves: port.serves,
        port: port.port.clone(),
        reachable: port.reachable.clone(),
        reason: port.reason.clone(),
        place: port.place.clone(),
        checks: of_port(port.addon, port.serves, &port.reachable),
    };
    let items = flows.to_pods.iter().map(port).collect();
    Listed { items, more: flows.more_addons.clone().into_iter().collect() }
}

/// What keeps hybrid nodes from working; nothing if the cluster has none.
pub(super) fn hybrid(flows: &Flows<'_>) -> Known<Option<Listed<HybridObstacle>>> {
    let problems = flows.hybrid.as_ref().map_err(Clone::clone)?;
    let obstacle = |problem: &HybridProblem| HybridObstacle {
        network: problem.network.clone(),
        reason: problem.reason.clone(),
        place: problem.place.clone(),
    };
    Ok(problems.of_cluster.then(|| Listed {
        items: problems.found.iter().map(obstacle).collect(),
        more: problems.more.clone().into_iter().collect(),
    }))
}
