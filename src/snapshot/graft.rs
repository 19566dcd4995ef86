//! Values that a snapshot says of other places: what `notCollected` names is unknown there, whatever is written, and
//! what `references` names is a symbol. They are put into the tree before anything reads it, so that nothing has to ask.

use super::not_collected::NotCollected;
use super::section;
use crate::value::{Json, Object, Reason};
use bumpalo::Bump;
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// The places of a document that get another value.
pub(super) struct Grafts<'t> {
    root: &'t Object<'t>,
    arena: &'t Bump,
    top: Branch<'t>,
    /// The positions of fields in objects that have many: a hostile document names one after another.
    names: FxHashMap<usize, FxHashMap<&'t str, usize>>,
}

/// What is put at a place, and what below it. As deep as the tree, whatever the pointers are.
#[derive(Default)]
struct Branch<'t> {
    unknown: Option<&'t Reason<'t>>,
    is_symbol: bool,
    /// Of a list: why it may have more items.
    more: Option<&'t Reason<'t>>,
    children: FxHashMap<usize, Branch<'t>>,
}

/// Where a pointer leads.
enum Place<'t> {
    /// To a value.
    Value(Json<'t>),
    /// To nothing; how much of it leads somewhere, and where that is.
    Beyond(usize, Json<'t>),
}

/// Objects up to this size are searched field by field.
const FEW: usize = 16;

impl<'t> Grafts<'t> {
    pub(super) fn new(root: &'t Object<'t>, arena: &'t Bump) -> Self {
        Self { root, arena, top: Branch::default(), names: FxHashMap::default() }
    }

    /// Makes unknown what an entry of `notCollected` names: a value that is no object, and what a list within a
    /// resource may have besides. What it says of objects, of fields that are absent and of whole sections is no
    /// matter of the tree, and not taken.
    pub(super) fn takes(&mut self, entry: &NotCollected) -> bool {
        let Some((name, rest)) = split(entry.at.as_str()) else { return false };
        let Some(section) = section::by_name(&name) else { return false };
        // An item of a section is a resource, and is unknown as one.
        let outer = if section.is_list() { 2 } else { 1 };
        if segments(rest).nth(outer - 1).is_none() {
            return false;
        }
        let mut way = Vec::new();
        match self.follow(entry.at.as_str(), &mut way) {
            Place::Value(Json::Object(_)) | Place::Beyond(_, Json::Object(_)) => false,
            Place::Beyond(depth, Json::List(_)) if depth > outer => {
                let reason = entry.unknown().in_arena(self.arena);
                self.branch(&way).more.get_or_insert(reason);
                true
            }
            Place::Value(_) | Place::Beyond(..) if way.len() > outer => {
                let reason = entry.unknown().in_arena(self.arena);
                self.branch(&way).unknown.get_or_insert(reason);
                true
            }
            Place::Value(_) | Place::Beyond(..) => false,
        }
    }

    /// Makes a text a symbol; its text. None if the pointer leads to none.
    pub(super) fn symbol(&mut self, pointer: &str) -> Option<&'t str> {
        let mut way = Vec::new();
        let Place::Value(Json::Str(text)) = self.follow(pointer, &mut way) else { return None };
        self.branch(&way).is_symbol = true;
        Some(text)
    }

    /// The document with all of that.
    pub(super) fn grow(self) -> &'t Object<'t> {
        match self.top.grow(Json::Object(self.root), self.arena) {
            Json::Object(object) => object,
            _ => self.root,
        }
    }

    /// Follows a pointer as far as it leads, taking down the positions on the way.
    fn follow(&mut self, pointer: &str, way: &mut Vec<usize>) -> Place<'t> {
        let mut node = Json::Object(self.root);
        for segment in segments(pointer) {
            let next = match node {
                // A null counts as absent.
                Json::Object(object) => {
                    self.position(object, &segment).filter(|at| !object.entries()[*at].1.is_null())
                }
                Json::List(items) => segment.parse::<usize>().ok().filter(|at| *at < items.len()),
                _ => None,
            };
            let Some(at) = next else { return Place::Beyond(way.len(), node) };
            way.push(at);
            node = match node {
                Json::Object(object) => object.entries()[at].1,
                Json::List(items) => items[at],
                other => other,
            };
        }
        Place::Value(node)
    }

    fn position(&mut self, object: &'t Object<'t>, name: &str) -> Option<usize> {
        let entries = object.entries();
        if entries.len() <= FEW {
            let (written, _) = object.get_go_cased(name)?;
            return entries.iter().rposition(|(known, _)| *known == written);
        }
        let index = || entries.iter().enumerate().map(|(at, (name, _))| (*name, at)).collect();
        let names = self.names.entry(std::ptr::from_ref(object).addr()).or_insert_with(index);
        names.get(name).copied().or_else(|| names.get(go_cased(name)?.as_str()).copied())
    }

    fn branch(&mut self, way: &[usize]) -> &mut Branch<'t> {
        way.iter().fold(&mut self.top, |branch, at| branch.children.entry(*at).or_default())
    }
}

impl<'t> Branch<'t> {
    fn grow(&self, node: Json<'t>, arena: &'t Bump) -> Json<'t> {
        if let Some(reason) = self.unknown {
            return Json::Unknown(reason);
        }
        let child = |at: usize, node: Json<'t>| match self.children.get(&at) {
            Some(branch) => branch.grow(node, arena),
            None => node,
        };
        match node {
            Json::Str(text) if self.is_symbol => Json::Symbol(text),
            Json::Object(object) if !self.children.is_empty() => {
                let entries = object.entries().iter().enumerate();
                Json::object(arena, entries.map(|(at, (name, node))| (*name, child(at, *node))))
            }
            Json::List(items) if !self.children.is_empty() || self.more.is_some() => {
                let items = items.iter().enumerate().map(|(at, item)| child(at, *item));
                Json::list(arena, items.chain(self.more.map(Json::Unknown)))
            }
            node => node,
        }
    }
}

/// The first segment of a pointer, and the rest.
fn split(pointer: &str) -> Option<(Cow<'_, str>, &str)> {
    let inner = pointer.strip_prefix('/')?;
    let (first, rest) = inner.split_at(inner.find('/').unwrap_or(inner.len()));
    Some((unescaped(first), rest))
}

/// The segments of a pointer, one by one: a hostile one may have very many.
fn segments(pointer: &str) -> impl Iterator<Item = Cow<'_, str>> {
    pointer.split('/').skip(1).map(unescaped)
}

fn unescaped(segment: &str) -> Cow<'_, str> {
    match segment.contains('~') {
        true => Cow::Owned(segment.replace("~1", "/").replace("~0", "~")),
        false => Cow::Borrowed(segment),
    }
}

/// A name as Go tools print it.
fn go_cased(name: &str) -> Option<String> {
    let first = name.chars().next().filter(char::is_ascii_lowercase)?;
    Some(format!("{}{}", first.to_ascii_uppercase(), &name[1..]))
}
