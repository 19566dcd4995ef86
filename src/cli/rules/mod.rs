//! `ekslint rules`: list, show, test and write rules.

mod docs;
mod filter;
mod list;
mod new;
mod schema;
mod show;
mod test;

use super::verbosity::Verbosity;
use super::{EXIT_ERROR, output, rules_from};
use crate::report::printable;
use crate::rule::Loaded;
use clap::{Args, Subcommand};
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

/// The width of a page where there is no terminal to ask.
const DEFAULT_WIDTH: usize = 80;

/// `ekslint rules`
#[derive(Debug, Subcommand)]
pub(super) enum Rules {
    /// List rules: id, severity, level and title
    List(list::List),
    /// Show all about a rule: why, what it reads and checks, how to fix it
    Show(show::ShowRule),
    /// Run the examples of rules, which are their tests
    Test(test::TestRules),
    /// Write a new rule to start from
    New(new::NewRule),
    /// Write a page for each rule in Markdown, and an index of them
    Docs(docs::WriteDocs),
    /// Print the JSON Schema of the rule file, for editors
    Schema(schema::RuleSchema),
}

impl Rules {
    /// Runs the command.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(list) => list.run(),
            Self::Show(show) => show.run(),
            Self::Test(test) => test.run(),
            Self::New(new) => new.run(),
            Self::Docs(docs) => docs.run(),
            Self::Schema(schema) => schema.run(),
        }
    }
}

/// Where the rules come from.
#[derive(Debug, Args)]
struct RuleSources {
    /// Load rules from a directory as well
    #[arg(long, value_name = "DIR")]
    rules: Vec<PathBuf>,
    /// Do not load the built-in rules
    #[arg(long, requires = "rules")]
    no_default_rules: bool,
}

impl RuleSources {
    /// Loads the rules.
    fn load(&self, examples: bool) -> Loaded {
        rules_from(&self.rules, self.no_default_rules, examples)
    }
}

/// Tells on stderr what is wrong with rules.
pub(super) fn tell(loaded: &Loaded, verbosity: Verbosity) {
    for notice in loaded.notices.iter().filter(|_| !verbosity.quiet) {
        output::tell(&format!("note: {}", printable(notice)));
    }
    for error in &loaded.errors {
        output::tell(&format!("error: {}", printable(&error.to_string())));
    }
}

/// The exit code of a command that shows rules.
fn exit_code(loaded: &Loaded) -> ExitCode {
    if loaded.errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_ERROR) }
}

/// Prints to stdout; ANSI styles reach terminals only.
fn print(text: &str) -> io::Result<()> {
    output::write_stdout(Some(anstream::ColorChoice::Auto), |out| out.write_all(text.as_bytes()))
}

/// The width of the terminal.
fn width() -> usize {
    output::width_or(DEFAULT_WIDTH)
}

/// "1 rule", "2 rules".
fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}
