//! A snapshot as facts read it: what is there, what certainly is not, and what is not known.

use crate::facts::known::Known;
use crate::snapshot::{Part, Section, Snapshot, Type, Unknown, UnknownKind, schema, section, template};
use crate::value::{Json, Pointer, SymbolicText};

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
    node: Json<'s>,
    part: &'s Part<'s>,
    at: Option<usize>,
    snapshot: &'s Snapshot<'s>,
}

/// An object inside a resource: a route of a table, a permission of a group.
///
/// Facts read values through these two alone. What is there and not of the type that AWS documents is as
/// unknown as what could not be read: taken for absent, it would make "none" of a list, and a pass of that.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ObjectView<'s> {
    node: Json<'s>,
    resource: ResourceView<'s>,
    /// The way to it in the resource, with `*` for positions.
    path: &'static [&'static str],
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
            (None, None) => part.why_not_found(key, self.snapshot).map_or(Ok(None), Err),
        }
    }

    /// The symbol that an id is, if it is one.
    pub(crate) fn symbol(self, id: &str) -> Option<&str> {
        Some(id).filter(|id| self.snapshot.is_symbol(id))
    }

    /// Fails for an id that is a symbol, where more is asked of it than what it is the id of.
    pub(crate) fn literal(self, id: &str) -> Known<()> {
        self.symbol(id).map_or(Ok(()), |symbol| Err(template::not_known(symbol, "")))
    }

    /// An id by which items of a section are compared. Ids of one section differ where they are written differently, but
    /// for a symbol that no item has, which may stand for any of them.
    pub(crate) fn known_id(self, name: &str, id: &'s str) -> Known<&'s str> {
        let Some(part) = self.snapshot.part_named(name).filter(|_| self.snapshot.has_symbols()) else {
            return self.literal(id).map(|()| id);
        };
        match part.position(id) {
            Some(_) => Ok(id),
            None => part.why_not_found(id, self.snapshot).map_or(Ok(id), Err),
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

    /// The id of an item of a section that the cluster's `resourcesVpcConfig` names.
    pub(crate) fn vpc_config_id(self, section: &str, field: &str) -> Known<&'s str> {
        self.cluster()?.id_under(section, &["resourcesVpcConfig", field])
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
        let key = self.node.get_go_cased(self.part.section.key.as_deref()?)?.as_written();
        key.filter(|key| !key.is_empty())
    }

    /// Its position in the section: unlike its key, certainly its own.
    pub(crate) fn position(&self) -> usize {
        self.at.unwrap_or_default()
    }

    /// The section it belongs to.
    pub(crate) fn section(&self) -> &'static Section {
        self.part.section
    }

    /// The resource as an object.
    pub(crate) fn whole(&self) -> ObjectView<'s> {
        ObjectView { node: self.node, resource: *self, path: &[] }
    }

    /// A field, with what its absence means.
    pub(crate) fn field(&self, name: &str) -> Known<Json<'s>> {
        self.whole().field(name)
    }

    /// A field, or nothing if it is absent. Not known if it could not be read.
    pub(crate) fn optional(&self, name: &str) -> Known<Option<Json<'s>>> {
        self.whole().optional(name)
    }

    /// Why any field of it may be missing, if that is so: it could not be described.
    pub(crate) fn why_incomplete(&self) -> Option<Unknown> {
        self.node.as_object().and_then(|object| self.snapshot.why_incomplete(object)).cloned()
    }

    /// A field below fields, with what its absence means.
    pub(crate) fn under(&self, path: &[&str]) -> Known<Json<'s>> {
        self.optional_under(path)?.or_else(|| self.meaning_of_absence(path)).ok_or_else(|| self.absent(path))
    }

    /// A field below fields, or nothing if it or one on the way is absent.
    pub(crate) fn optional_under(&self, path: &[&str]) -> Known<Option<Json<'s>>> {
        let mut node = self.node;
        for (depth, name) in path.iter().enumerate() {
            let Some(object) = node.as_object() else {
                return Err(self.misfit(&path[..depth], "an object", &node));
            };
            let Some(next) = node.get_go_cased(name) else {
                return self.snapshot.why_missing(object, name).cloned().map_or(Ok(None), Err);
            };
            node = next;
        }
        known_node(node).map(Some)
    }

    /// What the absence of a field below fields means, if AWS documents it.
    fn meaning_of_absence(&self, path: &[&str]) -> Option<Json<'s>> {
        let ty = schema().section(&self.part.section.name);
        let mut ty = if self.at.is_some() { schema().item(ty) } else { ty };
        let (last, way) = path.split_last()?;
        let mut node = self.node;
        for name in way {
            if *name == "*" {
                ty = schema().item(ty);
                // Within the items of a list, whoever asks holds the one that has no such field.
                continue;
            }
            let field = schema().select(ty, name).ok().flatten();
            // What is absent on the way must have a meaning itself.
            node = node.get_go_cased(name).or_else(|| field.and_then(|field| field.absent))?;
            ty = field.map_or(Type::Any, |field| field.ty);
        }
        let written = node.as_object().and_then(|_| node.get_go_cased(last));
        written.or_else(|| schema().select(ty, last).ok().flatten()?.absent)
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
        self.whole().text(name)
    }

    /// A text, or nothing if it is absent.
    pub(crate) fn optional_text(&self, name: &str) -> Known<Option<&'s str>> {
        self.whole().optional_text(name)
    }

    /// A text that may be empty, or nothing if it is absent.
    pub(crate) fn optional_prose(&self, name: &str) -> Known<Option<&'s str>> {
        self.whole().optional_prose(name)
    }

    /// A text below fields.
    pub(crate) fn text_under(&self, path: &[&str]) -> Known<&'s str> {
        let node = self.under(path)?;
        self.as_text(path, node)
    }

    /// A text below fields, or nothing if it or one on the way is absent.
    pub(crate) fn optional_text_under(&self, path: &[&str]) -> Known<Option<&'s str>> {
        self.optional_under(path)?.map(|node| self.as_text(path, node)).transpose()
    }

    /// An id by which items of a section are compared.
    pub(crate) fn id_in(&self, section: &str, name: &str) -> Known<&'s str> {
        self.id_under(section, &[name])
    }

    /// Such an id, or nothing if it is absent.
    pub(crate) fn optional_id_in(&self, section: &str, name: &str) -> Known<Option<&'s str>> {
        self.optional_id_under(section, &[name])
    }

    /// Such an id below fields.
    pub(crate) fn id_under(&self, section: &str, path: &[&str]) -> Known<&'s str> {
        let node = self.under(path)?;
        self.as_id(section, path, node)
    }

    /// Such an id below fields, or nothing if it or one on the way is absent.
    pub(crate) fn optional_id_under(&self, section: &str, path: &[&str]) -> Known<Option<&'s str>> {
        self.optional_under(path)?.map(|node| self.as_id(section, path, node)).transpose()
    }

    /// A list of such ids below fields, with what its absence means.
    pub(crate) fn ids_under(&self, section: &str, path: &[&str]) -> Known<Vec<&'s str>> {
        self.list_under(path)?.iter().map(|node| self.as_id(section, path, *node)).collect()
    }

    /// An id or a name that is only looked up, and handed on.
    pub(crate) fn reference(&self, path: &[&str]) -> Known<&'s str> {
        let node = self.under(path)?;
        self.as_reference(path, node)
    }

    /// A node as an id by which items of a section are compared.
    pub(crate) fn as_id(&self, section: &str, path: &[&str], node: Json<'s>) -> Known<&'s str> {
        let id = self.as_reference(path, node)?;
        SnapshotView { snapshot: self.snapshot }.known_id(section, id)
    }

    fn as_reference(&self, path: &[&str], node: Json<'s>) -> Known<&'s str> {
        match node {
            Json::Symbol(text) => Ok(text),
            node => self.as_text(path, node),
        }
    }

    /// A yes or no.
    pub(crate) fn flag(&self, name: &str) -> Known<bool> {
        self.whole().flag(name)
    }

    /// A yes or no below fields.
    pub(crate) fn flag_under(&self, path: &[&str]) -> Known<bool> {
        let node = self.under(path)?;
        node.as_bool().ok_or_else(|| self.misfit(path, "true or false", &node))
    }

    /// A list.
    pub(crate) fn list(&self, name: &str) -> Known<&'s [Json<'s>]> {
        self.whole().list(name)
    }

    /// A list below fields, with what its absence means.
    pub(crate) fn list_under(&self, path: &[&str]) -> Known<&'s [Json<'s>]> {
        let node = self.under(path)?;
        node.as_list().ok_or_else(|| self.misfit(path, "a list", &node))
    }

    /// A list of texts.
    pub(crate) fn texts(&self, name: &str) -> Known<Vec<&'s str>> {
        self.whole().texts(name)
    }

    /// The objects of a list, as [`ObjectView::objects`].
    pub(crate) fn objects(
        &self,
        path: &'static [&'static str],
    ) -> Known<impl Iterator<Item = Known<ObjectView<'s>>> + Clone + use<'s>> {
        self.whole().objects(path)
    }

    /// As [`objects`](Self::objects); a list that cannot be read may hold anything, as one unknown object does.
    pub(crate) fn objects_or_unknown(&self, path: &'static [&'static str]) -> Vec<Known<ObjectView<'s>>> {
        self.objects(path).map_or_else(|unknown| vec![Err(unknown)], Iterator::collect)
    }

    /// The objects of a list that may be absent, as [`ObjectView::optional_objects`].
    pub(crate) fn optional_objects(
        &self,
        path: &'static [&'static str],
    ) -> Known<impl Iterator<Item = Known<ObjectView<'s>>> + use<'s>> {
        self.whole().optional_objects(path)
    }

    /// An object that may be absent.
    pub(crate) fn object(&self, path: &'static [&'static str]) -> Known<Option<ObjectView<'s>>> {
        self.whole().object(path)
    }

    /// An object inside it that something else found: `path` leads there.
    pub(crate) fn inside(&self, node: Json<'s>, path: &'static [&'static str]) -> Known<ObjectView<'s>> {
        match node.as_object() {
            Some(_) => Ok(ObjectView { node, resource: *self, path }),
            None => Err(self.misfit(path, "an object", &node)),
        }
    }

    fn as_text(&self, path: &[&str], node: Json<'s>) -> Known<&'s str> {
        match node {
            // AWS gives no empty ids, names and states: nothing can be looked up by one.
            Json::Str("") => Err(self.invalid(path, format!("{} is empty", last_of(path)))),
            Json::Str(text) => Ok(text),
            _ => Err(self.misfit(path, "a text", &node)),
        }
    }

    /// Why a node cannot be read as what it should be.
    pub(crate) fn misfit(&self, path: &[&str], wanted: &str, node: &Json<'_>) -> Unknown {
        let wrong = || self.invalid(path, format!("{} is {}, not {wanted}", last_of(path), node.kind()));
        template::why_not_known(node, &self.place_in_any(path)).unwrap_or_else(wrong)
    }

    /// The value of a tag. In a template its key may have symbols, and so may the one that is asked for.
    pub(crate) fn tag(&self, key: &str) -> Known<Option<&'s str>> {
        let may_be = |known: &str| {
            self.snapshot.is_of_template()
                && SymbolicText::of(known).same(&SymbolicText::of(key)).is_none_or(|same| same)
        };
        let mut found = None;
        // One that cannot be read may be the one.
        for tag in self.each_tag()? {
            let (known, value) = tag?;
            if known == key {
                found.get_or_insert(value?);
            } else if may_be(known) {
                return Err(template::not_known(known, ""));
            }
        }
        Ok(found)
    }

    /// The tags of an EC2 resource, which AWS leaves out where there are none.
    pub(crate) fn tags(&self) -> Known<Vec<(&'s str, &'s str)>> {
        let value = |tag: Known<(&'s str, Known<&'s str>)>| {
            tag.and_then(|(key, value)| {
                SnapshotView { snapshot: self.snapshot }.literal(key)?;
                Ok((key, value?))
            })
        };
        self.each_tag()?.map(value).collect()
    }

    fn each_tag(&self) -> Known<impl Iterator<Item = Known<(&'s str, Known<&'s str>)>> + use<'s>> {
        let tag = |tag: Known<ObjectView<'s>>| {
            let tag = tag?;
            let value =
                tag.optional_prose("Value").and_then(|value| value.ok_or_else(|| tag.absent("Value")));
            Ok((tag.reference("Key")?, value))
        };
        Ok(self.optional_objects(&["Tags", "*"])?.map(tag))
    }
}

/// A node, unless the snapshot says that it is not known.
fn known_node(node: Json<'_>) -> Known<Json<'_>> {
    match node {
        Json::Unknown(reason) => Err(Unknown::of(reason)),
        node => Ok(node),
    }
}

/// The last name of a path.
fn last_of<'p>(path: &[&'p str]) -> &'p str {
    path.iter().rev().find(|name| **name != "*").copied().unwrap_or("the resource")
}

impl<'s> ObjectView<'s> {
    /// A field, with what its absence means.
    pub(crate) fn field(&self, name: &str) -> Known<Json<'s>> {
        let meant = || self.resource.meaning_of_absence(&self.path_of(name));
        self.optional(name)?.or_else(meant).ok_or_else(|| self.absent(name))
    }

    /// A field, or nothing if it is absent. Not known if it could not be read.
    pub(crate) fn optional(&self, name: &str) -> Known<Option<Json<'s>>> {
        let Some(object) = self.node.as_object() else {
            return Err(self.resource.misfit(self.path, "an object", &self.node));
        };
        let missing = || self.resource.snapshot.why_missing(object, name).cloned();
        match self.node.get_go_cased(name) {
            Some(node) => known_node(node).map(Some),
            None => missing().map_or(Ok(None), Err),
        }
    }

    /// Whether it has a field.
    pub(crate) fn has(&self, name: &str) -> Known<bool> {
        self.optional(name).map(|node| node.is_some())
    }

    /// A text.
    pub(crate) fn text(&self, name: &str) -> Known<&'s str> {
        let node = self.field(name)?;
        self.as_text(name, node)
    }

    /// A text, or nothing if it is absent.
    pub(crate) fn optional_text(&self, name: &str) -> Known<Option<&'s str>> {
        self.optional(name)?.map(|node| self.as_text(name, node)).transpose()
    }

    /// An id by which items of a section are compared.
    pub(crate) fn id_in(&self, section: &str, name: &str) -> Known<&'s str> {
        let node = self.field(name)?;
        self.resource.as_id(section, &self.path_of(name), node)
    }

    /// Such an id, or nothing if it is absent.
    pub(crate) fn optional_id_in(&self, section: &str, name: &str) -> Known<Option<&'s str>> {
        let id = |node| self.resource.as_id(section, &self.path_of(name), node);
        self.optional(name)?.map(id).transpose()
    }

    /// Such ids, none if the list is absent.
    pub(crate) fn optional_ids_in(&self, section: &str, name: &str) -> Known<Vec<&'s str>> {
        if !self.has(name)? {
            return Ok(Vec::new());
        }
        let path = self.path_of(name);
        self.list(name)?.iter().map(|node| self.resource.as_id(section, &path, *node)).collect()
    }

    /// An id or a name that is only looked up, and handed on.
    pub(crate) fn reference(&self, name: &str) -> Known<&'s str> {
        let node = self.field(name)?;
        self.resource.as_reference(&self.path_of(name), node)
    }

    /// Such an id, or nothing if it is absent.
    pub(crate) fn optional_reference(&self, name: &str) -> Known<Option<&'s str>> {
        let reference = |node| self.resource.as_reference(&self.path_of(name), node);
        self.optional(name)?.map(reference).transpose()
    }

    /// A text that may be empty, or nothing if it is absent.
    fn optional_prose(&self, name: &str) -> Known<Option<&'s str>> {
        let text = |node: Json<'s>| node.as_str().ok_or_else(|| self.misfit(name, "a text", &node));
        self.optional(name)?.map(text).transpose()
    }

    /// A yes or no.
    pub(crate) fn flag(&self, name: &str) -> Known<bool> {
        let node = self.field(name)?;
        node.as_bool().ok_or_else(|| self.misfit(name, "true or false", &node))
    }

    /// A yes or no, or nothing if it is absent.
    pub(crate) fn optional_flag(&self, name: &str) -> Known<Option<bool>> {
        let flag = |node: Json<'s>| node.as_bool().ok_or_else(|| self.misfit(name, "true or false", &node));
        self.optional(name)?.map(flag).transpose()
    }

    /// A whole number, or nothing if it is absent.
    pub(crate) fn optional_int(&self, name: &str) -> Known<Option<i64>> {
        match self.optional(name)? {
            None => Ok(None),
            Some(Json::Int(number)) => Ok(Some(number)),
            Some(node) => Err(self.misfit(name, "a whole number", &node)),
        }
    }

    /// A list.
    pub(crate) fn list(&self, name: &str) -> Known<&'s [Json<'s>]> {
        let node = self.field(name)?;
        node.as_list().ok_or_else(|| self.misfit(name, "a list", &node))
    }

    /// A list of texts: one that is none may be any of them.
    pub(crate) fn texts(&self, name: &str) -> Known<Vec<&'s str>> {
        self.list(name)?.iter().map(|node| self.as_text(name, *node)).collect()
    }

    /// A list of texts that may be absent.
    pub(crate) fn optional_texts(&self, name: &str) -> Known<Vec<&'s str>> {
        if self.has(name)? { self.texts(name) } else { Ok(Vec::new()) }
    }

    /// The objects of a list, with `path` leading to each from the resource: `["Routes", "*"]`. What is
    /// no object is not known, and the others are there all the same.
    pub(crate) fn objects(
        &self,
        path: &'static [&'static str],
    ) -> Known<impl Iterator<Item = Known<Self>> + Clone + use<'s>> {
        let (resource, items) = (self.resource, self.list(last_of(path))?);
        Ok(items.iter().map(move |node| resource.inside(*node, path)))
    }

    /// The objects of a list, none if it is absent.
    pub(crate) fn optional_objects(
        &self,
        path: &'static [&'static str],
    ) -> Known<impl Iterator<Item = Known<Self>> + use<'s>> {
        let (resource, name) = (self.resource, last_of(path));
        let items = if self.has(name)? { self.list(name)? } else { &[] };
        Ok(items.iter().map(move |node| resource.inside(*node, path)))
    }

    /// An object that may be absent, with `path` leading to it from the resource.
    pub(crate) fn object(&self, path: &'static [&'static str]) -> Known<Option<Self>> {
        self.optional(last_of(path))?.map(|node| self.resource.inside(node, path)).transpose()
    }

    /// The names and values of its fields.
    pub(crate) fn entries(&self) -> &'s [(&'s str, Json<'s>)] {
        self.node.as_object().map(|object| object.entries()).unwrap_or_default()
    }

    /// A field that the snapshot does not have.
    pub(crate) fn absent(&self, name: &str) -> Unknown {
        self.resource.absent(&self.path_of(name))
    }

    /// A field that cannot be used, and why.
    pub(crate) fn invalid(&self, name: &str, reason: String) -> Unknown {
        self.resource.invalid(&self.path_of(name), reason)
    }

    fn misfit(&self, name: &str, wanted: &str, node: &Json<'_>) -> Unknown {
        self.resource.misfit(&self.path_of(name), wanted, node)
    }

    fn as_text(&self, name: &str, node: Json<'s>) -> Known<&'s str> {
        match node {
            Json::Str(text) if !text.is_empty() => Ok(text),
            _ => self.resource.as_text(&self.path_of(name), node),
        }
    }

    fn path_of<'p>(&self, name: &'p str) -> Vec<&'p str>
    where
        's: 'p,
    {
        self.path.iter().copied().chain([name]).collect()
    }
}

/// The name of a field as an object has it.
pub(crate) fn written_name<'n>(object: &Json<'n>, field: &'n str) -> &'n str {
    object.as_object().and_then(|object| object.get_go_cased(field)).map_or(field, |(name, _)| name)
}
