//! Which controls changed since an older state, cluster by cluster.

use super::earlier::{EarlierCluster, EarlierFramework, EarlierState};
use super::same_cluster::{ClusterLabel, same_clusters};
use super::{ControlVerdict, FrameworkResult};
use crate::scan::{ClusterScan, Scan};
use std::collections::BTreeSet;

/// What changed since an older state.
#[derive(Clone, Debug)]
pub struct ComplianceSince {
    /// The older state.
    pub state: EarlierState,
    /// For each cluster of now, the same one of the older state, by position.
    pub earlier: Vec<Option<usize>>,
    /// The clusters of the older state that are not there now, by position.
    pub gone: Vec<usize>,
    /// What changed in each framework, in their order.
    pub frameworks: Vec<FrameworkSince>,
}

/// What changed in a framework.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FrameworkSince {
    /// What became of controls on clusters that both states have.
    pub changes: Vec<ControlChange>,
    /// Controls that the older state does not have.
    pub new_controls: Vec<String>,
    /// Controls that only the older state has.
    pub gone_controls: Vec<String>,
}

/// Another verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlChange {
    /// The control.
    pub control: String,
    /// The cluster of now, by position.
    pub cluster: usize,
    /// What became of it then.
    pub before: ControlVerdict,
    /// What becomes of it now.
    pub now: ControlVerdict,
    /// Whether rules judge it now, or a part of it.
    pub is_judged: bool,
}

impl ComplianceSince {
    /// Compares an older state with what becomes of controls now. Of a framework that it does not have, all controls are
    /// new.
    pub fn compare(state: EarlierState, scan: &Scan, results: &[FrameworkResult<'_>]) -> Self {
        let now: Vec<_> = scan.clusters.iter().map(label_of_now).collect();
        let before: Vec<_> = state.clusters.iter().map(EarlierCluster::label).collect();
        let same = same_clusters(&now, &before);
        let one = |result: &FrameworkResult<'_>| {
            FrameworkSince::of(result, state.framework(&result.framework.id), &same.earlier)
        };
        let frameworks = results.iter().map(one).collect();
        Self { earlier: same.earlier, gone: same.gone, frameworks, state }
    }

    /// The clusters of now that the older state does not have, by position.
    pub fn new_clusters(&self) -> impl Iterator<Item = usize> {
        self.earlier.iter().enumerate().filter(|(_, earlier)| earlier.is_none()).map(|(at, _)| at)
    }

    /// What became of a control of a framework on a cluster then, by the position of the cluster now.
    pub fn before(&self, framework: &str, control: &str, cluster: usize) -> Option<ControlVerdict> {
        let earlier = self.earlier.get(cluster).copied().flatten()?;
        self.state.framework(framework)?.control(control)?.verdicts.get(&earlier).copied()
    }
}

impl EarlierCluster {
    fn label(&self) -> ClusterLabel<'_> {
        ClusterLabel { identity: &self.identity, file: &self.file, captured_at: self.captured_at }
    }
}

fn label_of_now(cluster: &ClusterScan) -> ClusterLabel<'_> {
    let identity = &cluster.judgement.cluster;
    ClusterLabel { identity, file: &cluster.file.name, captured_at: cluster.captured_at }
}

impl FrameworkSince {
    fn of(
        result: &FrameworkResult<'_>,
        before: Option<&EarlierFramework>,
        earlier: &[Option<usize>],
    ) -> Self {
        let mut since = Self::default();
        let mut known = BTreeSet::new();
        for control in &result.controls {
            let id = &control.control.id;
            known.insert(id);
            let Some(before) = before.and_then(|framework| framework.control(id)) else {
                since.new_controls.push(id.clone());
                continue;
            };
            let pairs = control.clusters.iter().zip(earlier).enumerate();
            let change =
                |(cluster, (on, earlier)): (usize, (&super::ControlOnCluster<'_>, &Option<usize>))| {
                    let before = *before.verdicts.get(&(*earlier)?)?;
                    let changed = before != on.verdict;
                    changed.then(|| ControlChange {
                        control: id.clone(),
                        cluster,
                        before,
                        now: on.verdict,
                        is_judged: !control.rules.is_empty(),
                    })
                };
            since.changes.extend(pairs.filter_map(change));
        }
        let all = before.into_iter().flat_map(|framework| &framework.controls);
        let gone = all.filter(|control| !known.contains(&control.id)).map(|control| control.id.clone());
        since.gone_controls.extend(gone);
        since
    }

    /// How many controls changed.
    pub fn controls(&self) -> usize {
        self.changes.iter().map(|change| &change.control).collect::<BTreeSet<_>>().len()
    }
}
