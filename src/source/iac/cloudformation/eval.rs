//! Evaluates the values of a stack's template: parameters, functions, references to resources.

use super::condition::ConditionState;
use super::parameters::StackParameter;
use super::symbols::{REF, stack_symbol};
use super::tree::{StackEntry, StackNode, StackNodeKind};
use crate::source::iac::{
    ConditionAssumption, FileId, Place, Symbol, TemplateValue, TextPart, UnknownValue, ValueKind,
};
use crate::text::bounded;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

/// Values and functions of a template that are evaluated at most.
const MAX_STEPS: usize = 2_000_000;
/// How deep functions may call each other, and attributes stand for properties.
const MAX_CALLS: usize = 300;
/// Bytes and parts of a text that is put together.
const MAX_TEXT_BYTES: usize = 1 << 20;
const MAX_PARTS: usize = 10_000;

/// Fields that hold secrets wherever they stand.
const SECRET_NAMES: [&str; 6] =
    ["MasterUserPassword", "Password", "PrivateKey", "SecretString", "Token", "UserData"];

/// What CloudFormation knows of a stack by itself.
const PSEUDO: [&str; 6] =
    ["AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::StackId", "AWS::StackName", "AWS::URLSuffix"];

/// Attributes that are properties of the resource, so that they are known where these are: type, name of both.
const READABLE: [(&str, &str); 2] =
    [("AWS::EC2::VPC", "CidrBlock"), ("AWS::EC2::Subnet", "AvailabilityZone")];

/// A template while it is evaluated.
pub(super) struct StackEvaluator {
    pub(super) parameters: HashMap<Arc<str>, StackParameter>,
    pub(super) mappings: Option<Rc<StackNode>>,
    pub(super) conditions: HashMap<Arc<str>, Rc<StackNode>>,
    pub(super) resources: HashMap<Arc<str>, Rc<StackNode>>,
    pub(super) assumed: Option<ConditionAssumption>,
    pub(super) states: RefCell<HashMap<Arc<str>, Option<ConditionState>>>,
    /// Conditions that decide something and are not known, in their order.
    pub(super) open: RefCell<Vec<Arc<str>>>,
    /// Bytes that must not be shown.
    pub(super) secrets: RefCell<Vec<Range<usize>>>,
    /// What is wrong, with the bytes where.
    pub(super) faults: RefCell<Vec<(Range<usize>, String)>>,
    steps: Cell<usize>,
    calls: Cell<usize>,
}

/// What a node is: nothing for `AWS::NoValue`.
pub(super) type StackValue = Option<TemplateValue>;

impl StackEvaluator {
    /// One without anything.
    pub(super) fn new(assumed: Option<&ConditionAssumption>) -> Self {
        Self {
            parameters: HashMap::new(),
            mappings: None,
            conditions: HashMap::new(),
            resources: HashMap::new(),
            assumed: assumed.cloned(),
            states: RefCell::default(),
            open: RefCell::default(),
            secrets: RefCell::default(),
            faults: RefCell::default(),
            steps: Cell::new(MAX_STEPS),
            calls: Cell::new(0),
        }
    }

    /// Why nothing more is evaluated, if so.
    pub(super) fn is_exhausted(&self) -> bool {
        self.steps.get() == 0
    }

    /// The value of an entry, at its key where it is a collection.
    pub(super) fn of_entry(&self, entry: &StackEntry) -> StackValue {
        if SECRET_NAMES.contains(&&*entry.key) {
            self.secrets.borrow_mut().push(whole(&entry.value));
        }
        self.value(&entry.value, Some(&entry.key_range))
    }

    /// The value of a node. A collection is shown at its key, if it has one.
    pub(super) fn value(&self, node: &StackNode, key: Option<&Range<usize>>) -> StackValue {
        let place = place_of(node, key);
        if !self.step() {
            let words = "evaluating the template takes too many steps";
            return Some(TemplateValue::unknown(words, None, Some(place)));
        }
        let kind = match &node.kind {
            StackNodeKind::Null => ValueKind::Null,
            StackNodeKind::Bool(value) => ValueKind::Bool(*value),
            StackNodeKind::Number(number) => ValueKind::Number(number.clone()),
            StackNodeKind::Text(text) => ValueKind::Text((&**text).into()),
            StackNodeKind::Ambiguous(text) => {
                let words = format!("{text} without quotes may be read as another number; put it in quotes");
                return Some(TemplateValue::unknown(words, None, Some(place)));
            }
            StackNodeKind::List(items) => return Some(self.list(items, place)),
            StackNodeKind::Map(entries) => return self.object(entries, place),
        };
        Some(TemplateValue::new(kind, Some(place)))
    }

    /// A list without what is not there. Of one of which nobody knows whether something is there, nobody knows how long it is.
    fn list(&self, items: &[Rc<StackNode>], place: Place) -> TemplateValue {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            match self.value(item, None) {
                None => {}
                Some(value) if value.is_unknown() && self.may_be_nothing(item) => {
                    return value.at(Some(place));
                }
                Some(value) => values.push(value),
            }
        }
        TemplateValue::list(values, Some(place))
    }

    /// Whether a node is a choice of which one side is nothing.
    fn may_be_nothing(&self, node: &StackNode) -> bool {
        let choice = node.only_entry().filter(|entry| &*entry.key == "Fn::If");
        let sides = choice.map(|choice| choice.value.items()).unwrap_or_default();
        sides.iter().skip(1).any(|side| {
            let of = side.get("Ref").and_then(|of| of.as_str().map(str::to_owned));
            of.as_deref() == Some("AWS::NoValue") || self.may_be_nothing(side)
        })
    }

    fn object(&self, entries: &[StackEntry], place: Place) -> StackValue {
        if let [entry] = entries
            && is_function(&entry.key)
        {
            return self.called(entry, &place);
        }
        if entries.iter().any(|entry| &*entry.key == "Fn::Transform") {
            let words = "Fn::Transform adds to it what is not in the template";
            return Some(TemplateValue::unknown(words, None, Some(place)));
        }
        let fields = entries.iter().filter_map(|entry| Some((Arc::from(&*entry.key), self.of_entry(entry)?)));
        Some(TemplateValue::map::<Arc<str>>(fields, Some(place)))
    }

    /// A function, unless it stands in too many others.
    fn called(&self, entry: &StackEntry, place: &Place) -> StackValue {
        if self.calls.get() >= MAX_CALLS {
            let words = format!("functions call each other more than {MAX_CALLS} levels deep");
            return Some(unknown(words, place));
        }
        self.calls.set(self.calls.get() + 1);
        let value = self.call(&entry.key, &entry.value, place);
        self.calls.set(self.calls.get() - 1);
        value
    }

    /// What `Ref` names.
    pub(super) fn reference(&self, name: &str, place: &Place) -> StackValue {
        if name == "AWS::NoValue" {
            return None;
        }
        if PSEUDO.contains(&name) {
            return Some(symbol(name.into(), None, "", place));
        }
        if let Some(parameter) = self.parameters.get(name) {
            return Some(through(&parameter.value, place, &parameter.words));
        }
        if let Some((id, _)) = self.resources.get_key_value(name) {
            return Some(stack_symbol(id, REF, Some(place)));
        }
        let words = format!("{} is no parameter and no resource of this template", bounded(name));
        Some(unknown(words, place))
    }

    /// An attribute of a resource.
    pub(super) fn attribute(&self, resource: &str, attribute: &str, place: &Place) -> TemplateValue {
        let Some((id, node)) = self.resources.get_key_value(resource) else {
            return unknown(format!("{} is no resource of this template", bounded(resource)), place);
        };
        let kind = node.get("Type").and_then(|kind| kind.as_str()).unwrap_or_default();
        if READABLE.contains(&(kind, attribute))
            && let Some(entry) = node.get("Properties").and_then(|properties| properties.entry(attribute))
            && self.calls.get() < MAX_CALLS
        {
            self.calls.set(self.calls.get() + 1);
            let value = self.value(&entry.value, Some(&entry.key_range));
            self.calls.set(self.calls.get() - 1);
            if let Some(value) = value.filter(TemplateValue::is_known) {
                let words = format!("{attribute} of {id}");
                return through(&value, place, &words);
            }
        }
        stack_symbol(id, attribute, Some(place))
    }

    fn step(&self) -> bool {
        let left = self.steps.get().saturating_sub(1);
        self.steps.set(left);
        left > 0
    }

    /// Something wrong at some bytes, said once.
    pub(super) fn fault(&self, range: &Range<usize>, message: String) {
        const MOST: usize = 20;
        let mut faults = self.faults.borrow_mut();
        let fault = (range.clone(), message);
        if faults.len() < MOST && !faults.contains(&fault) {
            faults.push(fault);
        }
    }
}

/// Whether a key alone in an object is a function.
fn is_function(key: &str) -> bool {
    key == "Ref" || key.starts_with("Fn::")
}

/// Where a node is shown: a collection at its key, anything else at itself.
fn place_of(node: &StackNode, key: Option<&Range<usize>>) -> Place {
    let range = match (&node.kind, key) {
        (StackNodeKind::Map(entries), key) => match (entries.as_slice(), key) {
            // A function with a text is as short as that.
            ([only], _)
                if is_function(&only.key)
                    && only.value.items().is_empty()
                    && only.value.entries().is_empty() =>
            {
                let (start, end) = (node.range.start.min(only.key_range.start), only.value.range.end);
                start..end.max(start)
            }
            (_, Some(key)) => key.clone(),
            ([first, ..], None) => first.key_range.clone(),
            ([], None) => node.range.clone(),
        },
        (StackNodeKind::List(_), Some(key)) => key.clone(),
        // What is not there is shown where it would be.
        (StackNodeKind::Null, Some(key)) if node.range.is_empty() => key.clone(),
        _ => node.range.clone(),
    };
    Place::new(FileId(0), range)
}

/// All bytes of a node.
fn whole(node: &StackNode) -> Range<usize> {
    let inner = node.items().iter().map(|item| whole(item));
    let entries = node.entries().iter().flat_map(|entry| [entry.key_range.clone(), whole(&entry.value)]);
    inner.chain(entries).fold(node.range.clone(), |all, one| all.start.min(one.start)..all.end.max(one.end))
}

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

/// The text that parts are.
pub(super) fn of_parts(parts: Vec<TextPart>, place: &Place) -> TemplateValue {
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
            return unknown("the text that is put together here is too long", place);
        }
    }
    if joined.is_empty() {
        return TemplateValue::text(literal, Some(place.clone()));
    }
    if !literal.is_empty() {
        joined.push(TextPart::Literal(literal.into()));
    }
    let kind = match joined.as_slice() {
        [TextPart::Symbol(symbol)] => ValueKind::Symbol(Arc::clone(symbol)),
        [TextPart::Unknown(unknown)] => ValueKind::Unknown(Arc::clone(unknown)),
        _ => ValueKind::Mixed(joined.into()),
    };
    TemplateValue::new(kind, Some(place.clone()))
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
