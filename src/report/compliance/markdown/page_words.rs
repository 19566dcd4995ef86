//! The words of a page: where a framework is Korean, what its auditors look for stands in Korean as well.

use crate::compliance::ControlVerdict;
use crate::rule::framework::Framework;

/// The languages of a page.
#[derive(Clone, Copy)]
pub(super) struct PageWords {
    is_korean: bool,
}

impl PageWords {
    /// Those of a framework.
    pub(super) fn of(framework: &Framework) -> Self {
        Self { is_korean: framework.is_korean() }
    }

    /// A word: `판정 / Verdict`, else `Verdict`.
    pub(super) fn both(self, english: &str, korean: &str) -> String {
        if self.is_korean { format!("{korean} / {english}") } else { english.to_owned() }
    }

    /// A verdict.
    pub(super) fn verdict(self, verdict: ControlVerdict) -> String {
        self.both(verdict.in_words(), verdict.in_korean())
    }
}
