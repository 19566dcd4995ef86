//! The places of a document, and the document with one of them broken.

use bumpalo::Bump;
use ekslint::snapshot::{Section, Type, schema};
use ekslint::value::Json;

/// One step from a value into it.
#[derive(Clone, Debug)]
enum Step {
    Field(String),
    Item(usize),
}

/// A place of a document.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    steps: Vec<Step>,
    /// The structure and the field, where AWS documents it: `ec2.Subnet`, `VpcId`.
    pub(crate) field: Option<(String, String)>,
    ty: Type,
    is_list: bool,
}

/// What stands in a place instead of what belongs there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shape {
    Gone,
    Null,
    Number,
    EmptyText,
    Text,
    EmptyList,
    EmptyObject,
}

impl Shape {
    pub(crate) const ALL: [Self; 7] = [
        Self::Gone,
        Self::Null,
        Self::Number,
        Self::EmptyText,
        Self::Text,
        Self::EmptyList,
        Self::EmptyObject,
    ];

    /// Whether it does not belong there. An empty list is a list, an empty map a map; and a list
    /// without one of its items is another list.
    pub(crate) fn is_wrong_for(self, place: &Place) -> bool {
        match (self, place.ty) {
            (Self::Gone, _) => !matches!(place.steps.last(), Some(Step::Item(_))),
            (Self::EmptyList, Type::List(_)) | (Self::EmptyObject, Type::Map(_)) => false,
            (Self::EmptyList, Type::Any) => !place.is_list,
            (Self::Text, Type::String | Type::Any) => false,
            // A negative number, or one before there was AWS.
            (Self::Number, Type::Int) => place.is_never_negative(),
            (Self::Number, Type::Double | Type::Timestamp) => false,
            _ => true,
        }
    }

    fn value<'t>(self, arena: &'t Bump) -> Option<Json<'t>> {
        Some(match self {
            Self::Gone => return None,
            Self::Null => Json::Null,
            Self::Number => Json::Int(-1),
            Self::EmptyText => Json::Str(""),
            Self::Text => Json::Str("x"),
            Self::EmptyList => Json::List(&[]),
            Self::EmptyObject => Json::object(arena, []),
        })
    }
}

impl Place {
    fn is_never_negative(&self) -> bool {
        let Some((structure, field)) = &self.field else { return false };
        schema().field(structure, field).is_some_and(|field| field.filled)
    }

    /// As a JSON pointer.
    pub(crate) fn pointer(&self) -> String {
        self.text(usize::to_string)
    }

    /// As a JSON pointer with `*` for positions.
    pub(crate) fn generalised(&self) -> String {
        self.text(|_| "*".to_owned())
    }

    /// Whether it is a condition of a policy statement (`false`), or below one (`true`).
    pub(crate) fn inside_condition(&self) -> Option<bool> {
        let is_condition = |step: &Step| matches!(step, Step::Field(name) if name == "Condition");
        let at = self.steps.iter().position(is_condition)?;
        Some(at + 1 < self.steps.len())
    }

    fn text(&self, item: impl Fn(&usize) -> String) -> String {
        let step = |step: &Step| match step {
            Step::Field(name) => format!("/{name}"),
            Step::Item(at) => format!("/{}", item(at)),
        };
        self.steps.iter().map(step).collect()
    }
}

/// Every place of a section: the section, and what is in it.
pub(crate) fn places(root: Json<'_>, section: &Section) -> Vec<Place> {
    let mut found = Vec::new();
    if let Some(node) = root.get(&section.name) {
        let mut steps = vec![Step::Field(section.name.clone())];
        add(node, schema().section(&section.name), None, &mut steps, &mut found);
    }
    found
}

fn add(
    node: Json<'_>,
    ty: Type,
    field: Option<(String, String)>,
    steps: &mut Vec<Step>,
    found: &mut Vec<Place>,
) {
    let is_list = matches!(node, Json::List(_));
    found.push(Place { steps: steps.clone(), field, ty, is_list });
    match node {
        Json::List(items) => {
            for (at, item) in items.iter().enumerate() {
                steps.push(Step::Item(at));
                add(*item, schema().item(ty), None, steps, found);
                steps.pop();
            }
        }
        Json::Object(object) => {
            for (name, value) in object.entries() {
                let known = schema().select(ty, name).ok().flatten();
                let field = match ty {
                    Type::Struct(id) => Some((schema().structure(id).name.clone(), (*name).to_owned())),
                    _ => None,
                };
                steps.push(Step::Field((*name).to_owned()));
                add(*value, known.map_or(Type::Any, |known| known.ty), field, steps, found);
                steps.pop();
            }
        }
        _ => {}
    }
}

/// The document with one place broken; none where there is no such place.
pub(crate) fn broken<'t>(root: Json<'t>, place: &Place, shape: Shape, arena: &'t Bump) -> Option<Json<'t>> {
    put(root, &place.steps, shape.value(arena), arena)
}

fn put<'t>(node: Json<'t>, steps: &[Step], value: Option<Json<'t>>, arena: &'t Bump) -> Option<Json<'t>> {
    let (step, rest) = steps.split_first()?;
    let deeper = |old: Json<'t>| match rest {
        [] => Some(value),
        rest => put(old, rest, value, arena).map(Some),
    };
    match (node, step) {
        (Json::Object(object), Step::Field(name)) => {
            let new = deeper(object.get(name)?)?;
            let entries = object.entries().iter().filter_map(|(known, old)| match *known == name {
                true => new.map(|new| (*known, new)),
                false => Some((*known, *old)),
            });
            Some(Json::object(arena, entries.collect::<Vec<_>>()))
        }
        (Json::List(items), Step::Item(at)) => {
            let new = deeper(*items.get(*at)?)?;
            let items = items.iter().enumerate();
            let items = items.filter_map(|(known, old)| if known == *at { new } else { Some(*old) });
            Some(Json::list(arena, items.collect::<Vec<_>>()))
        }
        _ => None,
    }
}
