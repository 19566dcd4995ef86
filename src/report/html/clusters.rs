//! The table of the clusters: a row each, the worst first.

use super::flows::{FlowMark, marks};
use super::groups::{PageGroup, PageGroups};
use super::put;
use super::shown::{ShownText, in_days};
use crate::explain::{EndpointMode, Explanation, SupportStatus, VersionOutlook};
use crate::report::Report;
use crate::report::palette::Urgency;
use crate::rule::Severity;
use crate::snapshot::{Unknown, UnknownKind};
use askama::Template;
use chrono::NaiveDate;
use std::io::{self, Write};

#[derive(Template)]
#[template(path = "clusters_open.html")]
struct ClustersOpen {
    severities: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "clusters_row.html")]
struct ClusterRow<'a> {
    id: String,
    number: usize,
    name: ShownText<&'a str>,
    place: ShownText<String>,
    version: VersionMark,
    endpoint: EndpointMark,
    counts: Vec<(&'static str, usize)>,
    not_evaluated: usize,
    marks: Vec<FlowMark>,
}

/// The version of a cluster and what is left of its support, with how urgent that is.
pub(in crate::report) struct VersionMark {
    pub(in crate::report) value: ShownText<String>,
    /// What is left of its support, in words.
    pub(in crate::report) left: String,
    pub(in crate::report) class: &'static str,
}

/// The endpoint of an API server, in a word or two.
pub(in crate::report) struct EndpointMark {
    pub(in crate::report) text: &'static str,
    pub(in crate::report) class: &'static str,
}

/// Writes the table, if there are several clusters.
pub(in crate::report) fn write(
    report: &Report<'_>,
    groups: &PageGroups<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    if groups.clusters().count() < 2 {
        return Ok(());
    }
    let columns = columns(groups);
    put(&ClustersOpen { severities: columns.iter().map(|at| Severity::ALL[*at].as_str()).collect() }, out)?;
    groups.clusters().try_for_each(|group| put(&ClusterRow::of(report.as_of, group, &columns), out))?;
    out.write_all(b"</tbody>\n</table>\n</div>\n</section>\n")
}

/// The severities that some cluster has, by position.
fn columns(groups: &PageGroups<'_>) -> Vec<usize> {
    let is_there = |at: &usize| groups.clusters().any(|group| group.counts[*at] > 0);
    (0..Severity::ALL.len()).filter(is_there).collect()
}

impl<'a> ClusterRow<'a> {
    fn of(today: NaiveDate, group: &PageGroup<'a>, columns: &[usize]) -> Self {
        let explanation = group.explained().map(|explained| &explained.explanation);
        Self {
            id: group.id(),
            number: group.number,
            name: ShownText(group.group.title()),
            place: ShownText(group.place()),
            version: VersionMark::of(explanation, today),
            endpoint: EndpointMark::of(explanation),
            counts: columns.iter().map(|at| (Severity::ALL[*at].as_str(), group.counts[*at])).collect(),
            not_evaluated: group.not_evaluated,
            marks: explanation.map(|explanation| marks(explanation).into()).unwrap_or_default(),
        }
    }
}

impl VersionMark {
    pub(in crate::report) fn of(explanation: Option<&Explanation>, today: NaiveDate) -> Self {
        let Some(Ok(version)) = explanation.map(|explanation| explanation.version.as_ref()) else {
            let why = explanation.and_then(|explanation| explanation.version.as_ref().err());
            let (word, class) = not_known(why);
            return Self { value: ShownText(word.to_owned()), left: String::new(), class };
        };
        let days = |date: &NaiveDate| (*date - today).num_days();
        let upgrade = version.forced_upgrade_date.as_ref().ok().map(days);
        let end = version.end_of_standard_support.as_ref().ok().map(days);
        let status = version.status.as_ref().ok().copied();
        let class = match Urgency::of_support(status, upgrade, end) {
            Urgency::Unknown => "unknown",
            Urgency::None => "calm",
            Urgency::Soon => "soon",
            Urgency::Now => "now",
        };
        let left = days_left(version, status, upgrade, end);
        Self { value: ShownText(version.value.clone()), left, class }
    }
}

/// What there is nothing to know of has no colour.
fn not_known(why: Option<&Unknown>) -> (&'static str, &'static str) {
    match why {
        Some(why) if why.kind == UnknownKind::NotApplicable => ("does not apply", "none"),
        _ => ("not known", "unknown"),
    }
}

/// What is left of the support, in words.
fn days_left(
    version: &VersionOutlook,
    status: Option<SupportStatus>,
    upgrade: Option<i64>,
    end: Option<i64>,
) -> String {
    match (status, upgrade, end) {
        (Some(SupportStatus::Unsupported), ..) => "without support".to_owned(),
        (Some(_), Some(days), _) => format!("AWS upgrades in\u{a0}{}", in_days_on_a_line(days.max(0))),
        (Some(SupportStatus::Standard), None, Some(days)) => format!("standard {}", in_days_on_a_line(days)),
        (Some(SupportStatus::Extended), None, _) => "extended".to_owned(),
        _ if version.status.is_err() => "support not known".to_owned(),
        _ => String::new(),
    }
}

/// `1 day`, `2 days`, on one line.
fn in_days_on_a_line(days: i64) -> String {
    in_days(days).replace(' ', "\u{a0}")
}

impl EndpointMark {
    pub(in crate::report) fn of(explanation: Option<&Explanation>) -> Self {
        let mark = |text, class| Self { text, class };
        let Some(Ok(endpoint)) = explanation.map(|explanation| explanation.endpoint.as_ref()) else {
            let (word, class) = not_known(explanation.and_then(|e| e.endpoint.as_ref().err()));
            return mark(word, class);
        };
        match (endpoint.mode, &endpoint.open_to_internet) {
            (EndpointMode::Private, _) => mark("private", "calm"),
            (EndpointMode::Public, Ok(true)) => mark("public, open to the internet", "now"),
            (EndpointMode::PublicAndPrivate, Ok(true)) => {
                mark("public and private, open to the internet", "now")
            }
            (EndpointMode::Public, _) => mark("public", "soon"),
            (EndpointMode::PublicAndPrivate, _) => mark("public and private", "soon"),
        }
    }
}
