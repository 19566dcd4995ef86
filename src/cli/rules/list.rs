//! `ekslint rules list`: the rules, one a line.

use super::{count, exit_code, print, tell, width};
use crate::cli::judging::RuleOptions;
use crate::policy::{Config, Params, Plan};
use crate::report::palette;
use crate::report::printable;
use crate::report::rule_page::{self, RulePage};
use crate::rule::{Rule, Severity};
use anstyle::Style;
use clap::{Args, ValueEnum};
use std::cmp::Reverse;
use std::process::ExitCode;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const HEADING: Style = Style::new().bold();
const LABEL: Style = Style::new().dimmed();
/// The widths of the columns for severity and level.
const SEVERITY: usize = 8;
const LEVEL: usize = 7;
/// A title is cut to no less, however narrow the terminal is.
const MIN_TITLE: usize = 16;

/// `ekslint rules list`
#[derive(Debug, Args)]
#[command(
    mut_arg("no_default_rules", |arg| arg.requires("rules")),
    mut_arg("level", |arg| arg.default_value("all").help(LEVEL_HELP)),
    mut_arg("select", |arg| arg.help("List only these rules (ids or globs, separated by commas)")),
    mut_arg("ignore", |arg| arg.help("Do not list these rules (ids or globs, separated by commas)")),
    after_help = EXAMPLES
)]
pub(crate) struct List {
    /// How to list them
    #[arg(long, value_enum, default_value_t)]
    format: ListFormat,
    #[command(flatten)]
    rules: RuleOptions,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ListFormat {
    /// For people: a table
    #[default]
    Text,
    /// For programs: everything that the rules say about themselves
    Json,
}

const LEVEL_HELP: &str = "Which rules to list: default ones, also hardening, also advice, or all";
const EXAMPLES: &str = "\
Examples:
  What a scan runs without being asked:
    ekslint rules list --level default
  What there is about node groups:
    ekslint rules list --select 'nodegroup-*'
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
        tell(&loaded);
        let (config, command) = (Config::default(), self.rules.command(Params::default()));
        let rules = Plan::new(&loaded.set, &config, &command)?.running().collect();
        print(&match self.format {
            ListFormat::Text => table(rules, loaded.set.rules.len(), width()),
            ListFormat::Json => {
                let pages: Vec<_> = rules.into_iter().map(RulePage::of).collect();
                rule_page::json(&serde_json::json!({ "rules": pages }))?
            }
        })?;
        Ok(exit_code(&loaded))
    }
}

/// The table: by area, in each the worst first.
fn table(mut rules: Vec<&Rule>, known: usize, width: usize) -> String {
    if rules.is_empty() {
        return format!("{}\n", total(&rules, known));
    }
    rules.sort_by_key(|rule| (&rule.area, Reverse(rule.severity), &rule.id));
    let id = rules.iter().map(|rule| rule.id.len()).max().unwrap_or_default();
    let mut out =
        format!("{LABEL}  {:id$}  {:SEVERITY$}  {:LEVEL$}  title{LABEL:#}\n", "id", "severity", "level");
    let mut area = None;
    for rule in &rules {
        if area != Some(&rule.area) {
            out += &format!("{HEADING}{}{HEADING:#}\n", printable(&rule.area));
            area = Some(&rule.area);
        }
        out += &row(rule, id, width);
    }
    format!("{out}\n{}\n", total(&rules, known))
}

fn row(rule: &Rule, id: usize, width: usize) -> String {
    let style = palette::severity(rule.severity);
    let used = 2 + id + 2 + SEVERITY + 2 + LEVEL + 2;
    let title = cut(&printable(&rule.title), width.saturating_sub(used).max(MIN_TITLE));
    let level = rule.level.as_str();
    format!("  {:id$}  {style}{:SEVERITY$}{style:#}  {level:LEVEL$}  {title}\n", rule.id, rule.severity)
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

/// Text of at most that width; what is cut ends in an ellipsis.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or_default();
        if used > width {
            break;
        }
        kept.push(c);
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::cut;
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn long_titles_are_cut() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("longer", 5), "long…");
        assert_eq!(cut("two words", 5), "two…");
        assert_eq!(cut("클러스터", 5), "클러…");
    }

    proptest! {
        #[test]
        fn a_cut_title_fits(text in "\\PC{0,40}", width in 1..40_usize) {
            prop_assert!(cut(&text, width).width() <= width);
        }
    }
}
