//! The resources of a plan before their values are read, and what is known of the attributes of one.

use super::super::super::template::Mode;
use super::super::address::{ResourceAddress, steps};
use super::super::placed::{PlacedJson, PlacedKind};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// One instance of a resource as a plan has it.
#[derive(Clone, Debug)]
pub(super) struct PlannedResource<'j> {
    /// Its address.
    pub(super) address: Arc<str>,
    /// The parts of that, if it is one.
    pub(super) parts: Option<ResourceAddress<'j>>,
    /// Its type.
    pub(super) kind: &'j str,
    /// Whose it is.
    pub(super) mode: Mode,
    /// Its values, as far as they are known.
    pub(super) values: Option<&'j PlacedJson<'j>>,
    /// The same with `true` for what is unknown.
    pub(super) unknown: Option<&'j PlacedJson<'j>>,
    /// Where its address is written.
    pub(super) place: Range<usize>,
    /// Whether it is known of the configuration alone, so that nothing but what is written there is known.
    pub(super) is_configured: bool,
}

/// All resources of a plan, by address.
#[derive(Debug, Default)]
pub(super) struct PlannedInstances<'a, 'j> {
    /// Instances of a resource, in the order of their keys.
    by_base: HashMap<&'a str, Vec<(Option<&'a str>, &'a PlannedResource<'j>)>>,
}

impl<'a, 'j> PlannedInstances<'a, 'j> {
    /// Those of a list.
    pub(super) fn of(resources: &'a [PlannedResource<'j>]) -> Self {
        let mut by_base: HashMap<&str, Vec<_>> = HashMap::new();
        for resource in resources {
            if let Some(parts) = &resource.parts {
                by_base.entry(parts.base).or_default().push((parts.key, resource));
            }
        }
        for instances in by_base.values_mut() {
            instances.sort_by_key(|(key, _)| (key.map(|key| key.parse::<u64>().unwrap_or(u64::MAX)), *key));
        }
        Self { by_base }
    }

    /// The instances of a resource, by its address without a key.
    pub(super) fn instances(&self, base: &str) -> &[(Option<&'a str>, &'a PlannedResource<'j>)] {
        self.by_base.get(base).map(Vec::as_slice).unwrap_or_default()
    }
}

impl PlannedResource<'_> {
    /// The text that an attribute is known to be.
    pub(super) fn attribute(&self, path: &str) -> Option<&str> {
        follow(self.values?, path)?.as_str()
    }

    /// Whether an attribute is known only after apply.
    pub(super) fn is_unknown(&self, path: &str) -> bool {
        let marked = self.unknown.is_some_and(|unknown| is_marked(unknown, path));
        marked
            || self.is_configured
            || super::arguments::is_always_there(path) && self.attribute(path).is_none()
    }
}

/// Whether the marks say that a path is unknown, or something that it goes through.
fn is_marked(marks: &PlacedJson<'_>, path: &str) -> bool {
    let mut at = Some(marks);
    for part in parts(path) {
        let Some(node) = at else { return false };
        if node.is_true() {
            return true;
        }
        at = step(node, part);
    }
    at.is_some_and(PlacedJson::is_true)
}

/// Where a path such as `vpc_config[0].vpc_id` leads.
fn follow<'j>(node: &'j PlacedJson<'j>, path: &str) -> Option<&'j PlacedJson<'j>> {
    parts(path).into_iter().try_fold(node, step)
}

/// One part of a path.
#[derive(Clone, Copy)]
enum PathPart<'p> {
    Field(&'p str),
    Item(usize),
}

fn parts(path: &str) -> Vec<PathPart<'_>> {
    let steps = steps(path).unwrap_or_default();
    let parts = steps.iter().flat_map(|step| {
        let key = step.key.map(|key| match key.strip_prefix('"').and_then(|key| key.strip_suffix('"')) {
            Some(name) => PathPart::Field(name),
            None => PathPart::Item(key.parse().unwrap_or(usize::MAX)),
        });
        std::iter::once(PathPart::Field(step.name)).chain(key)
    });
    parts.collect()
}

fn step<'j>(node: &'j PlacedJson<'j>, part: PathPart<'_>) -> Option<&'j PlacedJson<'j>> {
    match (part, &node.kind) {
        (PathPart::Field(name), _) => node.get(name),
        (PathPart::Item(at), PlacedKind::List(items)) => items.get(at),
        _ => None,
    }
}
