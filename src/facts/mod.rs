//! What follows from a snapshot but is not written in it. Pure functions from a snapshot and a date
//! to a tree that rules read as `facts.…`; what cannot be worked out says why.

mod addon;
pub mod ami;
pub mod calendar;
pub mod cidrs;
mod endpoint;
mod forecast;
pub mod known;
mod reserved;
mod rollback;
pub mod time;
mod version;
mod wanted;

pub use wanted::Wanted;

use crate::snapshot::{Snapshot, Unknown, section};
use crate::value::Node;
use bumpalo::Bump;
use chrono::NaiveDate;
use known::Known;
use std::cell::OnceCell;
use std::fmt::Display;
use version::Versions;
use wanted::Group;

/// What the facts of one scan have in common.
#[derive(Clone, Copy, Debug)]
pub struct AsOf {
    /// The day that counts as today.
    pub date: NaiveDate,
}

/// Works out the wanted facts of one snapshot.
pub fn facts<'t>(snapshot: &Snapshot<'t>, as_of: AsOf, wanted: Wanted, arena: &'t Bump) -> Node<'t> {
    let maker = Maker { arena };
    let versions = OnceCell::new();
    let versions = || versions.get_or_init(|| Versions::of(snapshot, as_of));
    let addons = || ("addons", addon::all(versions(), maker));
    let groups = [
        ("cluster", cluster(snapshot, &versions, wanted, maker)),
        ("nodegroups", nodegroups(snapshot, &versions, as_of, wanted, maker)),
    ];
    maker.object(groups.into_iter().chain(wanted.has(Group::Addons).then(addons)))
}

fn cluster<'v, 's: 'v, 't: 'v>(
    snapshot: &Snapshot<'t>,
    versions: &dyn Fn() -> &'v Versions<'s, 't>,
    wanted: Wanted,
    maker: Maker<'t>,
) -> Node<'t> {
    let version = || ("version", versions().cluster(maker));
    let endpoint = || ("endpoint", endpoint::of_cluster(snapshot, maker));
    let fields = wanted.has(Group::ClusterVersion).then(version).into_iter();
    maker.object(fields.chain(wanted.has(Group::ClusterEndpoint).then(endpoint)))
}

fn nodegroups<'v, 's: 'v, 't: 'v>(
    snapshot: &Snapshot<'t>,
    versions: &dyn Fn() -> &'v Versions<'s, 't>,
    as_of: AsOf,
    wanted: Wanted,
    maker: Maker<'t>,
) -> Node<'t> {
    let Some(part) = snapshot.part_named("nodegroups") else {
        return maker.absent(snapshot, "nodegroups");
    };
    if !wanted.has_any(&[Group::NodegroupVersion, Group::NodegroupAmi]) {
        return maker.object([]);
    }
    let facts = part.items().iter().enumerate().filter_map(|(at, nodegroup)| {
        let name = nodegroup.get_go_cased("nodegroupName")?.as_str()?;
        // Nothing follows from a node group that could not be described.
        let missing = snapshot.why_incomplete(nodegroup.as_object()?);
        let or_missing = |fact: Node<'t>| missing.map_or(fact, |unknown| maker.unknown(unknown));
        let version = || ("version", or_missing(versions().nodegroup(part, at, maker)));
        let ami = || ("ami", or_missing(ami::of_nodegroup(*nodegroup, as_of, maker)));
        let fields = wanted.has(Group::NodegroupVersion).then(version).into_iter();
        Some((name, maker.object(fields.chain(wanted.has(Group::NodegroupAmi).then(ami)))))
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
