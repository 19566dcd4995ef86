//! Flows that are alike but for their subnets, taken together.

use crate::facts::explanation::{Flow, Hop, Verdict};
use crate::snapshot::Unknown;
use std::collections::{BTreeMap, HashSet};

/// Flows of one end with the same verdict for the same reason.
pub(super) struct Group<'e> {
    /// The first of them.
    pub(super) flow: &'e Flow,
    /// Where its end is.
    pub(super) subnets: Vec<&'e str>,
    /// Their addresses, each once.
    pub(super) addresses: Vec<&'e str>,
    /// Their steps, each once, step by step.
    pub(super) hops: Vec<&'e Hop>,
}

type Key<'e> = (&'e str, &'e str, &'e Result<Verdict, Unknown>, &'e str, &'e str);

/// The groups, in the order of the flows.
pub(super) fn groups(flows: &[Flow]) -> Vec<Group<'_>> {
    let mut groups: Vec<Vec<&Flow>> = Vec::new();
    let mut known: BTreeMap<Key<'_>, usize> = BTreeMap::new();
    for flow in flows {
        let key =
            (flow.kind.as_str(), flow.name.as_str(), &flow.verdict, flow.via.as_str(), flow.reason.as_str());
        let at = *known.entry(key).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(flow),
            None => groups.push(vec![flow]),
        }
    }
    groups.into_iter().filter_map(|flows| Group::of(&flows)).collect()
}

impl<'e> Group<'e> {
    fn of(flows: &[&'e Flow]) -> Option<Self> {
        let steps = flows.iter().map(|flow| flow.hops.len()).max().unwrap_or_default();
        let hops = (0..steps).flat_map(|step| flows.iter().filter_map(move |flow| flow.hops.get(step)));
        Some(Self {
            flow: flows.first()?,
            subnets: once(flows.iter().filter_map(|flow| flow.subnet.as_deref()), |subnet| *subnet),
            addresses: once(flows.iter().flat_map(|flow| flow.addresses.iter().map(String::as_str)), |a| *a),
            hops: once(hops, |hop| (&hop.text, &hop.place)),
        })
    }
}

/// Each item once, in order.
fn once<T, K: std::hash::Hash + Eq>(items: impl Iterator<Item = T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut seen = HashSet::new();
    items.filter(|item| seen.insert(key(item))).collect()
}
