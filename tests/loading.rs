//! A rule with a mistake does not load, and says where it is, what is known, and what was meant.

#[path = "support/rules.rs"]
mod rules;

use insta::assert_snapshot;
use rules::{filled, judge, load, mistakes};

fn listed(cores: &[&str]) -> String {
    cores.iter().map(|core| format!("{core}\n  {}\n", mistakes(core))).collect()
}

#[test]
fn names_and_fields_that_do_not_exist() {
    assert_snapshot!(listed(&[
        "resource: nodegroup\nassert: nodegroup.remoteAcess.ec2SshKey == ''",
        "assert: nodegroups.all(ng, ng.subnets.all(s, !subnets.exists(x, x.SubnetID == s)))",
        "assert: cluster.?acessConfig.?authenticationMode.orValue('') == 'API'",
        "let: { own: \"subnets.filter(s, s.SubnetId in cluster.resourcesVpcConfig.subnetIds).map(s, s.AvailabilityZone).distinct()\" }\nassert: own.exists(z, z.name == 'x')",
        "assert: natgateways.size() > 0",
        "assert: has(cluster.tag)",
        "assert: facts.cluster.versoin.status == 'standard'",
        "assert: params.days > 1",
        "assert: cluster.name.startWith('x')",
        "assert: minr(cluster.version) > 1",
        "resource: nodegrp\nassert: \"true\"",
        "each: cluster.resourcesVpcConfig.subnetIds\nassert: itm != ''",
        "assert: \"true\"\nat: cluster.resourcesVpcConfig.publicAcessCidrs",
        "assert: \"true\"\nmessage: \"{{cluster.nme}} is wrong\"",
    ]));
}

#[test]
fn types_that_do_not_fit() {
    assert_snapshot!(listed(&[
        "assert: cluster.version > 1",
        "assert: cluster.version > '1.9'",
        "assert: cluster.createdAt < now",
        "assert: cluster.name",
        "assert: cluster.name && true",
        "assert: cluster.name.exists(c, c == 'x')",
        "assert: cluster.name == 1",
        "assert: subnets.SubnetId == 'x'",
        "assert: cluster.name.matches('(')",
        "each: cluster.name\nassert: \"true\"",
        "each: \"['a'].map(x, x)\"\nassert: item == 'a'",
        "at: cluster.name + 'x'\nassert: \"true\"",
        "let: { cluster: \"1\" }\nassert: \"true\"",
        "assert: nodegroups.all(cluster, true)",
    ]));
}

#[test]
fn what_yaml_would_hide() {
    assert_snapshot!(listed(&[
        "when: !cluster.x\nassert: \"true\"",
        "assert: !(cluster.name == 'x')",
        "when:\nassert: \"true\"",
        "when: ~\nassert: \"true\"",
        "assert: &a \"true\"",
        "asert: \"true\"",
        "assert: \"true\"\nseverity: hihg",
        "assert: \"true\"\nassert: \"false\"",
        "assert: \"true\"\nchecks: []",
        "assert: \"true\"\nid: Not An Id",
        "params: { v: { type: int } }\nassert: \"true\"\nparams: { v: 1 }",
        "assert: \"true\"\nexamples: [ { name: x, finds: [], snapshot: { cluster: { name: x, version: 1.30 } } } ]",
        "assert: cluster.name ==",
    ]));
}

#[test]
fn a_duplicate_id_and_the_good_rule_beside_it() {
    let loaded = load(&[
        filled("assert: \"true\""),
        filled("assert: \"false\""),
        filled("id: other\nassert: \"true\""),
    ]);
    assert_eq!(loaded.errors.len(), 1);
    assert_eq!(
        loaded.errors[0].to_string(),
        "rule.yaml:2:5: the rule id `tested` is already used in rule-1.yaml"
    );
    assert_eq!(loaded.set.rules.len(), 2);
}

/// A field that AWS added yesterday is reached by its text, and is unknown where it is absent.
#[test]
fn new_fields_are_reached_without_a_release() {
    let core = "assert: cluster['kubeApiServerConfig'].eventTtl == '1h'";
    let snapshot =
        |more: &str| format!(r#"{{"cluster": {{"name": "x", "resourcesVpcConfig": {{}}{more}}}}}"#);
    let outcome = |more: &str| judge(core, &snapshot(more)).outcome;
    use ekslint::engine::Outcome;
    assert_eq!(outcome(r#", "kubeApiServerConfig": {"eventTtl": "1h"}"#), Outcome::Pass);
    assert_eq!(outcome(r#", "kubeApiServerConfig": {"eventTtl": "2h"}"#), Outcome::Fail);
    assert_eq!(outcome(""), Outcome::NotEvaluated);
}

/// The hard rules that the format was made for. Those on facts that do not exist yet are refused.
#[test]
fn hard_rules_load() {
    let good = [
        "params: { types: [api, audit, authenticator, controllerManager, scheduler] }\neach: params.types\nassert: |-\n  cluster.logging.clusterLogging.exists(s, s.enabled && item in s.types)\nat: cluster.logging.clusterLogging\nkey: item",
        "when: cluster.resourcesVpcConfig.endpointPublicAccess\nchecks:\n  - each: cluster.resourcesVpcConfig.?publicAccessCidrs.orValue([])\n    assert: cidr(item).prefixLength() > 0\n    message: x\n  - assert: cluster.resourcesVpcConfig.?publicAccessCidrs.orValue([]).size() > 0\n    at: cluster.resourcesVpcConfig.publicAccessCidrs\n    message: x",
        "params: { v4: 8, v6: 32 }\nlet: { list: cluster.resourcesVpcConfig.publicAccessCidrs }\nwhen: cluster.resourcesVpcConfig.endpointPublicAccess && list.all(c, cidr(c).prefixLength() > 0)\nassert: |-\n  !cidrs(list).widerThan(params.v4, params.v6)\nat: cluster.resourcesVpcConfig.publicAccessCidrs",
        "when: |-\n  !cluster.?computeConfig.?enabled.orValue(false)\nlet: { cni: \"addons['vpc-cni']\", config: \"json(cni.configurationValues)\" }\nassert: |-\n  config.enableNetworkPolicy in [true, 'true']\nat: cni.configurationValues",
        "resource: addon\nlet: { offered: \"addonVersions[addon.addonName].addonVersions\" }\nassert: |-\n  offered.exists(v, v.addonVersion == addon.addonVersion &&\n    v.compatibilities.exists(c, c.clusterVersion == cluster.version))\nat: addon.addonVersion",
        "resource: accessEntry\nparams: { allowed: [\"arn:aws:iam::*:role/break-glass\"] }\nwhen: |-\n  !params.allowed.exists(p, accessEntry.principalArn.glob(p))\neach: accessEntry.associatedAccessPolicies\nassert: |-\n  !(item.policyArn.endsWith('/AmazonEKSClusterAdminPolicy') && item.accessScope.type == 'cluster')\nat: item.policyArn",
        "resource: nodegroup\nlet: { behind: minor(cluster.version) - minor(nodegroup.version), allowed: \"minor(cluster.version) >= 28 ? 3 : 2\" }\nchecks:\n  - assert: behind <= allowed\n    at: nodegroup.version\n    message: x\n  - assert: behind >= 0\n    at: nodegroup.version\n    message: x",
        "params: { free: 5 }\nlet: { ids: cluster.resourcesVpcConfig.subnetIds }\nassert: |-\n  ids.exists(a, subnets[a].AvailableIpAddressCount >= params.free && ids.exists(b,\n    subnets[b].AvailableIpAddressCount >= params.free && subnets[b].AvailabilityZoneId != subnets[a].AvailabilityZoneId))\nat: ids",
        "resource: nodegroup\nwhen: has(nodegroup.launchTemplate)\nlet: { lt: \"launchTemplateVersions[nodegroup.launchTemplate.id + ':' + nodegroup.launchTemplate.version]\" }\nassert: |-\n  lt.LaunchTemplateData.?MetadataOptions.?HttpTokens.orValue('optional') == 'required'\n    || images[lt.LaunchTemplateData.ImageId].?ImdsSupport.orValue('') == 'v2.0'\nat: lt.LaunchTemplateData.MetadataOptions.HttpTokens",
    ];
    for core in good {
        assert_eq!(mistakes(core), "", "{core}");
    }
    assert_snapshot!(listed(&[
        "resource: securityGroup\nwhen: facts.securityGroups[securityGroup.GroupId].usedByNodes\neach: { permission: securityGroup.IpPermissions, range: permission.IpRanges }\nassert: cidr(range.CidrIp).prefixLength() == 0\nat: range.CidrIp",
        "resource: role\neach: facts.roles[role.Arn].trust.oidc\nassert: item.subjects.all(s, !s.contains('*'))",
        "resource: nodegroup\neach: nodegroup.subnets\nassert: facts.subnets[item].defaultRoute.target != 'internet-gateway'",
    ]));
}

/// Nested loops, a path through `let`, a key, a related place: the places of findings.
#[test]
fn findings_stand_at_their_places() {
    let core = "resource: securityGroup\neach: { permission: securityGroup.IpPermissions, range: permission.IpRanges }\nassert: cidr(range.CidrIp).prefixLength() > 0\nat: range.CidrIp\nrelated: [ { at: permission.FromPort, message: \"from {{permission.FromPort}}\" } ]\nmessage: \"{{range.CidrIp}} {{range.Nope}}\"";
    assert!(mistakes(core).contains("has no field `Nope`"));
    let core = core.replace("Nope", "Description");
    let snapshot = r#"{"SecurityGroups": [{"GroupId": "sg-1", "IpPermissions": [
        {"FromPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}, {"CidrIp": "0.0.0.0/0"}]}]}]}"#;
    let verdict = judge(&core, snapshot);
    assert_eq!(verdict.pointers(), ["/SecurityGroups/0/IpPermissions/0/IpRanges/1/CidrIp"]);
    assert_eq!(&*verdict.findings[0].message, "0.0.0.0/0 ?", "what is absent is a question mark");
    assert_eq!(verdict.findings[0].related[0].pointer.as_str(), "/SecurityGroups/0/IpPermissions/0/FromPort");
    assert!(verdict.errors.is_empty() && verdict.reasons().is_empty());

    let absent = judge(
        "assert: cluster.?platformVersion.hasValue()\nat: cluster.platformVersion",
        r#"{"cluster": {"name": "x", "resourcesVpcConfig": {}}}"#,
    );
    assert_eq!(absent.pointers(), ["/cluster/platformVersion"]);
    let wrapped = judge(
        "resource: nodegroup\nassert: \"false\"\nat: nodegroup.version",
        r#"{"nodegroup": {"nodegroupName": "a", "version": "1.30"}}"#,
    );
    assert_eq!(wrapped.pointers(), ["/nodegroup/version"]);
    let go = judge(
        "assert: \"false\"\nat: cluster.resourcesVpcConfig.subnetIds[0]",
        r#"[{"Name": "x", "Arn": "y", "ResourcesVpcConfig": {"SubnetIds": ["s"]}}]"#,
    );
    assert_eq!(go.pointers(), ["/0/ResourcesVpcConfig/SubnetIds/0"]);
}
