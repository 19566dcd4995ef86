//! All rules on all that there is to run them on. In tests every evaluation is also one by the interpreter of the `cel` crate,
//! and the test fails where the two differ: see `rule::cel::both`.

use super::examples::ExampleReport;
use super::judge::Judge;
use super::settings::Configured;
use crate::facts::AsOf;
use crate::rule::cel::EVALUATE_STACK;
use crate::rule::{RuleSet, RuleSource};
use crate::snapshot::{Snapshot, section};
use crate::threads;
use crate::value::Json;
use bumpalo::Bump;
use chrono::NaiveDate;
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The sample clusters.
fn fixtures() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let files = std::fs::read_dir(folder).expect("there are fixtures");
    let mut paths: Vec<_> = files.map(|file| file.expect("is readable").path()).collect();
    paths.sort();
    let texts = paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    texts.map(|path| serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON")).collect()
}

/// A cluster as a template would describe it: all ids and ARNs are symbols, the same wherever they stand.
fn symbolic(original: &Value) -> Value {
    let mut document = original.clone();
    let (mut symbols, mut references) = (BTreeMap::new(), Vec::new());
    for section in section::all() {
        if let Some(node) = document.get_mut(&section.name) {
            symbolise(node, &format!("/{}", section.name), &mut symbols, &mut references);
        }
    }
    document["schemaVersion"] = 2.into();
    document["source"] = "terraform".into();
    document["references"] = references.into();
    document
}

fn symbolise(
    node: &mut Value,
    place: &str,
    symbols: &mut BTreeMap<String, String>,
    references: &mut Vec<String>,
) {
    let is_id =
        |text: &str| text.starts_with("arn:") || text.rsplit_once('-').is_some_and(|(_, id)| id.len() >= 8);
    match node {
        Value::String(text) if is_id(text) => {
            let next = format!("${{aws_thing.of[{}].id}}", symbols.len());
            *text = symbols.entry(text.clone()).or_insert(next).clone();
            references.push(place.to_owned());
        }
        Value::Array(items) => {
            for (at, item) in items.iter_mut().enumerate() {
                symbolise(item, &format!("{place}/{at}"), symbols, references);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                let name = name.replace('~', "~0").replace('/', "~1");
                symbolise(field, &format!("{place}/{name}"), symbols, references);
            }
        }
        _ => {}
    }
}

/// A cluster, and the cluster with a change to each of its sections in turn.
fn variants(original: &Value, change: fn(&mut Value, &str)) -> Vec<Value> {
    let mut all = vec![original.clone()];
    for section in section::all().iter().filter(|section| original.get(&section.name).is_some()) {
        let mut changed = original.clone();
        change(&mut changed, &section.name);
        all.push(changed);
    }
    all
}

fn take_away(document: &mut Value, section: &str) {
    document.as_object_mut().expect("an object").shift_remove(section);
}

fn refuse(document: &mut Value, section: &str) {
    document["notCollected"] = json!([{"at": format!("/{section}"), "api": "eks:X", "kind": "denied"}]);
}

/// How many findings the rules have on a document.
fn findings(rules: &RuleSet, document: &Value) -> usize {
    let (text, arena) = (document.to_string(), Bump::new());
    let root = Json::parse(&text, &arena).expect("JSON");
    let Ok(snapshots) = Snapshot::read(root, &arena) else { return 0 };
    let configured = rules.rules.iter().map(|rule| Configured::with(rule, &serde_json::Map::new(), &arena));
    let configured = configured.collect::<Result<_, _>>().expect("parameters");
    let judge = Judge::new(configured, AsOf { date: NaiveDate::from_ymd_opt(2026, 11, 21).expect("a day") });
    let judged = |snapshot| judge.judge(snapshot, &Arc::default(), &arena).findings.len();
    snapshots.iter().map(judged).sum()
}

#[test]
fn both_evaluators_agree_on_every_example_and_on_what_is_left_when_parts_are_taken_away() {
    let rules = RuleSet::load(&[RuleSource::BuiltIn], true).set;
    let report = ExampleReport::run_all(&rules.rules);
    assert!(report.differences.is_empty(), "{:#?}", report.differences);
    assert!(report.examples > 1_000 && report.removals > 4_000, "{report:?}");
}

#[test]
fn both_evaluators_agree_on_the_sample_clusters_and_on_templates_of_them() {
    let rules = RuleSet::load(&[RuleSource::BuiltIn], false).set;
    let both = |fixture| [variants(fixture, take_away), variants(&symbolic(fixture), refuse)];
    let documents: Vec<_> = fixtures().iter().flat_map(both).flatten().collect();
    let all = || documents.par_iter().map(|document| findings(&rules, document)).sum::<usize>();
    let found = threads::run(EVALUATE_STACK, usize::MAX, all);
    assert!(documents.len() > 300 && found > 2_000, "{} documents, {found} findings", documents.len());
}
