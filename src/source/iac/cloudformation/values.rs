//! Values while they are evaluated: texts that are put together, and why something is not known.

use super::symbols::with_dynamic_references;
use crate::source::iac::{Place, Symbol, TemplateValue, TextPart, UnknownValue, ValueKind};
use std::sync::Arc;

/// Bytes and parts of a text that is put together.
const MAX_TEXT_BYTES: usize = 1 << 20;
const MAX_PARTS: usize = 10_000;

/// A value that is unknown at a place.
pub(super) fn unknown(reason: impl Into<String>, place: &Place) -> TemplateValue {
    TemplateValue::unknown(reason, None, Some(place.clone()))
}

/// A symbol at a place.
pub(super) fn symbol(
    name: Arc<str>,
    resource: Option<&Arc<str>>,
    attribute: &str,
    place: &Place,
) -> TemplateValue {
    let symbol = Symbol { name, resource: resource.cloned(), attribute: attribute.into() };
    TemplateValue::new(ValueKind::Symbol(Arc::new(symbol)), Some(place.clone()))
}

/// A value where it is used, with the place where it is written.
pub(super) fn through(value: &TemplateValue, place: &Place, words: &str) -> TemplateValue {
    let here = match &value.place {
        Some(written) => place.clone().through(written, || words.to_owned()),
        None => place.clone(),
    };
    let kind = match &value.kind {
        ValueKind::List(items) => {
            ValueKind::List(Arc::new(items.iter().map(|item| through(item, place, words)).collect()))
        }
        kind => kind.clone(),
    };
    TemplateValue { kind, place: Some(here), ..value.clone() }
}

/// A value as the parts of a text; a reason where it is none.
pub(super) fn parts_of(value: &TemplateValue) -> Result<Vec<TextPart>, String> {
    Ok(match &value.kind {
        ValueKind::Null => Vec::new(),
        ValueKind::Bool(value) => vec![TextPart::Literal(value.to_string().into())],
        ValueKind::Number(number) => vec![TextPart::Literal(number.to_string().into())],
        ValueKind::Text(text) => vec![TextPart::Literal(Arc::clone(text))],
        ValueKind::Mixed(parts) => parts.to_vec(),
        ValueKind::Symbol(symbol) => vec![TextPart::Symbol(Arc::clone(symbol))],
        ValueKind::Unknown(unknown) => vec![TextPart::Unknown(Arc::clone(unknown))],
        ValueKind::List(_) => return Err("a list stands where a text should".to_owned()),
        ValueKind::Map(_) => return Err("an object stands where a text should".to_owned()),
    })
}

/// A scalar as a text.
pub(super) fn scalar_text(value: &TemplateValue) -> Option<String> {
    match &value.kind {
        ValueKind::Text(text) => Some(text.to_string()),
        ValueKind::Number(number) => Some(number.to_string()),
        ValueKind::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

/// What a text is that is written, or that is known.
pub(super) fn text_value(text: &str, place: &Place) -> TemplateValue {
    of_parts(vec![TextPart::Literal(text.into())], place)
}

/// The text that parts are.
pub(super) fn of_parts(parts: Vec<TextPart>, place: &Place) -> TemplateValue {
    let Some(parts) = joined(parts) else {
        return unknown("the text that is put together here is too long", place);
    };
    let mut all = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            TextPart::Literal(text) => match with_dynamic_references(&text) {
                Some(more) => all.extend(more),
                None => return unknown("what a dynamic reference is to is not known", place),
            },
            other => all.push(other),
        }
    }
    let kind = match all.as_slice() {
        [] => ValueKind::Text("".into()),
        [TextPart::Literal(text)] => ValueKind::Text(Arc::clone(text)),
        [TextPart::Symbol(symbol)] => ValueKind::Symbol(Arc::clone(symbol)),
        [TextPart::Unknown(unknown)] => ValueKind::Unknown(Arc::clone(unknown)),
        _ => ValueKind::Mixed(all.into()),
    };
    TemplateValue::new(kind, Some(place.clone()))
}

/// Parts of which no two literals stand side by side; none for what is too long.
fn joined(parts: Vec<TextPart>) -> Option<Vec<TextPart>> {
    let mut joined: Vec<TextPart> = Vec::new();
    let mut literal = String::new();
    let mut bytes = 0_usize;
    for part in parts {
        match part {
            TextPart::Literal(text) => {
                bytes += text.len();
                literal.push_str(&text);
            }
            other => {
                if !literal.is_empty() {
                    joined.push(TextPart::Literal(std::mem::take(&mut literal).into()));
                }
                joined.push(other);
            }
        }
        if bytes > MAX_TEXT_BYTES || joined.len() > MAX_PARTS {
            return None;
        }
    }
    if !literal.is_empty() {
        joined.push(TextPart::Literal(literal.into()));
    }
    Some(joined)
}

/// Why a value is not known, if something of it is not.
pub(super) fn why_unknown(value: &TemplateValue) -> Option<String> {
    let reason = |unknown: &UnknownValue| unknown.reason.clone();
    match &value.kind {
        ValueKind::Unknown(unknown) => Some(reason(unknown)),
        ValueKind::Symbol(symbol) => Some(format!("{} is known only in the stack", symbol.name)),
        ValueKind::Mixed(parts) => parts.iter().find_map(|part| match part {
            TextPart::Literal(_) => None,
            TextPart::Symbol(symbol) => Some(format!("{} is known only in the stack", symbol.name)),
            TextPart::Unknown(unknown) => Some(reason(unknown)),
        }),
        ValueKind::List(items) => items.iter().find_map(why_unknown),
        ValueKind::Map(fields) => fields.values().find_map(why_unknown),
        _ => None,
    }
}
