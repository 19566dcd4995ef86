//! How many controls became what, in words: how many were evaluated stands beside how many passed, always.

use crate::compliance::{ControlTally, ControlVerdict, FrameworkResult};

/// `12 of 47 controls evaluated, 3 of 12 passed.`
pub(super) fn evaluated(tally: &ControlTally) -> String {
    let (all, evaluated, passed) = (tally.controls(), tally.evaluated(), tally.count(ControlVerdict::Passed));
    format!("{evaluated} of {all} controls evaluated, {passed} of {evaluated} passed.")
}

/// The same, and how many controls the framework has besides.
pub(super) fn share(result: &FrameworkResult<'_>) -> String {
    let tally = result.tally();
    let (all, share) = (tally.controls(), evaluated(&tally));
    match result.framework.total {
        Some(total) if total > all => format!("{share} {all} of its {total} controls are about clusters."),
        _ => share,
    }
}

/// `9 failed, 3 passed`: what there is none of is left out.
pub(super) fn counts(tally: &ControlTally, word: impl Fn(ControlVerdict) -> String) -> String {
    let counts = ControlVerdict::ALL.into_iter().filter(|verdict| tally.count(*verdict) > 0);
    let counts: Vec<_> =
        counts.map(|verdict| format!("{} {}", tally.count(verdict), word(verdict))).collect();
    counts.join(", ")
}
