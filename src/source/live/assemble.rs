//! From what was read of a region to the snapshots of its clusters: the answers become pieces, those of
//! one cluster and those that all of them share.

use super::answer::{AnsweredItem, SectionAnswer, SectionAnswers};
use super::region::{ClusterAnswers, RegionAnswers};
use crate::snapshot::section::{self, SectionScope};
use crate::snapshot::{Identity, Section};
use crate::source::assemble::{
    ClusterContext, Extent, MissingKind, MissingReason, Piece, PieceItem, PieceOrigin, SnapshotBuilder,
    region_cluster,
};
use crate::source::render;
use crate::value::Json;
use bumpalo::Bump;
use std::collections::HashSet;
use std::path::PathBuf;

/// A finished snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSnapshot {
    /// The account's id.
    pub account: String,
    /// The region.
    pub region: String,
    /// The cluster's name.
    pub cluster: String,
    /// Its place below any folder: `<account>/<region>/<cluster>.json`.
    pub path: PathBuf,
    /// Its canonical text.
    pub text: String,
}

/// Hands over the snapshots of a region, by name, until they are no longer taken.
pub(super) fn snapshots(region: &RegionAnswers, captured_at: &str, take: impl Fn(LiveSnapshot) -> bool) {
    let (arena, mut paths) = (Bump::new(), HashSet::new());
    let about: Vec<_> = (0..region.clusters.len()).collect();
    let clusters: Vec<_> =
        region.clusters.iter().map(|cluster| context(region, cluster, captured_at, &arena)).collect();
    // Made once, and looked through for each cluster.
    let mut shared = pieces(&region.shared, &about, &arena);
    shared.extend(region_clusters(region, &clusters, &about, &arena));
    for (at, cluster) in region.clusters.iter().enumerate() {
        let own_arena = Bump::new();
        let own = own_pieces(cluster, at, &shared, &clusters[at], &own_arena);
        let is_own = |piece: &&Piece<'_>| clusters[at].vpc.is_some() || !is_found_by_vpc(piece.section);
        let pieces = shared.iter().filter(is_own).chain(&own);
        let built = SnapshotBuilder::new(&clusters, at, pieces, &own_arena).build();
        let (account, name) = (region.client.account.clone(), region.client.region.clone());
        let path = path(region, cluster, &mut paths);
        let text = render::pretty(built.snapshot);
        if !take(LiveSnapshot { account, region: name, cluster: cluster.name.clone(), path, text }) {
            return;
        }
    }
}

/// A file of its own, on file systems too that do not tell `Prod` from `prod`.
fn path(region: &RegionAnswers, cluster: &ClusterAnswers, taken: &mut HashSet<String>) -> PathBuf {
    let mut name = cluster.name.clone();
    while !taken.insert(name.to_lowercase()) {
        name.push('~');
    }
    render::file(&region.client.account, &region.client.region, &name)
}

fn context<'r>(
    region: &'r RegionAnswers,
    cluster: &'r ClusterAnswers,
    captured_at: &'r str,
    arena: &'r Bump,
) -> ClusterContext<'r> {
    let identity = Identity {
        name: Some(cluster.name.clone()),
        arn: Some(region.client.cluster_arn(&cluster.name)),
        account: Some(region.client.account.clone()),
        region: Some(region.client.region.clone()),
        ..Identity::default()
    };
    let node = Json::of(&cluster.item.value, arena);
    let missing = cluster.item.missing.clone();
    ClusterContext { missing, captured_at: Some(captured_at), ..ClusterContext::of(identity, Some(node)) }
}

fn pieces<'r>(answers: &'r SectionAnswers, about: &[usize], arena: &'r Bump) -> Vec<Piece<'r>> {
    let known = answers.0.iter().filter_map(|(name, answer)| Some((section::by_name(name)?, answer)));
    known.map(|(section, answer)| piece(section, answer, about, arena)).collect()
}

fn piece<'r>(
    section: &'static Section,
    answer: &'r SectionAnswer,
    about: &[usize],
    arena: &'r Bump,
) -> Piece<'r> {
    let cluster = about.first().copied().filter(|_| section.scope == SectionScope::Cluster);
    let item = |item: &'r AnsweredItem| PieceItem {
        node: Json::of(&item.value, arena),
        missing: item.missing.clone(),
        file: None,
        cluster,
    };
    // Where not all calls answered, there is no telling whose resources these are all.
    let items = answer.items.iter().filter(|_| answer.known).map(item).collect();
    asked(section, items, answer.known, answer.missing.clone(), about)
}

fn asked<'r>(
    section: &'static Section,
    items: Vec<PieceItem<'r>>,
    known: bool,
    missing: Option<MissingReason>,
    about: &[usize],
) -> Piece<'r> {
    Piece {
        section,
        origin: PieceOrigin::Asked,
        items,
        names: Vec::new(),
        extent: if known { Extent::All } else { Extent::Some },
        missing,
        about: about.to_vec(),
    }
}

/// The pieces that are about one cluster alone. What was not asked for is missing: the cluster's VPC is
/// not known, or it has none.
fn own_pieces<'r>(
    cluster: &'r ClusterAnswers,
    at: usize,
    shared: &[Piece<'_>],
    context: &ClusterContext<'_>,
    arena: &'r Bump,
) -> Vec<Piece<'r>> {
    let mut own = pieces(&cluster.sections, &[at], arena);
    let is_known = |section: &'static Section| {
        section.name == "cluster"
            || own.iter().any(|piece| piece.is_of(section))
            || shared.iter().any(|piece| piece.is_of(section))
                && (context.vpc.is_some() || !is_found_by_vpc(section))
    };
    let unasked: Vec<_> = section::all().iter().filter(|section| !is_known(section)).collect();
    for section in unasked {
        let Some(api) = section.describe_call().map(|call| call.api.as_str()) else { continue };
        let no_vpc = || MissingReason {
            api: Some(api),
            kind: MissingKind::NotApplicable,
            reason: "the cluster has no VPC that EKS knows".to_owned(),
        };
        let reason = cluster.item.first_reason().cloned().unwrap_or_else(no_vpc);
        own.push(asked(section, Vec::new(), false, Some(reason), &[at]));
    }
    own
}

/// Whether EC2 was asked about the section by the VPC, or by what is in it.
fn is_found_by_vpc(section: &Section) -> bool {
    section.scope == SectionScope::Vpc
        || section.service.as_deref() == Some("ec2") && !section.named_as.is_empty()
}

/// The clusters of the region that were described, and why these may not be all.
fn region_clusters<'r>(
    region: &RegionAnswers,
    clusters: &[ClusterContext<'r>],
    about: &[usize],
    arena: &'r Bump,
) -> Option<Piece<'r>> {
    let section = section::by_name("regionClusters")?;
    if let Some(reason) = &region.unlisted {
        return Some(asked(section, Vec::new(), false, Some(reason.clone()), about));
    }
    let unasked = || MissingReason {
        api: Some("eks:DescribeCluster"),
        kind: MissingKind::NotRequested,
        reason: "only some clusters of the region were asked for".to_owned(),
    };
    let failed = region.clusters.iter().find_map(|cluster| cluster.item.first_reason()).cloned();
    let unasked = (region.clusters.len() < region.names.len()).then(unasked);
    let described = clusters.iter().filter(|cluster| cluster.missing.is_empty());
    let summary = |node: Json<'r>| PieceItem {
        node: region_cluster(node, arena),
        missing: Vec::new(),
        file: None,
        cluster: None,
    };
    let items = described.filter_map(|cluster| cluster.node).map(summary).collect();
    Some(asked(section, items, true, failed.or(unasked), about))
}
