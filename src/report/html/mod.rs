//! For people who do not run ekslint: one page of HTML that opens offline, from a mail or the files of a job.
//!
//! Each section is a struct and its template beside it. What a cluster's owner can influence is [`shown::ShownText`] first, and
//! escaped by askama second. The page is written section by section, and reads well without its style and its script.

mod accepted;
mod bar;
pub(super) mod card;
mod clusters;
mod findings;
mod flows;
pub(super) mod frame;
mod groups;
mod head;
mod not_evaluated;
pub(super) mod places;
pub(super) mod shown;
mod timeline;
pub(super) mod versions;

use super::{Report, Summary};
use askama::Template;
use findings::RuleBlocks;
use groups::PageGroups;
use std::io::{self, Write};

/// How many clusters have their pictures and the steps of their flows on a page: the worst.
const PICTURES: usize = 20;

/// Writes the page of a scan.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let page = ScanPage::of(report);
    frame::open(&format!("ekslint: {}", page.title()), out)?;
    page.head(Vec::new(), out)?;
    page.body(out)?;
    frame::close(out)
}

/// What stands on the page of a scan; other pages have it too.
pub(super) struct ScanPage<'r, 'a> {
    report: &'r Report<'a>,
    summary: Summary,
    groups: PageGroups<'a>,
    blocks: RuleBlocks<'a>,
}

impl<'r, 'a> ScanPage<'r, 'a> {
    pub(super) fn of(report: &'r Report<'a>) -> Self {
        let groups = PageGroups::of(report);
        Self { summary: report.summary(), blocks: RuleBlocks::of(report, &groups), report, groups }
    }

    /// What the page is about, in a few words.
    pub(super) fn title(&self) -> String {
        self.groups.title()
    }

    /// The head, with links to what comes before the clusters, and the red bar.
    pub(super) fn head(&self, links: Vec<(String, String)>, out: &mut dyn Write) -> io::Result<()> {
        put(&head::PageHead::of(self.report, &self.summary, &self.groups, links), out)?;
        put(&bar::IncompleteBar::of(self.report, &self.summary), out)
    }

    /// Everything else.
    pub(super) fn body(&self, out: &mut dyn Write) -> io::Result<()> {
        clusters::write(self.report, &self.groups, out)?;
        card::write(self.report, &self.groups, &self.blocks, out)?;
        findings::write(self.report, &self.groups, &self.blocks, out)?;
        accepted::write(self.report, out)?;
        not_evaluated::write(&self.summary, out)?;
        put(&head::InputList::of(self.report), out)
    }
}

/// Writes a section.
pub(super) fn put(section: &impl Template, out: &mut dyn Write) -> io::Result<()> {
    Template::write_into(section, out)?;
    // A template has no end of line at its end.
    out.write_all(b"\n")
}
