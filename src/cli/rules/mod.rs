//! `ekslint rules`: list, show, test and write rules.

mod list;
mod new;
mod schema;
mod show;
mod test;

use super::EXIT_ERROR;
use crate::report::printable;
use crate::rule::{Loaded, RuleSet, Source};
use clap::{Args, Subcommand};
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// The width of an output that is no terminal.
const DEFAULT_WIDTH: usize = 80;

/// `ekslint rules`
#[derive(Debug, Subcommand)]
pub(super) enum Rules {
    /// List rules: id, severity, level and title
    List(list::List),
    /// Show all about a rule: why, what it reads and checks, how to mend it
    Show(show::Show),
    /// Run the examples of rules, which are their tests
    Test(test::Test),
    /// Write a new rule to start from
    New(new::New),
    /// Print the JSON Schema of the rule file, for editors
    Schema(schema::Schema),
}

impl Rules {
    /// Runs the command.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::List(list) => list.run(),
            Self::Show(show) => show.run(),
            Self::Test(test) => test.run(),
            Self::New(new) => new.run(),
            Self::Schema(schema) => schema.run(),
        }
    }
}

/// Where the rules come from.
#[derive(Debug, Args)]
struct RuleSources {
    /// Also load the rules of a directory or file; may be given again
    #[arg(long, value_name = "DIR")]
    rules: Vec<PathBuf>,
    /// Leave out the built-in rules
    #[arg(long, requires = "rules")]
    no_default_rules: bool,
}

impl RuleSources {
    /// Loads the rules and tells on stderr what is wrong with them.
    fn load(&self, examples: bool) -> Loaded {
        let built_in = (!self.no_default_rules).then_some(Source::BuiltIn);
        let paths = self.rules.iter().cloned().map(Source::Path);
        let sources: Vec<_> = built_in.into_iter().chain(paths).collect();
        let loaded = RuleSet::load(&sources, examples);
        for notice in &loaded.notices {
            anstream::eprintln!("note: {}", printable(notice));
        }
        for error in &loaded.errors {
            anstream::eprintln!("error: {}", printable(&error.to_string()));
        }
        loaded
    }
}

/// The exit code of a command that shows rules.
fn exit_code(loaded: &Loaded) -> ExitCode {
    if loaded.errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_ERROR) }
}

/// Prints to stdout; ANSI styles reach terminals only. Nobody reading on is no error.
fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// The width of the terminal that stdout is.
fn width() -> usize {
    let size = terminal_size::terminal_size_of(io::stdout());
    size.map_or(DEFAULT_WIDTH, |(width, _)| usize::from(width.0))
}

/// "1 rule", "2 rules".
fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}
