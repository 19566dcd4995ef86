//! Whatever a rule or a snapshot holds, judging takes so many steps and so many bytes at most; and what was not judged
//! for that is said. Steps and bytes are counted here, not time: the numbers are those of `src/rule/cel/budget.rs` and
//! `src/engine/limit.rs`.

use crate::support::rules::{Verdict, filled, judge, judge_built_in, scanned};
use assert_cmd::Command;
use ekslint::engine::Outcome::{Error, Fail, NotEvaluated, Pass};
use serde_json::{Value, json};
use std::fs;
use tempfile::TempDir;

const TOO_MANY: &str = "the expression takes too many steps";
const TOO_MANY_FINDINGS: &str =
    "the rule has 10,000 findings on this snapshot already, and more are not kept";

/// An assertion of an expression, in a block so that YAML leaves it alone.
fn asserting(expression: &str) -> String {
    format!("assert: |-\n  {expression}\n")
}

/// A cluster with fields of its own.
fn cluster(fields: Value) -> String {
    let mut cluster = json!({"name": "demo", "arn": "a", "resourcesVpcConfig": {}});
    cluster.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    json!({ "cluster": cluster }).to_string()
}

/// A cluster with so many node groups.
fn nodegroups(times: usize) -> String {
    let groups: Vec<_> =
        (0..times).map(|at| json!({"nodegroupName": format!("n{at}"), "version": "1.30"})).collect();
    let cluster = json!({"name": "demo", "arn": "a", "version": "1.30", "resourcesVpcConfig": {}});
    json!({"cluster": cluster, "nodegroups": groups}).to_string()
}

/// A list of so many numbers, as an expression.
fn numbers(times: usize) -> String {
    format!("[{}]", (0..times).map(|at| at.to_string()).collect::<Vec<_>>().join(","))
}

fn error_of(core: &str, document: &str) -> String {
    let verdict = judge(core, document);
    assert_eq!(verdict.outcome, Error, "{core}: {verdict:?}");
    verdict.errors.join("; ")
}

/// A text of YAML whose aliases stand for `10 * 10 * 11` values and some.
const ALIASES: &str = "a: &a [x,x,x,x,x,x,x,x,x,x]\\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]";

#[test]
fn the_aliases_of_a_document_are_paid_for_before_they_are_put_in() {
    // About 1,200 values of 8 steps each: 9,600 steps, where the text alone has 100 bytes.
    let reading = |times: usize| {
        let list = numbers(times);
        asserting(&format!("{list}.all(a, {list}.all(b, json(a < 0 ? 'x' : '{ALIASES}').size() == 3))"))
    };
    let document = cluster(json!({}));
    assert_eq!(judge(&reading(10), &document).outcome, Pass);
    assert_eq!(error_of(&reading(15), &document), TOO_MANY);
    let kept = asserting(&format!(
        "{0}.map(a, {0}.map(b, json(a < 0 ? 'x' : '{ALIASES}'))).size() > 0",
        numbers(15)
    ));
    assert_eq!(error_of(&kept, &document), TOO_MANY);
    // Without aliases the same values cost what their text has.
    let plain = "- x\\n".repeat(500);
    let plain = asserting(&format!(
        "{0}.all(a, {0}.all(b, json(a < 0 ? 'x' : '{plain}').size() == 500))",
        numbers(15)
    ));
    assert_eq!(judge(&plain, &document).outcome, Pass);
}

#[test]
fn a_document_that_is_made_to_burst_is_not_read() {
    let mut text = "a0: &a0 [x, x]\n".to_owned();
    for at in 1..40 {
        text.push_str(&format!("a{at}: &a{at} [*a{0}, *a{0}]\n", at - 1));
    }
    let verdict = judge(&asserting("json(cluster.endpoint).size() > 0"), &cluster(json!({"endpoint": text})));
    assert_eq!(verdict.outcome, NotEvaluated);
    assert_eq!(verdict.reasons(), ["the aliases of a text of YAML expand to too much"]);
}

#[test]
fn what_is_kept_or_read_is_paid_for_by_its_bytes() {
    let long = "x".repeat(200_000);
    let document =
        cluster(json!({"endpoint": long, "name": long, "resourcesVpcConfig": {"subnetIds": ["a"]}}));
    let list = numbers(40);
    for expression in [
        // Texts of the rule.
        format!("{list}.map(a, {list}.map(b, {list}.map(c, '{}'))).size() > 0", "x".repeat(2_000)),
        format!("{list}.map(a, {list}.map(b, {list}.map(c, {{'k': '{}'}}))).size() > 0", "x".repeat(2_000)),
        // Texts of the snapshot, compared and copied.
        format!("{list}.all(a, {list}.all(b, a < 0 || cluster.endpoint == cluster.name))"),
        format!("{list}.all(a, {list}.all(b, a < 0 || cluster.endpoint <= cluster.name))"),
        format!("{list}.all(a, {list}.all(b, a < 0 || [cluster.endpoint] == [cluster.name]))"),
        format!("{list}.all(a, {list}.all(b, a < 0 || !(cluster.endpoint in ['a', cluster.name + 'x'])))"),
        format!("{list}.map(a, {list}.map(b, a < 0 ? '' : cluster.endpoint)).size() > 0"),
        format!("{list}.all(a, {list}.all(b, a < 0 || !(cluster.endpoint in cluster.tags)))"),
        // Lists of the rule, searched.
        format!(
            "{list}.all(a, {list}.map(b, {list}.map(c, c)).flatten().all(d, a in [{list}.map(e, {list}).flatten()][0]))"
        ),
    ] {
        let shown: String = expression.chars().take(300).collect();
        let verdict = judge(&asserting(&expression), &document);
        assert_eq!((verdict.outcome, verdict.errors.concat().as_str()), (Error, TOO_MANY), "{shown}");
    }
}

#[test]
fn a_rule_pays_for_its_patterns_whatever_was_judged_before() {
    // 200 patterns of 20,000 steps and more do not fit into one evaluation. The next one goes on from there.
    let expression = format!("{}.all(n, !nodegroup.version.matches('^' + string(n) + 'x*$'))", numbers(200));
    let core = format!("resource: nodegroup\n{}", asserting(&expression));
    let outcomes = [(); 3].map(|()| judge(&core, &nodegroups(9)).errors.len());
    assert_eq!(outcomes, [2; 3], "as often as it is judged, on whatever thread");
}

/// How often something was not evaluated for a reason.
fn times(core: &str, document: &str, reason: &str) -> usize {
    let judgement = scanned(&[core], document).remove(0);
    let all = judgement.unknowns.iter().filter(|((_, unknown), _)| unknown.reason == reason);
    all.map(|(_, times)| times).sum()
}

#[test]
fn a_rule_has_ten_thousand_findings_on_a_snapshot() {
    let core = "resource: nodegroup\nassert: 'false'\n";
    let verdict = judge(core, &nodegroups(10_000));
    assert_eq!((verdict.outcome, verdict.findings.len(), verdict.reasons()), (Fail, 10_000, vec![]));
    let document = nodegroups(10_007);
    let verdict = judge(core, &document);
    assert_eq!((verdict.outcome, verdict.findings.len()), (Fail, 10_000));
    assert_eq!((verdict.reasons(), verdict.errors.as_slice()), (vec![TOO_MANY_FINDINGS], &[] as &[String]));
    assert_eq!(times(core, &document, TOO_MANY_FINDINGS), 7, "each that is left counts");
    // Within one resource: whatever is left of it is one thing that was not evaluated.
    let ids: Vec<_> = (0..150).map(|at| format!("s{at}")).collect();
    let document = cluster(json!({"resourcesVpcConfig": {"subnetIds": ids}}));
    let list = "cluster.resourcesVpcConfig.subnetIds";
    let core = format!("each: {{ a: {list}, b: {list} }}\nassert: a == '' && b == ''\n");
    assert_eq!(judge(&core, &document).findings.len(), 10_000);
    assert_eq!(times(&core, &document, TOO_MANY_FINDINGS), 1);
    // The next rule starts anew.
    let judgement = scanned(&[&core, "id: other\nassert: 'false'\n"], &document).remove(0);
    assert_eq!(judgement.findings.len(), 10_001);
}

#[test]
fn the_texts_of_findings_take_so_many_bytes() {
    let reason = "the rule has findings of 32 MiB on this snapshot already, and more are not kept";
    let document = nodegroups(1_000);
    for core in [
        format!("message: \"{}\"\n", "x".repeat(100_000)),
        format!("remediation: {{ text: x, awscli: \"{}\" }}\n", "x".repeat(100_000)),
        format!("related:\n  - {{ at: nodegroup.version, message: \"{}\" }}\n", "x".repeat(100_000)),
    ] {
        let core = format!("resource: nodegroup\nassert: 'false'\n{core}");
        let verdict = judge(&core, &document);
        let bytes = 32 << 20;
        assert!(
            (bytes / 101_000..=bytes / 100_000 + 1).contains(&verdict.findings.len()),
            "{}",
            verdict.findings.len()
        );
        assert_eq!(verdict.reasons(), [reason]);
        assert_eq!(times(&core, &document, reason) + verdict.findings.len(), 1_000);
    }
}

#[test]
fn names_in_reports_are_no_longer_than_those_of_aws() {
    let long = "n".repeat(500_000);
    let document = json!({
        "cluster": {"name": long, "arn": format!("arn:aws:eks:us-west-2:111122223333:cluster/{long}"), "resourcesVpcConfig": {}},
        "nodegroups": [{"nodegroupName": long, "nodegroupArn": long, "version": "1.30"}],
    });
    let judgement = scanned(&["resource: nodegroup\nassert: 'false'\n"], &document.to_string()).remove(0);
    let resource = &judgement.findings[0].resource;
    let names =
        [&judgement.cluster.name, &judgement.cluster.arn].map(|name| name.as_deref().unwrap_or_default());
    for name in names
        .into_iter()
        .chain([&resource.name, &resource.arn].map(|name| name.as_deref().unwrap_or_default()))
    {
        assert_eq!(name.chars().count(), 2_049, "{}", &name[..20]);
    }
}

/// A rule on node groups each of which takes a million steps.
fn expensive(rest: &str) -> String {
    let list = numbers(40);
    format!(
        "resource: nodegroup\nlet:\n  heavy: \"{list}.all(a, {list}.all(b, {list}.all(c, a + b + c >= 0 && nodegroup.version != '')))\"\n{rest}"
    )
}

/// What is said of 60 node groups of which so many are left when the steps end.
fn left_of_60(left: usize) -> String {
    format!("the rule takes too many steps on this snapshot: {left} of 60 nodegroups are not evaluated")
}

#[test]
fn a_rule_that_runs_out_of_steps_says_what_it_did_not_judge() {
    let document = nodegroups(60);
    let verdict = judge(&expensive("assert: '!heavy'\n"), &document);
    assert_eq!(verdict.outcome, Fail, "what was found stays");
    let found = verdict.findings.len();
    assert!((10..50).contains(&found), "{found}");
    // The one at which the steps ended, and those behind it.
    assert_eq!(verdict.errors, [TOO_MANY.to_owned(), left_of_60(59 - found)]);
}

#[test]
fn a_message_that_runs_out_of_steps_says_so() {
    let document = nodegroups(60);
    let core = expensive("assert: 'false'\nmessage: \"{{nodegroup.nodegroupName}} is {{heavy}}\"\n");
    let verdict = judge(&core, &document);
    let whole = verdict.findings.iter().filter(|finding| finding.message.ends_with("is true")).count();
    let cut = verdict.findings.iter().filter(|finding| finding.message.ends_with("is ?")).count();
    assert_eq!((whole + cut, cut), (verdict.findings.len(), 1), "one message is cut, and it stays");
    assert_eq!(verdict.errors, [TOO_MANY.to_owned(), left_of_60(59 - whole)]);
}

#[test]
fn a_finding_without_its_key_would_be_another_one() {
    let core = expensive("assert: 'false'\nkey: \"string(heavy)\"\n");
    let verdict = judge(&core, &nodegroups(60));
    assert_eq!(verdict.errors.len(), 2, "{:?}", verdict.errors);
    let mut fingerprints: Vec<_> = verdict.findings.iter().map(|finding| finding.fingerprint).collect();
    fingerprints.sort();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), verdict.findings.len());
    assert!(verdict.findings.len() < 59);
}

#[test]
fn reasons_are_counted_and_not_all_kept() {
    let ids: Vec<_> = (0..3_000).map(|at| format!("no-block-{at}")).collect();
    let document = cluster(json!({"resourcesVpcConfig": {"publicAccessCidrs": ids}}));
    let core = "each: cluster.resourcesVpcConfig.publicAccessCidrs\nassert: cidr(item).prefixLength() > 0\n";
    let judgement = scanned(&[core], &document).remove(0);
    assert_eq!((judgement.unknowns.len(), judgement.unknowns.values().sum::<usize>()), (1_001, 3_000));
    assert_eq!(times(core, &document, "there are more than 1,000 reasons; these are the rest"), 2_000);
}

#[test]
fn what_does_not_depend_on_the_resource_is_worked_out_once() {
    let document = nodegroups(3_000);
    let many = "nodegroups.filter(n, n.version == '1.30').map(n, n.nodegroupName)";
    for core in [
        // By name, in place, in a message, within a loop, and as one `let` in another.
        format!("let: {{ names: \"{many}\" }}\nassert: names.size() == 3000\n"),
        asserting(&format!("{many}.size() == 3000")),
        asserting(&format!("[1, 2].all(x, {many}.size() + x > 3000)")),
        format!(
            "let: {{ names: \"{many}\", last: \"names.filter(n, n.endsWith('9')).size() + nodegroup.version.size()\" }}\nassert: last == 304\n"
        ),
        format!("when: {many}.size() > 0\neach: \"[1, 2]\"\nat: nodegroup\nassert: {many}.size() > item\n"),
    ] {
        let verdict = judge(&format!("resource: nodegroup\n{core}"), &document);
        assert_eq!((verdict.outcome, verdict.errors), (Pass, vec![]), "{core}");
    }
    // A look-up for each resource in what is shared takes a step for each item.
    let core = format!("resource: nodegroup\nassert: \"nodegroup.nodegroupName in {many}\"\n");
    assert_eq!(judge(&core, &document).outcome, Pass);
}

#[test]
fn what_depends_on_the_resource_is_worked_out_once_for_all_its_items() {
    let ids: Vec<_> = (0..2_000).map(|at| format!("s{at}")).collect();
    let document = json!({
        "cluster": {"name": "demo", "arn": "a", "resourcesVpcConfig": {}},
        "nodegroups": [
            {"nodegroupName": "a", "subnets": ids},
            {"nodegroupName": "b", "subnets": ["s5", "t"]},
        ],
    });
    let core = "resource: nodegroup\nlet: { own: \"nodegroup.subnets.filter(s, s.startsWith('s')).size()\" }\n\
                each: nodegroup.subnets\nassert: own == 2000\nmessage: \"{{nodegroup.nodegroupName}} has {{own}}\"\n";
    let verdict = judge(core, &document.to_string());
    let messages: Vec<_> = verdict.findings.iter().map(|finding| &*finding.message).collect();
    assert_eq!(
        (messages, verdict.errors),
        (vec!["b has 1", "b has 1"], vec![]),
        "each resource has a value of its own"
    );
}

#[test]
fn a_shared_value_that_is_unknown_or_fails_does_so_for_each_who_asks() {
    let document = json!({
        "cluster": {"name": "demo", "arn": "a", "resourcesVpcConfig": {}},
        "nodegroups": [{"nodegroupName": "a"}, {"nodegroupName": "b"}],
    });
    let shared = |rest: &str| {
        let core = format!(
            "resource: nodegroup\nlet: {{ all: \"subnets.map(s, s.SubnetId)\", wrong: \"[1].map(n, 1 / 0)\" }}\n{rest}"
        );
        judge(&core, &document.to_string())
    };
    assert_eq!(shared("assert: all.size() > 0\n").outcome, NotEvaluated);
    assert_eq!(shared("assert: \"all.size() > 0 || nodegroup.nodegroupName != ''\"\n").outcome, Pass);
    assert_eq!(shared("assert: \"nodegroup.nodegroupName != '' || all.size() > 0\"\n").outcome, Pass);
    let Verdict { outcome, errors, .. } = shared("assert: wrong.size() > 0\n");
    assert_eq!((outcome, errors.len()), (Error, 2), "{errors:?}");
    assert!(errors[0].contains("Division by zero"), "{errors:?}");
    assert_eq!(shared("assert: \"nodegroup.nodegroupName != '' || wrong.size() > 0\"\n").outcome, Pass);
}

/// A cluster with so many access entries, of which every second is an administrator.
fn entries(times: usize) -> String {
    let entry = |at: usize| {
        let policy = if at.is_multiple_of(2) { "AmazonEKSClusterAdminPolicy" } else { "AmazonEKSViewPolicy" };
        json!({
            "principalArn": format!("arn:aws:iam::111122223333:role/team-{at}"),
            "type": "STANDARD",
            "associatedAccessPolicies": [{
                "policyArn": format!("arn:aws:eks::aws:cluster-access-policy/{policy}"),
                "accessScope": {"type": "cluster", "namespaces": []},
            }],
        })
    };
    let cluster = json!({
        "name": "demo",
        "arn": "arn:aws:eks:us-west-2:111122223333:cluster/demo",
        "resourcesVpcConfig": {},
        "accessConfig": {"authenticationMode": "API"},
    });
    json!({"cluster": cluster, "accessEntries": (0..times).map(entry).collect::<Vec<_>>()}).to_string()
}

#[test]
fn a_thousand_administrators_are_a_thousand_findings() {
    let judgement = judge_built_in("access-entry-cluster-admin", &entries(2_000));
    assert_eq!((judgement.findings.len(), &judgement.errors), (1_000, &Vec::new()));
    assert!(judgement.findings[999].message.contains("one of 1000 administrators"));
    // And it goes on like that: what the rule takes grows with the number of entries, not with its square.
    let judgement = judge_built_in("access-entry-cluster-admin", &entries(12_000));
    assert_eq!((judgement.findings.len(), &judgement.errors), (6_000, &Vec::new()));
}

#[test]
fn built_in_rules_have_steps_enough_for_a_large_cluster() {
    let judgement = judge_built_in("*", &large(400).to_string());
    assert_eq!(judgement.errors, []);
    assert!(judgement.findings.len() > 400, "{}", judgement.findings.len());
}

/// A cluster that has so many of everything through which rules look for each resource of another sort.
fn large(times: usize) -> Value {
    let list = |item: &dyn Fn(usize) -> Value| (0..times).map(item).collect::<Vec<_>>();
    let role = |at: usize| format!("arn:aws:iam::111122223333:role/r{at}");
    let tag = |key: &str, value: &str| json!({"Key": key, "Value": value});
    json!({
        "cluster": {
            "name": "demo", "arn": "arn:aws:eks:us-west-2:111122223333:cluster/demo", "version": "1.33",
            "roleArn": role(0),
            "resourcesVpcConfig": {"vpcId": "vpc-1", "subnetIds": ["subnet-0", "subnet-1"]},
        },
        "nodegroups": list(&|at| json!({
            "nodegroupName": format!("n{at}"), "subnets": [format!("subnet-{at}")], "nodeRole": role(at),
            "launchTemplate": {"id": format!("lt-{at}"), "version": "1"},
        })),
        "launchTemplateVersions": list(&|at| json!({
            "LaunchTemplateId": format!("lt-{at}"), "VersionNumber": 1, "LaunchTemplateData": {},
        })),
        "fargateProfiles": list(&|at| json!({
            "fargateProfileName": format!("f{at}"), "subnets": [format!("subnet-{at}")], "podExecutionRoleArn": role(at),
        })),
        "instances": list(&|at| json!({
            "InstanceId": format!("i-{at}"), "SubnetId": format!("subnet-{at}"), "VpcId": "vpc-1",
            "SecurityGroups": [{"GroupId": format!("sg-{at}")}],
            "MetadataOptions": {"HttpTokens": "optional", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 2},
            "Tags": [tag("eks:cluster-name", "demo"), tag("eks:nodegroup-name", &format!("n{at}"))],
        })),
        "securityGroups": list(&|at| json!({
            "GroupId": format!("sg-{at}"), "GroupName": "x", "VpcId": "vpc-1", "IpPermissionsEgress": [],
            "IpPermissions": [{
                "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                "Ipv6Ranges": [], "PrefixListIds": [], "UserIdGroupPairs": [],
            }],
        })),
        "subnets": list(&|at| json!({
            "SubnetId": format!("subnet-{at}"), "VpcId": "vpc-1", "MapPublicIpOnLaunch": true,
            "AvailableIpAddressCount": 1, "AvailabilityZone": format!("us-west-2{}", ["a", "b"][at % 2]),
            "AvailabilityZoneId": format!("usw2-az{}", at % 2 + 1),
        })),
        "flowLogs": list(&|at| json!({
            "FlowLogId": format!("fl-{at}"), "ResourceId": format!("subnet-{at}"), "FlowLogStatus": "ACTIVE",
            "TrafficType": "ALL",
        })),
        "vpc": {"VpcId": "vpc-1"},
        "updates": list(&|at| json!({
            "id": format!("u{at}"), "type": "VersionUpdate", "status": "Failed", "createdAt": "2026-11-20T00:00:00Z",
            "nodegroupName": format!("n{at}"),
        })),
        "addons": list(&|at| json!({"addonName": format!("a{at}")})),
        "addonVersions": list(&|at| json!({
            "addonName": format!("a{at}"), "addonVersions": [{"addonVersion": "v1", "requiresIamPermissions": true}],
        })),
        "podIdentityAssociations": list(&|at| json!({
            "associationArn": format!("arn:{at}"), "serviceAccount": format!("s{at}"), "roleArn": role(at),
        })),
        "regionClusters": list(&|at| json!({"name": format!("c{at}"), "arn": format!("arn:{at}"), "roleArn": role(at)})),
        "roles": list(&|at| json!({"RoleName": format!("r{at}"), "Arn": role(at), "AttachedManagedPolicies": [], "RolePolicyList": []})),
        "accessEntries": list(&|at| json!({"principalArn": role(at), "type": "EC2_LINUX"})),
    })
}

/// Runs ekslint on a snapshot with 10,001 node groups and a rule that finds something in each.
fn scan_of_too_much(options: &[&str]) -> (Option<i32>, String) {
    let dir = TempDir::new().expect("a temporary directory");
    let (rules, file) = (dir.path().join("rules"), dir.path().join("prod.json"));
    fs::create_dir(&rules).expect("a directory");
    fs::write(rules.join("tested.yaml"), filled("resource: nodegroup\nassert: 'false'\n")).expect("a file");
    fs::write(&file, nodegroups(10_001)).expect("a file");
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    command.args(["scan", "--no-config", "--no-default-rules", "--as-of", "2026-11-21", "--rules"]);
    let output = command.arg(&rules).arg(&file).args(options).output().expect("it runs");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn every_report_says_that_findings_are_not_all() {
    for (options, place) in [
        (["--format", "json"], "/notEvaluated/0/reason"),
        (["--format", "sarif"], "/runs/0/invocations/0/toolExecutionNotifications/0/message/text"),
    ] {
        let (code, out) = scan_of_too_much(&options);
        let report: Value = serde_json::from_str(&out).expect("JSON");
        let told = report.pointer(place).and_then(Value::as_str).unwrap_or_default();
        assert!(told.contains("10,000 findings on this snapshot already"), "{options:?}: {told}");
        assert_eq!(code, Some(1));
    }
    for (format, told) in [
        ("text", TOO_MANY_FINDINGS),
        ("concise", TOO_MANY_FINDINGS),
        ("markdown", "Not everything was read and evaluated."),
    ] {
        let (code, out) = scan_of_too_much(&["--format", format, "--strict"]);
        let out = out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(out.contains(told), "{format}: {}", &out[out.len().saturating_sub(2_000)..]);
        assert_eq!(code, Some(3), "{format}");
    }
}

#[test]
fn a_long_line_is_not_looked_through_for_each_finding() {
    let dir = TempDir::new().expect("a temporary directory");
    let file = dir.path().join("prod.json");
    let text = nodegroups(3_000);
    fs::write(&file, &text).expect("a file");
    fs::write(
        dir.path().join("tested.yaml"),
        filled("resource: nodegroup\nassert: nodegroup.nodegroupName != 'n2900'\nat: nodegroup.version\n"),
    )
    .expect("a file");
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    command.args([
        "scan",
        "prod.json",
        "--no-config",
        "--no-default-rules",
        "--rules",
        "tested.yaml",
        "-q",
        "--full",
    ]);
    let output = command.current_dir(dir.path()).output().expect("it runs");
    let out = String::from_utf8_lossy(&output.stdout);
    let column =
        text.find("\"n2900\"").and_then(|at| Some(at + text[at..].find("\"1.30\"")? + 1)).expect("the place");
    assert!(column > 100_000);
    // Lines are numbered from the left, so the place is told by the words before it.
    assert!(out.contains(&format!("--> prod.json:1:{column}\n")), "{out}");
    let caret =
        out.lines().find(|line| line.contains("^^^^^^")).and_then(|line| line.find('^')).expect("a caret");
    let line = out.lines().find(|line| line.starts_with("1 | ")).expect("the line");
    assert_eq!(&line[caret..caret + 6], "\"1.30\"", "{out}");
    assert!(out.len() < 2_000, "{out}");
}

/// A document with all points in time changed.
fn with_times(value: &mut Value, new: &Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| with_times(item, new)),
        Value::Object(fields) => fields.values_mut().for_each(|field| with_times(field, new)),
        Value::String(text) => {
            let is_time = text.len() > 18 && text.as_bytes()[10] == b'T' && text.starts_with("20");
            if is_time {
                *value = new.clone();
            }
        }
        _ => {}
    }
}

#[test]
fn impossible_times_are_unknown_and_no_rule_fails_for_them() {
    let text = fs::read_to_string("fixtures/forgotten-upgrade.json").expect("a snapshot");
    let mut document: Value = serde_json::from_str(&text).expect("JSON");
    let update = document.pointer_mut("/updates/0").expect("an update");
    update["status"] = json!("Failed");
    update["createdAt"] = json!("2026-11-20T10:00:00Z");
    let text = document.to_string();
    assert_eq!(judge_built_in("update-failed", &text).outcomes, [Fail]);
    for time in [
        json!("9999-12-31T23:59:59Z"),
        json!("0001-01-01T00:00:00Z"),
        json!("2201-01-01T00:00:00-09:00"),
        json!("1969-12-31T00:00:00Z"),
        json!(99_999_999_999_u64),
        json!(-62_135_596_800_i64),
        json!(1e300),
        json!(i64::MAX),
    ] {
        let mut document: Value = serde_json::from_str(&text).expect("JSON");
        with_times(&mut document, &time);
        let judgement = judge_built_in("*", &document.to_string());
        assert_eq!(judgement.errors, [], "{time}");
        let judgement = judge_built_in("update-failed", &document.to_string());
        assert_eq!(judgement.outcomes, [NotEvaluated], "{time}");
        let reasons: Vec<_> = judgement.unknowns.keys().map(|(_, unknown)| unknown.reason.as_str()).collect();
        assert!(reasons.iter().any(|reason| reason.contains("not a point in time")), "{time}: {reasons:?}");
    }
}

#[test]
fn numbers_that_overflow_are_unknown() {
    let text = fs::read_to_string("fixtures/study-lab.json").expect("a snapshot");
    let mut document: Value = serde_json::from_str(&text).expect("JSON");
    let group = document.pointer_mut("/nodegroups/0").expect("a node group");
    group["scalingConfig"]["desiredSize"] = json!(i64::MAX);
    group["updateConfig"] = json!({"maxUnavailablePercentage": 50});
    let judgement = judge_built_in("*", &document.to_string());
    assert_eq!(judgement.errors, []);
}

#[test]
fn today_is_a_day_of_our_time() {
    let run = |arguments: &str| {
        let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
        let output = command.args(arguments.split_whitespace()).output().expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let formats = ["text", "concise", "json", "sarif", "github", "markdown", "junit", "csv", "ocsf", "asff"];
    let scans = formats.map(|format| format!("scan fixtures --no-config --level all --format {format}"));
    let others = [
        "diff fixtures/study-lab.json fixtures/office-access.json --no-config",
        "explain fixtures",
        "explain fixtures --format json",
        "versions fixtures",
        "versions fixtures --format json",
        "config show --no-config",
    ];
    let commands: Vec<_> = scans.iter().map(String::as_str).chain(others).collect();
    for command in &commands {
        for day in ["2000-01-01", "2200-12-31"] {
            let (code, err) = run(&format!("{command} --as-of {day}"));
            assert!(matches!(code, Some(0 | 1)), "{command} on {day}: {err}");
        }
    }
    for command in [commands[0]].iter().chain(&others) {
        for day in ["9999-12-31", "0001-01-01", "1999-12-31", "-0001-01-01"] {
            let (code, err) = run(&format!("{command} --as-of={day}"));
            assert_eq!(code, Some(2), "{command} on {day}");
            assert!(
                err.contains("the day must be from 2000-01-01 to 2200-12-31"),
                "{command} on {day}: {err}"
            );
        }
        let (code, err) = run(&format!("{command} --as-of 21.11.2026"));
        assert_eq!(code, Some(2));
        assert!(err.contains("write a date as 2026-11-21"), "{err}");
    }
}
