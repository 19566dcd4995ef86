//! What a cluster of a template depends on, and nobody knows: a condition such as `var.create`. Rules that could not be
//! evaluated are evaluated once for each case, and what they say in all of them is said.

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

/// Takes over what rules say in every case of a condition, each with words that follow `if`. Where there is no such cluster in
/// one case, the others decide: of a cluster that is not there nothing is said.
pub(super) fn decide(judgement: &mut Judgement, condition: &str, cases: &[(String, Judgement)]) {
    let Some(((_, first), others)) = cases.split_first() else { return };
    let rules: BTreeSet<_> = open(judgement).map(|(rule, _)| *rule).collect();
    for rule in rules {
        let found = fingerprints(first, rule);
        let others: Vec<_> = others.iter().map(|(_, case)| fingerprints(case, rule)).collect();
        let in_all = found.iter().filter(|print| others.iter().all(|other| other.contains(print)));
        add(judgement, rule, first, &in_all.copied().collect());
        let decisions = cases.iter().map(|(words, case)| Some((words.as_str(), decision(case, rule)?)));
        let Some(decisions) = decisions.collect::<Option<Vec<_>>>() else { continue };
        match others.iter().all(|other| *other == found) {
            true => {
                let outcomes = decisions.iter().map(|(_, outcome)| *outcome);
                close(judgement, rule, outcomes.max().unwrap_or(Outcome::NotApplicable));
            }
            false => explain(judgement, rule, &depends(condition, &decisions)),
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

/// Adds findings of a rule that are in all cases, and that are not there yet.
fn add(judgement: &mut Judgement, rule: RuleIndex, case: &Judgement, in_all: &BTreeSet<Fingerprint>) {
    let known = fingerprints(judgement, rule);
    let is_new = |print: &Fingerprint| in_all.contains(print) && !known.contains(print);
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

/// What the rule depends on, in words.
fn depends(condition: &str, cases: &[(&str, Outcome)]) -> String {
    let (found, none): (Vec<_>, Vec<_>) = cases.iter().partition(|(_, outcome)| *outcome == Outcome::Fail);
    if found.is_empty() || none.is_empty() {
        return format!("what is found depends on {condition}");
    }
    let words = |word: &str, cases: &[&(&str, Outcome)]| {
        // `it is a`, `it is b`: it is said once what it is.
        let shorter = |(at, (words, _)): (usize, &&(&str, Outcome))| match at {
            0 => (*words).to_owned(),
            _ => words.strip_prefix("it is ").unwrap_or(words).to_owned(),
        };
        let all: Vec<_> = cases.iter().enumerate().map(shorter).collect();
        format!("{word} if {}", all.join(" or "))
    };
    let mut parts = [words("a finding", &found), words("none", &none)];
    if cases.first().is_some_and(|(_, outcome)| *outcome != Outcome::Fail) {
        parts.reverse();
    }
    format!("depends on {condition}: {}", parts.join(", "))
}

/// Says what the rule depends on.
fn explain(judgement: &mut Judgement, rule: RuleIndex, reason: &str) {
    let all = std::mem::take(&mut judgement.unknowns);
    judgement.unknowns = all
        .into_iter()
        .map(|((of, unknown), count)| match of == rule && unknown.kind == UnknownKind::UntilApply {
            true => ((of, Unknown { reason: reason.to_owned(), ..unknown }), count),
            false => ((of, unknown), count),
        })
        .collect();
}
