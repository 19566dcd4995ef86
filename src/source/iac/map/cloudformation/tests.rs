use super::super::super::cloudformation::{StackInputs, read_stack};
use super::super::super::draft::Draft;
use super::super::super::join::drafts;
use super::super::super::mapped::MappedResource;
use super::super::super::table;
use super::super::super::testing::{items, more, shown};
use super::super::map_all;
use crate::snapshot::TemplateSource;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A template of resources in JSON, each with its type and its properties.
fn text(resources: &Value) -> String {
    let resources = resources.as_object().expect("an object").iter().map(|(id, resource)| {
        let (kind, properties) = (&resource[0], &resource[1]);
        (id.clone(), json!({ "Type": kind, "Properties": properties }))
    });
    json!({ "Resources": resources.collect::<serde_json::Map<_, _>>() }).to_string()
}

fn mapped(resources: &Value) -> MappedResource {
    map_all(&read_stack("stack.json", text(resources).into(), &StackInputs::default(), None))
}

fn drafted(resources: &Value) -> Vec<Draft> {
    drafts(&read_stack("stack.json", text(resources).into(), &StackInputs::default(), None))
}

/// The items of a section, as they are mapped.
fn section(resources: &Value, section: &str) -> Vec<Value> {
    let mapped = mapped(resources);
    mapped.items.iter().filter(|item| item.section == section).map(|item| shown(&item.value)).collect()
}

#[test]
fn each_function_has_a_row_and_writes_where_that_says() {
    let mut untold = Vec::new();
    for (kind, row) in table::rows(TemplateSource::CloudFormation) {
        let items =
            mapped(&json!({ "X": [kind, { "PodIdentityAssociations": [{}], "Roles": ["r"] }] })).items;
        let told: BTreeSet<_> = row.sections().collect();
        let sections = items.iter().map(|item| item.section);
        untold.extend(sections.filter(|section| !told.contains(section)).map(|section| (kind, section)));
    }
    assert_eq!(untold, []);
}

#[test]
fn what_is_not_set_has_the_default_of_whom_it_is() {
    let cluster = &section(
        &json!({ "C": ["AWS::EKS::Cluster", { "Name": "prod", "ResourcesVpcConfig": { "SubnetIds": ["subnet-1"] } }] }),
        "cluster",
    )[0];
    let expected = json!({
        "name": "prod",
        "arn": "${C.Arn}",
        "version": "?EKS chooses its default version; set `Version`",
        "identity": { "oidc": { "issuer": "https://${C.OpenIdConnectIssuerUrl}" } },
        "resourcesVpcConfig": {
            "subnetIds": ["subnet-1"], "securityGroupIds": [], "clusterSecurityGroupId": "${C.ClusterSecurityGroupId}",
            "vpcId": "${C.VpcId}", "endpointPublicAccess": true, "endpointPrivateAccess": false,
            "publicAccessCidrs": ["0.0.0.0/0"], "controlPlaneEgressMode": "AWS_MANAGED",
        },
        "logging": { "clusterLogging": [] },
        "encryptionConfig": [],
        "accessConfig": { "authenticationMode": "CONFIG_MAP", "bootstrapClusterCreatorAdminPermissions": true },
        "kubernetesNetworkConfig": {
            "ipFamily": "ipv4", "elasticLoadBalancing": { "enabled": false },
            "serviceIpv4Cidr": "?EKS chooses 10.100.0.0/16 or 172.20.0.0/16; set `ServiceIpv4Cidr`",
        },
        "computeConfig": { "enabled": false },
        "storageConfig": { "blockStorage": { "enabled": false } },
        "remoteNetworkConfig": { "remoteNodeNetworks": [], "remotePodNetworks": [] },
        "upgradePolicy": { "supportType": "EXTENDED" },
        "zonalShiftConfig": { "enabled": false },
        "deletionProtection": false,
        "controlPlaneScalingConfig": { "tier": "standard" },
    });
    assert_eq!(*cluster, expected);
}

#[test]
fn what_is_set_is_kept_in_the_form_of_the_api() {
    let cluster = &section(
        &json!({ "C": ["AWS::EKS::Cluster", {
            "Version": 1.33,
            "ResourcesVpcConfig": { "EndpointPublicAccess": "false", "PublicAccessCidrs": [] },
            "Logging": { "ClusterLogging": { "EnabledTypes": [{ "Type": "api" }, { "Type": "audit" }] } },
            "EncryptionConfig": [{ "Resources": ["secrets"], "Provider": { "KeyArn": { "Fn::GetAtt": "K.Arn" } } }],
            "Tags": [{ "Key": "team", "Value": "a" }],
        }], "K": ["AWS::KMS::Key", {}] }),
        "cluster",
    )[0];
    assert_eq!(cluster["name"], "${C.Name}");
    assert_eq!(cluster["version"], "1.33");
    assert_eq!(cluster["resourcesVpcConfig"]["endpointPublicAccess"], false);
    let cidrs = cluster["resourcesVpcConfig"]["publicAccessCidrs"].as_str().expect("unknown");
    assert!(cidrs.starts_with("?the list of `PublicAccessCidrs` is empty"), "{cidrs}");
    assert_eq!(cluster["logging"]["clusterLogging"], json!([{ "types": ["api", "audit"], "enabled": true }]));
    assert_eq!(
        cluster["encryptionConfig"],
        json!([{ "resources": ["secrets"], "provider": { "keyArn": "${K.Arn}" } }])
    );
    assert_eq!(cluster["tags"], json!({ "team": "a" }));
    let group = &section(
        &json!({ "N": ["AWS::EKS::Nodegroup", { "ClusterName": "prod", "Labels": { "a": "b" }, "Tags": { "c": "d" } }] }),
        "nodegroups",
    )[0];
    assert_eq!((&group["labels"], &group["tags"]), (&json!({ "a": "b" }), &json!({ "c": "d" })));
    let profile = &section(
        &json!({ "F": ["AWS::EKS::FargateProfile", {
            "ClusterName": "prod", "Selectors": [{ "Namespace": "a", "Labels": [{ "Key": "k", "Value": "v" }] }],
        }] }),
        "fargateProfiles",
    )[0];
    assert_eq!(profile["selectors"], json!([{ "namespace": "a", "labels": { "k": "v" } }]));
    let entry = &section(
        &json!({ "A": ["AWS::EKS::AccessEntry", {
            "ClusterName": "prod", "PrincipalArn": "arn:aws:iam::111122223333:role/a",
            "AccessPolicies": [{ "PolicyArn": "p", "AccessScope": { "Type": "cluster" } }],
        }] }),
        "accessEntries",
    )[0];
    assert_eq!(
        entry["associatedAccessPolicies"],
        json!([{ "policyArn": "p", "accessScope": { "type": "cluster", "namespaces": [] } }])
    );
}

#[test]
fn a_cluster_of_the_cdk_is_what_it_asks_the_api_for() {
    let resources = json!({
        "C": ["Custom::AWSCDK-EKS-Cluster", { "Config": {
            "version": "1.33", "resourcesVpcConfig": { "subnetIds": ["subnet-1"], "endpointPrivateAccess": true },
            "logging": { "clusterLogging": [{ "enabled": true, "types": ["audit"] }] },
        } }],
        "N": ["AWS::EKS::Nodegroup", { "ClusterName": { "Ref": "C" }, "NodeRole": "arn:aws:iam::111122223333:role/n", "Subnets": [] }],
    });
    let drafts = drafted(&resources);
    assert_eq!(drafts.len(), 1);
    let cluster = &items(&drafts[0], "cluster")[0];
    assert_eq!(cluster["version"], "1.33");
    assert_eq!(cluster["resourcesVpcConfig"]["endpointPrivateAccess"], true);
    assert_eq!(cluster["logging"]["clusterLogging"], json!([{ "enabled": true, "types": ["audit"] }]));
    assert_eq!(items(&drafts[0], "nodegroups").as_array().map(Vec::len), Some(1));
}

#[test]
fn a_group_without_rules_for_going_out_lets_everything_out() {
    let group = |properties: Value| {
        section(&json!({ "G": ["AWS::EC2::SecurityGroup", properties] }), "securityGroups")
    };
    let open = &group(json!({}))[0]["IpPermissionsEgress"][0];
    assert_eq!(
        (&open["IpRanges"][0]["CidrIp"], &open["Ipv6Ranges"][0]["CidrIpv6"]),
        (&json!("0.0.0.0/0"), &json!("::/0"))
    );
    assert_eq!(group(json!({ "SecurityGroupEgress": [] }))[0]["IpPermissionsEgress"], json!([]));
    let other = json!({
        "G": ["AWS::EC2::SecurityGroup", {}],
        "E": ["AWS::EC2::SecurityGroupEgress", { "GroupId": { "Fn::GetAtt": "G.GroupId" }, "IpProtocol": "-1", "CidrIp": "10.0.0.0/8" }],
    });
    let drafts = drafted(&other);
    let egress = items(&drafts[0], "securityGroups")[0]["IpPermissionsEgress"].clone();
    assert_eq!(egress[0]["IpRanges"][0]["CidrIp"], "10.0.0.0/8");
    assert_eq!(egress[1], "?E may take the place of the rule that lets everything out");
}

#[test]
fn rules_are_permissions_of_the_api() {
    let rules = json!([
        { "IpProtocol": "tcp", "FromPort": "22", "ToPort": 22, "CidrIp": "0.0.0.0/0", "Description": "ssh" },
        { "IpProtocol": -1, "FromPort": 0, "ToPort": 0, "SourceSecurityGroupId": "sg-1", "SourceSecurityGroupOwnerId": "111122223333" },
        { "IpProtocol": "6", "SourcePrefixListId": "pl-1", "CidrIpv6": "::/0" },
    ]);
    let group = &section(
        &json!({ "G": ["AWS::EC2::SecurityGroup", { "SecurityGroupIngress": rules }] }),
        "securityGroups",
    )[0];
    assert_eq!(
        group["IpPermissions"],
        json!([
            { "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{ "CidrIp": "0.0.0.0/0", "Description": "ssh" }],
              "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [] },
            { "IpProtocol": "-1", "IpRanges": [], "Ipv6Ranges": [], "PrefixListIds": [],
              "UserIdGroupPairs": [{ "GroupId": "sg-1", "UserId": "111122223333" }] },
            { "IpProtocol": "tcp", "IpRanges": [], "Ipv6Ranges": [{ "CidrIpv6": "::/0" }],
              "PrefixListIds": [{ "PrefixListId": "pl-1" }], "UserIdGroupPairs": [] },
        ])
    );
}

#[test]
fn what_names_a_cluster_is_its_own() {
    let resources = json!({
        "C": ["AWS::EKS::Cluster", { "Name": "prod", "RoleArn": { "Fn::GetAtt": "R.Arn" },
            "ResourcesVpcConfig": { "SubnetIds": [{ "Ref": "S" }], "SecurityGroupIds": [{ "Fn::GetAtt": "G.GroupId" }] } }],
        "N": ["AWS::EKS::Nodegroup", { "ClusterName": { "Ref": "C" }, "NodeRole": { "Fn::GetAtt": "R.Arn" }, "Subnets": [{ "Ref": "S" }] }],
        "A": ["AWS::EKS::Addon", { "ClusterName": "prod", "AddonName": "vpc-cni" }],
        "O": ["AWS::EKS::Addon", { "ClusterName": "other", "AddonName": "coredns" }],
        "V": ["AWS::EC2::VPC", { "CidrBlock": "10.0.0.0/16" }],
        "S": ["AWS::EC2::Subnet", { "VpcId": { "Ref": "V" }, "CidrBlock": "10.0.0.0/24" }],
        "G": ["AWS::EC2::SecurityGroup", { "VpcId": { "Fn::GetAtt": "V.VpcId" } }],
        "I": ["AWS::EC2::SecurityGroupIngress", { "GroupId": { "Ref": "G" }, "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8" }],
        "T": ["AWS::EC2::RouteTable", { "VpcId": { "Ref": "V" } }],
        "D": ["AWS::EC2::Route", { "RouteTableId": { "Ref": "T" }, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": { "Ref": "W" } }],
        "B": ["AWS::EC2::SubnetRouteTableAssociation", { "RouteTableId": { "Ref": "T" }, "SubnetId": { "Ref": "S" } }],
        "W": ["AWS::EC2::InternetGateway", {}],
        "X": ["AWS::EC2::VPCGatewayAttachment", { "VpcId": { "Ref": "V" }, "InternetGatewayId": { "Ref": "W" } }],
        "R": ["AWS::IAM::Role", { "AssumeRolePolicyDocument": { "Statement": [] }, "ManagedPolicyArns": [{ "Ref": "M" }],
            "Policies": [{ "PolicyName": "p", "PolicyDocument": { "Statement": [] } }] }],
        "M": ["AWS::IAM::ManagedPolicy", { "PolicyDocument": { "Statement": [] } }],
        "P": ["AWS::IAM::Policy", { "PolicyName": "q", "PolicyDocument": { "Statement": [] }, "Roles": [{ "Ref": "R" }] }],
    });
    let drafts = drafted(&resources);
    let draft = drafts.iter().find(|draft| draft.address.as_deref() == Some("C")).expect("the cluster");
    assert_eq!(items(draft, "nodegroups").as_array().map(Vec::len), Some(1));
    assert_eq!(items(draft, "addons")[0]["addonName"], "vpc-cni");
    assert_eq!(items(draft, "cluster")[0]["resourcesVpcConfig"]["vpcId"], "${V}");
    let groups = items(draft, "securityGroups");
    let own = groups.as_array().expect("a list").iter().find(|group| group["GroupId"] == "${G}").expect("G");
    assert_eq!(own["IpPermissions"][0]["FromPort"], 443);
    let tables = items(draft, "routeTables");
    let table =
        tables.as_array().expect("a list").iter().find(|table| table["RouteTableId"] == "${T}").expect("T");
    assert_eq!(table["Associations"][0]["SubnetId"], "${S}");
    assert!(table["Routes"].as_array().expect("routes").iter().any(|route| route["GatewayId"] == "${W}"));
    assert_eq!(items(draft, "internetGateways")[0]["Attachments"][0]["VpcId"], "${V}");
    let role = &items(draft, "roles")[0];
    assert_eq!(role["AttachedPolicies"][0]["PolicyArn"], "${M}");
    assert_eq!(role["InlinePolicies"].as_array().map(Vec::len), Some(2));
    assert_eq!((more(draft, "roles"), more(draft, "subnets")), (String::new(), String::new()));
    assert!(items(draft, "policies").as_array().is_some_and(|policies| policies.len() == 1));
}

#[test]
fn a_launch_template_has_one_version_and_no_user_data() {
    let resources = json!({
        "L": ["AWS::EC2::LaunchTemplate", { "LaunchTemplateData": {
            "UserData": { "Fn::Base64": "#!/bin/bash\n/etc/eks/bootstrap.sh prod\n" },
            "MetadataOptions": { "HttpTokens": "required" },
            "BlockDeviceMappings": [{ "DeviceName": "/dev/xvda", "Ebs": { "Encrypted": "true", "VolumeSize": "20" } }],
        } }],
        "N": ["AWS::EKS::Nodegroup", { "ClusterName": "prod", "LaunchTemplate": { "Id": { "Ref": "L" }, "Version": { "Fn::GetAtt": "L.LatestVersionNumber" } } }],
    });
    let version = &section(&resources, "launchTemplateVersions")[0];
    let data = &version["LaunchTemplateData"];
    assert_eq!(data["MetadataOptions"]["HttpTokens"], "required");
    assert!(data["MetadataOptions"]["HttpPutResponseHopLimit"].as_str().expect("unknown").starts_with('?'));
    assert_eq!(data["BlockDeviceMappings"][0]["Ebs"], json!({ "Encrypted": true, "VolumeSize": 20 }));
    assert!(data.get("UserData").is_none() && data["UserDataDigest"].is_string(), "{data}");
    assert_eq!(
        section(&resources, "nodegroups")[0]["launchTemplate"],
        json!({ "id": "${L}", "version": "1" })
    );
}
