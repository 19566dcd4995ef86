//! Numbers of Terraform, which are exact there; here whole numbers of 64 bits are, and all others have 15 digits.

use serde_json::Number;

/// Whole numbers beyond it are not exact in floating point.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A whole number; none if it is too large.
pub(super) fn whole(number: i128) -> Option<Number> {
    i64::try_from(number).map(Number::from).or_else(|_| u64::try_from(number).map(Number::from)).ok()
}

/// A number that was worked out in floating point: whole if it is, else with the digits that are sure. None if it is too
/// large to be right, or no number.
pub(super) fn rounded(number: f64) -> Option<Number> {
    if number.fract() == 0.0 && number.abs() <= EXACT {
        return Some(Number::from(number as i64));
    }
    let sure: f64 = format!("{number:.14e}").parse().ok()?;
    if sure.fract() == 0.0 && sure.abs() <= EXACT {
        return Some(Number::from(sure as i64));
    }
    (sure.abs() < EXACT).then(|| Number::from_f64(sure)).flatten()
}

/// A number in floating point as it is: whole if it is.
pub(super) fn floating(number: f64) -> Option<Number> {
    if number.fract() == 0.0 { rounded(number) } else { Number::from_f64(number) }
}

/// A number as a whole one, if it is one.
pub(super) fn as_whole(number: &Number) -> Option<i128> {
    if let Some(whole) = number.as_i128() {
        return Some(whole);
    }
    let number = number.as_f64()?;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i128)
}

/// A number in floating point.
pub(super) fn as_float(number: &Number) -> f64 {
    number.as_f64().unwrap_or(f64::NAN)
}

/// The number that a text is.
pub(super) fn parsed(text: &str) -> Option<Number> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits.chars().all(|c| c.is_ascii_digit() || ".eE+-".contains(c));
    if !is_number {
        return None;
    }
    match text.parse::<i128>() {
        Ok(number) => whole(number),
        Err(_) => rounded(text.parse().ok()?),
    }
}

/// A number as Terraform writes it: never with an exponent.
pub(super) fn written(number: &Number) -> String {
    match as_whole(number) {
        Some(whole) => whole.to_string(),
        None => as_float(number).to_string(),
    }
}

/// Which of two numbers is larger.
pub(super) fn compared(one: &Number, other: &Number) -> std::cmp::Ordering {
    match (as_whole(one), as_whole(other)) {
        (Some(one), Some(other)) => one.cmp(&other),
        _ => as_float(one).total_cmp(&as_float(other)),
    }
}

/// The sum of two numbers; none if it is too large.
pub(super) fn added(one: &Number, other: &Number) -> Option<Number> {
    match (as_whole(one), as_whole(other)) {
        (Some(one), Some(other)) => whole(one.checked_add(other)?),
        _ => rounded(as_float(one) + as_float(other)),
    }
}
