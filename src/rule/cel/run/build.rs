//! Makes operations of a lowered expression.

use super::super::syntax::ENV;
use super::super::{functions as library, internal};
use super::functions;
use super::look_up::FieldName;
use super::operation::{AmongTexts, CelOperation, Collection, Fold, FunctionCall, LoopStep, Quantifier};
use crate::rule::cel::call::Overload;
use crate::snapshot::section;
use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, ListExpr, LiteralValue, MapExpr, operators,
};
use cel::{Context, Value};
use std::sync::Arc;

/// The operations of a lowered expression.
pub(in super::super) fn operation(expr: &IdedExpr) -> CelOperation {
    OperationBuilder { variables: Vec::new() }.operation(expr)
}

/// The variables of the loops around a place, each at its place.
struct OperationBuilder<'e> {
    variables: Vec<&'e str>,
}

impl<'e> OperationBuilder<'e> {
    fn operation(&mut self, expr: &'e IdedExpr) -> CelOperation {
        match &expr.expr {
            Expr::Literal(literal) => constant(literal),
            Expr::Ident(name) => self.name(name),
            Expr::List(list) => self.list(list),
            Expr::Map(map) => self.map(map),
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
            // Lowering leaves none of these.
            Expr::Select(_) | Expr::Struct(_) | Expr::Unspecified => CelOperation::Unresolved(String::new()),
        }
    }

    fn boxed(&mut self, expr: &'e IdedExpr) -> Box<CelOperation> {
        Box::new(self.operation(expr))
    }

    fn pair(&mut self, [a, b]: [&'e IdedExpr; 2]) -> Box<[CelOperation; 2]> {
        Box::new([self.operation(a), self.operation(b)])
    }

    fn name(&self, name: &str) -> CelOperation {
        match self.variables.iter().rposition(|variable| *variable == name) {
            Some(at) => CelOperation::Variable(at),
            None => slot(name)
                .or_else(|| fixed(name))
                .unwrap_or_else(|| CelOperation::Unresolved(name.to_owned())),
        }
    }

    fn list(&mut self, list: &'e ListExpr) -> CelOperation {
        let items = list.elements.iter().map(|element| self.operation(element)).collect();
        CelOperation::List(items, list.optional_indices.iter().copied().collect())
    }

    fn map(&mut self, map: &'e MapExpr) -> CelOperation {
        let entries = map.entries.iter().filter_map(|entry| match &entry.expr {
            EntryExpr::MapEntry(entry) => {
                Some((self.operation(&entry.key), self.operation(&entry.value), entry.optional))
            }
            EntryExpr::StructField(_) => None,
        });
        CelOperation::Map(entries.collect())
    }

    fn call(&mut self, call: &'e CallExpr) -> CelOperation {
        let name = call.func_name.as_str();
        match (name, call.args.as_slice(), &call.target) {
            (operators::LOGICAL_AND, [a, b], None) => CelOperation::Logic(false, self.pair([a, b])),
            (operators::LOGICAL_OR, [a, b], None) => CelOperation::Logic(true, self.pair([a, b])),
            (operators::LOGICAL_NOT, [a], None) => CelOperation::Not(self.boxed(a)),
            (operators::NOT_STRICTLY_FALSE, [a], None) => CelOperation::NotStrictlyFalse(self.boxed(a)),
            (operators::CONDITIONAL, [a, b, c], None) => {
                CelOperation::Choice(Box::new([self.operation(a), self.operation(b), self.operation(c)]))
            }
            (operators::INDEX, [a, key], None) => self.index(a, key),
            (operators::IN | internal::WITHIN, [item, list], None) if let Some(texts) = texts(list) => {
                let own = internal::implementation(internal::WITHIN).filter(|_| name == internal::WITHIN);
                CelOperation::AmongTexts(Box::new(AmongTexts {
                    item: self.operation(item),
                    texts,
                    careful: own,
                }))
            }
            (internal::GET, [a, key], None) => match text(key) {
                Some(name) => CelOperation::OptionalField(self.boxed(a), FieldName::new(name)),
                None => CelOperation::OptionalItem(self.pair([a, key])),
            },
            (internal::HAS, [a, key], None) if let Some(name) = text(key) => {
                CelOperation::HasField(self.boxed(a), FieldName::new(name))
            }
            ("orValue", [default], Some(target)) => CelOperation::OrValue(self.pair([target, default])),
            ("hasValue", [], Some(target)) => CelOperation::HasValue(self.boxed(target)),
            _ => self.function(call),
        }
    }

    fn index(&mut self, operand: &'e IdedExpr, key: &'e IdedExpr) -> CelOperation {
        if let Expr::Ident(name) = &operand.expr
            && let Some(Ok(shared)) = name.strip_prefix("#c").map(str::parse)
        {
            return CelOperation::Shared(shared);
        }
        match text(key) {
            Some(name) => CelOperation::Field(self.boxed(operand), FieldName::new(name)),
            None => CelOperation::Index(self.pair([operand, key])),
        }
    }

    fn function(&mut self, call: &'e CallExpr) -> CelOperation {
        let name = call.func_name.clone();
        let namespace = call.target.as_ref().and_then(|target| match &target.expr {
            Expr::Ident(space) if internal::NAMESPACES.contains(&space.as_str()) => Some(space.clone()),
            _ => None,
        });
        let target = call.target.as_deref().filter(|_| namespace.is_none());
        let operands: Vec<_> =
            target.into_iter().chain(&call.args).map(|operand| self.operation(operand)).collect();
        let is_method = target.is_some();
        let full = namespace.as_ref().map_or_else(|| name.clone(), |space| format!("{space}.{name}"));
        let native = functions::native(&full, is_method, operands.len());
        let own = own(&full, is_method, operands.len() - usize::from(is_method));
        CelOperation::Call(Box::new(FunctionCall { name, is_method, namespace, operands, native, own }))
    }

    fn comprehension(&mut self, comprehension: &'e ComprehensionExpr) -> CelOperation {
        let range = self.operation(&comprehension.iter_range);
        let outer = self.variables.len();
        let known = self.quantifier(comprehension).or_else(|| self.collection(comprehension));
        self.variables.truncate(outer);
        let operation = match known {
            Some(LoopParts::Quantifier { decides, step, test }) => {
                CelOperation::Quantifier(Box::new(Quantifier { range, decides, step, test }))
            }
            Some(LoopParts::Collection { step, guard, items }) => {
                CelOperation::Collection(Box::new(Collection { range, step, guard, items }))
            }
            None => self.fold(range, comprehension),
        };
        self.variables.truncate(outer);
        operation
    }

    /// `@result && (step ? test : false)`, or with `||`.
    fn quantifier(&mut self, comprehension: &'e ComprehensionExpr) -> Option<LoopParts> {
        let is_result = |expr: &IdedExpr| is_name(expr, &comprehension.accu_var);
        let (operator, [before, body]) = operation_of(&comprehension.loop_step)? else { return None };
        let decides = match operator {
            operators::LOGICAL_AND => false,
            operators::LOGICAL_OR => true,
            _ => return None,
        };
        let starts = matches!(&comprehension.accu_init.expr, Expr::Literal(LiteralValue::Boolean(start)) if *start.inner() != decides);
        if !is_result(before) || !is_result(&comprehension.result) || !starts {
            return None;
        }
        let (step, test) = guarded(body)?;
        self.variables.push(&comprehension.iter_var);
        Some(LoopParts::Quantifier { decides, step: self.step(step)?, test: self.operation(test) })
    }

    /// `guard ? @result + [item] : @result`, where the guard is `step`, or `step ? guard : false`.
    fn collection(&mut self, comprehension: &'e ComprehensionExpr) -> Option<LoopParts> {
        let is_result = |expr: &IdedExpr| is_name(expr, &comprehension.accu_var);
        let (operators::CONDITIONAL, [guard, more, same]) = operation_of(&comprehension.loop_step)? else {
            return None;
        };
        let (operators::ADD, [before, items]) = operation_of(more)? else { return None };
        let starts = matches!(&comprehension.accu_init.expr, Expr::List(list) if list.elements.is_empty());
        let is_list = matches!(items.expr, Expr::List(_));
        let is_plain = matches!(comprehension.loop_cond.expr, Expr::Literal(_));
        if ![before, same, &comprehension.result].into_iter().all(is_result)
            || !starts
            || !is_list
            || !is_plain
        {
            return None;
        }
        self.variables.push(&comprehension.iter_var);
        let (step, guard) = match guarded(guard) {
            Some((step, guard)) => (self.step(step)?, Some(self.operation(guard))),
            None => (self.step(guard)?, None),
        };
        Some(LoopParts::Collection { step, guard, items: self.operation(items) })
    }

    fn step(&mut self, expr: &'e IdedExpr) -> Option<LoopStep> {
        let (internal::LOOP_STEP, [item, nodes]) = operation_of(expr)? else { return None };
        let Expr::Literal(LiteralValue::Int(nodes)) = &nodes.expr else { return None };
        let nodes = usize::try_from(*nodes.inner()).unwrap_or_default();
        Some(LoopStep { item: self.operation(item), nodes })
    }

    fn fold(&mut self, range: CelOperation, comprehension: &'e ComprehensionExpr) -> CelOperation {
        let start = self.operation(&comprehension.accu_init);
        self.variables.push(&comprehension.accu_var);
        self.variables.push(&comprehension.iter_var);
        CelOperation::Fold(Box::new(Fold {
            range,
            start,
            condition: self.operation(&comprehension.loop_cond),
            step: self.operation(&comprehension.loop_step),
            result: self.operation(&comprehension.result),
        }))
    }
}

/// The parts of a loop, without what it goes through.
enum LoopParts {
    Quantifier { decides: bool, step: LoopStep, test: CelOperation },
    Collection { step: LoopStep, guard: Option<CelOperation>, items: CelOperation },
}

fn constant(literal: &LiteralValue) -> CelOperation {
    match literal {
        LiteralValue::Null => CelOperation::Null,
        LiteralValue::Boolean(value) => CelOperation::Bool(*value.inner()),
        LiteralValue::Int(value) => CelOperation::Int(*value.inner()),
        LiteralValue::Double(value) => CelOperation::Double(*value.inner()),
        LiteralValue::String(text) => CelOperation::Text(text.inner().into()),
        LiteralValue::Bytes(_) | LiteralValue::UInt(_) => CelOperation::Fixed(literal.to_val().into_owned()),
    }
}

/// What a slot holds.
fn slot(name: &str) -> Option<CelOperation> {
    let slot = name.strip_prefix('#')?;
    let number = || slot.get(1..).and_then(|number| number.parse().ok());
    match slot.as_bytes().first()? {
        b'r' => Some(CelOperation::Resource),
        b'i' => number().map(CelOperation::Item),
        b'f' => Some(CelOperation::Facts),
        b'p' => Some(CelOperation::Params),
        b'n' => Some(CelOperation::Now),
        b'x' => number().map(CelOperation::Regex),
        b'c' => number().map(CelOperation::Shared),
        _ => Some(CelOperation::Section(section::all().get(slot.parse::<usize>().ok()?)?)),
    }
}

/// What the interpreter knows by itself, such as the names of types.
fn fixed(name: &str) -> Option<CelOperation> {
    let context = Context::with_env(Arc::clone(&ENV));
    let expr = IdedExpr { id: 0, expr: Expr::Ident(name.to_owned()) };
    let value = Value::resolve_val(&expr, &context).ok()?.into_owned();
    Some(CelOperation::Fixed(value))
}

/// The function of ours of that name.
fn own(name: &str, is_method: bool, arguments: usize) -> Option<Overload> {
    let internal = || internal::implementation(name).filter(|_| !is_method);
    library::implementation(name, is_method, arguments).or_else(internal)
}

/// The texts of a list of nothing else.
fn texts(expr: &IdedExpr) -> Option<Vec<Box<str>>> {
    match &expr.expr {
        Expr::List(list) if list.optional_indices.is_empty() => {
            list.elements.iter().map(|item| text(item).map(Box::from)).collect()
        }
        _ => None,
    }
}

/// The text that an expression is.
fn text(expr: &IdedExpr) -> Option<&str> {
    match &expr.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

fn is_name(expr: &IdedExpr, name: &str) -> bool {
    matches!(&expr.expr, Expr::Ident(known) if known == name)
}

/// The name and the arguments of a call of something that is no method.
fn operation_of(expr: &IdedExpr) -> Option<(&str, &[IdedExpr])> {
    match &expr.expr {
        Expr::Call(call) if call.target.is_none() => Some((&call.func_name, &call.args)),
        _ => None,
    }
}

/// The parts of `a ? b : false`.
fn guarded(expr: &IdedExpr) -> Option<(&IdedExpr, &IdedExpr)> {
    match operation_of(expr)? {
        (operators::CONDITIONAL, [guard, body, no]) => {
            let is_no = matches!(&no.expr, Expr::Literal(LiteralValue::Boolean(no)) if !*no.inner());
            is_no.then_some((guard, body))
        }
        _ => None,
    }
}
