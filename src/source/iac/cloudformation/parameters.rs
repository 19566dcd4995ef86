//! Values for the parameters of stacks: the files that the AWS CLI takes, and the defaults of a template.

use super::tree::{StackEntry, StackNode, StackNodeKind, is_version, read_tree};
use super::values::{of_parts, scalar_text, text_value};
use crate::source::iac::tree::TemplateTree;
use crate::source::iac::{
    ConditionAssumption, ConditionCase, FileId, OpenCondition, Place, Symbol, TemplateValue, TextPart,
    ValueKind,
};
use crate::text::bounded;
use crate::value::Problem;
use crate::value::position::LineIndex;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// What a template of a stack is read with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StackInputs {
    /// Files of parameters, in order: later ones win.
    pub files: Vec<ParameterFile>,
    /// What nothing is read outside of, where there is no Git work tree.
    pub root: Option<PathBuf>,
    /// Where the template lies, if it is a file.
    pub home: Option<StackHome>,
}

/// Where a template lies: what it names by a relative path is looked for from there.
#[derive(Clone)]
pub struct StackHome {
    /// The folder that nothing leaves.
    pub tree: Arc<dyn TemplateTree>,
    /// The path of the template in it.
    pub path: String,
}

impl PartialEq for StackHome {
    fn eq(&self, other: &Self) -> bool {
        self.tree.shown(&self.path) == other.tree.shown(&other.path)
    }
}

impl Eq for StackHome {}

impl fmt::Debug for StackHome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StackHome").field("path", &self.path).finish_non_exhaustive()
    }
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

/// The values that are given to the parameters of a template.
pub(super) enum ParameterValues<'v> {
    /// Those of files.
    OfFiles(&'v GivenParameters),
    /// Those that a stack gives to a nested one, or why they are not known.
    OfStack {
        /// The nested stack.
        stack: Arc<str>,
        values: Result<HashMap<Arc<str>, TemplateValue>, String>,
    },
}

/// A parameter of a template.
pub(super) struct StackParameter {
    /// Its value, at the place where that is written.
    pub(super) value: TemplateValue,
    /// What is there, in words that follow a value: `default of parameter Cidrs`.
    pub(super) words: String,
    /// Bytes that must not be shown.
    pub(super) secret: Option<Place>,
    /// It, where it has one of a few values, and it is not known which.
    pub(super) open: Option<OpenCondition>,
}

/// How what a parameter is called begins, wherever it stands.
const CALLED: &str = "the parameter ";

/// So many values may a parameter have that is looked at with each of them.
const MAX_CHOICES: usize = 8;

/// A parameter while it is read.
struct DeclaredParameter<'p> {
    /// Its name, with that of the nested stack: `Network/Cidrs`.
    called: Arc<str>,
    kind: &'p str,
    node: &'p StackNode,
    file: FileId,
    is_hidden: bool,
}

impl StackParameter {
    /// What a template, and who gives values to it, say of a parameter; an assumption, if it is of this one.
    pub(super) fn of(
        entry: &StackEntry,
        values: &ParameterValues<'_>,
        prefix: &str,
        file: FileId,
        assumed: Option<&ConditionAssumption>,
    ) -> Self {
        let (name, node) = (&*entry.key, &*entry.value);
        let hidden = node.get("NoEcho").and_then(|value| text_of(value));
        let declared = DeclaredParameter {
            called: format!("{prefix}{name}").into(),
            kind: node.get("Type").and_then(|kind| kind.as_str()).unwrap_or("String"),
            node,
            file,
            is_hidden: hidden.is_some_and(|value| value.eq_ignore_ascii_case("true")),
        };
        match values {
            ParameterValues::OfFiles(given) => match given.values.get(name) {
                Some(given) => declared.written(&given.value, &given.place, given.words.clone()),
                None => declared.not_given(assumed, "; pass --parameters"),
            },
            ParameterValues::OfStack { stack, values: Ok(values) } => match values.get(name) {
                Some(value) => declared.handed_down(value, stack),
                None => declared.not_given(assumed, ""),
            },
            ParameterValues::OfStack { values: Err(why), .. } => {
                declared.finished(TemplateValue::unknown(why.clone(), None, None), String::new())
            }
        }
    }
}

impl DeclaredParameter<'_> {
    fn finished(&self, value: TemplateValue, words: String) -> StackParameter {
        let is_secret = self.is_hidden && value.is_known();
        let secret = value.place.clone().filter(|_| is_secret);
        let value = TemplateValue { sensitive: self.is_hidden || value.sensitive, ..value };
        StackParameter { value, words, secret, open: None }
    }

    /// With a value that is written somewhere.
    fn written(&self, text: &str, place: &Place, words: String) -> StackParameter {
        let value = TemplateValue::new(typed(&self.called, self.kind, text, place), Some(place.clone()));
        let secret = self.is_hidden.then(|| place.clone());
        StackParameter { secret, ..self.finished(value, words) }
    }

    /// With the value that a stack gives to a nested one.
    fn handed_down(&self, value: &TemplateValue, stack: &Arc<str>) -> StackParameter {
        let kind = match (scalar_text(value), &value.kind, &value.place) {
            (Some(text), _, Some(place)) => typed(&self.called, self.kind, &text, place),
            (_, ValueKind::Mixed(parts), Some(place)) if is_list(self.kind) => match items_of(parts, place) {
                Some(items) => ValueKind::List(Arc::new(items)),
                None => value.kind.clone(),
            },
            (_, kind, _) => kind.clone(),
        };
        let words = format!("parameter of {stack}");
        self.finished(TemplateValue { kind, ..value.clone() }, words)
    }

    /// With the default, or one of the values that it may have.
    fn not_given(&self, assumed: Option<&ConditionAssumption>, way_out: &str) -> StackParameter {
        let name = &self.called;
        if let Some(default) = self.node.get("Default") {
            let place = Place::new(self.file, default.range.clone());
            let words = format!("default of parameter {name}");
            if is_open_number(default) {
                let reason = format!(
                    "the default of parameter {name} without quotes may be read as another number; put it in quotes"
                );
                return self
                    .finished(TemplateValue::unknown(reason, Some(Arc::clone(name)), Some(place)), words);
            }
            if let Some(text) = text_of(default) {
                return self.written(&text, &place, words);
            }
        }
        let choices = self.choices();
        let open = OpenCondition {
            name: format!("{CALLED}{name}").into(),
            reason: format!("parameter {name} has no value{way_out}"),
            values: choices.iter().map(|(text, _)| Arc::clone(text)).collect(),
        };
        let chosen = assumed.filter(|assumed| assumed.condition == open.name).and_then(|assumed| {
            let ConditionCase::Value(value) = &assumed.case else { return None };
            choices.iter().find(|(choice, _)| choice == value)
        });
        if let Some((text, place)) = chosen {
            return self.written(text, place, format!("allowed value of parameter {name}"));
        }
        let value = TemplateValue::unknown(open.reason.clone(), Some(Arc::clone(name)), None);
        let open = Some(open).filter(|open| !open.values.is_empty());
        StackParameter { open, ..self.finished(value, String::new()) }
    }

    /// The values of which it has one, each once, if they are few.
    fn choices(&self) -> Vec<(Arc<str>, Place)> {
        // A list has any of them, and what is in Parameter Store is not known.
        if self.is_hidden || self.kind.starts_with("AWS::SSM::") || is_list(self.kind) {
            return Vec::new();
        }
        let mut choices: Vec<(Arc<str>, Place)> = Vec::new();
        for item in self.node.get("AllowedValues").map(|values| values.items()).unwrap_or_default() {
            let Some(text) = text_of(item).filter(|_| !is_open_number(item)) else { return Vec::new() };
            if choices.iter().all(|(known, _)| **known != *text) {
                choices.push((text.into(), Place::new(self.file, item.range.clone())));
            }
        }
        if choices.len() > MAX_CHOICES { Vec::new() } else { choices }
    }
}

/// The parameter that is open, if it is one.
pub(super) fn parameter_of(open: &OpenCondition) -> Option<&str> {
    open.name.strip_prefix(CALLED)
}

/// Whether a number is written so that it may be read as another one.
fn is_open_number(node: &StackNode) -> bool {
    matches!(&node.kind, StackNodeKind::Ambiguous(text) if !is_version(text))
}

/// The parts of a text between commas, of one of which parts are symbols; none where it is not known where commas are.
fn items_of(parts: &[TextPart], place: &Place) -> Option<Vec<TemplateValue>> {
    let mut items: Vec<Vec<TextPart>> = vec![Vec::new()];
    for part in parts {
        match part {
            TextPart::Literal(text) => {
                for (at, piece) in text.split(',').enumerate() {
                    if at > 0 {
                        items.push(Vec::new());
                    }
                    let piece = piece.trim();
                    if !piece.is_empty() {
                        items.last_mut()?.push(TextPart::Literal(piece.into()));
                    }
                }
            }
            // What a resource says of itself is one thing: no id and no ARN has a comma in it.
            TextPart::Symbol(symbol) if symbol.resource.is_some() => items.last_mut()?.push(part.clone()),
            TextPart::Symbol(_) | TextPart::Unknown(_) => return None,
        }
    }
    Some(items.into_iter().map(|parts| of_parts(parts, place)).collect())
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
