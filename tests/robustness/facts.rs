//! The facts of documents with one broken place, or with something taken away.

use crate::document::{self, Shape, broken};
use crate::{is_whole, silence, threads};
use bumpalo::Bump;
use ekslint::facts::{ASSUMED, AsOf, FactSet, facts, group_names};
use ekslint::snapshot::{Snapshot, section};
use ekslint::value::Json;
use rayon::prelude::*;
use serde_json::{Value, json};

/// All facts of a document, as JSON; what is not known reads `{"unknown": "…"}`.
fn all_facts(document: &Value) -> Option<Value> {
    some_facts(document, FactSet::ALL)
}

/// Some facts of a document.
fn some_facts(document: &Value, wanted: FactSet) -> Option<Value> {
    let (text, arena) = (document.to_string(), Bump::new());
    facts_of(Json::parse(&text, &arena).ok()?, wanted, &arena)
}

fn facts_of<'t>(root: Json<'t>, wanted: FactSet, arena: &'t Bump) -> Option<Value> {
    let snapshots = Snapshot::read(root, arena).ok()?;
    let date = "2026-11-21".parse().expect("a date");
    let node = facts(snapshots.first()?, AsOf { date }, wanted, arena);
    Some(serde_json::to_value(node).expect("facts are JSON"))
}

fn fixtures() -> Vec<(String, Value)> {
    let read = |(name, text): (String, String)| (name, serde_json::from_str(&text).expect("JSON"));
    crate::fixtures().into_iter().map(read).collect()
}

/// Whether it, or a field of it, is not known.
fn has_unknown(fact: &Value) -> bool {
    is_unknown(fact) || fact.as_object().is_some_and(|fields| fields.values().any(is_unknown))
}

fn is_unknown(fact: &Value) -> bool {
    fact.as_object().is_some_and(|fields| fields.len() == 1 && fields.contains_key("unknown"))
}

/// Fields that say what is behind an answer, in words or as far as it is known.
const EXPLAINING: [&str; 16] = [
    "name",
    "reason",
    // A sentence that says itself what is not known.
    "surcharge",
    "hops",
    "via",
    "addresses",
    "usedBy",
    "usedAs",
    "forecast",
    "calendar",
    "why",
    "origin",
    "obstacles",
    "subnets",
    "zonesServed",
    "neededBy",
];

/// Where facts of less differ from the facts of all, other than by not being known.
fn differences(less: &Value, all: &Value, place: &str, found: &mut Vec<String>) {
    if is_unknown(less) || less == all {
        return;
    }
    match (less, all) {
        (Value::Object(less), Value::Object(all)) if !is_unknown(&Value::Object(all.clone())) => {
            for (name, fact) in less.iter().filter(|(name, _)| !EXPLAINING.contains(&name.as_str())) {
                let other = all.get(name).unwrap_or(&Value::Null);
                differences(fact, other, &format!("{place}/{name}"), found);
            }
        }
        // Which usable endpoints are needed changes nothing.
        (Value::Array(less), Value::Array(all)) if place.ends_with("/vpcEndpoints") => {
            let wrong = |list: &[Value]| -> Vec<Value> {
                list.iter()
                    .filter(|item| item["state"] != "usable" && !is_unknown(&item["state"]))
                    .cloned()
                    .collect()
            };
            if !wrong(less).iter().all(|item| all.contains(item)) {
                found.push(format!("{place}: {less:?} instead of {all:?}"));
            }
        }
        // A list with something unknown in it may lack anything.
        (Value::Array(less), Value::Array(_)) if less.iter().any(has_unknown) => {}
        (Value::Array(less), Value::Array(all)) if less.len() == all.len() => {
            for (at, (fact, other)) in less.iter().zip(all).enumerate() {
                differences(fact, other, &format!("{place}/{at}"), found);
            }
        }
        _ => found.push(format!("{place}: {less} instead of {all}")),
    }
}

#[test]
fn a_section_that_is_taken_away_never_brings_another_answer() {
    let mut found = Vec::new();
    for (name, document) in fixtures() {
        let all = all_facts(&document).expect("a snapshot");
        for section in section::all().iter().filter(|section| !ASSUMED.contains(&section.name.as_str())) {
            let mut less = document.clone();
            let removed = less.as_object_mut().expect("an object").remove(&section.name);
            let Some(facts) = removed.and_then(|_| all_facts(&less)) else { continue };
            let mut differing = Vec::new();
            differences(&facts, &all, "", &mut differing);
            found
                .extend(differing.into_iter().map(|text| format!("{name} without {}: {text}", section.name)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Facts without the words on why they are unknown.
fn without_reasons(facts: &Option<Value>) -> Option<Value> {
    fn erased(value: &Value) -> Value {
        match value {
            Value::Object(fields) if fields.len() == 1 && fields.contains_key("unknown") => json!("unknown"),
            Value::Object(fields) => {
                fields.iter().map(|(name, value)| (name.clone(), erased(value))).collect()
            }
            Value::Array(items) => items.iter().map(erased).collect(),
            other => other.clone(),
        }
    }
    facts.as_ref().map(erased)
}

#[test]
fn facts_follow_from_the_sections_that_they_name_and_no_others() {
    let mut found = Vec::new();
    assert_eq!(group_names().count(), 24);
    for (structure, field) in group_names() {
        let mut wanted = FactSet::default();
        wanted.add(structure, field);
        let named: Vec<_> = wanted.sections().map(|section| section.name.as_str()).collect();
        for (name, document) in fixtures() {
            let whole = some_facts(&document, wanted);
            for section in section::all().iter().filter(|section| !named.contains(&section.name.as_str())) {
                let mut less = document.clone();
                let removed = less.as_object_mut().expect("an object").remove(&section.name);
                let facts = some_facts(&less, wanted);
                // The cluster says of which kind it is, and that is why a section may not be there.
                let differs = match section.name.as_str() {
                    "cluster" => without_reasons(&facts) != without_reasons(&whole),
                    _ => facts != whole,
                };
                if removed.is_some() && differs {
                    found.push(format!("{structure}.{field} follows from {} ({name})", section.name));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// All places of a document.
fn places(value: &Value, place: &str, all: &mut Vec<String>) {
    all.push(place.to_owned());
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                places(value, &format!("{place}/{name}"), all);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                places(value, &format!("{place}/{at}"), all);
            }
        }
        _ => {}
    }
}

#[test]
fn odd_values_in_any_place_bring_no_panic() {
    let odd = [
        Value::Null,
        json!(""),
        json!([]),
        json!({}),
        json!(-9_223_372_036_854_775_808_i64),
        json!(1e300),
        json!("\u{0}é::/0"),
        json!([null, 1, "x", {"GroupId": 1}]),
    ];
    let mut at = 0;
    for (_, document) in fixtures() {
        let mut all = Vec::new();
        places(&document, "", &mut all);
        // Each run of eight places sees every value.
        for place in all.iter().step_by(8) {
            let mut changed = document.clone();
            if let Some(value) = changed.pointer_mut(place) {
                *value = odd[at % odd.len()].clone();
                at += 1;
                all_facts(&changed);
            }
        }
    }
    assert!(at > 500);
}

/// Fields whose absence has a meaning of its own: AWS leaves them out, or documents a default; and
/// what stands in policy documents, where less is another policy.
const MEANINGFUL: [&str; 12] = [
    "connectorConfig",
    // Of no weight: a policy is known by its document, an interface by its description.
    "PolicyName",
    "NetworkInterfaceId",
    "endpointPublicAccess",
    "endpointPrivateAccess",
    "publicAccessCidrs",
    "PublicIpAddress",
    "Tags",
    "serviceAccountRoleArn",
    "launchTemplate",
    "remoteAccessSecurityGroup",
    "BlockPublicAccessStates",
];

/// Every place would take a minute; each run looks at one in so many.
const STEP: usize = 7;

#[test]
fn a_field_that_is_taken_away_never_brings_another_answer() {
    let mut found = Vec::new();
    for (name, document) in fixtures() {
        let all = all_facts(&document).expect("a snapshot");
        let mut all_places = Vec::new();
        places(&document, "", &mut all_places);
        let told = |place: &str| {
            let (parent, field) = place.rsplit_once('/').unwrap_or_default();
            parent.is_empty() || place.contains("Document/") || MEANINGFUL.contains(&field)
        };
        for place in all_places.iter().filter(|place| !told(place)).step_by(if is_whole() { 1 } else { STEP })
        {
            let (parent, field) = place.rsplit_once('/').unwrap_or_default();
            let mut less = document.clone();
            let Some(Value::Object(fields)) = less.pointer_mut(parent) else { continue };
            fields.remove(field);
            let Some(facts) = all_facts(&less) else { continue };
            let mut differing = Vec::new();
            differences(&facts, &all, "", &mut differing);
            found.extend(differing.into_iter().map(|text| format!("{name} without {place}: {text}")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// In `cargo test`, one in so many broken places.
const SAMPLE: usize = 23;

/// The facts of a document with one broken place that are neither as before nor unknown.
fn turned(name: &str, text: &str) -> (usize, Vec<String>) {
    let arena = Bump::new();
    let root = Json::parse(text, &arena).expect("JSON");
    let whole = facts_of(root, FactSet::ALL, &arena).expect("a snapshot");
    let sections = section::all().iter().filter(|section| !ASSUMED.contains(&section.name.as_str()));
    let places = sections.flat_map(|section| document::places(root, section));
    let shapes = places.flat_map(|place| Shape::ALL.map(|shape| (place.clone(), shape)));
    let wrong = shapes.filter(|(place, shape)| {
        *shape != Shape::Gone && shape.is_wrong_for(place) && !silence::is_meant(place, *shape)
    });
    let (mut mutants, mut found) = (0, Vec::new());
    for (place, shape) in wrong.step_by(if is_whole() { 1 } else { SAMPLE }) {
        mutants += 1;
        let own = Bump::new();
        let facts = broken(root, &place, shape, &own).and_then(|root| facts_of(root, FactSet::ALL, &own));
        let mut differing = Vec::new();
        differences(&facts.unwrap_or_else(|| whole.clone()), &whole, "", &mut differing);
        let told = |text: String| format!("{name} {shape:?} {}: {text}", place.pointer());
        found.extend(differing.into_iter().map(told));
    }
    (mutants, found)
}

#[test]
fn what_is_broken_never_brings_another_answer() {
    let fixtures = crate::fixtures();
    let results: Vec<_> =
        threads().install(|| fixtures.par_iter().map(|(name, text)| turned(name, text)).collect());
    let found: Vec<_> = results.iter().flat_map(|(_, found)| found.clone()).collect();
    let mutants: usize = results.iter().map(|(mutants, _)| mutants).sum();
    assert!(found.is_empty(), "{} of {mutants}:\n{}", found.len(), found.join("\n"));
    assert!(mutants > 1_000, "{mutants} mutants");
}
