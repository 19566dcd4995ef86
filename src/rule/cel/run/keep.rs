//! Values that are kept: one that stands elsewhere is copied for that, and paid for.

use super::super::fault::Fault;
use super::operation::CelOperation;
use super::outcome::{CelOutcome, Guarded, truth};
use super::runner::CelRun;
use super::value::CelValue;
use super::{interpreted, look_up, price};

/// A value, and whether it stands elsewhere.
type Lent<'v> = Result<(CelValue<'v>, bool), Fault<'v>>;

impl<'v> CelRun<'_, 'v> {
    /// Runs an operation whose value is kept.
    pub(in super::super) fn run_to_keep(&mut self, operation: &'v CelOperation) -> CelOutcome<'v> {
        let (value, stands_elsewhere) = self.lent(operation)?;
        if stands_elsewhere {
            price::pay_copy(&value)?;
        }
        Ok(value)
    }

    fn lent(&mut self, operation: &'v CelOperation) -> Lent<'v> {
        match operation {
            CelOperation::Choice(operands) => {
                let [condition, yes, no] = &**operands;
                let condition = self.run(condition);
                self.lent(if truth(condition, self.snapshot)? { yes } else { no })
            }
            CelOperation::OrValue(operands) => self.or_value_lent(operands),
            CelOperation::Call(call) if call.hands_on() => {
                let (value, stands_elsewhere) = self.lent(&call.operands[0])?;
                let value = call.apply(&[value], self.snapshot)?;
                if call.walks() {
                    self.mark_walked(&call.operands[0]);
                }
                Ok((value, stands_elsewhere))
            }
            CelOperation::Field(operand, name) => {
                let (operand, stands_elsewhere) = self.lent(operand)?;
                let value = look_up::field(&operand, name, self.snapshot)?;
                Ok((value, stands_elsewhere && operand.node(self.snapshot).is_none()))
            }
            CelOperation::Index(operands) => {
                let (operand, stands_elsewhere) = self.lent(&operands[0])?;
                let key = self.run(&operands[1])?;
                let value = look_up::index(&operand, &key, self.snapshot)?;
                Ok((value, stands_elsewhere && operand.node(self.snapshot).is_none()))
            }
            CelOperation::Text(_) | CelOperation::Shared(_) => Ok((self.run(operation)?, true)),
            other => Ok((self.run(other)?, false)),
        }
    }

    fn or_value_lent(&mut self, operands: &'v [CelOperation; 2]) -> Lent<'v> {
        let (default, stands_elsewhere) = self.lent(&operands[1])?;
        match self.guarded(&operands[0])? {
            Guarded::There(value) => Ok((value, matches!(operands[0], CelOperation::Shared(_)))),
            Guarded::Nothing => Ok((default, stands_elsewhere)),
            Guarded::Other(value) => {
                let value = interpreted::method("orValue", &[value, default], self.snapshot)?;
                Ok((value, false))
            }
        }
    }
}
