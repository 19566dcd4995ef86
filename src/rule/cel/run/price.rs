//! What values cost that are read or copied as a whole, and how much room they take.

use super::super::fault::Fault;
use super::super::{budget, cost};
use super::value::Evaluated;

/// Takes the cost of copying a value. Values of the snapshot are not copied.
pub(super) fn pay_copy<'v>(value: &Evaluated<'v>) -> Result<(), Fault<'v>> {
    match value {
        Evaluated::Text(text) => Ok(budget::pay_bytes(text.len())?),
        Evaluated::Made(text) => Ok(budget::pay_bytes(text.len())?),
        Evaluated::Items(items) => {
            budget::pay(4 * items.len())?;
            items.iter().try_for_each(pay_copy)
        }
        Evaluated::Optional(Some(inner)) => pay_copy(inner),
        Evaluated::Other(other) => Ok(cost::pay_copy(other.as_ref())?),
        _ => Ok(()),
    }
}

/// Takes the cost of searching a list of the rule's own to its end.
pub(super) fn pay_search<'v>(items: &[Evaluated<'v>]) -> Result<(), Fault<'v>> {
    budget::pay(items.len())?;
    // An item that is a list or a map is compared part by part.
    items.iter().try_for_each(pay_copy)
}

/// How many bytes a value takes, about; what it borrows from the snapshot is not counted.
pub(in super::super) fn bytes_of(value: &Evaluated<'_>) -> usize {
    match value {
        Evaluated::Text(text) => 40 + text.len(),
        Evaluated::Made(text) => 40 + text.len(),
        Evaluated::Items(items) => items.iter().map(|item| 16 + bytes_of(item)).sum::<usize>() + 40,
        Evaluated::Optional(Some(inner)) => 16 + bytes_of(inner),
        Evaluated::Other(other) => cost::bytes_of(other.as_ref()),
        _ => 100,
    }
}
