//! The sections of a template, put together so that its values can be evaluated.

use super::eval::StackEvaluator;
use super::load::{StackFile, StackLoad};
use super::parameters::{ParameterValues, StackParameter};
use super::tree::{StackEntry, StackNode, StackNodeKind};
use crate::source::iac::Place;
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

/// Where a template stands among those that it is nested in.
pub(super) struct StackScope {
    /// What its logical ids begin with: `Network/`.
    pub(super) prefix: Arc<str>,
    /// The paths of the templates that it is nested in, and its own.
    pub(super) chain: Vec<String>,
}

impl StackEvaluator {
    /// A template whose sections are read, with values for its parameters; none for what is no template, which is told.
    pub(super) fn of_file(
        load: &Rc<StackLoad>,
        file: &StackFile,
        scope: StackScope,
        values: &ParameterValues<'_>,
    ) -> Option<Self> {
        let root = &file.root;
        if !matches!(root.kind, StackNodeKind::Map(_)) {
            let place = Place::new(file.id, root.range.clone());
            load.fault(&place, "is no template: it holds no object with `Resources`");
            return None;
        }
        let StackScope { prefix, chain } = scope;
        let mut evaluator = Self::new(Rc::clone(load), file.clone(), prefix, chain);
        for entry in evaluator.section("Parameters") {
            let parameter =
                StackParameter::of(&entry, values, &evaluator.prefix, file.id, load.assumed.as_ref());
            load.secrets.borrow_mut().extend(parameter.secret.clone());
            load.open.borrow_mut().extend(parameter.open.clone());
            evaluator.parameters.insert((&*entry.key).into(), parameter);
        }
        evaluator.mappings = root.get("Mappings").cloned();
        let conditions = evaluator.section("Conditions");
        for entry in &*evaluator.expanded(&conditions).entries {
            evaluator.conditions.insert((&*entry.key).into(), Rc::clone(&entry.value));
        }
        if root.get("Resources").is_none() {
            load.fault(&Place::new(file.id, 0..0), "has no `Resources`");
        }
        let resources = evaluator.section("Resources");
        let expanded = evaluator.expanded(&resources);
        let (entries, failed) = (last_of_each(&expanded.entries), expanded.failed);
        for entry in &entries {
            evaluator.resources.insert((&*entry.key).into(), Rc::clone(&entry.value));
        }
        evaluator.entries = entries;
        evaluator.failed = failed;
        Some(evaluator)
    }

    /// The entries of a section, of which one that is there twice is the last.
    fn section(&self, name: &str) -> Vec<StackEntry> {
        let Some(section) = self.file.root.entry(name) else { return Vec::new() };
        if !matches!(section.value.kind, StackNodeKind::Map(_) | StackNodeKind::Null) {
            let place = self.place(section.key_range.clone());
            self.load.fault(&place, format!("has `{name}` that are no object"));
        }
        last_of_each(section.value.entries())
    }

    /// An output, as it is written.
    pub(super) fn output(&self, name: &str) -> Option<Rc<StackNode>> {
        let outputs = self.file.root.get("Outputs")?;
        let expanded = self.expanded(outputs.entries());
        expanded.entries.iter().rev().find(|entry| &*entry.key == name).map(|entry| Rc::clone(&entry.value))
    }
}

fn last_of_each(entries: &[StackEntry]) -> Vec<StackEntry> {
    let mut seen = HashSet::new();
    let last = entries.iter().rev().filter(|entry| seen.insert(Rc::clone(&entry.key)));
    let mut entries: Vec<_> = last.cloned().collect();
    entries.reverse();
    entries
}
