//! One line a finding, in the form that editors jump to: `file:line:column: severity rule: message`.

use super::{Report, Style, printable};
use std::io::{self, Write};

/// Writes the report.
pub(super) fn write(report: &Report<'_>, style: Style, out: &mut dyn Write) -> io::Result<()> {
    for shown in report.findings() {
        let place = shown.finding.region;
        writeln!(
            out,
            "{}:{}:{}: {} {}: {}",
            printable(&shown.file.name),
            place.start_line,
            place.start_column,
            shown.severity,
            shown.rule.id,
            printable(&shown.finding.message)
        )?;
    }
    super::text::write_set_aside(report, style, out)?;
    if style.quiet { Ok(()) } else { super::totals::write(report, style, out) }
}
