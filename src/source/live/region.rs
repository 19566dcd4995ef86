//! Reads one region: the list of its clusters, and each of them. What depends on nothing is asked for at
//! once; what is named by an answer, as soon as that answer is there. A cluster waits for nothing that
//! another one needs.

use super::answer::{AnsweredItem, SectionAnswer, SectionAnswers, items, object, says_gone, text};
use super::client::Client;
use super::cluster;
use super::failure::{CallFailure, FailureKind};
use super::identities::AccountIdentities;
use super::named::NamedResources;
use super::network;
use super::operations::ApiRequest;
use crate::source::cluster_choice::ClusterChoice;
use crate::source::render;
use futures_util::future::{join, join_all, join3};
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{OnceCell, Semaphore};

/// The clusters of a region.
#[derive(Debug, Default)]
pub(super) struct ListedClusters {
    /// All, asked for or not.
    pub(super) names: Vec<String>,
    /// Those that were asked for.
    pub(super) wanted: Vec<String>,
    /// Why there may be more.
    pub(super) failure: Option<CallFailure>,
}

impl ListedClusters {
    /// Lists them. Where they cannot be listed, those that were named are read all the same; where some
    /// can, those are.
    ///
    /// # Errors
    ///
    /// None can be listed.
    pub(super) async fn read(
        client: &Client,
        chosen: Option<&ClusterChoice>,
        literal: &[String],
    ) -> Result<Self, CallFailure> {
        let listed = client.list("eks:ListClusters", ApiRequest::all()).await;
        if let (Some(failure), false, true) = (&listed.failure, listed.any, literal.is_empty()) {
            return Err(failure.clone());
        }
        let mut names: Vec<_> =
            listed.items.iter().filter_map(|name| name.as_str()).map(str::to_owned).collect();
        let literal = literal.iter().filter(|_| listed.failure.is_some());
        names.extend(literal.cloned());
        // A list that leads to itself has its last page twice.
        let mut known = HashSet::new();
        names.retain(|name| known.insert(name.clone()));
        let is_wanted = |name: &&String| chosen.is_none_or(|choice| choice.fits(Some(name)));
        let wanted = names.iter().filter(is_wanted).cloned().collect();
        Ok(Self { names, wanted, failure: listed.failure })
    }
}

/// A region while it is read.
pub(super) struct RegionScan {
    pub(super) client: Arc<Client>,
    pub(super) listed: ListedClusters,
    identities: Arc<AccountIdentities>,
    /// The descriptions of the clusters that were asked for.
    described: Vec<OnceCell<AnsweredItem>>,
    /// The files of their snapshots.
    paths: Vec<PathBuf>,
    /// So many clusters are read at once: the first ones are finished early.
    places: Semaphore,
}

/// One cluster, and all that belongs to it.
pub(super) struct ClusterAnswers {
    /// Its position among those that were asked for.
    pub(super) at: usize,
    /// Its description, or its name alone and why.
    pub(super) item: AnsweredItem,
    /// Its parts, and what it shares with others.
    pub(super) sections: SectionAnswers,
}

/// What needs no cluster, but each of them: the versions of Kubernetes, the settings of the region, and
/// who trusts whom. It is asked for while the clusters are listed.
pub(super) async fn early(client: Arc<Client>, identities: Arc<AccountIdentities>) {
    join(of_region(&client), identities.trusts()).await;
}

async fn of_region(client: &Client) -> SectionAnswers {
    let versions = client.list_once("eks:DescribeClusterVersions", ApiRequest::all());
    let (versions, mut answers) = join(versions, network::of_region(client)).await;
    answers.add("clusterVersions", SectionAnswer::listed("eks:DescribeClusterVersions", versions));
    answers
}

impl RegionScan {
    pub(super) fn new(
        client: Arc<Client>,
        identities: Arc<AccountIdentities>,
        listed: ListedClusters,
        at_once: usize,
    ) -> Self {
        let described = listed.wanted.iter().map(|_| OnceCell::new()).collect();
        let paths = paths(&client, &listed.wanted);
        Self { client, listed, identities, described, paths, places: Semaphore::new(at_once) }
    }

    /// The name of a cluster.
    pub(super) fn name(&self, at: usize) -> &str {
        &self.listed.wanted[at]
    }

    /// The file of its snapshot.
    pub(super) fn path(&self, at: usize) -> &PathBuf {
        &self.paths[at]
    }

    /// The descriptions of all clusters that were asked for, as far as they are there.
    pub(super) fn descriptions(&self) -> impl Iterator<Item = Option<&AnsweredItem>> {
        self.described.iter().map(OnceCell::get)
    }

    /// The description of a cluster, or its name and why that is all.
    pub(super) async fn describe(&self, at: usize) -> &AnsweredItem {
        let name = self.name(at);
        let read = || async {
            let answer = self.client.one("eks:DescribeCluster", ApiRequest::of(name)).await;
            AnsweredItem::described("eks:DescribeCluster", answer, || {
                let arn = self.client.cluster_arn(name);
                object([("name", name), ("arn", arn.as_str())])
            })
        };
        self.described[at].get_or_init(read).await
    }

    /// Reads a cluster to the end; none if it was deleted meanwhile.
    pub(super) async fn cluster(&self, at: usize) -> Option<ClusterAnswers> {
        let _place = self.places.acquire().await;
        let (of_region, cluster) = join(of_region(&self.client), self.own(at)).await;
        let mut cluster = cluster?;
        cluster.add(of_region);
        Some(cluster)
    }

    /// What belongs to one cluster, and not to every cluster of the region.
    async fn own(&self, at: usize) -> Option<ClusterAnswers> {
        let (client, name) = (&*self.client, self.name(at));
        let network = async {
            let item = self.describe(at).await;
            let named = NamedResources::of(name, &self.listed.wanted, &item.value);
            let mut answers = SectionAnswers::default();
            network::first(client, &named, &mut answers).await;
            (item.clone(), named, answers)
        };
        let ((item, mut named, network), sections) = join(network, cluster::sections(client, name)).await;
        let mut cluster = ClusterAnswers { at, item, sections };
        if self.is_gone(&cluster).await {
            return None;
        }
        named.add_templates(&cluster.sections);
        self.read_named(&mut cluster, &named, network).await;
        Some(cluster)
    }

    /// Whether a cluster was deleted: EKS does not know it any more, or a part of the answers says so
    /// and EKS says it again.
    async fn is_gone(&self, cluster: &ClusterAnswers) -> bool {
        if cluster.item.is_gone() {
            return true;
        }
        let in_parts =
            cluster.sections.0.values().any(|answer| answer.missing.as_ref().is_some_and(says_gone));
        let again = || self.client.one("eks:DescribeCluster", ApiRequest::of(self.name(cluster.at)));
        in_parts && again().await.is_err_and(|failure| failure.kind == FailureKind::NotFound)
    }

    /// What the answers so far name: in EC2, in IAM, and the versions of add-ons.
    async fn read_named(
        &self,
        cluster: &mut ClusterAnswers,
        named: &NamedResources<'_>,
        mut network: SectionAnswers,
    ) {
        let (client, identities) = (&*self.client, &*self.identities);
        let (principals, issuers) = (cluster.principals(), cluster.issuers());
        let profiles = network.values("instances");
        let profiles = profiles.filter_map(|instance| text(instance.get("IamInstanceProfile")?, "Arn"));
        let profiles = arns(profiles);
        let waves = async {
            network::second(client, named, &mut network).await;
            network::third(client, &mut network).await;
        };
        let people =
            join(roles(identities, principals.clone(), &issuers, &profiles), identities.users(&principals));
        let rest = join3(
            identities.providers(&client.region),
            cluster.addon_versions(client),
            cluster::updates(client, self.name(cluster.at), &cluster.sections),
        );
        let ((), ((profiles, roles, policies), users), (providers, addons, updates)) =
            join3(waves, people, rest).await;
        cluster.add(network);
        let answers = [
            ("instanceProfiles", profiles),
            ("roles", roles),
            ("policies", policies),
            ("users", users),
            ("openIDConnectProviders", providers),
            ("addonVersions", addons),
            ("updates", updates),
        ];
        answers.into_iter().for_each(|(section, answer)| cluster.sections.add(section, answer));
    }
}

/// A file for each cluster, on file systems too that do not tell `Prod` from `prod`.
fn paths(client: &Client, names: &[String]) -> Vec<PathBuf> {
    let mut taken = HashSet::new();
    let path = |name: &String| {
        let mut name = name.clone();
        while !taken.insert(name.to_lowercase()) {
            name.push('~');
        }
        render::file(&client.account, &client.region, &name)
    };
    names.iter().map(path).collect()
}

impl ClusterAnswers {
    fn add(&mut self, answers: SectionAnswers) {
        answers.0.into_iter().for_each(|(section, answer)| self.sections.add(section, answer));
    }

    /// The roles and users that the cluster names.
    fn principals(&self) -> BTreeSet<String> {
        let parts = self.sections.0.values().flat_map(|answer| &answer.items).map(|item| &item.value);
        let mut found = BTreeSet::new();
        std::iter::once(&self.item.value).chain(parts).for_each(|value| principals(value, &mut found));
        found
    }

    fn issuers(&self) -> BTreeSet<String> {
        let issuer = self.item.value.pointer("/identity/oidc/issuer").and_then(Value::as_str);
        issuer.map(|issuer| issuer.trim_start_matches("https://").to_owned()).into_iter().collect()
    }

    /// The versions of its add-ons that its version of Kubernetes can have. Each add-on is asked for
    /// once per version.
    async fn addon_versions(&self, client: &Client) -> SectionAnswer {
        let api = "eks:DescribeAddonVersions";
        let version = match (text(&self.item.value, "version"), self.item.first_reason()) {
            (None, Some(reason)) => return SectionAnswer::nothing(reason.clone()),
            (None, None) => return SectionAnswer::all(Vec::new()),
            (Some(version), _) => version,
        };
        let each = cluster::addon_names(&self.sections).collect::<BTreeSet<_>>().into_iter().map(|name| {
            let ask = ApiRequest::all().with("kubernetesVersion", version).with("addonName", name);
            client.list_once(api, ask)
        });
        let listed = join_all(each).await.into_iter().map(|listed| SectionAnswer::listed(api, listed));
        SectionAnswer::joined("addonVersions", listed)
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
