//! For people: each finding as a compiler shows an error, grouped by cluster, and at the end what
//! was found, what passed, and what could not be judged.

use super::summary::{NotEvaluated, Summary};
use super::{Report, Shown, Style, cluster_name, paragraphs, printable, wrap};
use crate::engine::{Finding, Standing};
use crate::rule::Severity;
use crate::scan::{Excerpt, InputKind};
use crate::snapshot::{Unknown, UnknownKind};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use anstyle::{AnsiColor, Effects};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};

/// How many reasons for not evaluating are shown without `-v`.
const REASONS: usize = 8;
/// How many rules are named for each of them without `-v`.
const NAMED: usize = 3;
/// Text beside the excerpt starts here.
const INDENT: usize = 12;

/// Writes the report.
pub(super) fn write(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page { style, told: HashSet::new(), cluster: None };
    for shown in report.findings() {
        page.finding(shown, out)?;
    }
    write_set_aside(report, style, out)?;
    if style.quiet { Ok(()) } else { write_totals(report, style, out) }
}

/// The findings that are waived or in the baseline, if they are to be listed: a line each, and why.
pub(super) fn write_set_aside(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut any = false;
    for shown in report.set_aside() {
        let (finding, place) = (shown.finding, shown.finding.region);
        let (file, line, column) = (printable(&shown.file.name), place.start_line, place.start_column);
        let (severity, rule, message) = (shown.severity, &shown.rule.id, printable(&finding.message));
        writeln!(out, "{file}:{line}:{column}: {severity} {rule}: {message}")?;
        let why = report.why_set_aside(finding).unwrap_or_default();
        let text = format!("{}: {}", standing(finding), printable(&why));
        writeln!(out, "{}", wrap(&text, style.width.max(40), "  ", "    "))?;
        any = true;
    }
    if any { writeln!(out) } else { Ok(()) }
}

fn standing(finding: &Finding) -> &'static str {
    match finding.standing {
        Standing::Open => "open",
        Standing::Waived(_) => "waived",
        Standing::Known => "known",
    }
}

struct Page {
    style: Style,
    /// What was already said about the current cluster: advice is not repeated.
    told: HashSet<String>,
    cluster: Option<*const crate::scan::SnapshotScan>,
}

impl Page {
    fn finding(&mut self, shown: Shown<'_>, out: &mut dyn Write) -> io::Result<()> {
        let cluster: *const _ = shown.snapshot;
        if self.cluster != Some(cluster) {
            self.cluster = Some(cluster);
            self.told.clear();
            self.heading(shown, out)?;
        }
        let name = shown.severity.as_str();
        let level = level(shown.severity).with_name(name);
        let message = printable(&shown.finding.message);
        let title = level.primary_title(message).id(shown.rule.id.as_str());
        let group = self.excerpt(Group::with_title(title), shown);
        let group = self.advice(group, shown);
        let renderer = if self.style.color { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(self.style.width);
        writeln!(out, "{}\n", renderer.render(&[group]))
    }

    fn heading(&self, shown: Shown<'_>, out: &mut dyn Write) -> io::Result<()> {
        let cluster = &shown.snapshot.cluster;
        let name = match shown.file.kind {
            InputKind::Configuration => printable(&shown.file.name),
            InputKind::Snapshots | InputKind::Live => printable(cluster_name(cluster)),
        };
        let place = [cluster.region.as_deref(), cluster.account.as_deref()];
        let place = place.into_iter().flatten().map(printable).collect::<Vec<_>>().join(" ");
        let bold = self.paint(Effects::BOLD | Effects::UNDERLINE, None);
        let separator = if place.is_empty() { "" } else { "  " };
        writeln!(out, "{bold}{name}{bold:#}{separator}{place}\n")
    }

    fn paint(&self, effects: Effects, color: Option<AnsiColor>) -> anstyle::Style {
        match self.style.color {
            true => anstyle::Style::new().effects(effects).fg_color(color.map(Into::into)),
            false => anstyle::Style::new(),
        }
    }

    /// The lines with the caret.
    fn excerpt<'a>(&self, group: Group<'a>, shown: Shown<'a>) -> Group<'a> {
        let place = shown.finding.region;
        let path = printable(&shown.file.name);
        let Some(excerpt) = shown.snapshot.excerpts.get(shown.index).filter(|e| !e.text.is_empty()) else {
            let origin = Origin::path(path).line(place.start_line as usize);
            return group.element(origin.char_column(place.start_column as usize));
        };
        let (text, span) = uncut(excerpt);
        let snippet = Snippet::source(text).line_start(excerpt.first_line).fold(false);
        group.element(snippet.annotation(AnnotationKind::Primary.span(span)).path(path))
    }

    /// Second places, how to mend it, and where to read on.
    fn advice<'a>(&mut self, mut group: Group<'a>, shown: Shown<'a>) -> Group<'a> {
        for related in &shown.finding.related {
            let place = related.region;
            let file = printable(&shown.file.name);
            let text = format!("{file}:{}:{}: {}", place.start_line, place.start_column, related.message);
            group = group.element(Level::NOTE.message(self.wrapped(&text)));
        }
        let rule = shown.rule;
        if self.told.insert(rule.id.clone()) {
            group = group.element(Level::HELP.message(self.wrapped(&rule.remediation.text)));
        }
        let fix = shown.finding.fix.as_deref().map(str::trim).filter(|fix| !fix.is_empty());
        if let Some(fix) = fix.filter(|fix| self.told.insert(format!("{}: {fix}", rule.id))) {
            group = group.element(Level::NOTE.with_name("fix").message(printable_lines(fix)));
        }
        if self.told.insert(format!("{} docs", rule.id)) {
            group = group.element(Level::NOTE.with_name("docs").message(rule.url()));
        }
        group
    }

    fn wrapped(&self, text: &str) -> String {
        let width = self.style.width.saturating_sub(INDENT).max(40);
        let paragraph = |paragraph: String| wrap(&paragraph, width, "", "");
        paragraphs(text).into_iter().map(paragraph).collect::<Vec<_>>().join("\n")
    }
}

/// The lines of an excerpt, and the bytes under which the caret stands: the first line of the
/// place. What was cut from a long line becomes blanks, so that columns are those of the file.
fn uncut(excerpt: &Excerpt) -> (Cow<'_, str>, std::ops::Range<usize>) {
    let span = &excerpt.span;
    let end = excerpt.text[span.start..].find('\n').map_or(excerpt.text.len(), |end| span.start + end);
    let span = span.start..span.end.min(end);
    if excerpt.cut == 0 {
        return (Cow::Borrowed(&excerpt.text), span);
    }
    let line = excerpt.text[..span.start].rfind('\n').map_or(0, |newline| newline + 1);
    let (before, after) = excerpt.text.split_at(line);
    let text = format!("{before}{}{after}", " ".repeat(excerpt.cut));
    (Cow::Owned(text), span.start + excerpt.cut..span.end + excerpt.cut)
}

/// Text of several lines, safe for a terminal.
fn printable_lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Critical | Severity::High => Level::ERROR,
        Severity::Medium => Level::WARNING,
        Severity::Low => Level::NOTE,
        Severity::Info => Level::INFO,
    }
}

/// Writes the totals.
pub(super) fn write_totals(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let summary = report.summary();
    writeln!(out, "{}", found(&summary, style))?;
    let count = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let parts = [
        count(summary.failed, "with findings"),
        count(summary.set_aside, "waived or known"),
        Some(format!("{} passed", summary.passed)),
        count(summary.not_applicable, "not applicable"),
        count(summary.not_evaluated, "not evaluated"),
        count(summary.errors, "failed with an error"),
    ];
    let parts = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let (clusters, rules) = (plural(summary.clusters, "cluster"), plural(summary.rules, "rule"));
    writeln!(out, "{rules} on {clusters}: {parts}")?;
    write_reasons(&summary, style, out)?;
    write_refused(&summary, out)?;
    write_configuration(&summary, style, out)
}

/// `3 findings: 1 high, 2 low`
fn found(summary: &Summary, style: Style) -> String {
    let total: usize = summary.findings.values().sum();
    let set_aside = set_aside(summary);
    if total == 0 {
        return format!("No findings{set_aside}");
    }
    let one = |severity: &Severity| {
        let count = summary.findings.get(severity)?;
        let paint = match style.color {
            true => anstyle::Style::new().fg_color(Some(color(*severity).into())).bold(),
            false => anstyle::Style::new(),
        };
        Some(format!("{paint}{count} {severity}{paint:#}"))
    };
    let list = Severity::ALL.iter().filter_map(one).collect::<Vec<_>>().join(", ");
    let hidden = match summary.hidden {
        0 => String::new(),
        hidden => format!(" ({hidden} not shown: --severity)"),
    };
    format!("{}: {list}{hidden}{set_aside}", plural(total, "finding"))
}

/// `; 2 waived, 14 in the baseline`
fn set_aside(summary: &Summary) -> String {
    let parts = [(summary.waived, "waived"), (summary.known, "in the baseline")];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts = parts.map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>().join(", ");
    if parts.is_empty() { parts } else { format!("; {parts}") }
}

fn color(severity: Severity) -> AnsiColor {
    match severity {
        Severity::Critical | Severity::High => AnsiColor::BrightRed,
        Severity::Medium => AnsiColor::Yellow,
        Severity::Low => AnsiColor::BrightGreen,
        Severity::Info => AnsiColor::BrightBlue,
    }
}

fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// Why rules were not evaluated, and what would make it so.
fn write_reasons(summary: &Summary, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut reasons: Vec<_> = merged(&summary.reasons);
    if reasons.is_empty() {
        return Ok(());
    }
    reasons
        .sort_by_key(|reason| std::cmp::Reverse((reason.rules.len() * reason.clusters, reason.rules.len())));
    writeln!(out, "\nNot evaluated, and so neither passed nor failed:")?;
    let shown = if style.verbose { reasons.len() } else { REASONS.min(reasons.len()) };
    for reason in &reasons[..shown] {
        let text = format!("{}: {}", printable(&reason.text), reason.named(style.verbose));
        writeln!(out, "{}", wrap(&text, style.width.max(40), "  - ", "    "))?;
    }
    if shown < reasons.len() {
        writeln!(out, "  - and {} more reasons; -v shows all", reasons.len() - shown)?;
    }
    Ok(())
}

/// One line for each action that the caller lacks, and for each call that failed.
fn write_refused(summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    if !summary.missing_permissions.is_empty() {
        writeln!(out, "\nMissing permissions (`ekslint permissions` prints the whole policy):")?;
    }
    for (action, answers) in &summary.missing_permissions {
        writeln!(out, "  - {}: {} missing", printable(action), plural(*answers, "answer"))?;
    }
    if !summary.failed_calls.is_empty() {
        writeln!(out, "\nCalls that failed:")?;
    }
    for (api, answers) in &summary.failed_calls {
        writeln!(out, "  - {}: {} missing", printable(api), plural(*answers, "answer"))?;
    }
    Ok(())
}

/// Rules that wait for a parameter, in one line: nothing is missing from the scan.
fn write_configuration(summary: &Summary, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let waiting: Vec<_> = summary
        .reasons
        .iter()
        .filter(|reason| reason.unknown.kind == UnknownKind::NeedsConfiguration)
        .map(|reason| {
            reason.unknown.reason.strip_prefix("set the parameter ").unwrap_or(&reason.unknown.reason)
        })
        .collect();
    if waiting.is_empty() {
        return Ok(());
    }
    let text = format!("Need configuration (--param RULE.NAME=VALUE): {}", waiting.join(", "));
    writeln!(out, "\n{}", wrap(&printable(&text), style.width.max(40), "", "  "))
}

/// Reasons that read the same, taken together.
struct Reason {
    text: String,
    rules: Vec<String>,
    clusters: usize,
}

impl Reason {
    fn named(&self, all: bool) -> String {
        let named = if all { self.rules.len() } else { NAMED.min(self.rules.len()) };
        let mut text = self.rules[..named].join(", ");
        if named < self.rules.len() {
            let more = self.rules.len() - named;
            text.push_str(&format!(" and {more} more rule{}", if more == 1 { "" } else { "s" }));
        }
        if self.clusters > 1 {
            text.push_str(&format!(" ({} clusters)", self.clusters));
        }
        text
    }
}

fn merged(reasons: &[NotEvaluated]) -> Vec<Reason> {
    let mut merged: BTreeMap<String, (Vec<String>, HashSet<&str>)> = BTreeMap::new();
    for reason in reasons.iter().filter(|reason| reason.unknown.kind != UnknownKind::NeedsConfiguration) {
        let (rules, clusters) = merged.entry(explain(&reason.unknown)).or_default();
        for rule in &reason.rules {
            if !rules.contains(rule) {
                rules.push(rule.clone());
            }
        }
        clusters.extend(reason.clusters.iter().map(String::as_str));
    }
    let reason = |(text, (rules, clusters)): (String, (Vec<_>, HashSet<&str>))| Reason {
        text,
        rules,
        clusters: clusters.len(),
    };
    merged.into_iter().map(reason).collect()
}

/// The reason and the way out, in one line.
pub(super) fn explain(unknown: &Unknown) -> String {
    let api = unknown.api.as_deref().unwrap_or_default();
    let at = unknown.at.as_str();
    match unknown.kind {
        UnknownKind::Denied => {
            let action = unknown.action.as_deref().unwrap_or(api);
            let why = if unknown.reason.contains("explicit deny") {
                ": an explicit deny is in the way"
            } else {
                ""
            };
            format!("AWS refused {api} (allow {action}){why}")
        }
        UnknownKind::Error if !api.is_empty() => format!("{api} failed: {}", unknown.reason),
        UnknownKind::NotInSnapshot | UnknownKind::Incomplete if !api.is_empty() => {
            format!("{} (it comes from {api})", unknown.reason)
        }
        UnknownKind::FieldAbsent if !api.is_empty() => {
            format!("{at} is not in the snapshot (it comes from {api})")
        }
        _ if at.is_empty() => unknown.reason.clone(),
        _ => format!("{at}: {}", unknown.reason),
    }
}
