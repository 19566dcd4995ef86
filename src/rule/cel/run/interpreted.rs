//! What is left to the interpreter of the `cel` crate: functions of its own that ours do not replace, and the words for
//! operators on values that they do not know. Each is one call, of values that are there.

use super::super::fault::Fault;
use super::super::syntax::ENV;
use super::operation::FunctionCall;
use super::outcome::CelOutcome;
use super::value::CelValue;
use crate::snapshot::Snapshot;
use cel::common::ast::{CallExpr, Expr, IdedExpr};
use cel::{Context, Value};
use std::sync::Arc;

/// A call of an operator or a function.
pub(super) fn call<'v>(
    call: &FunctionCall,
    values: &[CelValue<'v>],
    snapshot: &'v Snapshot<'v>,
) -> CelOutcome<'v> {
    let mut args: Vec<_> = (0..values.len()).map(|at| name(&slot(at))).collect();
    let target = match &call.namespace {
        Some(space) => Some(name(space)),
        None if call.is_method => Some(args.remove(0)),
        None => None,
    };
    let target = target.map(Box::new);
    run(CallExpr { func_name: call.name.clone(), target, args }, values, snapshot)
}

/// A call of a function on the first of the values.
pub(super) fn method<'v>(
    function: &str,
    values: &[CelValue<'v>],
    snapshot: &'v Snapshot<'v>,
) -> CelOutcome<'v> {
    let args = (1..values.len()).map(|at| name(&slot(at))).collect();
    let target = Some(Box::new(name(&slot(0))));
    run(CallExpr { func_name: function.to_owned(), target, args }, values, snapshot)
}

/// A call of an operator.
pub(super) fn operator<'v>(
    operator: &str,
    values: &[CelValue<'v>],
    snapshot: &'v Snapshot<'v>,
) -> CelOutcome<'v> {
    let args = (0..values.len()).map(|at| name(&slot(at))).collect();
    run(CallExpr { func_name: operator.to_owned(), target: None, args }, values, snapshot)
}

fn run<'v>(call: CallExpr, values: &[CelValue<'v>], snapshot: &'v Snapshot<'v>) -> CelOutcome<'v> {
    let expr = IdedExpr { id: 0, expr: Expr::Call(call) };
    let mut context = Context::with_env(Arc::clone(&ENV));
    for (at, value) in values.iter().enumerate() {
        context.add_variable_as_val(slot(at), value.lend_charged(snapshot).into_owned());
    }
    let value = Value::resolve_val(&expr, &context).map_err(Fault::from)?;
    Ok(CelValue::taken(value.into_owned()))
}

fn slot(at: usize) -> String {
    format!("#{at}")
}

fn name(name: &str) -> IdedExpr {
    IdedExpr { id: 0, expr: Expr::Ident(name.to_owned()) }
}
