//! The tags by which an EC2 instance says of which cluster it is a node.

use crate::value::Json;

/// Tags that have the cluster's name as their value: those of managed node groups and Karpenter, and of
/// EKS Auto Mode.
pub const CLUSTER_NAME: [&str; 2] = ["eks:cluster-name", "eks:eks-cluster-name"];
/// What tags start with that end with the cluster's name, as self-managed nodes have them.
pub const CLUSTER_PREFIX: &str = "kubernetes.io/cluster/";

/// The cluster that a tag names.
pub fn cluster_of<'t>(key: &'t str, value: &'t str) -> Option<&'t str> {
    if CLUSTER_NAME.contains(&key) { Some(value) } else { key.strip_prefix(CLUSTER_PREFIX) }
}

/// The clusters that an instance says it is a node of.
pub fn clusters_of<'t>(instance: &Json<'t>) -> impl Iterator<Item = &'t str> + use<'t> {
    let tags = instance.get("Tags").and_then(|node| node.as_list()).unwrap_or_default();
    tags.iter().filter_map(|tag| {
        let text = |field: &str| tag.get(field).and_then(|node| node.as_str()).unwrap_or_default();
        cluster_of(text("Key"), text("Value"))
    })
}
