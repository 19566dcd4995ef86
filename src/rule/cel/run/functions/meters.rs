//! What lowering puts around values so that they pay for being read, copied or gone through.

use super::super::super::{budget, internal, symbols};
use super::super::items::{for_each, known_whole};
use super::super::price;
use super::super::value::CelValue;
use super::NativeAnswer;
use super::lists::is_list;
use crate::snapshot::Snapshot;
use cel::common::types::Kind;

/// Pays for what is about to be read or copied as a whole, and fails if it is not known.
pub(super) fn metered<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    known_whole(&values[0], snapshot)?;
    price::pay_copy(&values[0])?;
    let mut value = values[0].clone();
    value.set_walked();
    Ok(Some(value))
}

/// Pays for a text that is about to become a list.
pub(super) fn metered_items<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    if let Some(text) = values[0].text() {
        budget::pay(4 * text.len())?;
    }
    Ok(Some(values[0].clone()))
}

/// Pays for a list that is about to be sorted.
pub(super) fn metered_sort<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    let length = match &values[0] {
        CelValue::Items(items) => items.len(),
        CelValue::List(items, ..) => items.len(),
        _ => return Ok(None),
    };
    budget::pay(length.saturating_mul(internal::SORTING))?;
    Ok(Some(values[0].clone()))
}

/// Pays for a list of the rule's own that is about to be searched to its end.
pub(super) fn searched<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    if let CelValue::Items(items) = &values[0] {
        price::pay_search(items)?;
    }
    Ok(Some(values[0].clone()))
}

/// What a loop goes through: each item is copied once. Maps are for the function that puts their keys in order.
pub(super) fn range<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    if let CelValue::Other(_) | CelValue::Map(_) = &values[0] {
        return Ok(None);
    }
    price::pay_copy(&values[0])?;
    Ok(Some(values[0].clone()))
}

/// Pays for one step of a loop, and fails if its item is unknown.
pub(super) fn loop_step<'v>(values: &[CelValue<'v>], _: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    values[0].known()?;
    if let CelValue::Int(nodes) = values[1] {
        budget::pay(usize::try_from(nodes).unwrap_or_default())?;
    }
    Ok(Some(CelValue::Bool(true)))
}

/// What a function reads that knows nothing of symbols.
pub(super) fn concrete<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    let mut value = values[0].clone();
    let within = match &value {
        CelValue::Optional(Some(inner)) => inner,
        value => value,
    };
    match within {
        // An optional value within one, or a list of another kind.
        CelValue::Optional(Some(_)) => return Ok(None),
        CelValue::Other(other) if other.get_type().kind() == Kind::List => return Ok(None),
        CelValue::Other(other) => symbols::concrete(other.as_ref())?,
        list if is_list(list) => for_each(list, snapshot, &mut |item| {
            budget::pay(1)?;
            if let CelValue::Other(item) = &item {
                symbols::concrete(item.as_ref())?;
            }
            Ok(true)
        })?,
        _ => {}
    }
    value.set_walked();
    Ok(Some(value))
}
