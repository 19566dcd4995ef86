//! A table for spreadsheets: a row a control and cluster.

use super::{CONFIG, cluster, report, state, two};
use crate::support::folder::write;
use std::collections::BTreeMap;
use std::path::Path;

type Row = BTreeMap<String, String>;

/// The rows of the table, each by its columns.
fn rows(dir: &Path, args: &[&str]) -> Vec<Row> {
    let (_, out, err) = report(dir, &[args, &["--format", "csv"]].concat());
    // A byte order mark would be part of the name of the first column for most readers.
    assert!(out.starts_with("framework,"), "{err}");
    let mut reader = csv::ReaderBuilder::new().from_reader(out.as_bytes());
    let columns = reader.headers().unwrap_or_else(|error| panic!("{error}: {err}")).clone();
    let row = |row: csv::StringRecord| columns.iter().zip(&row).map(|(a, b)| (a.into(), b.into())).collect();
    reader.records().map(|record| row(record.expect("as many cells as columns"))).collect()
}

fn of<'r>(rows: &'r [Row], control: &str, cluster: &str) -> &'r Row {
    let found = rows.iter().find(|row| row["control"] == control && row["cluster"] == cluster);
    found.unwrap_or_else(|| panic!("no row for {control} on {cluster}: {rows:?}"))
}

#[test]
fn each_control_has_a_row_for_each_cluster() {
    let dir = two();
    let rows = rows(dir.path(), &["c"]);
    assert_eq!(rows.len(), 8 * 2);
    let row = of(&rows, "A.1", "open");
    let expected = [
        ("framework", "acme-1.0"),
        ("version", "1.0"),
        ("title_en", "The endpoint is closed"),
        ("title_ko", ""),
        ("level", "1"),
        ("kind", "automated"),
        ("verdict", "failed"),
        ("only_in_baseline", "false"),
        ("arn", "arn:aws:eks:eu-west-1:111122223333:cluster/open"),
        ("account", "111122223333"),
        ("region", "eu-west-1"),
        ("file", "c/a.json"),
        ("captured_at", "2026-11-20T08:30:00Z"),
        ("as_of", "2026-11-21"),
        ("rules", "endpoint-open-to-internet"),
        ("first_place", "c/a.json:11:29"),
        ("reasons", ""),
        ("waiver_reason", ""),
        ("since", ""),
    ];
    for (column, value) in expected {
        assert_eq!(row[column], value, "{column}");
    }
    assert!(row["evidence"].starts_with("endpoint-open-to-internet failed: c/a.json:11:29 cluster/open: "));
    let passed = of(&rows, "A.1", "closed");
    assert_eq!(passed["verdict"], "passed");
    assert!(
        passed["evidence"].contains(r#"publicAccessCidrs = ["198.51.100.0/24"]"#),
        "{}",
        passed["evidence"]
    );
    let unknown = of(&rows, "A.3", "closed");
    assert_eq!(unknown["verdict"], "not-evaluated");
    assert!(unknown["reasons"].starts_with("flow-logs-disabled: "), "{unknown:?}");
    let manual = of(&rows, "A.4", "open");
    assert_eq!([&manual["verdict"], &manual["kind"], &manual["rules"]], ["manual", "manual", ""]);
    let columns = ["to_look_at_en", "to_look_at_ko"];
    assert_eq!(columns.map(|column| manual[column].as_str()), ["Ask the owner.", ""]);
}

#[test]
fn a_cluster_that_is_gone_has_rows_with_what_became_of_it_then() {
    let dir = state(&[
        ("old/a.json", &cluster("a", "0.0.0.0/0", "")),
        ("old/b.json", &cluster("b", "0.0.0.0/0", "")),
        ("new/a.json", &cluster("a", "198.51.100.0/24", "")),
    ]);
    let rows = rows(dir.path(), &["new", "--since", "old"]);
    assert_eq!(rows.len(), 8 * 2);
    let now = of(&rows, "A.1", "a");
    assert_eq!([now["verdict"].as_str(), &now["since"]], ["passed", "failed"]);
    let gone = of(&rows, "A.1", "b");
    assert_eq!([gone["verdict"].as_str(), &gone["since"], &gone["file"]], ["", "failed", "old/b.json"]);
    assert_eq!([&gone["evidence"], &gone["arn"]], ["", "arn:aws:eks:eu-west-1:111122223333:cluster/b"]);
}

#[test]
fn a_waiver_says_who_and_until_when() {
    let dir = two();
    let table = rows(dir.path(), &["c"]);
    let row = of(&table, "A.2", "open");
    let columns =
        ["verdict", "waiver_reason", "waiver_owner", "waiver_approved_by", "waiver_ticket", "waiver_expires"];
    let values = columns.map(|column| row[column].as_str());
    assert_eq!(
        values,
        [
            "accepted",
            "a lab | without data",
            "platform@example.com",
            "ciso@example.com",
            "SEC-123",
            "2026-12-31"
        ]
    );
    // What runs in a spreadsheet is text.
    write(dir.path(), "ekslint.toml", &CONFIG.replace("a lab", "=HYPERLINK(\"https://evil.example\")"));
    let table = rows(dir.path(), &["c"]);
    assert!(of(&table, "A.2", "open")["waiver_reason"].starts_with("'=HYPERLINK("));
}

#[test]
fn a_control_that_no_cluster_was_held_against_has_a_row() {
    let dir = state(&[("c/a.json", &cluster("a", "0.0.0.0/0", ""))]);
    let rows = rows(dir.path(), &["c", "--cluster", "b"]);
    assert_eq!(rows.len(), 8);
    assert!(rows.iter().all(|row| row["verdict"] == "manual" && row["cluster"].is_empty()), "{rows:?}");
}
