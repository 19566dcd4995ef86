//! Bounds the work of rules. They are untrusted, and the interpreter has no limit of its own, so
//! every step of a loop pays for the nodes of its body, and every function for what it reads,
//! copies and makes. Counted, not timed: a rule fails on one machine as on any other.

use cel::ExecutionError;
use std::cell::Cell;

/// What one evaluation of an expression may cost. One unit is about one node of its tree.
const EVALUATION: i64 = 2_000_000;
/// What all evaluations of one rule on one snapshot may cost.
const RULE: i64 = 30_000_000;
/// What an evaluation costs before it does anything.
const START: usize = 10;
/// What going on to the next item of a rule's `each` costs.
const ITEM: i64 = 30;

thread_local! {
    static OF_EVALUATION: Cell<i64> = const { Cell::new(EVALUATION) };
    static OF_RULE: Cell<i64> = const { Cell::new(RULE) };
}

/// Starts a rule on a snapshot.
pub(super) fn start_rule() {
    OF_RULE.set(RULE);
}

/// Takes the cost of going on to the next item of a rule's `each`.
pub(crate) fn charge_rule() {
    OF_RULE.set(OF_RULE.get().saturating_sub(ITEM));
}

/// Whether the rule ran out on this snapshot.
pub(crate) fn rule_exhausted() -> bool {
    OF_RULE.get() <= 0
}

/// Starts an evaluation of an expression with that many nodes.
pub(crate) fn start(nodes: usize) {
    OF_EVALUATION.set(allowance());
    charge(START + nodes);
}

/// Ends an evaluation: what it cost is the rule's cost.
pub(crate) fn finish() {
    OF_RULE.set(OF_RULE.get() - (allowance() - OF_EVALUATION.get()));
}

fn allowance() -> i64 {
    EVALUATION.min(OF_RULE.get())
}

/// Whether the evaluation ran out. Asked of the counter, as `||` absorbs errors.
pub(crate) fn exhausted() -> bool {
    OF_EVALUATION.get() < 0
}

/// Takes a cost where nothing can fail; the next step of a loop notices, or the end.
pub(crate) fn charge(units: usize) {
    let units = i64::try_from(units).unwrap_or(i64::MAX / 2);
    OF_EVALUATION.set(OF_EVALUATION.get().saturating_sub(units));
}

/// Takes a cost.
pub(crate) fn pay(units: usize) -> Result<(), ExecutionError> {
    charge(units);
    match exhausted() {
        true => Err(ExecutionError::InternalError("too many steps".to_owned())),
        false => Ok(()),
    }
}

/// Takes the cost of reading or making that many bytes.
pub(crate) fn pay_bytes(bytes: usize) -> Result<(), ExecutionError> {
    pay(bytes / 64)
}
