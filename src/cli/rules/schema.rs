//! `ekslint rules schema`: the JSON Schema of the rule file.

use super::print;
use crate::rule::schema::schema_text;
use clap::Args;
use std::process::ExitCode;

/// `ekslint rules schema`
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct RuleSchema {}

const EXAMPLES: &str = "\
Example:
  ekslint rules schema > my-rules/rule.schema.json

An editor with the YAML language server completes and checks a rule whose first
line is
  # yaml-language-server: $schema=rule.schema.json";

impl RuleSchema {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        print(&schema_text())?;
        Ok(ExitCode::SUCCESS)
    }
}
