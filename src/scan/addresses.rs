//! Which resources of a template findings are about: their addresses, and what people call them there.

use super::ClusterScan;
use crate::engine::{Finding, Resource};
use crate::snapshot::{Unknown, section};
use crate::source::composed::ComposedCluster;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

/// How many signs at the end of a logical id of the CDK are a digest, by which it is told from a word.
const DIGEST: usize = 8;

/// Says in findings which resources of a template they are about, by what people call these.
pub(super) fn put(cluster: &dyn ComposedCluster, scan: &mut ClusterScan) {
    let mut known = HashMap::new();
    for finding in &mut scan.judgement.findings {
        let key = (finding.resource.kind, finding.resource.position);
        let resource = known.entry(key).or_insert_with(|| found(cluster, &finding.resource));
        finding.resource = Arc::clone(resource);
        if cluster.has_labels() {
            relabel(cluster, finding);
        }
    }
    if cluster.has_labels() {
        for ((rule, unknown), count) in std::mem::take(&mut scan.judgement.unknowns) {
            let reason = labelled(cluster, &unknown.reason).into_owned();
            *scan.judgement.unknowns.entry((rule, Unknown { reason, ..unknown })).or_default() += count;
        }
    }
    let identity = &scan.judgement.cluster;
    let name = identity.name.as_deref().filter(|_| identity.is_renamed);
    if let Some(label) = name.and_then(|name| cluster.label(name)) {
        Arc::make_mut(&mut scan.judgement.cluster).name = Some(label.to_owned());
    }
}

/// A resource with its address.
fn found(cluster: &dyn ComposedCluster, resource: &Arc<Resource>) -> Arc<Resource> {
    let section = section::all().iter().find(|section| section.singular == resource.kind);
    let address = section.and_then(|section| cluster.address(&section.name, resource.position));
    let Some(address) = address else { return Arc::clone(resource) };
    let name = resource.name.as_deref().map(|name| labelled(cluster, name));
    let name = name.map(|name| name.into_owned().into_boxed_str());
    Arc::new(Resource { name, address: Some(address.into()), ..(**resource).clone() })
}

fn relabel(cluster: &dyn ComposedCluster, finding: &mut Finding) {
    let related = finding.related.iter_mut().map(|related| &mut related.message);
    for text in std::iter::once(&mut finding.message).chain(related) {
        if let Cow::Owned(new) = labelled(cluster, text) {
            *text = new.into_boxed_str();
        }
    }
}

/// A text with what people call resources in the place of addresses.
fn labelled<'t>(cluster: &dyn ComposedCluster, text: &'t str) -> Cow<'t, str> {
    if !cluster.has_labels() {
        return Cow::Borrowed(text);
    }
    if let Some(label) = cluster.label(text) {
        return Cow::Owned(label.to_owned());
    }
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '/';
    let (mut labelled, mut rest) = (String::new(), text);
    while let Some(start) = rest.find(is_part) {
        let end = rest[start..].find(|c| !is_part(c)).map_or(rest.len(), |length| start + length);
        let word = &rest[start..end];
        labelled.push_str(&rest[..start]);
        labelled.push_str(cluster.label(word).filter(|_| ends_with_digest(word)).unwrap_or(word));
        rest = &rest[end..];
    }
    labelled.push_str(rest);
    if labelled == text { Cow::Borrowed(text) } else { Cow::Owned(labelled) }
}

fn ends_with_digest(word: &str) -> bool {
    let signs =
        || word.bytes().rev().take_while(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(byte));
    signs().count() >= DIGEST
}
