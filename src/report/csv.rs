//! For spreadsheets: a table (RFC 4180) with a row for each finding, and for each rule that could
//! not judge a cluster.

use super::finding_text::one_line;
use super::unjudged::{Cause, Unjudged, unjudged};
use super::{FindingView, Report, printable};
use crate::rule::{Frameworks, Rule};
use crate::snapshot::Identity;
use csv::{Terminator, Writer, WriterBuilder};
use std::io::{self, Write};

/// The columns, in order.
const COLUMNS: [&str; 21] = [
    "status",
    "severity",
    "rule",
    "title",
    "cluster",
    "cluster_arn",
    "account",
    "region",
    "resource_kind",
    "resource",
    "resource_arn",
    "file",
    "line",
    "column",
    "pointer",
    "message",
    "fix",
    "url",
    "fingerprint",
    "frameworks",
    "standing",
];
/// What spreadsheets take for the start of a formula, also in the wide forms of East Asian keyboards.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// Writes the report.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut table = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    table.write_record(COLUMNS)?;
    for shown in report.findings().chain(report.set_aside()) {
        Row::finding(shown).write(&mut table)?;
    }
    for row in unjudged(report) {
        Row::unjudged(&row).write(&mut table)?;
    }
    table.flush()
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
            fix: one_line(&rule.remediation.text),
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
            frameworks: row.rule.map(|rule| frameworks(&rule.frameworks)).unwrap_or_default(),
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
        let url = rule.map(Rule::url);
        let [kind, name, arn] = self.resource;
        let [line, column] = &self.place;
        let fields: [&str; COLUMNS.len()] = [
            self.status,
            self.severity,
            rule.map_or("", |rule| &rule.id),
            rule.map_or("", |rule| &rule.title),
            cluster(|cluster| &cluster.name),
            cluster(|cluster| &cluster.arn),
            cluster(|cluster| &cluster.account),
            cluster(|cluster| &cluster.region),
            kind,
            name,
            arn,
            self.file,
            line,
            column,
            self.pointer,
            self.message,
            &self.fix,
            url.as_deref().unwrap_or_default(),
            &self.fingerprint,
            &self.frameworks,
            self.standing,
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
fn safe(text: &str) -> String {
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
