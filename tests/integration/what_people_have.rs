//! What people give to ekslint in the first minute: files in the encodings of their shells, what a failed command left
//! behind, answers of the AWS CLI that are not about a cluster, and files of other tools. Each is read, or said in one
//! sentence with the way out.

use crate::support::folder::folder;
use crate::support::open_cluster as open;
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Runs a command in a folder: exit code, standard output and standard error.
fn run(dir: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ekslint"));
    let output = command.args(arguments).current_dir(dir).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

/// Scans by one rule and gives the places of its findings.
fn scan(dir: &Path, paths: &[&str]) -> (i32, String, String) {
    let rule = ["scan", "-f", "concise", "-q", "--select", "endpoint-open-to-internet"];
    run(dir, &[&rule, paths].concat())
}

#[test]
fn a_file_is_read_in_the_encoding_that_its_shell_writes() {
    let dir = folder(&[("utf-8.json", &open("prod"))]);
    let text = format!("{}\n{}\n", open("prod"), open("stage"));
    let utf_16 = |bytes: fn(u16) -> [u8; 2]| {
        let text = format!("\u{FEFF}{text}");
        text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>()
    };
    for (name, bytes) in [
        ("plain.json", text.as_bytes().to_vec()),
        ("mark.json", format!("\u{FEFF}{text}").into_bytes()),
        ("little.json", utf_16(u16::to_le_bytes)),
        ("big.json", utf_16(u16::to_be_bytes)),
    ] {
        fs::write(dir.path().join(name), bytes).expect("a file");
        let (code, found, err) = scan(dir.path(), &[name]);
        let places: Vec<_> = found.lines().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!((code, err.as_str()), (1, ""), "{name}");
        let column = text.find("\"0.0.0.0/0\"").expect("it is open") + 1;
        assert_eq!(
            places,
            [1, 2].map(|line| format!("{name}:{line}:{}:", column + if line == 2 { 1 } else { 0 }))
        );
    }
}

/// Answers and messages that are not of a cluster.
fn others() -> Vec<(&'static str, String)> {
    let call = "when calling the DescribeCluster operation";
    vec![
        (
            "denied.json",
            format!(
                "\nAn error occurred (AccessDeniedException) {call}: User: arn:aws:iam::111122223333:user/a is not authorized to perform: eks:DescribeCluster.\n"
            ),
        ),
        (
            "gone.json",
            format!(
                "aws: [ERROR]: An error occurred (ResourceNotFoundException) {call}: No cluster found for name: prod.\n"
            ),
        ),
        (
            "signed-out.json",
            "\nUnable to locate credentials. You can configure credentials by running \"aws configure\".\n"
                .to_owned(),
        ),
        ("empty.json", String::new()),
        ("names.json", json!({"clusters": ["prod", "stage"]}).to_string()),
        ("nodegroups.json", json!({"nodegroups": ["apps"]}).to_string()),
        (
            "interfaces.json",
            json!({"NetworkInterfaces": [{"NetworkInterfaceId": "eni-1", "VpcId": "vpc-1"}]}).to_string(),
        ),
        (
            "group-rules.json",
            json!({"SecurityGroupRules": [{"SecurityGroupRuleId": "sgr-1", "GroupId": "sg-1"}]}).to_string(),
        ),
        (
            "caller.json",
            json!({"UserId": "a", "Account": "111122223333", "Arn": "arn:aws:iam::111122223333:user/a"})
                .to_string(),
        ),
    ]
}

#[test]
fn what_is_not_of_a_cluster_is_said_in_one_sentence_with_the_way_out() {
    let others = others();
    let files: Vec<_> = others.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let dir = folder(&files);
    let mut page = String::new();
    for (name, _) in &files {
        let (code, out, err) = run(dir.path(), &["scan", name, "-f", "concise"]);
        assert_eq!((code, err.lines().count()), (2, 1), "{err}");
        assert!(out.starts_with("Nothing was scanned: 1 error\n"), "{out}");
        page += &err;
        for command in ["explain", "versions"] {
            assert_eq!(run(dir.path(), &[command, name]).0, 2, "{command} {name}");
        }
    }
    assert_snapshot!(page);
}

#[test]
fn an_answer_that_says_nothing_by_itself_does_not_spoil_the_others() {
    let others = others();
    let mut files: Vec<_> = others[4..7].iter().map(|(name, text)| (*name, text.as_str())).collect();
    let prod = open("prod");
    // A snapshot: what the AWS CLI printed of the cluster would be joined with the names.
    let whole = prod.replacen('{', "{\"schemaVersion\": 1, ", 1);
    files.push(("prod.json", &whole));
    let dir = folder(&files);
    let (code, out, err) = run(
        dir.path(),
        &["scan", "names.json", "prod.json", "-f", "concise", "--select", "endpoint-open-to-internet"],
    );
    assert_eq!(code, 1, "{err}");
    assert!(out.contains("1 rule: 1 with findings"), "{out}");
    assert!(
        err.starts_with("note: not evaluated: names.json (it is the output of `aws eks list-clusters`"),
        "{err}"
    );
    // The error of one command among answers costs nothing but itself.
    fs::write(dir.path().join("all.json"), format!("{prod}\n{}{}\n", others[0].1, open("stage")))
        .expect("a file");
    let (code, found, err) = scan(dir.path(), &["all.json"]);
    assert_eq!((code, found.lines().count(), err.lines().count()), (2, 2, 1), "{err}");
    assert!(err.starts_with("error: all.json:3:1: is an error of the AWS CLI"), "{err}");
}

#[test]
fn what_rules_evaluate_by_itself_is_a_document_and_no_cluster() {
    let group = |rules: Value| json!({"SecurityGroups": [{"GroupId": "sg-0123456789abcdef0", "GroupName": "default", "VpcId": "vpc-1", "OwnerId": "111122223333", "IpPermissions": rules, "IpPermissionsEgress": []}]});
    let dir = folder(&[
        ("groups.json", &group(json!([])).to_string()),
        ("none.json", &json!({"SecurityGroups": []}).to_string()),
        ("prod.json", &open("prod")),
    ]);
    let (code, out, err) = run(dir.path(), &["scan", "groups.json", "-f", "concise"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains(" on 1 document without a cluster: "), "{out}");
    // Neither the rules that are chosen nor those that do not apply make it an error.
    let (code, out, err) = run(
        dir.path(),
        &["scan", "groups.json", "none.json", "-f", "concise", "--select", "endpoint-open-to-internet"],
    );
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("No findings in the 0 of "), "{out}");
    let (_, out, _) = run(dir.path(), &["scan", "groups.json", "prod.json", "-f", "json"]);
    let report: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((&report["summary"]["clusters"], &report["summary"]["documents"]), (&json!(1), &json!(1)));
}

/// Files of other tools.
const FOREIGN: [(&str, &str); 4] = [
    ("iac/prod.tfplan", "PK\u{3}\u{4}\u{14}\0\u{8}\0\u{8}\0\0\0\0\0\0\0\0\0\u{6}\0\t\0tfplan"),
    ("iac/encrypted.json", r#"{"meta": {}, "encrypted_data": "YQ==", "encryption_version": "v0"}"#),
    ("iac/pod.yml", "apiVersion: v1\nkind: Pod\n"),
    ("iac/chart/Chart.yaml", "apiVersion: v2\nname: app\n"),
];

#[test]
fn files_of_other_tools_are_known_by_name() {
    let dir = folder(&FOREIGN);
    let mut page = String::new();
    for (name, _) in FOREIGN {
        let (code, _, err) = run(dir.path(), &["scan", name]);
        assert_eq!((code, err.lines().count()), (2, 1), "{err}");
        page += &err;
        assert_eq!(run(dir.path(), &["explain", name]), (2, String::new(), err.clone()));
    }
    let (code, _, err) = run(dir.path(), &["scan", "iac"]);
    assert_eq!(code, 2);
    assert_snapshot!(page + &err);
}

#[test]
fn a_named_file_in_yaml_is_not_told_that_it_is_no_json() {
    let words = "is neither a CloudFormation template, which has `Resources` of AWS types such as AWS::EKS::Cluster, nor a ClusterConfig of eksctl; all else that ekslint reads is JSON or Terraform";
    for (name, text) in [
        ("empty.yaml", "Resources: {}\n"),
        ("values.yml", "- a\n- b\n"),
        ("stack.template", "Outputs:\n  A: 1\n"),
        ("UPPER.YAML", "image: nginx\n"),
    ] {
        let dir = folder(&[(name, text)]);
        for command in ["scan", "explain", "versions"] {
            let (code, _, err) = run(dir.path(), &[command, name]);
            let first = err.lines().next().map(str::to_owned);
            assert_eq!((code, first), (2, Some(format!("error: {name}: {words}"))), "{command}: {err}");
        }
    }
    for (name, text, words) in [
        ("none.yaml", "", "is empty"),
        ("list.yaml", "[1, 2", "is not JSON: "),
        ("mine.json", "a: 1\n", "is not JSON: "),
    ] {
        let dir = folder(&[(name, text)]);
        let (code, _, err) = run(dir.path(), &["scan", name]);
        assert!(code == 2 && err.contains(words), "{name}: {err}");
    }
}

#[test]
fn a_broken_template_is_not_said_to_describe_nothing() {
    let stack = "{\"AWSTemplateFormatVersion\": \"2010-09-09\", \"Resources\": {\"A\": {\"Type\": \"AWS::EKS::Cluster\"}} \"Outputs\": {}}";
    for (name, text) in
        [("stack.json", stack), ("main.tf", "resource \"aws_eks_cluster\" \"a\" {\n  name =\n")]
    {
        let dir = folder(&[(name, text)]);
        for command in ["scan", "explain"] {
            let (code, _, err) = run(dir.path(), &[command, name]);
            assert!(
                code == 2 && err.starts_with(&format!("error: {name}:")),
                "{command} {name}: {code} {err}"
            );
            assert!(!err.contains("describe nothing"), "{command} {name}: {err}");
        }
    }
}

#[test]
fn files_of_other_tools_beside_snapshots_are_counted() {
    let dir = folder(&FOREIGN);
    fs::write(dir.path().join("prod.json"), open("prod")).expect("a file");
    fs::write(dir.path().join("iac/package.json"), r#"{"name": "a", "version": "1"}"#).expect("a file");
    fs::write(dir.path().join("iac/tsconfig.json"), r#"{"files": []}"#).expect("a file");
    fs::write(dir.path().join("compose.yaml"), "services: {}\n").expect("a file");
    let (code, _, err) = scan(dir.path(), &["."]);
    assert_eq!((code, err.as_str()), (1, ""), "-q says nothing");
    let rule = ["scan", ".", "-f", "concise", "--select", "endpoint-open-to-internet"];
    let (code, _, short) = run(dir.path(), &rule);
    assert_eq!(code, 1);
    let (_, _, long) = run(dir.path(), &[&rule[..], &["-v"]].concat());
    assert_eq!(long.lines().count(), FOREIGN.len() + 2, "{long}");
    for arguments in [vec!["explain", "."], vec!["versions", "."], vec!["diff", ".", "."]] {
        let (_, _, err) = run(dir.path(), &arguments);
        assert!(err.contains("skipped: ekslint does not read them;"), "{arguments:?}: {err}");
    }
    assert_snapshot!(short);
}

#[test]
fn clusters_are_chosen_by_name_everywhere_alike() {
    let dir = folder(&[
        ("a/prod.json", &open("prod")),
        ("a/two.json", &format!("{}\n{}", open("stage"), open("test"))),
    ]);
    for (choice, want) in [("prod", 1), ("st*,prod", 2), ("*", 3)] {
        let (code, out, err) = scan(dir.path(), &["a", "--cluster", choice]);
        assert_eq!((code, out.lines().count(), err.as_str()), (1, want, ""), "{choice}: {out}");
    }
    let rule = ["--select", "endpoint-open-to-internet"];
    for arguments in
        [vec!["scan", "a", "-q"], vec!["diff", "a", "a"], vec!["explain", "a"], vec!["versions", "a"]]
    {
        let rule = if ["scan", "diff"].contains(&arguments[0]) { &rule[..] } else { &[] };
        let with = |choice: &[&str]| run(dir.path(), &[&arguments, rule, choice].concat());
        let (code, _, err) = with(&["--cluster", "stage"]);
        assert!(code < 2 && err.is_empty(), "{arguments:?}: {err}");
        let (code, _, err) = with(&["--cluster", "stgae,prod"]);
        let want = "error: --cluster stgae: no cluster has this name; did you mean `stage`?\n";
        assert_eq!((code, err.as_str()), (2, want), "{arguments:?}");
    }
    // What is compared of a file with several clusters is the one that was asked for.
    let shut = open("test").replace("0.0.0.0/0", "192.0.2.0/24");
    fs::create_dir(dir.path().join("b")).expect("a folder");
    fs::write(dir.path().join("b/two.json"), format!("{}\n{shut}", open("stage"))).expect("a file");
    let (code, out, err) = run(dir.path(), &[&["diff", "b", "a", "--cluster", "test"], &rule[..]].concat());
    assert_eq!((code, err.as_str()), (1, ""));
    assert!(out.contains("a/two.json:2:") && out.contains("192.0.2.0/24"), "{out}");
    let raw = dir.path().join("raw");
    fs::create_dir(&raw).expect("a folder");
    fs::write(raw.join("all.json"), format!("{}\n{}", open("prod"), open("stage"))).expect("a file");
    let (code, out, _) = run(dir.path(), &["snapshot", "import", "raw", "--cluster", "st*"]);
    assert!(code == 0 && out.contains("stage") && !out.contains("prod"), "{out}");
    let (code, _, err) = run(dir.path(), &["snapshot", "import", "raw", "--cluster", "prdo"]);
    assert!(code == 2 && err.contains("did you mean `prod`?"), "{err}");
}

#[test]
fn a_glob_that_no_shell_expanded_works() {
    let dir = folder(&[
        ("a/x.json", &open("x")),
        ("a/y.json", &open("y")),
        ("a/b/z.json", &open("z")),
        ("[1].json", &open("n")),
    ]);
    for (glob, want) in [("a/*.json", 2), ("**/*.json", 4), ("a/[x].json", 1), ("a*", 3), ("[1].json", 1)] {
        let (code, out, err) = scan(dir.path(), &[glob]);
        assert_eq!((code, out.lines().count(), err.as_str()), (1, want, ""), "{glob}: {out}");
    }
    for command in ["explain", "versions"] {
        assert_eq!(run(dir.path(), &[command, "a/*.json"]).0, 0);
    }
    assert_eq!(
        scan(dir.path(), &["a/*.txt"]),
        (2, String::new(), "error: a/*.txt: matches no file\n".to_owned())
    );
}

#[test]
fn of_a_cluster_in_several_files_the_newest_is_named() {
    let of = |time: &str, range: &str| {
        let cluster: Value = serde_json::from_str(&open("prod").replace("0.0.0.0/0", range)).expect("JSON");
        let mut cluster = cluster["cluster"].clone();
        cluster["arn"] = "arn:aws:eks:eu-west-1:111122223333:cluster/prod".into();
        json!({"schemaVersion": 1, "capturedAt": time, "cluster": cluster}).to_string()
    };
    let dir = folder(&[
        ("a/new.json", &of("2026-11-21T09:00:00Z", "0.0.0.0/0")),
        ("a/old.json", &of("2026-11-20T09:00:00Z", "192.0.2.0/24")),
    ]);
    let rule = ["-f", "concise", "--select", "endpoint-open-to-internet"];
    let (code, _, err) = run(dir.path(), &[&["scan", "a"], &rule[..]].concat());
    let want = "note: arn:aws:eks:eu-west-1:111122223333:cluster/prod is in a/new.json and a/old.json: each is evaluated, \
         and findings count each time; a/new.json is the newest (`ekslint diff a/old.json a/new.json` shows what changed)\n";
    assert_eq!((code, err.as_str()), (1, want));
    // Without times nobody knows.
    fs::write(dir.path().join("a/old.json"), of("yesterday", "192.0.2.0/24")).expect("a file");
    let (_, _, err) = run(dir.path(), &[&["scan", "a"], &rule[..]].concat());
    assert!(!err.contains("newest") && err.contains("`ekslint diff "), "{err}");
}

/// A cluster that uses aws-auth only: EKS refuses to list its access entries.
#[test]
fn what_a_cluster_cannot_have_is_said_in_plain_words() {
    let cluster = json!({"name": "prod", "accessConfig": {"authenticationMode": "CONFIG_MAP"}, "resourcesVpcConfig": {}});
    let refused = "InvalidRequestException: The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.";
    let entry = |kind: &str| json!([{"at": "/accessEntries", "api": "eks:ListAccessEntries", "kind": kind, "reason": refused}]);
    let whole =
        |kind: &str| json!({"schemaVersion": 1, "cluster": cluster, "notCollected": entry(kind)}).to_string();
    let dir = folder(&[
        ("refused.json", &whole("notApplicable")),
        ("failed.json", &whole("error")),
        ("bare.json", &json!({"cluster": cluster}).to_string()),
    ]);
    for name in ["refused.json", "failed.json", "bare.json"] {
        let (code, out, _) = run(dir.path(), &["scan", name, "-f", "json", "--select", "dead-access-entry"]);
        let report: Value = serde_json::from_str(&out).expect("JSON");
        let why = &report["notEvaluated"][0];
        assert_eq!((code, &why["kind"]), (0, &json!("notApplicable")), "{name}: {out}");
        assert_eq!(why["reason"], "the cluster uses aws-auth only (authentication mode CONFIG_MAP)");
        assert_eq!(report["summary"]["notEvaluated"], 1);
        let (_, out, _) = run(dir.path(), &["explain", name]);
        assert!(!out.contains("InvalidRequestException"), "{out}");
    }
}
