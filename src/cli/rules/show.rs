//! `ekslint rules show`: all about one rule.

use super::{RuleSources, exit_code, print, tell, width};
use crate::report::rule_page::{self, RulePage};
use crate::rule::{Rule, RuleSet};
use crate::text::nearest;
use anyhow::anyhow;
use clap::{Args, ValueEnum};
use std::process::ExitCode;

/// Longer lines are hard to read, however wide the terminal is.
const MAX_WIDTH: usize = 100;

/// `ekslint rules show`
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ShowRule {
    /// The rule's id
    id: String,
    /// How to show it
    #[arg(long, value_enum, default_value_t)]
    format: RulePageFormat,
    #[command(flatten)]
    sources: RuleSources,
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
        let loaded = self.sources.load(true);
        tell(&loaded);
        let rule = loaded.set.get(&self.id).ok_or_else(|| unknown(&self.id, &loaded.set))?;
        let page = RulePage::of(rule);
        print(&match self.format {
            RulePageFormat::Text => page.text(width().min(MAX_WIDTH)),
            RulePageFormat::Markdown => page.markdown(),
            RulePageFormat::Json => rule_page::json(&page)?,
        })?;
        Ok(exit_code(&loaded))
    }
}

/// The error for an id that no rule has. It may be what another tool calls a rule.
fn unknown(id: &str, set: &RuleSet) -> anyhow::Error {
    let alias = |rule: &&Rule| {
        rule.aliases
            .iter()
            .any(|alias| alias == id || alias.split_once(':').is_some_and(|(_, name)| name == id))
    };
    let hint = match set.rules.iter().find(alias) {
        Some(rule) => format!("; `{}` covers it", rule.id),
        None => nearest(id, set.rules.iter().map(|rule| rule.id.as_str())),
    };
    anyhow!("no rule is called `{id}`{hint} (`ekslint rules list` shows all)")
}
