//! What follows from a snapshot but is not written in it. Pure functions from a snapshot and a date
//! to a tree that rules read as `facts.…`; what cannot be worked out says why.

mod addon;
pub mod ami;
pub mod calendar;
pub mod cidrs;
mod endpoint;
pub mod explanation;
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
mod wanted;

pub use explanation::explain;
pub use wanted::Wanted;

use crate::snapshot::{Snapshot, Unknown};
use crate::value::Node;
use bumpalo::Bump;
use chrono::NaiveDate;
use flows::render::Flows;
use known::Known;
use network::Network;
use std::fmt::{Display, Write};
use version::Versions;
use view::View;
use wanted::Group;

/// What the facts of one scan have in common.
#[derive(Clone, Copy, Debug)]
pub struct AsOf {
    /// The day that counts as today.
    pub date: NaiveDate,
}

/// Sections without which facts are the same, or are worked out from AWS's defaults: DHCP options,
/// the shipped calendar, and the groups of the cluster's configuration instead of its interfaces.
pub const ASSUMED: [&str; 3] = ["dhcpOptions", "clusterVersions", "networkInterfaces"];

/// Works out the wanted facts of one snapshot.
pub fn facts<'s>(snapshot: &'s Snapshot<'s>, as_of: AsOf, wanted: Wanted, arena: &'s Bump) -> Node<'s> {
    let maker = Maker { arena };
    let (of_cluster, mut fields) = network_facts(View { snapshot }, wanted, maker);
    let versions = wanted.has_any(Group::OF_VERSIONS).then(|| Versions::of(snapshot, as_of));
    let of = |group| versions.as_ref().filter(|_| wanted.has(group));
    let version = of(Group::ClusterVersion).map(|versions| ("version", versions.cluster(maker)));
    let endpoint = || ("endpoint", endpoint::of_cluster(snapshot, maker));
    let (of_identities, identities) = iam::facts(snapshot, wanted, maker);
    let cluster = version.into_iter().chain(wanted.has(Group::ClusterEndpoint).then(endpoint));
    let cluster = cluster.chain(of_cluster).chain(of_identities);
    fields.extend([
        ("cluster", maker.object(cluster)),
        ("nodegroups", nodegroups(snapshot, of(Group::NodegroupVersion), as_of, wanted, maker)),
    ]);
    fields.extend(identities);
    fields.extend(of(Group::Addons).map(|versions| ("addons", addon::all(versions, maker))));
    maker.object(fields)
}

/// What is about networks and traffic: of the cluster, and of everything else.
fn network_facts<'s>(view: View<'s>, wanted: Wanted, maker: Maker<'s>) -> (Vec<Field<'s>>, Vec<Field<'s>>) {
    if !wanted.has_any(Group::OF_NETWORKS) {
        return (Vec::new(), Vec::new());
    }
    let network = Network::of(view);
    let others = network::render::facts(&network, wanted, maker);
    let mut of_cluster = Vec::new();
    if wanted.has_any(&[Group::ClusterNetwork, Group::ClusterFlows]) {
        let flows = Flows::of(&network);
        let no_way_out =
            flows.ways_out().and_then(|ways| network::endpoints::without_way_out(ways, &network.more));
        let names = flows.endpoint.clone().and_then(|endpoint| endpoint.private_names);
        let of_network = || ("network", network::render::of_cluster(&network, no_way_out, names, maker));
        of_cluster.extend(wanted.has(Group::ClusterNetwork).then(of_network));
        of_cluster
            .extend(wanted.has(Group::ClusterFlows).then(|| ("flows", flows::render::node(&flows, maker))));
    }
    (of_cluster, others)
}

fn nodegroups<'t>(
    snapshot: &Snapshot<'t>,
    versions: Option<&Versions<'_, 't>>,
    as_of: AsOf,
    wanted: Wanted,
    maker: Maker<'t>,
) -> Node<'t> {
    if !wanted.has_any(&[Group::NodegroupVersion, Group::NodegroupAmi]) {
        return maker.object([]);
    }
    let Some(part) = snapshot.part_named("nodegroups") else {
        return maker.absent(snapshot, "nodegroups");
    };
    let facts = part.items().iter().enumerate().filter_map(|(at, nodegroup)| {
        let name = nodegroup.get_go_cased("nodegroupName")?.as_str()?;
        // Nothing follows from a node group that could not be described.
        let missing = snapshot.why_incomplete(nodegroup.as_object()?);
        let or_missing = |fact: Node<'t>| missing.map_or(fact, |unknown| maker.unknown(unknown));
        let version = versions.map(|versions| ("version", or_missing(versions.nodegroup(part, at, maker))));
        let ami = || ("ami", or_missing(ami::of_nodegroup(*nodegroup, as_of, maker)));
        Some((name, maker.object(version.into_iter().chain(wanted.has(Group::NodegroupAmi).then(ami)))))
    });
    maker.object(facts)
}

/// A name and a value.
type Field<'t> = (&'t str, Node<'t>);

/// Makes the nodes of facts.
#[derive(Clone, Copy)]
struct Maker<'t> {
    arena: &'t Bump,
}

impl<'t> Maker<'t> {
    fn object(self, fields: impl IntoIterator<Item = (&'t str, Node<'t>)>) -> Node<'t> {
        Node::object(self.arena, fields)
    }

    /// An object that follows from what stands at a JSON pointer.
    fn object_at(self, origin: &str, fields: impl IntoIterator<Item = (&'t str, Node<'t>)>) -> Node<'t> {
        Node::object_at(self.arena, self.arena.alloc_str(origin), fields)
    }

    fn list(self, items: impl IntoIterator<Item = Node<'t>>) -> Node<'t> {
        Node::list(self.arena, items)
    }

    fn texts<T: Display>(self, items: impl IntoIterator<Item = T>) -> Node<'t> {
        self.list(items.into_iter().map(|item| self.text(item)))
    }

    fn text(self, text: impl Display) -> Node<'t> {
        let mut written = bumpalo::collections::String::new_in(self.arena);
        // Writing to an arena does not fail.
        let _ = write!(written, "{text}");
        Node::Str(written.into_bump_str())
    }

    fn unknown(self, unknown: &Unknown) -> Node<'t> {
        Node::Unknown(unknown.in_arena(self.arena))
    }

    /// Something that could not be worked out, in words.
    fn undecided(self, words: impl Display) -> Node<'t> {
        self.unknown(&Unknown::undecided(words.to_string()))
    }

    /// A section that the snapshot does not have.
    fn absent(self, snapshot: &Snapshot<'t>, section: &str) -> Node<'t> {
        self.unknown(&view::why_absent(snapshot, section))
    }

    /// A node, or why there is none.
    fn known(self, node: Known<Node<'t>>) -> Node<'t> {
        node.unwrap_or_else(|unknown| self.unknown(&unknown))
    }

    /// A yes or no, or why it is not known.
    fn flag(self, flag: Known<bool>) -> Node<'t> {
        self.known(flag.map(Node::Bool))
    }
}

/// Whole days from today to a date; negative for the past.
fn days_until(date: NaiveDate, as_of: AsOf) -> i64 {
    (date - as_of.date).num_days()
}
