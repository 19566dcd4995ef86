//! Texts.

use super::super::super::strings::{self, RegexVal};
use super::super::super::{budget, call};
use super::super::items::known_whole;
use super::super::price;
use super::super::value::CelValue;
use super::NativeAnswer;
use crate::snapshot::Snapshot;

fn answer<'v>(value: bool) -> NativeAnswer<'v> {
    Ok(Some(CelValue::Bool(value)))
}

/// Asks something of two texts that are paid for.
fn asked<'v>(values: &[CelValue<'v>], question: fn(&str, &str) -> bool) -> NativeAnswer<'v> {
    match (values[0].text(), values[1].text()) {
        (Some(a), Some(b)) => answer(question(a, b)),
        _ => Ok(None),
    }
}

/// Asks something of two texts, and pays for them.
fn paid<'v>(values: &[CelValue<'v>], question: fn(&str, &str) -> bool) -> NativeAnswer<'v> {
    let (Some(a), Some(b)) = (values[0].text(), values[1].text()) else { return Ok(None) };
    budget::pay_bytes(a.len())?;
    budget::pay_bytes(b.len())?;
    answer(question(a, b))
}

/// `a.startsWith(b)`
pub(super) fn starts_with<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    asked(values, |a, b| a.starts_with(b))
}

/// `a.endsWith(b)`
pub(super) fn ends_with<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    asked(values, |a, b| a.ends_with(b))
}

/// `a.contains(b)`
pub(super) fn contains<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    asked(values, |a, b| a.contains(b))
}

/// `a.startsWith(b)`, where one might have been a symbol.
pub(super) fn paid_starts_with<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    paid(values, |a, b| a.starts_with(b))
}

/// `a.endsWith(b)`, where one might have been a symbol.
pub(super) fn paid_ends_with<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    paid(values, |a, b| a.ends_with(b))
}

/// `a.contains(b)`, where one might have been a symbol.
pub(super) fn paid_contains<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    paid(values, |a, b| a.contains(b))
}

/// `a.matches(pattern)`, with a pattern that was compiled with the rule.
pub(super) fn matches<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    let (Some(text), CelValue::Other(pattern)) = (values[0].text(), &values[1]) else { return Ok(None) };
    let Some(pattern) = pattern.downcast_ref::<RegexVal>() else { return Ok(None) };
    budget::pay_bytes(text.len())?;
    answer(pattern.is_match(text)?)
}

/// `a.glob(pattern)`
pub(super) fn glob<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    let (Some(text), Some(pattern)) = (values[0].text(), values[1].text()) else { return Ok(None) };
    budget::pay_bytes(text.len())?;
    budget::pay_bytes(pattern.len())?;
    answer(strings::is_glob_match(text, pattern)?)
}

/// `string(a)` of a text or a whole number.
pub(super) fn string<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    Ok(match &values[0] {
        CelValue::Text(_) | CelValue::Made(_) => Some(values[0].clone()),
        CelValue::Int(number) => Some(CelValue::Made(number.to_string().into())),
        _ => None,
    })
}

/// `list.join(separator)` of texts.
pub(super) fn join<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    let separator = values.get(1).map_or(Some(""), CelValue::text);
    let (CelValue::Items(items), Some(separator)) = (&values[0], separator) else { return Ok(None) };
    if items.iter().any(|item| item.text().is_none()) {
        return Ok(None);
    }
    budget::pay_bytes(separator.len())?;
    known_whole(&values[0], snapshot)?;
    price::pay_copy(&values[0])?;
    let mut joined = String::new();
    for (at, item) in items.iter().filter_map(CelValue::text).enumerate() {
        budget::pay_bytes(item.len())?;
        budget::pay_bytes(item.len() + separator.len())?;
        if at > 0 {
            joined.push_str(separator);
        }
        joined.push_str(item);
    }
    call::fits(&joined)?;
    Ok(Some(CelValue::Made(joined.into())))
}
