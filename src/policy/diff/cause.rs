//! Which changed field brought a finding: one change after another is taken back, and the cluster
//! judged again. What then is no longer found was brought by that change.

use super::apply::EditView;
use super::canonical::EditedSnapshot;
use super::changes::{Difference, is_at_or_below};
use super::rule_subset::{RuleSubset, SubsetVerdict};
use crate::engine::{Configured, Finding};
use crate::value::Pointer;
use std::collections::BTreeSet;

/// How often a cluster is judged anew, at most.
pub(super) const MAX_REVERSALS: usize = 200;
/// How many of these are kept for changes that bring a finding together.
const KEPT: usize = 50;
/// Of how many changes together the smallest set is looked for that brings a finding.
const MAX_TOGETHER: usize = 40;

/// How sure it is what brought a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// Without any one of these changes it would not be there.
    Each,
    /// Without all of these changes together it would not be there.
    Together,
    /// These changes are near it; taking them back one by one did not show more.
    Near,
    /// These changes made known what was not: the other side could not be judged.
    Known,
}

/// What brought a finding: positions among the differences.
#[derive(Clone, Debug)]
pub(super) struct FindingCause {
    pub(super) certainty: Certainty,
    pub(super) differences: Vec<usize>,
}

/// Looks for causes in one cluster.
pub(super) struct Search<'s, 'r> {
    view: EditView<'s>,
    rules: &'s [Configured<'r>],
    differences: &'s [Difference],
    subset: RuleSubset<'s>,
    base: SubsetVerdict,
    /// How many more drafts may be judged.
    left: usize,
    /// What happens without each change; none where it was not tried.
    without: Vec<Option<SubsetVerdict>>,
}

impl<'s, 'r> Search<'s, 'r> {
    /// A search for the causes of findings of the view's subject.
    pub(super) fn new(
        view: EditView<'s>,
        rules: &'s [Configured<'r>],
        differences: &'s [Difference],
        subset: RuleSubset<'s>,
        findings: &[&Finding],
    ) -> Self {
        let base = subset.judge(view.subject.draft.clone(), &view.subject.identity);
        let without = differences.iter().map(|_| None).collect();
        let mut search = Self { view, rules, differences, subset, base, left: MAX_REVERSALS, without };
        search.try_each(findings);
        search
    }

    /// How many changes were not tried because there are too many.
    pub(super) fn untried(&self, findings: &[&Finding]) -> usize {
        let relevant = self.relevant(findings);
        relevant.iter().filter(|at| self.without[**at].is_none()).count()
    }

    fn draft_without(&self, differences: &[usize]) -> EditedSnapshot {
        let differences: Vec<_> = differences.iter().map(|at| &self.differences[*at]).collect();
        self.view.with(&differences)
    }

    fn judge_without(&mut self, differences: &[usize]) -> Option<SubsetVerdict> {
        self.left = self.left.checked_sub(1)?;
        Some(self.subset.judge(self.draft_without(differences), &self.view.subject.identity))
    }

    /// Takes back one change after another, the nearest first.
    fn try_each(&mut self, findings: &[&Finding]) {
        let relevant = self.relevant(findings);
        // Each change is taken back alone, from the state that has all of them. Where two changes bring a
        // finding only together, it is gone without either, so both are found. Put into the other state
        // one by one, neither would bring it.
        for at in relevant.into_iter().take(MAX_REVERSALS - KEPT) {
            self.without[at] = self.judge_without(&[at]);
        }
    }

    /// The changes that the rules of findings read, those near a finding first.
    fn relevant(&self, findings: &[&Finding]) -> Vec<usize> {
        let sections: BTreeSet<String> = findings.iter().flat_map(|finding| self.sections(finding)).collect();
        let read = |at: &usize| sections.contains(&self.differences[*at].section());
        let mut relevant: Vec<_> = (0..self.differences.len()).filter(read).collect();
        relevant.sort_by_cached_key(|at| findings.iter().map(|finding| self.distance(*at, finding)).min());
        relevant
    }

    /// The sections that the rule of a finding reads.
    fn sections(&self, finding: &Finding) -> BTreeSet<String> {
        let rule = self.rules[finding.rule].rule;
        let facts = rule.reads.facts.sections().map(|section| section.name.clone());
        let own = [rule.resource.name.clone(), "cluster".to_owned()];
        rule.reads.sections.iter().map(|name| (*name).to_owned()).chain(facts).chain(own).collect()
    }

    /// 0 for a change at, above or below a place of the finding; 1 for one in the same section.
    fn distance(&self, at: usize, finding: &Finding) -> u8 {
        let end = &self.differences[at].ends[self.view.side];
        let changed = self.view.subject.in_document(&end.pointer);
        let places = finding.pointers();
        let near = |place: &Pointer| is_at_or_below(place, &changed) || is_at_or_below(&changed, place);
        let section = Pointer::root().key(&self.differences[at].section());
        let section = self.view.subject.in_document(&section);
        match places.clone().any(near) {
            true => 0,
            false => 1 + u8::from(!places.clone().any(|place| is_at_or_below(place, &section))),
        }
    }

    /// What brought a finding. `unsure` says that the other side could not be judged fully.
    pub(super) fn cause(&mut self, finding: &Finding, unsure: bool) -> FindingCause {
        let relevant = self.relevant(&[finding]);
        // What the subject itself does not show when it is judged in this form cannot be seen to go.
        let is_certain = self.base.times(finding.fingerprint) > 0;
        if is_certain {
            // First the changes without which the rule is evaluated and finds nothing. A change without
            // which it only could not be evaluated says less, so it counts only where there are no others.
            for known in [false, true] {
                let gone = |at: &usize| {
                    self.without[*at]
                        .as_ref()
                        .is_some_and(|verdict| self.is_gone(verdict, finding) == Some(known))
                };
                let differences: Vec<_> = relevant.iter().copied().filter(gone).collect();
                if !differences.is_empty() {
                    let certainty = if known { Certainty::Known } else { Certainty::Each };
                    return FindingCause { certainty, differences };
                }
            }
            if let Some(cause) = self.together(finding, &relevant) {
                return cause;
            }
        }
        let near: Vec<_> = relevant.iter().copied().filter(|at| self.distance(*at, finding) == 0).collect();
        let differences = if near.is_empty() { relevant } else { near };
        FindingCause { certainty: if unsure { Certainty::Known } else { Certainty::Near }, differences }
    }

    /// Whether a finding is no longer there; then, whether only because its rule could not be
    /// evaluated.
    fn is_gone(&self, verdict: &SubsetVerdict, finding: &Finding) -> Option<bool> {
        let gone = verdict.times(finding.fingerprint) < self.base.times(finding.fingerprint);
        gone.then(|| verdict.unknown(finding.rule) > self.base.unknown(finding.rule))
    }

    /// The smallest set of changes without which a finding is gone, when no single one does it.
    fn together(&mut self, finding: &Finding, relevant: &[usize]) -> Option<FindingCause> {
        if relevant.len() < 2 {
            return None;
        }
        let all = self.judge_without(relevant)?;
        let known = self.is_gone(&all, finding)?;
        // Each change is left out once, and stays out if the finding is gone all the same. Trying every
        // subset would double the work with each change.
        let mut set = relevant.to_vec();
        // The farthest first: what is near is the likelier cause.
        for at in relevant.iter().rev().take(MAX_TOGETHER) {
            let rest: Vec<_> = set.iter().copied().filter(|other| other != at).collect();
            let Some(verdict) = self.judge_without(&rest) else { break };
            if self.is_gone(&verdict, finding) == Some(known) {
                set = rest;
            }
        }
        let certainty = if known { Certainty::Known } else { Certainty::Together };
        (set.len() <= MAX_TOGETHER).then_some(FindingCause { certainty, differences: set })
    }
}
