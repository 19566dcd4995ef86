//! The evidence for what became of a control, as all outputs show it.

use super::looked_at::{self, EvidenceValue};
use crate::compliance::{ControlOnCluster, ControlVerdict, EvidenceReason, RuleEvidence};
use crate::engine::trace::{ResourceTrace, RuleNotRun, RuleTrace};
use crate::engine::{Finding, Outcome, Resource, Standing};
use crate::report::Report;
use crate::report::totals;
use crate::rule::Rule;
use crate::scan::ClusterScan;
use crate::snapshot::section;
use crate::value::Location;
use std::collections::BTreeSet;

/// What a rule says about a control on a cluster.
pub(super) struct ShownEvidence<'a> {
    pub(super) rule: &'a Rule,
    pub(super) verdict: ControlVerdict,
    /// Whether all that it found and nobody accepted stands in the baseline.
    pub(super) only_in_baseline: bool,
    /// Why it could not judge, or does not apply.
    pub(super) reasons: Vec<EvidenceReason<'a>>,
    /// The API calls that its answer rests on; none where a template describes the cluster.
    pub(super) calls: Vec<&'a str>,
    pub(super) resources: Vec<ShownResource<'a>>,
}

/// What it says about one resource.
pub(super) struct ShownResource<'a> {
    pub(super) resource: &'a Resource,
    pub(super) at: &'a Location,
    pub(super) verdict: ControlVerdict,
    /// What was found, if something was.
    pub(super) finding: Option<&'a Finding>,
    /// Why it could not be judged.
    pub(super) reasons: Vec<EvidenceReason<'a>>,
    /// What the rule looked at, where it decided.
    pub(super) values: Vec<EvidenceValue<'a>>,
}

/// Why something could not be judged, in words and with the way out.
pub(super) fn words(reason: &EvidenceReason<'_>) -> String {
    match reason {
        EvidenceReason::Unknown(unknown) => totals::explain(unknown),
        EvidenceReason::Words(words) => words.clone(),
    }
}

/// When a cluster was read, if its snapshot says so: `2026-11-20 10:00 UTC`.
pub(super) fn captured(cluster: &ClusterScan) -> Option<String> {
    cluster.captured_at.map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string())
}

/// The evidence on a cluster, rule by rule.
pub(super) fn evidence<'a>(report: &Report<'a>, on: &ControlOnCluster<'a>) -> Vec<ShownEvidence<'a>> {
    on.evidence.iter().map(|one| of_rule(report, on.cluster, one)).collect()
}

/// The evidence of one rule on a cluster.
pub(super) fn of_rule<'a>(
    report: &Report<'a>,
    cluster: &ClusterScan,
    evidence: &RuleEvidence<'a>,
) -> ShownEvidence<'a> {
    let rule = report.rules[evidence.rule].rule;
    let traced = evidence.trace.map_or(&[][..], evaluated);
    let found = evidence.says.findings.iter().map(|finding| of_finding(finding, traced));
    // What was found of a resource says more than that it failed.
    let others = traced.iter().filter(|traced| traced.outcome != Outcome::Fail).map(of_resource);
    let resources: Vec<_> = found.chain(others).collect();
    let is_evaluated = evidence.trace.is_none_or(|trace| trace.not_run.is_none() || !traced.is_empty());
    let from_aws = cluster.judgement.source.is_none();
    ShownEvidence {
        rule,
        verdict: evidence.says.verdict,
        only_in_baseline: evidence.says.only_in_baseline,
        reasons: evidence.says.reasons.clone(),
        calls: if from_aws && is_evaluated { calls(rule, &resources) } else { Vec::new() },
        resources,
    }
}

/// The resources on which a rule was evaluated. One that is off, or for clusters of another kind, is not, whatever else it
/// would give.
fn evaluated(trace: &RuleTrace) -> &[ResourceTrace] {
    match trace.not_run {
        Some(RuleNotRun::Off | RuleNotRun::OtherKind | RuleNotRun::KindUnknown(_)) => &[],
        Some(RuleNotRun::NeedsConfiguration(_)) | None => &trace.resources,
    }
}

/// The API calls that fill what a rule reads, what its facts are decided by, and where it lies what it looked at.
fn calls(rule: &Rule, resources: &[ShownResource<'_>]) -> Vec<&'static str> {
    let mut sections: BTreeSet<_> = rule.reads.sections.clone();
    sections.extend(rule.reads.facts.deciding_sections().map(|section| section.name.as_str()));
    let places = resources.iter().flat_map(|one| &one.values).filter_map(|value| value.at);
    let names = places.filter_map(|at| at.pointer.as_str().split('/').nth(1));
    sections.extend(names.filter_map(section::by_name).map(|section| section.name.as_str()));
    let filled = section::all().iter().filter(|section| sections.contains(section.name.as_str()));
    let calls: BTreeSet<_> =
        filled.flat_map(|section| &section.calls).map(|call| call.api.as_str()).collect();
    calls.into_iter().collect()
}

fn of_finding<'a>(finding: &'a Finding, traced: &'a [ResourceTrace]) -> ShownResource<'a> {
    let verdict = match finding.standing {
        Standing::Waived(_) => ControlVerdict::Accepted,
        Standing::Open | Standing::Baseline => ControlVerdict::Failed,
    };
    ShownResource {
        resource: &finding.resource,
        at: &finding.primary,
        verdict,
        finding: Some(finding),
        reasons: Vec::new(),
        values: traced
            .iter()
            .find(|traced| traced.resource == finding.resource)
            .map(|traced| looked_at::of_finding(traced, finding))
            .unwrap_or_default(),
    }
}

fn of_resource(traced: &ResourceTrace) -> ShownResource<'_> {
    let verdict = match traced.outcome {
        Outcome::Pass => ControlVerdict::Passed,
        Outcome::NotApplicable => ControlVerdict::NotApplicable,
        _ => ControlVerdict::NotEvaluated,
    };
    let unknown = traced.unknowns.iter().map(|(unknown, _)| EvidenceReason::Unknown(unknown));
    let failed = traced.errors.iter().map(|cause| EvidenceReason::Words(format!("the rule failed: {cause}")));
    ShownResource {
        resource: &traced.resource,
        at: &traced.at,
        verdict,
        finding: None,
        reasons: unknown.chain(failed).collect(),
        values: if verdict == ControlVerdict::Passed { looked_at::of_resource(traced) } else { Vec::new() },
    }
}
