//! The expression language: CEL over the nodes of a snapshot. The `cel` crate parses it and has some of its functions;
//! [`lower`] checks and rewrites what was parsed, and [`run`] runs it. No other module names that crate's types; its API
//! breaks with every minor release.

mod budget;
mod call;
mod careful;
mod conversions;
mod cost;
mod documents;
mod error;
mod fault;
mod functions;
mod internal;
mod known_names;
mod level;
mod lists;
mod lower;
mod macros;
mod network;
mod nodes;
mod opaque;
mod operators;
mod parts;
mod run;
mod shared;
mod shared_expressions;
mod shown;
mod strings;
mod symbols;
mod syntax;
mod types;
mod unknowns;
mod val;
mod version;

#[cfg(test)]
mod both;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;

pub use error::Failure;
pub use lower::{Mistake, Reads};
pub use parts::{ExpressionForm, LoopForm, PathRead, paths_read};
pub use syntax::CelParser;
pub use types::Ty;

pub use shared::SharedValues;
pub use shared_expressions::SharedExpressions;

pub(crate) use budget::{charge_item, charge_kept, keeps_too_much, rule_exhausted, take_ran_out};
pub(crate) use error::too_many_steps;
pub(crate) use shared_expressions::SharedScope;
pub(crate) use val::SnapshotValue;

use crate::snapshot::{Section, Snapshot, schema};
use crate::value::Json;
use careful::Program;
use cel::common::ast::{Expr, LiteralValue, SourceInfo};
use cel::common::traits::Iterable;
use cel::common::types::{CelBool, CelDouble, CelDuration, CelInt, CelString, CelTimestamp, Kind};
use cel::common::value::Val;
use cel::{ExecutionError, IdedExpr};
use chrono::{DateTime, Utc};
use fault::Fault;
use known_names::{KnownNames, Let};
use level::{CostlyParts, Level};
use lower::{Lower, LowerSource, Size};
use run::{CelRun, CelValue};
use std::fmt;
use strings::RegexVal;

/// The longest expression, in bytes.
pub const MAX_EXPRESSION: usize = 4 * 1024;

/// The stack that parsing needs for any expression up to [`MAX_EXPRESSION`]: four times what our own debug build takes.
/// Where assertions are on, the parser may not be optimised at all, or checked by a sanitizer, and takes more.
pub const COMPILE_STACK: usize = if cfg!(debug_assertions) { 64 << 20 } else { 8 << 20 };

/// The stack that evaluating needs, where `let`s that use each other nest as deep as they may: as of parsing. Our
/// own debug build takes 6 MiB of it.
pub const EVALUATE_STACK: usize = if cfg!(debug_assertions) { 64 << 20 } else { 8 << 20 };

/// Everything that a rule may call, functions and macros, by name; what is called on a value (`x.f()`) with a dot in
/// front.
pub fn library() -> std::collections::BTreeSet<String> {
    let written = |name: &&str| !name.starts_with('@');
    let functions = functions::all().filter(|function| written(&function.name));
    let functions = functions.map(|function| match function.member {
        true => format!(".{}", function.name),
        false => function.name.to_owned(),
    });
    functions.chain(macros::NAMES.iter().map(|name| (*name).to_owned())).collect()
}

/// Starts a rule on a snapshot: with a full budget, and with nothing left of the rule before.
pub(crate) fn start_rule() {
    budget::start_rule();
    strings::start_rule();
    unknowns::clear();
}

/// Compiles the expressions of one rule. They share its names, its `let`s and its regular
/// expressions.
#[derive(Default)]
pub struct Compiler {
    parser: CelParser,
    names: KnownNames,
    regexes: Vec<RegexVal>,
    shared: SharedExpressions,
    size: Size,
    /// What an expression is evaluated for, if it stands in no `each`.
    around: Level,
    /// What all expressions compiled so far read.
    pub reads: Reads,
}

/// A compiled expression.
#[derive(Debug)]
pub struct Expression {
    source: String,
    program: Program,
    nodes: usize,
    depth: usize,
    loops: usize,
    level: Level,
    is_costly: bool,
    /// The type of what it gives.
    pub ty: Ty,
}

/// The regular expressions of a rule.
#[derive(Debug, Default)]
pub struct Regexes(Vec<RegexVal>);

impl Regexes {
    fn at(&self, at: usize) -> Option<&RegexVal> {
        self.0.get(at)
    }
}

impl Compiler {
    /// A compiler that knows the sections, `cluster`, `facts`, `now`, and the rule's own names.
    pub fn new(
        resource: &'static Section,
        params: impl IntoIterator<Item = (String, Ty)>,
        parser: CelParser,
    ) -> Self {
        let around = if resource.is_list() { Level::Resource } else { Level::Snapshot };
        let mut compiler = Self { parser, around, ..Self::default() };
        let resource_type = schema().section(&resource.name);
        let item = if resource.is_list() { schema().item(resource_type) } else { resource_type };
        compiler.slot(&resource.singular, "#r".to_owned(), Ty::of_schema(item));
        compiler.slot("facts", "#f".to_owned(), Ty::of_schema(schema().facts()));
        compiler.slot("params", "#p".to_owned(), Ty::Params);
        compiler.slot("now", "#n".to_owned(), Ty::Timestamp);
        compiler.names.params.extend(params);
        compiler
    }

    fn slot(&mut self, name: &str, slot: String, ty: Ty) {
        self.names.slots.insert(name.to_owned(), (Expr::Ident(slot), ty));
    }

    /// Gives a name to the value that the loop of that depth is at.
    ///
    /// # Errors
    ///
    /// The name is taken.
    pub fn name_item(&mut self, name: &str, depth: usize, ty: Ty) -> Result<(), Mistake> {
        self.free(name)?;
        self.slot(name, format!("#i{depth}"), ty);
        Ok(())
    }

    /// Forgets the names of the loops from this depth on.
    pub fn forget_items(&mut self, depth: usize) {
        let depth_of = |slot: &str| slot.strip_prefix("#i")?.parse::<usize>().ok();
        let is_left =
            |expr: &Expr| !matches!(expr, Expr::Ident(slot) if depth_of(slot).is_some_and(|of| of >= depth));
        self.names.slots.retain(|_, (expr, _)| is_left(expr));
    }

    /// Gives a name to an expression.
    ///
    /// # Errors
    ///
    /// The name is taken.
    pub fn name_let(&mut self, name: &str, expression: &Expression) -> Result<(), Mistake> {
        self.free(name)?;
        let program = expression.program.lowered().clone();
        let expr = match expression.is_costly {
            true => self.shared.add(program, expression.level),
            false => program.expr,
        };
        let lowered = Let {
            expr,
            ty: expression.ty.clone(),
            nodes: expression.nodes,
            depth: expression.depth,
            loops: expression.loops,
            level: expression.level,
        };
        self.names.lets.insert(name.to_owned(), lowered);
        Ok(())
    }

    /// Counts from here on anew how large the expressions are: they are parts of those before.
    pub fn forget_size(&mut self) {
        self.size = Size::default();
    }

    fn free(&self, name: &str) -> Result<(), Mistake> {
        let taken = self.names.slot(name).is_some() || self.names.lets.contains_key(name);
        let word = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && name.starts_with(|c: char| c.is_ascii_alphabetic());
        let message = match (taken, word) {
            (true, _) => format!("the name `{name}` is taken"),
            (_, false) => format!("`{name}` is not a name"),
            _ => return Ok(()),
        };
        Err(Mistake { message, range: None })
    }

    /// Compiles one expression. Call it on a thread with [`COMPILE_STACK`].
    ///
    /// # Errors
    ///
    /// What is wrong with it, and where.
    pub fn compile(&mut self, source: &str) -> Result<Expression, Mistake> {
        let (expr, info) = self.parser.parse(source)?;
        self.lower(source, &expr, &info)
    }

    fn lower(&mut self, source: &str, expr: &IdedExpr, info: &SourceInfo) -> Result<Expression, Mistake> {
        let source_parts = LowerSource { info, costly: CostlyParts::of(expr) };
        let (level, is_costly) = (self.names.level_of(expr), source_parts.costly.has(expr));
        let of_item = |(slot, _): &(Expr, Ty)| Level::of_slot(slot) == Level::Item;
        let around = if self.names.slots.values().any(of_item) { Level::Item } else { self.around };
        let (regexes, reads, size, shared) =
            (&mut self.regexes, &mut self.reads, &mut self.size, &mut self.shared);
        let mut lower = Lower::new(&self.names, &source_parts, regexes, reads, size, shared, around);
        let (program, ty) = lower.lower(expr)?;
        let (depth, loops) = lower.deepest();
        let nodes = nodes::count(&program.expr);
        let program = Program::new(program);
        Ok(Expression { source: source.to_owned(), program, nodes, depth, loops, level, is_costly, ty })
    }

    /// Compiles the steps of a path: `.f`, `.?f`, `[expr]` and a last `.orValue([])` on a name.
    /// `None` for an expression that is no path.
    ///
    /// # Errors
    ///
    /// What is wrong with it, and where.
    pub fn compile_path(&mut self, source: &str) -> Result<Option<(String, Vec<PathStep>)>, Mistake> {
        let (expr, _) = self.parser.parse(source)?;
        let Some((root, steps)) = split_path(&expr) else { return Ok(None) };
        let mut compiled = Vec::new();
        for step in steps {
            compiled.push(match step {
                RawStep::Field(name) => PathStep::Field(name),
                RawStep::Optional(name) => PathStep::Optional(name),
                RawStep::Index(key) => PathStep::Index(self.lower("", key, &SourceInfo::default())?),
                RawStep::OptionalIndex(key) => {
                    PathStep::OptionalIndex(self.lower("", key, &SourceInfo::default())?)
                }
                RawStep::OrEmpty => PathStep::OrEmpty,
            });
        }
        Ok(Some((root, compiled)))
    }

    /// What expressions have in common, when everything is compiled.
    pub fn finish(self) -> (Regexes, SharedExpressions, Reads) {
        (Regexes(self.regexes), self.shared, self.reads)
    }
}

/// One step of a path.
#[derive(Debug)]
pub enum PathStep {
    /// `.name`
    Field(String),
    /// `.?name`: from here on, what is absent is nothing.
    Optional(String),
    /// `[expression]`
    Index(Expression),
    /// `[?expression]`
    OptionalIndex(Expression),
    /// `.orValue([])`: an empty list instead of what is absent.
    OrEmpty,
}

enum RawStep<'e> {
    Field(String),
    Optional(String),
    Index(&'e IdedExpr),
    OptionalIndex(&'e IdedExpr),
    OrEmpty,
}

fn split_path(expr: &IdedExpr) -> Option<(String, Vec<RawStep<'_>>)> {
    use cel::common::ast::operators::{INDEX, OPT_INDEX, OPT_SELECT};
    let (operand, step) = match &expr.expr {
        Expr::Ident(name) => return Some((name.clone(), Vec::new())),
        Expr::Select(select) if !select.test => (&*select.operand, RawStep::Field(select.field.clone())),
        Expr::Call(call) => match (call.func_name.as_str(), call.args.as_slice(), &call.target) {
            (OPT_SELECT, [operand, field], None) => match &field.expr {
                Expr::Literal(LiteralValue::String(name)) => {
                    (operand, RawStep::Optional(name.inner().to_owned()))
                }
                _ => return None,
            },
            (INDEX, [operand, key], None) => (operand, RawStep::Index(key)),
            (OPT_INDEX, [operand, key], None) => (operand, RawStep::OptionalIndex(key)),
            ("orValue", [default], Some(target)) => match &default.expr {
                Expr::List(list) if list.elements.is_empty() => (&**target, RawStep::OrEmpty),
                _ => return None,
            },
            _ => return None,
        },
        _ => return None,
    };
    let (root, mut steps) = split_path(operand)?;
    steps.push(step);
    Some((root, steps))
}

/// Everything that an expression can see.
#[derive(Debug)]
pub struct EvaluationScope<'s> {
    /// The snapshot.
    pub snapshot: &'s Snapshot<'s>,
    /// The tree of facts.
    pub facts: Json<'s>,
    /// The rule's parameters.
    pub params: Json<'s>,
    /// Midnight of the day that is taken as today.
    pub now: DateTime<Utc>,
    pub(crate) resource: SnapshotValue<'s>,
    pub(crate) items: Vec<SnapshotValue<'s>>,
    /// The rule's regular expressions.
    pub regexes: &'s Regexes,
    /// What its expressions share.
    pub shared: SharedValues<'s>,
}

/// What is made of the value of an expression: at once, where it is of a kind that is met often, and else as functions of
/// the `cel` crate see it.
struct ValueReading<R> {
    plain: fn(&CelValue<'_>) -> Option<Result<R, ExecutionError>>,
    lent: fn(&dyn Val) -> Result<R, ExecutionError>,
}

impl Expression {
    /// The text it was compiled from.
    pub fn source(&self) -> &str {
        &self.source
    }

    fn evaluate<R: fmt::Debug + PartialEq>(
        &self,
        scope: &EvaluationScope<'_>,
        read: ValueReading<R>,
    ) -> Result<R, Failure> {
        #[cfg(test)]
        let expected = both::expected(self, scope, read.lent);
        budget::start(self.nodes);
        let result = self.run(scope, read);
        let result = if budget::finish() { Err(error::too_many_steps()) } else { result };
        #[cfg(test)]
        expected.check(self, &result);
        result
    }

    fn run<R>(&self, scope: &EvaluationScope<'_>, read: ValueReading<R>) -> Result<R, Failure> {
        let mut evaluator = CelRun {
            snapshot: scope.snapshot,
            facts: scope.facts,
            params: scope.params,
            now: scope.now,
            resource: Some(scope.resource),
            items: &scope.items,
            regexes: scope.regexes,
            shared: &scope.shared,
            variables: Vec::new(),
        };
        let value = evaluator.run(self.program.on(scope.snapshot)).map_err(Fault::classify)?;
        let result = match (read.plain)(&value) {
            Some(result) => result,
            None => (read.lent)(value.lend(scope.snapshot).as_ref()),
        };
        result.map_err(|error| error::classify(&error))
    }

    /// Evaluates it to true or false.
    ///
    /// # Errors
    ///
    /// It depends on something unknown, or fails.
    pub fn test(&self, scope: &EvaluationScope<'_>) -> Result<bool, Failure> {
        let plain = |value: &CelValue<'_>| match value {
            CelValue::Bool(value) => Some(Ok(*value)),
            _ => None,
        };
        let lent = |value: &dyn Val| match value.downcast_ref::<CelBool>() {
            Some(value) => Ok(*value.inner()),
            None => Err(ExecutionError::InternalError(format!(
                "gives a {}, where true or false is needed",
                value.get_type().name()
            ))),
        };
        self.evaluate(scope, ValueReading { plain, lent })
    }

    /// Evaluates it to text for a message.
    ///
    /// # Errors
    ///
    /// It depends on something unknown, or fails.
    pub fn text(&self, scope: &EvaluationScope<'_>) -> Result<String, Failure> {
        let plain = |value: &CelValue<'_>| {
            let text = value.text()?;
            Some(budget::pay_made(text.len()).map(|()| text.to_owned()))
        };
        let lent = |value: &dyn Val| {
            let text = value.downcast_ref::<CelString>();
            budget::pay_made(text.map_or(0, |text| text.inner().len()))?;
            Ok(show(value))
        };
        self.evaluate(scope, ValueReading { plain, lent })
    }

    /// Evaluates it to a text that shows the value as JSON, where it is JSON; of a long one, the beginning.
    ///
    /// # Errors
    ///
    /// It depends on something unknown, or fails.
    pub fn shown(&self, scope: &EvaluationScope<'_>) -> Result<String, Failure> {
        self.evaluate(scope, ValueReading { plain: |_| None, lent: shown::shown })
    }

    /// Evaluates it to a JSON value.
    ///
    /// # Errors
    ///
    /// It depends on something unknown, or fails.
    pub fn json(&self, scope: &EvaluationScope<'_>) -> Result<serde_json::Value, Failure> {
        self.evaluate(scope, ValueReading { plain: |_| None, lent: to_json })
    }
}

/// A value as text, to show it: as JSON, where it is JSON.
pub(crate) fn shown(value: &SnapshotValue<'_>) -> String {
    let value = value.same().into_val();
    shown::shown(value.as_ref()).unwrap_or_else(|_| "unknown".to_owned())
}

/// A value as a reader of a message wants to see it.
fn show(value: &dyn Val) -> String {
    if let Some(text) = value.downcast_ref::<CelString>() {
        return text.inner().to_owned();
    }
    if let Some(symbol) = symbols::symbol(value) {
        return symbol.to_owned();
    }
    if let Some(time) = value.downcast_ref::<CelTimestamp>() {
        let time = time.inner();
        let midnight = time.time() == chrono::NaiveTime::MIN;
        let format = if midnight { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%M:%SZ" };
        return time.to_utc().format(format).to_string();
    }
    if let Some(duration) = value.downcast_ref::<CelDuration>() {
        return format!("{} days", duration.inner().num_days());
    }
    if let Some(text) = network::written(value).or_else(|| version::written(value)) {
        return text;
    }
    match to_json(value) {
        Ok(serde_json::Value::Array(items)) => {
            let text =
                |item: &serde_json::Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
            items.iter().map(text).collect::<Vec<_>>().join(", ")
        }
        Ok(serde_json::Value::Null) => "none".to_owned(),
        Ok(json) => json.to_string(),
        Err(_) => "?".to_owned(),
    }
}

fn to_json(value: &dyn Val) -> Result<serde_json::Value, ExecutionError> {
    use serde_json::Value as JsonValue;
    budget::pay(1)?;
    val::known(value)?;
    if let Some(symbol) = symbols::symbol(value) {
        budget::pay_made(symbol.len())?;
        return Ok(symbol.into());
    }
    Ok(match value.get_type().kind() {
        Kind::Boolean => value.downcast_ref::<CelBool>().map_or(JsonValue::Null, |v| (*v.inner()).into()),
        Kind::Int => value.downcast_ref::<CelInt>().map_or(JsonValue::Null, |v| (*v.inner()).into()),
        Kind::Double => value.downcast_ref::<CelDouble>().map_or(JsonValue::Null, |v| (*v.inner()).into()),
        Kind::String => text_as_json(value)?,
        Kind::Timestamp | Kind::Duration => show(value).into(),
        Kind::List => {
            let items: &dyn Iterable = value.as_iterable().ok_or_else(not_json)?;
            let (mut items, mut list) = (items.iter(), Vec::new());
            while let Some(item) = items.next() {
                list.push(to_json(item)?);
            }
            JsonValue::Array(list)
        }
        Kind::Map => {
            let (keys, fields) =
                (value.as_iterable().ok_or_else(not_json)?, value.as_indexer().ok_or_else(not_json)?);
            let (mut keys, mut map) = (keys.iter(), serde_json::Map::new());
            while let Some(key) = keys.next() {
                val::known(key)?;
                map.insert(show(key), to_json(fields.get(key)?.as_ref())?);
            }
            // A map that the rule made has no order of its own.
            map.sort_keys();
            JsonValue::Object(map)
        }
        Kind::NullType => JsonValue::Null,
        _ => return Err(not_json()),
    })
}

fn text_as_json(value: &dyn Val) -> Result<serde_json::Value, ExecutionError> {
    let Some(text) = value.downcast_ref::<CelString>() else { return Ok(serde_json::Value::Null) };
    budget::pay_made(text.inner().len())?;
    Ok(text.inner().into())
}

fn not_json() -> ExecutionError {
    ExecutionError::InternalError("gives a value that cannot be shown".to_owned())
}

impl<'s> EvaluationScope<'s> {
    /// The resource.
    pub(crate) fn resource_value(&self) -> SnapshotValue<'s> {
        self.resource.same()
    }

    /// The item of the loop of that depth.
    pub(crate) fn item_value(&self, at: usize) -> Option<SnapshotValue<'s>> {
        self.items.get(at).map(SnapshotValue::same)
    }
}
