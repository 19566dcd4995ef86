//! What each part of a rule gave on a snapshot, resource by resource: the answer to "why did it not fire".

use super::finding::{Finding, Resource};
use super::index::RuleIndex;
use super::outcome::Outcome;
use crate::rule::RuleTracePlan;
use crate::snapshot::Unknown;
use crate::value::Location;
use std::sync::Arc;

/// A rule whose parts are to be shown.
#[derive(Debug)]
pub struct RuleToTrace {
    /// The rule.
    pub rule: RuleIndex,
    /// Its parts.
    pub plan: RuleTracePlan,
    /// Whether the parts are shown of every resource, and not only of those that failed or were not evaluated and of an
    /// example each of the others.
    pub all: bool,
    /// Whether it is kept as evidence, of a whole fleet: then parts are shown only of resources on which the rule decided,
    /// and long values are cut.
    pub as_evidence: bool,
}

/// So many characters of a value are kept as evidence: more than reports show.
const LONGEST_EVIDENCE: usize = 200;

impl RuleToTrace {
    /// The value as it is kept.
    pub(super) fn kept(&self, mut value: String) -> String {
        if let (true, Some((end, _))) = (self.as_evidence, value.char_indices().nth(LONGEST_EVIDENCE)) {
            value.truncate(end);
            value.shrink_to_fit();
        }
        value
    }
}

/// What a rule gave on a cluster.
#[derive(Debug)]
pub struct RuleTrace {
    /// The rule.
    pub rule: RuleIndex,
    /// Its outcome, as a scan has it.
    pub outcome: Outcome,
    /// Why a scan does not evaluate it on this cluster at all, if so. It was evaluated all the same, as far as possible.
    pub not_run: Option<RuleNotRun>,
    /// What it gave on each resource.
    pub resources: Vec<ResourceTrace>,
    /// Why there may be more resources, or none is known.
    pub unknowns: Vec<Unknown>,
    /// What went wrong apart from single resources.
    pub errors: Vec<String>,
}

/// Why a scan does not evaluate a rule on a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleNotRun {
    /// It is off for this cluster.
    Off,
    /// A parameter has no value.
    NeedsConfiguration(Unknown),
    /// It is not for clusters of this kind.
    OtherKind,
    /// Of which kind the cluster is, is not known.
    KindUnknown(Unknown),
}

/// What a rule gave on a resource.
#[derive(Debug)]
pub struct ResourceTrace {
    /// The resource.
    pub resource: Arc<Resource>,
    /// Where it is.
    pub at: Location,
    /// The outcome for it alone, before stronger rules speak for it.
    pub outcome: Outcome,
    /// What was found.
    pub findings: Vec<TracedFinding>,
    /// Why something was not evaluated, and how often.
    pub unknowns: Vec<(Unknown, usize)>,
    /// What failed.
    pub errors: Vec<String>,
    /// What the parts of the rule gave, if that is shown of this resource.
    pub parts: Option<ResourceParts>,
}

/// A finding, and the rules that speak for it.
#[derive(Clone, Debug)]
pub struct TracedFinding {
    /// The finding.
    pub finding: Finding,
    /// The rules whose findings are reported instead.
    pub superseded_by: Vec<RuleIndex>,
}

/// What the parts of a rule gave on a resource.
#[derive(Debug)]
pub struct ResourceParts {
    /// `let`: name and value.
    pub lets: Vec<(String, ExpressionTrace)>,
    /// `when`
    pub when: Option<ExpressionTrace>,
    /// Each check; none if `when` is not true.
    pub checks: Vec<CheckTrace>,
}

/// What a check gave, at one place of its loops.
#[derive(Debug)]
pub enum CheckTrace {
    /// It goes through a list.
    Each(EachTrace),
    /// What it asserts.
    Assert(ExpressionTrace),
}

/// What going through a list gave.
#[derive(Debug)]
pub struct EachTrace {
    /// What an item is called.
    pub name: String,
    /// What is gone through, as written.
    pub source: String,
    /// How many items there are, or why that is not known.
    pub items: Result<usize, TracedFailure>,
    /// Where the list is.
    pub at: Option<Location>,
    /// Items that did not pass, and one that did.
    pub shown: Vec<ItemTrace>,
    /// Why there may be more items.
    pub more: Option<Unknown>,
}

/// What an item gave.
#[derive(Debug)]
pub struct ItemTrace {
    /// Its value.
    pub value: String,
    /// Where it is.
    pub at: Option<Location>,
    /// What the check gave on it, or why nothing can be said about it.
    pub check: Result<CheckTrace, Unknown>,
}

/// Why there is no value.
#[derive(Clone, Debug, PartialEq)]
pub enum TracedFailure {
    /// It depends on something that is not known.
    Unknown(Unknown),
    /// The rule fails.
    Error(String),
}

/// What an expression gave.
#[derive(Debug)]
pub struct ExpressionTrace {
    /// As written in the rule.
    pub source: String,
    /// Its value as text, as JSON where it is JSON.
    pub value: Result<String, TracedFailure>,
    /// How its parts belong together, where it has some.
    pub operator: Option<&'static str>,
    /// Its parts.
    pub parts: Vec<ExpressionTrace>,
    /// Whether it decides what the expression gives that it is a part of.
    pub decides: bool,
    /// What it reads.
    pub reads: Vec<ReadTrace>,
    /// Items of a list for which it was asked, where it stands in a loop: the item, and where that is.
    pub item: Option<(String, Option<Location>)>,
}

/// A value that an expression reads.
#[derive(Debug)]
pub struct ReadTrace {
    /// The path, as written.
    pub source: String,
    /// The value.
    pub value: Result<String, TracedFailure>,
    /// Where it is; of a fact, where what it follows from is.
    pub at: Option<Location>,
}

impl ExpressionTrace {
    /// Whether it gave that truth value.
    pub fn is(&self, truth: bool) -> bool {
        self.value.as_deref() == Ok(if truth { "true" } else { "false" })
    }

    fn unknowns_mut<'t>(&'t mut self, all: &mut Vec<&'t mut Unknown>) {
        let values =
            std::iter::once(&mut self.value).chain(self.reads.iter_mut().map(|read| &mut read.value));
        all.extend(values.filter_map(|value| TracedFailure::unknown_mut(value.as_mut().err()?)));
        self.parts.iter_mut().for_each(|part| part.unknowns_mut(all));
    }

    fn locations_mut<'t>(&'t mut self, all: &mut Vec<&'t mut Location>) {
        all.extend(self.reads.iter_mut().filter_map(|read| read.at.as_mut()));
        all.extend(self.item.iter_mut().filter_map(|(_, at)| at.as_mut()));
        self.parts.iter_mut().for_each(|part| part.locations_mut(all));
    }
}

impl CheckTrace {
    /// Whether it asserts the truth wherever it looked.
    pub fn passes(&self) -> bool {
        match self {
            Self::Assert(assert) => assert.is(true),
            Self::Each(each) => {
                let item = |item: &ItemTrace| item.check.as_ref().is_ok_and(Self::passes);
                each.items.is_ok() && each.more.is_none() && each.shown.iter().all(item)
            }
        }
    }

    fn unknowns_mut<'t>(&'t mut self, all: &mut Vec<&'t mut Unknown>) {
        match self {
            Self::Assert(assert) => assert.unknowns_mut(all),
            Self::Each(each) => {
                all.extend(each.items.as_mut().err().and_then(TracedFailure::unknown_mut));
                for item in &mut each.shown {
                    match &mut item.check {
                        Ok(check) => check.unknowns_mut(all),
                        Err(unknown) => all.push(unknown),
                    }
                }
            }
        }
    }

    fn locations_mut<'t>(&'t mut self, all: &mut Vec<&'t mut Location>) {
        match self {
            Self::Assert(assert) => assert.locations_mut(all),
            Self::Each(each) => {
                all.extend(each.at.as_mut());
                for item in &mut each.shown {
                    all.extend(item.at.as_mut());
                    if let Ok(check) = &mut item.check {
                        check.locations_mut(all);
                    }
                }
            }
        }
    }
}

impl TracedFailure {
    fn unknown_mut(&mut self) -> Option<&mut Unknown> {
        match self {
            Self::Unknown(unknown) => Some(unknown),
            Self::Error(_) => None,
        }
    }
}

impl RuleTrace {
    /// Every reason for which something is not known.
    pub(super) fn unknowns_mut(&mut self) -> Vec<&mut Unknown> {
        let mut all: Vec<_> = self.unknowns.iter_mut().collect();
        for ResourceTrace { unknowns, parts, .. } in &mut self.resources {
            all.extend(unknowns.iter_mut().map(|(unknown, _)| unknown));
            let Some(ResourceParts { lets, when, checks }) = parts else { continue };
            lets.iter_mut().for_each(|(_, value)| value.unknowns_mut(&mut all));
            when.iter_mut().for_each(|when| when.unknowns_mut(&mut all));
            checks.iter_mut().for_each(|check| check.unknowns_mut(&mut all));
        }
        all
    }

    /// All findings.
    pub fn findings_mut(&mut self) -> impl Iterator<Item = &mut Finding> {
        self.resources.iter_mut().flat_map(|one| one.findings.iter_mut().map(|traced| &mut traced.finding))
    }

    /// All places, to be looked up.
    pub fn locations_mut(&mut self) -> Vec<&mut Location> {
        let mut all = Vec::new();
        for ResourceTrace { at, findings, parts, .. } in &mut self.resources {
            all.push(at);
            all.extend(findings.iter_mut().flat_map(|traced| traced.finding.locations_mut()));
            let Some(ResourceParts { lets, when, checks }) = parts else { continue };
            lets.iter_mut().for_each(|(_, value)| value.locations_mut(&mut all));
            when.iter_mut().for_each(|when| when.locations_mut(&mut all));
            checks.iter_mut().for_each(|check| check.locations_mut(&mut all));
        }
        all
    }
}
