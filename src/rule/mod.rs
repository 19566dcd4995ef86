//! The rule: what its file says, compiled and checked.

pub mod cel;
mod changes;
mod compile;
mod document;
pub mod file;
pub mod framework;
pub mod load;
mod lookup;
mod names;
pub mod path;
pub mod policy_rules;
pub mod schema;
mod strict;
mod summary;
pub mod template;
pub mod trace;

pub use changes::TemplateChanges;
pub use file::{Example, ExpectedOutcome, Level, Param, ParamType, Precision, Severity};
pub use load::{Loaded, RuleSet, RuleSource};
pub use lookup::{PatternFit, RulePattern};
pub use trace::RuleTracePlan;

use crate::snapshot::{ClusterType, Section, Type, section};
use cel::{Expression, Reads, Regexes, SharedExpressions};
use framework::through_security_hub;
use path::Path;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use template::MessageTemplate;

/// Controls, by the framework that they are of.
pub type Frameworks = BTreeMap<String, Vec<String>>;

/// What is written instead of a secret value in a piece of JSON text.
pub const SECRET_JSON: &str = "\"(secret)\"";

/// The folder of the repository with a page for each built-in rule.
const PAGES: &str = "docs/rules";

/// The address of a file of the repository.
pub fn repository_url(file: &str) -> String {
    format!("{}/blob/main/{file}", env!("CARGO_PKG_REPOSITORY"))
}

/// A rule, ready to judge.
#[derive(Debug)]
pub struct Rule {
    /// Its id, which explains itself: `endpoint-open-to-internet`.
    pub id: String,
    /// What is wrong, in one line.
    pub title: String,
    /// How bad that is.
    pub severity: Severity,
    /// Who wants it.
    pub level: Level,
    /// How sure a finding is.
    pub precision: Precision,
    /// The version of ekslint that brought it.
    pub since: String,
    /// The area it belongs to: the name of its folder.
    pub area: String,
    /// The file it was read from.
    pub file: String,
    /// Whether it came with ekslint.
    pub built_in: bool,
    /// The kind of resource it judges.
    pub resource: &'static Section,
    /// The kinds of clusters it applies to.
    pub clusters: Vec<ClusterType>,
    /// What users may set.
    pub params: Vec<(String, Param)>,
    /// Why it matters.
    pub rationale: String,
    /// How to fix it.
    pub remediation: Remediation,
    /// Where to read on.
    pub references: Vec<String>,
    /// What other tools call it.
    pub aliases: Vec<String>,
    /// By what it can be called besides its id: its aliases, with the name of the tool and without.
    pub(crate) other_names: Vec<String>,
    /// Framework → controls, as the file says.
    written_frameworks: Frameworks,
    /// The same with what follows from its names in Security Hub, once somebody asks.
    frameworks: OnceLock<Frameworks>,
    /// Weaker rules that report nothing about a resource when this one finds something there.
    pub supersedes: Vec<String>,
    /// Its examples; empty for a built-in rule that was loaded to scan.
    pub examples: Vec<Example>,
    /// What it reads of a snapshot.
    pub reads: Reads,
    /// `let`, as written.
    pub lets: Vec<(String, String)>,
    pub(crate) when: Option<Expression>,
    pub(crate) checks: Vec<Check>,
    pub(crate) regexes: Regexes,
    pub(crate) shared: SharedExpressions,
}

/// How long the summary of a remediation may be, in characters: it stands in one row of a page.
pub const MOST_SUMMARY: usize = 90;

/// How to fix what a rule finds.
#[derive(Debug)]
pub struct Remediation {
    /// What to do, in one sentence of at most [`MOST_SUMMARY`] characters.
    pub summary: String,
    /// As text, with what to watch out for.
    pub text: String,
    /// As AWS CLI commands, as written in the rule.
    pub awscli: Option<String>,
    /// As changes of templates.
    pub changes: TemplateChanges,
    pub(crate) command: Option<MessageTemplate>,
}

/// One check of a rule.
#[derive(Debug)]
pub(crate) struct Check {
    /// Its parts as people wrote them, by their keys.
    pub(crate) written: Vec<(String, String)>,
    pub(crate) each: Vec<Loop>,
    pub(crate) assert: Expression,
    pub(crate) at: Option<Path>,
    pub(crate) key: Option<Expression>,
    pub(crate) message: MessageTemplate,
    pub(crate) related: Vec<RelatedPlace>,
}

/// A list that a check goes through.
#[derive(Debug)]
pub(crate) struct Loop {
    pub(crate) list: LoopItems,
    /// The type of its items in the schema.
    pub(crate) item: Type,
}

/// Where the items of a loop come from.
#[derive(Debug)]
pub(crate) enum LoopItems {
    /// A place in the document: items have pointers.
    Path(Path),
    /// Anything else.
    Value(Expression),
}

/// The second place of a finding.
#[derive(Debug)]
pub(crate) struct RelatedPlace {
    pub(crate) at: Path,
    pub(crate) message: MessageTemplate,
}

impl Check {
    /// The loops as written: what an item is called, and what the loop goes through.
    pub(crate) fn loops_as_written(&self) -> Vec<(String, String)> {
        let each = self.written.iter().take(self.each.len());
        let name = |key: &str| key.strip_prefix("each ").unwrap_or("item").to_owned();
        each.map(|(key, source)| (name(key), source.clone())).collect()
    }
}

impl Rule {
    /// The page of a built-in rule in the documentation. Rules of others have none there.
    pub fn url(&self) -> Option<String> {
        self.built_in.then(|| repository_url(&format!("{PAGES}/{}.md", self.id)))
    }

    /// The file of a built-in rule in the repository.
    pub fn source_url(&self) -> Option<String> {
        self.built_in.then(|| repository_url(&self.file))
    }

    /// The sections that it needs: those that it reads, and those that the facts follow from that it reads.
    pub fn sections(&self) -> impl Iterator<Item = &'static Section> {
        let facts: BTreeSet<_> = self.reads.facts.sections().map(|section| section.name.as_str()).collect();
        let needed = move |section: &&Section| {
            let name = section.name.as_str();
            self.reads.sections.contains(name) || facts.contains(name)
        };
        section::all().iter().filter(needed)
    }

    /// The parameters without a default: the rule does not run until they are set.
    pub fn required_params(&self) -> impl Iterator<Item = &str> {
        let required = self.params.iter().filter(|(_, param)| param.default.is_none());
        required.map(|(name, _)| name.as_str())
    }

    /// Framework → controls: those that its file names, and those that Security Hub has for what the rule is called there.
    pub fn frameworks(&self) -> &Frameworks {
        self.frameworks.get_or_init(|| through_security_hub(&self.written_frameworks, &self.aliases))
    }

    /// Whether it applies to clusters of all kinds.
    pub fn is_for_every_cluster(&self) -> bool {
        ClusterType::ALL.iter().all(|kind| self.clusters.contains(kind))
    }

    /// Whether it judges clusters. Those of [`policy_rules`] do not.
    pub fn judges_clusters(&self) -> bool {
        !self.checks.is_empty()
    }

    /// The parameters that a list of the organization feeds, with the list's name.
    pub fn fed_params(&self) -> impl Iterator<Item = (&str, &str)> {
        self.params.iter().filter_map(|(name, param)| Some((name.as_str(), param.organization.as_deref()?)))
    }

    /// `when`, as written.
    pub fn condition(&self) -> Option<&str> {
        self.when.as_ref().map(Expression::source)
    }

    /// Each check as written: its parts by their keys, in the order in which they are evaluated.
    pub fn written_checks(&self) -> impl Iterator<Item = &[(String, String)]> {
        self.checks.iter().map(|check| check.written.as_slice())
    }

    /// Every expression of the rule as written, named by the key it is under.
    pub fn expressions(&self) -> Vec<(String, &str)> {
        let mut all: Vec<_> =
            self.lets.iter().map(|(name, text)| (format!("let {name}"), text.as_str())).collect();
        all.extend(self.when.iter().map(|when| ("when".to_owned(), when.source())));
        all.extend(self.checks.iter().map(|check| ("assert".to_owned(), check.assert.source())));
        all
    }
}
