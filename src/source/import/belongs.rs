//! What belongs to a cluster, of answers that may not say so: by its name, by its VPC, or because
//! the answer as a whole is about it.

use super::collect::{Item, Piece};
use super::join::Joiner;
use super::place::Scope;
use crate::snapshot::Section;
use crate::source::belongs::{Belongs, is_deleted, vpcs};
use crate::value::Node;

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
        let belongs = self.belongs();
        let own = || match section.name.as_str() {
            "openIDConnectProviders" => covers && is_of_eks(&item.node),
            "logGroups" => covers && self.logs(&item.node),
            _ => match Scope::of(section) {
                Scope::Cluster => item.cluster == Some(self.at),
                Scope::Vpc => belongs.in_vpc(&item.node) && !is_deleted(&item.node),
                Scope::Region | Scope::Account => covers,
            },
        };
        belongs.owns(section, &item.node).unwrap_or_else(own)
    }

    fn belongs(&self) -> Belongs<'_, 't> {
        let issuer = self.cluster.node.and_then(|node| node.at(&["identity", "oidc", "issuer"]));
        Belongs {
            name: self.cluster.identity.name.as_deref().unwrap_or_default(),
            vpc: self.cluster.vpc,
            issuer: issuer
                .and_then(|issuer| issuer.as_str())
                .map(|issuer| issuer.trim_start_matches("https://")),
            named: &self.named,
        }
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

fn is_of_eks(provider: &Node<'_>) -> bool {
    let text = |field: &str| provider.get(field).and_then(|node| node.as_str()).unwrap_or_default();
    [text("Arn"), text("Url")].iter().any(|text| text.contains("oidc.eks.") || text.contains("oidc-eks."))
}
