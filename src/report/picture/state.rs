//! How the picture draws what becomes of a flow: a colour, a dash and a word.

use crate::report::flow_tone::FlowTone;

impl FlowTone {
    /// All of them, as the legend has them.
    pub(super) const ALL: [Self; 4] = [Self::Stays, Self::Leaves, Self::Stopped, Self::Unknown];

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
