//! The hooks in a repository that uses them, with the real ekslint.

use super::{path_with, root, text_of, tool};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A repository with a snapshot, whose commits are checked by the hook `ekslint-system`.
struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        let project = Self(tempfile::tempdir().expect("a directory"));
        let hooks = project.file("hooks");
        fs::create_dir(&hooks).expect("a directory");
        fs::copy(root().join(".pre-commit-hooks.yaml"), hooks.join(".pre-commit-hooks.yaml"))
            .expect("a copy");
        commit(&hooks);
        let revision = git(&hooks, &["rev-parse", "HEAD"]);

        fs::create_dir_all(project.file("project/clusters")).expect("a directory");
        let configuration = format!(
            "repos:\n  - repo: {}\n    rev: {revision}\n    hooks:\n      - id: ekslint-system\n        args: [clusters]\n",
            hooks.display(),
        );
        project.write(".pre-commit-config.yaml", &configuration);
        project.write("other.json", "{\"name\": \"no snapshot\"}\n");
        let snapshot = fs::read_to_string(root().join("fixtures/private-hardened.json")).expect("a fixture");
        project.write("clusters/prod.json", &snapshot);
        commit(&project.file("project"));

        let programs = project.file("bin");
        fs::create_dir(&programs).expect("a directory");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_ekslint"), programs.join("ekslint")).expect("a link");
        project
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.file("project").join(file), text).expect("a file");
    }

    /// Stages everything and runs the hooks, as `git commit` does.
    fn check(&self) -> Output {
        let project = self.file("project");
        git(&project, &["add", "--all"]);
        let mut command = tool("pre-commit");
        // Quiet about what is around this test: a hook of this repository that runs the tests.
        for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "SKIP", "PRE_COMMIT_COLOR"] {
            command.env_remove(name);
        }
        let command = command.args(["run", "--verbose", "--color=never"]).current_dir(project);
        let command =
            command.env("PRE_COMMIT_HOME", self.file("cache")).env("PATH", path_with(&self.file("bin")));
        command.output().expect("pre-commit runs")
    }
}

fn git(directory: &Path, arguments: &[&str]) -> String {
    let settings = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"];
    let mut command = Command::new("git");
    command
        .args(settings)
        .args(arguments)
        .current_dir(directory)
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE");
    let output = command.output().expect("git runs");
    assert!(output.status.success(), "{command:?}: {}", text_of(&output));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn commit(directory: &Path) {
    git(directory, &["init", "--quiet"]);
    git(directory, &["add", "--all"]);
    git(directory, &["commit", "--quiet", "--no-verify", "--message=first"]);
}

#[test]
fn a_commit_without_snapshots_is_not_scanned() {
    let project = Project::new();
    project.write("README.md", "Hello.\n");
    let output = project.check();
    assert!(output.status.success(), "{}", text_of(&output));
    assert!(text_of(&output).contains("(no files to check)"), "{}", text_of(&output));
}

#[test]
fn the_files_of_other_tools_do_not_start_a_scan() {
    let project = Project::new();
    fs::create_dir_all(project.file("project/web/.vscode")).expect("a directory");
    for file in
        ["package.json", "web/package-lock.json", "web/tsconfig.base.json", "web/.vscode/settings.json"]
    {
        project.write(file, "{}\n");
    }
    let output = project.check();
    assert!(text_of(&output).contains("(no files to check)"), "{}", text_of(&output));
    project.write("ekslint.toml", "strict = false\n");
    let output = project.check();
    assert!(text_of(&output).contains("Passed"), "{}", text_of(&output));
}

#[test]
fn a_repository_that_names_no_snapshots_is_shown_the_next_step() {
    let project = Project::new();
    let configuration = fs::read_to_string(project.file("project/.pre-commit-config.yaml")).expect("a file");
    project.write(".pre-commit-config.yaml", &configuration.replace("        args: [clusters]\n", ""));
    project.write("other.json", "{}\n");
    let output = project.check();
    assert_eq!(output.status.code(), Some(1), "{}", text_of(&output));
    assert!(text_of(&output).contains("ekslint config init"), "{}", text_of(&output));
    assert!(text_of(&output).contains("args: [fixtures]"), "{}", text_of(&output));
}

#[test]
fn a_changed_file_that_is_no_snapshot_does_not_fail_the_commit() {
    let project = Project::new();
    project.write("other.json", "{\"name\": \"still no snapshot\"}\n");
    let output = project.check();
    assert!(output.status.success(), "{}", text_of(&output));
    assert!(text_of(&output).contains("Passed"), "{}", text_of(&output));
}

#[test]
fn a_snapshot_with_findings_fails_the_commit() {
    let project = Project::new();
    let open = fs::read_to_string(root().join("fixtures/study-lab.json")).expect("a fixture");
    project.write("clusters/lab.json", &open);
    let output = project.check();
    assert_eq!(output.status.code(), Some(1), "{}", text_of(&output));
    assert!(text_of(&output).contains("exit code: 1"), "{}", text_of(&output));
    assert!(text_of(&output).contains("clusters/lab.json:"), "{}", text_of(&output));
    assert!(!text_of(&output).contains("clusters/prod.json:"), "{}", text_of(&output));
    // A line for each finding, and nothing else.
    let said = text_of(&output);
    let (_, said) = said.split_once("exit code: 1").expect("the exit code");
    assert!(
        said.lines().filter(|line| !line.is_empty()).all(|line| line.starts_with("clusters/lab.json:")),
        "{said}"
    );
}
