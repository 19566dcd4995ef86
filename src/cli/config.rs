//! `ekslint config`: write, show and describe the configuration file.

mod init;
mod show;
mod view;

use super::{output, rules_from};
use crate::policy::config::schema;
use crate::report::{ReportFormat, rule_page};
use clap::{Args, Subcommand};
use std::io;
use std::process::ExitCode;

/// `ekslint config`
#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Write an ekslint.toml to start from: the folders that describe clusters, and every other key, commented out
    Init(init::Init),
    /// Show what holds, and where each value comes from
    Show(show::ShowConfig),
    /// Print the JSON Schema of ekslint.toml, for editors
    Schema(ConfigSchema),
}

impl ConfigCommand {
    /// Runs the command.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Init(init) => init.run(),
            Self::Show(show) => show.run(),
            Self::Schema(schema) => schema.run(),
        }
    }
}

/// `ekslint config schema`
#[derive(Debug, Args)]
#[command(after_help = SCHEMA_EXAMPLES)]
pub(super) struct ConfigSchema {}

const SCHEMA_EXAMPLES: &str = "\
Example:
  ekslint config schema > ekslint-toml.schema.json

An editor with the Taplo language server (Even Better TOML) completes and checks
an ekslint.toml whose first line is
  #:schema ekslint-toml.schema.json";

impl ConfigSchema {
    fn run(self) -> anyhow::Result<ExitCode> {
        let rules = rules_from(&[], false, false);
        print(&rule_page::json(&schema(&rules.set, &ReportFormat::names()))?)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Prints to stdout; ANSI styles reach terminals only.
fn print(text: &str) -> io::Result<()> {
    output::write_stdout(Some(anstream::ColorChoice::Auto), |out| out.write_all(text.as_bytes()))
}
