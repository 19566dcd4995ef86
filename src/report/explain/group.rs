//! Flows that are alike but for their subnets, taken together.

use crate::explain::{Flow, FlowCheck, FlowEnd, FlowHop, Verdict, Via};
use crate::snapshot::Unknown;
use std::collections::{BTreeMap, HashSet};

/// Flows of one end with the same verdict for the same reason.
pub(in crate::report) struct FlowGroup<'e> {
    /// The first of them.
    pub(in crate::report) flow: &'e Flow,
    /// Where its end is.
    pub(in crate::report) subnets: Vec<&'e str>,
    /// Their addresses, each once.
    pub(in crate::report) addresses: Vec<&'e str>,
    /// Their steps, each once, step by step.
    pub(in crate::report) hops: Vec<&'e FlowHop>,
    /// The commands that show one of them, and that leave the least to fill in.
    pub(in crate::report) checks: &'e [FlowCheck],
}

/// What flows of a group have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct GroupKey<'e> {
    end: FlowEnd,
    name: &'e str,
    verdict: &'e Result<Verdict, Unknown>,
    via: Via,
    reason: &'e str,
}

/// The groups, in the order of the flows.
pub(in crate::report) fn groups(flows: &[Flow]) -> Vec<FlowGroup<'_>> {
    let mut groups: Vec<Vec<&Flow>> = Vec::new();
    let mut known: BTreeMap<GroupKey<'_>, usize> = BTreeMap::new();
    for flow in flows {
        let alike = GroupKey {
            end: flow.end,
            name: &flow.name,
            verdict: &flow.verdict,
            via: flow.via,
            reason: &flow.reason,
        };
        let at = *known.entry(alike).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(flow),
            None => groups.push(vec![flow]),
        }
    }
    groups.into_iter().filter_map(|flows| FlowGroup::of(&flows)).collect()
}

impl<'e> FlowGroup<'e> {
    fn of(flows: &[&'e Flow]) -> Option<Self> {
        let steps = flows.iter().map(|flow| flow.hops.len()).max().unwrap_or_default();
        let hops = (0..steps).flat_map(|step| flows.iter().filter_map(move |flow| flow.hops.get(step)));
        let blanks = |flow: &&&Flow| flow.checks.iter().map(|check| check.command.blanks()).sum::<usize>();
        Some(Self {
            checks: &flows.iter().min_by_key(blanks)?.checks,
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
