//! For people who want all of it: each finding as a compiler shows an error, with its lines, the whole remediation and
//! its commands, grouped by cluster, and at the end what was found and what was not evaluated.

use super::excerpt_lines::shown_lines;
use super::finding_text::{fix_code, place};
use super::{
    FindingGroup, FindingView, Report, Style, accepted, command_lines, paragraphs, printable, totals, wrap,
};
use crate::rule::Severity;
use crate::snapshot::Identity;
use crate::value::Location;
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use anstyle::Effects;
use std::collections::HashSet;
use std::io::{self, Write};

/// Text beside the excerpt starts here.
const INDENT: usize = 9;

/// Writes the report.
pub(super) fn write(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = FindingsText { style, told: HashSet::new(), group: None };
    for shown in report.findings() {
        page.finding(shown, out)?;
    }
    accepted::write(report, style, out)?;
    if style.quiet { Ok(()) } else { totals::write(report, style, out) }
}

struct FindingsText {
    style: Style,
    /// What was already said in the current group: advice is not repeated.
    told: HashSet<String>,
    group: Option<usize>,
}

impl FindingsText {
    fn finding(&mut self, shown: FindingView<'_>, out: &mut dyn Write) -> io::Result<()> {
        if self.group != Some(shown.group.index) {
            self.group = Some(shown.group.index);
            self.told.clear();
            self.heading(shown.group, out)?;
        }
        let name = shown.severity().as_str();
        let level = level(shown.severity()).with_name(name);
        let title = level.primary_title(self.message(shown)).id(shown.rule.id.as_str());
        let group = self.excerpt(Group::with_title(title), shown);
        let group = self.advice(group, shown);
        let renderer = if self.style.color { Renderer::styled() } else { Renderer::plain() };
        let renderer = self.in_colours(renderer, shown.severity());
        let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(self.style.width);
        writeln!(out, "{}", with_place(renderer.render(&[group]), shown))?;
        self.commands(shown, out)?;
        writeln!(out)
    }

    /// The message, broken where it is wider than the page: it stands behind severity and rule.
    fn message(&self, shown: FindingView<'_>) -> String {
        let before = shown.severity().as_str().len() + shown.rule.id.len() + "[]: ".len();
        let width = self.style.text_width().saturating_sub(before).max(20);
        wrap(&printable(&shown.finding.message), width, "", "")
    }

    /// The commands, each on lines of its own, or the change of the template, so that they can be copied.
    fn commands(&mut self, shown: FindingView<'_>, out: &mut dyn Write) -> io::Result<()> {
        let fix = fix_code(shown);
        let Some(fix) = fix.filter(|fix| self.told.insert(format!("{}: {}", shown.rule.id, fix.text))) else {
            return Ok(());
        };
        let lines = match fix.language {
            "sh" => command_lines::lines(&fix.text, self.style.text_width()),
            _ => fix.text.lines().map(str::to_owned).collect(),
        };
        for line in lines {
            writeln!(out, "{}", command_lines::with_blanks(&line, self.style))?;
        }
        Ok(())
    }

    /// The name of the severity, and the lines it is about, have its colour.
    fn in_colours(&self, renderer: Renderer, severity: Severity) -> Renderer {
        let of = |severity| self.style.severity(severity);
        let error = if severity == Severity::Critical { severity } else { Severity::High };
        let renderer = renderer.error(of(error)).warning(of(Severity::Medium));
        renderer.note(of(Severity::Low)).info(of(Severity::Info))
    }

    fn heading(&self, group: FindingGroup<'_>, out: &mut dyn Write) -> io::Result<()> {
        let name = printable(group.title());
        let place = group.identity().into_iter().flat_map(Identity::place);
        let place = place.map(printable).collect::<Vec<_>>().join(" ");
        let bold = self.style.paint(Effects::BOLD | Effects::UNDERLINE, None);
        let separator = if place.is_empty() { "" } else { "  " };
        writeln!(out, "{bold}{name}{bold:#}{separator}{place}\n")
    }

    /// The lines with the caret.
    fn excerpt<'a>(&self, group: Group<'a>, shown: FindingView<'a>) -> Group<'a> {
        let Location { file, span: place, excerpt, .. } = &shown.finding.primary;
        let path = printable(&file.name);
        let Some(excerpt) = excerpt.as_deref().filter(|excerpt| !excerpt.text.is_empty()) else {
            let origin = Origin::path(path).line(place.start_line as usize);
            return group.element(origin.char_column(place.start_column as usize));
        };
        let (text, span) = shown_lines(excerpt);
        let snippet = Snippet::source(text).line_start(excerpt.first_line).fold(false);
        group.element(snippet.annotation(AnnotationKind::Primary.span(span)).path(path))
    }

    /// Second places, how to mend it, and where to read on.
    fn advice<'a>(&mut self, mut group: Group<'a>, shown: FindingView<'a>) -> Group<'a> {
        for related in &shown.finding.related {
            let text = format!("{}: {}", place(&related.location), related.message);
            group = group.element(Level::NOTE.message(self.wrapped(&text, shown)));
        }
        let rule = shown.rule;
        if self.told.insert(rule.id.clone()) {
            group = group.element(Level::HELP.message(self.wrapped(&rule.remediation.text, shown)));
        }
        let page = rule.url().filter(|_| self.told.insert(format!("{} docs", rule.id)));
        if let Some(page) = page {
            group = group.element(Level::NOTE.with_name("docs").message(page));
        }
        group
    }

    /// A text as wide as the page has room for behind the numbers of the lines.
    fn wrapped(&self, text: &str, shown: FindingView<'_>) -> String {
        let excerpt = shown.finding.primary.excerpt.as_deref();
        let last_line = excerpt.map_or(1, |excerpt| excerpt.first_line + excerpt.text.lines().count());
        let indent = INDENT + last_line.to_string().len();
        let width = self.style.text_width().saturating_sub(indent).max(40);
        let paragraph = |paragraph: String| wrap(&paragraph, width, "", "");
        paragraphs(text).into_iter().map(paragraph).collect::<Vec<_>>().join("\n")
    }
}

/// Puts the column of the file where the renderer told that of what is left of a long line.
fn with_place(rendered: String, shown: FindingView<'_>) -> String {
    let Location { file, span: place, excerpt, .. } = &shown.finding.primary;
    let Some(excerpt) = excerpt.as_deref().filter(|excerpt| excerpt.cut > 0) else { return rendered };
    let (text, span) = shown_lines(excerpt);
    let before = &text[..span.start];
    let column = before[before.rfind('\n').map_or(0, |newline| newline + 1)..].chars().count() + 1;
    let path = printable(&file.name);
    let told = |column| format!("{path}:{}:{column}", place.start_line);
    // Behind the title, which may have such a text of its own.
    let title = rendered.find('\n').unwrap_or_default();
    let (title, rest) = rendered.split_at(title);
    format!("{title}{}", rest.replacen(&told(column), &told(place.start_column as usize), 1))
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Critical | Severity::High => Level::ERROR,
        Severity::Medium => Level::WARNING,
        Severity::Low => Level::NOTE,
        Severity::Info => Level::INFO,
    }
}
