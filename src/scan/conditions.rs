//! What a cluster of a template depends on, and nobody knows: a condition such as `var.create`. Rules that could not be
//! evaluated are evaluated once for each case, and what they say in both is said.

use super::ClusterScan;
use crate::engine::{Finding, Fingerprint, Judgement, Outcome, RuleIndex};
use crate::snapshot::{Unknown, UnknownKind};
use std::collections::BTreeSet;

/// Why something is known only after apply, each reason once.
pub(super) fn reasons(scan: &ClusterScan) -> BTreeSet<String> {
    open(&scan.judgement).map(|(_, unknown)| unknown.reason.clone()).collect()
}

/// What is known only after apply, and the rules that need it.
fn open(judgement: &Judgement) -> impl Iterator<Item = &(RuleIndex, Unknown)> {
    judgement.unknowns.keys().filter(|(_, unknown)| unknown.kind == UnknownKind::UntilApply)
}

/// Takes over what rules say whether the condition holds or not. Where there is no such cluster in one case, the other one
/// decides: of a cluster that is not there nothing is said.
pub(super) fn decide(judgement: &mut Judgement, condition: &str, cases: [Option<Judgement>; 2]) {
    let (holds, fails) = match &cases {
        [Some(holds), Some(fails)] => (holds, fails),
        [Some(only), None] | [None, Some(only)] => (only, only),
        [None, None] => return,
    };
    let rules: BTreeSet<_> = open(judgement).map(|(rule, _)| *rule).collect();
    for rule in rules {
        let (found, others) = (fingerprints(holds, rule), fingerprints(fails, rule));
        add(judgement, rule, holds, &others);
        match (decision(holds, rule), decision(fails, rule)) {
            (Some(one), Some(other)) if found == others => close(judgement, rule, one.max(other)),
            (Some(one), Some(other)) => explain(judgement, rule, condition, [one, other]),
            _ => {}
        }
    }
}

fn findings(judgement: &Judgement, rule: RuleIndex) -> impl Iterator<Item = &Finding> {
    judgement.findings.iter().filter(move |finding| finding.rule == rule)
}

fn fingerprints(judgement: &Judgement, rule: RuleIndex) -> BTreeSet<Fingerprint> {
    findings(judgement, rule).map(|finding| finding.fingerprint).collect()
}

/// What a rule says, if all that decides is known. What stronger rules stand for is not taken over: it is known only as a whole.
fn decision(case: &Judgement, rule: RuleIndex) -> Option<Outcome> {
    let is_open = case.unknowns.keys().any(|(of, _)| *of == rule);
    let outcome = case.outcome(rule)?;
    (!is_open && matches!(outcome, Outcome::NotApplicable | Outcome::Pass | Outcome::Fail)).then_some(outcome)
}

/// Adds findings of a rule that the other case has too, and that are not there yet.
fn add(judgement: &mut Judgement, rule: RuleIndex, case: &Judgement, others: &BTreeSet<Fingerprint>) {
    let known = fingerprints(judgement, rule);
    let is_new = |print: &Fingerprint| others.contains(print) && !known.contains(print);
    let new: Vec<_> = findings(case, rule).filter(|finding| is_new(&finding.fingerprint)).cloned().collect();
    if !new.is_empty() {
        judgement.findings.extend(new);
        set(judgement, rule, Outcome::Fail);
    }
}

/// Nothing of the rule is unknown any more.
fn close(judgement: &mut Judgement, rule: RuleIndex, outcome: Outcome) {
    judgement.unknowns.retain(|(of, _), _| *of != rule);
    let has_findings = findings(judgement, rule).next().is_some();
    set(judgement, rule, if has_findings { Outcome::Fail } else { outcome });
}

fn set(judgement: &mut Judgement, rule: RuleIndex, outcome: Outcome) {
    if let Some(known) = judgement.outcomes.get_mut(rule.position()) {
        *known = outcome;
    }
}

/// Says what the rule depends on.
fn explain(judgement: &mut Judgement, rule: RuleIndex, condition: &str, [holds, fails]: [Outcome; 2]) {
    let word = |outcome| if outcome == Outcome::Fail { "a finding" } else { "none" };
    let reason = match (word(holds), word(fails)) {
        (one, other) if one == other => format!("what is found depends on {condition}"),
        (one, other) => format!("depends on {condition}: {one} if it holds, {other} if it does not"),
    };
    let all = std::mem::take(&mut judgement.unknowns);
    judgement.unknowns = all
        .into_iter()
        .map(|((of, unknown), count)| match of == rule && unknown.kind == UnknownKind::UntilApply {
            true => ((of, Unknown { reason: reason.clone(), ..unknown }), count),
            false => ((of, unknown), count),
        })
        .collect();
}
