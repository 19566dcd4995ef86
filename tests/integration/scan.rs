//! `ekslint scan` as a user runs it: the real binary on real files.

use crate::support::folder::folder;
use assert_cmd::Command;
use insta::assert_snapshot;
use std::path::Path;

/// A small cluster whose endpoint is open to everyone.
const OPEN: &str = r#"{
  "cluster": {
    "name": "demo",
    "arn": "arn:aws:eks:us-west-2:111122223333:cluster/demo",
    "version": "1.36",
    "resourcesVpcConfig": {
      "endpointPublicAccess": true,
      "endpointPrivateAccess": true,
      "publicAccessCidrs": ["0.0.0.0/0"]
    },
    "logging": {"clusterLogging": [{"types": ["audit"], "enabled": true}]}
  }
}
"#;

/// The binary, as if it ran on a terminal of 100 columns without colour, on a fixed day.
fn ekslint(dir: &Path) -> Command {
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    command.current_dir(dir).env_clear().env("COLUMNS", "100");
    command
}

fn scan(dir: &Path, args: &[&str]) -> (i32, String, String) {
    let output = ekslint(dir).args(["scan", "--as-of", "2026-11-21"]).args(args).output().expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_first_command_of_the_readme_shows_a_page_of_findings() {
    let (code, out, err) = scan(repository(), &["fixtures"]);
    assert_eq!(code, 1);
    assert!(!err.contains("error"), "{err}");
    assert_snapshot!(out);
}

#[test]
fn every_story_in_one_line_a_finding() {
    let (code, out, _) = scan(repository(), &["fixtures", "--format", "concise", "--level", "all"]);
    assert_eq!(code, 1);
    assert_snapshot!(out);
}

#[test]
fn the_page_fits_80_and_120_columns() {
    for width in ["80", "120"] {
        let output = ekslint(repository())
            .args([
                "scan",
                "fixtures/study-lab.json",
                "--as-of",
                "2026-11-21",
                "--select",
                "endpoint-open-to-internet",
            ])
            .env("COLUMNS", width)
            .output()
            .expect("it runs");
        assert_snapshot!(format!("width_{width}"), String::from_utf8(output.stdout).expect("UTF-8"));
    }
}

#[test]
fn a_directory_is_searched_and_other_json_is_passed_over() {
    let dir = folder(&[
        ("a/prod.json", OPEN),
        ("package.json", r#"{"name": "x", "version": "1.0.0"}"#),
        ("target/ignored.json", OPEN),
        (".gitignore", "target/\n"),
        ("notes.txt", "{}"),
    ]);
    let (code, out, err) = scan(dir.path(), &[".", "--format", "concise"]);
    assert_eq!(code, 1);
    assert_snapshot!(format!("{out}--- stderr\n{err}"));
}

#[test]
fn a_named_file_must_be_a_snapshot_and_the_others_are_judged_all_the_same() {
    let dir = folder(&[
        ("good.json", OPEN),
        ("package.json", r#"{"name": "x"}"#),
        (
            "error.json",
            r#"{"message": "No cluster found for name: x.", "code": "ResourceNotFoundException"}"#,
        ),
        (
            "update.json",
            r#"{"update": {"id": "1", "status": "InProgress", "type": "EndpointAccessUpdate", "params": []}}"#,
        ),
        ("broken.json", "{\"cluster\": {\n  \"name\": }"),
        ("newer.json", r#"{"schemaVersion": 3, "cluster": {"name": "x"}}"#),
    ]);
    let files = [
        "good.json",
        "package.json",
        "error.json",
        "update.json",
        "broken.json",
        "newer.json",
        "nowhere.json",
    ];
    let (code, out, err) = scan(dir.path(), &[&files[..], &["--format", "concise"]].concat());
    assert_eq!(code, 2, "an error beats findings");
    assert_snapshot!(format!("{out}--- stderr\n{err}"));
}

#[test]
fn standard_input_arrays_and_ndjson() {
    let line = serde_json::from_str::<serde_json::Value>(OPEN).expect("JSON").to_string();
    let (array, lines) = (format!("[{line},\n {line}]"), format!("{line}\nnot json\n{line}\n"));
    let dir = folder(&[("array.json", &array), ("lines.ndjson", &lines)]);
    let output = ekslint(dir.path())
        .args(["scan", "-", "--as-of", "2026-11-21", "--format", "concise", "-q"])
        .write_stdin(OPEN)
        .output()
        .expect("it runs");
    let stdin = String::from_utf8(output.stdout).expect("UTF-8");
    let (_, array, _) = scan(dir.path(), &["array.json", "--format", "concise", "-q"]);
    let (code, lines, err) = scan(dir.path(), &["lines.ndjson", "--format", "concise", "-q"]);
    assert_eq!(code, 2);
    assert_snapshot!(format!("{stdin}--- array\n{array}--- ndjson\n{lines}--- stderr\n{err}"));
}

#[test]
fn exit_codes() {
    let closed = OPEN.replace("0.0.0.0/0", "203.0.113.0/24");
    let dir = folder(&[
        ("open.json", OPEN),
        ("closed.json", &closed),
        ("none.json", "{}"),
        ("bad.yaml", "id: x\n"),
    ]);
    let code = |args: &[&str]| scan(dir.path(), args).0;
    assert_eq!(code(&["closed.json"]), 0);
    assert_eq!(code(&["open.json"]), 1);
    assert_eq!(code(&["open.json", "--fail-on", "critical"]), 0);
    assert_eq!(code(&["open.json", "--fail-on", "never"]), 0);
    assert_eq!(code(&["open.json", "--exit-zero"]), 0);
    assert_eq!(code(&["closed.json", "--strict"]), 3, "node groups and add-ons are not in the file");
    assert_eq!(code(&["open.json", "--strict"]), 3, "3 beats 1");
    assert_eq!(code(&["open.json", "--select", "endpoint-open-to-internet", "--strict"]), 1);
    assert_eq!(code(&["open.json", "none.json", "--strict"]), 2, "2 beats 3");
    assert_eq!(code(&["open.json", "--rules", "bad.yaml"]), 2);
    assert_eq!(code(&["open.json", "--select", "no-such-rule"]), 2);
    assert_eq!(code(&["open.json", "--param", "endpoint-open-to-internet.x=1"]), 2);
    assert_eq!(code(&["open.json", "--as-of", "yesterday"]), 2);
    assert_eq!(code(&["nowhere"]), 2);
    assert_eq!(code(&[]), 2);
}

#[test]
fn what_is_wrong_with_the_command_is_said_with_the_way_out() {
    let dir = folder(&[("open.json", OPEN)]);
    let mut said = String::new();
    for args in [
        &[][..],
        &["open.json", "--select", "endpoint-open-to-internt"],
        &["open.json", "--param", "endpoint-cidr-not-allowed.alowed=10.0.0.0/8"],
        &["open.json", "--param", "endpoint-nearly-open-to-internet.v4=wide"],
        &["open.json", "--format", "sarif", "--format", "json"],
        &["open.json", "--format", "pdf"],
        &["open.json", "--fail-on", "bad"],
        &["open.json", "--rules", "nowhere"],
    ] {
        let (code, _, err) = scan(dir.path(), args);
        assert_eq!(code, 2, "{args:?}");
        said.push_str(&format!("$ ekslint scan {}\n{err}\n", args.join(" ")));
    }
    assert_snapshot!(said);
}

#[test]
fn files_from_exclude_and_severity() {
    let dir = folder(&[("a.json", OPEN), ("b/c.json", OPEN), ("list", "a.json\n\n")]);
    let (_, listed, _) = scan(dir.path(), &["--files-from", "list", "--format", "concise", "-q"]);
    let (_, excluded, _) = scan(dir.path(), &[".", "--exclude", "b/**", "--format", "concise", "-q"]);
    assert_eq!(listed, excluded);
    assert!(listed.contains("a.json:9:29: high endpoint-open-to-internet"), "{listed}");
    let (_, high, _) = scan(dir.path(), &["a.json", "--severity", "high", "--format", "concise"]);
    assert_snapshot!(high);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let args = ["fixtures", "--level", "all"];
    assert_eq!(scan(repository(), &args), scan(repository(), &args));
}

#[test]
fn colour_is_for_terminals_and_for_who_asks() {
    let dir = folder(&[("open.json", OPEN)]);
    let (_, plain, _) = scan(dir.path(), &["open.json"]);
    let (_, always, _) = scan(dir.path(), &["open.json", "--color", "always"]);
    let (_, never, _) = scan(dir.path(), &["open.json", "--color", "never"]);
    assert!(!plain.contains('\u{1b}') && always.contains('\u{1b}'));
    assert_eq!(plain, never);
    assert_eq!(anstream::adapter::strip_str(&always).to_string(), plain);
}

#[test]
fn one_cluster_in_two_files_is_noticed() {
    let dir = folder(&[("a.json", OPEN), ("b.json", OPEN)]);
    let (_, _, err) = scan(dir.path(), &["."]);
    assert_snapshot!(err);
}

#[test]
fn long_lines_are_cut_and_columns_are_those_of_the_file() {
    let compact = serde_json::from_str::<serde_json::Value>(OPEN).expect("JSON");
    let padding = format!("{{\"팀\":\"{}\",{}", "가".repeat(300), &compact.to_string()[1..]);
    let dir = folder(&[("compact.json", &padding)]);
    let (_, out, _) = scan(dir.path(), &["compact.json", "--select", "endpoint-open-to-internet", "-q"]);
    assert_snapshot!(out);
}

#[test]
fn secrets_are_masked_in_excerpts() {
    let secret = OPEN.replace(
        "    },\n    \"logging\"",
        "    },\n    \"clientRequestToken\": \"token-4711\",\n    \"logging\"",
    );
    let dir = folder(&[("secret.json", &secret)]);
    let (_, out, _) =
        scan(dir.path(), &["secret.json", "--select", "endpoint-open-to-internet", "-q", "--full"]);
    assert!(!out.contains("4711"), "{out}");
    assert!(out.contains("\"clientRequestToken\": \"(secret)\""), "{out}");
}

#[test]
fn what_an_owner_writes_cannot_move_the_terminal() {
    let hostile = OPEN.replace("\"demo\"", r#""de\u001b[31mmo\u202e\r\n::error::x""#);
    let dir = folder(&[("hostile.json", &hostile)]);
    for format in ["text", "concise"] {
        let (_, out, err) = scan(dir.path(), &["hostile.json", "--format", format]);
        assert!(!out.contains(['\u{1b}', '\u{202e}', '\r']), "{out}");
        assert!(!out.lines().chain(err.lines()).any(|line| line.starts_with("::")), "{out}");
    }
}
