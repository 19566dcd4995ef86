//! What resources of EKS become that no row can say.

use super::super::mapped::{MappedItem, MappedResource};
use super::super::template::{ResourceCertainty, Template, TemplateResource};
use super::super::value::{TemplateValue, TextPart, ValueKind};
use super::fields::{FoundArgument, find};
use super::{argument, computed, default_of, item, own_symbol, set};
use serde_json::{Value, json};
use std::sync::Arc;

/// Whose the defaults are.
const EKS: &str = "EKS";
/// The size of disks that EKS gives to nodes that are not of Windows.
const DISK_SIZE: i64 = 20;

/// A cluster has a security group that EKS makes, which nobody writes; its rules are those of the EKS user guide, "View Amazon EKS
/// security group requirements for clusters".
pub(super) fn cluster(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    complete_cluster(resource, &CLUSTER, mapped);
}

/// What the arguments and attributes of a cluster are called.
pub(super) struct ClusterNames {
    pub(super) name: &'static str,
    pub(super) ip_family: &'static str,
    pub(super) public_access_cidrs: &'static str,
    pub(super) group: &'static str,
    pub(super) vpc: &'static str,
}

const CLUSTER: ClusterNames = ClusterNames {
    name: "name",
    ip_family: "kubernetes_network_config.ip_family",
    public_access_cidrs: "vpc_config.public_access_cidrs",
    group: "vpc_config.cluster_security_group_id",
    vpc: "vpc_config.vpc_id",
};

/// Adds what EKS makes with a cluster.
pub(super) fn complete_cluster(
    resource: &TemplateResource,
    names: &ClusterNames,
    mapped: &mut MappedResource,
) {
    let ip_family = find(&resource.values, names.ip_family).value();
    let is_ipv4 = ip_family.map_or(Some(true), |family| Some(family.as_str()? != "ipv6"));
    if let Some(cluster) = mapped.items.last_mut() {
        open_to_ipv6(cluster, is_ipv4, find(&resource.values, names.public_access_cidrs));
    }
    let id = computed(resource, names.group);
    let itself = || TemplateValue::map([("GroupId", id.clone())], None);
    let to_all = match is_ipv4 {
        Some(true) => rule(vec![], &json!([{"CidrIp": "0.0.0.0/0"}]), &json!([])),
        Some(false) => rule(vec![], &json!([]), &json!([{"CidrIpv6": "::/0"}])),
        None => TemplateValue::unknown("the IP family of the cluster is not known", None, None),
    };
    let to_itself = rule(vec![itself()], &json!([]), &json!([]));
    let from_itself = rule(vec![itself()], &json!([]), &json!([]));
    let fields = [
        ("GroupId", id.clone()),
        ("GroupName", group_name(resource, names.name)),
        ("VpcId", computed(resource, names.vpc)),
        ("IpPermissions", TemplateValue::list(vec![from_itself], None)),
        ("IpPermissionsEgress", TemplateValue::list(vec![to_all, to_itself], None)),
    ];
    let group = TemplateValue::map(fields, Some(resource.place.clone()));
    mapped.items.push(item("securityGroups", group, None, resource));
}

/// EKS calls the group after the cluster, and adds something of its own.
fn group_name(resource: &TemplateResource, name: &str) -> TemplateValue {
    let name = find(&resource.values, name).value().filter(|name| !name.sensitive);
    let name = name.and_then(TemplateValue::as_str);
    let start = name.map_or_else(|| "eks-cluster-sg-".to_owned(), |name| format!("eks-cluster-sg-{name}-"));
    let mut parts = vec![TextPart::Literal(start.into())];
    if let ValueKind::Symbol(rest) = own_symbol(resource, "cluster_security_group.suffix").kind {
        parts.push(TextPart::Symbol(rest));
    }
    TemplateValue::new(ValueKind::Mixed(parts.into()), None)
}

/// An endpoint without a list of addresses is open to those of IPv6 too, where the cluster has them.
fn open_to_ipv6(cluster: &mut MappedItem, is_ipv4: Option<bool>, cidrs: FoundArgument<'_>) {
    let is_default = match cidrs {
        FoundArgument::MissingPart { .. } => true,
        FoundArgument::Value(list) => matches!(list.kind, ValueKind::List(_)) && list.items().is_empty(),
        FoundArgument::Unknown(_) => false,
    };
    let all = || default_of(EKS, &json!("0.0.0.0/0"));
    let and = match is_ipv4 {
        _ if !is_default => return,
        Some(true) => return,
        Some(false) => default_of(EKS, &json!("::/0")),
        None => TemplateValue::unknown("the IP family of the cluster is not known", None, None),
    };
    let both = TemplateValue { kind: ValueKind::List(Arc::new(vec![all(), and])), ..all() };
    set(cluster, &["resourcesVpcConfig", "publicAccessCidrs"], both);
}

/// A rule for all protocols.
fn rule(groups: Vec<TemplateValue>, ranges: &Value, ipv6: &Value) -> TemplateValue {
    let fields = [
        ("IpProtocol", default_of(EKS, &json!("-1"))),
        ("IpRanges", default_of(EKS, ranges)),
        ("Ipv6Ranges", default_of(EKS, ipv6)),
        ("PrefixListIds", default_of(EKS, &json!([]))),
        ("UserIdGroupPairs", TemplateValue::list(groups, None)),
    ];
    TemplateValue::map(fields, None)
}

/// What EKS fills in depends on whether there is a launch template, which says disks, types and images itself, and on whether the nodes
/// are of Windows.
pub(super) fn node_group(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    complete_node_group(resource, &NODE_GROUP, mapped);
}

/// What the arguments and attributes of a node group are called.
pub(super) struct NodeGroupNames {
    pub(super) launch_template: &'static str,
    pub(super) update_config: &'static str,
    pub(super) disk_size: &'static str,
    pub(super) instance_types: &'static str,
    pub(super) ami_type: &'static str,
    pub(super) remote_access: &'static str,
    pub(super) remote_access_group: &'static str,
}

const NODE_GROUP: NodeGroupNames = NodeGroupNames {
    launch_template: "launch_template",
    update_config: "update_config",
    disk_size: "disk_size",
    instance_types: "instance_types",
    ami_type: "ami_type",
    remote_access: "remote_access",
    remote_access_group: "resources.remote_access_security_group_id",
};

/// Adds what EKS fills in.
pub(super) fn complete_node_group(
    resource: &TemplateResource,
    names: &NodeGroupNames,
    mapped: &mut MappedResource,
) {
    let Some(group) = mapped.items.last_mut() else { return };
    let values = &resource.values;
    let template = values.get(names.launch_template).filter(|blocks| !is_empty_list(blocks));
    let unset = |name: &str| values.get(name).is_none_or(is_empty_list);
    if unset(names.update_config) {
        // The user guide and the API's description do not say what it is.
        let reason = format!("EKS chooses it; set `{}`", names.update_config);
        let unknown = TemplateValue::unknown(reason, None, None);
        set(group, &["updateConfig"], unknown);
    }
    match template {
        None if unset(names.disk_size) => set(group, &["diskSize"], disk_size(values, names)),
        Some(unknown) if unset(names.disk_size) && unknown.is_unknown() => {
            set(group, &["diskSize"], unknown.clone())
        }
        _ => {}
    }
    if unset(names.instance_types) {
        let types = match template {
            None => default_of(EKS, &json!(["t3.medium"])),
            Some(_) => TemplateValue::unknown("the launch template may say it, else EKS does", None, None),
        };
        set(group, &["instanceTypes"], types);
    }
    match values.get(names.remote_access).filter(|blocks| !is_empty_list(blocks)) {
        None => {}
        Some(unknown) if unknown.is_unknown() => set(group, &["resources"], unknown.clone()),
        Some(_) => {
            let id = computed(resource, names.remote_access_group);
            set(group, &["resources", "remoteAccessSecurityGroup"], id);
        }
    }
}

fn disk_size(values: &TemplateValue, names: &NodeGroupNames) -> TemplateValue {
    // Windows has another size, and must be asked for: EKS chooses Linux.
    let is_linux = match values.get(names.ami_type) {
        None => true,
        Some(ami) => ami.as_str().is_some_and(|ami| !ami.starts_with("WINDOWS") && ami != "CUSTOM"),
    };
    match is_linux {
        true => default_of(EKS, &json!(DISK_SIZE)),
        false => {
            let reason = format!("EKS chooses it by `{}`; set `{}`", names.ami_type, names.disk_size);
            TemplateValue::unknown(reason, None, None)
        }
    }
}

fn is_empty_list(value: &TemplateValue) -> bool {
    matches!(&value.kind, ValueKind::List(items) if items.is_empty())
}

/// An add-on makes the Pod Identity associations that it has.
pub(super) fn addon(resource: &TemplateResource, _: &Template, mapped: &mut MappedResource) {
    complete_addon(resource, &ADDON, mapped);
}

/// What the arguments and attributes of an add-on are called.
pub(super) struct AddonNames {
    pub(super) associations: &'static str,
    pub(super) namespace: &'static str,
    pub(super) cluster: &'static str,
    pub(super) service_account: &'static str,
    pub(super) role: &'static str,
    pub(super) arn: &'static str,
}

const ADDON: AddonNames = AddonNames {
    associations: "pod_identity_association",
    namespace: "namespace_config.namespace",
    cluster: "cluster_name",
    service_account: "service_account",
    role: "role_arn",
    arn: "arn",
};

/// Adds the associations of an add-on.
pub(super) fn complete_addon(resource: &TemplateResource, names: &AddonNames, mapped: &mut MappedResource) {
    let Some(blocks) = resource.values.get(names.associations) else { return };
    let (ValueKind::List(_) | ValueKind::Map(_)) = blocks.kind else {
        set_associations(mapped, blocks.clone());
        return mapped.items.extend(unknown_association(blocks, resource, names));
    };
    let (mut arns, mut associations) = (Vec::new(), Vec::new());
    for (at, block) in blocks.items().iter().enumerate() {
        if !matches!(block.kind, ValueKind::Map(_)) {
            arns.push(block.clone());
            associations.extend(unknown_association(block, resource, names));
            continue;
        }
        let attribute = format!("{}[{at}].association_arn", names.associations);
        let arn = own_symbol(resource, &attribute).at(block.place.clone());
        associations.push(association(&arn, block, resource, names));
        arns.push(arn);
    }
    set_associations(mapped, TemplateValue { kind: ValueKind::List(Arc::new(arns)), ..blocks.clone() });
    mapped.items.extend(associations);
}

fn association(
    arn: &TemplateValue,
    block: &TemplateValue,
    resource: &TemplateResource,
    names: &AddonNames,
) -> MappedItem {
    let unset = |name: &str| TemplateValue::unknown(format!("`{name}` is not set"), None, None);
    let given = |name: &str| block.get(name).cloned().unwrap_or_else(|| unset(name));
    let namespace = find(&resource.values, names.namespace).value().cloned();
    let unknown = || TemplateValue::unknown("the add-on says its namespace", None, None);
    let cluster = argument(resource, names.cluster);
    let fields = [
        ("associationArn", arn.clone()),
        ("clusterName", cluster.clone()),
        ("namespace", namespace.unwrap_or_else(unknown)),
        ("serviceAccount", given(names.service_account)),
        ("roleArn", given(names.role)),
        ("ownerArn", computed(resource, names.arn)),
    ];
    item("podIdentityAssociations", TemplateValue::map(fields, block.place.clone()), Some(cluster), resource)
}

/// Associations that may be there, where the add-on's are not known.
fn unknown_association(
    block: &TemplateValue,
    resource: &TemplateResource,
    names: &AddonNames,
) -> Option<MappedItem> {
    let ValueKind::Unknown(unknown) = &block.kind else { return None };
    let nothing = TemplateValue::map::<Arc<str>>([], None);
    let cluster = argument(resource, names.cluster);
    let item = item("podIdentityAssociations", nothing, Some(cluster), resource);
    Some(MappedItem { certainty: ResourceCertainty::Perhaps(unknown.reason.clone()), ..item })
}

fn set_associations(mapped: &mut MappedResource, associations: TemplateValue) {
    if let Some(addon) = mapped.items.last_mut() {
        set(addon, &["podIdentityAssociations"], associations);
    }
}
