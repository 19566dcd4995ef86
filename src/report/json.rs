//! For programs: one JSON document, described by `docs/json-output.schema.json`. These structures
//! are a promise of their own, so that what is inside ekslint can change without them.

pub(super) mod framework;
pub(super) mod parts;

use super::{FindingView, NotEvaluated, Report, Summary, json_text};
use crate::engine::{Finding, FindingFix, RelatedLocation};
use crate::rule::{Frameworks, Severity};
use chrono::NaiveDate;
use parts::{
    JsonCluster, JsonError, JsonLocation, JsonMissingPermission, JsonResource, JsonTool, JsonWaiver,
};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Raised when a field goes away or changes its meaning; new fields come without that.
pub(super) const SCHEMA_VERSION: u32 = 1;

/// Writes the report.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let summary = report.summary();
    json_text::write(&JsonReport::of(report, &summary), out)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonReport<'a> {
    schema_version: u32,
    tool: JsonTool,
    as_of: NaiveDate,
    findings: JsonFindings<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<Vec<JsonAccepted<'a>>>,
    not_evaluated: Vec<JsonNotEvaluated<'a>>,
    missing_permissions: Vec<JsonMissingPermission<'a>>,
    errors: Vec<JsonError<'a>>,
    rule_errors: Vec<JsonError<'a>>,
    notices: &'a [String],
    summary: JsonSummary,
}

/// All findings, each made when it is written: there may be hundreds of thousands.
struct JsonFindings<'a>(&'a Report<'a>);

#[derive(Serialize)]
struct JsonFinding<'a> {
    rule: &'a str,
    title: &'a str,
    severity: &'static str,
    precision: &'static str,
    area: &'a str,
    message: &'a str,
    cluster: JsonCluster<'a>,
    resource: JsonResource<'a>,
    location: JsonLocation<'a>,
    related: Vec<JsonRelated<'a>>,
    fix: JsonFix<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    fingerprint: String,
    frameworks: Cow<'a, Frameworks>,
}

/// A finding that does not count, and why.
#[derive(Serialize)]
struct JsonAccepted<'a> {
    standing: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<JsonWaiver<'a>>,
    #[serde(flatten)]
    finding: JsonFinding<'a>,
}

#[derive(Serialize)]
struct JsonRelated<'a> {
    message: &'a str,
    location: JsonLocation<'a>,
}

#[derive(Serialize)]
struct JsonFix<'a> {
    summary: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    awscli: Option<&'a str>,
    /// The change of the template, by its language.
    #[serde(flatten)]
    change: BTreeMap<&'static str, &'a str>,
}

#[derive(Serialize)]
struct JsonNotEvaluated<'a> {
    kind: &'static str,
    reason: &'a str,
    at: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    api: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'a str>,
    rules: &'a [String],
    count: usize,
    clusters: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonSummary {
    clusters: usize,
    documents: usize,
    files: usize,
    inputs: BTreeMap<&'static str, usize>,
    skipped: usize,
    rules: usize,
    findings: JsonCounts,
    hidden: usize,
    waived: usize,
    baseline: usize,
    passed: usize,
    failed: usize,
    accepted: usize,
    superseded: usize,
    needs_configuration: usize,
    not_applicable: usize,
    not_evaluated: usize,
    errors: usize,
    complete: bool,
    execution_successful: bool,
}

#[derive(Serialize)]
struct JsonCounts {
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    info: usize,
}

impl<'a> JsonReport<'a> {
    fn of(report: &'a Report<'a>, summary: &'a Summary) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            tool: JsonTool::own(),
            as_of: report.as_of,
            findings: JsonFindings(report),
            accepted: report
                .show_waived
                .then(|| report.accepted().map(|shown| JsonAccepted::of(report, shown)).collect()),
            not_evaluated: summary.reasons.iter().map(JsonNotEvaluated::of).collect(),
            missing_permissions: summary
                .missing_permissions
                .iter()
                .map(|(action, answers)| JsonMissingPermission::of(action, *answers))
                .collect(),
            errors: report.errors.iter().map(JsonError::of).collect(),
            rule_errors: report.rule_errors.iter().map(JsonError::of).collect(),
            notices: &report.notices,
            summary: JsonSummary::of(report, summary),
        }
    }
}

impl Serialize for JsonFindings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.findings().map(JsonFinding::of))
    }
}

impl<'a> JsonFinding<'a> {
    fn of(shown: FindingView<'a>) -> Self {
        let FindingView { finding, rule, .. } = shown;
        Self {
            rule: &rule.id,
            title: &rule.title,
            severity: shown.severity().as_str(),
            precision: rule.precision.as_str(),
            area: &rule.area,
            message: &finding.message,
            cluster: JsonCluster::of(shown.identity()),
            resource: JsonResource::of(&finding.resource),
            location: JsonLocation::of(&finding.primary),
            related: finding.related.iter().map(JsonRelated::of).collect(),
            fix: JsonFix::of(shown.rule, finding),
            url: rule.url(),
            fingerprint: finding.fingerprint.to_string(),
            frameworks: shown.frameworks(),
        }
    }
}

impl<'a> JsonAccepted<'a> {
    fn of(report: &'a Report<'a>, shown: FindingView<'a>) -> Self {
        let standing = shown.finding.standing;
        Self {
            standing: standing.as_str(),
            waiver: JsonWaiver::of(standing, report.waivers),
            finding: JsonFinding::of(shown),
        }
    }
}

impl<'a> JsonRelated<'a> {
    fn of(related: &'a RelatedLocation) -> Self {
        Self { message: &related.message, location: JsonLocation::of(&related.location) }
    }
}

impl<'a> JsonFix<'a> {
    fn of(rule: &'a crate::rule::Rule, finding: &'a Finding) -> Self {
        let remediation = &rule.remediation;
        let change = match finding.fix {
            FindingFix::Template(language) => remediation.changes.of(language).map(|text| (language, text)),
            _ => None,
        };
        Self {
            summary: &remediation.summary,
            text: &remediation.text,
            awscli: finding.fix.command(),
            change: change.into_iter().map(|(language, text)| (language.as_str(), text)).collect(),
        }
    }
}

impl<'a> JsonNotEvaluated<'a> {
    fn of(group: &'a NotEvaluated) -> Self {
        Self {
            kind: group.unknown.kind.as_str(),
            reason: &group.unknown.reason,
            at: &group.unknown.at,
            api: group.unknown.api.as_deref(),
            action: group.unknown.action.as_deref(),
            rules: &group.rules,
            count: group.count,
            clusters: &group.clusters,
        }
    }
}

impl JsonSummary {
    fn of(report: &Report<'_>, summary: &Summary) -> Self {
        Self {
            clusters: summary.clusters,
            documents: summary.documents,
            files: summary.files,
            inputs: summary.inputs.iter().map(|(kind, count)| (kind.as_str(), *count)).collect(),
            skipped: summary.skipped,
            rules: summary.rules,
            findings: JsonCounts::of(summary),
            hidden: summary.hidden,
            waived: summary.waived,
            baseline: summary.baseline,
            passed: summary.passed,
            failed: summary.failed,
            accepted: summary.accepted,
            superseded: summary.superseded,
            needs_configuration: summary.needs_configuration,
            not_applicable: summary.not_applicable,
            not_evaluated: summary.not_evaluated,
            errors: summary.errors,
            complete: report.is_complete(summary),
            execution_successful: report.is_successful(summary),
        }
    }
}

impl JsonCounts {
    fn of(summary: &Summary) -> Self {
        let count = |severity| summary.findings.get(&severity).copied().unwrap_or_default();
        Self {
            critical: count(Severity::Critical),
            high: count(Severity::High),
            medium: count(Severity::Medium),
            low: count(Severity::Low),
            info: count(Severity::Info),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::snapshot::UnknownKind;
    use crate::value::AlertFate;

    #[test]
    fn the_page_says_what_each_reason_does_to_a_scan_and_to_alerts() {
        let page = include_str!("../../docs/json-output.md");
        for unknown in UnknownKind::ALL {
            let row = page.lines().find(|line| line.starts_with(&format!("| `{}` |", unknown.as_str())));
            let mut cells = row.expect("a row").trim_end_matches([' ', '|']).rsplit(" | ");
            let alerts = match unknown.alert_fate() {
                AlertFate::MustStay => "stay: no upload",
                AlertFate::ClosesUnseen => "close, unseen",
                AlertFate::Closes => "close",
            };
            assert_eq!(cells.next(), Some(alerts), "{unknown:?}");
            let incomplete = if unknown.is_incomplete() { "yes" } else { "no" };
            assert_eq!(cells.next(), Some(incomplete), "{unknown:?}");
        }
    }
}
