//! Whose a resource is: a cluster has what names it, what is in its VPC, and what something of it names. Which of these a section
//! follows stands in the table of sections.

use super::super::mapped::MappedItem;
use super::super::place::Place;
use super::super::value::{TemplateValue, ValueKind};
use super::attach::PerhapsItem;
use super::keys::{collect_names, has_unknown_name, names_of, values_at};
use super::providers::{ISSUERS, ProviderIssuers};
use crate::snapshot::Section;
use crate::snapshot::section::{self, Membership, SectionScope};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// How the names of log groups start that EKS writes to.
const LOGS_OF_EKS: &str = "/aws/eks/";

/// How the keys of tags start that say of which cluster an instance is a node.
const TAG_OF_NODES: &str = "kubernetes.io/cluster/";

/// The field of a role that says whom it trusts.
const TRUST: &str = "AssumeRolePolicyDocument";

/// What a cluster is known by.
#[derive(Default)]
pub(super) struct ClusterOwner {
    /// The address of the cluster, if the template describes it.
    pub(super) address: Option<Arc<str>>,
    /// Its place.
    pub(super) place: Option<Place>,
    /// Whether the template describes the cluster.
    pub(super) is_described: bool,
    /// How resources that name it call it.
    names: FxHashSet<String>,
    /// Whether its name is an expression of which nothing is known.
    pub(super) is_nameless: bool,
    /// Whether its name is known.
    has_known_name: bool,
    /// What its VPC is called.
    vpcs: FxHashSet<String>,
    /// Its VPC as its subnets say it.
    vpc: Option<TemplateValue>,
    /// What it calls its VPC itself: a symbol.
    own_vpc: Option<Arc<str>>,
    /// The issuer of its service accounts' tokens.
    issuer: Option<String>,
    /// What the OpenID Connect providers of that issuer are called.
    providers: FxHashSet<String>,
    /// Whose issuers all providers of the template have.
    issuers: Arc<ProviderIssuers>,
    /// Everything that its resources name so far.
    named: FxHashSet<String>,
}

impl ClusterOwner {
    /// A cluster that the template describes.
    pub(super) fn of_cluster(item: &MappedItem) -> Self {
        let name = item.value.get("name").and_then(TemplateValue::join_key);
        // As Terraform and as CloudFormation call the name of what has no other.
        let own = [".name", ".Name"].map(|name| format!("${{{}{name}}}", item.address));
        let at = |path: &[&str]| values_at(&item.value, path).first().and_then(|value| value.join_key());
        let vpc = values_at(&item.value, &["resourcesVpcConfig", "vpcId"]);
        let own_vpc = vpc.first().and_then(|vpc| match &vpc.kind {
            ValueKind::Symbol(symbol) => Some(symbol.name.clone()),
            _ => None,
        });
        Self {
            address: Some(item.address.clone()),
            place: Some(item.place.clone()),
            is_described: true,
            is_nameless: name.as_ref().is_some_and(|name| own.contains(name)),
            has_known_name: item.value.get("name").is_some_and(|name| name.as_str().is_some()),
            names: name
                .into_iter()
                .chain(own)
                .chain([format!("${{{}.id}}", item.address), format!("${{{}}}", item.address)])
                .collect(),
            vpcs: vpc.iter().filter_map(|vpc| vpc.join_key()).collect(),
            own_vpc,
            issuer: at(&["identity", "oidc", "issuer"]),
            ..Self::default()
        }
    }

    /// A cluster that may be there.
    pub(super) fn perhaps(item: &PerhapsItem) -> Option<Self> {
        item.item.as_ref().map(Self::of_cluster)
    }

    /// A cluster that the template only names.
    pub(super) fn of_name(name: &TemplateValue) -> Self {
        let names: FxHashSet<_> = name.join_key().into_iter().collect();
        Self { is_nameless: names.is_empty(), names, ..Self::default() }
    }

    /// A cluster of which nothing else is known than whether its name is, among clusters that have these providers.
    pub(super) fn known_by_name(has_known_name: bool, issuers: &Arc<ProviderIssuers>) -> Self {
        Self { has_known_name, issuers: Arc::clone(issuers), ..Self::default() }
    }

    /// Whether its name is known.
    pub(super) fn has_known_name(&self) -> bool {
        self.has_known_name
    }

    /// How resources that name it call it.
    pub(super) fn names_of_cluster(&self) -> impl Iterator<Item = &String> {
        self.names.iter()
    }

    /// What its VPC is called.
    pub(super) fn vpcs(&self) -> impl Iterator<Item = &String> {
        self.vpcs.iter()
    }

    /// Everything that its resources name so far.
    pub(super) fn named(&self) -> &FxHashSet<String> {
        &self.named
    }

    /// Whether a resource calls this cluster by that name.
    pub(super) fn is_called(&self, name: &TemplateValue) -> bool {
        name.join_key().map_or(self.is_nameless, |name| self.names.contains(&name))
    }

    /// Whether what is of EKS is this cluster's, or the cluster itself.
    pub(super) fn has(&self, item: &MappedItem) -> bool {
        match &item.cluster {
            Some(cluster) => self.is_called(cluster),
            None => self.address.as_ref() == Some(&item.address),
        }
    }

    /// Takes note of what an item names.
    pub(super) fn names(&mut self, item: &TemplateValue) {
        collect_names(item, &mut self.named);
    }

    /// Finds the VPC: that of the subnets and groups which the cluster names.
    pub(super) fn find_vpc(&mut self, named: &[&MappedItem]) {
        for item in named {
            let Some(vpc) = item.value.get("VpcId") else { continue };
            let Some(name) = vpc.join_key() else { continue };
            if self.vpcs.insert(name) && self.vpc.is_none() {
                self.vpc = Some(vpc.clone());
            }
        }
    }

    /// Finds the OpenID Connect providers of its issuer: trusts name them, and need not name the issuer.
    pub(super) fn find_providers<'i>(
        &mut self,
        issuers: &Arc<ProviderIssuers>,
        providers: impl IntoIterator<Item = &'i MappedItem>,
    ) {
        self.issuers = Arc::clone(issuers);
        let Some(section) = section::by_name("openIDConnectProviders") else { return };
        for provider in providers {
            if self.is_of_its_issuer(&provider.value) {
                self.providers.extend(names_of(section, &provider.value));
            }
        }
    }

    /// Whether the VPC is known beyond what the cluster itself says.
    pub(super) fn has_vpc(&self) -> bool {
        self.vpc.is_some()
    }

    /// A value in which the cluster's own name of its VPC is that of its subnets.
    pub(super) fn in_its_vpc(&self, value: &TemplateValue) -> TemplateValue {
        match (&self.own_vpc, &self.vpc) {
            (Some(own), Some(vpc)) => {
                let is_own =
                    |kind: &ValueKind| matches!(kind, ValueKind::Symbol(symbol) if symbol.name == *own);
                let found = value.changed(&|kind| is_own(kind).then(|| vpc.kind.clone()));
                found.unwrap_or_else(|| value.clone())
            }
            _ => value.clone(),
        }
    }

    /// Whether what is not of EKS is this cluster's.
    pub(super) fn owns(&self, section: &Section, item: &MappedItem) -> bool {
        let named = || self.is_named(item);
        match section.membership() {
            Membership::Scope => match section.scope {
                SectionScope::Vpc => self.is_in_vpc(&item.value) || named(),
                SectionScope::Cluster => self.has(item),
                SectionScope::Region | SectionScope::Account => true,
            },
            Membership::Named => named(),
            Membership::Role => named() || self.is_trusted_by(&item.value),
            Membership::Issuer => self.is_its_issuer(&item.value),
            Membership::LogGroup => named() || self.is_its_log(&item.value),
            Membership::Node => self.is_in_its_subnets(&item.value) && !self.is_node_of_others(&item.value),
            // Only running clusters have these.
            Membership::Interface => false,
        }
    }

    /// Whether nobody knows whether an item is this cluster's, as what decides it is not known.
    pub(super) fn may_own(&self, section: &Section, item: &MappedItem) -> bool {
        let is_unknown = |field: &str| item.value.get(field).is_some_and(TemplateValue::may_be_any);
        match section.membership() {
            Membership::Scope => match section.scope {
                SectionScope::Vpc => {
                    let vpcs = vpcs(&item.value);
                    !vpcs.is_empty() && vpcs.iter().all(|vpc| vpc.may_be_any())
                }
                // An unknown name may be any, and any may be that of a cluster whose name is not known.
                SectionScope::Cluster => item.cluster.as_ref().is_some_and(|cluster| {
                    cluster.may_be_any() || cluster.as_str().is_some() && !self.has_known_name
                }),
                SectionScope::Region | SectionScope::Account => false,
            },
            Membership::Named => has_unknown_name(section, &item.value),
            Membership::Role => self.may_be_trusted_by(&item.value) || has_unknown_name(section, &item.value),
            Membership::Issuer => is_unknown("Url"),
            Membership::LogGroup => {
                let name = item.value.get("logGroupName").and_then(TemplateValue::join_key);
                name.is_none_or(|name| !self.has_known_name && name.starts_with(LOGS_OF_EKS))
            }
            Membership::Node => is_unknown("SubnetId"),
            Membership::Interface => false,
        }
    }

    fn is_named(&self, item: &MappedItem) -> bool {
        let Some(section) = section::by_name(item.section) else { return false };
        names_of(section, &item.value).iter().any(|name| self.named.contains(name))
    }

    fn is_in_vpc(&self, item: &TemplateValue) -> bool {
        let names = vpcs(item).into_iter().filter_map(TemplateValue::join_key);
        names.into_iter().any(|name| self.vpcs.contains(&name))
    }

    /// Whether an instance is in a subnet that the cluster has, or that is in its VPC.
    fn is_in_its_subnets(&self, instance: &TemplateValue) -> bool {
        let subnet = instance.get("SubnetId").and_then(TemplateValue::join_key);
        subnet.is_some_and(|subnet| self.named.contains(&subnet))
    }

    /// Whether an instance is a node of other clusters, as its tags say.
    fn is_node_of_others(&self, instance: &TemplateValue) -> bool {
        let keys = values_at(instance, &["Tags", "Key"]);
        let keys: Vec<_> = keys.iter().filter_map(|key| key.join_key()).collect();
        let mut clusters = keys.iter().filter_map(|key| key.strip_prefix(TAG_OF_NODES)).peekable();
        clusters.peek().is_some() && !clusters.any(|name| self.names.contains(name))
    }

    /// Whether a role trusts the service accounts of this cluster.
    fn is_trusted_by(&self, role: &TemplateValue) -> bool {
        names_in_trust(role).iter().any(|name| self.is_trusted_as(name))
    }

    /// Whether a trust that names this is one of the service accounts of this cluster.
    pub(super) fn is_trusted_as(&self, name: &str) -> bool {
        self.issuer().is_some_and(|issuer| name.contains(issuer)) || self.providers.contains(name)
    }

    /// The issuer of its service accounts' tokens, as trusts name it.
    fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref().map(|issuer| issuer.trim_start_matches("https://"))
    }

    /// Whether a role may trust the service accounts of this cluster. Whom it trusts beside OpenID Connect providers does not
    /// matter, and a provider that is written out is none of a cluster that is written out and has another issuer.
    fn may_be_trusted_by(&self, role: &TemplateValue) -> bool {
        let Some(trust) = role.get(TRUST) else { return false };
        if !matches!(trust.kind, ValueKind::Map(_)) {
            return true;
        }
        let is_literal = self.issuer.as_deref().is_some_and(|issuer| !issuer.contains("${"));
        let is_foreign =
            |provider: &TemplateValue| provider.join_key().is_some_and(|name| self.is_foreign(&name));
        let may_be = |provider: &TemplateValue| match provider.as_str() {
            Some(arn) => !is_literal && ISSUERS.iter().any(|part| arn.contains(part)),
            None => !is_foreign(provider),
        };
        let statements = values_at(trust, &["Statement"]);
        statements.into_iter().any(|statement| match statement.get("Principal") {
            _ if !matches!(statement.kind, ValueKind::Map(_)) => true,
            // Whom a statement does not trust, it does not make known.
            None => statement.get("NotPrincipal").is_some(),
            Some(principal) => match &principal.kind {
                ValueKind::Text(_) => false,
                ValueKind::Map(_) => values_at(principal, &["Federated"]).into_iter().any(may_be),
                _ => true,
            },
        })
    }

    /// Whether a provider is certainly one of others.
    fn is_foreign(&self, provider: &str) -> bool {
        !self.providers.contains(provider) && self.issuers.is_of_others(provider, self.address.as_ref())
    }

    /// Whether an OpenID Connect provider is of this cluster, or of another one of EKS.
    fn is_its_issuer(&self, provider: &TemplateValue) -> bool {
        let Some(url) = provider.get("Url").and_then(TemplateValue::join_key) else { return false };
        self.is_of_its_issuer(provider)
            || ISSUERS
                .iter()
                .chain(&[".identity[0].oidc[0].issuer", ".OpenIdConnectIssuerUrl"])
                .any(|part| url.contains(part))
    }

    /// Whether an OpenID Connect provider is of this cluster.
    fn is_of_its_issuer(&self, provider: &TemplateValue) -> bool {
        let Some(url) = provider.get("Url").and_then(TemplateValue::join_key) else { return false };
        self.issuer().is_some_and(|issuer| url.contains(issuer))
    }

    /// EKS logs to `/aws/eks/CLUSTER/cluster`, and its add-ons beside it.
    fn is_its_log(&self, group: &TemplateValue) -> bool {
        let Some(group) = group.get("logGroupName").and_then(TemplateValue::join_key) else { return false };
        let rest = group.strip_prefix(LOGS_OF_EKS);
        rest.is_some_and(|rest| {
            self.names
                .iter()
                .any(|name| rest.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('/')))
        })
    }
}

/// The VPCs that a resource names, where AWS answers say them.
pub(super) fn vpcs(item: &TemplateValue) -> Vec<&TemplateValue> {
    const PATHS: [&[&str]; 4] = [
        &["VpcId"],
        &["Attachments", "VpcId"],
        &["RequesterVpcInfo", "VpcId"],
        &["AccepterVpcInfo", "VpcId"],
    ];
    PATHS.iter().flat_map(|path| values_at(item, path)).collect()
}

/// Everything that the trust of a role names.
pub(super) fn names_in_trust(role: &TemplateValue) -> FxHashSet<String> {
    let mut names = FxHashSet::default();
    if let Some(trust) = role.get(TRUST) {
        collect_names(trust, &mut names);
        collect_field_names(trust, &mut names);
    }
    names
}

/// The names of fields: the conditions of a trust name the issuer in them.
fn collect_field_names(value: &TemplateValue, names: &mut FxHashSet<String>) {
    match &value.kind {
        ValueKind::List(items) => items.iter().for_each(|item| collect_field_names(item, names)),
        ValueKind::Map(fields) => {
            for (name, value) in &**fields {
                names.insert(name.to_string());
                collect_field_names(value, names);
            }
        }
        _ => {}
    }
}
