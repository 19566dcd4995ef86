//! Which findings the waivers of the configuration cover, and which waivers need attention: expired
//! ones, ones without a reason, and ones that cover nothing.

use super::config::{WaivedClusters, Waiver};
use super::coverage::ScanCoverage;
use super::waiver_info::WaiverInfo;
use crate::engine::{Finding, Resource, Standing, WaiverIndex};
use crate::rule::Rule;
use crate::rule::policy_rules::{WAIVER_EXPIRED, WAIVER_UNUSED, WAIVER_WITHOUT_REASON};
use crate::snapshot::Identity;
use crate::value::Pointer;
use crate::value::position::LineSpan;
use chrono::NaiveDate;
use globset::GlobMatcher;
use std::collections::BTreeSet;

/// Something about a waiver that needs attention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WaiverProblem {
    /// The rule of [`crate::rule::policy_rules`].
    pub(super) rule: &'static str,
    /// What is wrong.
    pub(super) message: String,
    /// Which waiver, by position.
    pub(super) waiver: WaiverIndex,
    /// The place, as a pointer into the configuration.
    pub(super) pointer: Pointer,
    /// Where that is.
    pub(super) region: LineSpan,
}

/// The waivers of a configuration, on one day.
#[derive(Debug)]
pub(super) struct Waivers<'c> {
    waivers: &'c [Waiver],
    today: NaiveDate,
    /// Whether each covers a finding.
    used: Vec<bool>,
}

impl<'c> Waivers<'c> {
    pub(super) fn new(waivers: &'c [Waiver], today: NaiveDate) -> Self {
        Self { waivers, today, used: vec![false; waivers.len()] }
    }

    /// The standing of a finding that counts otherwise. The first waiver that covers it counts; all
    /// that do are of use.
    pub(super) fn standing(&mut self, finding: &Finding, cluster: &Identity, rule: &Rule) -> Standing {
        let mut standing = Standing::Open;
        for (at, waiver) in self.waivers.iter().enumerate() {
            if waiver.holds(self.today) && waiver.covers(finding, cluster, rule) {
                self.used[at] = true;
                if standing == Standing::Open {
                    standing = Standing::Waived(WaiverIndex::new(at));
                }
            }
        }
        standing
    }

    /// What needs attention, after every finding has its standing.
    pub(super) fn problems(&self, scope: &ScanCoverage<'_>) -> Vec<WaiverProblem> {
        let each = self.waivers.iter().enumerate();
        each.filter_map(|(at, waiver)| self.problem_with(at, waiver, scope)).collect()
    }

    fn problem_with(&self, at: usize, waiver: &Waiver, scope: &ScanCoverage<'_>) -> Option<WaiverProblem> {
        let place = Pointer::root().key("waiver").index(at);
        let problem = |rule, message, pointer, region| {
            Some(WaiverProblem { rule, message, waiver: WaiverIndex::new(at), pointer, region })
        };
        let what = waiver.in_words();
        if !waiver.has_reason() {
            let region = waiver.reason.as_ref().map_or(waiver.region, |reason| reason.region);
            return problem(WAIVER_WITHOUT_REASON, format!("{what} gives no reason"), place, region);
        }
        if let Some(last) = waiver.expires.as_ref().filter(|last| last.value < self.today) {
            let message = format!("{what} expired on {}", last.value);
            return problem(WAIVER_EXPIRED, message, place.key("expires"), last.region);
        }
        let unused = !self.used[at] && waiver.is_unused(scope);
        if unused {
            let not_seen = scope.clusters().not_there(waiver);
            let why = not_seen.map_or_else(String::new, |not_seen| format!(": {}", not_seen.why));
            problem(WAIVER_UNUSED, format!("{what} covers no finding{why}"), place, waiver.region)
        } else {
            None
        }
    }
}

/// Globs as they are written.
fn texts<'g>(globs: impl Iterator<Item = &'g GlobMatcher>) -> BTreeSet<String> {
    globs.map(|glob| glob.glob().glob().to_owned()).collect()
}

impl Waiver {
    /// Whether it holds on a day: it says why, and its last day is not over.
    fn holds(&self, today: NaiveDate) -> bool {
        self.has_reason() && self.expires.as_ref().is_none_or(|last| last.value >= today)
    }

    fn covers(&self, finding: &Finding, cluster: &Identity, rule: &Rule) -> bool {
        self.is_for_rule(rule) && self.is_for_cluster(cluster) && self.is_for_resource(&finding.resource)
    }

    fn is_for_rule(&self, rule: &Rule) -> bool {
        self.rules.iter().any(|pattern| pattern.value.fits(rule))
    }

    /// Whether another one is written for the same rules, clusters and resources.
    pub fn is_for_the_same(&self, other: &Self) -> bool {
        let rules = |waiver: &Self| -> BTreeSet<String> {
            waiver.rules.iter().map(|pattern| pattern.value.text().to_owned()).collect()
        };
        let clusters = |waiver: &Self| match &waiver.clusters {
            None => Some(BTreeSet::new()),
            Some(WaivedClusters::NameOrArn(globs)) => Some(texts(globs.iter())),
            Some(WaivedClusters::Selected(_)) => None,
        };
        let resources = |waiver: &Self| texts(waiver.resources.iter());
        rules(self) == rules(other)
            && clusters(self).is_some_and(|own| clusters(other) == Some(own))
            && resources(self) == resources(other)
    }

    /// Whether it is meant for a cluster.
    pub(super) fn is_for_cluster(&self, cluster: &Identity) -> bool {
        match &self.clusters {
            None => true,
            Some(WaivedClusters::Selected(selector)) => selector.fits(cluster),
            Some(WaivedClusters::NameOrArn(globs)) => {
                // Without a name it is known by its address, whatever people call it.
                let template = cluster.template.as_ref().filter(|_| cluster.literal_name().is_none());
                let address = template.and_then(|template| template.address.as_ref());
                let names = [cluster.name.as_ref(), cluster.arn.as_ref(), address];
                names.into_iter().flatten().any(|name| globs.iter().any(|glob| glob.is_match(name)))
            }
        }
    }

    fn is_for_resource(&self, resource: &Resource) -> bool {
        if self.resources.is_empty() {
            return true;
        }
        let named = resource.in_words();
        let others = [&resource.arn, &resource.address].into_iter().filter_map(|name| name.as_deref());
        let mut names = std::iter::once(named.as_str()).chain(others);
        // In an address, brackets are no set of characters: `aws_eks_node_group.this["blue"]`.
        let is_meant = |glob: &GlobMatcher, name: &str| glob.is_match(name) || glob.glob().glob() == name;
        names.any(|name| self.resources.iter().any(|glob| is_meant(glob, name)))
    }

    /// Whether it is known that it covers nothing: for each of its patterns rules ran, and all of them
    /// could be evaluated on all its clusters.
    fn is_unused(&self, scope: &ScanCoverage<'_>) -> bool {
        self.rules.iter().all(|pattern| {
            let mut rules = scope.rules().filter(|rule| pattern.value.fits(rule)).peekable();
            let any = rules.peek().is_some();
            any && rules.all(|rule| scope.is_known(&rule.id, |cluster| self.is_for_cluster(cluster)))
        })
    }

    /// `the waiver of endpoint-open-to-internet`
    fn in_words(&self) -> String {
        let rules: Vec<_> = self.rules.iter().map(|pattern| pattern.value.text()).collect();
        format!("the waiver of {}", rules.join(", "))
    }

    /// What it says about itself.
    pub(super) fn info(&self, file: &str) -> WaiverInfo {
        WaiverInfo {
            reason: self.reason.as_ref().map(|reason| reason.value.trim().to_owned()).unwrap_or_default(),
            owner: self.owner.clone(),
            approved_by: self.approved_by.clone(),
            ticket: self.ticket.clone(),
            expires: self.expires.as_ref().map(|last| last.value),
            file: file.to_owned(),
            line: self.region.start_line,
        }
    }
}
