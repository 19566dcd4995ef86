//! What people do besides scanning: baselines, waivers, differences, explanations, snapshots.

use super::repository::{CLUSTER, NODES, ROOT, THREE_RULES, repository};
use super::{OPEN, each, folder, list, report, run};
use crate::support::folder::write;
use crate::support::git::git;
use serde_json::Value;
use std::fs;
use std::path::Path;

fn lines(dir: &Path, arguments: &[&str]) -> Vec<String> {
    let all = [&["scan", "-f", "concise", "-q"], &THREE_RULES[..], arguments].concat();
    run(dir, &all).1.lines().map(str::to_owned).collect()
}

#[test]
fn what_is_in_the_baseline_is_not_new_wherever_its_lines_are() {
    let dir = repository();
    let (code, _, err) = run(dir.path(), &["baseline", "write", "infra", "--as-of", "2026-11-21"]);
    assert_eq!(code, 0, "{err}");
    let new = || lines(dir.path(), &["infra", "--baseline", "ekslint-baseline.jsonl"]);
    assert_eq!(new(), [""; 0]);
    write(dir.path(), "infra/modules/eks/main.tf", &format!("# moved\n\n{CLUSTER}"));
    write(dir.path(), "infra/envs/prod/main.tf", &format!("locals {{\n}}\n\n{ROOT}"));
    fs::rename(
        dir.path().join("infra/modules/eks/nodes.tf"),
        dir.path().join("infra/modules/eks/workers.tf"),
    )
    .expect("it is there");
    assert_eq!(new(), [""; 0]);
    write(dir.path(), "infra/modules/eks/workers.tf", &NODES.replace("apps", "batch"));
    assert_eq!(new().len(), 1, "{:?}", new());
}

#[test]
fn a_cluster_is_the_same_one_wherever_a_scan_starts() {
    let dir = repository();
    let nameless = CLUSTER.replace("name     = var.name", "name     = \"c-${var.unknown}\"");
    write(dir.path(), "infra/modules/eks/main.tf", &format!("{nameless}\nvariable \"unknown\" {{}}\n"));
    git(dir.path(), &["init", "--quiet"]);
    let prints = |at: &str, path: &str| -> Vec<String> {
        let report = report(&dir.path().join(at), &[&[path], &THREE_RULES[..2]].concat());
        each(&report["findings"], "fingerprint").into_iter().map(str::to_owned).collect()
    };
    let whole = prints(".", ".");
    assert_eq!(whole.len(), 3);
    let absolute = dir.path().join("infra").display().to_string();
    for (at, path) in
        [(".", "infra"), ("infra/envs/prod", "."), ("infra", "envs/prod/main.tf"), (".", &absolute)]
    {
        assert_eq!(prints(at, path), whole, "{path} in {at}");
    }
}

#[test]
fn waivers_name_the_cluster_or_its_address() {
    let dir = repository();
    for (cluster, left) in [("prod", 2), ("module.eks.aws_eks_cluster.this", 3), ("other", 3)] {
        let waiver = format!(
            "[[waiver]]\nrule = \"audit-logging-disabled\"\ncluster = \"{cluster}\"\nreason = \"a lab\"\n"
        );
        write(dir.path(), "ekslint.toml", &waiver);
        assert_eq!(lines(dir.path(), &["infra"]).len(), left, "{cluster}");
    }
    let nameless = CLUSTER.replace("var.name", "var.unknown");
    write(dir.path(), "infra/modules/eks/main.tf", &format!("{nameless}\nvariable \"unknown\" {{}}\n"));
    fs::remove_file(dir.path().join("ekslint.toml")).expect("it is there");
    let (code, out, err) = run(
        dir.path(),
        &[
            "waive",
            "audit-logging-disabled",
            "infra",
            "--cluster",
            "module.eks.aws_eks_cluster.this",
            "--reason",
            "a lab",
            "--as-of",
            "2026-11-21",
        ],
    );
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(lines(dir.path(), &["infra"]).len(), 2);
}

#[test]
fn a_difference_names_the_lines_of_a_module_that_a_root_calls() {
    let dir = repository();
    git(dir.path(), &["init", "--quiet"]);
    git(dir.path(), &["add", "."]);
    git(dir.path(), &["commit", "--quiet", "--message", "one"]);
    let old = repository();
    write(dir.path(), "infra/modules/eks/main.tf", &CLUSTER.replace("var.log_types", "[\"api\", \"audit\"]"));
    write(dir.path(), "infra/envs/prod/main.tf", &ROOT.replace("0.0.0.0/0", "192.0.2.0/24"));
    write(
        dir.path(),
        "infra/modules/eks/nodes.tf",
        &NODES.replace("node_role", "version = \"1.21\"\n  node_role"),
    );
    let rules = format!("{},nodegroup-version-unsupported", THREE_RULES[1]);
    let of = |arguments: &[&str]| -> Value {
        let choice = ["--select", &rules, "--as-of", "2026-11-21", "--format", "json"];
        let (code, out, err) = run(dir.path(), &[&["diff"], arguments, &choice].concat());
        assert_eq!(code, 1, "{err}");
        serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"))
    };
    let old = old.path().join("infra").display().to_string();
    for arguments in
        [&["--git", "HEAD", "infra"][..], &["--git", "HEAD", "infra/envs/prod"], &[&old, "infra"]]
    {
        let diff = of(arguments);
        let [cluster] = list(&diff["clusters"]) else { panic!("{arguments:?}: {diff:#}") };
        let rules = |field: &str| each(&cluster[field], "rule").join(" ");
        assert_eq!(rules("new"), "nodegroup-version-unsupported", "{arguments:?}");
        assert_eq!(rules("fixed"), "audit-logging-disabled endpoint-open-to-internet", "{arguments:?}");
        let text = cluster.to_string();
        assert!(text.contains("infra/modules/eks/nodes.tf"), "{cluster:#}");
    }
    let (_, out, _) = run(dir.path(), &["diff", "--git", "HEAD", "infra", "--as-of", "2026-11-21"]);
    assert!(out.contains("brought by /nodegroups/0/version: \"1.37\" → \"1.21\""), "{out}");
    assert!(
        out.contains("(infra/modules/eks/nodes.tf:4:3)") || out.contains("infra/modules/eks/nodes.tf:4:"),
        "{out}"
    );
}

#[test]
fn explanations_are_of_templates_too() {
    let dir = repository();
    let date = ["--as-of", "2026-11-21"];
    for (arguments, says) in [
        (&["explain", "infra"][..], "infra/envs/prod/main.tf:13"),
        (
            &["explain", "--flows", "infra"],
            "the public endpoint accepts 0.0.0.0/0 (infra/envs/prod/main.tf:13",
        ),
        (&["explain", "--rule", "endpoint-open-to-internet", "infra"], "item = \"0.0.0.0/0\""),
        (&["versions", "infra"], "infra/modules/eks/main.tf"),
    ] {
        let (code, out, err) = run(dir.path(), &[arguments, &date].concat());
        assert_eq!(code, 0, "{err}");
        assert!(out.contains(says), "{arguments:?}: {out}");
    }
}

/// What a finding is, but for its place.
fn essence(finding: &Value) -> String {
    format!("{} {} {} {}", finding["rule"], finding["resource"], finding["message"], finding["fingerprint"])
}

#[test]
fn the_snapshot_of_a_template_has_the_same_findings() {
    let two = format!(
        "{}{}",
        OPEN,
        OPEN.replace("\"prod\"", "\"other\"").replace("variable \"cidrs\"", "variable \"more\"")
    );
    let plan = r#"{"format_version": "1.2", "resource_changes": [{"address": "aws_eks_cluster.p", "mode": "managed", "type": "aws_eks_cluster",
        "name": "p", "change": {"actions": ["create"], "before": null, "after": {"name": "p", "vpc_config": [{"public_access_cidrs": ["0.0.0.0/0"]}]},
        "after_unknown": {"version": true}}}]}"#;
    let dir = folder(&[
        ("two/main.tf", &two),
        ("plan/plan.json", plan),
        (
            "group/main.tf",
            "resource \"aws_security_group\" \"a\" {\n  vpc_id = \"vpc-1\"\n  ingress {\n    from_port = 22\n    to_port = 22\n    protocol = \"tcp\"\n    cidr_blocks = [\"0.0.0.0/0\"]\n  }\n}\n",
        ),
    ]);
    let lab = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/study-lab/terraform").display().to_string();
    let repository = repository();
    let infra = repository.path().join("infra").display().to_string();
    for path in [&*lab, &*infra, "two", "plan", "group"] {
        let (code, out, err) = run(dir.path(), &["snapshot", "import", path]);
        assert_eq!(code, 0, "{path}: {err}");
        write(dir.path(), "snapshot.json", &out);
        let of = |path: &str| -> (Vec<String>, Value) {
            let report = report(dir.path(), &[path, "--level", "all"]);
            let mut findings: Vec<_> = list(&report["findings"]).iter().map(essence).collect();
            findings.sort_unstable();
            (findings, report["summary"].clone())
        };
        let (template, printed) = (of(path), of("snapshot.json"));
        assert!(!template.0.is_empty(), "{path}");
        assert_eq!(template.0, printed.0, "{path}");
        for count in ["passed", "notApplicable", "notEvaluated", "failed"] {
            assert_eq!(template.1[count], printed.1[count], "{path}: {count}");
        }
    }
}

#[test]
fn clusters_and_their_parts_are_joined_over_files() {
    let second = CLUSTER
        .replace("\"this\"", "\"second\"")
        .replace("var.name", "\"second\"")
        .replace("var.cidrs", "[\"192.0.2.0/24\"]");
    let dir = repository();
    write(dir.path(), "infra/modules/eks/second.tf", &second);
    let found = report(dir.path(), &[&["infra"], &THREE_RULES[..2]].concat());
    let mut clusters: Vec<_> = list(&found["findings"])
        .iter()
        .map(|finding| {
            format!(
                "{} {}",
                finding["cluster"]["name"].as_str().unwrap_or_default(),
                finding["rule"].as_str().unwrap_or_default()
            )
        })
        .collect();
    clusters.sort_unstable();
    assert_eq!(
        clusters,
        [
            "prod audit-logging-disabled",
            "prod endpoint-open-to-internet",
            "prod nodegroup-ssh-open-to-internet",
            "second audit-logging-disabled"
        ]
    );
}

#[test]
fn an_environment_has_its_values_and_is_part_of_what_a_cluster_is() {
    let dir = folder(&[
        ("infra/main.tf", OPEN),
        ("infra/prod.tfvars", "cidrs = [\"192.0.2.0/24\"]\n"),
        ("infra/lab.tfvars", "cidrs = [\"0.0.0.0/0\", \"::/0\"]\n"),
        (
            "ekslint.toml",
            "[[terraform.environment]]\nname = \"prod\"\nroot = \"infra\"\nvar-files = [\"infra/prod.tfvars\"]\n\n\
             [[terraform.environment]]\nname = \"lab\"\nroot = \"infra\"\nvar-files = [\"infra/lab.tfvars\"]\n",
        ),
    ]);
    let report = report(dir.path(), &["infra", "--select", "endpoint-open-to-internet"]);
    let environments: Vec<_> = list(&report["findings"])
        .iter()
        .map(|finding| &finding["cluster"]["template"]["environment"])
        .collect();
    assert!(!environments.is_empty() && environments.iter().all(|name| *name == "lab"), "{report:#}");
    assert_eq!(report["summary"]["clusters"], 2);
    let (_, _, err) = run(dir.path(), &["scan", "infra", "--as-of", "2026-11-21"]);
    assert!(!err.contains("is not used"), "{err}");
}
