//! Lists: those of the snapshot and those that a rule made.

use super::super::super::fault::Fault;
use super::super::super::{budget, call, internal};
use super::super::items::{for_each, known_whole};
use super::super::price;
use super::super::value::Evaluated;
use super::Answer;
use crate::snapshot::Snapshot;
use cel::common::types::Kind;
use std::collections::HashSet;
use std::rc::Rc;

/// Whether a value is a list, made or of the snapshot.
pub(super) fn is_list(value: &Evaluated<'_>) -> bool {
    match value {
        Evaluated::Items(_) | Evaluated::List(..) => true,
        Evaluated::Section(part, ..) => part.section.is_list(),
        Evaluated::Missing(section, ..) => section.is_list(),
        _ => false,
    }
}

/// `a.size()`
pub(super) fn size<'v>(values: &[Evaluated<'v>], snapshot: &'v Snapshot<'v>) -> Answer<'v> {
    let size = match &values[0] {
        Evaluated::Items(items) => items.len(),
        value if let Some(text) = value.text() => {
            budget::pay_bytes(text.len())?;
            text.chars().count()
        }
        Evaluated::List(items, ..) => match whole(&values[0], snapshot) {
            Some(fault) => return Err(fault),
            None => items.len(),
        },
        Evaluated::Section(part, ..) if part.section.is_list() && part.incomplete.is_none() => {
            match whole(&values[0], snapshot) {
                Some(fault) => return Err(fault),
                None => part.items().len(),
            }
        }
        _ => return Ok(None),
    };
    Ok(Some(Evaluated::Int(i64::try_from(size).unwrap_or(i64::MAX))))
}

/// Why a list of the snapshot may lack items.
fn whole<'v>(value: &Evaluated<'v>, snapshot: &'v Snapshot<'v>) -> Option<Fault<'v>> {
    let (node, _) = value.node(snapshot)?;
    node.why_not_whole().map(Fault::of)
}

/// `a + b` of texts and lists, at a price.
pub(super) fn concatenation<'v>(values: &[Evaluated<'v>], snapshot: &'v Snapshot<'v>) -> Answer<'v> {
    let (a, b) = (&values[0], &values[1]);
    let texts = a.text().zip(b.text());
    let is_lists = matches!(a, Evaluated::Items(_)) && is_list(b);
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
        return Ok(Some(Evaluated::Made(made.into())));
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
    Ok(Some(Evaluated::list(list)))
}

/// The pairs that a macro with two variables goes through: position and item, or key and value.
pub(super) fn entries<'v>(values: &[Evaluated<'v>], snapshot: &'v Snapshot<'v>) -> Answer<'v> {
    let value = &values[0];
    if !is_list(value) {
        return Ok(None);
    }
    price::pay_copy(value)?;
    let mut pairs = Vec::new();
    for_each(value, snapshot, &mut |item| {
        budget::pay(internal::PAIR)?;
        let at = Evaluated::Int(i64::try_from(pairs.len()).unwrap_or(i64::MAX));
        pairs.push(Evaluated::list(vec![at, item]));
        Ok(true)
    })?;
    Ok(Some(Evaluated::list(pairs)))
}

/// The items of a list, all known and paid for.
fn pay<'v>(list: &Evaluated<'v>, snapshot: &'v Snapshot<'v>) -> Result<Evaluated<'v>, Fault<'v>> {
    known_whole(list, snapshot)?;
    price::pay_copy(list)?;
    let mut list = list.clone();
    list.set_walked();
    Ok(list)
}

fn pick<'v>(list: &Evaluated<'v>, snapshot: &'v Snapshot<'v>, from_end: bool) -> Answer<'v> {
    if !is_list(list) {
        return Ok(None);
    }
    let mut picked = None;
    for_each(&pay(list, snapshot)?, snapshot, &mut |item| {
        picked = Some(Rc::new(item));
        Ok(from_end)
    })?;
    Ok(Some(Evaluated::Optional(picked)))
}

/// `list.first()`
pub(super) fn first<'v>(values: &[Evaluated<'v>], snapshot: &'v Snapshot<'v>) -> Answer<'v> {
    pick(&values[0], snapshot, false)
}

/// `list.last()`
pub(super) fn last<'v>(values: &[Evaluated<'v>], snapshot: &'v Snapshot<'v>) -> Answer<'v> {
    pick(&values[0], snapshot, true)
}

/// `list.flatten()`: the items of its lists, and its other items.
pub(super) fn flatten<'v>(values: &[Evaluated<'v>], snapshot: &'v Snapshot<'v>) -> Answer<'v> {
    let Evaluated::Items(items) = &values[0] else { return Ok(None) };
    let is_foreign = |item: &Evaluated<'v>| matches!(item, Evaluated::Other(other) if other.get_type().kind() == Kind::List);
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
    Ok(Some(Evaluated::list(flat)))
}

/// `list.distinct()` of texts.
pub(super) fn distinct<'v>(values: &[Evaluated<'v>], snapshot: &'v Snapshot<'v>) -> Answer<'v> {
    let Evaluated::Items(items) = &values[0] else { return Ok(None) };
    if items.iter().any(|item| item.text().is_none()) {
        return Ok(None);
    }
    pay(&values[0], snapshot)?;
    let mut seen = HashSet::new();
    let texts = items.iter().filter_map(|item| Some((item, item.text()?)));
    let new = texts.filter(|(_, text)| seen.insert(*text));
    Ok(Some(Evaluated::list(new.map(|(item, _)| item.clone()).collect())))
}
