//! Arguments of Terraform in, items and attachments out: values, places, and what is not known.

mod iam;
mod launch_templates;
mod policies;
mod security_groups;
mod vpc;

use super::super::mapped::{Attachment, MappedItem, MappedResource};
use super::super::place::{FileId, Place};
use super::super::template::{Mode, ResourceCertainty, Template, TemplateResource};
use super::super::value::{Symbol, TemplateValue, TextPart, ValueKind, written};
use crate::snapshot::TemplateSource;
use serde_json::{Value, json};
use std::sync::Arc;

/// What resources become, and where each argument is.
struct NetworkOutcome {
    mapped: MappedResource,
    /// The paths of the arguments, by the numbers of their places.
    paths: Vec<String>,
}

/// Maps resources. Their addresses begin with `?` where they only perhaps exist. Of the arguments, `${…}` is a symbol, also within
/// a text, and `?x` is not known.
fn mapped(resources: &[(&str, Value)]) -> NetworkOutcome {
    let mut paths = Vec::new();
    let resources = resources.iter().map(|(address, values)| resource(address, values, &mut paths)).collect();
    let template = Template {
        source: TemplateSource::Terraform,
        name: ".".to_owned(),
        environment: None,
        files: Vec::new(),
        resources,
        missing: Vec::new(),
        problems: Vec::new(),
        notices: Vec::new(),
        conditions: Vec::new(),
        labels: std::collections::BTreeMap::new(),
    };
    NetworkOutcome { mapped: super::map_all(&template), paths }
}

fn resource(address: &str, values: &Value, paths: &mut Vec<String>) -> TemplateResource {
    let (address, certainty) = match address.strip_prefix('?') {
        Some(address) => (address, ResourceCertainty::Perhaps("count is not known".to_owned())),
        None => (address, ResourceCertainty::Certain),
    };
    let (mode, rest) = match address.strip_prefix("data.") {
        Some(rest) => (Mode::Data, rest),
        None => (Mode::Managed, address),
    };
    let kind = rest.split('.').next().expect("a type");
    let values = value(values, address, paths);
    TemplateResource {
        address: address.into(),
        kind: kind.into(),
        mode,
        place: values.place.clone().expect("a place"),
        values,
        region: None,
        default_tags: None,
        certainty,
        ignored_changes: Vec::new(),
    }
}

fn value(of: &Value, path: &str, paths: &mut Vec<String>) -> TemplateValue {
    let place = Place::new(FileId(0), paths.len()..paths.len());
    paths.push(path.to_owned());
    let kind = match of {
        Value::Null => ValueKind::Null,
        Value::Bool(value) => ValueKind::Bool(*value),
        Value::Number(number) => ValueKind::Number(number.clone()),
        Value::String(text) => return text_value(text).at(Some(place)),
        Value::Array(items) => {
            let item = |(at, item): (usize, &Value)| value(item, &format!("{path}/{at}"), paths);
            ValueKind::List(Arc::new(items.iter().enumerate().map(item).collect()))
        }
        Value::Object(fields) => {
            let field = |(name, field): (&String, &Value)| {
                (Arc::from(name.as_str()), value(field, &format!("{path}/{name}"), paths))
            };
            ValueKind::Map(Arc::new(fields.iter().map(field).collect()))
        }
    };
    TemplateValue::new(kind, Some(place))
}

fn text_value(text: &str) -> TemplateValue {
    if let Some(name) = text.strip_prefix('?') {
        return TemplateValue::unknown(format!("{name} has no value"), Some(name.into()), None);
    }
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else { break };
        if !before.is_empty() {
            parts.push(TextPart::Literal(before.into()));
        }
        parts.push(TextPart::Symbol(Arc::new(symbol(name))));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(TextPart::Literal(rest.into()));
    }
    let kind = match parts.as_slice() {
        [] => ValueKind::Text("".into()),
        [TextPart::Literal(text)] => ValueKind::Text(text.clone()),
        [TextPart::Symbol(symbol)] => ValueKind::Symbol(symbol.clone()),
        _ => ValueKind::Mixed(parts.into()),
    };
    TemplateValue::new(kind, None)
}

fn symbol(name: &str) -> Symbol {
    let (resource, attribute) = name.rsplit_once('.').expect("RESOURCE.ATTRIBUTE");
    Symbol { name: name.into(), resource: Some(resource.into()), attribute: attribute.into() }
}

/// A value as JSON: symbols in `${}`, and `?` with its reason for what is not known.
fn shown(value: &TemplateValue) -> Value {
    match &value.kind {
        ValueKind::Null => Value::Null,
        ValueKind::Bool(value) => json!(value),
        ValueKind::Number(number) => json!(number),
        ValueKind::Text(text) => json!(text.as_ref()),
        ValueKind::Mixed(parts) => json!(written(parts)),
        ValueKind::List(items) => items.iter().map(shown).collect(),
        ValueKind::Map(fields) => {
            Value::Object(fields.iter().map(|(name, field)| (name.to_string(), shown(field))).collect())
        }
        ValueKind::Symbol(symbol) => json!(format!("${{{}}}", symbol.name)),
        ValueKind::Unknown(unknown) => json!(format!("?{}", unknown.reason)),
    }
}

/// The part of a value at a JSON pointer.
fn at<'v>(value: &'v TemplateValue, pointer: &str) -> &'v TemplateValue {
    pointer.split('/').skip(1).fold(value, |value, part| match &value.kind {
        ValueKind::List(items) => &items[part.parse::<usize>().expect("a position")],
        _ => value.get(part).unwrap_or_else(|| panic!("no {part} of {pointer}")),
    })
}

impl NetworkOutcome {
    /// The items of a section.
    fn items(&self, section: &str) -> Vec<&MappedItem> {
        self.mapped.items.iter().filter(|item| item.section == section).collect()
    }

    /// The only item of a section that a resource is.
    fn item(&self, section: &str, address: &str) -> &TemplateValue {
        let found: Vec<_> =
            self.items(section).into_iter().filter(|item| &*item.address == address).collect();
        assert_eq!(found.len(), 1, "{address} in {section}");
        &found[0].value
    }

    /// A part of the only item of a section that a resource is.
    fn part(&self, section: &str, address: &str, pointer: &str) -> Value {
        shown(at(self.item(section, address), pointer))
    }

    /// What a resource adds to items.
    fn attachments(&self, address: &str) -> Vec<&Attachment> {
        self.mapped.attachments.iter().filter(|attachment| &*attachment.address == address).collect()
    }

    /// What a resource adds to one item.
    fn attachment(&self, address: &str) -> &Attachment {
        let found = self.attachments(address);
        assert_eq!(found.len(), 1, "{address}");
        found[0]
    }

    /// The argument at which a value is.
    fn place_of(&self, value: &TemplateValue) -> &str {
        let place = value.place.as_ref().expect("a place");
        &self.paths[place.start as usize]
    }
}

/// Whether any part of a value is not known.
fn has_unknown(value: &TemplateValue) -> bool {
    unknowns(value) > 0
}

/// How many parts of a value are not known.
fn unknowns(value: &TemplateValue) -> usize {
    match &value.kind {
        ValueKind::Unknown(_) => 1,
        ValueKind::List(items) => items.iter().map(unknowns).sum(),
        ValueKind::Map(fields) => fields.values().map(unknowns).sum(),
        _ => 0,
    }
}

/// What items and attachments say: how many parts are not known, and the whole as text.
fn said(outcome: &NetworkOutcome) -> (usize, String) {
    let items = outcome.mapped.items.iter().map(|item| item.value.clone());
    let attachments = outcome.mapped.attachments.iter();
    let attachments = attachments.flat_map(|attachment| [attachment.to.clone(), attachment.value.clone()]);
    let all: Vec<_> = items.chain(attachments).collect();
    (all.iter().map(unknowns).sum(), all.iter().map(|value| shown(value).to_string()).collect())
}

/// Resources of which each argument, in turn, is made unknown. What they then become must say so: more of it is not known, or
/// a symbol stands for what AWS sets where nobody does. `but_for` names arguments that are not in snapshots.
fn unknown_is_never_none(resources: &[(&str, Value)], but_for: &[&str]) {
    let (before, _) = said(&mapped(resources));
    for (at, (address, values)) in resources.iter().enumerate() {
        for name in values.as_object().expect("arguments").keys() {
            let full = format!("{}.{name}", address.split('.').next().expect("a type"));
            if but_for.contains(&full.as_str()) {
                continue;
            }
            let mut changed = resources.to_vec();
            changed[at].1[name] = json!("?var.x");
            let (now, text) = said(&mapped(&changed));
            let is_said = text.contains("?var.x has no value") || now > before;
            let is_symbol = text.contains("${var.x}") || text.contains(&format!("${{{address}.{name}}}"));
            assert!(is_said || is_symbol, "{address}: {name} is unknown, and nothing says so");
        }
    }
}
