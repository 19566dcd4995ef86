//! Findings of Terraform, however it is written. A literal behind variables, locals and modules gives the finding that the
//! literal gives; and a value that is not known makes a rule that cannot be evaluated of a finding or of a pass, and never
//! the one of the other.
//!
//! What is changed are two root modules, in each place where a value stands: the one of the documentation, and one with
//! resources of most kinds. In `cargo test` a sample of it all, with `MUTATE=all` what is not known in each place.

mod chain;
mod places;
mod root;
mod said;
mod unknown;

use crate::{is_whole, threads};
use bumpalo::Bump;
use chain::{Chain, STARTS, STEPS, Start, WRAPS, Wrap, behind, can_be, chain};
use ekslint::engine::Outcome;
use ekslint::rule::{RuleSet, RuleSource};
use places::{Places, ValuePlace, places};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;
use rayon::prelude::*;
use root::{Edit, Root, roots};
use said::{RootSaid, RuleSaid, Rules};
use std::collections::{BTreeMap, BTreeSet};
use unknown::Less;

/// A root, what there is to change in it, and what the rules say of it as it is.
struct Base {
    root: Root,
    places: Places,
    said: RootSaid,
}

fn bases(rules: &Rules<'_>) -> Vec<Base> {
    let base = |root: Root| {
        let (places, said) = (places(&root), rules.said(&root));
        assert_eq!(said.problems, [""; 0], "{}", root.name);
        Base { root, places, said }
    };
    roots().into_iter().map(base).collect()
}

/// Runs a test with all rules, with the stack that deep expressions need.
fn with_rules(test: impl FnOnce(&Rules<'_>) + Send) {
    let loaded = RuleSet::load(&[RuleSource::BuiltIn], true);
    threads().install(|| {
        let arena = Bump::new();
        test(&Rules::new(&loaded.set, &arena));
    });
}

/// Every so many of the cases, so that it takes seconds; all of them where that is asked for.
fn sampled<T>(cases: Vec<T>, step: usize) -> Vec<T> {
    cases.into_iter().step_by(if is_whole() { 1 } else { step }).collect()
}

/// What is wrong with a root that says the same in another way.
fn unlike(rules: &Rules<'_>, base: &Base, other: &Root) -> Option<String> {
    let said = rules.said(other);
    let mut wrong = said.problems.clone();
    let ids = base.said.differences(&said);
    wrong.extend(ids.into_iter().map(|(at, what)| format!("{}: {what}", rules.rules[at].id)));
    (!wrong.is_empty())
        .then(|| format!("{}\n{}", wrong.join("\n"), other.shown(&["added", "main.tf", "tfvars"])))
}

/// The literals of a root that can be behind a chain.
fn literals(base: &Base, wrap: Wrap) -> Vec<&ValuePlace> {
    base.places.values.iter().filter(|place| can_be(place, wrap)).collect()
}

#[test]
fn a_literal_behind_one_step_gives_the_same_findings() {
    with_rules(|rules| {
        let bases = bases(rules);
        let mut chains: Vec<(Chain, Wrap)> = Vec::new();
        for start in STARTS {
            // In a module, only what its call gives is another thing.
            let is_given = matches!(start, Start::Given | Start::TypedGiven);
            let wraps = WRAPS.into_iter().filter(|wrap| is_given || *wrap == Wrap::None);
            chains.extend(wraps.map(|wrap| (Chain { start, steps: Vec::new() }, wrap)));
        }
        chains.extend(STEPS.map(|step| (Chain { start: Start::Here, steps: vec![step] }, Wrap::None)));
        let mut cases = Vec::new();
        for base in &bases {
            for (chain, wrap) in &chains {
                cases.extend(literals(base, *wrap).into_iter().map(|place| (base, place, chain, *wrap)));
            }
        }
        let all = cases.len();
        // Every second one is enough: any chains are tried below.
        let cases: Vec<_> = cases.into_iter().step_by(if is_whole() { 2 } else { 37 }).collect();
        let wrong: Vec<_> = { cases.par_iter() }
            .filter_map(|(base, place, chain, wrap)| {
                let root = behind(&base.root, &base.places, &[(place, chain)], *wrap);
                let what = unlike(rules, base, &root)?;
                Some(format!("{} {chain:?} {wrap:?}: {what}", place.in_words(&base.root)))
            })
            .collect();
        assert!(all > 8_000, "{all} cases");
        assert!(wrong.is_empty(), "{} in {} of {all} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    });
}

#[test]
fn literals_behind_any_chains_give_the_same_findings() {
    with_rules(|rules| {
        let bases = bases(rules);
        let changes = prop::collection::vec((any::<Index>(), chain()), 1..6);
        let case = (any::<Index>(), changes, prop::sample::select(&WRAPS[..]));
        let cases = if is_whole() { 1_000 } else { 60 };
        let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
        let mut runner = TestRunner::new(config);
        let result = runner.run(&case, |(base, changes, wrap)| {
            let base = base.get(&bases);
            let literals = literals(base, wrap);
            let mut chosen: Vec<(&ValuePlace, &Chain)> = Vec::new();
            for (at, chain) in &changes {
                let place = *at.get(&literals);
                if !chosen.iter().any(|(other, _)| other.overlaps(place)) {
                    chosen.push((place, chain));
                }
            }
            let wrong = unlike(rules, base, &behind(&base.root, &base.places, &chosen, wrap));
            let places = || chosen.iter().map(|(place, chain)| (place.in_words(&base.root), *chain));
            prop_assert!(
                wrong.is_none(),
                "{:#?}: {}",
                places().collect::<Vec<_>>(),
                wrong.unwrap_or_default()
            );
            Ok(())
        });
        if let Err(error) = result {
            panic!("{error}");
        }
    });
}

/// Otherwise no case could fail: chains have another value beside the literal wherever they can, so what takes that one is
/// found by these differences.
#[test]
fn another_literal_gives_other_findings() {
    with_rules(|rules| {
        let bases = bases(rules);
        let mut cases = Vec::new();
        for base in &bases {
            cases.extend(literals(base, Wrap::None).into_iter().map(|place| (base, place)));
        }
        let all = cases.len();
        let cases = sampled(cases, 4);
        let changed: Vec<BTreeSet<usize>> = { cases.par_iter() }
            .map(|(base, place)| {
                let text = place.other();
                let edit = Edit { file: place.file.clone(), range: place.range.clone(), text };
                let said = rules.said(&base.root.edited(&[edit]));
                base.said.differences(&said).into_iter().map(|(at, _)| at).collect()
            })
            .collect();
        let touching = changed.iter().filter(|rules| !rules.is_empty()).count();
        let touched: BTreeSet<_> = changed.into_iter().flatten().collect();
        let counts =
            format!("{touching} of {} of {all} places change what {} rules say", cases.len(), touched.len());
        assert!(touching * 5 >= cases.len() * 2 && touched.len() >= 60, "{counts}");
    });
}

/// What is wrong with what is said of a root of which less is known.
fn wrong(whole: &RuleSaid, less: &RuleSaid, elsewhere: usize) -> Option<&'static str> {
    let (had, has) = (whole.findings.len(), less.findings.len());
    let is_found_elsewhere = had == 0 && elsewhere > 0 && whole.outcome != Outcome::NotEvaluated;
    if has > had || is_found_elsewhere {
        return Some("finds more");
    }
    // It must say so: what it could not evaluate anyway does not tell that.
    let is_new = |unknown: &&String| !whole.unknown.contains(unknown);
    if has + elsewhere < had && !less.unknown.iter().any(|unknown| is_new(&unknown)) {
        return Some("finds less in silence");
    }
    if less.errors != whole.errors {
        return Some("fails");
    }
    if whole.outcome == Outcome::NotEvaluated && less.outcome == Outcome::Pass {
        return Some("passes what it could not evaluate");
    }
    None
}

#[test]
fn what_is_not_known_is_neither_passed_nor_found() {
    with_rules(|rules| {
        let bases = bases(rules);
        let mut cases = Vec::new();
        for base in &bases {
            cases.extend(unknown::all(&base.places).into_iter().map(|less| (base, less)));
        }
        let all = cases.len();
        let cases = sampled(cases, 11);
        let outcomes: Vec<_> = cases.par_iter().map(|(base, less)| LessSaid::of(rules, base, less)).collect();
        let wrong: Vec<_> = outcomes.iter().flat_map(|outcome| &outcome.wrong).collect();
        let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (group, what) in &wrong {
            groups.entry(group).or_default().push(what);
        }
        let rows = groups.iter().map(|(group, all)| {
            let places = all.iter().map(|what| what.lines().next().unwrap_or_default());
            format!("{group}: {}, {}\n  {}", all.len(), all[0], places.collect::<Vec<_>>().join("\n  "))
        });
        let rows: Vec<_> = rows.collect();
        let unfound: BTreeSet<_> = outcomes.iter().flat_map(|outcome| &outcome.unfound).collect();
        let unpassed: BTreeSet<_> = outcomes.iter().flat_map(|outcome| &outcome.unpassed).collect();
        assert!(rows.is_empty(), "{} in {} of {all} cases:\n{}", wrong.len(), cases.len(), rows.join("\n"));
        // Otherwise nothing was made unknown that a rule reads.
        let least = if is_whole() { 35 } else { 25 };
        let counts = format!("{} rules that find and {} that pass", unfound.len(), unpassed.len());
        assert!(unfound.len() >= least && unpassed.len() >= least, "{counts} are touched in {all} cases");
    });
}

/// What became of what the rules said.
#[derive(Default)]
struct LessSaid {
    /// What is wrong, by what is the same sort of wrong.
    wrong: Vec<(String, String)>,
    /// The rules that do not know any more what they found.
    unfound: BTreeSet<usize>,
    /// The rules that do not know any more that nothing is wrong.
    unpassed: BTreeSet<usize>,
}

impl LessSaid {
    fn of(rules: &Rules<'_>, base: &Base, less: &Less) -> Self {
        let said = rules.said(&less.of(&base.root));
        let mut found = Self::default();
        let mut add = |what: &str, detail: String| {
            let group = format!("{what}, {}", less.sort());
            found.wrong.push((group, format!("{}\n  {detail}", less.in_words(&base.root))));
        };
        // What names no described cluster any more is another cluster's: what is found there is no less found.
        let others = said.clusters.iter().filter(|(name, _)| !base.said.clusters.contains_key(*name));
        let others: Vec<_> = others.map(|(_, said)| said).collect();
        let elsewhere = |at: usize| others.iter().map(|said| said[at].findings.len()).sum::<usize>();
        for (name, whole) in &base.said.clusters {
            let Some(said) = said.clusters.get(name) else {
                add("no cluster any more", name.clone());
                continue;
            };
            for (at, (whole, less)) in whole.iter().zip(said).enumerate() {
                if let Some(what) = wrong(whole, less, elsewhere(at)) {
                    add(&format!("{} {what}", rules.rules[at].id), format!("{whole:?}\n  {less:?}"));
                }
                let is_new = less.unknown.len() > whole.unknown.len();
                match whole.outcome {
                    Outcome::Fail if is_new => drop(found.unfound.insert(at)),
                    Outcome::Pass if is_new => drop(found.unpassed.insert(at)),
                    _ => {}
                }
            }
        }
        found
    }
}
