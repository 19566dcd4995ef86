//! Numbers, times and versions.

use super::super::super::{budget, conversions};
use super::super::value::Evaluated;
use super::Answer;
use crate::snapshot::Snapshot;

fn number<'v>(number: i64) -> Answer<'v> {
    Ok(Some(Evaluated::Int(number)))
}

/// `a + b` of values that take little room.
pub(super) fn add<'v>(values: &[Evaluated<'v>], snapshot: &'v Snapshot<'v>) -> Answer<'v> {
    if let (Evaluated::Int(a), Evaluated::Int(b)) = (&values[0], &values[1]) {
        return Ok(a.checked_add(*b).map(Evaluated::Int));
    }
    let (a, b) = (values[0].lend(snapshot), values[1].lend(snapshot));
    let sum = a.as_adder().and_then(|adder| adder.add(b.as_ref()).ok());
    Ok(sum.map(|sum| Evaluated::taken(sum.into_owned())))
}

/// `a - b`
pub(super) fn subtract<'v>(values: &[Evaluated<'v>], snapshot: &'v Snapshot<'v>) -> Answer<'v> {
    if let (Evaluated::Int(a), Evaluated::Int(b)) = (&values[0], &values[1]) {
        return Ok(a.checked_sub(*b).map(Evaluated::Int));
    }
    let (a, b) = (values[0].lend(snapshot), values[1].lend(snapshot));
    let difference = a.as_subtractor().and_then(|subtractor| subtractor.sub(b.as_ref()).ok());
    Ok(difference.map(|difference| Evaluated::taken(difference.into_owned())))
}

/// `a * b`
pub(super) fn multiply<'v>(values: &[Evaluated<'v>], _: &'v Snapshot<'v>) -> Answer<'v> {
    Ok(match (&values[0], &values[1]) {
        (Evaluated::Int(a), Evaluated::Int(b)) => a.checked_mul(*b).map(Evaluated::Int),
        _ => None,
    })
}

/// `int(x)` of a number.
pub(super) fn int<'v>(values: &[Evaluated<'v>], _: &'v Snapshot<'v>) -> Answer<'v> {
    match values[0] {
        Evaluated::Int(value) => number(value),
        _ => Ok(None),
    }
}

/// `minor(text)`
pub(super) fn minor<'v>(values: &[Evaluated<'v>], _: &'v Snapshot<'v>) -> Answer<'v> {
    let Some(text) = values[0].text() else { return Ok(None) };
    budget::pay_bytes(text.len())?;
    number(conversions::minor_of(text)?)
}
