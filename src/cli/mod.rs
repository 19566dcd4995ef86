//! The command line: one file per subcommand. Each parses its arguments, calls the library and
//! chooses the exit code.

mod rules;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Something in the command, the configuration, a rule or an input is wrong.
pub const EXIT_ERROR: u8 = 2;
/// There are findings.
pub const EXIT_FINDINGS: u8 = 1;

/// The compliance linter for Amazon EKS configurations.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List, show, test and write rules
    #[command(subcommand)]
    Rules(rules::Rules),
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Rules(rules) => rules.run(),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            anstream::eprintln!("error: {error:#}");
            ExitCode::from(EXIT_ERROR)
        }
    }
}
