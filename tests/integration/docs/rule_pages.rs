//! The pages of rules are what `ekslint rules docs` writes. `UPDATE_DOCS=1` writes them anew.

use super::page::{Page, root};
use assert_cmd::Command;
use ekslint::rule::{RuleSet, RuleSource};

const FOLDER: &str = "docs/rules/";

/// Whether a page is that of a rule, or their index.
pub(crate) fn is_one(page: &Page) -> bool {
    page.path.starts_with(FOLDER)
}

fn run(more: &[&str]) -> (bool, String) {
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    let arguments = ["rules", "docs", FOLDER, "--coming-from", "docs/coming-from.md"];
    let output = command.current_dir(root()).args(arguments).args(more).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout) + &text(&output.stderr))
}

/// Writes the pages.
pub(super) fn update() {
    let (is_done, said) = run(&[]);
    assert!(is_done, "{said}");
}

#[test]
fn pages_of_rules_are_what_the_program_writes() {
    let count = super::all_pages().iter().filter(|page| is_one(page)).count();
    let (is_current, said) = run(&["--check"]);
    assert!(is_current, "{said}UPDATE_DOCS=1 cargo test --test integration docs writes them");
    let rules = RuleSet::load(&[RuleSource::Policy, RuleSource::BuiltIn], false).set.rules;
    assert_eq!(count, rules.len() + 1, "{FOLDER} has a page for each rule, and the index");
}

/// What reports link to is there.
#[test]
fn every_built_in_rule_leads_to_its_page() {
    for rule in RuleSet::load(&[RuleSource::Policy, RuleSource::BuiltIn], false).set.rules {
        let url = rule.url().unwrap_or_else(|| panic!("{} has no page", rule.id));
        let file = url.split_once("/blob/main/").expect("a file of the repository").1;
        assert!(root().join(file).is_file(), "{url}");
    }
}
