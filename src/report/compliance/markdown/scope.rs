//! What a reader must know besides the controls: errors, what AWS refused, parameters that are in force, and what exactly
//! was judged.

use super::PageRoom;
use crate::report::compliance::ComplianceReport;
use crate::report::compliance::scope::parameter;
use crate::report::escape::{code, sentence, value};
use crate::report::totals::plural;

/// How many of each are listed where the page has an end.
const MOST_ITEMS: usize = 20;

/// All of it.
pub(super) fn list(report: &ComplianceReport<'_>, room: &mut PageRoom) -> String {
    let scanned = report.scanned;
    let summary = scanned.summary();
    let errors = scanned.rule_errors.iter().chain(&scanned.errors).map(|error| sentence(&error.to_string()));
    let missing = |(what, answers): (&String, &usize)| {
        format!("{}: {} missing", code(what), plural(*answers, "answer"))
    };
    let notices = scanned.notices.iter().map(|notice| sentence(notice));
    let parameters = report.parameters.iter().map(|one| {
        let shown = parameter(report, one);
        let origin = shown.origin.map_or_else(String::new, |origin| format!(" ({})", sentence(&origin)));
        format!("{} = {}{origin}", code(&shown.name), value(&shown.value))
    });
    let inputs = report.inputs().map(|digest| {
        let sha256 = digest.sha256.as_deref().map_or_else(|| "cannot be read".to_owned(), code);
        format!("{} {sha256}", code(&digest.name))
    });
    let lists = [
        ("Errors", errors.collect()),
        ("Missing permissions", summary.missing_permissions.iter().map(missing).collect()),
        ("Calls that failed", summary.failed_calls.iter().map(missing).collect()),
        ("Notices", notices.collect()),
        ("Parameters in force", parameters.collect()),
        ("Inputs, with their SHA-256", inputs.collect()),
    ];
    lists.map(|(heading, items): (&str, Vec<String>)| folded(heading, &items, room)).concat()
}

fn folded(heading: &str, items: &[String], room: &mut PageRoom) -> String {
    if items.is_empty() {
        return String::new();
    }
    let shown = if room.is_endless { items.len() } else { MOST_ITEMS.min(items.len()) };
    let lines: String = items[..shown].iter().map(|item| format!("- {item}\n")).collect();
    let more = match items.len() - shown {
        0 => String::new(),
        more => format!("- and {more} more\n"),
    };
    let count = items.len();
    let text = format!("\n<details>\n<summary>{heading}: {count}</summary>\n\n{lines}{more}\n</details>\n");
    room.take(&text);
    text
}
