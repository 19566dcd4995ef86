//! Conversions between types, equality and sets, as Terraform has them, on values of which not all is known.

use super::number;
use crate::source::iac::{Place, Symbol, TemplateValue, TextPart, UnknownValue, ValueKind};
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The most values in one value: all its items, and theirs.
pub const MAX_VALUES: usize = 200_000;
/// How deep values may be nested.
pub const MAX_DEPTH: usize = 128;

/// Why a value cannot be converted, in words: `a list is no number`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConvertError(String);

/// What a value is, in words: `a list`.
pub fn sort_of(value: &TemplateValue) -> &'static str {
    match &value.kind {
        ValueKind::Null => "null",
        ValueKind::Bool(_) => "a boolean",
        ValueKind::Number(_) => "a number",
        ValueKind::Text(_) | ValueKind::Mixed(_) => "a text",
        ValueKind::List(_) => "a list",
        ValueKind::Map(_) => "an object",
        ValueKind::Symbol(_) | ValueKind::Unknown(_) => "a value that is not known",
    }
}

fn refused(value: &TemplateValue, wanted: &str) -> ConvertError {
    ConvertError(match value.as_str() {
        Some(text) => format!("\"{}\" is not {wanted}", crate::text::bounded(text)),
        None => format!("{} is not {wanted}", sort_of(value)),
    })
}

fn as_kind(value: &TemplateValue, kind: ValueKind) -> TemplateValue {
    TemplateValue { kind, ..value.clone() }
}

/// A value as a text. Null stays null, and what is not known stays as it is.
pub fn to_text(value: &TemplateValue) -> Result<TemplateValue, ConvertError> {
    match &value.kind {
        ValueKind::Bool(is) => Ok(as_kind(value, ValueKind::Text(is.to_string().into()))),
        ValueKind::Number(number) => Ok(as_kind(value, ValueKind::Text(number::written(number).into()))),
        ValueKind::List(_) | ValueKind::Map(_) => Err(refused(value, "a text")),
        _ => Ok(value.clone()),
    }
}

/// A value as a number. Null stays null, and what is not known stays as it is.
pub fn to_number(value: &TemplateValue) -> Result<TemplateValue, ConvertError> {
    match &value.kind {
        ValueKind::Text(text) => match number::parsed(text) {
            Some(number) => Ok(as_kind(value, ValueKind::Number(number))),
            None => Err(refused(value, "a number")),
        },
        ValueKind::Mixed(_) => Ok(unknown_like(value)),
        ValueKind::Bool(_) | ValueKind::List(_) | ValueKind::Map(_) => Err(refused(value, "a number")),
        _ => Ok(value.clone()),
    }
}

/// A value as a boolean. Null stays null, and what is not known stays as it is.
pub fn to_bool(value: &TemplateValue) -> Result<TemplateValue, ConvertError> {
    match &value.kind {
        ValueKind::Text(text) => match &**text {
            "true" | "1" => Ok(as_kind(value, ValueKind::Bool(true))),
            "false" | "0" => Ok(as_kind(value, ValueKind::Bool(false))),
            _ => Err(refused(value, "a boolean")),
        },
        ValueKind::Mixed(_) => Ok(unknown_like(value)),
        ValueKind::Number(_) | ValueKind::List(_) | ValueKind::Map(_) => Err(refused(value, "a boolean")),
        _ => Ok(value.clone()),
    }
}

/// What is not known of a value, as the reason why what follows from it is not known. None if all is known.
pub fn why_unknown(value: &TemplateValue) -> Option<Arc<UnknownValue>> {
    match &value.kind {
        ValueKind::Unknown(unknown) => Some(unknown.clone()),
        ValueKind::Symbol(symbol) => Some(after_apply(symbol)),
        ValueKind::Mixed(parts) => parts.iter().find_map(|part| match part {
            TextPart::Literal(_) => None,
            TextPart::Symbol(symbol) => Some(after_apply(symbol)),
            TextPart::Unknown(unknown) => Some(unknown.clone()),
        }),
        ValueKind::List(items) => items.iter().find_map(why_unknown),
        ValueKind::Map(fields) => fields.values().find_map(why_unknown),
        _ => None,
    }
}

fn after_apply(symbol: &Symbol) -> Arc<UnknownValue> {
    let reason = format!("`{}` is known only after apply", symbol.name);
    Arc::new(UnknownValue { reason, name: Some(symbol.name.clone()) })
}

/// A value of which nothing is known, for the reason for which this one is not known.
fn unknown_like(value: &TemplateValue) -> TemplateValue {
    let reason =
        why_unknown(value).map_or_else(|| "a part of it is not known".to_owned(), |why| why.reason.clone());
    as_kind(value, ValueKind::Unknown(Arc::new(UnknownValue { reason, name: None })))
}

/// The parts of what becomes a text, such as what stands in `${}`. None for null, lists and objects.
pub fn text_parts(value: &TemplateValue) -> Option<Vec<TextPart>> {
    Some(match &value.kind {
        ValueKind::Text(text) => vec![TextPart::Literal(text.clone())],
        ValueKind::Bool(is) => vec![TextPart::Literal(is.to_string().into())],
        ValueKind::Number(number) => vec![TextPart::Literal(number::written(number).into())],
        ValueKind::Mixed(parts) => parts.to_vec(),
        ValueKind::Symbol(symbol) => vec![TextPart::Symbol(symbol.clone())],
        ValueKind::Unknown(unknown) => vec![TextPart::Unknown(unknown.clone())],
        ValueKind::Null | ValueKind::List(_) | ValueKind::Map(_) => return None,
    })
}

/// The value of a text in parts: a text if all is known, the symbol or the unknown value if it is nothing else, else a
/// text around symbols.
pub fn text_of(parts: impl IntoIterator<Item = TextPart>, place: Option<Place>) -> TemplateValue {
    let mut joined: Vec<TextPart> = Vec::new();
    let mut literal = String::new();
    for part in parts {
        match part {
            TextPart::Literal(text) => literal.push_str(&text),
            other => {
                push_literal(&mut joined, &mut literal);
                joined.push(other);
            }
        }
    }
    if joined.is_empty() {
        return TemplateValue::text(literal, place);
    }
    push_literal(&mut joined, &mut literal);
    let kind = match &joined[..] {
        [TextPart::Symbol(symbol)] => ValueKind::Symbol(symbol.clone()),
        [TextPart::Unknown(unknown)] => ValueKind::Unknown(unknown.clone()),
        _ => ValueKind::Mixed(joined.into()),
    };
    TemplateValue::new(kind, place)
}

fn push_literal(parts: &mut Vec<TextPart>, literal: &mut String) {
    if !literal.is_empty() {
        parts.push(TextPart::Literal(std::mem::take(literal).into()));
    }
}

/// Whether two values are equal; none if that is not known. A symbol is not null and equal to itself. A list is equal to
/// the tuple and the set with the same items, which Terraform keeps apart.
pub fn equal(one: &TemplateValue, other: &TemplateValue) -> Option<bool> {
    use ValueKind::{Bool, List, Map, Mixed, Null, Number, Symbol, Text, Unknown};
    match (&one.kind, &other.kind) {
        (Symbol(one), Symbol(other)) if one.name == other.name => Some(true),
        (Unknown(one), Unknown(other)) if one.name.is_some() && one.name == other.name => Some(true),
        (Unknown(_), _) | (_, Unknown(_)) => None,
        (Symbol(_), Null) | (Null, Symbol(_)) => Some(false),
        (Symbol(_), _) | (_, Symbol(_)) => None,
        (Mixed(parts), Text(text)) | (Text(text), Mixed(parts)) => {
            if may_be(parts, text) {
                None
            } else {
                Some(false)
            }
        }
        (Mixed(_), Mixed(_)) => {
            (one.join_key().is_some() && one.join_key() == other.join_key()).then_some(true)
        }
        (Null, Null) => Some(true),
        (Bool(one), Bool(other)) => Some(one == other),
        (Number(one), Number(other)) => Some(number::compared(one, other) == Ordering::Equal),
        (Text(one), Text(other)) => Some(one == other),
        (List(_), List(_)) if one.loose || other.loose => None,
        (List(ones), List(others)) => {
            if ones.len() != others.len() {
                return Some(false);
            }
            all(ones.iter().zip(others.iter()).map(|(one, other)| equal(one, other)))
        }
        (Map(ones), Map(others)) => {
            if !ones.keys().eq(others.keys()) {
                return Some(false);
            }
            all(ones.values().zip(others.values()).map(|(one, other)| equal(one, other)))
        }
        _ => Some(false),
    }
}

/// Whether a text with parts that are not known can be this one: what is known of its two ends agrees.
fn may_be(parts: &[TextPart], text: &str) -> bool {
    let rest = match parts.first() {
        Some(TextPart::Literal(start)) => text.strip_prefix(&**start),
        _ => Some(text),
    };
    match (rest, parts.last()) {
        (Some(rest), Some(TextPart::Literal(end))) if parts.len() > 1 => rest.ends_with(&**end),
        (rest, _) => rest.is_some(),
    }
}

/// Whether all hold: one that does not decides, whatever is not known.
pub fn all(conditions: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(true);
    for condition in conditions {
        match condition {
            Some(true) => {}
            Some(false) => return Some(false),
            None => result = None,
        }
    }
    result
}

/// Whether one holds: one that does decides, whatever is not known.
pub fn any(conditions: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    all(conditions.into_iter().map(|condition| condition.map(|is| !is))).map(|is| !is)
}

/// The items of what becomes a list or a set, made one type as Terraform does it: with a text among them, numbers and booleans
/// become texts. An item whose type is not known changes none of the others.
pub fn unify(items: &[TemplateValue]) -> Result<Vec<TemplateValue>, ConvertError> {
    let has = |wanted: fn(&ValueKind) -> bool| items.iter().any(|item| wanted(&item.kind));
    let is_text = has(|kind| matches!(kind, ValueKind::Text(_) | ValueKind::Mixed(_)));
    let (is_number, is_bool) =
        (has(|kind| matches!(kind, ValueKind::Number(_))), has(|kind| matches!(kind, ValueKind::Bool(_))));
    let (is_list, is_map) =
        (has(|kind| matches!(kind, ValueKind::List(_))), has(|kind| matches!(kind, ValueKind::Map(_))));
    let is_mixed = is_number && is_bool && !is_text;
    if usize::from(is_list) + usize::from(is_map) + usize::from(is_text || is_number || is_bool) > 1
        || is_mixed
    {
        let sorts: BTreeSet<&str> = items.iter().filter(|item| !item.is_null()).map(sort_of).collect();
        let sorts: Vec<String> = sorts.into_iter().map(str::to_owned).collect();
        return Err(ConvertError(format!(
            "its items must have one type, but there are {}",
            crate::text::listed(&sorts)
        )));
    }
    if is_text && (is_number || is_bool) {
        items.iter().map(to_text).collect()
    } else if is_list {
        unify_lists(items)
    } else if is_map {
        unify_maps(items)
    } else {
        Ok(items.to_vec())
    }
}

/// [`unify`] for items of one list. One that is not known may become a text, and is then another value than before.
pub fn unify_items(items: &[TemplateValue]) -> Result<Vec<TemplateValue>, ConvertError> {
    let is_fixed = |item: &TemplateValue| {
        matches!(item.kind, ValueKind::Null | ValueKind::Bool(_) | ValueKind::Number(_))
    };
    let name = |item: &TemplateValue| match &item.kind {
        ValueKind::Unknown(unknown) => unknown.name.clone(),
        _ => None,
    };
    let first = items.iter().find_map(name);
    let is_other = |item: &TemplateValue| !is_fixed(item) && (name(item).is_none() || name(item) != first);
    let mut unified = unify(items)?;
    if first.is_some() && items.iter().any(is_other) {
        unified.iter_mut().for_each(as_text_of);
    }
    Ok(unified)
}

fn as_text_of(item: &mut TemplateValue) {
    let ValueKind::Unknown(unknown) = &item.kind else { return };
    let text = |name: &Arc<str>| match name.starts_with("tostring(") {
        true => name.clone(),
        false => format!("tostring({name})").into(),
    };
    let name = unknown.name.as_ref().map(text);
    item.kind = ValueKind::Unknown(Arc::new(UnknownValue { reason: unknown.reason.clone(), name }));
}

/// Lists of one length have a type for each position, others have one for all items.
fn unify_lists(lists: &[TemplateValue]) -> Result<Vec<TemplateValue>, ConvertError> {
    let known: Vec<&[TemplateValue]> = lists.iter().filter_map(list_items).collect();
    let length = known[0].len();
    let mut unified: Vec<Vec<TemplateValue>> = known.iter().map(|_| Vec::new()).collect();
    if known.iter().all(|items| items.len() == length) {
        for at in 0..length {
            let column: Vec<TemplateValue> = known.iter().map(|items| items[at].clone()).collect();
            unify(&column)?.into_iter().zip(&mut unified).for_each(|(item, row)| row.push(item));
        }
    } else {
        let mut items = unify(&known.concat())?.into_iter();
        for (row, before) in unified.iter_mut().zip(&known) {
            row.extend(items.by_ref().take(before.len()));
        }
    }
    let mut unified = unified.into_iter();
    let one = |value: &TemplateValue| match &value.kind {
        ValueKind::List(_) => as_kind(value, ValueKind::List(Arc::new(unified.next().unwrap_or_default()))),
        _ => value.clone(),
    };
    Ok(lists.iter().map(one).collect())
}

fn list_items(value: &TemplateValue) -> Option<&[TemplateValue]> {
    match &value.kind {
        ValueKind::List(items) => Some(items),
        _ => None,
    }
}

/// Objects with the same fields have a type for each field; others are maps, whose values have one type.
fn unify_maps(maps: &[TemplateValue]) -> Result<Vec<TemplateValue>, ConvertError> {
    let known: Vec<_> = maps
        .iter()
        .filter_map(|map| match &map.kind {
            ValueKind::Map(fields) => Some(fields),
            _ => None,
        })
        .collect();
    let is_object = known.iter().all(|fields| fields.keys().eq(known[0].keys()));
    let rows: Vec<TemplateValue> =
        known.iter().map(|fields| TemplateValue::list(fields.values().cloned().collect(), None)).collect();
    let rows = if is_object {
        unify_lists(&rows)?
    } else {
        let flat: Vec<TemplateValue> = rows.iter().flat_map(|row| row.items().to_vec()).collect();
        let mut flat = unify(&flat)?.into_iter();
        rows.iter()
            .map(|row| TemplateValue::list(flat.by_ref().take(row.items().len()).collect(), None))
            .collect()
    };
    let mut rows = rows.into_iter();
    let one = |map: &TemplateValue| match &map.kind {
        ValueKind::Map(fields) => {
            let values = rows.next().map(|row| row.items().to_vec()).unwrap_or_default();
            as_kind(map, ValueKind::Map(Arc::new(fields.keys().cloned().zip(values).collect())))
        }
        _ => map.clone(),
    };
    Ok(maps.iter().map(one).collect())
}

/// A list as a set: one type, sorted, each item once. Items that are not known come last; with some, the set is loose.
pub fn to_set(items: &[TemplateValue], place: Option<Place>) -> Result<TemplateValue, ConvertError> {
    let (mut known, others): (Vec<_>, Vec<_>) =
        unify_items(items)?.into_iter().partition(TemplateValue::is_known);
    known.sort_by(set_order);
    known.dedup_by(|later, earlier| equal(later, earlier) == Some(true));
    let loose = !others.is_empty() && known.len() + others.len() > 1;
    for item in others {
        if !known.iter().any(|before| equal(before, &item) == Some(true)) {
            known.push(item);
        }
    }
    let mut set = TemplateValue::list(known, place);
    set.loose = loose && set.items().len() > 1;
    Ok(set)
}

/// The order of the items of a set of which all is known: by text, by number, `false` first, null last.
pub fn set_order(one: &TemplateValue, other: &TemplateValue) -> Ordering {
    match (&one.kind, &other.kind) {
        (ValueKind::Null, ValueKind::Null) => Ordering::Equal,
        (ValueKind::Null, _) => Ordering::Greater,
        (_, ValueKind::Null) => Ordering::Less,
        (ValueKind::Text(one), ValueKind::Text(other)) => one.cmp(other),
        (ValueKind::Number(one), ValueKind::Number(other)) => number::compared(one, other),
        (ValueKind::Bool(one), ValueKind::Bool(other)) => one.cmp(other),
        _ => set_text(one).cmp(&set_text(other)),
    }
}

/// What lists and objects are sorted by in a set.
fn set_text(value: &TemplateValue) -> String {
    let joined = |values: &mut dyn Iterator<Item = &TemplateValue>| -> String {
        values.map(|value| set_text(value) + ";").collect()
    };
    match &value.kind {
        ValueKind::Null => "~".to_owned(),
        ValueKind::Bool(is) => if *is { "T" } else { "F" }.to_owned(),
        ValueKind::Number(number) => number::written(number),
        ValueKind::Text(text) => format!("{text:?}"),
        ValueKind::List(items) => format!("<{}>", joined(&mut items.iter())),
        ValueKind::Map(fields) => format!("<{}>", joined(&mut fields.values())),
        ValueKind::Mixed(_) | ValueKind::Symbol(_) | ValueKind::Unknown(_) => "?".to_owned(),
    }
}

/// Whether a value is small enough to work with: not too many values, not too deep.
pub fn is_bounded<'v>(values: impl IntoIterator<Item = &'v TemplateValue>) -> bool {
    let mut left = MAX_VALUES;
    values.into_iter().all(|value| count(value, &mut left, 0))
}

fn count(value: &TemplateValue, left: &mut usize, depth: usize) -> bool {
    if *left == 0 || depth > MAX_DEPTH {
        return false;
    }
    *left -= 1;
    match &value.kind {
        ValueKind::List(items) => items.iter().all(|item| count(item, left, depth + 1)),
        ValueKind::Map(fields) => fields.values().all(|field| count(field, left, depth + 1)),
        _ => true,
    }
}
