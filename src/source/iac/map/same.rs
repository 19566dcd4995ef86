//! Attributes that always have the value of another one: the `id` of a cluster is its `name`.

use super::super::mapped::MappedResource;
use super::super::table;
use super::super::template::{Template, TemplateResource};
use super::super::value::{Symbol, TemplateValue, TextPart, ValueKind};
use super::{equal, fields, own_symbol};
use std::collections::HashMap;
use std::sync::Arc;

/// So many references to references are followed.
const MAX_STEPS: usize = 16;

/// The resources of a template that have attributes that are the same as another one.
pub struct SameAttributes<'t> {
    resources: HashMap<&'t str, &'t TemplateResource>,
}

impl<'t> SameAttributes<'t> {
    /// Those of a template.
    pub fn of(template: &'t Template) -> Self {
        let has_same = |resource: &&TemplateResource| {
            table::row(&resource.kind).is_some_and(|row| !row.same.is_empty())
                || equal::is_for(&resource.kind)
        };
        let resources = template.resources.iter().filter(has_same);
        Self { resources: resources.map(|resource| (&*resource.address, resource)).collect() }
    }

    /// Makes references to such attributes those to the other one, or its value.
    pub fn resolve(&self, mapped: &mut MappedResource) {
        for item in &mut mapped.items {
            item.value = self.resolved(&item.value);
            item.cluster = item.cluster.as_ref().map(|cluster| self.resolved(cluster));
        }
        for attachment in &mut mapped.attachments {
            attachment.to = self.resolved(&attachment.to);
            attachment.cluster = attachment.cluster.as_ref().map(|cluster| self.resolved(cluster));
            attachment.value = self.resolved(&attachment.value);
        }
    }

    /// A value with its references resolved.
    pub fn resolved(&self, value: &TemplateValue) -> TemplateValue {
        let resolved = value.changed(&|kind| match kind {
            ValueKind::Symbol(symbol) => self.other(symbol).map(|other| other.kind),
            ValueKind::Mixed(parts) => Some(self.mixed(parts)),
            _ => None,
        });
        resolved.unwrap_or_else(|| value.clone())
    }

    fn mixed(&self, parts: &Arc<[TextPart]>) -> ValueKind {
        let part = |part: &TextPart| {
            let TextPart::Symbol(symbol) = part else { return part.clone() };
            match self.other(symbol).map(|other| other.kind) {
                Some(ValueKind::Text(text)) => TextPart::Literal(text),
                Some(ValueKind::Symbol(symbol)) => TextPart::Symbol(symbol),
                _ => part.clone(),
            }
        };
        let parts: Vec<_> = parts.iter().map(part).collect();
        let text =
            |part: &TextPart| if let TextPart::Literal(text) = part { Some(text.to_string()) } else { None };
        match parts.iter().map(text).collect::<Option<String>>() {
            Some(text) => ValueKind::Text(text.into()),
            None => ValueKind::Mixed(parts.into()),
        }
    }

    /// What a symbol is the same as, if it is.
    fn other(&self, of: &Symbol) -> Option<TemplateValue> {
        let mut found = self.step(of)?;
        for _ in 0..MAX_STEPS {
            let ValueKind::Symbol(next) = &found.kind else { break };
            let Some(next) = self.step(next) else { break };
            found = next;
        }
        Some(found)
    }

    fn step(&self, of: &Symbol) -> Option<TemplateValue> {
        let resource = self.resources.get(of.resource.as_deref()?)?;
        if let Some(equal) = equal::value(resource, &of.attribute) {
            return Some(equal);
        }
        let other = table::row(&resource.kind)?.same.get(&*of.attribute)?;
        let set = fields::find(&resource.values, other).value();
        Some(set.cloned().unwrap_or_else(|| own_symbol(resource, other)))
    }
}
