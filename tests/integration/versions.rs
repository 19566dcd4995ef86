//! `ekslint versions` as a user runs it.

use assert_cmd::Command;
use insta::assert_snapshot;
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn run(dir: &Path, args: &[&str], stdin: &str) -> (i32, String, String) {
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    command.current_dir(dir).env_clear().env("COLUMNS", "80").write_stdin(stdin);
    let output = command.args(["versions", "--as-of", "2026-11-24"]).args(args).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
}

fn json(dir: &Path, args: &[&str]) -> Value {
    let (_, out, err) = run(dir, &[args, &["--format", "json"]].concat(), "");
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"))
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder with a cluster, a file that is no snapshot, and one that is no JSON.
fn mixed() -> TempDir {
    let dir = TempDir::new().expect("a temporary directory");
    let cluster = r#"{"cluster": {"name": "demo", "version": "1.32", "resourcesVpcConfig": {}}}"#;
    for (name, text) in [("demo.json", cluster), ("other.json", r#"{"a": 1}"#), ("broken.json", "{")] {
        fs::write(dir.path().join(name), text).expect("a file");
    }
    dir
}

#[test]
fn the_calendar_fits_80_columns() {
    let (code, out, err) = run(repository(), &[], "");
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
    assert!(!out.contains('\u{1b}'), "colour is for terminals");
    assert_snapshot!(out);
}

#[test]
fn clusters_are_placed_on_the_calendar() {
    let (code, out, err) = run(repository(), &["fixtures"], "");
    assert_eq!((code, err.as_str()), (0, ""));
    assert_snapshot!(out);
}

#[test]
fn an_open_rollback_and_what_stands_in_its_way() {
    let snapshot = r#"{
      "cluster": {"name": "demo", "version": "1.34", "status": "ACTIVE", "resourcesVpcConfig": {},
        "upgradePolicy": {"supportType": "STANDARD"}},
      "nodegroups": [{"nodegroupName": "web", "version": "1.34"}, {"nodegroupName": "old", "version": "1.29"}],
      "addons": [],
      "updates": [{"id": "u", "type": "VersionUpdate", "status": "Successful", "createdAt": "2026-11-20T10:00:00Z",
        "params": [{"type": "Version", "value": "1.34"}]}]
    }"#;
    let (code, out, err) = run(repository(), &["-"], snapshot);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_snapshot!(out.split_once("Clusters").expect("the clusters").1);
}

#[test]
fn what_is_wrong_does_not_lose_the_rest() {
    let dir = mixed();
    let (code, out, err) = run(dir.path(), &[".", "missing.json"], "");
    assert_eq!(code, 2, "{err}");
    assert!(out.contains("demo"), "{out}");
    assert!(err.contains("error: broken.json:1:1: is not JSON"), "{err}");
    assert!(err.contains("error: missing.json: does not exist"), "{err}");
    assert!(err.contains("note: skipped other.json"), "{err}");

    let (code, out, err) = run(dir.path(), &["other.json", "demo.json"], "");
    assert_eq!(code, 2, "a file that is named must be a snapshot");
    assert!(out.contains("demo") && err.contains("error: other.json: is not a snapshot"), "{err}");
}

#[test]
fn a_directory_without_snapshots_is_an_error() {
    let dir = TempDir::new().expect("a temporary directory");
    let (code, out, err) = run(dir.path(), &["."], "");
    assert_eq!(code, 2);
    assert!(out.contains("1.36") && err.contains("no clusters found"), "{err}");
}

#[test]
fn the_json_has_the_calendar_and_all_facts() {
    let document = json(repository(), &["fixtures/forgotten-upgrade.json"]);
    assert_eq!(document["schemaVersion"], 1);
    assert_eq!(document["calendar"]["price"]["extendedSupportHour"], 0.6);
    assert_eq!(document["calendar"]["versions"][0]["version"], "1.37");
    assert_eq!(document["clusters"][0]["version"]["forcedUpgradeTo"], "1.35");
    assert_eq!(document["clusters"][0]["nodegroups"]["batch"]["breaksSkewAfterForcedUpgrade"], true);
    assert_snapshot!(serde_json::to_string_pretty(&document["clusters"][0]["version"]).expect("JSON"));
}

#[test]
fn errors_stand_in_the_json_too() {
    let dir = mixed();
    let document = json(dir.path(), &["."]);
    assert_eq!(document["errors"][0]["file"], "broken.json");
    assert_eq!(document["errors"][0]["line"], 1);
    assert_eq!(document["clusters"][0]["version"]["forcedUpgradeTo"], "1.33");
    let why = &document["clusters"][0]["nodegroups"]["unknown"];
    assert_eq!(why, "nodegroups is not in the snapshot");
}

#[test]
fn names_cannot_drive_the_terminal() {
    let snapshot = r#"{"cluster": {"name": "a\u001b[31mb\nc", "version": "1.32\u001b[0m", "resourcesVpcConfig": {}},
      "nodegroups": [{"nodegroupName": "\u001b]0;x\u0007", "version": "1.20"}]}"#;
    let (code, out, _) = run(repository(), &["-"], snapshot);
    assert_eq!(code, 0);
    assert!(!out.contains('\u{1b}') && !out.contains('\u{7}'), "{out:?}");
}
