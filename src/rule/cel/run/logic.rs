//! `&&`, `||` and `!`: what is not known does no harm where the other side decides.

use super::super::fault::Fault;
use super::evaluator::{Evaluator, Outcome};
use super::interpreted;
use super::operation::Operation;
use super::value::Evaluated;
use crate::snapshot::Snapshot;
use cel::ExecutionError;
use cel::common::ast::operators;

/// The truth of a condition.
pub(super) fn truth<'v>(outcome: Outcome<'v>, snapshot: &'v Snapshot<'v>) -> Result<bool, Fault<'v>> {
    match outcome? {
        Evaluated::Bool(value) => Ok(value),
        other => {
            let (got, want) = (other.type_name(snapshot), "bool".to_owned());
            Err(ExecutionError::UnexpectedType { got, want }.into())
        }
    }
}

/// The operator whose operands decide by that value.
pub(super) fn operator(decides: bool) -> &'static str {
    if decides { operators::LOGICAL_OR } else { operators::LOGICAL_AND }
}

/// An operand of `&&` or `||` that is no boolean.
pub(super) fn no_boolean<'v>(decides: bool, left: String, right: String) -> Fault<'v> {
    ExecutionError::no_such_overload(operator(decides), vec![left, right]).into()
}

impl<'v, 's: 'v> Evaluator<'_, 'v, 's> {
    /// `&&`, where false decides, or `||`, where true does.
    pub(super) fn logic(&mut self, decides: bool, operands: &'v [Operation; 2]) -> Outcome<'v> {
        let left = self.run(&operands[0]);
        let left = truth(left, self.snapshot);
        if matches!(left, Ok(left) if left == decides) {
            return Ok(Evaluated::Bool(decides));
        }
        match (left, self.run(&operands[1])?) {
            (Ok(_), Evaluated::Bool(right)) => Ok(Evaluated::Bool(right)),
            (Err(_), Evaluated::Bool(right)) if right == decides => Ok(Evaluated::Bool(decides)),
            (Ok(_), right) => Err(no_boolean(decides, "bool".to_owned(), right.type_name(self.snapshot))),
            (Err(fault), right) => Err(match &fault {
                Fault::Error(error) => match &**error {
                    ExecutionError::UnexpectedType { got, want } if want == "bool" => {
                        no_boolean(decides, got.clone(), right.type_name(self.snapshot))
                    }
                    _ => fault,
                },
                _ => fault,
            }),
        }
    }

    pub(super) fn not(&mut self, operand: &'v Operation) -> Outcome<'v> {
        match self.run(operand)? {
            Evaluated::Bool(value) => Ok(Evaluated::Bool(!value)),
            other => interpreted::operator(operators::LOGICAL_NOT, &[other], self.snapshot),
        }
    }
}
