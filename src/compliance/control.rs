//! What becomes of a control: on each cluster, and over all.

use super::{Assessor, ControlTally, ControlVerdict, RuleEvidence};
use crate::engine::{Finding, RuleIndex, Standing};
use crate::rule::framework::{Control, ControlKind, Framework};
use crate::scan::ClusterScan;

/// What becomes of the controls of a framework.
#[derive(Clone, Debug)]
pub struct FrameworkResult<'a> {
    /// The framework.
    pub framework: &'a Framework,
    /// All its controls, in their order.
    pub controls: Vec<ControlResult<'a>>,
}

/// What becomes of a control.
#[derive(Clone, Debug)]
pub struct ControlResult<'a> {
    /// The control.
    pub control: &'a Control,
    /// The rules that judge it.
    pub rules: Vec<RuleIndex>,
    /// What becomes of it on each cluster, in their order.
    pub clusters: Vec<ControlOnCluster<'a>>,
}

/// What becomes of a control on a cluster.
#[derive(Clone, Debug)]
pub struct ControlOnCluster<'a> {
    /// The cluster.
    pub cluster: &'a ClusterScan,
    /// What becomes of it.
    pub verdict: ControlVerdict,
    /// What its rules say.
    pub evidence: Vec<RuleEvidence<'a>>,
}

impl<'a> Assessor<'a> {
    /// What becomes of a control.
    pub(super) fn control(&self, framework: &Framework, control: &'a Control) -> ControlResult<'a> {
        let judges = |(at, configured): (usize, &crate::engine::Configured<'_>)| {
            framework.is_judged_by(control, configured.rule).then(|| RuleIndex::new(at))
        };
        let rules: Vec<_> = self.rules.iter().enumerate().filter_map(judges).collect();
        let on_cluster = |cluster: &'a ClusterScan| {
            let evidence: Vec<_> = rules.iter().map(|rule| self.evidence(*rule, cluster)).collect();
            ControlOnCluster { cluster, verdict: verdict(control, &evidence), evidence }
        };
        let clusters = self.scan.clusters.iter().map(on_cluster).collect();
        ControlResult { control, rules, clusters }
    }
}

/// What becomes of a control of which rules say this. Where a person has to look at the rest of it, it does not pass.
fn verdict(control: &Control, evidence: &[RuleEvidence<'_>]) -> ControlVerdict {
    let said = evidence.iter().map(|evidence| evidence.says.verdict).max();
    match said {
        None => ControlVerdict::Manual,
        Some(said) if control.kind == ControlKind::Automated => said,
        Some(said) => said.max(ControlVerdict::Manual),
    }
}

impl ControlResult<'_> {
    /// The greatest over all clusters. Without clusters a person has to look.
    pub fn verdict(&self) -> ControlVerdict {
        self.clusters.iter().map(|on| on.verdict).max().unwrap_or(ControlVerdict::Manual)
    }

    /// Whether a rule could judge it, and there is none yet.
    pub fn has_no_rule_yet(&self) -> bool {
        self.rules.is_empty() && self.control.kind != ControlKind::Manual
    }

    /// On how many clusters that became of it.
    pub fn count(&self, verdict: ControlVerdict) -> usize {
        self.clusters.iter().filter(|on| on.verdict == verdict).count()
    }

    /// Whether it failed, and everywhere for what stands in the baseline only.
    pub fn is_only_in_baseline(&self) -> bool {
        let mut failed = self.clusters.iter().filter(|on| on.verdict == ControlVerdict::Failed).peekable();
        failed.peek().is_some() && failed.all(ControlOnCluster::is_only_in_baseline)
    }

    /// The first cluster with the verdict that counts.
    pub fn worst(&self) -> Option<&ControlOnCluster<'_>> {
        let verdict = self.verdict();
        self.clusters.iter().find(|on| on.verdict == verdict)
    }
}

impl<'a> ControlOnCluster<'a> {
    /// Whether it failed for what stands in the baseline only.
    pub fn is_only_in_baseline(&self) -> bool {
        let mut failed =
            self.evidence.iter().filter(|one| one.says.verdict == ControlVerdict::Failed).peekable();
        failed.peek().is_some() && failed.all(|one| one.says.only_in_baseline)
    }

    /// What its rules found, each finding once, the worst first: those first that make the control fail.
    pub fn findings(&self) -> Vec<&'a Finding> {
        let mut findings: Vec<&Finding> = Vec::new();
        for finding in self.evidence.iter().flat_map(|one| &one.says.findings) {
            if !findings.iter().any(|known| std::ptr::eq(*known, *finding)) {
                findings.push(finding);
            }
        }
        let accepted = |finding: &Finding| matches!(finding.standing, Standing::Waived(_));
        findings.sort_by(|a, b| accepted(a).cmp(&accepted(b)).then_with(|| a.cmp_in_report(b)));
        findings
    }
}

impl FrameworkResult<'_> {
    /// How many of its controls became what.
    pub fn tally(&self) -> ControlTally {
        ControlTally::of(self.controls.iter().map(ControlResult::verdict))
    }
}
