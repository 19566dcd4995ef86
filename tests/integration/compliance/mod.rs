//! `ekslint report` and `ekslint frameworks`: what becomes of controls, in every output.

mod data;
mod evidence;
mod outputs;
mod verdicts;

use crate::support::folder::folder;
use crate::support::program::{run, started};
use crate::support::sample::{assert_explained, document, violations};
use serde_json::Value;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// The day that the fixtures are of.
const AS_OF: [&str; 2] = ["--as-of", "2026-11-21"];

/// The arguments of a report on that day.
fn report<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    ["report"].into_iter().chain(AS_OF).chain(arguments.iter().copied()).collect()
}

/// A report as JSON that fits its schema, and the exit code.
fn json(dir: &Path, arguments: &[&str]) -> (i32, Value) {
    let (code, text, errors) = run(dir, &report(&[arguments, &["-f", "json"]].concat()));
    let value: Value =
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{arguments:?}: {text}{errors}"));
    let wrong = violations(&document("docs/compliance-output.schema.json"), &value);
    assert!(wrong.is_empty(), "{wrong:#?}");
    (code, value)
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().unwrap_or_else(|| panic!("no list {name} in {value}"))
}

/// The controls of the first framework.
fn controls(report: &Value) -> &[Value] {
    list(&report["frameworks"][0], "controls")
}

/// The control of that number.
fn control<'v>(report: &'v Value, id: &str) -> &'v Value {
    controls(report).iter().find(|control| control["id"] == id).unwrap_or_else(|| panic!("no control {id}"))
}

#[test]
fn every_framework_has_every_control_in_its_report() {
    for (id, count) in [
        ("cis-eks-1.8", 50),
        ("cis-eks-2.0", 47),
        ("isms-p-2023", 17),
        ("aws-fsbp", 33),
        ("pci-dss-4.0.1", 24),
    ] {
        let (code, report) = json(Path::new(ROOT), &["--framework", id, "fixtures/study-lab.json"]);
        assert_eq!((code, controls(&report).len()), (1, count), "{id}");
        let summary = &report["frameworks"][0]["summary"];
        let counted = ["failed", "notEvaluated", "accepted", "manual", "passed", "notApplicable"];
        let sum: u64 = counted.iter().filter_map(|name| summary[*name].as_u64()).sum();
        assert_eq!(summary["controls"].as_u64(), Some(sum), "{id}");
    }
}

#[test]
fn a_table_fits_a_terminal() {
    let arguments = report(&["--framework", "cis-eks-2.0", "fixtures/"]);
    let (code, text, _) = started(Path::new(ROOT), &arguments, "", "80");
    assert_eq!(code, 1);
    assert!(text.lines().count() <= 120, "{}", text.lines().count());
    let wide: Vec<_> = text.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(wide.is_empty(), "{wide:#?}");
    insta::assert_snapshot!("cis_of_all_fixtures", scrubbed(&text));
}

/// Without what changes with every rule.
fn scrubbed(text: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let text = text.replace(&format!("ekslint {version}"), "ekslint [version]");
    match text.split_once("(rule set ") {
        Some((before, after)) => {
            format!("{before}(rule set [digest]){}", &after[after.find(')').map_or(0, |at| at + 1)..])
        }
        None => text,
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for format in ["json", "text"] {
        let arguments = report(&[
            "--framework",
            "isms-p-2023,cis-eks-2.0",
            "fixtures/study-lab.json",
            "-v",
            "-f",
            format,
        ]);
        let arguments: Vec<_> =
            arguments.into_iter().filter(|one| *one != "-v" || format == "text").collect();
        let [a, b] = [(), ()].map(|()| run(Path::new(ROOT), &arguments).1);
        assert!(a == b && a.len() > 10_000, "{format}");
    }
}

#[test]
fn an_input_has_the_digest_of_sha256sum() {
    let dir = folder(&[("a.json", &crate::support::open_cluster("prod"))]);
    let (_, report) = json(dir.path(), &["--framework", "cis-eks-2.0", "a.json", "--no-config"]);
    let input = &list(&report, "inputs")[0];
    assert_eq!(input["name"], "a.json");
    let expected = std::process::Command::new("python3")
        .args(["-c", "import hashlib; print(hashlib.sha256(open('a.json','rb').read()).hexdigest(), end='')"])
        .current_dir(dir.path())
        .output()
        .expect("python runs");
    assert_eq!(input["sha256"].as_str().map(str::as_bytes), Some(expected.stdout.as_slice()));
}

#[test]
fn what_cannot_be_asked_for_is_said_with_the_nearest_name() {
    for (arguments, message) in [
        (
            &["--framework", "cis-eks-2", "fixtures"][..],
            "no framework is called `cis-eks-2`; did you mean `cis-eks-2.0`?",
        ),
        (
            &["--framework", "soc", "fixtures"],
            "no framework is called `soc`; known are aws-fsbp, cis-eks-1.8",
        ),
        (&["fixtures"], "--framework <ID>"),
        (&["--framework", "aws-fsbp", "-f", "pdf", "fixtures"], "`pdf` is no format; there are text, json"),
        (&["--framework", "aws-fsbp"], "nothing to report on"),
    ] {
        let (code, out, errors) = run(Path::new(ROOT), &report(arguments));
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {errors}");
        assert!(errors.contains(message), "{arguments:?}: {errors}");
    }
}

#[test]
fn a_scan_and_a_list_take_the_rules_of_a_framework() {
    let (code, out, errors) =
        run(Path::new(ROOT), &["rules", "list", "--framework", "pci-dss-4.0.1", "--format", "json"]);
    assert_eq!(code, 0, "{errors}");
    let rules: Value = serde_json::from_str(&out).expect("JSON");
    let listed = list(&rules, "rules").len();
    assert!(listed > 20, "{listed}");
    let arguments =
        ["scan", "--framework", "pci-dss-4.0.1", "fixtures/study-lab.json", "-f", "json", AS_OF[0], AS_OF[1]];
    let (_, out, errors) = run(Path::new(ROOT), &arguments);
    let scan: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{errors}"));
    // Rules that need a parameter stand among them, but do not run.
    let waiting = scan["summary"]["needsConfiguration"].as_u64().expect("a count");
    assert_eq!(scan["summary"]["rules"].as_u64().expect("a count") + waiting, listed as u64);
    let all_of_it = list(&scan, "findings").iter().all(|one| one["frameworks"]["pci-dss-4.0.1"].is_array());
    assert!(all_of_it);
}

#[test]
fn the_page_of_the_format_explains_every_field() {
    assert_explained("docs/compliance.md", "docs/compliance-output.schema.json", 50);
}
