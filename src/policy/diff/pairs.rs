//! Which snapshot of NEW is the same cluster as which one of OLD: by ARN, else by name. In which
//! file it is makes no difference.

use crate::scan::{ClusterScan, Scan};
use std::collections::HashMap;
use std::path::Path;

/// A cluster of one side, and where to read its snapshot again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Doc {
    /// The input, by position.
    pub(super) file: usize,
    /// Which of the snapshots in it.
    pub(super) snapshot: usize,
    /// Its position among the clusters of the scan.
    cluster: usize,
}

/// A cluster on both sides, as far as it is there. Where it is in several files of a side, a
/// snapshot of the other may be the counterpart of several: it is then compared for their sake only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    /// In OLD and in NEW.
    pub(super) docs: [Option<Doc>; 2],
    /// Whether what is only in OLD, and what is only in NEW, counts here.
    pub(super) counts: [bool; 2],
}

impl Doc {
    /// What judging it gave.
    pub(super) fn of(self, scan: &Scan) -> Option<&ClusterScan> {
        scan.clusters.get(self.cluster)
    }
}

/// The snapshots of one cluster, of OLD and of NEW.
#[derive(Default)]
struct ClusterGroup {
    docs: [Vec<Doc>; 2],
}

/// All clusters: those of NEW in their order, then those that are only in OLD.
pub(super) fn pairs(scans: [&Scan; 2]) -> Vec<Pair> {
    let arns = arns(scans);
    let mut groups: Vec<ClusterGroup> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for side in [1, 0] {
        for (doc, cluster) in docs(scans[side]) {
            let key = key(cluster, &arns);
            let at = *known.entry(key).or_insert(groups.len());
            if at == groups.len() {
                groups.push(ClusterGroup::default());
            }
            groups[at].docs[side].push(doc);
        }
    }
    groups.into_iter().flat_map(|group| group.pairs(scans)).collect()
}

/// All clusters of a scan.
fn docs(scan: &Scan) -> impl Iterator<Item = (Doc, &ClusterScan)> {
    let inputs = scan.inputs.iter().enumerate();
    let files = inputs.flat_map(|(file, input)| std::iter::repeat_n(file, input.clusters));
    let numbered = files.zip(scan.clusters.iter().enumerate());
    numbered.map(|(file, (cluster, found))| (Doc { file, snapshot: found.position, cluster }, found))
}

/// The ARN of each name, unless several clusters are called so.
fn arns<'s>(scans: [&'s Scan; 2]) -> HashMap<&'s str, Option<&'s str>> {
    let mut arns: HashMap<&'s str, Option<&'s str>> = HashMap::new();
    for cluster in scans.into_iter().flat_map(|scan| &scan.clusters) {
        let cluster = &cluster.judgement.cluster;
        if let (Some(name), Some(arn)) = (cluster.name.as_deref(), cluster.arn.as_deref()) {
            let known = arns.entry(name).or_insert(Some(arn));
            *known = known.filter(|known| *known == arn);
        }
    }
    arns
}

/// What snapshots of the same cluster have in common.
fn key(ClusterScan { file, judgement, .. }: &ClusterScan, arns: &HashMap<&str, Option<&str>>) -> String {
    let cluster = &judgement.cluster;
    let named = |name: &String| arns.get(name.as_str()).copied().flatten().map(str::to_owned);
    match (&cluster.arn, &cluster.name) {
        (Some(arn), _) => arn.clone(),
        (None, Some(name)) => named(name).unwrap_or_else(|| format!("name {name}")),
        (None, None) => format!("file {}", base(&file.name)),
    }
}

/// The name of a file without its folders.
fn base(file: &str) -> String {
    let name = Path::new(file).file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

impl ClusterGroup {
    /// One with the other in the order of the names of their files.
    fn pairs(mut self, scans: [&Scan; 2]) -> Vec<Pair> {
        for (docs, scan) in self.docs.iter_mut().zip(scans) {
            docs.sort_by_cached_key(|doc| (doc.of(scan).map(|cluster| base(&cluster.file.name)), *doc));
        }
        let longest = self.docs.iter().map(Vec::len).max().unwrap_or_default();
        let pair = |at: usize| {
            let doc = |side: usize| self.docs[side].get(at).or(self.docs[side].last()).copied();
            let counts = |side: usize| at < self.docs[side].len();
            Pair { docs: [doc(0), doc(1)], counts: [counts(0), counts(1)] }
        };
        (0..longest).map(pair).collect()
    }
}
