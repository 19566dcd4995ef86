//! What values cost that are read or copied as a whole, and how much room they take.

use super::super::fault::Fault;
use super::super::{budget, cost};
use super::value::CelValue;

/// Takes the cost of copying a value. Values of the snapshot are not copied.
pub(super) fn pay_copy<'v>(value: &CelValue<'v>) -> Result<(), Fault<'v>> {
    match value {
        CelValue::Text(text) => Ok(budget::pay_bytes(text.len())?),
        CelValue::Made(text) => Ok(budget::pay_bytes(text.len())?),
        CelValue::Items(items) => {
            budget::pay(4 * items.len())?;
            items.iter().try_for_each(pay_copy)
        }
        CelValue::Map(map) => {
            budget::pay(8 * map.len())?;
            map.iter().try_for_each(|(key, value)| {
                cost::pay_copy(key.inner())?;
                pay_copy(value)
            })
        }
        CelValue::Optional(Some(inner)) => pay_copy(inner),
        CelValue::Other(other) => Ok(cost::pay_copy(other.as_ref())?),
        _ => Ok(()),
    }
}

/// Takes the cost of searching a list of the rule's own to its end.
pub(super) fn pay_search<'v>(items: &[CelValue<'v>]) -> Result<(), Fault<'v>> {
    budget::pay(items.len())?;
    // An item that is a list or a map is compared part by part.
    items.iter().try_for_each(pay_copy)
}

/// How many bytes a value takes, about; what it borrows from the snapshot is not counted.
pub(in super::super) fn bytes_of(value: &CelValue<'_>) -> usize {
    match value {
        CelValue::Text(text) => 40 + text.len(),
        CelValue::Made(text) => 40 + text.len(),
        CelValue::Items(items) => items.iter().map(|item| 16 + bytes_of(item)).sum::<usize>() + 40,
        CelValue::Map(map) => {
            let bytes = map.iter().map(|(key, value)| 100 + cost::bytes_of(key.inner()) + bytes_of(value));
            bytes.sum::<usize>() + 60
        }
        CelValue::Optional(Some(inner)) => 16 + bytes_of(inner),
        CelValue::Other(other) => cost::bytes_of(other.as_ref()),
        _ => 100,
    }
}
