//! What a rule says about a snapshot: the five outcomes, where findings point, what their messages
//! say, and what stays the same about them.

use crate::support::rules::{judge, scanned, verdicts};
use ekslint::engine::Outcome::{Error, Fail, NotApplicable, NotEvaluated, Pass};
use ekslint::engine::{Finding, Outcome};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const ARN: &str = "arn:aws:eks:us-west-2:111122223333:cluster/demo";

/// A cluster with some fields, and sections beside it.
fn snapshot(fields: Value, sections: Value) -> String {
    let mut cluster = json!({"name": "demo", "arn": ARN, "version": "1.30", "resourcesVpcConfig": {}});
    merge(&mut cluster, fields);
    let mut document = json!({"schemaVersion": 1, "cluster": cluster});
    merge(&mut document, sections);
    document.to_string()
}

fn merge(into: &mut Value, fields: Value) {
    if let (Some(into), Value::Object(fields)) = (into.as_object_mut(), fields) {
        into.extend(fields);
    }
}

fn outcome(core: &str, document: &str) -> Outcome {
    judge(core, document).outcome
}

fn asserting(expression: &str) -> String {
    format!("assert: |-\n  {expression}\n")
}

fn cidrs(cidrs: &Value) -> String {
    snapshot(json!({"resourcesVpcConfig": {"publicAccessCidrs": cidrs}}), json!({}))
}

#[test]
fn there_are_five_outcomes() {
    let document = snapshot(json!({"newField": "text"}), json!({"nodegroups": []}));
    for (core, expected) in [
        ("assert: 'true'", Pass),
        ("assert: 'false'", Fail),
        ("when: 'false'\nassert: 'false'", NotApplicable),
        ("resource: nodegroup\nassert: 'false'", NotApplicable),
        ("clusters: [connected]\nassert: 'false'", NotApplicable),
        ("assert: cluster.endpoint == ''", NotEvaluated),
        ("when: cluster.endpoint == ''\nassert: 'false'", NotEvaluated),
        ("assert: subnets.size() > 0", NotEvaluated),
        ("resource: subnet\nassert: 'false'", NotEvaluated),
        (
            "each: cluster.kubernetesNetworkConfig.serviceIpv4Cidr.split('.')\nat: cluster\nassert: 'true'",
            NotEvaluated,
        ),
        ("assert: 1 / 0 == 1", Error),
        ("when: 1 / 0 == 1\nassert: 'false'", Error),
        ("each: '[1 / 0]'\nat: cluster\nassert: 'true'", Error),
        ("assert: cluster['newField']", Error),
        ("each: cluster['newField']\nassert: 'true'", Error),
    ] {
        assert_eq!(outcome(core, &document), expected, "{core}");
    }
}

#[test]
fn reasons_say_what_would_make_a_rule_evaluated() {
    let refused = json!([{"at": "/subnets", "api": "ec2:DescribeSubnets", "reason": "AccessDenied: no", "kind": "denied"}]);
    let document = snapshot(json!({}), json!({"notCollected": refused}));
    for expression in
        ["subnets.size() > 0", "subnets.all(s, true)", "subnets['a'].VpcId == ''", "subnets != []"]
    {
        let unknown = judge(&asserting(expression), &document).unknowns.remove(0);
        assert_eq!(unknown.reason, "AccessDenied: no", "{expression}");
        assert_eq!(unknown.api.as_deref(), Some("ec2:DescribeSubnets"), "{expression}");
        assert_eq!(unknown.at, "/subnets", "{expression}");
    }
    let unknown = judge(&asserting("nodegroups.size() > 0"), &document).unknowns.remove(0);
    assert_eq!((unknown.at.as_str(), unknown.api.as_deref()), ("/nodegroups", Some("eks:DescribeNodegroup")));
    let unknown = judge(&asserting("cluster.upgradePolicy.supportType == ''"), &document).unknowns.remove(0);
    assert_eq!(
        (unknown.at.as_str(), unknown.api.as_deref()),
        ("/cluster/upgradePolicy", Some("eks:DescribeCluster"))
    );
}

#[test]
fn over_items_and_checks_the_worst_counts() {
    let core = "each: cluster.resourcesVpcConfig.publicAccessCidrs\nassert: |-\n  item == 'error' ? 1 / 0 == 1 : cidr(item).prefixLength() > 0\n";
    for (items, expected) in [
        (json!([]), Pass),
        (json!(["10.0.0.0/8"]), Pass),
        (json!(["10.0.0.0/8", "banana"]), NotEvaluated),
        (json!(["banana", "error", "10.0.0.0/8"]), Error),
        (json!(["banana", "error", "0.0.0.0/0", "10.0.0.0/8"]), Fail),
        (json!(["10.0.0.0/8", null]), NotEvaluated),
        (json!(["10.0.0.0/8", 7]), NotEvaluated),
        (json!([7, "0.0.0.0/0"]), Fail),
        (json!("10.0.0.0/8"), NotEvaluated),
        (json!(null), Pass),
    ] {
        assert_eq!(outcome(core, &cidrs(&items)), expected, "{items}");
    }
    let checks = |asserts: &[&str]| {
        let check = |assert: &&str| format!("  - {{ assert: \"{assert}\", message: found }}\n");
        format!("checks:\n{}", asserts.iter().map(check).collect::<String>())
    };
    let (unknown, error) = ("cluster.endpoint == ''", "1 / 0 == 1");
    for (asserts, expected) in [
        (vec!["true", "true"], Pass),
        (vec!["true", unknown], NotEvaluated),
        (vec![unknown, error], Error),
        (vec![error, "false", unknown], Fail),
    ] {
        assert_eq!(outcome(&checks(&asserts), &snapshot(json!({}), json!({}))), expected, "{asserts:?}");
    }
}

#[test]
fn over_resources_the_worst_counts_and_an_incomplete_section_never_passes() {
    let core = "resource: nodegroup\nwhen: nodegroup.nodegroupName != 'other'\nassert: minor(nodegroup.version) > 28";
    let nodegroup = |name: &str, version: Value| json!({"nodegroupName": name, "version": version});
    let good = nodegroup("a", json!("1.30"));
    let denied = json!([{"at": "/nodegroups", "reason": "AccessDenied", "kind": "denied"}]);
    for (nodegroups, missing, expected) in [
        (json!([good]), json!([]), Pass),
        (json!([nodegroup("other", json!("1.20"))]), json!([]), NotApplicable),
        (json!([good, nodegroup("b", json!(null))]), json!([]), NotEvaluated),
        (json!([good, nodegroup("b", json!(1.30))]), json!([]), NotEvaluated),
        (json!([good, nodegroup("b", json!("1.20")), nodegroup("c", json!(null))]), json!([]), Fail),
        (json!([good]), denied.clone(), NotEvaluated),
        (json!([]), denied.clone(), NotEvaluated),
        (json!([nodegroup("b", json!("1.20"))]), denied, Fail),
        (json!(["only", "names"]), json!([]), NotEvaluated),
    ] {
        let document = snapshot(json!({}), json!({"nodegroups": nodegroups, "notCollected": missing}));
        assert_eq!(outcome(core, &document), expected, "{document}");
    }
}

#[test]
fn one_refused_call_costs_what_needs_it_and_nothing_else() {
    let sections = json!({
        "roles": [{"Arn": "r0"}, {"Arn": "r1", "AttachedPolicies": []}],
        "notCollected": [{"at": "/roles/0/AttachedPolicies", "api": "iam:ListAttachedRolePolicies", "reason": "AccessDenied", "kind": "denied"}],
    });
    let verdict =
        judge("resource: role\nassert: role.AttachedPolicies.size() > 0", &snapshot(json!({}), sections));
    assert_eq!(verdict.pointers(), ["/roles/1"]);
    assert_eq!(verdict.reasons(), ["AccessDenied"]);
}

#[test]
fn an_each_over_what_is_incomplete_goes_through_what_is_known() {
    let core = "each: nodegroups\nassert: item.version == '1.30'";
    let nodegroups = |versions: &[&str], missing: bool| {
        let items: Vec<_> = (0..)
            .zip(versions)
            .map(|(at, v)| json!({"nodegroupName": format!("n{at}"), "version": v}))
            .collect();
        let missing = if missing { json!([{"at": "/nodegroups", "reason": "refused"}]) } else { json!([]) };
        snapshot(json!({}), json!({"nodegroups": items, "notCollected": missing}))
    };
    assert_eq!(outcome(core, &nodegroups(&["1.30"], false)), Pass);
    assert_eq!(outcome(core, &nodegroups(&["1.30"], true)), NotEvaluated);
    let verdict = judge(core, &nodegroups(&["1.30", "1.20"], true));
    assert_eq!((verdict.outcome, verdict.pointers()), (Fail, vec!["/nodegroups/1"]));
    let loose = "each: nodegroups.filter(n, n.version == '1.20')\nat: nodegroups\nkey: item.nodegroupName\nassert: 'false'";
    assert_eq!(outcome(loose, &nodegroups(&["1.20"], true)), NotEvaluated);
    assert_eq!(outcome(loose, &nodegroups(&["1.20"], false)), Fail);
}

#[test]
fn a_row_of_the_absence_table_decides_and_nothing_else_does() {
    let absent = snapshot(json!({}), json!({}));
    for (expression, expected) in [
        ("cluster.resourcesVpcConfig.endpointPublicAccess", Pass),
        ("cluster.resourcesVpcConfig.endpointPrivateAccess", Fail),
        ("cluster.resourcesVpcConfig.publicAccessCidrs == []", Pass),
        ("cluster.logging.clusterLogging.exists(l, l.enabled)", Fail),
        ("cluster.encryptionConfig.size() == 0", Pass),
        ("cluster.tags.size() == 0", Pass),
        ("!cluster.computeConfig.enabled", Pass),
        ("cluster.remoteNetworkConfig.remoteNodeNetworks == []", Pass),
        ("cluster.health.issues == []", Pass),
        ("cluster.accessConfig.authenticationMode == 'API'", NotEvaluated),
        ("cluster.upgradePolicy.supportType == 'STANDARD'", NotEvaluated),
        ("cluster.deletionProtection", NotEvaluated),
        ("cluster.zonalShiftConfig.enabled", NotEvaluated),
        ("cluster.endpoint == ''", NotEvaluated),
        ("has(cluster.deletionProtection)", Fail),
        ("cluster.?deletionProtection.orValue(false)", Fail),
    ] {
        assert_eq!(outcome(&asserting(expression), &absent), expected, "{expression}");
    }
    let null = snapshot(json!({"deletionProtection": null, "tags": null, "logging": null}), json!({}));
    assert_eq!(outcome(&asserting("cluster.deletionProtection"), &null), NotEvaluated);
    assert_eq!(
        outcome(&asserting("cluster.tags.size() == 0 && cluster.logging.clusterLogging == []"), &null),
        Pass
    );
}

#[test]
fn an_add_on_without_configuration_is_not_evaluated() {
    let core = "let: { config: \"json(addons['vpc-cni'].configurationValues)\" }\nassert: config.enableNetworkPolicy in [true, 'true']";
    let addon = |fields: Value| {
        let mut addon = json!({"addonName": "vpc-cni"});
        merge(&mut addon, fields);
        snapshot(json!({}), json!({"addons": [addon]}))
    };
    for (values, expected) in [
        (json!({"configurationValues": "{\"enableNetworkPolicy\": \"true\"}"}), Pass),
        (json!({"configurationValues": "enableNetworkPolicy: true\n"}), Pass),
        (json!({"configurationValues": "{\"enableNetworkPolicy\": \"false\"}"}), Fail),
        (json!({"configurationValues": "{\"env\": {}}"}), NotEvaluated),
        (json!({"configurationValues": ""}), NotEvaluated),
        (json!({"configurationValues": "{"}), NotEvaluated),
        (json!({"configurationValues": null}), NotEvaluated),
        (json!({}), NotEvaluated),
    ] {
        assert_eq!(outcome(core, &addon(values.clone())), expected, "{values}");
    }
    assert_eq!(outcome(core, &snapshot(json!({}), json!({"addons": []}))), NotEvaluated, "unmanaged");
    assert_eq!(outcome(core, &snapshot(json!({}), json!({}))), NotEvaluated, "not collected");
}

#[test]
fn findings_point_at_the_item_else_at_the_resource() {
    let document = snapshot(
        json!({"resourcesVpcConfig": {"publicAccessCidrs": ["10.0.0.0/8", "0.0.0.0/0"]}, "tags": {"a/b": "x"}}),
        json!({"nodegroups": [{"nodegroupName": "blue", "subnets": ["s1", "s2"]}, {"nodegroupName": "green", "subnets": []}],
               "addons": [{"addonName": "coredns"}, {"addonName": "vpc-cni", "addonVersion": "v1"}]}),
    );
    for (core, expected) in [
        ("assert: 'false'", vec!["/cluster"]),
        ("resource: nodegroup\nassert: 'false'", vec!["/nodegroups/0", "/nodegroups/1"]),
        (
            "each: cluster.resourcesVpcConfig.publicAccessCidrs\nassert: cidr(item).prefixLength() > 0",
            vec!["/cluster/resourcesVpcConfig/publicAccessCidrs/1"],
        ),
        (
            "each: cluster.resourcesVpcConfig.?publicAccessCidrs.orValue([])\nassert: cidr(item).prefixLength() > 0",
            vec!["/cluster/resourcesVpcConfig/publicAccessCidrs/1"],
        ),
        (
            "resource: nodegroup\neach: nodegroup.subnets\nassert: item == 's1'",
            vec!["/nodegroups/0/subnets/1"],
        ),
        ("each: nodegroups\nassert: 'false'", vec!["/nodegroups/0", "/nodegroups/1"]),
        (
            "each: { ng: nodegroups, subnet: ng.subnets }\nassert: 'false'",
            vec!["/nodegroups/0/subnets/0", "/nodegroups/0/subnets/1"],
        ),
        (
            "each: { ng: nodegroups, subnet: ng.subnets }\nat: ng.nodegroupName\nassert: subnet != 's2'",
            vec!["/nodegroups/0/nodegroupName"],
        ),
        (
            "each: '[1, 2]'\nat: cluster.name\nkey: item\nassert: 'false'",
            vec!["/cluster/name", "/cluster/name"],
        ),
        // `at` as a path: by key, by position, through a `let`, and what is absent.
        ("at: cluster.version\nassert: 'false'", vec!["/cluster/version"]),
        ("at: \"addons['vpc-cni'].addonVersion\"\nassert: 'false'", vec!["/addons/1/addonVersion"]),
        (
            "let: { cni: \"addons['vpc-cni']\" }\nat: cni.configurationValues\nassert: 'false'",
            vec!["/addons/1/configurationValues"],
        ),
        ("at: \"cluster.tags['a/b']\"\nassert: 'false'", vec!["/cluster/tags/a~1b"]),
        ("at: \"cluster.tags['no/ne']\"\nassert: 'false'", vec!["/cluster/tags/no~1ne"]),
        ("at: nodegroups[1].version\nassert: 'false'", vec!["/nodegroups/1/version"]),
        (
            "at: cluster.upgradePolicy.supportType\nassert: 'false'",
            vec!["/cluster/upgradePolicy/supportType"],
        ),
        (
            "at: cluster.?upgradePolicy.?supportType\nassert: 'false'",
            vec!["/cluster/upgradePolicy/supportType"],
        ),
        ("at: subnets\nassert: 'false'", vec!["/subnets"]),
        // Where there is no item, there is no place in it.
        ("at: \"addons['none'].configurationValues\"\nassert: 'false'", vec!["/addons"]),
        ("at: nodegroups[7].version\nassert: 'false'", vec!["/nodegroups"]),
        ("at: \"nodegroups[cluster.endpoint].version\"\nassert: 'false'", vec!["/nodegroups"]),
    ] {
        assert_eq!(judge(core, &document).pointers(), expected, "{core}");
    }
}

#[test]
fn pointers_speak_of_the_document_as_written() {
    let nodegroup = "resource: nodegroup\neach: nodegroup.subnets\nassert: 'false'";
    let subnet = "resource: subnet\nat: subnet.MapPublicIpOnLaunch\nassert: 'false'";
    let cluster = "at: cluster.resourcesVpcConfig.publicAccessCidrs\nassert: 'false'";
    for (core, document, expected) in [
        (
            nodegroup,
            json!({"nodegroup": {"nodegroupName": "a", "subnets": ["s1"]}}),
            vec!["/nodegroup/subnets/0"],
        ),
        (subnet, json!({"Subnets": [{"SubnetId": "s1"}]}), vec!["/Subnets/0/MapPublicIpOnLaunch"]),
        (
            "resource: instance\nassert: 'false'",
            json!({"Reservations": [{"Instances": [{"InstanceId": "i1"}]}, {"Instances": [{"InstanceId": "i2"}, {"InstanceId": "i3"}]}]}),
            vec!["/Reservations/0/Instances/0", "/Reservations/1/Instances/0", "/Reservations/1/Instances/1"],
        ),
        (
            cluster,
            json!({"name": "demo", "arn": ARN, "resourcesVpcConfig": {}}),
            vec!["/resourcesVpcConfig/publicAccessCidrs"],
        ),
        (
            cluster,
            json!({"Name": "demo", "Arn": ARN, "ResourcesVpcConfig": {"PublicAccessCidrs": ["0.0.0.0/0"]}}),
            vec!["/ResourcesVpcConfig/PublicAccessCidrs"],
        ),
        (
            "each: cluster.resourcesVpcConfig.publicAccessCidrs\nassert: 'false'",
            json!({"cluster": {"Name": "demo", "ResourcesVpcConfig": {"PublicAccessCidrs": ["0.0.0.0/0"]}}}),
            vec!["/cluster/ResourcesVpcConfig/PublicAccessCidrs/0"],
        ),
    ] {
        assert_eq!(judge(core, &document.to_string()).pointers(), expected, "{document}");
    }
    let list = json!([{"name": "a", "arn": "a1", "resourcesVpcConfig": {}}, {"name": "b", "arn": "a2", "resourcesVpcConfig": {}}]);
    let found: Vec<_> =
        verdicts(cluster, &list.to_string()).iter().map(|v| v.pointers()[0].to_owned()).collect();
    assert_eq!(found, ["/0/resourcesVpcConfig/publicAccessCidrs", "/1/resourcesVpcConfig/publicAccessCidrs"]);
}

#[test]
fn documents_of_go_tools_are_judged_like_others() {
    let plain = json!({"cluster": {"name": "demo", "resourcesVpcConfig": {"endpointPublicAccess": true, "subnetIds": ["s1"]}, "tags": {"Team": "x"}}});
    let go = json!({"cluster": {"Name": "demo", "ResourcesVpcConfig": {"EndpointPublicAccess": true, "SubnetIds": ["s1"]}, "Tags": {"Team": "x"}}});
    for expression in [
        "cluster.name == 'demo'",
        "cluster.resourcesVpcConfig.endpointPublicAccess",
        "'s1' in cluster.resourcesVpcConfig.subnetIds",
        "has(cluster.tags) && 'tags' in cluster",
        "cluster.?resourcesVpcConfig.?subnetIds.hasValue()",
        // The names of tags are data: their case counts.
        "!('team' in cluster.tags) && cluster.tags['Team'] == 'x' && !cluster.tags[?'team'].hasValue()",
    ] {
        assert_eq!(outcome(&asserting(expression), &plain.to_string()), Pass, "{expression}");
        assert_eq!(outcome(&asserting(expression), &go.to_string()), Pass, "{expression}");
    }
}

#[test]
fn related_places_and_keys_tell_findings_apart() {
    let document = snapshot(json!({}), json!({"nodegroups": [{"nodegroupName": "a", "version": "1.20"}]}));
    let verdict = judge(
        "resource: nodegroup\nassert: 'false'\nat: nodegroup.version\nmessage: old\nrelated: [{ at: cluster.version, message: \"the control plane is at {{cluster.version}}\" }]",
        &document,
    );
    let related = &verdict.findings[0].related[0];
    assert_eq!(
        (related.location.pointer.as_str(), &*related.message),
        ("/cluster/version", "the control plane is at 1.30")
    );

    let core = "params: { types: [api, audit] }\neach: params.types\nat: cluster.logging\nkey: item\nmessage: \"{{item}} is off\"\nassert: 'false'";
    let findings = judge(core, &document).findings;
    assert_eq!(findings.iter().map(|f| &*f.message).collect::<Vec<_>>(), ["api is off", "audit is off"]);
    assert_ne!(findings[0].fingerprint, findings[1].fingerprint);
    let without = judge(&core.replace("key: item\n", ""), &document).findings;
    assert_eq!(without[0].fingerprint, without[1].fingerprint);
}

#[test]
fn a_message_that_cannot_be_filled_in_keeps_its_finding() {
    let document = snapshot(json!({"tags": {"b": "2", "a": "1"}}), json!({}));
    let message = |message: &str| {
        let verdict = judge(&format!("assert: 'false'\nmessage: |-\n  {message}"), &document);
        assert_eq!(verdict.outcome, Fail, "{message}");
        verdict.findings[0].message.clone()
    };
    for (template, expected) in [
        ("{{cluster.name}} at {{cluster.version}}", "demo at 1.30"),
        ("endpoint {{cluster.endpoint}}", "endpoint ?"),
        ("{{1 / 0}} and {{subnets.size()}}", "? and ?"),
        ("{{cidr('banana').prefixLength()}}", "?"),
        ("{{['a', 'b']}}", "a, b"),
        ("{{cluster.tags}}", r#"{"a":"1","b":"2"}"#),
        ("{{now}} {{now - days(1)}} {{days(3)}}", "2026-11-21 2026-11-20 3 days"),
        ("{{cidr('10.1.2.3/8').masked()}} {{semver('1.30')}}", "10.0.0.0/8 1.30.0"),
        ("{{1.5}} {{true}} {{null}}", "1.5 true none"),
        ("no braces { } here", "no braces { } here"),
    ] {
        assert_eq!(&*message(template), expected, "{template}");
    }
    let long = snapshot(json!({"endpoint": "x".repeat(5000)}), json!({}));
    let verdict = judge("assert: 'false'\nmessage: \"at {{cluster.endpoint}}\"", &long);
    assert_eq!(&*verdict.findings[0].message, format!("at {}…", "x".repeat(1000)));
}

#[test]
fn commands_are_safe_to_paste() {
    let command = |name: &str| {
        let document = snapshot(json!({"name": name}), json!({}));
        let core = "assert: 'false'\nremediation: { text: x, awscli: \"aws eks describe-cluster --name {{cluster.name}} {{cluster.endpoint}}\" }";
        judge(core, &document).findings.remove(0).fix.command().expect("a command").to_owned()
    };
    assert_eq!(&*command("demo"), "aws eks describe-cluster --name demo <ENDPOINT>");
    assert_eq!(&*command("a; rm -rf ~"), "aws eks describe-cluster --name 'a; rm -rf ~' <ENDPOINT>");
    assert_eq!(&*command("$(id)`id`"), "aws eks describe-cluster --name '$(id)`id`' <ENDPOINT>");
    assert_eq!(&*command("it's"), r"aws eks describe-cluster --name 'it'\''s' <ENDPOINT>");
    assert_eq!(&*command("a\nb"), "aws eks describe-cluster --name 'a b' <ENDPOINT>");
    assert_eq!(&*command(&"x".repeat(5000)), "aws eks describe-cluster --name <NAME> <ENDPOINT>");
}

#[test]
fn secrets_reach_neither_messages_nor_commands_nor_comparisons() {
    let secret = "4f1c-very-secret";
    let fields = [
        json!({"clientRequestToken": secret, "certificateAuthority": {"data": secret}}),
        json!({"ClientRequestToken": secret, "CertificateAuthority": {"Data": secret}}),
    ];
    for fields in fields {
        let document = snapshot(fields, json!({}));
        for expression in [
            "cluster.clientRequestToken",
            "cluster['ClientRequestToken']",
            "cluster",
            "cluster.certificateAuthority",
            "cluster.map(k, cluster[k])",
            "cluster.transformList(k, v, v)",
            "cluster.certificateAuthority.data + ''",
            "cluster.filter(k, k.endsWith('Token')).map(k, cluster[k])",
        ] {
            let core = format!(
                "assert: 'false'\nmessage: \"{{{{{expression}}}}}\"\nkey: \"{expression}\"\nremediation: {{ text: x, awscli: \"echo {{{{{expression}}}}}\" }}"
            );
            let verdict = judge(&core, &document);
            let said = format!("{verdict:?}");
            assert!(!said.contains(secret), "{expression} in {document}: {said}");
        }
    }
    let document = snapshot(json!({"clientRequestToken": secret}), json!({}));
    let verdict = judge("assert: 'false'\nmessage: \"{{cluster.clientRequestToken}}\"", &document);
    assert_eq!(&*verdict.findings[0].message, "(secret)");
    assert_eq!(outcome(&asserting(&format!("cluster.clientRequestToken == '{secret}'")), &document), Fail);
}

#[test]
fn a_rule_error_names_resource_and_cause() {
    let document =
        snapshot(json!({}), json!({"nodegroups": [{"nodegroupName": "a"}, {"nodegroupName": "b"}]}));
    let verdict = judge("resource: nodegroup\nassert: 1 / 0 == 1", &document);
    assert_eq!(verdict.errors.len(), 2);
    assert_eq!(verdict.errors[0], "Division by zero of Int(1)");
}

#[test]
fn a_stronger_rule_speaks_for_a_weaker_one_about_the_same_resource() {
    let strong = "id: strong\nresource: nodegroup\nsupersedes: [weak]\nassert: nodegroup.version == '1.30'";
    let weak = "id: weak\nresource: nodegroup\nassert: 'false'";
    let nodegroups =
        json!([{"nodegroupName": "a", "version": "1.30"}, {"nodegroupName": "b", "version": "1.20"}]);
    let document = snapshot(json!({}), json!({"nodegroups": nodegroups}));
    let scan = scanned(&[weak, strong], &document).remove(0);
    let found: Vec<_> =
        scan.findings.iter().map(|f| (f.rule.position(), f.primary.pointer.as_str())).collect();
    assert_eq!(found, [(1, "/nodegroups/0"), (0, "/nodegroups/1")], "rules are sorted by id");
}

// Fingerprints.

/// The fingerprints of a rule's findings, as a set.
fn fingerprints(core: &str, document: &str) -> Vec<String> {
    let finding = |finding: &Finding| finding.fingerprint.to_string();
    let mut found: Vec<_> = judge(core, document).findings.iter().map(finding).collect();
    found.sort();
    found
}

/// The same document with all objects and lists in reverse order.
fn reversed(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().rev().map(reversed).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().rev().map(|(name, value)| (name.clone(), reversed(value)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        scalar => scalar.clone(),
    }
}

const RANGES: &str = "resource: securityGroup\neach: { permission: securityGroup.IpPermissions, range: permission.IpRanges }\nassert: 'false'";

fn groups() -> impl Strategy<Value = Value> {
    let range = ("[0-9]{1,3}", any::<bool>()).prop_map(|(address, note)| match note {
        true => json!({"CidrIp": format!("10.0.0.{address}/32"), "Description": "x"}),
        false => json!({"CidrIp": format!("10.0.0.{address}/32")}),
    });
    let permission = (0..70_000_i64, prop::collection::vec(range, 0..4))
        .prop_map(|(port, ranges)| json!({"FromPort": port, "IpProtocol": "tcp", "IpRanges": ranges}));
    let group = prop::collection::vec(permission, 0..4);
    prop::collection::vec(group, 1..4).prop_map(|groups| {
        let group = |(at, permissions): (usize, Vec<Value>)| json!({"GroupId": format!("sg-{at}"), "IpPermissions": permissions});
        Value::Array(groups.into_iter().enumerate().map(group).collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn reordering_and_reformatting_keep_fingerprints(groups in groups()) {
        let document = json!({"cluster": {"name": "demo", "arn": ARN, "resourcesVpcConfig": {}}, "securityGroups": groups});
        let before = fingerprints(RANGES, &document.to_string());
        let pretty = serde_json::to_string_pretty(&reversed(&document)).expect("JSON");
        prop_assert_eq!(&before, &fingerprints(RANGES, &pretty));
        let envelope = json!([{"cluster": document["cluster"], "SecurityGroups": document["securityGroups"]}]);
        prop_assert_eq!(before, fingerprints(RANGES, &envelope.to_string()));
    }

    #[test]
    fn different_items_have_different_fingerprints(groups in groups()) {
        let document = json!({"cluster": {"name": "demo", "arn": ARN, "resourcesVpcConfig": {}}, "securityGroups": groups});
        let mut items = std::collections::BTreeSet::new();
        for group in groups.as_array().into_iter().flatten() {
            for permission in group["IpPermissions"].as_array().into_iter().flatten() {
                for range in permission["IpRanges"].as_array().into_iter().flatten() {
                    let mut ranges: Vec<_> = permission["IpRanges"].as_array().into_iter().flatten().map(Value::to_string).collect();
                    ranges.sort();
                    items.insert((group["GroupId"].to_string(), permission["FromPort"].to_string(), ranges, range.to_string()));
                }
            }
        }
        let mut found = fingerprints(RANGES, &document.to_string());
        found.dedup();
        prop_assert_eq!(found.len(), items.len());
    }
}

#[test]
fn fingerprints_are_of_rule_cluster_resource_place_and_key() {
    let core = "resource: nodegroup\nassert: 'false'";
    let document = |arn: &str, name: &str| {
        json!({"cluster": {"name": "demo", "arn": arn, "resourcesVpcConfig": {}}, "nodegroups": [{"nodegroupName": name}]}).to_string()
    };
    let base = fingerprints(core, &document(ARN, "a"));
    assert_eq!(base, fingerprints(core, &document(ARN, "a")));
    assert_eq!(
        base,
        fingerprints(&format!("{core}\nmessage: another text\ntitle: another title"), &document(ARN, "a"))
    );
    for other in [
        fingerprints(&format!("{core}\nid: another"), &document(ARN, "a")),
        fingerprints(core, &document("arn:aws:eks:us-west-2:111122223333:cluster/other", "a")),
        fingerprints(core, &document(ARN, "b")),
        fingerprints(&format!("{core}\nat: nodegroup.version"), &document(ARN, "a")),
        fingerprints(&format!("{core}\nkey: \"'k'\""), &document(ARN, "a")),
    ] {
        assert_ne!(base, other);
    }
}

#[test]
fn names_cannot_be_chosen_to_collide() {
    let core = "each: cluster.tags.map(k, k)\nat: \"cluster.tags[item]\"\nassert: 'false'";
    let tags = |tags: Value| fingerprints(core, &snapshot(json!({"tags": tags}), json!({})));
    assert_ne!(tags(json!({"a/b": "x"})), tags(json!({"a~1b": "x"})));
    assert_ne!(tags(json!({"a\u{0}b": "x"})), tags(json!({"a": "x"})));
}
