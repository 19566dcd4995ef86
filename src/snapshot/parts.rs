//! A document seen as snapshots: which of its parts fills which section, and where it stands.

use super::envelope::{self, Envelope, Holds};
use super::graft::Grafts;
use super::identity::{Identity, partition_of_region};
use super::nature::{ETCD_INSTANCES, why_nothing};
use super::not_a_snapshot::{NotASnapshot, alone, not_a_snapshot, refuse};
use super::not_collected::NotCollected;
use super::repeated::Repeated;
use super::schema::{Type, schema};
use super::section::{self, Section};
use super::template::{self, Symbols, TemplateAddress, TemplateSource};
use super::unknown::{Unknown, UnknownKind};
use crate::text::bounded_name;
use crate::value::{Json, Object, Pointer, SymbolicText};
use bumpalo::Bump;
use chrono::{DateTime, Utc};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// One snapshot in a document.
#[derive(Debug)]
pub struct Snapshot<'t> {
    /// Where it stands in the document.
    pub pointer: Pointer,
    /// Whose snapshot it is.
    pub identity: Identity,
    /// When it was read, if it says so.
    pub captured_at: Option<DateTime<Utc>>,
    /// Which kind of cluster, as far as is known: see [`why_kind_unknown`](Self::why_kind_unknown).
    pub kind: ClusterType,
    kind_unknown: Option<Unknown>,
    /// Whether it is a whole snapshot, rather than answers of the AWS CLI.
    whole: bool,
    parts: Vec<Option<Part<'t>>>,
    /// Which field gave which section, by its place.
    given: Vec<(usize, &'t str)>,
    /// In the order of their places: rules ask for every field that is absent.
    gaps: Vec<Gap<'t>>,
    absent: Vec<(usize, Unknown)>,
    uncollected: Vec<Unknown>,
    /// What it was made of, if that is a template.
    pub source: Option<TemplateSource>,
    symbols: Symbols<'t>,
    symbol_keys: FxHashMap<&'t str, SymbolKeys>,
}

/// Of which sections a symbol tells an item apart. Two different ones that do so in one section stand for different texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SymbolKeys(u64);

impl SymbolKeys {
    /// Whether both tell items of the same section apart.
    pub fn share_a_section(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// What the control plane runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClusterType {
    /// In AWS.
    Eks,
    /// On an Outpost with Amazon EBS, or one made before there was anything else.
    Outpost,
    /// On an Outpost with EC2 instance store, where EKS can do more.
    OutpostInstanceStore,
    /// Elsewhere: registered through the EKS Connector.
    Connected,
}

impl ClusterType {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Eks, Self::Outpost, Self::OutpostInstanceStore, Self::Connected];

    /// Those whose clusters have a VPC: what a rule applies to unless it says otherwise.
    pub const IN_VPC: [Self; 3] = [Self::Eks, Self::Outpost, Self::OutpostInstanceStore];

    /// Whether it is one of the two that run on an Outpost.
    pub fn is_on_outpost(self) -> bool {
        matches!(self, Self::Outpost | Self::OutpostInstanceStore)
    }
}

/// A section of a snapshot.
#[derive(Debug)]
pub struct Part<'t> {
    /// Which section.
    pub section: &'static Section,
    /// The list or the object.
    pub node: Json<'t>,
    /// Why it may lack items that exist, if it may.
    pub incomplete: Option<Unknown>,
    /// The names of items that a list answer gives; the items are not there.
    pub names: Vec<&'t str>,
    /// Symbols that tell items apart: what is looked up and not found may be such an item.
    symbols: Vec<&'t str>,
    places: ItemPlaces,
    /// For longer keyed lists: positions sorted by key.
    by_key: Vec<u32>,
}

/// Where the items of a part stand in the document.
#[derive(Debug)]
enum ItemPlaces {
    /// At the part's own pointer, followed by the position.
    Under(Pointer),
    /// Each at its own, below the part's.
    Each(Pointer, Vec<Pointer>),
}

/// A part of an object that could not be read, as `notCollected` says.
#[derive(Debug)]
struct Gap<'t> {
    object: &'t Object<'t>,
    /// The field; none for the whole object.
    field: Option<String>,
    unknown: Unknown,
}

impl Gap<'_> {
    /// The address of the object, and the field.
    fn place(&self) -> (usize, Option<&str>) {
        (std::ptr::from_ref(self.object).addr(), self.field.as_deref())
    }
}

/// Up to so many symbols are compared with what is looked up.
const FEW_SYMBOLS: usize = 64;

/// Keyed lists up to this length are searched one by one.
const SCAN_LIMIT: usize = 8;

impl<'t> Part<'t> {
    fn new(section: &'static Section, node: Json<'t>, places: ItemPlaces) -> Self {
        let mut part = Self {
            section,
            node,
            incomplete: None,
            names: Vec::new(),
            symbols: Vec::new(),
            places,
            by_key: Vec::new(),
        };
        if part.items().len() > SCAN_LIMIT {
            let mut order: Vec<u32> = (0..).take(part.items().len()).collect();
            order.sort_by_cached_key(|at| part.key_in(*at as usize));
            part.by_key = order;
        }
        let unusable = part.items().iter().find_map(|item| Some((item, section.unusable_key(item)?)));
        // Whatever is looked up may be the item whose key cannot be read.
        part.incomplete = unusable.map(|(item, field)| {
            if let Some(Json::Unknown(reason)) = item.get_go_cased(field) {
                return Unknown::of(reason);
            }
            let reason = format!("{} has an item without a usable {field}", section.name);
            Unknown::invalid(reason, &format!("/{}/*/{field}", section.name))
        });
        part
    }

    /// Notes which items are told apart by a symbol.
    fn find_symbols(&mut self) {
        self.symbols = self.items().iter().filter_map(|item| self.section.symbol_in_key(item)).collect();
    }

    /// The symbol for which an item may have the key that none is found by: the key itself, or that of the item.
    fn symbol_that_may_be<'k>(&'k self, key: &'k str, snapshot: &Snapshot<'t>) -> Option<&'k str> {
        let is_symbol = snapshot.is_symbol(key);
        let first = if is_symbol { Some(key) } else { self.symbols.first().copied() };
        // Of compound keys only a part is a symbol, and of very many each may be it.
        if self.section.key.is_none()
            || self.symbols.len() > FEW_SYMBOLS
            || is_symbol && self.items().len() > FEW_SYMBOLS
        {
            return first.filter(|_| !self.items().is_empty());
        }
        let wanted = if is_symbol { SymbolicText::of(key) } else { SymbolicText::literal(key) };
        let sections = snapshot.symbol_keys(key);
        let may_be = |item: &SymbolicText<'_>, written: &str| {
            !snapshot.symbol_keys(written).share_a_section(sections) && item.same(&wanted).is_none()
        };
        let literal = || (0..self.items().len()).filter_map(|at| self.key_in(at));
        let symbols = self.symbols.iter().copied();
        if is_symbol && literal().any(|text| may_be(&SymbolicText::literal(&text), &text)) {
            return first;
        }
        symbols
            .into_iter()
            .find(|symbol| may_be(&SymbolicText::of(symbol), symbol))
            .map(|one| if is_symbol { key } else { one })
    }

    /// Why an item may have the key that none is found by: an item has a symbol for a key, or the key is one.
    pub fn why_not_found(&self, key: &str, snapshot: &Snapshot<'t>) -> Option<Unknown> {
        if !snapshot.has_symbols() {
            return None;
        }
        let symbol = self.symbol_that_may_be(key, snapshot)?;
        Some(template::not_known(symbol, &format!("/{}", self.section.name)))
    }

    /// The items; none for an object.
    pub fn items(&self) -> &'t [Json<'t>] {
        self.node.as_list().unwrap_or_default()
    }

    /// Where the part stands.
    pub fn pointer(&self) -> Pointer {
        match &self.places {
            ItemPlaces::Under(pointer) | ItemPlaces::Each(pointer, _) => pointer.clone(),
        }
    }

    /// Where an item stands.
    pub fn item_pointer(&self, at: usize) -> Pointer {
        match &self.places {
            ItemPlaces::Under(pointer) => pointer.index(at),
            ItemPlaces::Each(_, pointers) => pointers.get(at).cloned().unwrap_or_default(),
        }
    }

    /// Whether a pointer leads into the part: to which item, and the rest of the pointer from there.
    pub fn find<'p>(&self, pointer: &'p str) -> Option<(Option<usize>, &'p str)> {
        let below = |place: &Pointer| {
            let rest = pointer.strip_prefix(place.as_str())?;
            (rest.is_empty() || rest.starts_with('/')).then_some(rest)
        };
        match &self.places {
            ItemPlaces::Each(_, places) => {
                places.iter().enumerate().find_map(|(at, place)| Some((Some(at), below(place)?)))
            }
            ItemPlaces::Under(place) => {
                let rest = below(place)?;
                let item = self.section.is_list().then(|| {
                    let (at, rest) = split_segment(rest)?;
                    Some((Some(at.parse().ok()?), rest))
                });
                Some(item.flatten().unwrap_or((None, rest)))
            }
        }
    }

    /// What tells an item apart from the others of its section.
    pub fn key_of(&self, at: usize) -> Option<String> {
        self.section.key_of(self.items().get(at)?)
    }

    fn key_in(&self, at: usize) -> Option<Cow<'t, str>> {
        self.section.key_in(self.items().get(at)?)
    }

    /// The position of the item with that key.
    pub fn position(&self, key: &str) -> Option<usize> {
        let same = |at: &usize| self.key_in(*at).as_deref() == Some(key);
        if self.by_key.is_empty() {
            return (0..self.items().len()).find(same);
        }
        let first = self.by_key.partition_point(|at| self.key_in(*at as usize).as_deref() < Some(key));
        self.by_key.get(first).map(|at| *at as usize).filter(same)
    }
}

/// The first segment of a pointer, as written, and the rest.
fn split_segment(pointer: &str) -> Option<(&str, &str)> {
    let segment = pointer.strip_prefix('/')?;
    Some(segment.split_at(segment.find('/').unwrap_or(segment.len())))
}

impl<'t> Snapshot<'t> {
    /// The sections that the snapshot has.
    pub fn parts(&self) -> impl Iterator<Item = &Part<'t>> {
        self.parts.iter().flatten()
    }

    /// The section, if the snapshot has it.
    pub fn part(&self, section: &Section) -> Option<&Part<'t>> {
        self.parts[section.index()].as_ref()
    }

    /// The section of that name, if there is such a section and the snapshot has it.
    pub fn part_named(&self, name: &str) -> Option<&Part<'t>> {
        self.part(section::by_name(name)?)
    }

    /// Whether it is about a cluster as such, rather than an answer about a part of one.
    pub fn is_of_cluster(&self) -> bool {
        self.cluster().is_some() || self.whole && !self.is_of_template()
    }

    /// What the document is if nothing can be said of it without its cluster.
    pub fn alone(&self) -> NotASnapshot {
        let first = self.given.first().map(|(at, field)| (&section::all()[*at], *field));
        let row = first
            .and_then(|(section, field)| envelope::by_field(field).filter(|row| row.section == section.name));
        let named = self.parts().all(|part| part.items().is_empty() && !part.names.is_empty());
        let names = self.parts().flat_map(|part| &part.names).copied().filter(|_| named);
        alone(row, first.map(|(section, _)| section), &names.collect::<Vec<_>>())
    }

    /// The cluster itself.
    pub fn cluster(&self) -> Option<Json<'t>> {
        self.part_named("cluster").map(|part| part.node)
    }

    /// Why it is not known of which kind the cluster is, if it is not.
    pub fn why_kind_unknown(&self) -> Option<&Unknown> {
        self.kind_unknown.as_ref()
    }

    /// Why the snapshot does not have a section.
    pub fn why_absent(&self, section: &Section) -> Unknown {
        let noted = self.absent.iter().find(|(at, _)| *at == section.index());
        match noted {
            Some((_, unknown)) => unknown.clone(),
            None if self.is_of_template() && !self.is_of_cluster() => template::without_cluster(section),
            None => Unknown::section_absent(section),
        }
    }

    /// Whether some of its texts are symbols.
    pub fn has_symbols(&self) -> bool {
        !self.symbols.is_empty()
    }

    /// Whether it was made of a template.
    pub fn is_of_template(&self) -> bool {
        self.source.is_some() || self.has_symbols()
    }

    /// Whether a text is one of its symbols.
    pub fn is_symbol(&self, text: &str) -> bool {
        self.has_symbols() && self.symbols.is_one(text)
    }

    /// Of which sections that have symbols for keys a text tells an item apart.
    pub fn symbol_keys(&self, symbol: &str) -> SymbolKeys {
        self.symbol_keys.get(symbol).copied().unwrap_or_default()
    }

    /// Its symbols.
    pub fn symbols(&self) -> impl Iterator<Item = &'t str> {
        self.symbols.texts()
    }

    /// Every entry of `notCollected`.
    pub fn uncollected(&self) -> &[Unknown] {
        &self.uncollected
    }

    /// Why an object may lack a field that exists, if it may.
    pub fn why_missing(&self, object: &Object<'t>, field: &str) -> Option<&Unknown> {
        self.gap(object, None).or_else(|| self.gap(object, Some(field)))
    }

    /// Why an object may lack any field, if it may.
    pub fn why_incomplete(&self, object: &Object<'t>) -> Option<&Unknown> {
        self.gap(object, None)
    }

    /// Why something in a node may lack what exists, if it may. Where something is taken apart as a whole, what is missing in it
    /// would be taken for what is not there.
    pub fn why_incomplete_within(&self, node: &Json<'t>) -> Option<&Unknown> {
        match node {
            _ if self.gaps.is_empty() => None,
            Json::List(items) => items.iter().find_map(|item| self.why_incomplete_within(item)),
            Json::Object(object) => {
                let place = std::ptr::from_ref(*object).addr();
                let first = self.gaps.partition_point(|gap| gap.place().0 < place);
                let own = self.gaps.get(first).filter(|gap| gap.place().0 == place);
                let own = own.map(|gap| &gap.unknown);
                own.or_else(|| {
                    object.entries().iter().find_map(|(_, field)| self.why_incomplete_within(field))
                })
            }
            _ => None,
        }
    }

    fn gap(&self, object: &Object<'t>, field: Option<&str>) -> Option<&Unknown> {
        let place = (std::ptr::from_ref(object).addr(), field);
        let first = self.gaps.partition_point(|gap| gap.place() < place);
        self.gaps.get(first).filter(|gap| gap.place() == place).map(|gap| &gap.unknown)
    }

    /// The snapshots of a document.
    ///
    /// # Errors
    ///
    /// What the document is instead, in words.
    pub fn read(root: Json<'t>, arena: &'t Bump) -> Result<Vec<Self>, NotASnapshot> {
        Self::read_each(root, false, arena).into_iter().map(|(_, read)| read).collect()
    }

    /// The snapshots of a document, and what stands in their place, each with its own. A list without any
    /// snapshot is one thing. `repeats` says that a field may be there twice.
    pub fn read_each(
        root: Json<'t>,
        repeats: bool,
        arena: &'t Bump,
    ) -> Vec<(Pointer, Result<Self, NotASnapshot>)> {
        let read = |item: Json<'t>, place: Pointer| {
            let read = Self::read_at(item, &place, repeats, arena);
            (place, read)
        };
        let Json::List(items @ [first, ..]) = root else { return vec![read(root, Pointer::root())] };
        let numbered = items.iter().enumerate();
        let all: Vec<_> = numbered.map(|(at, item)| read(*item, Pointer::root().index(at))).collect();
        let of_ours = |read: &Result<_, _>| {
            matches!(read, Ok(_) | Err(NotASnapshot::Repeated(_) | NotASnapshot::Template(_)))
        };
        if all.iter().any(|(_, read)| of_ours(read)) {
            return all;
        }
        let one = all.into_iter().next().map(|(_, read)| match (read, first) {
            (Err(NotASnapshot::Other(what)), node) if node.as_object().is_none() => {
                Err(NotASnapshot::Other(format!("a list with {what}")))
            }
            (read, _) => read,
        });
        one.map(|read| (Pointer::root(), read)).into_iter().collect()
    }

    /// The snapshot at a place of a document.
    ///
    /// # Errors
    ///
    /// What stands there instead, in words.
    pub fn read_at(
        node: Json<'t>,
        place: &Pointer,
        repeats: bool,
        arena: &'t Bump,
    ) -> Result<Self, NotASnapshot> {
        let Json::Object(object) = node else {
            let is_empty = node.as_list().is_some_and(<[_]>::is_empty);
            let what = if is_empty { "an empty list" } else { node.kind() };
            return Err(NotASnapshot::Other(what.to_owned()));
        };
        let snapshot = SnapshotReader::new(place.clone(), arena).read(object)?;
        match repeats.then(|| snapshot.repeated(node)).flatten() {
            Some(repeated) => Err(NotASnapshot::Repeated(repeated)),
            None => Ok(snapshot),
        }
    }

    /// The first field that is there twice.
    fn repeated(&self, node: Json<'t>) -> Option<Repeated> {
        let in_part = |part: &Part<'t>| {
            let ty = schema().section(&part.section.name);
            if !part.section.is_list() {
                return Repeated::find(part.node, ty, &part.pointer());
            }
            let mut items = part.items().iter().enumerate();
            items.find_map(|(at, item)| Repeated::find(*item, schema().item(ty), &part.item_pointer(at)))
        };
        Repeated::find(node, Type::Any, &self.pointer).or_else(|| self.parts().find_map(in_part))
    }
}

struct SnapshotReader<'t> {
    arena: &'t Bump,
    pointer: Pointer,
    /// Whether the document is a whole snapshot, rather than answers of the AWS CLI.
    whole: bool,
    parts: Vec<Option<Part<'t>>>,
    /// Which field gave which section, by its place.
    given: Vec<(usize, &'t str)>,
    gaps: Vec<Gap<'t>>,
    /// Sections that are written, and not as AWS documents them.
    unread: Vec<(usize, Unknown)>,
    source: Option<TemplateSource>,
    address: Option<TemplateAddress>,
    symbols: Symbols<'t>,
    /// What it says that it lacks, and whether the tree shows it.
    lacks: Vec<(bool, NotCollected)>,
}

impl<'t> SnapshotReader<'t> {
    fn new(pointer: Pointer, arena: &'t Bump) -> Self {
        let parts = section::all().iter().map(|_| None).collect();
        Self {
            arena,
            pointer,
            whole: false,
            parts,
            given: Vec::new(),
            gaps: Vec::new(),
            unread: Vec::new(),
            source: None,
            address: None,
            symbols: Symbols::default(),
            lacks: Vec::new(),
        }
    }

    fn read(mut self, object: &'t Object<'t>) -> Result<Snapshot<'t>, NotASnapshot> {
        refuse(object)?;
        self.whole = object.get("schemaVersion").is_some();
        let object = self.grafted(object)?;
        for (field, value) in object.entries() {
            self.read_field(field, *value)?;
        }
        self.read_whole(object)?;
        if self.parts.iter().all(Option::is_none) {
            return Err(not_a_snapshot(object));
        }
        if envelope::is_cut(object) {
            for part in self.parts.iter_mut().flatten() {
                part.incomplete.get_or_insert(Unknown::cut(part.section));
            }
        }
        Ok(self.finish(object))
    }

    /// The document with what it says of its own places: unknown values, and symbols.
    fn grafted(&mut self, object: &'t Object<'t>) -> Result<&'t Object<'t>, NotASnapshot> {
        let lacks = NotCollected::list(Json::Object(object));
        if self.whole {
            self.source = TemplateSource::of(object).map_err(NotASnapshot::Template)?;
        }
        if self.source.is_some() {
            self.address = TemplateAddress::of(object).map_err(NotASnapshot::Template)?;
        }
        let mut grafts = Grafts::new(object, self.arena);
        self.symbols = template::symbols(object, &mut grafts).map_err(NotASnapshot::Template)?;
        let lacks = lacks.into_iter().map(|entry| (grafts.takes(&entry), entry));
        self.lacks = lacks.collect();
        match self.symbols.is_empty() && self.lacks.iter().all(|(is_in_tree, _)| !is_in_tree) {
            true => Ok(object),
            false => Ok(grafts.grow()),
        }
    }

    /// Reads one top-level field, if it is a section or an answer of the AWS CLI.
    fn read_field(&mut self, field: &'t str, value: Json<'t>) -> Result<(), NotASnapshot> {
        let row = envelope::by_field(field);
        let Some(section) = section::by_name(field).or_else(|| row?.section()) else { return Ok(()) };
        let place = self.pointer.key(field);
        let part = match value {
            Json::List(items) if field == "Reservations" => self.instances(section, items, place),
            Json::List([one @ Json::Object(_)]) if !section.is_list() => {
                self.object(section, *one, place.index(0))
            }
            Json::List(items) => self.list(section, items, place),
            Json::Object(_) if !section.is_list() => self.object(section, value, place),
            Json::Object(_) if section::by_name(field).is_none() => self.item(section, value, place),
            _ => None,
        };
        let Some(part) = part else {
            if section::by_name(field).is_some() && !value.is_null() {
                self.unread.push((section.index(), Unknown::unreadable(section, &value)));
            }
            return Ok(());
        };
        if let Some(row) = row.filter(|_| !self.whole) {
            self.note_summaries(row, &part);
        }
        self.add(field, part)
    }

    /// Adds a section, which nothing else may fill.
    fn add(&mut self, field: &'t str, part: Part<'t>) -> Result<(), NotASnapshot> {
        let at = part.section.index();
        if let Some((_, first)) = self.given.iter().find(|(given, _)| *given == at) {
            return Err(NotASnapshot::Repeated(Repeated::of(self.pointer.clone(), [first, field])));
        }
        self.given.push((at, field));
        self.parts[at] = Some(part);
        Ok(())
    }

    /// A section that is one object.
    fn object(&self, section: &'static Section, value: Json<'t>, place: Pointer) -> Option<Part<'t>> {
        let flat = || Part::new(section, self.flat(value), ItemPlaces::Under(place));
        section.is_item(value).then(flat)
    }

    /// The attributes of a VPC as booleans: DescribeVpcAttribute prints `{"Value": true}`.
    fn flat(&self, value: Json<'t>) -> Json<'t> {
        let attribute = |(name, node): &(&'t str, Json<'t>)| match node.get("Value") {
            Some(flag @ Json::Bool(_)) if name.starts_with("Enable") => (*name, flag),
            _ => (*name, *node),
        };
        match value {
            Json::Object(object) if object.entries().iter().any(|entry| attribute(entry) != *entry) => {
                Json::object(self.arena, object.entries().iter().map(attribute))
            }
            _ => value,
        }
    }

    /// The answer of a call that describes one item.
    fn item(&self, section: &'static Section, value: Json<'t>, place: Pointer) -> Option<Part<'t>> {
        section.is_item(value).then(|| {
            let list = Json::list(self.arena, [value]);
            let mut part = Part::new(section, list, ItemPlaces::Each(place.clone(), vec![place]));
            part.incomplete = Some(Unknown::section_incomplete(section));
            part
        })
    }

    /// What a list answer says of an item is not all there is.
    fn note_summaries(&mut self, row: &Envelope, part: &Part<'t>) {
        let Holds::Summaries(full) = row.holds else { return };
        for item in part.items() {
            if let (Json::Object(object), None) = (item, item.get(full)) {
                self.gaps.push(Gap { object, field: None, unknown: Unknown::summary(part.section) });
            }
        }
    }

    /// A list of items, or of names only.
    fn list(&self, section: &'static Section, items: &'t [Json<'t>], place: Pointer) -> Option<Part<'t>> {
        if !section.is_list() {
            return None;
        }
        let versions = |item: &Json<'_>| section.name == "addons" && item.get("addonVersions").is_some();
        if items.iter().any(versions) {
            return self.list(section::by_name("addonVersions")?, items, place);
        }
        let is_object = |item: &Json<'t>| matches!(item, Json::Object(_));
        if items.iter().all(is_object) {
            // A whole snapshot has sections by that name; what else has such a field may be anything.
            let ours = self.whole || items.is_empty() || items.iter().any(|item| section.is_item(*item));
            return ours.then(|| Part::new(section, Json::List(items), ItemPlaces::Under(place)));
        }
        // Names stand for items that are not there; anything else may stand for any item.
        let names: Vec<_> = items.iter().filter_map(Json::as_str).filter(|name| !name.is_empty()).collect();
        let objects = items.iter().enumerate().filter(|(_, item)| is_object(item));
        let (places, known): (Vec<_>, Vec<_>) = objects.map(|(at, item)| (place.index(at), *item)).unzip();
        if names.is_empty() && known.is_empty() {
            return None;
        }
        let list = Json::list(self.arena, known);
        let mut part = Part::new(section, list, ItemPlaces::Each(place, places));
        let is_odd = |item: &&Json<'t>| !matches!(item, Json::Object(_) | Json::Str(_));
        part.incomplete = match items.iter().find(is_odd) {
            Some(odd) => Some(Unknown::unreadable_item(section, odd)),
            None => Some(Unknown::section_incomplete(section)),
        };
        part.names = names;
        Some(part)
    }

    /// `Reservations[].Instances[]` as one list.
    fn instances(
        &self,
        section: &'static Section,
        reservations: &'t [Json<'t>],
        place: Pointer,
    ) -> Option<Part<'t>> {
        let (mut items, mut places) = (Vec::new(), Vec::new());
        for (at, reservation) in reservations.iter().enumerate() {
            let instances = reservation.get("Instances").and_then(|node| node.as_list())?;
            for (inner, instance) in instances.iter().enumerate() {
                items.push(*instance);
                places.push(place.index(at).key("Instances").index(inner));
            }
        }
        Some(Part::new(section, Json::list(self.arena, items), ItemPlaces::Each(place, places)))
    }

    /// A document that is itself a section's object: a bare cluster, or the answer of a call that
    /// has no envelope.
    fn read_whole(&mut self, object: &'t Object<'t>) -> Result<(), NotASnapshot> {
        let row = envelope::of_whole(object);
        let Some((row, section)) = row.and_then(|row| Some((row, row.section()?))) else { return Ok(()) };
        let part =
            Part::new(section, self.flat(Json::Object(object)), ItemPlaces::Under(self.pointer.clone()));
        if let (Holds::Attribute(_), Json::Object(object)) = (row.holds, part.node) {
            self.gaps.push(Gap { object, field: None, unknown: Unknown::summary(section) });
        }
        let field = object.get_go_cased(row.field).map_or(row.field, |(field, _)| field);
        self.add(field, part)
    }

    fn finish(mut self, object: &'t Object<'t>) -> Snapshot<'t> {
        if !self.symbols.is_empty() {
            self.parts.iter_mut().flatten().for_each(Part::find_symbols);
        }
        let identity = identity(object, self.parts[0].as_ref().map(|part| part.node), &self.parts);
        let identity = identity.in_template(self.address.take());
        let shared_vpc = self.shared_vpc(&identity);
        if let Some(shared_vpc) = shared_vpc {
            self.hide_fields(shared_vpc);
        }
        let (mut absent, mut uncollected) = (std::mem::take(&mut self.unread), Vec::new());
        let cluster = self.parts[0].as_ref().map(|part| part.node);
        for (is_in_tree, entry) in std::mem::take(&mut self.lacks) {
            let entry = by_nature(entry, cluster);
            uncollected.push(entry.unknown());
            if !is_in_tree {
                self.note(&entry.at, entry.unknown(), &mut absent);
            }
        }
        if let Some(shared_vpc) = shared_vpc {
            self.hide_sections(shared_vpc, &mut absent);
        }
        self.note_nature(cluster, &mut absent);
        self.note_template(&mut absent);
        let symbol_keys = self.symbol_keys();
        let (kind, kind_unknown) = cluster.map_or((ClusterType::Eks, None), kind);
        // Of one place, the first that was noted stays the first.
        self.gaps.sort_by(|a, b| a.place().cmp(&b.place()));
        Snapshot {
            identity,
            kind,
            kind_unknown,
            captured_at: captured_at(object),
            whole: self.whole,
            given: self.given,
            pointer: self.pointer,
            parts: self.parts,
            gaps: self.gaps,
            absent,
            uncollected,
            source: self.source,
            symbols: self.symbols,
            symbol_keys,
        }
    }

    /// Of which sections symbols tell items apart.
    fn symbol_keys(&self) -> FxHashMap<&'t str, SymbolKeys> {
        let mut keys: FxHashMap<&'t str, SymbolKeys> = FxHashMap::default();
        for part in self.parts.iter().flatten().filter(|part| part.section.key.is_some()) {
            let bit = u32::try_from(part.section.index()).ok().and_then(|at| 1_u64.checked_shl(at));
            for item in part.items().iter().filter(|_| !part.symbols.is_empty()) {
                let key = part.section.key.as_deref().and_then(|key| item.get_go_cased(key)?.as_written());
                if let Some(key) = key {
                    keys.entry(key).or_default().0 |= bit.unwrap_or_default();
                }
            }
        }
        keys
    }

    /// Notes the sections that are not there because no template has them.
    fn note_template(&self, absent: &mut Vec<(usize, Unknown)>) {
        let missing = section::all().iter().filter(|section| self.parts[section.index()].is_none());
        for section in missing.filter(|section| self.source.is_some() && section.running_only) {
            if absent.iter().all(|(at, _)| *at != section.index()) {
                absent.push((section.index(), template::not_in_template(section)));
            }
        }
    }

    /// Notes the sections that are not there because the cluster cannot have them.
    fn note_nature(&self, cluster: Option<Json<'t>>, absent: &mut Vec<(usize, Unknown)>) {
        let missing = section::all().iter().filter(|section| self.parts[section.index()].is_none());
        for section in missing {
            let is_noted = absent.iter().any(|(at, _)| *at == section.index());
            if let (false, Some(reason)) = (is_noted, why_nothing(section, cluster)) {
                let (kind, reason) = (UnknownKind::NotApplicable, reason.to_owned());
                absent.push((section.index(), Unknown { kind, reason, ..Unknown::section_absent(section) }));
            }
        }
    }

    /// Files one entry of `notCollected` with the section or the object that it concerns.
    fn note(&mut self, at: &Pointer, unknown: Unknown, absent: &mut Vec<(usize, Unknown)>) {
        let mut segments = at.segments();
        let Some(section) = segments.next().and_then(|name| section::by_name(&name)) else { return };
        let Some(part) = &mut self.parts[section.index()] else {
            if absent.iter().all(|(at, _)| *at != section.index()) {
                absent.push((section.index(), unknown));
            }
            return;
        };
        let (mut node, mut is_outside) = (part.node, true);
        for segment in segments {
            let next = match node {
                Json::List(items) => segment.parse::<usize>().ok().and_then(|at| items.get(at)).copied(),
                _ => node.get_go_cased(&segment),
            };
            match (next, node) {
                (Some(next), _) => node = next,
                (None, Json::Object(object)) => {
                    // That the key cannot be read is no fault of the document where it says why.
                    let is_key = section.unusable_key(&node) == Some(segment.as_str());
                    if let (true, Some(unusable)) = (is_key, &mut part.incomplete)
                        && unusable.kind == UnknownKind::Invalid
                    {
                        *unusable = unknown.clone();
                    }
                    self.gaps.push(Gap { object, field: Some(segment), unknown });
                    return;
                }
                // An item that the section does not have.
                (None, Json::List(_)) if is_outside => {
                    part.incomplete = Some(unknown);
                    return;
                }
                // The tree itself says that it is unknown.
                (None, _) => return,
            }
            is_outside = false;
        }
        match node {
            Json::Object(object) => self.gaps.push(Gap { object, field: None, unknown }),
            Json::Unknown(_) => {}
            _ => part.incomplete = Some(unknown),
        }
    }
}

/// When a snapshot was read, as it says.
fn captured_at(object: &Object<'_>) -> Option<DateTime<Utc>> {
    let text = object.get("capturedAt")?.as_str()?;
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
}

/// An entry of `notCollected` about a section that the cluster cannot have says so, in whatever words AWS refused it.
fn by_nature(entry: NotCollected, cluster: Option<Json<'_>>) -> NotCollected {
    let is_whole = entry.at.segments().count() == 1;
    let section = entry.at.segments().next().and_then(|name| section::by_name(&name)).filter(|_| is_whole);
    let refused = matches!(entry.kind, UnknownKind::NotApplicable | UnknownKind::Error);
    match section.filter(|_| refused).and_then(|section| why_nothing(section, cluster)) {
        Some(reason) => NotCollected { kind: UnknownKind::NotApplicable, reason: reason.to_owned(), ..entry },
        None => entry,
    }
}

/// Which kind of cluster it is. Only what a field says counts: a file that lacks `resourcesVpcConfig` is a
/// file with a gap, not a cluster that runs elsewhere.
fn kind(cluster: Json<'_>) -> (ClusterType, Option<Unknown>) {
    let fields = [("connectorConfig", ClusterType::Connected), ("outpostConfig", ClusterType::Outpost)];
    let said = fields.into_iter().find_map(|(name, kind)| Some((name, kind, cluster.get_go_cased(name)?)));
    match said {
        None => (ClusterType::Eks, None),
        Some(("outpostConfig", _, Json::Object(config))) => local(config),
        Some((_, kind, Json::Object(_))) => (kind, None),
        Some((name, kind, node)) => {
            let reason = format!("{name} is {}, not an object", node.kind());
            (kind, Some(Unknown::invalid(reason, &format!("/cluster/{name}"))))
        }
    }
}

/// Which of the two kinds of local clusters it is. Only the one on instance store has instances for etcd alone:
/// <https://docs.aws.amazon.com/eks/latest/userguide/eks-outposts-instance-store-local-cluster-create.html>
fn local(config: &Object<'_>) -> (ClusterType, Option<Unknown>) {
    match config.get_go_cased(ETCD_INSTANCES) {
        None | Some((_, Json::Null)) => (ClusterType::Outpost, None),
        Some((_, Json::Str(_))) => (ClusterType::OutpostInstanceStore, None),
        Some((name, node)) => {
            let reason = format!("{name} is {}, not a text", node.kind());
            let at = format!("/cluster/outpostConfig/{name}");
            (ClusterType::OutpostInstanceStore, Some(Unknown::invalid(reason, &at)))
        }
    }
}

fn identity(object: &Object<'_>, cluster: Option<Json<'_>>, parts: &[Option<Part<'_>>]) -> Identity {
    let text = |field: &str| object.get(field).and_then(|node| node.as_str()).map(bounded_name);
    let item = || parts.iter().flatten().find_map(|part| part.items().first().and_then(Identity::of_item));
    let own = match cluster {
        Some(cluster) => Identity::of_cluster(cluster),
        None => item().unwrap_or_default(),
    };
    // A description without its ARN has parts whose ARNs say where they are.
    let place = |known: Option<String>, field: &str, of: fn(Identity) -> Option<String>| {
        known.or_else(|| text(field)).or_else(|| item().and_then(of))
    };
    let region = place(own.region.clone(), "region", |identity| identity.region);
    let account = place(own.account.clone(), "account", |identity| identity.account);
    let built = || {
        let partition = text("partition");
        let partition = partition.as_deref().or_else(|| region.as_deref().map(partition_of_region))?;
        let (name, region, account) = (own.literal_name()?, region.as_ref()?, account.as_ref()?);
        Some(format!("arn:{partition}:eks:{region}:{account}:cluster/{name}"))
    };
    let arn = own.arn.clone().or_else(built);
    Identity { arn, account, region, ..own }
}

mod hidden;
#[cfg(test)]
mod tests;
