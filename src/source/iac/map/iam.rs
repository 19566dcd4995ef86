//! What of roles, policies and providers no row can say. The documents of policies are read by
//! [`policies`](super::policies).

use super::super::mapped::MappedResource;
use super::super::template::{Template, TemplateResource};
use super::super::value::{TemplateValue, TextPart, ValueKind};
use super::objects::{ObjectFields, PROVIDER, each, given, set};
use super::{argument, attachment, default_of, set_made_name};
use serde_json::json;

/// The policies that stand in a role.
pub(super) fn role(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(own) = mapped.items.last_mut() else { return };
    let none = || default_of(PROVIDER, &json!([]));
    let attached = resource.values.get("managed_policy_arns").map(|arns| each(arns, attached));
    set(&mut own.value, "AttachedPolicies", attached.unwrap_or_else(none));
    let inline = match resource.values.get("inline_policy") {
        None => none(),
        Some(blocks) => each(&without_empty(blocks), inline),
    };
    set(&mut own.value, "InlinePolicies", inline);
}

/// An empty block says that there are no policies.
fn without_empty(blocks: &TemplateValue) -> TemplateValue {
    let is_empty = |block: &TemplateValue| {
        matches!(block.kind, ValueKind::Map(_))
            && given(block, "name").is_none()
            && given(block, "policy").is_none()
    };
    match blocks.kind {
        ValueKind::List(_) | ValueKind::Map(_) => {
            let kept = blocks.items().iter().filter(|block| !is_empty(block)).cloned().collect();
            TemplateValue { kind: ValueKind::List(std::sync::Arc::new(kept)), ..blocks.clone() }
        }
        _ => blocks.clone(),
    }
}

fn inline(block: &TemplateValue) -> TemplateValue {
    if !matches!(block.kind, ValueKind::Map(_)) {
        return block.clone();
    }
    ObjectFields::default()
        .with_some("PolicyName", block.get("name").cloned())
        .with_some("PolicyDocument", block.get("policy").cloned())
        .at(block.place.clone())
}

/// A policy that a role has, by its ARN.
pub(super) fn attached(arn: &TemplateValue) -> TemplateValue {
    ObjectFields::default()
        .with("PolicyArn", arn.clone())
        .with_some("PolicyName", policy_name(arn))
        .at(arn.place.clone())
}

/// The name at the end of an ARN, as far as it is written.
fn policy_name(arn: &TemplateValue) -> Option<TemplateValue> {
    let end = match &arn.kind {
        ValueKind::Text(text) => text,
        ValueKind::Mixed(parts) => match parts.last()? {
            TextPart::Literal(text) => text,
            TextPart::Symbol(_) | TextPart::Unknown(_) => return None,
        },
        _ => return None,
    };
    let (_, name) = end.rsplit_once('/')?;
    (!name.is_empty()).then(|| TemplateValue::text(name, arn.place.clone()))
}

/// `aws_iam_policy`.
pub(super) fn policy(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    if let Some(own) = mapped.items.last_mut() {
        set_made_name(own, resource, "PolicyName");
    }
}

/// `aws_iam_role_policy_attachment`.
pub(super) fn policy_attachment(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let value = attached(&argument(resource, "policy_arn"));
    attach(resource, argument(resource, "role"), value, mapped);
}

/// `aws_iam_policy_attachment`, which names several roles.
pub(super) fn policy_attachments(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(roles) = given(&resource.values, "roles") else { return };
    let value = attached(&argument(resource, "policy_arn"));
    match &roles.kind {
        ValueKind::List(names) => {
            for name in names.iter() {
                attach(resource, name.clone(), value.clone(), mapped);
            }
        }
        // It may be any role.
        _ => attach(resource, roles.clone(), value, mapped),
    }
}

pub(super) fn attach(
    resource: &TemplateResource,
    to: TemplateValue,
    value: TemplateValue,
    mapped: &mut MappedResource,
) {
    mapped.attachments.push(attachment("roles", to, &["AttachedPolicies"], value, resource));
}

/// The role of a profile, by its name; [`complete`](super::complete) adds its ARN.
pub(super) fn instance_profile(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(own) = mapped.items.last_mut() else { return };
    let with_name =
        |name: &TemplateValue| ObjectFields::default().with("RoleName", name.clone()).at(name.place.clone());
    let roles = match given(&resource.values, "role") {
        None => default_of(PROVIDER, &json!([])),
        Some(role) if role.is_unknown() => role.clone(),
        Some(role) => TemplateValue::list(vec![with_name(role)], role.place.clone()),
    };
    set(&mut own.value, "Roles", roles);
}

/// The issuer of a provider, which IAM has without `https://`.
pub(super) fn oidc_provider(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(own) = mapped.items.last_mut() else { return };
    set(&mut own.value, "Url", without_scheme(argument(resource, "url")));
}

/// A URL without `https://`.
pub(super) fn without_scheme(url: TemplateValue) -> TemplateValue {
    const SCHEME: &str = "https://";
    let kind = match &url.kind {
        ValueKind::Text(text) => ValueKind::Text(text.strip_prefix(SCHEME).unwrap_or(text).into()),
        ValueKind::Mixed(parts) => match parts.split_first() {
            Some((TextPart::Literal(first), [TextPart::Symbol(only)])) if &**first == SCHEME => {
                ValueKind::Symbol(only.clone())
            }
            Some((TextPart::Literal(first), rest)) if first.starts_with(SCHEME) => {
                let first = TextPart::Literal(first[SCHEME.len()..].into());
                let literal = match &first {
                    TextPart::Literal(text) if text.is_empty() => None,
                    _ => Some(first),
                };
                ValueKind::Mixed(literal.into_iter().chain(rest.iter().cloned()).collect())
            }
            _ => url.kind.clone(),
        },
        other => other.clone(),
    };
    TemplateValue { kind, ..url }
}
