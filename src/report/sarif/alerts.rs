//! What uploading the file does to alerts of earlier uploads: code scanning closes each that has no result any more,
//! whether it was fixed or only not evaluated. The file says which of the two it is.

use super::message::literal;
use crate::report::finding_text::{one_line, shortened};
use crate::report::totals::{explain, plural};
use crate::report::{NotEvaluated, Report, Summary};
use crate::text::first_names;
use std::collections::BTreeSet;

/// How many rules are named. More than come with ekslint.
const MOST_RULES: usize = 200;
/// How many causes are named.
const MOST_CAUSES: usize = 10;
/// The longest text of a cause, in UTF-16 code units: it may be what AWS answered, or a name of a file.
const MOST_CAUSE: usize = 300;

/// Why the file must not be uploaded, if that is so: alerts would close that may still hold.
pub(super) fn must_stay(report: &Report<'_>, summary: &Summary) -> Option<String> {
    if report.is_successful(summary) {
        return None;
    }
    let causes: Vec<_> = causes(report, summary).iter().map(|cause| literal(cause)).collect();
    let named = causes.iter().take(MOST_CAUSES).cloned().collect::<Vec<_>>().join("; ");
    let more = match causes.len().saturating_sub(MOST_CAUSES) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    Some(format!(
        "Uploading this file to code scanning would close alerts that may still hold. {}{more}.",
        named.trim_end_matches('.')
    ))
}

/// What is wrong, what could not be evaluated, which calls were refused: each once, in this order.
fn causes(report: &Report<'_>, summary: &Summary) -> Vec<String> {
    let errors = report.rule_errors.iter().chain(&report.errors).map(ToString::to_string);
    let reasons = summary.must_stay().map(|reason| explain(&reason.unknown));
    let is_named = |name: &str| {
        let named = |reason: &NotEvaluated| {
            let unknown = &reason.unknown;
            unknown.action.as_deref() == Some(name) || unknown.api.as_deref() == Some(name)
        };
        summary.must_stay().any(named)
    };
    let refused = summary.missing_permissions.keys().filter(|action| !is_named(action));
    let refused = refused.map(|action| format!("AWS refused a call (allow {action})"));
    let failed = summary.failed_calls.keys().filter(|call| !is_named(call));
    let failed = failed.map(|call| format!("{call} failed"));
    let mut told = BTreeSet::new();
    let all = errors.chain(reasons).chain(refused).chain(failed);
    all.map(|cause| shortened(&one_line(&cause), MOST_CAUSE))
        .filter(|cause| told.insert(cause.clone()))
        .collect()
}

/// Which rules' alerts close although nobody knows whether they hold, if there are such rules and the file may be uploaded.
pub(super) fn close_unseen(report: &Report<'_>, summary: &Summary) -> Option<String> {
    let of = |field: fn(&NotEvaluated) -> &Vec<String>| -> BTreeSet<&str> {
        summary.closes_unseen().flat_map(|reason| field(reason).iter().map(String::as_str)).collect()
    };
    let rules: Vec<_> = of(|reason| &reason.rules).into_iter().map(literal).collect();
    if rules.is_empty() || !report.is_successful(summary) {
        return None;
    }
    Some(format!(
        "{} not evaluated on {}, because these inputs do not have what decides. GitHub closes the alerts that they have \
         there as if they were fixed: {}.",
        were(rules.len()),
        plural(of(|reason| &reason.clusters).len(), "cluster"),
        first_names(&rules, MOST_RULES)
    ))
}

fn were(rules: usize) -> String {
    format!("{} {}", plural(rules, "rule"), if rules == 1 { "was" } else { "were" })
}
