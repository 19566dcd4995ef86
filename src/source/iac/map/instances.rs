//! What of instances no row can say: their groups, their addresses, whose role they have.

use super::super::mapped::MappedResource;
use super::super::template::{Template, TemplateResource};
use super::super::value::{TemplateValue, ValueKind};
use super::objects::{EC2, ObjectFields, each, given};
use super::{computed, default_of, set};
use serde_json::json;

/// An instance: it has the groups and the subnet that it is made with, or those of the interface that it is given.
pub(super) fn instance(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(instance) = mapped.items.last_mut() else { return };
    let unknown = |reason: &str| TemplateValue::unknown(reason, None, Some(resource.place.clone()));
    let values = &resource.values;
    if given(values, "network_interface").or_else(|| given(values, "primary_network_interface")).is_some() {
        for field in ["SubnetId", "SecurityGroups", "PublicIpAddress"] {
            set(instance, &[field], unknown("the network interface says it, which is made elsewhere"));
        }
    } else {
        let groups = match given(values, "vpc_security_group_ids") {
            Some(groups) => {
                each(groups, |id| ObjectFields::default().with("GroupId", id.clone()).at(id.place.clone()))
            }
            None if given(values, "security_groups").is_some() => {
                unknown("`security_groups` has names; set `vpc_security_group_ids`")
            }
            None => {
                unknown("EC2 chooses the default security group of the VPC; set `vpc_security_group_ids`")
            }
        };
        set(instance, &["SecurityGroups"], groups);
        match values.get("associate_public_ip_address").map(|asked| &asked.kind) {
            Some(ValueKind::Bool(true)) => {
                set(instance, &["PublicIpAddress"], computed(resource, "public_ip"));
            }
            Some(ValueKind::Bool(false)) => {}
            _ => {
                let reason = "the subnet decides whether the instance has a public address; set `associate_public_ip_address`";
                set(instance, &["PublicIpAddress"], unknown(reason));
            }
        }
    }
    if given(values, "iam_instance_profile").is_some() {
        set(instance, &["IamInstanceProfile"], unknown("the instance profile is known by its name only"));
    }
    set(instance, &["State", "Name"], default_of(EC2, &json!("running")));
}
