//! The colours of verdicts.

use crate::compliance::Verdict;
use anstyle::AnsiColor;

/// The style of a verdict: as bad as a severity, or fine.
pub(super) fn verdict_style(verdict: Verdict) -> anstyle::Style {
    match verdict {
        Verdict::Failed => AnsiColor::Red.on_default(),
        Verdict::NotEvaluated => AnsiColor::Yellow.on_default(),
        Verdict::Accepted => AnsiColor::Cyan.on_default(),
        Verdict::Manual => anstyle::Style::new(),
        Verdict::Passed => AnsiColor::Green.on_default(),
        Verdict::NotApplicable => anstyle::Style::new().dimmed(),
    }
}
