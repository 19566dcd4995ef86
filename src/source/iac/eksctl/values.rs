//! Values of configurations: keys by their paths, what eksctl chooses where there are none, and objects that are put together.

use crate::source::iac::{Place, Symbol, TemplateValue, TextPart, ValueKind};
use serde_json::Value;
use std::sync::Arc;

/// Whose defaults they are.
pub(super) const EKSCTL: &str = "eksctl";

/// The value at a path of keys, if it is set. An empty text or list is not, as in Go. Of what is unknown on the way, each part is.
pub(super) fn find<'v>(value: &'v TemplateValue, path: &str) -> Option<&'v TemplateValue> {
    let mut at = value;
    for name in path.split('.') {
        if at.is_unknown() {
            return Some(at);
        }
        at = at.get(name)?;
    }
    let is_empty = match &at.kind {
        ValueKind::Text(text) => text.is_empty(),
        ValueKind::List(items) => items.is_empty(),
        _ => false,
    };
    (!is_empty).then_some(at)
}

/// The text at a path, if it is one and set.
pub(super) fn text<'v>(value: &'v TemplateValue, path: &str) -> Option<&'v str> {
    find(value, path)?.as_str()
}

/// Whether a key is on: where that is not known, what is unknown.
pub(super) fn flag<'v>(
    value: &'v TemplateValue,
    path: &str,
    otherwise: bool,
) -> Result<bool, &'v TemplateValue> {
    match find(value, path) {
        None => Ok(otherwise),
        Some(TemplateValue { kind: ValueKind::Bool(known), .. }) => Ok(*known),
        Some(other) => Err(other),
    }
}

/// The items of a list, and what is unknown if it is no list.
pub(super) fn items<'v>(
    value: &'v TemplateValue,
    path: &str,
) -> (&'v [TemplateValue], Option<&'v TemplateValue>) {
    match find(value, path) {
        None => (&[], None),
        Some(TemplateValue { kind: ValueKind::List(items), .. }) => (items, None),
        Some(other) => (&[], Some(other)),
    }
}

/// The place of the nearest thing around a path that is written.
pub(super) fn place_near(value: &TemplateValue, path: &str) -> Option<Place> {
    let mut at = value;
    let mut place = at.place.clone();
    for name in path.split('.') {
        let Some(next) = at.get(name) else { break };
        at = next;
        place = at.place.clone().or(place);
    }
    place
}

/// What eksctl chooses, at a place.
pub(super) fn chosen(value: &Value, place: Option<Place>) -> TemplateValue {
    TemplateValue { place, ..TemplateValue::default_of(EKSCTL, value) }
}

/// Where a value is, else another place.
pub(super) fn place_of(value: &TemplateValue, otherwise: &Place) -> Place {
    value.place.clone().unwrap_or_else(|| otherwise.clone())
}

/// A text that eksctl writes.
pub(super) fn written(text: &str, place: &Place) -> Option<TemplateValue> {
    Some(chosen(&Value::from(text), Some(place.clone())))
}

/// A number that eksctl writes.
pub(super) fn number(number: u32, place: &Place) -> Option<TemplateValue> {
    Some(chosen(&Value::from(number), Some(place.clone())))
}

/// What a path has, else what eksctl chooses.
pub(super) fn or_chosen(value: &TemplateValue, path: &str, otherwise: &Value) -> TemplateValue {
    find(value, path).cloned().unwrap_or_else(|| chosen(otherwise, place_near(value, path)))
}

/// What is unknown, at a place.
pub(super) fn unknown(reason: impl Into<String>, place: Option<Place>) -> TemplateValue {
    TemplateValue::unknown(reason, None, place)
}

/// Properties that have values, as an object.
pub(super) fn object<const N: usize>(
    place: Option<Place>,
    fields: [(&str, Option<TemplateValue>); N],
) -> TemplateValue {
    TemplateValue::map(fields.into_iter().filter_map(|(name, value)| Some((name, value?))), place)
}

/// A text that is put together.
pub(super) fn joined(parts: Vec<TextPart>, place: Option<Place>) -> TemplateValue {
    let literal = |part: &TextPart| match part {
        TextPart::Literal(text) => Some(text.to_string()),
        _ => None,
    };
    let kind = match parts.iter().map(literal).collect::<Option<String>>() {
        Some(text) => ValueKind::Text(text.into()),
        None => ValueKind::Mixed(parts.into()),
    };
    TemplateValue::new(kind, place)
}

/// A value as a part of a text, where it is one.
pub(super) fn part(value: &TemplateValue) -> Option<TextPart> {
    match &value.kind {
        ValueKind::Text(text) => Some(TextPart::Literal(Arc::clone(text))),
        ValueKind::Symbol(symbol) => Some(TextPart::Symbol(Arc::clone(symbol))),
        ValueKind::Unknown(unknown) => Some(TextPart::Unknown(Arc::clone(unknown))),
        _ => None,
    }
}

/// What is there, and nobody says what it is.
pub(super) fn symbol(name: &str) -> TemplateValue {
    let symbol = Symbol { name: name.into(), resource: None, attribute: "".into() };
    TemplateValue::new(ValueKind::Symbol(Arc::new(symbol)), None)
}

/// Why a value is not known.
pub(super) fn why(value: &TemplateValue) -> String {
    match &value.kind {
        ValueKind::Unknown(unknown) => unknown.reason.clone(),
        _ => "it is of another type than eksctl takes".to_owned(),
    }
}

/// A list in which each item is changed; of what is no list, nothing is known.
pub(super) fn each(list: &TemplateValue, change: impl Fn(&TemplateValue) -> TemplateValue) -> TemplateValue {
    match &list.kind {
        ValueKind::List(items) => {
            let items = items.iter().filter(|item| !item.is_null()).map(change).collect();
            TemplateValue { kind: ValueKind::List(Arc::new(items)), ..list.clone() }
        }
        _ => list.clone(),
    }
}

/// Tags as CloudFormation has them, of an object.
pub(super) fn pairs(tags: &TemplateValue) -> TemplateValue {
    match &tags.kind {
        ValueKind::Map(fields) => {
            let pair = |(key, value): (&Arc<str>, &TemplateValue)| {
                let key = TemplateValue::text(Arc::clone(key), value.place.clone());
                object(value.place.clone(), [("Key", Some(key)), ("Value", Some(value.clone()))])
            };
            TemplateValue::list(fields.iter().map(pair).collect(), tags.place.clone())
        }
        _ => tags.clone(),
    }
}
