//! What evaluation shares: the files, the limits, and what was evaluated already.

use super::config::ModuleConfig;
use super::files::FileTable;
use super::inputs::RootInputs;
use super::limits::{Budget, MAX_VALUE_DEPTH, MAX_VALUE_NODES};
use super::manifest::ModuleManifest;
use super::scope::{EvalScope, Memo, MemoSlot, ModuleInstance, ResourceInstance};
use super::unknown::reason_of;
use crate::source::iac::tree::TemplateTree;
use crate::source::iac::{
    ConditionAssumption, ConditionCase, FileId, MissingPart, OpenCondition, Place, TemplateValue,
    UnknownValue, ValueKind,
};
use crate::value::Problem;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

/// How many conditions that are not known are kept, of which few are looked at.
const MAX_OPEN_CONDITIONS: usize = 1_000;

/// What evaluation gives: a value, or why Terraform would refuse it.
pub(super) type Evaluated = Result<TemplateValue, String>;

/// Evaluates the expressions of a root module and of those that it calls.
pub(super) struct Evaluator<'t> {
    pub(super) tree: &'t dyn TemplateTree,
    pub(super) budget: Budget,
    /// Whether what was evaluated since this was reset may fail in Terraform.
    pub(super) doubt: Cell<bool>,
    pub(super) files: RefCell<FileTable>,
    pub(super) configs: RefCell<FxHashMap<String, Arc<ModuleConfig>>>,
    pub(super) missing: RefCell<Vec<MissingPart>>,
    pub(super) problems: RefCell<Vec<Problem>>,
    /// Every instance of a resource by its address, as far as they were asked for.
    pub(super) resources: RefCell<FxHashMap<Arc<str>, ResourceHandle>>,
    pub(super) modules: Cell<usize>,
    pub(super) inputs: RootInputs,
    pub(super) manifest: ModuleManifest,
    pub(super) notices: RefCell<Vec<Problem>>,
    /// The files of modules that somebody else wrote.
    pub(super) foreign_files: RefCell<FxHashSet<FileId>>,
    /// The folder of the root module.
    pub(super) folder: String,
    /// What is taken for granted of a condition that is not known.
    pub(super) assumed: Option<ConditionAssumption>,
    /// The other conditions that are not known, as far as they have a name.
    pub(super) open_conditions: RefCell<Vec<OpenCondition>>,
}

/// A resource, and the module that it is in.
#[derive(Clone)]
pub(super) struct ResourceHandle {
    pub(super) module: Rc<ModuleInstance>,
    pub(super) resource: Rc<ResourceInstance>,
}

impl ResourceHandle {
    /// What names mean in the resource.
    pub(super) fn scope(&self) -> EvalScope<'_> {
        EvalScope { each: self.resource.each.as_deref(), ..EvalScope::of(&self.module) }
    }
}

impl Evaluator<'_> {
    /// A value that is evaluated once. What Terraform would refuse is unknown. Where it is used, it is there or Terraform refuses the
    /// whole: no `try` around its name catches what fails in it, so whether something in it may fail is no doubt there.
    pub(super) fn once(
        &self,
        memo: &Memo,
        name: &Arc<str>,
        called: &dyn Fn() -> String,
        place: &Place,
        compute: impl FnOnce() -> Evaluated,
    ) -> TemplateValue {
        match memo.borrow().get(name) {
            Some(MemoSlot::Done(value)) => return value.clone(),
            Some(MemoSlot::Busy) => {
                return TemplateValue::unknown(
                    format!("{} refers to itself", called()),
                    None,
                    Some(place.clone()),
                );
            }
            None => {}
        }
        memo.borrow_mut().insert(name.clone(), MemoSlot::Busy);
        let outer = self.doubt.replace(false);
        let value = compute().and_then(|value| self.measured(value));
        let value = value.unwrap_or_else(|why| TemplateValue::unknown(why, None, Some(place.clone())));
        // It is evaluated once, so it is the same wherever it is called so.
        let value = named(value, called);
        self.doubt.set(outer);
        memo.borrow_mut().insert(name.clone(), MemoSlot::Done(value.clone()));
        value
    }

    /// What is assumed of a condition that is not known. What is assumed of none is one that may be looked at.
    pub(super) fn assumption(&self, condition: &TemplateValue) -> Option<bool> {
        let name: Arc<str> = match &condition.kind {
            ValueKind::Unknown(unknown) => unknown.name.clone()?,
            ValueKind::Symbol(symbol) => symbol.name.clone(),
            _ => return None,
        };
        if let Some(assumed) = self.assumed.as_ref().filter(|assumed| assumed.condition == name) {
            return Some(assumed.case == ConditionCase::Holds);
        }
        let mut open = self.open_conditions.borrow_mut();
        if open.len() < MAX_OPEN_CONDITIONS && open.iter().all(|open| open.name != name) {
            open.push(OpenCondition { name, reason: reason_of(condition), values: Vec::new() });
        }
        None
    }

    /// What was evaluated is known only if Terraform does not refuse what is not known: `false && var.x` with a list.
    pub(super) fn may_fail(&self, operands: &[TemplateValue]) {
        if operands.iter().any(TemplateValue::is_unknown) {
            self.doubt.set(true);
        }
    }

    /// The value, if it is not too large to go on with.
    pub(super) fn measured(&self, value: TemplateValue) -> Evaluated {
        let nodes = nodes(&value, 0, MAX_VALUE_NODES)?;
        self.budget.take(nodes)?;
        Ok(value)
    }

    /// Something that is missing; the same is said once.
    pub(super) fn miss(&self, missing: MissingPart) {
        let mut all = self.missing.borrow_mut();
        if !all.contains(&missing) {
            all.push(missing);
        }
    }

    /// Whether a place is in a module that somebody else wrote.
    pub(super) fn is_foreign(&self, place: &Place) -> bool {
        self.foreign_files.borrow().contains(&place.file)
    }

    /// Something that is good to know at a place.
    pub(super) fn notice_at(&self, place: &Place, message: String) {
        let notice = self.files.borrow().problem(place, message);
        let mut all = self.notices.borrow_mut();
        if !all.contains(&notice) {
            all.push(notice);
        }
    }

    /// Something that is wrong at a place.
    pub(super) fn problem_at(&self, place: &Place, message: impl Into<String>) {
        let problem = self.files.borrow().problem(place, message.into());
        let mut all = self.problems.borrow_mut();
        if !all.contains(&problem) {
            all.push(problem);
        }
    }
}

/// An unknown value has a name from here on.
fn named(value: TemplateValue, called: &dyn Fn() -> String) -> TemplateValue {
    match &value.kind {
        ValueKind::Unknown(unknown) if unknown.name.is_none() => {
            let reason = unknown.reason.clone();
            let kind = ValueKind::Unknown(Arc::new(UnknownValue { reason, name: Some(called().into()) }));
            TemplateValue { kind, ..value }
        }
        _ => value,
    }
}

/// How many values there are in a value; texts count by their length.
pub(super) fn nodes(value: &TemplateValue, depth: usize, left: usize) -> Result<usize, String> {
    if depth > MAX_VALUE_DEPTH {
        return Err(format!("the value is more than {MAX_VALUE_DEPTH} levels deep"));
    }
    let mut count = 1;
    let mut add = |more: usize| {
        count += more;
        if count > left { Err(format!("the value has more than {MAX_VALUE_NODES} parts")) } else { Ok(count) }
    };
    match &value.kind {
        ValueKind::Text(text) => add(text.len() / 256)?,
        ValueKind::Mixed(parts) => add(parts.len())?,
        ValueKind::List(items) => {
            let mut used = 1;
            for item in items.iter() {
                used = add(nodes(item, depth + 1, left.saturating_sub(used))?)?;
            }
            used
        }
        ValueKind::Map(fields) => {
            let mut used = 1;
            for field in fields.values() {
                used = add(nodes(field, depth + 1, left.saturating_sub(used))?)?;
            }
            used
        }
        _ => 1,
    };
    Ok(count)
}
