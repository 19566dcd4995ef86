//! What changed since an older state, for programs.

use super::ComplianceReport;
use super::since::notes;
use crate::compliance::{ComplianceSince, EarlierCluster, EarlierOrigin, FrameworkSince};
use crate::report::json::parts::JsonCluster;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JsonSince<'a> {
    source: &'a str,
    /// `report` where a report says it, `snapshots` where it was judged now.
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_day: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_day: Option<NaiveDate>,
    complete: bool,
    notes: Vec<String>,
    changes: Vec<JsonControlChange<'a>>,
    /// The positions among the clusters of the report.
    new_clusters: Vec<usize>,
    gone_clusters: Vec<JsonEarlierCluster<'a>>,
    new_controls: Vec<JsonControlName<'a>>,
    gone_controls: Vec<JsonControlName<'a>>,
}

#[derive(Serialize)]
struct JsonControlChange<'a> {
    framework: &'a str,
    control: &'a str,
    /// The position among the clusters of the report.
    cluster: usize,
    before: &'static str,
    now: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonEarlierCluster<'a> {
    #[serde(flatten)]
    cluster: JsonCluster<'a>,
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    captured_at: Option<DateTime<Utc>>,
}

#[derive(Serialize)]
struct JsonControlName<'a> {
    framework: &'a str,
    control: &'a str,
}

impl<'a> JsonSince<'a> {
    pub(super) fn of(report: &'a ComplianceReport<'a>) -> Option<Self> {
        let since = report.since.as_ref()?;
        let days = since.state.days();
        Some(Self {
            source: &since.state.source,
            kind: match since.state.origin {
                EarlierOrigin::Report { .. } => "report",
                EarlierOrigin::Judged => "snapshots",
            },
            first_day: days.map(|(first, _)| first),
            last_day: days.map(|(_, last)| last),
            complete: since.state.is_complete,
            notes: notes(report, since),
            changes: changes(report, since),
            new_clusters: since.new_clusters().collect(),
            gone_clusters: since
                .gone
                .iter()
                .map(|at| &since.state.clusters[*at])
                .map(JsonEarlierCluster::of)
                .collect(),
            new_controls: names(report, since, |one| &one.new_controls),
            gone_controls: names(report, since, |one| &one.gone_controls),
        })
    }
}

impl<'a> JsonEarlierCluster<'a> {
    fn of(cluster: &'a EarlierCluster) -> Self {
        let EarlierCluster { identity, file, captured_at } = cluster;
        Self { cluster: JsonCluster::of(Some(identity)), file, captured_at: *captured_at }
    }
}

/// The frameworks, each with its id.
fn frameworks<'a>(
    report: &'a ComplianceReport<'a>,
    since: &'a ComplianceSince,
) -> impl Iterator<Item = (&'a str, &'a FrameworkSince)> {
    report.frameworks.iter().map(|result| result.framework.id.as_str()).zip(&since.frameworks)
}

fn changes<'a>(report: &'a ComplianceReport<'a>, since: &'a ComplianceSince) -> Vec<JsonControlChange<'a>> {
    let of_framework = |(framework, since): (&'a str, &'a FrameworkSince)| {
        since.changes.iter().map(move |change| JsonControlChange {
            framework,
            control: &change.control,
            cluster: change.cluster,
            before: change.before.as_str(),
            now: change.now.as_str(),
        })
    };
    frameworks(report, since).flat_map(of_framework).collect()
}

fn names<'a>(
    report: &'a ComplianceReport<'a>,
    since: &'a ComplianceSince,
    which: fn(&FrameworkSince) -> &Vec<String>,
) -> Vec<JsonControlName<'a>> {
    let of_framework = |(framework, since): (&'a str, &'a FrameworkSince)| {
        which(since).iter().map(move |control| JsonControlName { framework, control })
    };
    frameworks(report, since).flat_map(of_framework).collect()
}
