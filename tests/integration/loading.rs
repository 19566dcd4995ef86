//! A rule with a mistake does not load, and the mistake is told with its place, what is known and
//! the nearest name.

use crate::support::rules::{filled, judge, load, mistakes};
use ekslint::engine::Outcome;
use ekslint::rule::load::check_built_in;
use ekslint::rule::{RuleSet, RuleSource};
use ekslint::value::position::LineColumn;
use insta::assert_snapshot;
use std::fmt::Write;
use std::fs;
use tempfile::TempDir;

/// What is wrong with each of some rules, below its text.
fn all_mistakes(cores: &[&str]) -> String {
    cores.iter().fold(String::new(), |mut text, core| {
        let mistakes = mistakes(core);
        assert!(!mistakes.is_empty(), "loads, but should not:\n{core}");
        let _ = writeln!(text, "{}\n=> {mistakes}\n", core.trim_end());
        text
    })
}

/// Twelve rules that are hard to write in other languages. Those about facts that do not exist yet
/// stand in [`RULES_ON_FACTS_TO_COME`].
const HARD_RULES: [&str; 12] = [
    r#"
id: control-plane-logging-incomplete
resource: cluster
params: { types: [api, audit, authenticator, controllerManager, scheduler] }
each: params.types
assert: |-
  cluster.logging.clusterLogging.exists(s, s.enabled && item in s.types)
at: cluster.logging.clusterLogging
key: item
message: "control plane log type {{item}} is off"
"#,
    r#"
id: endpoint-open-to-internet
resource: cluster
when: cluster.resourcesVpcConfig.endpointPublicAccess
checks:
  - each: cluster.resourcesVpcConfig.?publicAccessCidrs.orValue([])
    assert: cidr(item).prefixLength() > 0
    message: open to {{item}}
  - assert: cluster.resourcesVpcConfig.?publicAccessCidrs.orValue([]).size() > 0
    at: cluster.resourcesVpcConfig.publicAccessCidrs
    message: open to everyone
"#,
    r#"
id: endpoint-nearly-open-to-internet
resource: cluster
params: { v4: 8, v6: 32 }
let: { list: cluster.resourcesVpcConfig.publicAccessCidrs }
when: cluster.resourcesVpcConfig.endpointPublicAccess && list.all(c, cidr(c).prefixLength() > 0)
assert: |-
  !cidrs(list).widerThan(params.v4, params.v6)
at: cluster.resourcesVpcConfig.publicAccessCidrs
"#,
    r#"
id: network-policy-not-enforced
resource: cluster
when: |-
  !cluster.?computeConfig.?enabled.orValue(false)
let: { cni: "addons['vpc-cni']", config: "json(cni.configurationValues)" }
assert: config.enableNetworkPolicy in [true, 'true']
at: cni.configurationValues
"#,
    r#"
id: addon-version-incompatible
resource: addon
let: { offered: "addonVersions[addon.addonName].addonVersions" }
assert: |-
  offered.exists(v, v.addonVersion == addon.addonVersion &&
    v.compatibilities.exists(c, c.clusterVersion == cluster.version))
at: addon.addonVersion
"#,
    r#"
id: access-entry-cluster-admin
resource: accessEntry
params: { allowed: ["arn:aws:iam::*:role/break-glass"] }
when: |-
  !params.allowed.exists(p, accessEntry.principalArn.glob(p))
each: accessEntry.associatedAccessPolicies
assert: |-
  !(item.policyArn.endsWith('/AmazonEKSClusterAdminPolicy') && item.accessScope.type == 'cluster')
at: item.policyArn
"#,
    r#"
id: nodegroup-version-skew
resource: nodegroup
let: { behind: minor(cluster.version) - minor(nodegroup.version), allowed: "minor(cluster.version) >= 28 ? 3 : 2" }
checks:
  - assert: behind <= allowed
    at: nodegroup.version
    message: too old
  - assert: behind >= 0
    at: nodegroup.version
    message: too new
"#,
    r#"
id: upgrade-blocked-by-addresses
resource: cluster
params: { free: 5 }
let: { ids: cluster.resourcesVpcConfig.subnetIds }
assert: |-
  ids.exists(a, subnets[a].AvailableIpAddressCount >= params.free && ids.exists(b,
    subnets[b].AvailableIpAddressCount >= params.free && subnets[b].AvailabilityZoneId != subnets[a].AvailabilityZoneId))
at: ids
"#,
    r#"
id: launch-template-imds-v1
resource: nodegroup
when: has(nodegroup.launchTemplate)
let: { lt: "launchTemplateVersions[nodegroup.launchTemplate.id + ':' + nodegroup.launchTemplate.version]" }
assert: |-
  lt.LaunchTemplateData.?MetadataOptions.?HttpTokens.orValue('optional') == 'required'
    || images[lt.LaunchTemplateData.ImageId].?ImdsSupport.orValue('') == 'v2.0'
at: lt.LaunchTemplateData.MetadataOptions.HttpTokens
"#,
    r#"
id: node-security-group-exposes-kubelet
resource: securityGroup
when: facts.securityGroups[securityGroup.GroupId].usedByNodes
each: { permission: securityGroup.IpPermissions, range: permission.IpRanges }
assert: |-
  !(permission.IpProtocol in ['-1', 'tcp'] && cidr(range.CidrIp).prefixLength() == 0
    && permission.?FromPort.orValue(0) <= 10250 && 10250 <= permission.?ToPort.orValue(65535))
at: range.CidrIp
"#,
    r#"
id: irsa-trust-wildcard-subject
resource: role
each: facts.roles[role.Arn].trust.oidc
assert: |-
  item.subjects.all(s, !s.contains('*') && !s.contains('?'))
"#,
    r#"
id: nodegroup-in-public-subnet
resource: nodegroup
each: nodegroup.subnets
assert: facts.subnets[item].defaultRoute.target != 'internet-gateway'
"#,
];

#[test]
fn hard_rules_load() {
    for core in HARD_RULES {
        assert_eq!(mistakes(core), "", "{core}");
    }
}

#[test]
fn facts_that_do_not_exist_are_a_mistake() {
    let told = all_mistakes(&[
        "assert: facts.cluster.vershion.value == ''",
        "assert: facts.cluster.flows.kubeletToApiServer.all(f, f.verdikt == '')",
        "resource: role\neach: facts.roles[role.Arn].trust.oidc\nassert: item.subject == ''",
        "resource: securityGroup\nwhen: facts.securityGroups[securityGroup.GroupId].usedByNode\nassert: 'true'",
        "assert: facts.subnet.size() > 0",
    ]);
    assert_snapshot!(told);
}

#[test]
fn fields_that_aws_does_not_have_are_a_mistake() {
    let told = all_mistakes(&[
        "resource: nodegroup\nassert: nodegroup.remoteAcess.ec2SshKey == ''",
        "assert: nodegroups.all(ng, ng.subnets.all(s, !subnets.exists(x, x.SubnetID == s)))",
        "assert: cluster.?acessConfig.?authenticationMode.orValue('') == 'API'",
        "assert: cluster.version > 1",
        r#"let: { own: "subnets.filter(s, s.SubnetId in cluster.resourcesVpcConfig.subnetIds).map(s, s.AvailabilityZone).distinct()" }
assert: own.exists(z, z.name == 'x')"#,
        "assert: natgateways.size() > 0",
        "assert: has(cluster.loging)",
        "assert: nodegroups.filter(n, n.version == '1.30').all(n, n.nam == '')",
        "assert: nodegroups.map(n, n.scalingConfig).exists(c, c.min == 1)",
        "assert: nodegroups.all(i, n, n.nam == '')",
        "assert: nodegroups.first().value().nam == ''",
        "assert: nodegroups['blue'].nam == ''",
        "assert: nodegroups[0].?scalingConfig.?min.orValue(1) == 1",
        "assert: \"(cluster.deletionProtection ? nodegroups[0] : nodegroups[1]).nam == ''\"",
        "let: { first: \"nodegroups[0]\", config: first.scalingConfig }\nassert: config.min == 1",
        "resource: nodegroup\neach: nodegroup.subnets\nassert: item.SubnetId == ''",
        "resource: securityGroup\neach: { permission: securityGroup.IpPermissions, range: permission.IpRange }\nassert: 'true'",
        "assert: 'true'\nat: cluster.resourcesVpcConfig.publicAccessCidr",
        "assert: 'true'\nmessage: 'the cluster {{cluster.nmae}} is wrong'",
        "assert: 'true'\nrelated: [{ at: cluster.verison, message: here }]",
        "assert: 'true'\nremediation: { text: x, awscli: 'aws eks describe-cluster --name {{cluster.nmae}}' }",
        "assert: facts.cluster.version.statsu == 'standard'",
        "params: { limit: 1 }\nassert: params.limits == 1",
    ]);
    assert_snapshot!(told);
}

#[test]
fn a_field_that_aws_added_yesterday_is_reached_by_its_name_in_brackets() {
    let core = "assert: cluster['kubeApiServerConfig'].eventTtl == '1h'";
    let cluster = |field: &str| {
        format!(r#"{{"cluster": {{"name": "demo", "arn": "a", "resourcesVpcConfig": {{}}{field}}}}}"#)
    };
    let field = |ttl: &str| cluster(&format!(r#", "kubeApiServerConfig": {{"eventTtl": "{ttl}"}}"#));
    assert_eq!(judge(core, &field("1h")).outcome, Outcome::Pass);
    assert_eq!(judge(core, &field("2h")).outcome, Outcome::Fail);
    assert_eq!(judge(core, &cluster("")).outcome, Outcome::NotEvaluated);
}

#[test]
fn names_functions_and_types() {
    let told = all_mistakes(&[
        "assert: clustr.name == ''",
        "assert: cluster.name.startWith('a')",
        "assert: cird('10.0.0.0/8').prefixLength() > 8",
        "assert: cidr('10.0.0.0/8').prefixLen() > 8",
        "assert: cluster.name.matches('[a-z')",
        "assert: cluster.name.size('x') > 1",
        "assert: cluster.name + 1 == ''",
        "assert: cluster.name",
        "when: cluster.tags\nassert: 'true'",
        "assert: cluster.version < '1.30'",
        "assert: cluster.createdAt < now - days(30)",
        "assert: cluster.tags.exists(cluster, true)",
        "let: { cluster: '1' }\nassert: 'true'",
        "let: { a-b: '1' }\nassert: 'true'",
        "let: { late: early, early: '1' }\nassert: 'true'",
        "each: cluster.name\nassert: 'true'",
        "each: '[1, 2]'\nassert: item == 1",
        "at: cluster.name + 'x'\nassert: 'true'",
        "at: params\nassert: 'true'",
        "assert: 'cluster.name =='",
        "assert: 'cluster.name = 1'",
        "assert: ''",
        "message: 'no end {{cluster.name'\nassert: 'true'",
        "assert: |-\n  cluster.name == 'x' &&\n    // a comment\n    cluster.nmae == 'x'",
        "assert: >-\n  cluster.name == 'x' &&\n  cluster.nmae == 'x'",
        "assert: \"'가나' == cluster.nmae\"",
    ]);
    assert_snapshot!(told);
}

#[test]
fn keys_and_values() {
    let told = all_mistakes(&[
        "asert: 'true'",
        "assert: 'true'\nseverity: hihg",
        "assert: 'true'\nlevel: all",
        "assert: 'true'\nresource: nodegroups",
        "assert: 'true'\nresource: database",
        "assert: 'true'\nid: Not An Id",
        "assert: 'true'\nclusters: [eks, onprem]",
        "assert: 'true'\nmessage: x\nremediation: { txt: x }",
        "assert: 'true'\nmessage: x\nremediation: { text: x, summary: ' ' }",
        "assert: 'true'\nmessage: x\nremediation: { text: x, summary: \"one\\ntwo\" }",
        "assert: 'true'\nmessage: x\nremediation: { text: x, summary: 'Write a sentence that has more to say than what fits into one row of a terminal, however wide' }",
        "assert: 'true'\nrationale: '  '",
        "assert: 'true'\nassert: 'false'",
        "let: { a: '1', a: '2' }\nassert: 'true'",
        "assert: [a, b]",
        "message: x\nwhen: 'true'",
        "checks: []",
        "checks: [{ assert: 'true', message: x }]\nassert: 'true'",
        "checks: [{ assert: 'true' }]",
        "each: { a: params, b: params, c: params, d: params, e: params }\nassert: 'true'",
        "params: { v: 1.30 }\nassert: 'true'",
        "params: { v: { type: int, default: '1.30' } }\nassert: 'true'",
        "params: { v: { tpye: int } }\nassert: 'true'",
        "params: { v: { description: x } }\nassert: 'true'",
        "params: { v: { type: int, organization: limits } }\nassert: 'true'",
        "params: { v: { type: list, organization: Allowed CIDRs } }\nassert: 'true'",
        "assert: 'true'\n\ttitle: x",
    ]);
    assert_snapshot!(told);
}

#[test]
fn what_yaml_would_read_otherwise() {
    let told = all_mistakes(&[
        "assert: !cluster.deletionProtection",
        "when: !has(cluster.x)\nassert: 'true'",
        "assert: !(cluster.name == 'x')",
        "when:\nassert: 'true'",
        "when: ~\nassert: 'true'",
        "when: null\nassert: 'true'",
        "references: [ ~ ]\nassert: 'true'",
        "let: { a: &x '1', b: *x }\nassert: 'true'",
        "aliases: &all [a]\nreferences: *all\nassert: 'true'",
    ]);
    assert_snapshot!(told);
}

#[test]
fn examples_that_are_no_snapshots() {
    let told = all_mistakes(&[
        "assert: 'true'\nexamples:\n  - name: a version that is a number\n    snapshot:\n      cluster:\n        name: demo\n        version: 1.30\n    finds: []",
        "assert: 'true'\nexamples:\n  - { name: in a list, snapshot: { nodegroups: [{ nodegroupName: a }, { nodegroupName: b, version: 1.3 }] }, finds: [] }",
        "assert: 'true'\nexamples:\n  - { name: a word that YAML takes for a boolean, snapshot: { nodegroups: [{ nodegroupName: y }] }, finds: [] }",
        "assert: 'true'\nexamples:\n  - { name: a text for a list, snapshot: { cluster: { encryptionConfig: none } }, finds: [] }",
        "assert: 'true'\nexamples:\n  - { name: a key that is none, snapshot: {}, find: [] }",
        "assert: 'true'\nexamples:\n  - { name: an outcome that is none, snapshot: {}, outcome: passes }",
    ]);
    assert_snapshot!(told);
    let null = "assert: 'true'\nexamples: [{ name: AWS prints nulls, snapshot: { cluster: { tags: null } }, finds: [] }]";
    assert_eq!(mistakes(null), "");
}

#[test]
fn too_large_or_too_deep() {
    let doubled = |start: &str, step: fn(&str) -> String, times: usize| {
        let mut text = format!("let:\n  a0: \"{start}\"\n");
        for at in 1..=times {
            let _ = writeln!(text, "  a{at}: \"{}\"", step(&format!("a{}", at - 1)));
        }
        format!("{text}assert: a{times} == a{times}")
    };
    let deep = |times: usize| format!("assert: \"{}true{}\"", "(true && ".repeat(times), ")".repeat(times));
    let loops = (0..5).fold("true".to_owned(), |inner, at| format!("[1].all(x{at}, {inner})"));
    let rules = [
        doubled("'x'", |a| format!("{a} + {a}"), 30),
        doubled("{'x': 1}", |a| format!("{{'a': {a}, 'b': {a}}}"), 30),
        doubled("[1]", |a| format!("[{a}, {a}]"), 30),
        doubled("true", |a| format!("!(!({a} && true))"), 40),
        doubled("[1].all(x, true)", |a| format!("[1].all(x, {a})"), 5),
        deep(70),
        format!("assert: \"{loops}\""),
        format!("assert: \"{}\"", "1 + ".repeat(2000)),
        format!("assert: \"true\"\nmessage: \"{}\"", "{{1}}".repeat(2000)),
    ];
    let told = rules.map(|core| mistakes(&core)).join("\n");
    assert_snapshot!(told);
}

#[test]
fn an_id_is_used_once_in_a_source_and_a_later_source_overrides() {
    let (first, second) = (filled("assert: 'true'\nid: same"), filled("assert: 'false'\nid: same"));
    let loaded = load(&[first.clone(), second.clone(), filled("assert: 'true'\nid: other")]);
    let ids: Vec<_> = loaded.set.rules.iter().map(|rule| rule.id.as_str()).collect();
    assert_eq!(ids, ["other", "same"]);
    assert_eq!(loaded.errors.len(), 1);
    assert_snapshot!(loaded.errors[0], @"rule.yaml:2:5: the rule id `same` is already used in rule-1.yaml");

    let dir = TempDir::new().expect("a temporary directory");
    let folder = |name: &str, text: &str| {
        fs::create_dir(dir.path().join(name)).expect("a folder");
        fs::write(dir.path().join(name).join("rule.yaml"), text).expect("a file");
        RuleSource::Path(dir.path().join(name))
    };
    let loaded = RuleSet::load(&[folder("ours", &first), folder("theirs", &second)], false);
    assert_eq!(loaded.errors, []);
    assert!(loaded.set.rules[0].file.contains("theirs"));
    let notice = loaded.notices[0].replace(&format!("{}/", dir.path().display()), "");
    assert_snapshot!(notice, @"theirs/rule.yaml: overrides the rule same of ours/rule.yaml");
}

#[test]
fn a_mistake_costs_its_rule_alone() {
    let loaded = load(&[filled("assert: 'true'\nid: good"), filled("assert: nope\nid: bad")]);
    assert_eq!(loaded.set.rules.len(), 1);
    assert_eq!(loaded.set.rules[0].id, "good");
    assert_eq!(loaded.errors.len(), 1);
    assert_eq!(loaded.errors[0].rule.as_deref(), Some("bad"));
    assert_eq!(loaded.errors[0].place, Some(LineColumn::of(1, 9)));
}

#[test]
fn built_in_rules_stand_every_check() {
    assert_eq!(check_built_in(), []);
}

#[test]
fn what_is_no_rule_file() {
    let dir = TempDir::new().expect("a temporary directory");
    let load = |path: &str| {
        let loaded = RuleSet::load(&[RuleSource::Path(dir.path().join(path))], false);
        loaded.errors[0].to_string().replace(&format!("{}/", dir.path().display()), "")
    };
    fs::create_dir(dir.path().join("empty")).expect("a folder");
    fs::write(dir.path().join("latin.yaml"), b"title: \xFF\n").expect("a file");
    fs::write(dir.path().join("huge.yaml"), "#".repeat(300_000)).expect("a file");
    fs::write(dir.path().join("two.yaml"), format!("{0}---\n{0}", filled("assert: 'true'"))).expect("a file");
    fs::write(dir.path().join("nothing.yaml"), "").expect("a file");
    let told =
        ["empty", "latin.yaml", "huge.yaml", "two.yaml", "nothing.yaml", "absent"].map(load).join("\n");
    assert_snapshot!(told);
}
