//! Reads one region: its clusters, their parts, their VPCs and their roles. What depends on
//! nothing is asked for at once; what is named by an answer, as soon as that answer is there.

use super::answer::{AnsweredItem, SectionAnswer, SectionAnswers, failed, items, object, says_gone, text};
use super::client::Client;
use super::cluster;
use super::failure::{CallFailure, FailureKind};
use super::identities::AccountIdentities;
use super::network::{self, NamedResources};
use super::operations::ApiRequest;
use super::progress::Progress;
use crate::source::assemble::MissingReason;
use futures_util::future::{join, join_all, join3};
use globset::GlobSet;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Everything that was read of a region.
pub(super) struct RegionAnswers {
    pub(super) client: Arc<Client>,
    /// The clusters, by name.
    pub(super) clusters: Vec<ClusterAnswers>,
    /// What they share.
    pub(super) shared: SectionAnswers,
    /// Why the clusters of the region could not be listed, if they could not.
    pub(super) unlisted: Option<MissingReason>,
    /// All clusters of the region, asked for or not.
    pub(super) names: Vec<String>,
    /// Clusters that were deleted while they were read.
    pub(super) deleted: Vec<String>,
}

/// One cluster.
pub(super) struct ClusterAnswers {
    pub(super) name: String,
    /// Its description, or its name alone and why.
    pub(super) item: AnsweredItem,
    /// Its parts.
    pub(super) sections: SectionAnswers,
}

/// Reads a region. Where clusters cannot be listed, those that were named are read all the same.
///
/// # Errors
///
/// The clusters cannot be listed.
pub(super) async fn read(
    client: Arc<Client>,
    identities: Arc<AccountIdentities>,
    chosen: Arc<Option<GlobSet>>,
    literal: Vec<String>,
    progress: Arc<Progress>,
) -> Result<RegionAnswers, CallFailure> {
    let early = tokio::spawn(early(Arc::clone(&client), Arc::clone(&identities)));
    let listed = client.list("eks:ListClusters", ApiRequest::all()).await;
    let unlisted = listed.failure.clone();
    if let Some(failure) = listed.failure.filter(|_| literal.is_empty()) {
        early.abort();
        return Err(failure);
    }
    let names = listed.items.iter().filter_map(Value::as_str).map(str::to_owned);
    let names: Vec<_> = names.chain(literal.into_iter().filter(|_| unlisted.is_some())).collect();
    let wanted: Vec<_> =
        names.iter().filter(|name| chosen.as_ref().as_ref().is_none_or(|set| set.is_match(name))).collect();
    let mut region = RegionAnswers {
        client,
        clusters: Vec::new(),
        shared: SectionAnswers::default(),
        unlisted: unlisted.map(|failure| failed("eks:ListClusters", &failure)),
        names: names.clone(),
        deleted: Vec::new(),
    };
    if wanted.is_empty() {
        early.abort();
        return Ok(region);
    }
    progress.found(&region.client.region, wanted.len());
    let (clusters, named, network) = clusters(&region.client, &wanted, &progress).await;
    region.shared = early.await.unwrap_or_default();
    region.sort_out(clusters).await;
    region.share(network);
    region.read_shared(named, &identities, &progress).await;
    Ok(region)
}

/// What needs no answer before: the versions of Kubernetes, the settings of the region, and who
/// trusts whom.
async fn early(client: Arc<Client>, identities: Arc<AccountIdentities>) -> SectionAnswers {
    let versions = client.list("eks:DescribeClusterVersions", ApiRequest::all());
    let (versions, mut answers, _) = join3(versions, network::of_region(&client), identities.trusts()).await;
    answers.add("clusterVersions", SectionAnswer::listed("eks:DescribeClusterVersions", versions));
    answers
}

/// The clusters, what they name, and the first wave of what EC2 knows: it waits for the
/// descriptions of all clusters, not for their parts.
async fn clusters(
    client: &Arc<Client>,
    names: &[&String],
    progress: &Arc<Progress>,
) -> (Vec<ClusterAnswers>, NamedResources, SectionAnswers) {
    let spawn_description = |name: &&String| {
        let (client, name) = (Arc::clone(client), (*name).clone());
        tokio::spawn(async move { client.one("eks:DescribeCluster", ApiRequest::of(&name)).await })
    };
    let spawn_sections = |name: &&String| {
        let (client, name, progress) = (Arc::clone(client), (*name).clone(), Arc::clone(progress));
        tokio::spawn(async move {
            let sections = cluster::sections(&client, &name).await;
            progress.read_cluster();
            sections
        })
    };
    let descriptions: Vec<_> = names.iter().map(spawn_description).collect();
    let sections: Vec<_> = names.iter().map(spawn_sections).collect();
    let described = join_all(descriptions).await;
    let items: Vec<_> =
        names.iter().zip(described).map(|(name, answer)| description(client, name, answer.ok())).collect();
    let mut named = NamedResources {
        clusters: names.iter().map(|name| (*name).clone()).collect(),
        ..NamedResources::default()
    };
    items.iter().for_each(|item| named.add_cluster(&item.value));
    let first = async {
        let mut answers = SectionAnswers::default();
        network::first(client, &named, &mut answers).await;
        answers
    };
    let (shared, sections) = join(first, join_all(sections)).await;
    let cluster = |((name, item), sections): ((&&String, AnsweredItem), Result<SectionAnswers, _>)| {
        ClusterAnswers { name: (*name).clone(), item, sections: sections.unwrap_or_default() }
    };
    let clusters: Vec<_> = names.iter().zip(items).zip(sections).map(cluster).collect();
    clusters.iter().for_each(|cluster| named.add_templates(cluster));
    (clusters, named, shared)
}

/// Whether a cluster was deleted: EKS does not know it any more, or a part of the answers says so
/// and EKS says it again.
async fn is_gone(client: &Client, cluster: &ClusterAnswers) -> bool {
    if cluster.item.is_gone() {
        return true;
    }
    let in_parts = cluster.sections.0.values().any(|answer| answer.missing.as_ref().is_some_and(says_gone));
    let again = || client.one("eks:DescribeCluster", ApiRequest::of(&cluster.name));
    in_parts && again().await.is_err_and(|failure| failure.kind == FailureKind::NotFound)
}

fn description(client: &Client, name: &str, answer: Option<Result<Value, CallFailure>>) -> AnsweredItem {
    let answer = answer.unwrap_or_else(|| Err(CallFailure::malformed("was not waited for")));
    AnsweredItem::described("eks:DescribeCluster", answer, || {
        let arn = client.cluster_arn(name);
        object([("name", name), ("arn", arn.as_str())])
    })
}

impl NamedResources {
    fn add_cluster(&mut self, cluster: &Value) {
        let Some(vpc) = cluster.get("resourcesVpcConfig") else { return };
        self.vpcs.extend(text(vpc, "vpcId").map(str::to_owned));
        self.cluster_groups.extend(text(vpc, "clusterSecurityGroupId").map(str::to_owned));
    }

    fn add_templates(&mut self, cluster: &ClusterAnswers) {
        let nodegroups = cluster.sections.values("nodegroups");
        for template in nodegroups.filter_map(|nodegroup| nodegroup.get("launchTemplate")) {
            if let (Some(id), Some(version)) = (text(template, "id"), text(template, "version")) {
                self.templates.entry(id.to_owned()).or_default().insert(version.to_owned());
            }
        }
    }
}

impl RegionAnswers {
    /// Clusters that are gone are no findings.
    async fn sort_out(&mut self, clusters: Vec<ClusterAnswers>) {
        for cluster in clusters {
            match is_gone(&self.client, &cluster).await {
                true => self.deleted.push(cluster.name),
                false => self.clusters.push(cluster),
            }
        }
        self.names.retain(|name| !self.deleted.contains(name));
    }

    fn share(&mut self, answers: SectionAnswers) {
        answers.0.into_iter().for_each(|(section, answer)| self.shared.add(section, answer));
    }

    /// What the answers so far name: in EC2, in IAM, and the versions of add-ons.
    async fn read_shared(
        &mut self,
        named: NamedResources,
        identities: &AccountIdentities,
        progress: &Progress,
    ) {
        progress.step(&self.client.region, "VPCs and roles");
        let (principals, issuers) = (self.principals(), self.issuers());
        let profiles = arns(
            self.shared
                .values("instances")
                .filter_map(|instance| text(instance.get("IamInstanceProfile")?, "Arn")),
        );
        let client = Arc::clone(&self.client);
        let mut answers = std::mem::take(&mut self.shared);
        let network = async {
            network::second(&client, &named, &mut answers).await;
            network::third(&client, &mut answers).await;
        };
        let people =
            join(roles(identities, principals.clone(), &issuers, &profiles), identities.users(&principals));
        let rest = join3(identities.providers(&client.region), self.addon_versions(), self.updates());
        let ((), ((profiles, roles, policies), users), (providers, addons, updates)) =
            join3(network, people, rest).await;
        self.shared = answers;
        let answers = [
            ("instanceProfiles", profiles),
            ("roles", roles),
            ("policies", policies),
            ("users", users),
            ("openIDConnectProviders", providers),
        ];
        answers.into_iter().for_each(|(section, answer)| self.shared.add(section, answer));
        for (cluster, (addons, updates)) in self.clusters.iter_mut().zip(addons.into_iter().zip(updates)) {
            cluster.sections.add("addonVersions", addons);
            cluster.sections.add("updates", updates);
        }
    }

    async fn updates(&self) -> Vec<SectionAnswer> {
        let each = self.clusters.iter();
        join_all(each.map(|cluster| cluster::updates(&self.client, &cluster.name, &cluster.sections))).await
    }

    /// The roles and users that the clusters name.
    fn principals(&self) -> BTreeSet<String> {
        let values = self.clusters.iter().flat_map(|cluster| {
            let parts = cluster.sections.0.values().flat_map(|answer| &answer.items).map(|item| &item.value);
            std::iter::once(&cluster.item.value).chain(parts)
        });
        let mut found = BTreeSet::new();
        values.for_each(|value| principals(value, &mut found));
        found
    }

    fn issuers(&self) -> BTreeSet<String> {
        let issuer = |cluster: &ClusterAnswers| {
            let issuer = cluster.item.value.pointer("/identity/oidc/issuer")?.as_str()?;
            Some(issuer.trim_start_matches("https://").to_owned())
        };
        self.clusters.iter().filter_map(issuer).collect()
    }

    /// For each cluster, the versions of its add-ons that its version of Kubernetes can have. Each
    /// add-on is asked for once per version.
    async fn addon_versions(&self) -> Vec<SectionAnswer> {
        let version = |cluster: &ClusterAnswers| text(&cluster.item.value, "version").map(str::to_owned);
        let pairs = |cluster: &ClusterAnswers| -> Vec<(String, String)> {
            let version = version(cluster);
            let names = cluster::addon_names(&cluster.sections);
            names.filter_map(|name| Some((version.clone()?, name))).collect()
        };
        let all: BTreeSet<_> = self.clusters.iter().flat_map(pairs).collect();
        let each = all.iter().map(|(version, name)| async move {
            let ask = ApiRequest::all().with("kubernetesVersion", version).with("addonName", name);
            let listed = self.client.list("eks:DescribeAddonVersions", ask).await;
            ((version.clone(), name.clone()), SectionAnswer::listed("eks:DescribeAddonVersions", listed))
        });
        let known: BTreeMap<_, _> = join_all(each).await.into_iter().collect();
        let of = |cluster: &ClusterAnswers| {
            if let (None, Some(reason)) = (version(cluster), cluster.item.first_reason()) {
                return SectionAnswer::nothing(reason.clone());
            }
            SectionAnswer::joined(
                "addonVersions",
                pairs(cluster).iter().filter_map(|pair| known.get(pair)).cloned(),
            )
        };
        self.clusters.iter().map(of).collect()
    }
}

/// Instance profiles, all roles, and their policies. The roles that clusters name need not wait for
/// those that instance profiles name.
async fn roles(
    identities: &AccountIdentities,
    principals: BTreeSet<String>,
    issuers: &BTreeSet<String>,
    profiles: &BTreeSet<String>,
) -> (SectionAnswer, SectionAnswer, SectionAnswer) {
    let with_policies = |arns: BTreeSet<String>| async move {
        let roles = identities.roles(&arns, issuers).await;
        let policies = identities.policies(&roles).await;
        (roles, policies)
    };
    let of_profiles = async {
        let profiles = identities.instance_profiles(profiles).await;
        let of_profiles = profiles.items.iter().flat_map(|profile| items(&profile.value, "Roles"));
        let (roles, policies) = with_policies(arns(of_profiles.filter_map(|role| text(role, "Arn")))).await;
        (profiles, roles, policies)
    };
    let (named, (profiles, roles, policies)) = join(with_policies(principals), of_profiles).await;
    (
        profiles,
        SectionAnswer::joined("roles", [named.0, roles]),
        SectionAnswer::joined("policies", [named.1, policies]),
    )
}

fn arns<'a>(arns: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
    arns.map(str::to_owned).collect()
}

/// Every ARN of a role or a user in a value.
fn principals(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if is_principal(text) => {
            found.insert(text.clone());
        }
        Value::Array(values) => values.iter().for_each(|value| principals(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| principals(value, found)),
        _ => {}
    }
}

fn is_principal(text: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    let of_iam = parts.next() == Some("arn") && parts.nth(1) == Some("iam");
    let resource = parts.nth(2).unwrap_or_default();
    of_iam && (resource.starts_with("role/") || resource.starts_with("user/"))
}
