//! Which parts of a rule's expressions are worked out once, and where they stand.

use super::careful::Program;
use super::level::Level;
use super::{Regexes, nodes};
use crate::snapshot::Snapshot;
use crate::value::Json;
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};
use chrono::{DateTime, Utc};

/// What the slots of shared values begin with.
const SLOT: &str = "#c";

/// The shared expressions of a rule. Each uses only those before it.
#[derive(Debug, Default)]
pub struct SharedExpressions(pub(super) Vec<SharedExpression>);

#[derive(Debug)]
pub(super) struct SharedExpression {
    pub(super) program: Program,
    pub(super) nodes: usize,
    pub(super) level: Level,
}

impl SharedExpressions {
    /// Makes an expression shared: what stands in its place.
    pub(super) fn add(&mut self, program: IdedExpr, level: Level) -> Expr {
        if let Some(slot) = shared_slot(&program.expr) {
            return reference(slot.to_owned());
        }
        let nodes = nodes::count(&program.expr);
        self.0.push(SharedExpression { program: Program::new(program), nodes, level });
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

/// What shared expressions see.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SharedScope<'s> {
    pub(crate) snapshot: &'s Snapshot<'s>,
    pub(crate) facts: Json<'s>,
    pub(crate) params: Json<'s>,
    pub(crate) now: DateTime<Utc>,
    pub(crate) regexes: &'s Regexes,
}
