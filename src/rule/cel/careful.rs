//! Expressions for snapshots with symbols. The interpreter's `==`, `in` and `<` can only answer, and its functions read
//! texts, so each is put behind one of ours that fails with the reason where a symbol decides. Other snapshots are
//! evaluated as ever, and pay nothing for it.

use super::internal;
use super::nodes::parts_mut;
use super::run::{self, CelOperation};
use crate::snapshot::Snapshot;
use cel::IdedExpr;
use cel::common::ast::{CallExpr, EntryExpr, Expr, LiteralValue, operators};
use std::sync::OnceLock;

/// An expression as it runs, and as it runs on snapshots with symbols. What runs is made when it first does: most rules
/// see few snapshots, or none.
#[derive(Debug)]
pub(super) struct Program {
    lowered: IdedExpr,
    plain: OnceLock<Box<CelOperation>>,
    careful: OnceLock<Box<CelOperation>>,
}

impl Program {
    pub(super) fn new(lowered: IdedExpr) -> Self {
        Self { lowered, plain: OnceLock::new(), careful: OnceLock::new() }
    }

    /// What it is made of, as it runs on snapshots without symbols.
    pub(super) fn lowered(&self) -> &IdedExpr {
        &self.lowered
    }

    /// What it is made of, as it runs on snapshots with symbols.
    pub(super) fn carefully_lowered(&self) -> IdedExpr {
        let mut careful = self.lowered.clone();
        make_careful(&mut careful);
        careful
    }

    /// As it runs on a snapshot.
    pub(super) fn on(&self, snapshot: &Snapshot<'_>) -> &CelOperation {
        match snapshot.has_symbols() {
            false => self.plain.get_or_init(|| Box::new(run::operation(&self.lowered))),
            true => self.careful.get_or_init(|| Box::new(run::operation(&self.carefully_lowered()))),
        }
    }
}

/// What takes symbols for what they are, besides what is ours and begins with `@`.
const TRANSPARENT: [&str; 15] = [
    operators::LOGICAL_AND,
    operators::LOGICAL_OR,
    operators::LOGICAL_NOT,
    operators::CONDITIONAL,
    operators::NOT_STRICTLY_FALSE,
    operators::INDEX,
    "dyn",
    "of",
    "or",
    "orValue",
    "value",
    "hasValue",
    "flatten",
    "reverse",
    "slice",
];

/// Of the functions on lists: those that hand their items on as they are, or compare them with our own `==`; `join` makes a text
/// with the symbols in it.
const TRANSPARENT_ON_LISTS: [&str; 7] =
    ["@distinct", "@join", "first", "last", "equivalent", "intersects", internal::ADD];

/// Of ours: what is put in by lowering, and reads nothing of a text.
const INTERNAL: [&str; 12] = [
    internal::GET,
    internal::HAS,
    internal::SIZE,
    internal::EQUAL,
    internal::ENTRIES,
    internal::LOOP_STEP,
    internal::RANGE,
    internal::METERED,
    internal::METERED_ITEMS,
    internal::METERED_SORT,
    internal::SEARCHED,
    internal::MATCHES,
];

/// Functions on two texts, and ours that answer them where the known parts of a text decide.
const ON_TEXTS: [(&str, &str); 3] = [
    ("startsWith", internal::STARTS_WITH),
    ("endsWith", internal::ENDS_WITH),
    ("contains", internal::HAS_PART),
];

fn make_careful(expr: &mut IdedExpr) {
    for part in parts_mut(&mut expr.expr) {
        make_careful(part);
    }
    match &mut expr.expr {
        Expr::Call(call) => careful_call(call),
        Expr::Map(map) => {
            for entry in &mut map.entries {
                if let EntryExpr::MapEntry(entry) = &mut entry.expr {
                    make_concrete(&mut entry.key);
                }
            }
        }
        _ => {}
    }
}

fn careful_call(call: &mut CallExpr) {
    match call.func_name.as_str() {
        operators::EQUALS => call.func_name = internal::SAME.to_owned(),
        operators::NOT_EQUALS => {
            let same = CallExpr { func_name: internal::SAME.to_owned(), ..call.clone() };
            *call = call_of(operators::LOGICAL_NOT, vec![ided(Expr::Call(same))]);
        }
        name if let Some(ours) = on_texts(name, call) => {
            let target = call.target.take().map(|target| *target);
            call.args = target.into_iter().chain(std::mem::take(&mut call.args)).collect();
            call.func_name = ours.to_owned();
        }
        operators::IN => call.func_name = internal::WITHIN.to_owned(),
        operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS => {
            let order = call_of(internal::ORDER, std::mem::take(&mut call.args));
            let zero = Expr::Literal(LiteralValue::Int(0.into()));
            call.args = vec![ided(Expr::Call(order)), ided(zero)];
        }
        // A loop that appends to its list, which the interpreter knows by its form.
        operators::ADD if matches!(call.args.last(), Some(IdedExpr { expr: Expr::List(_), .. })) => {}
        name if is_transparent(name, call) => {}
        _ => {
            call.args.iter_mut().for_each(make_concrete);
            if let Some(target) = call.target.as_deref_mut()
                && !is_namespace(target)
            {
                make_concrete(target);
            }
        }
    }
}

/// What a function on two texts becomes.
fn on_texts(name: &str, call: &CallExpr) -> Option<&'static str> {
    let is_method = call.target.as_deref().is_some_and(|target| !is_namespace(target));
    let ours = ON_TEXTS.iter().find(|(known, _)| *known == name).map(|(_, ours)| *ours);
    ours.filter(|_| is_method && call.args.len() == 1)
}

/// Whether it is the first half of a name, as of `sets.contains`.
fn is_namespace(target: &IdedExpr) -> bool {
    matches!(&target.expr, Expr::Ident(name) if internal::NAMESPACES.contains(&name.as_str()))
}

fn is_transparent(name: &str, call: &CallExpr) -> bool {
    let of_sets = || {
        let target = call.target.as_ref().map(|target| &target.expr);
        matches!(target, Some(Expr::Ident(space)) if space == "sets") && name == "contains"
    };
    TRANSPARENT.contains(&name)
        || TRANSPARENT_ON_LISTS.contains(&name)
        || INTERNAL.contains(&name)
        || of_sets()
}

/// Makes a value fail with its reason if it is a symbol.
fn make_concrete(expr: &mut IdedExpr) {
    if matches!(expr.expr, Expr::Literal(_)) {
        return;
    }
    let inner = std::mem::take(expr);
    let id = inner.id;
    *expr = IdedExpr { id, expr: Expr::Call(call_of(internal::CONCRETE, vec![inner])) };
}

fn ided(expr: Expr) -> IdedExpr {
    IdedExpr { id: 0, expr }
}

fn call_of(name: &str, args: Vec<IdedExpr>) -> CallExpr {
    CallExpr { func_name: name.to_owned(), target: None, args }
}
