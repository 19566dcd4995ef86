//! What of launch templates no row can say.

use super::super::mapped::MappedResource;
use super::super::place::Place;
use super::super::template::{Template, TemplateResource};
use super::super::value::{TemplateValue, ValueKind};
use super::objects::{ObjectFields, each, given, set};
use super::transform;
use crate::source::assemble::user_data_fields;
use crate::value::Json;
use bumpalo::Bump;
use std::sync::Arc;

/// The first version of a template: its tags, and what rules may know of its user data, never the text.
pub(super) fn template(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let own = mapped.items.iter_mut().rev().take_while(|item| item.address == resource.address);
    let Some(version) = { own }.find(|item| item.section == "launchTemplateVersions") else { return };
    let mut data = version
        .value
        .get("LaunchTemplateData")
        .cloned()
        .unwrap_or_else(|| ObjectFields::default().at(Some(resource.place.clone())));
    if let Some(tags) = resource.values.get("tag_specifications") {
        set(&mut data, "TagSpecifications", each(tags, tag_specification));
    }
    if let Some(user_data) = given(&resource.values, "user_data") {
        for (name, value) in known_of(user_data) {
            set(&mut data, name, value);
        }
    }
    set(&mut version.value, "LaunchTemplateData", data);
}

/// Tags of what a template starts. Those of the provider are not among them.
fn tag_specification(block: &TemplateValue) -> TemplateValue {
    if !matches!(block.kind, ValueKind::Map(_)) {
        return block.clone();
    }
    ObjectFields::default()
        .with_some("ResourceType", block.get("resource_type").cloned())
        .with_some("Tags", block.get("tags").map(transform::tag_list))
        .at(block.place.clone())
}

/// What rules may know of user data.
pub(super) fn known_of(user_data: &TemplateValue) -> [(&'static str, TemplateValue); 2] {
    let place = &user_data.place;
    match &user_data.kind {
        ValueKind::Text(text) => {
            let arena = Bump::new();
            user_data_fields(text, &arena).map(|(name, node)| (name, from_json(&node, place)))
        }
        _ => ["UserDataDigest", "UserDataFacts"].map(|name| {
            let reason = match &user_data.kind {
                ValueKind::Unknown(unknown) => unknown.reason.clone(),
                _ => "user data is known only after apply".to_owned(),
            };
            (name, TemplateValue::unknown(reason, None, place.clone()))
        }),
    }
}

fn from_json(node: &Json<'_>, place: &Option<Place>) -> TemplateValue {
    let kind = match node {
        Json::Bool(value) => ValueKind::Bool(*value),
        Json::Int(number) => ValueKind::Number((*number).into()),
        Json::Double(number) => match serde_json::Number::from_f64(*number) {
            Some(number) => ValueKind::Number(number),
            None => ValueKind::Null,
        },
        Json::Str(text) => ValueKind::Text((*text).into()),
        Json::List(items) => {
            ValueKind::List(Arc::new(items.iter().map(|item| from_json(item, place)).collect()))
        }
        Json::Object(object) => {
            let field = |(name, node): &(&str, Json<'_>)| (Arc::from(*name), from_json(node, place));
            ValueKind::Map(Arc::new(object.entries().iter().map(field).collect()))
        }
        // Facts of user data hold no other nodes.
        _ => ValueKind::Null,
    };
    TemplateValue::new(kind, place.clone())
}
