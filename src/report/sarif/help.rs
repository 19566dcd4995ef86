//! The help of a rule: why it matters and how to mend it, as plain text and as Markdown.

use super::message;
use crate::report::paragraphs;
use crate::report::rule_page::markdown::{fenced, inline, link, prose};
use crate::rule::Rule;
use serde_sarif::sarif::MultiformatMessageString;
use std::borrow::Cow;

/// A section of the help.
struct HelpSection<'r> {
    heading: Cow<'static, str>,
    body: HelpBody<'r>,
}

enum HelpBody<'r> {
    Prose(&'r str),
    /// The language, and the code.
    Code(&'static str, &'r str),
    List(Vec<String>),
}

/// The help.
pub(super) fn help(rule: &Rule) -> MultiformatMessageString {
    let sections = sections(rule);
    let text = sections.iter().fold(rule.title.clone(), |text, section| text + &section.text());
    let markdown = sections
        .iter()
        .fold(format!("# {}", inline(&rule.title)), |markdown, section| markdown + &section.markdown());
    message::texts(text, Some(markdown))
}

fn sections(rule: &Rule) -> Vec<HelpSection<'_>> {
    let section = |heading: &'static str, body| HelpSection { heading: heading.into(), body };
    let remediation = &rule.remediation;
    let mut sections = vec![
        section("Why it matters", HelpBody::Prose(&rule.rationale)),
        section("How to fix it", HelpBody::Prose(&remediation.text)),
    ];
    if let Some(command) = &remediation.awscli {
        let heading = "With the AWS CLI, where {{…}} stands for a value of the cluster";
        sections.push(section(heading, HelpBody::Code("sh", command)));
    }
    sections.extend(remediation.changes.each().map(|(language, change)| HelpSection {
        heading: Cow::Owned(format!("With {}", language.title())),
        body: HelpBody::Code(language.fence(), change),
    }));
    let controls =
        |(framework, controls): (&String, &Vec<String>)| format!("{framework}: {}", controls.join(", "));
    let lists = [
        ("References", rule.references.clone()),
        ("Frameworks", rule.frameworks().iter().map(controls).collect()),
        ("Known elsewhere as", rule.aliases.clone()),
    ];
    let lists = lists.into_iter().filter(|(_, items)| !items.is_empty());
    sections.extend(lists.map(|(heading, items)| section(heading, HelpBody::List(items))));
    sections
}

impl HelpSection<'_> {
    fn text(&self) -> String {
        let body = match &self.body {
            HelpBody::Prose(text) => paragraphs(text).join("\n"),
            HelpBody::Code(_, code) => code.trim_end().to_owned(),
            HelpBody::List(items) => items.join("\n"),
        };
        format!("\n\n{}:\n{body}", self.heading)
    }

    fn markdown(&self) -> String {
        let body = match &self.body {
            HelpBody::Prose(text) => prose(&paragraphs(text).join("\n")),
            HelpBody::Code(language, code) => fenced(language, code),
            HelpBody::List(items) => list(items),
        };
        format!("\n\n## {}\n\n{body}", self.heading)
    }
}

fn list(items: &[String]) -> String {
    let items: Vec<_> = items.iter().map(|item| format!("- {}", link(item))).collect();
    items.join("\n")
}
