//! Puts the values of a plan at the places where people wrote them: in the configuration that the plan was made of.
//!
//! A resource of the configuration is found by its address, else by its address without indices: what `count` and `for_each`
//! repeat is written once. Within it, a value has the place of the value of the same name, else that of what is around it.

use super::super::place::{FileId, Place, PlaceVia};
use super::super::template::{Template, TemplateResource};
use super::super::value::{TemplateValue, ValueKind};
use std::collections::HashMap;
use std::sync::Arc;

/// The plan with the places of a configuration. What the configuration does not have stays where it is in the plan.
pub fn placed_in(mut plan: Template, configuration: Vec<Template>) -> Template {
    for written in configuration {
        let offset = u32::try_from(plan.files.len()).unwrap_or(u32::MAX);
        let known = KnownResources::of(&written);
        for resource in &mut plan.resources {
            if let Some(found) = known.find(&resource.address) {
                resource.place = moved(&found.place, offset);
                resource.values = with_places(&resource.values, Some(&found.values), &resource.place, offset);
            }
        }
        plan.files.extend(written.files);
    }
    plan
}

/// The resources of a configuration by their addresses, with and without indices.
struct KnownResources<'w> {
    exact: HashMap<&'w str, &'w TemplateResource>,
    by_block: HashMap<String, &'w TemplateResource>,
}

impl<'w> KnownResources<'w> {
    fn of(written: &'w Template) -> Self {
        let (mut exact, mut by_block) = (HashMap::new(), HashMap::new());
        for resource in &written.resources {
            exact.insert(&*resource.address, resource);
            by_block.entry(without_indices(&resource.address)).or_insert(resource);
        }
        Self { exact, by_block }
    }

    fn find(&self, address: &str) -> Option<&'w TemplateResource> {
        let by_block = || self.by_block.get(&without_indices(address));
        self.exact.get(address).or_else(by_block).copied()
    }
}

/// `module.a["x"].aws_subnet.b[0]` → `module.a.aws_subnet.b`. Keys are texts in quotes, and may hold brackets.
fn without_indices(address: &str) -> String {
    let (mut block, mut depth, mut quoted, mut escaped) = (String::new(), 0_u32, false, false);
    for character in address.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if depth > 0 => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            other if depth == 0 => block.push(other),
            _ => {}
        }
    }
    block
}

/// A value with the places of what is written for it, else with the place around it.
fn with_places(
    value: &TemplateValue,
    written: Option<&TemplateValue>,
    around: &Place,
    offset: u32,
) -> TemplateValue {
    let own = written.and_then(|written| written.place.as_ref()).map(|place| moved(place, offset));
    let place = own.unwrap_or_else(|| around.clone());
    let kind = match &value.kind {
        ValueKind::List(items) => {
            let item = |(at, item): (usize, &TemplateValue)| {
                let written = written.map(TemplateValue::items).unwrap_or_default();
                // Sets lose their order in plans: a scalar is found by what it is.
                let is_scalar = !matches!(item.kind, ValueKind::List(_) | ValueKind::Map(_));
                let found = match is_scalar {
                    true => written.iter().find(|written| written.kind == item.kind),
                    false => written.get(at),
                };
                with_places(item, found, &place, offset)
            };
            ValueKind::List(Arc::new(items.iter().enumerate().map(item).collect()))
        }
        ValueKind::Map(fields) => {
            // Blocks of which there is one are lists in plans.
            let field = |(name, field): (&Arc<str>, &TemplateValue)| {
                let written = written.and_then(|written| written.get(name));
                (Arc::clone(name), with_places(field, written, &place, offset))
            };
            ValueKind::Map(Arc::new(fields.iter().map(field).collect()))
        }
        kind => kind.clone(),
    };
    TemplateValue { kind, place: Some(place), ..value.clone() }
}

/// A place of the configuration, whose files stand behind those of the plan.
fn moved(place: &Place, offset: u32) -> Place {
    let via = place
        .via
        .as_ref()
        .map(|via| Arc::new(PlaceVia { place: moved(&via.place, offset), words: via.words.clone() }));
    Place { file: FileId(place.file.0.saturating_add(offset)), via, ..place.clone() }
}

#[cfg(test)]
mod tests {
    use super::without_indices;

    #[test]
    fn addresses_lose_their_indices() {
        for (address, block) in [
            ("aws_subnet.a", "aws_subnet.a"),
            ("aws_subnet.a[0]", "aws_subnet.a"),
            (r#"module.a["x]\"y"].aws_subnet.b["[0]"]"#, "module.a.aws_subnet.b"),
            ("module.a[1].module.b.aws_subnet.c[2]", "module.a.module.b.aws_subnet.c"),
            ("aws_subnet.a[", "aws_subnet.a"),
        ] {
            assert_eq!(without_indices(address), block, "{address}");
        }
    }
}
