//! The places of values that were used elsewhere than where they are written.

use crate::source::iac::{Place, PlaceVia, TemplateValue, ValueKind};
use std::sync::Arc;

/// The value, with every place in it changed.
pub(super) fn replaced(
    value: TemplateValue,
    change: &dyn Fn(Option<Place>) -> Option<Place>,
) -> TemplateValue {
    let place = change(value.place);
    let kind = match value.kind {
        ValueKind::List(items) => {
            ValueKind::List(Arc::new(owned(items).into_iter().map(|item| replaced(item, change)).collect()))
        }
        ValueKind::Map(fields) => {
            let fields = owned(fields).into_iter().map(|(name, value)| (name, replaced(value, change)));
            ValueKind::Map(Arc::new(fields.collect()))
        }
        kind => kind,
    };
    TemplateValue { kind, place, ..value }
}

fn owned<T: Clone>(shared: Arc<T>) -> T {
    Arc::try_unwrap(shared).unwrap_or_else(|shared| (*shared).clone())
}

/// Where a value is used; where it is written is the second place.
pub(super) fn used_place(written: Option<Place>, place: &Place, words: &dyn Fn() -> String) -> Place {
    match written {
        Some(written) if written.range() != place.range() || written.file != place.file => {
            place.clone().through(&written, words)
        }
        _ => place.clone(),
    }
}

/// A place whose second place cannot be shown: its words stand at the first one.
pub(super) fn seen_from(place: Place) -> Place {
    let here = Place { via: None, ..place.clone() };
    let via = place.via.map(|via| Arc::new(PlaceVia { place: here, words: via.words.clone() }));
    Place { via, ..place }
}

/// The value as it was handed to a module: its place stays, and where the module uses it is the second place.
pub(super) fn handed_to(value: TemplateValue, place: &Place, words: &dyn Fn() -> String) -> TemplateValue {
    replaced(value, &|written| {
        Some(written.map_or_else(|| place.clone(), |written| written.through(place, words)))
    })
}

/// The value, marked as secret with all that is in it.
pub(super) fn masked(value: TemplateValue) -> TemplateValue {
    let kind = match value.kind {
        ValueKind::List(items) => ValueKind::List(Arc::new(owned(items).into_iter().map(masked).collect())),
        ValueKind::Map(fields) => ValueKind::Map(Arc::new(
            owned(fields).into_iter().map(|(name, value)| (name, masked(value))).collect(),
        )),
        kind => kind,
    };
    TemplateValue { kind, sensitive: true, ..value }
}
