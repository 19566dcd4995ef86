//! From what was read of a cluster to its snapshot: the answers become pieces.

use super::answer::{AnsweredItem, SectionAnswer, failed};
use super::region::{ClusterAnswers, RegionScan};
use crate::snapshot::section::{self, SectionScope};
use crate::snapshot::{Identity, Section};
use crate::source::assemble::{
    ClusterContext, Extent, MissingKind, MissingReason, Piece, PieceItem, PieceOrigin, SnapshotBuilder,
    region_cluster,
};
use crate::source::render;
use crate::value::Json;
use bumpalo::Bump;
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

/// The snapshot of a cluster.
pub(super) fn snapshot(region: &RegionScan, cluster: &ClusterAnswers, captured_at: &str) -> LiveSnapshot {
    let arena = Bump::new();
    let context = context(region, cluster, captured_at, &arena);
    let mut pieces = own_pieces(cluster, &context, &arena);
    pieces.extend(region_clusters(region, &arena));
    let built = SnapshotBuilder::new(std::slice::from_ref(&context), 0, &pieces, &arena).build();
    LiveSnapshot {
        account: region.client.account.clone(),
        region: region.client.region.clone(),
        cluster: region.name(cluster.at).to_owned(),
        path: region.path(cluster.at).clone(),
        text: render::pretty(built.snapshot),
    }
}

fn context<'r>(
    region: &RegionScan,
    cluster: &'r ClusterAnswers,
    captured_at: &'r str,
    arena: &'r Bump,
) -> ClusterContext<'r> {
    let name = region.name(cluster.at);
    let identity = Identity {
        name: Some(name.to_owned()),
        arn: Some(region.client.cluster_arn(name)),
        account: Some(region.client.account.clone()),
        region: Some(region.client.region.clone()),
        ..Identity::default()
    };
    let node = Json::of(&cluster.item.value, arena);
    let missing = cluster.item.missing.clone();
    ClusterContext { missing, captured_at: Some(captured_at), ..ClusterContext::of(identity, Some(node)) }
}

/// What was answered about a cluster. What was not asked for is missing: the cluster's VPC is not known, or
/// it has none.
fn own_pieces<'r>(
    cluster: &'r ClusterAnswers,
    context: &ClusterContext<'_>,
    arena: &'r Bump,
) -> Vec<Piece<'r>> {
    let known =
        cluster.sections.0.iter().filter_map(|(name, answer)| Some((section::by_name(name)?, answer)));
    let known = known.filter(|(section, _)| context.vpc.is_some() || !is_found_by_vpc(section));
    let mut own: Vec<_> = known.map(|(section, answer)| piece(section, answer, arena)).collect();
    let is_known = |section: &'static Section| {
        ["cluster", "regionClusters"].contains(&section.name.as_str())
            || own.iter().any(|piece| piece.is_of(section))
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
        own.push(asked(section, Vec::new(), false, Some(reason)));
    }
    own
}

fn piece<'r>(section: &'static Section, answer: &'r SectionAnswer, arena: &'r Bump) -> Piece<'r> {
    let cluster = Some(0).filter(|_| section.scope == SectionScope::Cluster);
    let item = |item: &'r AnsweredItem| PieceItem {
        node: Json::of(&item.value, arena),
        missing: item.missing.clone(),
        file: None,
        cluster,
    };
    // Where not all calls answered, there is no telling whose resources these are all.
    let items = answer.items.iter().filter(|_| answer.known).map(item).collect();
    asked(section, items, answer.known, answer.missing.clone())
}

fn asked<'r>(
    section: &'static Section,
    items: Vec<PieceItem<'r>>,
    known: bool,
    missing: Option<MissingReason>,
) -> Piece<'r> {
    Piece {
        section,
        origin: PieceOrigin::Asked,
        items,
        names: Vec::new(),
        extent: if known { Extent::All } else { Extent::Some },
        missing,
        about: vec![0],
    }
}

/// Whether EC2 was asked about the section by the VPC, or by what is in it.
fn is_found_by_vpc(section: &Section) -> bool {
    section.scope == SectionScope::Vpc
        || section.service.as_deref() == Some("ec2") && !section.named_as.is_empty()
}

/// The clusters of the region that were described, and why these may not be all.
fn region_clusters<'r>(region: &'r RegionScan, arena: &'r Bump) -> Option<Piece<'r>> {
    let section = section::by_name("regionClusters")?;
    if let Some(failure) = &region.listed.failure {
        return Some(asked(section, Vec::new(), false, Some(failed("eks:ListClusters", failure))));
    }
    let missing = |kind, reason: &str| {
        Some(MissingReason { api: Some("eks:DescribeCluster"), kind, reason: reason.to_owned() })
    };
    let all: Vec<_> = region.descriptions().filter(|item| !item.is_some_and(AnsweredItem::is_gone)).collect();
    let described = all.iter().flatten().filter(|item| item.missing.is_empty());
    let summary = |item: &&'r AnsweredItem| PieceItem {
        node: region_cluster(Json::of(&item.value, arena), arena),
        missing: Vec::new(),
        file: None,
        cluster: None,
    };
    let items = described.map(summary).collect();
    let failed = all.iter().flatten().find_map(|item| item.first_reason()).cloned();
    let unread = || missing(MissingKind::Failed, "the scan ended before all clusters were described");
    let unasked = || missing(MissingKind::NotRequested, "only some clusters of the region were asked for");
    let is_partial = region.listed.wanted.len() < region.listed.names.len();
    let reason = failed
        .or_else(|| unread().filter(|_| all.iter().any(Option::is_none)))
        .or_else(|| unasked().filter(|_| is_partial));
    Some(asked(section, items, true, reason))
}
