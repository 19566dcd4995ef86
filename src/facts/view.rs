//! A snapshot as facts read it: what is there, what certainly is not, and what is not known.

use super::known::Known;
use crate::snapshot::{Part, Section, Snapshot, Unknown, schema, section};
use crate::value::{Node, Pointer};

/// A snapshot.
#[derive(Clone, Copy, Debug)]
pub(super) struct SnapshotView<'s> {
    pub(super) snapshot: &'s Snapshot<'s>,
}

/// A section of a snapshot, or why it does not have it.
pub(super) fn section_of<'s, 't>(snapshot: &'s Snapshot<'t>, name: &str) -> Known<&'s Part<'t>> {
    snapshot.part_named(name).ok_or_else(|| why_absent(snapshot, name))
}

/// Why a snapshot does not have a section.
pub(super) fn why_absent(snapshot: &Snapshot<'_>, name: &str) -> Unknown {
    let unheard = || Unknown::undecided(format!("there is no section {name}"));
    section::by_name(name).map_or_else(unheard, |section| snapshot.why_absent(section))
}

/// An item of a section, or the section's one object.
#[derive(Clone, Copy, Debug)]
pub(super) struct ResourceView<'s> {
    pub(super) node: Node<'s>,
    part: &'s Part<'s>,
    at: Option<usize>,
    snapshot: &'s Snapshot<'s>,
}

impl<'s> SnapshotView<'s> {
    /// A section of the snapshot.
    pub(super) fn section(self, name: &str) -> Known<&'s Part<'s>> {
        section_of(self.snapshot, name)
    }

    /// The items of a section that are there; there may be more, see [`more`](Self::more).
    pub(super) fn items(self, name: &str) -> impl Iterator<Item = ResourceView<'s>> + use<'s> {
        let snapshot = self.snapshot;
        let part = snapshot.part_named(name);
        part.into_iter().flat_map(move |part| {
            let item = move |(at, node): (usize, &Node<'s>)| ResourceView {
                node: *node,
                part,
                at: Some(at),
                snapshot,
            };
            part.items().iter().enumerate().map(item)
        })
    }

    /// Why a section may have items that are not in the snapshot, if it may.
    pub(super) fn more(self, name: &str) -> Option<Unknown> {
        match self.section(name) {
            Ok(part) => part.incomplete.clone(),
            Err(unknown) => Some(unknown),
        }
    }

    /// The item with that key. None if the section is complete and has none.
    pub(super) fn find(self, name: &str, key: &str) -> Known<Option<ResourceView<'s>>> {
        let part = self.section(name)?;
        match (part.position(key), &part.incomplete) {
            (Some(at), _) => {
                Ok(Some(ResourceView { node: part.items()[at], part, at: Some(at), snapshot: self.snapshot }))
            }
            (None, Some(unknown)) => Err(unknown.clone()),
            (None, None) => Ok(None),
        }
    }

    /// The item with that key, which must be there.
    pub(super) fn get(self, name: &str, key: &str) -> Known<ResourceView<'s>> {
        self.find(name, key)?.ok_or_else(|| Unknown::undecided(format!("{name} has no {key}")))
    }

    /// A section that is one object.
    pub(super) fn object(self, name: &str) -> Known<ResourceView<'s>> {
        let part = self.section(name)?;
        Ok(ResourceView { node: part.node, part, at: None, snapshot: self.snapshot })
    }

    /// The cluster.
    pub(super) fn cluster(self) -> Known<ResourceView<'s>> {
        self.object("cluster")
    }

    /// A field of the cluster's `resourcesVpcConfig`, with what its absence means.
    pub(super) fn vpc_config(self, field: &str) -> Known<Node<'s>> {
        self.cluster()?.under(&["resourcesVpcConfig", field])
    }
}

impl<'s> ResourceView<'s> {
    /// Where it stands.
    pub(super) fn pointer(&self) -> Pointer {
        match self.at {
            Some(at) => self.part.item_pointer(at),
            None => self.part.pointer(),
        }
    }

    /// What tells it apart from the others of its section.
    pub(super) fn key(&self) -> Option<&'s str> {
        self.node.get_go_cased(self.part.section.key.as_deref()?)?.as_str()
    }

    /// Its position in the section: unlike its key, certainly its own.
    pub(super) fn position(&self) -> usize {
        self.at.unwrap_or_default()
    }

    /// The section it belongs to.
    pub(super) fn section(&self) -> &'static Section {
        self.part.section
    }

    /// A field, with what its absence means.
    pub(super) fn field(&self, name: &str) -> Known<Node<'s>> {
        self.under(&[name])
    }

    /// A field, or nothing if it is absent. Not known if it could not be read.
    pub(super) fn optional(&self, name: &str) -> Known<Option<Node<'s>>> {
        match self.node.get_go_cased(name) {
            Some(node) => Ok(Some(node)),
            None => self.why_missing(name).map_or(Ok(None), Err),
        }
    }

    fn why_missing(&self, name: &str) -> Option<Unknown> {
        self.node.as_object().and_then(|object| self.snapshot.why_missing(object, name)).cloned()
    }

    /// A field below fields, with what its absence means.
    pub(super) fn under(&self, path: &[&str]) -> Known<Node<'s>> {
        if let Some(node) = self.node.at(path) {
            return Ok(node);
        }
        if let Some(unknown) = path.first().and_then(|name| self.why_missing(name)) {
            return Err(unknown);
        }
        let ty = schema().section(&self.part.section.name);
        let start = if self.at.is_some() { schema().item(ty) } else { ty };
        let (mut ty, mut absent) = (start, None);
        for name in path {
            let field = schema().select(ty, name).ok().flatten();
            absent = field.and_then(|field| field.absent);
            ty = field.map_or(crate::snapshot::Type::Any, |field| field.ty);
        }
        absent.ok_or_else(|| self.absent(path))
    }

    fn absent(&self, path: &[&str]) -> Unknown {
        let section = self.part.section;
        let item = if self.at.is_some() { "/*" } else { "" };
        let api = section.describe_call().map(|call| call.api.clone());
        Unknown::field_absent(&format!("/{}{item}/{}", section.name, path.join("/")), api)
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Known<&'s str> {
        let node = self.field(name)?;
        node.as_str().ok_or_else(|| self.misfit(name, "a text", &node))
    }

    /// A yes or no.
    pub(super) fn flag(&self, name: &str) -> Known<bool> {
        let node = self.field(name)?;
        node.as_bool().ok_or_else(|| self.misfit(name, "true or false", &node))
    }

    /// A list.
    pub(super) fn list(&self, name: &str) -> Known<&'s [Node<'s>]> {
        let node = self.field(name)?;
        node.as_list().ok_or_else(|| self.misfit(name, "a list", &node))
    }

    fn misfit(&self, name: &str, wanted: &str, node: &Node<'_>) -> Unknown {
        let words = format!("{name} is {}, not {wanted}", node.kind());
        Unknown::invalid(words, &format!("/{}/*/{name}", self.part.section.name))
    }

    /// The value of a tag.
    pub(super) fn tag(&self, key: &str) -> Option<&'s str> {
        self.tags().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// The tags of an EC2 resource.
    pub(super) fn tags(&self) -> impl Iterator<Item = (&'s str, &'s str)> + use<'s> {
        let tags = self.node.get("Tags").and_then(|tags| tags.as_list()).unwrap_or_default();
        tags.iter().filter_map(|tag| Some((tag.get("Key")?.as_str()?, tag.get("Value")?.as_str()?)))
    }
}

/// The texts of a list; what is no text is left out.
pub(super) fn texts<'s>(list: &'s [Node<'s>]) -> impl Iterator<Item = &'s str> {
    list.iter().filter_map(Node::as_str)
}
