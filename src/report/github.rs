//! For the log of a GitHub workflow: annotations, which GitHub shows beside the lines of a pull request.
//!
//! GitHub makes ten annotations of each kind in a step and drops the others, so the worst come first; of what is equally bad,
//! one finding of each rule and cluster before the second one of any, and what is left out is counted where its rule is
//! named. That something was not judged is an annotation too.

use super::finding_text::{one_line, shortened};
use super::{FindingView, Report, Style, Summary, cluster_name, printable};
use crate::engine::RuleIndex;
use crate::rule::Severity;
use crate::text::first_names;
use crate::value::Location;
use crate::value::position::LineSpan;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::io::{self, Write};
use std::path::Path;

/// How many annotations of a kind GitHub makes in a step.
const MOST: usize = 10;
/// How many characters of each text are shown; GitHub cuts a message after 4096.
const MOST_TEXT: usize = 1_000;
/// How many places of findings without an annotation are named.
const MOST_PLACES: usize = 5;
/// How many characters are shown of how to mend it: the rest is at the address.
const MOST_FIX: usize = 300;

/// The kinds of annotations, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AnnotationLevel {
    Error,
    Warning,
    Notice,
}

impl AnnotationLevel {
    const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Notice];

    fn of(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::High => Self::Error,
            Severity::Medium => Self::Warning,
            Severity::Low | Severity::Info => Self::Notice,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

/// One annotation.
struct Annotation {
    kind: AnnotationLevel,
    /// The file from the root of the repository, and the lines as properties.
    place: Option<(String, String)>,
    title: String,
    message: String,
}

/// Writes the report.
pub(super) fn write(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let summary = report.summary();
    let annotations = annotations(report, &summary);
    for kind in AnnotationLevel::ALL {
        let of_kind = annotations.iter().filter(|annotation| annotation.kind == kind);
        of_kind.take(MOST).try_for_each(|annotation| annotation.write(out))?;
    }
    write_left_out(&annotations, out)?;
    super::accepted::write(report, style, out)?;
    if style.quiet { Ok(()) } else { super::totals::write(report, style, out) }
}

/// What is wrong with the scan itself, then the findings, worst first.
fn annotations(report: &Report<'_>, summary: &Summary) -> Vec<Annotation> {
    let of_scan = [errors(report), incomplete(summary)].into_iter().flatten();
    let ranked = ranked(report);
    let mut annotations: Vec<_> = of_scan.collect();
    for kind in AnnotationLevel::ALL {
        let room = MOST.saturating_sub(annotations.iter().filter(|one| one.kind == kind).count());
        let of_kind: Vec<_> =
            ranked.iter().filter(|(_, shown)| AnnotationLevel::of(shown.severity()) == kind).collect();
        let left_out = |shown: &FindingView<'_>| {
            let rest = of_kind.iter().skip(room);
            rest.filter(|(_, other)| same_rule(shown) == same_rule(other)).map(|(_, other)| *other).collect()
        };
        for (at, (time, shown)) in of_kind.iter().enumerate() {
            let others = if at < room && *time == 0 { left_out(shown) } else { Vec::new() };
            annotations.push(finding(report, *shown, &others));
        }
    }
    annotations
}

/// The findings, the worst first; of those that are equally bad the first of each rule and cluster, then the second, and so
/// on: ten node groups with the same fault must not hide another fault. Each with how many of its rule come before it.
fn ranked<'a>(report: &Report<'a>) -> Vec<(usize, FindingView<'a>)> {
    let mut times = HashMap::new();
    let numbered = report.findings().map(|shown| {
        let time = times.entry(same_rule(&shown)).or_insert(0);
        *time += 1;
        (*time - 1, shown)
    });
    let mut ranked: Vec<_> = numbered.collect();
    ranked.sort_by_key(|(time, shown)| (Reverse(shown.severity()), *time));
    ranked
}

/// What findings of one rule on one cluster have in common.
fn same_rule(shown: &FindingView<'_>) -> (usize, RuleIndex) {
    (shown.group.index, shown.finding.rule)
}

/// All errors in one annotation, at the place of the first.
fn errors(report: &Report<'_>) -> Option<Annotation> {
    let first = report.rule_errors.iter().chain(&report.errors).next()?;
    let whole_line = |line| LineSpan { start_line: line, end_line: line, ..LineSpan::default() };
    let span = first.place.map(|place| whole_line(place.line));
    let place = span.and_then(|span| Some((path(report, &first.file)?, lines(span))));
    let more = match report.rule_errors.len() + report.errors.len() - 1 {
        0 => String::new(),
        more => format!("\nand {more} more, which the log and the summary name"),
    };
    let message = format!("{}{more}\nWhat could not be read has not passed.", line(&first.to_string()));
    Some(Annotation { kind: AnnotationLevel::Error, place, title: "ekslint: errors".to_owned(), message })
}

/// That something was not judged which a complete scan judges.
fn incomplete(summary: &Summary) -> Option<Annotation> {
    if !summary.is_incomplete() {
        return None;
    }
    let denied = summary.missing_permissions.keys().map(|action| format!("allow {}", line(action)));
    let failed = summary.failed_calls.keys().map(|call| format!("{} failed", line(call)));
    let causes: Vec<_> = denied.chain(failed).take(MOST).collect();
    let mut message =
        format!("{} times a rule was not evaluated, and so has not passed.", summary.not_evaluated);
    if !causes.is_empty() {
        message += &format!("\n{}", causes.join(", "));
    }
    message += "\nThe log and the summary have the reasons.";
    Some(Annotation {
        kind: AnnotationLevel::Warning,
        place: None,
        title: "ekslint: incomplete".to_owned(),
        message,
    })
}

/// A finding, and the others of its rule on its cluster that have no annotation of their own.
fn finding(report: &Report<'_>, shown: FindingView<'_>, others: &[FindingView<'_>]) -> Annotation {
    let (finding, rule) = (shown.finding, shown.rule);
    let place = place(report, shown);
    let cluster = match (shown.identity(), &place) {
        // Nothing else would say which cluster it is about.
        (Some(cluster), None) => format!("{}: ", line(cluster_name(cluster))),
        _ => String::new(),
    };
    let fix = shortened(&one_line(&rule.remediation.text), MOST_FIX);
    let (told, more) = (line(&finding.message), more(others));
    let page = rule
        .url()
        .map(|url| {
            format!(
                "
{}",
                line(&url)
            )
        })
        .unwrap_or_default();
    let message = format!(
        "{cluster}{told}{more}
Fix: {fix}{page}"
    );
    Annotation {
        kind: AnnotationLevel::of(shown.severity()),
        place,
        title: format!("{} {}", shown.severity(), rule.id),
        message,
    }
}

/// How many more there are, and where.
fn more(others: &[FindingView<'_>]) -> String {
    if others.is_empty() {
        return String::new();
    }
    let place = |shown: &FindingView<'_>| {
        let Location { file, span, .. } = &shown.finding.primary;
        if file.is_file() {
            format!("{}:{}", line(&file.name), span.start_line)
        } else {
            line(&shown.finding.message)
        }
    };
    let mut places: Vec<_> = others.iter().map(place).collect();
    places.dedup();
    format!("\n{} more of this rule on this cluster: {}", others.len(), first_names(&places, MOST_PLACES))
}

/// Where GitHub is to show a finding, unless what was scanned is no file.
fn place(report: &Report<'_>, shown: FindingView<'_>) -> Option<(String, String)> {
    let Location { file, span, .. } = &shown.finding.primary;
    let path = file.is_file().then(|| path(report, &file.name)).flatten()?;
    Some((path, lines(*span)))
}

/// A file from the root of the repository.
fn path(report: &Report<'_>, file: &str) -> Option<String> {
    let path = (file != "<stdin>").then(|| report.root.relative(Path::new(file)))?;
    (!path.is_empty()).then_some(path)
}

/// A text in one line, and not too long.
fn line(text: &str) -> String {
    shortened(&one_line(text), MOST_TEXT)
}

/// What GitHub would not have shown.
fn write_left_out(annotations: &[Annotation], out: &mut dyn Write) -> io::Result<()> {
    let left_out = |kind: AnnotationLevel| {
        let count = annotations.iter().filter(|annotation| annotation.kind == kind).count();
        let more = count.saturating_sub(MOST);
        let ending = if more == 1 { "" } else { "s" };
        (more > 0).then(|| format!("{more} more {}{ending}", kind.as_str()))
    };
    let parts: Vec<_> = AnnotationLevel::ALL.into_iter().filter_map(left_out).collect();
    if parts.is_empty() {
        return Ok(());
    }
    let parts = parts.join(", ");
    writeln!(out, "{parts}: GitHub shows {MOST} of each kind; --format markdown or sarif has all")
}

impl Annotation {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut properties = Vec::new();
        if let Some((file, lines)) = &self.place {
            properties.push(format!("file={},{lines}", property(file)));
        }
        properties.push(format!("title={}", property(&self.title)));
        writeln!(out, "::{} {}::{}", self.kind.as_str(), properties.join(","), data(&self.message))
    }
}

/// The runner takes columns of a place within one line only. Those of one character are left out: it is the bracket that
/// opens an item of a list, and the whole line reads better.
fn lines(region: LineSpan) -> String {
    let (line, end_line) = (region.start_line.max(1), region.end_line.max(region.start_line).max(1));
    let columns = format!(",col={},endColumn={}", region.start_column, region.end_column);
    let is_bracket = region.end_column <= region.start_column + 1;
    let has_columns = line == end_line && region.start_column > 0 && !is_bracket;
    let columns = if has_columns { columns } else { String::new() };
    format!("line={line},endLine={end_line}{columns}")
}

/// The text of a command. Line breaks are ours alone: texts of others are one line each.
fn data(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(|line| printable(line).replace('%', "%25")).collect();
    lines.join("%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, lines, property};
    use crate::value::position::LineSpan;

    #[test]
    fn texts_stay_in_their_command() {
        assert_eq!(data("100%\n::error::x\r"), "100%25%0A�:error::x�");
        assert_eq!(data("%0A::error::"), "%250A::error::");
        assert_eq!(property("a,b:c%3A"), "a%2Cb%3Ac%253A");
    }

    #[test]
    fn columns_are_of_one_line() {
        let region = LineSpan { start_line: 3, start_column: 5, end_line: 3, end_column: 9 };
        assert_eq!(lines(region), "line=3,endLine=3,col=5,endColumn=9");
        assert_eq!(lines(LineSpan { end_line: 4, ..region }), "line=3,endLine=4");
        assert_eq!(lines(LineSpan { end_column: 6, ..region }), "line=3,endLine=3");
    }
}
