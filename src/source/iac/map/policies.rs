//! Documents of policies as objects, wherever resources have them: JSON that is written, with what is known only after apply in
//! it, and those of `data.aws_iam_policy_document`.
//!
//! Written after `internal/service/iam/policy_document_data_source.go` and `policy_model.go` of terraform-provider-aws.

use super::super::mapped::MappedResource;
use super::super::place::Place;
use super::super::template::{Mode, Template, TemplateResource};
use super::super::value::{Symbol, TemplateValue, TextPart, ValueKind};
use super::default_of;
use super::objects::{ObjectFields, PROVIDER, each, given, set};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The type of the data source.
const KIND: &str = "aws_iam_policy_document";
/// The most statements of a document, as facts read them.
const MAX_STATEMENTS: usize = 1_000;
/// The longest text of a document, in bytes: more than facts read.
const MAX_BYTES: usize = 1024 * 1024;
/// How deep documents may stand in documents.
const MAX_DEPTH: usize = 32;

/// Sections whose items have documents, and the field.
const FIELDS: [(&str, &str); 3] =
    [("roles", "AssumeRolePolicyDocument"), ("policies", "Document"), ("vpcEndpoints", "PolicyDocument")];

/// Reads the documents of all items, and of what is added to items.
pub(super) fn read_all(template: &Template, mapped: &mut MappedResource) {
    let documents = PolicyDocuments::of(template);
    for item in &mut mapped.items {
        for (section, field) in FIELDS {
            if item.section == section {
                // As the API has it, the document of an endpoint is a text.
                let as_text = |value: &TemplateValue| section == "vpcEndpoints" && value.as_str().is_some();
                documents.read_field(&mut item.value, field, as_text);
            }
        }
        if let Some(inline) = item.value.get("InlinePolicies").filter(|_| item.section == "roles").cloned() {
            let read = |policy: &TemplateValue| documents.inline(policy);
            set(&mut item.value, "InlinePolicies", each(&inline, read));
        }
    }
    let inline = mapped.attachments.iter_mut().filter(|attachment| attachment.at == ["InlinePolicies"]);
    for attachment in inline {
        attachment.value = documents.inline(&attachment.value);
    }
}

/// The policy documents that a template puts together.
pub struct PolicyDocuments<'t> {
    sources: HashMap<&'t str, &'t TemplateResource>,
    read: RefCell<HashMap<&'t str, TemplateValue>>,
}

impl<'t> PolicyDocuments<'t> {
    /// Those of a template.
    pub fn of(template: &'t Template) -> Self {
        let is_source = |resource: &&TemplateResource| resource.mode == Mode::Data && &*resource.kind == KIND;
        let sources = template.resources.iter().filter(is_source);
        Self { sources: sources.map(|source| (&*source.address, source)).collect(), read: RefCell::default() }
    }

    /// A document as an object. What cannot be read as one stays what it is.
    pub fn document(&self, value: &TemplateValue) -> TemplateValue {
        self.nested(value, 0)
    }

    fn nested(&self, value: &TemplateValue, depth: usize) -> TemplateValue {
        let read = match &value.kind {
            ValueKind::Text(text) => parsed(text, &[], &value.place),
            ValueKind::Mixed(parts) => parsed_with_symbols(parts, &value.place),
            ValueKind::Symbol(symbol) => self.of_symbol(symbol, depth),
            _ => None,
        };
        read.map_or_else(
            || value.clone(),
            |read| TemplateValue { place: value.place.clone(), sensitive: value.sensitive, ..read },
        )
    }

    fn read_field(&self, object: &mut TemplateValue, field: &str, keep: impl Fn(&TemplateValue) -> bool) {
        if let Some(document) = object.get(field).filter(|value| !keep(value)) {
            let document = self.document(document);
            set(object, field, document);
        }
    }

    fn inline(&self, policy: &TemplateValue) -> TemplateValue {
        let mut policy = policy.clone();
        self.read_field(&mut policy, "PolicyDocument", |_| false);
        policy
    }

    /// The document that a data source puts together, where a symbol is that.
    fn of_symbol(&self, symbol: &Symbol, depth: usize) -> Option<TemplateValue> {
        let is_document = ["json", "minified_json"].contains(&&*symbol.attribute);
        let (address, source) =
            self.sources.get_key_value(symbol.resource.as_deref()?).filter(|_| is_document)?;
        if let Some(read) = self.read.borrow().get(address) {
            return Some(read.clone());
        }
        if depth >= MAX_DEPTH {
            let words = format!("{address} is put together of too many documents");
            return Some(TemplateValue::unknown(words, None, Some(source.place.clone())));
        }
        // Until it is read, it stands for itself where it is put together of itself.
        let words = format!("{address} is put together of itself");
        let itself = TemplateValue::unknown(words, None, Some(source.place.clone()));
        self.read.borrow_mut().insert(address, itself);
        let document = self.put_together(source, depth + 1);
        self.read.borrow_mut().insert(address, document.clone());
        Some(document)
    }

    fn put_together(&self, source: &TemplateResource, depth: usize) -> TemplateValue {
        let values = &source.values;
        let mut merged = MergedStatements::default();
        for name in ["source_json", "source_policy_documents"] {
            self.merge_documents(values, name, depth, &mut merged);
        }
        match values.get("statement") {
            None => {}
            Some(blocks) => merged.add_all(&each(blocks, statement)),
        }
        for name in ["override_json", "override_policy_documents"] {
            self.merge_documents(values, name, depth, &mut merged);
        }
        // A plan or a state may have the result alone.
        if merged.is_empty()
            && let Some(json) = given(values, "json").filter(|json| json.as_str().is_some())
        {
            return self.nested(json, depth);
        }
        let place = Some(source.place.clone());
        if merged.list.len() > MAX_STATEMENTS {
            let words = format!("{} has more than {MAX_STATEMENTS} statements", source.address);
            return TemplateValue::unknown(words, None, place);
        }
        let version = values.get("version").cloned();
        ObjectFields::default()
            .with("Version", version.unwrap_or_else(|| default_of(PROVIDER, &json!("2012-10-17"))))
            .with("Statement", merged.into_value(place.clone()))
            .at(place)
    }

    fn merge_documents(&self, values: &TemplateValue, name: &str, depth: usize, into: &mut MergedStatements) {
        let Some(list) = given(values, name) else { return };
        let documents = match &list.kind {
            ValueKind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(list),
        };
        for document in documents.iter().filter(|document| !document.is_null()) {
            // Enough is enough: the document is refused, however many more there are.
            if into.list.len() > MAX_STATEMENTS {
                return;
            }
            let read = self.nested(document, depth);
            match read.get("Statement") {
                Some(statements) => into.add_all(statements),
                None if matches!(read.kind, ValueKind::Map(_)) => {}
                None => into.add_unknown(&read, name),
            }
        }
    }
}

/// Statements, of which a later one replaces that with its `Sid`.
#[derive(Default)]
struct MergedStatements {
    list: Vec<TemplateValue>,
    place: Option<Place>,
    /// What took the place of the list.
    unknown: Option<TemplateValue>,
}

impl MergedStatements {
    fn is_empty(&self) -> bool {
        self.list.is_empty() && self.unknown.is_none()
    }

    fn add_all(&mut self, statements: &TemplateValue) {
        match &statements.kind {
            ValueKind::List(_) | ValueKind::Map(_) => {
                if let ValueKind::List(_) = statements.kind {
                    self.place = self.place.take().or_else(|| statements.place.clone());
                }
                statements.items().iter().for_each(|statement| self.add(statement));
            }
            _ => self.unknown = Some(statements.clone()),
        }
    }

    fn add(&mut self, statement: &TemplateValue) {
        let sid = statement.get("Sid");
        let text = sid.and_then(TemplateValue::as_str).filter(|sid| !sid.is_empty());
        let same = |one: &&mut TemplateValue| one.get("Sid").and_then(TemplateValue::as_str) == text;
        match text.and_then(|_| self.list.iter_mut().find(same)) {
            Some(replaced) => *replaced = statement.clone(),
            None => {
                // Which one it replaces, if any, is not known.
                if let Some(sid) = sid.filter(|sid| sid.as_str().is_none() && !self.list.is_empty()) {
                    self.unknown = Some(sid.clone());
                }
                self.list.push(statement.clone());
            }
        }
    }

    fn add_unknown(&mut self, document: &TemplateValue, name: &str) {
        let reason = match &document.kind {
            ValueKind::Unknown(unknown) => unknown.reason.clone(),
            _ => format!("a document of {name} is known only after apply"),
        };
        self.unknown = Some(TemplateValue::unknown(reason, None, document.place.clone()));
    }

    fn into_value(self, place: Option<Place>) -> TemplateValue {
        match self.unknown {
            Some(TemplateValue { kind: ValueKind::Unknown(unknown), place, .. }) => {
                TemplateValue::new(ValueKind::Unknown(unknown), place)
            }
            Some(other) => TemplateValue::unknown("statements are known only after apply", None, other.place),
            None => TemplateValue::list(self.list, self.place.or(place)),
        }
    }
}

/// A `statement` block; what is no block stays what it is.
fn statement(block: &TemplateValue) -> TemplateValue {
    if !matches!(block.kind, ValueKind::Map(_)) {
        return block.clone();
    }
    let texts = |name: &str| given(block, name).and_then(one_or_several);
    let patterns = |name: &str| one_or_several(&each(given(block, name)?, with_variables));
    let effect = given(block, "effect").cloned();
    ObjectFields::default()
        .with_some("Sid", given(block, "sid").cloned())
        .with("Effect", effect.unwrap_or_else(|| default_of(PROVIDER, &json!("Allow"))))
        .with_some("Action", texts("actions"))
        .with_some("NotAction", texts("not_actions"))
        .with_some("Resource", patterns("resources"))
        .with_some("NotResource", patterns("not_resources"))
        .with_some("Principal", given(block, "principals").map(principals))
        .with_some("NotPrincipal", given(block, "not_principals").map(principals))
        .with_some("Condition", given(block, "condition").map(conditions))
        .at(block.place.clone())
}

/// A list as the provider writes it: one text alone, and nothing for none.
fn one_or_several(list: &TemplateValue) -> Option<TemplateValue> {
    match &list.kind {
        ValueKind::List(items) => match items.as_slice() {
            [] => None,
            [only] if !only.is_unknown() => Some(only.clone()),
            _ => Some(list.clone()),
        },
        _ => Some(list.clone()),
    }
}

/// Variables of policies are written `&{aws:username}` in the data source.
fn with_variables(value: &TemplateValue) -> TemplateValue {
    let replaced = |text: &str| -> Arc<str> { text.replace("&{", "${").into() };
    let kind = match &value.kind {
        ValueKind::Text(text) => ValueKind::Text(replaced(text)),
        ValueKind::Mixed(parts) => {
            let part = |part: &TextPart| match part {
                TextPart::Literal(text) => TextPart::Literal(replaced(text)),
                TextPart::Symbol(_) | TextPart::Unknown(_) => part.clone(),
            };
            ValueKind::Mixed(parts.iter().map(part).collect())
        }
        _ => return value.clone(),
    };
    TemplateValue { kind, ..value.clone() }
}

/// Lists by a name that several blocks may have.
#[derive(Default)]
struct NamedLists(BTreeMap<Arc<str>, Vec<TemplateValue>>);

impl NamedLists {
    fn add(&mut self, name: &str, values: &TemplateValue) {
        let list = self.0.entry(name.into()).or_default();
        match &values.kind {
            ValueKind::List(items) => list.extend(items.iter().map(with_variables)),
            _ => list.push(values.clone()),
        }
    }

    fn into_value(self, place: &Option<Place>) -> TemplateValue {
        let value = |mut list: Vec<TemplateValue>| match list.pop() {
            // One that is unknown may be a list.
            Some(only) if list.is_empty() => only,
            last => {
                list.extend(last);
                let place = list.first().and_then(|first| first.place.clone());
                TemplateValue::list(list, place)
            }
        };
        TemplateValue::map(self.0.into_iter().map(|(name, list)| (name, value(list))), place.clone())
    }
}

/// The `principals` blocks of a statement.
fn principals(blocks: &TemplateValue) -> TemplateValue {
    if let [block] = blocks.items()
        && let Some([only]) = block.get("identifiers").map(TemplateValue::items)
        && block.get("type").and_then(TemplateValue::as_str) == Some("*")
        && only.as_str() == Some("*")
    {
        return only.clone();
    }
    let mut lists = NamedLists::default();
    for block in blocks_of(blocks) {
        match (block.get("type").and_then(TemplateValue::as_str), block.get("identifiers")) {
            (Some(sort), Some(identifiers)) => lists.add(sort, identifiers),
            _ => return not_known(block, "the principals of a statement are known only after apply"),
        }
    }
    lists.into_value(&blocks.place)
}

/// The `condition` blocks of a statement.
fn conditions(blocks: &TemplateValue) -> TemplateValue {
    let mut operators: BTreeMap<Arc<str>, NamedLists> = BTreeMap::new();
    for block in blocks_of(blocks) {
        let test = block.get("test").and_then(TemplateValue::as_str);
        // A key with a symbol in it is written as texts with symbols are.
        let variable = block.get("variable").filter(|variable| !variable.is_unknown());
        match (test, variable.and_then(TemplateValue::join_key), block.get("values")) {
            (Some(test), Some(variable), Some(values)) => {
                operators.entry(test.into()).or_default().add(&variable, values);
            }
            _ => return not_known(block, "a condition of a statement is known only after apply"),
        }
    }
    let place = &blocks.place;
    TemplateValue::map(
        operators.into_iter().map(|(name, keys)| (name, keys.into_value(place))),
        place.clone(),
    )
}

fn blocks_of(blocks: &TemplateValue) -> &[TemplateValue] {
    match blocks.kind {
        ValueKind::List(_) | ValueKind::Map(_) => blocks.items(),
        _ => std::slice::from_ref(blocks),
    }
}

fn not_known(block: &TemplateValue, words: &str) -> TemplateValue {
    match &block.kind {
        ValueKind::Unknown(_) => block.clone(),
        _ => TemplateValue::unknown(words, None, block.place.clone()),
    }
}

/// What stands around the number of a symbol while JSON is read: characters that no text has.
const BEFORE: char = '\u{e000}';
const AFTER: char = '\u{e001}';

/// JSON in which symbols stand: within texts, or in the place of a value.
fn parsed_with_symbols(parts: &[TextPart], place: &Option<Place>) -> Option<TemplateValue> {
    let (mut text, mut holes) = (String::new(), Vec::new());
    let (mut in_text, mut escaped) = (false, false);
    for part in parts {
        match part {
            TextPart::Literal(literal) => {
                // A text that has such characters itself could be taken for one with symbols.
                if literal.contains([BEFORE, AFTER]) || literal.to_ascii_lowercase().contains("\\ue00") {
                    return None;
                }
                for character in literal.chars() {
                    match character {
                        _ if escaped => escaped = false,
                        '\\' => escaped = in_text,
                        '"' => in_text = !in_text,
                        _ => {}
                    }
                }
                text.push_str(literal);
            }
            TextPart::Symbol(_) | TextPart::Unknown(_) => {
                let number = holes.len();
                holes.push(part.clone());
                let quote = if in_text { "" } else { "\"" };
                text.push_str(&format!("{quote}{BEFORE}{number}{AFTER}{quote}"));
            }
        }
        if text.len() > MAX_BYTES {
            return None;
        }
    }
    parsed(&text, &holes, place)
}

/// The object that a text holds; none for what is no such text.
fn parsed(text: &str, holes: &[TextPart], place: &Option<Place>) -> Option<TemplateValue> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let value: Value = serde_json::from_str(text).ok().filter(Value::is_object)?;
    Some(SymbolReader { holes, place }.value(&value))
}

/// Puts symbols back into what was read.
struct SymbolReader<'s> {
    holes: &'s [TextPart],
    place: &'s Option<Place>,
}

impl SymbolReader<'_> {
    fn value(&self, value: &Value) -> TemplateValue {
        let kind = match value {
            Value::Null => ValueKind::Null,
            Value::Bool(value) => ValueKind::Bool(*value),
            Value::Number(number) => ValueKind::Number(number.clone()),
            Value::String(text) => self.text(text),
            Value::Array(items) => {
                ValueKind::List(Arc::new(items.iter().map(|item| self.value(item)).collect()))
            }
            Value::Object(fields) => {
                let field = |(name, value): (&String, &Value)| (self.key(name), self.value(value));
                ValueKind::Map(Arc::new(fields.iter().map(field).collect()))
            }
        };
        TemplateValue::new(kind, self.place.clone())
    }

    fn text(&self, text: &str) -> ValueKind {
        let parts = self.parts(text);
        match parts.as_slice() {
            [] => ValueKind::Text("".into()),
            [TextPart::Literal(text)] => ValueKind::Text(text.clone()),
            [TextPart::Symbol(symbol)] => ValueKind::Symbol(symbol.clone()),
            [TextPart::Unknown(unknown)] => ValueKind::Unknown(unknown.clone()),
            _ => ValueKind::Mixed(parts.into()),
        }
    }

    /// A key with a symbol in it is written as texts with symbols are.
    fn key(&self, text: &str) -> Arc<str> {
        super::super::value::written(&self.parts(text)).into()
    }

    fn parts(&self, text: &str) -> Vec<TextPart> {
        let mut parts = Vec::new();
        let literal = |text: &str, parts: &mut Vec<TextPart>| {
            if !text.is_empty() {
                parts.push(TextPart::Literal(text.into()));
            }
        };
        let mut rest = text;
        while !self.holes.is_empty()
            && let Some((before, after)) = rest.split_once(BEFORE)
            && let Some((number, after)) = after.split_once(AFTER)
        {
            literal(before, &mut parts);
            let hole = number.parse::<usize>().ok().and_then(|number| self.holes.get(number));
            parts.extend(hole.cloned());
            rest = after;
        }
        literal(rest, &mut parts);
        parts
    }
}
