//! After judging: which findings count, and what about waivers and the baseline needs attention.

use super::baseline::{Baseline, KnownFile, KnownFindings};
use super::config::Config;
use super::coverage::ScanCoverage;
use super::waiver::{WaiverProblem, Waivers};
use super::waiver_info::WaiverInfo;
use crate::engine::{Configured, Finding, FindingFix, Fingerprint, Resource, RuleIndex, RuleTrace, Standing};
use crate::rule::policy_rules::BASELINE_ENTRY_UNUSED;
use crate::scan::{ClusterScan, Scan, sort_findings};
use crate::value::location::{Excerpt, SourceFile};
use crate::value::position::{LineIndex, LineSpan};
use crate::value::{Location, Pointer};
use chrono::NaiveDate;
use std::sync::Arc;

/// What a scan is reviewed by.
#[derive(Debug)]
pub struct Reviewer<'a> {
    /// The rules that ran; findings name them by position.
    pub rules: &'a [Configured<'a>],
    /// The configuration.
    pub config: &'a Config,
    /// The baseline: its file, its text, and what is in it.
    pub baseline: Option<&'a KnownFile>,
    /// The day to take as today.
    pub today: NaiveDate,
    /// Whether the inputs are all there is: what is not among them is gone.
    pub whole: bool,
    /// Whether the lines of what needs attention are wanted.
    pub excerpts: bool,
}

/// What a review gave.
#[derive(Debug, Default)]
pub struct Review {
    /// What each waiver says about itself.
    pub waivers: Vec<WaiverInfo>,
    /// The entries of the baseline that are no longer found, by position.
    pub unused: Vec<usize>,
    /// What needs attention in the configuration and in the baseline, file by file.
    pub findings: Vec<Finding>,
}

impl Reviewer<'_> {
    /// Gives each finding its standing, and says what needs attention.
    pub fn review(&self, scan: &mut Scan) -> Review {
        let mut waivers = Waivers::new(&self.config.waivers, self.today);
        let mut known = self.baseline.map(|file| KnownFindings::new(&file.baseline, scan));
        for ClusterScan { judgement, traces, .. } in &mut scan.clusters {
            let traced = traces.iter_mut().flat_map(RuleTrace::findings_mut);
            for finding in judgement.findings.iter_mut().chain(traced) {
                let is_known = known.as_mut().is_some_and(|known| known.has(finding, &judgement.cluster));
                let rule = self.rules[finding.rule].rule;
                finding.standing = match waivers.standing(finding, &judgement.cluster, rule) {
                    Standing::Open if is_known => Standing::Baseline,
                    standing => standing,
                };
            }
        }
        let scope = ScanCoverage::new(scan, self.rules, self.whole);
        let problems = waivers.problems(&scope);
        let unused = known.map(|known| known.unused(&scope)).unwrap_or_default();
        let name = self.config.name();
        let waivers = self.config.waivers.iter().map(|waiver| waiver.info(&name)).collect();
        let findings = [self.about_waivers(&name, &problems), self.about_baseline(&unused)].concat();
        Review { waivers, unused, findings }
    }

    fn about_waivers(&self, name: &str, problems: &[WaiverProblem]) -> Vec<Finding> {
        let file = PolicyFile::new(name, &self.config.text, self.excerpts);
        let finding = |problem: &WaiverProblem| {
            let resource = Resource {
                kind: "waiver",
                title: "waiver",
                name: Some(problem.waiver.position().to_string().into()),
                arn: None,
                address: None,
                position: Some(problem.waiver.position()),
            };
            let fingerprint = Fingerprint::of(&[problem.rule, &problem.message]);
            let location = file.location(problem.pointer.clone(), problem.region);
            self.finding(problem.rule, &problem.message, resource, location, fingerprint)
        };
        in_order(problems.iter().filter_map(finding).collect())
    }

    fn about_baseline(&self, unused: &[usize]) -> Vec<Finding> {
        let Some(known) = self.baseline else { return Vec::new() };
        let file = PolicyFile::new(&known.name, &known.text, self.excerpts);
        let finding = |at: &usize| {
            let entry = &known.baseline.entries[*at];
            let message = format!("{} is no longer found on {} at {}", entry.rule, entry.cluster, entry.at);
            let resource = Resource {
                kind: "entry",
                title: "entry",
                name: Some(entry.fingerprint.to_string().into()),
                arn: None,
                address: None,
                position: Some(*at),
            };
            let fingerprint = Fingerprint::of(&[BASELINE_ENTRY_UNUSED, &entry.fingerprint.to_string()]);
            let location = file.location(Pointer::root(), file.line(Baseline::line_of(*at)));
            self.finding(BASELINE_ENTRY_UNUSED, &message, resource, location, fingerprint)
        };
        in_order(unused.iter().filter_map(finding).collect())
    }

    /// A finding of one of the policy's own rules; none if that rule does not run.
    fn finding(
        &self,
        rule: &str,
        message: &str,
        resource: Resource,
        primary: Location,
        fingerprint: Fingerprint,
    ) -> Option<Finding> {
        let rule = RuleIndex::new(self.rules.iter().position(|configured| configured.rule.id == rule)?);
        let settings = self.rules[rule].settings;
        settings.enabled.then(|| Finding {
            rule,
            severity: settings.severity,
            standing: Standing::Open,
            message: message.into(),
            resource: Arc::new(resource),
            primary,
            related: Box::default(),
            fix: FindingFix::Words,
            fingerprint,
        })
    }
}

fn in_order(mut findings: Vec<Finding>) -> Vec<Finding> {
    sort_findings(&mut findings);
    findings
}

/// The configuration or the baseline, as a file that findings lie in.
struct PolicyFile<'t> {
    file: Arc<SourceFile>,
    text: &'t str,
    lines: LineIndex<'t>,
    excerpts: bool,
}

impl<'t> PolicyFile<'t> {
    fn new(name: &str, text: &'t str, excerpts: bool) -> Self {
        Self { file: Arc::new(SourceFile::new(name)), text, lines: LineIndex::new(text), excerpts }
    }

    fn line(&self, line: u32) -> LineSpan {
        self.lines.region(&self.lines.line(line))
    }

    fn location(&self, pointer: Pointer, span: LineSpan) -> Location {
        let excerpt = || Box::new(Excerpt::new(self.text, &self.lines, &self.lines.range(span), &[]));
        let excerpt = self.excerpts.then(excerpt);
        Location { span, excerpt, ..Location::new(Arc::clone(&self.file), pointer) }
    }
}
