//! Terraform as people give it: the program on folders, files, plans and states that tests write.

mod conditions;
mod habits;
mod hostile;
mod identities;
mod inputs;
mod instances;
mod outputs;
mod plans;
mod repository;
mod study_lab;

use crate::support::folder::folder;
use crate::support::program::{piped, run, started};
use serde_json::Value;
use std::path::Path;

/// A cluster that takes everyone by the default of a variable.
const OPEN: &str = r#"variable "cidrs" {
  type    = list(string)
  default = ["0.0.0.0/0"]
}

resource "aws_eks_cluster" "prod" {
  name     = "prod"
  role_arn = "arn:aws:iam::111122223333:role/prod"

  vpc_config {
    subnet_ids          = ["subnet-1", "subnet-2"]
    public_access_cidrs = var.cidrs
  }
}
"#;

/// Chooses the rule that [`OPEN`] fails.
const ONE_RULE: [&str; 4] = ["--select", "endpoint-open-to-internet", "--as-of", "2026-11-21"];

/// Runs the program for a terminal of so many columns.
fn wide(dir: &Path, arguments: &[&str], columns: &str) -> (i32, String, String) {
    started(dir, arguments, "", columns)
}

/// Scans by [`ONE_RULE`], a line for each finding.
fn concise(dir: &Path, arguments: &[&str]) -> (i32, String, String) {
    run(dir, &[&["scan", "-f", "concise", "-q"], &ONE_RULE[..], arguments].concat())
}

/// The output `json` of a scan.
fn report(dir: &Path, arguments: &[&str]) -> Value {
    let all = [&["scan", "-f", "json", "--as-of", "2026-11-21"], arguments].concat();
    let (_, out, err) = run(dir, &all);
    serde_json::from_str(&out).unwrap_or_else(|_| panic!("{arguments:?}: {out}{err}"))
}

/// The items of a list.
fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_else(|| panic!("no list but {value}"))
}

/// The text of a field of each item, in order, each once.
fn each<'v>(items: &'v Value, field: &str) -> Vec<&'v str> {
    let mut all: Vec<_> = list(items).iter().filter_map(|item| item[field].as_str()).collect();
    all.sort_unstable();
    all.dedup();
    all
}
