//! For people: how many findings each rule has, the worst first, instead of the findings.

use super::fit::{beside_or_below, right};
use super::{FindingView, Report, Style, printable, totals};
use crate::rule::{Rule, Severity};
use anstyle::Effects;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

/// The widths of columns: how many findings, how bad they are, on how many clusters.
const COUNT: usize = 5;
const SEVERITY: usize = 8;
const CLUSTERS: usize = 8;
/// Where ids of rules start, and titles below them.
const RULE: usize = 2 + COUNT + 2 + SEVERITY + 2;

/// What one rule found.
struct RuleCount<'a> {
    rule: &'a Rule,
    severity: Severity,
    findings: usize,
    /// The clusters by their position in the scan.
    clusters: BTreeSet<usize>,
}

/// Writes a row a rule, and the totals.
pub(super) fn write(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let counts = counts(report.findings());
    if !counts.is_empty() {
        let table = StatisticsTable {
            style,
            rule: counts.iter().map(|count| count.rule.id.len()).max().unwrap_or_default(),
            several: report.scan.clusters.len() > 1,
        };
        table.head(out)?;
        counts.iter().try_for_each(|count| table.row(count, out))?;
        writeln!(out)?;
    }
    if style.quiet { Ok(()) } else { totals::write(report, style, out) }
}

/// The findings by rule: the worst first, then what there is most of. A cluster may have a severity of its own.
fn counts<'a>(findings: impl Iterator<Item = FindingView<'a>>) -> Vec<RuleCount<'a>> {
    let mut counts: BTreeMap<(Reverse<Severity>, &str), RuleCount<'a>> = BTreeMap::new();
    for shown in findings {
        let (rule, severity) = (shown.rule, shown.severity());
        let count = counts.entry((Reverse(severity), rule.id.as_str())).or_insert_with(|| RuleCount {
            rule,
            severity,
            findings: 0,
            clusters: BTreeSet::new(),
        });
        count.findings += 1;
        // What is wrong with the configuration is on no cluster.
        if shown.group.identity().is_some() {
            count.clusters.insert(shown.group.index);
        }
    }
    let mut counts: Vec<_> = counts.into_values().collect();
    counts.sort_by_key(|count| (Reverse(count.severity), Reverse(count.findings)));
    counts
}

struct StatisticsTable {
    style: Style,
    /// The width of the column of rules.
    rule: usize,
    several: bool,
}

impl StatisticsTable {
    fn head(&self, out: &mut dyn Write) -> io::Result<()> {
        let (dim, width) = (self.style.paint(Effects::DIMMED, None), self.rule);
        let clusters =
            if self.several { format!("  {}", right("clusters", CLUSTERS)) } else { String::new() };
        let head =
            format!("  {}  {:SEVERITY$}  {:width$}{clusters}", right("count", COUNT), "severity", "rule");
        writeln!(out, "{dim}{}{dim:#}", head.trim_end())
    }

    fn row(&self, count: &RuleCount<'_>, out: &mut dyn Write) -> io::Result<()> {
        let (severity, paint) = (count.severity, self.style.severity(count.severity));
        let gap = " ".repeat(SEVERITY.saturating_sub(severity.as_str().len()));
        let clusters = match count.clusters.len() {
            _ if !self.several => String::new(),
            0 => format!("  {}", right("–", CLUSTERS)),
            some => format!("  {}", right(&some.to_string(), CLUSTERS)),
        };
        let (findings, width) = (right(&count.findings.to_string(), COUNT), self.rule);
        let row =
            format!("  {findings}  {paint}{severity}{paint:#}{gap}  {:width$}{clusters}", count.rule.id);
        let row_width = RULE + self.rule + if self.several { 2 + CLUSTERS } else { 0 };
        let title = printable(&count.rule.title);
        write!(out, "{}", beside_or_below(&row, row_width, &title, self.style.text_width(), RULE))
    }
}
