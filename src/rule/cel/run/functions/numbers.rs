//! Numbers, times and versions.

use super::super::super::{budget, conversions};
use super::super::value::CelValue;
use super::NativeAnswer;
use crate::snapshot::Snapshot;

fn number<'v>(number: i64) -> NativeAnswer<'v> {
    Ok(Some(CelValue::Int(number)))
}

/// `a + b` of values that take little room.
pub(super) fn add<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    if let (CelValue::Int(a), CelValue::Int(b)) = (&values[0], &values[1]) {
        return Ok(a.checked_add(*b).map(CelValue::Int));
    }
    let (a, b) = (values[0].lend_charged(snapshot), values[1].lend_charged(snapshot));
    let sum = a.as_adder().and_then(|adder| adder.add(b.as_ref()).ok());
    Ok(sum.map(|sum| CelValue::taken(sum.into_owned())))
}

/// `a - b`
pub(super) fn subtract<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    if let (CelValue::Int(a), CelValue::Int(b)) = (&values[0], &values[1]) {
        return Ok(a.checked_sub(*b).map(CelValue::Int));
    }
    let (a, b) = (values[0].lend_charged(snapshot), values[1].lend_charged(snapshot));
    let difference = a.as_subtractor().and_then(|subtractor| subtractor.sub(b.as_ref()).ok());
    Ok(difference.map(|difference| CelValue::taken(difference.into_owned())))
}

/// `a * b`
pub(super) fn multiply<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    Ok(match (&values[0], &values[1]) {
        (CelValue::Int(a), CelValue::Int(b)) => a.checked_mul(*b).map(CelValue::Int),
        _ => None,
    })
}

/// `int(x)` of a number.
pub(super) fn int<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    match values[0] {
        CelValue::Int(value) => number(value),
        _ => Ok(None),
    }
}

/// `minor(text)`
pub(super) fn minor<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    let Some(text) = values[0].text() else { return Ok(None) };
    budget::pay_bytes(text.len())?;
    number(conversions::minor_of(text)?)
}
