//! The day that counts as today, and points in time as AWS prints them: ISO 8601 text or epoch seconds.

use crate::value::Json;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

/// What the facts of one scan have in common.
#[derive(Clone, Copy, Debug)]
pub struct AsOf {
    /// The day that counts as today.
    pub date: NaiveDate,
}

impl AsOf {
    /// Whole days from today to a date; negative for the past.
    pub fn days_until(self, date: NaiveDate) -> i64 {
        (date - self.date).num_days()
    }
}

/// Reads ISO 8601 text (a date alone is its midnight, UTC).
pub fn from_text(text: &str) -> Option<DateTime<Utc>> {
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
    DateTime::from_timestamp_millis(millis as i64)
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

    proptest::proptest! {
        #[test]
        fn no_number_panics(seconds: f64) {
            let _ = from_epoch(seconds);
        }
    }
}
