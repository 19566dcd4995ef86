//! The clusters of a scan as a table: a row a cluster, the worst first.

use super::fit::{left, right};
use super::palette::Urgency;
use super::summary::{OpenCounts, open_counts};
use super::{Report, Style, cluster_name, printable, totals};
use crate::engine::Outcome;
use crate::explain::{SupportStatus, VersionOutlook};
use crate::rule::Severity;
use crate::scan::ClusterScan;
use anstyle::Effects;
use chrono::NaiveDate;
use std::cmp::Reverse;
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// What a cluster has, in columns.
pub(super) struct FleetRow<'a> {
    cluster: &'a ClusterScan,
    /// How many findings count, by severity, critical ones first.
    counts: OpenCounts,
    version: VersionCell,
    evaluated: usize,
    rules: usize,
}

/// The version of a cluster, what is left of its support, and how urgent that is.
struct VersionCell {
    text: String,
    urgency: Urgency,
}

/// Rows of the table ahead of findings; `--format table` has all.
const SHOWN: usize = 20;

/// The width of a column of counts.
const COUNT: usize = 4;
/// The least width of the column of names.
const NAME: usize = 8;

/// Writes the table alone, with the totals.
pub(super) fn write(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let rows = rows(report);
    if !rows.is_empty() {
        write_rows(&rows.iter().collect::<Vec<_>>(), style, out)?;
        writeln!(out)?;
    }
    if style.quiet { Ok(()) } else { totals::write(report, style, out) }
}

/// Writes the table ahead of findings: clusters without any are counted only.
pub(super) fn write_ahead(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let rows = rows(report);
    let with_findings: Vec<_> = rows.iter().filter(|row| row.counts.iter().any(|count| *count > 0)).collect();
    let shown: Vec<_> = with_findings.iter().take(SHOWN).copied().collect();
    if shown.is_empty() {
        return Ok(());
    }
    write_rows(&shown, style, out)?;
    let more = with_findings.len() - shown.len();
    let without = rows.len() - with_findings.len();
    let parts = [
        (more > 0).then(|| format!("{} with findings: --format table", totals::plural(more, "more cluster"))),
        (without > 0).then(|| format!("{} without findings", totals::plural(without, "cluster"))),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    if !parts.is_empty() {
        writeln!(out, "  {}", parts.join("; "))?;
    }
    writeln!(out)
}

/// All clusters, the worst first.
pub(super) fn rows<'a>(report: &Report<'a>) -> Vec<FleetRow<'a>> {
    let mut rows: Vec<_> =
        report.scan.clusters.iter().map(|cluster| FleetRow::of(cluster, report.as_of)).collect();
    rows.sort_by_key(|row| Reverse(row.counts));
    rows
}

impl<'a> FleetRow<'a> {
    fn of(cluster: &'a ClusterScan, today: NaiveDate) -> Self {
        let judgement = &cluster.judgement;
        let ran = |outcome: &&Outcome| !outcome.is_off();
        let evaluated = |outcome: &&Outcome| !matches!(outcome, Outcome::NotEvaluated | Outcome::Error);
        let outcomes = || judgement.outcomes.iter().filter(ran);
        Self {
            cluster,
            counts: open_counts(&judgement.findings),
            version: VersionCell::of(cluster.version.as_deref(), today),
            evaluated: outcomes().filter(evaluated).count(),
            rules: outcomes().count(),
        }
    }
}

impl VersionCell {
    fn of(version: Option<&VersionOutlook>, today: NaiveDate) -> Self {
        let Some(version) = version else {
            return Self { text: "–".to_owned(), urgency: Urgency::Unknown };
        };
        let value = printable(&version.value);
        let days = |date: &NaiveDate| (*date - today).num_days();
        let upgrade = version.forced_upgrade_date.as_ref().ok().map(days);
        let end_of_standard = version.end_of_standard_support.as_ref().ok().map(days);
        let status = version.status.as_ref().ok().copied();
        let left = match (status, upgrade) {
            (Some(SupportStatus::Unsupported), _) => "ended".to_owned(),
            (Some(_), Some(left)) => format!("{} d", left.max(0)),
            (Some(SupportStatus::Standard), None) => {
                end_of_standard.map_or_else(String::new, |left| format!("{left} d"))
            }
            (Some(SupportStatus::Extended), None) => "extended".to_owned(),
            _ => String::new(),
        };
        Self {
            text: format!("{value} {left}").trim_end().to_owned(),
            urgency: Urgency::of_support(status, upgrade, end_of_standard),
        }
    }
}

fn write_rows(rows: &[&FleetRow<'_>], style: Style, out: &mut dyn Write) -> io::Result<()> {
    let columns: Vec<usize> =
        (0..Severity::ALL.len()).filter(|at| rows.iter().any(|row| row.counts[*at] > 0)).collect();
    let widest = |head: &str, text: &dyn Fn(&FleetRow<'_>) -> String| {
        rows.iter().map(|row| text(row).width()).max().unwrap_or_default().max(head.len())
    };
    let (region_width, version_width) =
        (widest("region", &region), widest("version", &|row| row.version.text.clone()));
    let evaluated_width = widest("evaluated", &evaluated);
    let fixed = 2 + 1 + region_width + columns.len() * (COUNT + 1) + 2 + version_width + 2 + evaluated_width;
    let room = style.text_width().saturating_sub(fixed).max(NAME);
    let width = widest("cluster", &name).min(room);
    let dim = style.paint(Effects::DIMMED, None);
    let mut head = format!("  {} {}", left("cluster", width), left("region", region_width));
    columns.iter().for_each(|at| head += &format!(" {}", right(word(Severity::ALL[*at]), COUNT)));
    head += &format!("  {}  {}", left("version", version_width), right("evaluated", evaluated_width));
    writeln!(out, "{dim}{}{dim:#}", head.trim_end())?;
    for row in rows {
        write!(out, "  {} {}", left(&name(row), width), left(&region(row), region_width))?;
        for at in &columns {
            let count = row.counts[*at];
            let text = if count == 0 { "·".to_owned() } else { count.to_string() };
            let severity = Severity::ALL[*at];
            let paint = match count {
                0 => style.paint(Effects::DIMMED, None),
                _ => style.severity(severity),
            };
            let gap = " ".repeat(COUNT.saturating_sub(text.width()));
            write!(out, " {gap}{paint}{text}{paint:#}")?;
        }
        let paint = style.styled(row.version.urgency.style());
        let evaluated = right(&evaluated(row), evaluated_width);
        writeln!(out, "  {paint}{}{paint:#}  {evaluated}", left(&row.version.text, version_width))?;
    }
    Ok(())
}

fn region(row: &FleetRow<'_>) -> String {
    printable(row.cluster.judgement.cluster.region.as_deref().unwrap_or_default())
}

fn evaluated(row: &FleetRow<'_>) -> String {
    format!("{} of {}", row.evaluated, row.rules)
}

fn name(row: &FleetRow<'_>) -> String {
    printable(cluster_name(&row.cluster.judgement.cluster))
}

/// A severity in a narrow column.
fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "crit",
        Severity::Medium => "med",
        other => other.as_str(),
    }
}
