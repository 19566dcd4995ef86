//! Findings that are accepted: waived or in the baseline. Outputs for people list them on demand.

use super::finding_text::place;
use super::{Report, Style, printable, wrap};
use std::io::{self, Write};

/// The findings that are waived or in the baseline, if they are to be listed: a line each, and why.
pub(super) fn write(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let mut any = false;
    for shown in report.accepted() {
        let (finding, place) = (shown.finding, place(&shown.finding.primary));
        let (severity, rule, message) = (shown.severity(), &shown.rule.id, printable(&finding.message));
        writeln!(out, "{place}: {severity} {rule}: {message}")?;
        let text = printable(&report.how_accepted(finding).unwrap_or_default());
        writeln!(out, "{}", wrap(&text, style.text_width(), "  ", "    "))?;
        any = true;
    }
    if any { writeln!(out) } else { Ok(()) }
}
