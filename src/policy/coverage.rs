//! What a scan looked at: only within that, what was not found is not there.

use super::cluster_names::SeenClusters;
use crate::engine::{Configured, Outcome, RuleIndex};
use crate::rule::Rule;
use crate::scan::Scan;
use crate::snapshot::Identity;

/// What a scan looked at.
#[derive(Debug)]
pub(super) struct ScanCoverage<'s> {
    scan: &'s Scan,
    rules: &'s [Configured<'s>],
    whole: bool,
}

impl<'s> ScanCoverage<'s> {
    /// `whole` says that the inputs are all there is: what is not among them is gone.
    pub(super) fn new(scan: &'s Scan, rules: &'s [Configured<'s>], whole: bool) -> Self {
        Self { scan, rules, whole: whole && scan.problems.is_empty() }
    }

    /// The clusters that were seen.
    pub(super) fn clusters(&self) -> SeenClusters<'s> {
        SeenClusters::of(self.scan)
    }

    /// The rules that ran on clusters.
    pub(super) fn rules(&self) -> impl Iterator<Item = &'s Rule> {
        self.rules.iter().map(|configured| configured.rule).filter(|rule| rule.judges_clusters())
    }

    /// Whether everything is known that a rule says about some clusters.
    pub(super) fn is_known(&self, rule: &str, fits: impl Fn(&Identity) -> bool) -> bool {
        let Some(index) =
            self.rules.iter().position(|configured| configured.rule.id == rule).map(RuleIndex::new)
        else {
            return false;
        };
        let judgements = self.scan.clusters.iter().map(|cluster| &cluster.judgement);
        let fitting = judgements.filter(|judgement| fits(&judgement.cluster));
        let mut outcomes = fitting.map(|judgement| judgement.outcome(index)).peekable();
        let any = outcomes.peek().is_some();
        let known = |outcome: Option<Outcome>| {
            let known = [Outcome::Pass, Outcome::Fail, Outcome::Superseded, Outcome::NotApplicable];
            outcome.is_some_and(|outcome| known.contains(&outcome))
        };
        outcomes.all(known) && (any || self.whole)
    }
}
