//! `ekslint rules list`: the rules, one a line.

use super::filter::RuleFilter;
use super::{count, exit_code, print, tell, width};
use crate::cli::described;
use crate::cli::judging::RuleOptions;
use crate::cli::verbosity::Verbosity;
use crate::policy::{Config, Params, Plan};
use crate::report::palette;
use crate::report::rule_page::{self, RulePage};
use crate::report::{beside_or_below, printable, wrap};
use crate::rule::{Level, Rule, Severity};
use anstyle::Style;
use clap::{Args, ValueEnum};
use std::cmp::Reverse;
use std::process::ExitCode;

const HEADING: Style = Style::new().bold();
const LABEL: Style = Style::new().dimmed();
/// The width of the column for severity.
const SEVERITY: usize = 8;
/// Where ids start, and what hangs below them.
const ID: usize = 2 + SEVERITY + 4;

/// `ekslint rules list`
#[derive(Debug, Args)]
#[command(
    mut_arg("no_default_rules", |arg| arg.requires("rules")),
    mut_arg("framework", |arg| described(arg.hide_short_help(false), "List only rules of these frameworks, such as cis-eks-2.0")),
    mut_arg("level", |arg| described(arg.default_value("all"), LEVEL_HELP)),
    mut_arg("select", |arg| described(arg, "List only these rules (ids, globs, or aliases such as CKV_AWS_38)")),
    mut_arg("quiet", |arg| described(arg, "Print the rules only: no notes, no totals")),
    mut_arg("verbose", |arg| described(arg, "Print more: the sections that each rule needs, and its controls")),
    mut_arg("ignore", |arg| described(arg, "Do not list these rules (ids, globs or aliases)")),
    after_help = EXAMPLES
)]
pub(crate) struct List {
    #[command(flatten)]
    rules: RuleOptions,
    #[command(flatten)]
    filter: RuleFilter,
    /// How to list them
    #[arg(long, short, value_name = "FORMAT", value_enum, default_value_t, help_heading = "Output")]
    format: ListFormat,
    #[command(flatten)]
    verbosity: Verbosity,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ListFormat {
    /// For people: a table
    #[default]
    Text,
    /// For programs: everything that the rules say about themselves
    Json,
}

const LEVEL_HELP: &str = "default, strict, advice or all";
const EXAMPLES: &str = "\
Examples:
  What a scan runs without being asked:
    ekslint rules list --level default
  What there is about node groups, and what needs a section of a snapshot:
    ekslint rules list --select 'nodegroup-*'
    ekslint rules list --needs nodegroups
  Which rules stand for a check of another tool:
    ekslint rules list --select CKV_AWS_38
  The controls of a framework, the worst only:
    ekslint rules list --framework cis-eks-2.0 --severity high
  Rules of your own:
    ekslint rules list --rules my-rules --no-default-rules
  For programs:
    ekslint rules list --format json | jq -r '.rules[].id'";

impl List {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let mut loaded = self.rules.load(false);
        if self.rules.no_default_rules {
            loaded.set.rules.retain(Rule::judges_clusters);
        }
        let (config, command) = (Config::default(), self.rules.command(Params::default()));
        loaded.notices.extend(loaded.set.alias_notes(command.rule_patterns()));
        let frameworks = self.filter.frameworks(&mut loaded)?;
        tell(&loaded, self.verbosity);
        let rules = Plan::new(&loaded.set, &config, &command)?.running().collect();
        let rules = self.filter.apply(rules, &loaded, &frameworks)?;
        print(&match self.format {
            ListFormat::Text => {
                RuleTable { width: width(), verbosity: self.verbosity }.page(rules, loaded.set.rules.len())
            }
            ListFormat::Json => {
                let pages: Vec<_> =
                    rules.into_iter().map(|rule| RulePage::of(rule).among(&loaded.set)).collect();
                rule_page::json(&serde_json::json!({ "rules": pages }))?
            }
        })?;
        Ok(exit_code(&loaded))
    }
}

/// The mark of a level that not every scan runs, and what it means.
fn mark(level: Level) -> Option<(char, &'static str)> {
    match level {
        Level::Default => None,
        Level::Strict => Some(('+', "runs with --level strict")),
        Level::Advice => Some(('~', "runs with --level advice")),
    }
}

/// Writes the table.
struct RuleTable {
    width: usize,
    verbosity: Verbosity,
}

impl RuleTable {
    /// The table: by area, in each the worst first.
    fn page(&self, mut rules: Vec<&Rule>, known: usize) -> String {
        rules.sort_by_key(|rule| (&rule.area, Reverse(rule.severity), &rule.id));
        let id = rules.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
        let mut out = String::new();
        let mut area = None;
        for rule in &rules {
            if area != Some(&rule.area) {
                out += &format!("{HEADING}{}{HEADING:#}\n", printable(&rule.area));
                area = Some(&rule.area);
            }
            out += &self.row(rule, id);
        }
        if self.verbosity.quiet {
            return out;
        }
        let gap = if rules.is_empty() { "" } else { "\n" };
        format!("{out}{gap}{}{}\n", marks(&rules), total(&rules, known))
    }

    fn row(&self, rule: &Rule, id_width: usize) -> String {
        let style = palette::severity(rule.severity);
        let mark = mark(rule.level).map_or(' ', |(mark, _)| mark);
        let severity = format!("{style}{}{style:#}", rule.severity);
        let gap = " ".repeat(SEVERITY.saturating_sub(rule.severity.as_str().len()));
        let row = format!("  {severity}{gap}  {mark} {:id_width$}", rule.id);
        let out = beside_or_below(&row, ID + id_width, &printable(&rule.title), self.width, ID);
        if self.verbosity.verbose { out + &self.details(rule) } else { out }
    }

    /// What it needs, and which controls it is about.
    fn details(&self, rule: &Rule) -> String {
        let controls = |(name, controls): (&String, &Vec<String>)| format!("{name} {}", controls.join(", "));
        let frameworks = rule.frameworks().iter().map(controls).collect::<Vec<_>>().join("; ");
        let needs: Vec<_> = rule.sections().map(|section| section.name.as_str()).collect();
        let lines = [("needs", needs.join(", ")), ("controls", frameworks)];
        let shown = lines.into_iter().filter(|(_, text)| !text.is_empty());
        let line = |(label, text): (&str, String)| {
            let text = printable(&format!("{label}: {text}"));
            let (first, rest) = (" ".repeat(ID), " ".repeat(ID + 2));
            format!("{LABEL}{}{LABEL:#}\n", wrap(&text, self.width, &first, &rest))
        };
        shown.map(line).collect()
    }
}

/// What the marks mean, of those that are there.
fn marks(rules: &[&Rule]) -> String {
    let there = |level: &Level| rules.iter().any(|rule| rule.level == *level);
    let levels = [Level::Strict, Level::Advice].into_iter().filter(there);
    let words = levels.filter_map(mark).map(|(mark, words)| format!("{mark} {words}")).collect::<Vec<_>>();
    if words.is_empty() { String::new() } else { format!("{LABEL}{}{LABEL:#}\n", words.join(", ")) }
}

/// "3 of 43 rules: 1 high, 2 low"
fn total(rules: &[&Rule], known: usize) -> String {
    let counts = Severity::ALL.map(|severity| {
        let count = rules.iter().filter(|rule| rule.severity == severity).count();
        (count > 0).then(|| format!("{count} {severity}"))
    });
    let counts: Vec<_> = counts.into_iter().flatten().collect();
    let of = if rules.len() == known { String::new() } else { format!("{} of ", rules.len()) };
    let colon = if counts.is_empty() { "" } else { ": " };
    format!("{of}{}{colon}{}", count(known, "rule"), counts.join(", "))
}
