//! What a scan looked at: only within that, what was not found is not there.

use crate::engine::{Configured, Outcome};
use crate::rule::Rule;
use crate::scan::Scan;
use crate::snapshot::Identity;

/// What a scan looked at.
#[derive(Debug)]
pub(super) struct Scope<'s> {
    scan: &'s Scan,
    rules: &'s [Configured<'s>],
    whole: bool,
}

impl<'s> Scope<'s> {
    /// `whole` says that the inputs are all there is: what is not among them is gone.
    pub(super) fn new(scan: &'s Scan, rules: &'s [Configured<'s>], whole: bool) -> Self {
        let unreadable = scan.files.iter().any(|file| !file.errors.is_empty());
        Self { scan, rules, whole: whole && !unreadable }
    }

    /// The rules that ran on clusters.
    pub(super) fn rules(&self) -> impl Iterator<Item = &'s Rule> {
        self.rules.iter().map(|configured| configured.rule).filter(|rule| rule.judges_clusters())
    }

    /// Whether everything is known that a rule says about some clusters.
    pub(super) fn is_known(&self, rule: &str, fits: impl Fn(&Identity) -> bool) -> bool {
        let Some(index) = self.rules.iter().position(|configured| configured.rule.id == rule) else {
            return false;
        };
        let fitting = self.scan.clusters().filter(|(_, snapshot)| fits(&snapshot.cluster));
        let mut outcomes = fitting.map(|(_, snapshot)| snapshot.outcomes.get(index)).peekable();
        let any = outcomes.peek().is_some();
        let known = |outcome: Option<&Outcome>| {
            matches!(outcome, Some(Outcome::Pass | Outcome::Fail | Outcome::NotApplicable))
        };
        outcomes.all(known) && (any || self.whole)
    }
}
