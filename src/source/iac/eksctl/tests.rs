//! What configurations become: whole documents in, snapshots out.

use super::read_configs;
use crate::source::composed::ComposedCluster;
use crate::source::iac::{TemplateCluster, drafts};
use serde_json::{Value, json};
use std::sync::Arc;

/// How documents begin.
const HEAD: &str =
    "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: prod, region: eu-west-1}\n";

/// The snapshots of the clusters of a text, and what is wrong with it.
fn read(text: &str) -> (Vec<Value>, Vec<String>) {
    let (mut snapshots, mut problems) = (Vec::new(), Vec::new());
    for template in read_configs("cluster.yaml", &text.into()) {
        problems.extend(template.problems.iter().map(ToString::to_string));
        let template = Arc::new(template);
        for draft in drafts(&template) {
            let cluster = TemplateCluster::new(Arc::clone(&template), draft);
            snapshots.push(serde_json::from_str(cluster.text()).expect("a snapshot"));
        }
    }
    (snapshots, problems)
}

/// The snapshot of the only cluster of a text, with which nothing is wrong.
fn snapshot(rest: &str) -> Value {
    let (mut snapshots, problems) = read(&format!("{HEAD}{rest}"));
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(snapshots.len(), 1, "{rest}");
    snapshots.remove(0)
}

/// Why what is at a pointer is not known.
fn reason(snapshot: &Value, at: &str) -> String {
    let all = snapshot["notCollected"].as_array().expect("a list");
    let found = all.iter().find(|one| one["at"] == at);
    found.map_or_else(|| panic!("{at} is known"), |one| one["reason"].as_str().unwrap_or_default().to_owned())
}

fn at<'v>(snapshot: &'v Value, pointer: &str) -> &'v Value {
    snapshot.pointer(pointer).unwrap_or(&Value::Null)
}

#[test]
fn a_cluster_of_which_nothing_is_said_is_what_eksctl_makes() {
    let found = snapshot("");
    for (pointer, want) in [
        ("/source", json!("eksctl")),
        ("/region", json!("eu-west-1")),
        ("/address", json!("eu-west-1/prod")),
        ("/cluster/name", json!("prod")),
        ("/cluster/version", Value::Null),
        ("/cluster/resourcesVpcConfig/endpointPublicAccess", json!(true)),
        ("/cluster/resourcesVpcConfig/endpointPrivateAccess", json!(false)),
        ("/cluster/resourcesVpcConfig/publicAccessCidrs", json!(["0.0.0.0/0"])),
        ("/cluster/logging/clusterLogging", json!([])),
        ("/cluster/encryptionConfig", json!([])),
        ("/cluster/accessConfig/authenticationMode", json!("API_AND_CONFIG_MAP")),
        ("/cluster/accessConfig/bootstrapClusterCreatorAdminPermissions", json!(true)),
        ("/cluster/upgradePolicy/supportType", json!("EXTENDED")),
        ("/cluster/deletionProtection", json!(false)),
        ("/cluster/computeConfig/enabled", json!(false)),
        ("/cluster/kubernetesNetworkConfig/ipFamily", json!("ipv4")),
        ("/vpc/CidrBlock", json!("192.168.0.0/16")),
        ("/vpc/EnableDnsHostnames", json!(true)),
        ("/nodegroups", json!([])),
        ("/fargateProfiles", json!([])),
        ("/openIDConnectProviders", json!([])),
    ] {
        assert_eq!(at(&found, pointer), &want, "{pointer}");
    }
    assert!(reason(&found, "/cluster/version").contains("depends on the release of eksctl"));
    let names = |section: &str, key: &str| -> Vec<Value> {
        found[section].as_array().expect("a list").iter().map(|item| item[key].clone()).collect()
    };
    assert_eq!(names("addons", "addonName"), ["vpc-cni", "coredns", "kube-proxy", "metrics-server"]);
    let subnets = found["subnets"].as_array().expect("subnets");
    let public: Vec<_> = subnets.iter().filter(|subnet| subnet["MapPublicIpOnLaunch"] == true).collect();
    assert_eq!((subnets.len(), public.len()), (6, 3));
    assert_eq!(found["natGateways"].as_array().map(Vec::len), Some(1));
    assert_eq!(found["cluster"]["resourcesVpcConfig"]["subnetIds"].as_array().map(Vec::len), Some(6));
}

#[test]
fn what_a_file_says_of_the_cluster_is_in_the_snapshot() {
    let found = snapshot(
        "vpc: {clusterEndpoints: {privateAccess: true}, publicAccessCIDRs: [192.0.2.0/24]}
cloudWatch: {clusterLogging: {enableTypes: ['*'], logRetentionInDays: 30}}
secretsEncryption: {keyARN: 'arn:aws:kms:eu-west-1:111122223333:key/1'}
accessConfig:
  authenticationMode: API
  bootstrapClusterCreatorAdminPermissions: false
  accessEntries:
    - principalARN: arn:aws:iam::111122223333:role/admins
      kubernetesGroups: [a]
      accessPolicies:
        - {policyARN: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy', accessScope: {type: namespace, namespaces: [b]}}
upgradePolicy: {supportType: STANDARD}
zonalShiftConfig: {enabled: yes}
controlPlaneScalingConfig: {tier: tier-xl}
kubernetesNetworkConfig: {ipFamily: IPv4, serviceIPv4CIDR: 10.96.0.0/16}
identityProviders: [{type: oidc, name: sso, issuerURL: 'https://x', clientID: y, requiredClaims: {a: b}}]
",
    );
    let kinds = ["api", "audit", "authenticator", "controllerManager", "scheduler"];
    for (pointer, want) in [
        ("/cluster/resourcesVpcConfig/endpointPublicAccess", json!(true)),
        ("/cluster/resourcesVpcConfig/endpointPrivateAccess", json!(true)),
        ("/cluster/resourcesVpcConfig/publicAccessCidrs", json!(["192.0.2.0/24"])),
        ("/cluster/logging/clusterLogging", json!([{"enabled": true, "types": kinds}])),
        ("/cluster/encryptionConfig/0/provider/keyArn", json!("arn:aws:kms:eu-west-1:111122223333:key/1")),
        ("/cluster/encryptionConfig/0/resources", json!(["secrets"])),
        ("/cluster/accessConfig/authenticationMode", json!("API")),
        ("/cluster/accessConfig/bootstrapClusterCreatorAdminPermissions", json!(false)),
        ("/cluster/upgradePolicy/supportType", json!("STANDARD")),
        ("/cluster/zonalShiftConfig/enabled", json!(true)),
        ("/cluster/controlPlaneScalingConfig/tier", json!("tier-xl")),
        ("/cluster/kubernetesNetworkConfig/serviceIpv4Cidr", json!("10.96.0.0/16")),
        ("/accessEntries/0/principalArn", json!("arn:aws:iam::111122223333:role/admins")),
        (
            "/accessEntries/0/associatedAccessPolicies/0/accessScope",
            json!({"namespaces": ["b"], "type": "namespace"}),
        ),
        ("/identityProviderConfigs/0/oidc/requiredClaims", json!({"a": "b"})),
        ("/logGroups/0/logGroupName", json!("/aws/eks/prod/cluster")),
        ("/logGroups/0/retentionInDays", json!(30)),
    ] {
        assert_eq!(at(&found, pointer), &want, "{pointer}");
    }
}

#[test]
fn words_for_versions_are_no_versions() {
    for version in ["''", "auto", "latest"] {
        let text = HEAD.replace("}", &format!(", version: {version}}}"));
        let (found, _) = read(&text);
        assert!(reason(&found[0], "/cluster/version").contains("release of eksctl"), "{version}");
    }
    let (found, problems) = read(&HEAD.replace('}', ", version: 1.30}"));
    assert_eq!((&found[0]["cluster"]["version"], problems.len()), (&json!("1.30"), 0));
    let notices = &read_configs("x", &HEAD.replace('}', ", version: 1.30}").into())[0].notices;
    assert!(notices[0].to_string().contains("write \"1.30\""), "{notices:?}");
}

#[test]
fn a_private_cluster_has_no_way_out_but_endpoints() {
    let found = snapshot("privateCluster: {enabled: true, additionalEndpointServices: [autoscaling]}\n");
    assert_eq!(at(&found, "/cluster/resourcesVpcConfig/endpointPublicAccess"), &json!(false));
    assert_eq!(at(&found, "/cluster/resourcesVpcConfig/endpointPrivateAccess"), &json!(true));
    for section in ["internetGateways", "natGateways"] {
        assert_eq!(found[section], json!([]), "{section}");
    }
    assert_eq!(found["subnets"].as_array().map(Vec::len), Some(3));
    let mut names: Vec<_> = found["vpcEndpoints"]
        .as_array()
        .expect("endpoints")
        .iter()
        .map(|one| one["ServiceName"].as_str().unwrap_or_default().to_owned())
        .collect();
    names.sort();
    let want = ["autoscaling", "ec2", "ecr.api", "ecr.dkr", "s3", "sts"];
    assert_eq!(names, want.map(|name| format!("com.amazonaws.eu-west-1.{name}")));
    let without = snapshot("privateCluster: {enabled: true, skipEndpointCreation: true}\n");
    assert_eq!(without["vpcEndpoints"], json!([]));
    let (found, _) = read(&format!("{HEAD}privateCluster: {{enabled: 'x'}}\n"));
    assert!(!reason(&found[0], "/cluster/resourcesVpcConfig/endpointPublicAccess").is_empty());
    assert!(!reason(&found[0], "/natGateways").is_empty());
}

#[test]
fn a_network_that_is_there_is_not_known() {
    let found = snapshot(
        "vpc:
  id: vpc-1
  subnets:
    private: {eu-west-1a: {id: subnet-1}, b: {id: subnet-2, az: eu-west-1b}}
    public: {eu-west-1c: }
managedNodeGroups: [{name: a, privateNetworking: true}, {name: b, subnets: [b, subnet-9]}]
",
    );
    let ids = at(&found, "/cluster/resourcesVpcConfig/subnetIds");
    assert_eq!(ids, &json!([null, "subnet-2", "subnet-1"]));
    assert_eq!(found["nodegroups"][0]["subnets"], json!(["subnet-2", "subnet-1"]));
    assert_eq!(found["nodegroups"][1]["subnets"], json!(["subnet-2", "subnet-9"]));
    assert_eq!(at(&found, "/cluster/resourcesVpcConfig/vpcId"), &json!("vpc-1"));
    assert!(reason(&found, "/natGateways").contains("VPC"));
    let looked_up = snapshot("vpc: {id: vpc-1}\n");
    assert!(reason(&looked_up, "/cluster/resourcesVpcConfig/subnetIds").contains("set `vpc.subnets`"));
}

#[test]
fn nat_gateways_are_as_many_as_the_file_says() {
    for (mode, want) in [("Single", 1), ("HighlyAvailable", 3), ("Disable", 0)] {
        let found = snapshot(&format!("vpc: {{nat: {{gateway: {mode}}}}}\n"));
        assert_eq!(found["natGateways"].as_array().map(Vec::len), Some(want), "{mode}");
    }
    let (found, problems) = read(&format!("{HEAD}vpc: {{nat: {{gateway: None}}}}\n"));
    assert!(problems[0].contains("NAT mode"), "{problems:?}");
    assert!(!reason(&found[0], "/natGateways").is_empty());
}

#[test]
fn node_groups_are_what_eksctl_makes_of_them() {
    let found = snapshot(
        "managedNodeGroups:
  - name: plain
  - name: arm
    instanceTypes: [m7g.large, m6g.large]
    spot: true
    minSize: 1
    maxSize: 5
    disablePodIMDS: true
    volumeEncrypted: true
    volumeSize: 100
    labels: {role: web}
    taints: [{key: a, value: b, effect: NoSchedule}]
    updateConfig: {maxUnavailable: 2}
  - name: old
    disableIMDSv1: false
    amiFamily: Bottlerocket
  - name: own
    launchTemplate: {id: lt-1, version: '3'}
    instanceTypes: [m5.large]
",
    );
    let group = |position: usize| &found["nodegroups"][position];
    for (pointer, want) in [
        ("/nodegroups/0/instanceTypes", json!(["m5.large"])),
        ("/nodegroups/0/amiType", json!("AL2023_x86_64_STANDARD")),
        ("/nodegroups/0/capacityType", json!("ON_DEMAND")),
        ("/nodegroups/0/scalingConfig", json!({"desiredSize": 2, "maxSize": 2, "minSize": 2})),
        ("/nodegroups/1/amiType", json!("AL2023_ARM_64_STANDARD")),
        ("/nodegroups/1/capacityType", json!("SPOT")),
        ("/nodegroups/1/scalingConfig", json!({"desiredSize": 1, "maxSize": 5, "minSize": 1})),
        ("/nodegroups/1/labels/role", json!("web")),
        ("/nodegroups/1/labels/alpha.eksctl.io~1cluster-name", json!("prod")),
        ("/nodegroups/1/taints", json!([{"effect": "NO_SCHEDULE", "key": "a", "value": "b"}])),
        ("/nodegroups/1/updateConfig/maxUnavailable", json!(2)),
        ("/nodegroups/2/amiType", json!("BOTTLEROCKET_x86_64")),
        ("/nodegroups/3/launchTemplate/id", json!("lt-1")),
        ("/nodegroups/3/launchTemplate/version", json!("3")),
        ("/launchTemplateVersions/0/LaunchTemplateData/MetadataOptions/HttpTokens", json!("required")),
        ("/launchTemplateVersions/0/LaunchTemplateData/MetadataOptions/HttpPutResponseHopLimit", json!(2)),
        ("/launchTemplateVersions/1/LaunchTemplateData/MetadataOptions/HttpPutResponseHopLimit", json!(1)),
        ("/launchTemplateVersions/2/LaunchTemplateData/MetadataOptions/HttpTokens", json!("optional")),
        ("/launchTemplateVersions/2/LaunchTemplateData/BlockDeviceMappings/0/DeviceName", json!("/dev/xvdb")),
        ("/launchTemplateVersions/2/LaunchTemplateData/BlockDeviceMappings/1", Value::Null),
    ] {
        assert_eq!(at(&found, pointer), &want, "{pointer}");
    }
    let volume = |template: usize| {
        found["launchTemplateVersions"][template]["LaunchTemplateData"]["BlockDeviceMappings"][0].clone()
    };
    assert_eq!(volume(0), json!({"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 80, "VolumeType": "gp3"}}));
    assert_eq!(
        (&volume(1)["Ebs"]["Encrypted"], &volume(1)["Ebs"]["VolumeSize"]),
        (&json!(true), &json!(100))
    );
    assert_eq!(found["launchTemplateVersions"].as_array().map(Vec::len), Some(3));
    assert_eq!(group(0)["subnets"][0], json!("${vpc.subnets.public[0]}"));
    assert_eq!(group(0)["launchTemplate"]["id"], json!("${managedNodeGroups[plain].launchTemplate}"));
}

#[test]
fn the_roles_of_nodes_have_the_policies_of_eksctl() {
    let policies = |rest: &str, address: &str| -> Vec<String> {
        let found = snapshot(rest);
        let roles = found["roles"].as_array().expect("roles");
        let role = roles.iter().find(|role| role["Arn"] == json!(format!("${{{address}.Arn}}")));
        let role = role.unwrap_or_else(|| panic!("{address}: {roles:?}"));
        let names = |list: &str, key: &str| -> Vec<String> {
            let items = role[list].as_array().expect("policies").iter();
            items.map(|one| one[key].as_str().unwrap_or_default().to_owned()).collect()
        };
        [names("AttachedPolicies", "PolicyName"), names("InlinePolicies", "PolicyName")].concat()
    };
    let group = "managedNodeGroups[a].iam";
    assert_eq!(
        policies("managedNodeGroups: [{name: a}]\n", group),
        [
            "AmazonEKSWorkerNodePolicy",
            "AmazonEKS_CNI_Policy",
            "AmazonSSMManagedInstanceCore",
            "AmazonEC2ContainerRegistryPullOnly",
        ]
    );
    assert!(
        !policies("iam: {withOIDC: true}\nmanagedNodeGroups: [{name: a}]\n", group)
            .contains(&"AmazonEKS_CNI_Policy".to_owned())
    );
    let named = "managedNodeGroups: [{name: a, iam: {attachPolicyARNs: ['arn:aws:iam::aws:policy/X'], withAddonPolicies: {autoScaler: true, ebs: true}}}]\n";
    assert_eq!(policies(named, group), ["X", "AmazonEBSCSIDriverPolicy", "PolicyAutoScaling"]);
    assert_eq!(
        policies(&named.replace("managedNodeGroups", "nodeGroups"), "nodeGroups[a].iam"),
        ["X", "AmazonEC2ContainerRegistryPullOnly", "AmazonEBSCSIDriverPolicy", "PolicyAutoScaling",]
    );
}

#[test]
fn ssh_is_open_where_eksctl_opens_it() {
    let ranges = |keys: &str, more: &str| -> Option<Vec<String>> {
        let found = snapshot(&format!("managedNodeGroups: [{{name: a, ssh: {{{keys}}}{more}}}]\n"));
        let groups = found["securityGroups"].as_array().expect("groups");
        let group = groups.iter().find(|one| one["GroupId"] == "${managedNodeGroups[a].ssh}")?;
        let rules = group["IpPermissions"].as_array().expect("rules").iter();
        Some(
            rules
                .flat_map(|rule| {
                    assert_eq!((&rule["FromPort"], &rule["ToPort"]), (&json!(22), &json!(22)));
                    let of = |list: &str, key: &str| rule[list][0][key].as_str().map(str::to_owned);
                    [
                        of("IpRanges", "CidrIp"),
                        of("Ipv6Ranges", "CidrIpv6"),
                        of("UserIdGroupPairs", "GroupId"),
                    ]
                })
                .flatten()
                .collect(),
        )
    };
    let open = Some(vec!["0.0.0.0/0".to_owned(), "::/0".to_owned()]);
    for keys in ["allow: true", "publicKeyName: k", "publicKey: 'ssh-rsa x'", "publicKeyPath: ~/k.pub"] {
        assert_eq!(ranges(keys, ""), open, "{keys}");
    }
    assert_eq!(ranges("allow: false, publicKeyName: k", ""), None);
    assert_eq!(ranges("enableSsm: true", ""), None);
    assert_eq!(ranges("allow: true", ", privateNetworking: true"), Some(vec!["192.168.0.0/16".to_owned()]));
    assert_eq!(ranges("allow: true, sourceSecurityGroupIds: [sg-1]", ""), Some(vec!["sg-1".to_owned()]));
}

#[test]
fn groups_and_roles_of_nodes_that_eksctl_starts_are_in_the_snapshot() {
    let found =
        snapshot("nodeGroups: [{name: a, ssh: {allow: true}, amiFamily: WindowsServer2022FullContainer}]\n");
    assert_eq!(found["nodegroups"], json!([]));
    assert!(reason(&found, "/instances/1").contains("nodeGroups[a]"));
    let groups = found["securityGroups"].as_array().expect("groups");
    let own = groups.iter().find(|one| one["GroupId"] == "${nodeGroups[a].securityGroup}").expect("a group");
    assert!(own["IpPermissions"].to_string().contains("0.0.0.0/0"));
    let entry = &found["accessEntries"][0];
    assert_eq!(
        (&entry["type"], &entry["principalArn"]),
        (&json!("EC2_WINDOWS"), &json!("${nodeGroups[a].iam.Arn}"))
    );
    let data = &found["launchTemplateVersions"][0]["LaunchTemplateData"];
    assert_eq!(data["NetworkInterfaces"][0]["Groups"].as_array().map(Vec::len), Some(2));
}

#[test]
fn service_accounts_have_roles_that_trust_them() {
    let found = snapshot(
        "iam:
  withOIDC: true
  serviceAccounts:
    - metadata: {name: s3, namespace: web}
      attachPolicyARNs: ['arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess']
      roleName: s3-role
    - metadata: {name: given}
      attachRoleARN: arn:aws:iam::111122223333:role/x
  podIdentityAssociations:
    - {namespace: a, serviceAccountName: b, permissionPolicyARNs: ['arn:aws:iam::aws:policy/Y']}
    - {namespace: c, serviceAccountName: d, roleARN: 'arn:aws:iam::111122223333:role/d', disableSessionTags: true}
addons:
  - {name: vpc-cni, version: v1.19.0-eksbuild.1}
  - {name: aws-ebs-csi-driver}
  - {name: x, podIdentityAssociations: [{serviceAccountName: y, roleARN: 'arn:aws:iam::111122223333:role/z'}]}
",
    );
    assert_eq!(found["openIDConnectProviders"][0]["Url"], json!("${eu-west-1/prod.OpenIdConnectIssuerUrl}"));
    let role = |name: &str| {
        let roles = found["roles"].as_array().expect("roles").iter();
        let mut found = roles.filter(|role| role["Arn"].as_str().is_some_and(|arn| arn.contains(name)));
        found.next().unwrap_or_else(|| panic!("{name}")).clone()
    };
    let trust = role("iam.serviceAccounts[web/s3]");
    let equals = &trust["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]["StringEquals"];
    assert_eq!(
        equals,
        &json!({
            "${eu-west-1/prod.OpenIdConnectIssuerUrl}:aud": "sts.amazonaws.com",
            "${eu-west-1/prod.OpenIdConnectIssuerUrl}:sub": "system:serviceaccount:web:s3",
        })
    );
    assert_eq!(trust["RoleName"], json!("s3-role"));
    assert!(!found["roles"].to_string().contains("given"));
    assert_eq!(found["podIdentityAssociations"].as_array().map(Vec::len), Some(3));
    assert_eq!(found["podIdentityAssociations"][1]["disableSessionTags"], json!(true));
    let addons = found["addons"].as_array().expect("add-ons");
    let addon = |name: &str| addons.iter().find(|one| one["addonName"] == name).expect("an add-on");
    assert_eq!(addon("vpc-cni")["addonVersion"], json!("v1.19.0-eksbuild.1"));
    assert_eq!(addon("vpc-cni")["serviceAccountRoleArn"], json!("${addons[vpc-cni].role.Arn}"));
    // eksctl says no service account for this one.
    let trust = role("addons[aws-ebs-csi-driver]");
    assert!(!trust["AssumeRolePolicyDocument"].to_string().contains(":sub"));
    assert_eq!(addons.len(), 6);
}

#[test]
fn auto_mode_fargate_and_capabilities() {
    let found = snapshot(
        "autoModeConfig: {enabled: true}
fargateProfiles: [{name: fp, selectors: [{namespace: default, labels: {a: b}}]}]
capabilities: [{name: gitops, type: ARGOCD, attachPolicyARNs: ['arn:aws:iam::aws:policy/AdministratorAccess']}]
addonsConfig: {disableDefaultAddons: true}
",
    );
    for (pointer, want) in [
        ("/cluster/computeConfig/enabled", json!(true)),
        ("/cluster/computeConfig/nodePools", json!(["general-purpose", "system"])),
        ("/cluster/computeConfig/nodeRoleArn", json!("${autoModeConfig.nodeRole.Arn}")),
        ("/cluster/storageConfig/blockStorage/enabled", json!(true)),
        ("/cluster/kubernetesNetworkConfig/elasticLoadBalancing/enabled", json!(true)),
        ("/fargateProfiles/0/selectors", json!([{"labels": {"a": "b"}, "namespace": "default"}])),
        ("/fargateProfiles/0/podExecutionRoleArn", json!("${fargatePodExecutionRole.Arn}")),
        ("/capabilities/0/roleArn", json!("${capabilities[gitops].role.Arn}")),
        ("/addons", json!([])),
    ] {
        assert_eq!(at(&found, pointer), &want, "{pointer}");
    }
    // The control plane is in private subnets alone.
    assert_eq!(found["cluster"]["resourcesVpcConfig"]["subnetIds"].as_array().map(Vec::len), Some(3));
    assert!(found["roles"].to_string().contains("fargateprofile/prod/*"));
}

#[test]
fn an_unknown_key_is_told_and_what_was_meant_is_not_known() {
    let (found, problems) = read(&format!("{HEAD}vpc:\n  publicAccessCidrs: [10.0.0.0/8]\n"));
    assert_eq!(
        problems,
        [
            "cluster.yaml:5:3: has the key `publicAccessCidrs`, which eksctl ignores without a word: write `publicAccessCIDRs`"
        ]
    );
    assert!(reason(&found[0], "/cluster/resourcesVpcConfig/publicAccessCidrs").contains("publicAccessCidrs"));
    for (rest, message, at) in [
        (
            "privateclusters: {enabled: true}\n",
            "did you mean `privateCluster`?",
            "/cluster/resourcesVpcConfig/endpointPublicAccess",
        ),
        ("secretEncryption: {keyARN: x}\n", "did you mean `secretsEncryption`?", "/cluster/encryptionConfig"),
        ("cloudwatch: {}\n", "write `cloudWatch`", "/cluster/logging/clusterLogging"),
        ("managedNodegroups: [{name: a}]\n", "write `managedNodeGroups`", "/nodegroups"),
        ("publicAccessCIDRs: [x]\n", "it belongs in `vpc`", ""),
        ("zzzzzzzzzzzz: 1\n", "does not know here", ""),
    ] {
        let (found, problems) = read(&format!("{HEAD}{rest}"));
        assert!(problems[0].contains(message), "{problems:?}");
        if !at.is_empty() {
            assert!(!reason(&found[0], at).is_empty(), "{at}");
        }
    }
}

#[test]
fn what_is_of_another_type_is_told_and_not_known() {
    for (rest, message, at) in [
        (
            "vpc: 5\n",
            "has the number 5 where eksctl takes an object",
            "/cluster/resourcesVpcConfig/endpointPublicAccess",
        ),
        (
            "vpc: {clusterEndpoints: {publicAccess: 'false'}}\n",
            "has a text where eksctl takes true or false",
            "/cluster/resourcesVpcConfig/endpointPublicAccess",
        ),
        (
            "vpc: {publicAccessCIDRs: 10.0.0.0/8}\n",
            "takes a list",
            "/cluster/resourcesVpcConfig/publicAccessCidrs",
        ),
        ("managedNodeGroups: {a: b}\n", "takes a list", "/nodegroups"),
        ("managedNodeGroups: [5]\n", "takes an object", "/nodegroups"),
        ("iam: {withOIDC: [yes]}\n", "takes true or false", "/openIDConnectProviders"),
        ("addons: yes\n", "takes a list", "/addons/4"),
    ] {
        let (found, problems) = read(&format!("{HEAD}{rest}"));
        assert!(problems.iter().any(|problem| problem.contains(message)), "{rest}: {problems:?}");
        assert!(!reason(&found[0], at).is_empty(), "{rest}");
    }
    // YAML 1.1 has more words for yes and no, where they have no quotes.
    let found = snapshot("vpc: {clusterEndpoints: {publicAccess: off}}\n");
    assert_eq!(at(&found, "/cluster/resourcesVpcConfig/endpointPublicAccess"), &json!(false));
}

#[test]
fn documents_of_other_kinds_are_skipped_and_broken_ones_told() {
    let two = format!("{HEAD}---\nkind: Namespace\napiVersion: v1\n---\n{}", HEAD.replace("prod", "test"));
    let (found, problems) = read(&two);
    let names: Vec<_> = found.iter().map(|one| one["cluster"]["name"].clone()).collect();
    assert_eq!((names, problems.len()), (vec![json!("prod"), json!("test")], 0));
    let (found, problems) = read(&format!("{HEAD}---\na: [b\n"));
    assert_eq!((found.len(), problems.len()), (1, 1));
    assert!(problems[0].contains("is not YAML"), "{problems:?}");
    let (found, problems) = read(&HEAD.replace("v1alpha5", "v1alpha4"));
    assert_eq!((found.len(), problems.len()), (0, 1));
    assert!(problems[0].contains("eksctl.io/v1alpha4"), "{problems:?}");
    let (found, problems) = read("apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\n");
    assert_eq!(found.len(), 1);
    assert!(problems[0].contains("has no `metadata.name`"), "{problems:?}");
}

#[test]
fn hostile_documents_end() {
    let many: String = (0..3_000).map(|at| format!("  - name: g{at}\n")).collect();
    let (found, problems) = read(&format!("{HEAD}managedNodeGroups:\n{many}"));
    assert_eq!(found[0]["nodegroups"].as_array().map(Vec::len), Some(1_000));
    assert!(problems[0].contains("more than 1000 items"), "{problems:?}");
    assert!(reason(&found[0], "/nodegroups/1000").contains("more than 1000 items"));
    let mut bomb = format!("{HEAD}x: &a0 [a, a, a, a, a, a, a, a, a, a]\n");
    for level in 1..40 {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("x{level}: &a{level} [{aliases}]\n"));
    }
    let (_, problems) = read(&bomb);
    assert!(problems[0].contains("values"), "{problems:?}");
    let same: String = (0..20).map(|_| "  - name: same\n    ssh: {allow: true}\n").collect();
    let (found, _) = read(&format!("{HEAD}managedNodeGroups:\n{same}nodeGroups:\n{same}"));
    assert_eq!(found[0]["nodegroups"].as_array().map(Vec::len), Some(20));
    for name in ["a}b", "${x}", "a\\\"b", "]", "\u{0}", ""] {
        let (found, _) = read(&HEAD.replace("prod", &format!("\"{name}\"")));
        assert_eq!(found.len(), usize::from(name != "\u{0}"), "{name}");
    }
}

proptest::proptest! {
    #[test]
    fn any_value_of_any_key_is_read(
        key in "(vpc|iam|managedNodeGroups|nodeGroups|addons|outpost|autoModeConfig|privateCluster|cloudWatch|metadata)",
        value in "(\\{[a-zA-Z]{0,8}: [\\[\\]{}a-z0-9, ]{0,12}\\}|\\[[^\\]]{0,12}\\]|[a-z0-9]{0,6})",
    ) {
        let _read = read(&format!("apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\n{key}: {value}\n"));
    }
}

/// Objects of a configuration in which one key has another value, or one of another type: what changes is read.
mod keys_that_are_read {
    use super::super::keys::{KeyType, config_keys, unread_keys};
    use super::read;
    use serde_json::{Map, Value, json};
    use std::collections::{BTreeMap, BTreeSet};

    /// How a value is changed.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    enum Change {
        /// To another one.
        Other,
        /// To one of another type.
        Type,
    }

    /// A value of a type; an object has all its keys, if there are to be any.
    fn value(of: KeyType, is_full: bool) -> Value {
        match of {
            KeyType::Any => json!({"Statement": []}),
            KeyType::Text => json!("x"),
            KeyType::Bool => json!(true),
            KeyType::Number => json!(1),
            KeyType::List(item) => json!([value(KeyType::of(item), is_full)]),
            KeyType::Map(inner) => json!({"k": value(KeyType::of(inner), is_full)}),
            KeyType::Object(keys) => {
                let all = keys.iter().filter(|_| is_full);
                Value::Object(
                    all.map(|(key, of)| ((*key).to_owned(), value(KeyType::of(of), true))).collect(),
                )
            }
        }
    }

    /// Other values for one that is not set.
    fn changed(of: KeyType, how: Change) -> Vec<Value> {
        match (how, of) {
            (Change::Type, KeyType::Text) => vec![json!([["y"]])],
            (Change::Type, KeyType::Any | KeyType::Bool) => vec![json!(["y"])],
            (Change::Type, _) => vec![json!("y")],
            (Change::Other, KeyType::Text) => {
                ["x", "other", "capacity-block", "WindowsServer2022FullContainer"].map(Value::from).to_vec()
            }
            (Change::Other, KeyType::Bool) => vec![json!(true), json!(false)],
            (Change::Other, KeyType::Number) => vec![json!(7)],
            (Change::Other, of) => vec![value(of, true)],
        }
    }

    /// All keys below an object, each with the name of the object, the path to it, and the type.
    fn keys(name: &'static str, path: &str, found: &mut Vec<(&'static str, String, &'static str, KeyType)>) {
        let KeyType::Object(keys_of) = KeyType::of(name) else { return };
        for (key, of) in keys_of {
            let here = format!("{path}/{key}");
            found.push((name, path.to_owned(), key, KeyType::of(of)));
            let mut of = *of;
            let mut inner = here;
            loop {
                match KeyType::of(of) {
                    KeyType::List(item) => (of, inner) = (item, format!("{inner}/0")),
                    KeyType::Map(item) => (of, inner) = (item, format!("{inner}/k")),
                    KeyType::Object(_) => break keys(of, &inner, found),
                    _ => break,
                }
            }
        }
    }

    /// Puts a value at a path; what is not there on the way becomes an object or a list.
    fn put(root: &mut Value, path: &[&str], value: Value) {
        let [first, rest @ ..] = path else {
            *root = value;
            return;
        };
        if *first == "0" {
            if !root.is_array() {
                *root = json!([{}]);
            }
            return put(&mut root[0], rest, value);
        }
        if !root.is_object() {
            *root = Value::Object(Map::new());
        }
        put(&mut root[*first], rest, value);
    }

    fn outcome(config: &Value) -> String {
        let (snapshots, _) = read(&config.to_string());
        serde_json::to_string(&snapshots).unwrap_or_default()
    }

    /// What of a document may change what a key does: the rest costs time.
    fn near(base: &Value, top: &str) -> Value {
        const OF_NETWORK: [&str; 8] = [
            "vpc",
            "privateCluster",
            "kubernetesNetworkConfig",
            "availabilityZones",
            "localZones",
            "outpost",
            "remoteNetworkConfig",
            "autoModeConfig",
        ];
        let mut kept = vec![top, "apiVersion", "kind", "metadata", "iam"];
        kept.extend((top == "vpc").then_some("managedNodeGroups"));
        kept.extend((top == "iam").then_some("fargateProfiles"));
        let is_of_network = OF_NETWORK.contains(&top);
        kept.extend(is_of_network.then_some("vpc"));
        let mut base = base.clone();
        base.as_object_mut().expect("an object").retain(|name, _| kept.contains(&name.as_str()));
        if !is_of_network {
            let subnets = json!({"private": {"k": {"id": "subnet-1"}}, "public": {"k": {"id": "subnet-2"}}});
            base["vpc"] = json!({"id": "vpc-1", "subnets": subnets});
        }
        if top != "addonsConfig" {
            base["addonsConfig"] = json!({"disableDefaultAddons": true});
        }
        base
    }

    fn bases() -> Vec<Value> {
        let with_head = |mut config: Value| {
            put(&mut config, &["apiVersion"], json!("eksctl.io/v1alpha5"));
            put(&mut config, &["kind"], json!("ClusterConfig"));
            put(&mut config, &["metadata", "name"], json!("prod"));
            config
        };
        let full = with_head(value(KeyType::of_document(), true));
        let without = |paths: &[&str]| {
            let mut config = full.clone();
            for path in paths {
                put(&mut config, &path.split('/').collect::<Vec<_>>(), Value::Null);
            }
            config
        };
        let own = without(&[
            "vpc/id",
            "vpc/subnets",
            "outpost",
            "vpc/securityGroup",
            "vpc/sharedNodeSecurityGroup",
            "vpc/controlPlaneSubnetIDs",
            "privateCluster",
            "managedNodeGroups/0/launchTemplate",
            "managedNodeGroups/0/subnets",
            "nodeGroups/0/subnets",
            "vpc/controlPlaneSecurityGroupIDs",
        ]);
        let without_roles = without(&[
            "managedNodeGroups/0/iam/instanceRoleARN",
            "nodeGroups/0/iam/instanceRoleARN",
            "nodeGroups/0/iam/instanceProfileARN",
            "iam/serviceRoleARN",
            "iam/podIdentityAssociations/0/roleARN",
            "iam/fargatePodExecutionRoleARN",
            "fargateProfiles/0/podExecutionRoleARN",
            "capabilities/0/roleArn",
            "addons/0/podIdentityAssociations",
            "addons/0/serviceAccountRoleARN",
            "autoModeConfig/nodeRoleARN",
            "iam/serviceAccounts/0/attachRoleARN",
            "managedNodeGroups/0/launchTemplate",
            "managedNodeGroups/0/iam/attachPolicyARNs",
        ]);
        let private = without(&["vpc/id", "vpc/subnets", "privateCluster/skipEndpointCreation", "outpost"]);
        let existing = without(&[
            "managedNodeGroups/0/launchTemplate",
            "managedNodeGroups/0/subnets",
            "managedNodeGroups/0/ssh/sourceSecurityGroupIds",
            "nodeGroups/0/ssh/sourceSecurityGroupIds",
        ]);
        let roles_of_addons = without(&["addons/0/podIdentityAssociations/0/roleARN"]);
        vec![with_head(json!({})), full.clone(), own, without_roles, private, existing, roles_of_addons]
    }

    #[test]
    fn what_is_said_to_be_read_is_read_and_what_is_of_another_type_is_not_known() {
        let mut all = Vec::new();
        keys("ClusterConfig", "", &mut all);
        let bases = bases();
        let mut read: BTreeMap<Change, BTreeSet<(&str, &str)>> = BTreeMap::new();
        let is_said =
            |object: &str, key: &str| unread_keys().get(object).is_some_and(|keys| keys.contains(&key));
        for (position, base) in bases.iter().enumerate() {
            for (object, path, key, of) in &all {
                // Two will do for these: they cost most.
                if position > 1 && is_said(object, key) {
                    continue;
                }
                let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
                if ["apiVersion", "kind"].contains(key) || (*key, path.as_str()) == ("name", "/metadata") {
                    read.entry(Change::Other).or_default().insert((object, key));
                    read.entry(Change::Type).or_default().insert((object, key));
                    continue;
                }
                let is_found = |how| read.get(&how).is_some_and(|known| known.contains(&(*object, *key)));
                let open: Vec<_> =
                    [Change::Other, Change::Type].into_iter().filter(|how| !is_found(*how)).collect();
                if open.is_empty() {
                    continue;
                }
                let mut base = near(base, parts.first().copied().unwrap_or(key));
                if !base.pointer(path).is_some_and(Value::is_object) {
                    put(&mut base, &parts, json!({}));
                }
                let inner: Vec<_> = parts.iter().copied().chain([*key]).collect();
                put(&mut base, &inner, Value::Null);
                let before = outcome(&base);
                for how in open {
                    let is_other = changed(*of, how).into_iter().any(|value| {
                        let mut config = base.clone();
                        put(&mut config, &inner, value);
                        outcome(&config) != before
                    });
                    if is_other {
                        read.entry(how).or_default().insert((object, key));
                    }
                }
            }
        }
        let of = |name| read.get(&name).cloned().unwrap_or_default();
        let (other, wrong) = (of(Change::Other), of(Change::Type));
        // Without them, it is not known what they would say.
        const NAMES: [&str; 6] = ["az", "ipv6Cidr", "name", "principalARN", "region", "roleName"];
        let silent = other.difference(&wrong).filter(|(_, key)| !NAMES.contains(key));
        let silent: Vec<_> = silent.collect();
        assert!(silent.is_empty(), "of another type, and not unknown: {silent:?}");
        let every: BTreeSet<_> = config_keys()
            .objects
            .iter()
            .flat_map(|(object, keys)| keys.keys().map(move |key| (*object, *key)))
            .collect();
        let found: BTreeSet<_> =
            every.difference(&other).copied().filter(|key| !wrong.contains(key)).collect();
        let said: BTreeSet<_> = unread_keys()
            .iter()
            .flat_map(|(object, keys)| keys.iter().map(move |key| (*object, *key)))
            .collect();
        let (more, less): (Vec<_>, Vec<_>) =
            (found.difference(&said).collect(), said.difference(&found).collect());
        assert!(more.is_empty() && less.is_empty(), "not read, and not said: {more:?}; read: {less:?}");
    }
}

#[test]
fn what_eksctl_refuses_is_said() {
    for (rest, want) in [
        (
            "vpc: {clusterEndpoints: {publicAccess: false}}\n",
            "4:7: eksctl refuses this file: one of `publicAccess` and `privateAccess` must be true, and `privateAccess` is false where it is not set",
        ),
        (
            "privateCluster: {enabled: true}\nvpc: {clusterEndpoints: {privateAccess: true}}\n",
            "5:7: eksctl refuses this file: `privateCluster.enabled` excludes `vpc.clusterEndpoints`",
        ),
        (
            "privateCluster: {enabled: true}\nnodeGroups: [{name: a}]\n",
            "5:21: eksctl refuses this file: node groups of a private cluster need `privateNetworking: true`",
        ),
        (
            "iam: {serviceAccounts: [{metadata: {name: a}}]}\n",
            "4:7: eksctl refuses this file: `iam.serviceAccounts` needs `iam.withOIDC: true`",
        ),
        ("secretsEncryption: {}\n", "4:1: eksctl refuses this file: `secretsEncryption` needs `keyARN`"),
        (
            "cloudWatch: {clusterLogging: {enableTypes: [api, audits]}}\n",
            "4:50: eksctl refuses this file: `audits` is no type of logs; there are api, audit, authenticator, controllerManager, scheduler, and `*`",
        ),
        (
            "managedNodeGroups: [{name: a, volumeKmsKeyID: k}]\n",
            "4:47: eksctl refuses this file: `volumeKmsKeyID` needs `volumeEncrypted: true`",
        ),
        (
            "managedNodeGroups: [{name: a}]\nnodeGroups: [{name: a}]\n",
            "5:21: eksctl refuses this file: two node groups with the name a",
        ),
        (
            "managedNodeGroups: [{name: a, launchTemplate: {id: lt-1}, disableIMDSv1: false}]\n",
            "4:74: eksctl refuses this file: `launchTemplate` excludes `disableIMDSv1`: the template has to say it",
        ),
        ("managedNodeGroups: [{name: a, launchTemplate: {id: lt-1}, disableIMDSv1: true}]\n", ""),
        ("vpc: {clusterEndpoints: {publicAccess: false, privateAccess: true}}\n", ""),
        ("cloudWatch: {clusterLogging: {enableTypes: ['*']}}\n", ""),
        ("vpc: {clusterEndpoints: {publicAccess: maybe}}\n", ""),
    ] {
        let templates = read_configs("cluster.yaml", &format!("{HEAD}{rest}").into());
        let said: Vec<_> = templates[0].notices.iter().map(ToString::to_string).collect();
        let want: Vec<_> = Some(want)
            .filter(|want| !want.is_empty())
            .map(|want| format!("cluster.yaml:{want}"))
            .into_iter()
            .collect();
        assert_eq!(said, want, "{rest}");
    }
}

#[test]
fn of_nodes_that_eksctl_starts_itself_one_is_evaluated_for_all() {
    let found = snapshot(
        "nodeGroups: [{name: a, ssh: {allow: true}, disableIMDSv1: false}, {name: b, disablePodIMDS: true}]\n",
    );
    let nodes = found["instances"].as_array().expect("a list");
    let seen: Vec<_> = nodes
        .iter()
        .map(|node| (&node["InstanceId"], &node["MetadataOptions"]["HttpTokens"], &node["Tags"][0]["Key"]))
        .collect();
    let key = json!("kubernetes.io/cluster/prod");
    let (a, b) = (json!("${nodeGroups[a].node}"), json!("${nodeGroups[b].node}"));
    assert_eq!(seen, [(&a, &json!("optional"), &key), (&b, &json!("required"), &key)]);
    let groups = nodes[0]["SecurityGroups"].as_array().expect("a list");
    assert!(groups.iter().any(|group| group["GroupId"] == "${nodeGroups[a].securityGroup}"), "{groups:?}");
    // How many there are is not known.
    assert!(reason(&found, "/instances/2").contains("nodeGroups[a] starts instances"));
}
