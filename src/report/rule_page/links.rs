//! What a page of a rule links to.

use super::markdown::{anchor, code_span, inline};
use crate::rule::Rule;
use std::collections::BTreeMap;

/// The name of the index beside the pages.
pub const INDEX: &str = "README.md";

/// The pages that stand beside a page. Where there are none, what they are called is not linked.
#[derive(Debug, Default)]
pub struct PageLinks<'r> {
    titles: BTreeMap<&'r str, &'r str>,
    folder: String,
    coming_from: Option<String>,
}

impl<'r> PageLinks<'r> {
    /// Links between the pages of these rules, from one folder; and to the page of the names that other tools have for
    /// them, if there is one.
    pub fn new(rules: impl Iterator<Item = &'r Rule>, coming_from: Option<String>) -> Self {
        let titles = rules.map(|rule| (rule.id.as_str(), rule.title.as_str())).collect();
        Self { titles, folder: String::new(), coming_from }
    }

    /// The same links from another folder: `folder` leads from there to the pages.
    pub(in crate::report) fn seen_from(self, folder: &str) -> Self {
        let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        Self { folder, ..self }
    }

    /// A rule by its id.
    pub(in crate::report) fn rule(&self, id: &str) -> String {
        match self.titles.contains_key(id) {
            true => format!("[{}]({}{id}.md)", code_span(id), self.folder),
            false => code_span(id),
        }
    }

    /// A rule by its id, with what it is about.
    pub(super) fn titled_rule(&self, id: &str) -> String {
        let title = self.titles.get(id).map(|title| format!(": {}", inline(title)));
        self.rule(id) + &title.unwrap_or_default()
    }

    /// The way to the index.
    pub(super) fn index(&self) -> Option<String> {
        (!self.titles.is_empty()).then(|| format!("[All rules]({INDEX})"))
    }

    /// A framework, with the way to its controls.
    pub(super) fn framework(&self, name: &str) -> String {
        match self.titles.is_empty() {
            true => inline(name),
            false => format!("[{}]({INDEX}#{})", inline(name), anchor(&controls_of(name))),
        }
    }

    /// The way to the names that other tools have.
    pub(in crate::report) fn coming_from(&self) -> Option<&str> {
        self.coming_from.as_deref()
    }
}

/// The heading over the controls of a framework.
pub fn controls_of(framework: &str) -> String {
    format!("Controls of {}", inline(framework))
}
