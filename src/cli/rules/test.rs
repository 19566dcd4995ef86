//! `ekslint rules test`: the examples of rules are their tests.

use super::{count, print};
use crate::cli::verbosity::Verbosity;
use crate::cli::{EXIT_ERROR, EXIT_FINDINGS, described};
use crate::engine::examples::{ExampleDifference, ExampleReport};
use crate::report::printable;
use crate::rule::{Loaded, Rule, RuleSet, RuleSource};
use anstyle::{AnsiColor, Style};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

const RULE: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// `ekslint rules test`
#[derive(Debug, Args)]
#[command(
    mut_arg("quiet", |arg| described(arg, "Print what differs only: no notes, no totals")),
    mut_arg("verbose", |arg| described(arg, "Print every example")),
    after_help = EXAMPLES
)]
pub(crate) struct TestRules {
    /// A directory of rules, or a rule file [default: the built-in rules]
    dir: Option<PathBuf>,
    #[command(flatten)]
    verbosity: Verbosity,
}

const EXAMPLES: &str = "\
Each example runs as it is written. One with findings runs again with each
section and field that the rule reads taken away: the rule must then not pass in
silence.

Examples:
  The built-in rules:
    ekslint rules test
  Rules of your own, with every example:
    ekslint rules test my-rules -v

Exit codes:
  0  the rules do what their examples say
  1  something differs
  2  a rule does not load";

impl TestRules {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let source = self.dir.clone().map_or(RuleSource::BuiltIn, RuleSource::Path);
        let loaded = RuleSet::load(&[source], true);
        let report = ExampleReport::run_all(&loaded.set.rules);
        let unknown = if self.dir.is_some() { unknown_rules(&loaded.set) } else { Vec::new() };
        let mut out = String::new();
        for error in &loaded.errors {
            out += &format!("{BAD}error{BAD:#}: {}\n", printable(&error.to_string()));
        }
        for unknown in unknown.iter().filter(|_| !self.verbosity.quiet) {
            out += &format!("note: {}\n", printable(unknown));
        }
        for rule in &loaded.set.rules {
            out += &of_rule(rule, &report, self.verbosity.verbose);
        }
        if !self.verbosity.quiet {
            let gap = if out.is_empty() { "" } else { "\n" };
            out += &format!("{gap}{}\n", total(&loaded, &report));
        }
        print(&out)?;
        Ok(ExitCode::from(match (loaded.errors.is_empty(), report.differences.is_empty()) {
            (false, _) => EXIT_ERROR,
            (true, false) => EXIT_FINDINGS,
            (true, true) => 0,
        }))
    }
}

/// What a rule supersedes must exist, among its own kind or among the built-in rules.
fn unknown_rules(set: &RuleSet) -> Vec<String> {
    let missing: Vec<_> = set
        .rules
        .iter()
        .flat_map(|rule| rule.supersedes.iter().map(move |id| (rule, id)))
        .filter(|(_, id)| set.get(id).is_none())
        .collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let built_in = RuleSet::load(&[RuleSource::BuiltIn], false).set;
    let unknown = missing.into_iter().filter(|(_, id)| built_in.get(id).is_none());
    unknown.map(|(rule, id)| format!("{}: supersedes the unknown rule `{id}`", rule.file)).collect()
}

/// A rule's examples: those that differ, or all.
fn of_rule(rule: &Rule, report: &ExampleReport, all: bool) -> String {
    let differences: Vec<_> =
        report.differences.iter().filter(|difference| difference.rule == rule.id).collect();
    if differences.is_empty() && !all {
        return String::new();
    }
    let mut out = format!("{RULE}{}{RULE:#}\n", rule.id);
    for difference in differences.iter().filter(|difference| difference.example.is_empty()) {
        out += &format!("  {BAD}fail{BAD:#}  {}\n", printable(&rule.file));
        out += &message(difference);
    }
    for example in &rule.examples {
        let here = |difference: &&&ExampleDifference| {
            difference.line == example.line && difference.example == example.name
        };
        let here: Vec<_> = differences.iter().filter(here).collect();
        let name = printable(&example.name);
        if !here.is_empty() {
            out += &format!("  {BAD}fail{BAD:#}  {name} ({}:{})\n", printable(&rule.file), example.line);
        } else if all {
            out += &format!("  {GOOD}ok{GOOD:#}    {name}\n");
        }
        here.into_iter().for_each(|difference| out += &message(difference));
    }
    out
}

fn message(difference: &ExampleDifference) -> String {
    format!("        {}\n", printable(&difference.message))
}

fn total(loaded: &Loaded, report: &ExampleReport) -> String {
    let rules = count(loaded.set.rules.len(), "rule");
    let examples = count(report.examples, "example");
    let mut parts = Vec::new();
    match report.differences.len() {
        0 if !loaded.errors.is_empty() => {}
        0 => parts.push(format!("{GOOD}no differences{GOOD:#}")),
        number => parts.push(format!("{BAD}{}{BAD:#}", count(number, "difference"))),
    }
    if !loaded.errors.is_empty() {
        parts.push(format!("{BAD}{}{BAD:#}", count(loaded.errors.len(), "loading error")));
    }
    let removals = count(report.removals, "part");
    format!("{rules}, {examples}, {removals} taken away: {}", parts.join(", "))
}
