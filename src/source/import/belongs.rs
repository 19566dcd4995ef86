//! What belongs to a cluster: by its name, by its VPC, or because something of the cluster names it.

use super::collect::{Item, Piece};
use super::join::{Joiner, strings};
use super::place::{Scope, vpcs};
use crate::snapshot::Section;
use crate::value::Node;
use std::collections::HashSet;

impl<'t> Joiner<'_, 't> {
    /// Whether an answer is about this cluster, its VPC, region or account.
    pub(super) fn covers(&self, piece: &Piece<'t>) -> bool {
        let scope = Scope::of(piece.section);
        let near = || piece.about.contains(&self.at);
        match scope {
            Scope::Cluster if !piece.items.is_empty() => {
                piece.items.iter().any(|item| item.cluster == Some(self.at))
            }
            Scope::Vpc if !piece.items.is_empty() => {
                piece.items.iter().any(|item| vpcs(&item.node).iter().any(|vpc| self.is_vpc(vpc)))
            }
            Scope::Vpc => self.cluster.vpc.is_some() && near(),
            Scope::Account => match (piece.items.iter().find_map(account), &self.cluster.identity.account) {
                (Some(theirs), Some(ours)) => theirs == ours,
                _ => near(),
            },
            _ => near(),
        }
    }

    fn is_vpc(&self, vpc: &str) -> bool {
        self.cluster.vpc == Some(vpc)
    }

    /// Whether a resource belongs to this cluster.
    pub(super) fn owns(&self, section: &Section, item: &Item<'t>, covers: bool) -> bool {
        let node = &item.node;
        let named = |fields: &[&str]| {
            let text = |field: &&str| node.get(field).and_then(|node| node.as_str());
            fields.iter().filter_map(text).any(|text| self.named.contains(text))
        };
        match section.name.as_str() {
            "instances" => self.in_vpc(node) && self.is_node(node),
            "dhcpOptions" => named(&["DhcpOptionsId"]),
            "managedPrefixLists" => named(&["PrefixListId"]),
            "flowLogs" => named(&["ResourceId"]),
            "volumes" => named(&["VolumeId"]),
            "launchTemplates" | "launchTemplateVersions" => {
                named(&["LaunchTemplateId", "LaunchTemplateName"])
            }
            "images" => named(&["ImageId"]),
            "roles" => named(&["Arn"]) || self.trusts(node),
            "users" | "policies" => named(&["Arn"]),
            "instanceProfiles" => named(&["Arn", "InstanceProfileName"]),
            "openIDConnectProviders" => covers && is_of_eks(node),
            "kmsKeys" => named(&["Arn", "KeyId"]),
            "listeners" => named(&["LoadBalancerArn"]),
            "addonVersions" => named(&["addonName"]),
            "logGroups" => covers && self.logs(node),
            _ => match Scope::of(section) {
                Scope::Cluster => item.cluster == Some(self.at),
                Scope::Vpc => self.in_vpc(node) && !is_deleted(node),
                Scope::Region | Scope::Account => covers,
            },
        }
    }

    fn in_vpc(&self, node: &Node<'t>) -> bool {
        vpcs(node).iter().any(|vpc| self.is_vpc(vpc))
    }

    /// Whether an instance is a node of this cluster and is there.
    fn is_node(&self, instance: &Node<'t>) -> bool {
        let name = self.cluster.identity.name.as_deref().unwrap_or_default();
        let is_ours = |tag: &Node<'_>| {
            let text = |field: &str| tag.get(field).and_then(|node| node.as_str()).unwrap_or_default();
            match text("Key") {
                "eks:cluster-name" | "eks:eks-cluster-name" => text("Value") == name,
                key => key.strip_prefix("kubernetes.io/cluster/") == Some(name),
            }
        };
        let state = instance.at(&["State", "Name"]).and_then(|node| node.as_str());
        let tags = instance.get("Tags").and_then(|node| node.as_list()).unwrap_or_default();
        tags.iter().any(is_ours) && matches!(state, None | Some("pending" | "running"))
    }

    /// Whether a role trusts the service accounts of this cluster.
    fn trusts(&self, role: &Node<'t>) -> bool {
        let issuer = || {
            let issuer = self.cluster.node?.at(&["identity", "oidc", "issuer"])?.as_str()?;
            Some(issuer.trim_start_matches("https://"))
        };
        let (Some(issuer), Some(trust)) = (issuer(), role.get("AssumeRolePolicyDocument")) else {
            return false;
        };
        let mut texts = HashSet::new();
        strings(trust, &mut texts);
        !issuer.is_empty() && texts.iter().any(|text| text.contains(issuer))
    }

    fn logs(&self, group: &Node<'t>) -> bool {
        let name = self.cluster.identity.name.as_deref().unwrap_or_default();
        let group = group.get("logGroupName").and_then(|node| node.as_str()).unwrap_or_default();
        let eks = group.strip_prefix("/aws/eks/").and_then(|rest| rest.split('/').next());
        eks == Some(name) || self.named.contains(group)
    }
}

fn account<'t>(item: &Item<'t>) -> Option<&'t str> {
    let arn = item.node.get("Arn")?.as_str()?;
    arn.split(':')
        .nth(4)
        .filter(|account| account.bytes().all(|byte| byte.is_ascii_digit()) && !account.is_empty())
}

/// Gateways, peerings and endpoints are still listed for a while after they are gone.
fn is_deleted(node: &Node<'_>) -> bool {
    let state = node.get("State").or_else(|| node.at(&["Status", "Code"])).and_then(|state| state.as_str());
    state == Some("deleted")
}

fn is_of_eks(provider: &Node<'_>) -> bool {
    let text = |field: &str| provider.get(field).and_then(|node| node.as_str()).unwrap_or_default();
    [text("Arn"), text("Url")].iter().any(|text| text.contains("oidc.eks."))
}
