//! Turns resources into items of sections, and into what is added to items.
//!
//! Most of it is the [table](super::table). What no row can say is a function in a file below this one, and in [`by_hand`].

mod account;
mod cloudformation;
mod complete;
mod eks;
mod equal;
mod fields;
mod iam;
mod instances;
mod launch_templates;
mod network;
mod network_acls;
mod objects;
mod policies;
mod same;
mod security_groups;
mod transform;

#[cfg(test)]
mod network_tests;

use super::field_map::FieldMap;
use super::mapped::{Attachment, MappedItem, MappedResource};
use super::table::{self, ResourceRow};
use super::template::{Mode, Template, TemplateResource};
use super::terraform::hcl;
use super::value::{Symbol, TemplateValue, TextPart, ValueKind};
use std::sync::Arc;

pub use policies::PolicyDocuments;
pub use same::SameAttributes;

/// Writes what a row cannot say: runs after the row, whose item, if it has one, is the last. Each type has a row, which says of
/// which sections it writes items.
type ByHand = fn(&TemplateResource, &Template, &mut MappedResource);

/// The functions for what no row can say.
fn by_hand(kind: &str) -> Option<ByHand> {
    Some(match kind {
        "aws_eks_addon" => eks::addon,
        "aws_eks_cluster" => eks::cluster,
        "aws_eks_node_group" => eks::node_group,
        "aws_security_group" | "aws_default_security_group" => security_groups::group,
        "aws_security_group_rule" => security_groups::rule,
        "aws_vpc_security_group_ingress_rule" => security_groups::ingress_rule,
        "aws_vpc_security_group_egress_rule" => security_groups::egress_rule,
        "aws_vpc" | "aws_default_vpc" => network::vpc,
        "aws_subnet" | "aws_default_subnet" => network::subnet,
        "aws_route_table" => network::route_table,
        "aws_default_route_table" => network::default_route_table,
        "aws_vpn_gateway_route_propagation" => network::route_propagation,
        "aws_internet_gateway" => network::internet_gateway,
        "aws_egress_only_internet_gateway" => network::egress_only_gateway,
        "aws_nat_gateway" => network::nat_gateway,
        "aws_vpc_peering_connection" => network::peering,
        "aws_flow_log" => network::flow_log,
        "aws_vpc_dhcp_options" => network::dhcp_options,
        "aws_vpc_endpoint" => network::endpoint,
        "aws_vpc_endpoint_route_table_association"
        | "aws_vpc_endpoint_subnet_association"
        | "aws_vpc_endpoint_security_group_association" => network::endpoint_association,
        "aws_network_acl" | "aws_default_network_acl" => network_acls::acl,
        "aws_network_acl_rule" => network_acls::rule,
        "aws_instance" => instances::instance,
        "aws_launch_template" => launch_templates::template,
        "aws_iam_role" => iam::role,
        "aws_iam_policy" => iam::policy,
        "aws_iam_role_policy_attachment" => iam::policy_attachment,
        "aws_iam_policy_attachment" => iam::policy_attachments,
        "aws_iam_instance_profile" => iam::instance_profile,
        "aws_iam_openid_connect_provider" => iam::oidc_provider,
        "aws_kms_key" => account::key,
        "aws_cloudwatch_log_group" => account::log_group,
        "aws_ec2_instance_metadata_defaults" => account::metadata_defaults,
        kind => return cloudformation::by_hand(kind),
    })
}

/// All that the resources of a template become. References to attributes that are the same as another one are
/// references to that one.
pub fn map_all(template: &Template) -> MappedResource {
    let mut mapped = MappedResource::default();
    for resource in &template.resources {
        map(resource, template, &mut mapped);
    }
    policies::read_all(template, &mut mapped);
    SameAttributes::of(template).resolve(&mut mapped);
    complete::complete(template, &mut mapped);
    mapped
}

/// Adds what a resource becomes. What a template looks up is somebody else's, and becomes nothing.
///
/// An argument under `ignore_changes` keeps the value of the file: the resource is made with it, and it is what reviewers see. Whether
/// one that exists still has it, no file says.
pub fn map(resource: &TemplateResource, template: &Template, mapped: &mut MappedResource) {
    if resource.mode == Mode::Data {
        return;
    }
    if let Some(row) = table::row(&resource.kind) {
        by_row(row, resource, mapped);
    }
    if let Some(by_hand) = by_hand(&resource.kind) {
        by_hand(resource, template, mapped);
    }
}

fn by_row(row: &'static ResourceRow, resource: &TemplateResource, mapped: &mut MappedResource) {
    let value = || fields::object(&row.fields, resource);
    let cluster = row.cluster.map(|name| argument(resource, name));
    for other in &row.items {
        mapped.items.push(item(
            other.section,
            fields::object(&other.fields, resource),
            cluster.clone(),
            resource,
        ));
    }
    if let Some(section) = row.section {
        mapped.items.push(item(section, value(), cluster.clone(), resource));
    }
    if let Some(attach) = &row.attach {
        let to = argument(resource, attach.to);
        let attachment = attachment(attach.section, to, &attach.at, value(), resource);
        mapped.attachments.push(Attachment { cluster, ..attachment });
    }
}

/// An item that a resource is.
fn item(
    section: &'static str,
    value: TemplateValue,
    cluster: Option<TemplateValue>,
    resource: &TemplateResource,
) -> MappedItem {
    MappedItem {
        section,
        address: resource.address.clone(),
        value,
        cluster,
        place: resource.place.clone(),
        certainty: resource.certainty.clone(),
    }
}

/// Sets a field of an item.
fn set(item: &mut MappedItem, path: &[&str], value: TemplateValue) {
    item.value = with(&item.value, path, value);
}

/// An object with another value at a path; what is no object on the way becomes one.
fn with(object: &TemplateValue, path: &[&str], value: TemplateValue) -> TemplateValue {
    let [name, rest @ ..] = path else { return value };
    let mut fields = match &object.kind {
        ValueKind::Map(fields) => (**fields).clone(),
        _ => FieldMap::new(),
    };
    let inner = fields.get(name).cloned().unwrap_or_else(|| TemplateValue::null(None));
    fields.insert((*name).into(), with(&inner, rest, value));
    TemplateValue { kind: ValueKind::Map(Arc::new(fields)), ..object.clone() }
}

/// What a resource adds to the list at a path of an item.
fn attachment(
    section: &'static str,
    to: TemplateValue,
    at: &'static [&'static str],
    value: TemplateValue,
    resource: &TemplateResource,
) -> Attachment {
    Attachment {
        section,
        to,
        cluster: None,
        at,
        value,
        address: resource.address.clone(),
        place: resource.place.clone(),
        certainty: resource.certainty.clone(),
    }
}

/// An argument of a resource, as it is; one that is not set is unknown: EKS or the provider chooses it.
fn argument(resource: &TemplateResource, name: &str) -> TemplateValue {
    let unknown = || TemplateValue::unknown(format!("{}.{name} is not set", resource.address), None, None);
    resource.values.get(name).cloned().unwrap_or_else(unknown)
}

/// What AWS sets of a resource: its value, where it is known, or the symbol of it.
fn computed(resource: &TemplateResource, attribute: &str) -> TemplateValue {
    let found = fields::find(&resource.values, attribute).value();
    let known = found.filter(|value| !value.is_null() && !value.is_unknown());
    known.cloned().unwrap_or_else(|| match found.filter(|_| cloudformation::is_of_stack(resource)) {
        // A parameter without a value is the same wherever it stands.
        Some(value) if value.join_key().is_some() => required(Some(value), resource, attribute),
        _ => own_symbol(resource, attribute),
    })
}

/// The symbol of an attribute of a resource, as references to it are evaluated.
fn own_symbol(resource: &TemplateResource, attribute: &str) -> TemplateValue {
    match cloudformation::is_of_stack(resource) {
        true => cloudformation::symbol(resource, attribute),
        false => symbol(&resource.address, attribute),
    }
}

/// The symbol of an attribute of a resource. A path through blocks gets positions: `vpc_config.vpc_id` is `vpc_config[0].vpc_id`.
fn symbol(address: &Arc<str>, attribute: &str) -> TemplateValue {
    let has_positions = attribute.contains('[');
    let attribute: Arc<str> =
        if has_positions { attribute.into() } else { attribute.replace('.', "[0].").into() };
    let name = format!("{address}.{attribute}").into();
    let symbol = Symbol { name, resource: Some(address.clone()), attribute };
    // As references to it are evaluated, or the two would not be the same.
    hcl::formed(TemplateValue::new(ValueKind::Symbol(Arc::new(symbol)), None))
}

/// Sets the name of what has none: the provider makes one of the prefix, or of its own where there is none. It is not what others
/// are called, as far as the prefix tells.
fn set_made_name(item: &mut MappedItem, resource: &TemplateResource, field: &str) {
    // `internal/create/naming.go` of terraform-provider-aws.
    if objects::given(&resource.values, "name").is_none() {
        set(item, &[field], made_name(resource));
    }
}

fn made_name(resource: &TemplateResource) -> TemplateValue {
    let prefix = objects::given(&resource.values, "name_prefix");
    let mut parts = match prefix.map(|prefix| &prefix.kind) {
        None => vec![TextPart::Literal("terraform-".into())],
        Some(ValueKind::Text(prefix)) => vec![TextPart::Literal(prefix.clone())],
        Some(ValueKind::Mixed(parts)) if parts.iter().all(|part| part.why_not_known().is_none()) => {
            parts.to_vec()
        }
        Some(_) => Vec::new(),
    };
    let name = symbol(&resource.address, "name");
    let ValueKind::Symbol(rest) = &name.kind else { return name };
    if parts.is_empty() {
        return name;
    }
    parts.push(TextPart::Symbol(rest.clone()));
    TemplateValue::new(ValueKind::Mixed(parts.into()), prefix.and_then(|prefix| prefix.place.clone()))
}

/// An argument that is not known, but must be set: the symbol of what it is called, or else of the argument. No resource says what it
/// is, so that it may be the same as another one.
fn required(value: Option<&TemplateValue>, resource: &TemplateResource, attribute: &str) -> TemplateValue {
    let name = value.and_then(|value| match &value.kind {
        ValueKind::Unknown(unknown) => unknown.name.clone(),
        _ => None,
    });
    let name = name.unwrap_or_else(|| format!("{}.{attribute}", resource.address).into());
    let symbol = ValueKind::Symbol(Arc::new(Symbol { name, resource: None, attribute: "".into() }));
    match value {
        Some(value) => TemplateValue { kind: symbol, ..value.clone() },
        None => TemplateValue::new(symbol, None),
    }
}

/// A value that nobody wrote.
fn default_of(who: impl Into<Arc<str>>, value: &serde_json::Value) -> TemplateValue {
    TemplateValue::default_of(who, value)
}

#[cfg(test)]
mod tests;
