//! Runs the command lines of a page, each page in a copy of the project of its own.

use super::elsewhere::{self, Place};
use super::names;
use super::page::{Block, Page, Step, root};
use super::shell::{Command, commands, programs};
use crate::support::{moto, python};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::LazyLock;
use std::time::Duration;
use tempfile::TempDir;

/// What a page may find: what a user of the repository has.
const COPIED: [&str; 5] = ["fixtures", "rules", "docs", ".github", "benches"];
const TIMEOUT: Duration = Duration::from_secs(120);

/// Where AWS is, for these commands: the server of the live tests, with a cluster `prod`.
static SERVER: LazyLock<moto::Server> =
    LazyLock::new(|| moto::start(&["tests/moto/server.py", "--seed", "docs"]));
static AWS_CLI: LazyLock<PathBuf> = LazyLock::new(|| {
    let python = python::environment("awscli", "tests/integration/docs/requirements.txt");
    python.parent().expect("a folder").to_owned()
});

/// What came of a page.
#[derive(Default)]
pub(crate) struct Ran {
    pub(crate) failures: Vec<String>,
    /// Commands that print something else than the page says.
    pub(crate) differences: Vec<String>,
    /// Commands that need a build that reads live clusters.
    pub(crate) left: Vec<String>,
    /// Commands that are run elsewhere, or cannot be.
    pub(crate) elsewhere: Vec<&'static str>,
    /// How many commands ran.
    pub(crate) count: usize,
    /// The page with what its commands print now.
    pub(crate) text: String,
}

/// Runs all commands of a page, in order.
pub(crate) fn run(page: &Page) -> Ran {
    let sandbox = Sandbox::new();
    let mut ran = Ran { text: page.text.clone(), ..Ran::default() };
    let mut changed = Vec::new();
    for step in &page.steps {
        match step {
            Step::Before(before) => {
                let output = sandbox.sh(&before.text, is_aws(&before.text));
                if !output.status.success() {
                    let text = text_of(&output);
                    ran.failures.push(format!("{}:{}: {}: {text}", page.path, before.line, before.text));
                }
            }
            Step::Block(block) => {
                if let Some(file) = &block.file {
                    sandbox.write(file, &block.text);
                }
                let printed = run_block(page, block, &sandbox, &mut ran);
                changed.extend(printed.map(|text| (block.place.clone(), text)));
            }
        }
    }
    for (place, text) in changed.into_iter().rev() {
        ran.text.replace_range(place, &text);
    }
    ran
}

/// Runs the commands of a block; gives its text if they print something else than it says.
fn run_block(page: &Page, block: &Block, sandbox: &Sandbox, ran: &mut Ran) -> Option<String> {
    let mut text = String::new();
    let mut differs = false;
    for command in commands(block) {
        let printed = run_one(page, &command, sandbox, ran);
        let expected = command.output.clone().unwrap_or_default();
        let output = printed.unwrap_or_else(|| expected.clone());
        if command.output.is_some() && output != expected {
            differs = true;
            let place = format!("{}:{}", page.path, command.line);
            ran.differences.push(format!(
                "{place}: `{}` prints\n{output}--- and not\n{expected}---\n(UPDATE_DOCS=1 writes what it prints into the page)",
                command.text
            ));
        }
        text += &format!("{}\n{output}", command.written);
        let ends = text.ends_with('\n');
        text += if ends { "" } else { "\n" };
    }
    differs.then_some(text)
}

/// Runs a command, unless that is not for this test; gives what it prints.
fn run_one(page: &Page, command: &Command, sandbox: &Sandbox, ran: &mut Ran) -> Option<String> {
    let place = format!("{}:{}: `{}`", page.path, command.line, command.text);
    let line = match elsewhere::of(&command.text) {
        Place::Here(line) => line,
        Place::Elsewhere(row) => {
            ran.elsewhere.push(row);
            return None;
        }
        Place::Nowhere(why) => {
            ran.failures.push(format!("{place}: {why}"));
            return None;
        }
    };
    if names::is_live(&line) && !cfg!(feature = "live") {
        ran.left.push(place);
        return None;
    }
    ran.count += 1;
    let output = sandbox.sh(&line, is_aws(&line) || names::is_live(&line));
    let code = output.status.code().unwrap_or(-1);
    let text = text_of(&output);
    let finds = ["ekslint scan", "ekslint diff", "ekslint report"].iter().any(|finds| line.contains(finds));
    if code != 0 && !(code == 1 && finds) {
        ran.failures.push(format!("{place}: exit code {code}\n{text}"));
    }
    Some(text)
}

fn is_aws(line: &str) -> bool {
    programs(line).iter().any(|words| words[0] == "aws")
}

fn text_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A working directory with what the repository has, and the environment of its commands.
struct Sandbox {
    directory: TempDir,
}

impl Sandbox {
    fn new() -> Self {
        let directory = TempDir::new().expect("a directory");
        let work = directory.path().join("ekslint");
        for name in COPIED {
            copy(&root().join(name), &work.join(name));
        }
        let files = fs::read_dir(root()).expect("the root").map(|entry| entry.expect("an entry").path());
        let is_copied = |path: &PathBuf| {
            path.extension().is_some_and(|e| ["md", "yml", "toml"].iter().any(|kind| e == *kind))
        };
        for file in files.filter(|path| path.is_file()).filter(is_copied) {
            copy(&file, &work.join(file.file_name().expect("a name")));
        }
        let sandbox = Self { directory };
        let git = "git init -q -b main && git add -A && git -c user.name=docs -c user.email=docs@example.com \
                   commit -q -m start";
        let output = sandbox.sh(git, false);
        assert!(output.status.success(), "git is needed: {}", text_of(&output));
        sandbox
    }

    fn work(&self) -> PathBuf {
        self.directory.path().join("ekslint")
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.work().join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// Runs a line as a shell does; standard error goes where standard output goes. In a pipe every program must
    /// succeed.
    fn sh(&self, line: &str, aws: bool) -> Output {
        let binary = Path::new(env!("CARGO_BIN_EXE_ekslint")).parent().expect("a folder").to_owned();
        let system = std::env::var_os("PATH").unwrap_or_default();
        let mut path: Vec<_> = std::iter::once(binary).chain(std::env::split_paths(&system)).collect();
        let mut command = assert_cmd::Command::new("bash");
        command.args(["--norc", "-o", "pipefail", "-c", &format!("exec 2>&1\n{line}")]);
        command.env_clear().current_dir(self.work()).timeout(TIMEOUT);
        command.env("HOME", self.directory.path()).env("COLUMNS", "100").env("LC_ALL", "C.UTF-8");
        command.env("AWS_EC2_METADATA_DISABLED", "true").env("GIT_CONFIG_NOSYSTEM", "1");
        if aws {
            path.push(AWS_CLI.clone());
            command.env("AWS_ENDPOINT_URL", &SERVER.url).env("AWS_REGION", "ap-northeast-2");
            command.env("AWS_ACCESS_KEY_ID", "AKIDDOCS").env("AWS_SECRET_ACCESS_KEY", "secret");
            command.env("AWS_DEFAULT_REGION", "ap-northeast-2");
        }
        command.env("PATH", std::env::join_paths(path).expect("folders"));
        command.output().expect("bash runs")
    }
}

/// Copies a file, or a folder with all below it.
fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        for entry in fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else if from.is_file() {
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::copy(from, to).expect("a copy");
    }
}
