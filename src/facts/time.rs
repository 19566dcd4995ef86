//! The day to take as today, and points in time as AWS prints them: ISO 8601 text or epoch seconds.

use crate::value::Json;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};
use std::ops::RangeInclusive;
use std::str::FromStr;

/// The years in which a value of a snapshot may lie. One that lies elsewhere is no point in time, whatever it looks like:
/// what is worked out from it would be nonsense, or leave the calendar.
const YEARS: RangeInclusive<i32> = 1970..=2200;

/// The years in which today may lie.
const YEARS_OF_TODAY: RangeInclusive<i32> = 2000..=2200;

/// What the facts of one scan have in common.
#[derive(Clone, Copy, Debug)]
pub struct AsOf {
    /// The day to take as today.
    pub date: NaiveDate,
}

impl AsOf {
    /// Whole days from today to a date; negative for the past.
    pub fn days_until(self, date: NaiveDate) -> i64 {
        (date - self.date).num_days()
    }
}

/// Why a text is no day that may count as today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoDay {
    /// It is no date.
    #[error("write a date as 2026-11-21")]
    Form,
    /// It is too far away.
    #[error("the day must be from 2000-01-01 to 2200-12-31")]
    Range,
}

impl FromStr for AsOf {
    type Err = NoDay;

    fn from_str(text: &str) -> Result<Self, NoDay> {
        let date: NaiveDate = text.parse().map_err(|_| NoDay::Form)?;
        if YEARS_OF_TODAY.contains(&date.year()) { Ok(Self { date }) } else { Err(NoDay::Range) }
    }
}

/// Reads ISO 8601 text (a date alone is its midnight, UTC).
pub fn from_text(text: &str) -> Option<DateTime<Utc>> {
    any_from_text(text).filter(is_possible)
}

fn is_possible(time: &DateTime<Utc>) -> bool {
    is_of_our_time(&time.date_naive())
}

/// Whether a date may stand in a snapshot.
pub(crate) fn is_of_our_time(date: &NaiveDate) -> bool {
    YEARS.contains(&date.year())
}

fn any_from_text(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%:z"] {
        if let Ok(time) = DateTime::parse_from_str(text, format) {
            return Some(time.to_utc());
        }
    }
    let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok();
    let midnight = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    Some(naive.or_else(midnight)?.and_utc())
}

/// Reads epoch seconds, or milliseconds where seconds would lie beyond the year 5138.
pub fn from_epoch(seconds: f64) -> Option<DateTime<Utc>> {
    let seconds = if seconds.abs() >= 1e11 { seconds / 1000.0 } else { seconds };
    let millis = seconds * 1000.0;
    // Any instant that chrono can hold lies well inside this.
    if !millis.is_finite() || millis.abs() > 8e15 {
        return None;
    }
    DateTime::from_timestamp_millis(millis as i64).filter(is_possible)
}

/// Reads a value of a snapshot.
pub fn from_node(node: Json<'_>) -> Option<DateTime<Utc>> {
    match node {
        Json::Str(text) => from_text(text),
        Json::Int(seconds) => from_epoch(seconds as f64),
        Json::Double(seconds) => from_epoch(seconds),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_the_aws_cli_are_read() {
        for text in [
            "2024-03-14T15:31:44.348Z",
            "2024-03-14T11:31:44.348000-04:00",
            "2024-03-14T11:31:44.348000-0400",
            "2024-03-14 15:31:44.348+00:00",
            "2024-03-14T15:31:44.348",
        ] {
            let time = from_text(text).unwrap_or_else(|| panic!("{text} is read"));
            assert_eq!(time.to_rfc3339(), "2024-03-14T15:31:44.348+00:00");
        }
        assert_eq!(from_node(Json::Double(1_527_808_069.147)).map(|t| t.timestamp()), Some(1_527_808_069));
        assert_eq!(from_node(Json::Str("yesterday")), None);
    }

    #[test]
    fn impossible_times_are_none() {
        for text in [
            "9999-12-31T00:00:00Z",
            "0001-01-01T00:00:00Z",
            "2201-01-01T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "+262142-12-31T00:00:00Z",
            "-0001-01-01",
            "2200-12-31T23:00:00-02:00",
        ] {
            assert_eq!(from_text(text), None, "{text}");
        }
        for seconds in [99_999_999_999.0, -62_135_596_800.0, 1e300, 7.3e12 * 1000.0, -1.0] {
            assert_eq!(from_epoch(seconds), None, "{seconds}");
        }
        for text in ["1970-01-01T00:00:00Z", "2200-12-31T23:59:59Z"] {
            assert!(from_text(text).is_some(), "{text}");
        }
    }

    #[test]
    fn today_is_a_day_of_our_time() {
        let day = |text: &str| text.parse::<AsOf>().map(|as_of| as_of.date.to_string());
        assert_eq!(day("2026-11-21").as_deref(), Ok("2026-11-21"));
        assert_eq!(day("2200-12-31").as_deref(), Ok("2200-12-31"));
        for (text, expected) in [
            ("9999-12-31", NoDay::Range),
            ("1999-12-31", NoDay::Range),
            ("0001-01-01", NoDay::Range),
            ("21.11.2026", NoDay::Form),
            ("2026-02-30", NoDay::Form),
            ("tomorrow", NoDay::Form),
            ("", NoDay::Form),
        ] {
            assert_eq!(day(text), Err(expected), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_number_panics(seconds: f64) {
            let _ = from_epoch(seconds);
        }
    }
}
