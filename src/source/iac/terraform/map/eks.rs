//! What resources of EKS become that no row can say.

use super::super::super::mapped::Mapped;
use super::super::super::template::{Template, TemplateResource};
use super::super::super::value::TemplateValue;
use super::{computed, default_of, item};
use serde_json::{Value, json};
use std::sync::Arc;

/// Whose the group and its rules are.
const EKS: &str = "EKS";

/// A cluster has a security group that EKS makes, which nobody writes.
pub(super) fn cluster(resource: &TemplateResource, _: &Template, mapped: &mut Mapped) {
    let id = computed(resource, "vpc_config.cluster_security_group_id");
    let to_all = rule(vec![], &json!([{"CidrIp": "0.0.0.0/0"}]));
    let itself = TemplateValue::map([("GroupId", id.clone())], None);
    let list = |rule| TemplateValue::list(vec![rule], None);
    let fields = [
        ("GroupId", id),
        ("VpcId", computed(resource, "vpc_config.vpc_id")),
        ("IpPermissions", list(rule(vec![itself], &json!([])))),
        ("IpPermissionsEgress", list(to_all)),
    ];
    let group = TemplateValue::map(fields, Some(resource.place.clone()));
    mapped.items.push(item("securityGroups", group, None, resource));
}

/// A rule for all protocols.
fn rule(groups: Vec<TemplateValue>, ranges: &Value) -> TemplateValue {
    let none = || default_of(EKS, &json!([]));
    let fields: [(Arc<str>, TemplateValue); 5] = [
        ("IpProtocol".into(), default_of(EKS, &json!("-1"))),
        ("IpRanges".into(), default_of(EKS, ranges)),
        ("Ipv6Ranges".into(), none()),
        ("PrefixListIds".into(), none()),
        ("UserIdGroupPairs".into(), TemplateValue::list(groups, None)),
    ];
    TemplateValue::map(fields, None)
}
