//! The picture of the README is real output: `docs/terminal.svg` is what the binary prints.

use assert_cmd::Command;
use std::fs;
use std::path::Path;

#[test]
fn the_picture_shows_what_the_binary_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let args = [
        "scan",
        "fixtures/study-lab.json",
        "--as-of",
        "2026-11-21",
        "--select",
        "endpoint-open-to-internet,version-unsupported",
        "--color",
        "always",
    ];
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    let output =
        command.current_dir(root).args(args).env_clear().env("COLUMNS", "110").output().expect("it runs");
    let ansi = String::from_utf8(output.stdout).expect("UTF-8");
    let picture =
        anstyle_svg::Term::new().render_svg(&format!("$ ekslint scan fixtures/study-lab.json\n\n{ansi}"));
    let file = root.join("docs/terminal.svg");
    if std::env::var_os("UPDATE_PICTURE").is_some() {
        fs::write(&file, &picture).expect("the picture is written");
    }
    let stored = fs::read_to_string(&file).unwrap_or_default();
    assert!(stored == picture, "docs/terminal.svg is stale; run UPDATE_PICTURE=1 cargo test picture");
}
