//! `ekslint frameworks`: which frameworks there are, and which rules judge the controls of one.

use super::judging::RuleOptions;
use super::verbosity::Verbosity;
use super::{EXIT_ERROR, output};
use crate::report::Style;
use crate::report::framework_page::{FrameworkFormat, write_framework, write_list};
use crate::rule::framework::FrameworkSet;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// `ekslint frameworks`
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct FrameworksCommand {
    /// Show the controls of this framework, and which rules evaluate them
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// Load frameworks from a directory as well
    #[arg(long, value_name = "DIR", help_heading = "Rules")]
    frameworks: Vec<PathBuf>,
    /// Load rules from a directory as well
    #[arg(long, value_name = "DIR", help_heading = "Rules")]
    rules: Vec<PathBuf>,
    /// How to write it
    #[arg(long, short, value_name = "FORMAT", value_enum, default_value_t, help_heading = "Output")]
    format: FrameworkFormat,
    #[command(flatten)]
    verbosity: Verbosity,
}

const EXAMPLES: &str = "\
Examples:
  Which frameworks there are:
    ekslint frameworks
  The controls of one, and what people have to look at:
    ekslint frameworks cis-eks-2.0 -v
  What becomes of them on clusters:
    ekslint report --framework cis-eks-2.0 fixtures/";

impl FrameworksCommand {
    /// Runs the command.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let rules = RuleOptions { rules: self.rules, ..RuleOptions::default() };
        let mut loaded = rules.load(false);
        let frameworks = FrameworkSet::load(&self.frameworks);
        loaded.errors.extend(frameworks.errors);
        loaded.notices.extend(frameworks.notices);
        if loaded.errors.is_empty() {
            loaded.errors.extend(frameworks.set.unknown_names(&loaded.set));
        }
        let one =
            self.id.as_deref().map(|id| frameworks.set.get(id)).transpose().map_err(anyhow::Error::msg)?;
        let notices = if self.verbosity.quiet { &[] } else { loaded.notices.as_slice() };
        output::diagnose(false, (loaded.errors.as_slice(), &[]), notices)?;
        let style = Style {
            color: output::is_coloured(),
            width: output::width(),
            verbose: self.verbosity.verbose,
            quiet: self.verbosity.quiet,
            ..Style::default()
        };
        output::write_stdout(style.color.then_some(anstream::ColorChoice::Auto), |out| match one {
            Some(framework) => write_framework(framework, &loaded.set, self.format, style, out),
            None => write_list(&frameworks.set, &loaded.set, self.format, style, out),
        })?;
        Ok(if loaded.errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(EXIT_ERROR) })
    }
}
