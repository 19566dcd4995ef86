//! Microsoft's SARIF multitool, with the rules for GitHub code scanning: a reader of SARIF that is not ours.

use super::node;
use serde_json::Value;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where npm puts the program, by operating system.
const PROGRAM: &str = if cfg!(windows) {
    "node_modules/@microsoft/sarif-multitool-win32/Sarif.Multitool.exe"
} else if cfg!(target_os = "macos") {
    "node_modules/@microsoft/sarif-multitool-darwin/Sarif.Multitool"
} else {
    "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
};

/// What the multitool says about a SARIF file: level, rule and text of each result.
pub(crate) fn verdicts(sarif: &Path) -> Vec<String> {
    let directory = installed();
    let output = sarif.with_extension("multitool.sarif");
    let run = tool(&directory)
        .args(["validate", "--rule-kind", "Sarif;Ghas", "--level", "Error;Warning"])
        .args(["--config", "config.xml", "--quiet", "true", "--log", "ForceOverwrite", "--output"])
        .args([&output, sarif])
        .output()
        .expect("the multitool runs");
    let text = fs::read_to_string(&output).unwrap_or_else(|error| {
        panic!("{error}: {}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr))
    });
    let log: Value =
        serde_json::from_str(text.trim_start_matches('\u{feff}')).expect("the multitool writes JSON");
    let run = &log["runs"][0];
    let broken = run["invocations"][0]["toolExecutionNotifications"].as_array().cloned().unwrap_or_default();
    let broken = broken.into_iter().filter(|one| one["level"] == "error");
    let results = run["results"].as_array().cloned().unwrap_or_default();
    let told = |one: Value| format!("{} {} {}", one["level"], one["ruleId"], one["message"]);
    results.into_iter().chain(broken).map(told).collect()
}

fn tool(directory: &Path) -> Command {
    let mut command = Command::new(directory.join(PROGRAM));
    command.current_dir(directory).env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1");
    command
}

/// The directory with the multitool, and a configuration in which the rules for GitHub are on, which they are not by
/// themselves.
fn installed() -> PathBuf {
    let directory = node::installed();
    let config = directory.join("config.xml");
    let lock = File::create(directory.join("config.lock")).expect("a lock file in target/");
    lock.lock().expect("target/ is on a file system with locks");
    if !config.exists() {
        executable(&directory.join(PROGRAM));
        let exported = directory.join("exported.xml");
        node::succeeds(tool(&directory).args(["export-validation-config", "exported.xml"]));
        let text = fs::read_to_string(exported).expect("the configuration");
        fs::write(&config, with_github_rules(&text)).expect("target/ is writable");
    }
    directory
}

/// The configuration with the rules for GitHub turned on.
fn with_github_rules(config: &str) -> String {
    let mut of_github = false;
    let line = |line: &str| {
        if line.contains("<Properties Key=") {
            of_github = line.contains("\"GH");
        }
        let on = of_github && line.contains("RuleEnabled");
        if on { line.replace("Value=\"Default\"", "Value=\"Error\"") } else { line.to_owned() }
    };
    let lines: Vec<_> = config.lines().map(line).collect();
    let changed = lines.iter().filter(|line| line.contains("Value=\"Error\"")).count();
    assert!(changed >= 7, "only {changed} rules for GitHub are on");
    lines.join("\n")
}

#[cfg(unix)]
fn executable(program: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).expect("the multitool is there");
}

#[cfg(not(unix))]
fn executable(_: &Path) {}
