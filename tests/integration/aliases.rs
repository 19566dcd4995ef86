//! What other tools call a rule, wherever a rule is named: on the command line, in `ekslint.toml`, in waivers.

use crate::support::folder::folder;
use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;

const STUDY_LAB: &str = "fixtures/study-lab.json";
const OPEN: &str = "endpoint-open-to-internet";
const NOTE: &str = "note: CKV_AWS_38 stands for endpoint-open-to-internet\n";

/// Exit code, standard output and standard error.
fn ekslint(dir: &Path, args: &str) -> (i32, String, String) {
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    let args = args.split_whitespace();
    let output = command.current_dir(dir).env_clear().env("COLUMNS", "80").args(args).output();
    let output = output.expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
}

fn run(args: &str) -> (i32, String, String) {
    ekslint(Path::new(env!("CARGO_MANIFEST_DIR")), args)
}

/// The output of a scan of one fixture in a folder with this configuration.
fn scan(config: &str, args: &str) -> (i32, Value, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(STUDY_LAB);
    let text = std::fs::read_to_string(path).expect("a fixture");
    let dir = folder(&[("ekslint.toml", config), ("a.json", &text)]);
    let (code, out, err) = ekslint(dir.path(), &format!("scan a.json --as-of 2026-11-21 -f json {args}"));
    (code, serde_json::from_str(&out).unwrap_or_default(), err)
}

fn rules_of(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().expect("findings");
    let mut rules: Vec<_> = findings.iter().filter_map(|finding| finding["rule"].as_str()).collect();
    rules.dedup();
    rules
}

#[test]
fn show_takes_an_alias_with_its_tool_or_without_and_says_which_rule_it_is() {
    let (_, page, none) = run(&format!("rules show {OPEN}"));
    assert_eq!(none, "");
    assert_eq!(run("rules show CKV_AWS_38"), (0, page.clone(), NOTE.to_owned()));
    let (code, out, err) = run("rules show prowler:eks_cluster_not_publicly_accessible -q");
    assert_eq!((code, out, err.as_str()), (0, page, ""));
    let (code, out, err) = run("rules show security-hub:EKS.1");
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.starts_with("error: `security-hub:EKS.1` stands for 3 rules; name one of them:\n"), "{err}");
    assert!(err.contains(&format!("\n  {OPEN}\n")), "{err}");
    let (code, _, err) = run("rules show ckv_aws_38");
    assert!(code == 2 && err.contains("`ckv_aws_38`; did you mean `CKV_AWS_38`?"), "{err}");
}

#[test]
fn select_and_ignore_take_whole_aliases_and_the_note_is_in_json_too() {
    let (_, by_id, _) = scan("", &format!("--select {OPEN}"));
    let (code, by_alias, err) = scan("", "--select CKV_AWS_38,CKV_AWS_38");
    assert_eq!((code, err.as_str()), (1, NOTE));
    assert_eq!(rules_of(&by_alias), [OPEN]);
    assert_eq!(by_alias["findings"], by_id["findings"]);
    assert_eq!(by_alias["notices"][0], "CKV_AWS_38 stands for endpoint-open-to-internet");
    let (_, others, _) = scan("", "--select endpoint-* --ignore checkov:CKV_AWS_38");
    assert!(!rules_of(&others).contains(&OPEN), "{:?}", rules_of(&others));
    let (_, several, err) = scan("", "--select security-hub:EKS.1 --level all");
    assert!(err.starts_with("note: security-hub:EKS.1 stands for endpoint-"), "{err}");
    assert_eq!(several["summary"]["rules"], 3);
    for wrong in ["CKV_AWS", "ckv_aws_38", "CKV_*"] {
        let (code, _, err) = scan("", &format!("--select {wrong}"));
        assert!(code == 2 && err.contains(&format!("--select: no rule is called `{wrong}`")), "{err}");
    }
}

#[test]
fn list_shows_the_rules_of_an_alias() {
    let (code, out, err) = run("rules list --select CKV_AWS_38");
    assert_eq!((code, err.as_str()), (0, NOTE));
    assert!(out.contains(OPEN) && out.contains("1 of "), "{out}");
}

#[test]
fn tables_and_waivers_of_the_configuration_take_aliases() {
    let (_, off, err) = scan("[rules]\nCKV_AWS_38 = \"off\"\n", "--select endpoint-*");
    assert!(err.contains(NOTE) && !rules_of(&off).contains(&OPEN), "{err}");
    // The id says more than an alias, and an alias more than a glob, in any order.
    let config = format!("[rules]\n{OPEN} = \"info\"\nCKV_AWS_38 = \"low\"\n\"endpoint-*\" = \"critical\"\n");
    let severity =
        |config: &str| scan(config, &format!("--select {OPEN}")).1["findings"][0]["severity"].clone();
    assert_eq!(severity(&config), "info");
    assert_eq!(severity("[rules]\nCKV_AWS_38 = \"low\"\n\"endpoint-*\" = \"critical\"\n"), "low");
    let waiver = "[[waiver]]\nrule = \"CKV_AWS_38\"\nreason = \"agreed\"\n";
    let (code, waived, err) = scan(waiver, &format!("--select {OPEN}"));
    assert_eq!((code, err.as_str()), (0, NOTE));
    assert_eq!((&waived["findings"], &waived["summary"]["waived"]), (&Value::Array(Vec::new()), &1.into()));
    let (code, _, err) = scan("[rules]\n\"prowler:eks_cluster_not_publicly_acessible\" = \"off\"\n", "");
    assert!(
        code == 2 && err.contains("did you mean `prowler:eks_cluster_not_publicly_accessible`?"),
        "{err}"
    );
}
