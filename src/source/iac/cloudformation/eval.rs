//! Evaluates the values of a stack's template: parameters, functions, references to resources.

use super::keys::is_loop;
use super::load::{StackFile, StackLoad};
use super::parameters::StackParameter;
use super::state::ConditionState;
use super::symbols::{REF, stack_symbol};
use super::tree::{StackEntry, StackNode, StackNodeKind, is_version};
use super::values::{symbol, text_value, through, unknown};
use crate::source::iac::{Place, TemplateValue, ValueKind};
use crate::text::bounded;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

/// How deep functions may call each other, and attributes stand for properties.
const MAX_CALLS: usize = 300;

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
    pub(super) load: Rc<StackLoad>,
    pub(super) file: StackFile,
    /// What its logical ids begin with, where it is nested: `Network/`.
    pub(super) prefix: Arc<str>,
    /// The paths of the templates that it is nested in, and its own.
    pub(super) chain: Vec<String>,
    pub(super) parameters: HashMap<Arc<str>, StackParameter>,
    pub(super) mappings: Option<Rc<StackNode>>,
    pub(super) conditions: HashMap<Arc<str>, Rc<StackNode>>,
    pub(super) resources: HashMap<Arc<str>, Rc<StackNode>>,
    /// The resources in their order, and loops that were not expanded, each with the reason.
    pub(super) entries: Vec<StackEntry>,
    pub(super) failed: Vec<(StackEntry, String)>,
    pub(super) states: RefCell<HashMap<Arc<str>, Option<ConditionState>>>,
    pub(super) nested: RefCell<HashMap<Arc<str>, NestedState>>,
}

/// A nested stack.
pub(super) enum NestedState {
    /// It is being read.
    Reading,
    /// It was read; else why not.
    Read(Result<Rc<StackEvaluator>, String>),
}

/// What a node is: nothing for `AWS::NoValue`.
pub(super) type StackValue = Option<TemplateValue>;

impl StackEvaluator {
    /// One without anything.
    pub(super) fn new(load: Rc<StackLoad>, file: StackFile, prefix: Arc<str>, chain: Vec<String>) -> Self {
        Self {
            load,
            file,
            prefix,
            chain,
            parameters: HashMap::new(),
            mappings: None,
            conditions: HashMap::new(),
            resources: HashMap::new(),
            entries: Vec::new(),
            failed: Vec::new(),
            states: RefCell::default(),
            nested: RefCell::default(),
        }
    }

    /// The address of a resource.
    pub(super) fn address(&self, id: &str) -> Arc<str> {
        format!("{}{id}", self.prefix).into()
    }

    /// Bytes of its file.
    pub(super) fn place(&self, range: Range<usize>) -> Place {
        Place::new(self.file.id, range)
    }

    /// The value of an entry, at its key where it is a collection.
    pub(super) fn of_entry(&self, entry: &StackEntry) -> StackValue {
        if SECRET_NAMES.contains(&&*entry.key) {
            self.load.secrets.borrow_mut().push(self.place(whole(&entry.value)));
        }
        self.value(&entry.value, Some(&entry.key_range))
    }

    /// The value of a node. A collection is shown at its key, if it has one.
    pub(super) fn value(&self, node: &StackNode, key: Option<&Range<usize>>) -> StackValue {
        let place = self.place(range_of(node, key));
        if !self.load.step() {
            let words = "evaluating the template takes too many steps";
            return Some(TemplateValue::unknown(words, None, Some(place)));
        }
        let kind = match &node.kind {
            StackNodeKind::Null => ValueKind::Null,
            StackNodeKind::Bool(value) => ValueKind::Bool(*value),
            StackNodeKind::Number(number) => ValueKind::Number(number.clone()),
            StackNodeKind::Text(text) => return Some(text_value(text, &place)),
            StackNodeKind::Ambiguous(text) if is_version(text) => return Some(text_value(text, &place)),
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
        if entries.iter().any(|entry| is_loop(&entry.key)) {
            return Some(self.looped(entries, place));
        }
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
        self.load.call(MAX_CALLS, || self.call(&entry.key, &entry.value, place)).unwrap_or_else(|| {
            let words = format!("functions call each other more than {MAX_CALLS} levels deep");
            Some(unknown(words, place))
        })
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
            return Some(stack_symbol(&self.address(id), REF, Some(place)));
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
        {
            let value = self.load.call(MAX_CALLS, || self.value(&entry.value, Some(&entry.key_range)));
            if let Some(value) = value.flatten().filter(TemplateValue::is_known) {
                let words = format!("{attribute} of {}", self.address(id));
                return through(&value, place, &words);
            }
        }
        if let Some(Some(output)) = self.load.call(MAX_CALLS, || self.output_of(id, attribute, place)) {
            return output;
        }
        stack_symbol(&self.address(id), attribute, Some(place))
    }
}

/// Whether a key alone in an object is a function.
fn is_function(key: &str) -> bool {
    key == "Ref" || key.starts_with("Fn::")
}

/// Whether an entry is a function of a text, which is shown as what it is.
fn is_short_function(entry: &StackEntry) -> bool {
    let is_scalar = !matches!(entry.value.kind, StackNodeKind::List(_) | StackNodeKind::Map(_));
    is_scalar && is_function(&entry.key)
}

/// Where a node is shown: a collection at its key, anything else at itself.
fn range_of(node: &StackNode, key: Option<&Range<usize>>) -> Range<usize> {
    match (&node.kind, key) {
        (StackNodeKind::Map(entries), key) => match (entries.as_slice(), key) {
            ([only], _) if is_short_function(only) => {
                only.key_range.start..only.value.range.end.max(only.key_range.end)
            }
            (_, Some(key)) => key.clone(),
            ([first, ..], None) => first.key_range.clone(),
            ([], None) => node.range.clone(),
        },
        (StackNodeKind::List(_), Some(key)) => key.clone(),
        // What is not there is shown where it would be.
        (StackNodeKind::Null, Some(key)) if node.range.is_empty() => key.clone(),
        _ => node.range.clone(),
    }
}

/// All bytes of a node.
fn whole(node: &StackNode) -> Range<usize> {
    let inner = node.items().iter().map(|item| whole(item));
    let entries = node.entries().iter().flat_map(|entry| [entry.key_range.clone(), whole(&entry.value)]);
    inner.chain(entries).fold(node.range.clone(), |all, one| all.start.min(one.start)..all.end.max(one.end))
}
