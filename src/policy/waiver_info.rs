//! Why a finding is waived: what a waiver says about itself, for reports.

use chrono::NaiveDate;

/// What a waiver says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WaiverInfo {
    /// Why the finding is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where it was decided.
    pub ticket: Option<String>,
    /// The last day on which it holds.
    pub expires: Option<NaiveDate>,
    /// The file with the waiver, as reports call it.
    pub file: String,
    /// The line on which the waiver starts, from 1.
    pub line: u32,
}

impl WaiverInfo {
    /// In one line: `accepted for the lab (SEC-123, platform@example.com, until 2026-12-31)`.
    pub fn in_words(&self) -> String {
        let until = self.expires.map(|day| format!("until {day}"));
        let more: Vec<_> = [self.ticket.clone(), self.owner.clone(), until].into_iter().flatten().collect();
        match more.is_empty() {
            true => self.reason.clone(),
            false => format!("{} ({})", self.reason, more.join(", ")),
        }
    }
}
