//! Python environments for tests that run Python tools.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

const PYTHON: &str = "python3";

#[cfg(windows)]
const PYTHON_IN_ENVIRONMENT: &str = "Scripts/python.exe";
#[cfg(not(windows))]
const PYTHON_IN_ENVIRONMENT: &str = "bin/python";

/// The Python of the virtual environment `target/python-NAME`, which has exactly what `requirements` pins (a path
/// from the root of the project).
///
/// The first test to ask makes the environment and the others wait for it; it is made again when the requirements
/// or the system's Python have changed.
///
/// # Panics
///
/// When there is no Python, or the packages cannot be installed. A test that needs them fails; it never skips.
pub(crate) fn environment(name: &str, requirements: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let requirements = root.join(requirements);
    let wanted = fs::read_to_string(&requirements)
        .unwrap_or_else(|error| panic!("{}: {error}", requirements.display()));
    let version =
        run(Command::new(PYTHON).arg("--version"), "install Python 3.11 or newer, so that `python3` runs");
    let wanted = format!("# {version}\n{wanted}");

    let target = root.join("target");
    fs::create_dir_all(&target).expect("target/ can be made");
    // The operating system releases the lock if this process dies.
    let lock = target.join(format!("python-{name}.lock"));
    let lock = File::create(lock).expect("a lock file in target/");
    lock.lock().expect("target/ is on a file system with locks");

    let directory = target.join(format!("python-{name}"));
    let python = directory.join(PYTHON_IN_ENVIRONMENT);
    // Written last, so an environment that was left half made is made again.
    let made = directory.join("made-from.txt");
    if python.exists() && fs::read_to_string(&made).is_ok_and(|text| text == wanted) {
        return python;
    }
    if directory.exists() {
        fs::remove_dir_all(&directory).expect("an outdated environment can be removed");
    }
    run(
        Command::new(PYTHON).args(["-m", "venv"]).arg(&directory),
        "install Python's venv module (on Debian and Ubuntu: the package python3-venv)",
    );
    run(
        Command::new(&python)
            .args(["-m", "pip", "install", "--disable-pip-version-check"])
            .args(["--quiet", "--no-input", "--require-hashes", "--no-deps", "--requirement"])
            .arg(&requirements),
        "this test installs its Python packages: give pip a package index that has what the file pins",
    );
    fs::write(&made, wanted).expect("the environment is writable");
    python
}

/// Runs a command to its end and gives what it printed; if it fails, says `advice` first.
fn run(command: &mut Command, advice: &str) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{advice}\n{command:?}: {error}"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{advice}\n{command:?}: {}\n{stderr}", output.status);
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
