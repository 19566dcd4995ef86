//! Judges drafts of snapshots by a few rules: what would be found, had a field not changed.

use super::canonical::EditedSnapshot;
use crate::engine::{Configured, Fingerprint, Judge, Override, RuleIndex};
use crate::snapshot::{Identity, Snapshot};
use crate::value::Json;
use bumpalo::Bump;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Some of a judge's rules.
#[derive(Debug)]
pub(super) struct RuleSubset<'r> {
    judge: Judge<'r>,
    /// Their positions among the rules of the judge.
    picked: Vec<RuleIndex>,
}

/// What they say about a draft.
#[derive(Debug, Default)]
pub(super) struct SubsetVerdict {
    /// What is found, and how often.
    pub(super) found: HashMap<Fingerprint, usize>,
    /// By rule: how often something that decides was not known.
    unknown: HashMap<RuleIndex, usize>,
}

impl<'r> RuleSubset<'r> {
    /// These rules of a judge, as they run there.
    pub(super) fn of(judge: &'r Judge<'r>, rules: &BTreeSet<RuleIndex>) -> Self {
        let is_known = |at: &RuleIndex| at.position() < judge.rules.len();
        let picked: Vec<_> = rules.iter().copied().filter(is_known).collect();
        let rule = |at: &RuleIndex| {
            let Configured { rule, settings } = &judge.rules.as_slice()[*at];
            Configured { rule, settings: *settings }
        };
        let place = |at: &RuleIndex| picked.binary_search(at).ok().map(RuleIndex::new);
        let overriding = |one: &Override<'r>| Override {
            clusters: one.clusters.clone(),
            rules: one.rules.iter().filter_map(|(at, change)| Some((place(at)?, change.clone()))).collect(),
        };
        let overrides = judge.overrides.iter().map(overriding).collect();
        let rules = picked.iter().map(rule).collect();
        let judge = Judge { overrides, fixes: false, mask: judge.mask, ..Judge::new(rules, judge.as_of) };
        Self { judge, picked }
    }

    /// Judges a draft of a snapshot of that cluster.
    pub(super) fn judge(&self, draft: EditedSnapshot, cluster: &Identity) -> SubsetVerdict {
        let (document, arena) = (draft.into_document(), Bump::new());
        let read = Snapshot::read(Json::of(&document, &arena), &arena);
        let Some(mut snapshot) = read.ok().and_then(|mut snapshots| snapshots.pop()) else {
            return SubsetVerdict::default();
        };
        // Fingerprints name the cluster: it stays the same one, whatever a field of it says. Its tags
        // are the draft's own.
        let tags = std::mem::take(&mut snapshot.identity.tags);
        snapshot.identity = Identity { tags, ..cluster.clone() };
        let judgement = self.judge.judge_each(&snapshot, &Arc::default(), &arena);
        let mut verdict = SubsetVerdict::default();
        for finding in &judgement.findings {
            *verdict.found.entry(finding.fingerprint).or_default() += 1;
        }
        for ((rule, _), times) in &judgement.unknowns {
            *verdict.unknown.entry(self.picked[rule.position()]).or_default() += times;
        }
        verdict
    }
}

impl SubsetVerdict {
    /// How often a finding is there.
    pub(super) fn times(&self, fingerprint: Fingerprint) -> usize {
        self.found.get(&fingerprint).copied().unwrap_or_default()
    }

    /// How often a rule met something that is not known.
    pub(super) fn unknown(&self, rule: RuleIndex) -> usize {
        self.unknown.get(&rule).copied().unwrap_or_default()
    }
}
