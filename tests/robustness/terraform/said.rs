//! What the rules say of a root.

use super::root::Root;
use crate::judge_of;
use bumpalo::Bump;
use ekslint::engine::{Judge, Judgement, Outcome};
use ekslint::rule::{Rule, RuleSet};
use ekslint::snapshot::Snapshot;
use ekslint::source::composed::ComposedCluster;
use ekslint::source::iac::terraform::hcl::{VariableInputs, find_roots, load};
use ekslint::source::iac::tree::TemplateTree;
use ekslint::source::iac::{TemplateCluster, drafts};
use ekslint::value::Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// All rules.
pub(super) struct Rules<'r> {
    pub(super) rules: &'r [Rule],
    judge: Judge<'r>,
}

/// What is said of the clusters of a root, by their addresses.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RootSaid {
    pub(super) clusters: BTreeMap<String, Vec<RuleSaid>>,
    /// What is wrong with the root itself.
    pub(super) problems: Vec<String>,
}

/// What a rule says of a cluster.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RuleSaid {
    pub(super) outcome: Outcome,
    /// The resource and the sentence of each finding, in order.
    pub(super) findings: Vec<String>,
    /// What was not known, each time.
    pub(super) unknown: Vec<String>,
    pub(super) errors: Vec<String>,
}

impl<'r> Rules<'r> {
    pub(super) fn new(set: &'r RuleSet, arena: &'r Bump) -> Self {
        Self { rules: &set.rules, judge: judge_of(set.rules.iter(), arena) }
    }

    /// What they say of a root module. What is in a module is called as if it were in none.
    pub(super) fn said(&self, root: &Root) -> RootSaid {
        let paths = root.below("", usize::MAX).expect("in memory");
        let modules = find_roots(root, &paths);
        let names: Vec<_> = modules.iter().map(|module| module.folder.as_str()).collect();
        assert_eq!(names, [""], "one root module in {:?}", paths);
        let mut said = RootSaid::default();
        for template in load(root, &modules[0], &VariableInputs::default()) {
            said.problems.extend(template.problems.iter().map(|problem| format!("{problem:?}")));
            let (drafts, template) = (drafts(&template), Arc::new(template));
            for draft in drafts {
                let unnamed = || format!("without an address {}", said.clusters.len());
                let name = draft
                    .address
                    .as_deref()
                    .map_or_else(unnamed, |address| without_modules(without_index(address)));
                let cluster = TemplateCluster::new(Arc::clone(&template), draft);
                let old = said.clusters.insert(name, self.of_snapshot(cluster.text()));
                assert!(old.is_none(), "each cluster has its address");
            }
        }
        said
    }

    fn of_snapshot(&self, text: &str) -> Vec<RuleSaid> {
        let arena = Bump::new();
        let root = Json::parse(text, &arena).expect("JSON");
        let snapshots = Snapshot::read(root, &arena).expect("a snapshot");
        let judgement = self.judge.judge_each(&snapshots[0], &Arc::default(), &arena);
        (0..self.rules.len()).map(|at| RuleSaid::of(&judgement, &self.rules[at].id, at)).collect()
    }
}

impl RuleSaid {
    fn of(judgement: &Judgement, id: &str, at: usize) -> Self {
        let findings = judgement.findings.iter().filter(|finding| finding.rule.position() == at);
        let words = |finding: &ekslint::engine::Finding| {
            without_modules(&format!("{}: {}", finding.resource.in_words(), finding.message))
        };
        let mut findings: Vec<_> = findings.map(words).collect();
        findings.sort();
        let unknowns = judgement.unknowns.iter().filter(|((rule, _), _)| rule.position() == at);
        let unknowns = unknowns.flat_map(|((_, unknown), count)| {
            let words = without_modules(&format!("{}: {}", unknown.at, unknown.reason));
            std::iter::repeat_n(words, *count)
        });
        let errors = judgement.errors.iter().filter(|error| error.rule == id);
        Self {
            outcome: judgement.outcomes[at],
            findings,
            unknown: unknowns.collect(),
            errors: errors.map(|error| error.cause.clone()).collect(),
        }
    }
}

impl RootSaid {
    /// Where two differ, each with the position of the rule.
    pub(super) fn differences(&self, other: &Self) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for (name, said) in &self.clusters {
            let Some(others) = other.clusters.get(name) else {
                found.push((0, format!("{name} is no cluster any more")));
                continue;
            };
            let pairs = said.iter().zip(others).enumerate().filter(|(_, (said, other))| said != other);
            found.extend(pairs.map(|(at, (said, other))| (at, format!("{said:?} became {other:?}"))));
        }
        let new = other.clusters.keys().filter(|name| !self.clusters.contains_key(*name));
        found.extend(new.map(|name| (0, format!("{name} is a new cluster"))));
        found
    }
}

/// The address of a cluster, of which there may be several.
fn without_index(address: &str) -> &str {
    address.split('[').next().unwrap_or(address)
}

/// A text in which what is in the modules that a root was put into is called as if it were in none.
fn without_modules(text: &str) -> String {
    text.replace("module.outer.", "").replace("module.inner.", "")
}
