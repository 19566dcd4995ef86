//! What a snapshot does not have is said once, at the top of the page, with the command that collects it. Parts of the page
//! of which nothing is known without it are left out, and named there.

use super::{ExplainItem, ExplainPage, OutcomeTone};
use crate::report::explain::json::missing_sections;
use crate::report::totals::{explain, snapshot_command};
use crate::snapshot::Unknown;
use std::collections::BTreeSet;

/// Which parts of the page say something, and which were left out.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    section: Option<PagePart>,
    /// A list below a heading, with a title of its own.
    list: Option<PagePart>,
    /// How many lists of the section are on the page.
    lists: usize,
    left_out: Vec<String>,
    /// The sections that are missing, of the parts that were left out too.
    missing: BTreeSet<String>,
    /// Whether what is written tells nothing: a title, or that something is missing.
    tells_nothing: bool,
}

/// A part of the page that is being written.
#[derive(Debug)]
struct PagePart {
    title: String,
    /// Where its items start.
    start: usize,
    /// How many parts had been left out before it.
    before: usize,
    /// Whether something is known.
    tells: bool,
    /// Whether something is missing.
    lacks: bool,
}

impl PagePart {
    fn is_gap(&self) -> bool {
        self.lacks && !self.tells
    }
}

impl Gaps {
    /// A line was written.
    pub(super) fn line(&mut self, is_empty: bool) {
        if let Some(part) = self.list.as_mut().or(self.section.as_mut()) {
            part.tells |= !is_empty && !self.tells_nothing;
        }
    }

    fn part(&self, start: usize, title: &str) -> PagePart {
        let before = self.left_out.len();
        PagePart { title: title.to_owned(), start, before, tells: false, lacks: false }
    }

    fn lack(&mut self) {
        for part in [&mut self.section, &mut self.list].into_iter().flatten() {
            part.lacks = true;
        }
    }
}

/// Why something is not known. What is missing is explained at the top of the page.
pub(in crate::report) fn why(unknown: &Unknown) -> String {
    unknown.absent_section().map_or_else(|| explain(unknown), |section| format!("{section} is missing"))
}

impl ExplainPage<'_> {
    /// Why something is not known, or why there may be more; what is missing in one line.
    pub(super) fn reasons(&mut self, all: &[Unknown]) {
        let mut lacking = all.iter().filter(|why| why.absent_section().is_some());
        if let Some(first) = lacking.next() {
            let names: Vec<_> =
                std::iter::once(first).chain(lacking).filter_map(Unknown::absent_section).collect();
            let are = if names.len() == 1 { "is" } else { "are" };
            self.gaps.lack();
            self.gaps.missing.extend(names.iter().map(|name| (*name).to_owned()));
            self.gaps.tells_nothing = true;
            self.outcome_line(
                "unknown",
                &format!(": {} {are} missing", names.join(", ")),
                OutcomeTone::Unknown,
            );
            self.gaps.tells_nothing = false;
        }
        for unknown in all.iter().filter(|why| why.absent_section().is_none()) {
            self.verdict(&Err(unknown.clone()), "");
        }
    }

    /// A part with a heading starts.
    pub(super) fn open_section(&mut self, title: &str, write: impl FnOnce(&mut Self)) {
        self.close_section();
        self.gaps.section = Some(self.gaps.part(self.items.len(), title));
        self.gaps.lists = 0;
        self.gaps.tells_nothing = true;
        write(self);
        self.gaps.tells_nothing = false;
    }

    /// A part with a heading ends: it is left out if it says no more than that something is missing.
    pub(super) fn close_section(&mut self) {
        self.close_list();
        if let Some(part) = self.gaps.section.take().filter(PagePart::is_gap) {
            self.items.truncate(part.start);
            self.gaps.left_out.truncate(part.before);
            self.gaps.left_out.push(part.title);
        }
    }

    /// A list with a title starts.
    pub(super) fn list(&mut self, title: &str) {
        self.close_list();
        let part = self.gaps.part(self.items.len(), title);
        self.gaps.tells_nothing = true;
        if self.gaps.lists > 0 {
            self.blank();
        }
        self.indented(title);
        self.gaps.tells_nothing = false;
        self.gaps.list = Some(part);
    }

    fn close_list(&mut self) {
        let Some(part) = self.gaps.list.take() else { return };
        if part.is_gap() {
            self.items.truncate(part.start);
            self.gaps.left_out.push(part.title);
            return;
        }
        self.gaps.lists += 1;
        if let Some(section) = &mut self.gaps.section {
            section.tells |= part.tells;
        }
    }

    /// Says at the top which sections are missing, and how to get them.
    pub(super) fn say_what_is_missing(&mut self, flows_only: bool) {
        let is_said = |name: &str| {
            let text = format!("{name} is missing");
            self.items.iter().any(|item| item.words().any(|words| is_in_words(words, &text)))
        };
        let is_shown = |name: &String| self.gaps.missing.contains(name) || is_said(name);
        let sections: Vec<_> =
            missing_sections(self.explained, flows_only).into_iter().filter(is_shown).collect();
        if sections.is_empty() {
            return;
        }
        let rest = std::mem::take(&mut self.items);
        let names = sections.join(", ");
        let left_out = match self.gaps.left_out.as_slice() {
            [] => String::new(),
            parts => format!(" Nothing is known without them of: {}.", parts.join("; ")),
        };
        self.paragraph("Missing", &format!("{names}: not in the snapshot.{left_out} To collect them:"));
        let cluster = &self.explanation().cluster;
        let regions = cluster.region.as_deref().into_iter().collect();
        self.put(ExplainItem::Command(snapshot_command(&regions, cluster.literal_name()), false));
        self.blank();
        self.items.extend(rest);
    }
}

impl ExplainItem<'_> {
    /// Its texts.
    fn words(&self) -> impl Iterator<Item = &str> {
        let words: [&str; 2] = match self {
            Self::Blank | Self::Command(..) | Self::Prints(_) => ["", ""],
            Self::Heading(text) | Self::Labelled(_, text) | Self::Plain(text) | Self::Place(_, text) => {
                [text, ""]
            }
            Self::Outcome(_, word, rest) => [word, rest],
        };
        words.into_iter()
    }
}

/// Whether words are in a text, and begin a word there.
fn is_in_words(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| at == 0 || text[..at].ends_with(' '))
}
