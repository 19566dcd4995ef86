//! What tests run of npm: Node.js comes from a Python package, so that tests need nothing but Python.

use super::python;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The directory with what `tests/node/package-lock.json` pins. The first test to ask installs it and the others wait; it is
/// installed again when the lock file has changed.
///
/// # Panics
///
/// When it cannot be installed. A test that needs it fails; it never skips.
pub(crate) fn installed() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let directory = root.join("target/node");
    fs::create_dir_all(&directory).expect("target/ is writable");
    let lock = File::create(root.join("target/node.lock")).expect("a lock file in target/");
    lock.lock().expect("target/ is on a file system with locks");
    let wanted = fs::read_to_string(root.join("tests/node/package-lock.json")).expect("the lock file");
    let made = directory.join("made-from.txt");
    if fs::read_to_string(&made).is_ok_and(|text| text == wanted) {
        return directory;
    }
    for name in ["package.json", "package-lock.json"] {
        fs::copy(root.join("tests/node").join(name), directory.join(name)).expect("a file in target/");
    }
    let mut npm = Command::new(program("npm"));
    succeeds(npm.current_dir(&directory).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]));
    fs::write(&made, wanted).expect("target/ is writable");
    directory
}

/// A program of Node.js: `node` or `npm`.
pub(crate) fn program(name: &str) -> PathBuf {
    let python = python::environment("node", "tests/requirements-node.txt");
    python.with_file_name(if cfg!(windows) { format!("{name}.exe") } else { name.to_owned() })
}

/// Runs a command to its end and gives what it printed.
///
/// # Panics
///
/// When it fails.
pub(crate) fn succeeds(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{out}{err}");
    out
}
