//! The red bar: not everything was read and evaluated, and what would change that.

use super::shown::ShownText;
use crate::report::totals::{collect, is_collected, plural};
use crate::report::{Report, Summary};
use askama::Template;

/// So many errors are listed.
const ERRORS: usize = 20;

#[derive(Template)]
#[template(path = "bar.html")]
pub(in crate::report) struct IncompleteBar {
    is_complete: bool,
    errors: Vec<ShownText<String>>,
    more_errors: usize,
    /// Calls to allow, with how many answers are missing.
    refused: Vec<(ShownText<String>, String)>,
    failed: Vec<(ShownText<String>, String)>,
    /// The command that collects what the files lack.
    collect: Option<ShownText<String>>,
}

impl IncompleteBar {
    pub(in crate::report) fn of(report: &Report<'_>, summary: &Summary) -> Self {
        let errors: Vec<_> = report.rule_errors.iter().chain(&report.errors).collect();
        let calls = |calls: &std::collections::BTreeMap<String, usize>| {
            let missing =
                |(call, answers): (&String, &usize)| (ShownText(call.clone()), plural(*answers, "answer"));
            calls.iter().map(missing).collect()
        };
        let lacks = summary.reasons.iter().any(|reason| is_collected(&reason.unknown));
        Self {
            is_complete: report.is_complete(summary),
            more_errors: errors.len().saturating_sub(ERRORS),
            errors: errors.into_iter().take(ERRORS).map(|error| ShownText(error.to_string())).collect(),
            refused: calls(&summary.missing_permissions),
            failed: calls(&summary.failed_calls),
            collect: lacks.then(|| ShownText(collect(report))),
        }
    }
}
