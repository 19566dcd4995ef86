//! The picture of the README is real output: `docs/terminal.svg` is what the binary prints at the prompt that it shows.

use assert_cmd::Command;
use std::fs;
use std::path::Path;

/// What stands at the prompt, and is run. The day makes the picture the same on every day.
const COMMAND: &str = "ekslint scan fixtures/study-lab.json --as-of 2026-11-21";
/// How wide the terminal is.
const COLUMNS: &str = "100";

#[test]
fn the_picture_shows_what_the_binary_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    let arguments = COMMAND.split(' ').skip(1);
    command.current_dir(root).env_clear().env("COLUMNS", COLUMNS).env("CLICOLOR_FORCE", "1").args(arguments);
    let output = command.output().expect("it runs");
    let ansi = String::from_utf8(output.stdout).expect("UTF-8");
    let terminal = anstyle_svg::Term::new().palette(anstyle_svg::WIN10_CONSOLE);
    let picture = terminal.render_svg(&format!("$ {COMMAND}\n{}", shortened(&ansi)));
    // What is dim on a terminal is too dark to read on a page.
    let picture = picture.replace(".dimmed { opacity: 0.4; }", ".dimmed { opacity: 0.65; }");
    let file = root.join("docs/terminal.svg");
    if std::env::var_os("UPDATE_PICTURE").is_some() {
        fs::write(&file, &picture).expect("the picture is written");
    }
    let stored = fs::read_to_string(&file).unwrap_or_default();
    assert!(stored == picture, "docs/terminal.svg is stale; run UPDATE_PICTURE=1 cargo test picture");
}

/// The output without the findings that are medium or less, and with a row that says so.
fn shortened(ansi: &str) -> String {
    let rows: Vec<_> = ansi.lines().collect();
    let plain: Vec<_> = rows.iter().map(|row| anstream::adapter::strip_str(row).to_string()).collect();
    let first = plain.iter().position(|row| row.starts_with("medium ")).expect("a finding that is medium");
    let end = plain.iter().rposition(String::is_empty).expect("a blank row before the totals");
    assert!(first > 5 && first < end, "{first} {end}");
    assert!(!plain[first..end].iter().any(|row| row.starts_with("high ") || row.starts_with("critical ")));
    let rows_cut = end - first;
    let mark = format!("[ … {rows_cut} rows with the medium and low findings are cut from this picture … ]");
    [&rows[..first], &[mark.as_str()], &rows[end..]].concat().join("\n")
}
