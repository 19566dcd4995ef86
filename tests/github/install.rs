//! `.github/action/install.sh` with releases in a directory.

use super::{VERSION, fake, path_with, release, root, text_of};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const TARGET: &str = "x86_64-unknown-linux-musl";

/// A runner: Linux on x86-64, with a directory of releases and a place for fake programs.
struct Runner(tempfile::TempDir);

impl Runner {
    fn new() -> Self {
        let runner = Self(tempfile::tempdir().expect("a directory"));
        fs::create_dir(runner.file("temp")).expect("a directory");
        // Nobody's GitHub CLI takes part.
        fake(&runner.file("bin"), "gh", "exit 1");
        runner
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Publishes this version; gives its archive.
    fn release(&self, version: &str) -> PathBuf {
        let folder = self.file("releases").join(format!("v{version}"));
        let output = release::package(version, version, TARGET, &folder);
        assert!(output.status.success(), "{}", text_of(&output));
        let name = format!("ekslint-v{version}-{TARGET}.tar.gz");
        let archive = folder.join(&name);
        let digest: String = Sha256::digest(fs::read(&archive).expect("the archive"))
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let sums = format!("{}  {name}.sig\n{digest}  {name}\n", "0".repeat(64));
        fs::write(folder.join("SHA256SUMS"), sums).expect("a file");
        archive
    }

    fn command(&self, version: &str) -> Command {
        let mut command = Command::new("bash");
        command
            .arg(root().join(".github/action/install.sh"))
            .env("PATH", path_with(&self.file("bin")))
            .env("EKSLINT_VERSION", version)
            .env("EKSLINT_RELEASES", format!("file://{}", self.file("releases").display()))
            .env("GITHUB_ACTION_PATH", root())
            .env("GITHUB_PATH", self.file("paths"))
            .env("GITHUB_SERVER_URL", "https://github.com")
            .env("GH_TOKEN", "token")
            .env("RUNNER_TEMP", self.file("temp"))
            .env("RUNNER_OS", "Linux")
            .env("RUNNER_ARCH", "X64");
        command
    }

    fn install(&self, version: &str) -> Output {
        self.command(version).output().expect("bash runs")
    }

    /// The directories that the steps that follow find programs in.
    fn paths(&self) -> Vec<PathBuf> {
        let text = fs::read_to_string(self.file("paths")).unwrap_or_default();
        text.lines().map(PathBuf::from).collect()
    }

    /// What the installed ekslint says of its version.
    #[track_caller]
    fn installed(&self) -> String {
        let paths = self.paths();
        let [path] = paths.as_slice() else { panic!("{paths:?}") };
        let output = Command::new(path.join("ekslint")).arg("--version").output().expect("ekslint runs");
        text_of(&output).trim().to_owned()
    }
}

#[track_caller]
fn refused(output: &Output, runner: &Runner, why: &str) {
    assert_eq!(output.status.code(), Some(2), "{}", text_of(output));
    assert!(text_of(output).contains(why), "{}", text_of(output));
    assert!(text_of(output).contains("::error title=ekslint::"), "{}", text_of(output));
    assert_eq!(runner.paths(), Vec::<PathBuf>::new());
    assert!(!runner.file("temp/ekslint/bin/ekslint").exists());
}

#[test]
fn a_release_is_installed() {
    for version in ["7.8.9", "v7.8.9"] {
        let runner = Runner::new();
        runner.release("7.8.9");
        let output = runner.install(version);
        assert!(output.status.success(), "{}", text_of(&output));
        assert_eq!(runner.installed(), "ekslint 7.8.9");
        assert!(text_of(&output).contains("was not verified"), "{}", text_of(&output));
    }
}

#[test]
fn the_release_of_the_action_itself_is_installed_when_none_is_named() {
    let runner = Runner::new();
    runner.release(VERSION);
    let output = runner.install("");
    assert!(output.status.success(), "{}", text_of(&output));
    assert_eq!(runner.installed(), format!("ekslint {VERSION}"));
}

#[test]
fn an_archive_with_another_checksum_is_refused() {
    let runner = Runner::new();
    let archive = runner.release("7.8.9");
    fs::write(&archive, "something else").expect("a file");
    refused(&runner.install("7.8.9"), &runner, "has not the checksum");
}

#[test]
fn an_archive_without_a_checksum_is_refused() {
    for sums in ["", "  \n", &format!("{}  other.tar.gz\n", "0".repeat(64))] {
        let runner = Runner::new();
        let archive = runner.release("7.8.9");
        fs::write(archive.with_file_name("SHA256SUMS"), sums).expect("a file");
        refused(&runner.install("7.8.9"), &runner, "has not the checksum");
    }
}

/// A GitHub CLI that writes down what it is asked to verify, and answers with this exit code.
fn gh(runner: &Runner, code: u8) {
    let script = format!(
        "if [[ \"$*\" == *--help* ]]; then echo '--source-ref string'; exit 0; fi\n\
         printf '%s\\n' \"$@\" >'{}'\nexit {code}",
        runner.file("asked").display()
    );
    fake(&runner.file("bin"), "gh", &script);
}

#[test]
fn where_a_release_was_built_is_verified() {
    let runner = Runner::new();
    let _archive = runner.release("7.8.9");
    gh(&runner, 0);
    let output = runner.install("7.8.9");
    assert!(output.status.success(), "{}", text_of(&output));
    assert_eq!(runner.installed(), "ekslint 7.8.9");
    let asked = fs::read_to_string(runner.file("asked")).expect("gh was asked");
    let asked: Vec<&str> = asked.lines().collect();
    assert_eq!(asked[..2], ["attestation", "verify"]);
    assert!(Path::new(asked[2]).ends_with(format!("ekslint-v7.8.9-{TARGET}.tar.gz")));
    let signer = "ekslint/ekslint/.github/workflows/release.yml";
    assert_eq!(
        asked[3..],
        ["--repo", "ekslint/ekslint", "--signer-workflow", signer, "--source-ref", "refs/tags/v7.8.9"]
    );
}

#[test]
fn a_release_that_was_built_elsewhere_is_refused() {
    let runner = Runner::new();
    runner.release("7.8.9");
    gh(&runner, 1);
    refused(&runner.install("7.8.9"), &runner, "was not built by the release workflow");
}

#[test]
fn a_token_of_another_server_is_not_sent() {
    let runner = Runner::new();
    runner.release("7.8.9");
    gh(&runner, 1);
    let output = runner.command("7.8.9").env("GITHUB_SERVER_URL", "https://github.example.com").output();
    assert!(output.expect("bash runs").status.success());
    assert!(!runner.file("asked").exists());
}

#[test]
fn a_release_that_is_not_there_is_an_error() {
    let runner = Runner::new();
    runner.release("7.8.9");
    refused(&runner.install("7.8.8"), &runner, "no release v7.8.8");
    let output = runner.command("7.8.9").env("RUNNER_ARCH", "ARM").output().expect("bash runs");
    refused(&output, &runner, "no release v7.8.9 for Linux ARM");
}

#[test]
fn a_version_is_a_version() {
    let runner = Runner::new();
    for version in ["latest", "1.2", "../../x", "1.2.3;touch x", "1.2.3\n4.5.6"] {
        refused(&runner.install(version), &runner, "`version` is none");
    }
}

/// A cargo that writes down its arguments and installs something that runs.
fn cargo(runner: &Runner) {
    let script = format!(
        "printf '%s\\n' \"$@\" >'{asked}'\nmkdir -p '{bin}'\n\
         printf '#!/bin/sh\\necho built\\n' >'{bin}/ekslint'\nchmod +x '{bin}/ekslint'",
        asked = runner.file("asked").display(),
        bin = runner.file("temp/ekslint/bin").display(),
    );
    fake(&runner.file("bin"), "cargo", &script);
}

#[track_caller]
fn built(output: &Output, runner: &Runner) {
    assert!(output.status.success(), "{}", text_of(output));
    assert_eq!(runner.installed(), "built");
    let asked = fs::read_to_string(runner.file("asked")).expect("cargo was asked");
    let (path, home) = (root().display().to_string(), runner.file("temp/ekslint").display().to_string());
    assert_eq!(asked.lines().collect::<Vec<_>>(), ["install", "--path", &path, "--locked", "--root", &home]);
}

#[test]
fn the_source_is_built_when_asked() {
    let runner = Runner::new();
    cargo(&runner);
    built(&runner.install("source"), &runner);
}

#[test]
fn the_source_is_built_when_the_own_version_has_no_release_for_the_machine() {
    let runner = Runner::new();
    cargo(&runner);
    let output = runner.install("");
    built(&output, &runner);
    assert!(
        text_of(&output).contains("::warning title=ekslint::There is no release"),
        "{}",
        text_of(&output)
    );
}

#[test]
fn a_broken_release_is_not_built_around() {
    let runner = Runner::new();
    cargo(&runner);
    let archive = runner.release(VERSION);
    fs::write(&archive, "something else").expect("a file");
    refused(&runner.install(""), &runner, "has not the checksum");
    assert!(!runner.file("asked").exists());
}

#[test]
fn an_installed_ekslint_is_taken() {
    let runner = Runner::new();
    fake(&runner.file("bin"), "ekslint", "true");
    let output = runner.install("installed");
    assert!(output.status.success(), "{}", text_of(&output));
    assert_eq!(runner.paths(), Vec::<PathBuf>::new());
}
