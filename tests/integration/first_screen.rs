//! What a person sees first, through a real terminal of 80 and of 120 columns: how many rows there are, and that the
//! terminal breaks none of them.

use assert_cmd::cargo::cargo_bin;
use std::path::Path;
use std::process::Command;
use unicode_width::UnicodeWidthStr;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rows that a command prints on a terminal, without colours.
fn rows(columns: usize, args: &[&str]) -> Vec<String> {
    let script = repository().join("tests/integration/support/terminal.py");
    let output = Command::new("python3")
        .arg(script)
        .arg(columns.to_string())
        .arg(cargo_bin("ekslint"))
        .args(args)
        .current_dir(repository())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").expect("a PATH"))
        .env("TERM", "xterm-256color")
        .output()
        .expect("Python 3 runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let text = anstream::adapter::strip_str(&text).to_string();
    text.lines().map(|line| line.trim_end_matches('\r').to_owned()).collect()
}

fn too_wide(rows: &[String], columns: usize) -> Vec<&String> {
    rows.iter().filter(|row| row.width() > columns).collect()
}

const DAY: [&str; 2] = ["--as-of", "2026-11-21"];

#[test]
fn ten_clusters_are_at_most_150_rows() {
    for columns in [80, 120] {
        let rows = rows(columns, &[&["scan", "fixtures"][..], &DAY].concat());
        assert!(rows.len() <= 150, "{} rows at {columns} columns", rows.len());
        assert!(too_wide(&rows, columns).is_empty(), "{columns}: {:#?}", too_wide(&rows, columns));
        assert!(rows.iter().any(|row| row.starts_with("critical")), "{rows:#?}");
    }
}

#[test]
fn the_columns_of_the_table_of_clusters_end_below_each_other() {
    for columns in [80, 120] {
        let rows = rows(columns, &[&["scan", "fixtures", "--format", "table"][..], &DAY].concat());
        let table: Vec<_> = rows.iter().take_while(|row| !row.is_empty()).collect();
        assert_eq!(table.len(), 11, "{rows:#?}");
        // The last column stands at the right edge, whatever is in those before it.
        let widths: Vec<_> = table.iter().map(|row| row.width()).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{table:#?}");
    }
}

#[test]
fn one_bare_cluster_is_at_most_45_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = std::fs::read_to_string(repository().join("fixtures/study-lab.json")).expect("a fixture");
    let snapshot: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let bare = serde_json::json!({ "cluster": snapshot["cluster"] });
    let file = folder.path().join("cluster.json");
    std::fs::write(&file, serde_json::to_string_pretty(&bare).expect("JSON")).expect("a file");
    let file = file.display().to_string();
    for columns in [80, 120] {
        let rows = rows(columns, &[&["scan", &file][..], &DAY].concat());
        assert!(rows.len() <= 45, "{} rows at {columns} columns", rows.len());
        assert!(too_wide(&rows, columns).is_empty(), "{columns}: {:#?}", too_wide(&rows, columns));
        // The one command that would tell has the region and the name.
        let command = "  ekslint snapshot --region ap-northeast-2 --cluster study-lab -o snapshots";
        assert!(rows.iter().any(|row| row == command), "{rows:#?}");
    }
}

#[test]
fn wide_names_keep_their_columns() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, public) in [("운영-클러스터-서울-리전-전용-백엔드", true), ("🐳-prod", false)]
    {
        let snapshot = serde_json::json!({ "cluster": {
            "name": name, "arn": format!("arn:aws:eks:ap-northeast-2:111122223333:cluster/{name}"), "version": "1.36",
            "resourcesVpcConfig": { "endpointPublicAccess": public, "publicAccessCidrs": ["0.0.0.0/0"] },
        }});
        std::fs::write(folder.path().join(format!("{public}.json")), snapshot.to_string()).expect("a file");
    }
    let path = folder.path().display().to_string();
    for args in [&["scan", &path][..], &["scan", &path, "--format", "table"]] {
        for columns in [80, 120] {
            let rows = rows(columns, &[args, &DAY].concat());
            assert!(too_wide(&rows, columns).is_empty(), "{columns}: {:#?}", too_wide(&rows, columns));
        }
    }
}

#[test]
fn every_row_of_full_fits_but_words_that_cannot_be_broken() {
    for columns in [80, 120] {
        let rows = rows(columns, &[&["scan", "fixtures/study-lab.json", "--full"][..], &DAY].concat());
        // One word, an option with its value, or the address of a page: nothing else may be in such a row.
        let broken = |row: &&String| {
            let before = row.trim_start().rsplit_once(' ').map(|(before, _)| before).unwrap_or_default();
            !(before.is_empty() || before == "= docs:" || before.starts_with("--") && !before.contains(' '))
        };
        let wide: Vec<_> = too_wide(&rows, columns).into_iter().filter(broken).collect();
        assert!(wide.is_empty(), "{columns}: {wide:#?}");
    }
}

#[test]
fn in_a_pipe_rows_have_100_columns() {
    let mut command = Command::new(cargo_bin("ekslint"));
    command.args(["scan", "fixtures"]).args(DAY).current_dir(repository()).env_clear();
    let output = command.output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let rows: Vec<_> = text.lines().map(str::to_owned).collect();
    assert!(rows.len() <= 150, "{} rows", rows.len());
    assert!(too_wide(&rows, 100).is_empty(), "{:#?}", too_wide(&rows, 100));
    assert!(!text.contains('\u{1b}'), "a pipe has no colours");
}
