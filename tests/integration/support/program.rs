//! The program as people start it: in a folder, with standard input.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs the program in a folder: exit code, standard output and standard error.
pub(crate) fn run(dir: &Path, arguments: &[&str]) -> (i32, String, String) {
    piped(dir, arguments, "")
}

/// The same with standard input.
pub(crate) fn piped(dir: &Path, arguments: &[&str], input: &str) -> (i32, String, String) {
    started(dir, arguments, input, "200")
}

/// The same for a terminal of so many columns.
pub(crate) fn started(dir: &Path, arguments: &[&str], input: &str, columns: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ekslint"));
    // The folder may be below a repository of somebody else's.
    command.env("GIT_CEILING_DIRECTORIES", dir.parent().unwrap_or(dir)).env_remove("GITHUB_ACTIONS");
    command.env("COLUMNS", columns);
    let command = command.args(arguments).current_dir(dir).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A program that ends before it has read all is no failure of this.
    let _ended = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}
