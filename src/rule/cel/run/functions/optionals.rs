//! Values that may be there, and values as they are.

use super::super::value::CelValue;
use super::NativeAnswer;
use crate::snapshot::Snapshot;

/// `a.value()` of one that is there.
pub(super) fn value<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    Ok(match &values[0] {
        CelValue::Optional(Some(inner)) => Some(CelValue::clone(inner)),
        _ => None,
    })
}

/// `a.or(b)`
pub(super) fn or<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    Ok(match (&values[0], &values[1]) {
        (CelValue::Optional(Some(_)), CelValue::Optional(_)) => Some(values[0].clone()),
        (CelValue::Optional(None), CelValue::Optional(_)) => Some(values[1].clone()),
        _ => None,
    })
}

/// `optional.of(a)`
pub(super) fn of<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    Ok(Some(values[0].clone().some()))
}

/// `optional.none()`
pub(super) fn none<'v>(_: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    Ok(Some(CelValue::Optional(None)))
}

/// `dyn(a)`
pub(super) fn same<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    Ok(Some(values[0].clone()))
}
