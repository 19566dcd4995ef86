//! A pull request from beginning to end: a repository with snapshots and a configuration, a change that opens a private
//! cluster, a waiver whose time is over; and what the GitHub action and `ekslint diff` make of it.

use crate::support::git::git;
use crate::support::multitool;
use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const CONFIG: &str = r#"paths = ["clusters"]

[[waiver]]
rule = "audit-logging-disabled"
cluster = "auto-mode"
reason = "the log goes to the SIEM by another way"
ticket = "SEC-7"
expires = 2026-11-20
"#;

/// The last day of the waiver, and the next one.
const BEFORE: &str = "2026-11-20";
const AFTER: &str = "2026-11-21";

struct Repository {
    directory: TempDir,
}

/// What the action's script did.
struct Ran {
    log: String,
    summary: String,
    outputs: BTreeMap<String, String>,
}

impl Repository {
    /// A repository whose main branch has two clusters without anything to complain about but what is waived.
    fn new() -> Self {
        let repository = Self { directory: TempDir::new().expect("a temporary directory") };
        let clusters = repository.path().join("clusters");
        fs::create_dir(&clusters).expect("a folder");
        fs::copy(fixture("private-hardened.json"), clusters.join("prod.json")).expect("a fixture");
        let auto = read(&fixture("auto-mode.json"));
        let logging = serde_json::json!([
            {"types": ["api", "authenticator", "controllerManager", "scheduler"], "enabled": true},
            {"types": ["audit"], "enabled": false}
        ]);
        write(&clusters.join("auto.json"), &with(auto, "/cluster/logging/clusterLogging", logging));
        fs::write(repository.path().join("ekslint.toml"), CONFIG).expect("a file");
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.commit("Snapshots of two clusters");
        repository
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn git(&self, arguments: &[&str]) {
        git(self.path(), arguments);
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", message]);
    }

    /// The pull request: the private cluster becomes public.
    fn open_the_endpoint(&self) {
        self.git(&["switch", "--quiet", "--create", "open-prod"]);
        let prod = self.path().join("clusters/prod.json");
        let text = fs::read_to_string(&prod).expect("the snapshot");
        let opened = text
            .replace(r#""endpointPublicAccess": false"#, r#""endpointPublicAccess": true"#)
            .replace(r#""publicAccessCidrs": []"#, r#""publicAccessCidrs": ["0.0.0.0/0"]"#);
        assert_ne!(opened, text);
        fs::write(&prod, opened).expect("the snapshot");
        self.commit("Let the new office in");
    }

    /// Runs what the action runs.
    fn action(&self, day: &str) -> Ran {
        let temp = TempDir::new().expect("a temporary directory");
        let (outputs, summary) = (temp.path().join("outputs"), temp.path().join("summary"));
        let directory = cargo_bin("ekslint").parent().expect("a folder").to_owned();
        let path = std::env::join_paths(
            std::iter::once(directory)
                .chain(std::env::split_paths(&std::env::var_os("PATH").expect("a path"))),
        );
        let output = Command::new("bash")
            .arg(root().join(".github/action/scan.sh"))
            .current_dir(self.path())
            .env_clear()
            .env("PATH", path.expect("a path"))
            .env("RUNNER_TEMP", self.path().parent().expect("a folder"))
            .env("GITHUB_OUTPUT", &outputs)
            .env("GITHUB_STEP_SUMMARY", &summary)
            .env("EKSLINT_UPLOAD_SARIF", "true")
            .env("EKSLINT_ARGS", format!("--as-of {day}"))
            .output()
            .expect("bash runs");
        let log = text(&output);
        assert!(output.status.success(), "{log}");
        let outputs = fs::read_to_string(outputs).expect("outputs");
        let outputs = outputs.lines().filter_map(|line| line.split_once('='));
        Ran {
            log,
            summary: fs::read_to_string(summary).expect("a summary"),
            outputs: outputs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        }
    }

    fn ekslint(&self, arguments: &[&str]) -> Output {
        Command::new(cargo_bin("ekslint"))
            .current_dir(self.path())
            .env("COLUMNS", "100")
            .args(arguments)
            .output()
            .expect("it runs")
    }
}

impl Ran {
    fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map(String::as_str).unwrap_or_default()
    }

    fn annotations(&self) -> Vec<&str> {
        let kinds = ["::error ", "::warning ", "::notice "];
        self.log.lines().filter(|line| kinds.iter().any(|kind| line.starts_with(kind))).collect()
    }

    fn sarif(&self) -> Value {
        read(Path::new(self.output("sarif-file")))
    }

    fn results(&self) -> Vec<(String, String, i64)> {
        let sarif = self.sarif();
        let results = sarif["runs"][0]["results"].as_array().expect("results").iter();
        let one = |result: &Value| {
            let place = &result["locations"][0]["physicalLocation"];
            let text = |value: &Value| value.as_str().expect("text").to_owned();
            let line = place["region"]["startLine"].as_i64().expect("a line");
            (text(&result["ruleId"]), text(&place["artifactLocation"]["uri"]), line)
        };
        results.map(one).collect()
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn fixture(name: &str) -> PathBuf {
    root().join("fixtures").join(name)
}

fn read(file: &Path) -> Value {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_str(&text).expect("JSON")
}

fn write(file: &Path, value: &Value) {
    fs::write(file, serde_json::to_string_pretty(value).expect("JSON") + "\n").expect("a file");
}

fn with(mut document: Value, pointer: &str, value: Value) -> Value {
    *document.pointer_mut(pointer).unwrap_or_else(|| panic!("there is no {pointer}")) = value;
    document
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Schema and multitool have nothing against a SARIF file.
fn assert_valid(sarif: &Path) {
    let schema = read(&root().join("tests/schemas/sarif-2.1.0.json"));
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors: Vec<_> = validator.iter_errors(&read(sarif)).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let verdicts = multitool::verdicts(sarif);
    assert!(verdicts.is_empty(), "{verdicts:#?}");
}

#[test]
fn the_main_branch_is_clean_while_the_waiver_holds() {
    let ran = Repository::new().action(BEFORE);
    assert_eq!(ran.annotations(), [""; 0], "{}", ran.log);
    assert_eq!((ran.output("exit-code"), ran.output("complete")), ("0", "true"), "{}", ran.log);
    assert_eq!((ran.output("upload"), ran.output("findings")), ("true", "0"));
    assert!(ran.summary.contains("1 waived"), "{}", ran.summary);
    assert_eq!(ran.results(), []);
    assert_valid(Path::new(ran.output("sarif-file")));
}

#[test]
fn a_pull_request_that_opens_a_cluster_is_stopped() {
    let repository = Repository::new();
    repository.open_the_endpoint();
    let ran = repository.action(AFTER);
    assert_eq!((ran.output("exit-code"), ran.output("complete")), ("1", "true"), "{}", ran.log);
    assert_eq!(ran.output("upload"), "true");

    let results = ran.results();
    let found = |rule: &str, file: &str| {
        let fits = |(id, uri, _): &&(String, String, i64)| id == rule && uri == file;
        results.iter().find(fits).unwrap_or_else(|| panic!("no {rule} in {file}: {results:#?}")).2
    };
    let open = found("endpoint-open-to-internet", "clusters/prod.json");
    let expired = found("waiver-expired", "ekslint.toml");
    found("audit-logging-disabled", "clusters/auto.json");
    assert_eq!(expired, 8);
    assert_valid(Path::new(ran.output("sarif-file")));

    let annotations = ran.annotations();
    let starts = |start: String| annotations.iter().filter(|line| line.starts_with(&start)).count();
    assert_eq!(starts(format!("::error file=clusters/prod.json,line={open},")), 1, "{annotations:#?}");
    assert_eq!(starts(format!("::warning file=ekslint.toml,line={expired},")), 1, "{annotations:#?}");
    assert_eq!(annotations.len(), results.len());

    for part in ["private-hardened", "endpoint-open-to-internet", "waiver-expired", "```mermaid"] {
        assert!(ran.summary.contains(part), "{part}: {}", ran.summary);
    }
}

/// A repository with a snapshot that lacks its node groups; for the reason, if there is one.
fn without_nodegroups(entry: Option<Value>) -> Repository {
    let repository = Repository::new();
    let prod = repository.path().join("clusters/prod.json");
    let mut document = read(&prod);
    let object = document.as_object_mut().expect("an object");
    object.remove("nodegroups").expect("is there");
    object.extend(entry.map(|entry| ("notCollected".to_owned(), serde_json::json!([entry]))));
    write(&prod, &document);
    repository
}

#[test]
fn what_a_file_never_holds_is_uploaded_and_the_summary_names_the_rules() {
    let ran = without_nodegroups(None).action(BEFORE);
    assert_eq!((ran.output("complete"), ran.output("upload")), ("false", "true"), "{}", ran.log);
    assert_eq!(ran.sarif()["runs"][0]["invocations"][0]["executionSuccessful"], true);
    assert!(ran.summary.starts_with("<details>\n<summary>Code scanning closes"), "{}", ran.summary);
    for part in ["GitHub closes the alerts", "nodegroup-ssh-open-to-internet"] {
        assert!(ran.summary.contains(part), "{part}: {}", ran.summary);
    }
    assert!(
        ran.log.contains("::notice title=ekslint::") && ran.log.contains("GitHub closes the alerts"),
        "{}",
        ran.log
    );
    assert_valid(Path::new(ran.output("sarif-file")));
}

#[test]
fn a_scan_with_a_refused_call_is_not_uploaded() {
    let call = "eks:ListNodegroups";
    let entry =
        serde_json::json!({"at": "/nodegroups", "api": call, "kind": "denied", "reason": "AccessDenied"});
    let ran = without_nodegroups(Some(entry)).action(BEFORE);
    assert_eq!((ran.output("complete"), ran.output("upload")), ("false", ""));
    assert_eq!(ran.sarif()["runs"][0]["invocations"][0]["executionSuccessful"], false);
    let why = "The results were not uploaded";
    assert!(ran.log.contains(&format!("::warning title=ekslint::{why}")), "{}", ran.log);
    assert!(ran.summary.contains(why) && ran.summary.contains(call), "{}", ran.summary);
    assert_valid(Path::new(ran.output("sarif-file")));
}

#[test]
fn the_difference_names_the_field_that_brought_the_finding() {
    let repository = Repository::new();
    repository.open_the_endpoint();
    let diff = repository.ekslint(&["diff", "--git", "main", "--as-of", AFTER]);
    let told = text(&diff);
    assert_eq!(diff.status.code(), Some(1), "{told}");
    assert!(told.contains("endpoint-open-to-internet"), "{told}");
    assert!(
        told.contains("/cluster/resourcesVpcConfig/publicAccessCidrs")
            || told.contains("/cluster/resourcesVpcConfig/endpointPublicAccess"),
        "{told}"
    );
    // It was there before: only the time of its waiver is over.
    assert!(!told.contains("audit-logging-disabled"), "{told}");

    let nothing = repository.ekslint(&["diff", "--git", "open-prod", "--as-of", AFTER]);
    assert_eq!(nothing.status.code(), Some(0), "{}", text(&nothing));
}
