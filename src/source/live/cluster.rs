//! What EKS knows of one cluster besides its description. Its parts are listed at once, and each
//! part is described as soon as it is listed.

use super::answer::{AnsweredItem, SectionAnswer, SectionAnswers, complete, failed, object, text};
use super::client::Client;
use super::operations::ApiRequest;
use crate::snapshot::section;
use crate::source::assemble::{MissingKind, MissingReason};
use futures_util::future::{join, join_all};
use serde_json::Value;
use std::sync::Arc;

/// EKS lists updates of years and knows no filter: so many of each resource are described.
const UPDATES: usize = 20;

/// How the parts of one section are listed and described.
struct PartCalls {
    list: &'static str,
    describe: &'static str,
    /// The field by which a list answer tells the parts apart, unless it is a list of names.
    id: &'static str,
}

const PARTS: [PartCalls; 8] = [
    parts("eks:ListNodegroups", "eks:DescribeNodegroup", "nodegroupName"),
    parts("eks:ListFargateProfiles", "eks:DescribeFargateProfile", "fargateProfileName"),
    parts("eks:ListAddons", "eks:DescribeAddon", "addonName"),
    parts(ACCESS_ENTRIES, "eks:DescribeAccessEntry", "principalArn"),
    parts("eks:ListPodIdentityAssociations", "eks:DescribePodIdentityAssociation", "associationId"),
    parts("eks:ListIdentityProviderConfigs", "eks:DescribeIdentityProviderConfig", "name"),
    parts("eks:ListInsights", "eks:DescribeInsight", "id"),
    parts("eks:ListCapabilities", "eks:DescribeCapability", "capabilityName"),
];
/// What this lists has policies that a call of their own lists.
const ACCESS_ENTRIES: &str = "eks:ListAccessEntries";

const fn parts(list: &'static str, describe: &'static str, id: &'static str) -> PartCalls {
    PartCalls { list, describe, id }
}

/// Reads everything but the description of a cluster, the versions of its add-ons and its updates.
pub(super) async fn sections(client: &Client, cluster: &str) -> SectionAnswers {
    let each = PARTS
        .iter()
        .map(|parts| async move { (section::by_call(parts.list), described(client, cluster, parts).await) });
    let mut sections = SectionAnswers::default();
    for (section, answer) in join_all(each).await {
        if let Some(section) = section {
            sections.add(&section.name, answer);
        }
    }
    sections
}

async fn described(client: &Client, cluster: &str, parts: &PartCalls) -> SectionAnswer {
    let listed = client.list(parts.list, ApiRequest::of(cluster)).await;
    let each = listed.items.into_iter().map(|listed| part(client, cluster, parts, listed));
    let items = join_all(each).await.into_iter().flatten().collect();
    let missing = listed.failure.map(|failure| failed(parts.list, &failure));
    SectionAnswer { items, missing, known: listed.any }
}

/// One part; none if it is gone by now.
async fn part(client: &Client, cluster: &str, parts: &PartCalls, listed: Arc<Value>) -> Option<AnsweredItem> {
    // A list of names says nothing else; one of summaries says a little.
    let listed = match Arc::unwrap_or_clone(listed) {
        Value::String(name) => object([(parts.id, name.as_str()), ("clusterName", cluster)]),
        summary => summary,
    };
    let id = text(&listed, parts.id).unwrap_or_default().to_owned();
    let ask = ApiRequest::of(cluster).with(parts.id, id.clone());
    let ask = match text(&listed, "type") {
        Some(kind) => ask.with("type", kind),
        None => ask,
    };
    let describe = client.one(parts.describe, ask);
    let item = match parts.list {
        ACCESS_ENTRIES => {
            let (entry, policies) = join(describe, access_policies(client, cluster, &id)).await;
            let mut item = AnsweredItem::described(parts.describe, entry, || listed);
            item.put("associatedAccessPolicies", policies);
            item
        }
        _ => AnsweredItem::described(parts.describe, describe.await, || listed),
    };
    (!item.is_gone()).then_some(item)
}

async fn access_policies(client: &Client, cluster: &str, principal: &str) -> Result<Value, MissingReason> {
    let api = "eks:ListAssociatedAccessPolicies";
    let listed = client.list(api, ApiRequest::of(cluster).with("principalArn", principal)).await;
    complete(api, listed).map(Value::Array)
}

/// The updates of the cluster, its node groups and its add-ons.
pub(super) async fn updates(client: &Client, cluster: &str, sections: &SectionAnswers) -> SectionAnswer {
    let part = |section: &str, field: &'static str| {
        let names = sections.values(section).filter_map(|value| text(value, field)).map(str::to_owned);
        names.map(|name| Some((field, name))).collect::<Vec<_>>()
    };
    let of = [None].into_iter().chain(part("nodegroups", "nodegroupName")).chain(part("addons", "addonName"));
    let each = join_all(of.map(|of| updates_of(client, cluster, of))).await;
    each.into_iter().fold(SectionAnswer::all(Vec::new()), |mut all, one| {
        all.items.extend(one.items);
        all.known &= one.known;
        all.missing = all.missing.or(one.missing);
        all
    })
}

/// The updates of a cluster, or of one part of it.
async fn updates_of(client: &Client, cluster: &str, of: Option<(&'static str, String)>) -> SectionAnswer {
    let ask = || match &of {
        Some((field, name)) => ApiRequest::of(cluster).with(field, name.clone()),
        None => ApiRequest::of(cluster),
    };
    let listed = client.list("eks:ListUpdates", ask()).await;
    let ids: Vec<_> = listed.items.iter().filter_map(|id| id.as_str()).map(str::to_owned).collect();
    let each =
        ids.iter().take(UPDATES).map(|id| client.one("eks:DescribeUpdate", ask().with("id", id.clone())));
    let described = join_all(each).await;
    let owner = of.as_ref();
    let items = described.into_iter().zip(&ids).filter_map(|(update, id)| {
        let mut item =
            AnsweredItem::described("eks:DescribeUpdate", update, || object([("id", id.as_str())]));
        if let Some((field, name)) = owner {
            item.put(field, Ok(name.clone().into()));
        }
        (!item.is_gone()).then_some(item)
    });
    let rest = (ids.len() > UPDATES).then(|| MissingReason {
        api: Some("eks:DescribeUpdate"),
        kind: MissingKind::NotRequested,
        reason: format!("only {UPDATES} updates of each resource are read"),
    });
    let missing = listed.failure.map(|failure| failed("eks:ListUpdates", &failure)).or(rest);
    SectionAnswer { items: items.collect(), missing, known: listed.any }
}

/// The add-ons that a cluster has, by name.
pub(super) fn addon_names(sections: &SectionAnswers) -> impl Iterator<Item = String> {
    sections.values("addons").filter_map(|addon| text(addon, "addonName")).map(str::to_owned)
}
