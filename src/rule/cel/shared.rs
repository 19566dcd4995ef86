//! Values that are worked out once and used often: what a `let` names, and parts of expressions that do not depend on the
//! item or the loop around them. Without this, a rule that looks through all resources for each resource would take time
//! with the square of their number.
//!
//! Each is worked out when something first asks for it, and fails for each who asks as it failed first: an unknown that
//! nobody needs does no harm.

use super::careful::Program;
use super::level::Level;
use super::strings::RegexVal;
use super::val::SnapshotValue;
use super::{ENV, Regexes, budget, cost, nodes};
use crate::snapshot::{Snapshot, Type, schema, section};
use crate::value::Json;
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};
use cel::common::traits::Indexer;
use cel::common::types::{self, CelTimestamp};
use cel::common::value::{CowVal, Val};
use cel::{Context, ExecutionError, Value};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// What the slots of shared values begin with.
const SLOT: &str = "#c";

/// What it costs to set up the evaluation of one.
const START: usize = 20;

/// The shared expressions of a rule. Each uses only those before it.
#[derive(Debug, Default)]
pub struct SharedExpressions(Vec<SharedExpression>);

#[derive(Debug)]
struct SharedExpression {
    program: Program,
    nodes: usize,
    level: Level,
    /// The slots that it reads.
    slots: BTreeSet<String>,
}

impl SharedExpressions {
    /// Makes an expression shared: what stands in its place.
    pub(super) fn add(&mut self, program: IdedExpr, level: Level) -> Expr {
        if let Some(slot) = shared_slot(&program.expr) {
            return reference(slot.to_owned());
        }
        let mut slots = BTreeSet::new();
        slots_of(&program.expr, &mut slots);
        let nodes = nodes::count(&program.expr);
        self.0.push(SharedExpression { program: Program::new(program), nodes, level, slots });
        reference(format!("{SLOT}{}", self.0.len() - 1))
    }
}

/// Reading a shared value: a look-up, as only that may fail with a reason of ours.
fn reference(slot: String) -> Expr {
    let ided = |expr| IdedExpr { id: 0, expr };
    let key = Expr::Literal(LiteralValue::Null);
    let args = vec![ided(Expr::Ident(slot)), ided(key)];
    Expr::Call(CallExpr { func_name: operators::INDEX.to_owned(), target: None, args })
}

/// The slot of an expression that reads a shared value and does nothing else.
fn shared_slot(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Call(call) if call.func_name == operators::INDEX => match &call.args.first()?.expr {
            Expr::Ident(slot) if slot.starts_with(SLOT) => Some(slot),
            _ => None,
        },
        _ => None,
    }
}

fn slots_of(expr: &Expr, slots: &mut BTreeSet<String>) {
    if let Expr::Ident(name) = expr
        && name.starts_with('#')
        && !name.starts_with("#pair")
    {
        slots.insert(name.clone());
    }
    nodes::parts(expr).into_iter().for_each(|part| slots_of(&part.expr, slots));
}

/// What shared expressions see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SharedScope<'s> {
    pub(crate) snapshot: &'s Snapshot<'s>,
    pub(crate) facts: Json<'s>,
    pub(crate) params: Json<'s>,
    pub(crate) now: DateTime<Utc>,
    pub(crate) regexes: &'s Regexes,
}

/// The shared values of a rule on a snapshot, or on one of its resources.
#[derive(Debug, Default)]
pub struct SharedValues<'s> {
    /// By the numbers of the expressions; those of resources are missing as long as there is none.
    values: Vec<Option<SharedValue<'s>>>,
}

impl<'s> SharedValues<'s> {
    /// Those that depend on the snapshot alone.
    pub(crate) fn of_snapshot(expressions: &'s SharedExpressions, scope: SharedScope<'s>) -> Self {
        budget::forget_kept();
        let mut all = Self { values: Vec::with_capacity(expressions.0.len()) };
        for expression in &expressions.0 {
            let of_snapshot = expression.level == Level::Snapshot;
            let value = of_snapshot.then(|| all.value(expression, scope, None));
            all.values.push(value);
        }
        all
    }

    /// These, and those that depend on a resource.
    pub(crate) fn of_resource(
        &self,
        expressions: &'s SharedExpressions,
        scope: SharedScope<'s>,
        resource: (Json<'s>, Type),
    ) -> Self {
        let mut all = Self { values: Vec::with_capacity(expressions.0.len()) };
        for (expression, known) in expressions.0.iter().zip(&self.values) {
            let value = known.clone().unwrap_or_else(|| all.value(expression, scope, Some(resource)));
            all.values.push(Some(value));
        }
        all
    }

    fn value(
        &self,
        expression: &'s SharedExpression,
        scope: SharedScope<'s>,
        resource: Option<(Json<'s>, Type)>,
    ) -> SharedValue<'s> {
        let uses = expression.slots.iter().filter_map(|slot| Some((slot.as_str(), self.get(slot)?.clone())));
        let uses = uses.collect();
        SharedValue(Arc::new(Cell { expression, scope, resource, uses, outcome: OnceLock::new() }))
    }

    /// The value of a slot.
    pub(super) fn get(&self, slot: &str) -> Option<&SharedValue<'s>> {
        self.values.get(slot.strip_prefix(SLOT)?.parse::<usize>().ok()?)?.as_ref()
    }
}

/// A handle on a shared value. Looking anything up in it gives the value.
#[derive(Clone, Debug)]
pub(super) struct SharedValue<'s>(Arc<Cell<'s>>);

#[derive(Debug)]
struct Cell<'s> {
    expression: &'s SharedExpression,
    scope: SharedScope<'s>,
    resource: Option<(Json<'s>, Type)>,
    uses: Vec<(&'s str, SharedValue<'s>)>,
    outcome: OnceLock<Result<Box<dyn Val + 's>, ExecutionError>>,
}

impl<'s> Cell<'s> {
    fn evaluate(&self) -> Result<Box<dyn Val + 's>, ExecutionError> {
        budget::pay(START + self.expression.nodes)?;
        let mut context = Context::with_env(Arc::clone(&ENV));
        for slot in &self.expression.slots {
            if let Some(value) = self.variable(slot) {
                context.add_variable_as_val(slot.as_str(), value);
            }
        }
        match Value::resolve_val(self.expression.program.on(self.scope.snapshot), &context)? {
            CowVal::Owned(value) => Ok(value),
            CowVal::Borrowed(value) => {
                cost::pay_copy(value)?;
                Ok(value.clone_as_boxed())
            }
        }
    }

    fn variable(&self, slot: &str) -> Option<Box<dyn Val + 's>> {
        let SharedScope { snapshot, facts, params, now, regexes } = self.scope;
        let node = |node, ty| SnapshotValue::new(node, ty, snapshot).into_val().into_owned();
        Some(match slot.as_bytes().get(1)? {
            b'c' => {
                let (_, value) = self.uses.iter().find(|(name, _)| *name == slot)?;
                Box::new(value.clone())
            }
            b'r' => self.resource.map(|(resource, ty)| node(resource, ty))?,
            b'f' => node(facts, schema().facts()),
            b'p' => node(params, Type::Any),
            b'n' => Box::new(CelTimestamp::from(now.fixed_offset())),
            b'x' => Box::new(RegexVal::clone(regexes.get(slot)?)),
            _ => {
                let section = section::all().get(slot.strip_prefix('#')?.parse::<usize>().ok()?)?;
                Box::new(SnapshotValue::section(section, snapshot))
            }
        })
    }

    /// Works the value out, and keeps it unless the rule keeps too much already.
    fn look<'b, 'v>(&'b self) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        's: 'v,
    {
        let kept = match self.outcome.get() {
            Some(kept) => kept,
            None => {
                let outcome = self.evaluate().map_err(as_told);
                // What ran out of steps here may have some left the next time.
                if budget::exhausted() {
                    return outcome.map(|value| CowVal::Owned(value as Box<dyn Val + 'v>));
                }
                budget::keep(outcome.as_ref().map_or(0, |value| cost::bytes_of(value.as_ref())));
                self.outcome.get_or_init(|| outcome)
            }
        };
        match kept {
            Ok(value) => Ok(CowVal::Borrowed(value.as_ref())),
            Err(error) => Err(error.clone()),
        }
    }
}

/// An error that keeps its words: a look-up replaces those of wrong types by its own.
fn as_told(error: ExecutionError) -> ExecutionError {
    match error {
        ExecutionError::NoSuchOverload(_)
        | ExecutionError::ValuesNotComparable(..)
        | ExecutionError::UnsupportedKeyType(_)
        | ExecutionError::UnexpectedType { .. } => ExecutionError::InternalError(error.to_string()),
        error => error,
    }
}

static SHARED_TYPE: types::Type = types::Type::new_unspecified_type("shared");

impl Val for SharedValue<'_> {
    fn get_type(&self) -> &types::Type {
        &SHARED_TYPE
    }

    fn cel_type() -> &'static types::Type {
        &SHARED_TYPE
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(self.clone())
    }
}

impl Indexer for SharedValue<'_> {
    fn get<'b, 'v>(&'b self, _: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.0.look()
    }

    fn steal<'v>(self: Box<Self>, key: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(key).map(CowVal::into_owned)
    }
}
