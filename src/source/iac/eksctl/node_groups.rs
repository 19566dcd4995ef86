//! Node groups: managed ones, and those that eksctl manages itself.
//!
//! Written after `pkg/cfn/builder/managed_nodegroup.go`, `nodegroup.go`, `iam_helper.go` and `pkg/apis/eksctl.io/v1alpha5/defaults.go`,
//! `validation.go` and `amitype.go` of eksctl.

use super::builder::{ResourceBuilder, item_address, safe};
use super::images::ami_type;
use super::kinds::{EGRESS, ENTRY, GROUP, INGRESS, ROLE};
use super::launch_templates::{self, LaunchTemplateMore, attached_groups, interfaces, ssh_group, ssh_rules};
use super::network::{ClusterNetwork, ClusterSubnet};
use super::node_group::NodeGroup;
use super::policies::{OF_NODES, RoleMore, RolePolicies, ec2_service, trust_of_service};
use super::security_groups::ClusterGroups;
use super::values::{chosen, each, find, flag, number, object, text, unknown, written};
use crate::source::iac::cloudformation::REF;
use crate::source::iac::{FieldMap, TemplateValue, ValueKind};
use serde_json::{Value, json};
use std::sync::Arc;

/// The type of instances.
const INSTANCE_TYPE: &str = "m5.large";
/// How many nodes there are.
const NODES: i64 = 2;
/// A managed node group.
const MANAGED: &str = "AWS::EKS::Nodegroup";
/// What is not known where a list of node groups is not.
const KINDS: [&str; 5] =
    [MANAGED, "AWS::EC2::LaunchTemplate", "AWS::AutoScaling::AutoScalingGroup", GROUP, ROLE];

/// Adds all node groups.
pub(super) fn add(builder: &mut ResourceBuilder<'_>, network: &ClusterNetwork, groups: &ClusterGroups) {
    for (list, is_managed) in [("managedNodeGroups", true), ("nodeGroups", false)] {
        let items = builder.list(list, &KINDS);
        for (position, item) in items.iter().enumerate() {
            if item.is_unknown() {
                continue;
            }
            let place = find(item, "name").unwrap_or(item).place.clone();
            let group = NodeGroup {
                item,
                address: item_address(list, item, "name", position),
                name: safe(text(item, "name").unwrap_or_default()),
                place: place.unwrap_or_else(|| builder.place.clone()),
                is_managed,
            };
            match is_managed {
                true => managed(builder, &group, network),
                false => self_managed(builder, &group, network, groups),
            }
        }
    }
}

fn managed(builder: &mut ResourceBuilder<'_>, group: &NodeGroup<'_>, network: &ClusterNetwork) {
    let item = group.item;
    let role = role(builder, group);
    let own = find(item, "launchTemplate").cloned();
    let (launch_template, image_type, types) = match &own {
        Some(template) if template.is_unknown() => (template.clone(), template.clone(), template.clone()),
        Some(template) => {
            let fields =
                [("Id", find(template, "id").cloned()), ("Version", find(template, "version").cloned())];
            let words = "the launch template may say it";
            let place = template.place.clone();
            let types = find(item, "instanceTypes").cloned();
            (
                object(place.clone(), fields),
                unknown(words, place.clone()),
                types.unwrap_or_else(|| unknown(words, place)),
            )
        }
        None => {
            let (of_nodes, interfaces) = managed_groups(builder, group, network);
            let more = LaunchTemplateMore { groups: of_nodes, interfaces, ..LaunchTemplateMore::default() };
            let id = launch_templates::add(builder, group, more);
            let types = instance_types(group);
            // A new template has one version, and EKS takes its default one.
            let fields = [("Id", Some(id)), ("Version", written("1", &group.place))];
            (object(Some(group.place.clone()), fields), ami_type(group, &types), types)
        }
    };
    let scaling = scaling(group);
    let (labels, tags) = (labels(builder, group), tags(builder, group));
    let update = find(item, "updateConfig").map(|config| match config.is_unknown() {
        true => config.clone(),
        false => object(
            config.place.clone(),
            [
                ("MaxUnavailable", find(config, "maxUnavailable").cloned()),
                ("MaxUnavailablePercentage", find(config, "maxUnavailablePercentage").cloned()),
            ],
        ),
    });
    let repair = find(item, "nodeRepairConfig").map(|config| match config.is_unknown() {
        true => config.clone(),
        false => object(config.place.clone(), [("Enabled", find(config, "enabled").cloned())]),
    });
    let chosen_by_eks =
        |key: &str| unknown(format!("EKS chooses it; set `{key}`"), Some(group.place.clone()));
    let release = find(item, "releaseVersion").cloned();
    let fields = [
        ("ClusterName", Some(builder.cluster_name())),
        ("NodegroupName", find(item, "name").cloned()),
        ("NodeRole", Some(role)),
        ("Subnets", Some(subnets(group, network))),
        ("ScalingConfig", Some(scaling)),
        ("AmiType", Some(image_type)),
        ("CapacityType", capacity_type(group)),
        ("InstanceTypes", Some(types)),
        ("Labels", Some(labels)),
        ("Taints", find(item, "taints").map(|taints| each(taints, taint))),
        ("UpdateConfig", Some(update.unwrap_or_else(|| chosen_by_eks("updateConfig")))),
        ("NodeRepairConfig", repair),
        ("ReleaseVersion", Some(release.unwrap_or_else(|| chosen_by_eks("releaseVersion")))),
        ("LaunchTemplate", Some(launch_template)),
        ("Tags", Some(tags)),
    ];
    builder.add(&group.address, MANAGED, &group.place, fields);
}

/// The security groups of managed nodes: with EFA, of their interfaces.
fn managed_groups(
    builder: &mut ResourceBuilder<'_>,
    group: &NodeGroup<'_>,
    network: &ClusterNetwork,
) -> (Option<TemplateValue>, Option<TemplateValue>) {
    let cluster = builder.cluster.clone();
    let mut all = vec![builder.symbol_of(&cluster, "ClusterSecurityGroupId")];
    all.extend(attached_groups(group.item));
    all.extend(ssh_group(builder, group, network));
    let at = Some(group.place.clone());
    match flag(group.item, "efaEnabled", false) {
        Ok(false) => (Some(TemplateValue::list(all, at)), None),
        efa => {
            let reason = "eksctl makes a security group for EFA";
            builder.missing(&[GROUP], &format!("{}.efaEnabled", group.address), reason, &group.place);
            all.push(unknown(reason, at.clone()));
            match efa {
                Ok(_) => (None, Some(interfaces(group, all))),
                Err(unknown) => (Some(unknown.clone()), Some(unknown.clone())),
            }
        }
    }
}

/// Nodes that eksctl starts itself: an Auto Scaling group of which no template says the instances.
fn self_managed(
    builder: &mut ResourceBuilder<'_>,
    group: &NodeGroup<'_>,
    network: &ClusterNetwork,
    groups: &ClusterGroups,
) {
    let profile = instance_profile(builder, group);
    let of_nodes = own_groups(builder, group, network, groups);
    let types = match find(group.item, "instancesDistribution.instanceTypes") {
        Some(types) => types.items().first().cloned().unwrap_or_else(|| types.clone()),
        None => match find(group.item, "instanceType") {
            Some(kind) => kind.clone(),
            None => chosen(&json!(INSTANCE_TYPE), Some(group.place.clone())),
        },
    };
    let profile = object(Some(group.place.clone()), [("Arn", Some(profile))]);
    node(builder, group, network, (&types, &profile, &of_nodes));
    let more = LaunchTemplateMore {
        instance_type: Some(types),
        profile: Some(profile),
        groups: None,
        interfaces: Some(interfaces(group, of_nodes)),
    };
    launch_templates::add(builder, group, more);
    builder.add(&group.address, "AWS::AutoScaling::AutoScalingGroup", &group.place, []);
}

/// One node for all that the Auto Scaling group starts: they are made alike, and what is wrong with one is wrong with all.
fn node(
    builder: &mut ResourceBuilder<'_>,
    group: &NodeGroup<'_>,
    network: &ClusterNetwork,
    (types, profile, groups): (&TemplateValue, &TemplateValue, &[TemplateValue]),
) {
    let place = &group.place;
    let at = Some(place.clone());
    let mut subnet = subnets(group, network);
    if let Some(first) = subnet.items().first().cloned() {
        subnet = first;
    }
    let interface = [
        ("DeviceIndex", number(0, place)),
        ("GroupSet", Some(TemplateValue::list(groups.to_vec(), at.clone()))),
        ("SubnetId", Some(subnet)),
    ];
    let interfaces = TemplateValue::list(vec![object(at.clone(), interface)], at.clone());
    let mut metadata = launch_templates::metadata(group);
    if let ValueKind::Map(fields) = &mut metadata.kind {
        Arc::make_mut(fields).insert("HttpEndpoint".into(), chosen(&json!("enabled"), at.clone()));
    }
    let name = builder.cluster_name();
    let tags = name.as_str().map(|name| {
        chosen(&json!([{"Key": format!("kubernetes.io/cluster/{name}"), "Value": "owned"}]), at.clone())
    });
    let fields = [
        ("ImageId", Some(unknown("eksctl chooses the image", at))),
        ("InstanceType", Some(types.clone())),
        ("KeyName", launch_templates::key_name(group.item)),
        ("IamInstanceProfile", Some(profile.clone())),
        ("NetworkInterfaces", Some(interfaces)),
        ("MetadataOptions", Some(metadata)),
        ("Tags", tags),
    ];
    builder.add(&format!("{}.node", group.address), "AWS::EC2::Instance", place, fields);
}

/// The security groups of nodes that eksctl starts itself, with one of their own.
fn own_groups(
    builder: &mut ResourceBuilder<'_>,
    group: &NodeGroup<'_>,
    network: &ClusterNetwork,
    groups: &ClusterGroups,
) -> Vec<TemplateValue> {
    let (item, place) = (group.item, &group.place);
    let mut all = attached_groups(item);
    match flag(item, "securityGroups.withShared", true) {
        Ok(true) => all.push(groups.shared.clone()),
        Ok(false) => {}
        Err(unknown) => all.push(unknown.clone()),
    }
    let is_local = flag(item, "securityGroups.withLocal", true);
    if let Err(TemplateValue { kind: ValueKind::Unknown(unknown), .. }) = is_local {
        let address = format!("{}.securityGroups", group.address);
        builder.missing(&[GROUP, INGRESS, EGRESS], &address, &unknown.reason, place);
        all.extend(is_local.err().cloned());
    }
    if is_local != Ok(true) {
        return all;
    }
    let ports = |from: u32, to: u32| [("FromPort", number(from, place)), ("ToPort", number(to, place))];
    let control_plane = || ("SourceSecurityGroupId", Some(groups.control_plane.clone()));
    let inner = |from: u32, to: u32| {
        let [first, last] = ports(from, to);
        object(Some(place.clone()), [control_plane(), ("IpProtocol", written("tcp", place)), first, last])
    };
    let mut rules = vec![inner(1025, 65535), inner(443, 443)];
    rules.extend(ssh_rules(group, network));
    let name = builder.cluster_name();
    let tag = name.as_str().map(|name| {
        chosen(
            &json!([{"Key": format!("kubernetes.io/cluster/{name}"), "Value": "owned"}]),
            Some(place.clone()),
        )
    });
    let fields = [
        ("GroupDescription", written("Communication between the control plane and worker nodes", place)),
        ("VpcId", Some(network.vpc.clone())),
        ("Tags", tag),
        ("SecurityGroupIngress", Some(TemplateValue::list(rules, Some(place.clone())))),
    ];
    let address = format!("{}.securityGroup", group.address);
    let own = builder.add(&address, GROUP, place, fields);
    let own = builder.symbol_of(&own, REF);
    let between = |peer: &'static str, from: u32, to: u32| {
        let [first, last] = ports(from, to);
        [
            ("GroupId", Some(groups.control_plane.clone())),
            (peer, Some(own.clone())),
            ("IpProtocol", written("tcp", place)),
            first,
            last,
        ]
    };
    let to_nodes = between("DestinationSecurityGroupId", 1025, 65535);
    builder.add(&format!("{address}.fromControlPlane"), EGRESS, place, to_nodes);
    let to_apis = between("DestinationSecurityGroupId", 443, 443);
    builder.add(&format!("{address}.fromControlPlaneToApis"), EGRESS, place, to_apis);
    builder.add(
        &format!("{address}.toControlPlane"),
        INGRESS,
        place,
        between("SourceSecurityGroupId", 443, 443),
    );
    if flag(item, "efaEnabled", false) != Ok(false) {
        let reason = "eksctl makes a security group for EFA";
        builder.missing(&[GROUP], &format!("{}.efaEnabled", group.address), reason, place);
        all.push(unknown(reason, Some(place.clone())));
    }
    all.push(own);
    all
}

/// The role of nodes: the one that the file names, or one of eksctl.
fn role(builder: &mut ResourceBuilder<'_>, group: &NodeGroup<'_>) -> TemplateValue {
    let item = group.item;
    if let Some(given) = find(item, "iam.instanceRoleARN") {
        return given.clone();
    }
    let place = find(item, "iam").and_then(|iam| iam.place.clone()).unwrap_or_else(|| group.place.clone());
    let mut policies = RolePolicies::new();
    policies.add_named(item, "iam.attachPolicyARNs");
    if find(item, "iam.attachPolicyARNs").is_none() {
        policies.add_of_aws(builder, "AmazonEKSWorkerNodePolicy", &place);
        match builder.flag("iam.withOIDC", false) {
            Ok(false) => policies.add_of_aws(builder, "AmazonEKS_CNI_Policy", &place),
            Ok(true) => {}
            Err(unknown) => policies.managed.push(unknown.clone()),
        }
        policies.add_of_aws(builder, "AmazonSSMManagedInstanceCore", &place);
    }
    let has_images = flag(item, "iam.withAddonPolicies.imageBuilder", false) == Ok(true);
    if find(item, "iam.attachPolicyARNs").is_none() || !group.is_managed && !has_images {
        policies.add_of_aws(builder, "AmazonEC2ContainerRegistryPullOnly", &place);
    }
    policies.add_known(builder, item, "iam.withAddonPolicies", &OF_NODES);
    policies.add_document(item, "iam.attachPolicy", &chosen(&json!("Policy1"), Some(place.clone())));
    let trust = trust_of_service(ec2_service(builder), &["sts:AssumeRole"]);
    let more = RoleMore {
        name: find(item, "iam.instanceRoleName").cloned(),
        trust: chosen(&trust, Some(place.clone())),
        boundary: find(item, "iam.instanceRolePermissionsBoundary").cloned(),
    };
    policies.role(builder, &format!("{}.iam", group.address), &place, more)
}

/// The instance profile of nodes that eksctl starts itself, and their access to the cluster.
fn instance_profile(builder: &mut ResourceBuilder<'_>, group: &NodeGroup<'_>) -> TemplateValue {
    let item = group.item;
    if let Some(given) = find(item, "iam.instanceProfileARN") {
        if find(item, "iam.instanceRoleARN").is_none() {
            let reason = "eksctl finds the role of the instance profile";
            builder.missing(&[ENTRY], &format!("{}.iam", group.address), reason, &group.place);
        }
        return given.clone();
    }
    let role = role(builder, group);
    let place = group.place.clone();
    access_entry(builder, group, &role);
    let name = match (&role.kind, role.as_str()) {
        (ValueKind::Symbol(symbol), _) if let Some(address) = &symbol.resource => {
            builder.symbol_of(address, REF)
        }
        (_, Some(arn)) => TemplateValue::text(arn.rsplit('/').next().unwrap_or(arn), role.place.clone()),
        _ => role.clone(),
    };
    let fields = [
        ("Path", written("/", &place)),
        ("Roles", Some(TemplateValue::list(vec![name], Some(place.clone())))),
    ];
    let address = format!("{}.instanceProfile", group.address);
    let address = builder.add(&address, "AWS::IAM::InstanceProfile", &place, fields);
    builder.symbol_of(&address, "Arn")
}

/// The access entry of nodes, where the cluster has such entries.
fn access_entry(builder: &mut ResourceBuilder<'_>, group: &NodeGroup<'_>, role: &TemplateValue) {
    if text(builder.config, "accessConfig.authenticationMode") == Some("CONFIG_MAP") {
        return;
    }
    let is_windows = |family: &str| family.to_ascii_lowercase().starts_with("windows");
    let kind = match find(group.item, "amiFamily") {
        Some(unknown) if unknown.is_unknown() => Some(unknown.clone()),
        Some(family) if family.as_str().is_some_and(is_windows) => written("EC2_WINDOWS", &group.place),
        _ => written("EC2_LINUX", &group.place),
    };
    let place = group.place.clone();
    let username = unknown("EKS makes the user name", Some(place.clone()));
    let fields = [
        ("PrincipalArn", Some(role.clone())),
        ("ClusterName", Some(builder.cluster_name())),
        ("Type", kind),
        ("Username", Some(username)),
    ];
    builder.add(&format!("{}.accessEntry", group.address), ENTRY, &place, fields);
}

/// The subnets of nodes: all of the cluster's that are public, or private with `privateNetworking`, unless it says which.
fn subnets(group: &NodeGroup<'_>, network: &ClusterNetwork) -> TemplateValue {
    let item = group.item;
    let place = Some(group.place.clone());
    let of_cluster = match flag(item, "privateNetworking", false) {
        Ok(true) => &network.private,
        Ok(false) => &network.public,
        Err(unknown) => return unknown.clone(),
    };
    let place = find(item, "privateNetworking").and_then(|value| value.place.clone()).or(place);
    let named = ["subnets", "availabilityZones"].map(|key| find(item, key));
    let chosen: Vec<&TemplateValue> = named.into_iter().flatten().collect();
    if let Some(unknown) = chosen.iter().find(|value| value.is_unknown()) {
        return (*unknown).clone();
    }
    if chosen.is_empty() {
        if let Some(unknown) = &network.unknown {
            return unknown.clone();
        }
        let ids = of_cluster.iter().filter(|subnet| !subnet.is_local).map(|subnet| subnet.id.clone());
        return TemplateValue::list(ids.collect(), place);
    }
    let list = chosen.first().and_then(|value| value.place.clone());
    let ids = chosen.iter().flat_map(|value| value.items()).map(|name| subnet_id(name, of_cluster, network));
    TemplateValue::list(ids.collect(), list)
}

/// The subnet that a name, a zone or an id means.
fn subnet_id(name: &TemplateValue, of_cluster: &[ClusterSubnet], network: &ClusterNetwork) -> TemplateValue {
    let Some(text) = name.as_str() else { return name.clone() };
    if text.starts_with("subnet-") {
        return name.clone();
    }
    let is_it =
        |subnet: &&ClusterSubnet| [&subnet.name, &subnet.zone].iter().any(|own| own.as_deref() == Some(text));
    let others = network.private.iter().chain(&network.public);
    let found = of_cluster.iter().find(is_it).or_else(|| { others }.find(is_it));
    found.map_or_else(
        || unknown(format!("which subnet {} is, is not in the file", safe(text)), name.place.clone()),
        |subnet| subnet.id.clone().at(name.place.clone()),
    )
}

/// How many nodes there are.
fn scaling(group: &NodeGroup<'_>) -> TemplateValue {
    let of = |key: &str| find(group.item, key).cloned();
    let (least, most, wanted) = (of("minSize"), of("maxSize"), of("desiredCapacity"));
    let own = |number: i64| chosen(&json!(number), Some(group.place.clone()));
    let is_none =
        |value: &TemplateValue| matches!(&value.kind, ValueKind::Number(one) if one.as_i64() == Some(0));
    let least = least.or_else(|| wanted.clone()).unwrap_or_else(|| own(NODES));
    let most = most.unwrap_or_else(|| {
        let most = wanted.clone().unwrap_or_else(|| least.clone());
        if is_none(&most) { own(1) } else { most }
    });
    let wanted = wanted.unwrap_or_else(|| least.clone());
    let fields = [("MinSize", Some(least)), ("MaxSize", Some(most)), ("DesiredSize", Some(wanted))];
    object(Some(group.place.clone()), fields)
}

fn capacity_type(group: &NodeGroup<'_>) -> Option<TemplateValue> {
    let market = find(group.item, "instanceMarketOptions.marketType");
    if let Some(unknown) = market.filter(|market| market.is_unknown()) {
        return Some(unknown.clone());
    }
    if market.is_some_and(|market| market.as_str() == Some("capacity-block")) {
        return Some(chosen(&json!("CAPACITY_BLOCK"), market.and_then(|market| market.place.clone())));
    }
    match flag(group.item, "spot", false) {
        Ok(false) => None,
        Ok(true) => {
            let place = find(group.item, "spot").and_then(|spot| spot.place.clone());
            Some(chosen(&json!("SPOT"), place))
        }
        Err(unknown) => Some(unknown.clone()),
    }
}

fn instance_types(group: &NodeGroup<'_>) -> TemplateValue {
    let item = group.item;
    if let Some(types) = find(item, "instanceTypes") {
        return types.clone();
    }
    match (find(item, "instanceType"), find(item, "instanceSelector")) {
        (Some(kind), _) if kind.is_unknown() => kind.clone(),
        (Some(kind), _) => TemplateValue::list(vec![kind.clone()], kind.place.clone()),
        (None, Some(selector)) => {
            unknown("eksctl chooses the types by `instanceSelector`", selector.place.clone())
        }
        (None, None) => chosen(&json!([INSTANCE_TYPE]), Some(group.place.clone())),
    }
}

fn taint(taint: &TemplateValue) -> TemplateValue {
    if taint.is_unknown() {
        return taint.clone();
    }
    let effect = find(taint, "effect").map(|effect| match effect.as_str() {
        Some("NoSchedule") => TemplateValue::text("NO_SCHEDULE", effect.place.clone()),
        Some("PreferNoSchedule") => TemplateValue::text("PREFER_NO_SCHEDULE", effect.place.clone()),
        Some("NoExecute") => TemplateValue::text("NO_EXECUTE", effect.place.clone()),
        _ => effect.clone(),
    });
    let fields =
        [("Key", find(taint, "key").cloned()), ("Value", find(taint, "value").cloned()), ("Effect", effect)];
    object(taint.place.clone(), fields)
}

/// The labels of the file, and those of eksctl.
fn labels(builder: &ResourceBuilder<'_>, group: &NodeGroup<'_>) -> TemplateValue {
    let own = [
        ("alpha.eksctl.io/cluster-name", text(builder.config, "metadata.name").map(|name| json!(name))),
        ("alpha.eksctl.io/nodegroup-name", Some(json!(group.name))),
    ];
    with_own(find(group.item, "labels"), own, group)
}

/// The tags of the file, those of the cluster, and those of eksctl.
fn tags(builder: &ResourceBuilder<'_>, group: &NodeGroup<'_>) -> TemplateValue {
    let own = [
        ("alpha.eksctl.io/nodegroup-name", Some(json!(group.name))),
        ("alpha.eksctl.io/nodegroup-type", Some(json!("managed"))),
    ];
    let of_group = with_own(find(group.item, "tags"), own, group);
    match (&of_group.kind, builder.find("metadata.tags").map(|tags| (&tags.kind, tags))) {
        (ValueKind::Map(own), Some((ValueKind::Map(shared), _))) => {
            let mut all: FieldMap<TemplateValue> = (**own).clone();
            for (name, value) in shared.iter().filter(|(name, _)| !own.contains_key(name)) {
                all.insert(Arc::clone(name), value.clone());
            }
            TemplateValue { kind: ValueKind::Map(Arc::new(all)), ..of_group }
        }
        (ValueKind::Map(_), Some((ValueKind::Unknown(_), unknown))) => unknown.clone(),
        _ => of_group,
    }
}

/// An object with what eksctl adds to it.
fn with_own<const N: usize>(
    given: Option<&TemplateValue>,
    own: [(&str, Option<Value>); N],
    group: &NodeGroup<'_>,
) -> TemplateValue {
    let place = Some(group.place.clone());
    let mut all = match given.map(|given| (&given.kind, given)) {
        None => FieldMap::new(),
        Some((ValueKind::Map(fields), _)) => (**fields).clone(),
        Some((_, other)) => return other.clone(),
    };
    for (name, value) in own.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        all.insert(name.into(), chosen(&value, place.clone()));
    }
    let at = given.and_then(|given| given.place.clone()).or(place);
    TemplateValue::new(ValueKind::Map(Arc::new(all)), at)
}
