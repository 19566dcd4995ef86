//! Compares two states of clusters: which findings are new, which are fixed, and which changed field
//! brought each. Both states are judged by the same rules, configuration and date, so only the
//! clusters themselves can make a difference.

mod apply;
mod bench;
mod cause;
mod changes;
mod normal;
mod pairs;
mod places;
mod shown;

pub use cause::Certainty;

use crate::engine::{Finding, Fingerprint, Judge, Outcome};
use crate::scan::{FileScan, Scan, SnapshotScan, on_large_stacks};
use crate::snapshot::{Identity, Unknown};
use crate::source::Input;
use crate::value::Pointer;
use crate::value::position::Region;
use apply::View;
use bench::Bench;
use cause::{Cause, Search};
use changes::{Difference, compare};
use normal::Normal;
use pairs::{Pair, pairs};
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;

/// How many changes are named for a finding.
const NAMED: usize = 10;

/// One of the two states.
#[derive(Clone, Copy, Debug)]
pub struct State<'a> {
    /// The inputs, which can be read again.
    pub inputs: &'a [Input],
    /// What judging them gave, in the order of the inputs.
    pub scan: &'a Scan,
    /// Whether something could not be read: what is not found then may be there all the same.
    pub has_errors: bool,
}

/// Which state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Before.
    Old,
    /// After.
    New,
}

/// What differs.
#[derive(Debug, Default)]
pub struct Diff<'a> {
    /// The clusters: those of NEW in their order, then those that are only in OLD.
    pub clusters: Vec<ClusterDiff<'a>>,
}

/// What differs about one cluster.
#[derive(Debug)]
pub struct ClusterDiff<'a> {
    /// The cluster.
    pub cluster: &'a Identity,
    /// Where it is.
    pub presence: Presence,
    /// Its files of OLD and of NEW.
    pub files: [Option<Found<'a>>; 2],
    /// Findings of NEW that OLD does not have.
    pub new: Vec<Shift<'a>>,
    /// Findings of OLD that NEW does not have.
    pub fixed: Vec<Shift<'a>>,
    /// Findings of OLD of which nobody knows whether NEW has them.
    pub no_longer_evaluated: Vec<Shift<'a>>,
    /// Findings of NEW that OLD has as well.
    pub unchanged: Vec<&'a Finding>,
    /// How many fields changed.
    pub changes: usize,
    /// How many of them were not tried as causes, because there are too many.
    pub untried: usize,
}

/// A snapshot and the file that it stands in.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The file.
    pub file: &'a FileScan,
    /// The snapshot.
    pub snapshot: &'a SnapshotScan,
}

/// Where a cluster is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// In both.
    Both,
    /// Only in NEW.
    New,
    /// Only in OLD.
    Gone,
    /// Not found in NEW, where something could not be read.
    NotRead,
}

/// A finding that is only on one side.
#[derive(Debug)]
pub struct Shift<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// Where it stands.
    pub at: Found<'a>,
    /// What made the difference; none where the cluster as a whole did.
    pub certainty: Option<Certainty>,
    /// The changes that made it.
    pub changes: Vec<Change>,
    /// How many more.
    pub more: usize,
    /// The outcome of its rule on the other side, if the cluster is there.
    pub other: Option<Outcome>,
    /// Why its rule could not be evaluated there.
    pub unknowns: Vec<&'a Unknown>,
}

impl Shift<'_> {
    /// Whether nobody knows if the other side has it.
    pub fn was_unknown(&self) -> bool {
        self.certainty == Some(Certainty::Known)
    }
}

/// A field that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub kind: ChangeKind,
    /// The state in whose file it is shown: NEW, unless it is no longer there.
    pub side: Side,
    /// That file.
    pub file: String,
    /// In NDJSON: its line.
    pub document: Option<u32>,
    /// Where it stands there.
    pub pointer: Pointer,
    /// The lines.
    pub region: Region,
    /// The value in OLD, as JSON, shortened and without secrets; the key of an item of a section.
    pub old: Option<String>,
    /// The value in NEW.
    pub new: Option<String>,
}

/// What happened to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// It is only in NEW.
    Added,
    /// It is only in OLD.
    Removed,
    /// It has another value.
    Changed,
    /// A section that OLD does not have: nobody knows what was there.
    NotInOld,
    /// A section that NEW does not have: nobody knows what is there.
    NotInNew,
    /// Only NEW knows all of it.
    Completed,
    /// Only OLD knew all of it.
    NoLongerComplete,
}

/// Compares two states that a judge has judged.
pub fn diff<'a>(old: State<'a>, new: State<'a>, judge: &Judge<'_>) -> Diff<'a> {
    let states = [old, new];
    let pairs = pairs([old.scan, new.scan]);
    let cases: Vec<_> = pairs.iter().filter_map(|pair| Case::new(*pair, states)).collect();
    let mut clusters: Vec<_> = on_large_stacks(|| {
        let normals = places::normals(states, &cases);
        cases.par_iter().map(|case| case.compare(&normals, judge)).collect()
    });
    places::locate(states, &cases, &mut clusters);
    Diff { clusters }
}

/// A cluster to compare.
struct Case<'a> {
    pair: Pair,
    found: [Option<Found<'a>>; 2],
    /// What seems to be only in OLD, and only in NEW.
    only: [Vec<&'a Finding>; 2],
    /// Whether NEW could not be read where the cluster may stand.
    unread: bool,
}

impl<'a> Case<'a> {
    fn new(pair: Pair, states: [State<'a>; 2]) -> Option<Self> {
        let found = |side: usize| {
            let (file, snapshot) = pair.docs[side]?.of(states[side].scan)?;
            Some(Found { file, snapshot })
        };
        let found = [found(0), found(1)];
        (found[0].is_some() || found[1].is_some()).then_some(())?;
        let findings = |side: usize| found[side].map(|f| f.snapshot.findings.as_slice()).unwrap_or_default();
        let only = |side: usize| match pair.counts[side] {
            true => beyond(findings(side), findings(1 - side)),
            false => Vec::new(),
        };
        let unread = states[1].has_errors || found[0].is_some_and(|old| is_no_snapshot(old.file, states[1]));
        Some(Self { pair, found, only: [only(0), only(1)], unread })
    }

    /// Whether the fields of the cluster are to be compared.
    fn needs_causes(&self) -> bool {
        self.found.iter().all(Option::is_some) && self.only.iter().any(|only| !only.is_empty())
    }

    fn presence(&self) -> Presence {
        match self.found {
            [Some(_), Some(_)] => Presence::Both,
            [None, _] => Presence::New,
            [_, None] if self.unread => Presence::NotRead,
            [_, None] => Presence::Gone,
        }
    }

    fn compare(&self, normals: &places::Normals, judge: &Judge<'_>) -> ClusterDiff<'a> {
        let cluster = self.found[1].or(self.found[0]).map(|found| found.snapshot.cluster.as_ref());
        let mut diff = ClusterDiff {
            cluster: cluster.unwrap_or(&NOBODY),
            presence: self.presence(),
            files: self.found,
            new: Vec::new(),
            fixed: Vec::new(),
            no_longer_evaluated: Vec::new(),
            unchanged: Vec::new(),
            changes: 0,
            untried: 0,
        };
        let docs = [normals.get(Side::Old, self.pair.docs[0]), normals.get(Side::New, self.pair.docs[1])];
        match docs {
            [Some(old), Some(new)] => self.with_causes([old, new], judge, &mut diff),
            _ => {
                diff.new = self.as_a_whole(1);
                let gone = self.as_a_whole(0);
                let unsure = diff.presence == Presence::NotRead;
                *if unsure { &mut diff.no_longer_evaluated } else { &mut diff.fixed } = gone;
            }
        }
        let new: Vec<*const Finding> =
            diff.new.iter().map(|shift| std::ptr::from_ref(shift.finding)).collect();
        let findings = self.found[1].filter(|_| self.pair.counts[1] && diff.presence == Presence::Both);
        let findings = findings.map(|found| found.snapshot.findings.as_slice()).unwrap_or_default();
        diff.unchanged =
            findings.iter().filter(|finding| !new.contains(&std::ptr::from_ref(*finding))).collect();
        diff
    }

    /// What came or went with the cluster.
    fn as_a_whole(&self, side: usize) -> Vec<Shift<'a>> {
        let shift = |finding: &&'a Finding| Some(self.shift(side, finding, None)?);
        self.only[side].iter().filter_map(shift).collect()
    }

    fn shift(&self, side: usize, finding: &'a Finding, certainty: Option<Certainty>) -> Option<Shift<'a>> {
        let other = self.found[1 - side].map(|found| found.snapshot);
        let unknowns = other.into_iter().flat_map(|other| other.unknowns.keys());
        Some(Shift {
            finding,
            at: self.found[side]?,
            certainty,
            changes: Vec::new(),
            more: 0,
            other: other.and_then(|other| other.outcomes.get(finding.rule)).copied(),
            unknowns: unknowns.filter(|(rule, _)| *rule == finding.rule).map(|(_, why)| why).collect(),
        })
    }

    fn with_causes(&self, docs: [&Normal; 2], judge: &Judge<'_>, diff: &mut ClusterDiff<'a>) {
        let differences = compare(docs[0], docs[1]);
        diff.changes = differences.len();
        for side in [0, 1] {
            let view = View { subject: docs[side], other: docs[1 - side], side };
            let only = self.not_superseded(side, view, judge);
            if only.is_empty() {
                continue;
            }
            let rules: BTreeSet<usize> = only.iter().map(|finding| finding.rule).collect();
            let bench = Bench::of(judge, &rules);
            let mut search = Search::new(view, &judge.rules, &differences, bench, &only);
            diff.untried = diff.untried.max(search.untried(&only));
            for finding in only {
                let cause = search.cause(finding, self.is_less_known(1 - side, finding));
                let Some(mut shift) = self.shift(side, finding, Some(cause.certainty)) else { continue };
                self.name_changes(&mut shift, &cause, &differences, docs);
                let group = match side {
                    1 => &mut diff.new,
                    _ if self.is_fixed(finding, &cause) => &mut diff.fixed,
                    _ => &mut diff.no_longer_evaluated,
                };
                group.push(shift);
            }
        }
    }

    /// What is only on one side, without what the other side has too but does not say, because a
    /// stronger rule speaks there.
    fn not_superseded(&self, side: usize, view: View<'_>, judge: &Judge<'_>) -> Vec<&'a Finding> {
        let only = &self.only[side];
        let rules: BTreeSet<usize> = only.iter().map(|finding| finding.rule).collect();
        if rules.is_empty() {
            return Vec::new();
        }
        let there = Bench::of(judge, &rules).judge(view.other.draft.clone(), &view.subject.identity);
        let here = self.found[side].map(|found| found.snapshot.findings.as_slice()).unwrap_or_default();
        let times = |finding: &Finding| here.iter().filter(|f| f.fingerprint == finding.fingerprint).count();
        only.iter().copied().filter(|finding| there.times(finding.fingerprint) < times(finding)).collect()
    }

    /// Whether a finding of OLD is known to be gone. Where its rule is no longer evaluated in full, a
    /// change must have mended it, and nothing more may be unknown than before.
    fn is_fixed(&self, finding: &Finding, cause: &Cause) -> bool {
        let outcome = self.found[1].and_then(|new| new.snapshot.outcomes.get(finding.rule)).copied();
        let mended = matches!(cause.certainty, Certainty::Each | Certainty::Together);
        match outcome {
            Some(Outcome::Pass | Outcome::NotApplicable) => true,
            Some(Outcome::Fail | Outcome::NotEvaluated) => {
                let is_known = self.unknowns(1, finding).is_empty();
                is_known || mended && !self.is_less_known(1, finding)
            }
            Some(Outcome::Off | Outcome::Error) | None => false,
        }
    }

    /// Why the rule of a finding could not be evaluated on a side, and how often.
    fn unknowns(&self, side: usize, finding: &Finding) -> HashMap<&'a Unknown, usize> {
        let unknowns = self.found[side].into_iter().flat_map(|found| &found.snapshot.unknowns);
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
        shift: &mut Shift<'_>,
        cause: &Cause,
        differences: &[Difference],
        docs: [&Normal; 2],
    ) {
        shift.more = cause.differences.len().saturating_sub(NAMED);
        let named = cause.differences.iter().take(NAMED).map(|at| &differences[*at]);
        shift.changes = named.filter_map(|difference| self.change(difference, docs)).collect();
    }

    fn change(&self, difference: &Difference, docs: [&Normal; 2]) -> Option<Change> {
        let [old, new] = &difference.ends;
        let side = if new.present { Side::New } else { Side::Old };
        let (found, doc) = (self.found[side as usize]?, docs[side as usize]);
        Some(Change {
            kind: self.kind(difference, docs),
            side,
            file: found.file.name.clone(),
            document: found.snapshot.document,
            pointer: doc.in_document(&difference.ends[side as usize].pointer),
            region: Region::default(),
            old: shown::text(docs[0], difference, old),
            new: shown::text(docs[1], difference, new),
        })
    }

    fn kind(&self, difference: &Difference, docs: [&Normal; 2]) -> ChangeKind {
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

/// A cluster of which nothing is known.
static NOBODY: Identity =
    Identity { name: None, arn: None, account: None, region: None, tags: std::collections::BTreeMap::new() };

/// Whether a file of that name was passed over: something stands there that is no snapshot.
fn is_no_snapshot(old: &FileScan, new: State<'_>) -> bool {
    let base = |file: &FileScan| Path::new(&file.name).file_name().map(ToOwned::to_owned);
    new.scan.files.iter().any(|file| file.skipped.is_some() && base(file) == base(old))
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
