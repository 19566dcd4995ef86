//! Where kubelets run: the node groups, Fargate profiles and instances of a cluster, subnet by
//! subnet, with the security groups and addresses that they have there. And the other end: the
//! network interfaces of the control plane.

use super::super::known::Known;
use super::super::view::{ResourceView, SnapshotView, texts};
use super::cidr;
use super::groups::Peer;
use super::vpc::Vpc;
use crate::snapshot::{Unknown, UnknownKind};
use crate::value::Node;
use ipnet::IpNet;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a kubelet runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::facts) enum Kind {
    Nodegroup,
    FargateProfile,
    /// Self-managed nodes, and those of Karpenter and EKS Auto Mode.
    Instance,
}

impl Kind {
    /// The word that rules compare with.
    pub(in crate::facts) fn as_str(self) -> &'static str {
        match self {
            Self::Nodegroup => "nodegroup",
            Self::FargateProfile => "fargate-profile",
            Self::Instance => "instance",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Nodegroup => "node group",
            Self::FargateProfile => "Fargate profile",
            Self::Instance => "nodes",
        }
    }
}

/// Kubelets of one kind and name in one subnet.
#[derive(Clone, Debug)]
pub(in crate::facts) struct Worker<'s> {
    pub(in crate::facts) kind: Kind,
    pub(in crate::facts) name: &'s str,
    pub(in crate::facts) subnet: &'s str,
    /// Where the snapshot says that they are in this subnet.
    pub(in crate::facts) origin: String,
    pub(in crate::facts) groups: Known<Vec<&'s str>>,
    pub(in crate::facts) addresses: Known<Rc<[IpNet]>>,
    pub(in crate::facts) public: Known<Public>,
}

/// The public addresses of nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::facts) enum Public {
    /// Nodes have none.
    None,
    /// Running nodes have these: instance, address, where it stands.
    Known(Vec<(String, IpNet, String)>),
    /// Nodes will get one each from Amazon's pool when they start.
    Assigned,
}

impl<'s> Worker<'s> {
    /// In words: "node group workers".
    pub(in crate::facts) fn words(&self) -> String {
        format!("{} {}", self.kind.title(), self.name)
    }

    /// As the other end of a connection.
    pub(in crate::facts) fn peer(&self) -> Peer<'s> {
        Peer { groups: self.groups.clone(), addresses: self.addresses.clone() }
    }
}

/// The interfaces through which the control plane reaches into the VPC.
/// <https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html>
#[derive(Clone, Debug)]
pub(in crate::facts) struct ControlPlane<'s> {
    /// The subnets that the cluster names.
    pub(in crate::facts) subnets: Known<Vec<(&'s str, String)>>,
    pub(in crate::facts) groups: Known<Vec<&'s str>>,
    pub(in crate::facts) addresses: Known<Rc<[IpNet]>>,
}

impl<'s> ControlPlane<'s> {
    /// As its interfaces say; where none is in the snapshot, as the cluster's configuration says.
    pub(super) fn of(vpc: &Vpc<'s>) -> Self {
        let view = vpc.view;
        let subnets = subnets(view);
        if let Some(unknown) = unnamed_interfaces(view) {
            return Self { subnets, groups: Err(unknown.clone()), addresses: Err(unknown) };
        }
        let interfaces = interfaces(view);
        if interfaces.is_empty() {
            let addresses = subnets.clone().and_then(|subnets| {
                let each = subnets.iter().map(|(id, _)| vpc.blocks(id));
                each.collect::<Known<Vec<_>>>().map(|blocks| blocks.concat().into())
            });
            return Self { groups: configured_groups(view), addresses, subnets };
        }
        let mut groups: Vec<_> = interfaces.iter().flat_map(|item| group_ids(item, "Groups")).collect();
        groups.sort_unstable();
        groups.dedup();
        let addresses = interfaces.iter().map(own_addresses).collect::<Known<Vec<_>>>();
        Self { groups: Ok(groups), addresses: addresses.map(|nets| nets.concat().into()), subnets }
    }

    /// As the other end of a connection.
    pub(in crate::facts) fn peer(&self) -> Peer<'s> {
        Peer { groups: self.groups.clone(), addresses: self.addresses.clone() }
    }
}

/// Why nobody knows which interfaces are the cluster's, if it has no name.
fn unnamed_interfaces(view: SnapshotView<'_>) -> Option<Unknown> {
    view.items("networkInterfaces").next()?;
    view.cluster().and_then(|cluster| cluster.text("name")).err()
}

/// The interfaces that EKS made for the cluster.
fn interfaces<'s>(view: SnapshotView<'s>) -> Vec<ResourceView<'s>> {
    let Some(name) = cluster_name(view) else { return Vec::new() };
    let description = format!("Amazon EKS {name}");
    let mine =
        |item: &ResourceView<'s>| item.node.get("Description").and_then(|d| d.as_str()) == Some(&description);
    view.items("networkInterfaces").filter(mine).collect()
}

fn configured_groups<'s>(view: SnapshotView<'s>) -> Known<Vec<&'s str>> {
    let own = view.vpc_config("clusterSecurityGroupId")?.as_str();
    let more = view.vpc_config("securityGroupIds").ok().and_then(|node| node.as_list()).unwrap_or_default();
    Ok(own.into_iter().chain(texts(more)).collect())
}

/// The subnets that the cluster names, with the places.
fn subnets<'s>(view: SnapshotView<'s>) -> Known<Vec<(&'s str, String)>> {
    let list = view.vpc_config("subnetIds")?.as_list().unwrap_or_default();
    let place = view.cluster()?.pointer().key("resourcesVpcConfig").key("subnetIds");
    let id = |(at, node): (usize, &Node<'s>)| Some((node.as_str()?, place.index(at).to_string()));
    Ok(list.iter().enumerate().filter_map(id).collect())
}

/// The cluster's name.
pub(in crate::facts) fn cluster_name(view: SnapshotView<'_>) -> Option<&str> {
    view.cluster().ok()?.text("name").ok()
}

/// The addresses of a subnet.
pub(super) fn subnet_blocks(view: SnapshotView<'_>, id: &str) -> Known<Vec<IpNet>> {
    let subnet = view.get("subnets", id)?;
    let v6 =
        subnet.node.get("Ipv6CidrBlockAssociationSet").and_then(|node| node.as_list()).unwrap_or_default();
    let v6 = v6
        .iter()
        .filter_map(|block| cidr::field(block, "Ipv6CidrBlock", "/subnets/*/Ipv6CidrBlockAssociationSet/*"));
    // A subnet of IPv6 alone has no CidrBlock.
    let v4 = cidr::field(&subnet.node, "CidrBlock", "/subnets/*/CidrBlock");
    let blocks: Vec<_> = v4.into_iter().chain(v6).collect::<Known<_>>()?;
    let none = || Unknown::field_absent("/subnets/*/CidrBlock", Some("ec2:DescribeSubnets".to_owned()));
    if blocks.is_empty() { Err(none()) } else { Ok(blocks) }
}

/// The private addresses of an instance or an interface.
fn own_addresses(item: &ResourceView<'_>) -> Known<Vec<IpNet>> {
    let at = format!("/{}/*/PrivateIpAddress", item.section().name);
    let v4 = item.node.get("PrivateIpAddress").and_then(|node| node.as_str());
    let v6 = item.node.get("Ipv6Address").and_then(|node| node.as_str());
    let own: Vec<_> = v4
        .into_iter()
        .chain(v6)
        .map(|text| cidr::address(text, &at).map(IpNet::from))
        .collect::<Known<_>>()?;
    if own.is_empty() { Err(Unknown::field_absent(&at, None)) } else { Ok(own) }
}

/// The ids of `[{GroupId, GroupName}]`.
fn group_ids<'s>(item: &ResourceView<'s>, field: &str) -> Vec<&'s str> {
    let groups = item.node.get(field).and_then(|node| node.as_list()).unwrap_or_default();
    groups.iter().filter_map(|group| group.get("GroupId")?.as_str()).collect()
}

/// Whether an instance is a node of the cluster, as its tags say.
pub(in crate::facts) fn is_node(instance: &ResourceView<'_>, cluster: &str) -> bool {
    are_of_node(instance.tags(), cluster)
}

/// Whether tags are those of a node of the cluster.
/// <https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html>
pub(in crate::facts) fn are_of_node<'s>(
    mut tags: impl Iterator<Item = (&'s str, &'s str)>,
    cluster: &str,
) -> bool {
    tags.any(|(key, value)| {
        let owned = key.strip_prefix("kubernetes.io/cluster/") == Some(cluster);
        owned || ["eks:cluster-name", "eks:eks-cluster-name"].contains(&key) && value == cluster
    })
}

/// The name under which people know a node: its node group, node pool or Auto Scaling group.
const OWNERS: [&str; 4] = [
    "eks:nodegroup-name",
    "karpenter.sh/nodepool",
    "eks:kubernetes-node-pool-name",
    "aws:autoscaling:groupName",
];

/// All kubelets of a snapshot.
pub(super) fn all<'s>(vpc: &Vpc<'s>) -> Vec<Worker<'s>> {
    let view = vpc.view;
    let nodes = running(view);
    let managed_nodes = by_nodegroup(&nodes);
    let groups: Vec<_> = view.items("nodegroups").collect();
    let mut workers: Vec<_> =
        groups.iter().flat_map(|group| of_nodegroup(vpc, group, &managed_nodes)).collect();
    workers.extend(view.items("fargateProfiles").flat_map(|profile| of_profile(vpc, &profile)));
    let managed: Vec<_> = groups.iter().filter_map(ResourceView::key).collect();
    workers.extend(of_instances(vpc, &nodes, &managed));
    workers
}

/// Why there may be more.
pub(super) fn more(view: SnapshotView<'_>) -> Vec<Unknown> {
    let missing =
        ["nodegroups", "fargateProfiles", "instances"].into_iter().filter_map(|name| view.more(name));
    // Whose nodes the instances are, and where groups and nodes are.
    let unnamed =
        view.items("instances").next().and_then(|_| view.cluster().and_then(|c| c.text("name")).err());
    let placeless = ["nodegroups", "fargateProfiles"]
        .into_iter()
        .flat_map(|section| view.items(section).filter_map(|item| item.list("subnets").err()));
    let nodes = running(view).into_iter().filter_map(|node| node.text("SubnetId").err());
    missing.chain(unnamed).chain(placeless).chain(nodes).collect()
}

/// Hybrid nodes are in networks that no snapshot describes; nothing is missing from this one.
pub(super) fn remote_nodes(view: SnapshotView<'_>) -> Option<Unknown> {
    let remote = view.cluster().ok()?.node.at(&["remoteNetworkConfig", "remoteNodeNetworks"])?;
    let words =
        "hybrid nodes reach the API server from networks outside AWS, which the snapshot does not describe";
    let unknown = Unknown { kind: UnknownKind::NotApplicable, ..Unknown::undecided(words.to_owned()) };
    (!remote.as_list()?.is_empty()).then_some(unknown)
}

/// The cluster's running nodes.
fn running<'s>(view: SnapshotView<'s>) -> Vec<ResourceView<'s>> {
    let Some(name) = cluster_name(view) else { return Vec::new() };
    view.items("instances").filter(|instance| is_node(instance, name)).collect()
}

/// Nodes by the name of their node group and their subnet.
type Managed<'s> = FxHashMap<(&'s str, &'s str), Vec<ResourceView<'s>>>;

fn by_nodegroup<'s>(nodes: &[ResourceView<'s>]) -> Managed<'s> {
    let mut managed = Managed::default();
    for node in nodes {
        if let (Some(group), Some(subnet)) = (node.tag("eks:nodegroup-name"), subnet_of(node)) {
            managed.entry((group, subnet)).or_default().push(*node);
        }
    }
    managed
}

fn of_nodegroup<'s>(vpc: &Vpc<'s>, group: &ResourceView<'s>, nodes: &Managed<'s>) -> Vec<Worker<'s>> {
    let Some(name) = group.key() else { return Vec::new() };
    let subnets = group.node.get("subnets").and_then(|node| node.as_list()).unwrap_or_default();
    let place = group.pointer().key("subnets");
    let template = template(vpc.view, group);
    let template = || template.clone();
    let planned = template().and_then(|template| planned_groups(vpc.view, group, template));
    let worker = |(at, subnet): (usize, &'s str)| {
        let public = || planned_public(vpc.view, template()?, subnet);
        let (groups, public, addresses) = match nodes.get(&(name, subnet)).map(Vec::as_slice) {
            None | Some([]) => (planned.clone(), public(), vpc.blocks(subnet)),
            Some(running @ [first, ..]) => (own_groups(first), public_of(running), addresses_of(running)),
        };
        let origin = place.index(at).to_string();
        Worker { kind: Kind::Nodegroup, name, subnet, origin, groups, addresses, public }
    };
    subnets.iter().enumerate().filter_map(|(at, node)| Some((at, node.as_str()?))).map(worker).collect()
}

fn subnet_of<'s>(instance: &ResourceView<'s>) -> Option<&'s str> {
    instance.node.get("SubnetId")?.as_str()
}

fn addresses_of(nodes: &[ResourceView<'_>]) -> Known<Rc<[IpNet]>> {
    nodes.iter().map(own_addresses).collect::<Known<Vec<_>>>().map(|nets| nets.concat().into())
}

/// The public addresses of running nodes.
fn public_of(nodes: &[ResourceView<'_>]) -> Known<Public> {
    let mut known = Vec::new();
    for node in nodes {
        let Some(text) = node.node.get("PublicIpAddress").and_then(|node| node.as_str()) else {
            return Ok(Public::None);
        };
        let address = cidr::address(text, "/instances/*/PublicIpAddress")?;
        let id = node.key().unwrap_or_default().to_owned();
        known.push((id, IpNet::from(address), node.pointer().key("PublicIpAddress").to_string()));
    }
    Ok(Public::Known(known))
}

/// The launch template version that a node group uses.
fn template<'s>(view: SnapshotView<'s>, group: &ResourceView<'s>) -> Known<Option<ResourceView<'s>>> {
    let Some(template) = group.optional("launchTemplate")? else { return Ok(None) };
    let part = |name| template.get(name).and_then(|node| node.as_str());
    let (Some(id), Some(version)) = (part("id"), part("version")) else {
        return Err(Unknown::field_absent("/nodegroups/*/launchTemplate/id", None));
    };
    view.get("launchTemplateVersions", &format!("{id}:{version}")).map(Some)
}

/// The groups that new nodes get: the template's, which replace the cluster security group, else
/// that one and the one for remote access.
/// <https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html>
fn planned_groups<'s>(
    view: SnapshotView<'s>,
    group: &ResourceView<'s>,
    template: Option<ResourceView<'s>>,
) -> Known<Vec<&'s str>> {
    if let Some(template) = template {
        let own = template_groups(&template);
        if !own.is_empty() {
            return Ok(own);
        }
    }
    let cluster = view.vpc_config("clusterSecurityGroupId")?.as_str();
    let remote = group.node.at(&["resources", "remoteAccessSecurityGroup"]).and_then(|node| node.as_str());
    Ok(cluster.into_iter().chain(remote).collect())
}

fn template_groups<'s>(template: &ResourceView<'s>) -> Vec<&'s str> {
    let list = |node: Option<Node<'s>>| node.and_then(|node| node.as_list()).unwrap_or_default();
    let data = template.node.get("LaunchTemplateData");
    let interfaces = list(data.and_then(|data| data.get("NetworkInterfaces")));
    let direct = list(data.and_then(|data| data.get("SecurityGroupIds")));
    let first = interfaces.first().and_then(|interface| interface.get("Groups"));
    texts(list(first)).chain(texts(direct)).collect()
}

/// Whether new nodes get a public address: what the template says, else what the subnet does. With
/// several interfaces EC2 assigns none.
fn planned_public(view: SnapshotView<'_>, template: Option<ResourceView<'_>>, subnet: &str) -> Known<Public> {
    let data = template.as_ref().and_then(|template| template.node.get("LaunchTemplateData"));
    let interfaces = data.and_then(|data| data.get("NetworkInterfaces")).and_then(|node| node.as_list());
    let own = match interfaces.unwrap_or_default() {
        [] => None,
        [only] => only.get("AssociatePublicIpAddress").and_then(|node| node.as_bool()),
        _ => Some(false),
    };
    let assigned = match own {
        Some(own) => own,
        None => view.get("subnets", subnet)?.flag("MapPublicIpOnLaunch")?,
    };
    Ok(if assigned { Public::Assigned } else { Public::None })
}

/// Pods on Fargate have the cluster security group and no public address.
/// <https://docs.aws.amazon.com/eks/latest/userguide/fargate.html>
fn of_profile<'s>(vpc: &Vpc<'s>, profile: &ResourceView<'s>) -> Vec<Worker<'s>> {
    let Some(name) = profile.key() else { return Vec::new() };
    let subnets = profile.node.get("subnets").and_then(|node| node.as_list()).unwrap_or_default();
    let own = vpc.view.vpc_config("clusterSecurityGroupId");
    let groups = own.map(|node| node.as_str().into_iter().collect());
    let place = profile.pointer().key("subnets");
    let worker = |(at, subnet): (usize, &'s str)| Worker {
        kind: Kind::FargateProfile,
        name,
        subnet,
        origin: place.index(at).to_string(),
        groups: Clone::clone(&groups),
        addresses: vpc.blocks(subnet),
        public: Ok(Public::None),
    };
    subnets.iter().enumerate().filter_map(|(at, node)| Some((at, node.as_str()?))).map(worker).collect()
}

/// Nodes outside managed node groups, those of one owner, subnet and set of groups together.
fn of_instances<'s>(vpc: &Vpc<'s>, nodes: &[ResourceView<'s>], managed: &[&str]) -> Vec<Worker<'s>> {
    let mut alike: BTreeMap<_, Vec<ResourceView<'s>>> = BTreeMap::new();
    for node in nodes {
        let of_group = node.tag("eks:nodegroup-name").is_some_and(|name| managed.contains(&name));
        let Some(subnet) = subnet_of(node).filter(|_| !of_group) else { continue };
        let owner = OWNERS.iter().find_map(|key| node.tag(key)).or_else(|| node.key()).unwrap_or_default();
        let is_public = node.node.get("PublicIpAddress").is_some();
        alike.entry((owner, subnet, group_ids(node, "SecurityGroups"), is_public)).or_default().push(*node);
    }
    let worker = |((name, subnet, groups, _), nodes): ((_, _, Vec<_>, _), Vec<ResourceView<'s>>)| Worker {
        kind: Kind::Instance,
        name,
        subnet,
        origin: nodes[0].pointer().key("SubnetId").to_string(),
        groups: if groups.is_empty() { own_groups(&nodes[0]) } else { Ok(groups) },
        addresses: addresses_of(&nodes).or_else(|_| vpc.blocks(subnet)),
        public: public_of(&nodes),
    };
    alike.into_iter().map(worker).collect()
}

/// An instance as the other end of a connection.
pub(super) fn peer<'s>(instance: &ResourceView<'s>) -> Peer<'s> {
    Peer { groups: own_groups(instance), addresses: own_addresses(instance).map(Rc::from) }
}

/// The groups of an instance, which has at least one.
pub(super) fn own_groups<'s>(instance: &ResourceView<'s>) -> Known<Vec<&'s str>> {
    let groups = group_ids(instance, "SecurityGroups");
    let written = instance.list("SecurityGroups")?.len();
    let none = || Unknown::field_absent("/instances/*/SecurityGroups/*/GroupId", None);
    if groups.is_empty() || groups.len() < written { Err(none()) } else { Ok(groups) }
}
