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
    /// A template does not say it: it is known only after it was applied.
    UntilApply,
    /// A template cannot have it: only a running cluster shows it.
    NotInTemplate,
}

/// What an alert that stood before would become, if a report without it was uploaded because its rule was not evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertFate {
    /// It would close although the next scan may find it again, so the report must not be uploaded.
    MustStay,
    /// It closes although nobody knows whether it holds: this input never says more, so a scan that waits for it waits
    /// forever. Reports name the rule.
    ClosesUnseen,
    /// It closes, and that is right: there is nothing to find, or the rule is off.
    Closes,
}

impl UnknownKind {
    /// All of them.
    pub const ALL: [Self; 13] = [
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
        Self::UntilApply,
        Self::NotInTemplate,
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
            Self::UntilApply => "untilApply",
            Self::NotInTemplate => "notInTemplate",
        }
    }

    /// The sort that a word means.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether a complete scan would have known. What does not apply to a cluster, and what waits
    /// for a parameter, is not missing from a scan; nor is what nobody asked for, nor what no template says.
    pub fn is_incomplete(self) -> bool {
        match self {
            Self::Denied
            | Self::Error
            | Self::NotInSnapshot
            | Self::Incomplete
            | Self::FieldAbsent
            | Self::Invalid
            | Self::Undecided => true,
            Self::NotApplicable
            | Self::SharedVpc
            | Self::NotRequested
            | Self::NeedsConfiguration
            | Self::UntilApply
            | Self::NotInTemplate => false,
        }
    }

    /// What becomes of the alerts of a rule that was not evaluated for this reason. The one place that decides whether a
    /// report may be uploaded.
    pub fn alert_fate(self) -> AlertFate {
        match self {
            // The call is allowed again, answered again, or answered to its last page: the scan was unlucky, the cluster
            // is the same.
            Self::Denied | Self::Error | Self::Incomplete => AlertFate::MustStay,
            // A mistake in the file hides what was found in it, until somebody corrects it.
            Self::Invalid => AlertFate::MustStay,
            // ekslint could not work it out, or it was too much: another version, or a smaller file, can.
            Self::Undecided => AlertFate::MustStay,
            // The file does not hold it, in this scan as in the next one: the output of `describe-cluster` never has
            // node groups.
            Self::NotInSnapshot | Self::FieldAbsent => AlertFate::ClosesUnseen,
            // Only the owner of the VPC ever sees it.
            Self::SharedVpc => AlertFate::ClosesUnseen,
            // The user chose not to read it, or no API of AWS tells.
            Self::NotRequested => AlertFate::ClosesUnseen,
            // Clusters of this kind have nothing that could be wrong there.
            Self::NotApplicable => AlertFate::Closes,
            // The rule is off.
            Self::NeedsConfiguration => AlertFate::Closes,
            // The template says as much in every scan: applying it changes no file.
            Self::UntilApply => AlertFate::ClosesUnseen,
            // A template has nothing that could be wrong there, and never had an alert about it.
            Self::NotInTemplate => AlertFate::Closes,
        }
    }
}

impl Serialize for UnknownKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
