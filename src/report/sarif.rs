//! For GitHub code scanning: SARIF 2.1.0, as GitHub reads it. One run; every rule that ran, whether
//! it found something or not; what was not judged is told as notifications.

mod alerts;
mod help;
mod message;
mod notification;
mod result;
mod rule;

use super::uri::Uris;
use super::{Report, json_text};
use crate::rule::Severity;
use result::Results;
use serde::Serialize;
use serde_sarif::sarif::{Invocation, Run, RunAutomationDetails, Tool, ToolComponent};
use std::collections::BTreeMap;
use std::io::{self, Write};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Tells the results of ekslint from those of other tools; ends with a slash, as a category must.
const CATEGORY: &str = "ekslint/";
/// Tells live results from those of files: an upload replaces the results of its own category only.
const LIVE_CATEGORY: &str = "ekslint/live/";
/// How many results GitHub code scanning keeps of a file.
const KEPT_RESULTS: usize = 5_000;

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
    let results = Results::of(report, &uris);
    let run = StreamedRun { run: run(report, &uris, &results), results };
    json_text::write(&Log { schema: SCHEMA, version: "2.1.0", runs: [run] }, out)
}

/// Says what GitHub does to so many results, if it does not show them all, and what had to be left
/// out of the file for it to be taken.
fn too_many(results: usize, left_out: &BTreeMap<Severity, usize>) -> Option<String> {
    if results <= KEPT_RESULTS {
        return None;
    }
    let cut: usize = left_out.values().sum();
    let mut text = format!("There are {} results. ", results + cut);
    if cut > 0 {
        let parts: Vec<_> = left_out.iter().rev().map(|(severity, n)| format!("{n} {severity}")).collect();
        let parts = parts.join(", ");
        text +=
            &format!("This file has the {results} worst, the most that GitHub takes; left out: {parts}. ");
    }
    text += &format!("GitHub code scanning keeps the {KEPT_RESULTS} worst. ");
    text += "Raise the severity, select fewer rules, or scan fewer files at once.";
    Some(text)
}

fn run(report: &Report<'_>, uris: &Uris<'_>, results: &Results<'_>) -> Run {
    Run::builder()
        .tool(Tool::builder().driver(driver(report)).build())
        .automation_details(RunAutomationDetails::builder().id(category(report)).build())
        .column_kind("utf16CodeUnits")
        .invocations([invocation(report, uris, results)])
        .build()
}

/// What is asked for, with the slash at its end that a category must have. Else, of one region the
/// results are a category of their own.
fn category(report: &Report<'_>) -> String {
    if let Some(asked) = &report.sarif_category {
        return format!("{}/", asked.trim_end_matches('/'));
    }
    match report.live.as_slice() {
        [] => CATEGORY.to_owned(),
        [(account, region)] => format!("{LIVE_CATEGORY}{account}/{region}/"),
        _ => LIVE_CATEGORY.to_owned(),
    }
}

fn driver(report: &Report<'_>) -> ToolComponent {
    let rules: Vec<_> = report.rules.iter().map(|configured| rule::descriptor(configured)).collect();
    ToolComponent::builder()
        .name(env!("CARGO_PKG_NAME"))
        .version(env!("CARGO_PKG_VERSION"))
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .information_uri(env!("CARGO_PKG_REPOSITORY"))
        .rules(rules)
        .notifications(notification::descriptors())
        .build()
}

fn invocation(report: &Report<'_>, uris: &Uris<'_>, results: &Results<'_>) -> Invocation {
    let summary = report.summary();
    let too_many = too_many(results.len(), results.left_out());
    Invocation::builder()
        .execution_successful(report.is_successful(&summary))
        .tool_execution_notifications(notification::execution(report, &summary, too_many, uris))
        .tool_configuration_notifications(notification::configuration(report, &summary))
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
    use crate::rule::Severity;
    use std::collections::BTreeMap;

    #[test]
    fn the_limits_of_github_are_told() {
        let none = BTreeMap::new();
        assert_eq!(too_many(5_000, &none), None);
        assert!(too_many(5_001, &none).unwrap().contains("keeps the 5000 worst"));
        let cut = BTreeMap::from([(Severity::Low, 3), (Severity::Medium, 1)]);
        let text = too_many(25_000, &cut).unwrap();
        assert!(text.starts_with("There are 25004 results. This file has the 25000 worst"), "{text}");
        assert!(text.contains("left out: 1 medium, 3 low."), "{text}");
    }
}
