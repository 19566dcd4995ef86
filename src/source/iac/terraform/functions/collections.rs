//! Functions on lists and objects.

use super::super::{convert, number};
use super::call::{FunctionArgs, FunctionOutcome, FunctionStop};
use super::table::{FunctionGroup, FunctionRow};
use crate::source::iac::{TemplateValue, TextPart, ValueKind};
use serde_json::Number;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;

const GROUP: FunctionGroup = FunctionGroup::Collection;
const ONE: (usize, Option<usize>) = (1, Some(1));
const TWO: (usize, Option<usize>) = (2, Some(2));
const SOME: (usize, Option<usize>) = (1, None);
/// The most numbers that Terraform makes a range of.
const MAX_RANGE: usize = 1024;

pub(super) const ROWS: &[FunctionRow] = &[
    FunctionRow::scalar("alltrue", GROUP, ONE, |call| truth(call, |items| convert::all(items))),
    FunctionRow::scalar("anytrue", GROUP, ONE, |call| truth(call, |items| convert::any(items))),
    FunctionRow::items("chunklist", GROUP, TWO, chunk_list),
    FunctionRow::items("coalesce", GROUP, SOME, coalesce),
    FunctionRow::items("coalescelist", GROUP, SOME, coalesce_list),
    FunctionRow::items("compact", GROUP, ONE, compact),
    FunctionRow::items("concat", GROUP, SOME, concat),
    FunctionRow::scalar("contains", GROUP, TWO, contains),
    FunctionRow::items("distinct", GROUP, ONE, distinct),
    FunctionRow::items("element", GROUP, TWO, element),
    FunctionRow::items("flatten", GROUP, ONE, flatten),
    FunctionRow::scalar("index", GROUP, TWO, index),
    FunctionRow::items("keys", GROUP, ONE, keys),
    FunctionRow::items("length", GROUP, ONE, length),
    FunctionRow::items("lookup", GROUP, (2, Some(3)), lookup),
    FunctionRow::items("matchkeys", GROUP, (3, Some(3)), match_keys),
    FunctionRow::items("merge", GROUP, (0, None), merge),
    FunctionRow::items("one", GROUP, ONE, one),
    FunctionRow::scalar("range", GROUP, (1, Some(3)), range),
    FunctionRow::items("reverse", GROUP, ONE, |call| {
        call.list_result(call.items(0)?.iter().rev().cloned().collect())
    }),
    FunctionRow::items("slice", GROUP, (3, Some(3)), slice),
    FunctionRow::items("sort", GROUP, ONE, sort),
    FunctionRow::scalar("sum", FunctionGroup::Numeric, ONE, sum),
    FunctionRow::items("transpose", GROUP, ONE, transpose),
    FunctionRow::items("values", GROUP, ONE, |call| {
        call.list_result(call.fields(0)?.values().cloned().collect())
    }),
    FunctionRow::items("zipmap", GROUP, TWO, zip_map),
];

/// The items of a list as items of one type.
fn unified(call: &FunctionArgs, items: &[TemplateValue]) -> Result<Vec<TemplateValue>, FunctionStop> {
    convert::unify_items(items).map_err(|error| call.refused(&error))
}

/// The items of a list as texts.
fn texts(call: &FunctionArgs, items: &[TemplateValue]) -> Result<Vec<TemplateValue>, FunctionStop> {
    items.iter().map(|item| convert::to_text(item).map_err(|error| call.refused(&error))).collect()
}

/// A boolean that follows from those of a list; null is none that holds.
fn truth(
    call: &FunctionArgs,
    decide: fn(&mut dyn Iterator<Item = Option<bool>>) -> Option<bool>,
) -> FunctionOutcome {
    let items: Result<Vec<_>, _> = call.loose_items(0)?.iter().map(convert::to_bool).collect();
    let items = items.map_err(|error| call.refused(&error))?;
    let is = |item: &TemplateValue| match item.kind {
        ValueKind::Bool(is) => Some(is),
        ValueKind::Null => Some(false),
        _ => None,
    };
    match decide(&mut items.iter().map(is)) {
        Some(is) => call.bool_result(is),
        None => Err(call.because_of(&call.args[0])),
    }
}

fn chunk_list(call: &FunctionArgs) -> FunctionOutcome {
    let size = call.count(1)?;
    let items = unified(call, call.items(0)?)?;
    let size = if size == 0 { items.len().max(1) } else { size };
    call.list_result(
        items.chunks(size).map(|chunk| TemplateValue::list(chunk.to_vec(), call.place.clone())).collect(),
    )
}

/// Whether a text is empty or null; none if that is not known.
fn is_blank(value: &TemplateValue) -> Option<bool> {
    match &value.kind {
        ValueKind::Null => Some(true),
        ValueKind::Text(text) => Some(text.is_empty()),
        ValueKind::Mixed(parts) => {
            parts.iter().any(|part| !matches!(part, TextPart::Unknown(_))).then_some(false)
        }
        ValueKind::Unknown(_) => None,
        _ => Some(false),
    }
}

fn coalesce(call: &FunctionArgs) -> FunctionOutcome {
    for value in unified(call, &call.args)? {
        match is_blank(&value) {
            Some(true) => {}
            Some(false) => return Ok(value),
            None => return Err(call.because_of(&value)),
        }
    }
    Err(call.wrong("all arguments are null or empty"))
}

fn coalesce_list(call: &FunctionArgs) -> FunctionOutcome {
    for (at, value) in call.args.iter().enumerate() {
        let items = call.loose_items(at)?;
        let is_sure = !value.loose || items.iter().any(|item| !item.is_unknown());
        match items {
            [] => {}
            _ if is_sure => return Ok(value.clone()),
            _ => return Err(call.because_of(value)),
        }
    }
    Err(call.wrong("all lists are null or empty"))
}

fn compact(call: &FunctionArgs) -> FunctionOutcome {
    let mut items = texts(call, call.loose_items(0)?)?;
    items.retain(|item| is_blank(item) != Some(true));
    let loose = call.args[0].loose || items.iter().any(|item| is_blank(item).is_none());
    call.loose_result(items, loose)
}

fn concat(call: &FunctionArgs) -> FunctionOutcome {
    let mut items = Vec::new();
    for at in 0..call.args.len() {
        items.extend_from_slice(call.loose_items(at)?);
        call.bounded(items.len())?;
    }
    call.loose_result(items, call.args.iter().any(|arg| arg.loose))
}

fn contains(call: &FunctionArgs) -> FunctionOutcome {
    let value = call.given(1)?;
    match convert::any(call.loose_items(0)?.iter().map(|item| convert::equal(item, value))) {
        Some(is) => call.bool_result(is),
        None if value.is_known() => Err(call.because_of(&call.args[0])),
        None => Err(call.because_of(value)),
    }
}

fn distinct(call: &FunctionArgs) -> FunctionOutcome {
    let mut items: Vec<TemplateValue> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut is_open = false;
    for item in unified(call, call.loose_items(0)?)? {
        // Texts are found in a set: a list may be long.
        let is_new = match item.as_str() {
            Some(text) => seen.insert(text.to_owned()),
            None => {
                call.bounded(items.len().saturating_mul(items.len()) / 1000)?;
                !items.iter().any(|before| convert::equal(before, &item) == Some(true))
            }
        };
        if is_new {
            is_open |= !item.is_known();
            items.push(item);
        }
    }
    let loose = (is_open && items.len() > 1) || call.args[0].loose;
    call.loose_result(items, loose)
}

fn element(call: &FunctionArgs) -> FunctionOutcome {
    let items = call.items(0)?;
    let at = call.whole(1)?;
    if at < 0 {
        return Err(call.wrong("the index must not be negative"));
    }
    match items.len() {
        0 => Err(call.wrong("the list is empty")),
        length => Ok(items[(at % length as i128) as usize].clone()),
    }
}

fn flatten(call: &FunctionArgs) -> FunctionOutcome {
    let mut flat = Vec::new();
    let mut loose = call.args[0].loose;
    flatten_into(call, call.loose_items(0)?, &mut flat, &mut loose)?;
    call.loose_result(flat, loose)
}

/// An item that is not known may be a list of any number of items.
fn flatten_into(
    call: &FunctionArgs,
    items: &[TemplateValue],
    flat: &mut Vec<TemplateValue>,
    loose: &mut bool,
) -> Result<(), FunctionStop> {
    for item in items {
        *loose |= item.loose
            || match &item.kind {
                ValueKind::Symbol(symbol) => !symbol.is_text(),
                kind => matches!(kind, ValueKind::Unknown(_)),
            };
        match &item.kind {
            ValueKind::List(inner) => flatten_into(call, inner, flat, loose)?,
            _ => flat.push(item.clone()),
        }
        call.bounded(flat.len())?;
    }
    Ok(())
}

fn index(call: &FunctionArgs) -> FunctionOutcome {
    let value = call.given(1)?;
    for (at, item) in call.items(0)?.iter().enumerate() {
        match convert::equal(item, value) {
            Some(true) => return call.number_result(Some(Number::from(at))),
            Some(false) => {}
            None if value.is_known() => return Err(call.because_of(item)),
            None => return Err(call.because_of(value)),
        }
    }
    Err(call.wrong("no item of the list is equal to the value"))
}

fn keys(call: &FunctionArgs) -> FunctionOutcome {
    let key = |key: &Arc<str>| TemplateValue::text(key.clone(), call.place.clone());
    call.list_result(call.fields(0)?.keys().map(key).collect())
}

fn length(call: &FunctionArgs) -> FunctionOutcome {
    let length = match &call.given(0)?.kind {
        ValueKind::List(_) => call.items(0)?.len(),
        ValueKind::Map(fields) => fields.len(),
        ValueKind::Text(text) => text.graphemes(true).count(),
        ValueKind::Mixed(_) | ValueKind::Symbol(_) | ValueKind::Unknown(_) => {
            return Err(call.because_of(&call.args[0]));
        }
        _ => return Err(call.wrong("its argument must be a list, an object or a text")),
    };
    call.number_result(Some(Number::from(length)))
}

fn lookup(call: &FunctionArgs) -> FunctionOutcome {
    let key = call.text(1)?;
    match (call.fields(0)?.get(&key), call.args.get(2)) {
        (Some(value), _) => Ok(value.clone()),
        (None, Some(default)) => Ok(default.clone()),
        (None, None) => Err(call.wrong(format!("there is no \"{}\"", crate::text::bounded(&key)))),
    }
}

fn match_keys(call: &FunctionArgs) -> FunctionOutcome {
    let (values, keys, wanted) = (call.items(0)?, call.items(1)?, call.loose_items(2)?);
    if values.len() != keys.len() {
        return Err(call.wrong("values and keys must have the same length"));
    }
    call.bounded(keys.len().saturating_mul(wanted.len()) / 100)?;
    let mut found = Vec::new();
    for (value, key) in values.iter().zip(keys) {
        let is_open = |wanted: &&TemplateValue| convert::equal(key, wanted).is_none();
        match convert::any(wanted.iter().map(|wanted| convert::equal(key, wanted))) {
            Some(true) => found.push(value.clone()),
            Some(false) => {}
            None if key.is_known() => return Err(call.because_of(wanted.iter().find(is_open).unwrap_or(key))),
            None => return Err(call.because_of(key)),
        }
    }
    call.list_result(found)
}

fn merge(call: &FunctionArgs) -> FunctionOutcome {
    let mut merged = BTreeMap::new();
    for at in (0..call.args.len()).filter(|at| !call.args[*at].is_null()) {
        merged.extend(call.fields(at)?.iter().map(|(key, value)| (key.clone(), value.clone())));
        call.bounded(merged.len())?;
    }
    Ok(TemplateValue::new(ValueKind::Map(Arc::new(merged.into())), call.place.clone()))
}

fn one(call: &FunctionArgs) -> FunctionOutcome {
    // A value that is no list counts as a list of one, unless it is null.
    match call.items(0)? {
        [] => Ok(TemplateValue::null(call.place.clone())),
        [item] => Ok(item.clone()),
        items => Err(call.wrong(format!("the list must have no item or one, but has {}", items.len()))),
    }
}

fn range(call: &FunctionArgs) -> FunctionOutcome {
    let numbers = (0..call.args.len()).map(|at| call.number(at)).collect::<Result<Vec<_>, _>>()?;
    let (start, end) = match &numbers[..] {
        [end] => (Number::from(0), end.clone()),
        [start, end, ..] => (start.clone(), end.clone()),
        [] => return Err(call.wrong("it takes one number or more")),
    };
    let falls = number::compared(&end, &start).is_lt();
    let step = numbers.get(2).cloned().unwrap_or_else(|| Number::from(if falls { -1 } else { 1 }));
    let order = number::compared(&step, &Number::from(0));
    if order.is_eq() || (order.is_lt() != falls && !number::compared(&start, &end).is_eq()) {
        return Err(call.wrong("the step must lead from the start to the end"));
    }
    let mut items = Vec::new();
    let mut at = start;
    while if falls { number::compared(&at, &end).is_gt() } else { number::compared(&at, &end).is_lt() } {
        if items.len() == MAX_RANGE {
            return Err(call.wrong("it has more than 1024 numbers, the most that Terraform makes"));
        }
        items.push(TemplateValue::new(ValueKind::Number(at.clone()), call.place.clone()));
        at = number::added(&at, &step).ok_or_else(|| call.not_known("a number is too large"))?;
    }
    call.list_result(items)
}

fn slice(call: &FunctionArgs) -> FunctionOutcome {
    let items = call.items(0)?;
    let (start, end) = (call.count(1)?, call.count(2)?);
    match items.get(start..end) {
        Some(items) => call.list_result(items.to_vec()),
        None => Err(call.wrong(format!("a list of {} items has none from {start} to {end}", items.len()))),
    }
}

fn sort(call: &FunctionArgs) -> FunctionOutcome {
    let mut items = texts(call, call.loose_items(0)?)?;
    if items.iter().any(TemplateValue::is_null) {
        return Err(call.wrong("an item is null"));
    }
    let loose = call.args[0].loose || (items.len() > 1 && !items.iter().all(TemplateValue::is_known));
    items.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
    call.loose_result(items, loose)
}

fn sum(call: &FunctionArgs) -> FunctionOutcome {
    let items = call.items(0)?;
    let mut total: Option<Number> = None;
    for item in items {
        let item = convert::to_number(item).map_err(|error| call.refused(&error))?;
        let ValueKind::Number(next) = &item.kind else {
            return Err(if item.is_null() { call.wrong("an item is null") } else { call.because_of(&item) });
        };
        let added = match &total {
            Some(total) => {
                number::added(total, next).ok_or_else(|| call.not_known("the number is too large"))?
            }
            None => next.clone(),
        };
        total = Some(added);
    }
    match total {
        Some(total) => call.number_result(Some(total)),
        None => Err(call.wrong("the list is empty")),
    }
}

fn transpose(call: &FunctionArgs) -> FunctionOutcome {
    let mut turned: BTreeMap<Arc<str>, Vec<TemplateValue>> = BTreeMap::new();
    for (key, list) in call.fields(0)? {
        let ValueKind::List(items) = &list.kind else {
            return Err(if list.is_known() {
                call.wrong("its values must be lists")
            } else {
                call.because_of(list)
            });
        };
        for item in items.iter() {
            let text = convert::to_text(item).map_err(|error| call.refused(&error))?;
            let name = text.as_str().ok_or_else(|| match text.is_null() {
                true => call.wrong("an item is null"),
                false => call.because_of(item),
            })?;
            turned.entry(name.into()).or_default().push(TemplateValue::text(key.clone(), call.place.clone()));
        }
    }
    let fields = turned.into_iter().map(|(name, keys)| (name, TemplateValue::list(keys, call.place.clone())));
    Ok(TemplateValue::map(fields, call.place.clone()))
}

fn zip_map(call: &FunctionArgs) -> FunctionOutcome {
    let (keys, values) = (texts(call, call.items(0)?)?, call.items(1)?);
    if keys.len() != values.len() {
        return Err(call.wrong(format!("there are {} keys, but {} values", keys.len(), values.len())));
    }
    let mut fields: BTreeMap<Arc<str>, TemplateValue> = BTreeMap::new();
    for (key, value) in keys.iter().zip(values) {
        let name = key.as_str().ok_or_else(|| match key.is_null() {
            true => call.wrong("a key is null"),
            false => call.because_of(key),
        })?;
        fields.insert(name.into(), value.clone());
    }
    Ok(TemplateValue::new(ValueKind::Map(Arc::new(fields.into())), call.place.clone()))
}
