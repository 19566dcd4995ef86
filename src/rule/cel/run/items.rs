//! What loops and functions go through: the items of a list, the names of the fields of an object.

use super::super::budget;
use super::super::fault::Fault;
use super::super::symbols::SymbolVal;
use super::super::val::{SnapshotValue, WALKED, What};
use super::value::CelValue;
use crate::snapshot::Snapshot;
use crate::value::Json;
use cel::ExecutionError;
use std::rc::Rc;

/// Goes through the items of a value until `each` gives false.
///
/// # Errors
///
/// It has none, or `each` fails.
pub(super) fn for_each<'v>(
    value: &CelValue<'v>,
    snapshot: &'v Snapshot<'v>,
    each: &mut dyn FnMut(CelValue<'v>) -> Result<bool, Fault<'v>>,
) -> Result<(), Fault<'v>> {
    match value {
        CelValue::Items(items) => {
            for item in items.iter() {
                if !each(item.clone().copied())? {
                    break;
                }
            }
            Ok(())
        }
        CelValue::Map(map) => {
            for key in map.keys() {
                if !each(CelValue::copied_from(key.inner()))? {
                    break;
                }
            }
            Ok(())
        }
        CelValue::Other(other) => {
            let Some(items) = other.as_iterable() else { return Err(not_iterable(value, snapshot)) };
            let mut items = items.iter();
            while let Some(item) = items.next() {
                if !each(CelValue::taken(item.clone_as_boxed()))? {
                    break;
                }
            }
            Ok(())
        }
        value => match value.node(snapshot) {
            Some((node, walked)) => of_node(&node, walked, each),
            None => Err(not_iterable(value, snapshot)),
        },
    }
}

fn not_iterable<'v>(value: &CelValue<'v>, snapshot: &'v Snapshot<'v>) -> Fault<'v> {
    ExecutionError::UnexpectedType { got: value.type_name(snapshot), want: "iterable".to_owned() }.into()
}

/// The items of a list or the names of an object; at the end of what may be incomplete is one item that is unknown in
/// every respect.
fn of_node<'v>(
    node: &SnapshotValue<'v>,
    walked: bool,
    each: &mut dyn FnMut(CelValue<'v>) -> Result<bool, Fault<'v>>,
) -> Result<(), Fault<'v>> {
    let (items, names) = match node.node() {
        Some(Json::List(items)) => (items, Vec::new()),
        Some(Json::Object(_)) => (&[][..], node.keys()),
        _ => (&[][..], Vec::new()),
    };
    let last = node.incomplete();
    if !walked {
        budget::charge(WALKED * (items.len() + names.len() + usize::from(last.is_some())));
    }
    let items = items.iter().map(|item| of_item(node.item(*item)));
    let names = names.into_iter().map(|name| of_name(node, name));
    let last = last.map(|unknown| CelValue::Unknown(Rc::new(Fault::of(unknown))));
    for item in items.chain(names).chain(last) {
        // `all` and `exists` go on after an error, in case a later item decides. Not after this one.
        if budget::exhausted() || !each(item)? {
            break;
        }
    }
    Ok(())
}

/// An item of a list.
fn of_item(item: SnapshotValue<'_>) -> CelValue<'_> {
    match item.what {
        What::Json(Json::Unknown(_)) | What::Unfit(_) => {
            CelValue::Unknown(Rc::new(Fault::of(item.why_unknown())))
        }
        _ => CelValue::of(item),
    }
}

/// A name as an item.
fn of_name<'v>(node: &SnapshotValue<'v>, name: &'v str) -> CelValue<'v> {
    match node.snapshot.is_symbol(name) {
        true => CelValue::Other(Rc::new(SymbolVal::new(name, node.snapshot))),
        false => CelValue::Text(name),
    }
}

/// Fails with the reason for which a value, or an item of it, is not known.
pub(super) fn known_whole<'v>(value: &CelValue<'v>, snapshot: &'v Snapshot<'v>) -> Result<(), Fault<'v>> {
    value.known()?;
    match value {
        CelValue::Items(items) => items.iter().try_for_each(CelValue::known),
        CelValue::Map(_) => Ok(()),
        CelValue::Other(other) if other.as_iterable().is_none() => Ok(()),
        CelValue::Other(_) => for_each(value, snapshot, &mut |item| item.known().map(|()| true)),
        value => match value.node(snapshot) {
            Some((node, walked)) => of_node(&node, walked, &mut |item| item.known().map(|()| true)),
            None => Ok(()),
        },
    }
}
