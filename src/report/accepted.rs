//! Findings that are accepted: waived or in the baseline. Outputs for people list them on demand.

use super::finding_text::place;
use super::{Report, Style, printable, wrap};
use crate::engine::Standing;
use crate::policy::WaiverInfo;
use std::io::{self, Write};

/// Why a finding does not count, in a few words; none if it counts.
pub(super) fn why(standing: Standing, waivers: &[WaiverInfo]) -> Option<String> {
    match standing {
        Standing::Open => None,
        Standing::Baseline => Some("in the baseline".to_owned()),
        Standing::Waived(at) => waivers.get(at.position()).map(WaiverInfo::in_words),
    }
}

/// How a finding is accepted: `waived: a lab without data`, or `in the baseline`.
pub(super) fn how(standing: Standing, waivers: &[WaiverInfo]) -> Option<String> {
    let why = why(standing, waivers)?;
    Some(if matches!(standing, Standing::Waived(_)) { format!("waived: {why}") } else { why })
}

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
