//! Makes the tree of facts: the nodes that rules read as `facts.…`.

use crate::facts::known::Known;
use crate::facts::view::why_absent;
use crate::snapshot::{Snapshot, Unknown};
use crate::value::Node;
use bumpalo::Bump;
use std::fmt::{Display, Write};

/// A name and a value.
pub(crate) type Field<'t> = (&'t str, Node<'t>);

/// Makes the nodes of facts.
#[derive(Clone, Copy)]
pub(crate) struct FactBuilder<'t> {
    pub(crate) arena: &'t Bump,
}

impl<'t> FactBuilder<'t> {
    /// Makes them in an arena.
    pub(crate) fn new(arena: &'t Bump) -> Self {
        Self { arena }
    }

    pub(crate) fn object(self, fields: impl IntoIterator<Item = (&'t str, Node<'t>)>) -> Node<'t> {
        Node::object(self.arena, fields)
    }

    /// An object that follows from what stands at a JSON pointer.
    pub(crate) fn object_at(
        self,
        origin: &str,
        fields: impl IntoIterator<Item = (&'t str, Node<'t>)>,
    ) -> Node<'t> {
        Node::object_at(self.arena, self.arena.alloc_str(origin), fields)
    }

    pub(crate) fn list(self, items: impl IntoIterator<Item = Node<'t>>) -> Node<'t> {
        Node::list(self.arena, items)
    }

    pub(crate) fn texts<T: Display>(self, items: impl IntoIterator<Item = T>) -> Node<'t> {
        self.list(items.into_iter().map(|item| self.text(item)))
    }

    pub(crate) fn text(self, text: impl Display) -> Node<'t> {
        let mut written = bumpalo::collections::String::new_in(self.arena);
        // Writing to an arena does not fail.
        let _ = write!(written, "{text}");
        Node::Str(written.into_bump_str())
    }

    pub(crate) fn unknown(self, unknown: &Unknown) -> Node<'t> {
        Node::Unknown(unknown.in_arena(self.arena))
    }

    /// A section that the snapshot does not have.
    pub(crate) fn absent(self, snapshot: &Snapshot<'t>, section: &str) -> Node<'t> {
        self.unknown(&why_absent(snapshot, section))
    }

    /// A node, or why there is none.
    pub(crate) fn known(self, node: Known<Node<'t>>) -> Node<'t> {
        node.unwrap_or_else(|unknown| self.unknown(&unknown))
    }

    /// A yes or no, or why it is not known.
    pub(crate) fn flag(self, flag: Known<bool>) -> Node<'t> {
        self.known(flag.map(Node::Bool))
    }
}
