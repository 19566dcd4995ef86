//! `ekslint report` as a user meets it: the real binary, a framework of an organisation, and snapshots, such that each
//! verdict is there.

mod csv;
mod markdown;
mod since;

use crate::support::folder::folder;
use crate::support::program::run;
use serde_json::Value;
use std::path::Path;
use tempfile::TempDir;

/// A framework with a control for each verdict.
const FRAMEWORK: &str = "\
id: acme-1.0
title: { en: Acme baseline }
version: '1.0'
source: https://example.com/baseline
total: 40
controls:
  - { id: A.1, title: { en: The endpoint is closed }, level: 1, kind: automated, rules: [endpoint-open-to-internet] }
  - { id: A.2, title: { en: Nobody logs in to nodes }, kind: automated, rules: [nodegroup-ssh-open-to-internet] }
  - { id: A.3, title: { en: Traffic is recorded }, kind: automated, rules: [flow-logs-disabled] }
  - id: A.4
    title: { en: Somebody answers for it }
    kind: manual
    why: { en: Ask the owner. }
  - { id: A.5, title: { en: 'Nodes reach it | inside' }, kind: automated, rules: [endpoint-private-access-disabled] }
  - { id: A.6, title: { en: Add-ons are healthy }, kind: automated, rules: [addon-unhealthy] }
  - id: A.7
    title: { en: Audit logs are kept and read }
    kind: partly
    why: { en: Who reads them is not seen. }
    rules: [audit-logging-disabled]
  - { id: A.8, title: { en: Pods are confined }, kind: automated, notYet: { en: Pods are in no input. } }
";

/// The same in Korean.
fn korean() -> String {
    let korean = FRAMEWORK.replace("en: Acme baseline", "en: Acme baseline, ko: 에이크미 기준");
    let korean =
        korean.replace("en: The endpoint is closed", "en: The endpoint is closed, ko: 엔드포인트 차단");
    korean.replace("acme-1.0", "acme-ko-1.0").replace("total: 40\n", "language: ko\n")
}

/// A waiver for who logs in to nodes.
const CONFIG: &str = "\
[[waiver]]
rule = 'nodegroup-ssh-*'
reason = 'a lab | without data'
owner = 'platform@example.com'
approved-by = 'ciso@example.com'
ticket = 'SEC-123'
expires = 2026-12-31
";

/// A cluster of a region: open to these networks, with a node group that anyone may log in to. What else there is, is in
/// `more`.
fn cluster(name: &str, networks: &str, more: &str) -> String {
    format!(
        r#"{{
  "capturedAt": "2026-11-20T08:30:00Z",
  "cluster": {{
    "name": "{name}",
    "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/{name}",
    "version": "1.36",
    "logging": {{"clusterLogging": [{{"types": ["audit"], "enabled": true}}]}},
    "resourcesVpcConfig": {{
      "endpointPublicAccess": true,
      "endpointPrivateAccess": true,
      "publicAccessCidrs": ["{networks}"]
    }}
  }},
  "addons": []{more}
}}
"#
    )
}

/// A node group that anyone may log in to.
const NODES: &str = r#",
  "nodegroups": [{"nodegroupName": "blue", "status": "ACTIVE", "remoteAccess": {"ec2SshKey": "k"}}]"#;

/// A folder with the framework, the waiver and these snapshots.
fn state(files: &[(&str, &str)]) -> TempDir {
    let korean = korean();
    let all = [("f/acme.yaml", FRAMEWORK), ("f/korean.yaml", &korean), ("ekslint.toml", CONFIG)];
    folder(&[&all, files].concat())
}

/// A report on the framework: exit code, standard output and standard error.
fn report(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let own = ["report", "--frameworks", "f", "--framework", "acme-1.0", "--as-of", "2026-11-21"];
    run(dir, &[&own, args].concat())
}

/// The report in JSON.
fn json(dir: &Path, args: &[&str]) -> Value {
    let (_, out, err) = report(dir, &[args, &["--format", "json"]].concat());
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"))
}

/// A closed cluster and an open one.
fn two() -> TempDir {
    let open = cluster("open", "0.0.0.0/0", NODES);
    let closed = cluster("closed", "198.51.100.0/24", NODES);
    state(&[("c/a.json", &open), ("c/b.json", &closed)])
}

/// Every control has another verdict, so tests that look at all controls look at all verdicts.
#[test]
fn each_verdict_is_there() {
    let dir = two();
    let report = json(dir.path(), &["c"]);
    let controls = report["frameworks"][0]["controls"].as_array().expect("a list");
    let verdicts: Vec<_> =
        controls.iter().map(|control| control["verdict"].as_str().expect("a text")).collect();
    let expected =
        ["failed", "accepted", "not-evaluated", "manual", "passed", "not-applicable", "manual", "manual"];
    assert_eq!(verdicts, expected);
}
