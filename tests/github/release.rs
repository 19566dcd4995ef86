//! `.github/release/`: what becomes of a tag.

use super::{VERSION, fake, read, root, text_of};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Answers as ekslint does when an archive is made of it.
const EKSLINT: &str = r#"
case "$1" in
  --version) echo "ekslint VERSION" ;;
  completions) echo "completions of $2" ;;
  man) touch "$3/ekslint.1" "$3/ekslint-scan.1" ;;
  *) exit 2 ;;
esac
"#;

/// Makes the archive of a release in `out`, from a fake ekslint.
pub(super) fn package(version: &str, says: &str, target: &str, out: &Path) -> Output {
    let directory = tempfile::tempdir().expect("a directory");
    fake(directory.path(), "ekslint", &EKSLINT.replace("VERSION", says));
    Command::new("bash")
        .arg(root().join(".github/release/package.sh"))
        .args([version, target])
        .arg(directory.path())
        .arg(out)
        .output()
        .expect("bash runs")
}

#[test]
fn an_archive_has_all_that_belongs_to_a_release() {
    let out = tempfile::tempdir().expect("a directory");
    let output = package("1.2.3", "1.2.3", "x86_64-unknown-linux-musl", out.path());
    assert!(output.status.success(), "{}", text_of(&output));
    let name = "ekslint-v1.2.3-x86_64-unknown-linux-musl";
    let list = Command::new("tar").arg("-tzf").arg(out.path().join(format!("{name}.tar.gz"))).output();
    let list = text_of(&list.expect("tar runs"));
    let mut files: Vec<&str> = list.lines().filter(|line| !line.ends_with('/')).collect();
    files.sort_unstable();
    let wanted = [
        "CHANGELOG.md",
        "LICENSE",
        "NOTICE.md",
        "README.md",
        "completions/_ekslint",
        "completions/_ekslint.ps1",
        "completions/ekslint.bash",
        "completions/ekslint.fish",
        "ekslint",
        "man/ekslint-scan.1",
        "man/ekslint.1",
    ];
    assert_eq!(files, wanted.map(|file| format!("{name}/{file}")));
}

#[test]
fn a_binary_of_another_version_is_not_packaged() {
    let out = tempfile::tempdir().expect("a directory");
    let output = package("1.2.3", "1.2.2", "x86_64-unknown-linux-musl", out.path());
    assert!(!output.status.success());
    assert!(text_of(&output).contains("«ekslint 1.2.2», not «ekslint 1.2.3»"), "{}", text_of(&output));
    assert_eq!(fs::read_dir(out.path()).expect("a directory").count(), 0);
}

/// The commit of a tag.
const HASH: &str = "0123456789abcdef0123456789abcdef01234567";

/// Runs notes.sh in a copy of what it reads, with this changelog.
fn notes(tag: &str, changelog: &str) -> (Output, String) {
    let directory = tempfile::tempdir().expect("a directory");
    let script = directory.path().join(".github/release/notes.sh");
    fs::create_dir_all(script.parent().expect("a folder")).expect("a directory");
    for file in ["Cargo.toml", ".pre-commit-hooks.yaml", ".github/release/notes.sh"] {
        fs::copy(root().join(file), directory.path().join(file)).expect("a copy");
    }
    fs::write(directory.path().join("CHANGELOG.md"), changelog).expect("a file");
    let output = Command::new("bash")
        .arg(script)
        .args([tag, "notes.md"])
        .env("GITHUB_SHA", HASH)
        .output()
        .expect("bash runs");
    (output, fs::read_to_string(directory.path().join("notes.md")).unwrap_or_default())
}

#[test]
fn the_notes_are_the_section_of_the_changelog() {
    let changelog = format!(
        "# Changelog\n\n## [Unreleased]\n\n- Later.\n\n## [{VERSION}] - 2026-12-01\n\n### Added\n\n- This.\n\n## [0.0.1]\n\n- That.\n"
    );
    let (output, notes) = notes(&format!("v{VERSION}"), &changelog);
    assert!(output.status.success(), "{}", text_of(&output));
    let line = format!("- uses: ekslint/ekslint@{HASH} # v{VERSION}");
    assert_eq!(notes.trim(), format!("### Added\n\n- This.\n\n\n### The action\n\n```yaml\n{line}\n```"));
}

#[test]
fn a_tag_that_is_not_the_version_is_no_release() {
    let (output, _) = notes("v9.9.9", "## [9.9.9]\n\n- This.\n");
    assert!(!output.status.success());
    assert!(
        text_of(&output).contains(&format!("The tag is v9.9.9, but Cargo.toml says {VERSION}.")),
        "{}",
        text_of(&output)
    );
}

#[test]
fn a_release_without_notes_is_none() {
    for changelog in ["# Changelog\n", &format!("## [{VERSION}]\n\n## [0.0.1]\n\n- That.\n")] {
        let (output, _) = notes(&format!("v{VERSION}"), changelog);
        assert!(!output.status.success(), "{changelog}");
        assert!(text_of(&output).contains("has no section"), "{}", text_of(&output));
    }
}

#[test]
fn the_action_knows_every_target_that_is_released() {
    let install = read(".github/action/install.sh");
    let workflow = read(".github/workflows/release.yml");
    let targets: Vec<&str> =
        workflow.lines().filter_map(|line| line.trim().strip_prefix("- target: ")).collect();
    assert_eq!(targets.len(), 5, "{targets:?}");
    for target in &targets {
        assert!(install.contains(&format!(") echo {target} ;;")), "install.sh does not know {target}");
    }
    assert_eq!(
        install.matches(") echo ").count(),
        targets.len(),
        "install.sh knows more targets than there are"
    );
}
