//! `ekslint config`: write, show and describe the configuration file.

mod show;
mod view;

use super::{output, rules_from};
use crate::policy::config::{FILE_NAME, schema, template};
use crate::report::{ReportFormat, rule_page};
use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

/// `ekslint config`
#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Write an ekslint.toml to start from: every key, commented out
    Init(Init),
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

/// `ekslint config init`
#[derive(Debug, Args)]
pub(super) struct Init {
    /// Replace an ekslint.toml that is there
    #[arg(long)]
    force: bool,
}

impl Init {
    fn run(self) -> anyhow::Result<ExitCode> {
        let (file, text) = (Path::new(FILE_NAME), template());
        let written = match self.force {
            true => output::write_file(file, |out| out.write_all(text.as_bytes())),
            false => std::fs::File::create_new(file).and_then(|mut file| file.write_all(text.as_bytes())),
        };
        match written {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                bail!("{FILE_NAME} is there already; --force replaces it")
            }
            written => written.with_context(|| format!("cannot write {FILE_NAME}"))?,
        }
        print(&format!("wrote {FILE_NAME}; `ekslint config show` prints what holds\n"))?;
        Ok(ExitCode::SUCCESS)
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
