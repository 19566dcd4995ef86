//! For GitHub code scanning: SARIF 2.1.0, as GitHub reads it. One run; every rule that ran, whether
//! it found something or not; what was not judged is told as notifications.

mod help;
mod message;
mod notification;
mod result;
mod rule;

use super::uri::Uris;
use super::{Report, Summary, json_text};
use crate::rule::Severity;
use result::Results;
use serde::Serialize;
use serde_sarif::sarif::{Invocation, Run, RunAutomationDetails, Tool, ToolComponent};
use std::io::{self, Write};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Tells the results of ekslint from those of other tools; ends with a slash, as a category must.
const CATEGORY: &str = "ekslint/";
/// Tells live results from those of files: an upload replaces the results of its own category only.
const LIVE_CATEGORY: &str = "ekslint/live/";
/// How many results GitHub code scanning keeps of a file.
const KEPT_RESULTS: usize = 5_000;
/// With more results than this, GitHub code scanning refuses the file.
const MOST_RESULTS: usize = 25_000;

/// A `serde_sarif::sarif::Sarif` whose results are made while they are written.
#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [StreamedRun<'a>; 1],
}

#[derive(Serialize)]
struct StreamedRun<'a> {
    #[serde(flatten)]
    run: Run,
    results: Results<'a>,
}

/// Writes the report.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let uris = Uris::of(report);
    let run = run(report, &uris);
    let run = StreamedRun { run, results: Results { report, uris: &uris } };
    json_text::write(&Log { schema: SCHEMA, version: "2.1.0", runs: [run] }, out)
}

/// Says what GitHub does to so many results, if it does not show them all.
pub fn too_many(results: usize) -> Option<String> {
    let (kept, most) = (KEPT_RESULTS, MOST_RESULTS);
    let fate = match results {
        _ if results > most => format!("refuses files with more than {most}"),
        _ if results > kept => format!("keeps the {kept} worst"),
        _ => return None,
    };
    let way_out = "Raise the severity, select fewer rules, or scan fewer files at once.";
    Some(format!("There are {results} results and GitHub code scanning {fate}. {way_out}"))
}

fn run(report: &Report<'_>, uris: &Uris<'_>) -> Run {
    Run::builder()
        .tool(Tool::builder().driver(driver(report)).build())
        .automation_details(RunAutomationDetails::builder().id(category(report)).build())
        .column_kind("utf16CodeUnits")
        .invocations([invocation(report, &report.summary(), uris)])
        .build()
}

/// Of one region, the results are a category of their own.
fn category(report: &Report<'_>) -> String {
    match report.live.as_slice() {
        [] => CATEGORY.to_owned(),
        [(account, region)] => format!("{LIVE_CATEGORY}{account}/{region}/"),
        _ => LIVE_CATEGORY.to_owned(),
    }
}

fn driver(report: &Report<'_>) -> ToolComponent {
    let rules: Vec<_> = report.rules.iter().map(|configured| rule::descriptor(configured.rule)).collect();
    ToolComponent::builder()
        .name(env!("CARGO_PKG_NAME"))
        .version(env!("CARGO_PKG_VERSION"))
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .information_uri(env!("CARGO_PKG_REPOSITORY"))
        .rules(rules)
        .notifications(notification::descriptors())
        .build()
}

fn invocation(report: &Report<'_>, summary: &Summary, uris: &Uris<'_>) -> Invocation {
    Invocation::builder()
        .execution_successful(report.is_complete(summary))
        .tool_execution_notifications(notification::execution(report, summary, uris))
        .tool_configuration_notifications(notification::configuration(report, summary))
        .build()
}

/// The level that GitHub knows a severity by.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

#[cfg(test)]
mod tests {
    use super::too_many;

    #[test]
    fn the_limits_of_github_are_told() {
        assert_eq!(too_many(5_000), None);
        assert!(too_many(5_001).unwrap().contains("keeps the 5000 worst"));
        assert!(too_many(25_000).unwrap().contains("keeps the 5000 worst"));
        assert!(too_many(25_001).unwrap().contains("refuses files with more than 25000"));
    }
}
