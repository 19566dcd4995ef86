//! What the sections of a page are about, in their order: clusters and files of the configuration, the worst first.

use crate::engine::Outcome;
use crate::explain::Explained;
use crate::report::summary::{OpenCounts, open_counts};
use crate::report::totals::plural;
use crate::report::{FindingGroup, Report};
use crate::rule::Severity;
use crate::snapshot::Identity;
use std::cmp::Reverse;

/// Everything that a page has a section about.
pub(in crate::report) struct PageGroups<'a> {
    /// In the order of the page.
    pub(in crate::report) all: Vec<PageGroup<'a>>,
    /// By the position in the report: the position on the page.
    places: Vec<usize>,
}

/// A cluster, or a file of the configuration.
pub(in crate::report) struct PageGroup<'a> {
    pub(in crate::report) group: FindingGroup<'a>,
    /// Its number on the page, from 1.
    pub(in crate::report) number: usize,
    /// How many of its findings count, by severity.
    pub(in crate::report) counts: OpenCounts,
    /// How many rules could not be evaluated on it.
    pub(in crate::report) not_evaluated: usize,
}

impl<'a> PageGroups<'a> {
    pub(in crate::report) fn of(report: &Report<'a>) -> Self {
        let mut all: Vec<_> = report.groups().map(PageGroup::of).collect();
        all.sort_by_key(|group| Reverse(group.counts));
        let mut places = vec![0; all.len()];
        for (at, group) in all.iter_mut().enumerate() {
            group.number = at + 1;
            places[group.group.index] = at;
        }
        Self { all, places }
    }

    /// The group with a position in the report.
    pub(in crate::report) fn at(&self, index: usize) -> &PageGroup<'a> {
        &self.all[self.places[index]]
    }

    /// Those that are clusters.
    pub(in crate::report) fn clusters(&self) -> impl Iterator<Item = &PageGroup<'a>> {
        self.all.iter().filter(|group| group.group.cluster.is_some())
    }

    /// The name of the only cluster, or how many there are.
    pub(in crate::report) fn title(&self) -> String {
        let mut clusters = self.clusters();
        match (clusters.next(), clusters.count()) {
            (Some(only), 0) => only.group.title().to_owned(),
            (first, more) => plural(usize::from(first.is_some()) + more, "cluster"),
        }
    }
}

impl<'a> PageGroup<'a> {
    fn of(group: FindingGroup<'a>) -> Self {
        let outcomes = group.cluster.map_or(&[][..], |cluster| &cluster.judgement.outcomes);
        let is_unknown = |outcome: &&Outcome| matches!(outcome, Outcome::NotEvaluated | Outcome::Error);
        let not_evaluated = outcomes.iter().filter(is_unknown).count();
        Self { group, number: 0, counts: open_counts(group.findings), not_evaluated }
    }

    /// What the ids of its section begin with.
    pub(in crate::report) fn id(&self) -> String {
        format!("c{}", self.number)
    }

    /// What is understood about it.
    pub(in crate::report) fn explained(&self) -> Option<&'a Explained> {
        self.group.cluster?.explained.as_deref()
    }

    /// The counts with their severities, of those that there are.
    pub(in crate::report) fn found(&self) -> impl Iterator<Item = (Severity, usize)> {
        Severity::ALL.into_iter().zip(self.counts).filter(|(_, count)| *count > 0)
    }

    /// Where the cluster is: `ap-northeast-2 111122223333`.
    pub(in crate::report) fn place(&self) -> String {
        self.group.identity().map(Identity::place_in_words).unwrap_or_default()
    }
}
