//! The page of a rule: everything a rule says about itself, gathered once and then written for the
//! terminal, for the documentation or for programs.

mod document;
mod example;
mod links;
pub(super) mod markdown;
mod text;
mod tools;

pub use links::{INDEX, PageLinks, controls_of};
pub use tools::{Alias, Tool};

use super::json_text;
use crate::rule::{
    Example, ExpectedOutcome, Level, ParamType, Precision, Rule, RuleSet, Severity, TemplateChanges,
};
use crate::snapshot::{ClusterType, section};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The page of a rule. Its fields are those of the JSON output.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RulePage<'r> {
    /// The rule itself.
    #[serde(skip)]
    rule: &'r Rule,
    /// The rule's id.
    pub id: &'r str,
    /// What is wrong, in one line.
    pub title: &'r str,
    /// How bad that is.
    pub severity: Severity,
    /// Who wants the rule.
    pub level: Level,
    /// How sure a finding is.
    pub precision: Precision,
    /// The version of ekslint that brought it.
    pub since: &'r str,
    /// The area it belongs to.
    pub area: &'r str,
    /// The kind of resource it judges, as rules call it.
    pub resource: &'r str,
    /// The kinds of clusters it applies to.
    pub clusters: &'r [ClusterType],
    /// The file it was read from.
    pub file: &'r str,
    /// Its page in the documentation, if it came with ekslint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Why it matters.
    pub rationale: &'r str,
    /// The sections it reads, and the API calls that fill them.
    pub reads: Vec<SectionRead>,
    /// The sections that the facts follow from that it reads.
    pub facts: Vec<&'static str>,
    /// The names it gives to expressions.
    #[serde(rename = "let")]
    pub names: LetNames<'r>,
    /// When it applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<&'r str>,
    /// Its checks, each as its parts by their keys.
    pub checks: Vec<CheckParts<'r>>,
    /// What users may set.
    pub params: Vec<PageParam<'r>>,
    /// How to fix what it finds.
    pub remediation: PageRemediation<'r>,
    /// Weaker rules that keep quiet when this one finds something.
    pub supersedes: &'r [String],
    /// Stronger rules, which make this one keep quiet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub superseded_by: Vec<&'r str>,
    /// Framework → controls.
    pub frameworks: &'r BTreeMap<String, Vec<String>>,
    /// What other tools call it.
    pub aliases: &'r [String],
    /// Where to read on.
    pub references: &'r [String],
    /// Its examples, if they were loaded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<PageExample<'r>>,
}

/// Names for expressions, in the order of the rule.
#[derive(Clone, Debug, PartialEq)]
pub struct LetNames<'r>(pub &'r [(String, String)]);

impl Serialize for LetNames<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, text)| (name, text)))
    }
}

/// The parts of a check by their keys, in the order in which they are evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckParts<'r>(pub &'r [(String, String)]);

impl Serialize for CheckParts<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let part = |(key, text): &'_ (String, String)| serde_json::json!({ "key": key, "text": text });
        serializer.collect_seq(self.0.iter().map(part))
    }
}

/// A section that a rule reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SectionRead {
    /// The section.
    pub section: &'static str,
    /// The API calls that fill it.
    pub calls: Vec<&'static str>,
}

/// A parameter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PageParam<'r> {
    /// Its name.
    pub name: &'r str,
    /// The type of its value.
    #[serde(rename = "type")]
    pub ty: ParamType,
    /// Its value unless the user sets another. Without it the rule needs configuration.
    pub default: Option<&'r Value>,
    /// The list of the configuration's `[organization]` that feeds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<&'r str>,
    /// What it means.
    pub description: Option<&'r str>,
}

/// How to fix what a rule finds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PageRemediation<'r> {
    /// In one sentence.
    pub summary: &'r str,
    /// In words.
    pub text: &'r str,
    /// As AWS CLI commands.
    pub awscli: Option<&'r str>,
    /// As changes of templates.
    #[serde(flatten)]
    pub changes: &'r TemplateChanges,
}

impl PageRemediation<'_> {
    /// The summary for people, unless it is what the text begins with.
    fn headline(&self) -> Option<&str> {
        let text = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let start = self.summary.trim_end_matches('…');
        (!text.starts_with(start)).then_some(self.summary)
    }
}

/// An example.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PageExample<'r> {
    /// What it shows.
    pub name: &'r str,
    /// What the rule makes of it, in words.
    pub expects: String,
}

impl<'r> RulePage<'r> {
    /// The page of a rule.
    pub fn of(rule: &'r Rule) -> Self {
        Self {
            rule,
            id: &rule.id,
            title: &rule.title,
            severity: rule.severity,
            level: rule.level,
            precision: rule.precision,
            since: &rule.since,
            area: &rule.area,
            resource: &rule.resource.singular,
            clusters: &rule.clusters,
            file: &rule.file,
            url: rule.url(),
            rationale: &rule.rationale,
            reads: rule.reads.sections.iter().map(read).collect(),
            facts: rule.reads.facts.sections().map(|section| section.name.as_str()).collect(),
            names: LetNames(&rule.lets),
            when: rule.condition(),
            checks: rule.written_checks().map(CheckParts).collect(),
            params: rule.params.iter().map(param).collect(),
            remediation: PageRemediation {
                summary: &rule.remediation.summary,
                text: &rule.remediation.text,
                awscli: rule.remediation.awscli.as_deref(),
                changes: &rule.remediation.changes,
            },
            supersedes: &rule.supersedes,
            superseded_by: Vec::new(),
            frameworks: rule.frameworks(),
            aliases: &rule.aliases,
            references: &rule.references,
            examples: rule.examples.iter().map(example).collect(),
        }
    }

    /// The same, with the rules of the set that supersede it.
    pub fn among(mut self, set: &'r RuleSet) -> Self {
        let stronger = set.rules.iter().filter(|other| other.supersedes.iter().any(|id| id == self.id));
        self.superseded_by = stronger.map(|other| other.id.as_str()).collect();
        self
    }

    /// The page for a terminal of that width, with ANSI styles.
    pub fn text(&self, width: usize) -> String {
        text::page(self, width)
    }

    /// The page as a Markdown document, which links to the pages beside it.
    pub fn markdown(&self, links: &PageLinks<'_>) -> String {
        document::page(self, links)
    }

    /// What the rule judges by, by the keys of its file: a group for each name, for `when` and for each
    /// check.
    fn expressions(&self) -> Vec<Vec<(String, &str)>> {
        let names = self.names.0.iter().map(|(name, text)| vec![(format!("let {name}"), text.trim_end())]);
        let when = self.when.iter().map(|when| vec![("when".to_owned(), *when)]);
        let parts =
            |check: &CheckParts<'r>| check.0.iter().map(|(key, text)| (key.clone(), text.as_str())).collect();
        names.chain(when).chain(self.checks.iter().map(parts)).collect()
    }
}

/// A value as JSON for people and programs. What JSON does not escape but a terminal would obey is
/// escaped too.
pub fn json(value: &impl Serialize) -> std::io::Result<String> {
    let mut out = Vec::new();
    json_text::write(value, &mut out)?;
    String::from_utf8(out).map_err(std::io::Error::other)
}

fn read(name: &&'static str) -> SectionRead {
    let calls = section::by_name(name).map(|section| section.calls.as_slice()).unwrap_or_default();
    SectionRead { section: name, calls: calls.iter().map(|call| call.api.as_str()).collect() }
}

fn param((name, param): &(String, crate::rule::Param)) -> PageParam<'_> {
    let description = param.description.as_deref().map(str::trim);
    let organization = param.organization.as_deref();
    PageParam { name, ty: param.ty, default: param.default.as_ref(), organization, description }
}

fn example(example: &Example) -> PageExample<'_> {
    let expects = match (&example.finds, example.outcome) {
        (Some(finds), _) if finds.is_empty() => "no finding".to_owned(),
        (Some(finds), _) if finds.len() == 1 => "1 finding".to_owned(),
        (Some(finds), _) => format!("{} findings", finds.len()),
        (None, Some(outcome)) => outcome_in_words(outcome).to_owned(),
        (None, None) => String::new(),
    };
    PageExample { name: &example.name, expects }
}

fn outcome_in_words(outcome: ExpectedOutcome) -> &'static str {
    match outcome {
        ExpectedOutcome::Pass => "passes",
        ExpectedOutcome::NotApplicable => "not applicable",
        ExpectedOutcome::NotEvaluated => "not evaluated",
        ExpectedOutcome::Error => "an error",
        ExpectedOutcome::NeedsConfiguration => "needs configuration",
    }
}

/// The name of a type as rules write it.
fn type_name(ty: ParamType) -> &'static str {
    match ty {
        ParamType::String => "string",
        ParamType::Int => "int",
        ParamType::Bool => "bool",
        ParamType::List => "list",
    }
}

fn cluster_kind(kind: ClusterType) -> &'static str {
    match kind {
        ClusterType::Eks => "eks",
        ClusterType::Outpost => "outpost",
        ClusterType::OutpostInstanceStore => "outpost-instance-store",
        ClusterType::Connected => "connected",
    }
}

/// What makes a scan run rules of a level.
fn level_in_words(level: Level) -> &'static str {
    match level {
        Level::Default => "default: every scan runs it",
        Level::Strict => "strict: runs with --level strict",
        Level::Advice => "advice: runs with --level advice",
    }
}

#[cfg(test)]
mod tests {
    use super::PageRemediation;
    use crate::rule::TemplateChanges;

    #[test]
    fn the_summary_does_not_stand_twice() {
        let headline = |summary, text| {
            let fix = PageRemediation { summary, text, awscli: None, changes: &TemplateChanges::default() };
            fix.headline().map(str::to_owned)
        };
        assert_eq!(headline("Close it", "Look first.\nThen close it."), Some("Close it".to_owned()));
        assert_eq!(headline("Look at it first", "Look at\nit first. Then close it."), None);
        assert_eq!(headline("Look at it…", "Look at it, and at all else."), None);
    }
}
