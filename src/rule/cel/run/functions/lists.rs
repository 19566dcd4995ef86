//! Lists: those of the snapshot and those that a rule made.

use super::super::super::fault::Fault;
use super::super::super::{budget, call, internal};
use super::super::items::{for_each, known_whole};
use super::super::price;
use super::super::value::CelValue;
use super::NativeAnswer;
use crate::snapshot::Snapshot;
use cel::common::types::Kind;
use std::collections::HashSet;
use std::rc::Rc;

/// Whether a value is a list, made or of the snapshot.
pub(super) fn is_list(value: &CelValue<'_>) -> bool {
    match value {
        CelValue::Items(_) | CelValue::List(..) => true,
        CelValue::Section(part, ..) => part.section.is_list(),
        CelValue::Missing(section, ..) => section.is_list(),
        _ => false,
    }
}

/// `a.size()`
pub(super) fn size<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    let size = match &values[0] {
        CelValue::Items(items) => items.len(),
        CelValue::Map(map) => map.len(),
        value if let Some(text) = value.text() => {
            budget::pay_bytes(text.len())?;
            text.chars().count()
        }
        CelValue::List(items, ..) => match whole(&values[0], snapshot) {
            Some(fault) => return Err(fault),
            None => items.len(),
        },
        CelValue::Section(part, ..) if part.section.is_list() && part.incomplete.is_none() => {
            match whole(&values[0], snapshot) {
                Some(fault) => return Err(fault),
                None => part.items().len(),
            }
        }
        _ => return Ok(None),
    };
    Ok(Some(CelValue::Int(i64::try_from(size).unwrap_or(i64::MAX))))
}

/// Why a list of the snapshot may lack items.
fn whole<'v>(value: &CelValue<'v>, snapshot: &'v Snapshot<'v>) -> Option<Fault<'v>> {
    let (node, _) = value.node(snapshot)?;
    node.why_not_whole().map(Fault::of)
}

/// `a + b` of texts and lists, at a price.
pub(super) fn concatenation<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    let (a, b) = (&values[0], &values[1]);
    let texts = a.text().zip(b.text());
    let is_lists = matches!(a, CelValue::Items(_)) && is_list(b);
    if texts.is_none() && !is_lists {
        return Ok(None);
    }
    for value in values {
        known_whole(value, snapshot)?;
        price::pay_copy(value)?;
    }
    if let Some((a, b)) = texts {
        budget::pay_bytes(a.len())?;
        budget::pay_bytes(b.len())?;
        let made = [a, b].concat();
        call::fits(&made)?;
        return Ok(Some(CelValue::Made(made.into())));
    }
    let mut list = Vec::new();
    let (mut push, mut rest) = (|item| list.push(item), b.clone());
    rest.set_walked();
    for value in [a, &rest] {
        for_each(value, snapshot, &mut |item| {
            push(item);
            Ok(true)
        })?;
    }
    Ok(Some(CelValue::list(list)))
}

/// The pairs that a macro with two variables goes through: position and item, or key and value.
pub(super) fn entries<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    let value = &values[0];
    if !is_list(value) {
        return Ok(None);
    }
    price::pay_copy(value)?;
    let mut pairs = Vec::new();
    for_each(value, snapshot, &mut |item| {
        budget::pay(internal::PAIR)?;
        let at = CelValue::Int(i64::try_from(pairs.len()).unwrap_or(i64::MAX));
        pairs.push(CelValue::list(vec![at, item]));
        Ok(true)
    })?;
    Ok(Some(CelValue::list(pairs)))
}

/// The items of a list, all known and paid for.
fn pay<'v>(list: &CelValue<'v>, snapshot: &'v Snapshot<'v>) -> Result<CelValue<'v>, Fault<'v>> {
    known_whole(list, snapshot)?;
    price::pay_copy(list)?;
    let mut list = list.clone();
    list.set_walked();
    Ok(list)
}

fn pick<'v>(list: &CelValue<'v>, snapshot: &'v Snapshot<'v>, from_end: bool) -> NativeAnswer<'v> {
    if !is_list(list) {
        return Ok(None);
    }
    let mut picked = None;
    for_each(&pay(list, snapshot)?, snapshot, &mut |item| {
        picked = Some(Rc::new(item));
        Ok(from_end)
    })?;
    Ok(Some(CelValue::Optional(picked)))
}

/// `list.first()`
pub(super) fn first<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    pick(&values[0], snapshot, false)
}

/// `list.last()`
pub(super) fn last<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    pick(&values[0], snapshot, true)
}

/// `list.flatten()`: the items of its lists, and its other items.
pub(super) fn flatten<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    let CelValue::Items(items) = &values[0] else { return Ok(None) };
    let is_foreign =
        |item: &CelValue<'v>| matches!(item, CelValue::Other(other) if other.get_type().kind() == Kind::List);
    if items.iter().any(is_foreign) {
        return Ok(None);
    }
    let mut flat = Vec::new();
    for item in items.iter() {
        match is_list(item) {
            true => for_each(item, snapshot, &mut |inner| {
                flat.push(inner);
                Ok(true)
            })?,
            false => flat.push(item.clone()),
        }
    }
    Ok(Some(CelValue::list(flat)))
}

/// `list.distinct()` of texts.
pub(super) fn distinct<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    let CelValue::Items(items) = &values[0] else { return Ok(None) };
    if items.iter().any(|item| item.text().is_none()) {
        return Ok(None);
    }
    pay(&values[0], snapshot)?;
    let mut seen = HashSet::new();
    let texts = items.iter().filter_map(|item| Some((item, item.text()?)));
    let new = texts.filter(|(_, text)| seen.insert(*text));
    Ok(Some(CelValue::list(new.map(|(item, _)| item.clone()).collect())))
}

/// The items of a list.
fn items_of<'v>(list: &CelValue<'v>, snapshot: &'v Snapshot<'v>) -> Result<Vec<CelValue<'v>>, Fault<'v>> {
    let mut items = Vec::new();
    for_each(list, snapshot, &mut |item| {
        items.push(item);
        Ok(true)
    })?;
    Ok(items)
}

/// `list.reverse()`
pub(super) fn reverse<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    if !is_list(&values[0]) {
        return Ok(None);
    }
    let mut items = items_of(&values[0], snapshot)?;
    items.reverse();
    Ok(Some(CelValue::list(items)))
}

/// `list.slice(from, to)`, where the list has that part.
pub(super) fn slice<'v>(values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> NativeAnswer<'v> {
    let length = match &values[0] {
        CelValue::Items(items) => items.len(),
        CelValue::List(items, ..) => items.len(),
        _ => return Ok(None),
    };
    let (CelValue::Int(from), CelValue::Int(to)) = (&values[1], &values[2]) else { return Ok(None) };
    let (Ok(from), Ok(to)) = (usize::try_from(*from), usize::try_from(*to)) else { return Ok(None) };
    if from > to || to > length {
        return Ok(None);
    }
    let mut items = items_of(&values[0], snapshot)?;
    // What ran out of steps on its way has fewer.
    items.truncate(to);
    items.drain(..from.min(items.len()));
    Ok(Some(CelValue::list(items)))
}
