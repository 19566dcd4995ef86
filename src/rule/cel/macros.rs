//! The macros with two variables: `list.all(i, item, …)`, `map.all(key, value, …)`. The `cel` crate
//! has room for the second variable in its tree but does not read it; [`super::lower`] does.

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

pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    for name in ["all", "exists", "exists_one", "existsOne"] {
        env.add_macro(Macro::receiver(name, 3, move |helper, target, args| {
            expand(helper, target, args, name)
        }))?;
    }
    for arguments in [3, 4] {
        env.add_macro(Macro::receiver("transformList", arguments, |helper, target, args| {
            expand(helper, target, args, "transformList")
        }))?;
    }
    Ok(())
}

fn expand(
    helper: &mut MacroExprHelper<'_>,
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
            _ => return Err(helper.new_error(arg.id, "the variables must be simple names")),
        }
    }
    let mut make = MacroParts { helper };
    let (init, condition, step, result) = make.parts(name, filter, body);
    let second = names.pop();
    Ok(Some(helper.next_expr(Expr::Comprehension(Box::new(ComprehensionExpr {
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

struct MacroParts<'a, 'h> {
    helper: &'a mut MacroExprHelper<'h>,
}

impl MacroParts<'_, '_> {
    fn call(&mut self, name: &str, args: Vec<IdedExpr>) -> IdedExpr {
        self.helper.next_expr(Expr::Call(CallExpr { func_name: name.to_owned(), target: None, args }))
    }

    fn result(&mut self) -> IdedExpr {
        self.helper.next_expr(Expr::Ident(RESULT.to_owned()))
    }

    fn literal(&mut self, value: LiteralValue) -> IdedExpr {
        self.helper.next_expr(Expr::Literal(value))
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
                let items = self.helper.next_expr(Expr::List(ListExpr::new(vec![body])));
                let before = self.result();
                let mut step = self.call(operators::ADD, vec![before, items]);
                if let Some(filter) = filter {
                    let unchanged = self.result();
                    step = self.call(operators::CONDITIONAL, vec![filter, step, unchanged]);
                }
                let empty = self.helper.next_expr(Expr::List(ListExpr::new(Vec::new())));
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
