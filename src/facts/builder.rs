//! Makes the tree of facts: the nodes that rules read as `facts.…`.

use crate::facts::known::Known;
use crate::facts::view::why_absent;
use crate::snapshot::{Snapshot, Unknown};
use crate::value::Json;
use bumpalo::Bump;
use std::fmt::{Display, Write};

/// A name and a value.
pub(crate) type Field<'t> = (&'t str, Json<'t>);

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

    pub(crate) fn object(self, fields: impl IntoIterator<Item = (&'t str, Json<'t>)>) -> Json<'t> {
        Json::object(self.arena, fields)
    }

    /// An object that follows from what stands at a JSON pointer.
    pub(crate) fn object_at(
        self,
        origin: &str,
        fields: impl IntoIterator<Item = (&'t str, Json<'t>)>,
    ) -> Json<'t> {
        Json::object_at(self.arena, self.arena.alloc_str(origin), fields)
    }

    pub(crate) fn list(self, items: impl IntoIterator<Item = Json<'t>>) -> Json<'t> {
        Json::list(self.arena, items)
    }

    pub(crate) fn texts<T: Display>(self, items: impl IntoIterator<Item = T>) -> Json<'t> {
        self.list(items.into_iter().map(|item| self.text(item)))
    }

    pub(crate) fn text(self, text: impl Display) -> Json<'t> {
        let mut written = bumpalo::collections::String::new_in(self.arena);
        // Writing to an arena does not fail.
        let _ = write!(written, "{text}");
        Json::Str(written.into_bump_str())
    }

    pub(crate) fn unknown(self, unknown: &Unknown) -> Json<'t> {
        Json::Unknown(unknown.in_arena(self.arena))
    }

    /// A section that the snapshot does not have.
    pub(crate) fn absent(self, snapshot: &Snapshot<'t>, section: &str) -> Json<'t> {
        self.unknown(&why_absent(snapshot, section))
    }

    /// A node, or why there is none.
    pub(crate) fn known(self, node: Known<Json<'t>>) -> Json<'t> {
        node.unwrap_or_else(|unknown| self.unknown(&unknown))
    }

    /// A yes or no, or why it is not known.
    pub(crate) fn flag(self, flag: Known<bool>) -> Json<'t> {
        self.known(flag.map(Json::Bool))
    }
}
