//! Tables that people write, held to the program: exit codes, layers, limits of expressions.

use super::page::{Page, root};
use crate::architecture::ORDER;
use regex::Regex;
use std::fs;

fn source(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn quoted(cell: &str) -> String {
    cell.trim_matches('`').to_owned()
}

/// The values of constants, as a source file has them.
fn constants(text: &str, pattern: &str) -> Vec<(String, String)> {
    let pattern = Regex::new(&format!("const ({pattern}): \\w+ = ([^;]+);")).expect("a regular expression");
    pattern.captures_iter(text).map(|found| (found[1].to_owned(), found[2].to_owned())).collect()
}

#[test]
fn every_exit_code_has_a_row_and_a_command() {
    let page = Page::read("docs/exit-codes.md");
    let mut codes: Vec<_> =
        constants(&source("src/cli/mod.rs"), "EXIT_\\w+").into_iter().map(|(_, code)| code).collect();
    codes.push("0".to_owned());
    codes.sort();
    let rows: Vec<_> = page.table(&["code", "meaning"]).iter().map(|row| row[0].clone()).collect();
    assert_eq!(rows, codes);
    for code in codes {
        let shown = page.blocks().any(|block| block.text.contains(&format!("\nexit code {code}\n")));
        assert!(shown, "no command of the page exits with {code}");
    }
}

#[test]
fn layers_are_those_that_are_tested() {
    let page = Page::read("docs/architecture.md");
    let table = page.table(&["layer", "what it does", "what to know"]);
    assert_eq!(table.iter().map(|row| quoted(&row[0])).collect::<Vec<_>>(), ORDER);
    for layer in ORDER {
        let there =
            ["src/{}", "src/{}.rs"].iter().any(|path| root().join(path.replace("{}", layer)).exists());
        assert!(there, "there is no src/{layer}");
        let drawing = page.blocks().find(|block| block.language == "mermaid").expect("a drawing");
        // What all others use is not drawn.
        let is_used_by_all = ["value", "text", "threads"].contains(&layer);
        assert!(is_used_by_all || drawing.text.contains(&format!("{layer}[")), "{layer} is not drawn");
    }
    for code in
        page.codes.iter().filter(|code| code.text.starts_with("src/") || code.text.starts_with("tests/"))
    {
        assert!(root().join(&code.text).exists(), "there is no {}", code.text);
    }
}

/// The product of what stands in a constant: `256 * 1024`.
fn product(text: &str) -> u64 {
    let factor = |text: &str| text.trim().replace('_', "").parse::<u64>().expect("a number");
    text.split('*').map(factor).product()
}

#[test]
fn limits_are_those_of_the_code() {
    let limits = [
        ("an expression", "src/rule/cel/mod.rs", "MAX_EXPRESSION"),
        ("nesting", "src/rule/cel/lower.rs", "MAX_DEPTH"),
        ("loops within loops", "src/rule/cel/lower.rs", "MAX_LOOPS"),
        (
            "all expressions of a rule, each `let` put in where it is used",
            "src/rule/cel/lower.rs",
            "MAX_NODES",
        ),
        (
            "steps of one evaluation, about one for each node that is evaluated",
            "src/rule/cel/budget.rs",
            "EVALUATION",
        ),
        ("steps of a rule on one snapshot", "src/rule/cel/budget.rs", "RULE"),
        ("findings of a rule on one snapshot", "src/engine/limit.rs", "MAX_FINDINGS"),
        ("the texts of these findings together", "src/engine/limit.rs", "MAX_BYTES"),
        ("a text that is made, or read from a snapshot", "src/rule/cel/val.rs", "MAX_TEXT"),
        ("a text that `matches` and `glob` are tried on", "src/rule/cel/strings.rs", "MAX_MATCHED"),
        ("a version that `semver` reads, in bytes", "src/rule/cel/version.rs", "MAX_VERSION"),
        ("values that the aliases of a YAML text stand for", "src/rule/cel/documents.rs", "MAX_ALIASED"),
        ("a rule file", "src/rule/load.rs", "MAX_FILE"),
        ("rule files in a directory", "src/rule/load.rs", "MAX_FILES"),
    ];
    let page = Page::read("docs/cel.md");
    let table = page.table(&["what", "at most"]);
    assert_eq!(table.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(), limits.map(|limit| limit.0));
    for ((what, file, name), row) in limits.iter().zip(table) {
        let (_, value) =
            constants(&source(file), name).pop().unwrap_or_else(|| panic!("{file} has no {name}"));
        let number: String = row[1].chars().filter(char::is_ascii_digit).collect();
        let units = [("KiB", 1024), ("MiB", 1024 * 1024)];
        let unit = units.into_iter().find(|(unit, _)| row[1].ends_with(unit)).map_or(1, |(_, unit)| unit);
        assert_eq!(product(&number) * unit, product(&value), "{what}");
    }
}

/// The page of each rule is there, and so is the heading that it names.
#[test]
fn rules_lead_to_pages_that_are_there() {
    let set = ekslint::rule::RuleSet::load(&[ekslint::rule::RuleSource::BuiltIn], false).set;
    for rule in &set.rules {
        let (file, anchor) = rule.file.split_once('#').unwrap_or((&rule.file, ""));
        assert!(root().join(file).is_file(), "{}: there is no {file}", rule.id);
        assert!(
            anchor.is_empty() || Page::read(file).anchors.contains(anchor),
            "{}: {file} has no #{anchor}",
            rule.id
        );
    }
}
