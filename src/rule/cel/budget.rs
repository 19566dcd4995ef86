//! Bounds the work of rules. They are untrusted, and nothing that runs has a limit of its own, so
//! every step of a loop pays for the nodes of its body, and every function for what it reads,
//! copies and makes. Counted, not timed: a rule fails on one machine as on any other.

use cel::ExecutionError;
use std::cell::Cell;

/// What one evaluation of an expression may cost. One unit is about one node of its tree.
const EVALUATION: i64 = 2_000_000;
/// What all evaluations of one rule on one snapshot may cost.
const RULE: i64 = 30_000_000;
/// How many bytes the values may take that a rule shares between its evaluations.
const MAX_KEPT: usize = 64 << 20;
/// What an evaluation costs before it does anything.
const START: usize = 10;
/// How many bytes are read, or how many of a text are made that is kept as it is, for one unit.
pub(super) const READ: usize = 64;
/// How many bytes of a text are made, for one unit, where it is there several times before it is shown.
const MADE: usize = 16;
/// What going on to the next item of a rule's `each` costs.
const ITEM: i64 = 30;

thread_local! {
    static OF_EVALUATION: Cell<i64> = const { Cell::new(EVALUATION) };
    static OF_RULE: Cell<i64> = const { Cell::new(RULE) };
    static RAN_OUT: Cell<bool> = const { Cell::new(false) };
    static KEPT: Cell<usize> = const { Cell::new(0) };
}

/// Starts a rule on a snapshot.
pub(super) fn start_rule() {
    OF_RULE.set(RULE);
    RAN_OUT.set(false);
}

/// Takes the cost of going on to the next item of a rule's `each`.
pub(crate) fn charge_item() {
    charge_rule(ITEM);
}

/// Takes the cost of a text that a rule makes and a scan keeps.
pub(crate) fn charge_kept(bytes: usize) {
    charge_rule(i64::try_from(bytes / MADE).unwrap_or(i64::MAX));
}

/// Counts bytes that are kept with the values that a rule shares between its evaluations.
pub(super) fn keep(bytes: usize) {
    KEPT.set(KEPT.get().saturating_add(bytes));
}

/// Whether a rule should forget its shared values, and work them out anew.
pub(crate) fn keeps_too_much() -> bool {
    KEPT.get() > MAX_KEPT
}

/// Starts with no shared values.
pub(super) fn forget_kept() {
    KEPT.set(0);
}

fn charge_rule(units: i64) {
    OF_RULE.set(OF_RULE.get().saturating_sub(units));
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

/// Ends an evaluation: what it cost is the rule's cost. Says whether it ran out, which is asked of the counter, as
/// `||` absorbs errors.
pub(crate) fn finish() -> bool {
    charge_rule(allowance().saturating_sub(OF_EVALUATION.get()));
    let exhausted = exhausted();
    RAN_OUT.set(RAN_OUT.get() | exhausted);
    exhausted
}

/// Whether an evaluation ran out since this was asked before.
pub(crate) fn take_ran_out() -> bool {
    RAN_OUT.replace(false)
}

fn allowance() -> i64 {
    EVALUATION.min(OF_RULE.get())
}

/// Whether the evaluation ran out.
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
    pay(bytes / READ)
}

/// Takes the cost of a text that is made to be kept: it is there several times before it is shown.
pub(crate) fn pay_made(bytes: usize) -> Result<(), ExecutionError> {
    pay(bytes / MADE)
}

/// What is spent and kept so far, for tests that evaluate twice.
#[cfg(test)]
pub(super) fn saved() -> (i64, i64, bool, usize) {
    (OF_EVALUATION.get(), OF_RULE.get(), RAN_OUT.get(), KEPT.get())
}

/// Goes back to that.
#[cfg(test)]
pub(super) fn restore((of_evaluation, of_rule, ran_out, kept): (i64, i64, bool, usize)) {
    OF_EVALUATION.set(of_evaluation);
    OF_RULE.set(of_rule);
    RAN_OUT.set(ran_out);
    KEPT.set(kept);
}

/// What is left to spend on the rule.
#[cfg(test)]
pub(super) fn left() -> i64 {
    OF_RULE.get()
}
