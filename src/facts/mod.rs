//! What follows from a snapshot but is not written in it. Pure functions from a snapshot and a date
//! to a tree that rules read as `facts.…`; what cannot be worked out says why.

pub mod ami;
pub mod calendar;
pub mod cidrs;
mod endpoint;
pub mod explanation;
mod flows;
pub mod known;
mod network;
pub mod time;
mod version;
mod view;
mod wanted;

pub use explanation::explain;
pub use wanted::Wanted;

use crate::snapshot::{Snapshot, Unknown, section};
use crate::value::Node;
use bumpalo::Bump;
use chrono::NaiveDate;
use flows::render::Flows;
use known::Known;
use network::Network;
use std::fmt::Display;
use view::View;
use wanted::Group;

/// What the facts of one scan have in common.
#[derive(Clone, Copy, Debug)]
pub struct AsOf {
    /// The day that counts as today.
    pub date: NaiveDate,
}

/// Works out the wanted facts of one snapshot.
pub fn facts<'s>(snapshot: &'s Snapshot<'s>, as_of: AsOf, wanted: Wanted, arena: &'s Bump) -> Node<'s> {
    let maker = Maker { arena };
    let (of_cluster, mut fields) = network_facts(View { snapshot }, wanted, maker);
    let version = || ("version", version::of_cluster(snapshot, as_of, maker));
    let endpoint = || ("endpoint", endpoint::of_cluster(snapshot, maker));
    let cluster = wanted.has(Group::ClusterVersion).then(version).into_iter();
    let cluster = cluster.chain(wanted.has(Group::ClusterEndpoint).then(endpoint)).chain(of_cluster);
    fields.extend([
        ("cluster", maker.object(cluster)),
        ("nodegroups", nodegroups(snapshot, as_of, wanted, maker)),
    ]);
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
        let no_way_out = flows.ways_out().and_then(network::endpoints::without_way_out);
        let names = flows.endpoint.clone().and_then(|endpoint| endpoint.private_names);
        of_cluster.push(("network", network::render::of_cluster(&network, no_way_out, names, maker)));
        of_cluster.push(("flows", flows::render::node(&flows, maker)));
    }
    (of_cluster, others)
}

fn nodegroups<'t>(snapshot: &Snapshot<'t>, as_of: AsOf, wanted: Wanted, maker: Maker<'t>) -> Node<'t> {
    let Some(part) = snapshot.part_named("nodegroups") else {
        return maker.absent(snapshot, "nodegroups");
    };
    if !wanted.has_any(&[Group::NodegroupVersion, Group::NodegroupAmi]) {
        return maker.object([]);
    }
    let facts = part.items().iter().filter_map(|nodegroup| {
        let name = nodegroup.get_go_cased("nodegroupName")?.as_str()?;
        // Nothing follows from a node group that could not be described.
        let missing = snapshot.why_incomplete(nodegroup.as_object()?);
        let or_missing = |fact: Node<'t>| missing.map_or(fact, |unknown| maker.unknown(unknown));
        let version = || ("version", or_missing(version::of_nodegroup(snapshot, *nodegroup, as_of, maker)));
        let ami = || ("ami", or_missing(ami::of_nodegroup(*nodegroup, as_of, maker)));
        let fields = wanted.has(Group::NodegroupVersion).then(version).into_iter();
        Some((name, maker.object(fields.chain(wanted.has(Group::NodegroupAmi).then(ami)))))
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
        Node::Str(self.arena.alloc_str(&text.to_string()))
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
        match section::by_name(section) {
            Some(section) => self.unknown(&snapshot.why_absent(section)),
            None => self.undecided(format!("there is no section {section}")),
        }
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
