//! A plan and the configuration that it was made of are the same cluster: their findings have the same fingerprints.

use super::{list, report};
use crate::support::folder::folder;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The files of a folder of this repository as they stand in a folder of a test.
fn files_of(folder: &str, change: impl Fn(&str) -> String) -> Vec<(String, String)> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let name = |path: &Path| format!("infra/{}", path.file_name().expect("a name").to_string_lossy());
    paths.map(|path| (name(&path), change(&fs::read_to_string(&path).expect("a text")))).collect()
}

/// Rule and fingerprint of each finding.
fn findings(report: &Value) -> BTreeSet<(String, String)> {
    let text = |finding: &Value, name: &str| finding[name].as_str().expect("a text").to_owned();
    list(&report["findings"]).iter().map(|found| (text(found, "rule"), text(found, "fingerprint"))).collect()
}

fn files_in(report: &Value) -> BTreeSet<String> {
    let file = |finding: &Value| finding["location"]["file"].as_str().expect("a file").to_owned();
    list(&report["findings"]).iter().map(file).collect()
}

#[test]
fn findings_of_a_plan_are_those_of_its_configuration() {
    for (name, source, plan, least) in [
        ("study-lab", "docs/study-lab/terraform", include_str!("plans/study-lab.json"), 16),
        ("shop", "tests/robustness/terraform/shop", include_str!("plans/shop.json"), 45),
    ] {
        let without = |text: &str| {
            let lines = text.lines().filter(|line| name != "shop" || !line.contains("deletion_protection"));
            lines.collect::<Vec<_>>().join("\n")
        };
        let mut files = files_of(source, without);
        files.push(("plan.json".to_owned(), plan.to_owned()));
        let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let dir = folder(&files);
        let of = |arguments: &[&str]| report(dir.path(), &[arguments, &["--level", "all"]].concat());
        let configuration = of(&["infra"]);
        let want = findings(&configuration);
        assert!(want.len() >= least, "{name}: {want:#?}");
        // With the configuration the plan says as much, on the same lines of the same files.
        let placed = of(&["plan.json", "--terraform-root", "infra"]);
        assert_eq!(findings(&placed), want, "{name}");
        assert!(files_in(&placed).iter().all(|file| file.starts_with("infra/")), "{:?}", files_in(&placed));
        // Alone it knows less, and what it finds is what the configuration has, unless a stronger finding covers it there.
        let alone = findings(&of(&["plan.json"]));
        let more: Vec<_> = alone.difference(&want).map(|(rule, _)| rule.as_str()).collect();
        let covered: &[&str] = if name == "shop" { &["endpoint-private-access-disabled"] } else { &[] };
        assert_eq!(more, covered, "{name}");
        if name == "study-lab" {
            assert_eq!(alone, want);
        }
    }
}

#[test]
fn a_configuration_that_is_not_the_plans_fills_nothing() {
    let plan = r#"{"format_version": "1.2", "resource_changes": [{"address": "aws_eks_cluster.p", "mode": "managed", "type": "aws_eks_cluster",
        "name": "p", "change": {"actions": ["create"], "after": {"name": "p", "vpc_config": [{"subnet_ids": ["subnet-1"]}]},
        "after_unknown": {"vpc_config": [{"public_access_cidrs": true}]}}}]}"#;
    let cluster = |name: &str| {
        format!(
            "resource \"aws_eks_cluster\" \"p\" {{\n  name = \"{name}\"\n  vpc_config {{\n    subnet_ids = [\"subnet-1\"]\n    \
             public_access_cidrs = [\"0.0.0.0/0\"]\n  }}\n}}\n"
        )
    };
    for (name, count) in [("p", 1), ("another", 0)] {
        let dir = folder(&[("infra/main.tf", &cluster(name)), ("plan.json", plan)]);
        let select = ["--select", "endpoint-open-to-internet"];
        let report = report(dir.path(), &[&["plan.json", "--terraform-root", "infra"], &select[..]].concat());
        assert_eq!(list(&report["findings"]).len(), count, "{name}: {report:#}");
        assert_eq!(report["summary"]["notEvaluated"], 1 - count, "{name}");
    }
}

#[test]
fn a_baseline_follows_a_root_that_moves_and_tells_twins_apart() {
    let dir = folder(&[("old/dev/main.tf", super::OPEN)]);
    let run = |arguments: &[&str]| super::run(dir.path(), arguments);
    let (code, ..) = run(&["baseline", "write", "old", "--baseline", "base.jsonl", "--as-of", "2026-11-21"]);
    assert_eq!(code, 0);
    let move_to = |from: &str, to: &str| {
        fs::create_dir_all(dir.path().join(to)).expect("a folder");
        fs::rename(dir.path().join(from).join("main.tf"), dir.path().join(to).join("main.tf"))
            .expect("moved");
    };
    let open = |path: &str| {
        let report = report(dir.path(), &[path, "--baseline", "base.jsonl"]);
        let findings = list(&report["findings"]);
        findings.iter().filter(|found| found["rule"] != "baseline-entry-unused").count()
    };
    let all = list(&report(dir.path(), &["old"])["findings"]).len();
    assert!(all > 0 && open("old") == 0);
    move_to("old/dev", "new/dev");
    assert_eq!(open("new"), 0, "it is the same cluster, elsewhere");
    move_to("new/dev", "old/dev");
    fs::create_dir_all(dir.path().join("old/prod")).expect("a folder");
    fs::copy(dir.path().join("old/dev/main.tf"), dir.path().join("old/prod/main.tf")).expect("copied");
    assert_eq!(open("old"), all, "its twin is another cluster");
}
