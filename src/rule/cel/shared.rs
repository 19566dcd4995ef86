//! Values that are worked out once and used often: what a `let` names, and parts of expressions that do not depend on the
//! item or the loop around them. Without this, a rule that looks through all resources for each resource would take time
//! with the square of their number.
//!
//! Each is worked out when something first asks for it, and fails for each who asks as it failed first: an unknown that
//! nobody needs does no harm.

use super::budget;
use super::fault::Fault;
use super::level::Level;
use super::run::{self, CelOutcome, CelRun, SharedLookUp};
use super::shared_expressions::{SharedExpression, SharedExpressions, SharedScope};
use super::val::SnapshotValue;
use crate::snapshot::Type;
use crate::value::Json;
use cel::ExecutionError;
use std::cell::{Cell, OnceCell};
use std::rc::Rc;

/// What it costs to set up the evaluation of one.
const START: usize = 20;

/// The shared values of a rule on a snapshot, or on one of its resources.
#[derive(Debug, Default)]
pub struct SharedValues<'s> {
    seen: Option<Seen<'s>>,
    /// By the numbers of the expressions: those that depend on the snapshot alone, and those that depend on a resource.
    of_snapshot: Rc<[SharedCell<'s>]>,
    of_resource: Box<[SharedCell<'s>]>,
    #[cfg(test)]
    pub(super) oracle: super::oracle::OracleValues<'s>,
}

/// What is worked out, and on what.
#[derive(Clone, Copy, Debug)]
struct Seen<'s> {
    expressions: &'s SharedExpressions,
    scope: SharedScope<'s>,
    resource: Option<SnapshotValue<'s>>,
}

/// What an expression gave, if something asked for it.
#[derive(Debug, Default)]
struct SharedCell<'s> {
    outcome: OnceCell<CelOutcome<'s>>,
    /// Whether going through its items is paid for.
    is_walked: Cell<bool>,
}

fn cells<'s, C: FromIterator<SharedCell<'s>>>(expressions: &SharedExpressions) -> C {
    expressions.0.iter().map(|_| SharedCell::default()).collect()
}

impl<'s> SharedValues<'s> {
    /// Those that depend on the snapshot alone.
    pub(crate) fn of_snapshot(expressions: &'s SharedExpressions, scope: SharedScope<'s>) -> Self {
        budget::forget_kept();
        Self {
            seen: Some(Seen { expressions, scope, resource: None }),
            of_snapshot: cells(expressions),
            of_resource: Box::default(),
            #[cfg(test)]
            oracle: super::oracle::OracleValues::of_snapshot(expressions, scope),
        }
    }

    /// These, and those that depend on a resource.
    pub(crate) fn of_resource(
        &self,
        expressions: &'s SharedExpressions,
        scope: SharedScope<'s>,
        (node, ty): (Json<'s>, Type),
    ) -> Self {
        let resource = SnapshotValue::new(node, ty, scope.snapshot);
        let depends = expressions.0.iter().any(|expression| expression.level != Level::Snapshot);
        Self {
            seen: Some(Seen { expressions, scope, resource: Some(resource) }),
            of_snapshot: Rc::clone(&self.of_snapshot),
            of_resource: if depends { cells(expressions) } else { Box::default() },
            #[cfg(test)]
            oracle: self.oracle.of_resource(expressions, scope, (node, ty)),
        }
    }

    fn cell(&self, expression: &SharedExpression, at: usize) -> Option<&SharedCell<'s>> {
        match expression.level {
            Level::Snapshot => self.of_snapshot.get(at),
            _ => self.of_resource.get(at),
        }
    }

    fn evaluate(&self, expression: &'s SharedExpression, seen: Seen<'s>) -> CelOutcome<'s> {
        budget::pay(START + expression.nodes)?;
        let Seen { scope, resource, .. } = seen;
        let mut evaluator = CelRun {
            snapshot: scope.snapshot,
            facts: scope.facts,
            params: scope.params,
            now: scope.now,
            resource: resource.filter(|_| expression.level != Level::Snapshot),
            items: &[],
            regexes: scope.regexes,
            shared: self,
            variables: Vec::new(),
        };
        evaluator.run_to_keep(expression.program.on(scope.snapshot))
    }
}

impl<'v, 's: 'v> SharedLookUp<'v> for SharedValues<'s> {
    // Worked out if it is not yet, and kept.
    fn look(&self, at: usize) -> Option<CelOutcome<'v>> {
        let seen = self.seen?;
        let expression = seen.expressions.0.get(at)?;
        let cell = self.cell(expression, at)?;
        if let Some(kept) = cell.outcome.get() {
            return Some(kept.clone().map(|mut value| {
                if cell.is_walked.get() {
                    value.set_walked();
                }
                value
            }));
        }
        let outcome = self.evaluate(expression, seen).map_err(as_told);
        // What ran out of steps here may have some left the next time.
        if !budget::exhausted() {
            budget::keep(outcome.as_ref().map_or(0, run::bytes_of));
            _ = cell.outcome.set(outcome.clone());
        }
        Some(outcome)
    }

    fn set_walked(&self, at: usize) {
        let expression = self.seen.and_then(|seen| seen.expressions.0.get(at));
        if let Some(cell) = expression.and_then(|expression| self.cell(expression, at)) {
            cell.is_walked.set(true);
        }
    }
}

/// An error that keeps its words: a look-up replaces those of wrong types by its own.
fn as_told(fault: Fault<'_>) -> Fault<'_> {
    match fault {
        Fault::Error(error) => match &*error {
            ExecutionError::NoSuchOverload(_)
            | ExecutionError::ValuesNotComparable(..)
            | ExecutionError::UnsupportedKeyType(_)
            | ExecutionError::UnexpectedType { .. } => {
                ExecutionError::InternalError(error.to_string()).into()
            }
            _ => Fault::Error(error),
        },
        fault => fault,
    }
}
