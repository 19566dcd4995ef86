//! Which command lines of the documentation are not run by its test, and why.

use super::page::root;
use super::shell::programs;
use std::fs;

/// Programs that pages may use besides ekslint, cargo and aws: those of any system, and two to install.
const USUAL: [&str; 20] = [
    "cat", "cd", "cp", "diff", "echo", "export", "git", "grep", "gzip", "head", "jq", "ls", "mkdir", "mv",
    "printf", "read", "rm", "sed", "tail", "test",
];

/// Who holds a command instead.
enum Holder {
    /// `.ci/run`, which has this line.
    Ci(&'static str),
    /// Nobody, for this reason.
    Nobody(&'static str),
}

use Holder::{Ci, Nobody};

/// Command lines that are not run here: what they begin with, and who holds them.
const ELSEWHERE: &[(&str, Holder)] = &[
    (
        "cargo build --no-default-features",
        Ci(
            "CARGO_PROFILE_DEV_OPT_LEVEL=2 MUTATE=all cargo test --locked --no-default-features --test robustness",
        ),
    ),
    ("cargo build", Ci("cargo test --locked")),
    (
        "cargo clippy --all-targets -- -D warnings",
        Ci("cargo clippy --all-targets --locked -- -D warnings || lints=$?"),
    ),
    ("cargo fmt --all --check", Ci("cargo fmt --all --check")),
    ("cargo test", Ci("cargo test --locked")),
    ("UPDATE_DOCS=1 cargo test --test integration docs", Nobody("it is this test")),
    ("cargo insta review", Nobody("it asks questions, and is a program to install")),
    ("docker run", Nobody("the image comes with a release, and a test has no Docker")),
    ("gh attestation verify", Nobody("it asks GitHub about a release")),
    ("terraform plan", Nobody("a test has no Terraform, and a plan takes credentials")),
    ("terraform show", Nobody("a test has no Terraform, and a plan takes credentials")),
    ("cargo bench", Nobody("it measures for minutes")),
    ("curl -fsSL", Nobody("it downloads a release; tests/github runs its install.sh on one in a directory")),
    ("sha256sum --check", Nobody("it checks what was downloaded")),
    ("tar -xzf", Nobody("it unpacks what was downloaded")),
    ("brew ", Nobody("a test has no Homebrew; tests/github holds what the formula says")),
    ("cargo binstall ekslint", Nobody("it downloads a release; tests/github holds its address")),
    ("cargo install ekslint", Nobody("it builds for minutes what the tests have built")),
    ("cargo install --path .", Nobody("it builds for minutes what the tests have built")),
];

/// Where a command line is run.
pub(crate) enum Place {
    /// Here, as this line.
    Here(String),
    /// As that row of the table says.
    Elsewhere(&'static str),
    /// It must not stand in a page, for this reason.
    Nowhere(String),
}

/// Where a command line is run.
pub(crate) fn of(text: &str) -> Place {
    if let Some((row, _)) = ELSEWHERE.iter().find(|(start, _)| text.starts_with(start)) {
        return Place::Elsewhere(row);
    }
    // What cargo builds and runs is the binary that the tests have.
    let line = match text.strip_prefix("cargo run").and_then(|rest| rest.split_once("-- ")) {
        Some((_, arguments)) => format!("ekslint {arguments}"),
        None => text.to_owned(),
    };
    for words in programs(&line) {
        let known = ["ekslint", "aws"].contains(&words[0].as_str()) || USUAL.contains(&words[0].as_str());
        if !known {
            return Place::Nowhere(format!(
                "`{}` is no program that the test of the documentation knows. A block that is no command line \
                 names its language (text, yaml, …); a program that cannot run there has a row in \
                 tests/integration/docs/elsewhere.rs",
                words[0]
            ));
        }
    }
    Place::Here(line)
}

/// What is wrong with the table, given the rows that were needed.
pub(crate) fn stale(used: &[&str]) -> Vec<String> {
    let ci = fs::read_to_string(root().join(".ci/run")).expect("UTF-8");
    let mut found = Vec::new();
    for (start, holder) in ELSEWHERE {
        if !used.contains(start) {
            found.push(format!("no page has `{start}`"));
        }
        match holder {
            Ci(line) if !ci.lines().any(|other| other.trim() == *line) => {
                found.push(format!(".ci/run does not run `{line}`"));
            }
            Nobody(reason) => assert!(!reason.is_empty(), "{start} has no reason"),
            Ci(_) => {}
        }
    }
    found
}

#[test]
fn what_no_class_has_is_found_out() {
    assert!(matches!(of("ekslint scan . | head -3"), Place::Here(_)));
    assert!(
        matches!(of("cargo run --release -- scan fixtures"), Place::Here(line) if line == "ekslint scan fixtures")
    );
    assert!(matches!(of("cargo test"), Place::Elsewhere("cargo test")));
    assert!(matches!(of("cargo publish"), Place::Nowhere(_)));
    assert!(matches!(of("ekslint scan . | frobnicate"), Place::Nowhere(why) if why.contains("`frobnicate`")));
    assert!(matches!(of("Missing permissions"), Place::Nowhere(_)));
    assert!(stale(&[]).contains(&"no page has `cargo test`".to_owned()));
}
