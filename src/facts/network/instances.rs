//! EC2 instances and network interfaces: their addresses and security groups, and which instances are
//! nodes of the cluster.

use super::cidr;
use super::connection::Peer;
use crate::facts::known::Known;
use crate::facts::view::{ResourceView, SnapshotView};
use crate::snapshot::node_tags::cluster_of;
use crate::snapshot::{Unknown, UnknownKind};
use ipnet::IpNet;
use std::rc::Rc;

/// The cluster's name.
pub(super) fn cluster_name(view: SnapshotView<'_>) -> Option<&str> {
    view.cluster().ok()?.text("name").ok()
}

/// The name of the cluster, by which its nodes are known, however the snapshot tells it.
pub(crate) fn name_of_cluster<'s>(view: SnapshotView<'s>) -> Known<&'s str> {
    view.snapshot.identity.literal_name().ok_or_else(|| unnamed_cluster(view))
}

/// Why it is not known whose an instance is, where the cluster has no name.
pub(crate) fn unnamed_cluster(view: SnapshotView<'_>) -> Unknown {
    let why = view.cluster().and_then(|cluster| cluster.text("name")).err();
    let why = why.filter(|unknown| unknown.kind == UnknownKind::UntilApply);
    why.unwrap_or_else(|| Unknown::undecided("the name of the cluster is not in the snapshot".to_owned()))
}

/// Whether an instance is a node of the cluster, as its tags say.
pub(crate) fn is_node(instance: &ResourceView<'_>, cluster: &str) -> Known<bool> {
    Ok(are_of_node(instance.tags()?.into_iter(), cluster))
}

/// Whether tags are those of a node of the cluster.
/// <https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html>
pub(crate) fn are_of_node<'s>(mut tags: impl Iterator<Item = (&'s str, &'s str)>, cluster: &str) -> bool {
    tags.any(|(key, value)| cluster_of(key, value) == Some(cluster))
}

/// Whether a node is one of EKS Auto Mode, which tags those that it starts.
/// <https://docs.aws.amazon.com/eks/latest/userguide/automode-learn-instances.html>
pub(crate) fn is_of_auto_mode(instance: &ResourceView<'_>) -> Known<bool> {
    Ok(instance
        .tags()?
        .iter()
        .any(|(key, _)| ["eks:eks-cluster-name", "eks:kubernetes-node-pool-name"].contains(key)))
}

/// Whether an instance, or an image, is of Windows. EC2 leaves the field out for everything else.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html>
pub(crate) fn runs_windows(item: &ResourceView<'_>) -> Known<bool> {
    Ok(item.optional_prose("Platform")?.is_some_and(|name| name.eq_ignore_ascii_case("windows")))
}

/// The cluster's running nodes: those that are known to be.
pub(super) fn nodes<'s>(view: SnapshotView<'s>) -> Vec<ResourceView<'s>> {
    let Some(name) = cluster_name(view) else { return Vec::new() };
    view.items("instances").filter(|instance| is_node(instance, name) == Ok(true)).collect()
}

/// Why an instance may be a node that is not known to be one.
pub(super) fn more_nodes(view: SnapshotView<'_>) -> Option<Unknown> {
    let name = cluster_name(view)?;
    view.items("instances").find_map(|instance| is_node(&instance, name).err())
}

/// The private addresses of an instance or an interface.
pub(super) fn private_addresses(item: &ResourceView<'_>) -> Known<Vec<IpNet>> {
    let mut own = Vec::new();
    for name in ["PrivateIpAddress", "Ipv6Address"] {
        let text = item.optional_text(name)?;
        let address = text.map(|text| cidr::address(text, &item.place_in_any(&[name])));
        own.extend(address.transpose()?.map(IpNet::from));
    }
    // Network interfaces list theirs.
    if item.section().name == "networkInterfaces" {
        for address in item.optional_objects(&["Ipv6Addresses", "*"])? {
            let text = address?.optional_text("Ipv6Address")?;
            let place = item.place_in_any(&["Ipv6Addresses", "*", "Ipv6Address"]);
            own.extend(text.map(|text| cidr::address(text, &place)).transpose()?.map(IpNet::from));
        }
    }
    if own.is_empty() { Err(item.absent(&["PrivateIpAddress"])) } else { Ok(own) }
}

/// The IPv6 addresses of an instance, on all its interfaces.
pub(super) fn ipv6_addresses<'s>(instance: &ResourceView<'s>) -> Known<Vec<&'s str>> {
    let mut own: Vec<_> = instance.optional_text("Ipv6Address")?.into_iter().collect();
    for interface in instance.optional_objects(&["NetworkInterfaces", "*"])? {
        for address in interface?.optional_objects(&["NetworkInterfaces", "*", "Ipv6Addresses", "*"])? {
            own.extend(address?.optional_text("Ipv6Address")?);
        }
    }
    own.dedup();
    Ok(own)
}

/// The ids of the security groups that a field lists: `[{GroupId, GroupName}]`.
pub(super) fn security_group_ids<'s>(
    item: &ResourceView<'s>,
    groups: &'static [&'static str; 2],
) -> Known<Vec<&'s str>> {
    item.objects(groups)?.map(|group| group?.id_in("securityGroups", "GroupId")).collect()
}

/// The security groups of an instance, which has at least one.
pub(super) fn security_groups<'s>(instance: &ResourceView<'s>) -> Known<Vec<&'s str>> {
    let groups = security_group_ids(instance, &["SecurityGroups", "*"])?;
    if groups.is_empty() { Err(instance.absent(&["SecurityGroups", "*", "GroupId"])) } else { Ok(groups) }
}

/// An instance as the other end of a connection.
pub(super) fn peer<'s>(instance: &ResourceView<'s>) -> Peer<'s> {
    Peer { security_groups: security_groups(instance), addresses: private_addresses(instance).map(Rc::from) }
}
