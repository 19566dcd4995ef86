//! For people: what a rule gave, resource by resource. On the left are the lines and columns of the values that were read.

use super::{
    RuleTraceReport, lacking, needed, on_one_line, outcome_in_words, stands_out, telling, value_in_words,
};
use crate::engine::trace::{
    CheckTrace, EachTrace, ExpressionTrace, ItemTrace, ReadTrace, ResourceTrace, RuleNotRun, RuleTrace,
    TracedFailure, TracedFinding,
};
use crate::engine::{Outcome, Standing};
use crate::report::explain::kind_title;
use crate::report::fit::middle;
use crate::report::totals::{collecting, explain, is_collected, plural};
use crate::report::{Style, cluster_name, printable, wrap};
use crate::rule::Rule;
use crate::scan::ClusterScan;
use crate::snapshot::Unknown;
use crate::text::first_names;
use crate::value::Location;
use anstyle::{AnsiColor, Effects};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// The least width of lines and columns.
const GUTTER: usize = 8;
/// Where what belongs to a resource starts, and how far each level below is indented.
const INDENT: usize = 2;
/// So many resources that stand out, and findings of each, are shown one by one without `-v`, and so many names of the others.
const SHOWN: usize = 10;
const NAMED: usize = 5;
/// The most of a message: a rule of a stranger may have one of any length.
const MESSAGE: usize = 1_000;
/// The least room of a value.
const VALUE: usize = 30;

/// Writes the pages.
pub(super) fn write(report: &RuleTraceReport<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut first = true;
    for cluster in &report.report.scan.clusters {
        let separator = if std::mem::take(&mut first) { "" } else { "\n" };
        let mut page = TracePage { report, cluster, style, text: String::new(), given: BTreeSet::new() };
        page.cluster();
        write!(out, "{separator}{}", page.text)?;
    }
    write!(out, "{}", needs(report, style))
}

/// What would be needed to evaluate the rules: the reasons, each once, and the one command for most of them.
fn needs(report: &RuleTraceReport<'_>, style: Style) -> String {
    let unknowns: BTreeSet<&Unknown> = lacking(report).flat_map(|(_, trace)| needed(trace)).collect();
    let reasons: BTreeSet<_> = unknowns.iter().map(|unknown| explain(unknown)).collect();
    if reasons.is_empty() {
        return String::new();
    }
    let mut text = "\nWhat would be needed:\n".to_owned();
    let shown = if style.verbose { reasons.len() } else { SHOWN };
    for reason in reasons.iter().take(shown) {
        text += &wrap(&printable(reason), style.text_width(), "  - ", "    ");
        text.push('\n');
    }
    if reasons.len() > shown {
        text += &format!("  - and {}; -v shows all\n", plural(reasons.len() - shown, "more reason"));
    }
    let collects = |trace: &RuleTrace| needed(trace).into_iter().any(is_collected);
    let clusters: Vec<_> =
        lacking(report).filter(|(_, trace)| collects(trace)).map(|(cluster, _)| cluster).collect();
    if !clusters.is_empty() {
        text += &format!("This collects it, read-only:\n  {}\n", collecting(&clusters));
    }
    text
}

struct TracePage<'a> {
    report: &'a RuleTraceReport<'a>,
    cluster: &'a ClusterScan,
    style: Style,
    text: String,
    /// The reasons that were given for the resource at hand: each once.
    given: BTreeSet<String>,
}

impl<'a> TracePage<'a> {
    fn cluster(&mut self) {
        let identity = &self.cluster.judgement.cluster;
        let bold = self.style.paint(Effects::BOLD | Effects::UNDERLINE, None);
        let place = [identity.region.as_deref(), identity.account.as_deref()];
        let place: String =
            place.into_iter().flatten().map(|part| format!("  {}", printable(part))).collect();
        self.line(&format!("{bold}{}{bold:#}{place}", printable(cluster_name(identity))));
        let document = self.cluster.file.document.map_or_else(String::new, |line| format!(", line {line}"));
        let dim = self.style.paint(Effects::DIMMED, None);
        let file = printable(&self.cluster.file.name);
        self.line(&format!("{dim}{file}{document} (on the left: lines and columns){dim:#}"));
        for trace in &self.cluster.traces {
            self.rule(trace);
        }
    }

    fn rule(&mut self, trace: &'a RuleTrace) {
        let configured = &self.report.report.rules[trace.rule];
        let rule = configured.rule;
        let bold = self.style.paint(Effects::BOLD, None);
        self.line("");
        let (id, title) = (printable(&rule.id), printable(&rule.title));
        let heading = wrap(&format!("{id}: {title}"), self.style.text_width(), "", "  ");
        let rest = heading.strip_prefix(&id).unwrap_or_default();
        self.line(&format!("{bold}{id}{bold:#}{rest}"));
        let verdict = self.verdict(trace, rule);
        let paint = self.style.paint(Effects::BOLD, Some(color(trace.outcome)));
        let verdict = wrap(&verdict, self.style.text_width(), "", "  ");
        self.line(&format!("{paint}{verdict}{paint:#}"));
        for error in &trace.errors {
            self.paragraph(&format!("error: {error}"), INDENT);
        }
        for unknown in &trace.unknowns {
            self.paragraph(&format!("not evaluated: {}", explain(unknown)), INDENT);
        }
        if trace.resources.is_empty() && trace.unknowns.is_empty() && trace.errors.is_empty() {
            let section = &rule.resource.name;
            self.paragraph(&format!("there is nothing to evaluate: `{section}` is empty"), INDENT);
        }
        self.resources(trace);
    }

    /// The outcome on the cluster, and why a scan does not evaluate the rule at all.
    fn verdict(&self, trace: &RuleTrace, rule: &Rule) -> String {
        let counted = counted(trace);
        match &trace.not_run {
            None => format!(
                "{}{}",
                outcome_in_words(trace.outcome),
                counted.map_or_else(String::new, |of| format!(": {of}"))
            ),
            Some(why) => {
                let all_the_same = counted.map_or_else(String::new, |of| format!(". Evaluated anyway: {of}"));
                format!("{}{all_the_same}", self.why_not_run(trace, why, rule))
            }
        }
    }

    fn why_not_run(&self, trace: &RuleTrace, why: &RuleNotRun, rule: &Rule) -> String {
        match why {
            RuleNotRun::Off => {
                let why = self.report.why_off.get(&trace.rule).map(String::as_str);
                format!("off: {}", why.unwrap_or("the configuration turns it off for this cluster"))
            }
            RuleNotRun::NeedsConfiguration(unset) => format!("needs configuration: {}", unset.reason),
            RuleNotRun::KindUnknown(unknown) => format!("not evaluated: {}", explain(unknown)),
            RuleNotRun::OtherKind => {
                let kinds: Vec<_> = rule.clusters.iter().map(|kind| kind_title(*kind)).collect();
                format!("not applicable: it is for clusters of another kind ({})", kinds.join(", "))
            }
        }
    }

    fn resources(&mut self, trace: &'a RuleTrace) {
        let (standing, others): (Vec<_>, Vec<_>) = trace.resources.iter().partition(|one| stands_out(one));
        let shown = if self.style.verbose { standing.len() } else { SHOWN };
        for resource in standing.iter().take(shown) {
            self.resource(trace, resource);
        }
        self.left_out(standing.get(shown..).unwrap_or_default(), "more");
        for outcome in [Outcome::Pass, Outcome::NotApplicable] {
            let alike: Vec<_> = others.iter().copied().filter(|one| one.outcome == outcome).collect();
            let shown = if self.style.verbose { alike.len() } else { 1 };
            alike.iter().take(shown).for_each(|resource| self.resource(trace, resource));
            let words = format!("more {}", outcome_in_words(outcome));
            self.left_out(alike.get(shown..).unwrap_or_default(), &words);
        }
    }

    /// Why a value is not known, where that was not said of this resource before.
    fn failed(&mut self, failure: &TracedFailure) -> Option<String> {
        let words = match failure {
            TracedFailure::Unknown(unknown) => explain(unknown),
            TracedFailure::Error(cause) => cause.clone(),
        };
        self.given.insert(words.clone()).then_some(words)
    }

    /// A value, or that there is none and why.
    fn value(&mut self, value: &Result<String, TracedFailure>, taken: usize) -> String {
        let why = value.as_ref().err().and_then(|failure| self.failed(failure));
        match (value, why) {
            (Ok(value), _) => self.shortened(value, taken),
            (Err(_), Some(why)) => format!("{}: {why}", value_in_words(value)),
            (Err(_), None) => value_in_words(value).to_owned(),
        }
    }

    /// Resources that are not shown one by one.
    fn left_out(&mut self, resources: &[&ResourceTrace], what: &str) {
        if resources.is_empty() {
            return;
        }
        let names: Vec<_> = resources.iter().map(|one| one.resource.in_words()).collect();
        self.line("");
        self.paragraph(&format!("{} {what} (-v shows all): {}", names.len(), first_names(&names, NAMED)), 0);
    }

    fn resource(&mut self, trace: &RuleTrace, resource: &'a ResourceTrace) {
        self.given.clear();
        self.line("");
        let bold = self.style.paint(Effects::BOLD, Some(color(resource.outcome)));
        let outcome = outcome_in_words(resource.outcome);
        let name = printable(&resource.resource.in_words());
        self.row(Some(&resource.at), 0, &format!("{name}: {bold}{outcome}{bold:#}"));
        if let Some(parts) = &resource.parts {
            for (name, value) in &parts.lets {
                self.whole(&format!("let {name}"), value);
            }
            parts.when.iter().for_each(|when| self.whole("when", when));
            parts.checks.iter().for_each(|check| self.check(check, INDENT));
        }
        let shown = if self.style.verbose { resource.findings.len() } else { SHOWN };
        for finding in resource.findings.iter().take(shown) {
            self.finding(trace, finding);
        }
        if let Some(hidden) = resource.findings.len().checked_sub(shown + 1) {
            self.row(None, INDENT, &format!("{} (-v shows all)", plural(hidden + 1, "more finding")));
        }
        for (unknown, times) in
            resource.unknowns.iter().take(if self.style.verbose { usize::MAX } else { SHOWN })
        {
            let times = if *times > 1 { format!(" ({times} times)") } else { String::new() };
            self.paragraph(&format!("not evaluated: {}{times}", explain(unknown)), GUTTER + 2 * INDENT);
        }
        for error in &resource.errors {
            self.paragraph(&format!("error: {error}"), GUTTER + 2 * INDENT);
        }
    }

    fn finding(&mut self, trace: &RuleTrace, traced: &'a TracedFinding) {
        let finding = &traced.finding;
        let why = self.why_not_counted(trace, traced).map_or_else(String::new, |why| format!(" ({why})"));
        let message = middle(&finding.message, MESSAGE);
        let text = format!("finding, {}{why}: {message}", finding.severity);
        self.row(Some(&finding.primary), INDENT, &printable(&text));
    }

    /// Why a finding does not count, if so.
    fn why_not_counted(&self, trace: &RuleTrace, traced: &TracedFinding) -> Option<String> {
        let report = &self.report.report;
        let by: Vec<_> = traced.superseded_by.iter().map(|by| report.rules[*by].rule.id.as_str()).collect();
        match traced.finding.standing {
            _ if !by.is_empty() => Some(format!("superseded by {}", by.join(", "))),
            Standing::Waived(_) | Standing::Baseline => report.how_accepted(&traced.finding),
            Standing::Open => trace.not_run.as_ref().map(|_| "not in a scan".to_owned()),
        }
    }

    fn check(&mut self, check: &'a CheckTrace, indent: usize) {
        match check {
            CheckTrace::Assert(assert) => self.whole_at("assert", assert, indent),
            CheckTrace::Each(each) => self.each(each, indent),
        }
    }

    fn each(&mut self, each: &'a EachTrace, indent: usize) {
        let label = if each.name == "item" { "each".to_owned() } else { format!("each {}", each.name) };
        let source = on_one_line(&each.source);
        let items = match &each.items {
            Ok(items) => plural(*items, "item"),
            Err(failure) => self.value(&Err(failure.clone()), 0),
        };
        let more =
            each.more.as_ref().map_or_else(String::new, |why| format!(", perhaps more: {}", explain(why)));
        self.row(each.at.as_ref(), indent, &printable(&format!("{label}: {source}: {items}{more}")));
        for item in &each.shown {
            self.item(&each.name, item, indent + INDENT);
        }
        let hidden = each.items.as_ref().map_or(0, |items| items.saturating_sub(each.shown.len()));
        if hidden > 0 {
            self.row(None, indent + INDENT, &format!("{} not shown", plural(hidden, "more item")));
        }
    }

    fn item(&mut self, name: &str, item: &'a ItemTrace, indent: usize) {
        let value = self.shortened(&item.value, indent + name.len() + 3);
        self.row(item.at.as_ref(), indent, &printable(&format!("{name} = {value}")));
        match &item.check {
            Ok(check) => self.check(check, indent + INDENT),
            Err(unknown) => self.row(None, indent + INDENT, &printable(&explain(unknown))),
        }
    }

    /// An expression of the rule.
    fn whole(&mut self, label: &str, expression: &'a ExpressionTrace) {
        self.whole_at(label, expression, INDENT);
    }

    fn whole_at(&mut self, label: &str, expression: &'a ExpressionTrace, indent: usize) {
        self.row(None, indent, &printable(&format!("{label}: {}", on_one_line(&expression.source))));
        // What is read there and nothing else needs no row of its own.
        let itself = expression.reads.iter().find(|read| read.source == on_one_line(&expression.source));
        let value = self.value(&expression.value, indent + INDENT + 2);
        let bold = self.style.paint(Effects::BOLD, None);
        let value = format!("= {bold}{}{bold:#}", printable(&value));
        self.row(itself.and_then(|read| read.at.as_ref()), indent + INDENT, &value);
        self.below(expression, indent + INDENT);
    }

    /// The parts of an expression, or what it reads.
    fn below(&mut self, expression: &'a ExpressionTrace, indent: usize) {
        let source = on_one_line(&expression.source);
        for read in expression.reads.iter().filter(|read| read.source != source) {
            self.read(read, indent + INDENT);
        }
        let tells = telling(expression);
        for part in &expression.parts {
            self.part(part, indent + INDENT, self.style.verbose || tells(part));
        }
    }

    /// A part of an expression; what is below it only if that says something about the whole.
    fn part(&mut self, part: &'a ExpressionTrace, indent: usize, is_telling: bool) {
        if let Some((item, at)) = &part.item {
            let item = self.shortened(item, indent);
            self.row(at.as_ref(), indent, &printable(&item));
        }
        let source = on_one_line(&part.source);
        let itself = part.reads.iter().find(|read| read.source == source);
        let decides = if part.decides { "  (decides)" } else { "" };
        let value = self.shortened(value_in_words(&part.value), indent + source.len().min(VALUE));
        // What its parts say need not be said twice.
        let taken = indent + value.len() + 2 + decides.len();
        let source = if part.parts.is_empty() { source } else { self.shortened(&source, taken) };
        let text = printable(&format!("{value}: {source}{decides}"));
        self.row(itself.and_then(|read| read.at.as_ref()), indent, &text);
        if is_telling {
            self.below(part, indent);
        }
    }

    fn read(&mut self, read: &ReadTrace, indent: usize) {
        let value = self.value(&read.value, indent + read.source.len() + 3);
        self.row(read.at.as_ref(), indent, &printable(&format!("{} = {value}", read.source)));
    }

    /// A value, cut in the middle to the room that is left.
    fn shortened(&self, value: &str, taken: usize) -> String {
        let room = self.style.text_width().saturating_sub(GUTTER + 2 * INDENT + taken);
        middle(value, room.max(VALUE))
    }

    /// A text beside its line and column; of another file, with its name below.
    fn row(&mut self, at: Option<&Location>, indent: usize, text: &str) {
        let known = at.filter(|at| at.span.start_line > 0);
        let place = known.map_or_else(String::new, |at| at.span.start().to_string());
        let elsewhere = known.filter(|at| at.file != self.cluster.file);
        let elsewhere = elsewhere.map_or_else(String::new, |at| format!("  ({})", printable(&at.file.name)));
        let (start, indent) = (format!("  {place:>GUTTER$}  "), " ".repeat(indent));
        let rest = " ".repeat(start.len() + indent.len() + 2 * INDENT);
        let first = format!("{start}{indent}");
        let text = wrap(&format!("{text}{elsewhere}"), self.style.text_width(), &first, &rest);
        let dim = self.style.paint(Effects::DIMMED, None);
        let rest = text.strip_prefix(&start).unwrap_or(&text);
        let start = if place.is_empty() { start } else { format!("{dim}{start}{dim:#}") };
        self.line(&format!("{start}{rest}"));
    }

    fn paragraph(&mut self, text: &str, indent: usize) {
        let (first, rest) = (" ".repeat(indent), " ".repeat(indent + INDENT));
        self.line(&wrap(&printable(text), self.style.text_width(), &first, &rest));
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
}

/// `1 failed, 2 passed`
fn counted(trace: &RuleTrace) -> Option<String> {
    let all = [Outcome::Fail, Outcome::NotEvaluated, Outcome::Error, Outcome::Pass, Outcome::NotApplicable];
    let count = |outcome: Outcome| trace.resources.iter().filter(|one| one.outcome == outcome).count();
    let counts = all.into_iter().map(|outcome| (count(outcome), outcome)).filter(|(count, _)| *count > 0);
    let counts: Vec<_> =
        counts.map(|(count, outcome)| format!("{count} {}", outcome_in_words(outcome))).collect();
    // Of one resource, its own row says it.
    let is_said = trace.resources.len() == 1 && trace.not_run.is_none();
    (!counts.is_empty() && !is_said).then(|| counts.join(", "))
}

fn color(outcome: Outcome) -> AnsiColor {
    match outcome {
        Outcome::Fail | Outcome::Error => AnsiColor::BrightRed,
        Outcome::NotEvaluated => AnsiColor::BrightBlue,
        Outcome::Pass => AnsiColor::BrightGreen,
        Outcome::Superseded | Outcome::Off | Outcome::NeedsConfiguration | Outcome::NotApplicable => {
            AnsiColor::Yellow
        }
    }
}
