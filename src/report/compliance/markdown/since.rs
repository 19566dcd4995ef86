//! What changed since an older state: a row for each control on each cluster.

use super::PageRoom;
use super::page_words::PageWords;
use crate::report::compliance::ComplianceReport;
use crate::report::compliance::since::{ShownChange, changed, changes, clusters, controls, days, notes};
use crate::report::escape::{cell, code, sentence};
use crate::report::rule_page::markdown::row;
use crate::report::totals::plural;

/// How many clusters or controls are named where the page has an end.
const MOST_NAMED: usize = 50;

/// What changed in a framework, by its position; with the first one, also which clusters came and went.
pub(super) fn section(
    report: &ComplianceReport<'_>,
    framework: usize,
    words: PageWords,
    room: &mut PageRoom,
) -> String {
    let Some(since) = &report.since else { return String::new() };
    let Some(own) = since.frameworks.get(framework) else { return String::new() };
    let source = code(&since.state.source);
    let when = days(since).map_or_else(|| source.clone(), |days| format!("{days} ({source})"));
    let mut text = format!("\n**Since {when}: {}**\n", changed(own));
    let most = if room.is_endless { usize::MAX } else { MOST_NAMED };
    let mut lines: Vec<_> = controls(own)
        .into_iter()
        .map(|(what, ids)| format!("Controls {what}: {}", named(ids, most)))
        .collect();
    if framework == 0 {
        let came_and_went = clusters(report, since);
        lines.extend(
            came_and_went.iter().map(|(what, names)| format!("Clusters {what}: {}", named(names, most))),
        );
        lines.extend(notes(report, since).iter().map(|note| sentence(note)));
    }
    if !lines.is_empty() {
        text += "\n";
        lines.iter().for_each(|line| text += &format!("- {line}\n"));
    }
    room.take(&text);
    text + &table(&changes(report, own), words, room)
}

fn named(names: &[String], most: usize) -> String {
    let shown: Vec<_> = names.iter().take(most).map(|name| code(name)).collect();
    let more = match names.len().saturating_sub(most) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    shown.join(", ") + &more
}

fn table(changes: &[ShownChange<'_>], words: PageWords, room: &mut PageRoom) -> String {
    if changes.is_empty() {
        return String::new();
    }
    let heading = [
        words.both("Control", "통제 항목"),
        words.both("Cluster", "대상"),
        words.both("Then", "이전 판정"),
        words.both("Now", "현재 판정"),
    ];
    let mut table = format!("\n{}\n|---|---|---|---|\n", row(&heading));
    room.take(&table);
    let rows = changes.iter().map(|change| row(&cells(change, words)) + "\n");
    let rows: Vec<_> = rows.take_while(|row| room.take(row)).collect();
    table += &rows.concat();
    match changes.len() - rows.len() {
        0 => table,
        more => table + &format!("\nand {}, for which there is no room here\n", plural(more, "more change")),
    }
}

fn cells(change: &ShownChange<'_>, words: PageWords) -> [String; 4] {
    let remark = if change.remark.is_empty() { String::new() } else { format!(", {}", change.remark) };
    [
        cell(change.control),
        cell(&change.cluster),
        words.verdict(change.before),
        format!("{}{remark}", words.verdict(change.now)),
    ]
}
