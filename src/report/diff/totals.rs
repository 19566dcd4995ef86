//! What a difference amounts to.

use super::DiffReport;
use crate::engine::Standing;
use crate::policy::diff::Presence;
use crate::rule::Severity;
use crate::scan::Scan;
use crate::snapshot::UnknownKind;
use std::collections::BTreeMap;

/// The counts of a difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Clusters that were compared, came or went.
    pub clusters: usize,
    /// Clusters that are only in NEW, or were not found in OLD.
    pub clusters_new: usize,
    /// Clusters that are only in OLD, or were not found in NEW.
    pub clusters_gone: usize,
    /// New findings that count, shown or not.
    pub new: BTreeMap<Severity, usize>,
    /// New findings that are waived or in the baseline.
    pub new_accepted: usize,
    /// Those of all new ones of which nobody knows whether OLD had them.
    pub new_not_evaluated: usize,
    /// Findings that are fixed.
    pub fixed: usize,
    /// Findings of OLD of which nobody knows whether NEW has them.
    pub no_longer_evaluated: usize,
    /// Findings that are in both.
    pub unchanged: usize,
    /// New ones, fixed ones and those no longer evaluated that are not severe enough to be shown.
    pub hidden: usize,
    /// Whether everything in OLD and NEW was read and evaluated.
    pub complete: bool,
}

impl Totals {
    pub(super) fn of(report: &DiffReport<'_>) -> Self {
        let failed = !report.errors.is_empty() || !report.rule_errors.is_empty();
        let complete = !failed && report.scans.iter().all(|scan| !is_incomplete(scan));
        let mut totals = Self { clusters: report.diff.clusters.len(), complete, ..Self::default() };
        for cluster in &report.diff.clusters {
            match cluster.presence {
                Presence::Both => {}
                Presence::New | Presence::NotReadInOld => totals.clusters_new += 1,
                Presence::Gone | Presence::NotReadInNew => totals.clusters_gone += 1,
            }
            for shift in &cluster.new {
                match shift.finding.standing {
                    Standing::Open => *totals.new.entry(shift.finding.severity).or_default() += 1,
                    Standing::Waived(_) | Standing::Baseline => totals.new_accepted += 1,
                }
                totals.new_not_evaluated += usize::from(shift.was_unknown());
            }
            totals.fixed += cluster.fixed.len();
            totals.no_longer_evaluated += cluster.no_longer_evaluated.len();
            // What nobody knows any more is missing, whatever the reason.
            totals.complete &= cluster.no_longer_evaluated.is_empty();
            totals.unchanged += cluster.unchanged.len();
            let all = cluster.new.iter().chain(&cluster.fixed).chain(&cluster.no_longer_evaluated);
            totals.hidden += all.filter(|shift| shift.finding.severity < report.shown).count();
        }
        totals
    }

    /// The worst severity of the new findings that count.
    pub fn worst(&self) -> Option<Severity> {
        self.new.keys().next_back().copied()
    }
}

/// Whether something was not judged that a complete scan would have judged.
fn is_incomplete(scan: &Scan) -> bool {
    scan.clusters.iter().any(|cluster| {
        let refused = |kind| matches!(kind, UnknownKind::Denied | UnknownKind::Error);
        cluster.uncollected.iter().any(|unknown| refused(unknown.kind))
            || cluster.judgement.unknowns.keys().any(|(_, unknown)| unknown.kind.is_incomplete())
    })
}
