//! The values of a resource after a change: what is known, and over it what is not known yet.

use super::super::super::place::Place;
use super::super::super::value::{TemplateValue, ValueKind};
use super::super::placed::{PlacedJson, PlacedKind};
use super::super::reading::JsonTemplateReader;
use super::arguments::{identifier, is_always_there, is_computed, may_be_unset};
use super::configuration::WrittenAs;
use super::instances::PlannedResource;
use super::references::{PlanReferences, symbol};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Why a value of a plan is not known.
pub(super) const AFTER_APPLY: &str = "known only after apply";

/// Reads the values of one resource of a plan.
#[derive(Debug)]
pub(super) struct ValueOverlay<'a, 'j> {
    /// The template that they are for.
    pub(super) template: &'a JsonTemplateReader,
    /// What leads from unknown values to other resources.
    pub(super) references: &'a PlanReferences<'a, 'j>,
    /// The resource.
    pub(super) resource: &'a PlannedResource<'j>,
    /// Whether its provider may add tags.
    pub(super) has_default_tags: bool,
}

/// Where a value is in a resource.
#[derive(Clone, Copy, Debug)]
enum ValuePath<'p> {
    Root,
    Field(&'p ValuePath<'p>, &'p str),
    Item(&'p ValuePath<'p>, usize),
}

/// A value, and what is said of it.
#[derive(Clone, Copy)]
struct OverlaidValue<'v, 'j> {
    path: &'v ValuePath<'v>,
    /// What is known of it.
    known: Option<&'j PlacedJson<'j>>,
    /// The same with `true` for what is not.
    unknown: Option<&'j PlacedJson<'j>>,
    /// What the configuration says of it.
    written: &'v WrittenAs<'j>,
    /// The place of what it is in.
    parent: &'v Place,
}

impl<'j> ValueOverlay<'_, 'j> {
    /// All values, as an object.
    pub(super) fn read(&self, configured: Option<&'j PlacedJson<'j>>) -> TemplateValue {
        let place = self.template.place(self.resource.place.clone());
        let written = WrittenAs::of(configured);
        let (known, unknown) = (self.resource.values, self.resource.unknown);
        let value =
            OverlaidValue { path: &ValuePath::Root, known, unknown, written: &written, parent: &place };
        let none = || TemplateValue::new(ValueKind::Map(Arc::default()), None);
        self.value(value).unwrap_or_else(none).at(Some(place))
    }

    /// A list or an object of which parts are not known.
    fn partly(&self, kind: ValueKind, at: OverlaidValue<'_, 'j>, place: Place) -> TemplateValue {
        let sensitive = at.known.is_some_and(|known| self.template.is_secret(known));
        TemplateValue { sensitive, ..TemplateValue::new(kind, Some(place)) }
    }

    /// A value; none for an argument that is not set.
    fn value(&self, at: OverlaidValue<'_, 'j>) -> Option<TemplateValue> {
        let marks = at.unknown.filter(|marks| has_mark(marks));
        match (at.known.map(|known| &known.kind), marks) {
            (_, None) => at.known.map(|known| {
                let read = |argument: &str, text: &str| self.references.named(argument, text);
                self.template.known_as(known, at.path.argument(), &read)
            }),
            (_, Some(marks)) if marks.is_true() => self.unknown(at, marks),
            (None | Some(PlacedKind::Null | PlacedKind::Object(_)), Some(marks)) if marks.is_object() => {
                Some(self.object(at, marks))
            }
            (None | Some(PlacedKind::Null | PlacedKind::List(_)), Some(marks)) if !marks.is_object() => {
                Some(self.list(at, marks))
            }
            // The marks have another structure than the value, so nobody knows what they mean.
            (Some(_), Some(marks)) => Some(self.not_known(at, marks)),
            (None, Some(marks)) => Some(self.not_known(at, marks)),
        }
    }

    fn object(&self, at: OverlaidValue<'_, 'j>, marks: &'j PlacedJson<'j>) -> TemplateValue {
        let own = self.own_place(at, marks);
        let mut fields = BTreeMap::new();
        let known = at.known.map(PlacedJson::fields).unwrap_or_default();
        let only_marked = marks
            .fields()
            .iter()
            .filter(|(name, _)| at.known.is_none_or(|known| known.field(name).is_none()));
        let names = known.iter().chain(only_marked).map(|(name, _)| &**name);
        for name in names {
            let written = at.written.field(name);
            let field = OverlaidValue {
                path: &ValuePath::Field(at.path, name),
                known: at.known.and_then(|known| known.field(name)),
                unknown: marks.field(name),
                written: &written,
                parent: &own,
            };
            if let Some(value) = self.value(field) {
                fields.insert(self.template.name(name), value);
            }
        }
        self.partly(ValueKind::Map(Arc::new(fields.into())), at, own)
    }

    fn list(&self, at: OverlaidValue<'_, 'j>, marks: &'j PlacedJson<'j>) -> TemplateValue {
        let own = self.own_place(at, marks);
        let known = at.known.map(PlacedJson::items).unwrap_or_default();
        let mut referenced = self.unknown_items(at, marks).unwrap_or_default().into_iter();
        let mut items = Vec::new();
        for index in 0..known.len().max(marks.items().len()) {
            let item = OverlaidValue {
                path: &ValuePath::Item(at.path, index),
                known: known.get(index),
                unknown: marks.items().get(index),
                parent: &own,
                ..at
            };
            let reference = item.unknown.filter(|mark| mark.is_true()).and_then(|_| referenced.next());
            let place = || Some(item.known.map_or(own.clone(), |known| self.template.place(known.shown())));
            items.extend(reference.map(|reference| reference.at(place())).or_else(|| self.value(item)));
        }
        self.partly(ValueKind::List(Arc::new(items)), at, own)
    }

    /// What the unknown items of a list are, if it is evident.
    fn unknown_items(&self, at: OverlaidValue<'_, 'j>, marks: &PlacedJson<'_>) -> Option<Vec<TemplateValue>> {
        let WrittenAs::Expression(expression) = at.written else { return None };
        let count = marks.items().iter().filter(|mark| mark.is_true()).count();
        let argument = identifier(at.path.argument()).filter(|argument| argument.is_list && count > 0)?;
        self.references.many(self.resource, expression, argument, Some(count))
    }

    /// A value of which nothing is known in the plan: an attribute of another resource or of its own, nothing that was set, or
    /// something that nobody knows.
    fn unknown(&self, at: OverlaidValue<'_, 'j>, mark: &'j PlacedJson<'j>) -> Option<TemplateValue> {
        let place = self.own_place(at, mark);
        let path = at.path.to_string();
        let is_written = matches!(at.written, WrittenAs::Expression(_) | WrittenAs::Blocks(_));
        let is_own = is_always_there(&path) || (!is_written && is_computed(self.resource.kind, &path));
        if is_own {
            return Some(symbol(self.resource, &path).at(Some(place)));
        }
        let is_unset =
            if path == "tags_all" { self.has_no_tags() } else { may_be_unset(self.resource.kind, &path) };
        if matches!(at.written, WrittenAs::Nowhere) && is_unset {
            return None;
        }
        let found = match at.written {
            WrittenAs::Expression(expression) => self.referenced(at.path, expression, &place),
            _ => None,
        };
        Some(found.map_or_else(|| self.not_known(at, mark), |found| found.at(Some(place))))
    }

    /// Whether nobody sets a tag: the provider then says that all tags are unknown.
    fn has_no_tags(&self) -> bool {
        let is_marked = self.resource.unknown.and_then(|unknown| unknown.get("tags")).is_some_and(has_mark);
        let tags = self.resource.values.and_then(|values| values.get("tags"));
        !self.has_default_tags && !is_marked && tags.is_none_or(|tags| tags.fields().is_empty())
    }

    fn referenced(
        &self,
        path: &ValuePath<'_>,
        expression: &'j PlacedJson<'j>,
        place: &Place,
    ) -> Option<TemplateValue> {
        // Items of a list are found together, in `unknown_items`.
        let argument = identifier(path.argument()).filter(|_| !matches!(path, ValuePath::Item(..)))?;
        if !argument.is_list {
            return self.references.one(self.resource, expression, argument);
        }
        let items = self.references.many(self.resource, expression, argument, None)?;
        Some(TemplateValue::list(items.into_iter().map(|item| item.at(Some(place.clone()))).collect(), None))
    }

    fn not_known(&self, at: OverlaidValue<'_, 'j>, marks: &PlacedJson<'_>) -> TemplateValue {
        TemplateValue::unknown(AFTER_APPLY, None, Some(self.own_place(at, marks)))
    }

    /// Where a value is shown: where it is written, else where its mark is, else where what it is in is.
    fn own_place(&self, at: OverlaidValue<'_, 'j>, marks: &PlacedJson<'_>) -> Place {
        if matches!(at.path, ValuePath::Root) {
            return at.parent.clone();
        }
        let written = at.known.map(PlacedJson::shown).or_else(|| marks.key());
        written.map_or_else(|| at.parent.clone(), |range| self.template.place(range))
    }
}

impl ValuePath<'_> {
    /// The name of the argument that it is in.
    fn argument(&self) -> &str {
        match self {
            Self::Root => "",
            Self::Field(_, name) => name,
            Self::Item(parent, _) => parent.argument(),
        }
    }
}

/// As in expressions: `vpc_config[0].vpc_id`.
impl fmt::Display for ValuePath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(Self::Root, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// Whether anything is marked as unknown.
fn has_mark(marks: &PlacedJson<'_>) -> bool {
    match &marks.kind {
        PlacedKind::Bool(mark) => *mark,
        PlacedKind::List(items) => items.iter().any(has_mark),
        PlacedKind::Object(fields) => fields.iter().any(|(_, marks)| has_mark(marks)),
        _ => false,
    }
}
