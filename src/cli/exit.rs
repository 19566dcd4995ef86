//! With which code a command that judges ends: the same options in each.

use super::exit_code;
use super::judging::CommandPolicy;
use super::severity::FailOnArg;
use crate::report::Report;
use clap::Args;
use std::process::ExitCode;

/// What changes the exit code.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct ExitOptions {
    /// Exit with 1 on this severity or worse [default: medium]
    ///
    /// With `never`, findings do not change the exit code.
    #[arg(long, value_name = "SEVERITY", help_heading = "Exit code")]
    fail_on: Option<FailOnArg>,
    /// Exit with 0 also when there are findings
    #[arg(long, hide_short_help = true, help_heading = "Exit code")]
    exit_zero: bool,
    /// Exit with 3 when something could not be evaluated
    #[arg(long, hide_short_help = true, help_heading = "Exit code")]
    strict: bool,
}

impl ExitOptions {
    /// The exit code of a command that found this.
    pub(super) fn code(self, report: &Report<'_>, policy: &CommandPolicy) -> ExitCode {
        let summary = report.summary();
        let configured = policy.config.fail_on.as_ref().map(|fail_on| fail_on.value);
        let fail_on = self.fail_on.map(|arg| arg.0).or(configured).unwrap_or_default();
        exit_code(
            !report.errors.is_empty() || !report.rule_errors.is_empty(),
            policy.is_strict(self.strict) && summary.is_incomplete(),
            fail_on.fails(summary.worst()) && !self.exit_zero,
        )
    }
}
