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
use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

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

/// Runs the program in a folder: exit code, standard output and standard error.
fn run(dir: &Path, arguments: &[&str]) -> (i32, String, String) {
    piped(dir, arguments, "")
}

/// The same with standard input.
fn piped(dir: &Path, arguments: &[&str], input: &str) -> (i32, String, String) {
    started(dir, arguments, input, "200")
}

fn started(dir: &Path, arguments: &[&str], input: &str, columns: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ekslint"));
    // The folder may be below a repository of somebody else's.
    command.env("GIT_CEILING_DIRECTORIES", dir.parent().unwrap_or(dir)).env_remove("GITHUB_ACTIONS");
    command.env("COLUMNS", columns);
    let command = command.args(arguments).current_dir(dir).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A program that ends before it has read all is no failure of this.
    let _ended = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

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
