//! For people: a row a control, with what decides it; `-v` adds the evidence of every cluster.

use super::counted::{counts, share};
use super::deciding::Deciding;
use super::scope::{self, ShownParameter};
use super::shown::{ShownEvidence, ShownResource, captured, evidence, words};
use super::verdict_style::verdict_style;
use super::{ComplianceReport, text_since};
use crate::compliance::{ControlOnCluster, ControlResult, ControlVerdict, FrameworkResult};
use crate::report::finding_text::place;
use crate::report::fit::left;
use crate::report::framework_page::titles;
use crate::report::totals::{self, plural};
use crate::report::{Style, beside_or_below, cluster_name, printable, wrap};
use anstyle::Effects;
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// The width of the column of verdicts.
const VERDICT: usize = 14;
/// What stands for a control that a rule could judge.
const NO_RULE: &str = "no rule yet";
/// The digits of a digest that people compare.
const DIGITS: usize = 12;

/// Writes the report.
pub(super) fn write(report: &ComplianceReport<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    totals::write_failed(report.scanned, style, out)?;
    for (at, framework) in report.frameworks.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        write_head(report, framework, style, out)?;
        text_since::write(report, at, style, out)?;
        let table = ControlTable::new(report, framework, style);
        for control in &framework.controls {
            table.row(control, out)?;
        }
    }
    if style.verbose {
        write_scope(report, style, out)?;
    }
    if style.quiet {
        return Ok(());
    }
    write_foot(report, style, out)
}

/// The framework, what was looked at, and the counts.
fn write_head(
    report: &ComplianceReport<'_>,
    result: &FrameworkResult<'_>,
    style: Style,
    out: &mut dyn Write,
) -> io::Result<()> {
    let framework = result.framework;
    let bold = style.paint(Effects::BOLD, None);
    let title = titles(framework, &framework.title);
    let clusters = plural(report.scanned.scan.clusters.len(), "cluster");
    let head = format!("{title} ({}): {clusters}, as of {}", printable(&framework.id), report.scanned.as_of);
    writeln!(out, "{bold}{}{bold:#}", wrap(&head, style.text_width(), "", "  "))?;
    writeln!(out, "{}", wrap(&share(result), style.text_width(), "  ", "  "))?;
    let counts = counts(&result.tally(), |verdict| verdict.in_words().to_owned());
    writeln!(out, "{}\n", wrap(&counts, style.text_width(), "  ", "  "))
}

/// The rows of a framework.
struct ControlTable<'t, 'a> {
    report: &'t ComplianceReport<'a>,
    framework: &'t FrameworkResult<'a>,
    style: Style,
    /// The width of the column of numbers.
    width: usize,
    /// The width of the column of clusters; there is none for a single one.
    clusters: usize,
}

impl<'t, 'a> ControlTable<'t, 'a> {
    fn new(report: &'t ComplianceReport<'a>, framework: &'t FrameworkResult<'a>, style: Style) -> Self {
        let width = framework.controls.iter().map(|one| one.control.id.width()).max().unwrap_or_default();
        let all = report.scanned.scan.clusters.len();
        let lacks = framework.controls.iter().any(ControlResult::has_no_rule_yet);
        let of_all = if all > 1 { format!("{all} of {all}").len() } else { 0 };
        let clusters = if lacks { of_all.max(NO_RULE.len()) } else { of_all };
        Self { report, framework, style, width, clusters }
    }

    /// Where what belongs to a control starts.
    fn indent(&self) -> usize {
        self.width + 2
    }

    fn row(&self, result: &ControlResult<'a>, out: &mut dyn Write) -> io::Result<()> {
        let verdict = result.verdict();
        let paint = self.style.styled(verdict_style(verdict));
        let id = left(&printable(&result.control.id), self.width);
        let word = left(verdict.in_words(), VERDICT);
        let clusters = match self.clusters {
            0 => String::new(),
            width => format!("  {}", left(&Self::of_clusters(result, verdict), width)),
        };
        let row = format!("{id}  {paint}{word}{paint:#}{clusters}");
        let row_width = self.width + 2 + VERDICT + clusters.width();
        let title = titles(self.framework.framework, &result.control.title);
        let shown = beside_or_below(&row, row_width, &title, self.style.text_width(), self.indent());
        out.write_all(shown.as_bytes())?;
        if self.style.verbose { self.details(result, out) } else { self.why(result, out) }
    }

    /// On how many clusters that became of it, where it is worth a number.
    fn of_clusters(result: &ControlResult<'_>, verdict: ControlVerdict) -> String {
        match verdict {
            ControlVerdict::Manual if result.has_no_rule_yet() => NO_RULE.to_owned(),
            ControlVerdict::Manual if result.rules.is_empty() => String::new(),
            _ if result.clusters.len() < 2 => String::new(),
            _ => format!("{} of {}", result.count(verdict), result.clusters.len()),
        }
    }

    /// What decides a control, in a line: the first place, or the first reason.
    fn why(&self, result: &ControlResult<'a>, out: &mut dyn Write) -> io::Result<()> {
        let decides = result.worst().and_then(|on| Deciding::of(self.report.scanned, on));
        let Some(text) = decides.map(|decides| decides.in_words()) else { return Ok(()) };
        let indent = " ".repeat(self.indent());
        let dim = self.style.paint(Effects::DIMMED, None);
        writeln!(out, "{dim}{}{dim:#}", wrap(&text, self.style.text_width(), &indent, &indent))
    }

    /// What a person has to know of a control, and the evidence of every cluster.
    fn details(&self, result: &ControlResult<'a>, out: &mut dyn Write) -> io::Result<()> {
        let indent = " ".repeat(self.indent());
        let control = result.control;
        let no_rule = result.has_no_rule_yet().then(|| match &control.not_yet {
            Some(missing) => format!("No rule yet: {}", missing.en),
            None => "No rule yet.".to_owned(),
        });
        let why = control.why.as_ref().map(|why| format!("To look at: {}", why.en));
        for text in no_rule.into_iter().chain(why) {
            writeln!(out, "{}", wrap(&printable(&text), self.style.text_width(), &indent, &indent))?;
        }
        for on in result.clusters.iter().filter(|on| !on.evidence.is_empty()) {
            self.on_cluster(on, out)?;
        }
        Ok(())
    }

    fn on_cluster(&self, on: &ControlOnCluster<'a>, out: &mut dyn Write) -> io::Result<()> {
        let (cluster, indent) = (on.cluster, self.indent());
        let paint = self.style.styled(verdict_style(on.verdict));
        let captured = captured(cluster).map(|at| format!(", captured {at}"));
        let name = format!(
            "{} ({}{})",
            printable(cluster_name(&cluster.judgement.cluster)),
            printable(&cluster.file.name),
            captured.unwrap_or_default()
        );
        let baseline = if on.is_only_in_baseline() { ", in the baseline only" } else { "" };
        let word = on.verdict.in_words();
        writeln!(out, "{:indent$}{name}: {paint}{word}{paint:#}{baseline}", "")?;
        for one in evidence(self.report.scanned, on) {
            self.rule(&one, out)?;
        }
        Ok(())
    }

    fn rule(&self, evidence: &ShownEvidence<'_>, out: &mut dyn Write) -> io::Result<()> {
        let paint = self.style.styled(verdict_style(evidence.verdict));
        let (indent, width) = (self.indent() + 2, self.style.text_width());
        let word = evidence.verdict.in_words();
        let calls = match evidence.calls.as_slice() {
            [] => String::new(),
            calls => format!("  ({})", calls.join(", ")),
        };
        let row = format!("{:indent$}{} {paint}{word}{paint:#}", "", evidence.rule.id);
        let row_width = indent + evidence.rule.id.width() + 1 + word.len();
        if row_width + calls.width() <= width {
            writeln!(out, "{row}{calls}")?;
        } else {
            writeln!(out, "{row}")?;
            let hang = " ".repeat(indent + 2);
            writeln!(out, "{}", wrap(calls.trim(), width, &hang, &hang))?;
        }
        for reason in &evidence.reasons {
            self.line(&printable(&words(reason)), out)?;
        }
        let (others, shown): (Vec<_>, Vec<_>) =
            evidence.resources.iter().partition(|one| one.verdict == ControlVerdict::NotApplicable);
        shown.into_iter().try_for_each(|resource| self.resource(resource, out))?;
        match others.len() {
            0 => Ok(()),
            count => self.line(&format!("{} it does not apply to", plural(count, "resource")), out),
        }
    }

    fn resource(&self, shown: &ShownResource<'_>, out: &mut dyn Write) -> io::Result<()> {
        let resource = printable(&shown.resource.in_words());
        let place = place(shown.at);
        if let Some(finding) = shown.finding {
            let how = self.report.scanned.how_accepted(finding);
            let how = how.map_or_else(String::new, |how| format!(" ({})", printable(&how)));
            return self.line(&format!("{place} {resource}: {}{how}", printable(&finding.message)), out);
        }
        let said: Vec<_> = match shown.reasons.is_empty() {
            true => shown.values.iter().map(|value| format!("{} = {}", value.path, value.value)).collect(),
            false => shown.reasons.iter().map(words).collect(),
        };
        let said = if said.is_empty() { String::new() } else { format!(": {}", said.join(", ")) };
        self.line(&printable(&format!("{place} {resource} {}{said}", shown.verdict.in_words())), out)
    }

    fn line(&self, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let first = " ".repeat(self.indent() + 4);
        let rest = " ".repeat(self.indent() + 6);
        writeln!(out, "{}", wrap(text, self.style.text_width(), &first, &rest))
    }
}

/// By what was judged: parameters and inputs.
fn write_scope(report: &ComplianceReport<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let line = |out: &mut dyn Write, text: &str| {
        writeln!(out, "{}", wrap(&printable(text), style.text_width(), "  ", "    "))
    };
    writeln!(out, "\nScope")?;
    line(out, &report.scope.in_words(&report.scanned.live))?;
    if !report.parameters.is_empty() {
        writeln!(out, "\nParameters")?;
    }
    for parameter in &report.parameters {
        let ShownParameter { name, value, origin } = scope::parameter(report, parameter);
        let origin = origin.map_or_else(String::new, |origin| format!(" ({origin})"));
        line(out, &format!("{name} = {value}{origin}"))?;
    }
    writeln!(out, "\nInputs, with their SHA-256")?;
    for digest in report.inputs() {
        line(out, &format!("{} {}", digest.sha256.as_deref().unwrap_or("cannot be read"), digest.name))?;
    }
    Ok(())
}

/// What was judged by, and what could not be read.
fn write_foot(report: &ComplianceReport<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let summary = report.scanned.summary();
    totals::write_refused(&summary, out)?;
    writeln!(out)?;
    totals::write_not_evaluated(report.scanned, &summary, style, out)?;
    let digest = report.rules_digest.get(..DIGITS).unwrap_or_default();
    let line = format!(
        "ekslint {}, {} (rule set {digest}), {}.{}",
        env!("CARGO_PKG_VERSION"),
        plural(scope::rules(report), "rule"),
        plural(report.scanned.scan.inputs.iter().filter(|input| input.clusters > 0).count(), "input"),
        if style.verbose { "" } else { " -v shows the evidence." }
    );
    writeln!(out, "{}", wrap(&line, style.text_width(), "", "  "))
}
