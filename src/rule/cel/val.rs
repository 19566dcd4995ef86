//! Nodes of a snapshot as CEL values, read in place: nothing is converted before an expression asks
//! for it. Scalars become CEL's own types; lists and objects stay nodes that know their type in the
//! schema, so that an absent field gets its meaning and a value of the wrong type is unknown.

use super::fault::Fault;
use super::symbols::{self, SymbolVal};
use super::{budget, error};
use crate::snapshot::schema::Field;
use crate::snapshot::{Part, Schema, Section, Snapshot, Type, Unknown, schema, template};
use crate::text::bounded;
use crate::value::{Json, Object, Reason};
use cel::ExecutionError;
use cel::common::traits::{Container, Indexer, Iterable, Iterator as CelIterator, Sizer};
use cel::common::types::{self, CelBool, CelDouble, CelInt, CelList, CelMap, CelNull, CelString, Kind};
use cel::common::value::{CowVal, StaticVal, Val};
use std::any::Any;
use std::cell::Cell;
use std::collections::HashSet;
use std::sync::OnceLock;

/// What is shown instead of the value of a secret field.
pub(crate) const SECRET: &str = "(secret)";

/// The longest text that expressions see, in bytes: reading, comparing and copying a text of any
/// size would be free otherwise. The longest that AWS gives are policies and user data, 20 KB.
pub(super) const MAX_TEXT: usize = 256 * 1024;
pub(super) const MAX_TEXT_WORDS: &str = "256 KiB";

/// A list, an object or a section, with its type and the snapshot that it belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SnapshotValue<'t> {
    pub(super) what: What<'t>,
    pub(crate) ty: Type,
    pub(super) snapshot: &'t Snapshot<'t>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum What<'t> {
    Json(Json<'t>),
    Section(&'t Part<'t>),
    Absent(&'static Section),
    /// An item that is null, or not of the type of the list's items.
    Unfit(Json<'t>),
}

/// A value of the snapshot as functions of the `cel` crate see it.
#[derive(Debug)]
pub(super) struct LentValue<'t> {
    value: SnapshotValue<'t>,
    /// Whether going through its items is paid for already.
    is_walked: bool,
    /// The items as values, made when something first asks: functions want to borrow them.
    items: OnceLock<Vec<ListItem<'t>>>,
}

// Beside the call rather than in it: the `cel` crate's `Indexer::get` has no room for it. An evaluation
// never leaves its thread.
thread_local! {
    /// Set while a guard (`has`, `.?`) looks: it wants to know what the document says, not what
    /// absence means.
    static AS_WRITTEN: Cell<bool> = const { Cell::new(false) };
}

/// Reads the document as a guard does.
pub(super) fn as_written<T>(read: impl FnOnce() -> T) -> T {
    let before = AS_WRITTEN.replace(true);
    let found = read();
    AS_WRITTEN.set(before);
    found
}

/// Looks up a key as a guard does: only what is not there is none.
pub(crate) fn look_up<'b, 'v>(
    value: &'b (dyn Val + 'v),
    key: &dyn Val,
) -> Result<Option<CowVal<'b, 'v>>, ExecutionError> {
    let Some(indexer) = value.as_indexer() else {
        let types = vec![value.get_type().name().to_owned(), key.get_type().name().to_owned()];
        return Err(ExecutionError::no_such_overload("_?._", types));
    };
    match as_written(|| indexer.get(key)) {
        Ok(value) => Ok(Some(value)),
        Err(ExecutionError::NoSuchKey(_) | ExecutionError::IndexOutOfBounds(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

impl<'t> SnapshotValue<'t> {
    /// A node of that type.
    pub(crate) fn new(node: Json<'t>, ty: Type, snapshot: &'t Snapshot<'t>) -> Self {
        Self { what: What::Json(node), ty, snapshot }
    }

    /// A section of the snapshot, there or not.
    pub(crate) fn section(section: &'static Section, snapshot: &'t Snapshot<'t>) -> Self {
        let ty = schema().section(&section.name);
        let what = snapshot.part(section).map_or(What::Absent(section), What::Section);
        Self { what, ty, snapshot }
    }

    fn with(&self, what: What<'t>, ty: Type) -> Self {
        Self { what, ty, snapshot: self.snapshot }
    }

    /// The node, unless the section is absent.
    pub(crate) fn node(&self) -> Option<Json<'t>> {
        match self.what {
            What::Json(node) => Some(node),
            What::Section(part) => Some(part.node),
            What::Absent(_) | What::Unfit(_) => None,
        }
    }

    /// The part, if this is a section that is there.
    pub(crate) fn part(&self) -> Option<&'t Part<'t>> {
        match self.what {
            What::Section(part) => Some(part),
            _ => None,
        }
    }

    /// Why items that exist may not be among these.
    pub(crate) fn incomplete(&self) -> Option<Unknown> {
        match self.what {
            What::Section(part) => part
                .incomplete
                .clone()
                .or_else(|| self.snapshot.why_incomplete(part.node.as_object()?).cloned()),
            What::Absent(section) => Some(self.snapshot.why_absent(section)),
            What::Json(Json::Unknown(reason)) => Some(unknown_of(reason)),
            What::Json(Json::Object(object)) => self.snapshot.why_incomplete(object).cloned(),
            What::Json(_) => None,
            What::Unfit(node) => Some(match template::why_not_known(&node, "") {
                Some(unknown) => unknown,
                None => Unknown::invalid(misfit("an item", self.ty, &node), ""),
            }),
        }
    }

    /// The field of an object, with its name as written in the document.
    pub(crate) fn field(&self, name: &str) -> Result<(Option<&'t str>, SnapshotValue<'t>), ExecutionError> {
        let object = match self.what {
            What::Json(Json::Object(object)) => object,
            What::Section(Part { node: Json::Object(object), .. }) => object,
            What::Section(part) => return self.by_key(part, name).map(|(_, item)| (None, item)),
            What::Absent(_) | What::Unfit(_) | What::Json(Json::Unknown(_)) => return Err(self.unknown()),
            What::Json(_) => return Err(error::no_field(self.type_name(), name)),
        };
        self.field_of(object, name)
    }

    fn field_of(
        &self,
        object: &'t Object<'t>,
        name: &str,
    ) -> Result<(Option<&'t str>, SnapshotValue<'t>), ExecutionError> {
        let field = schema().select_go_cased(self.ty, name);
        self.read_field(object, name, field, AS_WRITTEN.get()).map_err(Fault::into_error)
    }

    /// A field of an object, of which the schema says this. Of one that is absent it gives what AWS documents for that,
    /// unless it is read as written.
    pub(super) fn read_field<'n>(
        &self,
        object: &'t Object<'t>,
        name: &'n str,
        field: Option<Field>,
        as_written: bool,
    ) -> Result<(Option<&'t str>, SnapshotValue<'t>), Fault<'n>>
    where
        't: 'n,
    {
        // Names are compared one by one, and an object of a hostile file may have a million, or a few of any length.
        budget::charge(object.entries().len() / 32 + name.len() / budget::READ);
        let ty = field.map_or(Type::Any, |field| field.ty);
        let found = match self.ty {
            // The names are data here, and differ by their case.
            Type::Map(_) => object.entries().iter().rev().find(|(known, _)| *known == name).copied(),
            _ => object.get_go_cased(name),
        };
        match found.filter(|(_, node)| !node.is_null()) {
            Some((_, Json::Unknown(reason))) => Err(Fault::of(unknown_of(reason))),
            // From here on the secret is this text, so no message, no key of a finding and no fingerprint
            // can be made of it.
            Some((written, _)) if field.is_some_and(|field| field.secret) => {
                Ok((Some(written), self.with(What::Json(Json::Str(SECRET)), Type::String)))
            }
            Some((_, node)) if field.is_some_and(|field| field.filled) && says_nothing(&node) => {
                Err(self.wrong_type(name, ty, &node))
            }
            Some((written, node)) if fits(ty, &node) => Ok((Some(written), self.with(What::Json(node), ty))),
            Some((_, Json::Symbol(text))) => {
                Err(Fault::of(template::not_known(text, &error::place_of(self.ty, name))))
            }
            Some((_, node)) => Err(self.wrong_type(name, ty, &node)),
            None => {
                let absent = field.and_then(|field| field.absent).filter(|_| !as_written);
                self.absent_field(object, name, absent, ty)
            }
        }
    }

    fn absent_field<'n>(
        &self,
        object: &Object<'t>,
        name: &'n str,
        absent: Option<Json<'static>>,
        ty: Type,
    ) -> Result<(Option<&'t str>, SnapshotValue<'t>), Fault<'n>>
    where
        't: 'n,
    {
        // What AWS documents for an absent field holds for what AWS answered. Where the snapshot says that
        // it could not ask for the field, the default would be a guess.
        if let Some(unknown) = self.snapshot.why_missing(object, name) {
            return Err(Fault::Unknown(unknown));
        }
        if self.snapshot.has_symbols()
            && let Some(symbol) = self.symbol_that_may_be(object, name)
        {
            return Err(symbols::not_known(symbol).into());
        }
        match absent {
            Some(node) => Ok((None, self.with(What::Json(node), ty))),
            None => Err(Fault::Absent(self.ty, name)),
        }
    }

    /// The symbol that a node is.
    pub(super) fn symbol_of(&self, node: &Json<'t>) -> Option<&'t str> {
        match node {
            Json::Symbol(text) => Some(text),
            // Facts write symbols as they are named.
            Json::Str(text) if self.snapshot.is_symbol(text) => Some(text),
            _ => None,
        }
    }

    /// The symbol for which a name that a map does not have may be in it: the name itself, or one that is.
    fn symbol_that_may_be<'n>(&self, object: &Object<'t>, name: &'n str) -> Option<&'n str>
    where
        't: 'n,
    {
        if self.snapshot.is_symbol(name) {
            return Some(name);
        }
        let is_map = matches!(self.ty, Type::Map(_));
        let names = object.entries().iter().map(|(name, _)| *name).filter(|_| is_map);
        names.into_iter().find(|name| self.snapshot.is_symbol(name))
    }

    /// What a symbol leads to: an item of a section, or a field of a map.
    pub(super) fn by_symbol(&self, symbol: &str) -> Result<SnapshotValue<'t>, ExecutionError> {
        let found = match (self.part(), self.node()) {
            (Some(part), _) if part.section.is_list() => self.by_key(part, symbol).map(|(_, item)| item),
            (_, Some(Json::Object(_))) => self.field(symbol).map(|(_, value)| value),
            _ if self.incomplete().is_some() => return Err(self.unknown()),
            _ => return Err(symbols::not_known(symbol)),
        };
        match found {
            Err(ExecutionError::NoSuchKey(_)) => Err(symbols::not_known(symbol)),
            found => found,
        }
    }

    /// The item of a section with that key.
    pub(crate) fn by_key(
        &self,
        part: &'t Part<'t>,
        key: &str,
    ) -> Result<(usize, SnapshotValue<'t>), ExecutionError> {
        // An item that is there is there, whatever else the list may lack. Only what is not found asks
        // whether the list is whole.
        budget::charge(key.len() / budget::READ);
        match (part.position(key), &part.incomplete) {
            (Some(at), _) => Ok((at, self.item(part.items()[at]))),
            (None, Some(unknown)) => Err(error::unknown(unknown)),
            (None, None) => match part.why_not_found(key, self.snapshot) {
                Some(unknown) => Err(error::unknown(&unknown)),
                None => Err(error::no_item(part.section, key)),
            },
        }
    }

    /// The item at a position.
    pub(crate) fn at(&self, index: i64) -> Result<(usize, SnapshotValue<'t>), ExecutionError> {
        let Some(Json::List(items)) = self.node() else {
            return Err(match self.incomplete() {
                Some(unknown) => error::unknown(&unknown),
                None => error::no_field(self.type_name(), &index.to_string()),
            });
        };
        let found = usize::try_from(index).ok().and_then(|at| Some((at, *items.get(at)?)));
        match (found, self.incomplete()) {
            (Some((at, node)), _) => self.item(node).fit().map(|item| (at, item)),
            (None, Some(unknown)) => Err(error::unknown(&unknown)),
            (None, None) => Err(ExecutionError::IndexOutOfBounds(index.into())),
        }
    }

    /// An item of this list, with the type of the list's items.
    pub(crate) fn item(&self, node: Json<'t>) -> SnapshotValue<'t> {
        let ty = schema().item(self.ty);
        // Lists of texts hold ids, names and blocks.
        let is_empty = ty == Type::String && node == Json::Str("");
        let what = if fits(ty, &node) && !is_empty { What::Json(node) } else { What::Unfit(node) };
        self.with(what, ty)
    }

    /// This value, unless it is an item that nothing can be said about.
    fn fit(self) -> Result<Self, ExecutionError> {
        match self.what {
            What::Unfit(_) | What::Json(Json::Unknown(_)) => Err(self.unknown()),
            _ => Ok(self),
        }
    }

    /// Why there may be more items or fewer, if it is a list of facts and one of them is not known.
    fn unknown_item(&self) -> Option<Unknown> {
        let items = self.node()?.as_list()?;
        items.iter().find_map(|node| match node {
            Json::Unknown(reason) => Some(unknown_of(reason)),
            _ => None,
        })
    }

    /// Why it may have more items or fewer than it seems to have.
    pub(super) fn why_not_whole(&self) -> Option<Unknown> {
        budget::charge(self.node().and_then(|node| node.as_list()).map_or(0, <[_]>::len) / 16);
        self.incomplete().or_else(|| self.unknown_item())
    }

    /// Whether an item may be what a rule looks for, though nothing can be said about it.
    pub(super) fn has_unfit_item(&self) -> Option<ExecutionError> {
        let items = self.node()?.as_list()?;
        items.iter().find_map(|node| self.item(*node).fit().err())
    }

    /// As the value that CEL reads.
    pub(crate) fn into_val<'v>(self) -> CowVal<'v, 't> {
        let Some(node) = self.node() else { return CowVal::owned(LentValue::new(self)) };
        match node {
            Json::Null => CowVal::owned(CelNull),
            Json::Bool(value) => CowVal::owned(CelBool::from(value)),
            // JSON writes a whole number either way; CEL adds no int to a double.
            Json::Int(value) if self.ty == Type::Double => CowVal::owned(CelDouble::from(value as f64)),
            Json::Int(value) => CowVal::owned(CelInt::from(value)),
            Json::Double(value) if self.ty == Type::Int && value.fract() == 0.0 => {
                CowVal::owned(CelInt::from(value as i64))
            }
            Json::Double(value) => CowVal::owned(CelDouble::from(value)),
            node if self.symbol_of(&node).is_some() => {
                CowVal::owned(SymbolVal::new(self.symbol_of(&node).unwrap_or_default(), self.snapshot))
            }
            Json::Str(text) | Json::Symbol(text) => CowVal::owned(CelString::from(text)),
            Json::List(_) | Json::Object(_) | Json::Unknown(_) => CowVal::owned(LentValue::new(self)),
        }
    }

    fn unknown(&self) -> ExecutionError {
        error::unknown(&self.why_unknown())
    }

    /// Why nothing is known of it, where that is so.
    pub(super) fn why_unknown(&self) -> Unknown {
        self.incomplete().unwrap_or_else(|| Unknown::undecided("unknown".to_owned()))
    }

    fn wrong_type<'n>(&self, name: &str, ty: Type, node: &Json<'_>) -> Fault<'n> {
        Fault::of(Unknown::invalid(misfit(name, ty, node), &error::place_of(self.ty, name)))
    }

    fn type_name(&self) -> &'static str {
        match self.node() {
            Some(Json::List(_)) => "list",
            Some(Json::Object(_)) => "map",
            _ => "unknown",
        }
    }

    fn entries(&self) -> &'t [(&'t str, Json<'t>)] {
        self.node().and_then(|node| node.as_object()).map_or(&[], |object| object.entries())
    }

    /// The names of the fields that are there. A null is absent, and the last duplicate counts.
    pub(super) fn keys(&self) -> Vec<&'t str> {
        // From the end, as the last of two fields with one name counts, even if it is null.
        let (mut seen, mut keys) = (HashSet::new(), Vec::new());
        for (name, node) in self.entries().iter().rev() {
            if seen.insert(*name) && !node.is_null() {
                keys.push(*name);
            }
        }
        keys.reverse();
        keys
    }
}

impl<'t> LentValue<'t> {
    pub(super) fn new(value: SnapshotValue<'t>) -> Self {
        Self { value, is_walked: false, items: OnceLock::new() }
    }

    /// One whose items are paid for.
    pub(super) fn walked(value: SnapshotValue<'t>) -> Self {
        Self { is_walked: true, ..Self::new(value) }
    }

    /// The value itself.
    #[cfg(test)]
    pub(super) fn value(&self) -> SnapshotValue<'t> {
        self.value
    }

    fn items(&self) -> &[ListItem<'t>] {
        self.items.get_or_init(|| self.make_items())
    }

    /// The items of a list or the keys of an object; at the end of what may be incomplete is
    /// one item that is unknown in every respect.
    fn make_items(&self) -> Vec<ListItem<'t>> {
        let value = &self.value;
        let mut items: Vec<_> = match value.node() {
            Some(Json::List(nodes)) => nodes.iter().map(|node| ListItem::new(value.item(*node))).collect(),
            Some(Json::Object(_)) => value.keys().into_iter().map(|name| self.name_item(name)).collect(),
            _ => Vec::new(),
        };
        // Last, so that the known items keep their positions in loops that count them.
        if value.incomplete().is_some() {
            items.push(ListItem::Other(Box::new(UnknownItem(value.unknown()))));
        }
        if !self.is_walked {
            budget::charge(WALKED * items.len());
        }
        items
    }

    /// A name as an item of a loop.
    fn name_item(&self, name: &'t str) -> ListItem<'t> {
        match self.value.snapshot.is_symbol(name) {
            true => ListItem::Other(Box::new(SymbolVal::new(name, self.value.snapshot))),
            false => ListItem::Text(CelString::from(name)),
        }
    }
}

/// What going through the items of a value of the snapshot costs for each of them.
pub(super) const WALKED: usize = 2;

/// Why a fact is not known, cut to what a terminal can bear.
fn unknown_of(reason: &Reason<'_>) -> Unknown {
    Unknown { reason: bounded(reason.words), ..Unknown::of(reason) }
}

/// Whether a value is what AWS documents, and of a size that can be worked with.
fn fits(ty: Type, node: &Json<'_>) -> bool {
    let short = node.as_str().is_none_or(|text| text.len() <= MAX_TEXT);
    !node.is_null() && short && Schema::accepts(ty, node)
}

/// Whether it is what AWS never gives where a field of the schema is `filled`.
fn says_nothing(node: &Json<'_>) -> bool {
    match node {
        Json::Str(text) => text.is_empty(),
        Json::Int(number) => *number < 0,
        Json::Double(number) => *number < 0.0,
        _ => false,
    }
}

/// How a value differs from that.
fn misfit(what: &str, ty: Type, node: &Json<'_>) -> String {
    match node {
        Json::Null => format!("{what} is null"),
        Json::Str("") if ty == Type::String => format!("{what} is empty"),
        Json::Int(_) | Json::Double(_) if ty == Type::Int => format!("{what} is {node}"),
        Json::Str(text) if text.len() > MAX_TEXT => format!("{what} is longer than {MAX_TEXT_WORDS}"),
        node => format!("{what} is {}, not of type {}", node.kind(), schema().describe(ty)),
    }
}

/// One item of a list.
#[derive(Debug)]
enum ListItem<'t> {
    Json(LentValue<'t>),
    Text(CelString<'t>),
    Other(Box<dyn Val + 't>),
}

impl<'t> ListItem<'t> {
    fn new(value: SnapshotValue<'t>) -> Self {
        match value.node() {
            Some(Json::List(_) | Json::Object(_)) => Self::Json(LentValue::new(value)),
            Some(node) if let Some(symbol) = value.symbol_of(&node) => {
                Self::Other(Box::new(SymbolVal::new(symbol, value.snapshot)))
            }
            Some(Json::Str(text)) => Self::Text(CelString::from(text)),
            Some(Json::Unknown(_)) | None => Self::Other(Box::new(UnknownItem(value.unknown()))),
            Some(_) => Self::Other(value.into_val().into_owned()),
        }
    }

    fn as_val(&self) -> &(dyn Val + 't) {
        match self {
            Self::Json(value) => value,
            Self::Text(text) => text,
            Self::Other(value) => value.as_ref(),
        }
    }
}

static UNKNOWN_TYPE: types::Type = types::Type::new_unspecified_type("unknown");

/// An item about which nothing is known. Loops and functions fail with its reason.
#[derive(Clone, Debug)]
pub(super) struct UnknownItem(pub(super) ExecutionError);

impl Val for UnknownItem {
    fn get_type(&self) -> &types::Type {
        &UNKNOWN_TYPE
    }

    fn cel_type() -> &'static types::Type {
        &UNKNOWN_TYPE
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for UnknownItem {}

/// Fails with the reason of a value about which nothing is known.
pub(super) fn known(value: &dyn Val) -> Result<(), ExecutionError> {
    value.downcast_ref::<UnknownItem>().map_or(Ok(()), |failed| Err(failed.0.clone()))
}

/// Fails with the reason for which a value, or an item of it, is not known.
pub(super) fn known_whole(value: &dyn Val) -> Result<(), ExecutionError> {
    known(value)?;
    let Some(items) = value.as_iterable() else { return Ok(()) };
    let mut items = items.iter();
    while let Some(item) = items.next() {
        known(item)?;
    }
    Ok(())
}

impl<'t> Val for LentValue<'t> {
    fn get_type(&self) -> &types::Type {
        // A section that is absent has the type that it would have: a loop then comes to its one unknown
        // item and fails with the reason, instead of complaining that there is no list.
        let is_list = match self.value.what {
            What::Absent(section) => Some(section.is_list()),
            What::Json(Json::List(_)) => Some(true),
            What::Json(Json::Object(_)) => Some(false),
            What::Section(part) => Some(part.section.is_list()),
            What::Json(_) | What::Unfit(_) => None,
        };
        match is_list {
            Some(true) => &types::LIST_TYPE,
            Some(false) => &types::MAP_TYPE,
            None => &UNKNOWN_TYPE,
        }
    }

    fn cel_type() -> &'static types::Type {
        &UNKNOWN_TYPE
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }

    // The trait has no room for a reason. Where one may come up, lowering calls `@equal` instead of this.
    fn equals(&self, other: &dyn Val) -> bool {
        equal(self, other).unwrap_or(false)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(Self { value: self.value, is_walked: self.is_walked, items: OnceLock::new() })
    }
}

impl Indexer for LentValue<'_> {
    fn get<'b, 'v>(&'b self, key: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        if let Some(name) = key.downcast_ref::<CelString>() {
            return Ok(self.value.field(name.inner())?.1.into_val());
        }
        if let Some(symbol) = symbols::symbol(key) {
            return Ok(self.value.by_symbol(symbol)?.into_val());
        }
        match key.downcast_ref::<CelInt>() {
            Some(index) => Ok(self.value.at(*index.inner())?.1.into_val()),
            None if key.downcast_ref::<Probe>().is_some() => match self.value.why_not_whole() {
                Some(unknown) => Err(error::unknown(&unknown)),
                None => Ok(CowVal::owned(CelNull)),
            },
            None => Err(ExecutionError::UnexpectedType {
                got: key.get_type().name().to_owned(),
                want: "string or int".to_owned(),
            }),
        }
    }

    fn steal<'v>(self: Box<Self>, key: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(key).map(CowVal::into_owned)
    }
}

impl Iterable for LentValue<'_> {
    fn iter<'b, 'v>(&'b self) -> Box<dyn CelIterator<'b, 'v> + 'b>
    where
        Self: 'v,
    {
        Box::new(Items(self.items().iter()))
    }
}

struct Items<'b, 't>(std::slice::Iter<'b, ListItem<'t>>);

impl<'b, 'v, 't: 'v> CelIterator<'b, 'v> for Items<'b, 't> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'v)> {
        // `all` and `exists` go on after an error, in case a later item decides. Not after this one.
        if budget::exhausted() {
            return None;
        }
        self.0.next().map(|item| item.as_val() as &(dyn Val + 'v))
    }
}

impl Container for LentValue<'_> {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        if self.value.snapshot.has_symbols() {
            return self.contains_carefully(value);
        }
        if let Some(text) = value.downcast_ref::<CelString>()
            && let Some(found) = self.value.contains_text(text.inner())
        {
            return found;
        }
        budget::charge(self.items().len());
        let found = self.items().iter().any(|item| item.as_val().equals(value));
        self.value.found(found)
    }
}

impl SnapshotValue<'_> {
    /// Whether a text is among the items or the names; none for what has neither.
    pub(super) fn contains_text(&self, text: &str) -> Option<Result<bool, ExecutionError>> {
        let found = match (self.part(), self.node()) {
            (Some(part), _) if part.section.is_list() => part.position(text).is_some(),
            (_, Some(Json::Object(_))) => return Some(self.has_field(text)),
            (_, Some(Json::List(items))) => {
                let alike = |item: &&Json<'_>| item.as_str().is_some_and(|item| item.len() == text.len());
                let alike = items.iter().filter(alike).count();
                budget::charge(items.len() / 8 + alike.saturating_mul(text.len()) / budget::READ);
                items.iter().any(|item| item.as_str() == Some(text))
            }
            _ => return None,
        };
        Some(self.found(found))
    }

    /// What it means that a value was found among the items, or was not.
    fn found(&self, found: bool) -> Result<bool, ExecutionError> {
        match (found, self.incomplete()) {
            (true, _) => Ok(true),
            (false, Some(unknown)) => Err(error::unknown(&unknown)),
            // An item that cannot be read may be the one that is looked for.
            (false, None) => self.has_unfit_item().map_or(Ok(false), Err),
        }
    }

    /// Whether the object has a field, as the document is written.
    fn has_field(&self, name: &str) -> Result<bool, ExecutionError> {
        match as_written(|| self.field(name)) {
            Ok(_) => Ok(true),
            Err(ExecutionError::NoSuchKey(_) | ExecutionError::IndexOutOfBounds(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl LentValue<'_> {
    /// Whether a value is among the items or the names, where some may be symbols.
    fn contains_carefully(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        let text = value.downcast_ref::<CelString>().map(CelString::inner).or_else(|| symbols::symbol(value));
        match (text, self.value.part(), self.value.node()) {
            (Some(_), Some(part), _) if part.section.is_list() => Ok(look_up(self, value)?.is_some()),
            (Some(_), _, Some(Json::Object(_))) => Ok(look_up(self, value)?.is_some()),
            _ => {
                let mut unknown = None;
                for item in self.items() {
                    match equal(item.as_val(), value) {
                        Ok(true) => return Ok(true),
                        Ok(false) => {}
                        Err(error) => drop(unknown.get_or_insert(error)),
                    }
                }
                unknown.map_or(Ok(false), Err)
            }
        }
    }
}

impl Sizer for LentValue<'_> {
    fn size(&self) -> CelInt {
        let size = match self.value.node() {
            _ if self.value.incomplete().is_some() => self.items().len(),
            Some(Json::List(items)) => items.len(),
            _ => self.value.keys().len(),
        };
        CelInt::from(size as i64)
    }
}

/// The number of items or fields.
pub(crate) fn size(value: &dyn Val) -> Result<i64, ExecutionError> {
    let Some(size) = value.as_sizer().map(|sizer| *sizer.size().inner()) else {
        let types = vec![value.get_type().name().to_owned()];
        return Err(ExecutionError::no_such_overload("size", types));
    };
    complete(value)?;
    Ok(size)
}

/// How many items or fields a value has, for what it costs to search it.
pub(super) fn length(value: &dyn Val) -> usize {
    let size = value.as_sizer().map_or(0, |sizer| *sizer.size().inner());
    usize::try_from(size).unwrap_or_default()
}

// `Any` is for types that borrow nothing, so a value that borrows from the snapshot cannot be recognised by
// a downcast. Asking it for a key is the one question that the crate passes on to every
// value, and the only one that may fail with a reason of ours.
/// A key that no value has: asking for it shows whether a value may lack items.
#[derive(Debug)]
struct Probe;

static PROBE_TYPE: types::Type = types::Type::new_unspecified_type("probe");

impl Val for Probe {
    fn get_type(&self) -> &types::Type {
        &PROBE_TYPE
    }

    fn cel_type() -> &'static types::Type {
        &PROBE_TYPE
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(Self)
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Probe {}

/// Fails with the reason for which a value may lack items that exist.
fn complete(value: &dyn Val) -> Result<(), ExecutionError> {
    // What a rule made is whole, and would take the probe for a wrong key.
    let own = value.downcast_ref::<CelList>().is_some() || value.downcast_ref::<CelMap>().is_some();
    match value.as_indexer().filter(|_| !own).map(|indexer| indexer.get(&Probe)) {
        Some(Err(error)) => Err(error),
        _ => Ok(()),
    }
}

/// Whether two values are equal, whichever of them are nodes.
pub(crate) fn equal(a: &dyn Val, b: &dyn Val) -> Result<bool, ExecutionError> {
    budget::pay(1)?;
    known(a)?;
    known(b)?;
    match (a.get_type().kind(), b.get_type().kind()) {
        (Kind::List, Kind::List) => equal_lists(a, b),
        (Kind::Map, Kind::Map) => equal_maps(a, b),
        (Kind::List | Kind::Map, _) | (_, Kind::List | Kind::Map) => Ok(false),
        _ => {
            if let (Some(a), Some(b)) = (a.downcast_ref::<CelString>(), b.downcast_ref::<CelString>()) {
                budget::pay_bytes(a.inner().len().min(b.inner().len()))?;
            }
            match a.equals(b) {
                true => Ok(true),
                false => symbols::may_be_same(a, b).map_or(Ok(false), Err),
            }
        }
    }
}

/// Whether a value is among the items of a container, or the names of its fields.
pub(super) fn contains(container: &dyn Val, item: &dyn Val) -> Result<bool, ExecutionError> {
    known(item)?;
    let Some(items) = container.as_container() else {
        let types = [item, container].map(|value| value.get_type().name().to_owned()).to_vec();
        return Err(ExecutionError::no_such_overload("@in", types));
    };
    match items.contains(item) {
        Ok(true) => Ok(true),
        answer => symbols::may_be_among(item, container).map_or(answer, Err),
    }
}

fn equal_lists(a: &dyn Val, b: &dyn Val) -> Result<bool, ExecutionError> {
    let (Some(a), Some(b)) = (a.as_iterable(), b.as_iterable()) else { return Ok(false) };
    let (mut a, mut b) = (a.iter(), b.iter());
    loop {
        match (a.next(), b.next()) {
            (None, None) => return Ok(true),
            (Some(a), Some(b)) if equal(a, b)? => {}
            (Some(_), Some(_)) => return Ok(false),
            // The longer one may be longer only by the item that stands for what an incomplete list lacks:
            // then the lengths may be equal after all.
            (Some(rest), None) | (None, Some(rest)) => return known(rest).map(|()| false),
        }
    }
}

fn equal_maps(a: &dyn Val, b: &dyn Val) -> Result<bool, ExecutionError> {
    known_whole(a)?;
    known_whole(b)?;
    let parts = |map| {
        let map: &dyn Val = map;
        Some((map.as_iterable()?, map.as_indexer()?, map.as_sizer()?.size()))
    };
    let (Some((keys, a, size)), Some((_, b, other_size))) = (parts(a), parts(b)) else { return Ok(false) };
    if size.inner() != other_size.inner() {
        return Ok(false);
    }
    let mut keys = keys.iter();
    while let Some(key) = keys.next() {
        match (a.get(key), b.get(key)) {
            (Ok(a), Ok(b)) if equal(a.as_ref(), b.as_ref())? => {}
            (Err(error), _) | (_, Err(error)) if !matches!(error, ExecutionError::NoSuchKey(_)) => {
                return Err(error);
            }
            _ => return Ok(false),
        }
    }
    Ok(true)
}

/// What paths ask of a value, with failures as outcomes.
impl<'t> SnapshotValue<'t> {
    /// As [`field`](Self::field).
    pub(crate) fn written_field(
        &self,
        name: &str,
    ) -> Result<(Option<&'t str>, SnapshotValue<'t>), error::Failure> {
        self.field(name).map_err(|error| error::classify(&error))
    }

    /// As [`by_key`](Self::by_key).
    pub(crate) fn keyed(
        &self,
        part: &'t Part<'t>,
        key: &str,
    ) -> Result<(usize, SnapshotValue<'t>), error::Failure> {
        self.by_key(part, key).map_err(|error| error::classify(&error))
    }

    /// As [`at`](Self::at).
    pub(crate) fn indexed(&self, at: i64) -> Result<(usize, SnapshotValue<'t>), error::Failure> {
        self.at(at).map_err(|error| error::classify(&error))
    }

    /// Another handle on the same value.
    pub(crate) fn same(&self) -> SnapshotValue<'t> {
        *self
    }
}

#[cfg(test)]
mod tests {
    use crate::rule::cel::{
        CelParser, Compiler, EvaluationScope, Failure, Regexes, SharedValues, SnapshotValue,
    };
    use crate::snapshot::{Snapshot, Type, section};
    use crate::value::Json;
    use bumpalo::Bump;
    use chrono::DateTime;

    /// What an expression says of a snapshot that has a cluster and no other section.
    fn test(source: &str) -> Result<bool, Failure> {
        let arena = Bump::new();
        let root =
            Json::parse(r#"{"name": "a", "arn": "b", "resourcesVpcConfig": {}}"#, &arena).expect("JSON");
        let snapshots = Snapshot::read(root, &arena).expect("a snapshot");
        let cluster = section::by_name("cluster").expect("a section");
        let expression = Compiler::new(cluster, [], CelParser::Exact).compile(source).expect("an expression");
        let regexes = Regexes::default();
        let scope = EvaluationScope {
            snapshot: &snapshots[0],
            facts: Json::Null,
            params: Json::Null,
            now: DateTime::default(),
            resource: SnapshotValue::new(root, Type::Any, &snapshots[0]),
            items: Vec::new(),
            regexes: &regexes,
            shared: SharedValues::default(),
        };
        expression.test(&scope)
    }

    #[test]
    fn loops_over_an_absent_section_are_unknown() {
        for source in [
            "subnets.filter(s, s.MapPublicIpOnLaunch).size() == 0",
            "subnets.map(s, s.SubnetId).size() == 0",
            "subnets.size() == 0",
            "subnets.all(s, s.MapPublicIpOnLaunch)",
        ] {
            assert!(matches!(test(source), Err(Failure::Unknown(_))), "{source}: {:?}", test(source));
        }
        assert_eq!(test("cluster.name == 'a' || subnets.filter(s, true).size() == 0"), Ok(true));
    }
}
