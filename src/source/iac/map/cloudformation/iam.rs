//! What of roles, policies, profiles and providers no row can say.

use super::super::super::mapped::MappedResource;
use super::super::super::template::{Template, TemplateResource};
use super::super::super::value::{TemplateValue, ValueKind};
use super::super::objects::{ObjectFields, as_text, each, set};
use super::super::{argument, attachment, computed, default_of, iam};
use serde_json::json;
use std::sync::Arc;

const IAM: &str = "IAM";

/// The policies that stand in a role.
pub(super) fn role(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(own) = mapped.items.last_mut() else { return };
    let list = |name: &str, change: fn(&TemplateValue) -> TemplateValue| {
        let given = resource.values.get(name).map(|list| each(list, change));
        given.unwrap_or_else(|| default_of(IAM, &json!([])))
    };
    set(&mut own.value, "AttachedPolicies", list("ManagedPolicyArns", iam::attached));
    set(&mut own.value, "InlinePolicies", list("Policies", with_texts));
    if let Some(trust) = own.value.get("AssumeRolePolicyDocument").map(with_texts) {
        set(&mut own.value, "AssumeRolePolicyDocument", trust);
    }
}

/// A document in which all scalars are texts, as IAM has them: YAML takes the ids of accounts for numbers.
fn with_texts(value: &TemplateValue) -> TemplateValue {
    let kind = match &value.kind {
        ValueKind::List(items) => ValueKind::List(Arc::new(items.iter().map(with_texts).collect())),
        ValueKind::Map(fields) => {
            let field = |(name, value): (&Arc<str>, &TemplateValue)| (Arc::clone(name), with_texts(value));
            ValueKind::Map(Arc::new(fields.iter().map(field).collect()))
        }
        _ => return as_text(value),
    };
    TemplateValue { kind, ..value.clone() }
}

/// A policy of the customer has roles.
pub(super) fn managed_policy(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    if let Some(own) = mapped.items.last_mut()
        && let Some(document) = own.value.get("Document").map(with_texts)
    {
        set(&mut own.value, "Document", document);
    }
    let value = iam::attached(&computed(resource, super::super::super::cloudformation::REF));
    for role in roles(resource) {
        iam::attach(resource, role, value.clone(), mapped);
    }
}

/// A policy that stands in the roles which it names.
pub(super) fn policy(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let value = ObjectFields::default()
        .with("PolicyName", argument(resource, "PolicyName"))
        .with("PolicyDocument", with_texts(&argument(resource, "PolicyDocument")))
        .at(Some(resource.place.clone()));
    for role in roles(resource) {
        let added = attachment("roles", role, &["InlinePolicies"], value.clone(), resource);
        mapped.attachments.push(added);
    }
}

/// The roles of a policy; of those that are not known, it may be any.
fn roles(resource: &TemplateResource) -> Vec<TemplateValue> {
    match resource.values.get("Roles") {
        None => Vec::new(),
        Some(roles) => match &roles.kind {
            ValueKind::List(names) => names.to_vec(),
            _ => vec![roles.clone()],
        },
    }
}

/// The roles of a profile, by their names; [`complete`](super::super::complete) adds their ARNs.
pub(super) fn instance_profile(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(own) = mapped.items.last_mut() else { return };
    let with_name =
        |name: &TemplateValue| ObjectFields::default().with("RoleName", name.clone()).at(name.place.clone());
    set(&mut own.value, "Roles", each(&argument(resource, "Roles"), with_name));
}

/// The issuer of a provider, which IAM has without `https://`.
pub(super) fn oidc_provider(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(own) = mapped.items.last_mut() else { return };
    set(&mut own.value, "Url", iam::without_scheme(argument(resource, "Url")));
}
