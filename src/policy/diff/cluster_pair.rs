//! One cluster in two states: what is only in one of them, and why.

use super::apply::EditView;
use super::canonical::{CanonicalSnapshot, CanonicalSnapshots};
use super::cause::{Certainty, FindingCause, Search};
use super::changes::{Difference, compare};
use super::pairs::Pair;
use super::rule_subset::RuleSubset;
use super::{Change, ChangeKind, ClusterDiff, FindingChange, Presence, Side, State, shown};
use crate::engine::{Finding, Fingerprint, Judge, Outcome, RuleIndex};
use crate::scan::{ClusterScan, TRAFFIC};
use crate::snapshot::{Identity, Unknown};
use crate::value::Location;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

/// How many changes are named for a finding.
const NAMED: usize = 10;

/// A cluster to compare.
pub(super) struct ClusterPair<'a> {
    pub(super) pair: Pair,
    cluster: &'a Identity,
    found: [Option<&'a ClusterScan>; 2],
    /// What seems to be only in OLD, and only in NEW.
    only: [Vec<&'a Finding>; 2],
    /// Whether OLD and NEW could not be read where the cluster may be.
    unread: [bool; 2],
}

impl<'a> ClusterPair<'a> {
    pub(super) fn new(pair: Pair, states: [State<'a>; 2]) -> Option<Self> {
        let found = [0, 1].map(|side| pair.docs[side]?.of(states[side].scan));
        let cluster = found[1].or(found[0])?.judgement.cluster.as_ref();
        let findings = |side: usize| all_findings(found[side]);
        let only = |side: usize| match pair.counts[side] {
            true => beyond(findings(side), findings(1 - side)),
            false => Vec::new(),
        };
        let unread = |side: usize| {
            let state = states[side];
            state.has_errors || found[1 - side].is_some_and(|other| is_no_snapshot(&other.file.name, state))
        };
        Some(Self { pair, cluster, found, only: [only(0), only(1)], unread: [unread(0), unread(1)] })
    }

    /// Whether the fields of the cluster are to be compared.
    pub(super) fn needs_causes(&self) -> bool {
        self.found.iter().all(Option::is_some) && self.only.iter().any(|only| !only.is_empty())
    }

    /// Whether what differs is about traffic.
    pub(super) fn is_about_traffic(&self, judge: &Judge<'_>) -> bool {
        let area = |finding: &&Finding| judge.rule(finding.rule).area.as_str();
        self.only.iter().flatten().any(|finding| TRAFFIC.contains(&area(finding)))
    }

    fn presence(&self) -> Presence {
        match self.found {
            [Some(_), Some(_)] => Presence::Both,
            [None, _] if self.unread[0] => Presence::NotReadInOld,
            [None, _] => Presence::New,
            [_, None] if self.unread[1] => Presence::NotReadInNew,
            [_, None] => Presence::Gone,
        }
    }

    pub(super) fn compare(&self, normals: &CanonicalSnapshots, judge: &Judge<'_>) -> ClusterDiff<'a> {
        let mut diff = ClusterDiff {
            cluster: self.cluster,
            presence: self.presence(),
            scans: self.found,
            new: Vec::new(),
            fixed: Vec::new(),
            no_longer_evaluated: Vec::new(),
            unchanged: Vec::new(),
            flows: [None, None],
            changes: 0,
            untried: 0,
        };
        let docs = [normals.get(Side::Old, self.pair.docs[0]), normals.get(Side::New, self.pair.docs[1])];
        match docs {
            [Some(old), Some(new)] => {
                diff.flows = [old.flows.clone(), new.flows.clone()];
                self.with_causes([old, new], judge, &mut diff);
            }
            _ => {
                diff.new = self.as_a_whole(1);
                let gone = self.as_a_whole(0);
                let unsure = diff.presence == Presence::NotReadInNew;
                *if unsure { &mut diff.no_longer_evaluated } else { &mut diff.fixed } = gone;
            }
        }
        let new: Vec<*const Finding> =
            diff.new.iter().map(|shift| std::ptr::from_ref(shift.finding)).collect();
        let findings = self.found[1].filter(|_| self.pair.counts[1] && diff.presence == Presence::Both);
        diff.unchanged = all_findings(findings)
            .iter()
            .filter(|finding| !new.contains(&std::ptr::from_ref(*finding)))
            .collect();
        diff
    }

    /// What came or went with the cluster, or is not known on the other side.
    fn as_a_whole(&self, side: usize) -> Vec<FindingChange<'a>> {
        let certainty = self.unread[1 - side].then_some(Certainty::Known);
        let shift = |finding: &&'a Finding| self.shift(side, finding, certainty);
        self.only[side].iter().filter_map(shift).collect()
    }

    fn shift(
        &self,
        side: usize,
        finding: &'a Finding,
        certainty: Option<Certainty>,
    ) -> Option<FindingChange<'a>> {
        let other = self.found[1 - side].map(|found| &found.judgement);
        let unknowns = other.into_iter().flat_map(|other| other.unknowns.keys());
        Some(FindingChange {
            finding,
            certainty,
            changes: Vec::new(),
            more: 0,
            other: other.and_then(|other| other.outcome(finding.rule)),
            unknowns: unknowns.filter(|(rule, _)| *rule == finding.rule).map(|(_, why)| why).collect(),
        })
    }

    fn with_causes(&self, docs: [&CanonicalSnapshot; 2], judge: &Judge<'_>, diff: &mut ClusterDiff<'a>) {
        let differences = compare(docs[0], docs[1]);
        diff.changes = differences.len();
        for side in [0, 1] {
            let view = EditView { subject: docs[side], other: docs[1 - side], side };
            let only = self.not_superseded(side, view, judge);
            if only.is_empty() {
                continue;
            }
            let rules: BTreeSet<RuleIndex> = only.iter().map(|finding| finding.rule).collect();
            let subset = RuleSubset::of(judge, &rules);
            let mut search = Search::new(view, &judge.rules, &differences, subset, &only);
            diff.untried = diff.untried.max(search.untried(&only));
            for finding in only {
                let cause = search.cause(finding, self.is_less_known(1 - side, finding));
                let Some(mut shift) = self.shift(side, finding, Some(cause.certainty)) else { continue };
                self.name_changes(&mut shift, &cause, &differences, docs);
                let group = match side {
                    1 => &mut diff.new,
                    _ if self.is_fixed(finding, &cause, docs) => &mut diff.fixed,
                    _ => &mut diff.no_longer_evaluated,
                };
                group.push(shift);
            }
        }
    }

    /// What is only on one side, without what the other side has too but does not say, because a
    /// stronger rule speaks there.
    fn not_superseded(&self, side: usize, view: EditView<'_>, judge: &Judge<'_>) -> Vec<&'a Finding> {
        let only = &self.only[side];
        let rules: BTreeSet<RuleIndex> = only.iter().map(|finding| finding.rule).collect();
        if rules.is_empty() {
            return Vec::new();
        }
        let there = RuleSubset::of(judge, &rules).judge(view.other.draft.clone(), &view.subject.identity);
        let here = all_findings(self.found[side]);
        let times = |finding: &Finding| here.iter().filter(|f| f.fingerprint == finding.fingerprint).count();
        only.iter().copied().filter(|finding| there.times(finding.fingerprint) < times(finding)).collect()
    }

    /// Whether a finding of OLD is known to be gone. Where its rule is no longer evaluated in full, a
    /// change must have fixed it, and nothing more may be unknown than before.
    fn is_fixed(&self, finding: &Finding, cause: &FindingCause, docs: [&CanonicalSnapshot; 2]) -> bool {
        let outcome = self.found[1].and_then(|new| new.judgement.outcome(finding.rule));
        let fixed = matches!(cause.certainty, Certainty::Each | Certainty::Together);
        match outcome {
            Some(Outcome::Pass) => true,
            // No cluster becomes one of another kind, and no template shows what runs: it is not the whole description.
            Some(Outcome::NotApplicable) => {
                docs[0].kind == docs[1].kind && self.unknowns(1, finding).is_empty()
            }
            Some(Outcome::Fail | Outcome::Superseded | Outcome::NotEvaluated) => {
                let is_known = self.unknowns(1, finding).is_empty();
                is_known || fixed && !self.is_less_known(1, finding)
            }
            Some(Outcome::Off | Outcome::NeedsConfiguration | Outcome::Error) | None => false,
        }
    }

    /// Why the rule of a finding could not be evaluated on a side, and how often.
    fn unknowns(&self, side: usize, finding: &Finding) -> HashMap<&'a Unknown, usize> {
        let unknowns = self.found[side].into_iter().flat_map(|found| &found.judgement.unknowns);
        let of_rule = unknowns.filter(|((rule, _), _)| *rule == finding.rule);
        of_rule.map(|((_, unknown), times)| (unknown, *times)).collect()
    }

    /// Whether less is known on a side than on the other.
    fn is_less_known(&self, side: usize, finding: &Finding) -> bool {
        let other = self.unknowns(1 - side, finding);
        let here = self.unknowns(side, finding);
        here.iter().any(|(unknown, times)| other.get(unknown).is_none_or(|known| known < times))
    }

    fn name_changes(
        &self,
        shift: &mut FindingChange<'_>,
        cause: &FindingCause,
        differences: &[Difference],
        docs: [&CanonicalSnapshot; 2],
    ) {
        shift.more = cause.differences.len().saturating_sub(NAMED);
        let named = cause.differences.iter().take(NAMED).map(|at| &differences[*at]);
        shift.changes = named.filter_map(|difference| self.change(difference, docs)).collect();
    }

    fn change(&self, difference: &Difference, docs: [&CanonicalSnapshot; 2]) -> Option<Change> {
        let [old, new] = &difference.ends;
        let side = if new.present { Side::New } else { Side::Old };
        let (found, doc) = (self.found[side as usize]?, docs[side as usize]);
        Some(Change {
            kind: self.kind(difference, docs),
            side,
            at: Location::new(found.file.clone(), doc.in_document(&difference.ends[side as usize].pointer)),
            old: shown::text(docs[0], difference, old),
            new: shown::text(docs[1], difference, new),
        })
    }

    fn kind(&self, difference: &Difference, docs: [&CanonicalSnapshot; 2]) -> ChangeKind {
        let [old, new] = &difference.ends;
        let was_gap = || docs[0].draft.gaps.iter().any(|gap| gap.at == old.pointer);
        match (old.present, new.present) {
            _ if difference.only_known && was_gap() => ChangeKind::Completed,
            _ if difference.only_known => ChangeKind::NoLongerComplete,
            (false, _) if difference.is_section() => ChangeKind::NotInOld,
            (_, false) if difference.is_section() => ChangeKind::NotInNew,
            (false, _) => ChangeKind::Added,
            (_, false) => ChangeKind::Removed,
            _ => ChangeKind::Changed,
        }
    }
}

fn all_findings(cluster: Option<&ClusterScan>) -> &[Finding] {
    cluster.map(|cluster| cluster.judgement.findings.as_slice()).unwrap_or_default()
}

/// Whether a file of that name was passed over: something is there that is no snapshot.
fn is_no_snapshot(old: &str, new: State<'_>) -> bool {
    let base = |file: &str| Path::new(file).file_name().map(ToOwned::to_owned);
    new.scan.skipped().any(|(file, _)| base(file) == base(old))
}

/// The findings that one side has more often than the other.
fn beyond<'a>(these: &'a [Finding], others: &[Finding]) -> Vec<&'a Finding> {
    let mut known: HashMap<Fingerprint, usize> = HashMap::new();
    for finding in others {
        *known.entry(finding.fingerprint).or_default() += 1;
    }
    let is_new = |finding: &&Finding| match known.get_mut(&finding.fingerprint) {
        Some(times) if *times > 0 => {
            *times -= 1;
            false
        }
        _ => true,
    };
    these.iter().filter(is_new).collect()
}
