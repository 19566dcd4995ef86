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

/// Works out the facts of one snapshot.
pub fn facts<'t>(snapshot: &Snapshot<'t>, as_of: AsOf, arena: &'t Bump) -> Node<'t> {
    let maker = Maker { arena };
    let cluster = maker.object([
        ("version", version::of_cluster(snapshot, as_of, maker)),
        ("endpoint", endpoint::of_cluster(snapshot, maker)),
    ]);
    maker.object([("cluster", cluster), ("nodegroups", nodegroups(snapshot, as_of, maker))])
}

fn nodegroups<'t>(snapshot: &Snapshot<'t>, as_of: AsOf, maker: Maker<'t>) -> Node<'t> {
    let Some(part) = snapshot.part_named("nodegroups") else {
        return maker.unknown("nodegroups is not in the snapshot");
    };
    let facts = part.items().iter().filter_map(|nodegroup| {
        let name = nodegroup.get_go_cased("nodegroupName")?.as_str()?;
        let fields = [
            ("version", version::of_nodegroup(snapshot, *nodegroup, as_of, maker)),
            ("ami", ami::of_nodegroup(*nodegroup, as_of, maker)),
        ];
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
