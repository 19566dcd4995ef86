//! The pages that name the test of each promise: the tests exist.

use super::page::root;
use std::fs;

/// The pages, and how many tests they name at least.
pub(super) const PAGES: [(&str, usize); 2] = [("docs/guarantees.md", 30), ("docs/security.md", 30)];

/// What is wrong on a page: a row of a table without a test, or a test that does not exist.
pub(super) fn mistakes(page: &str) -> (usize, Vec<String>) {
    let text = fs::read_to_string(root().join(page)).expect("the page is there");
    let (mut count, mut wrong) = (0, Vec::new());
    for (at, line) in text.lines().enumerate() {
        let named = named(line);
        count += named.len();
        let is_row = line.starts_with("| ") && !line.ends_with("| test |");
        if is_row && named.is_empty() {
            wrong.push(format!("{page}:{} names no test", at + 1));
        }
        let missing = named.into_iter().filter(|(file, test)| !exists(file, test));
        wrong.extend(missing.map(|(file, test)| format!("{page}:{}: {file} has no test {test}", at + 1)));
    }
    (count, wrong)
}

/// The tests that a line names: "`tests/x.rs`: `a`, `b`".
fn named(line: &str) -> Vec<(&str, &str)> {
    let (mut file, mut found) = (None, Vec::new());
    for code in line.split('`').skip(1).step_by(2) {
        match file {
            _ if code.ends_with(".rs") => file = Some(code),
            Some(file) if is_name(code) => found.push((file, code)),
            _ => {}
        }
    }
    found
}

fn is_name(code: &str) -> bool {
    code.contains('_') && code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn exists(file: &str, test: &str) -> bool {
    // Files that the published package does not have.
    let left_out = file.starts_with("tests/github/") && !root().join("tests/github").exists();
    let text = fs::read_to_string(root().join(file)).unwrap_or_default();
    left_out || text.contains(&format!("fn {test}("))
}
