//! What a rule says about a cluster, in one word.

/// What a rule says about a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It is turned off for the cluster, or judges no clusters.
    Off,
    /// It does not apply.
    NotApplicable,
    /// Nothing is wrong.
    Pass,
    /// What it found, findings of stronger rules stand for.
    Superseded,
    /// A parameter has no value, and the rule has none to fall back to.
    NeedsConfiguration,
    /// Something that decides is not known.
    NotEvaluated,
    /// The rule itself failed.
    Error,
    /// Something is wrong.
    Fail,
}

impl Outcome {
    /// Whether the rule did not run: it is off, or waits for a parameter.
    pub fn is_off(self) -> bool {
        matches!(self, Self::Off | Self::NeedsConfiguration)
    }

    /// Whether what is known sufficed to decide.
    pub(super) fn is_evaluated(self) -> bool {
        !self.is_off() && self != Self::NotEvaluated
    }
}
