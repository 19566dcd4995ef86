//! A stack's template as resources: its sections, and what of them could not be understood.

use super::eval::StackEvaluator;
use super::parameters::{GivenParameters, StackInputs, StackParameter};
use super::tree::{StackEntry, StackFault, StackNode, StackNodeKind, is_version, read_tree};
use crate::snapshot::TemplateSource;
use crate::source::iac::{
    ConditionAssumption, FileId, MissingPart, Mode, Place, ResourceCertainty, Template, TemplateFile,
    TemplateResource, TemplateValue, ValueKind,
};
use crate::text::bounded;
use crate::value::Problem;
use crate::value::position::{LineColumn, LineIndex};
use std::collections::HashSet;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

/// Macros of AWS that add no resource that ekslint evaluates.
const HARMLESS_MACROS: [&str; 5] = [
    "AWS::CodeDeployBlueGreen",
    "AWS::LanguageExtensions",
    "AWS::SecretsManager-2020-07-23",
    "AWS::SecretsManager-2024-09-16",
    "AWS::Serverless-2016-10-31",
];

/// Reads a stack's template. What cannot be read is a problem of it.
pub fn read_stack(
    name: &str,
    text: Arc<str>,
    inputs: &StackInputs,
    assumed: Option<&ConditionAssumption>,
) -> Template {
    let given = GivenParameters::read(inputs);
    let mut reader = StackReader::new(name, text, inputs);
    reader.template.problems.extend(given.problems.iter().cloned());
    match read_tree(&reader.text) {
        Err(fault) => {
            // A broken file may hold secrets anywhere.
            reader.template.files[0].shown = false;
            reader.told(fault);
        }
        Ok(tree) => {
            tree.faults.into_iter().for_each(|fault| reader.told(fault));
            reader.read(&tree.root, &given, assumed);
        }
    }
    reader.template
}

/// A template while it is read.
struct StackReader {
    name: String,
    text: Arc<str>,
    template: Template,
}

impl StackReader {
    fn new(name: &str, text: Arc<str>, inputs: &StackInputs) -> Self {
        let file = |name: &str, text: &Arc<str>| TemplateFile {
            name: name.to_owned(),
            text: Arc::clone(text),
            shown: true,
            secrets: Vec::new(),
        };
        let given = inputs.files.iter().map(|given| file(&given.name, &given.text));
        let template = Template {
            source: TemplateSource::CloudFormation,
            name: name.to_owned(),
            environment: None,
            files: std::iter::once(file(name, &text)).chain(given).collect(),
            resources: Vec::new(),
            missing: Vec::new(),
            problems: Vec::new(),
            notices: Vec::new(),
            conditions: Vec::new(),
        };
        Self { name: name.to_owned(), text, template }
    }

    fn told(&mut self, fault: StackFault) {
        self.template.problems.push(Problem::at(&self.name, fault.place, fault.message));
    }

    fn fault(&mut self, range: &Range<usize>, message: impl Into<String>) {
        let place = LineIndex::new(&self.text).region(&(range.start..range.start)).start();
        self.template.problems.push(Problem::at(&self.name, place, message));
    }

    /// Says which versions need quotes: `1.30` without them is 1.3 for tools that read numbers.
    fn note_versions(&mut self, node: &StackNode) {
        match &node.kind {
            StackNodeKind::Ambiguous(text) if is_version(text) => {
                let place = LineIndex::new(&self.text).region(&(node.range.start..node.range.start)).start();
                let words =
                    format!("{text} without quotes is another number to some tools: write \"{text}\"");
                self.template.notices.push(Problem::at(&self.name, place, words));
            }
            StackNodeKind::List(items) => items.iter().for_each(|item| self.note_versions(item)),
            StackNodeKind::Map(entries) => entries.iter().for_each(|entry| self.note_versions(&entry.value)),
            _ => {}
        }
    }

    fn read(&mut self, root: &StackNode, given: &GivenParameters, assumed: Option<&ConditionAssumption>) {
        if !matches!(root.kind, StackNodeKind::Map(_)) {
            return self.fault(&root.range, "is no template: it holds no object with `Resources`");
        }
        let mut evaluator = StackEvaluator::new(assumed);
        for entry in self.section(root, "Parameters") {
            let id: Arc<str> = (&*entry.key).into();
            let parameter = StackParameter::of(&id, &entry.value, given, assumed);
            self.hide(parameter.secret.as_ref());
            evaluator.open.borrow_mut().extend(parameter.open(&id));
            evaluator.parameters.insert(id, parameter);
        }
        evaluator.mappings = root.get("Mappings").cloned();
        for entry in self.section(root, "Conditions") {
            evaluator.conditions.insert((&*entry.key).into(), Rc::clone(&entry.value));
        }
        let resources = self.section(root, "Resources");
        if root.get("Resources").is_none() {
            self.fault(&(0..0), "has no `Resources`");
        }
        for section in ["Parameters", "Resources"] {
            root.get(section).into_iter().for_each(|node| self.note_versions(node));
        }
        for entry in &resources {
            evaluator.resources.insert((&*entry.key).into(), Rc::clone(&entry.value));
        }
        self.transforms(root);
        for entry in &resources {
            self.resource(entry, &evaluator);
        }
        self.finish(evaluator);
    }

    /// The entries of a section, of which one that is there twice is the last.
    fn section(&mut self, root: &StackNode, name: &str) -> Vec<StackEntry> {
        let Some(section) = root.entry(name) else { return Vec::new() };
        if !matches!(section.value.kind, StackNodeKind::Map(_) | StackNodeKind::Null) {
            self.fault(&section.key_range, format!("has `{name}` that are no object"));
        }
        let mut seen = HashSet::new();
        let last = section.value.entries().iter().rev().filter(|entry| seen.insert(Rc::clone(&entry.key)));
        let mut entries: Vec<_> = last.cloned().collect();
        entries.reverse();
        entries
    }

    /// Macros may add any resource.
    fn transforms(&mut self, root: &StackNode) {
        let Some(entry) = root.entry("Transform") else { return };
        let several = entry.value.items().iter();
        for node in std::iter::once(&entry.value).chain(several) {
            let name = node.as_str().or_else(|| node.get("Name")?.as_str());
            if let Some(name) = name.filter(|name| !HARMLESS_MACROS.contains(name)) {
                let reason = format!(
                    "the macro {} may add resources; scan what it makes: `aws cloudformation get-template --template-stage Processed`",
                    bounded(name)
                );
                self.missing(&[], "Transform", reason, &entry.key_range);
            }
        }
    }

    fn missing(&mut self, kinds: &[&str], address: &str, reason: String, range: &Range<usize>) {
        let place = Place::new(FileId(0), range.clone());
        let kinds = kinds.iter().map(|kind| (*kind).into()).collect();
        self.template.missing.push(MissingPart { kinds, address: address.into(), reason, place });
    }

    fn resource(&mut self, entry: &StackEntry, evaluator: &StackEvaluator) {
        let id = &*entry.key;
        if id.starts_with("Fn::") {
            let reason = format!("{} is not expanded, and may add resources", bounded(id));
            return self.missing(&[], id, reason, &entry.key_range);
        }
        let Some(kind) = entry.value.get("Type").and_then(|kind| kind.as_str().map(str::to_owned)) else {
            let reason = "its type is not in the template".to_owned();
            self.missing(&[], id, reason, &entry.key_range);
            if entry.value.get("Fn::Transform").is_none() {
                let message = format!("has the resource {} without a `Type`", bounded(id));
                self.fault(&entry.key_range, message);
            }
            return;
        };
        if let Some(reason) = not_read(&kind) {
            self.missing(&[], id, reason.to_owned(), &entry.key_range);
        }
        let certainty = match entry.value.get("Condition").map(|condition| condition.as_str()) {
            None => ResourceCertainty::Certain,
            Some(None) => ResourceCertainty::Perhaps("its condition is no name".to_owned()),
            Some(Some(condition)) => {
                let state = evaluator.decides(condition);
                match state.holds {
                    Some(true) => ResourceCertainty::Certain,
                    Some(false) => return,
                    None => ResourceCertainty::Perhaps(state.why),
                }
            }
        };
        let place = Place::new(FileId(0), entry.key_range.clone());
        let values = match entry.value.entry("Properties") {
            None => TemplateValue::map::<Arc<str>>([], Some(place.clone())),
            Some(properties) => evaluator
                .of_entry(properties)
                .unwrap_or_else(|| TemplateValue::map::<Arc<str>>([], Some(place.clone()))),
        };
        match &values.kind {
            ValueKind::Map(_) => {}
            ValueKind::Null => {}
            ValueKind::Unknown(unknown) => {
                let reason = unknown.reason.clone();
                return self.missing(&[&kind], id, reason, &entry.key_range);
            }
            _ => {
                let message =
                    format!("has the resource {} with `Properties` that are no object", bounded(id));
                self.fault(&entry.key_range, message);
                return self.missing(
                    &[&kind],
                    id,
                    "its properties are no object".to_owned(),
                    &entry.key_range,
                );
            }
        }
        self.template.resources.push(TemplateResource {
            address: id.into(),
            kind: kind.as_str().into(),
            mode: Mode::Managed,
            values,
            region: None,
            default_tags: None,
            place,
            certainty,
            ignored_changes: Vec::new(),
        });
    }

    /// Hides bytes of one of the files.
    fn hide(&mut self, place: Option<&Place>) {
        let Some(place) = place else { return };
        if let Some(file) = self.template.files.get_mut(place.file.0 as usize) {
            file.secrets.push(place.range());
        }
    }

    fn finish(&mut self, evaluator: StackEvaluator) {
        for (range, message) in evaluator.faults.take() {
            self.fault(&range, message);
        }
        if evaluator.is_exhausted() {
            let place = LineColumn::of(1, 1);
            let message = "takes too many steps to evaluate; what is left of it is not known";
            self.template.problems.push(Problem::at(&self.name, place, message));
        }
        self.template.conditions = evaluator.open.take();
        self.template.files[0].secrets.extend(evaluator.secrets.take());
        for file in &mut self.template.files {
            file.secrets.sort_by_key(|range| (range.start, range.end));
            file.secrets = merged(&file.secrets);
        }
    }
}

/// Why a resource describes others that are not here, if it does.
fn not_read(kind: &str) -> Option<&'static str> {
    match kind {
        "AWS::CloudFormation::Stack" => Some("the template of a nested stack is not read; scan that too"),
        _ if kind.ends_with("::MODULE") => Some("what a module of CloudFormation adds is not read"),
        _ => None,
    }
}

/// Ranges in order, and those that touch made one.
fn merged(ranges: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range.clone()),
        }
    }
    merged
}
