//! EC2 instances and network interfaces: their addresses and security groups, and which instances are
//! nodes of the cluster.

use super::cidr;
use super::connection::Peer;
use crate::facts::known::Known;
use crate::facts::view::{ResourceView, SnapshotView};
use crate::snapshot::node_tags::cluster_of;
use ipnet::IpNet;
use std::rc::Rc;

/// The cluster's name.
pub(super) fn cluster_name(view: SnapshotView<'_>) -> Option<&str> {
    view.cluster().ok()?.text("name").ok()
}

/// Whether an instance is a node of the cluster, as its tags say.
pub(crate) fn is_node(instance: &ResourceView<'_>, cluster: &str) -> bool {
    are_of_node(instance.tags(), cluster)
}

/// Whether tags are those of a node of the cluster.
/// <https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html>
pub(crate) fn are_of_node<'s>(mut tags: impl Iterator<Item = (&'s str, &'s str)>, cluster: &str) -> bool {
    tags.any(|(key, value)| cluster_of(key, value) == Some(cluster))
}

/// The cluster's running nodes.
pub(super) fn nodes<'s>(view: SnapshotView<'s>) -> Vec<ResourceView<'s>> {
    let Some(name) = cluster_name(view) else { return Vec::new() };
    view.items("instances").filter(|instance| is_node(instance, name)).collect()
}

/// The private addresses of an instance or an interface.
pub(super) fn private_addresses(item: &ResourceView<'_>) -> Known<Vec<IpNet>> {
    let at = format!("/{}/*/PrivateIpAddress", item.section().name);
    let v4 = item.node.get("PrivateIpAddress").and_then(|node| node.as_str());
    let v6 = item.node.get("Ipv6Address").and_then(|node| node.as_str());
    let own: Vec<_> = v4
        .into_iter()
        .chain(v6)
        .map(|text| cidr::address(text, &at).map(IpNet::from))
        .collect::<Known<_>>()?;
    if own.is_empty() { Err(item.absent(&["PrivateIpAddress"])) } else { Ok(own) }
}

/// The ids of the security groups that a field lists: `[{GroupId, GroupName}]`.
pub(super) fn security_group_ids<'s>(item: &ResourceView<'s>, field: &str) -> Vec<&'s str> {
    let groups = item.node.get(field).and_then(|node| node.as_list()).unwrap_or_default();
    groups.iter().filter_map(|group| group.get("GroupId")?.as_str()).collect()
}

/// The security groups of an instance, which has at least one.
pub(super) fn security_groups<'s>(instance: &ResourceView<'s>) -> Known<Vec<&'s str>> {
    let groups = security_group_ids(instance, "SecurityGroups");
    let written = instance.list("SecurityGroups")?.len();
    let none = || instance.absent(&["SecurityGroups", "*", "GroupId"]);
    if groups.is_empty() || groups.len() < written { Err(none()) } else { Ok(groups) }
}

/// An instance as the other end of a connection.
pub(super) fn peer<'s>(instance: &ResourceView<'s>) -> Peer<'s> {
    Peer { security_groups: security_groups(instance), addresses: private_addresses(instance).map(Rc::from) }
}
