//! Waivers and the baseline as a user meets them: the real binary, a configuration, and snapshots.

use crate::support::folder::folder;
use crate::support::sample::{document, violations};
use assert_cmd::Command;
use insta::assert_snapshot;
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A cluster whose endpoint is open to everyone, with a node group that anyone may log in to.
fn cluster(name: &str) -> String {
    format!(
        r#"{{
  "cluster": {{
    "name": "{name}",
    "arn": "arn:aws:eks:us-west-2:111122223333:cluster/{name}",
    "version": "1.36",
    "tags": {{"env": "{name}-env"}},
    "resourcesVpcConfig": {{
      "endpointPublicAccess": true,
      "endpointPrivateAccess": true,
      "publicAccessCidrs": ["0.0.0.0/0"]
    }}
  }},
  "nodegroups": [
    {{"nodegroupName": "blue", "clusterName": "{name}", "status": "ACTIVE", "remoteAccess": {{"ec2SshKey": "k"}}}},
    {{"nodegroupName": "green", "clusterName": "{name}", "status": "ACTIVE", "remoteAccess": {{"ec2SshKey": "k"}}}}
  ]
}}
"#
    )
}

const RULES: &str = "--select=endpoint-open-to-*,nodegroup-ssh-open-*,waiver-*,baseline-*";

/// Two clusters, and a configuration.
fn two(config: &str) -> TempDir {
    folder(&[("ekslint.toml", config), ("c/a.json", &cluster("a")), ("c/b.json", &cluster("b"))])
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn ekslint(dir: &Path, args: &[&str]) -> Ran {
    let output = Command::cargo_bin("ekslint")
        .expect("the binary is built")
        .current_dir(dir)
        .env_clear()
        .env("COLUMNS", "80")
        .args(args)
        .args(["--as-of", "2026-11-21"])
        .output()
        .expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ran {
        code: output.status.code().expect("an exit code"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

fn scan(dir: &TempDir, args: &[&str]) -> Ran {
    ekslint(dir.path(), &[&["scan", RULES], args].concat())
}

fn json(dir: &TempDir, args: &[&str]) -> Value {
    let ran = scan(dir, &[&["--format", "json"], args].concat());
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}{}", ran.out, ran.err))
}

/// `RULE RESOURCE` of the findings on clusters, and of the rules on waivers and baselines.
fn open(dir: &TempDir, args: &[&str]) -> Vec<String> {
    let report = json(dir, args);
    let findings = report["findings"].as_array().expect("a list").iter();
    let one = |finding: &Value| {
        let text =
            |pointer: &str| finding.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        match text("/cluster/name") {
            cluster if cluster.is_empty() => format!("{} {}", text("/rule"), text("/location/pointer")),
            cluster => format!("{} {cluster}/{}", text("/rule"), text("/resource/name")),
        }
    };
    let mut open: Vec<_> = findings.map(one).collect();
    open.sort();
    open
}

fn waiver(lines: &str) -> String {
    format!("[[waiver]]\n{lines}\n")
}

#[test]
fn a_waiver_covers_what_it_selects_and_nothing_else() {
    let all = [
        "endpoint-open-to-internet a/a",
        "endpoint-open-to-internet b/b",
        "nodegroup-ssh-open-to-internet a/blue",
        "nodegroup-ssh-open-to-internet a/green",
        "nodegroup-ssh-open-to-internet b/blue",
        "nodegroup-ssh-open-to-internet b/green",
    ];
    let table: [(&str, &[usize]); 12] = [
        ("rule = 'endpoint-open-to-internet'", &[0, 1]),
        ("rule = 'endpoint-*'", &[0, 1]),
        ("rule = ['endpoint-*', 'nodegroup-ssh-open-to-internet']", &[0, 1, 2, 3, 4, 5]),
        ("rule = 'endpoint-*'\ncluster = 'a'", &[0]),
        ("rule = 'endpoint-*'\ncluster = 'arn:aws:eks:us-west-2:*:cluster/b'", &[1]),
        ("rule = 'endpoint-*'\ncluster = { region = 'us-*', name = ['a', 'x'] }", &[0]),
        ("rule = 'endpoint-*'\ncluster = { tags = { env = 'b-*' } }", &[1]),
        ("rule = 'nodegroup-ssh-open-to-internet'\nresource = 'nodegroup/blue'", &[2, 4]),
        ("rule = 'nodegroup-ssh-open-to-internet'\nresource = ['*/green']\ncluster = 'b'", &[5]),
        ("rule = 'endpoint-*'\nexpires = 2026-11-21", &[0, 1]),
        ("rule = 'endpoint-*'\nexpires = '2026-11-22'", &[0, 1]),
        ("rule = 'endpoint-*'\nresource = 'cluster/a'", &[0]),
    ];
    for (lines, covered) in table {
        let dir = two(&waiver(&format!("{lines}\nreason = 'x'")));
        let left = all.iter().enumerate().filter(|(at, _)| !covered.contains(at));
        let left: Vec<_> = left.map(|(_, one)| (*one).to_owned()).collect();
        assert_eq!(open(&dir, &["c"]), left, "{lines}");
        assert_eq!(json(&dir, &["c"])["summary"]["waived"], covered.len(), "{lines}");
    }
}

#[test]
fn a_waiver_that_needs_attention_is_a_finding() {
    let cases = [
        ("rule = 'endpoint-*'", "waiver-without-reason /waiver/0"),
        ("rule = 'endpoint-*'\nreason = ' '", "waiver-without-reason /waiver/0"),
        ("rule = 'endpoint-*'\nreason = 'x'\nexpires = 2026-11-20", "waiver-expired /waiver/0/expires"),
        ("rule = 'endpoint-*'\nreason = 'x'\nresource = 'cluster/z'", "waiver-unused /waiver/0"),
    ];
    for (lines, expected) in cases {
        let open = open(&two(&waiver(lines)), &["c"]);
        assert!(open.contains(&expected.to_owned()), "{lines}: {open:?}");
        assert_eq!(open.len(), 7, "{lines}: {open:?}");
    }
}

#[test]
fn a_waiver_for_a_cluster_that_was_not_scanned_is_unused_only_if_all_was_scanned() {
    let gone = waiver("rule = 'endpoint-*'\nreason = 'x'\ncluster = 'z'");
    assert_eq!(open(&two(&gone), &["c"]).len(), 6);
    let whole = two(&format!("paths = ['c']\n{gone}"));
    assert!(open(&whole, &[]).contains(&"waiver-unused /waiver/0".to_owned()));
    assert_eq!(open(&whole, &["c/a.json"]).len(), 3);
    fs::write(whole.path().join("c/broken.json"), "{").expect("a file");
    let report = json(&whole, &[]);
    assert!(!report["findings"].to_string().contains("waiver-unused"), "an unreadable file may be about z");
}

#[test]
fn a_waiver_of_a_rule_that_was_not_evaluated_is_not_unused() {
    // Without the node groups, nobody can tell.
    let config = waiver("rule = 'nodegroup-ssh-open-to-internet'\nreason = 'x'\ncluster = 'a'");
    let bare = r#"{"cluster": {"name": "a", "arn": "arn:aws:eks:us-west-2:111122223333:cluster/a", "resourcesVpcConfig": {"endpointPublicAccess": true, "publicAccessCidrs": ["0.0.0.0/0"]}}}"#;
    let dir = folder(&[("ekslint.toml", &config), ("c/a.json", bare)]);
    assert_eq!(open(&dir, &["c"]), ["endpoint-open-to-internet a/a"]);
    let clean = r#"{"cluster": {"name": "a", "arn": "arn:aws:eks:us-west-2:111122223333:cluster/a", "resourcesVpcConfig": {"endpointPublicAccess": false}}, "nodegroups": []}"#;
    fs::write(dir.path().join("c/a.json"), clean).expect("a file");
    assert_eq!(open(&dir, &["c"]), ["waiver-unused /waiver/0"]);
    // A rule that does not run says nothing either.
    assert_eq!(open(&dir, &["c", "--ignore", "nodegroup-*"]), [""; 0]);
}

/// `ekslint waive` among two clusters, and what the configuration then is.
fn waive(config: Option<&str>, args: &[&str]) -> (Ran, String) {
    let dir = two(config.unwrap_or_default());
    let file = dir.path().join("ekslint.toml");
    if config.is_none() {
        fs::remove_file(&file).expect("is there");
    }
    let ran = ekslint(dir.path(), &[&["waive"], args].concat());
    (ran, fs::read_to_string(file).unwrap_or_else(|_| "none".to_owned()))
}

#[test]
fn a_waiver_is_written_and_what_it_covers_is_said() {
    let config = "# Ours.\npaths = ['c'] # all\n\n[rules] # none yet\n";
    let args = [
        "endpoint-open-to-internet",
        "--cluster",
        "a",
        "--reason",
        "a \"lab\"",
        "--expires",
        "2026-12-31",
        "--owner",
        "me@example.com",
        "--approved-by",
        "ciso@example.com",
        "--ticket",
        "LAB-7",
    ];
    let (ran, text) = waive(Some(config), &args);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_snapshot!(ran.out, @r#"
    added to ekslint.toml:
    [[waiver]]
    rule = "endpoint-open-to-internet"
    cluster = "a"
    reason = 'a "lab"'
    owner = "me@example.com"
    approved-by = "ciso@example.com"
    ticket = "LAB-7"
    expires = 2026-12-31

    covers 1 finding on 2 clusters:
      c/a.json:10:29: endpoint-open-to-internet: a accepts API server traffic from 0.0.0.0/0, which is every address
    "#);
    assert!(text.starts_with(config), "{text}");
    let dir = two(&text);
    assert_eq!(open(&dir, &["--ignore", "nodegroup-*"]), ["endpoint-open-to-internet b/b"]);

    let (ran, text) = waive(
        None,
        &[
            "nodegroup-ssh-*,endpoint-open-to-internet",
            "c",
            "--reason",
            "bastion",
            "--resource=nodegroup/blue",
        ],
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_snapshot!(ran.out, @r#"
    added to ekslint.toml:
    [[waiver]]
    rule = ["nodegroup-ssh-*", "endpoint-open-to-internet"]
    resource = "nodegroup/blue"
    reason = "bastion"

    covers 2 findings on 2 clusters:
      c/a.json:14:71: nodegroup-ssh-open-to-internet: port 22 of the nodes of blue is open to 0.0.0.0/0: SSH key k is set without source security groups
      c/b.json:14:71: nodegroup-ssh-open-to-internet: port 22 of the nodes of blue is open to 0.0.0.0/0: SSH key k is set without source security groups
    "#);
    assert_snapshot!(text, @r#"
    [[waiver]]
    rule = ["nodegroup-ssh-*", "endpoint-open-to-internet"]
    resource = "nodegroup/blue"
    reason = "bastion"
    "#);
    let (ran, _) = waive(None, &["endpoint-open-to-internet", "--reason", "x"]);
    assert_snapshot!(ran.out, @r#"
    added to ekslint.toml:
    [[waiver]]
    rule = "endpoint-open-to-internet"
    reason = "x"

    name files or directories to see what it covers
    "#);
    let (ran, _) = waive(Some("[rules]\nnode-imds-v1 = 'off'"), &["node-imds-v1", "c", "--reason", "x"]);
    assert_snapshot!(ran.out, @r#"
    added to ekslint.toml:
    [[waiver]]
    rule = "node-imds-v1"
    reason = "x"

    covers nothing yet: no scan runs these rules here; see `ekslint config show --all`
    "#);
    let (ran, _) =
        waive(Some("paths = ['c']"), &["endpoint-open-to-internet", "--cluster=production", "--reason", "x"]);
    assert_snapshot!(ran.out, @r#"
    added to ekslint.toml:
    [[waiver]]
    rule = "endpoint-open-to-internet"
    cluster = "production"
    reason = "x"

    covers nothing yet: no cluster is called `production`; there are a, b
    "#);
}

#[test]
fn a_waiver_that_would_not_do_is_not_written() {
    let before = "paths = ['c']\n[[waiver]]\nrule = ['endpoint-*']\ncluster = 'a'\nreason = 'x'\n";
    let refused = |args: &[&str]| {
        let (ran, text) = waive(Some(before), args);
        assert_eq!((ran.code, ran.out.as_str(), text.as_str()), (2, "", before), "{args:?}");
        ran.err
    };
    assert_snapshot!(refused(&["endpoint-open-to-internets", "--reason", "x"]), @"error: no rule is called `endpoint-open-to-internets`; did you mean `endpoint-open-to-internet`? (`ekslint rules list` shows all); nothing was written");
    assert_snapshot!(refused(&["endpoint-[", "--reason", "x"]), @"error: waiver.rule: `endpoint-[` is not a glob: unclosed character class; missing ']'; nothing was written");
    assert_snapshot!(refused(&["endpoint-open-to-internet", "--reason", " - "]), @"error: --reason: say why it is accepted; a waiver without a reason covers nothing");
    assert_snapshot!(refused(&["endpoint-open-to-internet", "--reason", "x", "--expires", "2026-11-20"]), @"error: --expires: 2026-11-20 is over, so the waiver would cover nothing");
    assert_snapshot!(refused(&["endpoint-open-to-internet", "--reason", "x", "--expires", "2026-02-30"]), @r"
    error: invalid value '2026-02-30' for '--expires <DATE>': is not a day; write it as 2026-12-31

    For more information, try '--help'.
    ");
    assert_snapshot!(refused(&["endpoint-*", "--cluster", "a", "--reason", "another"]), @"error: ekslint.toml:2: has a waiver of the same rules, clusters and resources; change that one");
    assert_snapshot!(refused(&["endpoint-*", "nowhere.json", "--reason", "x"]), @"error: nowhere.json: does not exist; nothing was written");
    assert_snapshot!(refused(&["endpoint-*", "--no-config", "--reason", "x"]), @"error: --no-config leaves no file to write the waiver into");
}

#[test]
fn a_name_of_a_cluster_that_is_like_another_is_a_slip() {
    let dir = folder(&[("c/a.json", &cluster("office-access")), ("ekslint.toml", "paths = ['c']")]);
    let ran = ekslint(dir.path(), &["waive", "endpoint-*", "--cluster", "office-acces", "--reason", "x"]);
    assert_eq!(ran.code, 2);
    assert_snapshot!(ran.err, @"error: no cluster is called `office-acces`; did you mean `office-access`? Nothing was written");
    let config = "paths = ['c']\n[[waiver]]\nrule = 'endpoint-*'\ncluster = 'office-acces'\nreason = 'x'\n\
        [[waiver]]\nrule = 'endpoint-*'\ncluster = { name = 'offce-*', region = '*' }\nreason = 'x'\n\
        [[waiver]]\nrule = 'endpoint-*'\ncluster = 'arn:aws:eks:us-west-2:111122223333:cluster/office-acces'\nreason = 'x'\n\
        [[cluster]]\nname = ['ofice-access']\nrules = { endpoint-public-access-enabled = 'off' }\n";
    fs::write(dir.path().join("ekslint.toml"), config).expect("a file");
    let ran = scan(&dir, &["--format", "concise"]);
    let unused: Vec<_> = ran.out.lines().filter(|line| line.contains("waiver-unused")).collect();
    assert_snapshot!(unused.join("\n"), @r"
    ekslint.toml:2:1: low waiver-unused: the waiver of endpoint-* covers no finding: no cluster is called `office-acces`; did you mean `office-access`?
    ekslint.toml:6:1: low waiver-unused: the waiver of endpoint-* covers no finding: no cluster is called `offce-*`; there are office-access
    ekslint.toml:10:1: low waiver-unused: the waiver of endpoint-* covers no finding: no cluster is called `arn:aws:eks:us-west-2:111122223333:cluster/office-acces`; did you mean `arn:aws:eks:us-west-2:111122223333:cluster/office-access`?
    ");
    assert_snapshot!(ran.err, @"note: ekslint.toml:14: [[cluster]] changes nothing: no cluster is called `ofice-access`; did you mean `office-access`?");
    // With some of the inputs only, nobody knows which clusters there are.
    assert_eq!(scan(&dir, &["c/a.json"]).err, "");
}

#[test]
#[cfg(unix)]
fn a_configuration_that_is_a_link_is_not_changed() {
    let dir = two("");
    fs::rename(dir.path().join("ekslint.toml"), dir.path().join("other.toml")).expect("is there");
    std::os::unix::fs::symlink("other.toml", dir.path().join("ekslint.toml")).expect("a link");
    let waive = ekslint(dir.path(), &["waive", "endpoint-*", "--reason", "x"]);
    let said =
        "error: ekslint.toml is a link, and is not changed: name the file that it leads to with --config\n";
    assert_eq!((waive.code, waive.err.as_str()), (2, said));
    let write = ekslint(dir.path(), &["baseline", "write", "c", RULES]);
    assert!(
        write.code == 0 && write.err.contains("ekslint.toml is a link, and is not changed"),
        "{}",
        write.err
    );
    assert_eq!(fs::read_to_string(dir.path().join("other.toml")).expect("UTF-8"), "");
}

#[test]
fn a_dash_is_no_reason() {
    let open = open(&two(&waiver("rule = 'endpoint-*'\nreason = '-'")), &["c"]);
    assert!(open.contains(&"waiver-without-reason /waiver/0".to_owned()), "{open:?}");
}

#[test]
fn the_page_shows_what_needs_attention_and_what_is_waived() {
    let config = [
        waiver(
            "rule = 'endpoint-*'\ncluster = 'a'\nreason = 'a lab'\nowner = 'me@example.com'\napproved-by = 'ciso@example.com'\nticket = 'SEC-1'\nexpires = 2026-12-31",
        ),
        waiver("rule = 'nodegroup-ssh-*'\nreason = 'bastion'\nexpires = 2026-10-31"),
    ];
    let ran = scan(&two(&config.concat()), &["c", "--show-waived", "--ignore", "nodegroup-*"]);
    assert_eq!(ran.code, 1);
    assert_snapshot!(ran.out);
}

#[test]
fn waived_findings_are_in_sarif_only_when_asked() {
    let dir = two(&waiver("rule = 'endpoint-*'\nreason = 'a lab'"));
    let sarif = |args: &[&str]| -> Value {
        let ran = scan(&dir, &[&["c", "--format", "sarif", "--ignore", "nodegroup-*"], args].concat());
        serde_json::from_str(&ran.out).expect("JSON")
    };
    assert_eq!(sarif(&[])["runs"][0]["results"], serde_json::json!([]));
    assert_eq!(sarif(&["--show-waived"])["runs"][0]["results"], serde_json::json!([]));
    let results = &sarif(&["--sarif-suppressed"])["runs"][0]["results"];
    assert_eq!(results.as_array().map(Vec::len), Some(2));
    let suppression =
        serde_json::json!([{"kind": "external", "status": "accepted", "justification": "a lab"}]);
    assert_eq!(results[0]["suppressions"], suppression);
}

/// What is accepted of the open endpoints, whose waiver has these lines, in an output as JSON.
fn accepted(lines: &str, args: &[&str]) -> Value {
    let dir = two(&waiver(&format!("rule = 'endpoint-*'\nreason = 'a lab'\n{lines}")));
    let ran = scan(&dir, &[&["c", "--ignore", "nodegroup-*"], args].concat());
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}{}", ran.out, ran.err))
}

#[test]
fn who_approved_a_waiver_is_in_outputs_for_programs() {
    let lines = "owner = 'me@example.com'\napproved-by = 'ciso@example.com'\nticket = 'SEC-1'";
    let report = accepted(lines, &["--format", "json", "--show-waived"]);
    let violations = violations(&document("docs/json-output.schema.json"), &report);
    assert!(violations.is_empty(), "{violations:#?}");
    let expected = serde_json::json!({
        "reason": "a lab", "owner": "me@example.com", "approvedBy": "ciso@example.com", "ticket": "SEC-1",
        "file": "ekslint.toml", "line": 1
    });
    assert_eq!(report["accepted"].as_array().map(Vec::len), Some(2));
    assert_eq!(report["accepted"][0]["waiver"], expected);
    let sarif = accepted(lines, &["--format", "sarif", "--sarif-suppressed"]);
    assert_eq!(
        sarif["runs"][0]["results"][0]["suppressions"][0]["justification"],
        "a lab (SEC-1, me@example.com, approved by ciso@example.com)"
    );
    // Nobody is named where nobody is written.
    let report = accepted("", &["--format", "json", "--show-waived"]);
    let waiver = report["accepted"][0]["waiver"].as_object().expect("a waiver");
    assert_eq!(waiver.keys().collect::<Vec<_>>(), ["reason", "file", "line"]);
}

#[test]
fn who_approved_a_waiver_is_in_the_configuration_that_is_shown() {
    let lines = |more: &str| waiver(&format!("rule = 'endpoint-*'\nreason = 'a lab'\n{more}"));
    let approved = two(&lines("approved-by = 'ciso@example.com'"));
    let ran = ekslint(approved.path(), &["config", "show"]);
    let row = ran.out.lines().find(|line| line.trim_start().starts_with("approved-by"));
    let words: Vec<_> = row.expect("a row").split_whitespace().collect();
    assert_eq!(words, ["approved-by", "ciso@example.com"]);
    let shown = |dir: &TempDir| -> Value {
        let ran = ekslint(dir.path(), &["config", "show", "--format", "json"]);
        serde_json::from_str(&ran.out).expect("JSON")
    };
    assert_eq!(shown(&approved)["waivers"][0]["approvedBy"], "ciso@example.com");
    let two = two(&lines(""));
    assert_eq!(shown(&two)["waivers"][0].get("approvedBy"), Some(&Value::Null));
    assert!(!ekslint(two.path(), &["config", "show"]).out.contains("approved-by"));
}

#[test]
fn what_is_waived_does_not_fail_a_scan() {
    let config = waiver("rule = ['endpoint-*', 'nodegroup-ssh-*']\nreason = 'x'");
    let ran = scan(&two(&config), &["c", "--format", "concise"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.starts_with("No findings; 6 waived\n"), "{}", ran.out);
}

#[test]
fn a_baseline_lets_only_new_findings_count() {
    let dir = two("");
    let write = ekslint(dir.path(), &["baseline", "write", "c/a.json", RULES]);
    assert_eq!((write.code, write.out.as_str()), (0, ""));
    assert_snapshot!(write.err, @r#"
    wrote ekslint-baseline.jsonl with 3 entries
    set `baseline = "ekslint-baseline.jsonl"` in ekslint.toml: `ekslint scan` counts only what is new; commit both files
    "#);
    let text = fs::read_to_string(dir.path().join("ekslint-baseline.jsonl")).expect("the baseline");
    assert_snapshot!(text);
    let baseline = ["--baseline", "ekslint-baseline.jsonl"];
    let one = scan(&dir, &[&["c/a.json", "--format", "concise"], &baseline[..]].concat());
    assert_eq!(one.code, 0);
    assert!(one.out.starts_with("No findings; 3 in the baseline\n"), "{}", one.out);
    let both = scan(&dir, &[&["c", "--format", "concise"], &baseline[..]].concat());
    assert_eq!(both.code, 1);
    assert!(
        both.out.contains("\n3 findings: ") && both.out.contains("; 3 in the baseline\n"),
        "{}",
        both.out
    );
}

/// `ekslint` as it is called, without a day of its own.
fn plain(dir: &Path, args: &[&str]) -> Ran {
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    let output = command.current_dir(dir).env_clear().args(args).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ran {
        code: output.status.code().expect("an exit code"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

#[test]
fn after_init_and_a_baseline_a_scan_finds_nothing_new() {
    let dir = folder(&[
        ("package.json", "{\"name\": \"x\"}"),
        ("infra/eks/eu/a.json", &cluster("a")),
        ("infra/eks/us/b.json", &cluster("b")),
    ]);
    assert_eq!(plain(dir.path(), &["config", "init"]).code, 0);
    assert_eq!(plain(dir.path(), &["baseline", "write"]).code, 0);
    let scan = plain(dir.path(), &["scan", "--format", "json"]);
    let report: Value = serde_json::from_str(&scan.out).expect("JSON");
    assert_eq!((scan.code, &report["findings"]), (0, &serde_json::json!([])), "{}", scan.err);
    assert!(report["summary"]["baseline"].as_u64().is_some_and(|known| known >= 6), "{}", report["summary"]);
}

#[test]
fn a_baseline_is_set_where_none_is_and_the_file_stays_as_it_is() {
    let written = |config: &str, args: &[&str]| {
        let dir = two(config);
        let ran = ekslint(dir.path(), &[&["baseline", "write", "c", RULES], args].concat());
        assert_eq!(ran.code, 0, "{}", ran.err);
        (ran.err, fs::read_to_string(dir.path().join("ekslint.toml")).expect("UTF-8"))
    };
    let (said, file) =
        written("# Ours.\nstrict = true # yes\r\n\r\n[rules] # none\r\n", &["--baseline=c/k.jsonl"]);
    assert_snapshot!(said, @r#"
    wrote c/k.jsonl with 6 entries
    set `baseline = "c/k.jsonl"` in ekslint.toml: `ekslint scan` counts only what is new; commit both files
    "#);
    assert_eq!(
        file.replace("\r\n", "\n"),
        "# Ours.\nstrict = true # yes\nbaseline = \"c/k.jsonl\"\n\n[rules] # none\n"
    );
    let (said, file) = written("baseline = 'known.jsonl'", &["--baseline=k.jsonl"]);
    assert_snapshot!(said, @r"
    wrote k.jsonl with 6 entries
    ekslint.toml names another baseline, known.jsonl, and keeps it; `ekslint scan --baseline k.jsonl` takes this one
    ");
    assert_eq!(file, "baseline = 'known.jsonl'");
    let (said, file) = written("baseline = 'k.jsonl'", &[]);
    assert_snapshot!(said, @r"
    wrote k.jsonl with 6 entries
    ekslint.toml names it: `ekslint scan` counts only what is new
    ");
    assert_eq!(file, "baseline = 'k.jsonl'");
    let (said, _) = written("", &["--mask-account"]);
    assert_snapshot!(said, @r#"
    wrote ekslint-baseline.jsonl with 6 entries
    set `baseline = "ekslint-baseline.jsonl"` in ekslint.toml: `ekslint scan` with --mask-account counts only what is new; commit both files
    "#);
    let elsewhere = TempDir::new().expect("a folder");
    let outside = elsewhere.path().join("k.jsonl");
    let (said, file) = written("", &["--baseline", outside.to_str().expect("UTF-8")]);
    assert_snapshot!(said.replace(elsewhere.path().to_str().expect("UTF-8"), "ELSEWHERE"), @r"
    wrote ELSEWHERE/k.jsonl with 6 entries
    ekslint.toml does not name it, as it is not below the folder of that file; `ekslint scan --baseline ELSEWHERE/k.jsonl` counts only what is new
    ");
    assert_eq!(file, "");
    let (said, file) = written("", &["--no-config"]);
    assert_snapshot!(said, @r"
    wrote ekslint-baseline.jsonl with 6 entries
    `ekslint scan --baseline ekslint-baseline.jsonl` counts only what is new; `ekslint config init` writes an ekslint.toml that sets the baseline
    ");
    assert_eq!(file, "");
}

#[test]
fn a_baseline_only_gets_smaller() {
    let dir = two("paths = ['c']\nbaseline = 'known.jsonl'\n");
    assert_eq!(ekslint(dir.path(), &["baseline", "write", RULES]).code, 0);
    let known = dir.path().join("known.jsonl");
    let before = fs::read_to_string(&known).expect("the baseline");
    let again = ekslint(dir.path(), &["baseline", "write", RULES]);
    assert_eq!(again.code, 2);
    assert_snapshot!(again.err, @"error: known.jsonl is there already. `ekslint baseline prune` makes it shorter; --force writes it again, with all that is found now");
    // Mended: the endpoint of b. New: nothing that prune would add.
    let mended = cluster("b").replace("0.0.0.0/0", "203.0.113.0/24");
    fs::write(dir.path().join("c/b.json"), mended).expect("a file");
    fs::write(dir.path().join("c/new.json"), cluster("new")).expect("a file");
    let unused = open(&dir, &[]);
    assert_eq!(unused.iter().filter(|one| one.starts_with("baseline-entry-unused")).count(), 1, "{unused:?}");
    let prune = ekslint(dir.path(), &["baseline", "prune", RULES]);
    assert_eq!(prune.code, 0, "{}", prune.err);
    assert_snapshot!(prune.err, @"took 1 entry out of known.jsonl; 5 left");
    let after = fs::read_to_string(&known).expect("the baseline");
    let lost: Vec<_> = before.lines().filter(|line| !after.contains(line)).collect();
    assert!(after.lines().all(|line| before.contains(line)), "{after}");
    assert!(
        matches!(lost.as_slice(), [one] if one.contains("cluster/b") && one.contains("endpoint-open")),
        "{lost:?}"
    );
}

#[test]
fn prune_keeps_what_was_not_judged() {
    let dir = two("");
    assert_eq!(ekslint(dir.path(), &["baseline", "write", "c", RULES]).code, 0);
    fs::remove_file(dir.path().join("c/b.json")).expect("is there");
    let bare = r#"{"cluster": {"name": "a", "arn": "arn:aws:eks:us-west-2:111122223333:cluster/a", "resourcesVpcConfig": {"endpointPublicAccess": true, "publicAccessCidrs": ["0.0.0.0/0"]}}}"#;
    fs::write(dir.path().join("c/a.json"), bare).expect("a file");
    let kept = ekslint(dir.path(), &["baseline", "prune", "c", RULES]);
    assert_snapshot!(kept.err, @"took 0 entries out of ekslint-baseline.jsonl; 6 left");
    let whole = ekslint(dir.path(), &["baseline", "prune", "c", RULES, "--whole"]);
    assert_snapshot!(whole.err, @"took 3 entries out of ekslint-baseline.jsonl; 3 left");
}

#[test]
fn a_baseline_that_cannot_be_read_says_where() {
    let cases = [
        ("", "ekslint-baseline.jsonl:1:1: is no baseline"),
        ("{\"ekslintBaseline\":2,\"accountsMasked\":false}\n", "ekslint-baseline.jsonl:1:1: has version 2"),
        (
            "{\"ekslintBaseline\":1,\"accountsMasked\":false}\n\nx\n",
            "ekslint-baseline.jsonl:3:1: is no entry",
        ),
        ("{\"ekslintBaseline\":1,\"accountsMasked\":false}\n<<<<<<< HEAD\n", "is left over from a merge"),
        ("{\"ekslintBaseline\":1,\"accountsMasked\":true}\n", "was written with --mask-account"),
    ];
    for (text, expected) in cases {
        let dir = two("");
        fs::write(dir.path().join("ekslint-baseline.jsonl"), text).expect("a file");
        let ran = scan(&dir, &["c", "--baseline", "ekslint-baseline.jsonl"]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{text}");
        assert!(ran.err.contains(expected), "{text}: {}", ran.err);
    }
    let ran = scan(&two(""), &["c", "--baseline", "none.jsonl"]);
    assert_eq!(ran.code, 2);
    assert_snapshot!(ran.err, @"error: none.jsonl: there is no such baseline; `ekslint baseline write` makes one");
}

#[test]
fn a_masked_baseline_knows_no_account() {
    let dir = two("");
    assert_eq!(ekslint(dir.path(), &["baseline", "write", "c", RULES, "--mask-account"]).code, 0);
    let text = fs::read_to_string(dir.path().join("ekslint-baseline.jsonl")).expect("the baseline");
    assert!(!text.contains("111122223333") && text.contains("xxxxxxxxxxxx"), "{text}");
    let ran =
        scan(&dir, &["c", "--mask-account", "--baseline", "ekslint-baseline.jsonl", "--format", "concise"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let pruned = ekslint(dir.path(), &["baseline", "prune", "c", RULES, "--mask-account"]);
    assert!(pruned.err.starts_with("took 0 entries"), "{}", pruned.err);
}

#[test]
fn settings_differ_by_cluster() {
    let config = "[rules]\nendpoint-open-to-internet = 'low'\n\
        [[cluster]]\nname = 'b'\n[cluster.rules]\nendpoint-open-to-internet = 'critical'\nnodegroup-ssh-open-to-internet = 'off'\n";
    let report = json(&two(config), &["c"]);
    let findings = report["findings"].as_array().expect("a list");
    let severity = |cluster: &str| {
        let of = |finding: &&Value| {
            finding["cluster"]["name"] == cluster && finding["rule"] == "endpoint-open-to-internet"
        };
        findings.iter().find(of).expect("a finding")["severity"].clone()
    };
    assert_eq!((severity("a"), severity("b")), ("low".into(), "critical".into()));
    let ssh = |cluster: &str| {
        findings
            .iter()
            .filter(|f| f["cluster"]["name"] == cluster && f["rule"] == "nodegroup-ssh-open-to-internet")
            .count()
    };
    assert_eq!((ssh("a"), ssh("b")), (2, 0));
}

/// It was written before findings were shown in blocks and before "superseded" was an outcome.
#[test]
fn a_baseline_of_an_earlier_version_still_fits() {
    let baseline =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/support/earlier-baseline.jsonl");
    let entries = fs::read_to_string(&baseline).expect("a baseline").lines().count() - 1;
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["scan", "fixtures/study-lab.json", "--no-config"]);
    command
        .args(["--level", "all", "--as-of", "2026-11-21", "--format", "json", "--baseline"])
        .arg(&baseline);
    let output = command.output().expect("it runs");
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["summary"]["baseline"], entries);
    assert_eq!(report["findings"], Value::Array(Vec::new()));
}
