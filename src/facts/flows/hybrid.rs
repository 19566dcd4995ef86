//! Hybrid nodes: whether the security groups and the route tables of the cluster let traffic with their networks pass.
//! What is outside AWS is not in a snapshot.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/hybrid-nodes-networking.html>

use super::endpoint::ApiServerEndpoint;
use crate::facts::known::{Known, all, any};
use crate::facts::network::cidr;
use crate::facts::network::connection::{Direction, HTTPS, KUBELET, Peer, Port};
use crate::facts::network::control_plane::ControlPlane;
use crate::facts::network::reach::groups_admit;
use crate::facts::network::routes::RouteTarget;
use crate::facts::network::vpc::Vpc;
use crate::facts::view::ObjectView;
use crate::snapshot::Unknown;
use crate::value::Pointer;
use ipnet::IpNet;
use std::rc::Rc;

/// Something in the VPC that keeps hybrid nodes from working.
#[derive(Clone, Debug)]
pub(crate) struct HybridProblem {
    /// The network that it is about.
    pub(crate) network: String,
    /// What, in a sentence.
    pub(crate) reason: String,
    /// The network in the document.
    pub(crate) place: Pointer,
}

/// What is wrong for hybrid nodes, and why there may be more.
#[derive(Clone, Debug, Default)]
pub(crate) struct HybridProblems {
    /// Whether the cluster has networks of hybrid nodes.
    pub(crate) of_cluster: bool,
    pub(crate) found: Vec<HybridProblem>,
    pub(crate) more: Option<Unknown>,
}

/// A network outside AWS.
struct RemoteNetwork {
    block: IpNet,
    /// Whether nodes are in it, rather than only pods.
    of_nodes: bool,
    place: Pointer,
}

/// The problems of hybrid nodes; none in a cluster without them.
pub(super) fn problems<'s>(
    vpc: &Vpc<'s>,
    endpoint: &Known<ApiServerEndpoint>,
    control_plane: &ControlPlane<'s>,
) -> Known<HybridProblems> {
    let mut problems = HybridProblems::default();
    let networks = networks(vpc)?;
    if networks.is_empty() {
        return Ok(problems);
    }
    problems.of_cluster = true;
    // Where the control plane is not in AWS there are no interfaces.
    endpoint.as_ref().map_err(Clone::clone)?;
    for network in networks {
        match network {
            Ok(network) => problems.look_at(vpc, control_plane, &network),
            Err(unknown) => problems.may_be_more(unknown),
        }
    }
    Ok(problems)
}

impl HybridProblems {
    fn may_be_more(&mut self, why: Unknown) {
        self.more.get_or_insert(why);
    }

    fn look_at<'s>(&mut self, vpc: &Vpc<'s>, control_plane: &ControlPlane<'s>, network: &RemoteNetwork) {
        let admits = |direction, port: Port| {
            let groups = control_plane.security_groups.as_ref().map_err(Clone::clone)?;
            let peer = Peer { security_groups: Ok(Vec::new()), addresses: Ok(Rc::from([network.block])) };
            groups_admit(vpc, groups, direction, port, &peer)
        };
        let (block, who) =
            (network.block, if network.of_nodes { "hybrid nodes" } else { "pods on hybrid nodes" });
        self.expect(network, admits(Direction::In, HTTPS), || {
            format!(
                "the security groups on the control plane's interfaces do not let {who} in {block} reach 443"
            )
        });
        if network.of_nodes {
            self.expect(network, admits(Direction::Out, KUBELET), || {
                format!("the security groups on the control plane's interfaces do not let it reach 10250 in {block}")
            });
        }
        match ways_back(vpc, control_plane, &block) {
            Ok(None) => {}
            Ok(Some(why)) => self.expect(network, Ok(false), || why),
            Err(unknown) => self.may_be_more(unknown),
        }
    }

    fn expect(&mut self, network: &RemoteNetwork, holds: Known<bool>, reason: impl FnOnce() -> String) {
        match holds {
            Ok(true) => {}
            Ok(false) => self.found.push(HybridProblem {
                network: network.block.to_string(),
                reason: reason(),
                place: network.place.clone(),
            }),
            Err(unknown) => self.may_be_more(unknown),
        }
    }
}

/// The networks of hybrid nodes and, if they are known to the cluster, of pods on them.
fn networks(vpc: &Vpc<'_>) -> Known<Vec<Known<RemoteNetwork>>> {
    let cluster = vpc.view.cluster()?;
    // Without hybrid nodes there is no such field.
    let Some(config) = cluster.object(&["remoteNetworkConfig"])? else { return Ok(Vec::new()) };
    let place = cluster.pointer().key("remoteNetworkConfig");
    let mut all = Vec::new();
    for (field, path, of_nodes) in FIELDS {
        for (at, network) in config.optional_objects(path)?.enumerate() {
            let place = place.key(field).index(at).key("cidrs");
            match network.and_then(|network| blocks(&network, of_nodes, &place)) {
                Ok(blocks) => all.extend(blocks),
                Err(unknown) => all.push(Err(unknown)),
            }
        }
    }
    Ok(all)
}

/// The fields with networks: their name, the way to their items, and whether nodes are in them.
const FIELDS: [(&str, &[&str; 3], bool); 2] = [
    ("remoteNodeNetworks", &["remoteNetworkConfig", "remoteNodeNetworks", "*"], true),
    ("remotePodNetworks", &["remoteNetworkConfig", "remotePodNetworks", "*"], false),
];

fn blocks(network: &ObjectView<'_>, of_nodes: bool, place: &Pointer) -> Known<Vec<Known<RemoteNetwork>>> {
    let texts = network.optional_texts("cidrs")?.into_iter().enumerate();
    let block = |(at, text): (usize, &str)| {
        let place = place.index(at);
        let block = cidr::net(text, "/cluster/remoteNetworkConfig")?;
        Ok(RemoteNetwork { block, of_nodes, place })
    };
    Ok(texts.map(block).collect())
}

/// What is wrong with the routes from the subnets of the control plane's interfaces to a network: what leads to the
/// internet never arrives in a private network. Into which of the cluster's subnets EKS puts interfaces is its choice,
/// so without the interfaces one subnet with a right route leaves the answer open.
fn ways_back<'s>(vpc: &Vpc<'s>, control_plane: &ControlPlane<'s>, network: &IpNet) -> Known<Option<String>> {
    let subnets = control_plane.subnets.as_ref().map_err(Clone::clone)?;
    let mut wrong = Vec::new();
    let mut answers = Vec::new();
    for subnet in subnets {
        let way = way(vpc, subnet.id, network);
        answers.push(way.clone().map(|way| way.is_none()));
        wrong.extend(way.ok().flatten());
    }
    match (any(answers.iter().cloned()), all(answers)) {
        (_, Ok(true)) => Ok(None),
        (Ok(false), _) => Ok(wrong.into_iter().next()),
        (Ok(true), Ok(false)) => Err(Unknown::undecided(format!(
            "only some of the cluster's subnets have a route to {network}, and EKS chooses among them"
        ))),
        (Err(unknown), _) | (_, Err(unknown)) => Err(unknown),
    }
}

/// What is wrong with the route from one subnet: nothing where it leads out of the VPC by a private way.
fn way<'s>(vpc: &Vpc<'s>, subnet: &'s str, network: &IpNet) -> Known<Option<String>> {
    let table = vpc.table(subnet)?;
    for address in [network.network(), network.broadcast()] {
        let Some((target, id, is_blackhole)) = vpc.route_to(&table, address)? else {
            return Ok(Some(format!("the route table {} of {subnet} has no route to {network}", table.id())));
        };
        let leads = match target {
            _ if is_blackhole => "to something that is gone",
            RouteTarget::InternetGateway | RouteTarget::NatGateway => "to the internet",
            RouteTarget::Local => "to the VPC itself",
            _ => continue,
        };
        return Ok(Some(format!(
            "the route table {} of {subnet} leads {network} {leads} ({id}), where no hybrid node is",
            table.id()
        )));
    }
    Ok(None)
}
