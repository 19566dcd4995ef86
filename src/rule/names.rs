//! The names that expressions of a rule may use, as they come to be known one after another: the resource, what `let` names,
//! the items of the loops around a check.

use super::cel::{CelParser, Compiler, Expression, Mistake, Ty};
use super::file::ParamType;
use super::path::{Path, PathRoot};
use super::{Loop, LoopItems};
use crate::snapshot::{Section, section};
use std::collections::HashMap;

/// What is known where an expression stands.
pub(super) struct RuleNames {
    /// What compiles the expressions.
    pub(super) compiler: Compiler,
    /// The `let`s that are paths.
    paths: HashMap<String, Path>,
    /// The names of the loops around this place, outermost first.
    items: Vec<String>,
    resource: &'static Section,
}

impl RuleNames {
    /// Those of a rule on such a resource, with these parameters.
    pub(super) fn new<'n>(
        resource: &'static Section,
        params: impl Iterator<Item = (&'n str, ParamType)>,
        parser: CelParser,
    ) -> Self {
        let params = params.map(|(name, ty)| (name.to_owned(), param_type(ty)));
        let compiler = Compiler::new(resource, params, parser);
        Self { compiler, paths: HashMap::new(), items: Vec::new(), resource }
    }

    /// Gives a name to an expression, which was compiled from this text.
    pub(super) fn name_let(
        &mut self,
        name: &str,
        text: &str,
        expression: &Expression,
    ) -> Result<(), Mistake> {
        if let Some(path) = self.path_of(text)? {
            self.paths.insert(name.to_owned(), path);
        }
        self.compiler.name_let(name, expression)
    }

    /// Compiles what a loop goes through, and gives a name to its items.
    pub(super) fn open_loop(&mut self, name: &str, text: &str) -> Result<Loop, Mistake> {
        let expression = self.compiler.compile(text)?;
        let ty = match expression.ty.clone() {
            Ty::OptionalOf(inner) => *inner,
            other => other,
        };
        let Some(item) = ty.item() else {
            let message = format!("{} has no items to go through", ty.described());
            return Err(Mistake { message, range: None });
        };
        let path = self.path_of(text)?.filter(|path| !matches!(path.root(), PathRoot::Elsewhere));
        let item_type = item.schema_type();
        self.compiler.name_item(name, self.items.len(), item)?;
        self.items.push(name.to_owned());
        Ok(Loop { list: path.map_or(LoopItems::Value(expression), LoopItems::Path), item: item_type })
    }

    /// How many loops are around this place.
    pub(super) fn depth(&self) -> usize {
        self.items.len()
    }

    /// Forgets the names of the loops from this depth on.
    pub(super) fn forget_items(&mut self, depth: usize) {
        self.compiler.forget_items(depth);
        self.items.truncate(depth);
    }

    /// The path that an expression is, if it is one.
    pub(super) fn path_of(&mut self, text: &str) -> Result<Option<Path>, Mistake> {
        let compiled = self.compiler.compile_path(text)?;
        Ok(compiled.and_then(|(root, steps)| match self.paths.get(&root) {
            Some(path) => Some(path.then(steps)),
            None => Some(Path::new(self.root(&root)?, steps)),
        }))
    }

    fn root(&self, name: &str) -> Option<PathRoot> {
        if let Some(depth) = self.items.iter().position(|item| item == name) {
            return Some(PathRoot::Item(depth));
        }
        if name == self.resource.singular {
            return Some(PathRoot::Resource);
        }
        if let Some(section) = section::by_name(name) {
            return Some(PathRoot::Section(section));
        }
        match name {
            "facts" => Some(PathRoot::Facts),
            "params" | "now" => Some(PathRoot::Elsewhere),
            _ => None,
        }
    }
}

fn param_type(ty: ParamType) -> Ty {
    match ty {
        ParamType::String => Ty::Str,
        ParamType::Int => Ty::Int,
        ParamType::Bool => Ty::Bool,
        ParamType::List => Ty::Strings,
    }
}
