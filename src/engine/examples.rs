//! Runs the examples of rules: what each must find, and that nothing passes in silence when
//! something that the rule reads is taken away.

use super::judge::{Judge, Judgement};
use super::outcome::Outcome;
use super::settings::Configured;
use crate::facts::{self, AsOf};
use crate::rule::cel::EVALUATE_STACK;
use crate::rule::{Example, ExpectedOutcome, Rule};
use crate::snapshot::{Snapshot, Type, schema, section};
use crate::threads;
use crate::value::Json;
use bumpalo::Bump;
use chrono::NaiveDate;
use rayon::prelude::*;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The day that counts as today where an example names none.
const DEFAULT_DATE: (i32, u32, u32) = (2026, 11, 21);

/// An example that differs from what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExampleDifference {
    /// The rule.
    pub rule: String,
    /// The rule's file.
    pub file: String,
    /// The example; empty where the rule as a whole differs.
    pub example: String,
    /// The line in the file where the example starts.
    pub line: usize,
    /// What differs.
    pub message: String,
}

/// How many examples ran, how often something was taken away, and what differed.
#[derive(Debug, Default)]
pub struct ExampleReport {
    /// Examples that ran.
    pub examples: usize,
    /// Sections and fields taken away.
    pub removals: usize,
    /// What differed.
    pub differences: Vec<ExampleDifference>,
}

impl ExampleReport {
    /// Runs all examples of rules, each rule on a thread whose stack is large enough. What differs is
    /// in the order of the rules.
    pub fn run_all(rules: &[Rule]) -> Self {
        let one = |rule: &Rule| {
            let mut report = Self::default();
            report.run(rule);
            report
        };
        let all = || rules.par_iter().map(one).collect();
        let reports: Vec<_> = threads::run(EVALUATE_STACK, usize::MAX, all);
        let mut all = Self::default();
        for report in reports {
            all.examples += report.examples;
            all.removals += report.removals;
            all.differences.extend(report.differences);
        }
        all
    }

    /// Runs all examples of a rule.
    pub fn run(&mut self, rule: &Rule) {
        let mut difference = |name: &str, line: usize, message: String| {
            self.differences.push(ExampleDifference {
                rule: rule.id.clone(),
                file: rule.file.clone(),
                example: name.to_owned(),
                line,
                message,
            });
        };
        let expects = |fails: bool| {
            rule.examples
                .iter()
                .any(|example| example.finds.as_ref().is_some_and(|finds| finds.is_empty() != fails))
        };
        if !expects(true)
            || !expects(false) && !rule.examples.iter().any(|e| e.outcome == Some(ExpectedOutcome::Pass))
        {
            difference("", 1, "needs an example that passes and one that fails".to_owned());
        }
        for example in &rule.examples {
            self.examples += 1;
            if let Err(message) = check(rule, example) {
                difference(&example.name, example.line, message);
            }
        }
        let documented = Absences::documented(rule);
        let finding = |example: &&Example| {
            example.finds.as_ref().is_some_and(|finds| !finds.is_empty()) && check(rule, example).is_ok()
        };
        for example in rule.examples.iter().filter(finding) {
            for removal in removals(rule, &example.snapshot) {
                self.removals += 1;
                if let Some(message) = silent_pass(rule, example, &removal, &documented) {
                    difference(&example.name, example.line, message);
                }
            }
        }
    }
}

fn check(rule: &Rule, example: &Example) -> Result<(), String> {
    let result = judge(rule, example, &example.snapshot)?;
    match (&example.finds, example.outcome) {
        (Some(finds), None) => result.finds(finds),
        (None, Some(outcome)) => result.has(outcome),
        _ => Err("needs either `finds` or `outcome`".to_owned()),
    }
}

/// What judging an example gave.
struct ExampleResult {
    pointers: Vec<String>,
    outcome: Outcome,
    judgement: Judgement,
}

impl ExampleResult {
    fn finds(&self, expected: &[String]) -> Result<(), String> {
        if self.pointers != expected {
            let outcome = match self.outcome {
                Outcome::Fail => String::new(),
                outcome => format!("; outcome: {}", name(outcome)),
            };
            let why = self.why();
            return Err(format!("finds {:?} instead of {expected:?}{outcome}{why}", self.pointers));
        }
        let decided = matches!(self.outcome, Outcome::Pass | Outcome::NotApplicable | Outcome::Fail);
        match decided {
            true => Ok(()),
            false => Err(format!("is {}{}", name(self.outcome), self.why())),
        }
    }

    fn has(&self, expected: ExpectedOutcome) -> Result<(), String> {
        let met = match expected {
            ExpectedOutcome::Pass => self.outcome == Outcome::Pass,
            ExpectedOutcome::NotApplicable => self.outcome == Outcome::NotApplicable,
            ExpectedOutcome::NotEvaluated => self.outcome == Outcome::NotEvaluated,
            ExpectedOutcome::NeedsConfiguration => self.outcome == Outcome::NeedsConfiguration,
            ExpectedOutcome::Error => self.outcome == Outcome::Error,
        };
        let pointers =
            if self.pointers.is_empty() { String::new() } else { format!(" with {:?}", self.pointers) };
        match met {
            true => Ok(()),
            false => {
                let (is, expected) = (name(self.outcome), expected_name(expected));
                Err(format!("is {is}{pointers} instead of {expected}{}", self.why()))
            }
        }
    }

    /// Why something was not evaluated, or failed.
    fn why(&self) -> String {
        let unknown = self.judgement.unknowns.keys().map(|(_, unknown)| unknown.reason.clone());
        let errors = self.judgement.errors.iter().map(|error| error.cause.clone());
        let reasons: BTreeSet<_> = unknown.chain(errors).collect();
        match reasons.is_empty() {
            true => String::new(),
            false => format!(" ({})", reasons.into_iter().collect::<Vec<_>>().join("; ")),
        }
    }
}

fn name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Off => "off",
        Outcome::NotApplicable => "not applicable",
        Outcome::Pass => "passed",
        Outcome::NotEvaluated => "not evaluated",
        Outcome::Error => "an error",
        Outcome::Fail => "failed",
        Outcome::Superseded => "superseded",
        Outcome::NeedsConfiguration => "in want of a parameter",
    }
}

fn expected_name(expected: ExpectedOutcome) -> &'static str {
    match expected {
        ExpectedOutcome::Pass => name(Outcome::Pass),
        ExpectedOutcome::NotApplicable => name(Outcome::NotApplicable),
        ExpectedOutcome::NotEvaluated => name(Outcome::NotEvaluated),
        ExpectedOutcome::Error => name(Outcome::Error),
        ExpectedOutcome::NeedsConfiguration => name(Outcome::NeedsConfiguration),
    }
}

/// Judges a snapshot by one rule, with the parameters and the date of an example.
fn judge(rule: &Rule, example: &Example, snapshot: &Value) -> Result<ExampleResult, String> {
    let (text, arena) = (snapshot.to_string(), Bump::new());
    let root = Json::parse(&text, &arena).map_err(|error| error.to_string())?;
    let snapshots = Snapshot::read(root, &arena).map_err(|error| format!("the snapshot {error}"))?;
    let [snapshot] = snapshots.as_slice() else { return Err("needs one snapshot".to_owned()) };
    let configured = Configured::with(rule, &example.params, &arena).map_err(|error| error.to_string())?;
    let (year, month, day) = DEFAULT_DATE;
    let date = example.as_of.or(NaiveDate::from_ymd_opt(year, month, day)).unwrap_or_default();
    let judge = Judge::new(vec![configured], AsOf { date });
    let judgement = judge.judge(snapshot, &Arc::default(), &arena);
    let pointers = judgement.findings.iter().map(|finding| finding.primary.pointer.to_string()).collect();
    let outcome = judgement.outcomes.first().copied().unwrap_or(Outcome::NotApplicable);
    Ok(ExampleResult { pointers, outcome, judgement })
}

/// Something taken away from a snapshot.
struct Removal {
    pointer: String,
    what: RemovedPart,
}

/// What it is that is taken away.
enum RemovedPart {
    /// A section that the rule reads.
    Section,
    /// A section that facts follow from which the rule reads.
    OfFacts,
    /// A structure and a field of it.
    Field((String, String)),
}

/// Every section and field of a snapshot that the rule reads.
fn removals(rule: &Rule, snapshot: &Value) -> Vec<Removal> {
    let mut found = Vec::new();
    let Some(fields) = snapshot.as_object() else { return found };
    for (name, value) in fields {
        let Some(section) = section::by_name(name) else { continue };
        let pointer = format!("/{name}");
        let read = rule.reads.sections.contains(name.as_str());
        let by_facts = rule.reads.facts.sections().any(|section| section.name == *name);
        if read || by_facts && !facts::ASSUMED.contains(&name.as_str()) {
            found.push(Removal {
                pointer: pointer.clone(),
                what: if read { RemovedPart::Section } else { RemovedPart::OfFacts },
            });
        }
        let ty = schema().section(&section.name);
        each_field(value, ty, &pointer, &mut |pointer, field| {
            if rule.reads.fields.contains(&field) {
                found.push(Removal { pointer, what: RemovedPart::Field(field) });
            }
        });
    }
    found
}

/// Visits every field whose structure is known.
fn each_field(value: &Value, ty: Type, pointer: &str, visit: &mut dyn FnMut(String, (String, String))) {
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                each_field(item, schema().item(ty), &format!("{pointer}/{at}"), visit);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let field = schema().select(ty, name).ok().flatten();
                let below = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                if let Type::Struct(id) = ty {
                    visit(below.clone(), (schema().structure(id).name.clone(), name.clone()));
                }
                each_field(value, field.map_or(Type::Any, |field| field.ty), &below, visit);
            }
        }
        _ => {}
    }
}

/// What an example without findings leaves out on purpose: fields, and sections behind facts.
struct Absences {
    fields: BTreeSet<(String, String)>,
    sections: BTreeSet<&'static str>,
}

impl Absences {
    fn documented(rule: &Rule) -> Self {
        let (mut absent, mut sections) = (BTreeSet::new(), BTreeSet::new());
        let quiet = |example: &&Example| {
            example.finds.as_ref().is_some_and(Vec::is_empty)
                || matches!(example.outcome, Some(ExpectedOutcome::Pass | ExpectedOutcome::NotApplicable))
        };
        for example in rule.examples.iter().filter(quiet) {
            let Some(fields) = example.snapshot.as_object() else { continue };
            if example.outcome != Some(ExpectedOutcome::NotApplicable) {
                let names = section::all().iter().map(|section| section.name.as_str());
                sections.extend(names.filter(|name| !fields.contains_key(*name)));
            }
            for (name, value) in fields {
                let Some(section) = section::by_name(name) else { continue };
                let mut structures = Vec::new();
                each_structure(value, schema().section(&section.name), &mut structures);
                for (structure, present) in structures {
                    let read =
                        rule.reads.fields.iter().filter(|(s, f)| *s == structure && !present.contains(f));
                    absent.extend(read.cloned());
                }
            }
        }
        Self { fields: absent, sections }
    }
}

fn each_structure(value: &Value, ty: Type, found: &mut Vec<(String, BTreeSet<String>)>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| each_structure(item, schema().item(ty), found)),
        Value::Object(fields) => {
            if let Type::Struct(id) = ty {
                found.push((schema().structure(id).name.clone(), fields.keys().cloned().collect()));
            }
            for (name, value) in fields {
                let field = schema().select(ty, name).ok().flatten();
                each_structure(value, field.map_or(Type::Any, |field| field.ty), found);
            }
        }
        _ => {}
    }
}

/// Whether a rule that finds something is content once a part is gone, without anything saying
/// that it should be: no row in the table of absences, and no example.
fn silent_pass(rule: &Rule, example: &Example, removal: &Removal, documented: &Absences) -> Option<String> {
    let mut snapshot = example.snapshot.clone();
    let (parent, name) = removal.pointer.rsplit_once('/')?;
    let name = name.replace("~1", "/").replace("~0", "~");
    snapshot.pointer_mut(parent)?.as_object_mut()?.remove(&name)?;
    let is_meant = match &removal.what {
        RemovedPart::Section => false,
        RemovedPart::OfFacts => documented.sections.contains(name.as_str()),
        RemovedPart::Field(field) => {
            documented.fields.contains(field) || absence_has_meaning(&field.0, &field.1)
        }
    };
    if is_meant {
        return None;
    }
    let result = judge(rule, example, &snapshot).ok()?;
    let quiet = matches!(result.outcome, Outcome::Pass | Outcome::NotApplicable);
    quiet.then(|| {
        format!(
            "{} in silence without {}: absence must be unknown, or an example must show that it is fine",
            name_of(result.outcome),
            removal.pointer
        )
    })
}

fn name_of(outcome: Outcome) -> &'static str {
    if outcome == Outcome::Pass { "passes" } else { "does not apply" }
}

fn absence_has_meaning(structure: &str, field: &str) -> bool {
    schema().field(structure, field).is_some_and(|field| field.absent.is_some())
}
