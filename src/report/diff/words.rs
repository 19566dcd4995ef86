//! Differences in words, the same for every output.

use super::{Fate, Totals};
use crate::engine::Outcome;
use crate::policy::diff::{Certainty, Change, ChangeKind, ClusterDiff, FindingChange, Presence};
use crate::report::totals::{explain, plural};
use crate::rule::Severity;

/// How many reasons are given for which a rule was not evaluated.
const REASONS: usize = 3;

/// A change, without its place: what it was and what it is.
pub(super) fn change(change: &Change) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_default();
    match change.kind {
        ChangeKind::Added => format!("added {}", value(&change.new)),
        ChangeKind::Removed => format!("removed {}", value(&change.old)),
        ChangeKind::Changed => format!("{} → {}", value(&change.old), value(&change.new)),
        ChangeKind::NotInOld => "not in OLD".to_owned(),
        ChangeKind::NotInNew => "not in NEW".to_owned(),
        ChangeKind::Completed => "not complete in OLD".to_owned(),
        ChangeKind::NoLongerComplete => "not complete in NEW".to_owned(),
    }
}

/// What the changes of a finding are to it.
pub(super) fn cause(fate: Fate, certainty: Certainty) -> &'static str {
    match (fate, certainty) {
        (Fate::New, Certainty::Known) => "not evaluated in OLD because of",
        (_, Certainty::Known) => "not evaluated in NEW because of",
        // Whether it fixed anything is not known.
        (Fate::NoLongerEvaluated, _) => "changed",
        (Fate::New, Certainty::Each) => "brought by",
        (Fate::New, Certainty::Together) => "brought together by",
        (Fate::New, Certainty::Near) => "probably brought by",
        (_, Certainty::Each) => "fixed by",
        (_, Certainty::Together) => "fixed together by",
        (_, Certainty::Near) => "probably fixed by",
    }
}

/// Why nobody knows whether the other side has a finding.
pub(super) fn why_unknown(fate: Fate, shift: &FindingChange<'_>) -> Vec<String> {
    let unsure = fate == Fate::NoLongerEvaluated || shift.was_unknown();
    if !unsure {
        return Vec::new();
    }
    match shift.other {
        Some(Outcome::Off) => vec!["the configuration turns the rule off for this cluster".to_owned()],
        Some(Outcome::Error) => vec!["the rule failed".to_owned()],
        Some(Outcome::NotApplicable) => {
            vec!["the rule does not apply to the cluster as it is described there".to_owned()]
        }
        _ => {
            let mut reasons: Vec<_> = shift.unknowns.iter().map(|unknown| explain(unknown)).collect();
            reasons.sort();
            reasons.dedup();
            let more = reasons.len().saturating_sub(REASONS);
            reasons.truncate(REASONS);
            reasons.extend((more > 0).then(|| format!("and {more} more reasons")));
            reasons
        }
    }
}

/// The changes to name: not a missing section, where the reasons say so already.
pub(super) fn changes<'s>(fate: Fate, shift: &'s FindingChange<'_>) -> &'s [Change] {
    let section = |change: &Change| matches!(change.kind, ChangeKind::NotInOld | ChangeKind::NotInNew);
    let told = shift.was_unknown() && !why_unknown(fate, shift).is_empty();
    if told && shift.changes.iter().all(section) { &[] } else { &shift.changes }
}

/// Where a cluster is, unless it is in both.
pub(super) fn presence(presence: Presence) -> Option<&'static str> {
    match presence {
        Presence::Both => None,
        Presence::New => Some("new cluster"),
        Presence::Gone => Some("gone"),
        Presence::NotReadInOld => Some("not found in OLD, where not everything could be read"),
        Presence::NotReadInNew => Some("not found in NEW, where not everything could be read"),
    }
}

/// That a cluster has more changes than are tried.
pub(super) fn untried(cluster: &ClusterDiff<'_>) -> String {
    let (changes, untried) = (cluster.changes, cluster.untried);
    format!("{changes} fields changed; the {untried} farthest from the findings were not tried as causes")
}

/// `2 new findings, the worst is high: 1 high, 1 low`
pub(super) fn new_findings(totals: &Totals) -> String {
    let count: usize = totals.new.values().sum();
    if count == 0 {
        return "No new findings".to_owned();
    }
    let one = |severity: &Severity| Some(format!("{} {severity}", totals.new.get(severity)?));
    let list: Vec<_> = Severity::ALL.iter().filter_map(one).collect();
    let worst = totals.worst().filter(|_| list.len() > 1);
    let worst = worst.map_or_else(String::new, |worst| format!(", the worst is {worst}"));
    format!("{}{worst}: {}", plural(count, "new finding"), list.join(", "))
}

/// All other counts, in the order in which they matter.
pub(super) fn other_counts(totals: &Totals) -> Vec<String> {
    let count = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let parts = [
        count(totals.new_not_evaluated, "of the new ones not evaluated in OLD"),
        count(totals.new_accepted, "new but accepted"),
        Some(format!("{} fixed", totals.fixed)),
        count(totals.no_longer_evaluated, "no longer evaluated"),
        Some(format!("{} unchanged", totals.unchanged)),
        count(totals.hidden, "not shown (--severity)"),
    ];
    parts.into_iter().flatten().collect()
}

/// `3 clusters compared, 1 of them new`
pub(super) fn clusters(totals: &Totals) -> String {
    let mut words = plural(totals.clusters, "cluster");
    if totals.clusters_new > 0 {
        words += &format!(", {} new", totals.clusters_new);
    }
    if totals.clusters_gone > 0 {
        words += &format!(", {} not in NEW", totals.clusters_gone);
    }
    words
}
