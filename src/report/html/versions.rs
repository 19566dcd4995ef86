//! The page of `ekslint versions`: the calendar of Kubernetes versions, and which support clusters have by it.

use super::shown::{ShownText, in_days};
use super::timeline::{Support, Timeline, TimelineSubject};
use super::{frame, put};
use crate::explain::VersionOutlooks;
use crate::facts::versions::calendar::{self, CalendarRow, SupportStatus};
use crate::report::palette::Urgency;
use crate::value::Problem;
use askama::Template;
use chrono::NaiveDate;
use std::io::{self, Write};

/// So many clusters have a line of time.
const TIMELINES: usize = 100;

/// Everything that the page says.
#[derive(Debug)]
pub struct VersionsReport<'v> {
    /// The day that was taken as today.
    pub as_of: NaiveDate,
    /// The clusters: the one that AWS upgrades first comes first.
    pub clusters: Vec<&'v ClusterVersionsPage>,
    /// What is wrong with inputs.
    pub errors: &'v [Problem],
}

/// A cluster, and what follows from its versions.
#[derive(Debug)]
pub struct ClusterVersionsPage {
    /// What to call it.
    pub name: String,
    /// Where it is: region and account.
    pub place: String,
    /// The input that holds it.
    pub file: String,
    /// Its versions.
    pub outlooks: VersionOutlooks,
    /// What follows, in sentences.
    pub sentences: Vec<String>,
}

#[derive(Template)]
#[template(path = "versions_head.html")]
struct VersionsHead {
    as_of: NaiveDate,
    timeline: Timeline,
    rows: Vec<CalendarLine>,
    source: String,
    errors: Vec<ShownText<String>>,
    clusters: usize,
}

struct CalendarLine {
    version: String,
    released: String,
    standard: NaiveDate,
    extended: NaiveDate,
    today: String,
    class: &'static str,
    is_provisional: bool,
}

#[derive(Template)]
#[template(path = "versions_cluster.html")]
struct VersionsCluster<'v> {
    name: ShownText<&'v str>,
    place: ShownText<&'v str>,
    file: ShownText<&'v str>,
    timeline: Option<Timeline>,
    sentences: Vec<ShownText<&'v str>>,
}

/// Writes the page.
///
/// # Errors
///
/// The output cannot be written to.
pub fn write(report: &VersionsReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    frame::open("ekslint: Kubernetes versions on Amazon EKS", out)?;
    put(&VersionsHead::of(report), out)?;
    for (at, cluster) in report.clusters.iter().enumerate() {
        put(&VersionsCluster::of(cluster, report.as_of, at), out)?;
    }
    frame::close(out)
}

impl VersionsHead {
    fn of(report: &VersionsReport<'_>) -> Self {
        let calendar = calendar::shipped();
        let is_supported = |row: &&CalendarRow| row.status(report.as_of) != SupportStatus::Unsupported;
        let rows: Vec<_> = calendar.versions().iter().filter(is_supported).collect();
        let support = rows.iter().map(|row| Support {
            label: format!("Kubernetes {}", row.version),
            end_of_standard: row.end_of_standard_support,
            end_of_extended: row.end_of_extended_support,
        });
        Self {
            as_of: report.as_of,
            timeline: Timeline::of_calendar(&support.collect::<Vec<_>>(), report.as_of, "calendar"),
            rows: rows.into_iter().map(|row| CalendarLine::of(row, report.as_of)).collect(),
            source: format!("{}, after {}, updated {}", calendar.name, calendar.source, calendar.updated),
            errors: report.errors.iter().map(|error| ShownText(error.to_string())).collect(),
            clusters: report.clusters.len(),
        }
    }
}

impl CalendarLine {
    fn of(row: &CalendarRow, today: NaiveDate) -> Self {
        let days = |end: NaiveDate| (end - today).num_days();
        let (standard, extended) = (row.end_of_standard_support, row.end_of_extended_support);
        let status = row.status(today);
        let words = match status {
            SupportStatus::Standard => format!("standard, {} left", in_days(days(standard))),
            SupportStatus::Extended => format!("extended, {} left", in_days(days(extended))),
            SupportStatus::Unsupported => "without support".to_owned(),
            SupportStatus::NotYetKnown => "not yet known".to_owned(),
        };
        let upgrade = (status == SupportStatus::Extended).then(|| days(extended));
        let class = match Urgency::of_support(Some(status), upgrade, Some(days(standard))) {
            Urgency::Now => "now",
            Urgency::Soon => "soon",
            Urgency::None | Urgency::Unknown => "calm",
        };
        Self {
            version: row.version.clone(),
            released: row.release_date.map_or_else(|| "not known".to_owned(), |day| day.to_string()),
            standard,
            extended,
            today: words,
            class,
            is_provisional: row.provisional,
        }
    }
}

impl<'v> VersionsCluster<'v> {
    fn of(cluster: &'v ClusterVersionsPage, today: NaiveDate, at: usize) -> Self {
        let subject = TimelineSubject::named(&cluster.name, &cluster.outlooks);
        let timeline = (at < TIMELINES).then(|| Timeline::of(&subject, today, &format!("c{}", at + 1)));
        Self {
            name: ShownText(&cluster.name),
            place: ShownText(&cluster.place),
            file: ShownText(&cluster.file),
            timeline: timeline.flatten(),
            sentences: cluster.sentences.iter().map(|text| ShownText(text.as_str())).collect(),
        }
    }
}
