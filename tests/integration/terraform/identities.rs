//! Roles, trusts and access entries as templates write them: what a reader of the files can decide is decided, and nothing is
//! found for what nobody knows yet.

use super::{each, folder, list, report};
use serde_json::Value;
use std::fmt::Write;

/// A cluster with its provider, and nothing that runs in it.
const CLUSTER: &str = r#"
variable "name" {}
resource "aws_iam_role" "cluster" {
  name_prefix        = "cluster-"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "eks.amazonaws.com" } }] })
}
resource "aws_eks_cluster" "a" {
  name     = "ex-${basename(path.cwd)}"
  role_arn = aws_iam_role.cluster.arn
  access_config {
    authentication_mode = "API"
  }
  vpc_config {
    subnet_ids = ["subnet-1", "subnet-2"]
  }
}
resource "aws_iam_openid_connect_provider" "a" {
  url            = aws_eks_cluster.a.identity[0].oidc[0].issuer
  client_id_list = ["sts.amazonaws.com"]
}
"#;

/// A role that trusts the provider under a condition.
fn irsa(name: &str, condition: &str) -> String {
    let mut text = String::new();
    write!(
        text,
        r#"
data "aws_iam_policy_document" "{name}" {{
  statement {{
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {{
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.a.arn]
    }}
    {condition}
  }}
}}
resource "aws_iam_role" "{name}" {{
  name               = "{name}"
  assume_role_policy = data.aws_iam_policy_document.{name}.json
}}
"#
    )
    .expect("text");
    text
}

fn condition(claim: &str, value: &str) -> String {
    format!("condition {{\n test = \"StringEquals\"\n variable = \"{claim}\"\n values = [\"{value}\"]\n }}")
}

/// The roles that a rule finds something at, and the rules that were not evaluated for a role.
fn found(report: &Value, rule: &str) -> Vec<String> {
    let findings = list(&report["findings"]).iter().filter(|one| one["rule"] == rule);
    findings.filter_map(|one| Some(one["resource"]["name"].as_str()?.to_owned())).collect()
}

fn unclear(report: &Value, rule: &str) -> bool {
    list(&report["notEvaluated"]).iter().any(|one| list(&one["rules"]).iter().any(|name| name == rule))
}

#[test]
fn trusts_are_read_however_they_name_the_issuer() {
    let from_url = "${replace(aws_iam_openid_connect_provider.a.url, \"https://\", \"\")}:sub";
    let from_arn = "${replace(aws_iam_openid_connect_provider.a.arn, \"/^(.*provider/)/\", \"\")}:sub";
    let from_cluster = "${trimprefix(aws_eks_cluster.a.identity[0].oidc[0].issuer, \"https://\")}:sub";
    let subject = "system:serviceaccount:app:web";
    let text = [
        CLUSTER.to_owned(),
        irsa("from-url", &condition(from_url, subject)),
        irsa("from-arn", &condition(from_arn, subject)),
        irsa("from-cluster", &condition(from_cluster, subject)),
        irsa("anyone", ""),
        // It trusts service accounts of nobody here, and so is not the cluster's.
        irsa("ci", "").replace(
            "aws_iam_openid_connect_provider.a.arn",
            "\"arn:aws:iam::111122223333:oidc-provider/ci.example.com\"",
        ),
    ];
    let dir = folder(&[("main.tf", &text.concat())]);
    let report = report(dir.path(), &["."]);
    assert_eq!(found(&report, "irsa-trust-without-subject"), ["${aws_iam_role.anyone.arn}"]);
    for rule in ["irsa-trust-without-subject", "irsa-trust-never-matches", "irsa-trust-wildcard-subject"] {
        assert!(!unclear(&report, rule), "{rule}: {}", report["notEvaluated"]);
    }
}

#[test]
fn a_condition_of_which_the_value_is_not_known_is_a_condition() {
    let issuer = "${replace(aws_iam_openid_connect_provider.a.url, \"https://\", \"\")}:sub";
    let text = [CLUSTER.to_owned(), irsa("web", &condition(issuer, "system:serviceaccount:${var.name}:web"))];
    let dir = folder(&[("main.tf", &text.concat())]);
    let report = report(dir.path(), &["."]);
    assert_eq!(found(&report, "irsa-trust-without-subject"), Vec::<String>::new());
    assert!(unclear(&report, "irsa-trust-without-subject"), "{}", report["notEvaluated"]);
}

#[test]
fn an_entry_for_what_the_template_makes_is_for_what_it_is() {
    let entry = |name: &str, principal: &str| {
        format!(
            "resource \"aws_eks_access_entry\" \"{name}\" {{\n  cluster_name = aws_eks_cluster.a.name\n  principal_arn = {principal}\n}}\n"
        )
    };
    let text = [
        CLUSTER.to_owned(),
        entry("role", "aws_iam_role.cluster.arn"),
        entry("user", "aws_iam_user.ann.arn"),
        entry("literal", "\"arn:aws:iam::${var.name}:user/bob\""),
        "resource \"aws_iam_user\" \"ann\" {\n  name = \"ann\"\n}\n".to_owned(),
    ];
    let dir = folder(&[("main.tf", &text.concat())]);
    let report = report(dir.path(), &["--var", "name=111122223333", "."]);
    assert_eq!(
        found(&report, "access-entry-iam-user"),
        ["${aws_iam_user.ann.arn}", "arn:aws:iam::111122223333:user/bob"]
    );
    assert!(!unclear(&report, "access-entry-iam-user"), "{}", report["notEvaluated"]);
    // One cluster, however its name is written.
    assert_eq!(each(&report["notEvaluated"], "at").iter().filter(|at| **at == "/cluster").count(), 0);
    assert_eq!(report["summary"]["clusters"], 1);
}

#[test]
fn what_may_be_a_pattern_or_another_issuer_is_neither_found_nor_passed() {
    let issuer = "${replace(aws_eks_cluster.a.identity[0].oidc[0].issuer, \"https://\", \"\")}:sub";
    let like = |claim: &str, value: &str| {
        format!("condition {{\n test = \"StringLike\"\n variable = \"{claim}\"\n values = [{value}]\n }}")
    };
    let pattern = "\"system:serviceaccount:kube-system:*\"";
    for (condition, found, open) in [
        (like(issuer, pattern), 1, 0),
        (like(&format!("${{var.name}}{issuer}"), pattern), 0, 1),
        (like(issuer, "data.external.x.result[\"y\"]"), 0, 1),
    ] {
        let dir = folder(&[("main.tf", &format!("{CLUSTER}{}", irsa("r", &condition)))]);
        let select = "irsa-trust-wildcard-service-account";
        let report = report(dir.path(), &[".", "--select", select, "--level", "all"]);
        let said = (list(&report["findings"]).len(), report["summary"]["notEvaluated"].as_u64());
        assert_eq!(said, (found, Some(open)), "{condition}: {report:#}");
    }
}
