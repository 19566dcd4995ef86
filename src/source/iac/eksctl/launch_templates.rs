//! The launch template that eksctl writes for a node group, and the security group for SSH.
//!
//! Written after `pkg/cfn/builder/managed_launch_template.go`, `nodegroup.go`, `block_device_mapping.go` and `defaults.go` of eksctl.

use super::builder::ResourceBuilder;
use super::kinds::GROUP;
use super::network::ClusterNetwork;
use super::node_group::NodeGroup;
use super::values::{chosen, find, flag, number, object, or_chosen, pairs, text, unknown, written};
use crate::source::iac::cloudformation::REF;
use crate::source::iac::{Place, TemplateValue, ValueKind};
use serde_json::{Value, json};
use std::sync::Arc;

/// The size of volumes in GiB, and their type.
const VOLUME_SIZE: i64 = 80;
const VOLUME_TYPE: &str = "gp3";
const VOLUME_TYPE_OF_OUTPOSTS: &str = "gp2";
/// Devices of volumes.
const ROOT_OF_LINUX: &str = "/dev/xvda";
const ROOT_OF_WINDOWS: &str = "/dev/sda1";
const DATA_OF_BOTTLEROCKET: &str = "/dev/xvdb";
/// Keys of a node group that say something of its volume.
const VOLUME_KEYS: [&str; 5] =
    ["volumeEncrypted", "volumeKmsKeyID", "volumeSize", "volumeType", "volumeName"];

/// Adds a launch template with what a node group says; gives its id.
pub(super) fn add(
    builder: &mut ResourceBuilder<'_>,
    group: &NodeGroup<'_>,
    more: LaunchTemplateMore,
) -> TemplateValue {
    let (item, place) = (group.item, &group.place);
    let data = object(
        Some(place.clone()),
        [
            ("ImageId", image(group)),
            ("InstanceType", more.instance_type),
            ("KeyName", key_name(item)),
            ("IamInstanceProfile", more.profile),
            ("SecurityGroupIds", more.groups),
            ("NetworkInterfaces", more.interfaces),
            ("MetadataOptions", Some(metadata(group))),
            ("BlockDeviceMappings", Some(volumes(builder, group))),
            ("UserData", Some(unknown("eksctl writes the user data", Some(place.clone())))),
            ("EbsOptimized", find(item, "ebsOptimized").cloned()),
            ("Monitoring", monitoring(item)),
            ("TagSpecifications", tags(builder, group)),
        ],
    );
    let name = builder.stack_name(&format!("nodegroup-{}", group.name), Some(place.clone()));
    let address = format!("{}.launchTemplate", group.address);
    let fields = [("LaunchTemplateName", Some(name)), ("LaunchTemplateData", Some(data))];
    let address = builder.add(&address, "AWS::EC2::LaunchTemplate", place, fields);
    builder.symbol_of(&address, REF)
}

/// What managed and other node groups have otherwise.
#[derive(Default)]
pub(super) struct LaunchTemplateMore {
    pub(super) instance_type: Option<TemplateValue>,
    pub(super) profile: Option<TemplateValue>,
    pub(super) groups: Option<TemplateValue>,
    pub(super) interfaces: Option<TemplateValue>,
}

/// The image that the file names; of managed nodes, EKS has one else.
fn image(group: &NodeGroup<'_>) -> Option<TemplateValue> {
    match find(group.item, "ami") {
        Some(image) if image.as_str().is_some_and(|id| id.starts_with("ami-")) => Some(image.clone()),
        Some(image) => Some(unknown("eksctl looks the image up", image.place.clone())),
        None if group.is_managed => None,
        None => Some(unknown("eksctl chooses the image", Some(group.place.clone()))),
    }
}

/// The key for SSH: one that has only a path or a text gets a name of eksctl.
pub(super) fn key_name(item: &TemplateValue) -> Option<TemplateValue> {
    match (find(item, "ssh.publicKeyName"), is_ssh_on(item)) {
        (Some(name), _) => Some(name.clone()),
        (None, Ok(false)) => None,
        (None, Ok(true)) => {
            let place = find(item, "ssh").and_then(|ssh| ssh.place.clone());
            Some(unknown("eksctl gives the key a name", place))
        }
        (None, Err(unknown)) => Some(unknown.clone()),
    }
}

/// Whether nodes take SSH: any key turns it on, unless it is turned off.
pub(super) fn is_ssh_on(item: &TemplateValue) -> Result<bool, &TemplateValue> {
    const KEYS: [&str; 3] = ["ssh.publicKeyName", "ssh.publicKeyPath", "ssh.publicKey"];
    let keys = || KEYS.iter().filter_map(|key| find(item, key));
    match (find(item, "ssh.allow"), keys().find(|key| key.is_unknown())) {
        (None, Some(unknown)) => Err(unknown),
        _ => flag(item, "ssh.allow", keys().next().is_some()),
    }
}

/// What the metadata service of nodes asks for.
pub(super) fn metadata(group: &NodeGroup<'_>) -> TemplateValue {
    let (without_v1, without_pods) =
        (flag(group.item, "disableIMDSv1", true), flag(group.item, "disablePodIMDS", false));
    let near = |key: &str| {
        let own = find(group.item, key).and_then(|value| value.place.clone());
        Some(own.unwrap_or_else(|| group.place.clone()))
    };
    let tokens = match (without_v1, without_pods) {
        (Ok(true), _) => chosen(&json!("required"), near("disableIMDSv1")),
        (_, Ok(true)) => chosen(&json!("required"), near("disablePodIMDS")),
        (Ok(false), Ok(false)) => chosen(&json!("optional"), near("disableIMDSv1")),
        (Err(unknown), _) | (_, Err(unknown)) => unknown.clone(),
    };
    let hops = match without_pods {
        Ok(true) => chosen(&json!(1), near("disablePodIMDS")),
        Ok(false) => chosen(&json!(2), near("disablePodIMDS")),
        Err(unknown) => unknown.clone(),
    };
    let fields = [("HttpTokens", Some(tokens)), ("HttpPutResponseHopLimit", Some(hops))];
    object(Some(group.place.clone()), fields)
}

/// The volume of a node, and those that the file adds.
fn volumes(builder: &ResourceBuilder<'_>, group: &NodeGroup<'_>) -> TemplateValue {
    let item = group.item;
    if let Some(unknown) = find(item, "amiFamily").filter(|family| family.is_unknown()) {
        return unknown.clone();
    }
    let family = text(item, "amiFamily").unwrap_or_default().to_ascii_lowercase();
    let is_bottlerocket = family.starts_with("bottlerocket");
    let own_name = find(item, "volumeName");
    let device = match own_name {
        None if is_bottlerocket => DATA_OF_BOTTLEROCKET,
        None if family.starts_with("windows") => ROOT_OF_WINDOWS,
        _ => ROOT_OF_LINUX,
    };
    let on_outposts = builder.find("outpost").is_some() || find(item, "outpostARN").is_some();
    let kind = if on_outposts { VOLUME_TYPE_OF_OUTPOSTS } else { VOLUME_TYPE };
    let place = VOLUME_KEYS.iter().find_map(|key| find(item, key)?.place.clone());
    let place = place.unwrap_or_else(|| group.place.clone());
    let mut all = Vec::new();
    all.extend(volume(item, own_name.cloned().or_else(|| written(device, &place)), kind, &place));
    let more = find(item, "additionalVolumes").map(|list| match &list.kind {
        ValueKind::List(volumes) => {
            let of = |one: &TemplateValue| match one.is_unknown() {
                true => Some(one.clone()),
                false => {
                    let place = one.place.clone().unwrap_or_else(|| place.clone());
                    volume(one, find(one, "volumeName").cloned(), kind, &place)
                }
            };
            volumes.iter().filter_map(of).collect()
        }
        _ => vec![list.clone()],
    });
    all.extend(more.unwrap_or_default());
    // The volume of the system of Bottlerocket is mapped only to be encrypted.
    if is_bottlerocket && own_name.is_none() {
        match flag(item, "volumeEncrypted", false) {
            Ok(true) => {
                let ebs = object(
                    Some(place.clone()),
                    [
                        ("Encrypted", find(item, "volumeEncrypted").cloned()),
                        ("KmsKeyId", find(item, "volumeKmsKeyID").cloned()),
                        ("VolumeType", Some(or_chosen(item, "volumeType", &json!(kind)))),
                    ],
                );
                let fields = [("DeviceName", written(ROOT_OF_LINUX, &place)), ("Ebs", Some(ebs))];
                all.push(object(Some(place.clone()), fields));
            }
            Ok(false) => {}
            Err(unknown) => all.push(unknown.clone()),
        }
    }
    TemplateValue::list(all, Some(place))
}

/// A volume; none for one of no size, or without a device.
fn volume(
    of: &TemplateValue,
    device: Option<TemplateValue>,
    kind: &str,
    place: &Place,
) -> Option<TemplateValue> {
    let at = Some(place.clone());
    let size = find(of, "volumeSize").cloned().unwrap_or_else(|| chosen(&json!(VOLUME_SIZE), at.clone()));
    let is_none = matches!(&size.kind, ValueKind::Number(size) if size.as_i64() == Some(0));
    let kind = find(of, "volumeType").cloned().unwrap_or_else(|| chosen(&json!(kind), at.clone()));
    let ebs = object(
        at.clone(),
        [
            ("VolumeSize", Some(size)),
            ("VolumeType", Some(kind)),
            ("Encrypted", find(of, "volumeEncrypted").cloned()),
            ("KmsKeyId", find(of, "volumeKmsKeyID").cloned()),
            ("Iops", find(of, "volumeIOPS").cloned()),
            ("Throughput", find(of, "volumeThroughput").cloned()),
            ("SnapshotId", find(of, "snapshotID").cloned()),
        ],
    );
    let device = device.filter(|_| !is_none)?;
    Some(object(at, [("DeviceName", Some(device)), ("Ebs", Some(ebs))]))
}

fn monitoring(item: &TemplateValue) -> Option<TemplateValue> {
    let on = find(item, "enableDetailedMonitoring")?;
    Some(object(on.place.clone(), [("Enabled", Some(on.clone()))]))
}

/// The tags of what is started.
fn tags(builder: &ResourceBuilder<'_>, group: &NodeGroup<'_>) -> Option<TemplateValue> {
    let own = match (find(group.item, "tags"), builder.find("metadata.tags")) {
        (Some(tags), _) | (None, Some(tags)) => pairs(tags),
        (None, None) => return None,
    };
    let of = |kind: &str| {
        object(
            own.place.clone(),
            [("ResourceType", written(kind, &group.place)), ("Tags", Some(own.clone()))],
        )
    };
    Some(TemplateValue::list(["instance", "volume", "network-interface"].map(of).to_vec(), own.place.clone()))
}

/// The rules for SSH of a group of nodes.
pub(super) fn ssh_rules(group: &NodeGroup<'_>, network: &ClusterNetwork) -> Vec<TemplateValue> {
    let item = group.item;
    match is_ssh_on(item) {
        Ok(true) => {}
        Ok(false) => return Vec::new(),
        Err(unknown) => return vec![unknown.clone()],
    }
    let ssh = find(item, "ssh").and_then(|ssh| ssh.place.clone()).unwrap_or_else(|| group.place.clone());
    let rule = |field: &str, peer: TemplateValue| {
        let fields = [
            (field, Some(peer)),
            ("IpProtocol", written("tcp", &ssh)),
            ("FromPort", number(22, &ssh)),
            ("ToPort", number(22, &ssh)),
        ];
        object(Some(ssh.clone()), fields)
    };
    let all = |value: Value| chosen(&value, Some(ssh.clone()));
    match find(item, "ssh.sourceSecurityGroupIds") {
        Some(TemplateValue { kind: ValueKind::List(groups), .. }) => {
            groups.iter().map(|group| rule("SourceSecurityGroupId", group.clone())).collect()
        }
        Some(unknown) => vec![unknown.clone()],
        None => match flag(item, "privateNetworking", false) {
            Ok(true) => vec![rule("CidrIp", network.cidr.clone())],
            Ok(false) => vec![rule("CidrIp", all(json!("0.0.0.0/0"))), rule("CidrIpv6", all(json!("::/0")))],
            Err(unknown) => vec![unknown.clone()],
        },
    }
}

/// The security group of a managed node group for SSH, if it has one.
pub(super) fn ssh_group(
    builder: &mut ResourceBuilder<'_>,
    group: &NodeGroup<'_>,
    network: &ClusterNetwork,
) -> Option<TemplateValue> {
    let rules = ssh_rules(group, network);
    let first = rules.first()?;
    let place = find(group.item, "ssh").and_then(|ssh| ssh.place.clone());
    let place = place.unwrap_or_else(|| group.place.clone());
    let address: Arc<str> = format!("{}.ssh", group.address).into();
    if let Err(TemplateValue { kind: ValueKind::Unknown(unknown), .. }) = is_ssh_on(group.item) {
        let reason = unknown.reason.clone();
        builder.missing(&[GROUP], &address, &reason, &place);
        return Some(first.clone());
    }
    let name = builder.stack_name(&format!("nodegroup-{}-remoteAccess", group.name), Some(place.clone()));
    let fields = [
        ("GroupName", Some(name)),
        ("GroupDescription", written("Allow SSH access", &place)),
        ("VpcId", Some(network.vpc.clone())),
        ("SecurityGroupIngress", Some(TemplateValue::list(rules, Some(place.clone())))),
    ];
    let address = builder.add(&address, GROUP, &place, fields);
    Some(builder.symbol_of(&address, REF))
}

/// Groups that a file adds to those of nodes.
pub(super) fn attached_groups(item: &TemplateValue) -> Vec<TemplateValue> {
    match find(item, "securityGroups.attachIDs") {
        None => Vec::new(),
        Some(TemplateValue { kind: ValueKind::List(groups), .. }) => groups.to_vec(),
        Some(unknown) => vec![unknown.clone()],
    }
}

/// The network interface of nodes with these groups: EFA has more of them.
pub(super) fn interfaces(group: &NodeGroup<'_>, groups: Vec<TemplateValue>) -> TemplateValue {
    let at = Some(group.place.clone());
    let list = TemplateValue::list(groups, at.clone());
    let fields = [("DeviceIndex", number(0, &group.place)), ("Groups", Some(list))];
    let interface = object(at.clone(), fields);
    TemplateValue::list(vec![interface], at)
}
