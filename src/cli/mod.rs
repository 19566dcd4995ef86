//! The command line: one file per subcommand. Each parses its arguments, calls the library and
//! chooses the exit code.

mod baseline;
mod completions;
mod config;
mod config_file;
mod configuration;
mod diff;
mod exit;
mod explain;
mod framework_options;
mod frameworks;
mod input;
mod judging;
#[cfg(feature = "live")]
mod live;
mod man;
mod output;
mod overwrite;
mod permissions;
mod report;
mod rules;
mod scan;
mod severity;
mod since;
mod snapshot;
#[cfg(feature = "live")]
mod snapshot_live;
mod target;
mod verbosity;
mod versions;
mod waive;

use crate::report::{printable, printable_lines};
use crate::rule::{Loaded, RuleSet, RuleSource};
use clap::{CommandFactory, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// There are findings.
const EXIT_FINDINGS: u8 = 1;
/// Something in the command, the configuration, a rule or an input is wrong.
const EXIT_ERROR: u8 = 2;
/// The scan is incomplete, and `--strict` was asked.
const EXIT_INCOMPLETE: u8 = 3;

/// The compliance linter for Amazon EKS configurations.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100, after_help = EXAMPLES)]
struct Cli {
    #[command(flatten)]
    color: verbosity::ColorOptions,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  ekslint scan fixtures/
  ekslint scan --region ap-northeast-2
  aws eks describe-cluster --name prod | ekslint scan -
  ekslint rules show endpoint-open-to-internet";

#[derive(Debug, Subcommand)]
enum Command {
    /// Evaluate Terraform, CloudFormation, eksctl, live clusters, or snapshots of them
    #[command(visible_aliases = ["check", "lint"])]
    Scan(Box<scan::ScanCommand>),
    /// Compare two states: what is new, what is fixed, and which changed field brought it
    Diff(Box<diff::DiffCommand>),
    /// Explain which way a cluster's traffic goes, and what else follows from its snapshot
    Explain(Box<explain::ExplainCommand>),
    /// Write snapshots of live clusters, of templates, or of what the AWS CLI printed
    Snapshot(Box<snapshot::SnapshotCommand>),
    /// Print the IAM policy that reading live clusters needs
    Permissions(Box<permissions::PermissionsCommand>),
    /// Show until when EKS supports which Kubernetes version, and where clusters stand
    Versions(Box<versions::VersionsCommand>),
    /// Report what becomes of the controls of frameworks, with evidence, for auditors
    Report(Box<report::ReportCommand>),
    /// List the frameworks of controls, or show which rules evaluate the controls of one
    Frameworks(Box<frameworks::FrameworksCommand>),
    /// List, show, test and write rules
    #[command(subcommand)]
    Rules(rules::Rules),
    /// Write down what is found today, so that only new findings count; and shorten the list
    #[command(subcommand)]
    Baseline(baseline::BaselineCommand),
    /// Accept findings: write a waiver into ekslint.toml, with its reason
    Waive(Box<waive::WaiveCommand>),
    /// Write, show and describe the configuration file
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Print what a shell needs to complete commands, options and values
    Completions(completions::CompletionsCommand),
    /// Print the manual as man pages
    Man(man::ManCommand),
}

/// The command line with all that it takes, as clap knows it: subcommands, options, their values.
pub fn command() -> clap::Command {
    Cli::command()
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let code = match Cli::try_parse() {
        Ok(cli) => {
            cli.color.apply();
            run(cli.command)
        }
        Err(message) => print(&message),
    };
    if output::is_unsaid() { ExitCode::from(EXIT_ERROR) } else { code }
}

/// Prints help, a version, or what is wrong with the command line.
fn print(message: &clap::Error) -> ExitCode {
    if message.use_stderr() {
        output::tell_styled(&message.render());
        return ExitCode::from(EXIT_ERROR);
    }
    let written = output::write_stdout(Some(anstream::ColorChoice::Auto), |out| {
        write!(out, "{}", message.render().ansi())
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(&error.into());
            ExitCode::from(EXIT_ERROR)
        }
    }
}

fn run(command: Command) -> ExitCode {
    let result = match command {
        Command::Scan(scan) => scan.run(),
        Command::Diff(diff) => diff.run(),
        Command::Explain(explain) => explain.run(),
        Command::Snapshot(snapshot) => snapshot.run(),
        Command::Permissions(permissions) => permissions.run(),
        Command::Versions(versions) => versions.run(),
        Command::Report(report) => report.run(),
        Command::Frameworks(frameworks) => frameworks.run(),
        Command::Rules(rules) => rules.run(),
        Command::Baseline(baseline) => baseline.run(),
        Command::Waive(waive) => waive.run(),
        Command::Config(config) => config.run(),
        Command::Completions(completions) => completions.run(),
        Command::Man(man) => man.run(),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            tell(&error);
            ExitCode::from(EXIT_ERROR)
        }
    }
}

/// The exit code of a command that judges: 2 beats 3 beats 1.
fn exit_code(is_wrong: bool, is_incomplete: bool, has_failed: bool) -> ExitCode {
    match (is_wrong, is_incomplete, has_failed) {
        (true, _, _) => ExitCode::from(EXIT_ERROR),
        (_, true, _) => ExitCode::from(EXIT_INCOMPLETE),
        (_, _, true) => ExitCode::from(EXIT_FINDINGS),
        _ => ExitCode::SUCCESS,
    }
}

/// Says on standard error what went wrong: each mistake of a configuration, and each output, by itself.
fn tell(error: &anyhow::Error) {
    if let Some(target::NotWritten(files)) = error.downcast_ref() {
        return files.iter().for_each(|file| output::tell(&format!("error: {}", printable(file))));
    }
    match configuration::mistakes(error) {
        Some(mistakes) => {
            let mistakes = mistakes.iter().map(|mistake| printable(&mistake.to_string()));
            mistakes.for_each(|mistake| output::tell(&format!("error: {mistake}")));
        }
        None => output::tell(&printable_lines(&format!("error: {error:#}"))),
    }
}

/// An option that means something of its own in a command.
fn described(option: clap::Arg, help: &'static str) -> clap::Arg {
    option.help(help).long_help(help)
}

/// Loads rules as the options say.
fn rules_from(directories: &[PathBuf], no_default_rules: bool, examples: bool) -> Loaded {
    RuleSet::load(&rule_sources(directories, no_default_rules), examples)
}

/// Where rules come from, as the options say.
fn rule_sources(directories: &[PathBuf], no_default_rules: bool) -> Vec<RuleSource> {
    let built_in = (!no_default_rules).then_some(RuleSource::BuiltIn);
    let sources = std::iter::once(RuleSource::Policy).chain(built_in);
    sources.chain(directories.iter().cloned().map(RuleSource::Path)).collect()
}
