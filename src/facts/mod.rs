//! What follows from a snapshot but is not written in it. Pure functions from a snapshot and a date
//! to a tree that rules read as `facts.…`; what cannot be worked out says why.

mod addon;
pub mod ami;
mod builder;
pub mod calendar;
pub mod cidrs;
mod endpoint;
pub mod explanation;
mod fact_set;
mod flows;
mod forecast;
mod iam;
pub mod known;
mod network;
mod reserved;
mod rollback;
pub mod time;
mod version;
mod view;

pub use explanation::explain;
pub use fact_set::FactSet;
pub use flows::addresses::ScaleOut;
pub use flows::flow::{FlowHop, HopKind, Verdict, Via};
pub use network::nodes::NodeKind;
pub use network::routes::RouteTarget;
pub use network::vpc_endpoints::EndpointState;
pub use time::AsOf;

use crate::snapshot::Snapshot;
use crate::value::Node;
use builder::{FactBuilder, Field};
use bumpalo::Bump;
use fact_set::FactGroup;
use flows::Flows;
use network::Network;
use version::Versions;
use view::SnapshotView;

/// Sections without which facts are the same, or are worked out from AWS's defaults: DHCP options,
/// the shipped calendar, and the groups of the cluster's configuration instead of its interfaces.
pub const ASSUMED: [&str; 3] = ["dhcpOptions", "clusterVersions", "networkInterfaces"];

/// Works out the wanted facts of one snapshot.
pub fn facts<'s>(snapshot: &'s Snapshot<'s>, as_of: AsOf, wanted: FactSet, arena: &'s Bump) -> Node<'s> {
    let builder = FactBuilder::new(arena);
    let (of_cluster, mut fields) = network_facts(SnapshotView { snapshot }, wanted, builder);
    let versions = wanted.has_any(FactGroup::OF_VERSIONS).then(|| Versions::of(snapshot, as_of));
    let of = |group| versions.as_ref().filter(|_| wanted.has(group));
    let version = of(FactGroup::ClusterVersion).map(|versions| ("version", versions.cluster(builder)));
    let endpoint = || ("endpoint", endpoint::of_cluster(snapshot, builder));
    let (of_identities, identities) = iam::facts(snapshot, wanted, builder);
    let cluster = version.into_iter().chain(wanted.has(FactGroup::ClusterEndpoint).then(endpoint));
    let cluster = cluster.chain(of_cluster).chain(of_identities);
    fields.extend([
        ("cluster", builder.object(cluster)),
        ("nodegroups", nodegroups(snapshot, of(FactGroup::NodegroupVersion), as_of, wanted, builder)),
    ]);
    fields.extend(identities);
    fields.extend(of(FactGroup::Addons).map(|versions| ("addons", addon::all(versions, builder))));
    builder.object(fields)
}

/// What is about networks and traffic: of the cluster, and of everything else.
fn network_facts<'s>(
    view: SnapshotView<'s>,
    wanted: FactSet,
    builder: FactBuilder<'s>,
) -> (Vec<Field<'s>>, Vec<Field<'s>>) {
    if !wanted.has_any(FactGroup::OF_NETWORKS) {
        return (Vec::new(), Vec::new());
    }
    let network = Network::of(view);
    let others = network::render::facts(&network, wanted, builder);
    let mut of_cluster = Vec::new();
    if wanted.has_any(&[FactGroup::ClusterNetwork, FactGroup::ClusterFlows]) {
        let flows = Flows::of(&network);
        let without_egress =
            flows.egress().and_then(|nodes| network::vpc_endpoints::without_egress(nodes, &network.more));
        let names = flows.endpoint.clone().and_then(|endpoint| endpoint.private_names);
        let of_network =
            || ("network", network::render::of_cluster(&network, without_egress, names, builder));
        of_cluster.extend(wanted.has(FactGroup::ClusterNetwork).then(of_network));
        of_cluster.extend(
            wanted.has(FactGroup::ClusterFlows).then(|| ("flows", flows::render::node(&flows, builder))),
        );
    }
    (of_cluster, others)
}

fn nodegroups<'t>(
    snapshot: &Snapshot<'t>,
    versions: Option<&Versions<'_, 't>>,
    as_of: AsOf,
    wanted: FactSet,
    builder: FactBuilder<'t>,
) -> Node<'t> {
    if !wanted.has_any(&[FactGroup::NodegroupVersion, FactGroup::NodegroupAmi]) {
        return builder.object([]);
    }
    let Some(part) = snapshot.part_named("nodegroups") else {
        return builder.absent(snapshot, "nodegroups");
    };
    let facts = part.items().iter().enumerate().filter_map(|(at, nodegroup)| {
        let name = nodegroup.get_go_cased("nodegroupName")?.as_str()?;
        // Nothing follows from a node group that could not be described.
        let missing = snapshot.why_incomplete(nodegroup.as_object()?);
        let or_missing = |fact: Node<'t>| missing.map_or(fact, |unknown| builder.unknown(unknown));
        let version = versions.map(|versions| ("version", or_missing(versions.nodegroup(part, at, builder))));
        let ami = || ("ami", or_missing(ami::of_nodegroup(*nodegroup, as_of, builder)));
        Some((name, builder.object(version.into_iter().chain(wanted.has(FactGroup::NodegroupAmi).then(ami)))))
    });
    builder.object(facts)
}
