//! The colours of verdicts.

use crate::compliance::ControlVerdict;
use anstyle::AnsiColor;

/// The style of a verdict: as bad as a severity, or fine.
pub(super) fn verdict_style(verdict: ControlVerdict) -> anstyle::Style {
    match verdict {
        ControlVerdict::Failed => AnsiColor::Red.on_default(),
        ControlVerdict::NotEvaluated => AnsiColor::Yellow.on_default(),
        ControlVerdict::Accepted => AnsiColor::Cyan.on_default(),
        ControlVerdict::Manual => anstyle::Style::new(),
        ControlVerdict::Passed => AnsiColor::Green.on_default(),
        ControlVerdict::NotApplicable => anstyle::Style::new().dimmed(),
    }
}
