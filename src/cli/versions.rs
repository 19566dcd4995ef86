//! `ekslint versions`: the calendar of Kubernetes versions, and which support clusters have by it.

mod read;
mod text;

use super::input::{TerraformArguments, choice};
use super::judging::today;
use super::overwrite::{self, ReadFiles};
use super::target::{self, Target};
use super::verbosity::Verbosity;
use super::{EXIT_ERROR, output};
use crate::explain::version_outlooks;
use crate::facts::AsOf;
use crate::facts::builder::FactBuilder;
use crate::facts::versions::calendar::{self, CalendarRow, Price, SupportStatus};
use crate::facts::versions::render::VersionFacts;
use crate::report::{
    ClusterVersionsPage, VersionsReport, cluster_name, json_text, printable, write_versions,
};
use crate::source::Discovered;
use bumpalo::Bump;
use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use read::{ClusterVersions, ReadClusters, ReadProblems};
use serde::Serialize;
use serde_json::Value;
use std::path::PathBuf;
use std::process::ExitCode;
use text::{ClusterText, VersionsText};

/// The width of a page where there is no terminal to ask.
const DEFAULT_WIDTH: usize = 80;

/// `ekslint versions`
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct VersionsCommand {
    /// Snapshots to place on the calendar: files, directories or - for standard input
    #[arg(value_name = "SNAPSHOT")]
    paths: Vec<PathBuf>,
    /// Leave out files that match this glob, in directories
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
    /// Only clusters of this name or glob (repeat it, or separate several by commas)
    #[arg(long, value_name = "GLOB", value_delimiter = ',')]
    cluster: Vec<String>,
    #[command(flatten)]
    terraform: TerraformArguments,
    /// The day to take as today [default: today, UTC]
    #[arg(long, value_name = "DATE")]
    as_of: Option<AsOf>,
    #[arg(long, short, value_name = "FORMAT[=FILE]", default_value = "text", help = FORMAT_HELP, long_help = target::help::<VersionsFormat>())]
    format: Vec<Target<VersionsFormat>>,
    #[command(flatten)]
    verbosity: Verbosity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum VersionsFormat {
    /// For people: a table
    Text,
    /// For programs: every date, and all facts about the versions of each cluster
    Json,
    /// For people who do not run ekslint: one page that opens offline
    Html,
}

const FORMAT_HELP: &str = "text, json or html, to standard output or to a file";
const EXAMPLES: &str = "\
Examples:
  The versions that EKS supports today, and until when:
    ekslint versions
  What happens to these clusters in the next two years:
    ekslint versions snapshots/
  Where they will stand in half a year:
    ekslint versions snapshots/ --as-of 2027-06-01
  The clusters with a forced upgrade within 90 days:
    ekslint versions snapshots/ --format json |
      jq -r '.clusters[] | select(.version.daysToForcedUpgrade as $d | ($d | type) == \"number\" and $d < 90) | .name'

Exit codes:
  0  the calendar is printed
  2  something is wrong with the command or an input; the others are printed";

impl VersionsCommand {
    /// Runs the command.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        target::check(&self.format)?;
        let as_of = self.as_of.unwrap_or_else(today);
        let (found, choice) = (self.found(), choice(&self.cluster)?);
        let spared = ReadFiles::default().and(overwrite::named(&found.inputs));
        spared.spare_all(target::files(&self.format))?;
        let text = VersionsText { width: output::width_or(DEFAULT_WIDTH), verbosity: self.verbosity };
        let wants = |format| self.format.iter().any(|to| to.format == format);
        let (json, html) = (wants(VersionsFormat::Json), wants(VersionsFormat::Html));
        let made = |cluster: &ClusterVersions<'_>, arena: &Bump| MadeCluster {
            text: text.cluster(cluster),
            json: json.then(|| ClusterPage::of(cluster, arena)),
            html: html.then(|| html_of(cluster, text)),
        };
        let verbose = self.verbosity.verbose;
        let read = read::all(&found, (&self.paths, choice.as_ref()), as_of, verbose, made);
        self.say(&read.problems);
        target::write(&self.format, &spared, |format, coloured, out| match format {
            VersionsFormat::Text => {
                let clusters: Vec<_> = read.clusters.iter().map(|made| &made.text).collect();
                let page = text.page(&clusters, as_of.date);
                let plain = || anstream::adapter::strip_str(&page).to_string();
                out.write_all(if coloured { page.clone() } else { plain() }.as_bytes())
            }
            VersionsFormat::Json => out.write_all(self::json(&read, as_of.date)?.as_bytes()),
            VersionsFormat::Html => {
                let clusters = read.clusters.iter().filter_map(|made| made.html.as_ref()).collect();
                write_versions(
                    &VersionsReport { as_of: as_of.date, clusters, errors: &read.problems.errors },
                    out,
                )
            }
        })?;
        Ok(if read.problems.errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_ERROR) })
    }

    fn found(&self) -> Discovered {
        Discovered::find(&self.paths, &self.exclude, &self.terraform.options(&[]))
    }

    /// What goes to standard error.
    fn say(&self, problems: &ReadProblems) {
        for error in &problems.errors {
            output::tell(&format!("error: {}", printable(&error.to_string())));
        }
        for notice in problems.notices.iter().filter(|_| !self.verbosity.quiet) {
            output::tell(&format!("note: {}", printable(notice)));
        }
    }
}

/// A cluster as the outputs need it.
struct MadeCluster {
    text: ClusterText,
    json: Option<ClusterPage>,
    html: Option<ClusterVersionsPage>,
}

fn html_of(cluster: &ClusterVersions<'_>, text: VersionsText) -> ClusterVersionsPage {
    ClusterVersionsPage {
        name: cluster_name(cluster.identity).to_owned(),
        place: cluster.identity.place_in_words(),
        file: cluster.file.clone(),
        outlooks: version_outlooks(cluster.snapshot, cluster.as_of),
        sentences: text.sentences(cluster),
    }
}

/// The JSON document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VersionsPage<'a> {
    schema_version: u32,
    as_of: NaiveDate,
    calendar: CalendarPage<'a>,
    clusters: Vec<&'a ClusterPage>,
    errors: Vec<ErrorPage<'a>>,
}

#[derive(Serialize)]
struct CalendarPage<'a> {
    name: &'a str,
    updated: NaiveDate,
    source: &'a str,
    price: &'a Price,
    versions: Vec<VersionPage<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VersionPage<'a> {
    version: &'a str,
    release_date: Option<NaiveDate>,
    end_of_standard_support: NaiveDate,
    end_of_extended_support: NaiveDate,
    status: &'static str,
    days_to_end_of_standard_support: i64,
    days_to_end_of_extended_support: i64,
    provisional: bool,
    source: Option<&'a str>,
}

/// A cluster, and all facts about its versions. What could not be worked out is `{"unknown": WHY}`.
#[derive(Serialize)]
struct ClusterPage {
    name: Option<String>,
    arn: Option<String>,
    account: Option<String>,
    region: Option<String>,
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<u32>,
    /// `facts.cluster.version`
    version: Value,
    /// By name: `facts.nodegroups[…].version`
    nodegroups: Value,
    /// `facts.addons`
    addons: Value,
}

impl ClusterPage {
    fn of<'s>(cluster: &ClusterVersions<'s>, arena: &'s Bump) -> Self {
        let facts = VersionFacts { builder: FactBuilder::new(arena), as_of: cluster.as_of };
        let value = |node| serde_json::to_value(node).unwrap_or_default();
        let identity = cluster.identity.clone();
        Self {
            name: identity.name,
            arn: identity.arn,
            account: identity.account,
            region: identity.region,
            file: cluster.file.clone(),
            document: cluster.document,
            version: value(facts.cluster(&cluster.version)),
            nodegroups: value(facts.nodegroups(&cluster.nodegroups)),
            addons: value(facts.addons(&cluster.addons)),
        }
    }
}

#[derive(Serialize)]
struct ErrorPage<'a> {
    file: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    message: &'a str,
}

fn json(read: &ReadClusters<MadeCluster>, date: NaiveDate) -> serde_json::Result<String> {
    let calendar = calendar::shipped();
    let errors = read.problems.errors.iter().map(|error| ErrorPage {
        file: &error.file,
        line: error.place.map(|place| place.line),
        column: error.place.map(|place| place.column),
        message: &error.message,
    });
    let document = VersionsPage {
        schema_version: 1,
        as_of: date,
        calendar: CalendarPage {
            name: &calendar.name,
            updated: calendar.updated,
            source: &calendar.source,
            price: &calendar.price,
            versions: calendar.versions().iter().map(|row| VersionPage::of(row, date)).collect(),
        },
        clusters: read.clusters.iter().filter_map(|made| made.json.as_ref()).collect(),
        errors: errors.collect(),
    };
    Ok(json_text::printable(&serde_json::to_string_pretty(&document)?) + "\n")
}

impl<'a> VersionPage<'a> {
    fn of(row: &'a CalendarRow, date: NaiveDate) -> Self {
        Self {
            version: &row.version,
            release_date: row.release_date,
            end_of_standard_support: row.end_of_standard_support,
            end_of_extended_support: row.end_of_extended_support,
            status: row.status(date).as_str(),
            days_to_end_of_standard_support: (row.end_of_standard_support - date).num_days(),
            days_to_end_of_extended_support: (row.end_of_extended_support - date).num_days(),
            provisional: row.provisional,
            source: row.source.as_deref(),
        }
    }
}

/// Which support a version has, with the days that are left: "standard 8 d".
fn support(status: Option<SupportStatus>, to_standard: Option<i64>, to_extended: Option<i64>) -> String {
    let with = |word: &str, days: Option<i64>| match days {
        Some(days) => format!("{word} {days} d"),
        None => word.to_owned(),
    };
    match status {
        Some(SupportStatus::Standard) => with("standard", to_standard),
        Some(SupportStatus::Extended) => with("extended", to_extended),
        Some(SupportStatus::Unsupported) => "unsupported".to_owned(),
        Some(SupportStatus::NotYetKnown) => "not yet known".to_owned(),
        None => "not known".to_owned(),
    }
}
