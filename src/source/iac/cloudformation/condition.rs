//! Conditions of a template: three values, and which conditions decide those that are not known.

use super::eval::StackEvaluator;
use super::parameters::parameter_of;
use super::state::ConditionState;
use super::tree::StackNode;
use super::values::{parts_of, why_unknown};
use crate::source::iac::{ConditionCase, OpenCondition, TemplateValue, TextPart, ValueKind};
use crate::text::bounded;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How what a condition is called begins, wherever it stands.
const CALLED: &str = "the condition ";
/// So many open conditions of a template are told.
const MAX_OPEN: usize = 100;

impl StackEvaluator {
    /// Whether a condition holds. One that decides something and is not known is an open one of the template.
    pub(super) fn decides(&self, name: &str) -> ConditionState {
        let state = self.condition(name);
        if state.holds.is_none() {
            state.roots.iter().for_each(|root| self.opened(root));
        }
        state
    }

    /// Takes note of an open condition, once.
    fn opened(&self, called: &Arc<str>) {
        let mut open = self.load.open.borrow_mut();
        if open.len() >= MAX_OPEN || open.iter().any(|known| known.name == *called) {
            return;
        }
        let states = self.states.borrow();
        let name = called.strip_prefix(CALLED).and_then(|name| name.strip_prefix(&*self.prefix));
        let state = name.and_then(|name| states.get(name)?.as_ref());
        let reason = state.map(|state| state.why.clone()).unwrap_or_default();
        open.push(OpenCondition { name: Arc::clone(called), reason, values: Vec::new() });
    }

    fn condition(&self, name: &str) -> ConditionState {
        let Some((name, node)) = self.conditions.get_key_value(name) else {
            return ConditionState::unknown(format!("there is no condition {}", bounded(name)));
        };
        let called: Arc<str> = format!("{CALLED}{}{name}", self.prefix).into();
        if let Some(assumed) = self.load.assumed.as_ref().filter(|assumed| assumed.condition == called) {
            return ConditionState::known(assumed.case == ConditionCase::Holds);
        }
        match self.states.borrow().get(name) {
            Some(Some(state)) => return state.clone(),
            Some(None) => {
                let place = self.place(node.range.clone());
                self.load.fault(&place, format!("the condition {} refers to itself", bounded(name)));
                return ConditionState::unknown(format!("{called} refers to itself"));
            }
            None => {}
        }
        self.states.borrow_mut().insert(Arc::clone(name), None);
        let mut state = self.test(node);
        if state.holds.is_none() {
            if state.is_own {
                state.roots.push(Arc::clone(&called));
                state.is_own = false;
            }
            state.why = match state.why.starts_with(CALLED) {
                true => state.why,
                false => format!("{called} is not known: {}", state.why),
            };
        }
        self.states.borrow_mut().insert(Arc::clone(name), Some(state.clone()));
        state
    }

    /// Whether a test holds.
    fn test(&self, node: &StackNode) -> ConditionState {
        let Some(entry) = node.only_entry() else {
            return ConditionState::unknown("it is no function of conditions");
        };
        let tests = || entry.value.items().iter().map(|item| self.test(item)).collect::<Vec<_>>();
        match (&*entry.key, entry.value.items()) {
            ("Condition", _) => match entry.value.as_str() {
                Some(name) => self.condition(name),
                None => ConditionState::unknown("it names no condition"),
            },
            ("Fn::And", [_, ..]) => ConditionState::all(tests(), false),
            ("Fn::Or", [_, ..]) => ConditionState::all(tests(), true),
            ("Fn::Not", [only]) => self.test(only).not(),
            ("Fn::Equals", [one, other]) => self.equal(one, other),
            (name, _) => ConditionState::unknown(format!("{} is not worked out", bounded(name))),
        }
    }

    fn equal(&self, one: &StackNode, other: &StackNode) -> ConditionState {
        let (one, other) = (self.value(one, None), self.value(other, None));
        let (Some(one), Some(other)) = (one, other) else {
            return ConditionState::unknown("it compares with nothing");
        };
        if let Some(is_equal) = same(&one, &other) {
            return ConditionState::known(is_equal);
        }
        let why = why_unknown(&one).or_else(|| why_unknown(&other));
        let state =
            ConditionState::unknown(why.unwrap_or_else(|| "what it compares is not known".to_owned()));
        match self.decided_by(&[&one, &other]) {
            Some(parameter) => ConditionState { roots: vec![parameter], is_own: false, ..state },
            None => state,
        }
    }

    /// The parameter that decides what values are, if nothing else does and it has one of a few values.
    fn decided_by(&self, values: &[&TemplateValue]) -> Option<Arc<str>> {
        let mut names = BTreeSet::new();
        values.iter().for_each(|value| names_of_unknown(value, &mut names));
        let name = names.pop_first().filter(|_| names.is_empty())??;
        // One of a stack that this one is nested in may decide it too.
        let open = self.load.open.borrow();
        let is_it = |open: &&OpenCondition| {
            !open.values.is_empty() && parameter_of(open).is_some_and(|parameter| parameter == &*name)
        };
        open.iter().find(is_it).map(|open| Arc::clone(&open.name))
    }
}

/// What the parts of a value are called that are not known; none for what has no name.
fn names_of_unknown(value: &TemplateValue, names: &mut BTreeSet<Option<Arc<str>>>) {
    match &value.kind {
        ValueKind::Unknown(unknown) => drop(names.insert(unknown.name.clone())),
        ValueKind::Symbol(_) => drop(names.insert(None)),
        ValueKind::Mixed(parts) => names.extend(parts.iter().filter_map(|part| match part {
            TextPart::Literal(_) => None,
            TextPart::Symbol(_) => Some(None),
            TextPart::Unknown(unknown) => Some(unknown.name.clone()),
        })),
        ValueKind::List(items) => items.iter().for_each(|item| names_of_unknown(item, names)),
        ValueKind::Map(fields) => fields.values().for_each(|field| names_of_unknown(field, names)),
        ValueKind::Null | ValueKind::Bool(_) | ValueKind::Number(_) | ValueKind::Text(_) => {}
    }
}

/// Whether two values are the same, as texts; none if that is not known.
pub(super) fn same(one: &TemplateValue, other: &TemplateValue) -> Option<bool> {
    if one.is_known() && other.is_known() {
        if let (Ok(one), Ok(other)) = (parts_of(one), parts_of(other)) {
            return Some(one == other);
        }
        return Some(is_equal(one, other));
    }
    let is_empty = |value: &TemplateValue| value.as_str().is_some_and(str::is_empty);
    let is_symbol = |value: &TemplateValue| matches!(value.kind, ValueKind::Symbol(_));
    match (one.join_key(), other.join_key()) {
        (Some(a), Some(b)) if a == b => Some(true),
        // A symbol is there, and not empty.
        _ if is_symbol(one) && is_empty(other) || is_empty(one) && is_symbol(other) => Some(false),
        _ => None,
    }
}

/// Whether two known values are the same, wherever they stand.
pub(super) fn is_equal(one: &TemplateValue, other: &TemplateValue) -> bool {
    match (&one.kind, &other.kind) {
        (ValueKind::List(a), ValueKind::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| is_equal(a, b))
        }
        (ValueKind::Map(a), ValueKind::Map(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|((x, a), (y, b))| x == y && is_equal(a, b))
        }
        (a, b) => a == b,
    }
}
