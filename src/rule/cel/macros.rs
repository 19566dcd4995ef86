//! The macros with two variables: `list.all(i, item, …)`, `map.all(key, value, …)`. The `cel` crate
//! has room for the second variable in its tree but does not read it; [`super::lower`] does. They are expanded while an
//! expression is parsed, or afterwards in the tree of a parser that does not know them.

use super::nodes::parts_mut;
use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, ListExpr, LiteralValue, operators};
use cel::parser::{Macro, MacroExprHelper, ParseError};
use cel::{DeclarationError, Env};

const RESULT: &str = "@result";

/// All macros that rules may use, those of the `cel` crate among them. `sortBy` is one; what it becomes is a function.
pub(super) const NAMES: &[&str] = &[
    "has",
    ".all",
    ".exists",
    ".exists_one",
    ".existsOne",
    ".filter",
    ".map",
    ".transformList",
    ".sortBy",
    ".optMap",
    ".optFlatMap",
];

/// Those with two variables, and with how many arguments they are called.
const OURS: [(&str, usize); 6] = [
    ("all", 3),
    ("exists", 3),
    ("exists_one", 3),
    ("existsOne", 3),
    ("transformList", 3),
    ("transformList", 4),
];

pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    for (name, arguments) in OURS {
        env.add_macro(Macro::receiver(name, arguments, move |helper, target, args| {
            expand(helper, target, args, name)
        }))?;
    }
    Ok(())
}

/// Whether an expression may have a macro that neither the standard has nor this file.
pub(super) fn needs_exact_parser(source: &str) -> bool {
    ["sortBy", "optMap", "optFlatMap"].iter().any(|name| source.contains(name))
}

/// Expands those with two variables in a tree in which they are calls; none where one is not written as it should be.
pub(super) fn expand_ours(expr: &mut IdedExpr) -> Option<()> {
    for part in parts_mut(&mut expr.expr) {
        expand_ours(part)?;
    }
    let Expr::Call(call) = &mut expr.expr else { return Some(()) };
    let is_ours =
        |(name, arguments): &&(&str, usize)| call.func_name == *name && call.args.len() == *arguments;
    let Some((name, _)) = OURS.iter().find(is_ours).filter(|_| call.target.is_some()) else {
        return Some(());
    };
    let mut target = call.target.take().map(|target| *target);
    let expanded = expand(&mut TreeNodes, &mut target, &mut std::mem::take(&mut call.args), name);
    *expr = expanded.ok().flatten()?;
    Some(())
}

/// Makes the nodes of what a macro becomes.
trait MacroNodes {
    /// A node.
    fn node(&mut self, expr: Expr) -> IdedExpr;
    /// A mistake at a node.
    fn mistake(&self, node: &IdedExpr, message: &str) -> ParseError;
}

impl MacroNodes for MacroExprHelper<'_> {
    fn node(&mut self, expr: Expr) -> IdedExpr {
        self.next_expr(expr)
    }

    fn mistake(&self, node: &IdedExpr, message: &str) -> ParseError {
        self.new_error(node.id, message)
    }
}

/// Nodes of a tree of which nobody asks where its parts stand.
struct TreeNodes;

impl MacroNodes for TreeNodes {
    fn node(&mut self, expr: Expr) -> IdedExpr {
        IdedExpr { id: 0, expr }
    }

    fn mistake(&self, node: &IdedExpr, message: &str) -> ParseError {
        let (source, source_info) = (None, None);
        ParseError { source, pos: (0, 0), msg: message.to_owned(), expr_id: node.id, source_info }
    }
}

fn expand(
    nodes: &mut dyn MacroNodes,
    target: &mut Option<IdedExpr>,
    args: &mut Vec<IdedExpr>,
    name: &str,
) -> Result<Option<IdedExpr>, ParseError> {
    let Some(range) = target.take() else { return Ok(None) };
    let body = args.pop().unwrap_or_default();
    let filter = (args.len() == 3).then(|| args.pop()).flatten();
    let mut names = Vec::new();
    for arg in args.drain(..) {
        match arg.expr {
            Expr::Ident(name) => names.push(name),
            _ => return Err(nodes.mistake(&arg, "the variables must be simple names")),
        }
    }
    let mut make = MacroParts { nodes };
    let (init, condition, step, result) = make.parts(name, filter, body);
    let second = names.pop();
    Ok(Some(nodes.node(Expr::Comprehension(Box::new(ComprehensionExpr {
        iter_range: range,
        iter_var: names.pop().unwrap_or_default(),
        iter_var2: second,
        accu_var: RESULT.to_owned(),
        accu_init: init,
        loop_cond: condition,
        loop_step: step,
        result,
    })))))
}

struct MacroParts<'a> {
    nodes: &'a mut dyn MacroNodes,
}

impl MacroParts<'_> {
    fn call(&mut self, name: &str, args: Vec<IdedExpr>) -> IdedExpr {
        self.nodes.node(Expr::Call(CallExpr { func_name: name.to_owned(), target: None, args }))
    }

    fn result(&mut self) -> IdedExpr {
        self.nodes.node(Expr::Ident(RESULT.to_owned()))
    }

    fn literal(&mut self, value: LiteralValue) -> IdedExpr {
        self.nodes.node(Expr::Literal(value))
    }

    /// Start, condition, step and result, as the macros with one variable have them.
    fn parts(
        &mut self,
        name: &str,
        filter: Option<IdedExpr>,
        body: IdedExpr,
    ) -> (IdedExpr, IdedExpr, IdedExpr, IdedExpr) {
        match name {
            "all" | "exists" => {
                let all = name == "all";
                let accu = self.result();
                let accu = if all { accu } else { self.call(operators::LOGICAL_NOT, vec![accu]) };
                let condition = self.call(operators::NOT_STRICTLY_FALSE, vec![accu]);
                let before = self.result();
                let operator = if all { operators::LOGICAL_AND } else { operators::LOGICAL_OR };
                let step = self.call(operator, vec![before, body]);
                (self.literal(LiteralValue::Boolean(all.into())), condition, step, self.result())
            }
            "transformList" => {
                let items = self.nodes.node(Expr::List(ListExpr::new(vec![body])));
                let before = self.result();
                let mut step = self.call(operators::ADD, vec![before, items]);
                if let Some(filter) = filter {
                    let unchanged = self.result();
                    step = self.call(operators::CONDITIONAL, vec![filter, step, unchanged]);
                }
                let empty = self.nodes.node(Expr::List(ListExpr::new(Vec::new())));
                (empty, self.literal(LiteralValue::Boolean(true.into())), step, self.result())
            }
            _ => {
                let (before, one) = (self.result(), self.literal(LiteralValue::Int(1.into())));
                let more = self.call(operators::ADD, vec![before, one]);
                let unchanged = self.result();
                let step = self.call(operators::CONDITIONAL, vec![body, more, unchanged]);
                let (count, one) = (self.result(), self.literal(LiteralValue::Int(1.into())));
                let result = self.call(operators::EQUALS, vec![count, one]);
                let zero = self.literal(LiteralValue::Int(0.into()));
                (zero, self.literal(LiteralValue::Boolean(true.into())), step, result)
            }
        }
    }
}
