//! For a pull request, a wiki or an audit folder: the counts, a row a control, and the evidence. It fits into a comment on
//! GitHub: where there is more, what there is no room for is counted. With `-v` nothing is left out.

mod clusters;
mod evidence;
mod page_words;
mod scope;
mod since;

use super::ComplianceReport;
use super::counted::{counts, share};
use super::deciding::Deciding;
use super::scope::rules;
use crate::compliance::{ControlResult, ControlVerdict, FrameworkResult};
use crate::report::Style;
use crate::report::escape::{cell, code, sentence};
use crate::report::framework_page::titles;
use crate::report::rule_page::markdown::{inline, row};
use crate::report::totals::plural;
use evidence::ControlSection;
use page_words::PageWords;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// What the page takes at most, in bytes. GitHub takes 65,536 characters in a comment.
const MOST: usize = 65_000;
/// What is kept free for what must be said at the end.
const RESERVED: usize = 1_500;
/// The verdicts whose evidence is folded: nothing is to be done, or nothing that a machine can tell.
const FOLDED: [ControlVerdict; 3] =
    [ControlVerdict::Manual, ControlVerdict::Passed, ControlVerdict::NotApplicable];

/// Writes the report.
pub(super) fn write(report: &ComplianceReport<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut room = PageRoom::new(style.verbose);
    let scope = scope::list(report, &mut room);
    let results = report.frameworks.iter().enumerate();
    let mut parts: Vec<_> =
        results.map(|(at, result)| FrameworkPart::new(report, (at, result), &mut room)).collect();
    let words = parts.first().map(|part| part.words);
    let clusters = words.map(|words| clusters::table(report, words, &mut room)).unwrap_or_default();
    let mut left_out = BTreeMap::new();
    for verdict in ControlVerdict::ALL {
        for part in &mut parts {
            let more = part.put(verdict, &mut room);
            if more > 0 {
                *left_out.entry(verdict).or_insert(0) += more;
            }
        }
    }
    let note = rest(&left_out);
    parts.iter().enumerate().try_for_each(|(at, part)| {
        let (note, clusters) = if at == 0 { (note.as_str(), clusters.as_str()) } else { ("", "") };
        let FrameworkPart { head, since, table, body, .. } = part;
        write!(out, "{head}{note}{clusters}{since}{table}{body}")
    })?;
    out.write_all(scope.as_bytes())
}

/// What there was no room for.
fn rest(left_out: &BTreeMap<ControlVerdict, usize>) -> String {
    if left_out.is_empty() {
        return String::new();
    }
    let counts: Vec<_> =
        left_out.iter().rev().map(|(verdict, count)| format!("{count} {}", verdict.in_words())).collect();
    format!(
        "\n> [!NOTE]\n> This page has no room for all evidence; some is missing of these controls: {}. \
         `-v` and `--format json` have all.\n",
        counts.join(", ")
    )
}

/// The bytes that are left.
struct PageRoom {
    left: usize,
    /// Whether nothing is left out.
    is_endless: bool,
}

impl PageRoom {
    fn new(is_endless: bool) -> Self {
        Self { left: MOST - RESERVED, is_endless }
    }

    /// Takes what a text needs, if there is as much.
    fn take(&mut self, text: &str) -> bool {
        let left = self.left.checked_sub(text.len());
        self.left = left.unwrap_or(self.left);
        self.is_endless || left.is_some()
    }
}

/// What is said of a framework.
struct FrameworkPart<'p, 'a> {
    report: &'p ComplianceReport<'a>,
    result: &'p FrameworkResult<'a>,
    words: PageWords,
    head: String,
    since: String,
    table: String,
    body: String,
}

impl<'p, 'a> FrameworkPart<'p, 'a> {
    fn new(
        report: &'p ComplianceReport<'a>,
        (at, result): (usize, &'p FrameworkResult<'a>),
        room: &mut PageRoom,
    ) -> Self {
        let words = PageWords::of(result.framework);
        let (table, body) = (String::new(), String::new());
        let since = since::section(report, at, words, room);
        let mut part = Self { report, result, words, head: String::new(), since, table, body };
        part.head = part.head();
        room.take(&part.head);
        part.table = part.table(room);
        part
    }

    /// The framework, the counts, and by what was judged.
    fn head(&self) -> String {
        let (framework, scanned) = (self.result.framework, self.report.scanned);
        let counts = counts(&self.result.tally(), |verdict| self.words.verdict(verdict));
        let title = inline(&titles(framework, &framework.title));
        let mut head = format!("## {title}\n\n**{}** {counts}.\n", share(self.result));
        if !scanned.is_complete(&scanned.summary()) {
            head += "\n> [!WARNING]\n> Not everything was read and evaluated. What was not evaluated has not passed.\n";
        }
        let both = |english, korean| self.words.both(english, korean);
        let version = format!("{}, version {}", code(&framework.id), code(&framework.version));
        let digest = format!(
            "ekslint {}, {}, SHA-256 {}",
            code(env!("CARGO_PKG_VERSION")),
            plural(rules(self.report), "rule"),
            code(&self.report.rules_digest)
        );
        let lines = [
            (both("Framework", "인증기준"), version),
            (both("Source", "출처"), sentence(&framework.source)),
            (both("Scope", "범위"), sentence(&self.report.scope.in_words(&scanned.live))),
            (both("As of", "기준일"), scanned.as_of.to_string()),
            (both("Rule set", "규칙 세트"), digest),
        ];
        head += "\n";
        lines.iter().for_each(|(what, text)| head += &format!("- {what}: {text}\n"));
        if let Some(scope) = &framework.scope {
            head += &format!("\n{}\n", inline(&titles(framework, scope)));
        }
        head
    }

    /// A row a control.
    fn table(&self, room: &mut PageRoom) -> String {
        let both = |english, korean| self.words.both(english, korean);
        let heading = [
            both("Control", "통제 항목"),
            both("Title", "제목"),
            both("Verdict", "판정"),
            both("Failed on", "대상"),
            both("First place", "증적"),
        ];
        let mut table = format!("\n{}\n|---|---|---|---|---|\n", row(&heading));
        room.take(&table);
        let mut left_out = 0;
        for control in &self.result.controls {
            let row = row(&self.row(control)) + "\n";
            if left_out == 0 && room.take(&row) {
                table += &row;
            } else {
                left_out += 1;
            }
        }
        match left_out {
            0 => table,
            more => {
                table + &format!("\nand {}, for which there is no room here\n", plural(more, "more control"))
            }
        }
    }

    fn row(&self, control: &ControlResult<'_>) -> [String; 5] {
        let baseline = if control.is_only_in_baseline() { ", in the baseline only" } else { "" };
        let decides = control.worst().and_then(|on| Deciding::of(self.report.scanned, on));
        let first = match decides {
            Some(decides) => sentence(&decides.in_words().replace('|', "\u{FFFD}")),
            None if control.has_no_rule_yet() => "no rule yet".to_owned(),
            None => String::new(),
        };
        let failed = match control.rules.is_empty() || control.clusters.is_empty() {
            true => "–".to_owned(),
            false => format!("{} of {}", control.count(ControlVerdict::Failed), control.clusters.len()),
        };
        [
            cell(&control.control.id),
            inline(&titles(self.result.framework, &control.control.title)),
            format!("{}{baseline}", self.words.verdict(control.verdict())),
            failed,
            first,
        ]
    }

    /// Puts the evidence of the controls of a verdict in, as far as there is room. Gives of how many some is left out.
    fn put(&mut self, verdict: ControlVerdict, room: &mut PageRoom) -> usize {
        let controls: Vec<_> =
            self.result.controls.iter().filter(|control| control.verdict() == verdict).collect();
        if controls.is_empty() {
            return 0;
        }
        let sections =
            controls.into_iter().map(|control| ControlSection::new(self.report, self.result, control));
        let (mut text, mut left_out) = (String::new(), 0);
        let fold = self.fold(verdict);
        room.take(&fold.concat());
        for section in sections {
            let is_whole = section.put(&mut text, room);
            left_out += usize::from(!is_whole);
        }
        if !text.is_empty() {
            let [opening, closing] = fold;
            self.body += &format!("{opening}{text}{closing}");
        }
        left_out
    }

    /// What stands around the evidence of a verdict.
    fn fold(&self, verdict: ControlVerdict) -> [String; 2] {
        if !FOLDED.contains(&verdict) {
            return [String::new(), String::new()];
        }
        let count = self.result.tally().count(verdict);
        let summary = format!("{}: {}", self.words.verdict(verdict), plural(count, "control"));
        [format!("\n<details>\n<summary>{summary}</summary>\n"), "\n</details>\n".to_owned()]
    }
}
