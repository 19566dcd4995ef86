//! Compares what functions and expressions of Terraform give here with what Terraform itself gives.
//!
//! It needs `terraform` on the path, and neither the network nor a provider. So it does not run with all tests:
//!
//! ```sh
//! cargo test --no-default-features --test oracle
//! ```

#![allow(clippy::print_stdout)]

mod expressions;

use ekslint::source::iac::terraform::functions::{self, FunctionWork};
use ekslint::source::iac::terraform::hcl::{RootModule, VariableInputs, load};
use ekslint::source::iac::tree::DiskTree;
use ekslint::source::iac::{TemplateValue, ValueKind};
use expressions::{Case, cases, evaluated};
use hcl_edit::expr::Expression;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What expressions refer to.
const ROOT: &str = include_str!("root.tf");

/// What Terraform says of each expression, as JSON; `ERROR` for one that is wrong.
fn terraform_says(cases: &[Case], beside: &str) -> Vec<String> {
    let dir = tempfile::tempdir().expect("a folder");
    let mut root = beside.to_owned();
    for (at, case) in cases.iter().enumerate() {
        writeln!(
            root,
            "output \"e{at}\" {{\n  sensitive = true\n  value = try(jsonencode({}), \"ERROR\")\n}}",
            case.text
        )
        .expect("memory");
    }
    fs::write(dir.path().join("main.tf"), root).expect("a file");
    run(dir.path(), &["apply", "-auto-approve", "-no-color", "-input=false"]);
    let state = fs::read_to_string(dir.path().join("terraform.tfstate")).expect("a state");
    let state: serde_json::Value = serde_json::from_str(&state).expect("JSON");
    let output =
        |at: usize| state["outputs"][format!("e{at}")]["value"].as_str().unwrap_or("NOTHING").to_owned();
    (0..cases.len()).map(output).collect()
}

fn run(folder: &Path, arguments: &[&str]) {
    let output = Command::new("terraform")
        .args(arguments)
        .env("CHECKPOINT_DISABLE", "1")
        .env_remove("TF_CLI_CONFIG_FILE")
        .current_dir(folder)
        .output();
    let output = output.expect("terraform is on the path");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "terraform: {}", said.lines().take(30).collect::<Vec<_>>().join("\n"));
}

/// What is said here of each expression in a root module, which has a resource for each.
fn ekslint_says_in_a_root(cases: &[Case]) -> Vec<String> {
    let dir = tempfile::tempdir().expect("a folder");
    let mut root = ROOT.to_owned();
    for (at, case) in cases.iter().enumerate() {
        let text = format!("try(jsonencode({}), \"ERROR\")", case.text);
        writeln!(root, "resource \"terraform_data\" \"e{at}\" {{\n  input = {text}\n}}").expect("memory");
    }
    fs::write(dir.path().join("main.tf"), root).expect("a file");
    let tree = DiskTree::new(dir.path(), None).expect("a tree");
    let root = RootModule::of_files("", vec!["main.tf".to_owned()]);
    let templates = load(&tree, &root, &VariableInputs::default());
    let said = |at: usize| {
        let address = format!("terraform_data.e{at}");
        let resource = templates[0].resources.iter().find(|resource| *resource.address == *address);
        let resource = resource.unwrap_or_else(|| panic!("{}: {:#?}", cases[at].text, templates[0].problems));
        let ValueKind::Map(fields) = &resource.values.kind else { panic!("an object") };
        shown(fields.get("input").expect("an input"))
    };
    (0..cases.len()).map(said).collect()
}

/// What is said here of an expression: JSON, `ERROR`, or why it is not known.
fn ekslint_says(text: &str) -> String {
    let expression: Expression = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    let value = match evaluated(&expression, &|name| panic!("no variable {name}")) {
        Ok(value) => value,
        Err(_) => return "ERROR".to_owned(),
    };
    let json = functions::call("jsonencode", vec![value], None).expect("one argument");
    shown(&json)
}

/// A text, or why it is not known.
fn shown(value: &TemplateValue) -> String {
    match &value.kind {
        ValueKind::Text(text) => text.to_string(),
        ValueKind::Unknown(unknown) => format!("NOT KNOWN: {}", unknown.reason),
        other => format!("NOT KNOWN: {other:?}"),
    }
}

#[test]
fn functions_are_those_of_terraform() {
    let cases = cases(include_str!("functions.txt"));
    let ours: Vec<String> = cases.iter().map(|case| ekslint_says(&case.text)).collect();
    compare(&cases, "", &ours);
}

#[test]
fn expressions_are_those_of_terraform() {
    let cases = cases(include_str!("expressions.txt"));
    compare(&cases, ROOT, &ekslint_says_in_a_root(&cases));
}

fn compare(cases: &[Case], beside: &str, ours: &[String]) {
    let mut wrong = Vec::new();
    for ((case, theirs), ours) in cases.iter().zip(terraform_says(cases, beside)).zip(ours) {
        match (&case.differs, *ours == theirs) {
            (None, false) => wrong.push(format!("{}\n  terraform: {theirs}\n  ekslint:   {ours}", case.text)),
            (Some(reason), true) => {
                wrong.push(format!("{}\n  does not differ, but is said to: {reason}", case.text))
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    let named: Vec<_> = cases.iter().filter_map(|case| Some((&case.text, case.differs.as_ref()?))).collect();
    println!("{} expressions are as in Terraform, but for {}:", cases.len() - named.len(), named.len());
    for (text, reason) in named {
        println!("  {text}: {reason}");
    }
}

#[test]
fn every_function_is_compared() {
    let cases = cases(include_str!("functions.txt"));
    let compared: BTreeSet<&str> = cases.iter().filter_map(|case| case.text.split('(').next()).collect();
    let claimed =
        functions::functions().iter().filter(|row| matches!(row.work, FunctionWork::Pure(_)) && !row.tofu);
    let missing: Vec<_> = claimed.map(|row| row.name).filter(|name| !compared.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// The functions that Terraform has are those of the table.
#[test]
fn the_table_has_all_functions() {
    let dir = tempfile::tempdir().expect("a folder");
    let output =
        Command::new("terraform").args(["metadata", "functions", "-json"]).current_dir(dir.path()).output();
    let output = output.expect("terraform is on the path");
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let theirs: BTreeSet<&str> = said["function_signatures"]
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .filter(|name| !name.starts_with("core::"))
        .collect();
    let rows = functions::functions().iter();
    // `type` is for the console alone, and not listed.
    let ours: BTreeSet<&str> =
        rows.filter(|row| !row.tofu && row.name != "type").map(|row| row.name).collect();
    assert_eq!(ours, theirs);
}
