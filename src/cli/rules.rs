//! `ekslint rules`: list, show, test and write rules.

use super::EXIT_FINDINGS;
use crate::engine::examples::Report;
use crate::rule::{RuleSet, Source};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// `ekslint rules`
#[derive(Debug, Subcommand)]
pub enum Rules {
    /// Run the examples of all rules
    Test(Test),
}

/// `ekslint rules test`
#[derive(Debug, Args)]
pub struct Test {
    /// A directory of rules, or a rule file [default: the built-in rules]
    dir: Option<PathBuf>,
}

impl Rules {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Test(test) => test.run(),
        }
    }
}

impl Test {
    fn run(self) -> anyhow::Result<ExitCode> {
        let source = self.dir.map_or(Source::BuiltIn, Source::Path);
        let loaded = RuleSet::load(&[source], true);
        let mut report = Report::default();
        for rule in &loaded.set.rules {
            report.run(rule);
        }
        for error in &loaded.errors {
            anstream::println!("error: {error}");
        }
        for notice in &loaded.notices {
            anstream::println!("note: {notice}");
        }
        for difference in &report.differences {
            anstream::println!(
                "{}: {}\n  example: {}\n  {}",
                difference.file,
                difference.rule,
                difference.example,
                difference.message
            );
        }
        anstream::println!(
            "{} rules, {} examples, {} removals: {} differences, {} rules that do not load",
            loaded.set.rules.len(),
            report.examples,
            report.removals,
            report.differences.len(),
            loaded.errors.len()
        );
        let failed = !report.differences.is_empty() || !loaded.errors.is_empty();
        Ok(if failed { ExitCode::from(EXIT_FINDINGS) } else { ExitCode::SUCCESS })
    }
}
