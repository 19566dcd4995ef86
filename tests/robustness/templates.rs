//! Rules on clusters of which a template says less: a text is a symbol, or a value is known only after apply. What was
//! found is found still, or is not known; nothing new is found; and nothing of it makes a scan incomplete.

use crate::{fixtures, is_whole, judge_of, threads};
use bumpalo::Bump;
use ekslint::engine::{Judge, Judgement};
use ekslint::rule::{Rule, RuleSet, RuleSource};
use ekslint::snapshot::{Snapshot, Unknown, UnknownKind, section};
use ekslint::value::Json;
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The symbol that is put into the documents.
const SYMBOL: &str = "${module.x.y}";

/// In which way a document says less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Less {
    /// A text is a symbol in one place.
    Symbol,
    /// A text is a symbol wherever it stands, so that what it joins stays joined.
    SymbolEverywhere,
    /// Of a text in one place, the middle is a symbol.
    Around,
    /// The same wherever the text stands.
    AroundEverywhere,
    /// A value is noted.
    UntilApply,
}

/// What a rule says of a document.
#[derive(Debug, Default, Clone)]
struct Said {
    findings: usize,
    unknown: usize,
    /// What is not known for a reason that makes a scan incomplete.
    incomplete: BTreeSet<String>,
    errors: Vec<String>,
}

struct Rules<'r> {
    rules: &'r [Rule],
    judge: Judge<'r>,
}

impl<'r> Rules<'r> {
    fn new(rules: &'r [Rule], arena: &'r Bump) -> Self {
        let judge = judge_of(rules.iter(), arena);
        Self { rules, judge }
    }

    fn said(&self, document: &Value) -> Vec<Said> {
        let (text, arena) = (document.to_string(), Bump::new());
        let root = Json::parse(&text, &arena).expect("JSON");
        let snapshots = Snapshot::read(root, &arena).expect("a snapshot");
        let judgement = self.judge.judge_each(&snapshots[0], &Arc::default(), &arena);
        (0..self.rules.len()).map(|at| Said::of(&judgement, &self.rules[at].id, at)).collect()
    }
}

impl Said {
    fn of(judgement: &Judgement, id: &str, at: usize) -> Self {
        let mut said = Self::default();
        for ((_, unknown), count) in judgement.unknowns.iter().filter(|((rule, _), _)| rule.position() == at)
        {
            said.unknown += count;
            // What the document lacks anyway, a rule may come to need.
            let is_lacking = matches!(
                unknown.kind,
                UnknownKind::NotInSnapshot
                    | UnknownKind::FieldAbsent
                    | UnknownKind::Denied
                    | UnknownKind::Error
            );
            if unknown.kind.is_incomplete() && !is_lacking {
                said.incomplete.insert(shown(unknown));
            }
        }
        said.findings = judgement.findings.iter().filter(|finding| finding.rule.position() == at).count();
        let errors = judgement.errors.iter().filter(|error| error.rule == id);
        said.errors = errors.map(|error| error.cause.clone()).collect();
        said
    }

    /// What is wrong with it, said of a document that says less than that of which `whole` was said.
    fn wrong(&self, whole: &Self) -> Option<String> {
        if self.findings > whole.findings {
            return Some(format!("finds {} instead of {}", self.findings, whole.findings));
        }
        if self.findings < whole.findings && self.unknown <= whole.unknown {
            return Some(format!("finds {} of {} in silence", self.findings, whole.findings));
        }
        if self.errors != whole.errors {
            return Some(format!("fails: {:?}", self.errors));
        }
        let new: Vec<_> = self.incomplete.difference(&whole.incomplete).collect();
        new.first().map(|new| format!("makes the scan incomplete: {new}"))
    }
}

fn shown(unknown: &Unknown) -> String {
    format!("{} {}: {}", unknown.kind.as_str(), unknown.at, unknown.reason)
}

/// The pointers to all values of the sections.
fn places(document: &Value) -> Vec<String> {
    fn add(node: &Value, pointer: &str, found: &mut Vec<String>) {
        found.push(pointer.to_owned());
        match node {
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(at, item)| add(item, &format!("{pointer}/{at}"), found));
            }
            Value::Object(fields) => fields.iter().for_each(|(name, field)| {
                let name = name.replace('~', "~0").replace('/', "~1");
                add(field, &format!("{pointer}/{name}"), found);
            }),
            _ => {}
        }
    }
    let mut found = Vec::new();
    for section in section::all() {
        if let Some(node) = document.get(&section.name) {
            add(node, &format!("/{}", section.name), &mut found);
        }
    }
    found
}

/// A document that says less at a place; none where that is not possible.
fn less(document: &Value, at: &str, how: Less) -> Option<Value> {
    let mut less = document.clone();
    let at_value = document.pointer(at)?;
    if how == Less::UntilApply {
        let entry = json!({"at": at, "kind": "untilApply", "reason": "known only after apply"});
        match less.get_mut("notCollected").and_then(Value::as_array_mut) {
            Some(entries) => entries.push(entry),
            None => less["notCollected"] = json!([entry]),
        }
        return Some(less);
    }
    let text = at_value.as_str().filter(|text| !text.is_empty())?;
    let same =
        |place: &&String| *place == at || document.pointer(place).and_then(Value::as_str) == Some(text);
    let everywhere = places(document);
    let references: Vec<String> = match how {
        Less::Symbol | Less::Around => vec![at.to_owned()],
        _ => everywhere.iter().filter(same).cloned().collect(),
    };
    if matches!(how, Less::SymbolEverywhere | Less::AroundEverywhere) && references.len() < 2 {
        return None;
    }
    let symbol = match how {
        Less::Symbol | Less::SymbolEverywhere => SYMBOL.to_owned(),
        _ => around(text)?,
    };
    for place in &references {
        *less.pointer_mut(place)? = symbol.as_str().into();
    }
    less["references"] = json!(references);
    Some(less)
}

/// A text with a symbol instead of its middle. What stands for it has no wildcards and no colons, as in a policy.
fn around(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let (start, end) = (chars.len() / 3, chars.len() - chars.len() / 3);
    let middle = &chars[start..end];
    let is_plain = !middle.iter().any(|c| "*?:\"\\".contains(*c));
    let part = |chars: &[char]| chars.iter().collect::<String>();
    is_plain.then(|| format!("{}{SYMBOL}{}", part(&chars[..start]), part(&chars[end..])))
}

/// A pointer with `*` for positions.
fn generalised(pointer: &str) -> String {
    let star = |segment: &str| match segment.parse::<usize>() {
        Ok(_) => "*".to_owned(),
        Err(_) => segment.to_owned(),
    };
    pointer.split('/').map(star).collect::<Vec<_>>().join("/")
}

#[test]
fn what_a_template_does_not_say_is_neither_passed_nor_found() {
    let loaded = RuleSet::load(&[RuleSource::BuiltIn], true);
    let arena = Bump::new();
    let rules = Rules::new(&loaded.set.rules, &arena);
    let mut cases = Vec::new();
    let documents: Vec<(String, Value, Vec<Said>)> = fixtures()
        .into_iter()
        .map(|(name, text)| {
            let mut document: Value = serde_json::from_str(&text).expect("JSON");
            document["schemaVersion"] = 2.into();
            let said = rules.said(&document);
            (name, document, said)
        })
        .collect();
    for (at, (_, document, _)) in documents.iter().enumerate() {
        for place in places(document) {
            for how in
                [Less::Symbol, Less::SymbolEverywhere, Less::Around, Less::AroundEverywhere, Less::UntilApply]
            {
                cases.push((at, place.clone(), how));
            }
        }
    }
    // Everything takes many minutes.
    let step = if is_whole() { 1 } else { 31 };
    let chosen: Vec<_> = cases.into_iter().step_by(step).collect();
    let wrong: Vec<_> = threads().install(|| {
        let judge = |(at, place, how): &(usize, String, Less)| {
            let (name, document, whole) = &documents[*at];
            let Some(less) = less(document, place, *how) else { return Vec::new() };
            let said = rules.said(&less);
            let wrong = said.iter().zip(whole).zip(&loaded.set.rules).filter_map(|((said, whole), rule)| {
                let what = said.wrong(whole)?;
                Some((
                    (rule.id.clone(), generalised(place), format!("{how:?}")),
                    format!("{name} {place}: {what}"),
                ))
            });
            wrong.collect()
        };
        chosen.par_iter().flat_map_iter(judge).collect()
    });
    let all = wrong.len();
    let groups: BTreeMap<_, _> = wrong.into_iter().collect();
    let rows: Vec<_> = groups.iter().map(|((rule, _, how), what)| format!("{rule}\t{how}\t{what}")).collect();
    assert!(rows.is_empty(), "{all} in {} cases:\n{}", chosen.len(), rows.join("\n"));
}
