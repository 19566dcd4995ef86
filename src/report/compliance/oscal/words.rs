//! Texts as OSCAL wants them: Markdown in one line or in several, values without blanks around them, tokens, times.

use super::markdown::escaped;
use super::model::OscalProperty;
use crate::report::finding_text::one_line;
use crate::report::printable;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};

/// Whose names those of our properties are.
pub(super) const NAMESPACE: &str = env!("CARGO_PKG_REPOSITORY");
/// What stands for a text that is empty: OSCAL has no empty ones.
const NOTHING: &str = "?";
/// So many names stand in a sentence.
const NAMES: usize = 10;

/// A text, as Markdown in one line.
pub(super) fn line(text: &str) -> String {
    let line = escaped(&one_line(text));
    if line.is_empty() { NOTHING.to_owned() } else { line }
}

/// Names in a sentence.
pub(super) fn names<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let all = names.len();
    let mut shown: Vec<_> = names.take(NAMES).map(line).collect();
    if all > NAMES {
        shown.push(format!("{} more", all - NAMES));
    }
    shown.join(", ")
}

/// A text in one line, word for word, but without what a terminal would obey.
pub(super) fn value(text: &str) -> String {
    let text = printable(text);
    let text = text.trim();
    if text.is_empty() { NOTHING.to_owned() } else { text.to_owned() }
}

/// A property under a name of ours.
pub(super) fn own(name: &'static str, text: &str) -> OscalProperty {
    OscalProperty { name, ns: Some(NAMESPACE), value: value(text), class: None, remarks: None }
}

/// A property under a name of OSCAL.
pub(super) fn of_oscal(name: &'static str, text: &str) -> OscalProperty {
    OscalProperty { name, ns: None, value: value(text), class: None, remarks: None }
}

/// The id of a control in NIST's catalog: `ac-3.7` for AC-3(7). Whatever an organisation calls its own becomes a token.
pub(super) fn control_id(id: &str) -> String {
    let lower = id.trim().to_lowercase().replace('(', ".").replace(')', "");
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_');
    let token: String = lower.chars().map(|c| if fits(c) { c } else { '_' }).collect();
    if token.starts_with(|c: char| c.is_alphabetic() || c == '_') { token } else { format!("_{token}") }
}

/// Midnight of a day.
pub(super) fn midnight(day: NaiveDate) -> String {
    time(day.and_time(NaiveTime::MIN).and_utc())
}

/// The last second of a day, if OSCAL can write it: its years have four digits and end with 2999.
pub(super) fn end_of(day: NaiveDate) -> Option<String> {
    (1900..3000).contains(&day.year()).then(|| format!("{day}T23:59:59Z"))
}

/// A point in time.
pub(super) fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_controls_are_those_of_the_catalog() {
        for (own, nist) in [("AC-3", "ac-3"), ("AC-3(7)", "ac-3.7"), ("SC-7(10)", "sc-7.10")] {
            assert_eq!(control_id(own), nist);
        }
        assert_eq!(control_id("2.7 암호화"), "_2.7_암호화");
        assert_eq!(control_id(""), "_");
    }

    #[test]
    fn no_text_is_empty_or_has_blanks_around_it() {
        for text in ["", " ", "\n", "\u{feff}", " a\nb ", "\u{2028}"] {
            for shown in [value(text), line(text)] {
                assert!(!shown.is_empty() && shown.trim() == shown && !shown.contains('\n'), "{shown:?}");
            }
        }
        assert_eq!(line("<script>\n of a_b_c"), "\\<script> of a_b_c");
        assert_eq!(names(["a", "*"].into_iter()), "a, \\*");
        assert!(names(["a"; 12].into_iter()).ends_with("a, 2 more"));
    }

    #[test]
    fn a_day_that_oscal_cannot_write_is_no_deadline() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        assert_eq!(end_of(day("2026-12-31")).as_deref(), Some("2026-12-31T23:59:59Z"));
        assert_eq!(end_of(day("9999-12-31")), None);
        assert_eq!(midnight(day("2026-11-21")), "2026-11-21T00:00:00Z");
    }
}
