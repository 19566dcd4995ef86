//! For people: the worst cluster first, each finding in a few rows, and at the end what was found, what was not
//! evaluated, and what to do next. No row is wider than the terminal.

use super::blocks::{ClusterBlocks, FindingBlock, blocks};
use super::excerpt_lines::line_of;
use super::fit::middle;
use super::{FindingGroup, Report, Style, accepted, fleet, printable, totals, wrap};
use crate::rule::Severity;
use crate::snapshot::Identity;
use anstyle::{AnsiColor, Effects};
use std::cmp::Reverse;
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// Where texts start, beside the severity.
const INDENT: usize = 10;

/// Writes the report.
pub(super) fn write(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let found = blocks(report);
    let several = report.scan.clusters.len() > 1;
    if several && !style.quiet {
        fleet::write_ahead(report, style, out)?;
    }
    let mut page = ShortPage { style, several, out };
    found.iter().try_for_each(|cluster| page.cluster(cluster))?;
    accepted::write(report, style, out)?;
    if style.quiet {
        return Ok(());
    }
    totals::write(report, style, out)?;
    next_step(&found, style, out)?;
    why_not(style, out)
}

/// Where it is said why a rule found nothing; `-v` is what people ask for who miss something.
fn why_not(style: Style, out: &mut dyn Write) -> io::Result<()> {
    if !style.verbose {
        return Ok(());
    }
    let dim = style.paint(Effects::DIMMED, None);
    writeln!(out, "{dim}ekslint explain --rule RULE FILE says why a rule found something, or did not{dim:#}")
}

/// What to do first, and where the rest is.
fn next_step(found: &[ClusterBlocks<'_>], style: Style, out: &mut dyn Write) -> io::Result<()> {
    let Some(worst) =
        found.iter().flat_map(|cluster| &cluster.blocks).min_by_key(|block| Reverse(block.first.severity()))
    else {
        return Ok(());
    };
    let dim = style.paint(Effects::DIMMED, None);
    writeln!(out, "{dim}Worst first:{dim:#} ekslint rules show {}", printable(&worst.rule().id))?;
    writeln!(out, "{dim}--full shows each finding with its lines and commands{dim:#}")
}

struct ShortPage<'o> {
    style: Style,
    /// With several clusters, the fixes of what is less severe are left to `--full`.
    several: bool,
    out: &'o mut dyn Write,
}

impl ShortPage<'_> {
    fn cluster(&mut self, cluster: &ClusterBlocks<'_>) -> io::Result<()> {
        self.heading(cluster.group)?;
        cluster.blocks.iter().try_for_each(|block| self.block(block))?;
        writeln!(self.out)
    }

    fn heading(&mut self, group: FindingGroup<'_>) -> io::Result<()> {
        let place = group.identity().into_iter().flat_map(Identity::place);
        let place = place.map(printable).collect::<Vec<_>>().join("  ");
        let width = self.style.text_width();
        let room = width.saturating_sub(place.width() + 2);
        let name = middle(&printable(group.title()), room);
        let bold = self.style.paint(Effects::BOLD | Effects::UNDERLINE, None);
        let line = format!("{bold}{name}{bold:#}  {place}");
        writeln!(self.out, "{}", line.trim_end())
    }

    fn block(&mut self, block: &FindingBlock<'_>) -> io::Result<()> {
        let severity = block.first.severity();
        let is_urgent = severity >= Severity::High;
        let paint = self.style.severity(severity);
        let gap = " ".repeat(INDENT.saturating_sub(severity.as_str().len()));
        writeln!(self.out, "{paint}{severity}{paint:#}{gap}{}", self.headline(block))?;
        self.row(&self.rule_and_place(block), None)?;
        if is_urgent {
            let message = || middle(&printable(&block.first.finding.message), self.room());
            let line = self.source_line(block).unwrap_or_else(message);
            self.row(&line, Some(Effects::DIMMED))?;
        }
        if is_urgent || !self.several {
            self.fix(&block.rule().remediation.summary)?;
        }
        Ok(())
    }

    fn room(&self) -> usize {
        self.style.text_width().saturating_sub(INDENT)
    }

    /// What is wrong: the message where it has room, else the title of the rule.
    fn headline(&self, block: &FindingBlock<'_>) -> String {
        let room = self.room();
        let fits = |text: &String| text.width() <= room;
        let message = block.message().map(|message| printable(&message));
        // The name of the cluster stands above.
        let shorter =
            |message: &String| message.replacen(&format!(" of {}", block.first.cluster_name()), "", 1);
        let shorter = message.as_ref().map(shorter).filter(fits);
        message.filter(fits).or(shorter).unwrap_or_else(|| {
            let times = if block.len() > 1 { format!(" ×{}", block.len()) } else { String::new() };
            let title = middle(&printable(&block.rule().title), room - times.width());
            format!("{title}{times}")
        })
    }

    fn rule_and_place(&self, block: &FindingBlock<'_>) -> String {
        let location = &block.first.finding.primary;
        let line = location.span.start_line;
        let more =
            if block.others.is_empty() { String::new() } else { format!(" and {} more", block.others.len()) };
        let rule = printable(&block.rule().id);
        let end = format!(":{line}{more}");
        let room = self.room().saturating_sub(rule.width() + 2 + end.width());
        let file = middle(&printable(&location.file.name), room);
        format!("{rule}  {file}{end}")
    }

    fn source_line(&self, block: &FindingBlock<'_>) -> Option<String> {
        let excerpt =
            block.first.finding.primary.excerpt.as_deref().filter(|excerpt| !excerpt.text.is_empty())?;
        let (number, line) = line_of(excerpt);
        // Where only a bracket opens, the message says more.
        if !line.contains(|c: char| c.is_alphanumeric()) || line.ends_with(['{', '[']) {
            return None;
        }
        let number = format!("{number} | ");
        let line = line.replace('\t', " ");
        Some(format!("{number}{}", middle(&line, self.room().saturating_sub(number.width()))))
    }

    fn row(&mut self, text: &str, effects: Option<Effects>) -> io::Result<()> {
        let paint = self.style.paint(effects.unwrap_or_default(), None);
        writeln!(self.out, "{:INDENT$}{paint}{}{paint:#}", "", middle(text, self.room()))
    }

    fn fix(&mut self, summary: &str) -> io::Result<()> {
        let (first, rest) = (format!("{:INDENT$}fix: ", ""), " ".repeat(INDENT + 5));
        let text = wrap(&printable(summary), self.style.text_width(), &first, &rest);
        let paint = self.style.paint(Effects::new(), Some(AnsiColor::Cyan));
        let text = text.replacen("fix:", &format!("{paint}fix:{paint:#}"), 1);
        writeln!(self.out, "{text}")
    }
}
