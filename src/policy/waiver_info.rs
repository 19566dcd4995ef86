//! Why a finding is waived: what a waiver says about itself, for reports.

use chrono::NaiveDate;

/// What a waiver says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WaiverInfo {
    /// Why the finding is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Who approved the exception: a name or an address.
    pub approved_by: Option<String>,
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
    /// In one line: `accepted for the lab (SEC-123, platform@example.com, approved by ciso@example.com, until
    /// 2026-12-31)`.
    pub fn in_words(&self) -> String {
        let written = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let approved = written(&self.approved_by).map(|who| format!("approved by {who}"));
        let until = self.expires.map(|day| format!("until {day}"));
        let all = [written(&self.ticket), written(&self.owner), approved, until];
        let more: Vec<_> = all.into_iter().flatten().collect();
        match more.is_empty() {
            true => self.reason.clone(),
            false => format!("{} ({})", self.reason, more.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_said_in_one_line() {
        let text = |text: &str| Some(text.to_owned());
        let bare = WaiverInfo { reason: "accepted for the lab".to_owned(), ..WaiverInfo::default() };
        let approved = WaiverInfo { approved_by: text("ciso@example.com"), ..bare.clone() };
        let all = WaiverInfo {
            owner: text("platform@example.com"),
            ticket: text("SEC-123"),
            expires: NaiveDate::from_ymd_opt(2026, 12, 31),
            ..approved.clone()
        };
        let blank = WaiverInfo { owner: text(""), approved_by: text(" "), ticket: text(""), ..bare.clone() };
        let table = [
            (bare, "accepted for the lab"),
            (approved, "accepted for the lab (approved by ciso@example.com)"),
            (
                all,
                "accepted for the lab (SEC-123, platform@example.com, approved by ciso@example.com, until 2026-12-31)",
            ),
            (blank, "accepted for the lab"),
        ];
        for (waiver, expected) in table {
            assert_eq!(waiver.in_words(), expected);
        }
    }
}
