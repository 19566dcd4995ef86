//! For programs: one JSON document, described by `docs/compliance-output.schema.json`.

use super::ComplianceReport;
use super::json_since::JsonSince;
use super::looked_at::EvidenceValue;
use super::scope::{origin, rules};
use super::shown::{ShownEvidence, ShownResource, evidence, words};
use crate::compliance::{
    ControlOnCluster, ControlResult, ControlTally, ControlVerdict, EvidenceReason, FrameworkResult,
    REPORT_SCHEMA_VERSION,
};
use crate::policy::ParameterInForce;
use crate::report::json::framework::{JsonControl, JsonFramework};
use crate::report::json::parts::{
    JsonCluster, JsonError, JsonLocation, JsonMissingPermission, JsonResource, JsonTool, JsonWaiver,
};
use crate::report::{Report, Summary, json_text};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value;
use std::io::{self, Write};

/// Raised when a field goes away or changes its meaning; new fields come without that.
const SCHEMA_VERSION: u32 = REPORT_SCHEMA_VERSION;

/// Writes the report.
pub(super) fn write(report: &ComplianceReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let summary = report.scanned.summary();
    json_text::write(&JsonCompliance::of(report, &summary), out)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonCompliance<'a> {
    schema_version: u32,
    tool: JsonTool,
    rule_set: JsonRuleSet<'a>,
    as_of: NaiveDate,
    scope: JsonScope<'a>,
    clusters: Vec<JsonSubject<'a>>,
    inputs: Vec<JsonInput<'a>>,
    parameters: Vec<JsonParameter<'a>>,
    frameworks: Vec<JsonFrameworkResult<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<JsonSince<'a>>,
    missing_permissions: Vec<JsonMissingPermission<'a>>,
    failed_calls: Vec<JsonMissingPermission<'a>>,
    errors: Vec<JsonError<'a>>,
    rule_errors: Vec<JsonError<'a>>,
    notices: &'a [String],
    complete: bool,
}

/// Which clusters were asked for.
#[derive(Serialize)]
struct JsonScope<'a> {
    paths: &'a [String],
    regions: Vec<JsonRegion<'a>>,
    clusters: &'a [String],
}

#[derive(Serialize)]
struct JsonRegion<'a> {
    account: &'a str,
    region: &'a str,
}

#[derive(Serialize)]
struct JsonRuleSet<'a> {
    rules: usize,
    sha256: &'a str,
}

/// A cluster that was judged.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonSubject<'a> {
    #[serde(flatten)]
    cluster: JsonCluster<'a>,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    captured_at: Option<DateTime<Utc>>,
    /// What describes it: `aws`, or the language of a template.
    source: &'static str,
}

#[derive(Serialize)]
struct JsonInput<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonParameter<'a> {
    rule: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a Value>,
    origin: String,
    /// The `[[cluster]]` of the configuration that it is for, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<usize>,
}

#[derive(Serialize)]
struct JsonFrameworkResult<'a> {
    #[serde(flatten)]
    framework: JsonFramework<'a>,
    summary: JsonTally,
    controls: Vec<JsonControlResult<'a>>,
}

/// How many controls became what.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonTally {
    controls: usize,
    evaluated: usize,
    passed: usize,
    failed: usize,
    not_evaluated: usize,
    accepted: usize,
    manual: usize,
    not_applicable: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonControlResult<'a> {
    #[serde(flatten)]
    control: JsonControl<'a>,
    verdict: &'static str,
    only_in_baseline: bool,
    clusters: Vec<JsonOnCluster<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonOnCluster<'a> {
    /// The position among the clusters of the report.
    cluster: usize,
    verdict: &'static str,
    only_in_baseline: bool,
    evidence: Vec<JsonEvidence<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonEvidence<'a> {
    rule: &'a str,
    severity: &'static str,
    verdict: &'static str,
    only_in_baseline: bool,
    reasons: Vec<JsonEvidenceReason<'a>>,
    api_calls: Vec<&'a str>,
    resources: Vec<JsonEvidenceResource<'a>>,
}

#[derive(Serialize)]
struct JsonEvidenceResource<'a> {
    resource: JsonResource<'a>,
    location: JsonLocation<'a>,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<JsonWaiver<'a>>,
    reasons: Vec<JsonEvidenceReason<'a>>,
    values: Vec<JsonEvidenceValue<'a>>,
}

/// Why something could not be judged.
#[derive(Serialize)]
struct JsonEvidenceReason<'a> {
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'a str>,
}

#[derive(Serialize)]
struct JsonEvidenceValue<'a> {
    path: &'a str,
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<JsonLocation<'a>>,
}

impl<'a> JsonCompliance<'a> {
    fn of(report: &'a ComplianceReport<'a>, summary: &'a Summary) -> Self {
        let scanned = report.scanned;
        let refused =
            |(action, answers): (&'a String, &'a usize)| JsonMissingPermission::of(action, *answers);
        Self {
            schema_version: SCHEMA_VERSION,
            tool: JsonTool::own(),
            rule_set: JsonRuleSet { rules: rules(report), sha256: &report.rules_digest },
            as_of: scanned.as_of,
            scope: JsonScope {
                paths: &report.scope.paths,
                regions: scanned
                    .live
                    .iter()
                    .map(|(account, region)| JsonRegion { account, region })
                    .collect(),
                clusters: &report.scope.clusters,
            },
            clusters: scanned.scan.clusters.iter().map(JsonSubject::of).collect(),
            inputs: report
                .inputs()
                .map(|digest| JsonInput { name: &digest.name, sha256: digest.sha256.as_deref() })
                .collect(),
            parameters: parameters(report),
            frameworks: report
                .frameworks
                .iter()
                .map(|result| JsonFrameworkResult::of(scanned, result))
                .collect(),
            since: JsonSince::of(report),
            missing_permissions: summary.missing_permissions.iter().map(refused).collect(),
            failed_calls: summary.failed_calls.iter().map(refused).collect(),
            errors: scanned.errors.iter().map(JsonError::of).collect(),
            rule_errors: scanned.rule_errors.iter().map(JsonError::of).collect(),
            notices: &scanned.notices,
            complete: scanned.is_complete(summary),
        }
    }
}

fn parameters<'a>(report: &'a ComplianceReport<'a>) -> Vec<JsonParameter<'a>> {
    let one = |parameter: &'a ParameterInForce| JsonParameter {
        rule: &parameter.rule,
        name: &parameter.name,
        value: parameter.value.as_ref(),
        origin: origin(report, parameter).unwrap_or_else(|| "rule".to_owned()),
        cluster: parameter.cluster,
    };
    report.parameters.iter().map(one).collect()
}

impl<'a> JsonSubject<'a> {
    fn of(cluster: &'a crate::scan::ClusterScan) -> Self {
        Self {
            cluster: JsonCluster::of(Some(&cluster.judgement.cluster)),
            file: &cluster.file.name,
            document: cluster.file.document,
            captured_at: cluster.captured_at,
            source: cluster.judgement.source.map_or("aws", |source| source.as_str()),
        }
    }
}

impl<'a> JsonFrameworkResult<'a> {
    fn of(report: &Report<'a>, result: &FrameworkResult<'a>) -> Self {
        Self {
            framework: JsonFramework::of(result.framework),
            summary: JsonTally::of(&result.tally()),
            controls: result.controls.iter().map(|control| JsonControlResult::of(report, control)).collect(),
        }
    }
}

impl JsonTally {
    fn of(tally: &ControlTally) -> Self {
        Self {
            controls: tally.controls(),
            evaluated: tally.evaluated(),
            passed: tally.count(ControlVerdict::Passed),
            failed: tally.count(ControlVerdict::Failed),
            not_evaluated: tally.count(ControlVerdict::NotEvaluated),
            accepted: tally.count(ControlVerdict::Accepted),
            manual: tally.count(ControlVerdict::Manual),
            not_applicable: tally.count(ControlVerdict::NotApplicable),
        }
    }
}

impl<'a> JsonControlResult<'a> {
    fn of(report: &Report<'a>, result: &ControlResult<'a>) -> Self {
        let on_cluster = |(at, on): (usize, &ControlOnCluster<'a>)| JsonOnCluster::of(report, at, on);
        let rules = result.rules.iter().map(|rule| report.rules[*rule].rule);
        let mut control = JsonControl::of(result.control, rules);
        control.not_yet = control.not_yet.filter(|_| result.has_no_rule_yet());
        Self {
            control,
            verdict: result.verdict().as_str(),
            only_in_baseline: result.is_only_in_baseline(),
            clusters: result.clusters.iter().enumerate().map(on_cluster).collect(),
        }
    }
}

impl<'a> JsonOnCluster<'a> {
    fn of(report: &Report<'a>, cluster: usize, on: &ControlOnCluster<'a>) -> Self {
        Self {
            cluster,
            verdict: on.verdict.as_str(),
            only_in_baseline: on.is_only_in_baseline(),
            evidence: evidence(report, on).into_iter().map(|one| JsonEvidence::of(report, one)).collect(),
        }
    }
}

impl<'a> JsonEvidence<'a> {
    fn of(report: &Report<'a>, evidence: ShownEvidence<'a>) -> Self {
        Self {
            rule: &evidence.rule.id,
            severity: evidence.rule.severity.as_str(),
            verdict: evidence.verdict.as_str(),
            only_in_baseline: evidence.only_in_baseline,
            reasons: evidence.reasons.iter().map(JsonEvidenceReason::of).collect(),
            api_calls: evidence.calls,
            resources: evidence
                .resources
                .into_iter()
                .map(|one| JsonEvidenceResource::of(report, one))
                .collect(),
        }
    }
}

impl<'a> JsonEvidenceResource<'a> {
    fn of(report: &Report<'a>, shown: ShownResource<'a>) -> Self {
        let standing = shown.finding.map(|finding| finding.standing);
        Self {
            resource: JsonResource::of(shown.resource),
            location: JsonLocation::of(shown.at),
            verdict: shown.verdict.as_str(),
            message: shown.finding.map(|finding| &*finding.message),
            fingerprint: shown.finding.map(|finding| finding.fingerprint.to_string()),
            standing: standing.map(|standing| standing.as_str()),
            waiver: standing.and_then(|standing| JsonWaiver::of(standing, report.waivers)),
            reasons: shown.reasons.iter().map(JsonEvidenceReason::of).collect(),
            values: shown.values.into_iter().map(JsonEvidenceValue::of).collect(),
        }
    }
}

impl<'a> JsonEvidenceReason<'a> {
    fn of(reason: &EvidenceReason<'a>) -> Self {
        let unknown = match reason {
            EvidenceReason::Unknown(unknown) => Some(*unknown),
            EvidenceReason::Words(_) => None,
        };
        Self {
            text: words(reason),
            kind: unknown.map(|unknown| unknown.kind.as_str()),
            at: unknown.map(|unknown| unknown.at.as_str()).filter(|at| !at.is_empty()),
            api: unknown.and_then(|unknown| unknown.api.as_deref()),
            action: unknown.and_then(|unknown| unknown.action.as_deref()),
        }
    }
}

impl<'a> JsonEvidenceValue<'a> {
    fn of(shown: EvidenceValue<'a>) -> Self {
        Self { path: shown.path, value: shown.value, location: shown.at.map(JsonLocation::of) }
    }
}
