//! The output `github` is what the runner of GitHub Actions makes annotations of.

use crate::support::node;
use crate::support::sample::{DEMO, LINES, RULES, written, written_after};
use ekslint::report::ReportFormat::Github;
use ekslint::value::position::LineColumn;
use ekslint::value::{Problem, SourceFileKind};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

const FILES: &[(&str, &str)] = &[("clusters/demo.json", DEMO), ("clusters/all.ndjson", LINES)];

/// A command as the runner reads it.
#[derive(Debug)]
struct Command {
    name: String,
    properties: BTreeMap<String, String>,
    data: String,
}

/// Reads a line as `ActionCommand.TryParseV2` of the runner does.
fn command(line: &str) -> Option<Command> {
    let (info, data) = line.trim_start().strip_prefix("::")?.split_once("::")?;
    let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
    let unescape = |text: &str| {
        let text = text.replace("%0D", "\r").replace("%0A", "\n").replace("%3A", ":").replace("%2C", ",");
        text.replace("%25", "%")
    };
    let pairs = properties.trim().split(',').filter_map(|pair| pair.split_once('='));
    let properties = pairs.map(|(key, value)| (key.to_owned(), unescape(value))).collect();
    Some(Command { name: name.to_owned(), properties, data: unescape(data) })
}

fn commands(text: &str) -> Vec<Command> {
    text.lines().filter_map(command).collect()
}

fn named<'c>(commands: &'c [Command], name: &str) -> Vec<&'c Command> {
    commands.iter().filter(|command| command.name == name).collect()
}

#[test]
fn a_report_looks_like_this() {
    insta::assert_snapshot!(written(Github, FILES, RULES, |_| {}));
}

/// GitHub's toolkit writes the same lines for the same values.
#[test]
fn lines_are_those_of_the_toolkit() {
    let text = written(Github, FILES, &[], |_| {});
    let lines: Vec<_> = text.lines().filter(|line| line.starts_with("::")).collect();
    assert!(lines.len() > 5, "{text}");
    let value = |line: &&str| {
        let info = line.strip_prefix("::").and_then(|rest| rest.split_once("::")).expect("a command").0;
        let keys = info.split_once(' ').expect("properties").1.split(',');
        let keys = keys.filter_map(|pair| pair.split_once('=')).map(|(key, _)| key);
        let command = command(line).expect("a command");
        let properties: Vec<_> = keys.map(|key| json!([key, command.properties[key]])).collect();
        json!([command.name, properties, command.data])
    };
    let values: Vec<_> = lines.iter().map(value).collect();
    let directory = node::installed();
    let input = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(input.path(), serde_json::to_string(&values).expect("JSON")).expect("a file");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/node/commands.mjs");
    let mut toolkit = std::process::Command::new(node::program("node"));
    toolkit.current_dir(&directory).arg(script).stdin(std::fs::File::open(input.path()).expect("a file"));
    let theirs = node::succeeds(&mut toolkit);
    assert_eq!(theirs.lines().collect::<Vec<_>>(), lines);
}

#[test]
fn places_are_what_the_runner_takes() {
    let commands = commands(&written(Github, FILES, &[], |_| {}));
    assert!(commands.len() > 5);
    for command in commands.iter().filter(|command| command.properties.contains_key("file")) {
        let number =
            |key: &str| command.properties.get(key).map(|text| text.parse::<u32>().expect("a number"));
        let (line, end) = (number("line").expect("a line"), number("endLine").expect("a line"));
        assert!(line >= 1 && end >= line, "{command:?}");
        match (number("col"), number("endColumn")) {
            (Some(column), Some(end_column)) => assert!(line == end && end_column >= column, "{command:?}"),
            (None, None) => {}
            _ => panic!("{command:?}"),
        }
        assert!(command.properties["file"].starts_with("clusters/"), "{command:?}");
    }
}

#[test]
fn ten_of_each_kind_and_the_worst_first() {
    let line = LINES.lines().nth(1).expect("a line");
    let many = format!("{line}\n").repeat(30);
    let text = written(Github, &[("many.ndjson", &many)], &[], |_| {});
    let commands = commands(&text);
    for kind in ["error", "warning", "notice"] {
        assert!(named(&commands, kind).len() <= 10, "{kind}");
    }
    assert_eq!(named(&commands, "error").len(), 10);
    let kinds: Vec<_> = commands.iter().map(|command| command.name.as_str()).collect();
    assert!(kinds.is_sorted_by_key(|kind| ["error", "warning", "notice"].iter().position(|k| k == kind)));
    assert!(
        text.lines().any(|line| line.contains("more errors") && line.contains("--format markdown")),
        "{text}"
    );
    assert!(commands.iter().all(|command| command.data.chars().count() < 4096));
}

#[test]
fn errors_and_what_is_missing_have_their_annotation() {
    let files = [("a b,c.json", "{\n  \"cluster\": }"), ("demo.json", DEMO)];
    let text = written(Github, &files, &["addon-unhealthy"], |report| {
        report.rule_errors.push(Problem {
            file: "my-rules/x.yaml".to_owned(),
            place: Some(LineColumn::of(3, 7)),
            rule: Some("x".to_owned()),
            message: "unknown key `serverity`".to_owned(),
        });
    });
    let commands = commands(&text);
    let [error] = named(&commands, "error")[..] else { panic!("{text}") };
    assert_eq!((&*error.properties["file"], &*error.properties["line"]), ("my-rules/x.yaml", "3"));
    assert!(error.data.contains("serverity") && error.data.contains("and 1 more"), "{error:?}");
    let [warning] = named(&commands, "warning")[..] else { panic!("{text}") };
    assert!(
        warning.data.contains("has not passed") && warning.data.contains("ec2:DescribeSubnets"),
        "{warning:?}"
    );
    assert!(text.contains("not evaluated"), "{text}");
}

#[test]
fn a_broken_file_is_shown_at_its_line() {
    let text = written(Github, &[("a b,c.json", "{\n  \"cluster\": }")], RULES, |_| {});
    let commands = commands(&text);
    let [error] = named(&commands, "error")[..] else { panic!("{text}") };
    assert_eq!((&*error.properties["file"], &*error.properties["line"]), ("a b,c.json", "2"));
    assert!(!error.properties.contains_key("col"), "{error:?}");
}

#[test]
fn what_is_no_file_has_no_place_and_says_its_cluster() {
    let live = |scan: &mut ekslint::scan::Scan| {
        for finding in scan.clusters.iter_mut().flat_map(|cluster| &mut cluster.judgement.findings) {
            Arc::make_mut(&mut finding.primary.file).kind = SourceFileKind::Live;
        }
    };
    let text = written_after(Github, &[("aws/1/eu/eks/demo.json", DEMO)], RULES, live, |_| {});
    for text in [text, written(Github, &[("<stdin>", DEMO)], RULES, |_| {})] {
        let commands = commands(&text);
        assert!(commands.len() > 2, "{text}");
        let found = commands.iter().filter(|command| !command.properties["title"].starts_with("ekslint:"));
        for command in found {
            assert!(
                !command.properties.contains_key("file") && command.data.starts_with("demo: "),
                "{command:?}"
            );
        }
    }
}

#[test]
fn a_clean_scan_has_totals_and_no_annotation() {
    let clean = LINES.lines().next().expect("a line");
    let text = written(Github, &[("a.json", clean)], RULES, |_| {});
    assert!(commands(&text).is_empty() && text.starts_with("No findings"), "{text}");
}
