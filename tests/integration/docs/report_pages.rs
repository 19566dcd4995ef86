//! The reports on the study lab that the documentation shows are what `ekslint report` writes. `UPDATE_DOCS=1` writes them
//! anew.

use super::page::root;
use assert_cmd::Command;
use std::fs;

/// Each framework that there is a report of, and its heading.
const REPORTS: [(&str, &str); 2] = [
    ("cis-eks-2.0", "The study lab against the CIS benchmark"),
    ("isms-p-2023", "The study lab against ISMS-P"),
];

fn file(framework: &str) -> String {
    format!("docs/reports/study-lab-{framework}.md")
}

/// The page: how it is made, and the report.
fn page(framework: &str, heading: &str) -> String {
    let arguments = ["report", "--framework", framework, "fixtures/study-lab.json", "--as-of", "2026-11-21"];
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    let output = command.current_dir(root()).args(arguments).args(["--no-config", "-f", "markdown"]).output();
    let output = output.expect("it runs");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let report = String::from_utf8(output.stdout).expect("UTF-8");
    let how = format!(
        "`ekslint {} --format markdown` writes this [report](../compliance.md).",
        arguments.join(" ")
    );
    format!("# {heading}\n\n{how}\n\n{report}")
}

/// Writes the pages.
pub(super) fn update() {
    fs::create_dir_all(root().join("docs/reports")).expect("a folder");
    for (framework, heading) in REPORTS {
        fs::write(root().join(file(framework)), page(framework, heading)).expect("written");
    }
}

#[test]
fn reports_on_the_study_lab_are_what_the_program_writes() {
    super::all_pages();
    for (framework, heading) in REPORTS {
        let is_current = fs::read_to_string(root().join(file(framework)))
            .is_ok_and(|text| text == page(framework, heading));
        assert!(
            is_current,
            "{}: UPDATE_DOCS=1 cargo test --test integration docs writes it",
            file(framework)
        );
    }
}
