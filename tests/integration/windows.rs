//! What files and command lines of Windows look like, on any system: ends of lines, and globs that no shell expanded. How
//! paths with `\` are read is tested in `src/source/path_text.rs`.

use crate::support::folder::{folder, write};
use assert_cmd::Command;
use std::path::Path;

/// A cluster that is open to everyone, on several lines.
const OPEN: &str = "{\n  \"cluster\": {\n    \"name\": \"demo\",\n    \"resourcesVpcConfig\": {\n      \"endpointPublicAccess\": true,\n      \"publicAccessCidrs\": [\"0.0.0.0/0\"]\n    }\n  }\n}\n";
const CONFIG: &str = "paths = ['c']\n\n[rules]\nendpoint-public-access-enabled = 'off' # superseded\n";

fn run(dir: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    let output = command.current_dir(dir).env_clear().args(arguments).output().expect("it runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().expect("an exit code"), String::from_utf8(text).expect("UTF-8"))
}

#[test]
fn ends_of_lines_change_nothing() {
    let ways = ["\n", "\r\n"].map(|end| {
        let with = |text: &str| text.replace('\n', end);
        let dir = folder(&[
            ("c/a.json", &with(OPEN)),
            ("ekslint.toml", &with(CONFIG)),
            ("list.txt", &with("c/a.json\n")),
        ]);
        let scan = ["scan", "--format", "concise", "--level", "all", "--as-of", "2026-11-21"];
        let before = run(dir.path(), &scan);
        assert!(before.1.contains("c/a.json:6:29: high endpoint-open-to-internet"), "{}", before.1);
        let listed = run(dir.path(), &[&scan[..], &["--files-from", "list.txt"]].concat());
        assert_eq!(run(dir.path(), &["baseline", "write", "--level", "all", "--as-of", "2026-11-21"]).0, 0);
        let baseline = std::fs::read_to_string(dir.path().join("ekslint-baseline.jsonl")).expect("UTF-8");
        write(dir.path(), "ekslint-baseline.jsonl", &with(&baseline));
        let known = run(dir.path(), &scan);
        assert!(known.0 == 0 && known.1.starts_with("No findings"), "{}", known.1);
        (before, listed, known)
    });
    assert_eq!(ways[0], ways[1]);
}

#[test]
fn a_quoted_glob_is_read_as_if_a_shell_had_expanded_it() {
    let dir =
        folder(&[("c/a.json", OPEN), ("c/b.json", &OPEN.replace("demo", "other")), ("c/note.txt", "x")]);
    let scan = ["scan", "--no-config", "--format", "concise", "--as-of", "2026-11-21"];
    let expanded = run(dir.path(), &[&scan[..], &["c/a.json", "c/b.json"]].concat());
    for glob in ["c/*.json", "./c/?.json", "**/*.json", "c/{a,b}.json"] {
        assert_eq!(run(dir.path(), &[&scan[..], &[glob]].concat()), expanded, "{glob}");
    }
    let (code, said) = run(dir.path(), &[&scan[..], &["c/*.yaml"]].concat());
    assert!(code == 2 && said.contains("c/*.yaml: matches no file"), "{said}");
}
