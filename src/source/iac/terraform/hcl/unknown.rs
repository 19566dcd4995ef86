//! What follows from values of which something is not known.

use super::super::convert;
use crate::source::iac::{Place, Symbol, TemplateValue, ValueKind};
use std::sync::Arc;

/// Why a value is not known.
pub(super) fn reason_of(value: &TemplateValue) -> String {
    let order = || "order and number of its items are not known".to_owned();
    convert::why_unknown(value).map_or_else(order, |unknown| unknown.reason.clone())
}

/// A value that is unknown because another one is.
pub(super) fn opaque(value: &TemplateValue, place: &Place) -> TemplateValue {
    let unknown = TemplateValue::unknown(reason_of(value), None, Some(place.clone()));
    TemplateValue { sensitive: value.sensitive, ..unknown }
}

/// The key that a value is in an object: a text, in which symbols stand as `${…}`; none if it is not known.
pub(super) fn key_of(value: &TemplateValue) -> Result<Option<Arc<str>>, String> {
    let text = convert::to_text(value).map_err(|error| format!("a key of an object is wrong: {error}"))?;
    match text.kind {
        ValueKind::Text(text) => Ok(Some(text)),
        ValueKind::Null => Err("a key of an object is null".to_owned()),
        _ => Ok(value.join_key().map(Into::into)),
    }
}

/// Whether a key has a symbol in it, so that it may be any.
pub(super) fn is_open_key(key: &str) -> bool {
    key.contains("${")
}

/// Whether two values are the same; none if that is not known.
pub(super) fn same(one: &TemplateValue, other: &TemplateValue) -> Option<bool> {
    let is_empty = |value: &TemplateValue| value.as_str().is_some_and(str::is_empty);
    let is_symbol = |value: &TemplateValue| matches!(value.kind, ValueKind::Symbol(_));
    if (is_symbol(one) && is_empty(other)) || (is_empty(one) && is_symbol(other)) {
        return Some(false);
    }
    let is_same = convert::equal(one, other);
    // Of two objects, a key that is not known may be one of the other's.
    let is_collection = |value: &TemplateValue| matches!(value.kind, ValueKind::List(_) | ValueKind::Map(_));
    let may_have_it =
        is_collection(one) && is_collection(other) && (has_open_keys(one) || has_open_keys(other));
    is_same.filter(|is_same| *is_same || !may_have_it)
}

/// Whether keys of an object, or of one in it, are not known.
pub(super) fn has_open_keys(value: &TemplateValue) -> bool {
    match &value.kind {
        ValueKind::List(items) => items.iter().any(has_open_keys),
        ValueKind::Map(fields) => fields.iter().any(|(key, value)| is_open_key(key) || has_open_keys(value)),
        _ => false,
    }
}

/// What is taken of a symbol or of an unknown value; none for others.
pub(super) fn part_of(value: &TemplateValue, suffix: &str, place: &Place) -> Option<TemplateValue> {
    let kind = match &value.kind {
        ValueKind::Symbol(symbol) => ValueKind::Symbol(Arc::new(extended(symbol, suffix))),
        ValueKind::Unknown(unknown) => {
            let name = unknown.name.as_ref().map(|name| Arc::from(format!("{name}{suffix}")));
            let part = TemplateValue::unknown(unknown.reason.clone(), name, None);
            part.kind
        }
        _ => return None,
    };
    let place = value.place.clone().or_else(|| Some(place.clone()));
    Some(TemplateValue { kind, place, loose: false, ..value.clone() })
}

/// A part of what a symbol is: `.name` or `[0]`. Without an attribute it is a resource, of which an index is another one.
fn extended(symbol: &Symbol, suffix: &str) -> Symbol {
    let name = format!("{}{suffix}", symbol.name).into();
    if symbol.attribute.is_empty() && suffix.starts_with('[') {
        let resource = symbol.resource.as_ref().map(|resource| format!("{resource}{suffix}").into());
        return Symbol { name, resource, attribute: "".into() };
    }
    let attribute = format!("{}{suffix}", symbol.attribute);
    Symbol { name, resource: symbol.resource.clone(), attribute: attribute.trim_start_matches('.').into() }
}
