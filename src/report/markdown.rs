//! For the summary of a job and for a comment on GitHub: the totals, a table of the clusters, and what
//! was found in each, folded. It always fits into a comment: where there is more, the least severe
//! findings are counted and not shown.

mod problems;
mod section;

use super::escape::cell;
use super::summary::open_counts;
use super::totals::{found, outcomes, plural};
use super::{FindingView, Report, Summary};
use crate::engine::Outcome;
use crate::rule::Severity;
use crate::scan::{ClusterScan, TRAFFIC};
use section::ClusterSection;
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};

/// What the page takes at most, in bytes. GitHub takes 65,536 characters in a comment.
const MOST: usize = 65_000;
/// What is kept free for what must be said at the end.
const RESERVED: usize = 1_000;
/// What the table of the clusters takes at most, in bytes.
const MOST_TABLE: usize = 12_000;
/// How many clusters get a diagram.
const DIAGRAMS: usize = 5;

/// Writes the report.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let summary = report.summary();
    let mut room = Room(MOST - RESERVED);
    let mut sections = sections(report);
    let head = head(report, &summary) + &table(&sections);
    room.take(&head);
    let problems = problems::list(report, &summary);
    room.take(&problems);
    let left_out = fill(&mut sections, &mut room);
    write!(out, "{head}{left_out}")?;
    sections.iter().try_for_each(|section| section.write(out))?;
    out.write_all(problems.as_bytes())
}

/// The bytes that are left.
struct Room(usize);

impl Room {
    /// Takes what a text needs, if there is as much.
    fn take(&mut self, text: &str) -> bool {
        let left = self.0.checked_sub(text.len());
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }
}

fn head(report: &Report<'_>, summary: &Summary) -> String {
    let mut head = format!("## ekslint\n\n**{}**\n\n{}\n", found(summary), outcomes(summary));
    if !report.is_complete(summary) {
        head += "\n> [!WARNING]\n> Not everything was read and evaluated. What was not evaluated has not passed.\n";
    }
    head
}

/// All clusters, and files of the configuration in which something is wrong: the worst first.
fn sections<'a>(report: &'a Report<'a>) -> Vec<ClusterSection<'a>> {
    let mut findings = report.findings().peekable();
    let mut accepted = report.accepted().peekable();
    let mut sections = Vec::new();
    for group in report.groups() {
        let here = |shown: &FindingView<'_>| shown.group.index == group.index;
        let mut section = ClusterSection::new(report, group);
        std::iter::from_fn(|| findings.next_if(here)).for_each(|shown| section.add(shown));
        section.accepted.extend(std::iter::from_fn(|| accepted.next_if(here)));
        sections.push(section);
    }
    sections.sort_by_key(|section| Reverse(section.rank()));
    sections
}

/// The table of the clusters.
fn table(sections: &[ClusterSection<'_>]) -> String {
    let clusters = sections.iter().filter_map(|section| Some((section.title(), section.group.cluster?)));
    let clusters: Vec<_> = clusters.collect();
    if clusters.is_empty() {
        return String::new();
    }
    let names: Vec<_> = Severity::ALL.iter().map(|severity| capitalized(severity.as_str())).collect();
    let columns = "---:|".repeat(names.len() + 1);
    let mut table =
        format!("\n| Cluster | Where | {} | Not evaluated |\n|---|---|{columns}\n", names.join(" | "));
    let mut shown = 0;
    for (title, cluster) in &clusters {
        let row = row(title, cluster);
        if table.len() + row.len() > MOST_TABLE {
            break;
        }
        table += &row;
        shown += 1;
    }
    match clusters.len() - shown {
        0 => table,
        more => table + &format!("\nand {}, which have no worse findings\n", plural(more, "more cluster")),
    }
}

fn capitalized(word: &str) -> String {
    let (first, rest) = word.split_at(1.min(word.len()));
    first.to_uppercase() + rest
}

fn row(title: &str, ClusterScan { judgement, .. }: &ClusterScan) -> String {
    let cluster = &judgement.cluster;
    let place = cluster.place().map(cell).collect::<Vec<_>>().join(" ");
    let number = |count: usize| if count == 0 { "–".to_owned() } else { format!("**{count}**") };
    let numbers = open_counts(&judgement.findings).map(number);
    let not_evaluated =
        judgement.outcomes.iter().filter(|outcome| **outcome == Outcome::NotEvaluated).count();
    let not_evaluated = if not_evaluated == 0 { "–".to_owned() } else { not_evaluated.to_string() };
    let name = cell(title);
    format!("| {name} | {place} | {} | {not_evaluated} |\n", numbers.join(" | "))
}

/// Puts into the sections what there is room for: findings of any cluster by severity, diagrams
/// before those that are low, what does not count last. Gives what to say about the rest.
fn fill(sections: &mut [ClusterSection<'_>], room: &mut Room) -> String {
    let mut left_out: BTreeMap<Severity, usize> = BTreeMap::new();
    let mut told = HashSet::new();
    for severity in Severity::ALL {
        if severity == Severity::Low {
            draw(sections, room);
        }
        for section in &mut *sections {
            let more = section.put(severity, room, &mut told, !left_out.is_empty());
            if more > 0 {
                *left_out.entry(severity).or_default() += more;
            }
        }
    }
    let accepted = sections.iter_mut().map(|section| section.put_accepted(room)).sum();
    rest(&left_out, accepted)
}

/// Diagrams of the clusters whose traffic is what findings are about.
fn draw(sections: &mut [ClusterSection<'_>], room: &mut Room) {
    let about_traffic = |section: &&mut ClusterSection<'_>| section.has_area(&TRAFFIC);
    sections.iter_mut().filter(about_traffic).take(DIAGRAMS).for_each(|section| section.draw(room));
}

/// What there was no room for.
fn rest(left_out: &BTreeMap<Severity, usize>, accepted: usize) -> String {
    let findings = left_out.iter().rev().map(|(severity, count)| format!("{count} {severity}"));
    let accepted = (accepted > 0).then(|| format!("{accepted} accepted"));
    let parts: Vec<_> = findings.chain(accepted).collect();
    if parts.is_empty() {
        return String::new();
    }
    let (no_room, others) = ("This page has no room for the details of more findings", "json` and `sarif");
    format!("\n> [!NOTE]\n> {no_room}: {}. The outputs `{others}` have all.\n", parts.join(", "))
}
