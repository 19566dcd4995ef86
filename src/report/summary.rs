//! What a scan amounts to: how many findings of which severity, and what was not judged and why.

use super::Report;
use crate::engine::Outcome;
use crate::rule::Severity;
use crate::snapshot::{Unknown, UnknownKind, section};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The counts of a scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Snapshots judged.
    pub clusters: usize,
    /// Inputs read.
    pub files: usize,
    /// Inputs in directories that are no snapshots.
    pub skipped: usize,
    /// Rules that ran.
    pub rules: usize,
    /// Findings, whether shown or not.
    pub findings: BTreeMap<Severity, usize>,
    /// Findings that are not severe enough to be shown.
    pub hidden: usize,
    /// Rule × cluster: nothing wrong.
    pub passed: usize,
    /// Rule × cluster: something wrong.
    pub failed: usize,
    /// Rule × cluster: does not apply.
    pub not_applicable: usize,
    /// Rule × cluster: something that decides is not known.
    pub not_evaluated: usize,
    /// Rule × cluster: the rule failed.
    pub errors: usize,
    /// Why rules were not evaluated, grouped by reason.
    pub reasons: Vec<NotEvaluated>,
    /// IAM actions that AWS refused, and how many answers are missing for that.
    pub missing_permissions: BTreeMap<String, usize>,
    /// API calls that failed otherwise, and how many answers are missing for that.
    pub failed_calls: BTreeMap<String, usize>,
}

/// A reason for which rules were not evaluated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotEvaluated {
    /// The reason.
    #[serde(flatten)]
    pub unknown: Unknown,
    /// The rules, by id.
    pub rules: Vec<String>,
    /// How many rules on how many resources.
    pub count: usize,
    /// The clusters, by ARN or name.
    pub clusters: Vec<String>,
}

impl Summary {
    pub(super) fn of(report: &Report<'_>) -> Self {
        let mut summary = Self {
            files: report.scan.files.iter().filter(|file| file.skipped.is_none()).count(),
            skipped: report.scan.files.iter().filter(|file| file.skipped.is_some()).count(),
            rules: report.rules.len(),
            reasons: reasons(report),
            ..Self::default()
        };
        for (_, snapshot) in report.scan.snapshots() {
            summary.clusters += 1;
            snapshot.uncollected.iter().for_each(|unknown| summary.add_uncollected(unknown));
            for outcome in &snapshot.outcomes {
                *match outcome {
                    Outcome::Pass => &mut summary.passed,
                    Outcome::Fail => &mut summary.failed,
                    Outcome::NotApplicable => &mut summary.not_applicable,
                    Outcome::NotEvaluated => &mut summary.not_evaluated,
                    Outcome::Error => &mut summary.errors,
                } += 1;
            }
            for finding in &snapshot.findings {
                let severity = report.rules[finding.rule].rule.severity;
                *summary.findings.entry(severity).or_default() += 1;
                summary.hidden += usize::from(severity < report.shown);
            }
        }
        summary
    }

    /// Whether something was not judged that a complete scan would have judged.
    pub fn is_incomplete(&self) -> bool {
        let calls = self.missing_permissions.len() + self.failed_calls.len();
        calls > 0 || self.reasons.iter().any(|reason| reason.unknown.kind.is_incomplete())
    }

    /// Counts an answer that is missing, whether a rule needed it or not. What could not be asked for,
    /// because another answer is missing, is not counted again.
    fn add_uncollected(&mut self, unknown: &Unknown) {
        let place = unknown.at.split('/').nth(1).and_then(section::by_name);
        if unknown.api.as_deref().and_then(section::by_call) != place {
            return;
        }
        let (calls, name) = match unknown.kind {
            UnknownKind::Denied => (&mut self.missing_permissions, &unknown.action),
            UnknownKind::Error => (&mut self.failed_calls, &unknown.api),
            _ => return,
        };
        if let Some(name) = name {
            *calls.entry(name.clone()).or_default() += 1;
        }
    }

    /// The worst severity found.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.keys().next_back().copied()
    }
}

fn reasons(report: &Report<'_>) -> Vec<NotEvaluated> {
    let mut groups: BTreeMap<&Unknown, (BTreeSet<usize>, usize, BTreeSet<&str>)> = BTreeMap::new();
    for (_, snapshot) in report.scan.snapshots() {
        let cluster = &snapshot.cluster;
        let cluster = cluster.arn.as_deref().or(cluster.name.as_deref()).unwrap_or("unnamed cluster");
        for ((rule, unknown), times) in &snapshot.unknowns {
            let (rules, count, clusters) = groups.entry(unknown).or_default();
            rules.insert(*rule);
            *count += times;
            clusters.insert(cluster);
        }
    }
    let group =
        |(unknown, (rules, count, clusters)): (&Unknown, (BTreeSet<usize>, usize, BTreeSet<&str>))| {
            NotEvaluated {
                unknown: unknown.clone(),
                rules: rules.into_iter().map(|rule| report.rules[rule].rule.id.clone()).collect(),
                count,
                clusters: clusters.into_iter().map(str::to_owned).collect(),
            }
        };
    groups.into_iter().map(group).collect()
}
