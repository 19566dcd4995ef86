//! The files for GitHub, pre-commit and Docker: they are valid, safe by the word of other tools, and say the same
//! things. What the action's scripts do is tested by running them outside GitHub.
#![cfg(unix)]

use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

mod comment;
#[path = "../integration/support/git.rs"]
mod git;
mod install;
mod installers;
mod pins;
mod plays;
mod pre_commit;
#[path = "../integration/support/python.rs"]
mod python;
mod release;
mod scan;

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A program of the environment that has what these files are checked with.
fn tool(name: &str) -> Command {
    let python = python::environment("github", "tests/requirements-github.txt");
    Command::new(python.with_file_name(name))
}

fn zizmor() -> Command {
    let python = python::environment("zizmor", "tests/requirements-zizmor.txt");
    let mut command = Command::new(python.with_file_name("zizmor"));
    // Without what a GitHub runner sets: it would go online, and write annotations.
    command.env_remove("GH_TOKEN").env_remove("GITHUB_TOKEN").env_remove("GITHUB_ACTIONS");
    command.args(["--offline", "--no-progress", "--strict-collection"]);
    command
}

fn text_of(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Runs a check in the root of the project, which must find nothing.
#[track_caller]
fn passes(command: &mut Command) {
    let output = command.current_dir(root()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}\n{}", output.status, text_of(&output));
}

/// Makes a directory of programs that come first on the path, then a fake one in it.
fn fake(directory: &Path, name: &str, script: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(directory).expect("a directory for programs");
    let file = directory.join(name);
    fs::write(&file, format!("#!/usr/bin/env bash\nset -eu\n{script}\n")).expect("a program");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("a program that runs");
}

/// The path, with a directory before all others.
fn path_with(first: &Path) -> std::ffi::OsString {
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(first.to_owned()).chain(std::env::split_paths(&rest));
    std::env::join_paths(all).expect("a path")
}

fn files_in(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(root().join(folder))
        .unwrap_or_else(|error| panic!("{folder}: {error}"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension() == Some(OsStr::new(extension)))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{folder} has no .{extension}");
    found
}

fn read(file: impl AsRef<Path>) -> String {
    let file = root().join(file);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The YAML blocks of the page, in its order.
fn yaml_blocks() -> Vec<String> {
    let page = read("docs/github.md");
    let block = Regex::new(r"(?ms)^```yaml\n(.*?)^```$").expect("a pattern");
    block.captures_iter(&page).map(|found| found[1].to_owned()).collect()
}

/// The workflows that the page shows, written below `.github/workflows` of a directory of their own.
fn workflows_of_the_page() -> (tempfile::TempDir, Vec<PathBuf>) {
    let directory = tempfile::tempdir().expect("a directory");
    let folder = directory.path().join(".github/workflows");
    fs::create_dir_all(&folder).expect("a directory");
    let blocks = yaml_blocks();
    let files: Vec<PathBuf> = blocks
        .iter()
        .filter(|block| block.contains("\njobs:\n"))
        .enumerate()
        .map(|(at, block)| {
            let file = folder.join(format!("example-{at}.yml"));
            fs::write(&file, block).expect("a file");
            file
        })
        .collect();
    assert!(files.len() >= 3, "the page shows {} workflows", files.len());
    (directory, files)
}

#[test]
fn zizmor_finds_nothing() {
    passes(zizmor().args(["--persona", "auditor", "."]));
}

#[test]
fn files_follow_the_schemas_of_github() {
    let (_directory, examples) = workflows_of_the_page();
    let workflows = files_in(".github/workflows", "yml");
    let schema = |name: &str| {
        let mut command = tool("check-jsonschema");
        command.args(["--builtin-schema", &format!("vendor.{name}")]);
        command
    };
    passes(schema("github-workflows").args(workflows).args(examples));
    passes(schema("github-actions").arg("action.yml"));
    passes(schema("dependabot").arg(".github/dependabot.yml"));
}

#[test]
fn pre_commit_takes_the_hooks_and_the_configurations_of_the_page() {
    passes(tool("pre-commit").args(["validate-manifest", ".pre-commit-hooks.yaml"]));
    let directory = tempfile::tempdir().expect("a directory");
    let mut shown = 0;
    for block in yaml_blocks().iter().filter(|block| block.starts_with("repos:\n")) {
        let file = directory.path().join(".pre-commit-config.yaml");
        fs::write(&file, block).expect("a file");
        passes(tool("pre-commit").arg("validate-config").arg(&file));
        shown += 1;
    }
    assert!(shown > 0, "the page shows no configuration of pre-commit");
}

#[test]
fn every_yaml_block_of_the_page_is_checked() {
    let unchecked: Vec<String> = yaml_blocks()
        .into_iter()
        .filter(|block| !block.contains("\njobs:\n") && !block.starts_with("repos:\n"))
        .collect();
    assert!(unchecked.is_empty(), "neither a workflow nor a configuration of pre-commit: {unchecked:#?}");
}

#[test]
fn shellcheck_finds_nothing() {
    let scripts = [files_in(".github/action", "sh"), files_in(".github/release", "sh")].concat();
    passes(tool("shellcheck").arg("--enable=all").arg("--exclude=SC2249,SC2250,SC2310,SC2312").args(scripts));
    passes(tool("shellcheck").args(["--exclude=SC1091", ".ci/run"]));
}

#[test]
fn hadolint_finds_nothing() {
    passes(tool("hadolint").arg("Dockerfile"));
}

/// Every `uses` of another repository: the action, and what is after the `@`.
fn uses() -> Vec<(String, String)> {
    let pattern = Regex::new(r"(?m)^[ -]*uses: (\S+?)@(.+)$").expect("a pattern");
    let mut texts: Vec<String> = files_in(".github/workflows", "yml").iter().map(read).collect();
    texts.push(read("action.yml"));
    texts.extend(pins::pages().into_iter().map(|(_, text)| text));
    let found = texts.iter().flat_map(|text| pattern.captures_iter(text));
    found.map(|found| (found[1].to_owned(), found[2].to_owned())).collect()
}

#[test]
fn actions_are_pinned_by_hash_and_the_same_everywhere() {
    let pinned = Regex::new(r"^[0-9a-f]{40} # v\d+\.\d+\.\d+$").expect("a pattern");
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (action, reference) in uses() {
        assert!(pinned.is_match(&reference), "{action}@{reference} is not pinned as `HASH # vX.Y.Z`");
        // The actions of one repository are released together.
        let repository = action.splitn(3, '/').take(2).collect::<Vec<_>>().join("/");
        seen.entry(repository).or_default().insert(reference);
    }
    let several: Vec<_> = seen.iter().filter(|(_, references)| references.len() > 1).collect();
    assert!(several.is_empty(), "{several:#?}");
    assert!(seen.len() >= 5, "only {} actions found", seen.len());
}

/// The names that are keys of a section at the top of action.yml.
fn keys_of(section: &str) -> BTreeSet<String> {
    let text = read("action.yml");
    let (_, rest) = text.split_once(&format!("\n{section}:\n")).expect("the section");
    let key = Regex::new(r"^  ([a-z-]+):$").expect("a pattern");
    rest.lines()
        .take_while(|line| line.is_empty() || line.starts_with(' '))
        .filter_map(|line| key.captures(line).map(|found| found[1].to_owned()))
        .collect()
}

#[test]
fn the_page_lists_every_input_and_output() {
    let page = read("docs/github.md");
    let rows = |heading: &str| -> BTreeSet<String> {
        let (_, rest) = page.split_once(heading).unwrap_or_else(|| panic!("the page has no {heading}"));
        let row = Regex::new(r"^\| `([a-z-]+)` \|").expect("a pattern");
        let section = rest.lines().take_while(|line| !line.starts_with('#'));
        section.filter_map(|line| row.captures(line).map(|found| found[1].to_owned())).collect()
    };
    assert_eq!(rows("### Inputs\n"), keys_of("inputs"));
    assert_eq!(rows("### Outputs\n"), keys_of("outputs"));
}

#[test]
fn the_action_sets_what_its_scripts_read() {
    let name = Regex::new(r"EKSLINT_[A-Z_]+").expect("a pattern");
    let names = |text: &str| -> BTreeSet<String> {
        name.find_iter(text).map(|found| found.as_str().to_owned()).collect()
    };
    let mut read_by_scripts = names(&read(".github/action/scan.sh"));
    for script in ["install.sh", "comment.sh"] {
        read_by_scripts.extend(names(&read(Path::new(".github/action").join(script))));
    }
    // For mirrors; whoever has one sets it for the whole job.
    assert!(read_by_scripts.remove("EKSLINT_RELEASES"));
    assert_eq!(names(&read("action.yml")), read_by_scripts);
}

#[test]
fn each_variable_has_the_input_of_its_name() {
    let pattern = Regex::new(r"EKSLINT_([A-Z_]+): \$\{\{ inputs\.([a-z-]+) \}\}").expect("a pattern");
    let text = read("action.yml");
    // What steps take themselves.
    let mut inputs = BTreeSet::from(["token", "working-directory", "html-name"].map(str::to_owned));
    for found in pattern.captures_iter(&text) {
        assert_eq!(found[1].to_ascii_lowercase().replace('_', "-"), found[2]);
        inputs.insert(found[2].to_owned());
    }
    assert_eq!(inputs, keys_of("inputs"));
}

#[test]
fn no_expression_stands_in_a_script_of_the_action() {
    for line in read("action.yml").lines().filter(|line| line.trim_start().starts_with("run:")) {
        assert!(!line.contains("${{"), "an expression becomes part of the script: {line}");
    }
}

#[test]
fn the_image_of_the_hook_is_that_of_this_version() {
    let image = format!("ghcr.io/ekslint/ekslint:{VERSION} ");
    assert!(
        read(".pre-commit-hooks.yaml").contains(&image),
        "the docker hook has another image than {image}"
    );
    assert!(read("docs/github.md").contains(&format!("rev: v{VERSION}")), "the page shows another `rev`");
}
