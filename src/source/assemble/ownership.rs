//! Whose a resource is: a cluster has what is in its VPC, and what something of it names. Which of
//! these a section follows stands in `sections.json`.

use super::piece::{ClusterContext, Piece, PieceItem};
use crate::snapshot::Section;
use crate::snapshot::node_tags::clusters_of;
use crate::snapshot::section::{Membership, SectionScope};
use crate::value::Json;
use std::collections::HashSet;

/// What a cluster is known by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ownership<'a, 't> {
    /// The cluster.
    pub(super) cluster: &'a ClusterContext<'t>,
    /// Its position.
    pub(super) at: usize,
    /// Every string in its sections so far: what a resource is called that one of them names.
    pub(super) named: &'a HashSet<&'t str>,
}

impl<'t> Ownership<'_, 't> {
    /// Whether a piece is about this cluster, its VPC, region or account.
    pub(super) fn covers(&self, piece: &Piece<'t>) -> bool {
        let is_about = piece.about.contains(&self.at);
        match piece.section.scope {
            _ if piece.is_asked() => is_about,
            SectionScope::Cluster if !piece.items.is_empty() => {
                piece.items.iter().any(|item| item.cluster == Some(self.at))
            }
            SectionScope::Vpc if !piece.items.is_empty() => {
                piece.items.iter().any(|item| self.in_vpc(&item.node))
            }
            SectionScope::Vpc => self.cluster.vpc.is_some() && is_about,
            SectionScope::Account => {
                let theirs = piece.items.iter().find_map(|item| account(&item.node));
                match (theirs, &self.cluster.identity.account) {
                    (Some(theirs), Some(ours)) => theirs == ours,
                    _ => is_about,
                }
            }
            SectionScope::Cluster | SectionScope::Region => is_about,
        }
    }

    /// Whether a resource is the cluster's.
    pub(super) fn owns(&self, piece: &Piece<'t>, item: &PieceItem<'t>, covers: bool) -> bool {
        let (section, node) = (piece.section, &item.node);
        match section.membership() {
            Membership::Scope => match section.scope {
                SectionScope::Cluster => item.cluster == Some(self.at),
                SectionScope::Vpc => self.in_vpc(node) && !is_deleted(node),
                SectionScope::Region | SectionScope::Account => covers,
            },
            Membership::Named => self.names(section, node),
            Membership::Node => {
                // Where AWS was asked, it was for nodes and for what may reach the API server.
                let own = || self.is_node(node) || piece.is_asked() && !self.is_of_others(node);
                self.in_vpc(node) && own()
            }
            Membership::Interface => {
                // Files have all interfaces of a VPC; answers, those of all clusters in it.
                let own = || !piece.is_asked() || self.is_own_interface(section, node);
                self.in_vpc(node) && !is_deleted(node) && own()
            }
            Membership::Role => self.names(section, node) || self.is_trusted_by(node),
            Membership::Issuer => covers && is_of_eks(node),
            Membership::LogGroup => covers && (self.is_own_log(node) || self.names(section, node)),
        }
    }

    /// Whether a section of the cluster names the resource.
    fn names(&self, section: &Section, node: &Json<'t>) -> bool {
        let text = |field: &String| node.get(field).and_then(|node| node.as_str());
        section.named_as.iter().filter_map(text).any(|text| self.named.contains(text))
    }

    fn in_vpc(&self, node: &Json<'t>) -> bool {
        vpcs(node).iter().any(|vpc| self.cluster.vpc == Some(vpc))
    }

    /// Whether an instance is a node of this cluster and is there.
    fn is_node(&self, instance: &Json<'t>) -> bool {
        let state = instance.at(&["State", "Name"]).and_then(|node| node.as_str());
        matches!(state, None | Some("pending" | "running"))
            && clusters_of(instance).any(|name| name == self.cluster.name())
    }

    /// Whether an instance is a node of another cluster.
    fn is_of_others(&self, instance: &Json<'t>) -> bool {
        clusters_of(instance).any(|name| name != self.cluster.name())
    }

    /// The interfaces that EKS made for the cluster, those in its group, and those that routes lead to.
    fn is_own_interface(&self, section: &Section, interface: &Json<'t>) -> bool {
        let description = interface.get("Description").and_then(|text| text.as_str()).unwrap_or_default();
        let cluster = self.cluster.node;
        let group = cluster.and_then(|node| node.at(&["resourcesVpcConfig", "clusterSecurityGroupId"]));
        let groups = interface.get("Groups").and_then(|groups| groups.as_list()).unwrap_or_default();
        let in_group = group.is_some() && groups.iter().any(|one| one.get("GroupId") == group);
        let by_eks = description.strip_prefix("Amazon EKS ") == Some(self.cluster.name());
        by_eks || in_group || self.names(section, interface)
    }

    /// Whether a role trusts the service accounts of this cluster.
    fn is_trusted_by(&self, role: &Json<'t>) -> bool {
        let Some(issuer) = self.cluster.issuer().filter(|issuer| !issuer.is_empty()) else { return false };
        let mut texts = HashSet::new();
        if let Some(trust) = role.get("AssumeRolePolicyDocument") {
            strings(trust, &mut texts);
        }
        texts.iter().any(|text| text.contains(issuer))
    }

    /// EKS logs to `/aws/eks/CLUSTER/cluster`, and its add-ons beside it.
    fn is_own_log(&self, group: &Json<'t>) -> bool {
        let group = group.get("logGroupName").and_then(|node| node.as_str()).unwrap_or_default();
        let cluster = group.strip_prefix("/aws/eks/").and_then(|rest| rest.split('/').next());
        cluster == Some(self.cluster.name())
    }
}

/// The account in a resource's ARN.
fn account<'t>(node: &Json<'t>) -> Option<&'t str> {
    let arn = node.get("Arn")?.as_str()?;
    let is_id = |account: &&str| !account.is_empty() && account.bytes().all(|byte| byte.is_ascii_digit());
    arn.split(':').nth(4).filter(is_id)
}

/// Issuers of EKS are called `oidc.eks.REGION.amazonaws.com` and `oidc-eks.REGION.api.aws`.
fn is_of_eks(provider: &Json<'_>) -> bool {
    let text = |field: &str| provider.get(field).and_then(|node| node.as_str()).unwrap_or_default();
    [text("Arn"), text("Url")].iter().any(|text| text.contains("oidc.eks.") || text.contains("oidc-eks."))
}

/// The VPCs that a resource names.
pub(crate) fn vpcs<'t>(node: &Json<'t>) -> Vec<&'t str> {
    let id = |node: &Json<'t>| node.get("VpcId").and_then(|node| node.as_str());
    let attachments = node.get("Attachments").and_then(|node| node.as_list()).unwrap_or_default();
    let ends = ["RequesterVpcInfo", "AccepterVpcInfo"].into_iter().filter_map(|end| node.get(end));
    id(node)
        .into_iter()
        .chain(attachments.iter().filter_map(id))
        .chain(ends.filter_map(|end| id(&end)))
        .collect()
}

/// Every string in a value.
pub(super) fn strings<'t>(node: Json<'t>, found: &mut HashSet<&'t str>) {
    match node {
        Json::Str(text) => {
            found.insert(text);
        }
        Json::List(items) => items.iter().for_each(|item| strings(*item, found)),
        Json::Object(object) => object.entries().iter().for_each(|(_, node)| strings(*node, found)),
        _ => {}
    }
}

/// Gateways, peerings and endpoints are still listed for a while after they are gone.
fn is_deleted(node: &Json<'_>) -> bool {
    let state = node.get("State").or_else(|| node.at(&["Status", "Code"])).and_then(|state| state.as_str());
    state == Some("deleted")
}
