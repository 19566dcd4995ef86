//! Which controls changed since an older state.

use super::{NODES, cluster, json, report, state};
use crate::support::folder::write;
use crate::support::github_markdown::check;
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

/// Before: an open cluster without audit logs, and one that goes. Now: the same closed and without its node groups, and a new one.
fn changing() -> TempDir {
    let open = cluster("prod", "0.0.0.0/0", NODES).replace("\"enabled\": true", "\"enabled\": false");
    let closed = cluster("prod", "198.51.100.0/24", "").replace("2026-11-20T", "2026-11-21T");
    let dir = state(&[
        ("old/prod.json", &open),
        ("old/gone.json", &cluster("gone", "198.51.100.0/24", NODES)),
        ("now/cluster.json", &closed),
        ("now/new.json", &cluster("new", "0.0.0.0/0", NODES)),
    ]);
    // Nobody accepts it.
    write(dir.path(), "ekslint.toml", "");
    dir
}

/// `CONTROL CLUSTER: BEFORE NOW` of all changes.
fn changes(report: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("no text but {value}")).to_owned();
    let name = |change: &Value| {
        let at = change["cluster"].as_u64().and_then(|at| usize::try_from(at).ok()).expect("a position");
        text(&report["clusters"][at]["name"])
    };
    let one = |change: &Value| {
        let [control, before, now] = ["control", "before", "now"].map(|field| text(&change[field]));
        format!("{control} {}: {before} {now}", name(change))
    };
    report["since"]["changes"].as_array().expect("a list").iter().map(one).collect()
}

fn written(dir: &Path, name: &str) {
    let (code, _, err) = report(dir, &["old", "--format", &format!("json={name}")]);
    assert_eq!(code, 1, "{err}");
}

const CHANGES: [&str; 3] =
    ["A.1 prod: failed passed", "A.2 prod: failed not-evaluated", "A.7 prod: failed manual"];

#[test]
fn a_folder_is_judged_like_now_and_a_report_says_it_itself() {
    let dir = changing();
    written(dir.path(), "old.json");
    for (source, kind, days) in [("old", "snapshots", "2026-11-20"), ("old.json", "report", "2026-11-21")] {
        let report = json(dir.path(), &["now", "--since", source]);
        assert_eq!(changes(&report), CHANGES, "{source}");
        let since = &report["since"];
        assert_eq!(since["source"], source);
        assert_eq!(since["kind"], kind);
        assert_eq!([&since["firstDay"], &since["lastDay"]], [days, days]);
        assert_eq!(since["complete"], true);
        let [new, gone] =
            ["newClusters", "goneClusters"].map(|field| since[field].as_array().expect("a list"));
        assert_eq!((new.len(), gone.len()), (1, 1), "{since}");
        assert_eq!(
            report["clusters"][usize::try_from(new[0].as_u64().expect("a position")).expect("small")]["name"],
            "new"
        );
        assert_eq!(gone[0]["arn"], "arn:aws:eks:eu-west-1:111122223333:cluster/gone");
        assert_eq!([&since["newControls"], &since["goneControls"]], [&json!([]), &json!([])]);
    }
}

#[test]
fn people_read_what_changed_and_what_is_not_known() {
    let dir = changing();
    written(dir.path(), "old.json");
    let (_, text, _) = report(dir.path(), &["now", "--since", "old.json"]);
    for line in [
        "  Since 2026-11-21 (old.json): 3 controls changed",
        "    A.1 prod: failed → passed",
        "    A.2 prod: failed → not evaluated, not known to be fixed",
        "    A.7 prod: failed → manual, its rules find nothing now",
        "    clusters new: new",
        "    clusters not there now: gone (eu-west-1, 111122223333)",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    let (_, text, _) = report(dir.path(), &["now", "--since", "old"]);
    let judged = "the older state is evaluated by the rules, the parameters and the day of this report";
    assert!(text.contains("Since 2026-11-20 (old): 3 controls changed"), "{text}");
    assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains(judged), "{text}");
    let (_, page, _) = report(dir.path(), &["now", "--since", "old", "--format", "markdown"]);
    check(&page, "since");
    for line in [
        "**Since 2026-11-20 (`old`): 3 controls changed**",
        "- Clusters new: `new`",
        "- Clusters not there now: `gone (eu-west-1, 111122223333)`",
        "| Control | Cluster | Then | Now |",
        "| `A.1` | `prod` | failed | passed |",
        "| `A.2` | `prod` | failed | not evaluated, not known to be fixed |",
        "| `A.7` | `prod` | failed | manual, its rules find nothing now |",
    ] {
        assert!(page.lines().any(|found| found == line), "{line}\n{page}");
    }
    let (_, table, _) = report(dir.path(), &["now", "--since", "old", "--format", "csv"]);
    let column = |control: &str, cluster: &str| {
        let row = table.lines().find(|row| row.contains(control) && row.contains(cluster)).expect("a row");
        row.rsplit(',').next().unwrap_or_default().to_owned()
    };
    assert_eq!(
        [column("A.1", "/prod"), column("A.2", "/prod"), column("A.1", "/new")],
        ["failed", "failed", "new"]
    );
}

#[test]
fn nothing_changed_is_said() {
    let dir = changing();
    written(dir.path(), "old.json");
    for source in ["old", "old.json"] {
        let (_, text, _) = report(dir.path(), &["old", "--since", source]);
        assert!(text.contains(&format!("({source}): no control changed")), "{text}");
        assert!(!text.contains("clusters new") && !text.contains("not there now"), "{text}");
    }
}

#[test]
fn a_report_that_masks_accounts_is_compared_all_the_same() {
    let dir = changing();
    report(dir.path(), &["old", "--mask-account", "--format", "json=masked.json"]);
    assert_eq!(changes(&json(dir.path(), &["now", "--since", "masked.json"])), CHANGES);
}

#[test]
fn clusters_that_are_not_asked_for_are_not_gone() {
    let dir = changing();
    written(dir.path(), "old.json");
    for source in ["old", "old.json"] {
        let report = json(dir.path(), &["now", "--since", source, "--cluster", "prod"]);
        assert_eq!(changes(&report), CHANGES, "{source}");
        assert_eq!(report["since"]["goneClusters"], json!([]), "{source}");
    }
}

#[test]
fn controls_that_one_of_both_does_not_have_are_named() {
    let dir = changing();
    written(dir.path(), "old.json");
    let moved = super::FRAMEWORK.replace("id: A.6", "id: B.6");
    write(dir.path(), "f/acme.yaml", &moved);
    let since = &json(dir.path(), &["now", "--since", "old.json"])["since"];
    assert_eq!(since["newControls"], json!([{"framework": "acme-1.0", "control": "B.6"}]));
    assert_eq!(since["goneControls"], json!([{"framework": "acme-1.0", "control": "A.6"}]));
    let (_, text, _) = report(dir.path(), &["now", "--since", "old.json"]);
    assert!(text.contains("controls not in the older state: B.6"), "{text}");
    assert!(text.contains("controls only in the older state: A.6"), "{text}");
}

#[test]
fn other_rules_and_parameters_are_said() {
    let dir = changing();
    written(dir.path(), "old.json");
    let text = std::fs::read_to_string(dir.path().join("old.json")).expect("a report");
    let mut old: Value = serde_json::from_str(&text).expect("JSON");
    old["ruleSet"]["sha256"] = json!("0123456789abcdef");
    old["parameters"][0]["value"] = json!(["other"]);
    let parameter =
        ["rule", "name"].map(|field| old["parameters"][0][field].as_str().expect("a text")).join(".");
    old["errors"] = json!([{ "file": "x.json", "message": "cannot be read" }]);
    write(dir.path(), "old.json", &old.to_string());
    let since = &json(dir.path(), &["now", "--since", "old.json"])["since"];
    let notes = since["notes"].to_string();
    for note in [
        "the rules are others (rule set 0123456789ab, now ",
        &format!("parameters have other values: {parameter}\""),
        "not everything was read in the older state",
    ] {
        assert!(notes.contains(note), "{note}: {notes}");
    }
    assert_eq!(since["complete"], false);
    let (_, text, _) = report(dir.path(), &["now", "--since", "old.json"]);
    assert!(text.contains("clusters new, or not read then: new"), "{text}");
}

#[test]
fn what_is_no_older_state_is_said_with_the_way_out() {
    let dir = changing();
    written(dir.path(), "old.json");
    let text = std::fs::read_to_string(dir.path().join("old.json")).expect("a report");
    let old: Value = serde_json::from_str(&text).expect("JSON");
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut report = old.clone();
        change(&mut report);
        write(dir.path(), "x.json", &report.to_string());
        let (code, out, err) = self::report(dir.path(), &["now", "--since", "x.json"]);
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        err
    };
    let err = changed(&|report| report["frameworks"][0]["id"] = json!("acme-1.1"));
    let expected = "--since: x.json is a report on acme-1.1, not on acme-1.0; did you mean `acme-1.1`?";
    assert!(err.contains(expected), "{err}");
    let err = changed(&|report| report["schemaVersion"] = json!(2));
    assert!(
        err.contains("--since: x.json: `schemaVersion` is 2, and this ekslint reads 1: name the snapshots"),
        "{err}"
    );
    let err =
        changed(&|report| report["frameworks"][0]["controls"][1]["clusters"][0]["verdict"] = json!("fixed"));
    let expected = "x.json: `frameworks[0].controls[1].clusters[0].verdict` is `fixed`, which is no verdict";
    assert!(err.contains(expected), "{err}");
    let (_, scan, _) = crate::support::program::run(dir.path(), &["scan", "old", "--format", "json"]);
    write(dir.path(), "x.json", &scan);
    let (code, _, err) = report(dir.path(), &["now", "--since", "x.json"]);
    assert!(code == 2 && err.contains("x.json is a report of `ekslint scan`"), "{err}");
    for (source, expected) in
        [("-", "standard input cannot be compared"), ("missing", "missing"), ("f", "no clusters found")]
    {
        let (code, _, err) = report(dir.path(), &["now", "--since", source]);
        assert!(code == 2 && err.contains(expected), "{source}: {err}");
    }
}

#[test]
fn an_older_report_is_not_overwritten() {
    let dir = changing();
    written(dir.path(), "old.json");
    let (code, _, err) = report(dir.path(), &["now", "--since", "old.json", "--format", "json=old.json"]);
    assert!(
        code == 2 && err.contains("old.json is an input of this command, and is not overwritten"),
        "{err}"
    );
}
