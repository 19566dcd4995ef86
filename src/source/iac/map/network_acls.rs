//! Rules of network ACLs, and the subnets that these are for.
//!
//! Written after `internal/service/ec2/vpc_network_acl.go` and `vpc_network_acl_rule.go` of terraform-provider-aws.

use super::super::mapped::MappedResource;
use super::super::template::{Template, TemplateResource};
use super::super::value::{TemplateValue, ValueKind};
use super::objects::{EC2, ObjectFields, PROVIDER, add, as_number, as_text, each, given, is_true, set};
use super::{argument, attachment, default_of};
use serde_json::json;
use std::sync::Arc;

const SECTION: &str = "networkAcls";
const ENTRIES: &[&str] = &["Entries"];

/// Rules and subnets that stand in an ACL. Of the default ACL, the provider removes those that EC2 gives it.
pub(super) fn acl(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(item) = mapped.items.last_mut() else { return };
    let values = &resource.values;
    let mut entries = entries(values);
    add(&mut entries, vec![denial(false), denial(true)], false);
    let associations = match values.get("subnet_ids") {
        None => default_of(EC2, &json!([])),
        Some(subnets) => each(subnets, association),
    };
    set(&mut item.value, "Entries", entries);
    set(&mut item.value, "Associations", associations);
}

/// `aws_network_acl_rule`.
pub(super) fn rule(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let values = &resource.values;
    let egress = match values.get("egress") {
        None => default_of(PROVIDER, &json!(false)),
        Some(egress) => flag(egress),
    };
    let entry = entry(values, ["rule_number", "rule_action"], egress);
    mapped.attachments.push(attachment(
        SECTION,
        argument(resource, "network_acl_id"),
        ENTRIES,
        entry,
        resource,
    ));
}

/// The rules of both directions as one list; if either is not known, neither is the list.
fn entries(values: &TemplateValue) -> TemplateValue {
    let mut all = Vec::new();
    let mut place = None;
    for (argument, egress) in [("ingress", false), ("egress", true)] {
        let Some(rules) = values.get(argument) else { continue };
        let rules = each(rules, |rule| match rule.kind {
            ValueKind::Map(_) => {
                entry(rule, ["rule_no", "action"], TemplateValue::new(ValueKind::Bool(egress), None))
            }
            _ => rule.clone(),
        });
        let ValueKind::List(items) = &rules.kind else { return rules };
        place = place.or_else(|| rules.place.clone());
        all.extend(items.iter().cloned());
    }
    TemplateValue::list(all, place)
}

fn entry(rule: &TemplateValue, [number, action]: [&str; 2], egress: TemplateValue) -> TemplateValue {
    let protocol = self::protocol(rule.get("protocol"));
    let fields = ObjectFields::default()
        .with_some("RuleNumber", rule.get(number).map(as_number))
        .with_some("RuleAction", rule.get(action).map(lower))
        .with_some("CidrBlock", given(rule, "cidr_block").cloned())
        .with_some("Ipv6CidrBlock", given(rule, "ipv6_cidr_block").cloned())
        .with("Egress", egress);
    let fields = match protocol.as_str() {
        Some("-1") => fields,
        Some("1" | "58") => {
            fields.with("IcmpTypeCode", pair(rule, ["Type", "icmp_type"], ["Code", "icmp_code"]))
        }
        _ => fields.with("PortRange", pair(rule, ["From", "from_port"], ["To", "to_port"])),
    };
    fields.with("Protocol", protocol).at(rule.place.clone())
}

/// Two numbers; the provider sends 0 for one that is not set.
fn pair(rule: &TemplateValue, one: [&str; 2], other: [&str; 2]) -> TemplateValue {
    let number = |argument| match rule.get(argument) {
        Some(value) => as_number(value),
        None => default_of(PROVIDER, &json!(0)),
    };
    ObjectFields::default()
        .with(one[0], number(one[1]))
        .with(other[0], number(other[1]))
        .at(rule.place.clone())
}

fn flag(value: &TemplateValue) -> TemplateValue {
    match is_true(Some(value)) {
        Some(known) => TemplateValue { kind: ValueKind::Bool(known), ..value.clone() },
        None => value.clone(),
    }
}

fn lower(value: &TemplateValue) -> TemplateValue {
    match value.as_str() {
        Some(text) => {
            TemplateValue { kind: ValueKind::Text(text.to_ascii_lowercase().into()), ..value.clone() }
        }
        None => value.clone(),
    }
}

/// A protocol by its number, as the API has it; other names than these are not known.
fn protocol(value: Option<&TemplateValue>) -> TemplateValue {
    let Some(value) = value else {
        return TemplateValue::unknown("the protocol of the rule is not set", None, None);
    };
    let value = as_text(value);
    let Some(text) = value.as_str() else { return value };
    let number = match text.to_ascii_lowercase().as_str() {
        "all" => "-1".to_owned(),
        "icmp" => "1".to_owned(),
        "tcp" => "6".to_owned(),
        "udp" => "17".to_owned(),
        "icmpv6" | "ipv6-icmp" => "58".to_owned(),
        number if number.parse::<i16>().is_ok() => number.to_owned(),
        name => {
            let words =
                format!("the number of the protocol {name} is not known to ekslint; write the number");
            return TemplateValue::unknown(crate::text::bounded(&words), None, value.place);
        }
    };
    TemplateValue { kind: ValueKind::Text(number.into()), ..value }
}

/// A subnet that an ACL is for.
pub(super) fn association(subnet: &TemplateValue) -> TemplateValue {
    ObjectFields::default().with("SubnetId", subnet.clone()).at(subnet.place.clone())
}

/// The last rule of every ACL, which nobody can change.
pub(super) fn denial(egress: bool) -> TemplateValue {
    default_of(
        EC2,
        &json!({"RuleNumber": 32767, "Protocol": "-1", "RuleAction": "deny", "Egress": egress, "CidrBlock": "0.0.0.0/0"}),
    )
}

/// The rules of a default ACL that nobody took over: everything passes.
pub(super) fn default_entries(with_ipv6: bool) -> TemplateValue {
    let mut entries = Vec::new();
    for egress in [false, true] {
        let everything = |number: u16, field: &str, block: &str| {
            let entry = json!({"RuleNumber": number, "Protocol": "-1", "RuleAction": "allow", "Egress": egress, field: block});
            default_of(EC2, &entry)
        };
        entries.push(everything(100, "CidrBlock", "0.0.0.0/0"));
        entries.extend(with_ipv6.then(|| everything(101, "Ipv6CidrBlock", "::/0")));
        entries.push(denial(egress));
    }
    TemplateValue::new(ValueKind::List(Arc::new(entries)), None)
}
