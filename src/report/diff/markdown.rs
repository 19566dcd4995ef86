//! For a comment on a pull request: what is new in a table, and folded below it what is fixed and what
//! is no longer evaluated. It always fits into a comment.

use super::{DiffReport, Fate, words};
use crate::policy::diff::{Change, ChangeKind, ClusterDiff, FindingChange};
use crate::report::escape::{cell, code, html, sentence};
use crate::report::explain::diagram;
use crate::report::totals::plural;
use crate::report::{accepted, cluster_name};
use crate::value::Location;
use std::io::{self, Write};

/// What the page takes at most, in bytes. GitHub takes 65,536 characters in a comment.
const MOST: usize = 65_000;
/// What is kept free for what must be said at the end.
const RESERVED: usize = 1_000;

/// How many clusters get diagrams.
const DIAGRAMS: usize = 3;
/// The longest diagram that is shown, in bytes.
const MOST_DIAGRAM: usize = 12_000;
/// What the letters in diagrams mean.
const LETTERS: &str = "A: API server to kubelet, B: kubelet to API server, C: kubectl to API server.";

/// Writes the report.
pub(super) fn write(report: &DiffReport<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut page = DiffPage { report, text: String::new(), left: MOST - RESERVED };
    page.head();
    page.clusters();
    page.table(Fate::New);
    page.folded(Fate::NoLongerEvaluated, "no longer evaluated: nobody knows whether they are fixed");
    page.folded(Fate::Fixed, "fixed");
    page.diagrams();
    out.write_all(page.text.as_bytes())
}

struct DiffPage<'p, 'a> {
    report: &'p DiffReport<'a>,
    text: String,
    /// The bytes that are left.
    left: usize,
}

impl<'a> DiffPage<'_, 'a> {
    /// Adds a text, if there is room for it.
    fn put(&mut self, text: &str) -> bool {
        let left = self.left.checked_sub(text.len());
        if let Some(left) = left {
            self.left = left;
            self.text.push_str(text);
        }
        left.is_some()
    }

    fn head(&mut self) {
        let totals = self.report.totals();
        let [old, new] = &self.report.names;
        let counts = words::other_counts(&totals).join("; ");
        let found = words::new_findings(&totals);
        let clusters = words::clusters(&totals);
        self.put(&format!(
            "## ekslint: {found}\n\n{counts}. {clusters}: {} against {}.\n",
            code(old),
            code(new)
        ));
        if !totals.complete {
            let text =
                "Not everything was read and evaluated. What was not evaluated is neither new nor fixed.";
            self.put(&format!("\n> [!WARNING]\n> {text}\n"));
        }
    }

    /// Clusters that came, went or could not be found, and those with too many changes.
    fn clusters(&mut self) {
        let report = self.report;
        let mut lines = String::new();
        for cluster in &report.diff.clusters {
            let name = code(cluster_name(cluster.cluster));
            if let Some(presence) = words::presence(cluster.presence) {
                lines += &format!("- {name}: {presence}\n");
            }
            if cluster.untried > 0 {
                lines += &format!("- {name}: {}\n", words::untried(cluster));
            }
        }
        if !lines.is_empty() && !self.put(&format!("\n{lines}")) {
            self.put("\nMany clusters came or went: too many to list here.\n");
        }
    }

    fn shifts(&self, wanted: Fate) -> Vec<(&'a ClusterDiff<'a>, &'a FindingChange<'a>)> {
        let report = self.report;
        let of = |cluster: &'a ClusterDiff<'a>| {
            report
                .shifts(cluster)
                .filter(move |(fate, _)| *fate == wanted)
                .map(move |(_, shift)| (cluster, shift))
        };
        let mut shifts: Vec<_> = report.diff.clusters.iter().flat_map(of).collect();
        shifts.sort_by_key(|(_, shift)| std::cmp::Reverse(shift.finding.severity));
        shifts
    }

    fn folded(&mut self, fate: Fate, title: &str) {
        let count = self.shifts(fate).len();
        if count > 0 && self.put(&format!("\n<details><summary>{count} {title}</summary>\n")) {
            self.table(fate);
            self.text.push_str("\n</details>\n");
        }
    }

    /// Before and after, of the first clusters whose traffic takes another way.
    fn diagrams(&mut self) {
        let report = self.report;
        let drawn = report.diff.clusters.iter().filter_map(|cluster| {
            let [Some(old), Some(new)] = &cluster.flows else { return None };
            let charts = [diagram(old), diagram(new)];
            let differs = charts[0] != charts[1] && charts.iter().all(|chart| chart.len() <= MOST_DIAGRAM);
            differs.then_some((cluster, charts))
        });
        for (cluster, [old, new]) in drawn.take(DIAGRAMS) {
            let name = html(cluster_name(cluster.cluster));
            let fenced = |chart: &str| format!("```mermaid\n{}\n```", chart.trim_end());
            let (old, new) = (fenced(&old), fenced(&new));
            self.put(&format!(
                "\n<details><summary>Which way the traffic of {name} goes, before and after</summary>\n\n\
                 {LETTERS}\n\nBefore:\n\n{old}\n\nAfter:\n\n{new}\n\n</details>\n"
            ));
        }
    }

    fn table(&mut self, fate: Fate) {
        let shifts = self.shifts(fate);
        let why = if fate == Fate::New { "Brought by" } else { "Why" };
        if shifts.is_empty()
            || !self.put(&format!("\n| Severity | Cluster | Finding | {why} |\n|---|---|---|---|\n"))
        {
            return;
        }
        let put = shifts
            .iter()
            .take_while(|(cluster, shift)| self.put(&row(self.report, fate, cluster, shift)))
            .count();
        if put < shifts.len() {
            let more = plural(shifts.len() - put, "more finding");
            self.text.push_str(&format!("\nand {more}, for which there is no room here\n"));
        }
    }
}

fn row(report: &DiffReport<'_>, fate: Fate, cluster: &ClusterDiff<'_>, shift: &FindingChange<'_>) -> String {
    let finding = shift.finding;
    let place = line_of(&finding.primary);
    let about =
        format!("{}: {}<br/>{}", cell(&report.rule(shift).id), in_cell(&finding.message), cell(&place));
    let mut why: Vec<_> = words::why_unknown(fate, shift).iter().map(|why| in_cell(why)).collect();
    why.extend(accepted(report, shift));
    if let Some(certainty) = shift.certainty {
        let (cause, changes) = (words::cause(fate, certainty), words::changes(fate, shift));
        // So the column is called.
        let is_said = cause == "brought by" || changes.is_empty();
        let first = (!is_said).then(|| format!("{cause}:"));
        why.extend(first.into_iter().chain(changes.iter().map(change)));
    } else {
        why.extend(words::presence(cluster.presence).map(str::to_owned));
    }
    why.extend((shift.more > 0).then(|| format!("and {}", plural(shift.more, "more change"))));
    let name = cell(cluster_name(cluster.cluster));
    format!("| {} | {name} | {about} | {} |\n", finding.severity, why.join("<br/>"))
}

fn accepted(report: &DiffReport<'_>, shift: &FindingChange<'_>) -> Option<String> {
    accepted::how(shift.finding.standing, report.waivers).map(|how| in_cell(&how))
}

fn change(change: &Change) -> String {
    let place = line_of(&change.at);
    let value = |value: &Option<String>| cell(value.as_deref().unwrap_or_default());
    let words = match change.kind {
        ChangeKind::Changed => format!("{} → {}", value(&change.old), value(&change.new)),
        ChangeKind::Added => format!("added {}", value(&change.new)),
        ChangeKind::Removed => format!("removed {}", value(&change.old)),
        _ => words::change(change),
    };
    format!("{}: {words}<br/>{}", cell(change.at.pointer.as_str()), cell(&place))
}

/// `prod.json:12`
fn line_of(location: &Location) -> String {
    format!("{}:{}", location.file.name, location.span.start_line)
}

/// A sentence in a cell of a table, which a bar would end.
fn in_cell(text: &str) -> String {
    sentence(&text.replace('|', "\u{FFFD}"))
}
