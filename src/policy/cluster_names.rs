//! Selectors of clusters that fit none of those that a scan saw: which cluster was probably meant.

use super::config::{Config, WaivedClusters, Waiver};
use crate::engine::ClusterSelector;
use crate::scan::Scan;
use crate::snapshot::Identity;
use crate::source::cluster_choice::hint;
use crate::text::{bounded, nearest};
use globset::GlobMatcher;
use std::collections::BTreeSet;

/// A name or ARN that no cluster has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterNotSeen {
    /// That there is none, and what may have been meant, in words.
    pub why: String,
    /// Whether it is like the name of one.
    pub is_like_one: bool,
}

/// The clusters that a scan saw.
#[derive(Clone, Debug)]
pub struct SeenClusters<'s>(Vec<&'s Identity>);

impl<'s> SeenClusters<'s> {
    /// Those of a scan.
    pub fn of(scan: &'s Scan) -> Self {
        Self(scan.clusters.iter().map(|cluster| cluster.judgement.cluster.as_ref()).collect())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Which name or ARN of a waiver no cluster has, if it covers none for that.
    pub fn not_there(&self, waiver: &Waiver) -> Option<ClusterNotSeen> {
        if self.0.iter().any(|cluster| waiver.is_for_cluster(cluster)) {
            return None;
        }
        match waiver.clusters.as_ref()? {
            WaivedClusters::NameOrArn(globs) => self.not_called(globs),
            WaivedClusters::Selected(selector) => self.not_selected(selector),
        }
    }

    /// The tables `[[cluster]]` that fit none of them, in words: the place, and which name no cluster has.
    pub fn without_cluster(&self, config: &Config) -> Vec<String> {
        let fits_none = |selector: &ClusterSelector| !self.0.iter().any(|cluster| selector.fits(cluster));
        let entries = config.clusters.iter().filter(|entry| fits_none(&entry.clusters));
        let entries = entries.map(|entry| {
            let why = self.not_selected(&entry.clusters).map(|not_seen| not_seen.why);
            let why = why.unwrap_or_else(|| "no cluster is so".to_owned());
            format!("{}:{}: [[cluster]] changes nothing: {why}", config.name(), entry.region.start_line)
        });
        if self.is_empty() { Vec::new() } else { entries.collect() }
    }

    fn not_selected(&self, selector: &ClusterSelector) -> Option<ClusterNotSeen> {
        self.not_called(&selector.name).or_else(|| self.not_called(&selector.arn))
    }

    /// The first of some globs over names or ARNs, where none of them fits, and what may have been meant.
    fn not_called(&self, globs: &[GlobMatcher]) -> Option<ClusterNotSeen> {
        let called = |cluster: &Identity| {
            let mut names = [&cluster.name, &cluster.arn].into_iter().flatten();
            names.any(|name| globs.iter().any(|glob| glob.is_match(name)))
        };
        let first = globs.first()?.glob().glob();
        if self.0.iter().any(|cluster| called(cluster)) {
            return None;
        }
        let of = |cluster: &&Identity| match first.starts_with("arn:") {
            true => cluster.arn.clone(),
            false => cluster.name.clone(),
        };
        let names: BTreeSet<String> = self.0.iter().filter_map(of).collect();
        Some(ClusterNotSeen {
            why: format!("no cluster is called `{}`{}", bounded(first), hint(first, &names)),
            is_like_one: !nearest(first, names.iter().map(String::as_str)).is_empty(),
        })
    }
}
