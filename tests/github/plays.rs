//! `.github/action/scan.sh` with the ekslint that is built here, on what people have: whether the report is uploaded, and
//! whether only new findings fail.

use super::git::git;
use super::{path_with, root, text_of};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A repository with files, and what the environment says.
struct Play {
    directory: TempDir,
    variables: Vec<(&'static str, String)>,
}

/// What came of it.
struct Played {
    log: String,
    summary: String,
    outputs: BTreeMap<String, String>,
    sarif: Value,
    /// The page for the comment.
    comment: String,
}

impl Play {
    fn new() -> Self {
        let directory = TempDir::new().expect("a directory");
        fs::create_dir_all(directory.path().join("repository/clusters")).expect("a directory");
        fs::create_dir(directory.path().join("temp")).expect("a directory");
        let variables = vec![
            ("EKSLINT_PATHS", "clusters".to_owned()),
            ("EKSLINT_ARGS", "--as-of 2026-11-21".to_owned()),
            ("EKSLINT_UPLOAD_SARIF", "true".to_owned()),
        ];
        Self { directory, variables }
    }

    fn repository(&self) -> PathBuf {
        self.directory.path().join("repository")
    }

    /// Writes a file of the folder that is scanned.
    fn file(self, name: &str, text: &str) -> Self {
        self.at(&format!("clusters/{name}"), text)
    }

    fn at(self, path: &str, text: &str) -> Self {
        let file = self.repository().join(path);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, text).expect("a file");
        self
    }

    fn set(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    fn git(&self, arguments: &[&str]) {
        git(&self.repository(), arguments);
    }

    fn commit(self) -> Self {
        if !self.repository().join(".git").exists() {
            self.git(&["init", "--quiet", "--initial-branch=main"]);
        }
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "x"]);
        self
    }

    fn played(&self) -> Played {
        let binary = Path::new(env!("CARGO_BIN_EXE_ekslint"));
        let file = |name: &str| self.directory.path().join(name);
        let output = Command::new("bash")
            .arg(root().join(".github/action/scan.sh"))
            .current_dir(self.repository())
            .env("PATH", path_with(binary.parent().expect("a folder")))
            .env("RUNNER_TEMP", file("temp"))
            .env("GITHUB_OUTPUT", file("outputs"))
            .env("GITHUB_STEP_SUMMARY", file("summary"))
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .output()
            .expect("bash runs");
        let log = text_of(&output);
        assert_eq!(output.status.code(), Some(0), "{log}");
        let read = |name: &str| fs::read_to_string(file(name)).unwrap_or_default();
        let pairs = read("outputs");
        let pairs = pairs.lines().map(|line| line.split_once('=').expect("NAME=VALUE"));
        let outputs: BTreeMap<_, _> =
            pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let report = |name: &str| {
            let file = outputs.get(name).map_or("", String::as_str);
            if file.is_empty() { String::new() } else { fs::read_to_string(file).expect("a report") }
        };
        let sarif = serde_json::from_str(&report("sarif-file")).expect("JSON");
        Played { log, summary: read("summary"), sarif, comment: report("comment-file"), outputs }
    }
}

impl Played {
    fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }

    fn is_successful(&self) -> bool {
        self.sarif["runs"][0]["invocations"][0]["executionSuccessful"].as_bool().expect("a truth value")
    }

    /// The report is uploaded, and whoever looks at the job reads whose alerts close.
    #[track_caller]
    fn is_uploaded_naming(&self, rules: &[&str]) {
        assert_eq!((self.output("upload"), self.is_successful()), ("true", true), "{}", self.log);
        assert!(self.log.contains("GitHub closes the alerts"), "{}", self.log);
        let (note, _) = self.summary.split_once("</details>").expect("a note at the head of the summary");
        for part in rules.iter().chain(&["GitHub closes the alerts"]) {
            assert!(note.contains(part), "{part}: {note}");
        }
        assert!(!self.log.contains("::warning title=ekslint::"), "{}", self.log);
    }

    /// The report is not uploaded, and whoever looks at the job reads why.
    #[track_caller]
    fn is_kept_because(&self, why: &[&str]) {
        assert_eq!((self.output("upload"), self.output("complete")), ("", "false"), "{}", self.log);
        assert!(!self.is_successful());
        let start = "::warning title=ekslint::The results were not uploaded.";
        let line = self.log.lines().find(|line| line.starts_with(start)).expect("a warning");
        for part in why {
            assert!(line.contains(part) && self.summary.contains(part), "{part}: {line}\n{}", self.summary);
        }
    }
}

/// A snapshot among the fixtures.
fn fixture(name: &str) -> Value {
    let text = fs::read_to_string(root().join("fixtures").join(name)).expect("a fixture");
    serde_json::from_str(&text).expect("JSON")
}

/// What `aws eks describe-cluster` prints of a cluster.
fn bare(name: &str) -> String {
    format!("{:#}\n", json!({"cluster": fixture(name)["cluster"]}))
}

#[test]
fn a_bare_describe_cluster_is_uploaded() {
    let played = Play::new().file("lab.json", &bare("study-lab.json")).played();
    assert_eq!((played.output("complete"), played.output("exit-code")), ("false", "1"));
    played.is_uploaded_naming(&["node-imds-v1", "nodegroup-ami-old", "vpc-dns-disabled"]);
    let results = played.sarif["runs"][0]["results"].as_array().expect("results").len();
    assert!(results > 3, "{results}");
}

#[test]
fn strict_still_fails_where_something_is_not_evaluated() {
    let played = Play::new().file("lab.json", &bare("study-lab.json")).set("EKSLINT_STRICT", "true").played();
    assert_eq!((played.output("complete"), played.output("exit-code")), ("false", "3"));
    assert_eq!(played.output("upload"), "true", "the alerts of what was evaluated are news");
}

/// The answers of the AWS CLI to three calls, of which one says that there are two node groups and one describes the first.
#[test]
fn answers_of_which_one_is_missing_are_uploaded() {
    let mut snapshot = fixture("extended-support.json");
    let groups = snapshot["nodegroups"].as_array_mut().expect("node groups");
    let names: Vec<_> = groups.iter().map(|group| group["nodegroupName"].clone()).collect();
    assert!(names.len() > 1);
    let first = format!("{:#}\n", json!({"nodegroup": groups[0]}));
    let played = Play::new()
        .file("describe-cluster.json", &bare("extended-support.json"))
        .file("list-nodegroups.json", &json!({"nodegroups": names}).to_string())
        .file("describe-nodegroup.json", &first)
        .played();
    assert_eq!(played.output("complete"), "false");
    assert!(played.log.contains("joined"), "{}", played.log);
    played.is_uploaded_naming(&["nodegroup-ami-old", "addon-unhealthy"]);
}

#[test]
fn a_refused_call_keeps_the_alerts() {
    let snapshot = json!({
        "cluster": fixture("study-lab.json")["cluster"],
        "notCollected": [{
            "at": "/accessEntries", "api": "eks:ListAccessEntries", "action": "eks:ListAccessEntries",
            "kind": "denied", "reason": "AccessDeniedException: no `::error::` for @team"
        }]
    });
    let played = Play::new().file("lab.json", &format!("{snapshot:#}\n")).played();
    played.is_kept_because(&["AWS refused eks:ListAccessEntries"]);
    assert_eq!(played.output("exit-code"), "1");
}

#[test]
fn a_failed_call_a_list_of_names_and_a_wrong_value_keep_the_alerts() {
    let cluster = fixture("study-lab.json")["cluster"].clone();
    let entry =
        json!([{"at": "/nodegroups", "api": "eks:ListNodegroups", "kind": "error", "reason": "Throttling"}]);
    let cases = [
        (json!({"cluster": cluster, "notCollected": entry}), "eks:ListNodegroups failed: Throttling"),
        (json!({"cluster": cluster, "nodegroups": ["web"]}), "nodegroups"),
        (json!({"cluster": cluster, "nodegroups": 7}), "nodegroups"),
    ];
    for (snapshot, why) in cases {
        Play::new().file("lab.json", &snapshot.to_string()).played().is_kept_because(&[why]);
    }
}

#[test]
fn broken_json_keeps_the_alerts() {
    let play = Play::new()
        .file("lab.json", &bare("study-lab.json"))
        .file("broken.json", "{\"cluster\": {\"name\": ");
    let played = play.played();
    played.is_kept_because(&["clusters/broken.json"]);
    assert_eq!(played.output("exit-code"), "2");
}

const RULE: &str = r#"
id: own-rule
title: A rule of the organisation
severity: low
precision: high
since: 1.0.0
resource: cluster
assert: "ASSERT"
message: "{{cluster.name}} is not as agreed"
rationale: It was agreed.
remediation: { text: Change it. }
references: ["https://docs.aws.amazon.com/eks/latest/userguide/clusters.html"]
examples: []
"#;

#[test]
fn a_rule_that_fails_or_does_not_load_keeps_the_alerts() {
    for (assert, why) in [("1 / 0 == 1", "own-rule"), ("cluster.nam == 'x'", "rules/own-rule.yaml")] {
        let played = Play::new()
            .file("lab.json", &bare("study-lab.json"))
            .at("rules/own-rule.yaml", &RULE.replace("ASSERT", assert))
            .set("EKSLINT_RULES", "rules")
            .played();
        played.is_kept_because(&[why]);
        assert_eq!(played.output("exit-code"), "2", "{}", played.log);
    }
}

/// A private cluster, and the same one opened to everybody.
fn private_and_open() -> [String; 2] {
    let mut snapshot = fixture("private-hardened.json");
    let private = format!("{snapshot:#}\n");
    let network = &mut snapshot["cluster"]["resourcesVpcConfig"];
    network["endpointPublicAccess"] = true.into();
    network["publicAccessCidrs"] = json!(["0.0.0.0/0"]);
    [private, format!("{snapshot:#}\n")]
}

#[test]
fn with_a_base_old_findings_do_not_fail_and_new_ones_do() {
    let [private, open] = private_and_open();
    let lab = bare("study-lab.json");
    let base = || {
        let play = Play::new().file("lab.json", &lab).file("prod.json", &private).commit();
        play.set("EKSLINT_DIFF_BASE", "HEAD^1").set("EKSLINT_COMMENT", "true")
    };
    let same = base().at("README.md", "a change that is none\n").commit().played();
    assert_eq!((same.output("exit-code"), same.output("new-findings")), ("0", "0"), "{}", same.log);
    assert_ne!(same.output("findings"), "0", "the report is that of the scan");
    same.is_uploaded_naming(&["node-imds-v1"]);

    let opened = base().file("prod.json", &open).commit().played();
    assert_eq!(opened.output("exit-code"), "1", "{}", opened.log);
    assert_ne!(opened.output("new-findings"), "0");
    for text in [&opened.comment, &opened.summary, &opened.log] {
        assert!(text.contains("endpoint-open-to-internet") && text.contains("publicAccessCidrs/0"), "{text}");
    }
    let old: usize = same.output("findings").parse().expect("a number");
    let all: usize = opened.output("findings").parse().expect("a number");
    assert!(all > old, "{old} {all}");
    let lenient = base().file("prod.json", &open).commit().set("EKSLINT_FAIL_ON", "never").played();
    assert_eq!(lenient.output("exit-code"), "0");
}

#[test]
fn a_base_that_was_not_fetched_is_an_error_with_the_way_out() {
    let play = Play::new().file("lab.json", &bare("study-lab.json")).commit();
    let played = play.set("EKSLINT_DIFF_BASE", "origin/main").set("EKSLINT_COMMENT", "true").played();
    assert_eq!((played.output("exit-code"), played.output("new-findings")), ("2", ""), "{}", played.log);
    assert!(played.log.contains("Git knows no revision `origin/main`"), "{}", played.log);
    assert!(played.comment.contains("There is no report"), "{}", played.comment);
}

#[test]
fn the_own_workflow_uploads_what_it_scans() {
    let workflow = super::read(".github/workflows/ci.yml");
    let args = workflow.lines().find_map(|line| line.trim().strip_prefix("args: ")).expect("arguments");
    let mut play = Play::new()
        .set("EKSLINT_PATHS", "fixtures")
        .set("EKSLINT_ARGS", &format!("{args} --as-of 2026-11-21"));
    for file in super::files_in("fixtures", "json") {
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        play = play.at(&format!("fixtures/{name}"), &fs::read_to_string(&file).expect("a fixture"));
    }
    play.played().is_uploaded_naming(&["addon-version-incompatible"]);
}
