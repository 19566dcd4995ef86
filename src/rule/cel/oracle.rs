//! What the interpreter of the `cel` crate gives, against which ours is held.

use super::careful::Program;
use super::level::Level;
use super::shared_expressions::{SharedExpression, SharedExpressions, SharedScope};
use super::strings::RegexVal;
use super::syntax::ENV;
use super::val::{LentValue, SnapshotValue};
use super::{EvaluationScope, Regexes, budget, cost, nodes};
use crate::snapshot::{Snapshot, Type, schema, section};
use crate::value::Json;
use cel::common::ast::{Expr, IdedExpr};
use cel::common::traits::Indexer;
use cel::common::types::{self, CelTimestamp};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, ExecutionError, Value};
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

const SLOT: &str = "#c";
const START: usize = 20;

/// A program as the interpreter runs it.
fn lowered(program: &Program, snapshot: &Snapshot<'_>) -> IdedExpr {
    match snapshot.has_symbols() {
        false => program.lowered().clone(),
        true => program.carefully_lowered(),
    }
}

fn regex<'r>(regexes: &'r Regexes, slot: &str) -> Option<&'r RegexVal> {
    regexes.at(slot.strip_prefix("#x")?.parse().ok()?)
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

/// What a program gives, handed to `then`.
pub(super) fn evaluate<'s, R>(
    program: &Program,
    scope: &EvaluationScope<'s>,
    then: impl FnOnce(&dyn Val) -> Result<R, ExecutionError>,
) -> Result<R, ExecutionError> {
    let seen = OracleScope {
        snapshot: scope.snapshot,
        facts: scope.facts,
        params: scope.params,
        now: CelTimestamp::from(scope.now.fixed_offset()),
        resource: scope.resource,
        items: scope.items.iter().map(|item| LentValue::new(*item)).collect(),
        regexes: scope.regexes,
        shared: &scope.shared.oracle,
    };
    let mut context = Context::with_env(Arc::clone(&ENV));
    context.set_variable_resolver(&seen);
    let expr = lowered(program, scope.snapshot);
    Value::resolve_val(&expr, &context).and_then(|value| then(value.as_ref()))
}

struct OracleScope<'r, 's> {
    snapshot: &'s Snapshot<'s>,
    facts: Json<'s>,
    params: Json<'s>,
    now: CelTimestamp,
    resource: SnapshotValue<'s>,
    items: Vec<LentValue<'s>>,
    regexes: &'r Regexes,
    shared: &'r OracleValues<'s>,
}

impl VariableResolver for OracleScope<'_, '_> {
    fn resolve<'b>(&'b self, name: &str) -> Option<CowVal<'b, 'b>> {
        let slot = name.strip_prefix('#')?;
        let value = match slot.as_bytes().first()? {
            b'r' => self.node(self.resource.node()?, self.resource.ty),
            b'i' => {
                let item = self.items.get(slot[1..].parse::<usize>().ok()?)?;
                let value = item.value();
                match value.node() {
                    Some(node) if value.part().is_none() => self.node(node, value.ty),
                    _ => CowVal::Borrowed(item),
                }
            }
            b'f' => self.node(self.facts, schema().facts()),
            b'p' => self.node(self.params, Type::Any),
            b'n' => CowVal::Borrowed(&self.now),
            b'x' => CowVal::Borrowed(regex(self.regexes, name)?),
            b'c' => CowVal::Borrowed(self.shared.get(name)?),
            _ => {
                let section = section::all().get(slot.parse::<usize>().ok()?)?;
                CowVal::owned(LentValue::new(SnapshotValue::section(section, self.snapshot)))
            }
        };
        Some(value)
    }
}

impl<'s> OracleScope<'_, 's> {
    fn node<'b>(&self, node: Json<'s>, ty: Type) -> CowVal<'b, 's> {
        SnapshotValue::new(node, ty, self.snapshot).into_val()
    }
}

/// The shared values of a rule on a snapshot, or on one of its resources.
#[derive(Debug, Default)]
pub(super) struct OracleValues<'s> {
    /// By the numbers of the expressions; those of resources are missing as long as there is none.
    values: Vec<Option<OracleValue<'s>>>,
}

impl<'s> OracleValues<'s> {
    /// Those that depend on the snapshot alone.
    pub(super) fn of_snapshot(expressions: &'s SharedExpressions, scope: SharedScope<'s>) -> Self {
        let mut all = Self { values: Vec::with_capacity(expressions.0.len()) };
        for expression in &expressions.0 {
            let of_snapshot = expression.level == Level::Snapshot;
            let value = of_snapshot.then(|| all.value(expression, scope, None));
            all.values.push(value);
        }
        all
    }

    /// These, and those that depend on a resource.
    pub(super) fn of_resource(
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
    ) -> OracleValue<'s> {
        let mut slots = BTreeSet::new();
        slots_of(&expression.program.lowered().expr, &mut slots);
        let uses = slots.iter().filter_map(|slot| Some((slot.clone(), self.get(slot)?.clone()))).collect();
        OracleValue(Arc::new(OracleCell {
            expression,
            scope,
            resource,
            slots,
            uses,
            outcome: OnceLock::new(),
        }))
    }

    /// The value of a slot.
    pub(super) fn get(&self, slot: &str) -> Option<&OracleValue<'s>> {
        self.values.get(slot.strip_prefix(SLOT)?.parse::<usize>().ok()?)?.as_ref()
    }
}

/// A handle on a shared value. Looking anything up in it gives the value.
#[derive(Clone, Debug)]
pub(super) struct OracleValue<'s>(Arc<OracleCell<'s>>);

#[derive(Debug)]
struct OracleCell<'s> {
    expression: &'s SharedExpression,
    scope: SharedScope<'s>,
    resource: Option<(Json<'s>, Type)>,
    slots: BTreeSet<String>,
    uses: Vec<(String, OracleValue<'s>)>,
    outcome: OnceLock<Result<Box<dyn Val + 's>, ExecutionError>>,
}

impl<'s> OracleCell<'s> {
    fn evaluate(&self) -> Result<Box<dyn Val + 's>, ExecutionError> {
        budget::pay(START + self.expression.nodes)?;
        let mut context = Context::with_env(Arc::clone(&ENV));
        for slot in &self.slots {
            if let Some(value) = self.variable(slot) {
                context.add_variable_as_val(slot.as_str(), value);
            }
        }
        match Value::resolve_val(&lowered(&self.expression.program, self.scope.snapshot), &context)? {
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
                let (_, value) = self.uses.iter().find(|(name, _)| name == slot)?;
                Box::new(value.clone())
            }
            b'r' => self.resource.map(|(resource, ty)| node(resource, ty))?,
            b'f' => node(facts, schema().facts()),
            b'p' => node(params, Type::Any),
            b'n' => Box::new(CelTimestamp::from(now.fixed_offset())),
            b'x' => Box::new(RegexVal::clone(regex(regexes, slot)?)),
            _ => {
                let section = section::all().get(slot.strip_prefix('#')?.parse::<usize>().ok()?)?;
                Box::new(LentValue::new(SnapshotValue::section(section, snapshot)))
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

impl Val for OracleValue<'_> {
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

impl Indexer for OracleValue<'_> {
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
