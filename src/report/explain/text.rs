//! For people: a page a cluster. On the left are the lines and columns of the fields that decide.

use super::page::{ExplainItem, OutcomeTone, items};
use super::{ExplainReport, Explained};
use crate::report::{Style, cluster_name, command_lines, printable, wrap};
use crate::value::Location;
use crate::value::addressed::addressed;
use anstyle::{AnsiColor, Effects};
use std::io::{self, Write};

/// The least width of lines and columns.
const GUTTER: usize = 8;
/// What commands are indented by.
const COMMAND: &str = "    ";

/// Writes the pages.
pub(super) fn write(report: &ExplainReport, style: Style, out: &mut dyn Write) -> io::Result<()> {
    for (at, explained) in report.clusters.iter().enumerate() {
        let mut page = ExplainText { explained, style, text: String::new() };
        page.title();
        for item in items(explained, report.flows_only, style.verbose) {
            page.item(&item);
        }
        let separator = if at > 0 { "\n\n" } else { "" };
        write!(out, "{separator}{}", page.text)?;
    }
    Ok(())
}

struct ExplainText<'a> {
    explained: &'a Explained,
    style: Style,
    text: String,
}

impl ExplainText<'_> {
    fn title(&mut self) {
        let cluster = &self.explained.explanation.cluster;
        let bold = self.style.paint(Effects::BOLD | Effects::UNDERLINE, None);
        let place = [cluster.region.as_deref(), cluster.account.as_deref()];
        let place: String =
            place.into_iter().flatten().map(|part| format!("  {}", printable(part))).collect();
        self.line(&format!("{bold}{}{bold:#}{place}", printable(cluster_name(cluster))));
        let document = self.explained.document.map_or_else(String::new, |line| format!(", line {line}"));
        let file = format!("{}{document}", printable(&self.explained.file));
        let dim = self.style.paint(Effects::DIMMED, None);
        let others = if self.explained.is_joined { "; other files are named" } else { "" };
        self.line(&format!("{dim}{file} (on the left: its lines and columns{others}){dim:#}"));
        self.line("");
    }

    fn item(&mut self, item: &ExplainItem<'_>) {
        match item {
            ExplainItem::Blank => self.line(""),
            ExplainItem::Heading(heading) => {
                let bold = self.style.paint(Effects::BOLD, None);
                self.line(&format!("{bold}{heading}{bold:#}"));
            }
            ExplainItem::Labelled(label, text) => self.labelled(label, text),
            ExplainItem::Plain(text) => self.wrapped(text, "  ", "    "),
            ExplainItem::Outcome(tone, word, rest) => self.outcome(*tone, word, rest),
            ExplainItem::Place(location, text) => self.place(*location, text),
            ExplainItem::Command(command, has_blanks) => self.command(command, *has_blanks),
            ExplainItem::Prints(text) => self.prints(text),
        }
    }

    /// A line that is safe already.
    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn wrapped(&mut self, text: &str, first: &str, rest: &str) {
        let text = wrap(&printable(&addressed(text)), self.style.text_width(), first, rest);
        self.line(&text);
    }

    /// A text beside its label.
    fn labelled(&mut self, label: &str, text: &str) {
        let first = format!("  {label:<width$}", width = GUTTER + 2);
        self.wrapped(text, &first, &" ".repeat(GUTTER + 4));
    }

    /// A word in its colour, and the rest.
    fn outcome(&mut self, tone: OutcomeTone, word: &str, rest: &str) {
        let paint = self.style.paint(Effects::BOLD, Some(color(tone)));
        let text =
            wrap(&printable(&addressed(&format!("{word}{rest}"))), self.style.text_width(), "  ", "    ");
        let coloured = text.replacen(word, &format!("{paint}{word}{paint:#}"), 1);
        self.line(&coloured);
    }

    /// A text beside its line and column.
    fn place(&mut self, location: Option<&Location>, text: &str) {
        let at = |location: &Location| format!("{}:{}", location.span.start_line, location.span.start_column);
        let (place, elsewhere) = match location {
            None => (String::new(), String::new()),
            Some(location) if self.explained.is_here(location) => (at(location), String::new()),
            Some(location) => {
                let line = location.file.document.map_or_else(String::new, |line| format!(", line {line}"));
                (String::new(), format!(" ({}:{}{line})", location.file.name, at(location)))
            }
        };
        let text = format!("{text}{elsewhere}");
        let first = format!("  {place:>GUTTER$}  ");
        let indent = " ".repeat(first.len());
        let text = wrap(&printable(&addressed(&text)), self.style.text_width(), &first, &indent);
        let dim = self.style.paint(Effects::DIMMED, None);
        let rest = text.strip_prefix(&first).unwrap_or(&text);
        let first = if place.is_empty() { first } else { format!("{dim}{first}{dim:#}") };
        self.line(&format!("{first}{rest}"));
    }

    fn command(&mut self, command: &str, has_blanks: bool) {
        let width = self.style.text_width().saturating_sub(COMMAND.len());
        for line in command_lines::lines(command, width) {
            let line = if has_blanks { command_lines::with_blanks(&line, self.style) } else { line };
            self.line(&format!("{COMMAND}{line}"));
        }
    }

    fn prints(&mut self, text: &str) {
        let dim = self.style.paint(Effects::DIMMED, None);
        let first = format!("{COMMAND}  prints: ");
        let rest = " ".repeat(first.len());
        for line in wrap(&printable(text), self.style.text_width(), &first, &rest).lines() {
            self.line(&format!("{dim}{line}{dim:#}"));
        }
    }
}

fn color(tone: OutcomeTone) -> AnsiColor {
    match tone {
        OutcomeTone::Good => AnsiColor::BrightGreen,
        OutcomeTone::Leaves => AnsiColor::Yellow,
        OutcomeTone::Bad => AnsiColor::BrightRed,
        OutcomeTone::Unknown => AnsiColor::BrightBlue,
    }
}
