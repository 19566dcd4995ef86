//! The example clusters as templates would describe them: every id and ARN by which something is joined is a symbol, wherever
//! it stands. What is found stays found, or its rule says why it could not be evaluated; and traffic goes the same ways.

use crate::support::sample::fixtures;
use assert_cmd::Command;
use ekslint::snapshot::section;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use tempfile::TempDir;

/// An example cluster with symbols.
struct Symbolic {
    document: Value,
    /// What each symbol stands for.
    meanings: BTreeMap<String, String>,
}

/// Whether a key is one that AWS gives: an id or an ARN.
fn is_given(key: &str) -> bool {
    let is_id = || {
        key.rsplit_once('-').is_some_and(|(_, id)| id.len() >= 8 && id.chars().all(|c| c.is_ascii_hexdigit()))
    };
    key.starts_with("arn:") && !key.contains(":iam::aws:") || is_id()
}

impl Symbolic {
    fn of(original: &Value) -> Self {
        let mut symbols = BTreeMap::new();
        for section in section::all() {
            let Some(key) = section.key.as_deref() else {
                continue;
            };
            let items = original[&section.name].as_array().cloned().unwrap_or_default();
            for (at, item) in items.iter().enumerate() {
                if let Some(id) = item[key].as_str().filter(|id| is_given(id)) {
                    symbols
                        .entry(id.to_owned())
                        .or_insert_with(|| format!("${{{}[{at}].{key}}}", section.name));
                }
            }
        }
        if let Some(vpc) = original["vpc"]["VpcId"].as_str() {
            symbols.insert(vpc.to_owned(), "${aws_vpc.this.id}".to_owned());
        }
        let mut issuer = None;
        if let Some(url) = original["cluster"]["identity"]["oidc"]["issuer"].as_str() {
            let symbol = "${aws_eks_cluster.this.issuer}";
            let host = url.trim_start_matches("https://");
            symbols.insert(url.to_owned(), format!("https://{symbol}"));
            symbols.insert(host.to_owned(), symbol.to_owned());
            issuer = Some((host.to_owned(), symbol.to_owned()));
        }
        let mut document = original.clone();
        document["schemaVersion"] = 2.into();
        document["source"] = "terraform".into();
        let mut references = Vec::new();
        for section in section::all() {
            if let Some(node) = document.get_mut(&section.name) {
                replace(node, &format!("/{}", section.name), &symbols, issuer.as_ref(), &mut references);
            }
        }
        document["references"] = references.into();
        let meanings = symbols.into_iter().map(|(id, symbol)| (symbol, id)).collect();
        Self { document, meanings }
    }

    /// A text about it with what its symbols stand for.
    fn resolved(&self, text: &str) -> String {
        // The issuer alone last: it is a part of the other.
        let mut meanings: Vec<_> = self.meanings.iter().collect();
        meanings.sort_by_key(|(symbol, _)| std::cmp::Reverse(symbol.len()));
        meanings.into_iter().fold(text.to_owned(), |text, (symbol, id)| text.replace(symbol, id))
    }
}

fn replace(
    node: &mut Value,
    place: &str,
    symbols: &BTreeMap<String, String>,
    issuer: Option<&(String, String)>,
    references: &mut Vec<String>,
) {
    match node {
        Value::String(text) => {
            if let Some(symbol) = symbols.get(text) {
                *text = symbol.clone();
                references.push(place.to_owned());
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter_mut().enumerate() {
                replace(item, &format!("{place}/{at}"), symbols, issuer, references);
            }
        }
        Value::Object(fields) => {
            let old = std::mem::take(fields);
            for (name, mut field) in old {
                let name = match issuer {
                    Some((host, symbol)) => name.replace(host, symbol),
                    None => name,
                };
                let segment = name.replace('~', "~0").replace('/', "~1");
                replace(&mut field, &format!("{place}/{segment}"), symbols, issuer, references);
                fields.insert(name, field);
            }
        }
        _ => {}
    }
}

fn ekslint(document: &Value, args: &[&str]) -> String {
    let folder = TempDir::new().expect("a folder");
    fs::write(folder.path().join("t.json"), document.to_string()).expect("a file");
    let mut command = Command::cargo_bin("ekslint").expect("the binary is built");
    let args = [args, &["t.json", "--as-of", "2026-11-21", "--format", "json"]].concat();
    let output = command.current_dir(folder.path()).env_clear().args(&args).output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(text.starts_with('{'), "{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// Findings by rule and place.
type Found = BTreeSet<(String, String)>;
/// By rule: why it could not be evaluated.
type NotEvaluated = BTreeMap<String, BTreeSet<String>>;

/// What a scan says.
fn scanned(document: &Value) -> (Found, NotEvaluated) {
    let report: Value = serde_json::from_str(&ekslint(document, &["scan", "--level", "all"])).expect("JSON");
    let text = |node: &Value| node.as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().expect("a list").iter();
    let findings = findings.map(|finding| (text(&finding["rule"]), text(&finding["location"]["pointer"])));
    let mut unknown = NotEvaluated::new();
    for why in report["notEvaluated"].as_array().expect("a list") {
        for rule in why["rules"].as_array().expect("a list") {
            unknown.entry(text(rule)).or_default().insert(format!(
                "{}: {}",
                text(&why["kind"]),
                text(&why["reason"])
            ));
        }
    }
    (findings.collect(), unknown)
}

#[test]
fn what_is_found_in_a_cluster_is_found_in_a_template_of_it() {
    let mut differences = String::new();
    for (name, text) in fixtures() {
        let mut original: Value = serde_json::from_str(&text).expect("JSON");
        original["schemaVersion"] = 2.into();
        original["source"] = "terraform".into();
        without_what_runs(&mut original);
        let symbolic = Symbolic::of(&original);
        let ((found, before), (found_by_symbols, unknown)) =
            (scanned(&original), scanned(&symbolic.document));
        let issuer = |(rule, pointer): &(String, String)| (rule.clone(), symbolic.resolved(pointer));
        let found_by_symbols: BTreeSet<_> = found_by_symbols.iter().map(issuer).collect();
        let more: Vec<_> = found_by_symbols.difference(&found).collect();
        assert!(more.is_empty(), "{name}: {more:#?}");
        for (rule, place) in found.difference(&found_by_symbols) {
            let why =
                unknown.get(rule).unwrap_or_else(|| panic!("{name}: {rule} at {place} is lost in silence"));
            let known = before.get(rule).cloned().unwrap_or_default();
            let new: BTreeSet<_> = why.difference(&known).map(|why| symbolic_words(why)).collect();
            assert!(!new.is_empty(), "{name}: {rule} at {place} is lost in silence");
            let new: Vec<_> = new.into_iter().collect();
            differences.push_str(&format!("{name} {rule} {place}: {}\n", new.join("; ")));
        }
        for (rule, why) in unknown.iter().filter(|(rule, _)| !found.iter().any(|(other, _)| other == *rule)) {
            let known = before.get(rule).cloned().unwrap_or_default();
            let new: BTreeSet<_> = why.difference(&known).map(|why| symbolic_words(why)).collect();
            if !new.is_empty() {
                let new: Vec<_> = new.into_iter().collect();
                differences.push_str(&format!("{name} {rule} passed: {}\n", new.join("; ")));
            }
        }
    }
    // An entry of a user, a role of AWS itself and one that is gone are told by the text of an ARN alone; and a provider
    // that was written down may be that of a cluster that is yet to come.
    insta::assert_snapshot!("what_symbols_cost", differences);
}

/// A template has no sections of what only runs.
fn without_what_runs(document: &mut Value) {
    let fields = document.as_object_mut().expect("an object");
    for section in section::all().iter().filter(|section| section.running_only) {
        fields.remove(&section.name);
    }
}

/// A reason without the position that a symbol has here.
fn symbolic_words(why: &str) -> String {
    let mut words = String::new();
    for (at, part) in why.split('[').enumerate() {
        match part.split_once(']') {
            Some((_, rest)) if at > 0 => words.push_str(&format!("[…]{rest}")),
            _ => words.push_str(part),
        }
    }
    words
}

#[test]
fn traffic_goes_the_same_ways_in_a_template() {
    let mut differences = String::new();
    for (name, text) in fixtures() {
        let mut original: Value = serde_json::from_str(&text).expect("JSON");
        original["schemaVersion"] = 2.into();
        original["source"] = "terraform".into();
        without_what_runs(&mut original);
        let symbolic = Symbolic::of(&original);
        let explained = |document: &Value| ekslint(document, &["explain", "--flows"]);
        let (before, after) = (explained(&original), symbolic.resolved(&explained(&symbolic.document)));
        let parse = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
        compare(&parse(&before), &parse(&after), "", &mut |place, before, after| {
            differences.push_str(&format!("{name} {place}: {before} is {after}\n"));
        });
    }
    assert_eq!(differences, "");
}

/// Where two values differ, ranges of the text aside.
fn compare(before: &Value, after: &Value, place: &str, differ: &mut impl FnMut(&str, &Value, &Value)) {
    match (before, after) {
        (Value::Object(a), Value::Object(b)) => {
            for name in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
                if !name.ends_with("Line") && !name.ends_with("Column") {
                    let (a, b) = (
                        a.get(name).unwrap_or(&json!(null)).clone(),
                        b.get(name).unwrap_or(&json!(null)).clone(),
                    );
                    compare(&a, &b, &format!("{place}/{name}"), differ);
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                compare(a, b, &format!("{place}/{at}"), differ);
            }
        }
        (a, b) if a != b => differ(place, a, b),
        _ => {}
    }
}
