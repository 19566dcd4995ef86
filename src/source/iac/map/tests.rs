use super::super::mapped::MappedResource;
use super::super::testing::{shown, template};
use super::super::value::ValueOrigin;
use super::{map_all, table};
use crate::snapshot::TemplateSource;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn mapped(resources: &Value) -> MappedResource {
    map_all(&template(resources))
}

/// The first item of a section.
fn first(resources: &Value, section: &str) -> Value {
    mapped(resources)
        .items
        .iter()
        .find(|item| item.section == section)
        .map(|item| shown(&item.value))
        .unwrap()
}

fn cluster(values: &Value) -> Value {
    first(&json!({ "aws_eks_cluster.a": values }), "cluster")
}

fn node_group(values: &Value) -> Value {
    first(&json!({ "aws_eks_node_group.a": values }), "nodegroups")
}

#[test]
fn each_function_has_a_row() {
    let by_hand = ["aws_eks_addon", "aws_eks_cluster", "aws_eks_node_group"];
    for kind in by_hand {
        assert!(super::by_hand(kind).is_some() && table::row(kind).is_some(), "{kind}");
    }
    // What functions write is in sections that the row names.
    let mut untold = Vec::new();
    for (kind, row) in [TemplateSource::Terraform].into_iter().flat_map(table::rows) {
        let items = mapped(&json!({ (format!("{kind}.a")): { "pod_identity_association": [{}] } })).items;
        let told: BTreeSet<_> = row.sections().collect();
        let sections = items.iter().map(|item| item.section);
        untold.extend(sections.filter(|section| !told.contains(section)).map(|section| (kind, section)));
    }
    assert_eq!(untold, []);
}

#[test]
fn what_is_not_set_has_the_default_of_whom_it_is() {
    let cluster = cluster(&json!({ "name": "prod", "vpc_config": [{ "subnet_ids": ["subnet-1"] }] }));
    let issuer = "https://${aws_eks_cluster.a.identity[0].oidc[0].issuer}";
    let group = "${aws_eks_cluster.a.vpc_config[0].cluster_security_group_id}";
    let expected = json!({
        "name": "prod",
        "arn": "${aws_eks_cluster.a.arn}",
        "version": "?EKS chooses its default version; set `version`",
        "identity": { "oidc": { "issuer": issuer } },
        "resourcesVpcConfig": {
            "subnetIds": ["subnet-1"], "securityGroupIds": [], "clusterSecurityGroupId": group,
            "vpcId": "${aws_eks_cluster.a.vpc_config[0].vpc_id}",
            "endpointPublicAccess": true, "endpointPrivateAccess": false, "publicAccessCidrs": ["0.0.0.0/0"],
            "controlPlaneEgressMode": "AWS_MANAGED",
        },
        "logging": { "clusterLogging": [] },
        "encryptionConfig": [],
        "accessConfig": { "authenticationMode": "CONFIG_MAP", "bootstrapClusterCreatorAdminPermissions": true },
        "kubernetesNetworkConfig": {
            "ipFamily": "ipv4", "elasticLoadBalancing": { "enabled": false },
            "serviceIpv4Cidr": "?EKS chooses 10.100.0.0/16 or 172.20.0.0/16; set `service_ipv4_cidr`",
        },
        "computeConfig": { "enabled": false },
        "storageConfig": { "blockStorage": { "enabled": false } },
        "remoteNetworkConfig": { "remoteNodeNetworks": [], "remotePodNetworks": [] },
        "upgradePolicy": { "supportType": "EXTENDED" },
        "zonalShiftConfig": { "enabled": false },
        "deletionProtection": false,
        "controlPlaneScalingConfig": { "tier": "standard" },
    });
    assert_eq!(cluster, expected);
}

#[test]
fn what_is_set_is_kept_in_the_form_of_the_api() {
    let cluster = cluster(&json!({
        "name": "prod", "version": 1.33, "role_arn": "${aws_iam_role.a.arn}",
        "enabled_cluster_log_types": ["audit", "?why"],
        "encryption_config": [{ "resources": ["secrets"], "provider": [{ "key_arn": "${aws_kms_key.a.arn}" }] }],
        "vpc_config": [{
            "subnet_ids": ["${aws_subnet.a.id}"], "endpoint_public_access": "false", "public_access_cidrs": [],
            "security_group_ids": "?why"
        }],
        "access_config": [{ "authentication_mode": "API" }],
        "compute_config": [{ "enabled": true, "node_pools": ["system"], "node_role_arn": "arn:role" }],
        "remote_network_config": [{ "remote_node_networks": [{ "cidrs": ["10.0.0.0/8"] }] }],
        "zonal_shift_config": [{}], "tags": { "team": "a" },
    }));
    let at = |pointer: &str| cluster.pointer(pointer).cloned().unwrap_or(Value::Null);
    assert_eq!(at("/version"), "1.33");
    assert_eq!(at("/roleArn"), "${aws_iam_role.a.arn}");
    assert_eq!(at("/logging/clusterLogging"), json!([{ "types": ["audit", "?why"], "enabled": true }]));
    let key = json!([{ "resources": ["secrets"], "provider": { "keyArn": "${aws_kms_key.a.arn}" } }]);
    assert_eq!(at("/encryptionConfig"), key);
    assert_eq!(at("/resourcesVpcConfig/endpointPublicAccess"), false);
    assert_eq!(at("/resourcesVpcConfig/publicAccessCidrs"), json!(["0.0.0.0/0"]));
    assert_eq!(at("/resourcesVpcConfig/securityGroupIds"), "?why");
    let access = json!({ "authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": false });
    assert_eq!(at("/accessConfig"), access);
    assert_eq!(
        at("/computeConfig"),
        json!({ "enabled": true, "nodePools": ["system"], "nodeRoleArn": "arn:role" })
    );
    assert_eq!(at("/remoteNetworkConfig/remoteNodeNetworks"), json!([{ "cidrs": ["10.0.0.0/8"] }]));
    assert_eq!(at("/remoteNetworkConfig/remotePodNetworks"), json!([]));
    assert_eq!(at("/zonalShiftConfig/enabled"), false);
    assert_eq!(at("/tags"), json!({ "team": "a" }));
}

#[test]
fn a_key_that_must_be_there_is_none_if_it_is_not() {
    let cluster =
        cluster(&json!({ "name": "a", "encryption_config": [{ "resources": ["secrets"] }, "?why"] }));
    assert_eq!(
        cluster["encryptionConfig"],
        json!([{ "resources": ["secrets"], "provider": { "keyArn": "" } }, "?why"])
    );
}

#[test]
fn clusters_with_ipv6_are_open_to_all_of_it() {
    let cidrs = |family: Value| {
        let network = json!([{ "ip_family": family }]);
        let cluster = cluster(&json!({ "name": "a", "kubernetes_network_config": network }));
        cluster["resourcesVpcConfig"]["publicAccessCidrs"].clone()
    };
    assert_eq!(cidrs(json!("ipv4")), json!(["0.0.0.0/0"]));
    assert_eq!(cidrs(json!("ipv6")), json!(["0.0.0.0/0", "::/0"]));
    assert_eq!(cidrs(json!("?why")), json!(["0.0.0.0/0", "?the IP family of the cluster is not known"]));
}

/// A block that may not be there is as unknown as what is in it; what has a default is there in any case.
#[test]
fn a_block_that_is_not_known_makes_no_object() {
    let group = node_group(
        &json!({ "remote_access": "?why", "launch_template": "?why", "node_repair_config": "?why" }),
    );
    assert_eq!(group["remoteAccess"], "?why");
    assert_eq!(group["launchTemplate"], "?why");
    assert_eq!(
        group["nodeRepairConfig"],
        json!({ "enabled": "?why" , "maxParallelNodesRepairedCount": "?why",
        "maxParallelNodesRepairedPercentage": "?why", "maxUnhealthyNodeThresholdCount": "?why",
        "maxUnhealthyNodeThresholdPercentage": "?why", "nodeRepairConfigOverrides": "?why" })
    );
    assert_eq!((&group["diskSize"], &group["resources"]), (&json!("?why"), &json!("?why")));
    let cluster = cluster(&json!({ "name": "a", "vpc_config": "?why", "outpost_config": "?why" }));
    assert_eq!(cluster["outpostConfig"], "?why");
    let vpc = &cluster["resourcesVpcConfig"];
    assert_eq!(vpc["endpointPublicAccess"], "?why");
    assert_eq!(vpc["vpcId"], "${aws_eks_cluster.a.vpc_config[0].vpc_id}");
}

#[test]
fn node_groups_without_a_launch_template_have_what_eks_gives_them() {
    let group = node_group(&json!({ "cluster_name": "a", "node_group_name_prefix": "x-" }));
    assert_eq!(group["nodegroupName"], "${aws_eks_node_group.a.node_group_name}");
    assert_eq!((&group["diskSize"], &group["instanceTypes"]), (&json!(20), &json!(["t3.medium"])));
    assert!(group["updateConfig"].as_str().unwrap().starts_with('?'));
    let windows = node_group(&json!({ "ami_type": "WINDOWS_CORE_2022_x86_64" }));
    assert!(windows["diskSize"].as_str().unwrap().starts_with('?'));
    let own = node_group(&json!({ "launch_template": [{ "id": "lt-1", "version": 3 }] }));
    assert_eq!(own["launchTemplate"], json!({ "id": "lt-1", "version": "3" }));
    assert_eq!(own.get("diskSize"), None);
    assert!(own["instanceTypes"].as_str().unwrap().starts_with('?'));
}

#[test]
fn an_addon_has_the_associations_that_it_makes() {
    let addon = json!({ "aws_eks_addon.a": {
        "cluster_name": "a", "addon_name": "vpc-cni",
        "pod_identity_association": [{ "role_arn": "${aws_iam_role.a.arn}", "service_account": "aws-node" }],
    }});
    let arn = "${aws_eks_addon.a.pod_identity_association[0].association_arn}";
    assert_eq!(first(&addon, "addons")["podIdentityAssociations"], json!([arn]));
    let association = first(&addon, "podIdentityAssociations");
    assert_eq!(
        (&association["associationArn"], &association["serviceAccount"]),
        (&json!(arn), &json!("aws-node"))
    );
}

#[test]
fn an_attribute_that_is_another_one_has_its_value() {
    let names = |name: Value| {
        let resources = json!({
            "aws_eks_cluster.a": { "name": name },
            "aws_eks_node_group.a": { "cluster_name": "${aws_eks_cluster.a.id}", "tags": { "of": "x-${aws_eks_cluster.a.id}" } },
        });
        let group = first(&resources, "nodegroups");
        (group["clusterName"].clone(), group["tags"]["of"].clone())
    };
    assert_eq!(names(json!("prod")), (json!("prod"), json!("x-prod")));
    assert_eq!(names(json!("?why=var.n")).0, "?why=var.n");
    let symbol = names(json!("${random_pet.a.id}"));
    assert_eq!(symbol, (json!("${random_pet.a.id}"), json!("x-${random_pet.a.id}")));
}

#[test]
fn tags_of_the_provider_are_under_those_of_the_resource() {
    let tags = |own: Value, all: Value| {
        let mut template = template(&json!({ "aws_eks_addon.a": { "tags": own, "tags_all": all } }));
        template.resources[0].default_tags = Some(super::TemplateValue::map(
            ["team", "env"].map(|name| (name, super::TemplateValue::text("provider", None))),
            None,
        ));
        shown(map_all(&template).items[0].value.get("tags").unwrap())
    };
    assert_eq!(tags(json!({ "env": "own" }), Value::Null), json!({ "env": "own", "team": "provider" }));
    assert_eq!(tags(Value::Null, Value::Null), json!({ "env": "provider", "team": "provider" }));
    assert_eq!(tags(json!("?why"), Value::Null), "?why");
    assert_eq!(tags(json!({}), json!({ "a": "b" })), json!({ "a": "b" }));
    // Which key that is, nobody knows.
    assert_eq!(tags(json!({ "${var.key}": "own" }), Value::Null), "?${var.key} may be any tag");
}

#[test]
fn the_key_of_a_tag_may_have_symbols() {
    let mapped = mapped(
        &json!({ "aws_subnet.a": { "tags": { "kubernetes.io/${var.a}": "1", "${var.b}": "2", "c": "3" } } }),
    );
    let tags = mapped.items[0].value.get("Tags").unwrap();
    let keys: Vec<_> = tags.items().iter().map(|tag| tag.get("Key").unwrap()).collect();
    let texts: Vec<_> = keys.iter().map(|key| key.join_key().unwrap()).collect();
    assert_eq!(texts, ["${var.b}", "c", "kubernetes.io/${var.a}"]);
    assert_eq!(keys.iter().map(|key| key.is_known()).collect::<Vec<_>>(), [false, true, false]);
}

#[test]
fn values_know_where_they_are_written_and_defaults_know_whose_they_are() {
    let template = template(
        &json!({ "aws_eks_cluster.a": { "name": "a", "vpc_config": [{ "subnet_ids": ["subnet-1"] }] } }),
    );
    let mapped = map_all(&template);
    let cluster = &mapped.items[0];
    let block = template.resources[0].values.get("vpc_config").unwrap().items()[0].clone();
    let vpc = cluster.value.get("resourcesVpcConfig").unwrap();
    assert_eq!((&vpc.place, &vpc.origin), (&block.place, &ValueOrigin::Set));
    assert_eq!(vpc.get("subnetIds").unwrap().place, block.get("subnet_ids").unwrap().place);
    let public = vpc.get("endpointPublicAccess").unwrap();
    assert_eq!((&public.place, &public.origin), (&None, &ValueOrigin::DefaultOf("the AWS provider".into())));
    assert_eq!(cluster.value.place.as_ref(), Some(&template.resources[0].place));
}

#[test]
fn what_a_template_looks_up_becomes_nothing() {
    assert!(mapped(&json!({ "data.aws_eks_cluster.a": { "name": "a" } })).items.is_empty());
}
