//! Reads snapshots, and works out what follows from the versions of each cluster.

use crate::cli::input::{LeftOut, no_snapshots, unmatched, unsearched};
use crate::facts::AsOf;
use crate::facts::known::Known;
use crate::facts::versions::{AddonVersion, ByName, ClusterVersion, NodegroupVersion, Versions};
use crate::facts::view::SnapshotView;
use crate::scan::{of_clusters, read_content, read_some};
use crate::snapshot::{Identity, Snapshot};
use crate::source::Discovered;
use crate::source::cluster_choice::ClusterChoice;
use crate::value::Problem;
use bumpalo::Bump;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// What reading the inputs gave.
#[derive(Debug)]
pub(super) struct ReadClusters<T> {
    /// What was made of each cluster: the one that AWS upgrades first comes first.
    pub(super) clusters: Vec<T>,
    pub(super) problems: ReadProblems,
}

/// What went wrong with the inputs, and what was left out.
#[derive(Debug, Default)]
pub(super) struct ReadProblems {
    pub(super) errors: Vec<Problem>,
    pub(super) notices: Vec<String>,
}

/// A cluster, and all that follows from its versions.
pub(super) struct ClusterVersions<'s> {
    pub(super) identity: &'s Identity,
    /// The input that holds it.
    pub(super) file: String,
    /// In NDJSON: its line.
    pub(super) document: Option<u32>,
    pub(super) as_of: AsOf,
    pub(super) snapshot: &'s Snapshot<'s>,
    pub(super) version: Known<ClusterVersion<'s>>,
    pub(super) nodegroups: Known<ByName<'s, NodegroupVersion<'s>>>,
    pub(super) addons: Known<ByName<'s, AddonVersion<'s>>>,
}

/// Reads the inputs in their order, and makes something of each cluster.
pub(super) fn all<T>(
    found: &Discovered,
    (paths, choice): (&[PathBuf], Option<&ClusterChoice>),
    as_of: AsOf,
    verbose: bool,
    make: impl for<'s> Fn(&ClusterVersions<'s>, &'s Bump) -> T,
) -> ReadClusters<T> {
    let mut problems = ReadProblems { errors: unsearched(found).collect(), notices: Vec::new() };
    let (mut clusters, mut skipped, mut alone) = (Vec::new(), Vec::new(), Vec::new());
    let (mut names, mut arena) = (BTreeSet::new(), Bump::new());
    for input in &found.inputs {
        let name = input.name();
        match input.open() {
            Ok(content) => {
                let of = read_content(content, |part| {
                    let name = part.name(&name);
                    read_some(name, part.text(), input.named, &mut arena, |opened, arena| {
                        of_clusters(opened, |snapshot| {
                            let called = snapshot.identity.name.as_deref();
                            names.extend(called.map(str::to_owned));
                            choice.is_none_or(|choice| choice.fits(called)).then(|| {
                                let line = opened.document.line;
                                let cluster = ClusterVersions::of(snapshot, name, line, as_of);
                                (cluster.rank(), make(&cluster, arena))
                            })
                        })
                    })
                });
                problems.notices.extend(of.notices.iter().map(ToString::to_string));
                alone.extend(of.alone);
                clusters.extend(of.made.into_iter().flatten());
                problems.errors.extend(of.errors);
                skipped.extend(of.skipped.map(|why| (name, why)));
            }
            Err(message) => problems.errors.push(Problem::of_file(name, message)),
        }
    }
    if !names.is_empty() {
        problems.errors.extend(unmatched(choice, &names));
    }
    if clusters.is_empty() {
        problems.errors.append(&mut alone);
    }
    let skipped = skipped.iter().map(|(file, why)| (file.as_str(), why));
    let left_out = LeftOut::of_read(found, skipped, &alone);
    problems.notices.extend(left_out.notices(verbose));
    if !paths.is_empty() && clusters.is_empty() && problems.errors.is_empty() {
        problems.errors.push(no_snapshots(paths));
    }
    clusters.sort_by(|(one, _), (other, _)| one.cmp(other));
    ReadClusters { clusters: clusters.into_iter().map(|(_, made)| made).collect(), problems }
}

impl<'s> ClusterVersions<'s> {
    fn of(snapshot: &'s Snapshot<'s>, file: &str, document: Option<u32>, as_of: AsOf) -> Self {
        let versions = Versions::of(SnapshotView { snapshot }, as_of);
        Self {
            identity: &snapshot.identity,
            file: file.to_owned(),
            document,
            as_of,
            snapshot,
            version: versions.cluster(),
            nodegroups: versions.nodegroups(),
            addons: versions.addons(),
        }
    }

    /// The days until AWS upgrades the control plane by itself, and the name; where the days are not known,
    /// the cluster comes last.
    fn rank(&self) -> (i64, Option<String>) {
        let upgrade = self.version.as_ref().ok().and_then(|version| version.forecast.upgrade.as_ref().ok());
        let days = upgrade.map_or(i64::MAX, |upgrade| self.as_of.days_until(upgrade.date));
        (days, self.identity.name.clone())
    }
}
