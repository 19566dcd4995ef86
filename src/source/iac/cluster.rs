//! A cluster that a template describes: its snapshot, and where in the template each value of it is written.

use super::draft::Draft;
use super::place::Place;
use super::render::render;
use super::template::Template;
use super::value::{TemplateValue, ValueKind};
use crate::source::composed::{ComposedCluster, ComposedPlace};
use crate::value::Pointer;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// A cluster of a template, or its resources that belong to no cluster.
#[derive(Debug)]
pub struct TemplateCluster {
    template: Arc<Template>,
    draft: Draft,
    text: String,
}

impl TemplateCluster {
    /// Writes the snapshot of a draft.
    pub fn new(template: Arc<Template>, draft: Draft) -> Self {
        let text = render(&template, &draft);
        Self { template, draft, text }
    }

    /// The place of what a pointer into the snapshot leads to, or of the nearest thing around it that has one.
    fn place(&self, pointer: &Pointer) -> &Place {
        let mut place = &self.draft.place;
        let mut segments = pointer.segments();
        let section = segments.next().and_then(|name| self.draft.sections.get(name.as_str()));
        let Some(section) = section else { return place };
        let is_list = crate::snapshot::section::by_name(&first(pointer)).is_some_and(|known| known.is_list());
        let at = if is_list { segments.next().and_then(|at| at.parse().ok()) } else { Some(0_usize) };
        let mut value = at.and_then(|at| section.items.get(at));
        while let Some(here) = value {
            place = here.place.as_ref().unwrap_or(place);
            value = segments.next().and_then(|segment| child(here, &segment));
        }
        place
    }

    fn composed(&self, pointer: &Pointer, place: &Place) -> ComposedPlace {
        let via = place.via.as_ref().map(|via| {
            let inner = Place { via: None, ..via.place.clone() };
            Box::new((via.words.clone(), self.composed(pointer, &inner)))
        });
        ComposedPlace {
            file: place.file.0 as usize,
            document: None,
            pointer: pointer.clone(),
            range: self.bounded(place),
            via,
        }
    }

    /// The bytes of a place; of one that is none of its file, the start.
    fn bounded(&self, place: &Place) -> Range<usize> {
        let range = place.range();
        let text = self.template.file(place.file).map_or("", |file| &*file.text);
        if text.get(range.clone()).is_some() { range } else { 0..0 }
    }
}

fn first(pointer: &Pointer) -> String {
    pointer.segments().next().unwrap_or_default()
}

fn child<'v>(value: &'v TemplateValue, segment: &str) -> Option<&'v TemplateValue> {
    match &value.kind {
        ValueKind::Map(fields) => fields.get(segment),
        ValueKind::List(items) => items.get(segment.parse::<usize>().ok()?),
        _ => None,
    }
}

impl ComposedCluster for TemplateCluster {
    fn name(&self) -> &str {
        self.template.file(self.draft.place.file).map_or(&self.template.name, |file| &file.name)
    }

    fn text(&self) -> &str {
        &self.text
    }

    fn file(&self, at: usize) -> Option<(&str, &str)> {
        self.template.files.get(at).map(|file| (file.name.as_str(), &*file.text))
    }

    fn places(&self, pointers: &[&Pointer]) -> Vec<ComposedPlace> {
        pointers.iter().map(|pointer| self.composed(pointer, self.place(pointer))).collect()
    }

    fn address(&self, section: &str, position: Option<usize>) -> Option<&str> {
        if section == "cluster" {
            return self.draft.address.as_deref();
        }
        self.draft.sections.get(section)?.addresses.get(position.unwrap_or(0)).map(|address| &**address)
    }

    fn label(&self, address: &str) -> Option<&str> {
        self.template.labels.get(address).map(|label| &**label)
    }

    fn has_labels(&self) -> bool {
        !self.template.labels.is_empty()
    }

    fn secrets(&self, file: usize) -> Option<Cow<'_, [Range<usize>]>> {
        let file = self.template.files.get(file).filter(|file| file.shown)?;
        Some(Cow::Borrowed(&file.secrets))
    }
}
