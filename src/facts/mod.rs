//! What follows from a snapshot but is not written in it. Pure functions from a snapshot and a date
//! to a tree that rules read as `facts.…`; what cannot be worked out says why.

mod access_list;
pub mod ami;
pub(crate) mod builder;
pub mod cidrs;
pub(crate) mod endpoint;
mod fact_set;
pub(crate) mod flows;
pub(crate) mod iam;
pub mod known;
pub(crate) mod network;
mod place;
mod reserved;
pub mod time;
pub mod versions;
pub(crate) mod view;

pub use endpoint::EndpointMode;
pub use fact_set::{FactSet, group_names};
pub use flows::addresses::ScaleOut;
pub use flows::flow::{FlowHop, HopKind, Verdict, Via};
pub use network::nodes::NodeKind;
pub use network::routes::RouteTarget;
pub use network::vpc_endpoints::EndpointState;
pub use time::AsOf;

use crate::snapshot::Snapshot;
use crate::value::Json;
use builder::{FactBuilder, Field};
use bumpalo::Bump;
use endpoint::EndpointExposure;
use fact_set::FactGroup;
use flows::Flows;
use network::Network;
use versions::Versions;
use versions::render::VersionFacts;
use view::{ResourceView, SnapshotView};

/// Sections without which facts are the same, or are worked out from AWS's defaults: DHCP options,
/// the shipped calendar, and the groups of the cluster's configuration instead of its interfaces.
pub const ASSUMED: [&str; 3] = ["dhcpOptions", "clusterVersions", "networkInterfaces"];

/// Works out the wanted facts of one snapshot.
pub fn facts<'s>(snapshot: &'s Snapshot<'s>, as_of: AsOf, wanted: FactSet, arena: &'s Bump) -> Json<'s> {
    let (view, builder) = (SnapshotView { snapshot }, FactBuilder::new(arena));
    let (of_cluster, mut fields) = network_facts(view, wanted, builder);
    let versions = wanted.has_any(FactGroup::OF_VERSIONS).then(|| Versions::of(view, as_of));
    let of = |group| versions.as_ref().filter(|_| wanted.has(group));
    let nodes = VersionFacts { builder, as_of };
    let version =
        of(FactGroup::ClusterVersion).map(|versions| ("version", nodes.cluster(&versions.cluster())));
    let endpoint = || ("endpoint", endpoint::facts(&EndpointExposure::of(view), builder));
    let (of_identities, identities) = iam::facts(view, wanted, builder);
    let cluster = version.into_iter().chain(wanted.has(FactGroup::ClusterEndpoint).then(endpoint));
    let cluster = cluster.chain(of_cluster).chain(of_identities);
    fields.extend([
        ("cluster", builder.object(cluster)),
        ("nodegroups", nodegroups(view, of(FactGroup::NodegroupVersion), wanted, nodes)),
    ]);
    fields.extend(identities);
    fields.extend(wanted.has(FactGroup::Place).then(|| place::facts(view, builder)).into_iter().flatten());
    fields.extend(of(FactGroup::Addons).map(|versions| ("addons", nodes.addons(&versions.addons()))));
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
        let of_network = || {
            let needed = flows.needed_endpoints(&network);
            let in_the_way = flows.endpoints_in_the_way(&network, &needed);
            let names = flows.private_names();
            ("network", network::render::of_cluster(&network, needed, in_the_way, names, builder))
        };
        of_cluster.extend(wanted.has(FactGroup::ClusterNetwork).then(of_network));
        of_cluster.extend(
            wanted.has(FactGroup::ClusterFlows).then(|| ("flows", flows::render::node(&flows, builder))),
        );
    }
    (of_cluster, others)
}

fn nodegroups<'s>(
    view: SnapshotView<'s>,
    versions: Option<&Versions<'s>>,
    wanted: FactSet,
    nodes: VersionFacts<'s>,
) -> Json<'s> {
    let builder = nodes.builder;
    if !wanted.has_any(&[FactGroup::NodegroupVersion, FactGroup::NodegroupAmi]) {
        return builder.object([]);
    }
    if let Err(unknown) = view.section("nodegroups") {
        return builder.unknown(&unknown);
    }
    let facts = |nodegroup: ResourceView<'s>| {
        let version = versions.map(|versions| ("version", nodes.nodegroup(&versions.nodegroup(&nodegroup))));
        let ami = || ("ami", ami::of_nodegroup(&nodegroup, nodes.as_of, builder));
        let ami = wanted.has(FactGroup::NodegroupAmi).then(ami);
        Some((nodegroup.key()?, builder.object(version.into_iter().chain(ami))))
    };
    builder.object(view.items("nodegroups").filter_map(facts))
}
