//! How often an expression can give another value: it need not be worked out anew for each resource, each item of an
//! `each` or each step of a loop if nothing in it depends on that.

use super::lists;
use super::nodes::parts;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::LazyLock;

/// What an expression depends on; each level stands for those before it as well.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// On the snapshot, the parameters and the day.
    #[default]
    Snapshot,
    /// On the resource.
    Resource,
    /// On an item of the rule's `each`.
    Item,
    /// On the variable of a loop.
    Loop,
}

impl Level {
    /// That of a slot.
    pub(super) fn of_slot(slot: &Expr) -> Self {
        match slot {
            Expr::Ident(name) if name.starts_with("#r") => Self::Resource,
            Expr::Ident(name) if name.starts_with("#i") => Self::Item,
            _ => Self::Snapshot,
        }
    }

    /// That of an expression as it was parsed, where `known` tells the levels of names. A name that nobody knows is a
    /// mistake, which is told where it stands.
    pub(super) fn of(expr: &IdedExpr, known: &dyn Fn(&str) -> Option<Self>) -> Self {
        LevelNames { known, bound: Vec::new() }.level(expr)
    }
}

struct LevelNames<'k, 'e> {
    known: &'k dyn Fn(&str) -> Option<Level>,
    /// The variables of loops that are part of the expression.
    bound: Vec<&'e str>,
}

impl<'e> LevelNames<'_, 'e> {
    fn level(&mut self, expr: &'e IdedExpr) -> Level {
        match &expr.expr {
            Expr::Ident(name) if self.bound.contains(&name.as_str()) => Level::Snapshot,
            Expr::Ident(name) => (self.known)(name).unwrap_or(Level::Loop),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            _ => parts(&expr.expr).into_iter().map(|part| self.level(part)).max().unwrap_or_default(),
        }
    }

    fn comprehension(&mut self, comprehension: &'e ComprehensionExpr) -> Level {
        let outer = self.bound.len();
        let around = [&comprehension.iter_range, &comprehension.accu_init].map(|part| self.level(part));
        self.bound.extend([comprehension.iter_var.as_str(), comprehension.accu_var.as_str()]);
        self.bound.extend(comprehension.iter_var2.as_deref());
        let within = [&comprehension.loop_cond, &comprehension.loop_step, &comprehension.result];
        let within = within.map(|part| self.level(part));
        self.bound.truncate(outer);
        around.into_iter().chain(within).max().unwrap_or_default()
    }
}

/// The parts of a parsed expression whose evaluation may take more than a step for each of their nodes: they have a loop,
/// or a function in them goes through a list or a document.
pub(super) struct CostlyParts(FxHashMap<*const IdedExpr, bool>);

impl CostlyParts {
    /// Those of an expression, itself among them.
    pub(super) fn of(expr: &IdedExpr) -> Self {
        let mut costly = Self(FxHashMap::default());
        costly.find(expr);
        costly
    }

    /// Whether it is one: a part of the expression, each of which is known by its place in memory, or what was made since.
    pub(super) fn has(&self, part: &IdedExpr) -> bool {
        let known = self.0.get(&std::ptr::from_ref(part)).copied();
        known.unwrap_or_else(|| Self(FxHashMap::default()).find(part))
    }

    fn find(&mut self, expr: &IdedExpr) -> bool {
        let own = match &expr.expr {
            Expr::Comprehension(comprehension) => !binds(comprehension),
            Expr::Call(call) => is_of_lists(call),
            _ => false,
        };
        let is_costly = parts(&expr.expr).into_iter().fold(own, |costly, part| self.find(part) || costly);
        self.0.insert(std::ptr::from_ref(expr), is_costly);
        is_costly
    }
}

/// Whether it is `optMap` or its like: they bind a name by a loop over nothing.
fn binds(comprehension: &ComprehensionExpr) -> bool {
    matches!(&comprehension.iter_range.expr, Expr::List(list) if list.elements.is_empty())
}

/// The functions that go through a list or a document, without what stands before the last dot.
static OF_LISTS: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| {
    let last = |name: &'static str| name.rsplit('.').next().unwrap_or(name);
    lists::FUNCTIONS.iter().map(|function| last(function.name)).chain(["json", "cidrs", "join"]).collect()
});

fn is_of_lists(call: &CallExpr) -> bool {
    OF_LISTS.contains(call.func_name.as_str())
}
