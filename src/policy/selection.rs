//! What selects rules: levels, and what is written for rules.

use crate::rule::{Level, RulePattern, RuleSet};
use globset::Glob;

/// Which levels of rules run without being selected one by one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LevelChoice {
    /// What nearly everybody wants.
    #[default]
    Default,
    /// Also what hardens.
    Strict,
    /// Also advice.
    Advice,
    /// Everything.
    All,
}

impl LevelChoice {
    /// All, in the order in which they are explained.
    pub const ALL: [Self; 4] = [Self::Default, Self::Strict, Self::Advice, Self::All];

    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Strict => "strict",
            Self::Advice => "advice",
            Self::All => "all",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == name)
    }

    /// Whether rules of a level run.
    pub fn has(self, level: Level) -> bool {
        match self {
            Self::All => true,
            Self::Default => level == Level::Default,
            Self::Strict => matches!(level, Level::Default | Level::Strict),
            Self::Advice => matches!(level, Level::Default | Level::Advice),
        }
    }
}

/// A pattern that fits no rule, or is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// No rule has such an id.
    #[error("{option}: no rule is called `{pattern}`{hint} (`ekslint rules list` shows all)")]
    NoRule {
        /// `--select` or `--ignore`
        option: &'static str,
        /// As given.
        pattern: String,
        /// The nearest name.
        hint: String,
    },
    /// It is not a glob.
    #[error("{option}: `{pattern}` is not a pattern: {reason}")]
    NoPattern {
        /// `--select` or `--ignore`
        option: &'static str,
        /// As given.
        pattern: String,
        /// Why.
        reason: String,
    },
}

/// The patterns for rules. Each must fit a rule: it would silently select or ignore nothing.
pub(super) fn patterns(
    option: &'static str,
    texts: &[String],
    set: &RuleSet,
) -> Result<Vec<RulePattern>, SelectionError> {
    let read = |pattern: &String| {
        let glob = Glob::new(pattern).map_err(|error| SelectionError::NoPattern {
            option,
            pattern: pattern.clone(),
            reason: error.kind().to_string(),
        })?;
        let read = RulePattern::new(glob.compile_matcher());
        if set.rules.iter().any(|rule| read.fits(rule)) {
            return Ok(read);
        }
        let hint = set.hint(pattern);
        Err(SelectionError::NoRule { option, pattern: pattern.clone(), hint })
    };
    texts.iter().map(read).collect()
}
