//! Findings with what surrounds them, as outputs show them: grouped by the cluster that they are about,
//! those about the configuration by its file.

use super::{UNNAMED, cluster_name};
use crate::engine::{Configured, Finding};
use crate::rule::{Frameworks, Rule, Severity};
use crate::scan::{ClusterScan, Scan};
use crate::snapshot::Identity;
use crate::value::SourceFile;
use std::borrow::Cow;

/// What is shown together: what was found about a cluster, or in a file of the configuration.
#[derive(Clone, Copy, Debug)]
pub struct FindingGroup<'a> {
    /// Its position among the groups of the report.
    pub index: usize,
    /// The cluster; none where findings are about the configuration or the baseline.
    pub cluster: Option<&'a ClusterScan>,
    /// The file that describes the cluster, else that of the findings.
    pub file: &'a SourceFile,
    /// All its findings, shown or not.
    pub findings: &'a [Finding],
}

/// A finding with what surrounds it.
#[derive(Clone, Copy, Debug)]
pub struct FindingView<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// Its rule.
    pub rule: &'a Rule,
    /// What it is shown with.
    pub group: FindingGroup<'a>,
    /// All rules of the report.
    pub(super) rules: &'a [Configured<'a>],
}

/// The groups of a scan: clusters in their order, also those without findings, then files of the
/// configuration.
pub(super) fn groups(scan: &Scan) -> impl Iterator<Item = FindingGroup<'_>> {
    let clusters = scan.clusters.iter().map(|cluster| {
        let findings = cluster.judgement.findings.as_slice();
        (Some(cluster), cluster.file.as_ref(), findings)
    });
    let files = scan.policy_findings.chunk_by(|a, b| a.primary.file == b.primary.file);
    let files = files.filter_map(|findings| Some((None, findings.first()?.primary.file.as_ref(), findings)));
    let group = |(index, (cluster, file, findings))| FindingGroup { index, cluster, file, findings };
    clusters.chain(files).enumerate().map(group)
}

impl<'a> FindingGroup<'a> {
    /// Which cluster it is.
    pub fn identity(&self) -> Option<&'a Identity> {
        self.cluster.map(|cluster| cluster.judgement.cluster.as_ref())
    }

    /// What to call it: the cluster's name, else the file's.
    pub fn title(&self) -> &'a str {
        let is_document =
            |cluster: &ClusterScan| !cluster.is_cluster && cluster.judgement.cluster.name.is_none();
        match self.cluster {
            Some(cluster) if !is_document(cluster) => cluster_name(&cluster.judgement.cluster),
            _ => &self.file.name,
        }
    }
}

impl<'a> FindingView<'a> {
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.finding.severity
    }

    /// The rules whose findings about the same resource it stands for.
    pub fn stands_for(&self) -> impl Iterator<Item = &'a Rule> + use<'a> {
        let (finding, rules) = (self.finding, self.rules);
        let judgement = self.group.cluster.map(|cluster| &cluster.judgement);
        judgement.into_iter().flat_map(|judgement| judgement.stands_for(finding)).map(|rule| rules[rule].rule)
    }

    /// The controls of its rule, and of those that it stands for: one that is not reported is not met either.
    pub fn frameworks(&self) -> Cow<'a, Frameworks> {
        let mut all = Cow::Borrowed(self.rule.frameworks());
        for (framework, controls) in self.stands_for().flat_map(|rule| rule.frameworks()) {
            let known = all.to_mut().entry(framework.clone()).or_default();
            for control in controls {
                if !known.contains(control) {
                    known.push(control.clone());
                }
            }
        }
        all
    }

    /// The cluster that it is about.
    pub fn identity(&self) -> Option<&'a Identity> {
        self.group.identity()
    }

    /// What to call that cluster.
    pub fn cluster_name(&self) -> &'a str {
        self.identity().map_or(UNNAMED, cluster_name)
    }
}

#[cfg(test)]
mod tests;
