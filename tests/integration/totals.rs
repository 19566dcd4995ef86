//! The counts of a scan add up, and are the same in every output.

use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn scan(args: &[&str]) -> String {
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    command.current_dir(repository()).env_clear().env("COLUMNS", "200");
    let output = command.args(["scan", "--as-of", "2026-11-21"]).args(args).output().expect("it runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn with<'a>(args: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [args, more].concat()
}

fn number(summary: &Value, field: &str) -> u64 {
    summary[field].as_u64().unwrap_or_else(|| panic!("{field}: {summary}"))
}

/// The number in front of a word.
fn before(text: &str, word: &str) -> u64 {
    let Some(end) = text.find(word) else { return 0 };
    let digits: String = text[..end].chars().rev().take_while(char::is_ascii_digit).collect();
    digits.chars().rev().collect::<String>().parse().unwrap_or_default()
}

/// Every fixture, alone and together, with options that change what counts.
fn scans(folder: &Path) -> Vec<Vec<String>> {
    let mut inputs: Vec<String> = std::fs::read_dir(repository().join("fixtures"))
        .expect("fixtures")
        .filter_map(|entry| Some(entry.ok()?.path().strip_prefix(repository()).ok()?.display().to_string()))
        .filter(|name| name.ends_with(".json"))
        .collect();
    inputs.sort();
    inputs.push("fixtures".to_owned());
    let baseline = folder.join("baseline.json").display().to_string();
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    command.current_dir(repository()).args(["baseline", "write", "fixtures", "--as-of", "2026-11-21"]);
    command.args(["--baseline", &baseline]).assert().success();
    let config = folder.join("ekslint.toml");
    let waiver = "[[waiver]]\nrule = \"endpoint-*\"\nreason = \"a test\"\nexpires = 2027-01-01\n";
    std::fs::write(&config, waiver).expect("a file");
    let config = config.display().to_string();
    let options: [Vec<&str>; 5] = [
        vec![],
        vec!["--level", "all"],
        vec!["--select", "endpoint-*,version-*", "--level", "all"],
        vec!["--config", &config, "--level", "all"],
        vec!["--baseline", &baseline],
    ];
    let one = |input: &String, options: &Vec<&str>| {
        std::iter::once(input.clone()).chain(options.iter().map(|text| (*text).to_owned())).collect()
    };
    inputs.iter().flat_map(|input| options.iter().map(move |options| one(input, options))).collect()
}

#[test]
fn the_outcomes_add_up_and_outputs_agree() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut superseded = 0;
    for args in scans(folder.path()) {
        let args: Vec<_> = args.iter().map(String::as_str).collect();
        let json: Value = serde_json::from_str(&scan(&with(&args, &["-f", "json"]))).expect("JSON");
        let summary = &json["summary"];
        let parts = ["failed", "accepted", "superseded", "passed", "notApplicable", "notEvaluated", "errors"];
        let sum: u64 = parts.iter().map(|part| number(summary, part)).sum();
        assert_eq!(sum, number(summary, "rules") * number(summary, "clusters"), "{args:?}: {summary}");
        superseded += number(summary, "superseded");

        // Each rule on a cluster that is counted as failed has a finding that counts.
        let findings = json["findings"].as_array().expect("findings");
        let of_clusters = findings.iter().filter(|finding| {
            finding["resource"]["kind"] != "waiver" && finding["resource"]["kind"] != "entry"
        });
        let mut pairs: Vec<_> =
            of_clusters.map(|f| (f["rule"].to_string(), f["cluster"].to_string())).collect();
        pairs.sort();
        pairs.dedup();
        assert_eq!(pairs.len() as u64, number(summary, "failed"), "{args:?}: {pairs:#?}");
        let counts = summary["findings"].as_object().expect("counts");
        let total: u64 = counts.values().filter_map(Value::as_u64).sum();
        assert_eq!(findings.len() as u64, total, "{args:?}");

        // The others say the same.
        for format in ["text", "concise", "markdown"] {
            let text = scan(&with(&args, &["-f", format]));
            let headline = if total == 0 { "No findings".to_owned() } else { format!("{total} finding") };
            let found =
                text.lines().any(|line| line.trim_start_matches(['*', '#', ' ']).starts_with(&headline));
            assert!(found, "{args:?} {format}: {total} in\n{text}");
            let line = text.lines().find(|line| line.contains(" passed")).unwrap_or_else(|| panic!("{text}"));
            for (part, word) in [
                ("failed", " with findings"),
                ("accepted", " accepted"),
                ("superseded", " superseded"),
                ("passed", " passed"),
                ("notApplicable", " not applicable"),
                ("notEvaluated", " not evaluated"),
            ] {
                assert_eq!(before(line, word), number(summary, part), "{args:?} {format} {part}: {line}");
            }
        }
        let csv = scan(&with(&args, &["-f", "csv"]));
        let rows = csv::Reader::from_reader(csv.as_bytes())
            .into_records()
            .filter(|row| row.as_ref().is_ok_and(|row| row.iter().any(|field| field == "fail")));
        assert_eq!(rows.count() as u64, total, "{args:?}");
    }
    assert!(superseded > 0, "no scan has a superseded rule");
}

#[test]
fn the_least_severe_are_counted_where_they_are_not_shown() {
    let args = ["fixtures", "--severity", "high"];
    let json: Value = serde_json::from_str(&scan(&with(&args, &["-f", "json"]))).expect("JSON");
    let (shown, hidden) =
        (json["findings"].as_array().expect("findings").len() as u64, number(&json["summary"], "hidden"));
    let all: u64 =
        json["summary"]["findings"].as_object().expect("counts").values().filter_map(Value::as_u64).sum();
    assert_eq!(shown + hidden, all);
    assert!(scan(&args).contains(&format!("({hidden} not shown: --severity)")));
}
