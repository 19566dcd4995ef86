//! The AWS server of the tests: moto, extended (`tests/moto/README.md`).

use super::python;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

/// A process that listens.
pub(crate) struct Server {
    /// Where.
    pub(crate) url: String,
    /// Kept: the server ends when its standard input does.
    _process: Child,
}

/// Starts a Python program that says where it listens.
pub(crate) fn start(arguments: &[&str]) -> Server {
    let python = python::environment("moto", "tests/moto/requirements.txt");
    let mut process = std::process::Command::new(python)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the environment's Python runs");
    let mut line = String::new();
    let stdout = process.stdout.take().expect("a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("the server says where it listens");
    let url = line.trim().strip_prefix("listening on ").expect("the server starts").to_owned();
    Server { url, _process: process }
}
