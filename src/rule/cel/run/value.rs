//! What expressions give. Values of the snapshot stay where they are: nothing is copied or converted before a function of
//! the `cel` crate asks for it.

use super::super::fault::Fault;
use super::super::symbols::SymbolVal;
use super::super::val::{SnapshotValue, What};
use crate::snapshot::{Part, Section, Snapshot, Type};
use crate::value::{Json, Object};
use cel::common::types::{CelMapKey, CelString};
use cel::common::value::Val;
use std::collections::HashMap;
use std::rc::Rc;

/// What an expression gives. A value of the snapshot has its type in the schema, and whether going through its items is paid
/// for already.
#[derive(Clone, Debug)]
pub(in super::super) enum CelValue<'v> {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    /// A text of the snapshot or of the rule.
    Text(&'v str),
    /// A text that was made.
    Made(Rc<str>),
    /// A list of the snapshot.
    List(&'v [Json<'v>], Type, bool),
    /// An object of the snapshot.
    Object(&'v Object<'v>, Type, bool),
    /// A section of the snapshot.
    Section(&'v Part<'v>, Type, bool),
    /// A section that the snapshot does not have.
    Missing(&'static Section, Type, bool),
    /// An item of which nothing can be said, or a fact that is not known.
    Obscure(Rc<SnapshotValue<'v>>, bool),
    /// A value that may be there.
    Optional(Option<Rc<CelValue<'v>>>),
    /// A list that was made.
    Items(Rc<Vec<CelValue<'v>>>),
    /// A map that was made.
    Map(Rc<MadeMap<'v>>),
    /// An item of a loop of which nothing is known.
    Unknown(Rc<Fault<'v>>),
    /// Anything else: times, networks, symbols.
    Other(Rc<dyn Val + 'v>),
}

/// The entries of a map that was made.
pub(super) type MadeMap<'v> = HashMap<CelMapKey<'v>, CelValue<'v>>;

impl<'v> CelValue<'v> {
    /// What is read of a value of the snapshot.
    pub(super) fn of(value: SnapshotValue<'v>) -> Self {
        let ty = value.ty;
        match value.what {
            What::Json(node) => Self::of_node(node, ty, &value),
            What::Section(part) => match part.node {
                Json::List(_) | Json::Object(_) => Self::Section(part, ty, false),
                node => Self::of_node(node, ty, &value),
            },
            What::Absent(section) => Self::Missing(section, ty, false),
            What::Unfit(_) => Self::Obscure(Rc::new(value), false),
        }
    }

    fn of_node(node: Json<'v>, ty: Type, value: &SnapshotValue<'v>) -> Self {
        match node {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(value),
            // JSON writes a whole number either way; CEL adds no int to a double.
            Json::Int(value) if ty == Type::Double => Self::Double(value as f64),
            Json::Int(value) => Self::Int(value),
            Json::Double(value) if ty == Type::Int && value.fract() == 0.0 => Self::Int(value as i64),
            Json::Double(value) => Self::Double(value),
            Json::Str(text) if !value.snapshot.has_symbols() => Self::Text(text),
            Json::Str(text) | Json::Symbol(text) => match value.symbol_of(&node) {
                Some(symbol) => Self::Other(Rc::new(SymbolVal::new(symbol, value.snapshot))),
                None => Self::Text(text),
            },
            Json::List(items) => Self::List(items, ty, false),
            Json::Object(object) => Self::Object(object, ty, false),
            Json::Unknown(_) => Self::Obscure(Rc::new(*value), false),
        }
    }

    /// The value of the snapshot that it is, if it has items or fields or may have them, and whether going through these
    /// is paid for.
    pub(super) fn node(&self, snapshot: &'v Snapshot<'v>) -> Option<(SnapshotValue<'v>, bool)> {
        let (what, ty, walked) = match *self {
            Self::List(items, ty, walked) => (What::Json(Json::List(items)), ty, walked),
            Self::Object(object, ty, walked) => (What::Json(Json::Object(object)), ty, walked),
            Self::Section(part, ty, walked) => (What::Section(part), ty, walked),
            Self::Missing(section, ty, walked) => (What::Absent(section), ty, walked),
            Self::Obscure(ref value, walked) => (value.what, value.ty, walked),
            _ => return None,
        };
        Some((SnapshotValue { what, ty, snapshot }, walked))
    }

    /// Notes that going through its items is paid for.
    pub(in super::super) fn set_walked(&mut self) {
        self.note_walk(true);
    }

    /// As a copy of it: going through its items is not paid for.
    pub(super) fn copied(mut self) -> Self {
        self.note_walk(false);
        self
    }

    fn note_walk(&mut self, is_paid: bool) {
        match self {
            Self::List(_, _, walked)
            | Self::Object(_, _, walked)
            | Self::Section(_, _, walked)
            | Self::Missing(_, _, walked)
            | Self::Obscure(_, walked) => *walked = is_paid,
            _ => {}
        }
    }

    /// The text that it is, if nothing in it is unknown.
    pub(in super::super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Made(text) => Some(text),
            Self::Other(value) => value.downcast_ref::<CelString>().map(CelString::inner),
            _ => None,
        }
    }

    /// A list that was made.
    pub(super) fn list(items: Vec<Self>) -> Self {
        Self::Items(Rc::new(items))
    }

    /// A value that is there.
    pub(super) fn some(self) -> Self {
        Self::Optional(Some(Rc::new(self)))
    }

    /// Fails if it is an item of which nothing is known.
    pub(super) fn known(&self) -> Result<(), Fault<'v>> {
        match self {
            Self::Unknown(fault) => Err(Fault::clone(fault)),
            _ => Ok(()),
        }
    }
}
