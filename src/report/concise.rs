//! One line a finding, in the form that editors jump to: `file:line:column: severity rule: message`.

use super::finding_text::place;
use super::{Report, Style, printable};
use std::io::{self, Write};

/// Writes the report.
pub(super) fn write(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    for shown in report.findings() {
        let (place, message) = (place(&shown.finding.primary), printable(&shown.finding.message));
        writeln!(out, "{place}: {} {}: {message}", shown.severity(), shown.rule.id)?;
    }
    super::accepted::write(report, style, out)?;
    if style.quiet { Ok(()) } else { super::totals::write(report, style, out) }
}
