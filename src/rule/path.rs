//! Paths: expressions that name a place in the document. They give what they lead to, and where that
//! is.

use super::cel::{EvaluationScope, Expression, Failure, PathStep, SnapshotValue};
use crate::snapshot::{Part, Section, Unknown, UnknownKind, schema};
use crate::value::{Json, Pointer};
use std::sync::Arc;

/// A compiled path.
#[derive(Clone, Debug)]
pub struct Path {
    root: PathRoot,
    steps: Vec<Arc<PathStep>>,
}

/// What a path starts from.
#[derive(Clone, Copy, Debug)]
pub enum PathRoot {
    /// The resource of the rule.
    Resource,
    /// The item of the loop of that depth.
    Item(usize),
    /// A section.
    Section(&'static Section),
    /// The facts, which name what they follow from.
    Facts,
    /// Parameters and what else is in no document.
    Elsewhere,
}

/// Where something is.
#[derive(Clone, Debug)]
pub enum Place<'s> {
    /// A part that is one object.
    Part(&'s Part<'s>),
    /// An item of a part.
    Item(&'s Part<'s>, usize),
    /// An item of a list.
    Under(Arc<Pointer>, usize),
    /// An item of a list of facts: where what it follows from is.
    Origin(Arc<Pointer>),
    /// In no document.
    Nowhere,
}

impl Place<'_> {
    /// Its pointer, if it is in the document.
    pub fn pointer(&self) -> Option<Pointer> {
        match self {
            Self::Part(part) => Some(part.pointer()),
            Self::Item(part, at) => Some(part.item_pointer(*at)),
            Self::Under(list, at) => Some(list.index(*at)),
            Self::Origin(pointer) => Some((**pointer).clone()),
            Self::Nowhere => None,
        }
    }
}

/// The places of what a [`EvaluationScope`] holds.
#[derive(Debug)]
pub struct ScopePlaces<'s> {
    /// Of the resource.
    pub resource: Place<'s>,
    /// Of the items, outermost first.
    pub items: Vec<Place<'s>>,
}

/// The end of a path.
#[derive(Debug)]
pub(crate) struct PathEnd<'s> {
    /// Where it leads, in the document; what is absent has the place it would have.
    pub(crate) pointer: Option<Pointer>,
    /// What is there: nothing for `.orValue([])` of what is absent.
    pub(crate) value: Result<Option<SnapshotValue<'s>>, Failure>,
    /// Whether it leads to a fact.
    pub(crate) in_facts: bool,
    /// Whether an item on the way is not there, so that the pointer is of something before it.
    pub(crate) is_lost: bool,
}

impl Path {
    /// A path from a root.
    pub fn new(root: PathRoot, steps: Vec<PathStep>) -> Self {
        Self { root, steps: steps.into_iter().map(Arc::new).collect() }
    }

    /// This path, followed by more steps.
    #[must_use]
    pub fn then(&self, steps: Vec<PathStep>) -> Self {
        let mut path = self.clone();
        path.steps.extend(steps.into_iter().map(Arc::new));
        path
    }

    /// What the path starts from.
    pub fn root(&self) -> PathRoot {
        self.root
    }

    /// Follows it.
    pub(crate) fn follow<'s>(&self, scope: &EvaluationScope<'s>, places: &ScopePlaces<'s>) -> PathEnd<'s> {
        let mut walk = PathWalk::start(self.root, scope, places);
        for step in &self.steps {
            walk.step(step, scope);
        }
        let value = walk.value.map(Some).or_else(Missing::into_value);
        PathEnd { pointer: walk.pointer, value, in_facts: walk.in_facts, is_lost: walk.lost }
    }
}

/// Why there is nothing at the end of a path.
enum Missing {
    Failed(Failure),
    /// What a guard asks for, or something below it, is absent.
    Absent(Failure),
    /// A guard found nothing, and nothing is what it asked for.
    Empty,
}

impl Missing {
    fn into_value<'s>(self) -> Result<Option<SnapshotValue<'s>>, Failure> {
        match self {
            Self::Failed(failure) | Self::Absent(failure) => Err(failure),
            Self::Empty => Ok(None),
        }
    }
}

struct PathWalk<'s> {
    value: Result<SnapshotValue<'s>, Missing>,
    pointer: Option<Pointer>,
    /// Whether an item was not there: what follows it has no place, not even an absent one.
    lost: bool,
    /// Whether a guard stood on the way: what is absent behind it is nothing.
    is_guarded: bool,
    /// Whether the walk is among facts, whose places are those of what they follow from.
    in_facts: bool,
}

impl<'s> PathWalk<'s> {
    fn start(root: PathRoot, scope: &EvaluationScope<'s>, places: &ScopePlaces<'s>) -> Self {
        let (value, pointer) = match root {
            PathRoot::Resource => (Some(scope.resource_value()), places.resource.pointer()),
            PathRoot::Item(at) => {
                (scope.item_value(at), places.items.get(at).and_then(|place| place.pointer()))
            }
            PathRoot::Section(section) => {
                let part = scope.snapshot.part(section);
                let pointer =
                    part.map_or_else(|| scope.snapshot.pointer.key(&section.name), |part| part.pointer());
                (Some(SnapshotValue::section(section, scope.snapshot)), Some(pointer))
            }
            PathRoot::Facts => {
                (Some(SnapshotValue::new(scope.facts, schema().facts(), scope.snapshot)), None)
            }
            PathRoot::Elsewhere => (None, None),
        };
        let nothing = || Missing::Failed(Failure::Error("the path starts nowhere".to_owned()));
        let in_facts = match root {
            PathRoot::Facts => true,
            PathRoot::Item(at) => matches!(places.items.get(at), Some(Place::Origin(_))),
            _ => false,
        };
        Self { value: value.ok_or_else(nothing), pointer, lost: false, is_guarded: false, in_facts }
    }

    fn step(&mut self, step: &PathStep, scope: &EvaluationScope<'s>) {
        self.take(step, scope);
        if let (true, Ok(value)) = (self.in_facts, &self.value)
            && let Some(origin) = origin(value)
        {
            self.pointer = Some(Pointer::parse(origin));
        }
    }

    fn take(&mut self, step: &PathStep, scope: &EvaluationScope<'s>) {
        match step {
            PathStep::Field(name) => self.field(name),
            PathStep::Optional(name) => {
                self.is_guarded = true;
                self.field(name);
            }
            PathStep::Index(key) => self.look_up(key, scope),
            PathStep::OptionalIndex(key) => {
                self.is_guarded = true;
                self.look_up(key, scope);
            }
            PathStep::OrEmpty => {
                if matches!(&self.value, Err(Missing::Absent(_))) {
                    self.value = Err(Missing::Empty);
                }
            }
        }
    }

    fn look_up(&mut self, key: &Expression, scope: &EvaluationScope<'s>) {
        match key.json(scope) {
            Ok(serde_json::Value::String(key)) => self.key(&key),
            Ok(serde_json::Value::Number(at)) => self.index(at.as_i64().unwrap_or(-1)),
            Ok(_) => self.lose(Failure::Error("an index must be a text or a number".to_owned())),
            Err(failure) => self.lose(failure),
        }
    }

    /// What a step that found nothing leaves.
    fn missing(&self, failure: Failure) -> Missing {
        let is_absent =
            matches!(&failure, Failure::Unknown(unknown) if unknown.kind == UnknownKind::FieldAbsent);
        if self.is_guarded && is_absent { Missing::Absent(failure) } else { Missing::Failed(failure) }
    }

    /// Stays where it is: there is no item to go on from.
    fn lose(&mut self, failure: Failure) {
        self.lost = true;
        if self.value.is_ok() {
            self.value = Err(self.missing(failure));
        }
    }

    fn field(&mut self, name: &str) {
        let Ok(value) = &self.value else {
            self.push_key(name);
            return;
        };
        let found = value.written_field(name);
        self.push_key(found.as_ref().ok().and_then(|(written, _)| *written).unwrap_or(name));
        self.value = found.map(|(_, value)| value).map_err(|failure| self.missing(failure));
    }

    fn key(&mut self, key: &str) {
        let Ok(value) = &self.value else {
            return self.field(key);
        };
        let Some(part) = value.part().filter(|part| part.section.is_list()) else {
            return self.field(key);
        };
        match value.keyed(part, key) {
            Ok((at, item)) => {
                self.pointer = Some(part.item_pointer(at));
                self.value = Ok(item);
            }
            Err(failure) => self.lose(failure),
        }
    }

    fn index(&mut self, at: i64) {
        let Ok(value) = &self.value else {
            self.lost = true;
            return;
        };
        match value.indexed(at) {
            Ok((at, item)) => {
                self.pointer = match value.part() {
                    Some(part) => Some(part.item_pointer(at)),
                    None if self.in_facts => self.pointer.take(),
                    None => self.pointer.as_ref().map(|pointer| pointer.index(at)),
                };
                self.value = Ok(item);
            }
            Err(failure) => self.lose(failure),
        }
    }

    fn push_key(&mut self, name: &str) {
        if let (Some(pointer), false) = (&mut self.pointer, self.lost || self.in_facts) {
            pointer.push_key(name);
        }
    }
}

/// Where what a fact follows from is.
fn origin<'s>(value: &SnapshotValue<'s>) -> Option<&'s str> {
    value.node().and_then(|node| node.as_object())?.origin()
}

/// The items of a loop, each made when the loop comes to it: a list may be long, and loops may be within loops.
#[derive(Debug)]
pub(crate) struct PathItems<'s> {
    list: Option<SnapshotValue<'s>>,
    /// Where the list is.
    pointer: Option<Arc<Pointer>>,
    in_facts: bool,
}

impl<'s> PathItems<'s> {
    /// The items of what a path leads to.
    pub(crate) fn of(list: Option<SnapshotValue<'s>>, pointer: Option<Pointer>, in_facts: bool) -> Self {
        Self { list, pointer: pointer.map(Arc::new), in_facts }
    }

    /// The items of a list that is in no document.
    pub(crate) fn loose(list: Json<'s>, ty: crate::snapshot::Type, scope: &EvaluationScope<'s>) -> Self {
        Self::of(Some(SnapshotValue::new(list, ty, scope.snapshot)), None, false)
    }

    /// Why there may be more than these.
    pub(crate) fn incomplete(&self) -> Option<Unknown> {
        self.list.as_ref().and_then(SnapshotValue::incomplete)
    }

    /// Each item with its place.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (SnapshotValue<'s>, Place<'s>)> {
        let nodes = self.list.as_ref().and_then(|list| list.node()?.as_list()).unwrap_or_default();
        let item = |(at, node): (usize, &Json<'s>)| {
            let list = self.list.as_ref()?;
            let item = list.item(*node);
            let place = if self.in_facts { self.place_of_fact(&item) } else { self.place(list, at) };
            Some((item, place))
        };
        nodes.iter().enumerate().filter_map(item)
    }

    fn place(&self, list: &SnapshotValue<'s>, at: usize) -> Place<'s> {
        match (list.part(), &self.pointer) {
            (Some(part), _) => Place::Item(part, at),
            (None, Some(pointer)) => Place::Under(Arc::clone(pointer), at),
            (None, None) => Place::Nowhere,
        }
    }

    fn place_of_fact(&self, item: &SnapshotValue<'s>) -> Place<'s> {
        match (origin(item), &self.pointer) {
            (Some(origin), _) => Place::Origin(Arc::new(Pointer::parse(origin))),
            (None, Some(pointer)) => Place::Origin(Arc::clone(pointer)),
            (None, None) => Place::Nowhere,
        }
    }
}
