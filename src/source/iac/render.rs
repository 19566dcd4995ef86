//! Writes a draft as the text of a snapshot. What is not known has an entry in `notCollected`, what is a symbol one in `references`.

use super::draft::Draft;
use super::template::Template;
use super::value::{TemplateValue, TextPart, ValueKind, written};
use crate::snapshot::template::{REFERENCES, TEMPLATE_VERSION};
use crate::snapshot::{NotCollected, TemplateSource, Type, UnknownKind, schema, section};
use crate::value::Pointer;
use serde_json::{Map, Value, json};

/// The text of the snapshot of a draft.
pub(super) fn render(template: &Template, draft: &Draft) -> String {
    let mut writer = Writer::default();
    let mut root = Map::new();
    root.insert("schemaVersion".to_owned(), json!(TEMPLATE_VERSION));
    root.insert(TemplateSource::FIELD.to_owned(), json!(template.source.as_str()));
    root.insert("root".to_owned(), json!(template.name));
    root.extend(template.environment.as_ref().map(|name| ("environment".to_owned(), json!(name))));
    root.extend(draft.address.as_ref().map(|address| ("address".to_owned(), json!(&**address))));
    for (name, value) in [("account", &draft.account), ("region", &draft.region)] {
        let known = value.as_ref().and_then(|value| value.as_str());
        root.extend(known.map(|text| (name.to_owned(), json!(text))));
    }
    for known in section::all() {
        let Some(drafted) = draft.sections.get(known.name.as_str()) else { continue };
        let (ty, at) = (schema().section(&known.name), Pointer::root().key(&known.name));
        let value = match known.is_list() {
            true => {
                let (item, mut items) = (schema().item(ty), Vec::new());
                for (position, value) in drafted.items.iter().enumerate() {
                    items.push(writer.value(value, item, &at.index(position)).unwrap_or(Value::Null));
                }
                if let Some(reason) = &drafted.more {
                    let place = if items.is_empty() { at } else { at.index(items.len()) };
                    writer.lacks(place, reason);
                }
                Some(Value::Array(items))
            }
            false => match (drafted.items.first(), &drafted.more) {
                (Some(value), _) => writer.value(value, ty, &at),
                (None, more) => {
                    let reason = more.as_deref().unwrap_or("not in the template");
                    writer.lacks(at, reason);
                    None
                }
            },
        };
        root.extend(value.map(|value| (known.name.clone(), value)));
    }
    if !writer.references.is_empty() {
        root.insert(REFERENCES.to_owned(), json!(writer.references));
    }
    if !writer.lacking.is_empty() {
        root.insert(NotCollected::FIELD.to_owned(), Value::Array(writer.lacking));
    }
    serde_json::to_string_pretty(&root).unwrap_or_default()
}

#[derive(Default)]
struct Writer {
    references: Vec<String>,
    lacking: Vec<Value>,
}

impl Writer {
    fn lacks(&mut self, at: Pointer, reason: &str) {
        let (kind, reason) = (UnknownKind::UntilApply, reason.to_owned());
        self.lacking.push(NotCollected { at, kind, reason, api: None, action: None }.to_value());
    }

    /// A value; none for one that is not known, or not set.
    fn value(&mut self, value: &TemplateValue, ty: Type, at: &Pointer) -> Option<Value> {
        if value.sensitive {
            self.lacks(at.clone(), "its value is sensitive");
            return None;
        }
        match &value.kind {
            ValueKind::Null => None,
            ValueKind::Bool(known) => Some(Value::Bool(*known)),
            ValueKind::Number(known) => Some(Value::Number(known.clone())),
            ValueKind::Text(known) => Some(Value::String(known.to_string())),
            ValueKind::Symbol(symbol) => self.symbol(format!("${{{}}}", symbol.name), ty, at),
            ValueKind::Mixed(parts) => match parts.iter().find_map(TextPart::why_not_known) {
                Some(reason) => {
                    self.lacks(at.clone(), reason);
                    None
                }
                None => self.symbol(written(parts), ty, at),
            },
            ValueKind::Unknown(unknown) => {
                self.lacks(at.clone(), &unknown.reason);
                None
            }
            ValueKind::List(items) => {
                let item = schema().item(ty);
                let one =
                    |(position, value)| self.value(value, item, &at.index(position)).unwrap_or(Value::Null);
                Some(Value::Array(items.iter().enumerate().map(one).collect()))
            }
            ValueKind::Map(fields) => {
                let mut object = Map::new();
                for (name, value) in fields.iter() {
                    let field = schema().select_go_cased(ty, name).map_or(Type::Any, |field| field.ty);
                    object.extend(
                        self.value(value, field, &at.key(name)).map(|value| (name.to_string(), value)),
                    );
                }
                Some(Value::Object(object))
            }
        }
    }

    /// A symbol stands where texts do; nothing else is known of a list or a number.
    fn symbol(&mut self, text: String, ty: Type, at: &Pointer) -> Option<Value> {
        if matches!(ty, Type::String | Type::Any | Type::Timestamp) {
            self.references.push(at.as_str().to_owned());
            return Some(Value::String(text));
        }
        self.lacks(at.clone(), &format!("{text} is known only after apply"));
        None
    }
}
