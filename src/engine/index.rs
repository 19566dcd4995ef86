//! Positions that travel with findings, a type for each: a number alone does not say of which list it is.
//! They are small, as there may be hundreds of thousands of findings.

/// A rule, as its position among the rules of its judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleIndex(u32);

/// A waiver, as its position in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WaiverIndex(u32);

impl RuleIndex {
    /// The rule at a position, from 0.
    pub fn new(position: usize) -> Self {
        Self(u32::try_from(position).unwrap_or(u32::MAX))
    }

    /// Its position, from 0.
    pub fn position(self) -> usize {
        self.0 as usize
    }
}

impl WaiverIndex {
    /// The waiver at a position, from 0.
    pub fn new(position: usize) -> Self {
        Self(u32::try_from(position).unwrap_or(u32::MAX))
    }

    /// Its position, from 0.
    pub fn position(self) -> usize {
        self.0 as usize
    }
}
