//! What is known of a condition: three values, and which conditions decide one that is not known.

use std::sync::Arc;

/// What is known of a condition.
#[derive(Clone, Debug, Default)]
pub(super) struct ConditionState {
    /// Whether it holds, if that is known.
    pub(super) holds: Option<bool>,
    /// Why it is not known, in words.
    pub(super) why: String,
    /// The conditions that decide it, where they are not known.
    pub(super) roots: Vec<Arc<str>>,
    /// Whether something else decides it too.
    pub(super) is_own: bool,
}

impl ConditionState {
    /// One that is known.
    pub(super) fn known(holds: bool) -> Self {
        Self { holds: Some(holds), ..Self::default() }
    }

    /// One that is not known, for a reason that no other condition has.
    pub(super) fn unknown(why: impl Into<String>) -> Self {
        Self { why: why.into(), is_own: true, ..Self::default() }
    }

    /// The other way round.
    pub(super) fn not(self) -> Self {
        Self { holds: self.holds.map(|holds| !holds), ..self }
    }

    /// Several of which one with this value decides.
    pub(super) fn all(states: Vec<Self>, decisive: bool) -> Self {
        if states.iter().any(|state| state.holds == Some(decisive)) {
            return Self::known(decisive);
        }
        let mut open: Vec<_> = states.into_iter().filter(|state| state.holds.is_none()).collect();
        if open.is_empty() {
            return Self::known(!decisive);
        }
        let mut roots = Vec::new();
        for root in open.iter().flat_map(|state| &state.roots) {
            if !roots.contains(root) {
                roots.push(Arc::clone(root));
            }
        }
        let is_own = open.iter().any(|state| state.is_own);
        Self { holds: None, why: std::mem::take(&mut open[0].why), roots, is_own }
    }
}
