//! Values for the parameters of stacks: the files that the AWS CLI takes, and the defaults of a template.

use super::tree::{StackNode, StackNodeKind, is_version, read_tree};
use super::values::text_value;
use crate::source::iac::{
    ConditionAssumption, ConditionCase, FileId, OpenCondition, Place, Symbol, TemplateValue, ValueKind,
};
use crate::text::bounded;
use crate::value::Problem;
use crate::value::position::LineIndex;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// What a user gives to the parameters of stacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StackInputs {
    /// Files of parameters, in order: later ones win.
    pub files: Vec<ParameterFile>,
}

/// A file of parameters that somebody named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterFile {
    /// What to call it.
    pub name: String,
    /// What is in it.
    pub text: Arc<str>,
}

/// What is wrong with a file that holds no parameters.
const NO_PARAMETERS: &str = "holds no parameters: write [{\"ParameterKey\": \"NAME\", \"ParameterValue\": \"VALUE\"}], \
    [\"NAME=VALUE\"] or {\"Parameters\": {\"NAME\": \"VALUE\"}}";

/// A value that a file gives to a parameter.
struct GivenParameter {
    value: String,
    place: Place,
    /// Where it is written, in words: `set in prod.json`.
    words: String,
}

/// The values that files give, by name. The files are those after the template's own.
#[derive(Default)]
pub(super) struct GivenParameters {
    values: HashMap<String, GivenParameter>,
    /// What is wrong with the files.
    pub(super) problems: Vec<Problem>,
}

impl GivenParameters {
    /// Reads the files of parameters.
    pub(super) fn read(inputs: &StackInputs) -> Self {
        let mut given = Self::default();
        for (at, file) in inputs.files.iter().enumerate() {
            let id = FileId(u32::try_from(at + 1).unwrap_or(u32::MAX));
            match read_tree(&file.text) {
                Err(fault) => given.problems.push(Problem::at(&file.name, fault.place, fault.message)),
                Ok(tree) => given.add_all(&tree.root, file, id),
            }
        }
        given
    }

    fn add_all(&mut self, root: &StackNode, file: &ParameterFile, id: FileId) {
        let named = root.get("Parameters").filter(|named| matches!(named.kind, StackNodeKind::Map(_)));
        match (&root.kind, named) {
            (_, Some(named)) => {
                for entry in named.entries() {
                    self.add_node(&entry.key, &entry.value, file, id);
                }
            }
            (StackNodeKind::List(items), None) => items.iter().for_each(|item| self.add_item(item, file, id)),
            _ => self.problems.push(problem(file, &root.range, NO_PARAMETERS)),
        }
    }

    fn add_item(&mut self, item: &StackNode, file: &ParameterFile, id: FileId) {
        let key = item.get("ParameterKey").and_then(|key| key.as_str());
        let pair = item.as_str().and_then(|text| text.split_once('='));
        match (key, item.get("ParameterValue"), pair) {
            (Some(name), Some(value), _) => self.add_node(name, value, file, id),
            // The stack keeps the value that it has, which no file tells.
            (Some(_), None, _) => {}
            (None, _, Some((name, value))) => self.add(name.trim(), value.to_owned(), &item.range, file, id),
            (None, _, None) => self.problems.push(problem(file, &item.range, NO_PARAMETERS)),
        }
    }

    fn add_node(&mut self, name: &str, value: &StackNode, file: &ParameterFile, id: FileId) {
        match text_of(value) {
            Some(text) => self.add(name, text, &value.range, file, id),
            None => {
                let words = format!("gives `{}` a value that is no text", bounded(name));
                self.problems.push(problem(file, &value.range, &words));
            }
        }
    }

    fn add(&mut self, name: &str, value: String, range: &Range<usize>, file: &ParameterFile, id: FileId) {
        let short = file.name.rsplit('/').next().unwrap_or(&file.name);
        let words = format!("parameter {name} set in {short}");
        let given = GivenParameter { value, place: Place::new(id, range.clone()), words };
        self.values.insert(name.to_owned(), given);
    }
}

fn problem(file: &ParameterFile, range: &Range<usize>, message: &str) -> Problem {
    let place = LineIndex::new(&file.text).region(&(range.start..range.start)).start();
    Problem::at(&file.name, place, message)
}

/// A scalar as a text; a list as texts with commas between them, as the parameters of CloudFormation are.
fn text_of(node: &StackNode) -> Option<String> {
    match &node.kind {
        StackNodeKind::Text(text) | StackNodeKind::Ambiguous(text) => Some(text.to_string()),
        StackNodeKind::Number(number) => Some(number.to_string()),
        StackNodeKind::Bool(value) => Some(value.to_string()),
        StackNodeKind::List(items) => {
            let is_scalar = |item: &StackNode| !matches!(item.kind, StackNodeKind::List(_));
            let item = |item: &std::rc::Rc<StackNode>| text_of(item).filter(|_| is_scalar(item));
            Some(items.iter().map(item).collect::<Option<Vec<_>>>()?.join(","))
        }
        StackNodeKind::Null | StackNodeKind::Map(_) => None,
    }
}

/// A parameter of a template.
pub(super) struct StackParameter {
    /// Its value, at the place where that is written.
    pub(super) value: TemplateValue,
    /// What is there, in words that follow a value: `default of parameter Cidrs`.
    pub(super) words: String,
    /// Bytes that must not be shown.
    pub(super) secret: Option<Place>,
    /// The values of which it has one, where it is not known which.
    pub(super) choices: Vec<Arc<str>>,
}

/// How what a parameter is called begins, wherever it stands.
const CALLED: &str = "the parameter ";

/// So many values may a parameter have that is looked at with each of them.
const MAX_CHOICES: usize = 8;

impl StackParameter {
    /// What a template and files say of a parameter, and an assumption, if it is of this one.
    pub(super) fn of(
        name: &Arc<str>,
        node: &StackNode,
        given: &GivenParameters,
        assumed: Option<&ConditionAssumption>,
    ) -> Self {
        let kind = node.get("Type").and_then(|kind| kind.as_str()).unwrap_or("String");
        let hidden = node.get("NoEcho").and_then(|value| text_of(value));
        let is_hidden = hidden.is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let is_open = |default: &&std::rc::Rc<StackNode>| matches!(&default.kind, StackNodeKind::Ambiguous(text) if !is_version(text));
        if let (None, Some(default)) = (given.values.get(&**name), node.get("Default").filter(is_open)) {
            let reason = format!(
                "the default of parameter {name} without quotes may be read as another number; put it in quotes"
            );
            let place = Place::new(FileId(0), default.range.clone());
            let value = TemplateValue::unknown(reason, Some(Arc::clone(name)), Some(place));
            let words = format!("default of parameter {name}");
            return Self { value, words, secret: None, choices: Vec::new() };
        }
        let written = match (given.values.get(&**name), node.get("Default")) {
            (Some(given), _) => Some((given.value.clone(), given.place.clone(), given.words.clone())),
            (None, Some(default)) => text_of(default).map(|text| {
                let place = Place::new(FileId(0), default.range.clone());
                (text, place, format!("default of parameter {name}"))
            }),
            (None, None) => None,
        };
        let choices = if is_hidden || written.is_some() { Vec::new() } else { choices(kind, node) };
        let chosen = assumed.filter(|assumed| *assumed.condition == *called(name));
        let chosen = chosen.and_then(|assumed| match &assumed.case {
            ConditionCase::Value(value) => choices.iter().find(|(choice, _)| choice == value),
            ConditionCase::Holds | ConditionCase::Fails => None,
        });
        let chosen = chosen.map(|(text, place)| {
            (text.to_string(), place.clone(), format!("allowed value of parameter {name}"))
        });
        let Some((text, place, words)) = written.or(chosen) else {
            let reason = no_value(name);
            let value = TemplateValue::unknown(reason, Some(Arc::clone(name)), None);
            return Self {
                value: TemplateValue { sensitive: is_hidden, ..value },
                words: String::new(),
                secret: None,
                choices: choices.into_iter().map(|(text, _)| text).collect(),
            };
        };
        let kind = typed(name, kind, &text, &place);
        let value = TemplateValue { sensitive: is_hidden, ..TemplateValue::new(kind, Some(place.clone())) };
        Self { value, words, secret: is_hidden.then_some(place), choices: Vec::new() }
    }

    /// It, if it may have one of a few values, as a condition that is not known.
    pub(super) fn open(&self, name: &str) -> Option<OpenCondition> {
        let values = self.choices.clone();
        (!values.is_empty()).then(|| OpenCondition {
            name: called(name).into(),
            reason: no_value(name),
            values,
        })
    }
}

fn called(name: &str) -> String {
    format!("{CALLED}{name}")
}

fn no_value(name: &str) -> String {
    format!("parameter {name} has no value; pass --parameters")
}

/// The values of which a parameter without one has one, each once, if they are few.
fn choices(kind: &str, node: &StackNode) -> Vec<(Arc<str>, Place)> {
    // A list has any of them, and what is in Parameter Store is not known.
    if kind.starts_with("AWS::SSM::") || is_list(kind) {
        return Vec::new();
    }
    let mut choices: Vec<(Arc<str>, Place)> = Vec::new();
    for item in node.get("AllowedValues").map(|values| values.items()).unwrap_or_default() {
        let is_open = matches!(&item.kind, StackNodeKind::Ambiguous(text) if !is_version(text));
        let Some(text) = text_of(item).filter(|_| !is_open) else { return Vec::new() };
        if choices.iter().all(|(known, _)| **known != *text) {
            choices.push((text.into(), Place::new(FileId(0), item.range.clone())));
        }
    }
    if choices.len() > MAX_CHOICES { Vec::new() } else { choices }
}

/// Whether a type of parameters is one of lists.
fn is_list(kind: &str) -> bool {
    kind == "CommaDelimitedList" || kind.starts_with("List<")
}

/// A value of a type of parameters. What is in Parameter Store is there, and not known.
fn typed(name: &Arc<str>, kind: &str, text: &str, place: &Place) -> ValueKind {
    if kind.starts_with("AWS::SSM::Parameter::Value<") {
        let symbol = Symbol { name: Arc::clone(name), resource: None, attribute: "".into() };
        return ValueKind::Symbol(Arc::new(symbol));
    }
    match (is_list(kind), serde_json::from_str::<serde_json::Number>(text)) {
        (true, _) if text.trim().is_empty() => ValueKind::List(Arc::default()),
        (true, _) => {
            let item = |item: &str| text_value(item.trim(), place);
            ValueKind::List(Arc::new(text.split(',').map(item).collect()))
        }
        (false, Ok(number)) if kind == "Number" => ValueKind::Number(number),
        (false, _) => text_value(text, place).kind,
    }
}
