//! The names that an expression may use.

use super::internal;
use super::level::Level;
use super::types::Ty;
use crate::snapshot::section;
use cel::IdedExpr;
use cel::common::ast::Expr;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// The names of types, as in `type(x) == int`.
pub(super) const TYPE_NAMES: [&str; 10] =
    ["int", "uint", "double", "bool", "string", "bytes", "list", "map", "null_type", "type"];

/// The slots of the sections, which are the same for every rule.
static SECTIONS: LazyLock<FxHashMap<&'static str, (Expr, Ty)>> = LazyLock::new(|| {
    let slot = |at: usize| Expr::Ident(format!("#{at}"));
    let sections = section::all().iter().enumerate();
    sections.map(|(at, section)| (section.name.as_str(), (slot(at), Ty::of_section(section)))).collect()
});

/// The names that an expression may use, and what they mean.
#[derive(Default)]
pub(super) struct KnownNames {
    /// Slots besides those of the sections: resource, items, facts and so on.
    pub(super) slots: FxHashMap<String, (Expr, Ty)>,
    /// `let`, already lowered.
    pub(super) lets: FxHashMap<String, Let>,
    /// The rule's parameters.
    pub(super) params: FxHashMap<String, Ty>,
}

/// A `let`, to be put in where its name is used.
pub(super) struct Let {
    pub(super) expr: Expr,
    pub(super) ty: Ty,
    pub(super) nodes: usize,
    pub(super) depth: usize,
    pub(super) loops: usize,
    pub(super) level: Level,
}

impl KnownNames {
    /// What stands for a name that is no `let`, and its type.
    pub(super) fn slot(&self, name: &str) -> Option<&(Expr, Ty)> {
        self.slots.get(name).or_else(|| SECTIONS.get(name))
    }

    /// All names.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        let own = self.slots.keys().chain(self.lets.keys()).map(String::as_str);
        own.chain(SECTIONS.keys().copied())
    }

    /// What a name depends on.
    pub(super) fn level(&self, name: &str) -> Option<Level> {
        let of_let = self.lets.get(name).map(|known| known.level);
        let of_slot = || self.slot(name).map(|(slot, _)| Level::of_slot(slot));
        let constant = TYPE_NAMES.contains(&name) || internal::NAMESPACES.contains(&name);
        of_let.or_else(of_slot).or(constant.then_some(Level::Snapshot))
    }

    /// What an expression depends on, as it was parsed.
    pub(super) fn level_of(&self, expr: &IdedExpr) -> Level {
        Level::of(expr, &|name| self.level(name))
    }
}
