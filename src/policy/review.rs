//! After judging: which findings count, and what about waivers and the baseline needs attention.

use super::baseline::{Baseline, Known, KnownFile};
use super::config::Config;
use super::grounds::Grounds;
use super::scope::Scope;
use super::waiver::{Attention, Waivers};
use crate::engine::{Configured, Finding, Fingerprint, Resource, Standing};
use crate::rule::policy_rules::BASELINE_ENTRY_UNUSED;
use crate::scan::{FileScan, Scan};
use crate::snapshot::Identity;
use crate::value::Pointer;
use crate::value::position::{LineIndex, Region};
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
    /// The day that counts as today.
    pub today: NaiveDate,
    /// Whether the inputs are all there is: what is not among them is gone.
    pub whole: bool,
    /// Whether the lines of what needs attention are wanted.
    pub excerpts: bool,
}

/// What a review gave.
#[derive(Debug, Default)]
pub struct Review {
    /// For each waiver, why it is.
    pub grounds: Vec<Grounds>,
    /// The entries of the baseline that are no longer found, by position.
    pub unused: Vec<usize>,
    /// The files of the configuration with what needs attention there.
    pub files: Vec<FileScan>,
}

impl Reviewer<'_> {
    /// Gives each finding its standing, and says what needs attention.
    pub fn review(&self, scan: &mut Scan) -> Review {
        let mut waivers = Waivers::new(&self.config.waivers, self.today);
        let mut known = self.baseline.map(|file| Known::new(&file.baseline));
        for finding in scan.findings_mut() {
            let is_known = known.as_mut().is_some_and(|known| known.has(finding));
            finding.standing = match waivers.standing(finding, self.rules[finding.rule].rule) {
                Standing::Open if is_known => Standing::Known,
                standing => standing,
            };
        }
        let scope = Scope::new(scan, self.rules, self.whole);
        let attention = waivers.attention(&scope);
        let unused = known.map(|known| known.unused(&scope)).unwrap_or_default();
        let name = self.config.name();
        let grounds = self.config.waivers.iter().map(|waiver| waiver.grounds(&name)).collect();
        let files = [self.about_waivers(&name, &attention), self.about_baseline(&unused)];
        Review { grounds, unused, files: files.into_iter().flatten().collect() }
    }

    fn about_waivers(&self, name: &str, attention: &[Attention]) -> Option<FileScan> {
        let finding = |one: &Attention| {
            let position = one.waiver.to_string();
            let resource = Resource {
                kind: "waiver",
                title: "waiver",
                name: Some(position.clone().into()),
                arn: None,
                position: Some(one.waiver),
            };
            let fingerprint = Fingerprint::of(&[one.rule, &one.message]);
            self.finding(one.rule, &one.message, resource, (one.pointer.clone(), one.region), fingerprint)
        };
        self.file(name, &self.config.text, attention.iter().filter_map(finding).collect())
    }

    fn about_baseline(&self, unused: &[usize]) -> Option<FileScan> {
        let file = self.baseline?;
        let index = LineIndex::new(&file.text);
        let finding = |at: &usize| {
            let entry = &file.baseline.entries[*at];
            let message = format!("{} is no longer found on {} at {}", entry.rule, entry.cluster, entry.at);
            let resource = Resource {
                kind: "entry",
                title: "entry",
                name: Some(entry.fingerprint.to_string().into()),
                arn: None,
                position: Some(*at),
            };
            let region = index.region(&index.line(Baseline::line_of(*at)));
            let fingerprint = Fingerprint::of(&[BASELINE_ENTRY_UNUSED, &entry.fingerprint.to_string()]);
            self.finding(BASELINE_ENTRY_UNUSED, &message, resource, (Pointer::root(), region), fingerprint)
        };
        self.file(&file.name, &file.text, unused.iter().filter_map(finding).collect())
    }

    fn file(&self, name: &str, text: &str, findings: Vec<Finding>) -> Option<FileScan> {
        let any = !findings.is_empty();
        any.then(|| FileScan::of_configuration(name, text, findings, self.excerpts))
    }

    /// A finding of a rule of policy_rules; none if that rule does not run.
    fn finding(
        &self,
        rule: &str,
        message: &str,
        resource: Resource,
        (pointer, region): (Pointer, Region),
        fingerprint: Fingerprint,
    ) -> Option<Finding> {
        let at = self.rules.iter().position(|configured| configured.rule.id == rule)?;
        let settings = self.rules[at].settings;
        settings.enabled.then(|| Finding {
            rule: at,
            severity: settings.severity,
            standing: Standing::Open,
            message: message.into(),
            cluster: Arc::new(Identity::default()),
            resource: Arc::new(resource),
            pointer,
            region,
            related: Box::default(),
            fix: None,
            fingerprint,
        })
    }
}
