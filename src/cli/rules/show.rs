//! `ekslint rules show`: all about one rule.

use super::{RuleSources, exit_code, print, tell, width};
use crate::cli::verbosity::Verbosity;
use crate::report::rule_page::{self, PageLinks, RulePage};
use crate::rule::{Rule, RuleSet};
use anyhow::bail;
use clap::{Args, ValueEnum};
use std::process::ExitCode;

/// Longer lines are hard to read, however wide the terminal is.
const MAX_WIDTH: usize = 100;

/// `ekslint rules show`
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ShowRule {
    /// The rule's id, an alias such as CKV_AWS_38, or a beginning that only one rule has
    id: String,
    /// How to show it
    #[arg(long, short, value_name = "FORMAT", value_enum, default_value_t, help_heading = "Output")]
    format: RulePageFormat,
    #[command(flatten)]
    sources: RuleSources,
    #[command(flatten)]
    verbosity: Verbosity,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum RulePageFormat {
    /// For people
    #[default]
    Text,
    /// For the documentation
    Markdown,
    /// For programs
    Json,
}

const EXAMPLES: &str = "\
Examples:
  ekslint rules show endpoint-open-to-internet
  ekslint rules show endpoint-open-to-internet --format markdown";

impl ShowRule {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let mut loaded = self.sources.load(true);
        let rule = find(&self.id, &loaded.set)?.id.clone();
        if rule != self.id {
            loaded.notices.push(format!("{} stands for {rule}", self.id));
        }
        tell(&loaded, self.verbosity);
        let Some(rule) = loaded.set.get(&rule) else { bail!("no rule is called `{rule}`") };
        let page = RulePage::of(rule).among(&loaded.set);
        print(&match self.format {
            RulePageFormat::Text => page.text(width().min(MAX_WIDTH)),
            RulePageFormat::Markdown => page.markdown(&PageLinks::default()),
            RulePageFormat::Json => rule_page::json(&page)?,
        })?;
        Ok(exit_code(&loaded))
    }
}

/// The rule of that id, else the only one that another tool calls so, else the only one whose id begins so.
fn find<'r>(id: &str, set: &'r RuleSet) -> anyhow::Result<&'r Rule> {
    let ids = |rules: &[&Rule]| rules.iter().map(|rule| format!("\n  {}", rule.id)).collect::<String>();
    match set.named(id).as_slice() {
        [] => {}
        [only] => return Ok(only),
        several => bail!("`{id}` stands for {} rules; name one of them:{}", several.len(), ids(several)),
    }
    match set.beginning(id).collect::<Vec<_>>().as_slice() {
        [only] => Ok(only),
        [] => bail!("no rule is called `{id}`{} (`ekslint rules list` shows all)", set.hint(id)),
        several => bail!("no rule is called `{id}`, and {} begin so:{}", several.len(), ids(several)),
    }
}
