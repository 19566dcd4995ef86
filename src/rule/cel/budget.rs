//! Bounds the work of one evaluation. Rules are untrusted, and the interpreter has no limit of its
//! own: each turn of a loop and each byte that a function makes takes from a budget.

use cel::ExecutionError;
use std::cell::Cell;

/// Turns of loops, and kilobytes made, per evaluation of an expression.
const STEPS: i64 = 200_000;

thread_local! {
    static LEFT: Cell<i64> = const { Cell::new(STEPS) };
}

/// Starts a new evaluation.
pub(crate) fn reset() {
    LEFT.set(STEPS);
}

/// Whether the evaluation ran out. Asked of the counter, as `||` absorbs errors.
pub(crate) fn exhausted() -> bool {
    LEFT.get() < 0
}

/// Takes one turn of a loop; false when none is left.
pub(crate) fn step() -> bool {
    LEFT.set(LEFT.get() - 1);
    !exhausted()
}

/// Takes the making of a value of that size, in bytes or items.
pub(crate) fn spend(size: usize) -> Result<(), ExecutionError> {
    let cost = i64::try_from(size / 64).unwrap_or(i64::MAX / 2);
    LEFT.set(LEFT.get().saturating_sub(cost));
    if exhausted() {
        return Err(ExecutionError::InternalError("too many steps".to_owned()));
    }
    Ok(())
}
