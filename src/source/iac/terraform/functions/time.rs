//! Functions on dates and times.

use super::call::{FunctionArgs, FunctionOutcome, FunctionStop};
use super::table::{FunctionGroup, FunctionRow};
use chrono::{DateTime, Datelike, FixedOffset, SecondsFormat, TimeDelta, Timelike};
use serde_json::Number;

const GROUP: FunctionGroup = FunctionGroup::Time;
const TWO: (usize, Option<usize>) = (2, Some(2));

pub(super) const ROWS: &[FunctionRow] = &[
    FunctionRow::scalar("formatdate", GROUP, TWO, format_date),
    FunctionRow::not_known("plantimestamp", GROUP, (0, Some(0)), "is the time of the plan"),
    FunctionRow::scalar("timeadd", GROUP, TWO, time_add),
    FunctionRow::scalar("timecmp", GROUP, TWO, |call| {
        let order = time(call, 0)?.cmp(&time(call, 1)?);
        call.number_result(Some(Number::from(order as i8)))
    }),
    FunctionRow::not_known("timestamp", GROUP, (0, Some(0)), "is the time of the apply"),
];

fn time(call: &FunctionArgs, at: usize) -> Result<DateTime<FixedOffset>, FunctionStop> {
    let text = call.text(at)?;
    // Terraform wants `T` between date and time, and capital letters.
    let is_strict = text.as_bytes().get(10) == Some(&b'T') && !text.ends_with('z');
    let parsed = DateTime::parse_from_rfc3339(&text).ok().filter(|_| is_strict);
    parsed.ok_or_else(|| call.wrong(format!("\"{}\" is no time as in RFC 3339", crate::text::bounded(&text))))
}

fn time_add(call: &FunctionArgs) -> FunctionOutcome {
    let (time, text) = (time(call, 0)?, call.text(1)?);
    let duration = duration(&text).ok_or_else(|| {
        call.wrong(format!("\"{}\" is no duration such as 1h30m", crate::text::bounded(&text)))
    })?;
    let later = time.checked_add_signed(TimeDelta::nanoseconds(duration));
    let later = later.ok_or_else(|| call.wrong("the time is too far away"))?;
    call.text_result(later.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// Nanoseconds of a duration as Go writes it: `-1h15m30.5s`.
fn duration(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(0);
    }
    let mut total: i128 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, more) = rest.split_at(digits);
        let letters = more.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(more.len());
        let (unit, more) = more.split_at(letters);
        let unit: i128 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        total = total.checked_add(scaled(number, unit)?)?;
        rest = more;
    }
    (!text.is_empty()).then(|| i64::try_from(sign * total).ok()).flatten()
}

/// A number with a fraction, times a unit.
fn scaled(number: &str, unit: i128) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = &fraction[..fraction.len().min(18)];
    let value = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse::<i128>().ok() };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let parts = 10i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    value(whole)?.checked_mul(unit)?.checked_add(value(fraction)?.checked_mul(unit)? / parts)
}

/// Letters that stand together are one verb; what stands between quotes is itself.
fn format_date(call: &FunctionArgs) -> FunctionOutcome {
    let (format, time) = (call.text(0)?, time(call, 1)?);
    let mut out = String::new();
    let mut rest = &*format;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            rest = quoted(call, &rest[1..], &mut out)?;
            continue;
        }
        let end = rest.find(|c| c != first).unwrap_or(rest.len());
        let (verb, more) = rest.split_at(end);
        if first.is_ascii_alphabetic() {
            let text = dated(verb, &time).ok_or_else(|| call.wrong(format!("there is no verb `{verb}`")))?;
            out.push_str(&text);
        } else {
            out.push_str(verb);
        }
        rest = more;
    }
    call.text_result(out)
}

/// What follows a quote, until the next one; two of them are one.
fn quoted<'t>(call: &FunctionArgs, mut rest: &'t str, out: &mut String) -> Result<&'t str, FunctionStop> {
    loop {
        let Some((text, more)) = rest.split_once('\'') else { return Err(call.wrong("a quote has no end")) };
        out.push_str(text);
        match more.strip_prefix('\'') {
            Some(more) => {
                out.push('\'');
                rest = more;
            }
            None => return Ok(more),
        }
    }
}

fn dated(verb: &str, time: &DateTime<FixedOffset>) -> Option<String> {
    let hour12 = time.hour12().1;
    Some(match verb {
        "YYYY" => format!("{:04}", time.year()),
        "YY" => format!("{:02}", time.year() % 100),
        "MMMM" => time.format("%B").to_string(),
        "MMM" => time.format("%b").to_string(),
        "MM" => format!("{:02}", time.month()),
        "M" => time.month().to_string(),
        "DD" => format!("{:02}", time.day()),
        "D" => time.day().to_string(),
        "EEEE" => time.format("%A").to_string(),
        "EEE" => time.format("%a").to_string(),
        "hh" => format!("{:02}", time.hour()),
        "h" => time.hour().to_string(),
        "HH" => format!("{hour12:02}"),
        "H" => hour12.to_string(),
        "AA" => if time.hour12().0 { "PM" } else { "AM" }.to_owned(),
        "aa" => if time.hour12().0 { "pm" } else { "am" }.to_owned(),
        "mm" => format!("{:02}", time.minute()),
        "m" => time.minute().to_string(),
        "ss" => format!("{:02}", time.second()),
        "s" => time.second().to_string(),
        "ZZZZZ" => time.format("%:z").to_string(),
        "ZZZZ" => time.format("%z").to_string(),
        "ZZZ" if time.offset().local_minus_utc() == 0 => "UTC".to_owned(),
        "ZZZ" => time.format("%z").to_string(),
        "Z" if time.offset().local_minus_utc() == 0 => "Z".to_owned(),
        "Z" => time.format("%:z").to_string(),
        _ => return None,
    })
}
