//! eksctl as people give it: the program on files of `kind: ClusterConfig`.

use crate::support::folder::folder;
use crate::support::git::git;
use crate::support::program::{piped, run};
use serde_json::{Value, json};
use std::path::Path;

use std::time::{Duration, Instant};

/// A cluster that takes everyone, whose nodes take SSH from everywhere.
const OPEN: &str = "\
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata:
  name: prod
  region: eu-west-1
  version: \"1.37\"
vpc:
  clusterEndpoints:
    privateAccess: true
  publicAccessCIDRs:
    - 0.0.0.0/0
managedNodeGroups:
  - name: apps
    ssh:
      publicKeyName: ops
";

/// The rules that [`OPEN`] fails, of those that are asked for.
const RULES: &str = "endpoint-open-to-internet,security-group-ssh-open-to-internet,audit-logging-disabled";
const CHOSEN: [&str; 4] = ["--select", RULES, "--as-of", "2026-11-21"];

/// Scans by [`CHOSEN`], a line for each finding.
fn concise(dir: &Path, arguments: &[&str]) -> (i32, String, String) {
    run(dir, &[&["scan", "-f", "concise", "-q"], &CHOSEN[..], arguments].concat())
}

/// The places and the rules of findings.
fn places(out: &str) -> Vec<String> {
    let of = |line: &str| {
        let mut words = line.split(' ');
        let (place, rule) = (words.next().unwrap_or_default(), words.nth(1).unwrap_or_default());
        format!("{place} {}", rule.trim_end_matches(':'))
    };
    out.lines().map(of).collect()
}

#[test]
fn findings_stand_on_the_lines_of_the_file() {
    let dir = folder(&[("cluster.yaml", OPEN)]);
    let (code, out, err) = concise(dir.path(), &["cluster.yaml"]);
    assert_eq!((code, err.as_str()), (1, ""));
    assert_eq!(
        places(&out),
        [
            "cluster.yaml:11:7: endpoint-open-to-internet",
            "cluster.yaml:14:5: security-group-ssh-open-to-internet",
            "cluster.yaml:14:5: security-group-ssh-open-to-internet",
            "cluster.yaml:4:9: audit-logging-disabled",
        ],
        "{out}"
    );
    assert!(out.contains("managedNodeGroups[apps].ssh"), "{out}");
    let (_, text, _) = run(dir.path(), &[&["scan", "cluster.yaml"], &CHOSEN[..]].concat());
    assert!(text.contains("prod  eu-west-1") && text.contains("- 0.0.0.0/0"), "{text}");
    let (_, sarif, _) = run(dir.path(), &[&["scan", "-f", "sarif", "cluster.yaml"], &CHOSEN[..]].concat());
    let sarif: Value = serde_json::from_str(&sarif).expect("SARIF");
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "cluster.yaml");
    assert_eq!((&place["region"]["startLine"], &place["region"]["startColumn"]), (&json!(11), &json!(7)));
}

#[test]
fn folders_standard_input_and_snapshots_say_the_same() {
    let pod = "apiVersion: v1\nkind: Pod\n";
    let several = format!("{pod}---\n{OPEN}---\n{}", OPEN.replace("name: prod", "name: test"));
    let in_json = json!({
        "apiVersion": "eksctl.io/v1alpha5",
        "kind": "ClusterConfig",
        "metadata": {"name": "third", "region": "eu-west-1"},
    });
    let files = [
        ("infra/all.yml", several.as_str()),
        ("infra/pod.yaml", pod),
        ("infra/third.json", &in_json.to_string()),
        ("infra/package.json", "{}"),
    ];
    let dir = folder(&files);
    let (code, out, err) = concise(dir.path(), &["infra"]);
    assert_eq!((code, err.as_str()), (1, ""));
    assert_eq!(out.lines().count(), 10, "{out}");
    assert!(out.contains("infra/third.json:1:"), "{out}");
    let one = folder(&[("cluster.yaml", OPEN)]);
    let (_, of_file, _) = concise(one.path(), &["cluster.yaml"]);
    let scan = [&["scan", "-f", "concise", "-q", "-"], &CHOSEN[..]].concat();
    let (code, of_stdin, _) = piped(one.path(), &scan, OPEN);
    assert_eq!((code, of_stdin), (1, of_file.replace("cluster.yaml:", "<stdin>:")));
    let (code, snapshot, _) = run(one.path(), &["snapshot", "import", "cluster.yaml"]);
    assert_eq!(code, 0);
    let (code, of_snapshot, _) = piped(one.path(), &scan, &snapshot);
    let messages = |out: &str| -> Vec<String> {
        let mut all: Vec<_> =
            out.lines().filter_map(|line| line.split_once(' ')).map(|(_, rest)| rest.to_owned()).collect();
        all.sort();
        all
    };
    assert_eq!((code, messages(&of_snapshot)), (1, messages(&of_file)));
    let (code, flows, err) = run(one.path(), &["explain", "--flows", "cluster.yaml"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(flows.contains("node group apps in vpc.subnets.public[0]"), "{flows}");
}

#[test]
fn two_revisions_are_compared() {
    let dir = folder(&[("infra/cluster.yaml", OPEN)]);
    git(dir.path(), &["init", "-q"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "-qm", "Open"]);
    let shut = OPEN.replace("- 0.0.0.0/0", "- 192.0.2.0/24").replace("kind:", "# A line more\nkind:");
    std::fs::write(dir.path().join("infra/cluster.yaml"), shut).expect("a file");
    let (_, out, err) = run(dir.path(), &[&["diff", "--git", "HEAD", "infra"], &CHOSEN[..]].concat());
    assert!(
        out.contains("1 fixed") && !out.contains("(gone)") && !out.contains("(new cluster)"),
        "{out}{err}"
    );
}

#[test]
fn an_unknown_key_is_an_error_and_its_rule_is_not_evaluated() {
    let text = OPEN.replace("publicAccessCIDRs", "publicAccessCidrs");
    let dir = folder(&[("cluster.yaml", &text)]);
    let (code, out, err) = concise(dir.path(), &["cluster.yaml"]);
    assert_eq!(code, 2);
    let want = "error: cluster.yaml:10:3: has the key `publicAccessCidrs`, which eksctl ignores without a word: write `publicAccessCIDRs`\n";
    assert_eq!(err, want);
    assert!(!out.contains("endpoint-open-to-internet"), "{out}");
    let (_, report, _) = run(dir.path(), &[&["scan", "-f", "json", "cluster.yaml"], &CHOSEN[..]].concat());
    let report: Value = serde_json::from_str(&report).expect("JSON");
    assert!(report.to_string().contains("which eksctl ignores without a word"), "{report}");
}

#[test]
fn what_is_hostile_ends_in_a_sentence() {
    let head = "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: a}\n";
    let mut bomb = format!("{head}x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n");
    for level in 1..60 {
        let aliases = vec![format!("*x{}", level - 1); 10].join(", ");
        bomb.push_str(&format!("x{level}: &x{level} [{aliases}]\n"));
    }
    let groups: String = (0..100_000).map(|at| format!("- {{name: g{at}}}\n")).collect();
    let files = [
        ("bomb.yaml", bomb),
        ("deep.yaml", format!("{head}vpc: {}", "[".repeat(100_000))),
        ("many.yaml", format!("{head}managedNodeGroups:\n{groups}")),
        ("documents.yaml", format!("{head}---\n").repeat(2_000)),
        (
            "types.yaml",
            format!("{head}vpc: [1]\niam: x\nmanagedNodeGroups: [[[]], 5, {{name: [1]}}]\naddons: {{}}\n"),
        ),
        ("keys.yaml", format!("{head}{}", (0..5_000).map(|at| format!("k{at}: 1\n")).collect::<String>())),
        ("tags.yaml", format!("{head}vpc: !Ref X\nnodeGroups: !!binary aGk=\n")),
        ("list.yaml", "- apiVersion: eksctl.io/v1alpha5\n- kind: ClusterConfig\n".to_owned()),
    ];
    for (name, text) in &files {
        let dir = folder(&[(name, text.as_str())]);
        let start = Instant::now();
        let (code, out, err) = concise(dir.path(), &[name]);
        assert_eq!(code, 2, "{name}: {out}{err}");
        assert!(err.starts_with("error: ") && err.lines().count() <= 110, "{name}: {err}");
        // A build without optimisations on a busy machine.
        assert!(start.elapsed() < Duration::from_secs(60), "{name}: {:?}", start.elapsed());
    }
}
