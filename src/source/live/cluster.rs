//! What EKS knows of one cluster besides its description. Its parts are listed at once, and each
//! part is described as soon as it is listed.

use super::client::Client;
use super::operations::Ask;
use super::told::{Cause, Item, Told, Why, complete, object, text};
use futures_util::future::{join, join_all};
use serde_json::Value;
use std::collections::BTreeMap;

/// EKS lists updates of years and knows no filter: so many of each resource are described.
const UPDATES: usize = 20;

/// How the parts of one section are listed and described.
struct Parts {
    section: &'static str,
    list: &'static str,
    describe: &'static str,
    /// The field by which a list answer tells the parts apart, unless it is a list of names.
    id: &'static str,
}

const PARTS: [Parts; 8] = [
    parts("nodegroups", "eks:ListNodegroups", "eks:DescribeNodegroup", "nodegroupName"),
    parts("fargateProfiles", "eks:ListFargateProfiles", "eks:DescribeFargateProfile", "fargateProfileName"),
    parts("addons", "eks:ListAddons", "eks:DescribeAddon", "addonName"),
    parts("accessEntries", "eks:ListAccessEntries", "eks:DescribeAccessEntry", "principalArn"),
    parts(
        "podIdentityAssociations",
        "eks:ListPodIdentityAssociations",
        "eks:DescribePodIdentityAssociation",
        "associationId",
    ),
    parts(
        "identityProviderConfigs",
        "eks:ListIdentityProviderConfigs",
        "eks:DescribeIdentityProviderConfig",
        "name",
    ),
    parts("insights", "eks:ListInsights", "eks:DescribeInsight", "id"),
    parts("capabilities", "eks:ListCapabilities", "eks:DescribeCapability", "capabilityName"),
];

const fn parts(section: &'static str, list: &'static str, describe: &'static str, id: &'static str) -> Parts {
    Parts { section, list, describe, id }
}

/// The sections of one cluster, by name. None if the cluster is gone.
pub(super) type Sections = BTreeMap<&'static str, Told>;

/// Reads everything but the description of a cluster, the versions of its add-ons and its updates.
pub(super) async fn sections(client: &Client, cluster: &str) -> Sections {
    let each =
        PARTS.iter().map(|parts| async move { (parts.section, described(client, cluster, parts).await) });
    join_all(each).await.into_iter().collect()
}

async fn described(client: &Client, cluster: &str, parts: &Parts) -> Told {
    let listed = client.list(parts.list, Ask::of(cluster)).await;
    let each = listed.items.into_iter().map(|listed| part(client, cluster, parts, listed));
    let items = join_all(each).await.into_iter().flatten().collect();
    Told { items, why: listed.failure.map(|failure| Why::failed(parts.list, failure)), known: listed.any }
}

/// One part; none if it is gone by now.
async fn part(client: &Client, cluster: &str, parts: &Parts, listed: Value) -> Option<Item> {
    // A list of names says nothing else; one of summaries says a little.
    let listed = match listed {
        Value::String(name) => object([(parts.id, name.as_str()), ("clusterName", cluster)]),
        summary => summary,
    };
    let id = text(&listed, parts.id).unwrap_or_default().to_owned();
    let ask = Ask::of(cluster).with(parts.id, id.clone());
    let ask = match text(&listed, "type") {
        Some(kind) => ask.with("type", kind),
        None => ask,
    };
    let describe = client.one(parts.describe, ask);
    let item = match parts.section {
        "accessEntries" => {
            let (entry, policies) = join(describe, access_policies(client, cluster, &id)).await;
            let mut item = Item::described(parts.describe, entry, || listed);
            item.put("associatedAccessPolicies", policies);
            item
        }
        _ => Item::described(parts.describe, describe.await, || listed),
    };
    (!item.is_gone()).then_some(item)
}

async fn access_policies(client: &Client, cluster: &str, principal: &str) -> Result<Value, Why> {
    let api = "eks:ListAssociatedAccessPolicies";
    let listed = client.list(api, Ask::of(cluster).with("principalArn", principal)).await;
    complete(api, listed).map(Value::Array)
}

/// The updates of the cluster, its node groups and its add-ons.
pub(super) async fn updates(client: &Client, cluster: &str, sections: &Sections) -> Told {
    let part = |section: &str, field: &'static str| {
        let items = sections.get(section).into_iter().flat_map(|told| &told.items);
        let names = items.filter_map(|item| text(&item.value, field)).map(str::to_owned);
        names.map(|name| Some((field, name))).collect::<Vec<_>>()
    };
    let of = [None].into_iter().chain(part("nodegroups", "nodegroupName")).chain(part("addons", "addonName"));
    let each = join_all(of.map(|of| updates_of(client, cluster, of))).await;
    each.into_iter().fold(Told { items: Vec::new(), why: None, known: true }, |mut all, one| {
        all.items.extend(one.items);
        all.known &= one.known;
        all.why = all.why.or(one.why);
        all
    })
}

/// The updates of a cluster, or of one part of it.
async fn updates_of(client: &Client, cluster: &str, of: Option<(&'static str, String)>) -> Told {
    let ask = || match &of {
        Some((field, name)) => Ask::of(cluster).with(field, name.clone()),
        None => Ask::of(cluster),
    };
    let listed = client.list("eks:ListUpdates", ask()).await;
    let ids: Vec<_> = listed.items.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let each =
        ids.iter().take(UPDATES).map(|id| client.one("eks:DescribeUpdate", ask().with("id", id.clone())));
    let described = join_all(each).await;
    let owner = of.as_ref();
    let items = described.into_iter().zip(&ids).filter_map(|(update, id)| {
        let mut item = Item::described("eks:DescribeUpdate", update, || object([("id", id.as_str())]));
        if let Some((field, name)) = owner {
            item.put(field, Ok(name.clone().into()));
        }
        (!item.is_gone()).then_some(item)
    });
    let rest = ids.len() > UPDATES;
    let rest = rest.then(|| Cause::NotRequested(format!("only {UPDATES} updates of each resource are read")));
    let failed = listed.failure.map(|failure| Why::failed("eks:ListUpdates", failure));
    let why = failed.or(rest.map(|cause| Why { api: "eks:DescribeUpdate", cause }));
    Told { items: items.collect(), why, known: listed.any }
}

/// The add-ons that a cluster has, by name.
pub(super) fn addon_names(sections: &Sections) -> impl Iterator<Item = String> {
    let addons = sections.get("addons").into_iter().flat_map(|told| &told.items);
    addons.filter_map(|item| text(&item.value, "addonName")).map(str::to_owned)
}
