//! Writes a draft as the text of a snapshot. What is not known has an entry in `notCollected`, what is a symbol one in `references`.

use super::draft::{Draft, DraftSection};
use super::field_map::FieldMap;
use super::template::Template;
use super::value::{TemplateValue, TextPart, ValueKind, written};
use crate::snapshot::template::{REFERENCES, TEMPLATE_VERSION};
use crate::snapshot::{NotCollected, Section, TemplateSource, Type, UnknownKind, schema, section};
use crate::value::Pointer;
use serde::Serialize;
use serde_json::Number;

/// The text of the snapshot of a draft.
pub(super) fn render(template: &Template, draft: &Draft) -> String {
    let mut writer = Writer::default();
    writer.text.open(b'{');
    writer.text.field("schemaVersion", &TEMPLATE_VERSION);
    writer.text.field(TemplateSource::FIELD, template.source.as_str());
    writer.text.field("root", &template.name);
    let texts = [
        ("environment", template.environment.as_deref()),
        ("address", draft.address.as_deref()),
        ("account", draft.account.as_ref().and_then(TemplateValue::as_str)),
        ("region", draft.region.as_ref().and_then(TemplateValue::as_str)),
    ];
    for (name, text) in texts.into_iter().filter_map(|(name, text)| Some((name, text?))) {
        writer.text.field(name, text);
    }
    for known in section::all() {
        if let Some(drafted) = draft.sections.get(known.name.as_str()) {
            writer.section(known, drafted);
        }
    }
    let Writer { mut text, references, lacking, .. } = writer;
    if !references.is_empty() {
        text.key(REFERENCES);
        text.open(b'[');
        references.iter().for_each(|reference| text.put_item(reference));
        text.close(b']');
    }
    if !lacking.is_empty() {
        text.key(NotCollected::FIELD);
        text.open(b'[');
        for lacking in &lacking {
            text.item();
            text.open(b'{');
            lacking.fields().for_each(|(name, words)| text.field(name, words));
            text.close(b'}');
        }
        text.close(b']');
    }
    text.close(b'}');
    String::from_utf8(text.bytes).unwrap_or_default()
}

#[derive(Default)]
struct Writer {
    text: PrettyJson,
    /// Where what is written stands.
    at: Pointer,
    references: Vec<String>,
    lacking: Vec<NotCollected>,
}

/// A value that is written.
enum Written<'v> {
    Bool(bool),
    Number(&'v Number),
    Text(&'v str),
    Owned(String),
    List(&'v [TemplateValue]),
    Map(&'v FieldMap<TemplateValue>),
}

impl Writer {
    fn section(&mut self, known: &Section, drafted: &DraftSection) {
        let ty = schema().section(&known.name);
        self.at.push_key(&known.name);
        match (known.is_list(), drafted.items.first(), &drafted.more) {
            (true, ..) => {
                self.text.key(&known.name);
                self.list(&drafted.items, schema().item(ty));
                if let Some(reason) = &drafted.more {
                    if !drafted.items.is_empty() {
                        self.at.push_index(drafted.items.len());
                    }
                    self.lacks(reason);
                }
            }
            (false, Some(value), _) => self.field(&known.name, value, ty),
            (false, None, more) => self.lacks(more.as_deref().unwrap_or("not in the template")),
        }
        self.at.truncate(0);
    }

    fn lacks(&mut self, reason: &str) {
        let (at, kind, reason) = (self.at.clone(), UnknownKind::UntilApply, reason.to_owned());
        self.lacking.push(NotCollected { at, kind, reason, api: None, action: None });
    }

    /// What is written of a value; none for one that is not known, or not set.
    fn written<'v>(&mut self, value: &'v TemplateValue, ty: Type) -> Option<Written<'v>> {
        if value.sensitive {
            self.lacks("its value is sensitive");
            return None;
        }
        match &value.kind {
            ValueKind::Null => None,
            ValueKind::Bool(known) => Some(Written::Bool(*known)),
            ValueKind::Number(known) => Some(Written::Number(known)),
            ValueKind::Text(known) => Some(Written::Text(known)),
            ValueKind::Symbol(symbol) => self.symbol(format!("${{{}}}", symbol.name), ty),
            ValueKind::Mixed(parts) => match parts.iter().find_map(TextPart::why_not_known) {
                Some(reason) => {
                    self.lacks(reason);
                    None
                }
                None => self.symbol(written(parts), ty),
            },
            ValueKind::Unknown(unknown) => {
                self.lacks(&unknown.reason);
                None
            }
            ValueKind::List(items) => Some(Written::List(items)),
            ValueKind::Map(fields) => Some(Written::Map(fields)),
        }
    }

    /// A symbol stands where texts do; nothing else is known of a list or a number.
    fn symbol<'v>(&mut self, text: String, ty: Type) -> Option<Written<'v>> {
        if matches!(ty, Type::String | Type::Any | Type::Timestamp) {
            self.references.push(self.at.as_str().to_owned());
            return Some(Written::Owned(text));
        }
        self.lacks(&format!("{text} is known only after apply"));
        None
    }

    /// A field, if its value is known; it stands at the writer's place.
    fn field(&mut self, name: &str, value: &TemplateValue, ty: Type) {
        if let Some(written) = self.written(value, ty) {
            self.text.key(name);
            self.put(written, ty);
        }
    }

    fn put(&mut self, written: Written<'_>, ty: Type) {
        match written {
            Written::Bool(known) => self.text.put(&known),
            Written::Number(known) => self.text.put(known),
            Written::Text(known) => self.text.put(known),
            Written::Owned(known) => self.text.put(&known),
            Written::List(items) => self.list(items, schema().item(ty)),
            Written::Map(fields) => {
                self.text.open(b'{');
                let here = self.at.written_len();
                for (name, value) in fields {
                    self.at.push_key(name);
                    let ty = schema().select_go_cased(ty, name).map_or(Type::Any, |field| field.ty);
                    self.field(name, value, ty);
                    self.at.truncate(here);
                }
                self.text.close(b'}');
            }
        }
    }

    /// What is not known in a list leaves a `null`, so that the others keep their positions.
    fn list(&mut self, items: &[TemplateValue], ty: Type) {
        self.text.open(b'[');
        let here = self.at.written_len();
        for (position, item) in items.iter().enumerate() {
            self.at.push_index(position);
            let written = self.written(item, ty);
            self.text.item();
            match written {
                Some(written) => self.put(written, ty),
                None => self.text.put(&()),
            }
            self.at.truncate(here);
        }
        self.text.close(b']');
    }
}

/// JSON as `serde_json` writes it for people, without a tree of it in memory before.
#[derive(Default)]
struct PrettyJson {
    bytes: Vec<u8>,
    depth: usize,
    /// Whether nothing stands in the innermost list or object yet.
    is_empty: bool,
}

impl PrettyJson {
    fn open(&mut self, bracket: u8) {
        self.bytes.push(bracket);
        self.depth += 1;
        self.is_empty = true;
    }

    fn close(&mut self, bracket: u8) {
        self.depth -= 1;
        if !self.is_empty {
            self.line();
        }
        self.bytes.push(bracket);
        self.is_empty = false;
    }

    fn line(&mut self) {
        self.bytes.push(b'\n');
        self.bytes.extend(std::iter::repeat_n(b' ', 2 * self.depth));
    }

    /// Begins an item of a list, or a field.
    fn item(&mut self) {
        if !self.is_empty {
            self.bytes.push(b',');
        }
        self.line();
        self.is_empty = false;
    }

    fn key(&mut self, name: &str) {
        self.item();
        self.put(name);
        self.bytes.extend(b": ");
    }

    fn field(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        self.key(name);
        self.put(value);
    }

    fn put_item(&mut self, value: &(impl Serialize + ?Sized)) {
        self.item();
        self.put(value);
    }

    /// A text, a number, `true`, `false` or `null`.
    fn put(&mut self, scalar: &(impl Serialize + ?Sized)) {
        // It has no key that is no text, and memory does not refuse to be written to.
        let _ = serde_json::to_writer(&mut self.bytes, scalar);
    }
}
