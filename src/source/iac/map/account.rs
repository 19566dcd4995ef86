//! What holds for a whole account or region, and keys and log groups, as far as no row can say it.

use super::super::mapped::MappedResource;
use super::super::template::{Template, TemplateResource};
use super::super::value::{TemplateValue, ValueKind};
use super::computed;
use super::objects::{ObjectFields, as_number, given, set};

/// Defaults of instance metadata. What has no preference is absent, as the API has it.
pub(super) fn metadata_defaults(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let values = &resource.values;
    let preferred = |name: &str| {
        let value = given(values, name).map(as_number)?;
        let none = match &value.kind {
            ValueKind::Number(number) => number.as_i64() == Some(-1),
            _ => value.as_str() == Some("no-preference"),
        };
        (!none).then_some(value)
    };
    let account = ObjectFields::default()
        .with_some("HttpTokens", preferred("http_tokens"))
        .with_some("HttpPutResponseHopLimit", preferred("http_put_response_hop_limit"))
        .with_some("HttpEndpoint", preferred("http_endpoint"))
        .with_some("InstanceMetadataTags", preferred("instance_metadata_tags"))
        .at(Some(resource.place.clone()));
    if let Some(own) = mapped.items.last_mut() {
        set(&mut own.value, "AccountLevel", account);
    }
}

/// The state of a key follows from whether it is enabled.
pub(super) fn key(_: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(own) = mapped.items.last_mut() else { return };
    let Some(enabled) = own.value.get("Enabled").cloned() else { return };
    let state = match enabled.kind {
        ValueKind::Bool(true) => TemplateValue { kind: ValueKind::Text("Enabled".into()), ..enabled },
        ValueKind::Bool(false) => TemplateValue { kind: ValueKind::Text("Disabled".into()), ..enabled },
        _ => enabled,
    };
    set(&mut own.value, "KeyState", state);
}

/// A retention of 0 days is none: what is written is kept for ever, and the API has no such field then.
pub(super) fn log_group(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(own) = mapped.items.last_mut() else { return };
    let is_zero = |value: &TemplateValue| match &value.kind {
        ValueKind::Number(number) => number.as_i64() == Some(0),
        _ => false,
    };
    if let Some(zero) = own.value.get("retentionInDays").filter(|days| is_zero(days)).cloned() {
        set(&mut own.value, "retentionInDays", TemplateValue { kind: ValueKind::Null, ..zero });
    }
    // The API has the ARN twice, once for all that is below the group.
    let arn = computed(resource, "arn");
    if let Some(text) = arn.as_str() {
        set(&mut own.value, "arn", TemplateValue::text(format!("{text}:*"), arn.place.clone()));
    }
}
