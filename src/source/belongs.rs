//! Which resources of EC2 and IAM belong to a cluster: those of its VPC, and those that something
//! of the cluster names. Imports and live scans deal out by the same rules.

use crate::snapshot::Section;
use crate::value::Node;
use std::collections::HashSet;

/// What a cluster is known by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Belongs<'a, 't> {
    /// The cluster's name.
    pub(super) name: &'a str,
    /// Its VPC.
    pub(super) vpc: Option<&'a str>,
    /// The issuer of its service accounts' tokens, without `https://`.
    pub(super) issuer: Option<&'a str>,
    /// Every string in its sections so far: what a resource is called that one of them names.
    pub(super) named: &'a HashSet<&'t str>,
}

impl<'t> Belongs<'_, 't> {
    /// Whether a resource belongs to the cluster; none where its section has no rule of its own.
    pub(super) fn owns(&self, section: &Section, node: &Node<'t>) -> Option<bool> {
        Some(match section.name.as_str() {
            "instances" => self.in_vpc(node) && self.is_node(node),
            "dhcpOptions" => self.names(node, &["DhcpOptionsId"]),
            "managedPrefixLists" => self.names(node, &["PrefixListId"]),
            "flowLogs" => self.names(node, &["ResourceId"]),
            "volumes" => self.names(node, &["VolumeId"]),
            "launchTemplates" | "launchTemplateVersions" => {
                self.names(node, &["LaunchTemplateId", "LaunchTemplateName"])
            }
            "images" => self.names(node, &["ImageId"]),
            "roles" => self.names(node, &["Arn"]) || self.is_trusted_by(node),
            "users" | "policies" => self.names(node, &["Arn"]),
            "instanceProfiles" => self.names(node, &["Arn", "InstanceProfileName"]),
            "kmsKeys" => self.names(node, &["Arn", "KeyId"]),
            "listeners" => self.names(node, &["LoadBalancerArn"]),
            "addonVersions" => self.names(node, &["addonName"]),
            _ => return None,
        })
    }

    /// Whether a section of the cluster names what one of the fields says.
    pub(super) fn names(&self, node: &Node<'t>, fields: &[&str]) -> bool {
        let text = |field: &&str| node.get(field).and_then(|node| node.as_str());
        fields.iter().filter_map(text).any(|text| self.named.contains(text))
    }

    /// Whether a resource is in the cluster's VPC.
    pub(super) fn in_vpc(&self, node: &Node<'t>) -> bool {
        vpcs(node).iter().any(|vpc| self.vpc == Some(vpc))
    }

    /// Whether an instance is a node of this cluster and is there.
    fn is_node(&self, instance: &Node<'t>) -> bool {
        let state = instance.at(&["State", "Name"]).and_then(|node| node.as_str());
        matches!(state, None | Some("pending" | "running"))
            && clusters_of(instance).any(|name| name == self.name)
    }

    /// Whether a role trusts the service accounts of this cluster.
    fn is_trusted_by(&self, role: &Node<'t>) -> bool {
        let Some(issuer) = self.issuer.filter(|issuer| !issuer.is_empty()) else { return false };
        let mut texts = HashSet::new();
        if let Some(trust) = role.get("AssumeRolePolicyDocument") {
            strings(trust, &mut texts);
        }
        texts.iter().any(|text| text.contains(issuer))
    }
}

/// The clusters that an instance says it is a node of.
pub(super) fn clusters_of<'t>(instance: &Node<'t>) -> impl Iterator<Item = &'t str> {
    let tags = instance.get("Tags").and_then(|node| node.as_list()).unwrap_or_default();
    tags.iter().filter_map(|tag| {
        let text = |field: &str| tag.get(field).and_then(|node| node.as_str()).unwrap_or_default();
        match text("Key") {
            "eks:cluster-name" | "eks:eks-cluster-name" => Some(text("Value")),
            key => key.strip_prefix("kubernetes.io/cluster/"),
        }
    })
}

/// The VPCs that a resource names.
pub(super) fn vpcs<'t>(node: &Node<'t>) -> Vec<&'t str> {
    let id = |node: &Node<'t>| node.get("VpcId").and_then(|node| node.as_str());
    let attachments = node.get("Attachments").and_then(|node| node.as_list()).unwrap_or_default();
    let ends = ["RequesterVpcInfo", "AccepterVpcInfo"].into_iter().filter_map(|end| node.get(end));
    id(node)
        .into_iter()
        .chain(attachments.iter().filter_map(id))
        .chain(ends.filter_map(|end| id(&end)))
        .collect()
}

/// Every string in a value.
pub(super) fn strings<'t>(node: Node<'t>, found: &mut HashSet<&'t str>) {
    match node {
        Node::Str(text) => {
            found.insert(text);
        }
        Node::List(items) => items.iter().for_each(|item| strings(*item, found)),
        Node::Object(object) => object.entries().iter().for_each(|(_, node)| strings(*node, found)),
        _ => {}
    }
}

/// Gateways, peerings and endpoints are still listed for a while after they are gone.
pub(super) fn is_deleted(node: &Node<'_>) -> bool {
    let state = node.get("State").or_else(|| node.at(&["Status", "Code"])).and_then(|state| state.as_str());
    state == Some("deleted")
}
