//! What becomes of a control, in one word.

/// What becomes of a control on a cluster, from what asks for nothing to what asks for most: of several, the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ControlVerdict {
    /// Nothing of what it is about is there.
    NotApplicable,
    /// Its rules found nothing wrong, and there is nothing else to it.
    Passed,
    /// A person has to look at it, or at the rest of it.
    Manual,
    /// All that is wrong is waived.
    Accepted,
    /// A rule of it could not judge.
    NotEvaluated,
    /// Something is wrong.
    Failed,
}

impl ControlVerdict {
    /// All, the greatest first.
    pub const ALL: [Self; 6] =
        [Self::Failed, Self::NotEvaluated, Self::Accepted, Self::Manual, Self::Passed, Self::NotApplicable];

    /// Its name in data: `not-evaluated`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::NotEvaluated => "not-evaluated",
            Self::Accepted => "accepted",
            Self::Manual => "manual",
            Self::Passed => "passed",
            Self::NotApplicable => "not-applicable",
        }
    }

    /// It in words: "not evaluated".
    pub fn in_words(self) -> &'static str {
        match self {
            Self::NotEvaluated => "not evaluated",
            Self::NotApplicable => "not applicable",
            other => other.as_str(),
        }
    }

    /// It in Korean, as auditors write it.
    pub fn in_korean(self) -> &'static str {
        match self {
            Self::Failed => "결함",
            Self::NotEvaluated => "미평가",
            Self::Accepted => "예외 승인",
            Self::Manual => "수동 확인",
            Self::Passed => "적합",
            Self::NotApplicable => "해당 없음",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == name)
    }

    /// Whether rules decided it.
    pub fn is_evaluated(self) -> bool {
        matches!(self, Self::Failed | Self::Accepted | Self::Passed)
    }
}
