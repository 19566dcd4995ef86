//! Which snapshot of NEW is the same cluster as which one of OLD: by ARN, else by its address in a template, else by name.
//! In which file it is makes no difference.

use crate::scan::{ClusterScan, Scan};
use crate::snapshot::{Identity, TemplateAddress};
use std::collections::{HashMap, HashSet};
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
    let names = PairNames::of(scans);
    let mut groups: Vec<ClusterGroup> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for side in [1, 0] {
        for (doc, cluster) in docs(scans[side]) {
            let key = names.key(cluster);
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

/// What clusters are called, as far as it is known.
struct PairNames<'s> {
    /// The ARN of each name, unless several clusters are called so.
    arns: HashMap<&'s str, Option<&'s str>>,
    /// Names that templates of one side have at more than one place.
    repeated: HashSet<&'s str>,
    /// The places in templates that both sides have.
    shared: HashSet<&'s TemplateAddress>,
}

impl<'s> PairNames<'s> {
    fn of(scans: [&'s Scan; 2]) -> Self {
        let identities = |scan: &'s Scan| scan.clusters.iter().map(|found| found.judgement.cluster.as_ref());
        let mut arns: HashMap<&'s str, Option<&'s str>> = HashMap::new();
        for cluster in scans.into_iter().flat_map(identities) {
            if let (Some(name), Some(arn)) = (cluster.literal_name(), cluster.arn.as_deref()) {
                let known = arns.entry(name).or_insert(Some(arn));
                *known = known.filter(|known| *known == arn);
            }
        }
        let mut repeated = HashSet::new();
        let templates = |scan| identities(scan).filter_map(|cluster| cluster.template.as_ref());
        let old: HashSet<_> = templates(scans[0]).collect();
        let shared = templates(scans[1]).filter(|place| old.contains(place)).collect();
        for scan in scans {
            let mut places: HashMap<&str, &TemplateAddress> = HashMap::new();
            for cluster in identities(scan) {
                let Some((name, place)) = cluster.literal_name().zip(cluster.template.as_ref()) else {
                    continue;
                };
                if *places.entry(name).or_insert(place) != place {
                    repeated.insert(name);
                }
            }
        }
        Self { arns, repeated, shared }
    }

    /// What snapshots of the same cluster have in common.
    fn key(&self, ClusterScan { file, judgement, .. }: &ClusterScan) -> String {
        let cluster: &Identity = &judgement.cluster;
        if let Some(arn) = &cluster.arn {
            return arn.clone();
        }
        let in_template = cluster.template.as_ref();
        let is_clear = |name: &&str| {
            in_template.is_none_or(|place| !self.shared.contains(place) && !self.repeated.contains(name))
        };
        match (cluster.literal_name().filter(is_clear), in_template, &cluster.name) {
            (Some(name), ..) => {
                let arn = self.arns.get(name).copied().flatten();
                arn.map_or_else(|| format!("name {name}"), str::to_owned)
            }
            (None, Some(template), _) => format!("template {template:?}"),
            (None, None, Some(name)) => format!("name {name}"),
            (None, None, None) => format!("file {}", base(&file.name)),
        }
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
