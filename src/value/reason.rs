//! Why a value could not be worked out, as a node of the tree carries it: texts in the arena, so that
//! handing it to an expression copies nothing.

use serde::{Serialize, Serializer};

/// A reason for which something is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason<'t> {
    /// Which sort of reason.
    pub kind: UnknownKind,
    /// The reason in words, without the place.
    pub words: &'t str,
    /// The place in a snapshot, as a JSON pointer; positions in lists are written `*`.
    pub at: &'t str,
    /// The API call that would tell.
    pub api: Option<&'t str>,
    /// The IAM action that allows that call, where it was refused.
    pub action: Option<&'t str>,
}

/// The sorts of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnknownKind {
    /// AWS refused the call.
    Denied,
    /// The call failed.
    Error,
    /// AWS refuses the call for clusters of this kind; nothing is missing.
    NotApplicable,
    /// The VPC belongs to another account, which alone may see this.
    SharedVpc,
    /// The user did not ask for it.
    NotRequested,
    /// The section is not in the snapshot.
    NotInSnapshot,
    /// The section is there, but not all of it.
    Incomplete,
    /// The field is not in the snapshot.
    FieldAbsent,
    /// A value does not parse, or is of another type than AWS documents.
    Invalid,
    /// What follows from the snapshot could not be worked out.
    Undecided,
    /// The rule has a parameter that only the user can set.
    NeedsConfiguration,
}

impl UnknownKind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Denied,
        Self::Error,
        Self::NotApplicable,
        Self::SharedVpc,
        Self::NotRequested,
        Self::NotInSnapshot,
        Self::Incomplete,
        Self::FieldAbsent,
        Self::Invalid,
        Self::Undecided,
        Self::NeedsConfiguration,
    ];

    /// The word that snapshots and reports have for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Error => "error",
            Self::NotApplicable => "notApplicable",
            Self::SharedVpc => "sharedVpc",
            Self::NotRequested => "notRequested",
            Self::NotInSnapshot => "notInSnapshot",
            Self::Incomplete => "incomplete",
            Self::FieldAbsent => "fieldAbsent",
            Self::Invalid => "invalid",
            Self::Undecided => "undecided",
            Self::NeedsConfiguration => "needsConfiguration",
        }
    }

    /// The sort that a word means.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether a complete scan would have known. What does not apply to a cluster, and what waits
    /// for a parameter, is not missing from a scan; nor is what nobody asked for.
    pub fn is_incomplete(self) -> bool {
        !matches!(self, Self::NotApplicable | Self::SharedVpc | Self::NotRequested | Self::NeedsConfiguration)
    }
}

impl Serialize for UnknownKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
