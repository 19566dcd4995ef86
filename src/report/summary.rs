//! What a scan amounts to: how many findings of which severity, and what was not judged and why.

use super::{Report, UNNAMED};
use crate::engine::{Configured, Finding, Judgement, Outcome, RuleIndex, Standing};
use crate::rule::Severity;
use crate::snapshot::{Unknown, UnknownKind, section};
use crate::source::InputKind;
use crate::value::AlertFate;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// How many findings count, by severity, critical ones first: the order of [`Severity::ALL`]. What is worse is greater.
pub(super) type OpenCounts = [usize; Severity::ALL.len()];

/// Counts the findings that count, shown or not.
pub(super) fn open_counts(findings: &[Finding]) -> OpenCounts {
    let open = || findings.iter().filter(|finding| finding.standing == Standing::Open);
    Severity::ALL.map(|severity| open().filter(|finding| finding.severity == severity).count())
}

/// The counts of a scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Clusters that were evaluated.
    pub clusters: usize,
    /// Documents that were evaluated and hold no cluster: security groups alone, for instance.
    pub documents: usize,
    /// Inputs read.
    pub files: usize,
    /// How many inputs of each kind were read, of those that there are.
    pub inputs: BTreeMap<InputKind, usize>,
    /// Inputs in directories that are no snapshots.
    pub skipped: usize,
    /// Rules that ran.
    pub rules: usize,
    /// Findings that count, whether shown or not.
    pub findings: BTreeMap<Severity, usize>,
    /// Findings that a waiver covers.
    pub waived: usize,
    /// Findings that stand in the baseline.
    pub baseline: usize,
    /// Findings that are not severe enough to be shown.
    pub hidden: usize,
    /// Rule × cluster: nothing wrong.
    pub passed: usize,
    /// Rule × cluster: something wrong.
    pub failed: usize,
    /// Rule × cluster: something wrong, but all of it waived or in the baseline.
    pub accepted: usize,
    /// Rule × cluster: what it found, findings of stronger rules stand for.
    pub superseded: usize,
    /// Rule × cluster: does not apply.
    pub not_applicable: usize,
    /// Rule × cluster: something that decides is not known.
    pub not_evaluated: usize,
    /// Rule × cluster: the rule failed.
    pub errors: usize,
    /// Rule × cluster: a parameter has no value, so that the rule is off.
    pub needs_configuration: usize,
    /// Why rules were not evaluated, grouped by reason.
    pub reasons: Vec<NotEvaluated>,
    /// The parameters without a value, each with its rules.
    pub unset: Vec<NotEvaluated>,
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

impl NotEvaluated {
    /// Whether a parameter without a value is the reason.
    pub(super) fn needs_configuration(&self) -> bool {
        self.unknown.kind == UnknownKind::NeedsConfiguration
    }
}

impl Summary {
    pub(super) fn of(report: &Report<'_>) -> Self {
        let (unset, reasons) = reasons(report).into_iter().partition(NotEvaluated::needs_configuration);
        let (inputs, skipped) = (report.scan.inputs.len(), report.scan.skipped().count());
        let all = report.scan.clusters.len();
        let documents = report.scan.clusters.iter().filter(|cluster| !cluster.is_cluster).count();
        let mut summary = Self {
            clusters: all - documents,
            documents,
            files: inputs - skipped,
            skipped,
            rules: rules(report),
            reasons,
            unset,
            ..Self::default()
        };
        for cluster in &report.scan.clusters {
            cluster.uncollected.iter().for_each(|unknown| summary.add_uncollected(unknown));
            summary.add_outcomes(&cluster.judgement);
            summary.add_findings(&cluster.judgement.findings, report.shown);
        }
        for input in report.scan.inputs.iter().filter(|input| input.clusters > 0) {
            *summary.inputs.entry(input.holds).or_default() += 1;
        }
        summary.add_findings(&report.scan.policy_findings, report.shown);
        summary
    }

    fn add_outcomes(&mut self, judgement: &Judgement) {
        for (at, outcome) in judgement.outcomes.iter().enumerate() {
            *match outcome {
                Outcome::Off => continue,
                Outcome::Pass => &mut self.passed,
                Outcome::Fail | Outcome::Superseded if judgement.is_accepted(RuleIndex::new(at)) => {
                    &mut self.accepted
                }
                Outcome::Fail => &mut self.failed,
                Outcome::Superseded => &mut self.superseded,
                Outcome::NeedsConfiguration => &mut self.needs_configuration,
                Outcome::NotApplicable => &mut self.not_applicable,
                Outcome::NotEvaluated => &mut self.not_evaluated,
                Outcome::Error => &mut self.errors,
            } += 1;
        }
    }

    fn add_findings(&mut self, findings: &[Finding], shown: Severity) {
        for finding in findings {
            match finding.standing {
                Standing::Waived(_) => self.waived += 1,
                Standing::Baseline => self.baseline += 1,
                Standing::Open => {
                    *self.findings.entry(finding.severity).or_default() += 1;
                    self.hidden += usize::from(finding.severity < shown);
                }
            }
        }
    }

    /// How many results there are: each is a rule on a cluster.
    pub fn results(&self) -> usize {
        let found = self.failed + self.accepted + self.superseded + self.passed;
        found + self.not_applicable + self.not_evaluated + self.errors
    }

    /// Whether something was not judged that a complete scan would have judged.
    pub fn is_incomplete(&self) -> bool {
        self.has_refused_calls() || self.reasons.iter().any(|reason| reason.unknown.kind.is_incomplete())
    }

    /// Whether an answer is missing because a call was refused or failed, whether a rule needed it or not.
    fn has_refused_calls(&self) -> bool {
        !self.missing_permissions.is_empty() || !self.failed_calls.is_empty()
    }

    /// Whether something that was found before may only be out of sight, and be found again by the next scan.
    pub(super) fn may_find_again(&self) -> bool {
        self.has_refused_calls() || self.must_stay().next().is_some()
    }

    /// Why alerts of earlier scans must stay.
    pub(super) fn must_stay(&self) -> impl Iterator<Item = &NotEvaluated> {
        self.reasons.iter().filter(|reason| reason.unknown.kind.alert_fate() == AlertFate::MustStay)
    }

    /// What these inputs never tell, so that alerts close although nobody knows whether they hold.
    pub(super) fn closes_unseen(&self) -> impl Iterator<Item = &NotEvaluated> {
        self.reasons.iter().filter(|reason| reason.unknown.kind.alert_fate() == AlertFate::ClosesUnseen)
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

/// How many rules ran: those that wait for a parameter are off.
fn rules(report: &Report<'_>) -> usize {
    let is_off = |at: usize| {
        let outcome = |judgement: &Judgement| judgement.outcomes.get(at).copied();
        let off = |outcome: Option<Outcome>| outcome.is_some_and(Outcome::is_off);
        let mut clusters = report.scan.clusters.iter().peekable();
        clusters.peek().is_some() && clusters.all(|cluster| off(outcome(&cluster.judgement)))
    };
    let ran = |(at, configured): &(usize, &Configured<'_>)| configured.rule.judges_clusters() && !is_off(*at);
    report.rules.iter().enumerate().filter(ran).count()
}

/// What was not evaluated for one reason.
#[derive(Default)]
struct UnknownGroup {
    rules: BTreeSet<RuleIndex>,
    count: usize,
    clusters: BTreeSet<String>,
}

fn reasons(report: &Report<'_>) -> Vec<NotEvaluated> {
    let mut groups: BTreeMap<&Unknown, UnknownGroup> = BTreeMap::new();
    for Judgement { cluster, unknowns, .. } in report.scan.clusters.iter().map(|cluster| &cluster.judgement) {
        let cluster = cluster.unique_name().unwrap_or(Cow::Borrowed(UNNAMED));
        for ((rule, unknown), times) in unknowns {
            let group = groups.entry(unknown).or_default();
            group.rules.insert(*rule);
            group.count += times;
            if !group.clusters.contains(cluster.as_ref()) {
                group.clusters.insert(cluster.to_string());
            }
        }
    }
    let group = |(unknown, UnknownGroup { rules, count, clusters }): (&Unknown, UnknownGroup)| NotEvaluated {
        unknown: unknown.clone(),
        rules: rules.into_iter().map(|rule| report.rules[rule].rule.id.clone()).collect(),
        count,
        clusters: clusters.into_iter().collect(),
    };
    groups.into_iter().map(group).collect()
}
