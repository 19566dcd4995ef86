//! Severities as arguments: the same words in every command.

use crate::policy::config::FailOn;
use crate::rule::Severity;

/// A word of the rule format as an argument.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<T>(pub(super) T);

impl std::str::FromStr for Word<Severity> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Severity::ALL.into_iter().find(|severity| severity.as_str() == text);
        known.map(Self).ok_or_else(|| "there are critical, high, medium, low and info".to_owned())
    }
}

/// The least severe finding that fails a scan, as an argument.
#[derive(Clone, Copy, Debug)]
pub(super) struct FailOnArg(pub(super) FailOn);

impl std::str::FromStr for FailOnArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self(FailOn::Never));
        }
        let severity = text.parse::<Word<Severity>>().map_err(|error| format!("{error}, or never"))?;
        Ok(Self(FailOn::Severity(severity.0)))
    }
}
