//! A stack's template as resources, with those of nested stacks, and what of them could not be understood.

use super::constructs::ConstructPaths;
use super::eval::StackEvaluator;
use super::keys::is_loop;
use super::load::StackLoad;
use super::nested::template_property;
use super::parameters::{ParameterValues, StackInputs};
use super::properties::{PropertyCheck, type_meant};
use super::sections::StackScope;
use super::tree::{StackEntry, StackNode, StackNodeKind, is_version};
use crate::snapshot::TemplateSource;
use crate::source::iac::{
    ConditionAssumption, FileId, MissingPart, Mode, Place, ResourceCertainty, Template, TemplateResource,
    TemplateValue, ValueKind,
};
use crate::text::bounded;
use crate::value::Problem;
use crate::value::position::LineColumn;
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

/// The macro that puts a file into a template.
const INCLUDE: &str = "AWS::Include";

/// Reads a stack's template, with those of nested stacks that are files. What cannot be read is a problem of it.
pub fn read_stack(
    name: &str,
    text: Arc<str>,
    inputs: &StackInputs,
    assumed: Option<&ConditionAssumption>,
) -> Template {
    let load = StackLoad::new((name, text), inputs, assumed);
    let constructs = ConstructPaths::beside(&load);
    let mut reader = StackReader {
        load: Rc::clone(&load),
        template: Template::empty(TemplateSource::CloudFormation, name, Vec::new()),
        constructs,
        has_macro: false,
    };
    if let Some(file) = load.parse(FileId(0)) {
        let scope = StackScope { prefix: "".into(), chain: vec![load.path().to_owned()] };
        let values = ParameterValues::OfFiles(&load.given);
        if let Some(stack) = StackEvaluator::of_file(&load, &file, scope, &values) {
            reader.stack(&stack, &ResourceCertainty::Certain);
        }
    }
    reader.finish(name)
}

/// A template while it is read.
struct StackReader {
    load: Rc<StackLoad>,
    template: Template,
    constructs: ConstructPaths,
    /// Whether a macro may change what is written.
    has_macro: bool,
}

impl StackReader {
    /// Takes over the resources of a template.
    fn stack(&mut self, stack: &StackEvaluator, certainty: &ResourceCertainty) {
        for section in ["Parameters", "Resources"] {
            stack.file.root.get(section).into_iter().for_each(|node| self.note_versions(stack, node));
        }
        self.transforms(stack);
        for (entry, why) in &stack.failed {
            let reason = format!("the loop is not expanded, and may add resources: {why}");
            self.missing(stack, &[], &entry.key, reason, &entry.key_range);
        }
        for entry in &stack.entries {
            self.resource(stack, entry, certainty);
        }
    }

    /// Says which versions need quotes: `1.30` without them is 1.3 for tools that read numbers.
    fn note_versions(&mut self, stack: &StackEvaluator, node: &StackNode) {
        match &node.kind {
            StackNodeKind::Ambiguous(text) if is_version(text) => {
                let words =
                    format!("{text} without quotes is another number to some tools: write \"{text}\"");
                self.note(&stack.place(node.range.clone()), words);
            }
            StackNodeKind::List(items) => items.iter().for_each(|item| self.note_versions(stack, item)),
            StackNodeKind::Map(entries) => {
                entries.iter().for_each(|entry| self.note_versions(stack, &entry.value));
            }
            _ => {}
        }
    }

    /// Macros may add any resource.
    fn transforms(&mut self, stack: &StackEvaluator) {
        let Some(entry) = stack.file.root.entry("Transform") else { return };
        let several = entry.value.items().iter();
        for node in std::iter::once(&entry.value).chain(several) {
            let name = node.as_str().or_else(|| node.get("Name")?.as_str());
            if let Some(name) = name.filter(|name| !HARMLESS_MACROS.contains(name)) {
                self.has_macro = true;
                self.missing(stack, &[], "Transform", macro_may_add(name), &entry.key_range);
            }
        }
    }

    fn missing(
        &mut self,
        stack: &StackEvaluator,
        kinds: &[&str],
        id: &str,
        reason: String,
        range: &Range<usize>,
    ) {
        let kinds = kinds.iter().map(|kind| (*kind).into()).collect();
        let (address, place) = (stack.address(id), stack.place(range.clone()));
        self.template.missing.push(MissingPart { kinds, address, reason, place });
    }

    fn resource(&mut self, stack: &StackEvaluator, entry: &StackEntry, outer: &ResourceCertainty) {
        let id = &*entry.key;
        if id == "Fn::Transform" {
            let name = entry.value.get("Name").and_then(|name| name.as_str()).unwrap_or(id);
            return self.missing(stack, &[], id, macro_may_add(name), &entry.key_range);
        }
        if id.starts_with("Fn::") && !is_loop(id) {
            let reason = format!("{} is not worked out, and may add resources", bounded(id));
            return self.missing(stack, &[], id, reason, &entry.key_range);
        }
        let Some(kind) = entry.value.get("Type").and_then(|kind| kind.as_str().map(str::to_owned)) else {
            return self.without_type(stack, entry);
        };
        let certainty = match certainty_of(stack, entry) {
            Some(ResourceCertainty::Certain) => outer.clone(),
            Some(perhaps) => perhaps,
            None => return,
        };
        if let Some(meant) = type_meant(&kind) {
            let message = format!(
                "has a resource of the type `{}`, which CloudFormation does not know: did you mean `{meant}`?",
                bounded(&kind)
            );
            let place = entry.value.get("Type").map_or(&entry.key_range, |node| &node.range);
            self.load.fault(&stack.place(place.clone()), message.clone());
            self.missing(stack, &[meant], id, format!("the template {message}"), &entry.key_range);
        }
        if kind.ends_with("::MODULE") {
            let reason = "what a module of CloudFormation adds is not read".to_owned();
            self.missing(stack, &[], id, reason, &entry.key_range);
        }
        let Some(values) = self.properties(stack, entry, &kind) else { return };
        let address = stack.address(id);
        if let Some(path) = self.constructs.of(stack, id) {
            self.template.labels.insert(Arc::clone(&address), path.into());
        }
        self.template.resources.push(TemplateResource {
            address,
            kind: kind.as_str().into(),
            mode: Mode::Managed,
            values,
            region: None,
            default_tags: None,
            place: stack.place(entry.key_range.clone()),
            certainty: certainty.clone(),
            ignored_changes: Vec::new(),
        });
        if template_property(&kind).is_some() {
            match stack.nested(id) {
                Some(Ok(nested)) => self.stack(&nested, &certainty),
                Some(Err(why)) => {
                    let reason = format!("a nested stack: {why}");
                    self.missing(stack, &[], id, reason, &entry.key_range);
                }
                None => {
                    let reason = "a nested stack that is not read".to_owned();
                    self.missing(stack, &[], id, reason, &entry.key_range);
                }
            }
        }
    }

    /// A resource of which nobody says what it is.
    fn without_type(&mut self, stack: &StackEvaluator, entry: &StackEntry) {
        let id = &*entry.key;
        self.missing(stack, &[], id, "its type is not in the template".to_owned(), &entry.key_range);
        if entry.value.get("Fn::Transform").is_none() {
            let message = format!("has the resource {} without a `Type`", bounded(id));
            self.load.fault(&stack.place(entry.key_range.clone()), message);
        }
    }

    /// The properties of a resource; none where they are no object.
    fn properties(
        &mut self,
        stack: &StackEvaluator,
        entry: &StackEntry,
        kind: &str,
    ) -> Option<TemplateValue> {
        let id = &*entry.key;
        let place = stack.place(entry.key_range.clone());
        let nothing = || TemplateValue::map::<Arc<str>>([], Some(place.clone()));
        let properties = entry.value.entry("Properties");
        let values = properties.and_then(|properties| stack.of_entry(properties)).unwrap_or_else(nothing);
        let why = match &values.kind {
            ValueKind::Map(_) => return Some(self.checked(stack, entry, kind, values)),
            ValueKind::Null => return Some(values),
            ValueKind::Unknown(unknown) => unknown.reason.clone(),
            _ => {
                let message =
                    format!("has the resource {} with `Properties` that are no object", bounded(id));
                self.load.fault(&place, message);
                "its properties are no object".to_owned()
            }
        };
        self.missing(stack, &[kind], id, why, &entry.key_range);
        None
    }

    /// The properties, of which each that the type does not have is told.
    fn checked(
        &mut self,
        stack: &StackEvaluator,
        entry: &StackEntry,
        kind: &str,
        values: TemplateValue,
    ) -> TemplateValue {
        let mut check = PropertyCheck::of(kind);
        let node = entry.value.get("Properties").map(|node| &**node);
        let changed = check.properties(&values, node);
        for strange in check.found {
            let place = strange.key.map(|key| stack.place(key)).or(strange.place);
            let place = place.unwrap_or_else(|| stack.place(entry.key_range.clone()));
            // A macro may take what CloudFormation does not.
            match strange.is_slip && !self.has_macro {
                true => self.load.fault(&place, strange.message),
                false => self.note(&place, strange.message),
            }
        }
        changed.unwrap_or(values)
    }

    /// Says something, once.
    fn note(&mut self, place: &Place, words: String) {
        let notice = self.load.at(place, words);
        let notices = &mut self.template.notices;
        notices.extend(notice.filter(|notice| !notices.contains(notice)));
    }

    fn finish(mut self, name: &str) -> Template {
        if self.load.is_exhausted() {
            let place = LineColumn::of(1, 1);
            let message = "takes too many steps to evaluate; what is left of it is not known";
            self.load.tell(Problem::at(name, place, message));
        }
        self.template.conditions = self.load.open.take();
        self.template.problems = self.load.problems();
        self.template.files = self.load.files.take();
        for place in self.load.secrets.take() {
            if let Some(file) = self.template.files.get_mut(place.file.0 as usize) {
                file.secrets.push(place.range());
            }
        }
        for file in &mut self.template.files {
            file.secrets.sort_by_key(|range| (range.start, range.end));
            file.secrets = merged(&file.secrets);
        }
        self.template
    }
}

/// Whether a resource exists; none for one that does not.
fn certainty_of(stack: &StackEvaluator, entry: &StackEntry) -> Option<ResourceCertainty> {
    let Some(condition) = entry.value.get("Condition") else { return Some(ResourceCertainty::Certain) };
    let Some(condition) = condition.as_str() else {
        return Some(ResourceCertainty::Perhaps("its condition is no name".to_owned()));
    };
    let state = stack.decides(condition);
    match state.holds {
        Some(true) => Some(ResourceCertainty::Certain),
        Some(false) => None,
        None => Some(ResourceCertainty::Perhaps(state.why)),
    }
}

/// Why what a macro makes is missing.
fn macro_may_add(name: &str) -> String {
    match name {
        INCLUDE => format!(
            "{INCLUDE} puts a file into the template that is not read; scan the template with the file in it"
        ),
        name => format!(
            "the macro {} may add resources; scan what it makes: `aws cloudformation get-template --template-stage Processed`",
            bounded(name)
        ),
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
