//! Rules of security groups: within the group, and as resources of their own.
//!
//! Written after `internal/service/ec2/vpc_security_group.go`, `vpc_security_group_rule.go` and
//! `vpc_security_group_ingress_rule.go` of terraform-provider-aws.

use super::super::mapped::MappedResource;
use super::super::template::{Template, TemplateResource};
use super::super::value::{TemplateValue, ValueKind};
use super::objects::{EC2, ObjectFields, PROVIDER, as_number, as_text, each, given, is_true, set};
use super::{argument, attachment, computed, default_of, set_made_name};
use serde_json::json;
use std::sync::Arc;

const SECTION: &str = "securityGroups";
const INGRESS: &[&str] = &["IpPermissions"];
const EGRESS: &[&str] = &["IpPermissionsEgress"];

/// The rules that stand in a group. A group without any has none: the provider removes the rule that EC2 gives a new group, and
/// those that a default group has when it is taken over.
pub(super) fn group(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(item) = mapped.items.last_mut() else { return };
    let own = computed(resource, "id");
    for (argument, field) in [("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")] {
        let rules = match resource.values.get(argument) {
            None => default_of(PROVIDER, &json!([])),
            Some(rules) => each(rules, |rule| inline(rule, &own)),
        };
        set(&mut item.value, field, rules);
    }
    if &*resource.kind == "aws_security_group" {
        set_made_name(item, resource, "GroupName");
    }
}

/// A rule that stands in a group; what is no block stays what it is.
fn inline(rule: &TemplateValue, own: &TemplateValue) -> TemplateValue {
    if !matches!(rule.kind, ValueKind::Map(_)) {
        return rule.clone();
    }
    let groups = rule.get("security_groups").map(|groups| each(groups, group_id));
    permission(rule, "protocol", &blocks_of(rule), with_itself(groups, rule, own))
}

/// `aws_security_group_rule`.
pub(super) fn rule(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let values = &resource.values;
    let own = argument(resource, "security_group_id");
    let source = given(values, "source_security_group_id").map(|group| one(group, values, group_id));
    let value = permission(values, "protocol", &blocks_of(values), with_itself(source, values, &own));
    let kind = argument(resource, "type");
    match kind.as_str() {
        Some("ingress") => attach(resource, own, INGRESS, value, mapped),
        Some("egress") => attach(resource, own, EGRESS, value, mapped),
        // It may be either.
        _ => {
            let words = format!("{} may be a rule for either direction", resource.address);
            let unknown = TemplateValue::unknown(words, None, kind.place);
            attach(resource, own.clone(), INGRESS, unknown.clone(), mapped);
            attach(resource, own, EGRESS, unknown, mapped);
        }
    }
}

/// `aws_vpc_security_group_ingress_rule`.
pub(super) fn ingress_rule(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let own = argument(resource, "security_group_id");
    attach(resource, own, INGRESS, single(resource), mapped);
}

/// `aws_vpc_security_group_egress_rule`.
pub(super) fn egress_rule(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let own = argument(resource, "security_group_id");
    attach(resource, own, EGRESS, single(resource), mapped);
}

/// A rule with one peer.
fn single(resource: &TemplateResource) -> TemplateValue {
    let values = &resource.values;
    let peer = |name: &str| given(values, name);
    let peers = PeerBlocks {
        v4: peer("cidr_ipv4").map(|cidr| one(cidr, values, |cidr| with_name("CidrIp", cidr, values))),
        v6: peer("cidr_ipv6").map(|cidr| one(cidr, values, |cidr| with_name("CidrIpv6", cidr, values))),
        prefix_lists: peer("prefix_list_id")
            .map(|list| one(list, values, |list| with_name("PrefixListId", list, values))),
    };
    let groups = peer("referenced_security_group_id").map(|group| one(group, values, group_id));
    permission(values, "ip_protocol", &peers, groups)
}

fn attach(
    resource: &TemplateResource,
    to: TemplateValue,
    at: &'static [&'static str],
    value: TemplateValue,
    mapped: &mut MappedResource,
) {
    mapped.attachments.push(attachment(SECTION, to, at, value, resource));
}

/// The lists of a permission that name addresses.
struct PeerBlocks {
    v4: Option<TemplateValue>,
    v6: Option<TemplateValue>,
    prefix_lists: Option<TemplateValue>,
}

fn blocks_of(rule: &TemplateValue) -> PeerBlocks {
    let list = |argument: &str, field: &'static str| {
        rule.get(argument).map(|list| each(list, |item| with_name(field, item, rule)))
    };
    PeerBlocks {
        v4: list("cidr_blocks", "CidrIp"),
        v6: list("ipv6_cidr_blocks", "CidrIpv6"),
        prefix_lists: list("prefix_list_ids", "PrefixListId"),
    }
}

/// A permission as the API has it: with all four lists, if empty.
fn permission(
    rule: &TemplateValue,
    protocol: &str,
    blocks: &PeerBlocks,
    groups: Option<TemplateValue>,
) -> TemplateValue {
    let list = |list: &Option<TemplateValue>| list.clone().unwrap_or_else(|| default_of(EC2, &json!([])));
    let protocol = self::protocol(rule.get(protocol));
    let mut fields = ObjectFields::default()
        .with("IpRanges", list(&blocks.v4))
        .with("Ipv6Ranges", list(&blocks.v6))
        .with("PrefixListIds", list(&blocks.prefix_lists))
        .with("UserIdGroupPairs", list(&groups));
    // A rule for all protocols has no ports.
    if protocol.as_str() != Some("-1") {
        for (field, argument) in [("FromPort", "from_port"), ("ToPort", "to_port")] {
            fields = fields.with_some(field, rule.get(argument).map(as_number));
        }
    }
    fields.with("IpProtocol", protocol).at(rule.place.clone())
}

/// A protocol as the API writes it: four of them by name.
pub(super) fn protocol(value: Option<&TemplateValue>) -> TemplateValue {
    let Some(value) = value else {
        return TemplateValue::unknown("the protocol of the rule is not set", None, None);
    };
    let value = as_text(value);
    let Some(text) = value.as_str() else { return value };
    let text = text.to_ascii_lowercase();
    let name = match text.as_str() {
        "all" => "-1",
        "1" => "icmp",
        "6" => "tcp",
        "17" => "udp",
        "58" => "icmpv6",
        other => other,
    };
    TemplateValue { kind: ValueKind::Text(name.into()), ..value }
}

/// A list of what one argument names. Of an argument that is unknown, and not the only one that may name a peer, the list is.
fn one(
    value: &TemplateValue,
    rule: &TemplateValue,
    change: impl Fn(&TemplateValue) -> TemplateValue,
) -> TemplateValue {
    const PEERS: [&str; 9] = [
        "cidr_ipv4",
        "cidr_ipv6",
        "prefix_list_id",
        "referenced_security_group_id",
        "source_security_group_id",
        "cidr_blocks",
        "ipv6_cidr_blocks",
        "prefix_list_ids",
        "self",
    ];
    let others = PEERS.iter().filter(|name| rule.get(name).is_some()).count();
    match value.is_unknown() && others > 1 {
        true => value.clone(),
        false => TemplateValue::list(vec![change(value)], value.place.clone()),
    }
}

/// An address with the description of its rule.
fn with_name(field: &str, value: &TemplateValue, rule: &TemplateValue) -> TemplateValue {
    let description = given(rule, "description").cloned();
    ObjectFields::default()
        .with(field, value.clone())
        .with_some("Description", description)
        .at(value.place.clone())
}

/// A group, which may be another account's: `111122223333/sg-1`.
fn group_id(value: &TemplateValue) -> TemplateValue {
    let fields = match value.as_str().and_then(|text| text.split_once('/')) {
        Some((account, group)) => ObjectFields::default()
            .with("UserId", TemplateValue::text(account, value.place.clone()))
            .with("GroupId", TemplateValue { kind: ValueKind::Text(group.into()), ..value.clone() }),
        None => ObjectFields::default().with("GroupId", value.clone()),
    };
    fields.at(value.place.clone())
}

/// The groups of a rule with its own, if it says `self`.
fn with_itself(
    groups: Option<TemplateValue>,
    rule: &TemplateValue,
    own: &TemplateValue,
) -> Option<TemplateValue> {
    let Some(itself) = rule.get("self") else { return groups };
    let item = match is_true(Some(itself)) {
        Some(false) => return groups,
        Some(true) => {
            let own = own.clone().at(itself.place.clone());
            ObjectFields::default().with("GroupId", own).at(itself.place.clone())
        }
        None => itself.clone(),
    };
    let mut list = groups.unwrap_or_else(|| TemplateValue::list(Vec::new(), itself.place.clone()));
    if let ValueKind::List(items) = &mut list.kind {
        Arc::make_mut(items).push(item);
    }
    Some(list)
}
