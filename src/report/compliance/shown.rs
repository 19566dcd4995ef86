//! The evidence for what became of a control, as all outputs show it.

use crate::compliance::{ControlOnCluster, ControlVerdict, EvidenceReason, RuleEvidence};
use crate::engine::trace::{CheckTrace, ExpressionTrace, ReadTrace, ResourceTrace};
use crate::engine::{Finding, Outcome, Resource, Standing};
use crate::report::Report;
use crate::report::finding_text::shortened;
use crate::report::totals;
use crate::rule::Rule;
use crate::scan::ClusterScan;
use crate::snapshot::section;
use crate::value::Location;
use std::collections::BTreeSet;

/// So many values are shown of a resource: they are what its rule looked at first.
const VALUES: usize = 6;
/// The longest value that is shown, in UTF-16 code units.
const VALUE: usize = 160;

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

/// A value that a rule looked at. Secrets are masked.
pub(super) struct EvidenceValue<'a> {
    pub(super) path: &'a str,
    pub(super) value: String,
    pub(super) at: Option<&'a Location>,
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
    let (rule, from_aws) = (report.rules[evidence.rule].rule, cluster.judgement.source.is_none());
    // What facts rest on besides would be half of all calls.
    let read = section::all().iter().filter(|section| rule.reads.sections.contains(section.name.as_str()));
    let calls: BTreeSet<_> = read.flat_map(|section| &section.calls).map(|call| call.api.as_str()).collect();
    let traced: &[ResourceTrace] = evidence.trace.map_or(&[], |trace| &trace.resources);
    let found = evidence.says.findings.iter().map(|finding| of_finding(finding, traced));
    // What was found of a resource says more than that it failed.
    let others = traced.iter().filter(|traced| traced.outcome != Outcome::Fail).map(of_resource);
    ShownEvidence {
        rule,
        verdict: evidence.says.verdict,
        only_in_baseline: evidence.says.only_in_baseline,
        reasons: evidence.says.reasons.clone(),
        calls: if from_aws { calls.into_iter().collect() } else { Vec::new() },
        resources: found.chain(others).collect(),
    }
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
            .map(values)
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
        values: if verdict == ControlVerdict::Passed { values(traced) } else { Vec::new() },
    }
}

/// What a rule looked at: what its checks read first, then its condition.
fn values(traced: &ResourceTrace) -> Vec<EvidenceValue<'_>> {
    let mut reads = Vec::new();
    if let Some(parts) = &traced.parts {
        parts.checks.iter().for_each(|check| add_check(check, &mut reads));
        parts.when.iter().for_each(|when| add_expression(when, &mut reads));
        parts.lets.iter().for_each(|(_, value)| add_expression(value, &mut reads));
    }
    let mut seen = BTreeSet::new();
    let known = reads.into_iter().filter(|read| seen.insert(read.source.as_str()));
    let shown = known.filter_map(|read| {
        Some(EvidenceValue {
            path: &read.source,
            value: shortened(read.value.as_ref().ok()?, VALUE),
            at: read.at.as_ref(),
        })
    });
    shown.take(VALUES).collect()
}

fn add_check<'a>(check: &'a CheckTrace, reads: &mut Vec<&'a ReadTrace>) {
    match check {
        CheckTrace::Assert(assert) => add_expression(assert, reads),
        CheckTrace::Each(each) => {
            each.shown
                .iter()
                .filter_map(|item| item.check.as_ref().ok())
                .for_each(|check| add_check(check, reads));
        }
    }
}

fn add_expression<'a>(expression: &'a ExpressionTrace, reads: &mut Vec<&'a ReadTrace>) {
    reads.extend(&expression.reads);
    expression.parts.iter().for_each(|part| add_expression(part, reads));
}
