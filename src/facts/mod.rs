//! What follows from a snapshot but is not written in it. Pure functions from a snapshot and a date
//! to a tree that rules read as `facts.…`; what cannot be worked out says why.

pub mod ami;
pub mod calendar;
pub mod cidrs;
mod endpoint;
pub mod time;
mod version;

use crate::snapshot::Snapshot;
use crate::value::Node;
use bumpalo::Bump;
use chrono::NaiveDate;
use std::fmt::Display;

/// What the facts of one scan have in common.
#[derive(Clone, Copy, Debug)]
pub struct AsOf {
    /// The day that counts as today.
    pub date: NaiveDate,
}

/// Which facts are wanted: each is worked out only if a rule asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    cluster_version: bool,
    cluster_endpoint: bool,
    nodegroup_version: bool,
    nodegroup_ami: bool,
}

impl Wanted {
    /// Every fact.
    pub const ALL: Self =
        Self { cluster_version: true, cluster_endpoint: true, nodegroup_version: true, nodegroup_ami: true };

    /// Adds what selecting a field of a structure of facts asks for.
    pub fn add(&mut self, structure: &str, field: &str) {
        match (structure, field) {
            ("facts.Cluster", "version") => self.cluster_version = true,
            ("facts.Cluster", "endpoint") => self.cluster_endpoint = true,
            ("facts.Nodegroup", "version") => self.nodegroup_version = true,
            ("facts.Nodegroup", "ami") => self.nodegroup_ami = true,
            _ => {}
        }
    }

    /// What either asks for.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            cluster_version: self.cluster_version || other.cluster_version,
            cluster_endpoint: self.cluster_endpoint || other.cluster_endpoint,
            nodegroup_version: self.nodegroup_version || other.nodegroup_version,
            nodegroup_ami: self.nodegroup_ami || other.nodegroup_ami,
        }
    }
}

/// Works out the wanted facts of one snapshot.
pub fn facts<'t>(snapshot: &Snapshot<'t>, as_of: AsOf, wanted: Wanted, arena: &'t Bump) -> Node<'t> {
    let maker = Maker { arena };
    let version = wanted.cluster_version.then(|| ("version", version::of_cluster(snapshot, as_of, maker)));
    let endpoint = wanted.cluster_endpoint.then(|| ("endpoint", endpoint::of_cluster(snapshot, maker)));
    let cluster = maker.object(version.into_iter().chain(endpoint));
    maker.object([("cluster", cluster), ("nodegroups", nodegroups(snapshot, as_of, wanted, maker))])
}

fn nodegroups<'t>(snapshot: &Snapshot<'t>, as_of: AsOf, wanted: Wanted, maker: Maker<'t>) -> Node<'t> {
    let Some(part) = snapshot.part_named("nodegroups") else {
        return maker.unknown("nodegroups is not in the snapshot");
    };
    if !wanted.nodegroup_version && !wanted.nodegroup_ami {
        return maker.object([]);
    }
    let facts = part.items().iter().filter_map(|nodegroup| {
        let name = nodegroup.get_go_cased("nodegroupName")?.as_str()?;
        // Nothing follows from a node group that could not be described.
        let missing = snapshot.why_incomplete(nodegroup.as_object()?);
        let or_missing = |fact: Node<'t>| missing.map_or(fact, |unknown| maker.unknown(&unknown.reason));
        let version = || ("version", or_missing(version::of_nodegroup(snapshot, *nodegroup, as_of, maker)));
        let ami = || ("ami", or_missing(ami::of_nodegroup(*nodegroup, as_of, maker)));
        let fields = wanted.nodegroup_version.then(version).into_iter().chain(wanted.nodegroup_ami.then(ami));
        Some((name, maker.object(fields)))
    });
    maker.object(facts)
}

/// Makes the nodes of facts.
#[derive(Clone, Copy)]
struct Maker<'t> {
    arena: &'t Bump,
}

impl<'t> Maker<'t> {
    fn object(self, fields: impl IntoIterator<Item = (&'t str, Node<'t>)>) -> Node<'t> {
        Node::object(self.arena, fields)
    }

    fn text(self, text: impl Display) -> Node<'t> {
        Node::Str(self.arena.alloc_str(&text.to_string()))
    }

    fn unknown(self, reason: impl Display) -> Node<'t> {
        Node::Unknown(self.arena.alloc_str(&reason.to_string()))
    }
}

/// Whole days from today to a date; negative for the past.
fn days_until(date: NaiveDate, as_of: AsOf) -> i64 {
    (date - as_of.date).num_days()
}
