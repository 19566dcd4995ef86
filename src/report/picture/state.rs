//! What becomes of a flow, as the picture shows it: a colour, a dash and a word.

use crate::explain::Verdict;
use crate::snapshot::Unknown;

/// How a line is drawn. The later ones are worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LineState {
    /// It stays inside.
    Stays,
    /// It leaves the VPC, or comes from outside and is accepted.
    Leaves,
    /// It is not known.
    Unknown,
    /// Something stops it.
    Stopped,
}

impl LineState {
    /// All of them, as the legend has them.
    pub(super) const ALL: [Self; 4] = [Self::Stays, Self::Leaves, Self::Stopped, Self::Unknown];

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

    /// What the legend says.
    pub(super) fn legend(self) -> &'static str {
        match self {
            Self::Stays => "stays in the VPC",
            Self::Leaves => "leaves the VPC, or is accepted from outside",
            Self::Unknown => "unknown",
            Self::Stopped => "stopped: blocked, locked out, refused, no way",
        }
    }

    /// The colour on white, of which text has a contrast of 4.5 at least.
    pub(super) fn colour(self) -> &'static str {
        match self {
            Self::Stays => "#116329",
            Self::Leaves => "#8a4600",
            Self::Unknown => "#6639ba",
            Self::Stopped => "#b3131f",
        }
    }

    /// `stroke-dasharray`; none is solid.
    pub(super) fn dash(self) -> Option<&'static str> {
        match self {
            Self::Stays => None,
            Self::Leaves => Some("12 5"),
            Self::Unknown => Some("4 8"),
            Self::Stopped => Some("2 4"),
        }
    }
}
