//! Rules on documents with one broken place.

use crate::document::{Place, Shape, broken, places};
use crate::{fixtures, is_whole, judge_of, silence, threads};
use bumpalo::Bump;
use ekslint::engine::{Judge, Judgement};
use ekslint::rule::{Rule, RuleSet, RuleSource};
use ekslint::snapshot::{Section, Snapshot, section};
use ekslint::value::Json;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What rules find in a document, and what they do not know.
#[derive(Debug, Default)]
struct Answer {
    findings: usize,
    unknown: usize,
}

impl Answer {
    /// What a rule said.
    fn of(judgement: &Judgement, rules: &[&Rule], at: usize) -> Self {
        let unknown = judgement.unknowns.iter().filter(|((rule, _), _)| rule.position() == at);
        let errors = judgement.errors.iter().filter(|error| error.rule == rules[at].id).count();
        Self {
            findings: judgement.findings.iter().filter(|finding| finding.rule.position() == at).count(),
            unknown: unknown.map(|(_, count)| count).sum::<usize>() + errors,
        }
    }

    /// Whether this, said of a broken document, keeps back what was said of the whole one.
    fn is_silent(&self, whole: &Self) -> bool {
        self.findings < whole.findings && self.unknown <= whole.unknown
    }
}

/// Rules, by which documents are judged.
struct Rules<'r> {
    rules: Vec<&'r Rule>,
    judge: Judge<'r>,
}

impl<'r> Rules<'r> {
    fn new(rules: Vec<&'r Rule>, arena: &'r Bump) -> Self {
        let judge = judge_of(rules.iter().copied(), arena);
        Self { rules, judge }
    }

    /// What each says; nothing of what is no snapshot any more, which a scan says.
    fn judge<'t>(&self, root: Json<'t>, arena: &'t Bump) -> Option<Vec<Answer>> {
        let snapshots = Snapshot::read(root, arena).ok()?;
        let judgement = self.judge.judge_each(snapshots.first()?, &Arc::default(), arena);
        Some((0..self.rules.len()).map(|at| Answer::of(&judgement, &self.rules, at)).collect())
    }
}

/// A rule that passed in silence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Silence {
    rule: String,
    /// The place, with `*` for positions.
    place: String,
    shape: Shape,
    example: String,
}

/// A fixture, and what all rules say of it.
struct Whole<'r> {
    name: &'r str,
    text: &'r str,
    /// For each section, the rules that read it and found something, with what they said.
    by_section: Vec<(&'static Section, Rules<'r>, Vec<Answer>)>,
}

impl<'r> Whole<'r> {
    fn new(name: &'r str, text: &'r str, rules: &'r [Rule], arena: &'r Bump) -> Self {
        let (all, own) = (Rules::new(rules.iter().collect(), arena), Bump::new());
        let root = Json::parse(text, &own).expect("JSON");
        let answers = all.judge(root, &own).expect("a snapshot");
        let finding: Vec<_> = rules
            .iter()
            .zip(answers)
            .filter(|(_, answer)| answer.findings > 0)
            .map(|(rule, _)| rule)
            .collect();
        let of_section = |section: &'static Section| {
            // All that found something, if there is time: what a rule reads is a table, which may be wrong.
            let reads = |rule: &&&Rule| {
                is_whole()
                    || rule.reads.sections.contains(section.name.as_str())
                    || rule.reads.facts.sections().any(|known| known.name == section.name)
            };
            let readers = Rules::new(finding.iter().filter(reads).copied().collect(), arena);
            let own = Bump::new();
            let answers = readers.judge(Json::parse(text, &own).expect("JSON"), &own)?;
            (!readers.rules.is_empty()).then_some((section, readers, answers))
        };
        Self { name, text, by_section: section::all().iter().filter_map(of_section).collect() }
    }

    /// What passes in silence when places of a section are broken.
    fn silences(&self) -> (usize, Vec<Silence>) {
        let (mut mutants, mut found) = (0, Vec::new());
        let arena = Bump::new();
        let root = Json::parse(self.text, &arena).expect("JSON");
        for (section, rules, whole) in &self.by_section {
            for place in &places(root, section) {
                for shape in Shape::ALL.into_iter().filter(|shape| shape.is_wrong_for(place)) {
                    mutants += 1;
                    found.extend(self.broken(rules, whole, root, place, shape));
                }
            }
        }
        (mutants, found)
    }

    fn broken(
        &self,
        rules: &Rules<'_>,
        whole: &[Answer],
        root: Json<'_>,
        place: &Place,
        shape: Shape,
    ) -> Vec<Silence> {
        let arena = Bump::new();
        let Some(answers) = broken(root, place, shape, &arena).and_then(|root| rules.judge(root, &arena))
        else {
            return Vec::new();
        };
        let pairs = rules.rules.iter().zip(answers.iter().zip(whole));
        let silent =
            pairs.filter(|(_, (answer, whole))| answer.is_silent(whole) && !silence::is_meant(place, shape));
        let silence = |rule: &str| Silence {
            rule: rule.to_owned(),
            place: place.generalised(),
            shape,
            example: format!("{} {}", self.name, place.pointer()),
        };
        silent.map(|(rule, _)| silence(&rule.id)).collect()
    }
}

#[test]
fn nothing_that_is_broken_makes_a_rule_pass_in_silence() {
    let loaded = RuleSet::load(&[RuleSource::BuiltIn], true);
    assert!(loaded.errors.is_empty(), "{:?}", loaded.errors);
    let fixtures = fixtures();
    let results: Vec<_> = threads().install(|| {
        let of = |(name, text): &(String, String)| {
            let arena = Bump::new();
            Whole::new(name, text, &loaded.set.rules, &arena).silences()
        };
        fixtures.par_iter().map(of).collect()
    });
    let mutants: usize = results.iter().map(|(mutants, _)| mutants).sum();
    let mut groups: BTreeMap<(String, String), (BTreeSet<Shape>, String)> = BTreeMap::new();
    for silence in results.into_iter().flat_map(|(_, found)| found) {
        let group = groups.entry((silence.rule, silence.place));
        group.or_insert_with(|| (BTreeSet::new(), silence.example)).0.insert(silence.shape);
    }
    let row = |((rule, place), (shapes, example)): (&(String, String), &(BTreeSet<Shape>, String))| {
        format!("{rule}\t{place}\t{shapes:?}\t{example}")
    };
    let rows: Vec<_> = groups.iter().map(row).collect();
    assert!(rows.is_empty(), "{} of {mutants} mutants pass in silence:\n{}", rows.len(), rows.join("\n"));
    assert!(mutants > 30_000, "{mutants} mutants");
}
