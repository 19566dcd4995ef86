//! The clusters, and what belongs to them that rules looked at.

use super::context::OscalContext;
use super::model::{OscalItem, OscalProperty};
use super::observed::Observed;
use super::uuid::OscalUuid;
use super::words::{line, of_oscal, own};
use crate::compliance::ControlVerdict;
use crate::engine::Resource;
use crate::report::aws::resource_type;
use crate::report::cluster_name;
use crate::scan::ClusterScan;
use std::collections::BTreeSet;

/// All of them, each once: the clusters first.
pub(super) fn items(context: &OscalContext<'_, '_>, observed: &[Observed<'_>]) -> Vec<OscalItem> {
    let clusters = context.report.scanned.scan.clusters.iter().enumerate();
    let mut items: Vec<_> =
        clusters.map(|(at, cluster)| of_cluster(context, context.cluster(at), cluster)).collect();
    let mut known: BTreeSet<_> = items.iter().map(|item| item.uuid).collect();
    for one in observed {
        for shown in
            one.evidence.resources.iter().filter(|shown| shown.verdict != ControlVerdict::NotApplicable)
        {
            let uuid = context.resource(one.at, shown.resource);
            if known.insert(uuid) {
                items.push(of_resource(uuid, shown.resource, one.cluster));
            }
        }
    }
    items
}

fn of_cluster(context: &OscalContext<'_, '_>, uuid: OscalUuid, cluster: &ClusterScan) -> OscalItem {
    let identity = &cluster.judgement.cluster;
    let name = cluster_name(identity);
    let source = cluster.judgement.source.map_or("aws", |source| source.as_str());
    let mut props = identifiers("cluster", identity.arn.as_deref(), name);
    let place = [("region", &identity.region), ("account", &identity.account)];
    props.extend(place.into_iter().filter_map(|(name, value)| Some(own(name, value.as_deref()?))));
    props.push(own("source", source));
    props.push(own("file", &context.file(&cluster.file)));
    OscalItem { uuid, description: format!("The EKS cluster {}", line(name)), props }
}

fn of_resource(uuid: OscalUuid, resource: &Resource, cluster: &ClusterScan) -> OscalItem {
    let cluster = cluster_name(&cluster.judgement.cluster);
    let name = resource.name.as_deref().or(resource.address.as_deref());
    let mut props = identifiers(resource.kind, resource.arn.as_deref(), name.unwrap_or(resource.title));
    props.push(own("cluster", cluster));
    let named = name.map_or_else(String::new, |name| format!(" {}", line(name)));
    OscalItem { uuid, description: format!("The {}{named} of {}", resource.title, line(cluster)), props }
}

fn identifiers(kind: &str, arn: Option<&str>, name: &str) -> Vec<OscalProperty> {
    vec![
        of_oscal("asset-id", arn.unwrap_or(name)),
        of_oscal("asset-type", resource_type(kind)),
        own("kind", kind),
        own("name", name),
    ]
}
