//! `docs/cel.md` has everything that a rule may call, and its examples give what it says.

use super::page::Page;
use super::rules::judge;
use ekslint::engine::Outcome;
use std::collections::BTreeSet;

const FUNCTIONS: [&str; 4] = ["function", "meaning", "example", "result"];
const EXPRESSIONS: [&str; 3] = ["expression", "result", ""];

fn page() -> Page {
    Page::read("docs/cel.md")
}

fn rows<'p>(page: &'p Page, heading: &[&str]) -> Vec<&'p [String]> {
    let tables = page.tables.iter().filter(|table| table[0] == heading);
    tables.flat_map(|table| &table[1..]).map(Vec::as_slice).collect()
}

/// What stands in backquotes.
fn code(cell: &str) -> &str {
    cell.trim_start_matches('`').trim_end_matches('`')
}

#[test]
fn the_page_has_every_function_and_no_other() {
    let page = page();
    let name = |row: &[String]| code(&row[0]).split('(').next().unwrap_or_default().to_owned();
    let named: BTreeSet<_> = rows(&page, &FUNCTIONS).into_iter().map(name).collect();
    assert_eq!(named, ekslint::rule::cel::library());
}

/// What is wrong with an example: an expression, what it should give, and the snapshot.
fn difference(expression: &str, result: &str, snapshot: &str) -> Option<String> {
    let (test, expected) = match result {
        "*not evaluated*" => (expression.to_owned(), Outcome::NotEvaluated),
        "*error*" => (expression.to_owned(), Outcome::Error),
        value => (format!("({expression}) == ({})", code(value)), Outcome::Pass),
    };
    let text = serde_json::to_string(&test).expect("a text");
    let verdict = judge(&format!("at: cluster\nassert: {text}"), snapshot);
    let told = || format!("`{test}`: {:?}, {:?} {:?}", verdict.outcome, verdict.reasons(), verdict.errors);
    (verdict.outcome != expected).then(told)
}

#[test]
fn every_example_gives_what_the_page_says() {
    let page = page();
    let snapshot = page.blocks().find(|block| block.file.as_deref() == Some("example.json"));
    let snapshot = &snapshot.expect("the page has its snapshot").text;
    let examples = rows(&page, &FUNCTIONS).into_iter().map(|row| (code(&row[2]), row[3].as_str()));
    let others = rows(&page, &EXPRESSIONS).into_iter().map(|row| (code(&row[0]), row[1].as_str()));
    let all: Vec<_> = examples.chain(others).collect();
    assert!(all.len() > 100, "only {} examples were found", all.len());
    let wrong: Vec<_> =
        all.iter().filter_map(|(expression, result)| difference(expression, result, snapshot)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_example_is_of_its_function() {
    let page = page();
    for row in rows(&page, &FUNCTIONS) {
        let name = code(&row[0]).split('(').next().unwrap_or_default();
        assert!(row[2].contains(&format!("{name}(")), "{row:?}");
    }
}

#[test]
fn a_wrong_example_is_found_out() {
    let snapshot = r#"{"cluster": {"name": "demo", "resourcesVpcConfig": {}}}"#;
    let of = |expression: &str, result: &str| difference(expression, result, snapshot);
    assert_eq!(of("1 + 1", "`2`"), None);
    assert!(of("1 + 1", "`3`").is_some_and(|told| told.contains("Fail")));
    assert!(of("cluster.version == ''", "`false`").is_some_and(|told| told.contains("NotEvaluated")));
    assert!(of("cluster.name == 'demo'", "*not evaluated*").is_some());
}
