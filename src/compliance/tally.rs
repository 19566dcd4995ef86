//! How many controls became what.

use super::ControlVerdict;
use std::collections::BTreeMap;

/// How many controls became what. A share of controls that passed says nothing without the share that was evaluated, so
/// both stand here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ControlTally {
    counts: BTreeMap<ControlVerdict, usize>,
}

impl ControlTally {
    /// Counts them.
    pub fn of(verdicts: impl Iterator<Item = ControlVerdict>) -> Self {
        let mut counts = BTreeMap::new();
        verdicts.for_each(|verdict| *counts.entry(verdict).or_default() += 1);
        Self { counts }
    }

    /// How many became that.
    pub fn count(&self, verdict: ControlVerdict) -> usize {
        self.counts.get(&verdict).copied().unwrap_or_default()
    }

    /// How many there are.
    pub fn controls(&self) -> usize {
        self.counts.values().sum()
    }

    /// How many rules decided: those that failed, are accepted, or passed.
    pub fn evaluated(&self) -> usize {
        ControlVerdict::ALL
            .into_iter()
            .filter(|verdict| verdict.is_evaluated())
            .map(|verdict| self.count(verdict))
            .sum()
    }
}
