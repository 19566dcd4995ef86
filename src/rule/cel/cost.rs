//! What values cost that are read or copied as a whole, and how much room they take.

use super::budget;
use cel::ExecutionError;
use cel::common::types::{CelList, CelMap, CelOptional, CelString};
use cel::common::value::Val;

/// Takes the cost of copying a value. Nodes of a snapshot are not copied.
pub(super) fn pay_copy(value: &dyn Val) -> Result<(), ExecutionError> {
    if let Some(text) = value.downcast_ref::<CelString>() {
        return budget::pay_bytes(text.inner().len());
    }
    if let Some(list) = value.downcast_ref::<CelList>() {
        budget::pay(4 * list.inner().len())?;
        return list.inner().iter().try_for_each(|item| pay_copy(item.as_ref()));
    }
    if let Some(map) = value.downcast_ref::<CelMap>() {
        budget::pay(8 * map.inner().len())?;
        return map.inner().iter().try_for_each(|(key, value)| {
            pay_copy(key.inner())?;
            pay_copy(value.as_ref())
        });
    }
    match value.downcast_ref::<CelOptional>().and_then(|optional| optional.option()) {
        Some(inner) => pay_copy(inner),
        None => Ok(()),
    }
}

/// Takes the cost of searching a list to its end.
pub(super) fn pay_search(list: &CelList<'_>) -> Result<(), ExecutionError> {
    budget::pay(list.inner().len())?;
    list.inner().iter().try_for_each(|item| match item.downcast_ref::<CelString>() {
        Some(text) => budget::pay_bytes(text.inner().len()),
        // An item that is a list or a map is compared part by part.
        None => pay_copy(item.as_ref()),
    })
}

/// How many bytes a value takes, about; what it borrows from the snapshot is not counted.
pub(super) fn bytes_of(value: &dyn Val) -> usize {
    if let Some(text) = value.downcast_ref::<CelString>() {
        return 40 + text.inner().len();
    }
    if let Some(list) = value.downcast_ref::<CelList>() {
        return list.inner().iter().map(|item| 16 + bytes_of(item.as_ref())).sum::<usize>() + 40;
    }
    if let Some(map) = value.downcast_ref::<CelMap>() {
        let entries = map.inner().iter();
        let bytes = entries.map(|(key, value)| 100 + bytes_of(key.inner()) + bytes_of(value.as_ref()));
        return bytes.sum::<usize>() + 60;
    }
    match value.downcast_ref::<CelOptional>().and_then(|optional| optional.option()) {
        Some(inner) => 16 + bytes_of(inner),
        None => 100,
    }
}
