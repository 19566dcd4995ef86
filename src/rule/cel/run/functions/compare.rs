//! Operators that compare two values.

use super::super::super::budget;
use super::super::look_up;
use super::super::value::CelValue;
use super::NativeAnswer;
use crate::snapshot::Snapshot;
use cel::common::types::{CelMapKey, CelString};
use std::cmp::Ordering;

/// Whether two values are the same, where neither is a symbol and none of their parts can be unknown.
fn same<'v>(a: &CelValue<'v>, b: &CelValue<'v>, snapshot: &'v Snapshot<'v>) -> bool {
    plainly_same(a, b).unwrap_or_else(|| a.lend_charged(snapshot).equals(b.lend_charged(snapshot).as_ref()))
}

/// The same of values that are no more than they are written.
fn plainly_same(a: &CelValue<'_>, b: &CelValue<'_>) -> Option<bool> {
    match (a, b) {
        (CelValue::Bool(a), CelValue::Bool(b)) => Some(a == b),
        (CelValue::Int(a), CelValue::Int(b)) => Some(a == b),
        (CelValue::Null, CelValue::Null) => Some(true),
        (a, b) if is_made(a) && is_scalar(b) || is_scalar(a) && is_made(b) => Some(false),
        (a, b) => Some(a.text()? == b.text()?),
    }
}

/// Whether a value is a list or a map of the rule's own.
fn is_made(value: &CelValue<'_>) -> bool {
    matches!(value, CelValue::Items(_) | CelValue::Map(_))
}

fn is_scalar(value: &CelValue<'_>) -> bool {
    matches!(value, CelValue::Null | CelValue::Bool(_) | CelValue::Int(_) | CelValue::Double(_))
        || value.text().is_some()
}

fn answer<'v>(value: bool) -> NativeAnswer<'v> {
    Ok(Some(CelValue::Bool(value)))
}

/// `a == b`
pub(super) fn equals<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    answer(same(&values[0], &values[1], snapshot))
}

/// `a != b`
pub(super) fn differs<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    answer(!same(&values[0], &values[1], snapshot))
}

/// `a == b`, where one may be a list with items that are unknown, or a symbol.
pub(super) fn equal<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    let Some(same) = plainly_same(&values[0], &values[1]) else {
        // Two of different sizes would pay for no more than that.
        values.iter().for_each(CelValue::charge_lending);
        return Ok(None);
    };
    budget::pay(1)?;
    if let (Some(a), Some(b)) = (values[0].text(), values[1].text()) {
        budget::pay_bytes(a.len().min(b.len()))?;
    }
    answer(same)
}

/// `a in b`
pub(super) fn within<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    match (&values[1], values[0].text()) {
        (CelValue::Map(map), Some(text)) => {
            answer(map.contains_key(&CelMapKey::String(CelString::from(text))))
        }
        (CelValue::Items(items), _) => answer(items.iter().any(|item| same(item, &values[0], snapshot))),
        (node, Some(text)) => match look_up::has_text(node, text, snapshot) {
            Some(found) => answer(found?),
            None => Ok(None),
        },
        _ => Ok(None),
    }
}

/// `a in b`, where one may be a symbol.
pub(super) fn carefully_within<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    let (CelValue::Items(items), Some(text)) = (&values[1], values[0].text()) else { return Ok(None) };
    if items.iter().any(|item| item.text().is_none()) {
        return Ok(None);
    }
    answer(items.iter().any(|item| item.text() == Some(text)))
}

/// Which of two values is greater, where they have an order.
fn ordering<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> Option<Ordering> {
    plain_ordering(values).or_else(|| {
        let (a, b) = (values[0].lend_charged(snapshot), values[1].lend_charged(snapshot));
        a.as_comparer()?.compare(b.as_ref()).ok()
    })
}

fn plain_ordering(values: &[CelValue<'_>]) -> Option<Ordering> {
    match (&values[0], &values[1]) {
        (CelValue::Int(a), CelValue::Int(b)) => Some(a.cmp(b)),
        (CelValue::Double(a), CelValue::Double(b)) => a.partial_cmp(b),
        (a, b) => Some(a.text()?.cmp(b.text()?)),
    }
}

fn compared<'v>(
    values: &[CelValue<'v>],
    snapshot: &'v Snapshot<'v>,
    wanted: fn(Ordering) -> bool,
) -> NativeAnswer<'v> {
    Ok(ordering(values, snapshot).map(|order| CelValue::Bool(wanted(order))))
}

/// `a < b`
pub(super) fn less<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    compared(values, snapshot, Ordering::is_lt)
}

/// `a <= b`
pub(super) fn less_or_equal<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    compared(values, snapshot, Ordering::is_le)
}

/// `a > b`
pub(super) fn greater<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    compared(values, snapshot, Ordering::is_gt)
}

/// `a >= b`
pub(super) fn greater_or_equal<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    compared(values, snapshot, Ordering::is_ge)
}

/// Which of two values is greater, as a number below, at or above 0, where one may be a symbol.
pub(super) fn order<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    Ok(plain_ordering(values).map(|order| CelValue::Int(order as i64)))
}
