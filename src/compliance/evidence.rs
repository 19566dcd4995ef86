//! What one rule says about a control on one cluster, and what shows it.

use super::{Assessor, ControlVerdict};
use crate::engine::trace::RuleNotRun;
use crate::engine::{Finding, Judgement, Outcome, RuleIndex, RuleTrace, Standing};
use crate::scan::ClusterScan;
use crate::snapshot::{NO_CLUSTER, Unknown, UnknownKind};

/// What a rule says, and why.
#[derive(Clone, Debug)]
pub struct RuleVerdict<'a> {
    /// What it says.
    pub verdict: ControlVerdict,
    /// What it found that is not accepted stands in the baseline, all of it.
    pub only_in_baseline: bool,
    /// Why it could not judge, or does not apply.
    pub reasons: Vec<EvidenceReason<'a>>,
    /// What was found, also what a stronger rule reports.
    pub findings: Vec<&'a Finding>,
}

/// Why a rule could not judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EvidenceReason<'a> {
    /// Something is not known.
    Unknown(&'a Unknown),
    /// In words.
    Words(String),
}

/// What a rule says about a control on a cluster.
#[derive(Clone, Debug)]
pub struct RuleEvidence<'a> {
    /// The rule.
    pub rule: RuleIndex,
    /// What it says.
    pub says: RuleVerdict<'a>,
    /// What it gave on each resource, if that was asked for.
    pub trace: Option<&'a RuleTrace>,
}

impl<'a> RuleVerdict<'a> {
    fn plain(verdict: ControlVerdict) -> Self {
        Self { verdict, only_in_baseline: false, reasons: Vec::new(), findings: Vec::new() }
    }

    fn because(verdict: ControlVerdict, reasons: Vec<EvidenceReason<'a>>) -> Self {
        Self { reasons, ..Self::plain(verdict) }
    }
}

impl<'a> Assessor<'a> {
    /// What a rule says on a cluster.
    pub(super) fn evidence(&self, rule: RuleIndex, cluster: &'a ClusterScan) -> RuleEvidence<'a> {
        let trace = cluster.traces.iter().find(|trace| trace.rule == rule);
        let mut says = self.says(rule, &cluster.judgement);
        if cluster.judgement.outcome(rule) == Some(Outcome::NeedsConfiguration)
            && let Some(verdict) = trace.and_then(without_parameter)
        {
            says = RuleVerdict::plain(verdict);
        }
        if trace.is_some_and(|trace| trace.not_run == Some(RuleNotRun::OtherKind)) {
            let why = EvidenceReason::Words("it is for clusters of another kind".to_owned());
            says = RuleVerdict::because(ControlVerdict::NotApplicable, vec![why]);
        }
        RuleEvidence { rule, says, trace }
    }

    fn says(&self, rule: RuleIndex, judgement: &'a Judgement) -> RuleVerdict<'a> {
        let reasons = || reasons(rule, judgement);
        match judgement.outcome(rule) {
            Some(Outcome::Off) | None => RuleVerdict::because(
                ControlVerdict::NotEvaluated,
                vec![EvidenceReason::Words(self.off(rule))],
            ),
            Some(Outcome::NotApplicable) => not_applicable(reasons()),
            Some(Outcome::Pass) => RuleVerdict::plain(ControlVerdict::Passed),
            Some(Outcome::NeedsConfiguration | Outcome::NotEvaluated) => {
                self.found(rule, judgement, reasons())
            }
            Some(Outcome::Error) => {
                let id = &self.rules[rule].rule.id;
                let errors = judgement.errors.iter().filter(|error| error.rule == *id);
                let words =
                    errors.map(|error| EvidenceReason::Words(format!("the rule failed: {}", error.cause)));
                self.found(rule, judgement, words.chain(reasons()).collect())
            }
            Some(Outcome::Fail | Outcome::Superseded) => self.found(rule, judgement, reasons()),
        }
    }

    /// What follows from its findings, and from what it could not judge.
    fn found(
        &self,
        rule: RuleIndex,
        judgement: &'a Judgement,
        reasons: Vec<EvidenceReason<'a>>,
    ) -> RuleVerdict<'a> {
        let speaks = |finding: &&Finding| {
            finding.rule == rule || judgement.stands_for(finding).any(|weaker| weaker == rule)
        };
        let findings: Vec<_> = judgement.findings.iter().filter(speaks).collect();
        let has = |standing: fn(Standing) -> bool| findings.iter().any(|finding| standing(finding.standing));
        let is_open = has(|standing| standing == Standing::Open);
        let is_known = has(|standing| standing == Standing::Baseline);
        let verdict = match (is_open || is_known, reasons.is_empty()) {
            (true, _) => ControlVerdict::Failed,
            (false, true) if !findings.is_empty() => ControlVerdict::Accepted,
            // Without a finding and without a reason, what it is about is not known to be fine.
            (false, _) => ControlVerdict::NotEvaluated,
        };
        RuleVerdict { verdict, only_in_baseline: is_known && !is_open, reasons, findings }
    }

    /// Why a rule is off.
    fn off(&self, rule: RuleIndex) -> String {
        match self.why_off.get(&rule) {
            Some(why) => format!("off: {why}"),
            None => format!("off in {} for this cluster", self.config),
        }
    }
}

/// What a rule says for which a parameter has no value, if it says the same with every value: a list of addresses that may
/// reach the endpoint does not matter where there is no public one.
fn without_parameter(trace: &RuleTrace) -> Option<ControlVerdict> {
    if !trace.unknowns.is_empty() || !trace.errors.is_empty() {
        return None;
    }
    match trace.resources.iter().map(|resource| resource.outcome).max() {
        None | Some(Outcome::NotApplicable) => Some(ControlVerdict::NotApplicable),
        Some(Outcome::Pass) => Some(ControlVerdict::Passed),
        Some(_) => None,
    }
}

/// What only a running cluster shows is no matter for a review of templates. But a control does not pass for what nobody
/// saw.
fn not_applicable(reasons: Vec<EvidenceReason<'_>>) -> RuleVerdict<'_> {
    let is_unseen = reasons.iter().any(|reason| match reason {
        EvidenceReason::Unknown(unknown) => {
            unknown.kind == UnknownKind::NotInTemplate && unknown.reason != NO_CLUSTER
        }
        EvidenceReason::Words(_) => false,
    });
    let verdict = if is_unseen { ControlVerdict::NotEvaluated } else { ControlVerdict::NotApplicable };
    RuleVerdict::because(verdict, reasons)
}

fn reasons(rule: RuleIndex, judgement: &Judgement) -> Vec<EvidenceReason<'_>> {
    let own = judgement.unknowns.keys().filter(|(of, _)| *of == rule);
    own.map(|(_, unknown)| EvidenceReason::Unknown(unknown)).collect()
}
