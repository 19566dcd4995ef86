//! Where nodes run: the node groups, Fargate profiles and instances of a cluster, subnet by subnet,
//! with the security groups and addresses that they have there.

use super::cidr;
use super::connection::Peer;
use super::instances::{self, private_addresses, security_groups};
use super::launch_template::{self, assigns_public_address, planned_groups};
use super::vpc::Vpc;
use crate::facts::known::Known;
use crate::facts::view::{ResourceView, SnapshotView};
use crate::snapshot::{Unknown, UnknownKind};
use crate::value::Pointer;
use ipnet::IpNet;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a kubelet runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {
    /// A managed node group.
    Nodegroup,
    /// A Fargate profile.
    FargateProfile,
    /// Self-managed nodes, and those of Karpenter and EKS Auto Mode.
    Instance,
}

impl NodeKind {
    /// The word that rules compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nodegroup => "nodegroup",
            Self::FargateProfile => "fargate-profile",
            Self::Instance => "instance",
        }
    }

    /// As people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Nodegroup => "node group",
            Self::FargateProfile => "Fargate profile",
            Self::Instance => "nodes",
        }
    }
}

/// Nodes of one kind and name in one subnet.
#[derive(Clone, Debug)]
pub(crate) struct NodePlacement<'s> {
    pub(crate) kind: NodeKind,
    pub(crate) name: &'s str,
    pub(crate) subnet: &'s str,
    /// Where the snapshot says that they are in this subnet.
    pub(crate) place: Pointer,
    pub(crate) security_groups: Known<Vec<&'s str>>,
    /// The private addresses that they have, or may get.
    pub(crate) addresses: Known<Rc<[IpNet]>>,
    pub(crate) public: Known<PublicAddresses>,
    /// One of them that runs, if the snapshot has one.
    pub(crate) running: Option<ResourceView<'s>>,
}

/// The public addresses of nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicAddresses {
    /// Nodes have none.
    None,
    /// Running nodes have these.
    Known(Vec<PublicAddress>),
    /// Nodes will get one each from Amazon's pool when they start.
    Assigned,
}

/// The public address of a running node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicAddress {
    pub(crate) instance: String,
    pub(crate) address: IpNet,
    pub(crate) place: Pointer,
}

impl<'s> NodePlacement<'s> {
    /// Whose nodes they are, as a text: "node group workers".
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.kind.title(), self.name)
    }

    /// As the other end of a connection.
    pub(crate) fn peer(&self) -> Peer<'s> {
        Peer { security_groups: self.security_groups.clone(), addresses: self.addresses.clone() }
    }
}

/// The tags with the name under which people know a node: its node group, node pool or Auto Scaling
/// group.
const OWNER_TAGS: [&str; 4] =
    [NODEGROUP_TAG, "karpenter.sh/nodepool", "eks:kubernetes-node-pool-name", "aws:autoscaling:groupName"];

/// The tag with the name of the managed node group that a node is of.
pub(crate) const NODEGROUP_TAG: &str = "eks:nodegroup-name";

/// The name under which people know a node that no managed node group is for.
pub(crate) fn owner<'s>(node: &ResourceView<'s>) -> &'s str {
    let tag = |key: &&str| node.tag(key).ok().flatten();
    OWNER_TAGS.iter().find_map(tag).or_else(|| node.key()).unwrap_or_default()
}

/// All nodes of a snapshot.
pub(super) fn all<'s>(vpc: &Vpc<'s>) -> Vec<NodePlacement<'s>> {
    let view = vpc.view;
    let running = instances::nodes(view);
    let by_nodegroup = by_nodegroup(&running);
    let nodegroups: Vec<_> = view.items("nodegroups").collect();
    let mut placements: Vec<_> =
        nodegroups.iter().flat_map(|nodegroup| of_nodegroup(vpc, nodegroup, &by_nodegroup)).collect();
    placements.extend(view.items("fargateProfiles").flat_map(|profile| of_profile(vpc, &profile)));
    let managed: Vec<_> = nodegroups.iter().filter_map(ResourceView::key).collect();
    placements.extend(of_instances(vpc, &running, &managed));
    placements
}

/// Why there may be more.
pub(super) fn more(view: SnapshotView<'_>) -> Vec<Unknown> {
    let missing =
        ["nodegroups", "fargateProfiles", "instances"].into_iter().filter_map(|name| view.more(name));
    // Whose nodes the instances are, and where groups and nodes are.
    let unnamed =
        view.items("instances").next().and_then(|_| view.cluster().and_then(|c| c.text("name")).err());
    let placeless = ["nodegroups", "fargateProfiles"].into_iter().flat_map(|section| {
        view.items(section).filter_map(|item| item.ids_under("subnets", &["subnets"]).err())
    });
    let running =
        instances::nodes(view).into_iter().filter_map(|node| node.id_in("subnets", "SubnetId").err());
    missing.chain(unnamed).chain(instances::more_nodes(view)).chain(placeless).chain(running).collect()
}

/// Hybrid nodes are in networks that no snapshot describes; nothing is missing from this one.
pub(super) fn remote_nodes(view: SnapshotView<'_>) -> Option<Unknown> {
    let path = ["remoteNetworkConfig", "remoteNodeNetworks"];
    let reason =
        "hybrid nodes reach the API server from networks outside AWS, which the snapshot does not describe";
    let unknown = Unknown { kind: UnknownKind::NotApplicable, ..Unknown::undecided(reason.to_owned()) };
    match view.cluster().ok()?.list_under(&path) {
        Ok(remote) => (!remote.is_empty()).then_some(unknown),
        Err(unread) => Some(unread),
    }
}

/// Running nodes by the name of their node group and their subnet.
type RunningNodes<'s> = FxHashMap<(&'s str, &'s str), Vec<ResourceView<'s>>>;

fn by_nodegroup<'s>(running: &[ResourceView<'s>]) -> RunningNodes<'s> {
    let mut managed = RunningNodes::default();
    for node in running {
        if let (Ok(Some(nodegroup)), Ok(subnet)) =
            (node.tag(NODEGROUP_TAG), node.id_in("subnets", "SubnetId"))
        {
            managed.entry((nodegroup, subnet)).or_default().push(*node);
        }
    }
    managed
}

/// The nodes of a node group: in a subnet with running ones as they are, in another one as the
/// launch template and the subnet would make them.
fn of_nodegroup<'s>(
    vpc: &Vpc<'s>,
    nodegroup: &ResourceView<'s>,
    running: &RunningNodes<'s>,
) -> Vec<NodePlacement<'s>> {
    let Some(name) = nodegroup.key() else { return Vec::new() };
    let template = launch_template::of_nodegroup(vpc.view, nodegroup);
    let template = || template.clone();
    let planned = template().and_then(|template| planned_groups(vpc.view, nodegroup, template));
    let planned_public = |subnet| {
        let assigned = assigns_public_address(vpc.view, template()?, subnet)?;
        Ok(if assigned { PublicAddresses::Assigned } else { PublicAddresses::None })
    };
    let placement = |(subnet, place): (&'s str, Pointer)| {
        let nodes = running.get(&(name, subnet)).map(Vec::as_slice).unwrap_or_default();
        let (security_groups, public, addresses) = match nodes {
            [] => (planned.clone(), planned_public(subnet), vpc.blocks(subnet)),
            [first, ..] => (security_groups(first), public_of(nodes), addresses_of(nodes)),
        };
        let (kind, running) = (NodeKind::Nodegroup, nodes.first().copied());
        NodePlacement { kind, name, subnet, place, security_groups, addresses, public, running }
    };
    subnets_of(nodegroup).map(placement).collect()
}

/// The subnets that a node group or a Fargate profile names, each with its place.
fn subnets_of<'s>(item: &ResourceView<'s>) -> impl Iterator<Item = (&'s str, Pointer)> + use<'s> {
    // What cannot be read of the list is said by `more`.
    let subnets = item.list("subnets").unwrap_or_default();
    let (place, item) = (item.pointer().key("subnets"), *item);
    subnets.iter().enumerate().filter_map(move |(at, node)| {
        let id = item.as_id("subnets", &["subnets"], *node).ok();
        Some((id?, place.index(at)))
    })
}

fn addresses_of(nodes: &[ResourceView<'_>]) -> Known<Rc<[IpNet]>> {
    nodes.iter().map(private_addresses).collect::<Known<Vec<_>>>().map(|nets| nets.concat().into())
}

/// The public addresses of running nodes. One node without any decides: it cannot use an internet
/// gateway, whatever the others do.
fn public_of(nodes: &[ResourceView<'_>]) -> Known<PublicAddresses> {
    let mut known = Vec::new();
    for node in nodes {
        let Some(text) = node.optional_text("PublicIpAddress")? else {
            return Ok(PublicAddresses::None);
        };
        let address = IpNet::from(cidr::address(text, "/instances/*/PublicIpAddress")?);
        let instance = node.key().unwrap_or_default().to_owned();
        known.push(PublicAddress { instance, address, place: node.pointer().key("PublicIpAddress") });
    }
    Ok(PublicAddresses::Known(known))
}

/// Pods on Fargate have the cluster security group and no public address.
/// <https://docs.aws.amazon.com/eks/latest/userguide/fargate.html>
fn of_profile<'s>(vpc: &Vpc<'s>, profile: &ResourceView<'s>) -> Vec<NodePlacement<'s>> {
    let Some(name) = profile.key() else { return Vec::new() };
    let security_groups =
        vpc.view.vpc_config_id("securityGroups", "clusterSecurityGroupId").map(|own| vec![own]);
    let placement = |(subnet, place): (&'s str, Pointer)| NodePlacement {
        kind: NodeKind::FargateProfile,
        name,
        subnet,
        place,
        security_groups: security_groups.clone(),
        addresses: vpc.blocks(subnet),
        public: Ok(PublicAddresses::None),
        running: None,
    };
    subnets_of(profile).map(placement).collect()
}

/// What running nodes outside managed node groups have in common to be one placement.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Alike<'s> {
    owner: &'s str,
    subnet: &'s str,
    security_groups: Vec<&'s str>,
    /// Whether they have a public address, where that is known.
    public: Option<bool>,
}

/// Nodes outside managed node groups, those of one owner, subnet and set of security groups
/// together.
fn of_instances<'s>(vpc: &Vpc<'s>, running: &[ResourceView<'s>], managed: &[&str]) -> Vec<NodePlacement<'s>> {
    let mut alike: BTreeMap<Alike<'s>, Vec<ResourceView<'s>>> = BTreeMap::new();
    for node in running {
        // Its tags are known: they say that it is a node. Without a subnet it is among `more`.
        let tag = |key: &str| node.tag(key).ok().flatten();
        let is_managed = tag(NODEGROUP_TAG).is_some_and(|name| managed.contains(&name));
        let Some(subnet) = node.id_in("subnets", "SubnetId").ok().filter(|_| !is_managed) else { continue };
        let alike = alike.entry(Alike {
            owner: owner(node),
            subnet,
            security_groups: security_groups(node).unwrap_or_default(),
            public: node.optional_text("PublicIpAddress").map(|address| address.is_some()).ok(),
        });
        alike.or_default().push(*node);
    }
    let placement = |(alike, nodes): (Alike<'s>, Vec<ResourceView<'s>>)| NodePlacement {
        kind: NodeKind::Instance,
        name: alike.owner,
        subnet: alike.subnet,
        place: nodes[0].pointer().key("SubnetId"),
        security_groups: match alike.security_groups {
            none if none.is_empty() => security_groups(&nodes[0]),
            groups => Ok(groups),
        },
        addresses: addresses_of(&nodes).or_else(|_| vpc.blocks(alike.subnet)),
        public: public_of(&nodes),
        running: nodes.first().copied(),
    };
    alike.into_iter().map(placement).collect()
}
