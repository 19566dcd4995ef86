//! The OpenID Connect providers of a template: whose issuer each has, as far as that is certain.

use super::super::mapped::MappedItem;
use super::super::value::{Symbol, TemplateValue, ValueKind};
use super::keys::{names_of, values_at};
use crate::snapshot::section;
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What the issuers of clusters have in them.
pub(super) const ISSUERS: [&str; 2] = ["oidc.eks.", "oidc-eks."];

/// The attribute of a cluster that is its issuer, as CloudFormation calls it.
const ISSUER_OF_STACK: &str = "OpenIdConnectIssuerUrl";

/// Whose issuer a provider has.
#[derive(Clone, Debug, PartialEq, Eq)]
enum ProviderOwner {
    /// That of a cluster which the template describes.
    Described(Arc<str>),
    /// That of another cluster, if this resource is one.
    Resource(Arc<str>),
    /// That of no cluster of EKS.
    NotEks,
}

/// Whose issuers providers have, by what they are called.
#[derive(Clone, Debug, Default)]
pub(super) struct ProviderIssuers(FxHashMap<String, ProviderOwner>);

impl ProviderIssuers {
    /// Of these items, with the positions of those providers that are described clusters', by cluster.
    pub(super) fn of(items: &[MappedItem]) -> (Self, FxHashMap<Arc<str>, Vec<usize>>) {
        let (mut owners, mut described) = (Self::default(), FxHashMap::<_, Vec<usize>>::default());
        let clusters = clusters_by_issuer(items);
        let Some(section) = section::by_name("openIDConnectProviders") else { return (owners, described) };
        for (at, item) in items.iter().enumerate().filter(|(_, item)| item.section == section.name) {
            let Some(owner) = item.value.get("Url").and_then(|url| owner_of(url, &clusters)) else {
                continue;
            };
            if let ProviderOwner::Described(cluster) = &owner {
                described.entry(Arc::clone(cluster)).or_default().push(at);
            }
            owners.0.extend(names_of(section, &item.value).into_iter().map(|name| (name, owner.clone())));
        }
        (owners, described)
    }

    /// The same, without what one more cluster could have.
    pub(super) fn settled(&self) -> Self {
        let is_settled = |owner: &ProviderOwner| !matches!(owner, ProviderOwner::Resource(_));
        let settled = self.0.iter().filter(|(_, owner)| is_settled(owner));
        Self(settled.map(|(name, owner)| (name.clone(), owner.clone())).collect())
    }

    /// Whether a provider is certainly not that of the cluster with this address.
    pub(super) fn is_of_others(&self, provider: &str, address: Option<&Arc<str>>) -> bool {
        match self.0.get(provider) {
            Some(ProviderOwner::Described(other) | ProviderOwner::Resource(other)) => Some(other) != address,
            Some(ProviderOwner::NotEks) => true,
            None => false,
        }
    }
}

/// The clusters that are described, by their issuers; none for an issuer that two have.
fn clusters_by_issuer(items: &[MappedItem]) -> FxHashMap<String, Option<Arc<str>>> {
    let mut clusters: FxHashMap<String, Option<Arc<str>>> = FxHashMap::default();
    for item in items.iter().filter(|item| item.section == "cluster") {
        let issuer = values_at(&item.value, &["identity", "oidc", "issuer"]);
        if let Some(issuer) = issuer.first().and_then(|issuer| issuer_key(issuer)) {
            let known = clusters.entry(issuer);
            known.and_modify(|other| *other = None).or_insert_with(|| Some(item.address.clone()));
        }
    }
    clusters
}

fn owner_of(url: &TemplateValue, clusters: &FxHashMap<String, Option<Arc<str>>>) -> Option<ProviderOwner> {
    if let Some(Some(cluster)) = issuer_key(url).and_then(|url| clusters.get(&url)) {
        return Some(ProviderOwner::Described(Arc::clone(cluster)));
    }
    match &url.kind {
        ValueKind::Text(url) if !ISSUERS.iter().any(|part| url.contains(part)) => Some(ProviderOwner::NotEks),
        ValueKind::Symbol(symbol) => cluster_of(symbol).cloned().map(ProviderOwner::Resource),
        _ => None,
    }
}

/// An issuer as what it is joined by: clusters have it with `https://`, and providers without.
fn issuer_key(issuer: &TemplateValue) -> Option<String> {
    let key = issuer.join_key()?;
    Some(key.strip_prefix("https://").map(str::to_owned).unwrap_or(key))
}

/// The cluster that a symbol is of, if the template makes it.
fn cluster_of(symbol: &Symbol) -> Option<&Arc<str>> {
    let resource = symbol.resource.as_ref()?;
    let is_managed =
        || resource.rsplit_once("aws_eks_cluster.").is_some_and(|(path, _)| !path.ends_with("data."));
    (&*symbol.attribute == ISSUER_OF_STACK || is_managed()).then_some(resource)
}
