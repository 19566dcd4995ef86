//! The evidence holds against the file: each place is where that value stands, and shows what decided.

use super::{ROOT, control, controls, json, list, report};
use crate::support::folder::folder;
use crate::support::program::run;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Together they have nearly all rules that a framework names.
const FRAMEWORKS: &str = "cis-eks-2.0,aws-fsbp,isms-p-2023";

/// What a rule says of a control in the report of a fixture.
fn said<'r>(report: &'r Value, id: &str, rule: &str) -> &'r Value {
    let evidence = list(&list(control(report, id), "clusters")[0], "evidence");
    evidence.iter().find(|one| one["rule"] == rule).unwrap_or_else(|| panic!("no {rule} in {id}"))
}

fn of_fixture(framework: &str, fixture: &str) -> Value {
    json(Path::new(ROOT), &["--framework", framework, &format!("fixtures/{fixture}.json")]).1
}

/// The value of that path among those that a rule looked at, with its line.
fn looked_at(resource: &Value, path: &str) -> (String, Option<u64>) {
    let found = list(resource, "values").iter().find(|value| value["path"] == path);
    let value = found.unwrap_or_else(|| panic!("no {path} in {resource:#}"));
    (value["value"].as_str().expect("a text").to_owned(), value["location"]["startLine"].as_u64())
}

/// Whether the place leads to the value that the pointer leads to, and the value that is shown is that one, where it is a
/// plain field.
fn check(document: &Value, lines: &[&str], place: &Value, shown: Option<&Value>) {
    let pointer = place["pointer"].as_str().expect("a pointer");
    let Some(found) = document.pointer(pointer) else { return };
    let number = |field: &str| usize::try_from(place[field].as_u64().expect("a number")).expect("fits");
    let text = &lines[number("startLine") - 1][number("startColumn") - 1..];
    let name = format!("\"{}\"", pointer.rsplit('/').next().expect("a field"));
    match found {
        Value::Object(_) => assert!(text.starts_with('{') || text.starts_with(&name), "{place}: {text}"),
        Value::Array(_) => assert!(text.starts_with('[') || text.starts_with(&name), "{place}: {text}"),
        scalar => assert!(text.starts_with(&scalar.to_string()), "{place}: {text}"),
    }
    let Some(shown) = shown else { return };
    let field = shown["path"].as_str().expect("a path").rsplit(['.', '?']).next();
    let (value, is_plain) = (shown["value"].as_str().expect("a text"), field == pointer.rsplit('/').next());
    if let (true, Ok(value)) = (is_plain, serde_json::from_str::<Value>(value)) {
        assert_eq!(&value, found, "{shown}");
    }
}

#[test]
fn each_place_is_where_the_value_stands() {
    let mut checked = 0;
    for fixture in fs::read_dir(Path::new(ROOT).join("fixtures")).expect("fixtures") {
        let path = fixture.expect("a file").path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a text");
        let (document, lines) =
            (serde_json::from_str(&text).expect("JSON"), text.lines().collect::<Vec<_>>());
        let name = path.to_str().expect("a name");
        let out = run(Path::new(ROOT), &report(&["--framework", FRAMEWORKS, name, "-f", "json"])).1;
        let report: Value = serde_json::from_str(&out).expect("JSON");
        let frameworks = list(&report, "frameworks").iter();
        let clusters = frameworks.flat_map(|one| list(one, "controls")).flat_map(|one| list(one, "clusters"));
        let resources = clusters.flat_map(|on| list(on, "evidence")).flat_map(|one| list(one, "resources"));
        for resource in resources {
            check(&document, &lines, &resource["location"], None);
            for value in list(resource, "values").iter().filter(|value| !value["location"].is_null()) {
                check(&document, &lines, &value["location"], Some(value));
                checked += 1;
            }
        }
    }
    assert!(checked > 5_000, "{checked}");
}

#[test]
fn a_finding_shows_what_was_read_of_its_own_item() {
    let report = of_fixture("aws-fsbp", "self-managed-nodes");
    let group = &list(said(&report, "EC2.18", "security-group-open-to-internet"), "resources")[0];
    assert_eq!(group["verdict"], "failed");
    assert_eq!(
        looked_at(group, "item.fromInternet"),
        ("true".to_owned(), group["location"]["startLine"].as_u64())
    );
    let report = of_fixture("cis-eks-2.0", "study-lab");
    let types = list(said(&report, "2.1.1", "control-plane-logging-incomplete"), "resources");
    let names: Vec<_> = types.iter().map(|one| looked_at(one, "item").0).collect();
    assert_eq!(names, [r#""api""#, r#""authenticator""#, r#""controllerManager""#, r#""scheduler""#]);
    let report = of_fixture("isms-p-2023", "study-lab");
    let policy = &list(said(&report, "2.5.5", "node-role-extra-policies"), "resources")[0];
    assert_eq!(looked_at(policy, "item.name").0, r#""external-dns""#);
}

#[test]
fn what_passes_because_a_list_is_empty_shows_the_list() {
    let report = of_fixture("cis-eks-2.0", "private-hardened");
    let passed = |rule| {
        let resources = list(said(&report, "5.1.3", rule), "resources");
        resources.iter().find(|one| one["verdict"] == "passed").expect("a role of nodes")
    };
    let writes = looked_at(passed("node-role-writes-ecr"), "facts.roles[role.Arn].ecrWrites");
    assert_eq!(writes.0, "0 items");
    let rights = looked_at(passed("node-role-administrator"), "facts.roles[role.Arn].administrator");
    assert_eq!(rights.0, "0 items");
}

#[test]
fn the_calls_are_those_that_the_answer_rests_on() {
    let calls = |framework, fixture, id, rule| {
        let report = of_fixture(framework, fixture);
        let calls = list(said(&report, id, rule), "apiCalls").iter();
        calls.map(|call| call.as_str().expect("a text").to_owned()).collect::<Vec<_>>()
    };
    let endpoints = calls("aws-fsbp", "private-hardened", "EC2.10", "private-cluster-misses-vpc-endpoints");
    assert!(endpoints.iter().any(|call| call == "ec2:DescribeVpcEndpoints"), "{endpoints:?}");
    // That no role trusts the issuer, only IAM says.
    let identity = calls("cis-eks-2.0", "study-lab", "5.2.1", "no-workload-identity");
    assert!(identity.iter().any(|call| call == "iam:ListRoles"), "{identity:?}");
    let endpoint = calls("cis-eks-2.0", "study-lab", "5.4.1", "endpoint-open-to-internet");
    assert_eq!(endpoint, ["eks:DescribeCluster"]);
}

#[test]
fn a_rule_for_clusters_of_another_kind_waits_for_no_parameter() {
    let report = of_fixture("pci-dss-4.0.1", "connected-cluster");
    assert!(controls(&report).iter().all(|control| control["verdict"] == "manual"));
    let rule = said(&report, "1.3.1", "endpoint-cidr-not-allowed");
    assert_eq!(rule["verdict"], "not-applicable");
    assert_eq!(rule["reasons"][0]["text"], "it is for clusters of another kind");
    assert!(list(rule, "resources").is_empty() && list(rule, "apiCalls").is_empty(), "{rule:#}");
}

#[test]
fn a_rule_that_is_off_shows_nothing_as_passed() {
    let cluster =
        fs::read_to_string(Path::new(ROOT).join("fixtures/private-hardened.json")).expect("a fixture");
    let config = "[rules.flow-logs-disabled]\nenabled = false\n";
    let dir = folder(&[("a.json", &cluster), ("ekslint.toml", config)]);
    let (_, report) = json(dir.path(), &["--framework", "aws-fsbp", "a.json"]);
    let rule = said(&report, "EC2.6", "flow-logs-disabled");
    assert_eq!(rule["verdict"], "not-evaluated");
    assert!(list(rule, "resources").is_empty(), "{rule:#}");
}
