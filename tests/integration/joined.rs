//! A folder with what the AWS CLI printed is joined by itself, and what is found stands in the file that says it.

use crate::support::folder::{folder, write};
use crate::support::git::git;
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const ARN: &str = "arn:aws:eks:eu-west-1:111122223333:cluster/prod";

fn run(dir: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ekslint"));
    let output = command.args(arguments).current_dir(dir).env("COLUMNS", "100").output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn cluster(name: &str, range: &str) -> Value {
    json!({"cluster": {
        "name": name, "arn": ARN.replace("prod", name), "version": "1.36",
        "certificateAuthority": {"data": "U0VDUkVU"},
        "resourcesVpcConfig": {
            "endpointPublicAccess": true, "endpointPrivateAccess": true, "publicAccessCidrs": [range],
            "vpcId": "vpc-0123456789abcdef0", "subnetIds": ["subnet-0123456789abcdef0"]
        }
    }})
}

fn nodegroup(cluster: &str) -> Value {
    json!({"nodegroup": {
        "nodegroupName": "apps", "clusterName": cluster, "amiType": "AL2_x86_64", "version": "1.32",
        "nodegroupArn": format!("arn:aws:eks:eu-west-1:111122223333:nodegroup/{cluster}/apps/1"),
        "nodeRole": "arn:aws:iam::111122223333:role/node", "subnets": ["subnet-0123456789abcdef0"]
    }})
}

/// The answers about a cluster whose endpoint is open to a range.
fn answers(range: &str) -> Vec<(&'static str, String)> {
    let role = json!({"Role": {"RoleName": "node", "RoleId": "A", "Arn": "arn:aws:iam::111122223333:role/node", "Path": "/",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}}});
    let attached = json!({"AttachedPolicies": [
        {"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}]});
    vec![
        ("raw/describe-cluster.json", pretty(&cluster("prod", range))),
        ("raw/list-nodegroups.json", pretty(&json!({"nodegroups": ["apps"]}))),
        ("raw/describe-nodegroup.apps.json", pretty(&nodegroup("prod"))),
        ("raw/iam/get-role.node.json", pretty(&role)),
        ("raw/iam/list-attached-role-policies.node.json", pretty(&attached)),
        ("raw/iam/list-role-policies.node.json", pretty(&json!({"PolicyNames": []}))),
        ("raw/caller.json", json!({"UserId": "a", "Account": "1", "Arn": "b"}).to_string()),
    ]
}

fn raw(range: &str) -> tempfile::TempDir {
    let answers = answers(range);
    folder(&answers.iter().map(|(name, text)| (*name, text.as_str())).collect::<Vec<_>>())
}

const RULES: [&str; 2] =
    ["--select", "endpoint-open-to-internet,nodegroup-ami-end-of-life,node-role-administrator"];

fn scan(dir: &Path, more: &[&str]) -> (i32, String, String) {
    run(dir, &[&["scan", "--as-of", "2026-11-21"], &RULES[..], more].concat())
}

#[test]
fn a_finding_stands_in_the_answer_that_says_it() {
    let dir = raw("0.0.0.0/0");
    let (code, out, err) = scan(dir.path(), &["raw", "-f", "concise"]);
    assert_eq!(code, 1);
    assert_snapshot!(format!("{out}{err}"));
    // Every place leads to what it says, in the file as it is.
    let (_, out, _) = scan(dir.path(), &["raw", "-f", "json"]);
    let report: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((&report["summary"]["clusters"], &report["summary"]["documents"]), (&json!(1), &json!(0)));
    for finding in report["findings"].as_array().expect("a list") {
        let related =
            finding["related"].as_array().expect("a list").iter().map(|related| &related["location"]);
        for location in std::iter::once(&finding["location"]).chain(related) {
            let text = |field: &str| location[field].as_str().expect("a text");
            let file = fs::read_to_string(dir.path().join(text("file"))).expect("the file is there");
            let document: Value = serde_json::from_str(&file).expect("JSON");
            assert!(document.pointer(text("pointer")).is_some(), "{location}");
        }
        // As if it was imported.
        assert_eq!(finding["cluster"]["arn"], ARN);
    }
    run(dir.path(), &["snapshot", "import", "raw", "-o", "prod.json"]);
    let (_, out, _) = scan(dir.path(), &["prod.json", "-f", "json"]);
    let whole: Value = serde_json::from_str(&out).expect("JSON");
    let prints = |report: &Value| {
        let findings = report["findings"].as_array().expect("a list").iter();
        let mut prints: Vec<_> = findings.map(|finding| finding["fingerprint"].to_string()).collect();
        prints.sort();
        prints
    };
    assert_eq!(prints(&report), prints(&whole));
}

#[test]
fn excerpts_are_of_the_answers_and_show_no_secrets() {
    let dir = raw("0.0.0.0/0");
    let (_, out, _) = scan(dir.path(), &["raw", "--full"]);
    assert!(out.contains("0.0.0.0/0") && !out.contains("U0VDUkVU"), "{out}");
    // Also where the secret is next to what is shown.
    let text = fs::read_to_string(dir.path().join("raw/describe-cluster.json")).expect("a file");
    let near = text.replace("\"endpointPublicAccess\": true,", "\"endpointPublicAccess\": true,\n \"x\": 1,");
    fs::write(dir.path().join("raw/describe-cluster.json"), near).expect("a file");
    let (_, out, _) = scan(dir.path(), &["raw", "--full"]);
    assert!(!out.contains("U0VDUkVU"), "{out}");
}

#[test]
fn a_cluster_is_counted_once() {
    let dir = raw("0.0.0.0/0");
    let rule = ["-f", "concise", "--select", "endpoint-open-to-internet"];
    let count = |paths: &[&str]| {
        let (code, out, err) = run(dir.path(), &[&["scan"], paths, &rule].concat());
        assert_eq!(code, 1, "{err}");
        (out.matches(" high endpoint-open-to-internet: ").count(), err)
    };
    // However its folder is named.
    let named = ["raw/describe-cluster.json", "raw/list-nodegroups.json", "raw/describe-nodegroup.apps.json"];
    for paths in [&["."][..], &["raw"], &["raw", "raw/describe-cluster.json"], &["raw", "."], &named] {
        assert_eq!(count(paths).0, 1, "{paths:?}");
    }
    // A snapshot of it that is in the same folder is whole already.
    run(dir.path(), &["snapshot", "import", "raw", "-o", "prod.json"]);
    fs::rename(dir.path().join("prod.json"), dir.path().join("raw/prod.json")).expect("moved");
    let (found, err) = count(&["raw"]);
    assert_eq!(found, 1);
    assert!(
        err.contains("note: raw: prod is not joined, because raw/prod.json is a snapshot of it"),
        "{err}"
    );
}

#[test]
fn files_that_a_shell_or_ekslint_names_one_by_one_are_joined_too() {
    let dir = raw("0.0.0.0/0");
    fs::remove_file(dir.path().join("raw/caller.json")).expect("removed");
    let whole = scan(dir.path(), &["raw", "-f", "concise"]);
    let all = ["raw/describe-cluster.json", "raw/list-nodegroups.json", "raw/describe-nodegroup.apps.json"];
    let iam = ["raw/iam/get-role.node.json", "raw/iam/list-attached-role-policies.node.json"];
    let last = ["raw/iam/list-role-policies.node.json"];
    assert_eq!(scan(dir.path(), &[&all[..], &iam, &last, &["-f", "concise"]].concat()), whole);
    assert_eq!(scan(dir.path(), &["raw/*.json", "raw/iam/*.json", "-f", "concise"]), whole);
}

#[test]
fn a_joined_cluster_that_stands_elsewhere_too_is_compared_by_nobody_with_one_of_its_files() {
    let dir = raw("0.0.0.0/0");
    run(dir.path(), &["snapshot", "import", "raw", "-o", "prod.json"]);
    let (_, _, err) = scan(dir.path(), &["raw", "prod.json", "-f", "concise"]);
    assert!(err.contains("is in raw/describe-cluster.json and prod.json"), "{err}");
    assert!(!err.contains("ekslint diff"), "{err}");
}

#[test]
fn descriptions_alone_are_evaluated_one_by_one() {
    let dir = folder(&[
        ("all/a.json", &pretty(&cluster("a", "0.0.0.0/0"))),
        (
            "all/b.json",
            &format!("{}{}", pretty(&cluster("b", "0.0.0.0/0")), pretty(&cluster("c", "0.0.0.0/0"))),
        ),
    ]);
    let (code, out, err) = scan(dir.path(), &["all", "-f", "concise", "-q"]);
    assert_eq!((code, out.lines().count(), err.as_str()), (1, 3, ""), "{out}");
    // Each folder by itself.
    for (day, name) in [("1", "prod"), ("2", "prod")] {
        write(dir.path(), &format!("days/{day}/cluster.json"), &pretty(&cluster(name, "0.0.0.0/0")));
        write(dir.path(), &format!("days/{day}/nodegroup.json"), &pretty(&nodegroup(name)));
    }
    let (_, out, _) = scan(dir.path(), &["days", "-f", "concise", "-q"]);
    let places: Vec<_> = out.lines().filter_map(|line| line.split(':').next()).collect();
    let want =
        ["days/1/cluster.json", "days/1/nodegroup.json", "days/2/cluster.json", "days/2/nodegroup.json"];
    assert_eq!(places, want);
}

#[test]
fn what_is_broken_or_belongs_to_nothing_is_said() {
    let dir = raw("0.0.0.0/0");
    write(dir.path(), "raw/broken.json", "{\"Subnets\": [");
    write(
        dir.path(),
        "raw/half.json",
        &format!("{}{{\"Vpcs\": [", pretty(&json!({"EbsEncryptionByDefault": true}))),
    );
    write(dir.path(), "raw/empty.json", "");
    write(
        dir.path(),
        "raw/other.json",
        &pretty(&json!({"NatGateways": [{"NatGatewayId": "nat-1", "VpcId": "vpc-other"}]})),
    );
    write(dir.path(), "raw/main.tf", "resource \"a\" \"b\" {}\n");
    let (code, out, err) = scan(dir.path(), &["raw", "-f", "concise", "-q"]);
    assert_eq!((code, out.lines().count()), (2, 3), "{out}{err}");
    let (_, _, err) = scan(dir.path(), &["raw", "-f", "concise", "-v"]);
    assert_snapshot!(err);
}

#[test]
fn an_import_says_what_it_joined_and_what_is_missing() {
    let dir = raw("0.0.0.0/0");
    let (code, out, err) = run(dir.path(), &["snapshot", "import", "raw"]);
    assert!(code == 0 && serde_json::from_str::<Value>(&out).is_ok(), "{out}");
    let want = "note: raw: joined prod from 6 files; missing: `aws eks list-fargate-profiles`, ";
    assert!(err.starts_with(want), "{err}");
    assert_eq!(err.lines().count(), 2, "{err}");
    let (code, quiet, err) = run(dir.path(), &["snapshot", "import", "raw", "-q"]);
    assert_eq!((code, quiet, err.as_str()), (0, out, ""));
    let (_, _, err) = run(dir.path(), &["snapshot", "import", "raw", "-v"]);
    assert!(err.contains("`aws eks list-addons`") && !err.contains(" more"), "{err}");
}

#[test]
fn explain_and_versions_join_as_well() {
    let dir = raw("0.0.0.0/0");
    for command in ["explain", "versions"] {
        let (code, out, err) = run(dir.path(), &[command, "raw", "--as-of", "2026-11-21"]);
        assert_eq!(code, 0, "{err}");
        assert!(out.contains("prod") && err.contains("raw: joined prod from 6 files"), "{out}{err}");
    }
}

/// Every place leads to the line of the answer that says it, and answers other than the page's own are named.
#[test]
fn an_explanation_stands_in_the_answers_that_say_it() {
    let dir = raw("0.0.0.0/0");
    let arguments = ["explain", "raw", "--as-of", "2026-11-21"];
    let (code, page, _) = run(dir.path(), &arguments);
    assert_eq!(code, 0);
    assert_snapshot!(page);
    let (_, out, _) = run(dir.path(), &[&arguments[..], &["-f", "json"]].concat());
    let mut locations = Vec::new();
    find(&serde_json::from_str(&out).expect("JSON"), &mut locations);
    let mut files = BTreeSet::new();
    for location in locations {
        let name = location["file"].as_str().expect("a file");
        let file = fs::read_to_string(dir.path().join(name)).expect("the file is there");
        let document: Value = serde_json::from_str(&file).expect("JSON");
        let value = document.pointer(location["pointer"].as_str().expect("a pointer")).expect("a value");
        let number = |field: &str| location[field].as_u64().expect("a number") as usize;
        let line = file.lines().nth(number("startLine") - 1).expect("a line");
        let start = &line[number("startColumn") - 1..];
        let first = value.to_string().chars().next().expect("a value");
        // Lists and objects start with their name.
        let name_of = location["pointer"].as_str().and_then(|pointer| pointer.rsplit('/').next());
        let is_named = name_of.is_some_and(|name| start.starts_with(&format!("\"{name}\"")));
        assert!(start.starts_with(first) || is_named, "{location}: {start}");
        files.insert(name.to_owned());
    }
    assert!(files.len() > 2, "{files:?}");
}

/// All locations in a document.
fn find(node: &Value, found: &mut Vec<Value>) {
    match node {
        Value::Array(items) => items.iter().for_each(|item| find(item, found)),
        Value::Object(fields) => {
            found.extend(fields.get("location").cloned());
            fields.values().for_each(|field| find(field, found));
        }
        _ => {}
    }
}

#[test]
fn a_change_stands_in_the_answer_that_says_it() {
    let dir = raw("192.0.2.0/24");
    let git = |arguments: &[&str]| git(dir.path(), arguments);
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "before"]);
    for (name, text) in answers("0.0.0.0/0") {
        write(dir.path(), name, &text);
    }
    let diff =
        |more: &[&str]| run(dir.path(), &[&["diff", "--as-of", "2026-11-21"], &RULES[..], more].concat());
    let (code, out, err) = diff(&["--git", "HEAD", "raw"]);
    assert_eq!(code, 1, "{out}{err}");
    assert_snapshot!(out);
    // A shell that quotes a glob hands it over as it is.
    let (_, by_glob, _) = diff(&["--git", "HEAD", "raw/*.json", "raw/iam/*.json"]);
    assert_eq!(by_glob, out);
    let (code, _, err) = diff(&["--git", "HEAD", "raw/*.yaml"]);
    assert!(code == 2 && err.contains("raw/*.yaml: matches no file"), "{err}");
    let (_, out, _) = diff(&["--git", "HEAD", "-f", "json", "raw"]);
    assert!(out.contains("raw/describe-cluster.json") && !out.contains("<"), "{out}");
}
