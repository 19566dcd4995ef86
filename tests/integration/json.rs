//! The output `json` is what `docs/json-output.schema.json` says.

use crate::support::sample::{DEMO, LINES, RULES, assert_explained, document, fixtures, violations, written};
use ekslint::report::ReportFormat::Json;
use ekslint::rule::Severity;
use ekslint::value::position::LineColumn;
use serde_json::Value;

const FILES: &[(&str, &str)] = &[("clusters/demo.json", DEMO), ("clusters/all.ndjson", LINES)];

fn checked(text: &str) -> Value {
    let report: Value = serde_json::from_str(text).expect("the report is JSON");
    let violations = violations(&document("docs/json-output.schema.json"), &report);
    assert!(violations.is_empty(), "{violations:#?}");
    report
}

#[test]
fn a_report_looks_like_this() {
    let text = written(Json, FILES, RULES, |_| {});
    let text = text.replace(env!("CARGO_PKG_VERSION"), "[version]");
    insta::assert_snapshot!(text);
}

#[test]
fn the_report_on_all_fixtures_fits_the_schema() {
    let files = fixtures();
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let report = checked(&written(Json, &files, &[], |_| {}));
    let findings = report["findings"].as_array().expect("a list");
    assert!(findings.len() > 30, "{}", findings.len());
    let counts = report["summary"]["findings"].as_object().expect("an object");
    let counted: u64 = counts.values().filter_map(Value::as_u64).sum();
    assert_eq!(counted, findings.len() as u64);
}

#[test]
fn every_part_fits_the_schema() {
    let broken = [("a.json", "{"), ("b.ndjson", "{\"x\": 1}\n{}\n"), ("demo.json", DEMO)];
    let rules = ["audit-logging-disabled", "dead-access-entry"];
    let report = checked(&written(Json, &broken, &rules, |report| {
        report.notices.push("a rule overrides another".to_owned());
        report.rule_errors.push(ekslint::value::Problem {
            file: "my-rules/x.yaml".to_owned(),
            place: Some(LineColumn::of(3, 7)),
            rule: Some("x".to_owned()),
            message: "unknown key `serverity`".to_owned(),
        });
    }));
    for (part, count) in [("errors", 3), ("ruleErrors", 1), ("notices", 1)] {
        assert_eq!(report[part].as_array().expect(part).len(), count, "{part}");
    }
    assert_eq!(report["errors"][0]["line"], 1);
    assert!(!report["notEvaluated"].as_array().expect("a list").is_empty());
}

#[test]
fn the_page_explains_every_field() {
    assert_explained("docs/json-output.md", "docs/json-output.schema.json", 60);
}

#[test]
fn an_empty_scan_is_a_whole_report() {
    let report = checked(&written(Json, &[], RULES, |_| {}));
    assert_eq!(report["findings"], serde_json::json!([]));
    assert_eq!(report["summary"]["complete"], true);
}

#[test]
fn what_is_missing_or_broken_makes_a_report_incomplete() {
    let complete =
        |files: &[(&str, &str)]| checked(&written(Json, files, RULES, |_| {}))["summary"]["complete"].clone();
    let clean = LINES.lines().next().expect("a line");
    assert_eq!(complete(&[("a.json", clean)]), true);
    assert_eq!(complete(&[("a.json", clean), ("b.json", "{")]), false);
    assert_eq!(complete(&[("a.json", &clean.replace(", \"nodegroups\": []", ""))]), false);
}

#[test]
fn hidden_findings_are_counted() {
    let report = checked(&written(Json, FILES, RULES, |report| report.shown = Severity::High));
    let shown = report["findings"].as_array().expect("a list");
    assert!(!shown.is_empty() && shown.iter().all(|finding| finding["severity"] == "high"));
    let summary = &report["summary"];
    let counted: u64 =
        summary["findings"].as_object().expect("an object").values().filter_map(Value::as_u64).sum();
    assert_eq!(counted, shown.len() as u64 + summary["hidden"].as_u64().expect("a number"));
    assert!(summary["hidden"].as_u64() > Some(0));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let once = || written(Json, FILES, &[], |_| {});
    assert_eq!(once(), once());
}

#[test]
fn names_cannot_steer_a_terminal() {
    let text = written(Json, FILES, RULES, |_| {});
    assert!(!text.contains(['\u{1b}', '\u{202e}']));
    assert!(text.contains("\\u001b") && text.contains("\\u202e"));
}
