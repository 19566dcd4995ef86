//! For a comment on a pull request.

use super::DiffReport;
use std::io::{self, Write};

/// Writes the report.
pub(super) fn write(_: &DiffReport<'_>, _: &mut dyn Write) -> io::Result<()> {
    Ok(())
}
