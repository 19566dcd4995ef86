//! In tests, every evaluation is one by the interpreter of the `cel` crate as well: both give the same value, or fail for the
//! same reason, at the same price. Ours costs a little more where a list or a map of the rule's own has to be converted.

use super::{EvaluationScope, Expression, Failure, budget, error, oracle, strings};
use cel::ExecutionError;
use cel::common::value::Val;
use std::fmt::Debug;

/// By how much ours may cost more: one part in so many.
const CONVERSIONS: i64 = 10;

/// What the interpreter gave, what was left to spend on the rule before, and what it cost.
pub(super) struct Expected<R> {
    result: Result<R, Failure>,
    before: i64,
    price: i64,
}

/// What an expression gives by the interpreter. It leaves no trace.
pub(super) fn expected<R>(
    expression: &Expression,
    scope: &EvaluationScope<'_>,
    then: fn(&dyn Val) -> Result<R, ExecutionError>,
) -> Expected<R> {
    let (budget, patterns) = (budget::saved(), strings::paid_patterns());
    let before = budget::left();
    budget::start(expression.nodes);
    let result = oracle::evaluate(&expression.program, scope, then).map_err(|error| error::classify(&error));
    let result = if budget::finish() { Err(error::too_many_steps()) } else { result };
    let price = before - budget::left();
    budget::restore(budget);
    strings::restore_paid_patterns(patterns);
    Expected { result, before, price }
}

impl<R: Debug + PartialEq> Expected<R> {
    /// Checks that ours gave the same.
    pub(super) fn check(self, expression: &Expression, result: &Result<R, Failure>) {
        assert_eq!(result, &self.result, "{}", expression.source);
        let price = self.before - budget::left();
        let is_fair =
            price == self.price || (self.price..=self.price + self.price / CONVERSIONS).contains(&price);
        assert!(is_fair, "{} costs {price}, and {} by the interpreter", expression.source, self.price);
    }
}
