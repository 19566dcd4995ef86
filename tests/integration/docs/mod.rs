//! The documentation is true: its commands run and print what it shows, its links lead somewhere, and what it names
//! exists.

mod cel;
mod elsewhere;
mod generated;
mod links;
mod names;
mod page;
mod promises;
mod report_pages;
mod rule_pages;
mod run;
mod shell;
mod tables;

use crate::support::rules;
use page::Page;
use rayon::prelude::*;
use std::fs;
use std::io::Write;
use std::sync::Once;

/// The languages that blocks of code name.
const LANGUAGES: [&str; 13] =
    ["sh", "bash", "console", "yaml", "json", "toml", "text", "csv", "xml", "mermaid", "hcl", "rust", "diff"];

/// Whether pages are to be written anew, rather than checked.
fn updates() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

/// Every page of the project; first what the program writes is written anew, if that is asked for.
fn all_pages() -> Vec<Page> {
    static UPDATED: Once = Once::new();
    if updates() {
        UPDATED.call_once(|| {
            generated::update();
            rule_pages::update();
            report_pages::update();
        });
    }
    page::all()
}

/// The pages whose commands run. Those of rules have commands that change clusters.
fn pages() -> Vec<Page> {
    let runs = |page: &Page| {
        let top = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "fixtures/README.md", "benches/README.md"];
        page.path.starts_with("docs/") && !rule_pages::is_one(page) || top.contains(&page.path.as_str())
    };
    all_pages().into_iter().filter(runs).collect()
}

#[test]
fn every_command_runs_and_prints_what_the_page_shows() {
    let pages = pages();
    let ran: Vec<_> = pages.par_iter().map(run::run).collect();
    if updates() {
        for (page, ran) in pages.iter().zip(&ran).filter(|(page, ran)| page.text != ran.text) {
            fs::write(page::root().join(&page.path), &ran.text).expect("the page is written");
        }
    }
    let left: Vec<_> = ran.iter().flat_map(|ran| &ran.left).map(String::as_str).collect();
    if !left.is_empty() {
        let text = format!("left to a build with live scans:\n  {}\n", left.join("\n  "));
        std::io::stderr().write_all(text.as_bytes()).expect("standard error");
    }
    let mut failures: Vec<_> = ran.iter().flat_map(|ran| ran.failures.clone()).collect();
    if !updates() {
        failures.extend(ran.iter().flat_map(|ran| ran.differences.clone()));
    }
    let used: Vec<_> = ran.iter().flat_map(|ran| ran.elsewhere.clone()).collect();
    failures.extend(elsewhere::stale(&used));
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
    let count: usize = ran.iter().map(|ran| ran.count).sum();
    assert!(count > 40, "only {count} commands were found");
}

#[test]
fn every_block_names_its_language() {
    let mut wrong = Vec::new();
    for page in all_pages() {
        for block in page.blocks().filter(|block| !LANGUAGES.contains(&block.language.as_str())) {
            wrong
                .push(format!("{}:{}: `{}` is no language of blocks", page.path, block.line, block.language));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_promise_has_its_test() {
    for (page, least) in promises::PAGES {
        let (count, wrong) = promises::mistakes(page);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(count >= least, "{page} names {count} tests");
    }
}

#[test]
fn every_name_exists() {
    let of_rules = all_pages().into_iter().filter(rule_pages::is_one);
    let wrong: Vec<_> = pages().into_iter().chain(of_rules).flat_map(|page| names::mistakes(&page)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_link_leads_somewhere() {
    let pages = all_pages();
    let wrong: Vec<_> = pages.iter().flat_map(|page| links::broken(page, &pages)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Numbers of rules that pages name.
#[test]
fn numbers_of_rules_are_right() {
    let rules = ekslint::rule::RuleSet::load(&[ekslint::rule::RuleSource::BuiltIn], true).set.rules;
    let examples: usize = rules.iter().map(|rule| rule.examples.len()).sum();
    let readme = Page::read("README.md").text;
    assert!(
        readme.contains(&format!("\n{} rules come with ekslint", rules.len())),
        "README.md: {}",
        rules.len()
    );
    assert!(examples > 1_000, "{examples}");
}

/// Pieces of rules load once the keys are added that every rule needs.
#[test]
fn pieces_of_rules_load() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for page in pages() {
        let is_piece = |block: &&page::Block| block.language == "yaml" && block.text.contains("assert:");
        for block in page.blocks().filter(is_piece) {
            count += 1;
            let mistakes = rules::mistakes(&block.text);
            let told = || format!("{}:{}: {mistakes}", page.path, block.line);
            wrong.extend((!mistakes.is_empty()).then(told));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 10, "only {count} pieces were found");
}
