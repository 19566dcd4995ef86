//! `&&`, `||` and `!`: what is not known does no harm where the other side decides.

use super::super::fault::Fault;
use super::interpreted;
use super::operation::CelOperation;
use super::outcome::{CelOutcome, truth};
use super::runner::CelRun;
use super::value::CelValue;
use cel::ExecutionError;
use cel::common::ast::operators;

/// The operator whose operands decide by that value.
pub(super) fn operator(decides: bool) -> &'static str {
    if decides { operators::LOGICAL_OR } else { operators::LOGICAL_AND }
}

/// An operand of `&&` or `||` that is no boolean.
pub(super) fn no_boolean<'v>(decides: bool, left: String, right: String) -> Fault<'v> {
    ExecutionError::no_such_overload(operator(decides), vec![left, right]).into()
}

impl<'v> CelRun<'_, 'v> {
    /// `&&`, where false decides, or `||`, where true does.
    pub(super) fn logic(&mut self, decides: bool, operands: &'v [CelOperation; 2]) -> CelOutcome<'v> {
        let left = self.run(&operands[0]);
        let left = truth(left, self.snapshot);
        if matches!(left, Ok(left) if left == decides) {
            return Ok(CelValue::Bool(decides));
        }
        match (left, self.run(&operands[1])?) {
            (Ok(_), CelValue::Bool(right)) => Ok(CelValue::Bool(right)),
            (Err(_), CelValue::Bool(right)) if right == decides => Ok(CelValue::Bool(decides)),
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

    pub(super) fn not(&mut self, operand: &'v CelOperation) -> CelOutcome<'v> {
        match self.run(operand)? {
            CelValue::Bool(value) => Ok(CelValue::Bool(!value)),
            other => interpreted::operator(operators::LOGICAL_NOT, &[other], self.snapshot),
        }
    }
}
