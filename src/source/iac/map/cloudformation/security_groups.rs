//! Rules of security groups: within the group, and as resources of their own.
//!
//! Written after the CloudFormation resource reference, `AWS::EC2::SecurityGroup`, `AWS::EC2::SecurityGroupIngress` and
//! `AWS::EC2::SecurityGroupEgress`.

use super::super::super::cloudformation::REF;
use super::super::super::mapped::MappedResource;
use super::super::super::template::{Template, TemplateResource};
use super::super::super::value::{TemplateValue, ValueKind};
use super::super::objects::{EC2, ObjectFields, as_number, each, given, set};
use super::super::security_groups::protocol;
use super::super::{SameAttributes, argument, attachment, computed, default_of};
use serde_json::{Value, json};

const SECTION: &str = "securityGroups";
const INGRESS: &[&str] = &["IpPermissions"];
const EGRESS: &[&str] = &["IpPermissionsEgress"];

/// The rules that stand in a group. Without rules of its own, a group lets everything out. Whether rules that stand elsewhere
/// take the place of that one, nobody says.
pub(super) fn group(resource: &TemplateResource, template: &Template, mapped: &mut MappedResource) {
    let Some(item) = mapped.items.last_mut() else { return };
    let ingress = resource.values.get("SecurityGroupIngress");
    let ingress = ingress.map_or_else(|| default_of(EC2, &json!([])), |rules| each(rules, inline));
    set(&mut item.value, "IpPermissions", ingress);
    let egress = match resource.values.get("SecurityGroupEgress") {
        Some(rules) => each(rules, inline),
        None => match other_egress(resource, template) {
            None => default_of(EC2, &everything()),
            Some(address) => {
                let words = format!("{address} may take the place of the rule that lets everything out");
                let unknown = TemplateValue::unknown(words, None, None);
                TemplateValue::list(vec![unknown], None)
            }
        },
    };
    set(&mut item.value, "IpPermissionsEgress", egress);
}

/// A rule for going out that stands elsewhere and is for a group, or may be.
fn other_egress<'t>(group: &TemplateResource, template: &'t Template) -> Option<&'t str> {
    let own = computed(group, REF).join_key();
    let mut rules = template.resources.iter().filter(|one| &*one.kind == "AWS::EC2::SecurityGroupEgress");
    let same = SameAttributes::of(template);
    let is_for = |rule: &&TemplateResource| {
        let of = rule.values.get("GroupId").and_then(|of| same.resolved(of).join_key());
        of.is_none() || of == own
    };
    rules.find(is_for).map(|rule| &*rule.address)
}

/// The rule that EC2 gives a new group.
fn everything() -> Value {
    json!([{
        "IpProtocol": "-1",
        "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
        "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
        "PrefixListIds": [],
        "UserIdGroupPairs": [],
    }])
}

/// `AWS::EC2::SecurityGroupIngress`.
pub(super) fn ingress(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    attach(resource, INGRESS, mapped);
}

/// `AWS::EC2::SecurityGroupEgress`.
pub(super) fn egress(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    attach(resource, EGRESS, mapped);
}

fn attach(resource: &TemplateResource, at: &'static [&'static str], mapped: &mut MappedResource) {
    let to = argument(resource, "GroupId");
    let rule = permission(&resource.values).at(Some(resource.place.clone()));
    mapped.attachments.push(attachment(SECTION, to, at, rule, resource));
}

/// A rule that stands in a group; what is no object stays what it is.
fn inline(rule: &TemplateValue) -> TemplateValue {
    if matches!(rule.kind, ValueKind::Map(_)) { permission(rule) } else { rule.clone() }
}

/// A permission as the API has it: with all four lists, if empty.
fn permission(rule: &TemplateValue) -> TemplateValue {
    let protocol = protocol(rule.get("IpProtocol"));
    let mut fields = ObjectFields::default()
        .with("IpRanges", peers(rule, &["CidrIp"], "CidrIp"))
        .with("Ipv6Ranges", peers(rule, &["CidrIpv6"], "CidrIpv6"))
        .with(
            "PrefixListIds",
            peers(rule, &["SourcePrefixListId", "DestinationPrefixListId"], "PrefixListId"),
        )
        .with("UserIdGroupPairs", groups(rule));
    // A rule for all protocols has no ports.
    if protocol.as_str() != Some("-1") {
        for field in ["FromPort", "ToPort"] {
            fields = fields.with_some(field, rule.get(field).map(as_number));
        }
    }
    fields.with("IpProtocol", protocol).at(rule.place.clone())
}

/// What a rule may name as its peer.
const PEERS: [&str; 8] = [
    "CidrIp",
    "CidrIpv6",
    "DestinationPrefixListId",
    "DestinationSecurityGroupId",
    "SourcePrefixListId",
    "SourceSecurityGroupId",
    "SourceSecurityGroupName",
    "SourceSecurityGroupOwnerId",
];

/// A list of the peer that one of these properties names. Of one that is unknown, and not the only one that may name a peer, the list
/// is.
fn peers(rule: &TemplateValue, names: &[&str], field: &str) -> TemplateValue {
    let Some(value) = names.iter().find_map(|name| given(rule, name)) else {
        return default_of(EC2, &json!([]));
    };
    let others = PEERS.iter().filter(|name| rule.get(name).is_some()).count();
    if value.is_unknown() && others > 1 {
        return value.clone();
    }
    let item = ObjectFields::default()
        .with(field, value.clone())
        .with_some("Description", given(rule, "Description").cloned())
        .at(value.place.clone());
    TemplateValue::list(vec![item], value.place.clone())
}

/// The group that a rule names, which may be another account's.
fn groups(rule: &TemplateValue) -> TemplateValue {
    if let Some(name) = given(rule, "SourceSecurityGroupName") {
        let words = "`SourceSecurityGroupName` has a name; set `SourceSecurityGroupId`";
        return TemplateValue::unknown(words, None, name.place.clone());
    }
    let list = peers(rule, &["SourceSecurityGroupId", "DestinationSecurityGroupId"], "GroupId");
    let Some(owner) = given(rule, "SourceSecurityGroupOwnerId") else { return list };
    each(&list, |item| {
        let mut item = item.clone();
        set(&mut item, "UserId", owner.clone());
        item
    })
}
