//! For people who do not run ekslint: one page of HTML that opens offline, from a mail or the files of a job.
//!
//! Each section is a struct and its template beside it. What a cluster's owner can influence is [`shown::Shown`] first, and
//! escaped by askama second. The page is written section by section, and reads well without its style and its script.

mod bar;
mod card;
mod clusters;
mod findings;
mod flows;
mod frame;
mod groups;
mod head;
mod not_evaluated;
mod places;
mod set_aside;
mod shown;
mod timeline;

use super::Report;
use askama::Template;
use findings::RuleBlocks;
use groups::PageGroups;
use std::io::{self, Write};

/// How many clusters have their pictures and the steps of their flows on a page: the worst.
const PICTURES: usize = 20;

/// Writes the page of a scan.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let summary = report.summary();
    let groups = PageGroups::of(report);
    let blocks = RuleBlocks::of(report, &groups);
    frame::open(&format!("ekslint: {}", groups.title()), out)?;
    put(&head::PageHead::of(report, &summary, &groups), out)?;
    put(&bar::IncompleteBar::of(report, &summary), out)?;
    clusters::write(report, &groups, out)?;
    card::write(report, &groups, &blocks, out)?;
    findings::write(report, &groups, &blocks, out)?;
    set_aside::write(report, out)?;
    not_evaluated::write(&summary, out)?;
    put(&head::InputList::of(report), out)?;
    frame::close(out)
}

/// Writes a section.
fn put(section: &impl Template, out: &mut dyn Write) -> io::Result<()> {
    Template::write_into(section, out)
}
