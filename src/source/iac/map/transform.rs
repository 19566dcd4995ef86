//! How a value changes on its way into a snapshot.

use super::super::field_map::FieldMap;
use super::super::table::Transform;
use super::super::template::TemplateResource;
use super::super::value::{Symbol, TemplateValue, TextPart, ValueKind};
use std::sync::Arc;

/// The value in the form that a snapshot has. What is not known stays so, and what has no such form stays what it is: the
/// snapshot then says that it is no text, no number.
pub(super) fn apply(
    transform: Option<Transform>,
    value: &TemplateValue,
    resource: &TemplateResource,
) -> TemplateValue {
    match transform {
        None => value.clone(),
        Some(Transform::LogTypes) => log_setups(value),
        Some(Transform::LogTypeObjects) => log_setups(&types_of(value)),
        Some(Transform::PairMap) => pair_map(value),
        Some(Transform::TagMap) => tag_map(&with_default_tags(value, resource)),
        Some(Transform::TagList) => tag_list(&with_default_tags(value, resource)),
        Some(transform) => simple(transform, value),
    }
}

/// The same for what has nothing to do with the resource; tags stay what they are.
pub(super) fn simple(transform: Transform, value: &TemplateValue) -> TemplateValue {
    let changed = match transform {
        Transform::Text => text(value),
        Transform::Number => number(value),
        Transform::Bool => boolean(value),
        Transform::ListOfOne => list_of_one(value),
        Transform::LogTypes
        | Transform::LogTypeObjects
        | Transform::PairMap
        | Transform::TagMap
        | Transform::TagList => None,
    };
    changed.map_or_else(|| value.clone(), |kind| TemplateValue { kind, ..value.clone() })
}

/// What there is without a value of its own: the tags of the provider.
pub(super) fn of_nothing(transform: Option<Transform>, resource: &TemplateResource) -> Option<TemplateValue> {
    let all = resource.values.get("tags_all").filter(|all| matches!(all.kind, ValueKind::Map(_)));
    let tags = all.or(resource.default_tags.as_ref().filter(|tags| !tags.is_null()))?;
    match transform? {
        Transform::TagMap => Some(tag_map(tags)),
        Transform::TagList => Some(tag_list(tags)),
        _ => None,
    }
}

fn text(value: &TemplateValue) -> Option<ValueKind> {
    match &value.kind {
        ValueKind::Number(number) => Some(ValueKind::Text(number.to_string().into())),
        ValueKind::Bool(value) => Some(ValueKind::Text(value.to_string().into())),
        _ => None,
    }
}

fn number(value: &TemplateValue) -> Option<ValueKind> {
    Some(ValueKind::Number(value.as_str()?.parse().ok()?))
}

fn boolean(value: &TemplateValue) -> Option<ValueKind> {
    match value.as_str()? {
        "true" | "1" => Some(ValueKind::Bool(true)),
        "false" | "0" => Some(ValueKind::Bool(false)),
        // As launch templates write what is not set.
        "" => Some(ValueKind::Null),
        _ => None,
    }
}

fn list_of_one(value: &TemplateValue) -> Option<ValueKind> {
    match &value.kind {
        ValueKind::List(_) | ValueKind::Null | ValueKind::Unknown(_) => None,
        _ => Some(ValueKind::List(Arc::new(vec![value.clone()]))),
    }
}

fn log_setups(types: &TemplateValue) -> TemplateValue {
    if !matches!(types.kind, ValueKind::List(_)) {
        return types.clone();
    }
    let place = types.place.clone();
    let on = TemplateValue::new(ValueKind::Bool(true), place.clone());
    let setup = TemplateValue::map([("types", types.clone()), ("enabled", on)], place);
    TemplateValue { kind: ValueKind::List(Arc::new(vec![setup])), ..types.clone() }
}

/// The types of logs in a list of objects.
fn types_of(list: &TemplateValue) -> TemplateValue {
    let unset = || TemplateValue::unknown("a type of logs has no `Type`", None, list.place.clone());
    let one = |item: &TemplateValue| match item.kind {
        ValueKind::Map(_) => item.get("Type").cloned().unwrap_or_else(unset),
        _ => item.clone(),
    };
    let ValueKind::List(items) = &list.kind else { return list.clone() };
    TemplateValue { kind: ValueKind::List(Arc::new(items.iter().map(one).collect())), ..list.clone() }
}

/// A list of pairs as an object. Where a key is not known, nothing is.
fn pair_map(list: &TemplateValue) -> TemplateValue {
    let ValueKind::List(pairs) = &list.kind else { return list.clone() };
    let mut fields = FieldMap::new();
    for pair in pairs.iter() {
        let key = pair.get("Key").map_or(pair, |key| key);
        let Some(name) = key.as_str() else {
            let words = match &key.kind {
                ValueKind::Unknown(unknown) => unknown.reason.clone(),
                _ => "a key of it is not known".to_owned(),
            };
            return TemplateValue::unknown(words, None, list.place.clone());
        };
        let value = pair.get("Value").cloned().unwrap_or_else(|| TemplateValue::text("", pair.place.clone()));
        fields.insert(Arc::from(name), value);
    }
    TemplateValue { kind: ValueKind::Map(Arc::new(fields)), ..list.clone() }
}

/// The tags of a resource win over those of the provider. If either is not known, no tag is.
fn with_default_tags(value: &TemplateValue, resource: &TemplateResource) -> TemplateValue {
    // Plans and states have both already.
    if let Some(all) = resource.values.get("tags_all").filter(|all| matches!(all.kind, ValueKind::Map(_))) {
        return all.clone();
    }
    let Some(defaults) = resource.default_tags.as_ref().filter(|tags| !tags.is_null()) else {
        return value.clone();
    };
    let (ValueKind::Map(own), ValueKind::Map(more)) = (&value.kind, &defaults.kind) else {
        return if matches!(value.kind, ValueKind::Map(_)) { defaults.clone() } else { value.clone() };
    };
    let mut tags = (**more).clone();
    tags.extend(own.iter().map(|(name, value)| (name.clone(), value.clone())));
    TemplateValue { kind: ValueKind::Map(Arc::new(tags)), ..value.clone() }
}

/// Tags as an object: of one with a key that may be any, nobody knows which it has.
fn tag_map(tags: &TemplateValue) -> TemplateValue {
    let ValueKind::Map(fields) = &tags.kind else { return tags.clone() };
    match fields.keys().find(|key| key.contains("${")) {
        Some(key) => TemplateValue::unknown(format!("{key} may be any tag"), None, tags.place.clone()),
        None => tags.clone(),
    }
}

/// A key of an object, in which `${…}` is what is known only after apply.
fn key_kind(key: &str) -> ValueKind {
    let mut parts = Vec::new();
    let mut rest = key;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else { break };
        if !before.is_empty() {
            parts.push(TextPart::Literal(before.into()));
        }
        let symbol = Symbol { name: name.into(), resource: None, attribute: "".into() };
        parts.push(TextPart::Symbol(Arc::new(symbol)));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(TextPart::Literal(rest.into()));
    }
    match parts.as_slice() {
        [] | [TextPart::Literal(_)] => ValueKind::Text(key.into()),
        [TextPart::Symbol(symbol)] => ValueKind::Symbol(symbol.clone()),
        _ => ValueKind::Mixed(parts.into()),
    }
}

/// Tags as a list.
pub(super) fn tag_list(tags: &TemplateValue) -> TemplateValue {
    let ValueKind::Map(fields) = &tags.kind else { return tags.clone() };
    let tag = |(name, value): (&Arc<str>, &TemplateValue)| {
        let key = TemplateValue::new(key_kind(name), value.place.clone());
        TemplateValue::map([("Key", key), ("Value", value.clone())], value.place.clone())
    };
    let items = fields.iter().map(tag).collect();
    TemplateValue { kind: ValueKind::List(Arc::new(items)), ..tags.clone() }
}
