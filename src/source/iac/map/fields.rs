//! Applies the rows of fields: arguments in, an object as a snapshot has it out.

use super::super::place::Place;
use super::super::table::{Absence, FieldRow};
use super::super::template::TemplateResource;
use super::super::value::{TemplateValue, ValueKind};
use super::{computed, default_of, required, transform};
use std::sync::Arc;

/// What a path of arguments leads to.
#[derive(Clone, Copy)]
pub(super) enum FoundArgument<'v> {
    /// This.
    Value(&'v TemplateValue),
    /// Nobody knows: this on the way is unknown.
    Unknown(&'v TemplateValue),
    /// It is not set.
    MissingPart {
        /// Whether the block that it would be in is there.
        within: bool,
    },
}

impl<'v> FoundArgument<'v> {
    /// The value, known or not.
    pub(super) fn value(self) -> Option<&'v TemplateValue> {
        match self {
            Self::Value(value) | Self::Unknown(value) => Some(value),
            Self::MissingPart { .. } => None,
        }
    }
}

/// Follows a path of arguments. Of a nested block the first is meant.
pub(super) fn find<'v>(values: &'v TemplateValue, path: &str) -> FoundArgument<'v> {
    let mut at = values;
    let mut names = path.split('.').peekable();
    while let Some(name) = names.next() {
        let Some(value) = at.get(name) else {
            return FoundArgument::MissingPart { within: names.peek().is_none() };
        };
        if names.peek().is_none() {
            return FoundArgument::Value(value);
        }
        match block(value) {
            Ok(Some(block)) => at = block,
            Ok(None) => return FoundArgument::MissingPart { within: false },
            Err(unknown) => return FoundArgument::Unknown(unknown),
        }
    }
    FoundArgument::Value(at)
}

/// The first block of what may be a block, a list of them, or unknown.
fn block(value: &TemplateValue) -> Result<Option<&TemplateValue>, &TemplateValue> {
    match &value.kind {
        ValueKind::Map(_) => Ok(Some(value)),
        ValueKind::List(items) => match items.first() {
            Some(first) if !matches!(first.kind, ValueKind::List(_)) => block(first),
            _ => Ok(None),
        },
        ValueKind::Unknown(_) | ValueKind::Symbol(_) => Err(value),
        _ => Ok(None),
    }
}

/// The object that the rows make of a resource.
pub(super) fn object(rows: &'static [FieldRow], resource: &TemplateResource) -> TemplateValue {
    of_block(rows, &resource.values, resource).at(Some(resource.place.clone()))
}

/// The object that the rows make of a block.
fn of_block(rows: &'static [FieldRow], values: &TemplateValue, resource: &TemplateResource) -> TemplateValue {
    let mut fields = FieldTree::default();
    for row in rows {
        let missing = FoundArgument::MissingPart { within: false };
        let found = row.from.map_or(missing, |from| find(values, from));
        if let Some(value) = field(row, found, resource) {
            // Only objects on the way to a field get them.
            let from = row.from.filter(|_| row.to.contains('.'));
            let places = from.map(|from| block_places(values, from)).unwrap_or_default();
            fields.put(row.to, value, is_perhaps(row, found), &places);
        }
    }
    fields.into_object(values.place.clone())
}

/// Whether a field is there only if a block is that is not known.
fn is_perhaps(row: &FieldRow, found: FoundArgument<'_>) -> bool {
    let is_blocked = matches!(found, FoundArgument::Unknown(_));
    is_blocked && row.absent.is_none() && !row.computed && !row.required
}

fn field(
    row: &'static FieldRow,
    found: FoundArgument<'_>,
    resource: &TemplateResource,
) -> Option<TemplateValue> {
    let found = match found {
        FoundArgument::Value(value) if row.empty && is_empty(value) => {
            FoundArgument::MissingPart { within: true }
        }
        found => found,
    };
    match (found, row.from) {
        (FoundArgument::MissingPart { .. } | FoundArgument::Unknown(_), Some(from)) if row.computed => {
            Some(computed(resource, from))
        }
        (FoundArgument::Value(value), Some(from)) if row.computed && value.is_unknown() => {
            Some(computed(resource, from))
        }
        (FoundArgument::MissingPart { .. }, Some(from)) if row.required => {
            Some(required(None, resource, from))
        }
        (FoundArgument::Unknown(value), Some(from)) if row.required => {
            Some(required(Some(value), resource, from))
        }
        (FoundArgument::Value(value), Some(from)) if row.required && value.is_unknown() => {
            Some(required(Some(value), resource, from))
        }
        (FoundArgument::Value(value), _) if !row.each.is_empty() => Some(each(&row.each, value, resource)),
        (FoundArgument::Value(value), _) => Some(transform::apply(row.transform, value, resource)),
        (FoundArgument::Unknown(value), _) => Some(value.clone()),
        (FoundArgument::MissingPart { within }, _) => {
            let absence = row.within.as_ref().filter(|_| within).or(row.absent.as_ref());
            // Tags of the provider are there without tags of the resource.
            let none = || transform::of_nothing(row.transform, resource);
            absence.map(of_absence).or_else(none)
        }
    }
}

/// What it means that an argument is not set.
fn of_absence(absence: &Absence) -> TemplateValue {
    match absence {
        Absence::Default { value, who, .. } => default_of(*who, value),
        Absence::Unknown { unknown, .. } => TemplateValue::unknown(*unknown, None, None),
    }
}

/// A list of blocks; what is no block, such as one that is unknown, stays what it is.
fn each(rows: &'static [FieldRow], value: &TemplateValue, resource: &TemplateResource) -> TemplateValue {
    if !matches!(value.kind, ValueKind::List(_) | ValueKind::Map(_)) {
        return value.clone();
    }
    let item = |item: &TemplateValue| match item.kind {
        ValueKind::Map(_) => of_block(rows, item, resource),
        _ => item.clone(),
    };
    let items = value.items().iter().map(item).collect();
    TemplateValue { kind: ValueKind::List(Arc::new(items)), ..value.clone() }
}

fn is_empty(value: &TemplateValue) -> bool {
    match &value.kind {
        ValueKind::Text(text) => text.is_empty(),
        ValueKind::List(items) => items.is_empty(),
        ValueKind::Map(fields) => fields.is_empty(),
        _ => false,
    }
}

/// The places of the blocks on the way to an argument.
fn block_places(values: &TemplateValue, path: &str) -> Vec<Option<Place>> {
    let mut at = values;
    let mut places = Vec::new();
    for name in path.split('.') {
        let Some(Ok(Some(next))) = at.get(name).map(block) else { break };
        places.push(next.place.clone());
        at = next;
    }
    places
}

/// An object that is put together from paths.
#[derive(Default)]
struct FieldTree {
    place: Option<Place>,
    /// By name. They are few.
    fields: Vec<(&'static str, FieldBranch)>,
}

enum FieldBranch {
    Value {
        value: TemplateValue,
        /// Whether nobody knows that the object is there which has it.
        is_perhaps: bool,
    },
    FieldTree(FieldTree),
}

impl FieldTree {
    /// Puts a value at a path; the objects on the way get the places of the blocks on the way to the argument.
    fn put(&mut self, path: &'static str, value: TemplateValue, is_perhaps: bool, places: &[Option<Place>]) {
        let Some((name, rest)) = path.split_once('.') else {
            *self.branch(path) = FieldBranch::Value { value, is_perhaps };
            return;
        };
        if let FieldBranch::FieldTree(tree) = self.branch(name) {
            tree.place = tree.place.take().or_else(|| places.first().cloned().flatten());
            tree.put(rest, value, is_perhaps, places.get(1..).unwrap_or_default());
        }
    }

    /// What is at a name; first an empty object.
    fn branch(&mut self, name: &'static str) -> &mut FieldBranch {
        let known = self.fields.iter().position(|(known, _)| *known == name);
        let at = known.unwrap_or_else(|| {
            self.fields.push((name, FieldBranch::FieldTree(Self::default())));
            self.fields.len() - 1
        });
        &mut self.fields[at].1
    }

    fn into_object(self, place: Option<Place>) -> TemplateValue {
        let fields = self.fields.into_iter().map(|(name, branch)| (name, branch.into_value().0));
        TemplateValue::map(fields, place)
    }
}

impl FieldBranch {
    /// The value, and whether nobody knows that the object is there which has it. An object of which that holds for all fields is as
    /// unknown as they are.
    fn into_value(self) -> (TemplateValue, bool) {
        let mut tree = match self {
            Self::Value { value, is_perhaps } => return (value, is_perhaps),
            Self::FieldTree(tree) => tree,
        };
        tree.fields.sort_by_key(|(name, _)| *name);
        let place = tree.place.clone();
        let values: Vec<_> =
            tree.fields.into_iter().map(|(name, branch)| (name, branch.into_value())).collect();
        let is_perhaps = values.iter().all(|(_, (_, is_perhaps))| *is_perhaps);
        match values.first() {
            Some((_, (unknown, _))) if is_perhaps => (unknown.clone(), true),
            _ => {
                (TemplateValue::map(values.into_iter().map(|(name, (value, _))| (name, value)), place), false)
            }
        }
    }
}
