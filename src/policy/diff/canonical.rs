//! A snapshot in one form, whatever document it is in: its sections by name, and what it says
//! about what it lacks. Two snapshots in this form can be compared field by field, and a part of one
//! put into the other.

use super::Side;
use super::pairs::Doc;
use crate::explain::Explanation;
use crate::scan::Opened;
use crate::snapshot::template::{REFERENCES, TEMPLATE_VERSION};
use crate::snapshot::{
    ClusterType, Identity, NotCollected, Part, Section, Snapshot, TemplateAddress, TemplateSource, section,
};
use crate::value::{Json, Pointer};
use rayon::iter::ParallelIterator;
use serde_json::{Map, Value};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// What a snapshot says about itself as a whole.
const ABOUT: [&str; 4] = ["account", "region", "partition", TemplateSource::FIELD];

/// A snapshot in one form.
#[derive(Debug)]
pub(super) struct CanonicalSnapshot {
    /// What can be judged.
    pub(super) draft: EditedSnapshot,
    /// Whose snapshot it is.
    pub(super) identity: Identity,
    /// Which kind of cluster it is.
    pub(super) kind: ClusterType,
    /// Which way its traffic goes, if that is wanted.
    pub(super) flows: Option<Arc<Explanation>>,
    /// By section: what tells its items apart.
    keys: HashMap<&'static str, Vec<Option<String>>>,
    /// By section: where it is in its document, and where its items are.
    places: HashMap<&'static str, (Pointer, Vec<Pointer>)>,
}

/// The snapshots that are compared field by field, by input and position in it.
#[derive(Debug, Default)]
pub(super) struct CanonicalSnapshots(HashMap<(Side, usize, usize), CanonicalSnapshot>);

impl CanonicalSnapshots {
    /// Snapshots of both sides.
    pub(super) fn new(all: impl ParallelIterator<Item = ((Side, usize, usize), CanonicalSnapshot)>) -> Self {
        Self(all.collect())
    }

    /// One of them.
    pub(super) fn get(&self, side: Side, doc: Option<Doc>) -> Option<&CanonicalSnapshot> {
        let doc = doc?;
        self.0.get(&(side, doc.file, doc.snapshot))
    }
}

/// A snapshot that may be changed.
#[derive(Clone, Debug)]
pub(super) struct EditedSnapshot {
    /// The sections, and what the snapshot says about itself.
    pub(super) document: Value,
    /// What it lacks.
    pub(super) gaps: Vec<NotCollected>,
    /// The texts in it that are symbols, wherever they stand.
    pub(super) symbols: BTreeSet<String>,
}

impl CanonicalSnapshot {
    /// A snapshot of a document.
    pub(super) fn of(opened: &Opened<'_>, snapshot: &Snapshot<'_>) -> Self {
        let raw = resolve(opened.document.root, &snapshot.pointer);
        let mut document = Map::new();
        let version = if snapshot.is_of_template() { TEMPLATE_VERSION } else { 1 };
        document.insert("schemaVersion".to_owned(), version.into());
        for field in ABOUT.into_iter().chain(TemplateAddress::FIELDS) {
            if let Some(value) = raw.get(field) {
                document.insert(field.to_owned(), value_of(value));
            }
        }
        let (mut keys, mut places) = (HashMap::new(), HashMap::new());
        for part in snapshot.parts() {
            let name = part.section.name.as_str();
            document.insert(name.to_owned(), section_value(part));
            let items = 0..part.items().len();
            keys.insert(name, items.clone().map(|at| part.key_of(at)).collect());
            places.insert(name, (part.pointer(), items.map(|at| part.item_pointer(at)).collect()));
        }
        let symbols = snapshot.symbols().map(str::to_owned).collect();
        let draft = EditedSnapshot { document: Value::Object(document), gaps: gaps(raw, snapshot), symbols };
        Self { draft, identity: snapshot.identity.clone(), kind: snapshot.kind, flows: None, keys, places }
    }

    /// A section, if the snapshot has it.
    pub(super) fn section(&self, section: &Section) -> Option<&Value> {
        self.draft.document.get(&section.name)
    }

    /// What tells the items of a section apart.
    pub(super) fn keys(&self, section: &Section) -> &[Option<String>] {
        self.keys.get(section.name.as_str()).map(Vec::as_slice).unwrap_or_default()
    }

    /// Where a place of this form is in the document. What is not there has the place it would
    /// have.
    pub(super) fn in_document(&self, pointer: &Pointer) -> Pointer {
        let mut segments = pointer.segments();
        let name = segments.next().unwrap_or_default();
        let Some((place, items)) = self.places.get(name.as_str()) else { return pointer.clone() };
        let mut segments = segments.peekable();
        let item = segments.peek().and_then(|at| items.get(at.parse::<usize>().ok()?));
        let start = item.unwrap_or(place).clone();
        segments.skip(usize::from(item.is_some())).fold(start, |place, segment| place.key(&segment))
    }
}

impl EditedSnapshot {
    /// The whole snapshot, as one document.
    pub(super) fn into_document(mut self) -> Value {
        if !self.gaps.is_empty() {
            self.document[NotCollected::FIELD] = self.gaps.iter().map(NotCollected::to_value).collect();
        }
        if !self.symbols.is_empty() {
            let mut references = Vec::new();
            for section in section::all().iter().map(|section| section.name.as_str()) {
                if let Some(node) = self.document.get(section) {
                    find_symbols(node, &Pointer::root().key(section), &self.symbols, &mut references);
                }
            }
            self.document["schemaVersion"] = TEMPLATE_VERSION.into();
            self.document[REFERENCES] = references.into();
        }
        self.document
    }
}

/// The places of symbols in a value.
fn find_symbols(node: &Value, place: &Pointer, symbols: &BTreeSet<String>, found: &mut Vec<String>) {
    match node {
        Value::String(text) if symbols.contains(text) => found.push(place.to_string()),
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(at, item)| find_symbols(item, &place.index(at), symbols, found));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| find_symbols(field, &place.key(name), symbols, found));
        }
        _ => {}
    }
}

/// The node at a pointer, `Null` if there is none.
fn resolve<'t>(root: Json<'t>, pointer: &Pointer) -> Json<'t> {
    pointer.segments().fold(root, |node, segment| match node {
        Json::List(items) => {
            segment.parse::<usize>().ok().and_then(|at| items.get(at)).copied().unwrap_or(Json::Null)
        }
        _ => node.get(&segment).unwrap_or(Json::Null),
    })
}

/// A node as a value. What is not known stands in what the snapshot lacks.
fn value_of(node: Json<'_>) -> Value {
    match node {
        Json::Unknown(_) => Value::Null,
        Json::List(items) => items.iter().copied().map(value_of).collect(),
        Json::Object(object) => {
            let known = object.entries().iter().filter(|(_, node)| !matches!(node, Json::Unknown(_)));
            Value::Object(known.map(|(name, node)| ((*name).to_owned(), value_of(*node))).collect())
        }
        node => serde_json::to_value(node).unwrap_or_default(),
    }
}

/// The value of a section; a list of names where the document has no more than names.
fn section_value(part: &Part<'_>) -> Value {
    match part.names.is_empty() {
        true => value_of(part.node),
        false => part.names.iter().copied().map(Value::from).collect(),
    }
}

/// What a snapshot lacks: what it says itself, and what the form of its document means.
fn gaps(raw: Json<'_>, snapshot: &Snapshot<'_>) -> Vec<NotCollected> {
    let mut gaps = NotCollected::list(raw);
    for part in snapshot.parts() {
        let place = Pointer::root().key(&part.section.name);
        // A list of names says by itself that it is no more.
        let of_part = part.incomplete.as_ref().filter(|_| part.names.is_empty());
        let whole = part.node.as_object().and_then(|object| snapshot.why_incomplete(object));
        let of_part = of_part.or(whole).map(|unknown| (place.clone(), unknown));
        let of_items =
            part.items().iter().enumerate().filter_map(|(at, item)| {
                Some((place.index(at), snapshot.why_incomplete(item.as_object()?)?))
            });
        for (at, unknown) in of_part.into_iter().chain(of_items) {
            if gaps.iter().all(|gap| gap.at != at) {
                gaps.push(NotCollected::of(at, unknown));
            }
        }
    }
    gaps
}
