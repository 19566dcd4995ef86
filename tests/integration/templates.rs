//! Snapshots of templates, written by hand: symbols join, and what is known only after apply is neither passed nor
//! found.

use assert_cmd::Command;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A cluster whose ids are references, as a template has it.
fn template() -> Value {
    json!({
        "schemaVersion": 2,
        "source": "terraform",
        "account": "111122223333",
        "region": "eu-west-1",
        "cluster": {
            "name": "prod",
            "deletionProtection": false,
            "roleArn": "${aws_iam_role.cluster.arn}",
            "resourcesVpcConfig": {
                "subnetIds": ["${aws_subnet.a.id}", "${aws_subnet.b.id}"],
                "endpointPublicAccess": false,
                "endpointPrivateAccess": true,
            },
            "encryptionConfig": [{"resources": ["secrets"], "provider": {"keyArn": "${aws_kms_key.eks.arn}"}}],
        },
        "nodegroups": [{"nodegroupName": "apps", "subnets": ["${aws_subnet.a.id}", "${aws_subnet.b.id}"]}],
        "subnets": [
            {"SubnetId": "${aws_subnet.a.id}", "AvailabilityZone": "eu-west-1a"},
            {"SubnetId": "${aws_subnet.b.id}", "AvailabilityZone": "eu-west-1b"},
        ],
        "internetGateways": [{"InternetGatewayId": "${aws_internet_gateway.x.id}"}],
        "routeTables": [{
            "RouteTableId": "${aws_route_table.public.id}",
            "Associations": [{"SubnetId": "${aws_subnet.a.id}"}],
            "Routes": [{"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": "${aws_internet_gateway.x.id}"}],
        }, {
            "RouteTableId": "${aws_route_table.private.id}",
            "Associations": [{"SubnetId": "${aws_subnet.b.id}"}],
            "Routes": [],
        }],
        "references": [
            "/cluster/roleArn",
            "/cluster/resourcesVpcConfig/subnetIds/0",
            "/cluster/resourcesVpcConfig/subnetIds/1",
            "/cluster/encryptionConfig/0/provider/keyArn",
            "/nodegroups/0/subnets/0",
            "/nodegroups/0/subnets/1",
            "/subnets/0/SubnetId",
            "/subnets/1/SubnetId",
            "/internetGateways/0/InternetGatewayId",
            "/routeTables/0/RouteTableId",
            "/routeTables/0/Associations/0/SubnetId",
            "/routeTables/0/Routes/0/GatewayId",
            "/routeTables/1/RouteTableId",
            "/routeTables/1/Associations/0/SubnetId",
        ],
    })
}

fn folder(files: &[(&str, &Value)]) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    for (name, document) in files {
        fs::write(folder.path().join(name), format!("{document:#}")).expect("a file");
    }
    folder
}

fn ekslint(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    let output = command.current_dir(folder).env_clear().args(args).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("a code"), text(output.stdout), text(output.stderr))
}

/// The output `json` of a scan of one document, and its exit code.
fn scan(document: &Value, args: &[&str]) -> (i32, Value) {
    let folder = folder(&[("t.json", document)]);
    let args = [&["scan", "t.json", "--as-of", "2026-11-21", "--format", "json"], args].concat();
    let (code, out, err) = ekslint(folder.path(), &args);
    (code, serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}")))
}

/// The kinds of reasons for which rules were not evaluated.
fn kinds(report: &Value) -> Vec<&str> {
    report["notEvaluated"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|why| why["kind"].as_str().expect("a kind"))
        .collect()
}

#[test]
fn a_key_that_is_a_reference_is_a_key_and_nobody_knows_which() {
    let (code, report) =
        scan(&template(), &["--select", "secrets-encryption-no-customer-key", "--strict", "--level", "all"]);
    assert_eq!((code, &report["summary"]["passed"]), (0, &json!(1)), "{report:#}");
    let approved =
        "secrets-encryption-key-not-approved.approved=[\"arn:aws:kms:eu-west-1:111122223333:key/1\"]";
    let (code, report) = scan(
        &template(),
        &[
            "--select",
            "secrets-encryption-key-not-approved",
            "--param",
            approved,
            "--strict",
            "--level",
            "all",
        ],
    );
    assert_eq!(code, 0, "{report:#}");
    assert_eq!(kinds(&report), ["untilApply"]);
    assert_eq!(report["notEvaluated"][0]["reason"], "aws_kms_key.eks.arn is known only after apply");
    let summary = &report["summary"];
    assert_eq!((&summary["complete"], &summary["executionSuccessful"]), (&json!(true), &json!(true)));
    assert_eq!((&summary["passed"], &summary["notEvaluated"]), (&json!(0), &json!(1)));
}

#[test]
fn subnets_and_route_tables_join_by_symbols() {
    let (_, report) = scan(&template(), &["--select", "nodegroup-in-public-subnet", "--level", "all"]);
    let findings = report["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), 1, "{report:#}");
    let message = findings[0]["message"].as_str().expect("a text");
    assert!(message.contains(" aws_subnet.a,"), "{message}");
    // Where the route is known only after apply, nothing is found and nothing passes.
    let mut unknown = template();
    unknown["notCollected"] =
        json!([{"at": "/routeTables/0/Routes", "kind": "untilApply", "reason": "for_each"}]);
    let (code, report) =
        scan(&unknown, &["--select", "nodegroup-in-public-subnet", "--level", "all", "--strict"]);
    assert_eq!((code, kinds(&report)), (0, vec!["untilApply"]), "{report:#}");
    assert_eq!(report["summary"]["passed"], 0);
}

#[test]
fn rules_of_ones_own_look_up_by_symbols() {
    let folder = folder(&[("t.json", &template())]);
    let rule = "id: in-one-zone\ntitle: Node groups are in zone a\nseverity: low\nsince: 0.1.0\nresource: nodegroup\n\
        each: nodegroup.subnets\nassert: \"subnets[item].AvailabilityZone == 'eu-west-1a'\"\nat: item\n\
        message: \"{{nodegroup.nodegroupName}} is in {{item}}\"\nrationale: A test.\nremediation: { text: Move it }\n";
    fs::create_dir(folder.path().join("rules")).expect("a folder");
    fs::write(folder.path().join("rules/in-one-zone.yaml"), rule).expect("a file");
    let (_, out, err) = ekslint(
        folder.path(),
        &[
            "scan",
            "t.json",
            "--rules",
            "rules",
            "--no-default-rules",
            "--format",
            "json",
            "--as-of",
            "2026-11-21",
        ],
    );
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    assert_eq!(report["findings"][0]["message"], "apps is in aws_subnet.b");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(1));
}

#[test]
fn what_only_a_running_cluster_shows_does_not_apply() {
    let folder = folder(&[("t.json", &template())]);
    let select = ["--select", "node-imds-v1,insight-not-passing", "--level", "all", "--as-of", "2026-11-21"];
    let (code, out, _) = ekslint(folder.path(), &[&["scan", "t.json", "--strict"], &select[..]].concat());
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("\n2 rules need a running cluster\n") && out.contains("2 not applicable"), "{out}");
    let (_, out, _) = ekslint(folder.path(), &[&["scan", "t.json", "-v"], &select[..]].concat());
    assert!(out.contains("Not applicable, as only a running cluster shows what decides:"), "{out}");
    assert!(out.contains("/instances: instances are not in templates"), "{out}");
    let (_, report) = scan(&template(), &select[..4]);
    assert_eq!(kinds(&report), ["notInTemplate", "notInTemplate"]);
    assert_eq!(
        (&report["summary"]["notApplicable"], &report["summary"]["notEvaluated"]),
        (&json!(2), &json!(0))
    );
    let (_, out, _) =
        ekslint(folder.path(), &["explain", "--rule", "node-imds-v1", "t.json", "--as-of", "2026-11-21"]);
    assert!(out.contains("not applicable") && out.contains("instances are not in templates"), "{out}");
}

#[test]
fn what_is_known_only_after_apply_is_not_fixed() {
    let old = template();
    let mut new = template();
    new["notCollected"] =
        json!([{"at": "/cluster/deletionProtection", "kind": "untilApply", "reason": "var.x"}]);
    let mut running = template();
    running["source"] = Value::Null;
    running["insights"] = json!([{"id": "i", "name": "a", "category": "UPGRADE_READINESS",
        "insightStatus": {"status": "ERROR", "reason": "r"}}]);
    let folder = folder(&[("old.json", &old), ("new.json", &new), ("running.json", &running)]);
    for (pair, rule) in [
        (["old.json", "new.json"], "deletion-protection-disabled"),
        (["running.json", "old.json"], "insight-not-passing"),
    ] {
        let args = [
            "diff",
            pair[0],
            pair[1],
            "--select",
            rule,
            "--level",
            "all",
            "--format",
            "json",
            "--as-of",
            "2026-11-21",
        ];
        let (_, out, err) = ekslint(folder.path(), &args);
        let diff: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        let count = |field: &str| diff["clusters"][0][field].as_array().map(Vec::len);
        assert_eq!(
            (count("fixed"), count("noLongerEvaluated"), count("new")),
            (Some(0), Some(1), Some(0)),
            "{diff:#}"
        );
    }
    // And a symbol that takes the place of a literal is no fix either.
    let mut symbol = template();
    symbol["nodegroups"][0]["subnets"][0] = "${var.subnet}".into();
    fs::write(folder.path().join("symbol.json"), symbol.to_string()).expect("a file");
    let (_, out, _) = ekslint(
        folder.path(),
        &[
            "diff",
            "old.json",
            "symbol.json",
            "--select",
            "nodegroup-in-public-subnet",
            "--level",
            "all",
            "--format",
            "json",
            "--as-of",
            "2026-11-21",
        ],
    );
    let diff: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(diff["clusters"][0]["fixed"], json!([]), "{diff:#}");
    assert_eq!(diff["clusters"][0]["noLongerEvaluated"].as_array().map(Vec::len), Some(1), "{diff:#}");
}

#[test]
fn flows_and_versions_of_a_template_are_explained() {
    let folder = folder(&[("t.json", &template())]);
    for args in [
        &["explain", "t.json"][..],
        &["explain", "--flows", "t.json", "--format", "json"],
        &["versions", "t.json"],
    ] {
        let (code, out, err) = ekslint(folder.path(), &[args, &["--as-of", "2026-11-21"]].concat());
        assert_eq!(code, 0, "{args:?}: {out}{err}");
    }
}

#[test]
fn a_reference_that_leads_nowhere_is_an_error_that_names_it() {
    let mut document = template();
    document["references"] = json!(["/cluster/nam"]);
    let folder = folder(&[("t.json", &document)]);
    for path in ["t.json", "."] {
        let (code, _, err) = ekslint(folder.path(), &["scan", path, "--as-of", "2026-11-21"]);
        assert_eq!(code, 2, "{path}: {err}");
        assert!(
            err.contains("has the reference \"/cluster/nam\" (/references/0), which leads to no text"),
            "{err}"
        );
    }
}

#[test]
fn a_cluster_may_be_named_by_a_symbol() {
    let mut document = template();
    document["cluster"]["name"] = "${var.name}".into();
    document["references"].as_array_mut().expect("a list").push("/cluster/name".into());
    let (_, report) = scan(&document, &["--select", "deletion-protection-disabled", "--level", "all"]);
    let finding = &report["findings"][0];
    assert!(finding["message"].as_str().is_some_and(|text| text.contains("${var.name}")), "{report:#}");
    assert!(finding["fingerprint"].is_string());
}

/// The template as a source of templates writes it: with the place of its cluster, whose name nobody knows yet.
fn placed(root: &str, environment: Option<&str>, name: Option<&str>) -> Value {
    let mut document = template();
    document["address"] = "module.eks.aws_eks_cluster.this[0]".into();
    document["root"] = root.into();
    document["environment"] = environment.into();
    document["cluster"]["name"] = name.unwrap_or("${var.name}").into();
    if name.is_none() {
        document["references"].as_array_mut().expect("a list").push("/cluster/name".into());
    }
    document
}

#[test]
fn a_cluster_without_a_known_name_is_called_by_its_address() {
    let select = ["--select", "deletion-protection-disabled", "--level", "all"];
    let found = |document: &Value| scan(document, &select).1["findings"][0].clone();
    let prod = found(&placed("infra", Some("prod"), None));
    insta::assert_json_snapshot!("a_cluster_called_by_its_address", prod);
    let fingerprint = |document: &Value| found(document)["fingerprint"].clone();
    // A literal name tells it apart wherever its root is; without one, the root does. Its environment always does.
    let named = |root: &str, environment: &str, name: &str| {
        let mut named = placed(root, Some(environment), Some(name));
        named["account"] = Value::Null;
        named
    };
    assert_eq!(fingerprint(&named("infra", "prod", "prod")), fingerprint(&named("other", "prod", "prod")));
    for other in [named("infra", "dev", "prod"), named("infra", "prod", "other")] {
        assert_ne!(fingerprint(&other), fingerprint(&named("infra", "prod", "prod")));
    }
    assert_eq!(found(&named("infra", "prod", "prod"))["cluster"]["name"], "prod");
    for other in
        [placed("infra", Some("dev"), None), placed("infra", None, None), placed("other", Some("prod"), None)]
    {
        assert_ne!(fingerprint(&other), prod["fingerprint"]);
    }
    // Where its ARN is known it is the cluster that runs under that ARN.
    let mut running = placed("infra", Some("prod"), Some("prod"));
    let arn = fingerprint(&running);
    for field in ["source", "address", "root", "environment"] {
        running[field] = Value::Null;
    }
    assert_eq!(arn, fingerprint(&running));
}

#[test]
fn waivers_baselines_and_differences_know_the_address() {
    let (dev, prod) = (placed("infra", Some("dev"), None), placed("infra", Some("prod"), None));
    let folder = folder(&[("dev.json", &dev), ("prod.json", &prod)]);
    let select = ["--select", "deletion-protection-disabled", "--level", "all", "--as-of", "2026-11-21"];
    let run = |args: &[&str]| ekslint(folder.path(), &[args, &select].concat());
    // Two environments are two clusters, of which one may be in the baseline.
    let (_, out, err) = run(&["baseline", "write", "prod.json"]);
    let baseline = fs::read_to_string(folder.path().join("ekslint-baseline.jsonl")).expect("a baseline");
    assert!(
        baseline.contains("module.eks.aws_eks_cluster.this[0] in infra with environment prod"),
        "{out}{err}{baseline}"
    );
    let (code, out, _) =
        run(&["scan", "dev.json", "--baseline", "ekslint-baseline.jsonl", "--format", "concise"]);
    assert!(code == 0 && out.contains("\n1 finding: 1 info") && !out.contains("baseline-"), "{code} {out}");
    let (code, out, _) =
        run(&["scan", "prod.json", "--baseline", "ekslint-baseline.jsonl", "--format", "concise"]);
    assert!(code == 0 && out.contains("No findings"), "{code} {out}");
    fs::remove_file(folder.path().join("ekslint-baseline.jsonl")).expect("removed");
    // A waiver may name the address.
    let waiver = "[[waiver]]\nrule = \"deletion-protection-disabled\"\ncluster = \"module.eks.*\"\nreason = \"a test\"\n";
    fs::write(folder.path().join("ekslint.toml"), waiver).expect("a file");
    let (code, out, err) = run(&["scan", "dev.json", "prod.json", "--format", "json"]);
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    assert_eq!((code, &report["summary"]["waived"]), (0, &json!(2)), "{report:#}");
    fs::remove_file(folder.path().join("ekslint.toml")).expect("removed");
    // A name that becomes known, or another one, is the same cluster.
    let mut named = placed("infra", Some("dev"), Some("shop"));
    let mut old = dev.clone();
    for document in [&mut named, &mut old] {
        document["account"] = Value::Null;
    }
    for (name, document) in [("old.json", &old), ("named.json", &named)] {
        fs::write(folder.path().join(name), document.to_string()).expect("a file");
    }
    let (_, out, err) = run(&["diff", "old.json", "named.json", "--format", "json"]);
    let diff: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    assert_eq!(diff["clusters"].as_array().map(Vec::len), Some(1), "{diff:#}");
    assert_eq!((&diff["clusters"][0]["presence"], &diff["clusters"][0]["new"]), (&json!("both"), &json!([])));
}

#[test]
fn the_place_of_a_cluster_is_a_text() {
    for field in ["address", "root", "environment"] {
        for wrong in [json!(3), json!(""), json!(["x"])] {
            let mut document = placed("infra", None, None);
            document[field] = wrong;
            let folder = folder(&[("t.json", &document)]);
            let (code, _, err) = ekslint(folder.path(), &["scan", "t.json", "--as-of", "2026-11-21"]);
            assert!(code == 2 && err.contains(&format!("has the {field} ")), "{code} {err}");
        }
    }
}

/// A template with a role whose trust and policies are written with references, as a text or as an object.
fn with_role(subject: &str, issuer_of_keys: &str, as_text: bool) -> Value {
    let mut document = template();
    document["cluster"]["identity"] = json!({"oidc": {"issuer": "https://${aws_eks_cluster.x.oidc}"}});
    document["openIDConnectProviders"] = json!([{
        "Arn": "${aws_iam_openid_connect_provider.x.arn}",
        "Url": "https://${aws_eks_cluster.x.oidc}",
        "ClientIDList": ["sts.amazonaws.com"],
    }]);
    let mut equals = serde_json::Map::new();
    equals.insert(format!("{issuer_of_keys}:aud"), "sts.amazonaws.com".into());
    let mut like = serde_json::Map::new();
    like.insert(format!("{issuer_of_keys}:sub"), subject.into());
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Principal": {"Federated": "${aws_iam_openid_connect_provider.x.arn}"},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": equals, "StringLike": like},
    }]});
    let place = match as_text {
        true => "/roles/0/AssumeRolePolicyDocument",
        false => "/roles/0/AssumeRolePolicyDocument/Statement/0/Principal/Federated",
    };
    // What jsonencode gives has no quotes in symbols: they are as the template writes them.
    let trust = if as_text { Value::from(trust.to_string().replace("\\\"", "\"")) } else { trust };
    document["roles"] = json!([{
        "Arn": "${aws_iam_role.app.arn}",
        "RoleName": "app",
        "AssumeRolePolicyDocument": trust,
        "AttachedPolicies": [{
            "PolicyArn": "arn:${data.aws_partition.x.partition}:iam::aws:policy/AdministratorAccess",
            "PolicyName": "AdministratorAccess",
        }],
        "InlinePolicies": [],
    }]);
    for reference in [
        "/cluster/identity/oidc/issuer",
        "/openIDConnectProviders/0/Arn",
        "/openIDConnectProviders/0/Url",
        "/roles/0/Arn",
        "/roles/0/AttachedPolicies/0/PolicyArn",
        place,
    ] {
        document["references"].as_array_mut().expect("a list").push(reference.into());
    }
    document
}

#[test]
fn trusts_that_are_written_with_references_are_judged() {
    const RULES: &str = "irsa-trust-wildcard-subject,irsa-trust-never-matches,irsa-trust-without-audience,workload-role-administrator";
    let own = "${aws_eks_cluster.x.oidc}";
    let other = r#"${replace(module.y.issuer, "https://", "")}"#;
    for as_text in [false, true] {
        for (subject, issuer, found, unknown) in [
            ("system:serviceaccount:shop:cart", own, vec!["workload-role-administrator"], false),
            (
                "system:serviceaccount:*:cart",
                own,
                vec!["irsa-trust-wildcard-subject", "workload-role-administrator"],
                false,
            ),
            (
                "system:serviceaccount:${kubernetes_namespace.shop.name}:cart",
                own,
                vec!["workload-role-administrator"],
                false,
            ),
            ("shop:cart", own, vec!["irsa-trust-never-matches", "workload-role-administrator"], false),
            // Whose the keys are is not known: then nothing is said of the trust.
            ("system:serviceaccount:*:cart", other, vec![], true),
        ] {
            let mut document = with_role(subject, issuer, as_text);
            if subject.contains("${") && !as_text {
                let place = format!(
                    "/roles/0/AssumeRolePolicyDocument/Statement/0/Condition/StringLike/{}:sub",
                    issuer.replace('~', "~0").replace('/', "~1")
                );
                document["references"].as_array_mut().expect("a list").push(place.into());
            }
            let (_, report) = scan(&document, &["--select", RULES, "--level", "all"]);
            let rules = report["findings"].as_array().expect("a list").iter();
            let mut rules: Vec<_> = rules.map(|finding| finding["rule"].as_str().expect("a text")).collect();
            rules.sort_unstable();
            let mut found = found.clone();
            found.sort_unstable();
            assert_eq!(rules, found, "{subject} {issuer} {as_text}: {report:#}");
            assert_eq!(
                kinds(&report).contains(&"untilApply"),
                unknown,
                "{subject} {issuer} {as_text}: {report:#}"
            );
        }
    }
}
