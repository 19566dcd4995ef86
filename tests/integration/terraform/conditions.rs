//! Conditions that are not known: what is so in both cases is said, and for the rest what it depends on.

use super::{each, folder, report};
use serde_json::Value;
use tempfile::TempDir;

const VARIABLES: &str = "variable \"open\" {\n  type = bool\n}\nvariable \"env\" {}\n";

fn cluster(arguments: &str) -> String {
    format!(
        r#"resource "aws_eks_cluster" "a" {{
  name     = "a"
  version  = "1.35"
  role_arn = "arn:aws:iam::111122223333:role/x"
  vpc_config {{
    subnet_ids = ["subnet-1", "subnet-2"]
    {arguments}
  }}
}}
"#
    )
}

fn root(arguments: &str, more: &str) -> TempDir {
    folder(&[("main.tf", &format!("{VARIABLES}{}{more}", cluster(arguments)))])
}

/// The rules that found something, and why a rule was not evaluated.
fn said(dir: &TempDir, rule: &str) -> (Vec<String>, Vec<String>) {
    let report = report(dir.path(), &[".", "--select", rule]);
    let rules = each(&report["findings"], "rule").into_iter().map(str::to_owned).collect();
    let reasons = report["notEvaluated"].as_array().cloned().unwrap_or_default();
    let reason = |reason: &Value| reason["reason"].as_str().unwrap_or_default().to_owned();
    (rules, reasons.iter().map(reason).collect())
}

#[test]
fn what_is_wrong_in_both_cases_is_wrong() {
    for (arguments, rule) in [
        (
            "public_access_cidrs = var.open ? [\"0.0.0.0/0\"] : [\"0.0.0.0/0\", \"192.0.2.0/24\"]",
            "endpoint-open-to-internet",
        ),
        (
            "public_access_cidrs = var.env == \"prod\" ? [\"0.0.0.0/0\"] : tolist([\"0.0.0.0/0\", \"192.0.2.0/24\"])",
            "endpoint-open-to-internet",
        ),
        (
            "public_access_cidrs = !var.open ? [\"0.0.0.0/0\"] : concat([\"0.0.0.0/0\"], [\"192.0.2.0/24\"])",
            "endpoint-open-to-internet",
        ),
    ] {
        assert_eq!(said(&root(arguments, ""), rule), (vec![rule.to_owned()], vec![]), "{arguments}");
    }
}

#[test]
fn what_is_right_in_both_cases_passes() {
    let dir = root("public_access_cidrs = var.open ? [\"192.0.2.0/24\"] : [\"198.51.100.0/24\"]", "");
    assert_eq!(said(&dir, "endpoint-open-to-internet"), (vec![], vec![]));
}

#[test]
fn what_depends_on_a_condition_names_it() {
    for (value, reason) in [
        ("var.open", "depends on var.open: a finding if it holds, none if it does not"),
        ("var.env != \"prod\"", "depends on var.env == \"prod\": none if it holds, a finding if it does not"),
        ("var.open && var.env == \"x\"", "var.open has no value; set it with --var or --var-file"),
    ] {
        let arguments = format!("public_access_cidrs = {value} ? [\"0.0.0.0/0\"] : [\"192.0.2.0/24\"]");
        let (rules, reasons) = said(&root(&arguments, ""), "endpoint-open-to-internet");
        assert_eq!((rules.len(), reasons), (0, vec![reason.to_owned()]), "{value}");
    }
}

#[test]
fn two_conditions_that_decide_together_are_not_decided_by_one() {
    let value = "var.open ? (var.env == \"x\" ? [\"0.0.0.0/0\"] : [\"192.0.2.0/24\"]) : [\"0.0.0.0/0\"]";
    let (rules, reasons) =
        said(&root(&format!("public_access_cidrs = {value}"), ""), "endpoint-open-to-internet");
    assert_eq!((rules.len(), reasons.len()), (0, 1), "{reasons:?}");
}

#[test]
fn a_resource_that_may_be_there_is_looked_at_in_both_cases() {
    let group = r#"resource "aws_eks_node_group" "n" {
  count           = var.open ? 1 : 0
  cluster_name    = aws_eks_cluster.a.name
  node_group_name = "n"
  node_role_arn   = "arn:aws:iam::111122223333:role/n"
  subnet_ids      = ["subnet-1", "subnet-2"]
  version         = "VERSION"
  scaling_config {
    desired_size = 1
    max_size     = 1
    min_size     = 1
  }
}
"#;
    let of =
        |version: &str| said(&root("", &group.replace("VERSION", version)), "nodegroup-version-unsupported");
    let depends = "depends on var.open: a finding if it holds, none if it does not";
    assert_eq!(of("1.25"), (vec![], vec![depends.to_owned()]));
    assert_eq!(of("1.35"), (vec![], vec![]));
}

#[test]
fn a_cluster_that_may_be_there_is_evaluated_as_if_it_were() {
    let text = cluster("public_access_cidrs = var.open ? [\"0.0.0.0/0\"] : []")
        .replace("  name ", "  count    = var.open ? 1 : 0\n  name ");
    let dir = folder(&[("main.tf", &format!("{VARIABLES}{text}"))]);
    let rule = "endpoint-open-to-internet";
    assert_eq!(said(&dir, rule), (vec![rule.to_owned()], vec![]));
}
