//! What of instances no row can say: their groups, their addresses, whose role they have.

use super::super::super::mapped::MappedResource;
use super::super::super::template::{Template, TemplateResource};
use super::super::super::value::{TemplateValue, ValueKind};
use super::super::objects::{EC2, ObjectFields, each, given, is_true};
use super::super::{computed, default_of, set};
use serde_json::json;

/// An instance has the groups and the subnet that it is made with, or those of the interface that it is given.
pub(super) fn instance(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    let Some(instance) = mapped.items.last_mut() else { return };
    let unknown = |reason: &str| TemplateValue::unknown(reason, None, Some(resource.place.clone()));
    let values = &resource.values;
    let (groups, subnet, public) = match given(values, "NetworkInterfaces").map(|list| &list.kind) {
        None => (
            given(values, "SecurityGroupIds").cloned(),
            None,
            Some(unknown("the subnet decides whether the instance has a public address")),
        ),
        Some(ValueKind::List(interfaces)) => match interfaces.as_slice() {
            [only] if given(only, "NetworkInterfaceId").is_none() && !only.is_unknown() => {
                let asks = only.get("AssociatePublicIpAddress");
                let public = match (asks, is_true(asks)) {
                    (Some(_), Some(true)) => Some(computed(resource, "PublicIp")),
                    (Some(_), Some(false)) => None,
                    _ => Some(unknown("the subnet decides whether the instance has a public address")),
                };
                (given(only, "GroupSet").cloned(), given(only, "SubnetId").cloned(), public)
            }
            _ => several(&unknown),
        },
        Some(_) => several(&unknown),
    };
    let with_id =
        |id: &TemplateValue| ObjectFields::default().with("GroupId", id.clone()).at(id.place.clone());
    let chosen = || unknown("EC2 chooses the default security group of the VPC; set `SecurityGroupIds`");
    let groups = groups.map_or_else(chosen, |groups| each(&groups, with_id));
    set(instance, &["SecurityGroups"], groups);
    if let Some(subnet) = subnet {
        set(instance, &["SubnetId"], subnet);
    }
    if let Some(public) = public {
        set(instance, &["PublicIpAddress"], public);
    }
    if given(values, "IamInstanceProfile").is_some() {
        set(instance, &["IamInstanceProfile"], unknown("the instance profile is known by its name only"));
    }
    set(instance, &["State", "Name"], default_of(EC2, &json!("running")));
}

/// What network interfaces say that are made elsewhere, or of which there are several.
fn several(
    unknown: &dyn Fn(&str) -> TemplateValue,
) -> (Option<TemplateValue>, Option<TemplateValue>, Option<TemplateValue>) {
    let words = || Some(unknown("the network interfaces say it"));
    (words(), words(), words())
}
