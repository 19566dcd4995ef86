//! What follows only from several resources together: which of the things that EC2 makes with a VPC the template takes over, the
//! local routes of route tables, which subnets the default network ACL is for, which role a name means.

use super::super::mapped::{Attachment, MappedItem, MappedResource};
use super::super::template::{MissingPart, Mode, ResourceCertainty, Template, TemplateResource};
use super::super::value::{TemplateValue, ValueKind, ValueOrigin};
use super::objects::{EC2, ObjectFields, add, given, is_true, set};
use super::{default_of, network, network_acls};
use crate::snapshot::section;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Completes all items.
pub(super) fn complete(template: &Template, mapped: &mut MappedResource) {
    take_over(mapped);
    move_main(template, mapped);
    add_local_routes(mapped);
    place_in_default_acls(template, mapped);
    place_nat_gateways(mapped);
    find_roles(template, mapped);
    endpoints(template, mapped);
    dhcp_options(template, mapped);
}

/// What an item is found by.
fn key(item: &MappedItem) -> Option<String> {
    let key = section::by_name(item.section)?.key.as_deref()?;
    item.value.get(key)?.join_key()
}

/// A field as what it is joined by.
fn field_key(value: &TemplateValue, field: &str) -> Option<String> {
    value.get(field)?.join_key()
}

/// The positions of the items of a section, by key.
fn positions(mapped: &MappedResource, section: &str) -> HashMap<String, usize> {
    let of_section = mapped.items.iter().enumerate().filter(|(_, item)| item.section == section);
    of_section.filter_map(|(at, item)| Some((key(item)?, at))).collect()
}

/// Resources of a type, but for those that are somebody else's.
fn managed<'t>(template: &'t Template, kind: &str) -> impl Iterator<Item = &'t TemplateResource> {
    template
        .resources
        .iter()
        .filter(move |resource| resource.mode == Mode::Managed && &*resource.kind == kind)
}

/// Why something is not known that another resource changes, if that exists.
fn perhaps(certainty: &ResourceCertainty, address: &str) -> Option<String> {
    match certainty {
        ResourceCertainty::Certain => None,
        ResourceCertainty::Perhaps(words) => Some(format!("{address} may change it: {words}")),
    }
}

/// What EC2 makes with a VPC, and the template takes over, is what the template says. Where the template may take it over, or
/// not, it is not known what is in it.
fn take_over(mapped: &mut MappedResource) {
    const CONTENTS: [(&str, &[&str]); 3] = [
        ("securityGroups", &["IpPermissions", "IpPermissionsEgress"]),
        ("routeTables", &["Routes"]),
        ("networkAcls", &["Entries"]),
    ];
    let vpcs: HashSet<Arc<str>> =
        mapped.items.iter().filter(|item| item.section == "vpc").map(|item| item.address.clone()).collect();
    let mut gone = BTreeSet::new();
    for (section, contents) in CONTENTS {
        let mut made: HashMap<String, usize> = HashMap::new();
        for (at, item) in mapped.items.iter().enumerate() {
            if item.section == section && vpcs.contains(&item.address) {
                made.extend(key(item).map(|key| (key, at)));
            }
        }
        for at in 0..mapped.items.len() {
            let item = &mapped.items[at];
            if item.section != section || vpcs.contains(&item.address) {
                continue;
            }
            let Some(own) = key(item).and_then(|key| made.get(&key).copied()) else { continue };
            match perhaps(&item.certainty, &item.address) {
                // Of several that take over the same one, the first stands.
                None if !gone.contains(&own) => {
                    gone.insert(own);
                    if let Some(vpc) = mapped.items[own].value.get("VpcId").cloned() {
                        set(&mut mapped.items[at].value, "VpcId", vpc);
                    }
                }
                None => drop(gone.insert(at)),
                Some(words) => {
                    gone.insert(at);
                    for field in contents {
                        let unknown = TemplateValue::unknown(words.as_str(), None, None);
                        set(&mut mapped.items[own].value, field, unknown);
                    }
                }
            }
        }
    }
    let mut at = 0;
    mapped.items.retain(|_| {
        at += 1;
        !gone.contains(&(at - 1))
    });
}

/// A VPC follows another table than its own as soon as it is said so.
fn move_main(template: &Template, mapped: &mut MappedResource) {
    for resource in managed(template, "aws_main_route_table_association") {
        let Some(vpc) = field_key(&resource.values, "vpc_id") else { continue };
        for item in mapped.items.iter_mut().filter(|item| item.section == "routeTables") {
            if field_key(&item.value, "VpcId").as_ref() != Some(&vpc) {
                continue;
            }
            let Some(own) = item.value.get("Associations") else { continue };
            let is_own_main = |one: &TemplateValue| {
                one.origin != ValueOrigin::Set && is_true(one.get("Main")) == Some(true)
            };
            if !own.items().iter().any(is_own_main) {
                continue;
            }
            let others = match perhaps(&resource.certainty, &resource.address) {
                None => {
                    let others = own.items().iter().filter(|one| !is_own_main(one)).cloned().collect();
                    TemplateValue { kind: ValueKind::List(Arc::new(others)), ..own.clone() }
                }
                Some(words) => TemplateValue::unknown(words, None, None),
            };
            set(&mut item.value, "Associations", others);
        }
    }
}

/// Every table has a route to each block of its VPC.
fn add_local_routes(mapped: &mut MappedResource) {
    let mut blocks: HashMap<String, Vec<TemplateValue>> = HashMap::new();
    for vpc in mapped.items.iter().filter(|item| item.section == "vpc") {
        let Some(id) = field_key(&vpc.value, "VpcId") else { continue };
        let own = blocks.entry(id).or_default();
        own.extend(vpc.value.get("CidrBlock").map(|block| local_route("DestinationCidrBlock", block)));
        let ipv6 = vpc.value.get("Ipv6CidrBlockAssociationSet").map(TemplateValue::items).unwrap_or_default();
        // One that EC2 chooses is none that anything else could be compared with.
        let known = ipv6.iter().filter_map(|set| set.get("Ipv6CidrBlock")).filter(|block| block.is_known());
        own.extend(known.map(|block| local_route("DestinationIpv6CidrBlock", block)));
    }
    let more =
        mapped.attachments.iter().filter(|one| one.section == "vpc" && one.at == ["CidrBlockAssociationSet"]);
    for Attachment { to, value, .. } in more {
        let own = to.join_key().and_then(|vpc| blocks.get_mut(&vpc));
        if let (Some(own), Some(block)) = (own, value.get("CidrBlock")) {
            own.push(local_route("DestinationCidrBlock", block));
        }
    }
    let elsewhere = TemplateValue::unknown("the VPC of the route table is not in the template", None, None);
    let elsewhere = vec![local_route("DestinationCidrBlock", &elsewhere)];
    for table in mapped.items.iter_mut().filter(|item| item.section == "routeTables") {
        let own = field_key(&table.value, "VpcId").and_then(|vpc| blocks.get(&vpc)).unwrap_or(&elsewhere);
        let Some(mut routes) = table.value.get("Routes").cloned() else { continue };
        let written: HashSet<String> =
            routes.items().iter().filter_map(|route| destination(route)?.join_key()).collect();
        let is_new = |route: &&TemplateValue| {
            !destination(route)
                .and_then(TemplateValue::join_key)
                .is_some_and(|block| written.contains(&block))
        };
        let missing = own.iter().filter(is_new).cloned().collect();
        add(&mut routes, missing, true);
        set(&mut table.value, "Routes", routes);
    }
}

fn destination(route: &TemplateValue) -> Option<&TemplateValue> {
    ["DestinationCidrBlock", "DestinationIpv6CidrBlock"].iter().find_map(|field| route.get(field))
}

fn local_route(field: &str, block: &TemplateValue) -> TemplateValue {
    ObjectFields::default()
        .with(field, block.clone())
        .with_default("GatewayId", EC2, &json!("local"))
        .with_default("State", EC2, &json!("active"))
        .at(None)
}

/// The default network ACL of a VPC is for all subnets that no other one is for.
fn place_in_default_acls(template: &Template, mapped: &mut MappedResource) {
    // The VPC of each ACL that is not the default one, and the subnets that each names.
    let mut named: HashSet<String> = HashSet::new();
    let mut unclear =
        template.missing.iter().find(|missing| may_have_acls(missing)).map(|missing| missing.reason.clone());
    let mut read = |subnet: Option<&TemplateValue>, certainty: &ResourceCertainty, address: &str| match (
        subnet.and_then(TemplateValue::join_key),
        perhaps(certainty, address),
    ) {
        (Some(subnet), None) => drop(named.insert(subnet)),
        (_, Some(words)) => unclear = Some(words),
        (None, None) => unclear = Some(format!("the subnets of {address} are not known")),
    };
    for acl in mapped.items.iter().filter(|item| item.section == "networkAcls") {
        if is_true(acl.value.get("IsDefault")) == Some(true) {
            continue;
        }
        match acl.value.get("Associations") {
            None => {}
            Some(list) if matches!(list.kind, ValueKind::List(_)) => {
                for one in list.items() {
                    read(one.get("SubnetId"), &acl.certainty, &acl.address);
                }
            }
            Some(_) => read(None, &acl.certainty, &acl.address),
        }
    }
    for one in
        mapped.attachments.iter().filter(|one| one.section == "networkAcls" && one.at == ["Associations"])
    {
        read(one.value.get("SubnetId"), &one.certainty, &one.address);
    }
    let mut subnets: BTreeMap<String, Vec<TemplateValue>> = BTreeMap::new();
    // A subnet that may be in any VPC, with its own.
    let mut anywhere: Vec<(String, Option<String>)> = Vec::new();
    for subnet in mapped.items.iter().filter(|item| item.section == "subnets") {
        let Some(id) = subnet.value.get("SubnetId") else { continue };
        let is_named = id.join_key().is_some_and(|id| named.contains(&id));
        let vpc = field_key(&subnet.value, "VpcId");
        if !is_named && subnet.value.get("VpcId").is_some_and(TemplateValue::may_be_any) {
            anywhere.push((format!("the VPC of {} is not known", subnet.address), vpc.clone()));
        }
        if let Some(vpc) = vpc.filter(|_| !is_named) {
            let mut association = network_acls::association(id);
            association.origin = ValueOrigin::DefaultOf(EC2.into());
            subnets.entry(vpc).or_default().push(association);
        }
    }
    for acl in mapped.items.iter_mut().filter(|item| item.section == "networkAcls") {
        if is_true(acl.value.get("IsDefault")) != Some(true) {
            continue;
        }
        let vpc = field_key(&acl.value, "VpcId");
        let own = vpc.as_ref().and_then(|vpc| subnets.get(vpc));
        let other = anywhere.iter().find(|(_, other)| *other != vpc).map(|(words, _)| words);
        let list = match (own, unclear.as_ref().filter(|_| own.is_some()).or(other)) {
            (None, None) => continue,
            (_, Some(words)) => TemplateValue::unknown(words.as_str(), None, None),
            (Some(own), None) => TemplateValue::list(own.clone(), None),
        };
        set(&mut acl.value, "Associations", list);
    }
}

/// Whether what was not understood may describe network ACLs.
fn may_have_acls(missing: &MissingPart) -> bool {
    let is_acl =
        |kind: &Arc<str>| ["aws_network_acl", "AWS::EC2::NetworkAcl"].iter().any(|acl| kind.starts_with(acl));
    missing.kinds.is_empty() || missing.kinds.iter().any(is_acl)
}

/// A NAT gateway is in the VPC of its subnet.
fn place_nat_gateways(mapped: &mut MappedResource) {
    let subnets = mapped.items.iter().filter(|item| item.section == "subnets");
    let vpcs: HashMap<String, TemplateValue> =
        subnets.filter_map(|subnet| Some((key(subnet)?, subnet.value.get("VpcId")?.clone()))).collect();
    for gateway in mapped.items.iter_mut().filter(|item| item.section == "natGateways") {
        if gateway.value.get("VpcId").is_some() {
            continue;
        }
        let vpc = field_key(&gateway.value, "SubnetId").and_then(|subnet| vpcs.get(&subnet)).cloned();
        let unknown =
            || TemplateValue::unknown("the subnet of the gateway is not in the template", None, None);
        set(&mut gateway.value, "VpcId", vpc.unwrap_or_else(unknown).at(None));
    }
}

/// Policies and profiles name roles by their names; snapshots have their ARNs.
fn find_roles(template: &Template, mapped: &mut MappedResource) {
    let written: HashMap<&str, Option<String>> = managed(template, "aws_iam_role")
        .map(|role| (&*role.address, field_key(&role.values, "name")))
        .collect();
    // `None` for a name that several roles have.
    let mut arns: HashMap<String, Option<TemplateValue>> = HashMap::new();
    for role in mapped.items.iter().filter(|item| item.section == "roles") {
        let Some(arn) = role.value.get("Arn") else { continue };
        let names = [
            field_key(&role.value, "RoleName"),
            super::symbol(&role.address, "name").join_key(),
            written.get(&*role.address).cloned().flatten(),
        ];
        let names: BTreeSet<String> = names.into_iter().flatten().collect();
        for name in names {
            arns.entry(name).and_modify(|other| *other = None).or_insert_with(|| Some(arn.clone()));
        }
    }
    let found = |name: &TemplateValue| {
        let arn = name.join_key().and_then(|name| arns.get(&name).cloned().flatten());
        arn.map(|arn| arn.at(name.place.clone()))
    };
    for attachment in mapped.attachments.iter_mut().filter(|attachment| attachment.section == "roles") {
        if let Some(arn) = found(&attachment.to) {
            attachment.to = arn;
        }
    }
    name_attached_policies(mapped);
    leave_out_known_policies(mapped);
    for profile in mapped.items.iter_mut().filter(|item| item.section == "instanceProfiles") {
        let Some(roles) = profile.value.get("Roles") else { continue };
        let with_arn = |role: &TemplateValue| {
            let mut role = role.clone();
            let Some(name) = role.get("RoleName").cloned() else { return role };
            let unknown =
                || TemplateValue::unknown("the role is not in the template", None, name.place.clone());
            set(&mut role, "Arn", found(&name).unwrap_or_else(unknown));
            role
        };
        let roles = super::objects::each(roles, with_arn);
        set(&mut profile.value, "Roles", roles);
    }
}

/// A policy that a role has is called as the template says where it describes it.
fn name_attached_policies(mapped: &mut MappedResource) {
    let policies = mapped.items.iter().filter(|item| item.section == "policies");
    let names: HashMap<String, TemplateValue> =
        policies.filter_map(|item| Some((key(item)?, item.value.get("PolicyName")?.clone()))).collect();
    let named = |policy: &TemplateValue| {
        let mut policy = policy.clone();
        let name = field_key(&policy, "PolicyArn").and_then(|arn| names.get(&arn));
        if let (Some(name), None) = (name, policy.get("PolicyName")) {
            set(&mut policy, "PolicyName", name.clone());
        }
        policy
    };
    for role in mapped.items.iter_mut().filter(|item| item.section == "roles") {
        if let Some(attached) = role.value.get("AttachedPolicies") {
            let attached = super::objects::each(attached, named);
            set(&mut role.value, "AttachedPolicies", attached);
        }
    }
    for one in mapped.attachments.iter_mut() {
        if one.section == "roles" && one.at == ["AttachedPolicies"] {
            one.value = named(&one.value);
        }
    }
}

/// A state says of a role all policies that it has, also those that other resources gave it.
fn leave_out_known_policies(mapped: &mut MappedResource) {
    const LISTS: [(&str, &str); 2] = [("AttachedPolicies", "PolicyArn"), ("InlinePolicies", "PolicyName")];
    let mut known: HashSet<(String, &str, String)> = HashSet::new();
    for role in mapped.items.iter().filter(|item| item.section == "roles") {
        let Some(arn) = key(role) else { continue };
        for (list, name) in LISTS {
            let policies = role.value.get(list).map(TemplateValue::items).unwrap_or_default();
            let names = policies.iter().filter_map(|policy| field_key(policy, name));
            known.extend(names.map(|name| (arn.clone(), list, name)));
        }
    }
    mapped.attachments.retain(|one| {
        let list = LISTS.iter().find(|(list, _)| one.section == "roles" && one.at == [*list]);
        let Some((list, name)) = list else { return true };
        let called = one.to.join_key().zip(field_key(&one.value, name));
        !called.is_some_and(|(role, name)| known.contains(&(role, list, name)))
    });
}

/// What other resources say of endpoints.
fn endpoints(template: &Template, mapped: &mut MappedResource) {
    let at = positions(mapped, "vpcEndpoints");
    let documents = super::PolicyDocuments::of(template);
    let found =
        |resource: &TemplateResource| at.get(&field_key(&resource.values, "vpc_endpoint_id")?).copied();
    for resource in managed(template, "aws_vpc_endpoint_policy") {
        let (Some(endpoint), Some(policy)) = (found(resource), given(&resource.values, "policy")) else {
            continue;
        };
        let policy = match (perhaps(&resource.certainty, &resource.address), policy.as_str()) {
            (Some(words), _) => TemplateValue::unknown(words, None, policy.place.clone()),
            (None, Some(_)) => policy.clone(),
            (None, None) => documents.document(policy),
        };
        set(&mut mapped.items[endpoint].value, "PolicyDocument", policy);
    }
    for resource in managed(template, "aws_vpc_endpoint_security_group_association") {
        let replaces = is_true(resource.values.get("replace_default_association"));
        let Some(endpoint) = found(resource).filter(|_| replaces != Some(false)) else { continue };
        let item = &mut mapped.items[endpoint];
        let default = item.value.get("VpcId").map(network::default_group_of);
        let default = default.as_ref().and_then(TemplateValue::join_key);
        let groups = match (&default, perhaps(&resource.certainty, &resource.address)) {
            (Some(default), None) if replaces == Some(true) => {
                let own = item.value.get("Groups").map(TemplateValue::items).unwrap_or_default();
                let is_other = |group: &&TemplateValue| field_key(group, "GroupId").as_ref() != Some(default);
                TemplateValue::list(own.iter().filter(is_other).cloned().collect(), None)
            }
            // The default group is the only one that an endpoint of another VPC has without any.
            (None, None) if replaces == Some(true) => default_of(EC2, &json!([])),
            (_, words) => {
                let words =
                    words.unwrap_or_else(|| format!("{} may replace the default group", resource.address));
                TemplateValue::unknown(words, None, None)
            }
        };
        set(&mut item.value, "Groups", groups);
    }
}

/// A VPC may have another set of DHCP options than the default one.
fn dhcp_options(template: &Template, mapped: &mut MappedResource) {
    const ASSOCIATIONS: [(&str, &str, &str); 2] = [
        ("aws_vpc_dhcp_options_association", "vpc_id", "dhcp_options_id"),
        ("AWS::EC2::VPCDHCPOptionsAssociation", "VpcId", "DhcpOptionsId"),
    ];
    let same = super::SameAttributes::of(template);
    let associations = ASSOCIATIONS.into_iter().flat_map(|(kind, vpc, options)| {
        managed(template, kind).map(move |resource| (resource, vpc, options))
    });
    for (resource, vpc, options) in associations {
        let vpc = resource.values.get(vpc).and_then(|vpc| same.resolved(vpc).join_key());
        let options = resource.values.get(options).map(|options| same.resolved(options));
        let item = mapped
            .items
            .iter_mut()
            .find(|item| item.section == "vpc" && vpc.is_some() && field_key(&item.value, "VpcId") == vpc);
        let (Some(item), Some(options)) = (item, options) else { continue };
        let options = match perhaps(&resource.certainty, &resource.address) {
            Some(words) => TemplateValue::unknown(words, None, options.place.clone()),
            None => options,
        };
        set(&mut item.value, "DhcpOptionsId", options);
    }
}
