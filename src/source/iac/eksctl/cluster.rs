//! The cluster, its role, and the log group that eksctl gives a retention.
//!
//! Written after `addResourcesForControlPlane` in `pkg/cfn/builder/cluster.go`, `iam.go`, `auto_mode.go` and `defaults.go` of eksctl.

use super::builder::ResourceBuilder;
use super::kinds::ROLE;
use super::network::ClusterNetwork;
use super::policies::{attached, trust_of_service};
use super::security_groups::ClusterGroups;
use super::values::{chosen, each, find, items, object, pairs, place_near, text, unknown};
use crate::source::iac::{TemplateValue, TextPart, ValueKind};
use crate::text::bounded;
use serde_json::json;
use std::sync::Arc;

/// The types of logs that there are.
pub(super) const LOG_TYPES: [&str; 5] = ["api", "audit", "authenticator", "controllerManager", "scheduler"];
/// What stands for all of them.
pub(super) const ALL_LOGS: [&str; 2] = ["*", "all"];
/// Pools that EKS Auto Mode has.
const NODE_POOLS: [&str; 2] = ["general-purpose", "system"];
/// Policies that the role of a cluster has for Auto Mode.
const AUTO_MODE_POLICIES: [&str; 4] = [
    "AmazonEKSComputePolicy",
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
];
/// Words for the version that stand for what eksctl has built in.
const VERSION_WORDS: [&str; 2] = ["auto", "latest"];

/// Adds the cluster.
pub(super) fn add(builder: &mut ResourceBuilder<'_>, network: &ClusterNetwork, groups: &ClusterGroups) {
    let role = service_role(builder);
    let auto_mode = AutoMode::of(builder);
    let fields = [
        ("Name", builder.find("metadata.name").cloned()),
        ("Version", Some(version(builder))),
        ("RoleArn", Some(role)),
        ("Tags", builder.find("metadata.tags").map(pairs)),
        ("ResourcesVpcConfig", Some(vpc_config(builder, network, groups))),
        ("VpcId", Some(network.vpc.clone())),
        ("Logging", logging(builder)),
        ("EncryptionConfig", Some(encryption(builder))),
        ("AccessConfig", Some(access_config(builder))),
        ("KubernetesNetworkConfig", Some(kubernetes_network(builder, &auto_mode))),
        ("ComputeConfig", auto_mode.compute),
        ("StorageConfig", auto_mode.storage),
        ("RemoteNetworkConfig", remote_networks(builder)),
        ("OutpostConfig", outpost(builder)),
        ("UpgradePolicy", inner(builder, "upgradePolicy", "supportType", "SupportType")),
        ("ZonalShiftConfig", inner(builder, "zonalShiftConfig", "enabled", "Enabled")),
        ("ControlPlaneScalingConfig", inner(builder, "controlPlaneScalingConfig", "tier", "Tier")),
    ];
    let (address, place) = (builder.cluster.clone(), builder.place.clone());
    builder.add(&address, "AWS::EKS::Cluster", &place, fields);
    log_group(builder);
}

/// An object of the document with one key as CloudFormation has it.
fn inner(builder: &ResourceBuilder<'_>, path: &str, key: &str, name: &str) -> Option<TemplateValue> {
    let of = builder.find(path)?;
    if of.is_unknown() {
        return Some(of.clone());
    }
    find(of, key).map(|value| object(of.place.clone(), [(name, Some(value.clone()))]))
}

/// The version of Kubernetes, where the file says one.
fn version(builder: &ResourceBuilder<'_>) -> TemplateValue {
    let place = Some(builder.near("metadata.version"));
    match builder.find("metadata.version") {
        Some(version) if version.is_unknown() => version.clone(),
        Some(version) if !version.as_str().is_some_and(|word| VERSION_WORDS.contains(&word)) => {
            version.clone()
        }
        Some(version) => {
            let word = bounded(version.as_str().unwrap_or_default());
            unknown(
                format!(
                    "which version `{word}` is depends on the release of eksctl that is used; set `metadata.version`"
                ),
                place,
            )
        }
        None => unknown(
            "the version depends on the release of eksctl that is used; set `metadata.version`",
            place,
        ),
    }
}

/// The role of the control plane.
fn service_role(builder: &mut ResourceBuilder<'_>) -> TemplateValue {
    if let Some(given) = builder.find("iam.serviceRoleARN") {
        return given.clone();
    }
    let place = builder.near("iam");
    let on_outpost = builder.find("outpost").is_some();
    let mut names = vec!["AmazonEKSClusterPolicy"];
    let controller = builder.flag("iam.vpcResourceControllerPolicy", true);
    let auto_mode = builder.flag("autoModeConfig.enabled", false);
    if controller == Ok(true) {
        names.push("AmazonEKSVPCResourceController");
    }
    if auto_mode == Ok(true) {
        names.extend(AUTO_MODE_POLICIES);
    }
    let (trust, names) = match on_outpost {
        true => (
            trust_of_service("ec2.amazonaws.com", &["sts:AssumeRole"]),
            vec!["AmazonEKSLocalOutpostClusterPolicy"],
        ),
        false => (trust_of_service("eks.amazonaws.com", &["sts:AssumeRole", "sts:TagSession"]), names),
    };
    let mut policies = attached(builder, &names, &place);
    let unknown = [controller, auto_mode].into_iter().filter_map(Result::err).cloned();
    if let ValueKind::List(items) = &mut policies.kind {
        Arc::make_mut(items).extend(unknown);
    }
    let fields = [
        ("AssumeRolePolicyDocument", Some(chosen(&trust, Some(place.clone())))),
        ("ManagedPolicyArns", Some(policies)),
        ("PermissionsBoundary", builder.find("iam.serviceRolePermissionsBoundary").cloned()),
    ];
    let address = builder.add("iam.serviceRole", ROLE, &place, fields);
    builder.symbol_of(&address, "Arn")
}

/// Endpoints, subnets and groups.
fn vpc_config(
    builder: &ResourceBuilder<'_>,
    network: &ClusterNetwork,
    groups: &ClusterGroups,
) -> TemplateValue {
    let (public, private) = endpoints(builder);
    let cidrs = builder.find("vpc.publicAccessCIDRs").cloned();
    let fields = [
        ("EndpointPublicAccess", Some(public)),
        ("EndpointPrivateAccess", Some(private)),
        ("PublicAccessCidrs", cidrs),
        ("SubnetIds", Some(network.of_control_plane(builder))),
        ("SecurityGroupIds", Some(groups.of_control_plane.clone())),
        ("ControlPlaneEgressMode", builder.find("vpc.controlPlaneEgressMode").cloned()),
    ];
    object(Some(builder.near("vpc.clusterEndpoints")), fields)
}

/// Whether the endpoints are on. Those of a private cluster cannot be chosen.
fn endpoints(builder: &ResourceBuilder<'_>) -> (TemplateValue, TemplateValue) {
    let place = Some(builder.near("privateCluster.enabled"));
    match builder.flag("privateCluster.enabled", false) {
        Ok(true) => (chosen(&json!(false), place.clone()), chosen(&json!(true), place)),
        Ok(false) => (
            builder.or_chosen("vpc.clusterEndpoints.publicAccess", &json!(true)),
            builder.or_chosen("vpc.clusterEndpoints.privateAccess", &json!(false)),
        ),
        Err(unknown) => (unknown.clone(), unknown.clone()),
    }
}

/// The types of logs that are on, if any is.
fn logging(builder: &ResourceBuilder<'_>) -> Option<TemplateValue> {
    let path = "cloudWatch.clusterLogging.enableTypes";
    builder.find(path)?;
    let place = Some(builder.near(path));
    let kind = |kind: &TemplateValue| object(kind.place.clone(), [("Type", Some(kind.clone()))]);
    let (types, other) = items(builder.config, path);
    let is_all = |kind: &TemplateValue| kind.as_str().is_some_and(|kind| ALL_LOGS.contains(&kind));
    let types = match (other, types.iter().find(|one| is_all(one))) {
        (Some(unknown), _) => unknown.clone(),
        (None, Some(all)) => {
            let types = LOG_TYPES.iter().map(|name| kind(&TemplateValue::text(*name, all.place.clone())));
            TemplateValue::list(types.collect(), place.clone())
        }
        (None, None) => TemplateValue::list(types.iter().map(kind).collect(), place.clone()),
    };
    let logs = object(place.clone(), [("EnabledTypes", Some(types))]);
    Some(object(place, [("ClusterLogging", Some(logs))]))
}

fn encryption(builder: &ResourceBuilder<'_>) -> TemplateValue {
    let place = Some(builder.near("secretsEncryption"));
    match builder.find("secretsEncryption.keyARN") {
        None => chosen(&json!([]), place),
        Some(unknown) if unknown.is_unknown() => unknown.clone(),
        Some(key) => {
            let provider = object(place.clone(), [("KeyArn", Some(key.clone()))]);
            let resources = chosen(&json!(["secrets"]), place.clone());
            let one = object(place.clone(), [("Resources", Some(resources)), ("Provider", Some(provider))]);
            TemplateValue::list(vec![one], place)
        }
    }
}

fn access_config(builder: &ResourceBuilder<'_>) -> TemplateValue {
    let is_old_outpost =
        builder.find("outpost").is_some() && builder.find("outpost.etcdInstanceType").is_none();
    let mode = if is_old_outpost { "CONFIG_MAP" } else { "API_AND_CONFIG_MAP" };
    let creator = "accessConfig.bootstrapClusterCreatorAdminPermissions";
    let fields = [
        ("AuthenticationMode", Some(builder.or_chosen("accessConfig.authenticationMode", &json!(mode)))),
        ("BootstrapClusterCreatorAdminPermissions", Some(builder.or_chosen(creator, &json!(true)))),
    ];
    object(Some(builder.near("accessConfig")), fields)
}

fn kubernetes_network(builder: &ResourceBuilder<'_>, auto_mode: &AutoMode) -> TemplateValue {
    let family = builder.find("kubernetesNetworkConfig.ipFamily").map(|family| match family.as_str() {
        Some(text) => TemplateValue::text(text.to_lowercase(), family.place.clone()),
        None => family.clone(),
    });
    let path = "kubernetesNetworkConfig.serviceIPv4CIDR";
    let words = "EKS chooses 10.100.0.0/16 or 172.20.0.0/16; set `kubernetesNetworkConfig.serviceIPv4CIDR`";
    let services = builder.find(path).cloned();
    let services = services.unwrap_or_else(|| unknown(words, Some(builder.near(path))));
    let fields = [
        (
            "IpFamily",
            Some(family.unwrap_or_else(|| builder.chosen("kubernetesNetworkConfig", &json!("ipv4")))),
        ),
        ("ServiceIpv4Cidr", Some(services)),
        ("ElasticLoadBalancing", auto_mode.load_balancing.clone()),
    ];
    object(Some(builder.near("kubernetesNetworkConfig")), fields)
}

/// What EKS Auto Mode makes of a cluster.
#[derive(Default)]
struct AutoMode {
    compute: Option<TemplateValue>,
    storage: Option<TemplateValue>,
    load_balancing: Option<TemplateValue>,
}

impl AutoMode {
    fn of(builder: &mut ResourceBuilder<'_>) -> Self {
        let path = "autoModeConfig.enabled";
        let on = match builder.flag(path, false) {
            Ok(true) => builder.find(path).cloned(),
            Ok(false) => return Self::default(),
            Err(unknown) => Some(unknown.clone()),
        };
        let place = Some(builder.near("autoModeConfig"));
        let enabled = || object(place.clone(), [("Enabled", on.clone())]);
        let pools = match builder.find("autoModeConfig").and_then(|config| config.get("nodePools")) {
            None => Some(builder.chosen("autoModeConfig", &json!(NODE_POOLS))),
            Some(given) => Some(given.clone()),
        };
        let has_pools = pools.as_ref().is_some_and(|pools| !pools.items().is_empty());
        let role = match builder.find("autoModeConfig.nodeRoleARN") {
            Some(given) => Some(given.clone()),
            None => has_pools.then(|| node_role(builder)),
        };
        Self {
            compute: Some(object(
                place.clone(),
                [("Enabled", on.clone()), ("NodePools", pools), ("NodeRoleArn", role)],
            )),
            storage: Some(object(place.clone(), [("BlockStorage", Some(enabled()))])),
            load_balancing: Some(enabled()),
        }
    }
}

/// The role of nodes that EKS Auto Mode starts: `roles/auto-mode-node-role.yaml`.
fn node_role(builder: &mut ResourceBuilder<'_>) -> TemplateValue {
    let place = builder.near("autoModeConfig");
    let names = ["AmazonEC2ContainerRegistryPullOnly", "AmazonEKSWorkerNodeMinimalPolicy"];
    let mut policies = attached(builder, &names, &place);
    let is_aws = builder.partition() == TextPart::Literal("aws".into());
    if is_aws && let ValueKind::List(items) = &mut policies.kind {
        let name = "AmazonElasticContainerRegistryPublicReadOnly";
        let public = builder.policy_of_aws(name, Some(place.clone()));
        Arc::make_mut(items).push(public);
    }
    let trust = trust_of_service("ec2.amazonaws.com", &["sts:AssumeRole"]);
    let fields = [
        ("AssumeRolePolicyDocument", Some(chosen(&trust, Some(place.clone())))),
        ("ManagedPolicyArns", Some(policies)),
        ("PermissionsBoundary", builder.find("autoModeConfig.permissionsBoundaryARN").cloned()),
    ];
    let address = builder.add("autoModeConfig.nodeRole", ROLE, &place, fields);
    builder.symbol_of(&address, "Arn")
}

fn remote_networks(builder: &ResourceBuilder<'_>) -> Option<TemplateValue> {
    let config = builder.find("remoteNetworkConfig")?;
    if config.is_unknown() {
        return Some(config.clone());
    }
    let networks = |path: &str| {
        find(config, path).map(|list| {
            each(list, |one| match one.kind {
                ValueKind::Map(_) => object(one.place.clone(), [("Cidrs", find(one, "cidrs").cloned())]),
                _ => one.clone(),
            })
        })
    };
    let fields = [
        ("RemoteNodeNetworks", networks("remoteNodeNetworks")),
        ("RemotePodNetworks", networks("remotePodNetworks")),
    ];
    Some(object(config.place.clone(), fields))
}

fn outpost(builder: &ResourceBuilder<'_>) -> Option<TemplateValue> {
    let outpost = builder.find("outpost")?;
    if outpost.is_unknown() {
        return Some(outpost.clone());
    }
    let arn = find(outpost, "controlPlaneOutpostARN");
    let arns = arn.map(|arn| TemplateValue::list(vec![arn.clone()], arn.place.clone()));
    let group = find(outpost, "controlPlanePlacement.groupName").cloned();
    let place = place_near(outpost, "controlPlanePlacement");
    let fields = [
        ("OutpostArns", arns),
        ("ControlPlaneInstanceType", find(outpost, "controlPlaneInstanceType").cloned()),
        ("ControlPlanePlacement", group.map(|group| object(place, [("GroupName", Some(group))]))),
    ];
    Some(object(outpost.place.clone(), fields))
}

/// EKS makes the log group; eksctl says how long it keeps what is in it.
fn log_group(builder: &mut ResourceBuilder<'_>) {
    let path = "cloudWatch.clusterLogging.logRetentionInDays";
    let (Some(days), Some(name)) = (builder.find(path).cloned(), text(builder.config, "metadata.name"))
    else {
        return;
    };
    let place = builder.near(path);
    let name = TemplateValue::text(format!("/aws/eks/{name}/cluster"), Some(place.clone()));
    let fields = [("LogGroupName", Some(name)), ("RetentionInDays", Some(days))];
    builder.add("cloudWatch.clusterLogging.logGroup", "AWS::Logs::LogGroup", &place, fields);
}
