//! For programs: one JSON document, described by `docs/diff-output.schema.json`. These structures are
//! a promise of their own, so that what is inside ekslint can change without them.

use super::{DiffReport, Fate, Totals, words};
use crate::policy::diff::{Certainty, Change, ChangeKind, ClusterDiff, FindingChange, Presence};
use crate::report::json::parts::{JsonError, JsonLocation, JsonResource, JsonTool, JsonWaiver};
use crate::report::json_text;
use crate::rule::Severity;
use crate::scan::ClusterScan;
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Raised when a field goes away or changes its meaning; new fields come without that.
const SCHEMA_VERSION: u32 = 1;

/// Writes the report.
pub(super) fn write(report: &DiffReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    json_text::write(&JsonDiff::of(report), out)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonDiff<'a> {
    schema_version: u32,
    tool: JsonTool,
    as_of: NaiveDate,
    old: &'a str,
    new: &'a str,
    clusters: Vec<JsonDiffCluster<'a>>,
    errors: Vec<JsonError<'a>>,
    notices: &'a [String],
    summary: JsonDiffSummary,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonDiffCluster<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arn: Option<&'a str>,
    presence: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    old_file: Option<JsonFile<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_file: Option<JsonFile<'a>>,
    new: Vec<JsonDiffFinding<'a>>,
    fixed: Vec<JsonDiffFinding<'a>>,
    no_longer_evaluated: Vec<JsonDiffFinding<'a>>,
    unchanged: usize,
    changes: usize,
    untried: usize,
}

#[derive(Serialize)]
struct JsonFile<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<u32>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonDiffFinding<'a> {
    rule: &'a str,
    title: &'a str,
    severity: &'static str,
    standing: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<JsonWaiver<'a>>,
    message: &'a str,
    resource: JsonResource<'a>,
    location: JsonLocation<'a>,
    fingerprint: String,
    cause: &'static str,
    changes: Vec<JsonChange<'a>>,
    more_changes: usize,
    not_evaluated: Vec<String>,
}

#[derive(Serialize)]
struct JsonChange<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    old: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    new: Option<&'a str>,
    location: JsonLocation<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonDiffSummary {
    clusters: usize,
    clusters_new: usize,
    clusters_gone: usize,
    new: BTreeMap<&'static str, usize>,
    new_accepted: usize,
    new_not_evaluated: usize,
    fixed: usize,
    no_longer_evaluated: usize,
    unchanged: usize,
    hidden: usize,
    complete: bool,
}

impl<'a> JsonDiff<'a> {
    fn of(report: &'a DiffReport<'a>) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            tool: JsonTool::own(),
            as_of: report.as_of,
            old: &report.names[0],
            new: &report.names[1],
            clusters: report
                .diff
                .clusters
                .iter()
                .map(|cluster| JsonDiffCluster::of(report, cluster))
                .collect(),
            errors: report.rule_errors.iter().chain(&report.errors).map(JsonError::of).collect(),
            notices: &report.notices,
            summary: JsonDiffSummary::of(&report.totals()),
        }
    }
}

impl<'a> JsonDiffCluster<'a> {
    fn of(report: &'a DiffReport<'a>, cluster: &'a ClusterDiff<'a>) -> Self {
        let shifts: Vec<_> = report.shifts(cluster).collect();
        let of = |wanted: Fate| {
            let shifts = shifts.iter().filter(|(fate, _)| *fate == wanted);
            shifts.map(|(fate, shift)| JsonDiffFinding::of(report, *fate, shift)).collect()
        };
        Self {
            name: cluster.cluster.name.as_deref(),
            arn: cluster.cluster.arn.as_deref(),
            presence: presence(cluster.presence),
            old_file: cluster.scans[0].map(JsonFile::of),
            new_file: cluster.scans[1].map(JsonFile::of),
            new: of(Fate::New),
            fixed: of(Fate::Fixed),
            no_longer_evaluated: of(Fate::NoLongerEvaluated),
            unchanged: cluster.unchanged.len(),
            changes: cluster.changes,
            untried: cluster.untried,
        }
    }
}

impl<'a> JsonFile<'a> {
    fn of(cluster: &'a ClusterScan) -> Self {
        Self { file: &cluster.file.name, document: cluster.file.document }
    }
}

impl<'a> JsonDiffFinding<'a> {
    fn of(report: &'a DiffReport<'a>, fate: Fate, shift: &'a FindingChange<'a>) -> Self {
        let (finding, rule) = (shift.finding, report.rule(shift));
        Self {
            rule: &rule.id,
            title: &rule.title,
            severity: finding.severity.as_str(),
            standing: finding.standing.as_str(),
            waiver: JsonWaiver::of(finding.standing, report.waivers),
            message: &finding.message,
            resource: JsonResource::of(&finding.resource),
            location: JsonLocation::of(&finding.primary),
            fingerprint: finding.fingerprint.to_string(),
            cause: cause(shift.certainty),
            changes: shift.changes.iter().map(JsonChange::of).collect(),
            more_changes: shift.more,
            not_evaluated: words::why_unknown(fate, shift),
        }
    }
}

impl<'a> JsonChange<'a> {
    fn of(change: &'a Change) -> Self {
        Self {
            kind: kind(change.kind),
            old: change.old.as_deref(),
            new: change.new.as_deref(),
            location: JsonLocation::of(&change.at),
        }
    }
}

impl JsonDiffSummary {
    fn of(totals: &Totals) -> Self {
        let count = |severity: &Severity| totals.new.get(severity).copied().unwrap_or_default();
        Self {
            clusters: totals.clusters,
            clusters_new: totals.clusters_new,
            clusters_gone: totals.clusters_gone,
            new: Severity::ALL.iter().map(|severity| (severity.as_str(), count(severity))).collect(),
            new_accepted: totals.new_accepted,
            new_not_evaluated: totals.new_not_evaluated,
            fixed: totals.fixed,
            no_longer_evaluated: totals.no_longer_evaluated,
            unchanged: totals.unchanged,
            hidden: totals.hidden,
            complete: totals.complete,
        }
    }
}

fn presence(presence: Presence) -> &'static str {
    match presence {
        Presence::Both => "both",
        Presence::New => "new",
        Presence::Gone => "gone",
        Presence::NotReadInOld => "notReadInOld",
        Presence::NotReadInNew => "notReadInNew",
    }
}

fn cause(certainty: Option<Certainty>) -> &'static str {
    match certainty {
        None => "cluster",
        Some(Certainty::Each) => "each",
        Some(Certainty::Together) => "together",
        Some(Certainty::Near) => "probably",
        Some(Certainty::Known) => "notEvaluated",
    }
}

fn kind(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => "added",
        ChangeKind::Removed => "removed",
        ChangeKind::Changed => "changed",
        ChangeKind::NotInOld => "notInOld",
        ChangeKind::NotInNew => "notInNew",
        ChangeKind::Completed => "completed",
        ChangeKind::NoLongerComplete => "noLongerComplete",
    }
}
