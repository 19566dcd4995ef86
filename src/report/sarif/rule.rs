//! A rule as SARIF describes it: all texts, so that code scanning shows why and how without ekslint.

use super::{help, level, message};
use crate::engine::Configured;
use crate::report::finding_text::{one_line, shortened};
use crate::rule::{Rule, Severity};
use serde_json::Value;
use serde_sarif::sarif::{PropertyBag, ReportingConfiguration, ReportingDescriptor};
use std::collections::BTreeMap;

/// The longest description that GitHub takes.
const MOST_TEXT: usize = 1024;
/// The longest name that GitHub takes.
const MOST_NAME: usize = 255;
/// How many tags GitHub keeps.
const MOST_TAGS: usize = 10;

/// Describes a rule, with the severity that is configured.
pub(super) fn descriptor(configured: &Configured<'_>) -> ReportingDescriptor {
    let (rule, severity) = (configured.rule, configured.settings.severity);
    let description = |text: &str| {
        // Empty texts are refused.
        let text = if text.trim().is_empty() { &rule.id } else { text };
        message::texts(shortened(&one_line(text), MOST_TEXT), None)
    };
    let mut descriptor = ReportingDescriptor::builder()
        .id(&rule.id)
        .short_description(description(&rule.title))
        .full_description(description(&rule.rationale))
        .help(help::help(rule))
        .default_configuration(ReportingConfiguration::builder().level(level(severity)).build())
        .properties(properties(rule, severity))
        .build();
    // A name that only repeats the id must be left out, the format says.
    let name = Some(shortened(&name(&rule.id), MOST_NAME));
    descriptor.name = name.filter(|name| !name.eq_ignore_ascii_case(&rule.id));
    descriptor.help_uri = rule.url();
    descriptor
}

/// An id as SARIF writes names: `EndpointOpenToInternet`.
pub(super) fn name(id: &str) -> String {
    let capitalised = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    id.split('-').filter_map(capitalised).collect()
}

fn properties(rule: &Rule, severity: Severity) -> PropertyBag {
    let mut more = BTreeMap::from([("precision".to_owned(), Value::from(rule.precision.as_str()))]);
    match security_severity(severity) {
        Some(score) => more.insert("security-severity".to_owned(), score.into()),
        None => more.insert("problem.severity".to_owned(), "recommendation".into()),
    };
    PropertyBag { tags: Some(tags(rule, severity)), additional_properties: more }
}

/// A number from 0.1 to 10.0, as text: GitHub refuses the whole file over anything else.
fn security_severity(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("2.0"),
        Severity::Info => None,
    }
}

/// Without a severity, a rule tagged `security` would be one whose severity is unknown.
fn tags(rule: &Rule, severity: Severity) -> Vec<String> {
    let security = (severity != Severity::Info).then_some("security");
    let fixed = security.into_iter().chain(["eks", &rule.area]);
    let mut tags: Vec<String> = Vec::new();
    for tag in fixed.chain(rule.frameworks().keys().map(String::as_str)) {
        if tags.len() < MOST_TAGS && !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_made_of_ids() {
        assert_eq!(super::name("endpoint-open-to-internet"), "EndpointOpenToInternet");
        assert_eq!(super::name("a--1b"), "A1b");
    }
}
