//! For spreadsheets: a table (RFC 4180) with a row for each finding, and for each rule that could
//! not judge a cluster.

use super::command_lines;
use super::finding_text::command;
use super::unjudged::{Cause, Unjudged, unjudged};
use super::{FindingView, Report, printable};
use crate::engine::Outcome;
use crate::rule::{Frameworks, Rule};
use crate::scan::ClusterScan;
use crate::snapshot::Identity;
use csv::{Terminator, Writer, WriterBuilder};
use std::io::{self, Write};

/// The columns, in order.
const COLUMNS: [&str; 22] = [
    "severity",
    "rule",
    "title",
    "cluster",
    "region",
    "account",
    "resource_kind",
    "resource",
    "message",
    "fix",
    "command",
    "file",
    "line",
    "column",
    "frameworks",
    "url",
    "standing",
    "status",
    "cluster_arn",
    "resource_arn",
    "pointer",
    "fingerprint",
];
/// What spreadsheets take for the start of a formula, also in the wide forms of East Asian keyboards.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Writes the report.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut table = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    table.write_record(COLUMNS)?;
    for shown in report.findings().chain(report.accepted()) {
        Row::finding(shown).write(&mut table)?;
    }
    if report.csv_not_evaluated {
        superseded(report).try_for_each(|row| row.write(&mut table))?;
        unjudged(report).try_for_each(|row| Row::unjudged(&row).write(&mut table))?;
    }
    table.flush()
}

/// The rules whose findings are not reported, because others stand for them.
fn superseded<'a>(report: &'a Report<'a>) -> impl Iterator<Item = Row<'a>> {
    let of_cluster = |cluster: &'a ClusterScan| {
        let outcomes = cluster.judgement.outcomes.iter().zip(report.rules);
        let rules = outcomes.filter(|(outcome, _)| **outcome == Outcome::Superseded);
        rules.map(|(_, configured)| Row {
            status: "superseded",
            rule: Some(configured.rule),
            cluster: Some(&cluster.judgement.cluster),
            file: &cluster.file.name,
            message: "the finding of a stronger rule covers what it found",
            ..Row::default()
        })
    };
    report.scan.clusters.iter().flat_map(of_cluster)
}

/// A row. What it does not have is empty.
#[derive(Default)]
struct Row<'a> {
    status: &'static str,
    severity: &'static str,
    rule: Option<&'a Rule>,
    cluster: Option<&'a Identity>,
    /// Kind, name and ARN.
    resource: [&'a str; 3],
    file: &'a str,
    /// Line and column.
    place: [String; 2],
    pointer: &'a str,
    message: &'a str,
    fix: String,
    command: String,
    fingerprint: String,
    frameworks: String,
    standing: &'static str,
}

impl<'a> Row<'a> {
    fn finding(shown: FindingView<'a>) -> Self {
        let FindingView { finding, rule, .. } = shown;
        let (resource, place) = (&finding.resource, &finding.primary);
        let start = place.span.start();
        Self {
            status: "fail",
            severity: shown.severity().as_str(),
            rule: Some(rule),
            cluster: shown.identity(),
            resource: [resource.kind, or_empty(&resource.name), or_empty(&resource.arn)],
            file: &place.file.name,
            place: [start.line, start.column].map(|number| number.to_string()),
            pointer: place.pointer.as_str(),
            message: &finding.message,
            fix: rule.remediation.summary.clone(),
            command: command(finding).map(|script| command_lines::in_one_line(&script)).unwrap_or_default(),
            fingerprint: finding.fingerprint.to_string(),
            frameworks: frameworks(&shown.frameworks()),
            standing: finding.standing.as_str(),
        }
    }

    fn unjudged(row: &'a Unjudged<'a>) -> Self {
        let place = row.place.map(|place| [place.line, place.column].map(|number| number.to_string()));
        Self {
            status: match row.cause {
                Cause::Unknown(_) => "not-evaluated",
                Cause::Error => "error",
            },
            rule: row.rule,
            frameworks: frameworks(row.frameworks()),
            cluster: row.cluster,
            file: row.file,
            place: place.unwrap_or_default(),
            pointer: row.at,
            message: row.reason,
            fix: row.way_out.clone().unwrap_or_default(),
            ..Self::default()
        }
    }

    fn write(&self, table: &mut Writer<&mut dyn Write>) -> io::Result<()> {
        let rule = self.rule;
        let cluster = |field: fn(&Identity) -> &Option<String>| {
            self.cluster.map(|cluster| or_empty(field(cluster))).unwrap_or_default()
        };
        let url = rule.and_then(Rule::url);
        let [kind, name, arn] = self.resource;
        let [line, column] = &self.place;
        let fields: [&str; COLUMNS.len()] = [
            self.severity,
            rule.map_or("", |rule| &rule.id),
            rule.map_or("", |rule| &rule.title),
            cluster(|cluster| &cluster.name),
            cluster(|cluster| &cluster.region),
            cluster(|cluster| &cluster.account),
            kind,
            name,
            self.message,
            &self.fix,
            &self.command,
            self.file,
            line,
            column,
            &self.frameworks,
            url.as_deref().unwrap_or_default(),
            self.standing,
            self.status,
            cluster(|cluster| &cluster.arn),
            arn,
            self.pointer,
            &self.fingerprint,
        ];
        Ok(table.write_record(fields.map(safe))?)
    }
}

fn or_empty<T: AsRef<str>>(text: &Option<T>) -> &str {
    text.as_ref().map_or("", AsRef::as_ref)
}

/// `cis-eks-1.8: 5.4.1, 5.4.3; aws-fsbp: EKS.1`
fn frameworks(frameworks: &Frameworks) -> String {
    let controls =
        |(framework, controls): (&String, &Vec<String>)| format!("{framework}: {}", controls.join(", "));
    frameworks.iter().map(controls).collect::<Vec<_>>().join("; ")
}

/// Text that no spreadsheet runs, in one line. An apostrophe makes it text.
pub(in crate::report) fn safe(text: &str) -> String {
    let text = printable(text);
    let runs = text.trim_start().starts_with(FORMULA);
    if runs { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::safe;

    #[test]
    fn formulas_become_text() {
        for formula in
            ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "  =1+1", "=HYPERLINK(\"https://evil.example\")"]
        {
            assert_eq!(safe(formula), format!("'{formula}"));
        }
        assert_eq!(safe("a=1"), "a=1");
        assert_eq!(safe("\t=1+1\r\n"), "\u{fffd}=1+1\u{fffd}\u{fffd}");
    }
}
