//! A snapshot as facts read it: what is there, what certainly is not, and what is not known.

use crate::facts::known::Known;
use crate::snapshot::{Part, Section, Snapshot, Type, Unknown, UnknownKind, schema, section};
use crate::value::{Json, Pointer};

/// A snapshot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SnapshotView<'s> {
    pub(crate) snapshot: &'s Snapshot<'s>,
}

/// A section of a snapshot, or why it does not have it.
pub(crate) fn section_of<'s, 't>(snapshot: &'s Snapshot<'t>, name: &str) -> Known<&'s Part<'t>> {
    snapshot.part_named(name).ok_or_else(|| why_absent(snapshot, name))
}

/// Why a snapshot does not have a section.
pub(crate) fn why_absent(snapshot: &Snapshot<'_>, name: &str) -> Unknown {
    let no_such_section = || Unknown::undecided(format!("there is no section {name}"));
    section::by_name(name).map_or_else(no_such_section, |section| snapshot.why_absent(section))
}

/// Something that clusters of this kind do not have.
pub(crate) fn not_applicable(reason: &str) -> Unknown {
    Unknown { kind: UnknownKind::NotApplicable, ..Unknown::undecided(reason.to_owned()) }
}

/// An item of a section, or the section's one object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ResourceView<'s> {
    pub(crate) node: Json<'s>,
    part: &'s Part<'s>,
    at: Option<usize>,
    snapshot: &'s Snapshot<'s>,
}

impl<'s> SnapshotView<'s> {
    /// A section of the snapshot.
    pub(crate) fn section(self, name: &str) -> Known<&'s Part<'s>> {
        section_of(self.snapshot, name)
    }

    /// The items of a section that are there; there may be more, see [`more`](Self::more).
    pub(crate) fn items(self, name: &str) -> impl Iterator<Item = ResourceView<'s>> + use<'s> {
        let snapshot = self.snapshot;
        let part = snapshot.part_named(name);
        part.into_iter().flat_map(move |part| {
            let item = move |(at, node): (usize, &Json<'s>)| ResourceView {
                node: *node,
                part,
                at: Some(at),
                snapshot,
            };
            part.items().iter().enumerate().map(item)
        })
    }

    /// The items of a section of which none is missing.
    pub(crate) fn all_items(self, name: &str) -> Known<impl Iterator<Item = ResourceView<'s>> + use<'s>> {
        self.more(name).map_or_else(|| Ok(self.items(name)), Err)
    }

    /// Why a section may have items that are not in the snapshot, if it may.
    pub(crate) fn more(self, name: &str) -> Option<Unknown> {
        match self.section(name) {
            Ok(part) => part.incomplete.clone(),
            Err(unknown) => Some(unknown),
        }
    }

    /// The item with that key. None if the section is complete and has none.
    pub(crate) fn find(self, name: &str, key: &str) -> Known<Option<ResourceView<'s>>> {
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
    pub(crate) fn get(self, name: &str, key: &str) -> Known<ResourceView<'s>> {
        self.find(name, key)?.ok_or_else(|| Unknown::undecided(format!("{name} has no {key}")))
    }

    /// A section that is one object.
    pub(crate) fn object(self, name: &str) -> Known<ResourceView<'s>> {
        let part = self.section(name)?;
        Ok(ResourceView { node: part.node, part, at: None, snapshot: self.snapshot })
    }

    /// The cluster.
    pub(crate) fn cluster(self) -> Known<ResourceView<'s>> {
        self.object("cluster")
    }

    /// Where a field of the cluster is written; the place of the snapshot if it does not have the cluster.
    pub(crate) fn place_in_cluster(self, field: &str) -> Pointer {
        self.cluster().map_or_else(|_| self.snapshot.pointer.clone(), |cluster| cluster.place(field))
    }

    /// A field of the cluster's `resourcesVpcConfig`, with what its absence means.
    pub(crate) fn vpc_config(self, field: &str) -> Known<Json<'s>> {
        self.cluster()?.under(&["resourcesVpcConfig", field])
    }
}

impl<'s> ResourceView<'s> {
    /// Where it is.
    pub(crate) fn pointer(&self) -> Pointer {
        match self.at {
            Some(at) => self.part.item_pointer(at),
            None => self.part.pointer(),
        }
    }

    /// Where a field of it is, under its name as written.
    pub(crate) fn place(&self, field: &str) -> Pointer {
        self.pointer().key(written_name(&self.node, field))
    }

    /// What distinguishes it from the others of its section.
    pub(crate) fn key(&self) -> Option<&'s str> {
        self.node.get_go_cased(self.part.section.key.as_deref()?)?.as_str()
    }

    /// Its position in the section: unlike its key, certainly its own.
    pub(crate) fn position(&self) -> usize {
        self.at.unwrap_or_default()
    }

    /// The section it belongs to.
    pub(crate) fn section(&self) -> &'static Section {
        self.part.section
    }

    /// A field, with what its absence means.
    pub(crate) fn field(&self, name: &str) -> Known<Json<'s>> {
        self.under(&[name])
    }

    /// A field, or nothing if it is absent. Not known if it could not be read.
    pub(crate) fn optional(&self, name: &str) -> Known<Option<Json<'s>>> {
        match self.node.get_go_cased(name) {
            Some(node) => Ok(Some(node)),
            None => self.why_missing(name).map_or(Ok(None), Err),
        }
    }

    /// Why a field that it does not have may exist all the same, if it may.
    pub(crate) fn why_missing(&self, name: &str) -> Option<Unknown> {
        self.node.as_object().and_then(|object| self.snapshot.why_missing(object, name)).cloned()
    }

    /// Why any field of it may be missing, if that is so: it could not be described.
    pub(crate) fn why_incomplete(&self) -> Option<Unknown> {
        self.node.as_object().and_then(|object| self.snapshot.why_incomplete(object)).cloned()
    }

    /// A field below fields, with what its absence means.
    pub(crate) fn under(&self, path: &[&str]) -> Known<Json<'s>> {
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
            ty = field.map_or(Type::Any, |field| field.ty);
        }
        absent.ok_or_else(|| self.absent(path))
    }

    /// A field of an object inside it. `path` leads there, with `*` for positions.
    pub(crate) fn inside(&self, object: Json<'s>, path: &[&str]) -> Known<Json<'s>> {
        let name = path.last().copied().unwrap_or_default();
        let missing =
            || object.as_object().and_then(|object| self.snapshot.why_missing(object, name)).cloned();
        object.get_go_cased(name).ok_or_else(|| missing().unwrap_or_else(|| self.absent(path)))
    }

    /// A field below fields that the snapshot does not have, and the call that would give it.
    pub(crate) fn absent(&self, path: &[&str]) -> Unknown {
        let call = path.first().and_then(|field| self.part.section.call_of(field));
        Unknown::field_absent(&self.place_in_any(path), call.map(|call| call.api.clone()))
    }

    /// A field below fields that cannot be used, and why.
    pub(crate) fn invalid(&self, path: &[&str], reason: String) -> Unknown {
        Unknown::invalid(reason, &self.place_in_any(path))
    }

    /// Where all resources of the section have a field: `/nodegroups/*/version`.
    pub(crate) fn place_in_any(&self, path: &[&str]) -> String {
        let item = if self.at.is_some() { "/*" } else { "" };
        format!("/{}{item}/{}", self.part.section.name, path.join("/"))
    }

    /// A text.
    pub(crate) fn text(&self, name: &str) -> Known<&'s str> {
        self.text_under(&[name])
    }

    /// A text below fields.
    pub(crate) fn text_under(&self, path: &[&str]) -> Known<&'s str> {
        let node = self.under(path)?;
        node.as_str().ok_or_else(|| self.misfit(path, "a text", &node))
    }

    /// A yes or no.
    pub(crate) fn flag(&self, name: &str) -> Known<bool> {
        self.flag_under(&[name])
    }

    /// A yes or no below fields.
    pub(crate) fn flag_under(&self, path: &[&str]) -> Known<bool> {
        let node = self.under(path)?;
        node.as_bool().ok_or_else(|| self.misfit(path, "true or false", &node))
    }

    /// A list.
    pub(crate) fn list(&self, name: &str) -> Known<&'s [Json<'s>]> {
        let node = self.field(name)?;
        node.as_list().ok_or_else(|| self.misfit(&[name], "a list", &node))
    }

    fn misfit(&self, path: &[&str], wanted: &str, node: &Json<'_>) -> Unknown {
        let name = path.last().copied().unwrap_or_default();
        self.invalid(path, format!("{name} is {}, not {wanted}", node.kind()))
    }

    /// The value of a tag.
    pub(crate) fn tag(&self, key: &str) -> Option<&'s str> {
        self.tags().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// The tags of an EC2 resource.
    pub(crate) fn tags(&self) -> impl Iterator<Item = (&'s str, &'s str)> + use<'s> {
        let tags = self.node.get("Tags").and_then(|tags| tags.as_list()).unwrap_or_default();
        tags.iter().filter_map(|tag| Some((tag.get("Key")?.as_str()?, tag.get("Value")?.as_str()?)))
    }
}

/// The name of a field as an object has it.
pub(crate) fn written_name<'n>(object: &Json<'n>, field: &'n str) -> &'n str {
    object.as_object().and_then(|object| object.get_go_cased(field)).map_or(field, |(name, _)| name)
}

/// The text of a field, if it has one.
pub(crate) fn text_of<'s>(node: &Json<'s>, field: &str) -> Option<&'s str> {
    node.get_go_cased(field)?.as_str()
}

/// The texts of a list; what is no text is left out.
pub(crate) fn texts<'s>(list: &'s [Json<'s>]) -> impl Iterator<Item = &'s str> {
    list.iter().filter_map(Json::as_str)
}
