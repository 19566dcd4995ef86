//! Positions that travel with findings, a type for each: a number alone does not say of which list it is.

/// A rule, as its position among the rules of its judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleIndex(usize);

/// A waiver, as its position in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WaiverIndex(usize);

impl RuleIndex {
    /// The rule at a position, from 0.
    pub fn new(position: usize) -> Self {
        Self(position)
    }

    /// Its position, from 0.
    pub fn position(self) -> usize {
        self.0
    }
}

impl WaiverIndex {
    /// The waiver at a position, from 0.
    pub fn new(position: usize) -> Self {
        Self(position)
    }

    /// Its position, from 0.
    pub fn position(self) -> usize {
        self.0
    }
}
