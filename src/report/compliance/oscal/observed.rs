//! What rules say on clusters, each once: several controls may rest on it.

use crate::compliance::{FrameworkResult, RuleEvidence};
use crate::engine::RuleIndex;
use crate::report::Report;
use crate::report::compliance::shown::{ShownEvidence, of_rule};
use crate::scan::ClusterScan;
use std::collections::BTreeMap;

/// What a rule says on a cluster.
pub(super) struct Observed<'a> {
    /// The position of the cluster.
    pub(super) at: usize,
    pub(super) cluster: &'a ClusterScan,
    pub(super) evidence: ShownEvidence<'a>,
    /// The controls that rest on it.
    pub(super) controls: Vec<&'a str>,
}

/// All that rules say, cluster by cluster.
pub(super) fn observed<'a>(report: &Report<'a>, result: &FrameworkResult<'a>) -> Vec<Observed<'a>> {
    let mut found: BTreeMap<(usize, RuleIndex), (&'a ClusterScan, &RuleEvidence<'a>, Vec<&'a str>)> =
        BTreeMap::new();
    for control in &result.controls {
        for (at, on) in control.clusters.iter().enumerate() {
            for evidence in &on.evidence {
                let new = || (on.cluster, evidence, Vec::new());
                let (_, _, controls) = found.entry((at, evidence.rule)).or_insert_with(new);
                controls.push(control.control.id.as_str());
            }
        }
    }
    let shown = |((at, _), (cluster, evidence, controls))| Observed {
        at,
        cluster,
        evidence: of_rule(report, cluster, evidence),
        controls,
    };
    found.into_iter().map(shown).collect()
}
