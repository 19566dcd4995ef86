//! What a reader must know besides the findings: errors, what was not evaluated and why, permissions
//! that are missing, notices.

use super::Room;
use crate::report::escape::sentence;
use crate::report::totals::{plural, reasons, waiting};
use crate::report::{Report, Summary};

/// How many of each are listed.
const MOST_ITEMS: usize = 10;
/// What all of them take at most, in bytes.
const MOST: usize = 15_000;

/// All of it, or nothing.
pub(super) fn list(report: &Report<'_>, summary: &Summary) -> String {
    let rules = report.rule_errors.iter().map(ToString::to_string);
    let errors = rules.chain(report.errors.iter().map(ToString::to_string));
    let reasons =
        reasons(summary).into_iter().map(|reason| format!("{}: {}", reason.text, reason.named(false)));
    let missing =
        |(what, answers): (&String, &usize)| format!("{what}: {} missing", plural(*answers, "answer"));
    let mut room = Room(MOST);
    let mut folded = |heading, texts| folded(heading, texts, &mut room);
    [
        folded("Errors", errors.collect()),
        folded("Not evaluated, and so neither passed nor failed", reasons.collect()),
        folded("Missing permissions", summary.missing_permissions.iter().map(missing).collect()),
        folded("Calls that failed", summary.failed_calls.iter().map(missing).collect()),
        folded("Rules that need a parameter", waiting(summary).into_iter().map(str::to_owned).collect()),
        folded("Notices", report.notices.clone()),
    ]
    .concat()
}

fn folded(heading: &str, texts: Vec<String>, room: &mut Room) -> String {
    if texts.is_empty() {
        return String::new();
    }
    let items = texts.iter().take(MOST_ITEMS).map(|text| format!("- {}\n", sentence(text)));
    let items: Vec<_> = items.take_while(|item| room.take(item)).collect();
    let more = match texts.len() - items.len() {
        0 => String::new(),
        more => format!("- and {more} more\n"),
    };
    let (count, items) = (texts.len(), items.concat());
    format!("\n<details>\n<summary>{heading}: {count}</summary>\n\n{items}{more}\n</details>\n")
}
