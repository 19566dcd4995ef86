//! Nested stacks whose templates are files here: parameters go down, outputs come up.

use super::eval::{NestedState, StackEvaluator, StackValue};
use super::parameters::ParameterValues;
use super::sections::StackScope;
use super::tree::StackNode;
use super::values::{through, unknown, why_unknown};
use crate::source::iac::{Place, TemplateValue, ValueKind};
use crate::text::bounded;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// How deep stacks may be nested, and how many there may be.
const MAX_DEPTH: usize = 10;
const MAX_STACKS: usize = 500;

/// How an attribute is called that is an output.
const OUTPUTS: &str = "Outputs.";

/// The types of nested stacks, with the property that names the template.
const NESTED: [(&str, &str); 2] =
    [("AWS::CloudFormation::Stack", "TemplateURL"), ("AWS::Serverless::Application", "Location")];

/// The property that names the template of a nested stack, if a type is one of nested stacks.
pub(super) fn template_property(kind: &str) -> Option<&'static str> {
    NESTED.iter().find(|(nested, _)| *nested == kind).map(|(_, property)| *property)
}

impl StackEvaluator {
    /// The nested stack that a resource is, or why its template is not read. While it is being read, there is none.
    pub(super) fn nested(&self, id: &str) -> Option<Result<Rc<StackEvaluator>, String>> {
        let (id, node) = self.resources.get_key_value(id)?;
        let property = template_property(node.get("Type")?.as_str()?)?;
        match self.nested.borrow().get(id) {
            Some(NestedState::Reading) => return None,
            Some(NestedState::Read(read)) => return Some(read.clone()),
            None => {}
        }
        self.nested.borrow_mut().insert(Arc::clone(id), NestedState::Reading);
        let read = self.read_nested(id, node, property);
        self.nested.borrow_mut().insert(Arc::clone(id), NestedState::Read(read.clone()));
        Some(read)
    }

    fn read_nested(
        &self,
        id: &Arc<str>,
        node: &Rc<StackNode>,
        property: &str,
    ) -> Result<Rc<StackEvaluator>, String> {
        let named = self.template_of(node, property)?;
        let from = self.chain.last().map_or("", String::as_str);
        let why = |why: String| format!("its template {} {why}", bounded(&named));
        let path = self.load.nested_path(from, &named).map_err(why)?;
        if self.chain.contains(&path) {
            return Err(why("is nested in itself".to_owned()));
        }
        if self.chain.len() > MAX_DEPTH {
            return Err(why(format!("is more than {MAX_DEPTH} levels deep")));
        }
        if !self.load.nest(MAX_STACKS) {
            return Err(why(format!("is not read: there are more than {MAX_STACKS} nested stacks")));
        }
        let file = self.load.nested_file(&path).map_err(why)?;
        let scope = StackScope {
            prefix: format!("{}{id}/", self.prefix).into(),
            chain: self.chain.iter().cloned().chain([path]).collect(),
        };
        let values = ParameterValues::OfStack { stack: self.address(id), values: self.handed_down(node) };
        let nested = Self::of_file(&self.load, &file, scope, &values);
        nested.map(Rc::new).ok_or_else(|| why("is no template".to_owned()))
    }

    /// What names the template of a nested stack: the CDK tells the file apart from where it is uploaded to.
    fn template_of(&self, node: &StackNode, property: &str) -> Result<String, String> {
        let metadata = |name: &str| node.get("Metadata")?.get(name)?.as_str().map(str::to_owned);
        if metadata("aws:asset:property").is_some_and(|of| of == property)
            && let Some(path) = metadata("aws:asset:path")
        {
            return Ok(path);
        }
        let value = node.get("Properties").and_then(|properties| properties.get(property));
        let Some(value) = value.and_then(|value| self.value(value, None)) else {
            return Err(format!("it has no `{property}`"));
        };
        match (&value.kind, why_unknown(&value)) {
            (ValueKind::Text(text), _) => Ok(text.to_string()),
            (ValueKind::Map(_), _) => {
                Err("an application of the Serverless Application Repository is not read".to_owned())
            }
            (_, Some(why)) => {
                Err(format!("where its template is, is not known: {why}; scan that template too"))
            }
            _ => Err(format!("its `{property}` is no text")),
        }
    }

    /// The values that a stack gives to the parameters of a nested one.
    fn handed_down(&self, node: &StackNode) -> Result<HashMap<Arc<str>, TemplateValue>, String> {
        let entry = node.get("Properties").and_then(|properties| properties.entry("Parameters"));
        let Some(entry) = entry else { return Ok(HashMap::new()) };
        match self.of_entry(entry) {
            None => Ok(HashMap::new()),
            Some(value) => match &value.kind {
                ValueKind::Null => Ok(HashMap::new()),
                ValueKind::Map(fields) => {
                    Ok(fields.iter().map(|(name, value)| (Arc::clone(name), value.clone())).collect())
                }
                _ => Err(why_unknown(&value).unwrap_or_else(|| "`Parameters` is no object".to_owned())),
            },
        }
    }

    /// What an output of a nested stack is; none where its template is not read.
    pub(super) fn output_of(&self, id: &str, attribute: &str, place: &Place) -> StackValue {
        let name = attribute.strip_prefix(OUTPUTS)?;
        let nested = self.nested(id)?.ok()?;
        let Some(output) = nested.output(name) else {
            let words = format!("{} has no output {}", nested.name(), bounded(name));
            return Some(unknown(words, place));
        };
        let condition = output.get("Condition").and_then(|condition| condition.as_str());
        let is_there = condition.is_none_or(|condition| nested.decides(condition).holds == Some(true));
        let entry = output.entry("Value").filter(|_| is_there);
        let value = entry.and_then(|entry| nested.of_entry(entry));
        match value {
            Some(value) => {
                let words = format!("output {} of {}", bounded(name), nested.name());
                Some(through(&value, place, &words))
            }
            None => {
                let words = format!("the output {} of {} has no value", bounded(name), nested.name());
                Some(unknown(words, place))
            }
        }
    }

    /// What it is called, if it is nested.
    pub(super) fn name(&self) -> &str {
        self.prefix.trim_end_matches('/')
    }
}
