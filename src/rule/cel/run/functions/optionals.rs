//! Values that may be there.

use super::super::value::Evaluated;
use super::Answer;
use crate::snapshot::Snapshot;

/// `a.value()` of one that is there.
pub(super) fn value<'v>(values: &[Evaluated<'v>], _: &'v Snapshot<'v>) -> Answer<'v> {
    Ok(match &values[0] {
        Evaluated::Optional(Some(inner)) => Some(Evaluated::clone(inner)),
        _ => None,
    })
}

/// `a.or(b)`
pub(super) fn or<'v>(values: &[Evaluated<'v>], _: &'v Snapshot<'v>) -> Answer<'v> {
    Ok(match (&values[0], &values[1]) {
        (Evaluated::Optional(Some(_)), Evaluated::Optional(_)) => Some(values[0].clone()),
        (Evaluated::Optional(None), Evaluated::Optional(_)) => Some(values[1].clone()),
        _ => None,
    })
}

/// `optional.of(a)`
pub(super) fn of<'v>(values: &[Evaluated<'v>], _: &'v Snapshot<'v>) -> Answer<'v> {
    Ok(Some(values[0].clone().some()))
}

/// `optional.none()`
pub(super) fn none<'v>(_: &[Evaluated<'v>], _: &'v Snapshot<'v>) -> Answer<'v> {
    Ok(Some(Evaluated::Optional(None)))
}
