//! `ekslint explain --rule` as a user runs it: what it shows is what a scan found, part by part.

use crate::support::folder::{folder, write};
use assert_cmd::Command;
use ekslint::rule::{RuleSet, RuleSource};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const AS_OF: [&str; 2] = ["--as-of", "2026-11-21"];
const STUDY_LAB: &str = "fixtures/study-lab.json";

/// Exit code, standard output and standard error.
fn run_in(dir: &Path, input: &str, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    command.current_dir(dir).env_clear().env("COLUMNS", "90").args(args).args(AS_OF).write_stdin(input);
    let output = command.output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn run(args: &[&str]) -> (i32, String, String) {
    run_in(repository(), "", args)
}

/// What is shown of a rule, without a word on standard error.
fn shown(rule: &str, args: &[&str]) -> String {
    let (code, out, err) = run(&[&["explain", "--rule", rule], args].concat());
    assert_eq!((code, err.as_str()), (0, ""), "{rule} {args:?}");
    out
}

/// What one rule gave on standard input, in the text of a page.
fn shown_of(rule: &str, input: &str) -> String {
    let (code, out, err) = run_in(repository(), input, &["explain", "--rule", rule, "-"]);
    assert_eq!((code, err.as_str()), (0, ""), "{rule}");
    out
}

fn json_of(args: &[&str]) -> Value {
    let (_, out, err) = run(&[args, &["--format", "json"]].concat());
    serde_json::from_str(&out).unwrap_or_else(|_| panic!("{args:?}: {err}"))
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map(Vec::as_slice).unwrap_or_default()
}

#[test]
fn pages_say_which_part_decides_and_where_what_it_reads_is() {
    assert_snapshot!("not_applicable", shown("version-extended-support", &[STUDY_LAB]));
    assert_snapshot!("with_findings", shown("endpoint-open-to-internet", &[STUDY_LAB]));
    assert_snapshot!("several_resources", shown("security-group-ssh-open-to-internet", &[STUDY_LAB]));
    assert_snapshot!("off", shown("endpoint-public-access-enabled", &[STUDY_LAB]));
    assert_snapshot!("needs_configuration", shown("cluster-required-tags", &[STUDY_LAB]));
    assert_snapshot!("other_kind", shown("endpoint-open-to-internet", &["fixtures/connected-cluster.json"]));
    assert_snapshot!("superseded", shown("nodegroup-ami-old", &["fixtures/extended-support.json"]));
}

const BARE: &str = r#"{"cluster": {"name": "a", "arn": "arn:aws:eks:eu-west-1:111122223333:cluster/a",
  "version": "1.34", "resourcesVpcConfig": {"endpointPublicAccess": true}}}"#;

#[test]
fn what_was_not_evaluated_says_what_would_be_needed() {
    assert_snapshot!("not_evaluated", shown_of("subnets-too-few-zones", BARE));
    let refused = BARE.trim_end_matches('}').to_owned()
        + r#"}}, "notCollected": [{"at": "/subnets", "api": "ec2:DescribeSubnets", "kind": "denied",
            "action": "ec2:DescribeSubnets", "reason": "AccessDenied"}]}"#;
    let page = shown_of("subnet-low-on-addresses", &refused);
    assert!(page.contains("AWS refused ec2:DescribeSubnets (allow ec2:DescribeSubnets)"), "{page}");
}

#[test]
fn waivers_the_baseline_and_the_configuration_are_said() {
    let text = fs::read_to_string(repository().join(STUDY_LAB)).expect("a fixture");
    let waiver = "[[waiver]]\nrule = \"CKV_AWS_38\"\nreason = \"lab without data\"\nexpires = 2026-12-31\n";
    let dir = folder(&[("a.json", &text), ("ekslint.toml", waiver)]);
    let page = |args: &[&str]| {
        run_in(dir.path(), "", &[&["explain", "--rule", "endpoint-open-to-internet"], args].concat())
    };
    let (code, waived, err) = page(&["a.json"]);
    assert_eq!((code, err.as_str()), (0, "note: CKV_AWS_38 stands for endpoint-open-to-internet\n"));
    assert!(waived.contains("finding, high (waived: lab without data"), "{waived}");
    write(dir.path(), "ekslint.toml", "paths = [\"a.json\"]\n[rules]\nendpoint-open-to-internet = \"off\"\n");
    let (_, off, _) = page(&[]);
    assert!(off.contains("off: ekslint.toml:3 turns it off. Evaluated anyway: 1 with findings"), "{off}");
    write(
        dir.path(),
        "ekslint.toml",
        "[[cluster]]\nname = \"study-*\"\nrules = { endpoint-open-to-internet = \"off\" }\n",
    );
    let (_, off, _) = page(&["a.json"]);
    assert!(off.contains("off: the configuration turns it off for this cluster"), "{off}");
    write(dir.path(), "ekslint.toml", "");
    let (code, _, err) = run_in(dir.path(), "", &["baseline", "write", "a.json"]);
    assert_eq!(code, 0, "{err}");
    let (_, known, _) = page(&["a.json", "--baseline", "ekslint-baseline.jsonl"]);
    assert!(known.contains("finding, high (in the baseline)"), "{known}");
    // A parameter of the command line is one of the trace, too.
    let required =
        ["--rule", "cluster-required-tags", "--param", "cluster-required-tags.required=owner", "a.json"];
    let (_, set, _) = run_in(dir.path(), "", &[&["explain"], &required[..]].concat());
    assert!(set.contains("params.required = [\"owner\"]") || set.contains("item = \"owner\""), "{set}");
}

#[test]
fn names_are_ids_and_whole_aliases_and_mistakes_name_the_nearest() {
    let by_id = shown("endpoint-open-to-internet", &[STUDY_LAB]);
    let (code, out, err) = run(&["explain", "--rule", "CKV_AWS_38", STUDY_LAB]);
    assert_eq!(
        (code, out, err.as_str()),
        (0, by_id, "note: CKV_AWS_38 stands for endpoint-open-to-internet\n")
    );
    for (args, message) in [
        (vec!["--rule", "endpoint-open", STUDY_LAB], "did you mean `endpoint-open-to-internet`?"),
        (vec!["--rule", "ckv_aws_38", STUDY_LAB], "did you mean `CKV_AWS_38`?"),
        (vec!["--rule", "waiver-unused", STUDY_LAB], "waiver-unused is about ekslint.toml"),
        (vec!["--rule", "endpoint-open-to-internet"], "name a snapshot"),
        (vec!["--rule", "endpoint-open-to-internet", "--format", "mermaid", STUDY_LAB], "text or json"),
        (vec!["--rule", "endpoint-open-to-internet", "--flows", STUDY_LAB], "cannot be used with"),
        (vec!["--param", "a.b=c", STUDY_LAB], "--rule"),
        (vec!["--rule", "endpoint-open-to-internet", "--cluster", "stdy-lab", STUDY_LAB], "study-lab"),
    ] {
        let (code, out, err) = run(&[vec!["explain"], args].concat());
        assert!(code == 2 && out.is_empty() && err.contains(message), "{code} {out} {err}");
    }
}

#[test]
fn many_resources_stay_short_unless_all_are_asked_for() {
    let groups: Vec<_> = (0..40).map(|n| json!({"nodegroupName": format!("ng-{n}"), "tags": {}})).collect();
    let input = json!({"cluster": {"name": "a", "resourcesVpcConfig": {}}, "nodegroups": groups}).to_string();
    let rule = "id: own-tags\ntitle: Tags\nseverity: low\nsince: 0.1.0\nresource: nodegroup\n\
                assert: \"nodegroup.tags.all(k, k != 'x')\"\nmessage: m\nrationale: r\nremediation: { text: t }\n";
    let dir = folder(&[("a.json", &input), ("own-tags.yaml", rule)]);
    let page = |args: &[&str]| {
        let args = [&["explain", "--rule", "own-tags", "--rules", "own-tags.yaml", "a.json"], args].concat();
        let (code, out, err) = run_in(dir.path(), "", &args);
        assert_eq!((code, err.as_str()), (0, ""));
        out
    };
    let short = page(&[]);
    assert!(short.contains("39 more passed (-v shows all): nodegroup/ng-1, nodegroup/ng-2"), "{short}");
    assert_eq!(short.matches("assert:").count(), 1, "{short}");
    assert_eq!(page(&["-v"]).matches("assert:").count(), 40);
}

/// The outcome that the parts of a check amount to.
fn of_check(check: &Value) -> &'static str {
    let order = ["pass", "not-evaluated", "error", "fail"];
    let of_failure = |value: &Value| match value["failure"].get("error") {
        Some(_) => "error",
        None => "not-evaluated",
    };
    if let Some(assert) = check.get("assert") {
        return match assert["value"].as_str() {
            Some("true") => "pass",
            Some("false") => "fail",
            Some(other) => panic!("{other}"),
            None => of_failure(assert),
        };
    }
    let Some(each) = check.get("each") else { return "not-evaluated" };
    if each.get("failure").is_some() {
        return of_failure(each);
    }
    let more = each.get("more").map(|_| "not-evaluated");
    let all = list(each, "shown").iter().map(of_check).chain(more);
    all.max_by_key(|word| order.iter().position(|known| known == word)).unwrap_or("pass")
}

fn of_resource(resource: &Value) -> &'static str {
    let order = ["pass", "not-evaluated", "error", "fail"];
    match resource.get("when").map(|when| when["value"].as_str()) {
        Some(Some("false")) => "not-applicable",
        Some(None) if resource["when"]["failure"].get("error").is_some() => "error",
        Some(None) => "not-evaluated",
        Some(Some("true")) | None => {
            let checks = list(resource, "checks").iter().map(of_check);
            checks.max_by_key(|word| order.iter().position(|known| known == word)).expect("a check")
        }
        Some(other) => panic!("{other:?}"),
    }
}

#[test]
fn outcomes_are_those_of_a_scan_for_every_rule_on_every_fixture() {
    let set = RuleSet::load(&[RuleSource::BuiltIn], false).set;
    let ids: Vec<_> = set.rules.iter().map(|rule| rule.id.as_str()).collect();
    let (all, mut outcomes_seen) = (ids.join(","), BTreeSet::new());
    let mut fixtures: Vec<_> = fs::read_dir(repository().join("fixtures")).expect("fixtures").collect();
    fixtures.retain(|file| {
        file.as_ref().is_ok_and(|file| file.path().extension().is_some_and(|end| end == "json"))
    });
    assert_eq!(fixtures.len(), 10);
    for file in fixtures {
        let file = format!("fixtures/{}", file.expect("a file").file_name().display());
        let scan = json_of(&["scan", &file, "--no-config", "--level", "all"]);
        let traced = json_of(&["explain", "-v", &file, "--no-config", "--rule", &all]);
        let rules = list(&traced["clusters"][0], "rules");
        assert_eq!(rules.len(), ids.len(), "{file}");
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        let mut fingerprints = BTreeSet::new();
        for rule in rules {
            let by_level = rule["notRun"]["kind"] == "off";
            let runs = rule["notRun"].is_null();
            for resource in list(rule, "resources") {
                let (id, said) = (&rule["rule"], resource["outcome"].as_str().expect("a word"));
                assert_eq!(of_resource(resource), said, "{file} {id}: {resource:#}");
                assert!(
                    runs || list(resource, "findings").iter().all(|one| one["counts"] == false),
                    "{file} {id}"
                );
                assert_eq!(said == "fail", !list(resource, "findings").is_empty(), "{file} {id}");
                let counting = list(resource, "findings").iter().filter(|one| one["counts"] == true);
                fingerprints.extend(counting.map(|one| one["fingerprint"].clone().to_string()));
            }
            // `explain` has no --level: what a scan of all levels runs is off here, and evaluated all the same.
            if !by_level {
                let outcome = rule["outcome"].as_str().expect("a word");
                *counts.entry(outcome).or_default() += 1;
                outcomes_seen.insert(outcome.to_owned());
            }
        }
        let default = json_of(&["scan", &file, "--no-config"]);
        let found: BTreeSet<_> =
            list(&default, "findings").iter().map(|one| one["fingerprint"].clone().to_string()).collect();
        assert_eq!(fingerprints, found, "{file}");
        for (outcome, key) in [
            ("pass", "passed"),
            ("fail", "failed"),
            ("not-applicable", "notApplicable"),
            ("not-evaluated", "notEvaluated"),
            ("superseded", "superseded"),
            ("needs-configuration", "needsConfiguration"),
            ("error", "errors"),
        ] {
            let count = counts.get(outcome).copied().unwrap_or_default();
            assert_eq!(Some(count), default["summary"][key].as_u64(), "{file}: {outcome}");
        }
        // With all levels: every rule with a finding in the scan has one in its trace.
        for finding in list(&scan, "findings") {
            let rule = rules.iter().find(|rule| rule["rule"] == finding["rule"]).expect("the rule");
            let has = |resource: &Value| {
                list(resource, "findings").iter().any(|one| one["fingerprint"] == finding["fingerprint"])
            };
            assert!(list(rule, "resources").iter().any(has), "{file}: {finding:#}");
        }
    }
    let wanted = ["fail", "needs-configuration", "not-applicable", "not-evaluated", "pass", "superseded"];
    assert!(wanted.iter().all(|outcome| outcomes_seen.contains(*outcome)), "{outcomes_seen:?}");
}

#[test]
fn answers_of_the_aws_cli_that_were_joined_have_the_lines_of_their_files() {
    let text = fs::read_to_string(repository().join(STUDY_LAB)).expect("a fixture");
    let snapshot: Value = serde_json::from_str(&text).expect("JSON");
    let cluster = json!({"cluster": snapshot["cluster"]});
    let subnets = json!({"Subnets": snapshot["subnets"]});
    let pretty = |value: &Value| serde_json::to_string_pretty(value).expect("JSON");
    let dir = folder(&[("all/cluster.json", &pretty(&cluster)), ("all/subnets.json", &pretty(&subnets))]);
    let (_, page, _) = run_in(dir.path(), "", &["explain", "--rule", "subnet-missing-elb-tag", "all", "-v"]);
    assert!(page.contains("(all/subnets.json)") || page.contains("subnets.json"), "{page}");
}

#[test]
fn whatever_a_snapshot_holds_is_shown_without_secrets_and_without_control_characters() {
    let evil = "a\u{1b}[31m\u{202e}b";
    let input = json!({"cluster": {"name": evil, "version": evil, "resourcesVpcConfig": {
        "endpointPublicAccess": true, "publicAccessCidrs": [evil, null, 7, {"x": evil}, "10.0.0.0/8".repeat(50_000)]}}});
    let (_, page, _) = run_in(
        repository(),
        &input.to_string(),
        &["explain", "--rule", "endpoint-open-to-internet", "-v", "-"],
    );
    assert!(!page.contains('\u{1b}') && !page.contains('\u{202e}'), "{page}");
    assert!(page.contains("not evaluated") && page.len() < 20_000, "{}", page.len());
}
