//! Templates for tests, written as JSON: `"${aws_subnet.a.id}"` is a symbol, `"?why"` is unknown, `"?why=var.name"` is unknown and
//! always the same. A text with `${…}` in it is a mixed one.

use super::draft::Draft;
use super::place::{FileId, Place};
use super::template::{Mode, ResourceCertainty, Template, TemplateResource};
use super::value::{Symbol, TemplateValue, TextPart, ValueKind, written};
use crate::snapshot::TemplateSource;
use serde_json::{Value, json};
use std::sync::Arc;

/// A template of resources by their addresses. `data.…` is looked up, `perhaps …` is not certain.
pub(super) fn template(resources: &Value) -> Template {
    let resources = resources.as_object().unwrap().iter().enumerate();
    Template {
        source: TemplateSource::Terraform,
        name: "test".to_owned(),
        environment: None,
        files: Vec::new(),
        resources: resources.map(|(at, (address, values))| resource(at, address, values)).collect(),
        missing: Vec::new(),
        problems: Vec::new(),
        notices: Vec::new(),
        conditions: Vec::new(),
        labels: std::collections::BTreeMap::new(),
    }
}

fn resource(at: usize, address: &str, values: &Value) -> TemplateResource {
    let (address, certainty) = match address.strip_prefix("perhaps ") {
        Some(address) => (address, ResourceCertainty::Perhaps("count is var.create".to_owned())),
        None => (address, ResourceCertainty::Certain),
    };
    let (kind, mode) = match address.strip_prefix("data.") {
        Some(rest) => (rest, Mode::Data),
        None => (address, Mode::Managed),
    };
    let kind = kind.split('.').rev().nth(1).unwrap();
    let start = at * 1000;
    TemplateResource {
        address: address.into(),
        kind: kind.into(),
        mode,
        values: value(values, &mut (start + 1)),
        region: Some(TemplateValue::text("eu-west-1", None)),
        default_tags: None,
        place: place(start),
        certainty,
        ignored_changes: Vec::new(),
    }
}

/// A place of its own.
pub(super) fn place(at: usize) -> Place {
    Place::new(FileId(0), at..at + 1)
}

fn value(value: &Value, at: &mut usize) -> TemplateValue {
    let here = Some(place(*at));
    *at += 1;
    let kind = match value {
        Value::Null => ValueKind::Null,
        Value::Bool(value) => ValueKind::Bool(*value),
        Value::Number(number) => ValueKind::Number(number.clone()),
        Value::String(text) => text_value(text),
        Value::Array(items) => {
            ValueKind::List(Arc::new(items.iter().map(|item| self::value(item, at)).collect()))
        }
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| (Arc::from(name.as_str()), self::value(value, at));
            ValueKind::Map(Arc::new(fields.iter().map(field).collect()))
        }
    };
    TemplateValue::new(kind, here)
}

fn text_value(text: &str) -> ValueKind {
    if let Some(unknown) = text.strip_prefix('?') {
        let (reason, name) = unknown.split_once('=').map_or((unknown, None), |(why, name)| (why, Some(name)));
        return TemplateValue::unknown(reason, name.map(Arc::from), None).kind;
    }
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').unwrap();
        parts.extend((!before.is_empty()).then(|| TextPart::Literal(before.into())));
        parts.push(TextPart::Symbol(Arc::new(symbol(name))));
        rest = after;
    }
    match parts.as_slice() {
        [] => ValueKind::Text(text.into()),
        [TextPart::Symbol(symbol)] if rest.is_empty() => ValueKind::Symbol(symbol.clone()),
        _ => {
            parts.extend((!rest.is_empty()).then(|| TextPart::Literal(rest.into())));
            ValueKind::Mixed(parts.into())
        }
    }
}

/// `aws_eks_cluster.a.vpc_config[0].vpc_id`: the address is two names long, or three with `data`.
fn symbol(name: &str) -> Symbol {
    let names = if name.starts_with("data.") { 3 } else { 2 };
    let at = name.match_indices('.').nth(names - 1).map(|(at, _)| at).unwrap();
    Symbol { name: name.into(), resource: Some(name[..at].into()), attribute: name[at + 1..].into() }
}

/// A value as the templates of tests write it.
pub(super) fn shown(value: &TemplateValue) -> Value {
    match &value.kind {
        ValueKind::Null => Value::Null,
        ValueKind::Bool(value) => json!(value),
        ValueKind::Number(number) => Value::Number(number.clone()),
        ValueKind::Text(text) => json!(**text),
        ValueKind::Mixed(parts) => json!(written(parts)),
        ValueKind::List(items) => items.iter().map(shown).collect(),
        ValueKind::Map(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (name.to_string(), shown(value))).collect())
        }
        ValueKind::Symbol(symbol) => json!(format!("${{{}}}", symbol.name)),
        ValueKind::Unknown(unknown) => {
            let name = unknown.name.as_ref().map(|name| format!("={name}")).unwrap_or_default();
            json!(format!("?{}{name}", unknown.reason))
        }
    }
}

/// The items of a section of a draft.
pub(super) fn items(draft: &Draft, section: &str) -> Value {
    draft.sections.get(section).map_or(Value::Null, |section| section.items.iter().map(shown).collect())
}

/// Why there may be more in a section; empty for one that has all, or that is not there.
pub(super) fn more(draft: &Draft, section: &str) -> String {
    draft.sections.get(section).and_then(|section| section.more.clone()).unwrap_or_default()
}
