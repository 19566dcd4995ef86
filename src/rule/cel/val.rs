//! Nodes of a snapshot as CEL values, read in place: nothing is converted before an expression asks
//! for it. Scalars become CEL's own types; lists and objects stay nodes that know their type in the
//! schema, so that an absent field gets its meaning and a value of the wrong type is unknown.

use super::error;
use crate::snapshot::{Part, Schema, Section, Snapshot, Type, Unknown, schema};
use crate::value::{Node, Object};
use cel::ExecutionError;
use cel::common::traits::{Container, Indexer, Iterable, Iterator as CelIterator, Sizer};
use cel::common::types::{self, CelBool, CelDouble, CelInt, CelNull, CelString, Kind};
use cel::common::value::{CowVal, Val};
use std::cell::Cell;
use std::sync::OnceLock;

/// What stands for the value of a secret field, wherever it would be shown.
pub(crate) const SECRET: &str = "(secret)";

/// What the size of something incomplete is for [`size`], which turns it into an unknown. The
/// interpreter asks too, before a loop, and reserves room for that many items.
const UNKNOWN_SIZE: i64 = -1;

/// A list, an object or a section, with its type and the snapshot that it belongs to.
#[derive(Debug)]
pub(crate) struct NodeVal<'t> {
    what: What<'t>,
    pub(crate) ty: Type,
    snapshot: &'t Snapshot<'t>,
    /// The items as values, made when a loop first asks: the interpreter wants to borrow them.
    items: OnceLock<Vec<Item<'t>>>,
}

#[derive(Clone, Copy, Debug)]
enum What<'t> {
    Node(Node<'t>),
    Section(&'t Part<'t>),
    Absent(&'static Section),
}

thread_local! {
    /// Set while a guard (`has`, `.?`) looks: it wants to know what the document says, not what
    /// absence means.
    static AS_WRITTEN: Cell<bool> = const { Cell::new(false) };
    /// Set while a rule asks for a size, as opposed to the interpreter.
    static EXACT_SIZE: Cell<bool> = const { Cell::new(false) };
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
    let before = AS_WRITTEN.replace(true);
    let found = indexer.get(key);
    AS_WRITTEN.set(before);
    match found {
        Ok(value) => Ok(Some(value)),
        Err(ExecutionError::NoSuchKey(_) | ExecutionError::IndexOutOfBounds(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

impl<'t> NodeVal<'t> {
    /// A node of that type.
    pub(crate) fn new(node: Node<'t>, ty: Type, snapshot: &'t Snapshot<'t>) -> Self {
        Self { what: What::Node(node), ty, snapshot, items: OnceLock::new() }
    }

    /// A section of the snapshot, there or not.
    pub(crate) fn section(section: &'static Section, snapshot: &'t Snapshot<'t>) -> Self {
        let ty = schema().section(&section.name);
        let what = snapshot.part(section).map_or(What::Absent(section), What::Section);
        Self { what, ty, snapshot, items: OnceLock::new() }
    }

    fn with(&self, what: What<'t>, ty: Type) -> Self {
        Self { what, ty, snapshot: self.snapshot, items: OnceLock::new() }
    }

    /// The node, unless the section is absent.
    pub(crate) fn node(&self) -> Option<Node<'t>> {
        match self.what {
            What::Node(node) => Some(node),
            What::Section(part) => Some(part.node),
            What::Absent(_) => None,
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
            What::Section(part) => part.incomplete.clone(),
            What::Absent(section) => Some(self.snapshot.why_absent(section)),
            What::Node(Node::Unknown(reason)) => Some(Unknown::undecided(reason.to_owned())),
            What::Node(_) => None,
        }
    }

    /// The field of an object, with its name as written in the document.
    pub(crate) fn field(&self, name: &str) -> Result<(Option<&'t str>, NodeVal<'t>), ExecutionError> {
        let object = match self.what {
            What::Node(Node::Object(object)) => object,
            What::Section(Part { node: Node::Object(object), .. }) => object,
            What::Section(part) => return self.by_key(part, name).map(|(_, item)| (None, item)),
            What::Absent(_) | What::Node(Node::Unknown(_)) => return Err(self.unknown()),
            What::Node(_) => return Err(error::no_field(self.type_name(), name)),
        };
        self.field_of(object, name)
    }

    fn field_of(
        &self,
        object: &'t Object<'t>,
        name: &str,
    ) -> Result<(Option<&'t str>, NodeVal<'t>), ExecutionError> {
        let field = schema().select(self.ty, name).ok().flatten();
        let ty = field.map_or(Type::Any, |field| field.ty);
        let found = object.get_go_cased(name).filter(|(_, node)| !node.is_null());
        match found {
            Some((written, _)) if field.is_some_and(|field| field.secret) => {
                Ok((Some(written), self.with(What::Node(Node::Str(SECRET)), Type::String)))
            }
            Some((_, Node::Unknown(reason))) => Err(error::unknown(&Unknown::undecided(reason.to_owned()))),
            Some((written, node)) if Schema::accepts(ty, &node) => {
                Ok((Some(written), self.with(What::Node(node), ty)))
            }
            Some((_, node)) => Err(self.wrong_type(name, ty, &node)),
            None => self.absent_field(object, name, field.and_then(|field| field.absent), ty),
        }
    }

    fn absent_field(
        &self,
        object: &Object<'t>,
        name: &str,
        absent: Option<Node<'static>>,
        ty: Type,
    ) -> Result<(Option<&'t str>, NodeVal<'t>), ExecutionError> {
        if let Some(unknown) = self.snapshot.why_missing(object, name) {
            return Err(error::unknown(unknown));
        }
        match absent {
            Some(node) if !AS_WRITTEN.get() => Ok((None, self.with(What::Node(node), ty))),
            _ => Err(error::absent(self.ty, name)),
        }
    }

    /// The item of a section with that key.
    pub(crate) fn by_key(
        &self,
        part: &'t Part<'t>,
        key: &str,
    ) -> Result<(usize, NodeVal<'t>), ExecutionError> {
        match (part.position(key), &part.incomplete) {
            (Some(at), _) => Ok((at, self.item(part.items()[at]))),
            (None, Some(unknown)) => Err(error::unknown(unknown)),
            (None, None) => Err(error::no_item(part.section, key)),
        }
    }

    /// The item at a position.
    pub(crate) fn at(&self, index: i64) -> Result<(usize, NodeVal<'t>), ExecutionError> {
        let Some(Node::List(items)) = self.node() else {
            return Err(match self.incomplete() {
                Some(unknown) => error::unknown(&unknown),
                None => error::no_field(self.type_name(), &index.to_string()),
            });
        };
        let found = usize::try_from(index).ok().and_then(|at| Some((at, *items.get(at)?)));
        match (found, self.incomplete()) {
            (Some((at, node)), _) => Ok((at, self.item(node))),
            (None, Some(unknown)) => Err(error::unknown(&unknown)),
            (None, None) => Err(ExecutionError::IndexOutOfBounds(index.into())),
        }
    }

    /// An item of this list, with the type of the list's items.
    pub(crate) fn item(&self, node: Node<'t>) -> NodeVal<'t> {
        self.with(What::Node(node), schema().item(self.ty))
    }

    /// As the value that CEL reads.
    pub(crate) fn into_val<'v>(self) -> CowVal<'v, 't> {
        let Some(node) = self.node() else { return CowVal::owned(self) };
        match node {
            Node::Null => CowVal::owned(CelNull),
            Node::Bool(value) => CowVal::owned(CelBool::from(value)),
            Node::Int(value) if self.ty == Type::Double => CowVal::owned(CelDouble::from(value as f64)),
            Node::Int(value) => CowVal::owned(CelInt::from(value)),
            Node::Double(value) if self.ty == Type::Int && value.fract() == 0.0 => {
                CowVal::owned(CelInt::from(value as i64))
            }
            Node::Double(value) => CowVal::owned(CelDouble::from(value)),
            Node::Str(text) => CowVal::owned(CelString::from(text)),
            Node::List(_) | Node::Object(_) | Node::Unknown(_) => CowVal::owned(self),
        }
    }

    fn unknown(&self) -> ExecutionError {
        error::unknown(&self.incomplete().unwrap_or_else(|| Unknown::undecided("unknown".to_owned())))
    }

    fn wrong_type(&self, name: &str, ty: Type, node: &Node<'_>) -> ExecutionError {
        let reason = format!("{name} is {}, not of type {}", node.kind(), schema().describe(ty));
        error::unknown(&Unknown::invalid(reason, &error::place_of(self.ty, name)))
    }

    fn type_name(&self) -> &'static str {
        match self.node() {
            Some(Node::List(_)) => "list",
            Some(Node::Object(_)) => "map",
            _ => "unknown",
        }
    }

    fn entries(&self) -> &'t [(&'t str, Node<'t>)] {
        self.node().and_then(|node| node.as_object()).map_or(&[], |object| object.entries())
    }

    fn items(&self) -> &[Item<'t>] {
        self.items.get_or_init(|| self.make_items())
    }

    /// The items of a list or the keys of an object; at the end of what may be incomplete stands
    /// one item that is unknown in every respect.
    fn make_items(&self) -> Vec<Item<'t>> {
        let mut items: Vec<_> = match self.node() {
            Some(Node::List(nodes)) => nodes.iter().map(|node| Item::new(self.item(*node))).collect(),
            Some(Node::Object(object)) if self.incomplete().is_none() => {
                object.entries().iter().map(|(name, _)| Item::Text(CelString::from(*name))).collect()
            }
            _ => Vec::new(),
        };
        if self.incomplete().is_some() {
            let what = match self.what {
                What::Section(part) => What::Absent(part.section),
                other => other,
            };
            items.push(Item::Node(self.with(what, schema().item(self.ty))));
        }
        items
    }
}

/// One item of a list.
#[derive(Debug)]
enum Item<'t> {
    Node(NodeVal<'t>),
    Text(CelString<'t>),
    Other(Box<dyn Val + 't>),
}

impl<'t> Item<'t> {
    fn new(value: NodeVal<'t>) -> Self {
        match value.node() {
            Some(Node::List(_) | Node::Object(_) | Node::Unknown(_)) | None => Self::Node(value),
            Some(Node::Str(text)) => Self::Text(CelString::from(text)),
            Some(_) => Self::Other(value.into_val().into_owned()),
        }
    }

    fn as_val(&self) -> &(dyn Val + 't) {
        match self {
            Self::Node(value) => value,
            Self::Text(text) => text,
            Self::Other(value) => value.as_ref(),
        }
    }
}

static UNKNOWN_TYPE: types::Type = types::Type::new_unspecified_type("unknown");

impl<'t> Val for NodeVal<'t> {
    fn get_type(&self) -> &types::Type {
        match self.node() {
            Some(Node::List(_)) => &types::LIST_TYPE,
            Some(Node::Object(_)) => &types::MAP_TYPE,
            _ => &UNKNOWN_TYPE,
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

    fn equals(&self, other: &dyn Val) -> bool {
        // What is unknown equals nothing; only lists and maps are compared item by item.
        matches!(self.get_type().kind(), Kind::List | Kind::Map) && equal(self, other)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(self.with(self.what, self.ty))
    }
}

impl Indexer for NodeVal<'_> {
    fn get<'b, 'v>(&'b self, key: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        if let Some(name) = key.downcast_ref::<CelString>() {
            return Ok(self.field(name.inner())?.1.into_val());
        }
        match key.downcast_ref::<CelInt>() {
            Some(index) => Ok(self.at(*index.inner())?.1.into_val()),
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

impl Iterable for NodeVal<'_> {
    fn iter<'b, 'v>(&'b self) -> Box<dyn CelIterator<'b, 'v> + 'b>
    where
        Self: 'v,
    {
        Box::new(Items(self.items().iter()))
    }
}

struct Items<'b, 't>(std::slice::Iter<'b, Item<'t>>);

impl<'b, 'v, 't: 'v> CelIterator<'b, 'v> for Items<'b, 't> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'v)> {
        self.0.next().map(|item| item.as_val() as &(dyn Val + 'v))
    }
}

impl Container for NodeVal<'_> {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        let found = match (value.downcast_ref::<CelString>(), self.part(), self.node()) {
            (Some(key), Some(part), _) if part.section.is_list() => part.position(key.inner()).is_some(),
            (Some(key), _, Some(Node::Object(_))) => {
                self.entries().iter().any(|(name, node)| *name == key.inner() && !node.is_null())
            }
            (Some(key), _, Some(Node::List(items))) => {
                items.iter().any(|item| item.as_str() == Some(key.inner()))
            }
            _ => self.items().iter().any(|item| item.as_val().equals(value)),
        };
        match self.incomplete() {
            Some(unknown) if !found => Err(error::unknown(&unknown)),
            _ => Ok(found),
        }
    }
}

impl Sizer for NodeVal<'_> {
    fn size(&self) -> CelInt {
        let size = match self.node() {
            _ if EXACT_SIZE.get() && self.incomplete().is_some() => UNKNOWN_SIZE,
            Some(Node::List(items)) => items.len() as i64,
            _ => self.entries().len() as i64,
        };
        CelInt::from(size)
    }
}

/// The number of items or fields.
pub(crate) fn size(value: &dyn Val) -> Result<i64, ExecutionError> {
    EXACT_SIZE.set(true);
    let size = value.as_sizer().map(|sizer| *sizer.size().inner());
    EXACT_SIZE.set(false);
    match size {
        // A container that may lack items fails to find one, and says why.
        Some(UNKNOWN_SIZE) => {
            match value.as_container().map(|container| container.contains(&CelString::from(""))) {
                Some(Err(error)) => Err(error),
                _ => Err(error::unknown(&Unknown::undecided("the list is not complete".to_owned()))),
            }
        }
        Some(size) => Ok(size),
        None => {
            let types = vec![value.get_type().name().to_owned()];
            Err(ExecutionError::no_such_overload("size", types))
        }
    }
}

/// Whether two values are equal, whichever of them are nodes.
pub(crate) fn equal(a: &dyn Val, b: &dyn Val) -> bool {
    match (a.get_type().kind(), b.get_type().kind()) {
        (Kind::List, Kind::List) => {
            let (Some(a), Some(b)) = (a.as_iterable(), b.as_iterable()) else { return false };
            let (mut a, mut b) = (a.iter(), b.iter());
            loop {
                match (a.next(), b.next()) {
                    (None, None) => return true,
                    (Some(a), Some(b)) if equal(a, b) => {}
                    _ => return false,
                }
            }
        }
        (Kind::Map, Kind::Map) => equal_maps(a, b),
        (Kind::List | Kind::Map, _) | (_, Kind::List | Kind::Map) => false,
        _ => a.equals(b),
    }
}

fn equal_maps(a: &dyn Val, b: &dyn Val) -> bool {
    let parts = |map| {
        let map: &dyn Val = map;
        Some((map.as_iterable()?, map.as_indexer()?, map.as_sizer()?.size()))
    };
    let (Some((keys, a, size)), Some((_, b, other_size))) = (parts(a), parts(b)) else { return false };
    if size.inner() != other_size.inner() {
        return false;
    }
    let mut keys = keys.iter();
    while let Some(key) = keys.next() {
        match (a.get(key), b.get(key)) {
            (Ok(a), Ok(b)) if equal(a.as_ref(), b.as_ref()) => {}
            _ => return false,
        }
    }
    true
}

/// What paths ask of a value, with failures as outcomes.
impl<'t> NodeVal<'t> {
    /// As [`field`](Self::field).
    pub(crate) fn written_field(&self, name: &str) -> Result<(Option<&'t str>, NodeVal<'t>), error::Failure> {
        self.field(name).map_err(|error| error::classify(&error))
    }

    /// As [`by_key`](Self::by_key).
    pub(crate) fn keyed(
        &self,
        part: &'t Part<'t>,
        key: &str,
    ) -> Result<(usize, NodeVal<'t>), error::Failure> {
        self.by_key(part, key).map_err(|error| error::classify(&error))
    }

    /// As [`at`](Self::at).
    pub(crate) fn indexed(&self, at: i64) -> Result<(usize, NodeVal<'t>), error::Failure> {
        self.at(at).map_err(|error| error::classify(&error))
    }

    /// Another handle on the same value.
    pub(crate) fn same(&self) -> NodeVal<'t> {
        self.with(self.what, self.ty)
    }
}

#[cfg(test)]
mod tests {
    use crate::rule::cel::{Compiler, Failure, NodeVal, Regexes, Scope};
    use crate::snapshot::{Snapshot, Type, section};
    use crate::value::Node;
    use bumpalo::Bump;
    use chrono::DateTime;

    /// What an expression says of a snapshot that has a cluster and no other section.
    fn test(source: &str) -> Result<bool, Failure> {
        let arena = Bump::new();
        let root =
            Node::parse(r#"{"name": "a", "arn": "b", "resourcesVpcConfig": {}}"#, &arena).expect("JSON");
        let snapshots = Snapshot::read(root, &arena).expect("a snapshot");
        let cluster = section::by_name("cluster").expect("a section");
        let expression = Compiler::new(cluster, []).compile(source).expect("an expression");
        let regexes = Regexes::default();
        let scope = Scope {
            snapshot: &snapshots[0],
            facts: Node::Null,
            params: Node::Null,
            now: DateTime::default(),
            resource: NodeVal::new(root, Type::Any, &snapshots[0]),
            items: Vec::new(),
            regexes: &regexes,
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
