//! A rule taken apart, so that it can be shown what each part of it gave. The parts are compiled by the compiler of rules, with
//! the names that are known where they stand, and so are evaluated as the rule itself is.

use super::cel::{
    COMPILE_STACK, CelParser, Compiler, Expression, ExpressionForm, LoopForm, Mistake, Regexes,
    SharedExpressions, paths_read,
};
use super::names::RuleNames;
use super::path::{Path, PathRoot};
use super::{Check, Loop, Rule};
use crate::threads;

/// How deep the parts of an expression are shown.
const MAX_DEPTH: usize = 6;
/// How many parts and paths of an expression are shown at one place.
const MAX_PARTS: usize = 20;

/// The parts of a rule.
#[derive(Debug)]
pub struct RuleTracePlan {
    /// `let`, in its order.
    pub(crate) lets: Vec<(String, TracedExpression)>,
    pub(crate) when: Option<TracedExpression>,
    /// One for each check of the rule.
    pub(crate) checks: Vec<TracedCheck>,
    pub(crate) regexes: Regexes,
    pub(crate) shared: SharedExpressions,
}

/// The parts of a check.
#[derive(Debug)]
pub(crate) struct TracedCheck {
    /// The loops: what an item is called, and what the loop goes through, as written.
    pub(crate) each: Vec<(String, String)>,
    pub(crate) assert: TracedExpression,
}

/// An expression with its parts.
#[derive(Debug)]
pub(crate) struct TracedExpression {
    /// As written.
    pub(crate) source: String,
    /// What evaluates it.
    pub(crate) expression: Expression,
    pub(crate) parts: TracedParts,
    /// The paths that it reads, if it has no other parts; of a loop, those that its list is made of.
    pub(crate) reads: Vec<TracedRead>,
}

/// What an expression is made of.
#[derive(Debug)]
pub(crate) enum TracedParts {
    /// Nothing that is worth a look of its own.
    None,
    /// `&&`
    And(Vec<TracedExpression>),
    /// `||`
    Or(Vec<TracedExpression>),
    /// `!`
    Not(Box<TracedExpression>),
    /// `? :`
    Choice(Vec<TracedExpression>),
    /// `all` and `exists`
    Loop(Box<TracedLoop>),
}

/// A loop within an expression.
#[derive(Debug)]
pub(crate) struct TracedLoop {
    pub(crate) variable: String,
    pub(crate) list: Loop,
    pub(crate) test: TracedExpression,
    /// Whether it asks about all items, and not whether there is one.
    pub(crate) is_all: bool,
}

/// A path that an expression reads.
#[derive(Debug)]
pub(crate) struct TracedRead {
    /// As written.
    pub(crate) source: String,
    pub(crate) expression: Expression,
    /// The way to its place, if it has one.
    pub(crate) path: Option<Path>,
}

impl RuleTracePlan {
    /// Takes a rule apart. What cannot be taken apart stays whole.
    pub fn of(rule: &Rule) -> Self {
        threads::run(COMPILE_STACK, 1, || PlanBuilder::of(rule).plan(rule))
    }
}

struct PlanBuilder {
    names: RuleNames,
}

impl PlanBuilder {
    fn of(rule: &Rule) -> Self {
        let params = rule.params.iter().map(|(name, param)| (name.as_str(), param.ty));
        // What is built in was read before, and parts of it are as right as it is.
        let parser = if rule.built_in { CelParser::Quick } else { CelParser::Exact };
        Self { names: RuleNames::new(rule.resource, params, parser) }
    }

    fn plan(mut self, rule: &Rule) -> RuleTracePlan {
        let mut lets = Vec::new();
        for (name, source) in &rule.lets {
            // The rule has these names, so they can be had again.
            if let Some(traced) = self.expression(source, 0)
                && self.names.name_let(name, source, &traced.expression).is_ok()
            {
                lets.push((name.clone(), traced));
            }
        }
        let when = rule.condition().and_then(|source| self.expression(source, 0));
        let checks = rule.checks.iter().filter_map(|check| self.check(check)).collect();
        let (regexes, shared, _) = self.names.compiler.finish();
        RuleTracePlan { lets, when, checks, regexes, shared }
    }

    fn check(&mut self, check: &Check) -> Option<TracedCheck> {
        self.names.forget_items(0);
        let each = check.loops_as_written();
        for (name, source) in &each {
            self.open(name, source).ok()?;
        }
        let assert = self.expression(check.assert.source(), 0);
        self.names.forget_items(0);
        Some(TracedCheck { each, assert: assert? })
    }

    /// Gives a name to the items of a loop; what the loop goes through.
    fn open(&mut self, name: &str, source: &str) -> Result<Loop, Mistake> {
        self.compiler().forget_size();
        self.names.open_loop(name, source)
    }

    fn compiler(&mut self) -> &mut Compiler {
        &mut self.names.compiler
    }

    fn compile(&mut self, source: &str) -> Option<Expression> {
        // A part counts with each expression that it is in, and the rule alone was not too large.
        self.compiler().forget_size();
        self.compiler().compile(source).ok()
    }

    fn expression(&mut self, source: &str, depth: usize) -> Option<TracedExpression> {
        let expression = self.compile(source)?;
        let parts = if depth < MAX_DEPTH { self.parts(source, depth + 1) } else { TracedParts::None };
        let reads = match (&parts, ExpressionForm::of(source)) {
            (TracedParts::None, _) => self.reads(source),
            (TracedParts::Loop(_), ExpressionForm::All(form) | ExpressionForm::Exists(form)) => {
                self.reads(form.list)
            }
            _ => Vec::new(),
        };
        Some(TracedExpression { source: source.trim().to_owned(), expression, parts, reads })
    }

    fn parts(&mut self, source: &str, depth: usize) -> TracedParts {
        let parts = match ExpressionForm::of(source) {
            ExpressionForm::Plain => None,
            ExpressionForm::And(parts) => self.all(&parts, depth).map(TracedParts::And),
            ExpressionForm::Or(parts) => self.all(&parts, depth).map(TracedParts::Or),
            ExpressionForm::Not(part) => self.expression(part, depth).map(Box::new).map(TracedParts::Not),
            ExpressionForm::Choice(parts) => self.all(&parts, depth).map(TracedParts::Choice),
            ExpressionForm::All(form) => self.inner_loop(&form, true, depth),
            ExpressionForm::Exists(form) => self.inner_loop(&form, false, depth),
        };
        parts.unwrap_or(TracedParts::None)
    }

    fn all(&mut self, parts: &[&str], depth: usize) -> Option<Vec<TracedExpression>> {
        let shown = parts.len() <= MAX_PARTS;
        parts.iter().map(|part| self.expression(part, depth)).collect::<Option<_>>().filter(|_| shown)
    }

    fn inner_loop(&mut self, form: &LoopForm<'_>, is_all: bool, depth: usize) -> Option<TracedParts> {
        let around = self.names.depth();
        let list = self.open(form.variable, form.list).ok();
        let test = list.as_ref().and_then(|_| self.expression(form.test, depth));
        self.names.forget_items(around);
        let variable = form.variable.to_owned();
        Some(TracedParts::Loop(Box::new(TracedLoop { variable, list: list?, test: test?, is_all })))
    }

    fn reads(&mut self, source: &str) -> Vec<TracedRead> {
        let read = |(shown, source): (String, String)| {
            let expression = self.compile(&source)?;
            let path = self.names.path_of(&source).ok().flatten();
            let path = path.filter(|path| !matches!(path.root(), PathRoot::Elsewhere));
            Some(TracedRead { source: shown, expression, path })
        };
        let paths = paths_read(source).into_iter().map(|read| (read.shown, read.source));
        paths.take(MAX_PARTS).filter_map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{RuleSet, RuleSource};

    #[test]
    fn every_part_of_every_built_in_rule_can_be_shown() {
        let set = RuleSet::load(&[RuleSource::BuiltIn], false).set;
        assert!(set.rules.len() > 50);
        for rule in &set.rules {
            let plan = RuleTracePlan::of(rule);
            assert_eq!(plan.lets.len(), rule.lets.len(), "{}", rule.id);
            assert_eq!(plan.when.is_some(), rule.condition().is_some(), "{}", rule.id);
            assert_eq!(plan.checks.len(), rule.checks.len(), "{}", rule.id);
            for (traced, check) in plan.checks.iter().zip(&rule.checks) {
                assert_eq!(traced.each.len(), check.each.len(), "{}", rule.id);
                let chain = |operator: &str| traced.assert.source.contains(operator);
                let has_parts = !matches!(traced.assert.parts, TracedParts::None);
                assert!(has_parts || !chain(" && ") && !chain(" || ") || chain("("), "{}", rule.id);
            }
        }
    }
}
