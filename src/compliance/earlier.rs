//! An older state: what became of the controls then.

use super::{ControlVerdict, FrameworkResult};
use crate::policy::ParameterInForce;
use crate::scan::Scan;
use crate::snapshot::Identity;
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use std::collections::BTreeMap;

/// What became of the controls at another time.
#[derive(Clone, Debug)]
pub struct EarlierState {
    /// What it was read from.
    pub source: String,
    /// How it became known.
    pub origin: EarlierOrigin,
    /// Whether everything was read: a cluster that is not there may have been there otherwise.
    pub is_complete: bool,
    /// The clusters.
    pub clusters: Vec<EarlierCluster>,
    /// The frameworks, with what became of their controls.
    pub frameworks: Vec<EarlierFramework>,
}

/// How an older state became known.
#[derive(Clone, Debug)]
pub enum EarlierOrigin {
    /// A report says it.
    Report {
        /// The day that was its today.
        as_of: NaiveDate,
        /// The SHA-256 of its rules.
        rules_digest: String,
        /// The values of its parameters.
        parameters: Vec<EarlierParameter>,
    },
    /// Snapshots or templates, judged by the rules, the parameters and the day of now.
    Judged,
}

/// A cluster of an older state.
#[derive(Clone, Debug)]
pub struct EarlierCluster {
    /// Which it is.
    pub identity: Identity,
    /// The file that described it.
    pub file: String,
    /// When it was read, if that is known.
    pub captured_at: Option<DateTime<Utc>>,
}

/// A framework of an older state.
#[derive(Clone, Debug)]
pub struct EarlierFramework {
    /// Its id.
    pub id: String,
    /// Its controls, in their order.
    pub controls: Vec<EarlierControl>,
}

/// A control of an older state.
#[derive(Clone, Debug)]
pub struct EarlierControl {
    /// Its number.
    pub id: String,
    /// What became of it, by the position of the cluster.
    pub verdicts: BTreeMap<usize, ControlVerdict>,
}

/// The value of a parameter in an older state.
#[derive(Clone, Debug, PartialEq)]
pub struct EarlierParameter {
    /// The rule.
    pub rule: String,
    /// The parameter.
    pub name: String,
    /// Its value, if it was set.
    pub value: Option<Value>,
    /// The `[[cluster]]` of the configuration that it was for, by position.
    pub cluster: Option<usize>,
}

impl EarlierState {
    /// A state that was judged like the one of now.
    pub fn judged(source: String, scan: &Scan, results: &[FrameworkResult<'_>], is_complete: bool) -> Self {
        let cluster = |cluster: &crate::scan::ClusterScan| EarlierCluster {
            identity: (*cluster.judgement.cluster).clone(),
            file: cluster.file.name.clone(),
            captured_at: cluster.captured_at,
        };
        Self {
            source,
            origin: EarlierOrigin::Judged,
            is_complete,
            clusters: scan.clusters.iter().map(cluster).collect(),
            frameworks: results.iter().map(EarlierFramework::of).collect(),
        }
    }

    /// Forgets clusters that are not asked for.
    pub fn retain(&mut self, keep: impl Fn(&EarlierCluster) -> bool) {
        let kept: Vec<_> = self.clusters.iter().map(keep).collect();
        let positions: BTreeMap<usize, usize> =
            (0..kept.len()).filter(|at| kept[*at]).enumerate().map(|(new, old)| (old, new)).collect();
        for control in self.frameworks.iter_mut().flat_map(|framework| &mut framework.controls) {
            let verdicts = std::mem::take(&mut control.verdicts).into_iter();
            control.verdicts =
                verdicts.filter_map(|(at, verdict)| Some((*positions.get(&at)?, verdict))).collect();
        }
        let mut kept = kept.into_iter();
        self.clusters.retain(|_| kept.next().unwrap_or_default());
    }

    /// The framework of that id.
    pub fn framework(&self, id: &str) -> Option<&EarlierFramework> {
        self.frameworks.iter().find(|framework| framework.id == id)
    }

    /// The days that it is of, the first and the last: that of the report, else those on which clusters were read.
    pub fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        if let EarlierOrigin::Report { as_of, .. } = self.origin {
            return Some((as_of, as_of));
        }
        let days = || self.clusters.iter().filter_map(|cluster| Some(cluster.captured_at?.date_naive()));
        Some((days().min()?, days().max()?))
    }

    /// The parameters that have other values now, as `RULE.NAME`. Where it was judged like now there are none.
    pub fn other_parameters(&self, now: &[ParameterInForce]) -> Vec<String> {
        let EarlierOrigin::Report { parameters, .. } = &self.origin else { return Vec::new() };
        let key =
            |rule: &str, name: &str, cluster: Option<usize>| (rule.to_owned(), name.to_owned(), cluster);
        let before: BTreeMap<_, _> = parameters
            .iter()
            .map(|one| (key(&one.rule, &one.name, one.cluster), one.value.as_ref()))
            .collect();
        let now: BTreeMap<_, _> =
            now.iter().map(|one| (key(&one.rule, &one.name, one.cluster), one.value.as_ref())).collect();
        // A rule that only one of both has, has no other parameters.
        let is_shared = |rule: &String, name: &String| {
            let own = key(rule, name, None);
            before.contains_key(&own) && now.contains_key(&own)
        };
        let all = before.keys().chain(now.keys());
        let other = all.filter(|key| is_shared(&key.0, &key.1) && before.get(*key) != now.get(*key));
        let mut names: Vec<_> = other.map(|(rule, name, _)| format!("{rule}.{name}")).collect();
        names.sort();
        names.dedup();
        names
    }
}

impl EarlierFramework {
    fn of(result: &FrameworkResult<'_>) -> Self {
        let control = |control: &super::ControlResult<'_>| EarlierControl {
            id: control.control.id.clone(),
            verdicts: control.clusters.iter().map(|on| on.verdict).enumerate().collect(),
        };
        Self { id: result.framework.id.clone(), controls: result.controls.iter().map(control).collect() }
    }

    /// The control of that number.
    pub fn control(&self, id: &str) -> Option<&EarlierControl> {
        self.controls.iter().find(|control| control.id == id)
    }
}
