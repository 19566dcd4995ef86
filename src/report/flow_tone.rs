//! What becomes of a flow, as every output shows it: in a word, from the best to the worst.

use crate::explain::Verdict;
use crate::snapshot::Unknown;

/// What becomes of a flow. The later ones are worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FlowTone {
    /// It stays inside.
    Stays,
    /// It leaves the VPC, or comes from outside and is accepted.
    Leaves,
    /// It is not known.
    Unknown,
    /// Something stops it.
    Stopped,
}

impl FlowTone {
    /// That of a verdict.
    pub(super) fn of(verdict: &Result<Verdict, Unknown>) -> Self {
        match verdict {
            Ok(Verdict::InVpc) => Self::Stays,
            Ok(Verdict::LeavesVpc | Verdict::Accepted) => Self::Leaves,
            Ok(Verdict::LockedOut | Verdict::Unreachable | Verdict::Blocked) => Self::Stopped,
            Err(_) => Self::Unknown,
        }
    }

    /// The word for it, also in names of classes.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Stays => "stays",
            Self::Leaves => "leaves",
            Self::Unknown => "unknown",
            Self::Stopped => "stopped",
        }
    }
}
