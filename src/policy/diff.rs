//! Compares two states of clusters: which findings are new, which are fixed, and which changed field
//! brought each. Both states are judged by the same rules, configuration and date, so only the
//! clusters themselves can make a difference.

mod apply;
mod canonical;
mod cause;
mod changes;
mod cluster_pair;
mod pairs;
mod places;
mod rule_subset;
mod shown;

pub use cause::Certainty;

use crate::engine::{Finding, Judge, Outcome};
use crate::explain::Explanation;
use crate::scan::{ClusterScan, Scan, on_large_stacks};
use crate::snapshot::{Identity, Unknown};
use crate::source::Input;
use crate::value::Location;
use cluster_pair::ClusterPair;
use pairs::pairs;
use rayon::prelude::*;
use std::sync::Arc;

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
    /// What judging it gave in OLD and in NEW.
    pub scans: [Option<&'a ClusterScan>; 2],
    /// Findings of NEW that OLD does not have.
    pub new: Vec<FindingChange<'a>>,
    /// Findings of OLD that NEW does not have.
    pub fixed: Vec<FindingChange<'a>>,
    /// Findings of OLD of which it is unknown whether NEW has them.
    pub no_longer_evaluated: Vec<FindingChange<'a>>,
    /// Findings of NEW that OLD has as well.
    pub unchanged: Vec<&'a Finding>,
    /// Which way the traffic goes in OLD and in NEW, if that was asked for and findings are about it.
    pub flows: [Option<Arc<Explanation>>; 2],
    /// How many fields changed.
    pub changes: usize,
    /// How many of them were not tried as causes, because there are too many.
    pub untried: usize,
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
    /// Not found in OLD, where something could not be read.
    NotReadInOld,
    /// Not found in NEW, where something could not be read.
    NotReadInNew,
}

/// A finding that is only on one side.
#[derive(Debug)]
pub struct FindingChange<'a> {
    /// The finding.
    pub finding: &'a Finding,
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

impl FindingChange<'_> {
    /// Whether it is unknown if the other side has it.
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
    /// Where it is written there.
    pub at: Location,
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
    /// A section that OLD does not have: what was there is unknown.
    NotInOld,
    /// A section that NEW does not have: what is there is unknown.
    NotInNew,
    /// Only NEW knows all of it.
    Completed,
    /// Only OLD knew all of it.
    NoLongerComplete,
}

/// Compares two states that a judge has judged. `flows` says whether it is wanted which way the traffic
/// goes.
pub fn diff<'a>(old: State<'a>, new: State<'a>, judge: &Judge<'_>, flows: bool) -> Diff<'a> {
    let states = [old, new];
    let pairs = pairs([old.scan, new.scan]);
    let cases: Vec<_> = pairs.iter().filter_map(|pair| ClusterPair::new(*pair, states)).collect();
    let clusters = on_large_stacks(|| {
        let flows = |case: &ClusterPair<'_>| flows && case.is_about_traffic(judge);
        let normals = places::normals(states, &cases, judge.as_of, flows);
        let mut clusters: Vec<_> = cases.par_iter().map(|case| case.compare(&normals, judge)).collect();
        places::locate(states, &cases, &mut clusters);
        places::relocate(states, &cases, &mut clusters);
        clusters
    });
    Diff { clusters }
}
