//! The colours of what people read, in one place: how bad a finding is, and how soon something is to be done.

use crate::facts::versions::calendar::SupportStatus;
use crate::rule::Severity;
use anstyle::{AnsiColor, Style};

/// The style of a severity, wherever one is named. Green is for what is fine, so no severity has it.
pub fn severity(severity: Severity) -> Style {
    match severity {
        Severity::Critical => AnsiColor::BrightRed.on_default().bold(),
        Severity::High => AnsiColor::Red.on_default(),
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low => AnsiColor::Cyan.on_default(),
        Severity::Info => AnsiColor::BrightBlue.on_default(),
    }
}

/// How soon something is to be done about a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// It is not known.
    Unknown,
    /// There is time.
    None,
    /// Within 90 days, or it costs a surcharge today.
    Soon,
    /// Within 30 days, or it is overdue.
    Now,
}

/// Days within which something is to be done now, and soon.
const NOW: i64 = 30;
const SOON: i64 = 90;

impl Urgency {
    /// Something that happens in so many days; fewer than none if it is over.
    pub fn within(days: i64) -> Self {
        if days <= NOW {
            Self::Now
        } else if days <= SOON {
            Self::Soon
        } else {
            Self::None
        }
    }

    /// A version with that support today: by the days until AWS upgrades by itself and until standard support ends,
    /// each where it is known.
    pub fn of_support(
        status: Option<SupportStatus>,
        upgrade: Option<i64>,
        end_of_standard: Option<i64>,
    ) -> Self {
        let upgrade = upgrade.map(Self::within);
        match status {
            Some(SupportStatus::Unsupported) => Self::Now,
            Some(SupportStatus::Extended) => upgrade.map_or(Self::Soon, |urgency| urgency.max(Self::Soon)),
            Some(SupportStatus::Standard) => {
                let end = end_of_standard.map(Self::within);
                // Where AWS upgrades later only, extended support begins, which costs.
                match (upgrade, end) {
                    (Some(upgrade), Some(end)) => upgrade.max(end.min(Self::Soon)),
                    (upgrade, end) => upgrade.or(end).unwrap_or(Self::Unknown),
                }
            }
            Some(SupportStatus::NotYetKnown) | None => upgrade.unwrap_or(Self::Unknown),
        }
    }

    /// Its style.
    pub fn style(self) -> Style {
        match self {
            Self::Unknown => Style::new(),
            Self::None => AnsiColor::Green.on_default(),
            Self::Soon => AnsiColor::Yellow.on_default(),
            Self::Now => AnsiColor::BrightRed.on_default().bold(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_comes_first_decides() {
        use SupportStatus::{Extended, Standard, Unsupported};
        for (status, upgrade, end, urgency) in [
            (Some(Unsupported), None, Some(-400), Urgency::Now),
            (Some(Standard), Some(8), Some(8), Urgency::Now),
            (Some(Standard), Some(90), Some(90), Urgency::Soon),
            (Some(Standard), Some(91), Some(91), Urgency::None),
            // Extended support begins within a month: that costs, and nothing is upgraded.
            (Some(Standard), Some(385), Some(20), Urgency::Soon),
            (Some(Standard), None, Some(20), Urgency::Now),
            (Some(Standard), None, None, Urgency::Unknown),
            (Some(Extended), Some(300), Some(-60), Urgency::Soon),
            (Some(Extended), Some(30), Some(-330), Urgency::Now),
            (Some(Extended), None, None, Urgency::Soon),
            (None, None, None, Urgency::Unknown),
        ] {
            assert_eq!(Urgency::of_support(status, upgrade, end), urgency, "{status:?} {upgrade:?} {end:?}");
        }
    }

    proptest! {
        #[test]
        fn less_time_is_never_less_urgent(days in -400_i64..1000, more in 0_i64..400) {
            prop_assert!(Urgency::within(days) >= Urgency::within(days + more));
        }
    }

    #[test]
    fn severities_differ_and_none_is_green() {
        let styles = Severity::ALL.map(severity);
        for (at, style) in styles.iter().enumerate() {
            assert!(!styles[..at].contains(style));
            let green = [AnsiColor::Green, AnsiColor::BrightGreen].map(|green| Some(green.into()));
            assert!(!green.contains(&style.get_fg_color()));
        }
    }
}
