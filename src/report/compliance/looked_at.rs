//! What a rule looked at on a resource: the values that its checks, then its condition, read.

use crate::engine::Finding;
use crate::engine::trace::{
    CheckTrace, EachTrace, ExpressionTrace, ReadTrace, ResourceParts, ResourceTrace, TracedFinding,
};
use crate::report::finding_text::shortened;
use crate::report::totals::plural;
use crate::value::Location;
use std::collections::BTreeSet;

/// So many values are shown of a resource: they are what its rule looked at first.
const VALUES: usize = 6;
/// The longest value that is shown, in UTF-16 code units.
const VALUE: usize = 160;

/// A value that a rule looked at. Secrets are masked.
#[derive(Clone, PartialEq)]
pub(super) struct EvidenceValue<'a> {
    pub(super) path: &'a str,
    pub(super) value: String,
    pub(super) at: Option<&'a Location>,
}

/// What a rule looked at where it found nothing: of each list that it went through all or how many items it has, and what it
/// read of the first item.
pub(super) fn of_resource(traced: &ResourceTrace) -> Vec<EvidenceValue<'_>> {
    let Some(parts) = &traced.parts else { return Vec::new() };
    let (mut lists, mut values) = (Vec::new(), Vec::new());
    parts.checks.iter().for_each(|check| add_check(check, &mut lists, &mut values));
    add_conditions(parts, &mut values);
    // The list itself says more than how long it is.
    let itself = |list: &EvidenceValue<'_>| values.iter().find(|value| value.path == list.path).cloned();
    let lists: Vec<_> = lists.into_iter().map(|list| itself(&list).unwrap_or(list)).collect();
    first(lists.into_iter().chain(values).collect())
}

/// What a rule looked at where it found that: what it read of another item of a list says nothing about this one.
pub(super) fn of_finding<'a>(traced: &'a ResourceTrace, finding: &Finding) -> Vec<EvidenceValue<'a>> {
    let Some(parts) = &traced.parts else { return Vec::new() };
    let mut failed = Vec::new();
    parts.checks.iter().for_each(|check| add_failed(check, &mut failed));
    let mut values = Vec::new();
    match of_same(traced, finding)
        .and_then(|at| failed.get(at))
        .filter(|_| failed.len() == traced.findings.len())
    {
        Some(assert) => add_expression(assert, &mut values),
        None => add_common(&failed, &mut values),
    }
    add_conditions(parts, &mut values);
    first(values)
}

/// Which of the findings of a resource it is, or of which it speaks.
fn of_same(traced: &ResourceTrace, finding: &Finding) -> Option<usize> {
    let is_it = |one: &TracedFinding| {
        one.finding.fingerprint == finding.fingerprint
            && one.finding.primary.pointer == finding.primary.pointer
    };
    traced.findings.iter().position(is_it)
}

fn add_conditions<'a>(parts: &'a ResourceParts, values: &mut Vec<EvidenceValue<'a>>) {
    parts.when.iter().for_each(|when| add_expression(when, values));
    parts.lets.iter().for_each(|(_, value)| add_expression(value, values));
}

fn add_check<'a>(
    check: &'a CheckTrace,
    lists: &mut Vec<EvidenceValue<'a>>,
    values: &mut Vec<EvidenceValue<'a>>,
) {
    match check {
        CheckTrace::Assert(assert) => add_expression(assert, values),
        CheckTrace::Each(each) => {
            lists.extend(list(each));
            let checks = each.shown.iter().filter_map(|item| item.check.as_ref().ok());
            checks.for_each(|check| add_check(check, lists, values));
        }
    }
}

/// A list that a check goes through. That it has no items is all that decides where there are none.
fn list(each: &EachTrace) -> Option<EvidenceValue<'_>> {
    let items = *each.items.as_ref().ok()?;
    Some(EvidenceValue { path: &each.source, value: plural(items, "item"), at: each.at.as_ref() })
}

/// What the checks assert that failed, item by item.
fn add_failed<'a>(check: &'a CheckTrace, failed: &mut Vec<&'a ExpressionTrace>) {
    match check {
        CheckTrace::Assert(assert) if assert.is(false) => failed.push(assert),
        CheckTrace::Assert(_) => {}
        CheckTrace::Each(each) => {
            let checks = each.shown.iter().filter_map(|item| item.check.as_ref().ok());
            checks.for_each(|check| add_failed(check, failed));
        }
    }
}

/// What all of them read alike.
fn add_common<'a>(failed: &[&'a ExpressionTrace], values: &mut Vec<EvidenceValue<'a>>) {
    let Some((first, others)) = failed.split_first() else { return };
    let reads = |assert| {
        let mut values = Vec::new();
        add_expression(assert, &mut values);
        values
    };
    let others: Vec<_> = others.iter().map(|assert| reads(assert)).collect();
    let is_common = |value: &EvidenceValue<'_>| others.iter().all(|reads| reads.contains(value));
    values.extend(reads(first).into_iter().filter(is_common));
}

fn add_expression<'a>(expression: &'a ExpressionTrace, values: &mut Vec<EvidenceValue<'a>>) {
    values.extend(expression.reads.iter().filter_map(value));
    expression.parts.iter().for_each(|part| add_expression(part, values));
}

fn value(read: &ReadTrace) -> Option<EvidenceValue<'_>> {
    let value = shortened(read.value.as_ref().ok()?, VALUE);
    Some(EvidenceValue { path: &read.source, value, at: read.at.as_ref() })
}

/// The first of them, each path once.
fn first(values: Vec<EvidenceValue<'_>>) -> Vec<EvidenceValue<'_>> {
    let mut seen = BTreeSet::new();
    values.into_iter().filter(|value| seen.insert(value.path)).take(VALUES).collect()
}
