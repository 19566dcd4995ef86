//! What was not evaluated, and so neither passed nor failed: by reason.

use super::put;
use super::shown::ShownText;
use crate::report::Summary;
use crate::report::totals::{UnknownReason, reasons, running_cluster, waiting};
use askama::Template;
use std::io::{self, Write};

/// More rules than these are folded.
const RULES: usize = 4;

#[derive(Template)]
#[template(path = "not_evaluated.html")]
struct NotEvaluatedSection {
    count: usize,
    errors: usize,
    reasons: Vec<ReasonRow>,
    running: Vec<ReasonRow>,
    no_cluster: Vec<ReasonRow>,
    waiting: Vec<ShownText<String>>,
}

struct ReasonRow {
    text: ShownText<String>,
    rules: Vec<String>,
    clusters: usize,
    is_long: bool,
}

/// Writes the section.
pub(in crate::report) fn write(summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    let rows = |reasons: Vec<UnknownReason>| reasons.into_iter().map(ReasonRow::of).collect();
    let section = NotEvaluatedSection {
        count: summary.not_evaluated,
        errors: summary.errors,
        reasons: rows(reasons(summary)),
        running: rows(running_cluster(summary, false)),
        no_cluster: rows(running_cluster(summary, true)),
        waiting: waiting(summary).into_iter().map(|text| ShownText(text.to_owned())).collect(),
    };
    put(&section, out)
}

impl ReasonRow {
    fn of(reason: UnknownReason) -> Self {
        let is_long = reason.rules.len() > RULES;
        Self { text: ShownText(reason.text), rules: reason.rules, clusters: reason.clusters, is_long }
    }
}
