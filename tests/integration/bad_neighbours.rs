//! No good document is lost because of a bad one beside it, and every bad one is said.

use crate::support::folder::folder;
use crate::support::open_cluster as open;
use assert_cmd::Command;
use insta::assert_snapshot;
use std::fs;
use std::path::Path;

/// Exit code, the places and the clusters of findings, and what is said beside them.
fn scan(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::cargo_bin("ekslint")
        .expect("the binary is built")
        .current_dir(dir)
        .env_clear()
        .args(["scan", "--select", "endpoint-open-to-internet", "--format", "concise", "--quiet"])
        .args(args)
        .output()
        .expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let found = |line: &str| {
        let (place, message) = line.split_once(" high endpoint-open-to-internet: ").unwrap_or((line, "?"));
        format!("{place} {}\n", message.split(' ').next().unwrap_or_default())
    };
    let findings = text(output.stdout).lines().map(found).collect();
    (output.status.code().expect("an exit code"), findings, text(output.stderr))
}

#[test]
fn every_good_line_is_judged_and_every_bad_one_is_said() {
    let (a, b) = (open("a"), open("b"));
    let mut files = Vec::new();
    for (what, bad) in [
        ("answer", r#"{"message": "No cluster found for name: x.", "code": "NotFound"}"#),
        ("early", "{\"cluster\":"),
        ("items", "[{\"cluster\":{\"name\":\"c\"}}, 1, {\"x\": 2}]"),
        ("log", "INFO reading clusters"),
        ("twice", r#"{"cluster":{"name":"c"},"cluster":{"name":"d"}}"#),
        ("value", "null"),
    ] {
        files.push((format!("{what}-1.json"), format!("{bad}\n{a}\n{b}\n")));
        files.push((format!("{what}-2.json"), format!("{a}\n{bad}\n{b}\n")));
        files.push((format!("{what}-3.json"), format!("{a}\n{b}\n{bad}")));
    }
    let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let dir = folder(&files);
    let (code, found, err) = scan(dir.path(), &["."]);
    assert_eq!((code, found.lines().count()), (2, 2 * files.len()));
    assert_snapshot!(format!("{found}{err}"));
    // The same whether the files are found or named.
    let names: Vec<_> = files.iter().map(|(name, _)| *name).collect();
    assert_eq!(scan(dir.path(), &names), (code, found, err));
}

#[test]
fn a_byte_that_is_not_utf_8_costs_its_line() {
    let dir = folder(&[]);
    let bytes =
        [open("a").as_bytes(), b"\n{\"cluster\":{\"name\":\"\xFF\"}}\n", open("b").as_bytes()].concat();
    fs::write(dir.path().join("fleet.json"), bytes).expect("a file");
    // Half a character of UTF-16.
    fs::write(dir.path().join("utf-16.json"), b"\xFF\xFE{\0\0\xD8}\0").expect("a file");
    let (code, found, err) = scan(dir.path(), &["fleet.json", "utf-16.json"]);
    assert_eq!(code, 2);
    assert_eq!(found, "fleet.json:1:95: a\nfleet.json:3:95: b\n");
    assert_snapshot!(err, @r"
    error: fleet.json:2:21: is neither UTF-8 text nor UTF-16 with a byte order mark; the AWS CLI writes UTF-8
    error: utf-16.json:1:2: is neither UTF-8 text nor UTF-16 with a byte order mark; the AWS CLI writes UTF-8
    ");
}

#[test]
fn what_several_commands_print_is_judged_one_by_one() {
    let pretty = |name: &str| {
        let value: serde_json::Value = serde_json::from_str(&open(name)).expect("JSON");
        serde_json::to_string_pretty(&value).expect("JSON")
    };
    let dir = folder(&[
        ("two.json", &format!("{}\n{}\n", pretty("a"), pretty("b"))),
        ("joined.json", &format!("{}{}", pretty("a"), pretty("b"))),
        ("broken.json", &format!("{}\n{}\n", pretty("a").replace("true", "tru"), pretty("b"))),
        ("list.json", &format!("[{},\n{},\n{}]", pretty("a"), pretty("x").replace("true", ""), pretty("b"))),
    ]);
    let (code, found, err) = scan(dir.path(), &["two.json", "joined.json"]);
    assert_eq!((code, err.as_str()), (1, ""));
    assert_eq!(found, "two.json:7:9: a\ntwo.json:18:9: b\njoined.json:7:9: a\njoined.json:17:9: b\n");
    let (code, found, err) = scan(dir.path(), &["broken.json", "list.json"]);
    assert_eq!(code, 2);
    assert_eq!(found, "broken.json:18:9: b\nlist.json:7:9: a\nlist.json:29:9: b\n");
    assert_snapshot!(err, @r"
    error: broken.json:5:34: is not JSON: expected ident
    error: list.json:16:31: is not JSON: expected value
    ");
}

#[test]
fn a_section_or_a_field_that_is_said_twice_is_an_error_that_names_both_places() {
    let cluster = r#""cluster": {"name": "a", "resourcesVpcConfig": {}}"#;
    let twice = [
        format!("{{{cluster},\n{cluster}}}"),
        format!("{{{cluster},\n\"nodegroups\": [],\n\"nodegroup\": {{\"nodegroupName\": \"a\"}}}}"),
        format!("{{{cluster},\n\"nodegroups\": null,\n\"nodegroups\": []}}"),
        format!("{{{cluster},\n\"name\": \"a\", \"arn\": \"b\",\n\"resourcesVpcConfig\": {{}}}}"),
        "{\"cluster\": {\"name\": \"a\",\n\"version\": \"1.30\",\n\"version\": \"1.36\"}}".to_owned(),
        "{\"cluster\": {\"name\": \"a\",\n\"ResourcesVpcConfig\": {},\n\"resourcesVpcConfig\": {}}}"
            .to_owned(),
        format!("{{{cluster}, \"Subnets\": [\n{{\"SubnetId\": \"b\",\n\"subnetId\": \"c\"}}]}}"),
        format!("{{{cluster}, \"x\": {{\"\\u0061\": 1,\n\"a\": 2}}}}"),
    ];
    let twice: Vec<_> = (1..).zip(twice).map(|(at, text)| (format!("{at}.json"), text)).collect();
    let written = |around: fn(&str, &str) -> String| {
        let files: Vec<_> =
            twice.iter().map(|(name, text)| (name.as_str(), around(text, &open("b")))).collect();
        folder(&files.iter().map(|(name, text)| (*name, text.as_str())).collect::<Vec<_>>())
    };
    let others = |found: &str| found.lines().filter(|line| line.ends_with(" b")).count();
    let (code, found, err) = scan(written(|text, other| format!("{text}\n{other}")).path(), &["."]);
    assert_eq!((code, found.lines().count(), others(&found)), (2, twice.len(), twice.len()));
    assert_snapshot!(err, @r"
    error: 1.json:2:1: has `cluster` twice, at 1:2 and here: remove the one that is wrong
    error: 2.json:3:1: has `nodegroups` and `nodegroup`, which say the same, at 2:1 and here: remove the one that is wrong
    error: 3.json:3:1: has `nodegroups` twice, at 2:1 and here: remove the one that is wrong
    error: 4.json:3:1: has `cluster` and `resourcesVpcConfig`, which say the same, at 1:2 and here: remove the one that is wrong
    error: 5.json:3:1: has `version` twice, at 2:1 and here: remove the one that is wrong
    error: 6.json:3:1: has `ResourcesVpcConfig` and `resourcesVpcConfig`, which say the same, at 2:1 and here: remove the one that is wrong
    error: 7.json:3:1: has `SubnetId` and `subnetId`, which say the same, at 2:2 and here: remove the one that is wrong
    error: 8.json:2:1: has `a` twice, at 1:60 and here: remove the one that is wrong
    ");
    let (code, found, _) = scan(written(|text, other| format!("[{text},\n{other}]")).path(), &["."]);
    assert_eq!((code, found.lines().count(), others(&found)), (2, twice.len(), twice.len()));
    // What people name may differ in its case alone.
    let tags = r#"{"cluster": {"name": "a", "resourcesVpcConfig": {}, "tags": {"Name": "x", "name": "y"}}}"#;
    let dir = folder(&[("tags.json", tags)]);
    assert_eq!(scan(dir.path(), &["tags.json"]), (1, "tags.json:1:27: a\n".to_owned(), String::new()));
}

#[test]
fn many_bad_lines_are_counted_and_what_is_no_json_at_all_is_one_problem() {
    let bad: String = (0..1_000).map(|at| format!("{{\"x\": {at}}}\n")).collect();
    let log: String = (0..1_000).map(|at| format!("12:{at} INFO {{}}\n")).collect();
    let dir =
        folder(&[("fleet.json", &format!("{bad}{}", open("a"))), ("a.log", &log), ("events.json", &bad)]);
    let (code, found, err) = scan(dir.path(), &["fleet.json"]);
    assert_eq!((code, found.as_str()), (2, "fleet.json:1001:95: a\n"));
    assert_eq!(err.lines().count(), 101);
    assert_eq!(
        err.lines().last(),
        Some("error: fleet.json: 900 more parts of it are not JSON, or no snapshots")
    );
    let (_, _, err) = scan(dir.path(), &["a.log"]);
    assert_eq!(
        err.lines().next(),
        Some("error: a.log:1:3: is not JSON: trailing characters (lines 1 to 1000)")
    );
    assert_eq!(err.lines().count(), 1);
    // A file that is found and holds no snapshot is passed over, however many lines it has.
    fs::remove_file(dir.path().join("fleet.json")).expect("removed");
    assert!(!scan(dir.path(), &["."]).2.contains("events.json:"));
}

#[test]
#[cfg(unix)]
fn what_has_no_end_is_refused_with_the_limit() {
    let dir = folder(&[("a.json", &open("a"))]);
    let mut said = String::new();
    for option in ["--baseline", "--files-from", "--config"] {
        let (code, _, err) = scan(dir.path(), &["a.json", option, "/dev/zero"]);
        assert_eq!(code, 2, "{option}");
        said.push_str(&err);
    }
    assert_snapshot!(said, @r"
    error: /dev/zero: is larger than 64 MiB
    error: --files-from: /dev/zero is larger than 64 MiB
    error: /dev/zero: is larger than 1 MiB
    ");
}
