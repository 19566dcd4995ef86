//! The documentation of rules: a page for each, an index of them, and what other tools call them. The same rules give
//! the same text, on any day.

mod coming_from;
mod index;

use super::rule_page::{PageLinks, RulePage};
use crate::rule::{Rule, RuleSet};

pub use super::rule_page::INDEX;

/// What every page begins with that ekslint wrote. A file without it is somebody's own.
const MARK: &str = "<!-- Written by `ekslint rules docs`";

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocsPage {
    /// The name of its file.
    pub file: String,
    /// Its text.
    pub text: String,
}

/// Rules, to be documented.
#[derive(Debug)]
pub struct RuleDocs<'r> {
    rules: Vec<&'r Rule>,
    set: &'r RuleSet,
    links: PageLinks<'r>,
}

impl<'r> RuleDocs<'r> {
    /// The documentation of a set of rules. `coming_from` leads from the pages to the page of what other tools call
    /// them, if it is written.
    pub fn new(set: &'r RuleSet, coming_from: Option<String>) -> Self {
        Self { rules: set.rules.iter().collect(), set, links: PageLinks::new(set.rules.iter(), coming_from) }
    }

    /// The page of each rule, and the index.
    pub fn pages(&self) -> Vec<DocsPage> {
        let page = |rule: &&'r Rule| DocsPage {
            file: file(&rule.id),
            text: marked(&RulePage::of(rule).among(self.set).markdown(&self.links)),
        };
        let index = DocsPage { file: INDEX.to_owned(), text: marked(&index::page(&self.rules, &self.links)) };
        self.rules.iter().map(page).chain([index]).collect()
    }

    /// The page of what other tools call the rules; `folder` leads from it to the other pages.
    pub fn coming_from(&self, folder: &str) -> String {
        let links = PageLinks::new(self.rules.iter().copied(), None).seen_from(folder);
        marked(&coming_from::page(&self.rules, &links))
    }
}

/// The name of the file of a rule's page.
fn file(id: &str) -> String {
    format!("{id}.md")
}

/// The rule whose page a file is, by its name.
pub fn rule_of(file: &str) -> Option<&str> {
    file.strip_suffix(".md").filter(|_| !file.eq_ignore_ascii_case(INDEX))
}

fn marked(text: &str) -> String {
    format!("{MARK}: change the rules, not this page. -->\n\n{text}")
}

/// Whether ekslint wrote a page.
pub fn is_ours(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').starts_with(MARK)
}
