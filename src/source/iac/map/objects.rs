//! Objects that are put together by hand: fields, lists of blocks, and what is said of them.

use super::super::field_map::FieldMap;
use super::super::place::Place;
use super::super::table::Transform;
use super::super::value::{TemplateValue, ValueKind};
use super::{default_of, transform};
use serde_json::Value;
use std::sync::Arc;

/// Whose defaults are those that the provider sends.
pub(super) const PROVIDER: &str = "the AWS provider";
/// Whose defaults are those of networks.
pub(super) const EC2: &str = "EC2";

/// The fields of an object.
#[derive(Default)]
pub(super) struct ObjectFields(FieldMap<TemplateValue>);

impl ObjectFields {
    /// The same fields with one more.
    pub(super) fn with(mut self, name: &str, value: TemplateValue) -> Self {
        self.0.insert(name.into(), value);
        self
    }

    /// The same fields with one more, if it has a value.
    pub(super) fn with_some(self, name: &str, value: Option<TemplateValue>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// The same fields with one more that nobody wrote.
    pub(super) fn with_default(self, name: &str, who: &str, value: &Value) -> Self {
        self.with(name, default_of(who, value))
    }

    /// The object, at a place.
    pub(super) fn at(self, place: Option<Place>) -> TemplateValue {
        TemplateValue::new(ValueKind::Map(Arc::new(self.0)), place)
    }
}

/// Sets a field of an object. What is no object stays what it is.
pub(super) fn set(object: &mut TemplateValue, name: &str, value: TemplateValue) {
    if let ValueKind::Map(fields) = &mut object.kind {
        Arc::make_mut(fields).insert(name.into(), value);
    }
}

/// A list in the place of another one: each of its items changed. An item that is unknown stays so, and so does a list.
pub(super) fn each(list: &TemplateValue, change: impl Fn(&TemplateValue) -> TemplateValue) -> TemplateValue {
    let items = match &list.kind {
        ValueKind::List(items) => items.iter().filter(|item| !item.is_null()).map(change).collect(),
        ValueKind::Map(_) => vec![change(list)],
        _ => return list.clone(),
    };
    TemplateValue { kind: ValueKind::List(Arc::new(items)), ..list.clone() }
}

/// Adds items to a list; before those that it has, if `first`. A list that is unknown stays so.
pub(super) fn add(list: &mut TemplateValue, items: Vec<TemplateValue>, first: bool) {
    if let ValueKind::List(own) = &mut list.kind {
        let own = Arc::make_mut(own);
        let at = if first { 0 } else { own.len() };
        own.splice(at..at, items);
    }
}

/// A value as a text, where it has one.
pub(super) fn as_text(value: &TemplateValue) -> TemplateValue {
    transform::simple(Transform::Text, value)
}

/// A value as a number, where it is one.
pub(super) fn as_number(value: &TemplateValue) -> TemplateValue {
    transform::simple(Transform::Number, value)
}

/// Whether an argument is set to true: `None` where that is not known.
pub(super) fn is_true(value: Option<&TemplateValue>) -> Option<bool> {
    let Some(value) = value else { return Some(false) };
    match transform::simple(Transform::Bool, value).kind {
        ValueKind::Bool(value) => Some(value),
        ValueKind::Null => Some(false),
        _ => None,
    }
}

/// An argument that is set: neither null nor an empty text or list, as provider and API take these for not set.
pub(super) fn given<'v>(values: &'v TemplateValue, name: &str) -> Option<&'v TemplateValue> {
    let is_empty = |value: &TemplateValue| match &value.kind {
        ValueKind::Text(text) => text.is_empty(),
        ValueKind::List(items) => items.is_empty(),
        _ => false,
    };
    values.get(name).filter(|value| !is_empty(value))
}
