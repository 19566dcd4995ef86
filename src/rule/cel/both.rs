//! In tests, every evaluation is one by the interpreter of the `cel` crate as well: both give the same value, or fail for the
//! same reason, at the same price.

use super::{EvaluationScope, Expression, Failure, budget, error, oracle, strings};
use cel::ExecutionError;
use cel::common::value::Val;
use std::fmt::Debug;

/// What the interpreter gave, and what was left to spend on the rule then.
pub(super) struct Expected<R> {
    result: Result<R, Failure>,
    left: i64,
}

/// What an expression gives by the interpreter. It leaves no trace.
pub(super) fn expected<R>(
    expression: &Expression,
    scope: &EvaluationScope<'_>,
    then: fn(&dyn Val) -> Result<R, ExecutionError>,
) -> Expected<R> {
    let (budget, patterns) = (budget::saved(), strings::paid_patterns());
    budget::start(expression.nodes);
    let result = oracle::evaluate(&expression.program, scope, then).map_err(|error| error::classify(&error));
    let result = if budget::finish() { Err(error::too_many_steps()) } else { result };
    let left = budget::left();
    budget::restore(budget);
    strings::restore_paid_patterns(patterns);
    Expected { result, left }
}

impl<R: Debug + PartialEq> Expected<R> {
    /// Checks that ours gave the same.
    pub(super) fn check(self, expression: &Expression, result: &Result<R, Failure>) {
        assert_eq!(result, &self.result, "{}", expression.source);
        assert_eq!(budget::left(), self.left, "what is left to spend after {}", expression.source);
    }
}
