//! The JSON Schema of the configuration file, for editors: they complete keys, rules and lists, and
//! underline mistakes. Reading checks more; `docs/ekslint-toml.schema.json` is what this makes.

use super::keys::{CLUSTER, ConfigKey, ENVIRONMENT, KeyKind, NEVER, RULE, SELECTOR, SWITCH, TOP, WAIVER};
use super::values::{levels, severities, with_severities};
use crate::rule::{Rule, RuleSet};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The schema. Rules and lists of this set are proposed; others may be named too, since there are
/// rules of one's own. The formats are those that a scan writes.
pub fn schema(set: &RuleSet, formats: &[String]) -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ekslint.toml",
        "description": "The configuration of ekslint, the compliance linter for Amazon EKS configurations.",
        "type": "object",
        "properties": properties(&TOP),
        "additionalProperties": false,
        "$defs": definitions(set, formats),
    })
}

fn definitions(set: &RuleSet, formats: &[String]) -> Value {
    let ids: Vec<_> = set.rules.iter().map(|rule| &rule.id).collect();
    let format = format!("^({})(=.+)?$", formats.join("|"));
    json!({
        "text": { "type": "string", "pattern": "\\S" },
        "texts": { "type": "array", "items": { "$ref": "#/$defs/text" } },
        "severity": { "enum": severities() },
        "format": { "type": "string", "pattern": format },
        "one-or-more": {
            "anyOf": [
                { "$ref": "#/$defs/text" },
                { "type": "array", "minItems": 1, "items": { "$ref": "#/$defs/text" } }
            ]
        },
        "rules": rules(set),
        "rule": {
            "anyOf": [
                { "enum": with_severities(&SWITCH) },
                table(&RULE),
            ]
        },
        "rule-names": { "$ref": "#/$defs/one-or-more", "examples": ids },
        "organization": organization(set),
        "params": {
            "type": "object",
            "additionalProperties": {
                "anyOf": [
                    { "type": ["string", "integer", "boolean"] },
                    { "type": "array", "items": { "type": "string" } }
                ]
            }
        },
        "cluster": one_of_the_selectors(table(&CLUSTER)),
        "waiver": waiver(),
        "environment": environment(),
    })
}

/// A table with these keys, and no others.
fn table(keys: &[ConfigKey]) -> Value {
    json!({ "type": "object", "properties": properties(keys), "additionalProperties": false })
}

fn properties(keys: &[ConfigKey]) -> Map<String, Value> {
    keys.iter().map(|key| (key.name.to_owned(), property(key))).collect()
}

fn property(key: &ConfigKey) -> Value {
    let mut property = value(key);
    property.insert("description".to_owned(), key.about.into());
    if let Some(default) = key.default.and_then(|text| serde_json::from_str::<Value>(text).ok()) {
        property.insert("default".to_owned(), default);
    }
    Value::Object(property)
}

/// What the value of a key may be.
fn value(key: &ConfigKey) -> Map<String, Value> {
    object(match key.kind {
        KeyKind::Flag => json!({ "type": "boolean" }),
        // A waiver without a reason is a finding of its own, and no mistake of the file.
        KeyKind::Text => json!({ "type": "string" }),
        KeyKind::Path => reference("text"),
        KeyKind::Paths | KeyKind::Globs => reference("texts"),
        KeyKind::OneOrMore if key.name == "rule" => reference("rule-names"),
        KeyKind::OneOrMore => reference("one-or-more"),
        KeyKind::Severity => reference("severity"),
        KeyKind::FailOn => json!({ "enum": with_severities(&[NEVER]) }),
        KeyKind::Level => json!({ "enum": levels() }),
        KeyKind::Formats => json!({ "type": "array", "items": { "$ref": "#/$defs/format" } }),
        KeyKind::Date => json!({ "type": "string", "format": "date" }),
        KeyKind::Tags => json!({ "type": "object", "additionalProperties": { "$ref": "#/$defs/text" } }),
        KeyKind::Lists => reference("organization"),
        KeyKind::Rules => reference("rules"),
        KeyKind::Params => reference("params"),
        KeyKind::Clusters(keys) => {
            json!({ "anyOf": [{ "$ref": "#/$defs/one-or-more" }, one_of_the_selectors(table(keys))] })
        }
        KeyKind::Table(keys) => table(keys),
        KeyKind::Tables(_) => {
            json!({ "type": "array", "items": { "$ref": format!("#/$defs/{}", key.name) } })
        }
    })
}

/// A table that says which clusters it is for.
fn one_of_the_selectors(mut table: Value) -> Value {
    let required = SELECTOR.iter().map(|key| json!({ "required": [key.name] }));
    table["anyOf"] = required.collect();
    table
}

fn environment() -> Value {
    let mut environment = table(&ENVIRONMENT);
    environment["required"] = json!(["name", "root"]);
    environment
}

fn waiver() -> Value {
    let mut waiver = table(&WAIVER);
    waiver["required"] = json!(["rule"]);
    waiver
}

fn rules(set: &RuleSet) -> Value {
    let rule = |rule: &Rule| (rule.id.clone(), json!({ "$ref": "#/$defs/rule", "description": rule.title }));
    json!({
        "type": "object",
        "properties": set.rules.iter().map(rule).collect::<Map<_, _>>(),
        "additionalProperties": { "$ref": "#/$defs/rule" }
    })
}

fn organization(set: &RuleSet) -> Value {
    let described = lists(set).into_iter().map(|(list, readers)| {
        let description = format!("Feeds {}.", readers.join(", "));
        (list.to_owned(), json!({ "$ref": "#/$defs/texts", "description": description }))
    });
    json!({
        "type": "object",
        "properties": described.collect::<Map<_, _>>(),
        "additionalProperties": { "$ref": "#/$defs/texts" }
    })
}

/// The lists that rules read, each with the parameters that it feeds.
pub fn lists(set: &RuleSet) -> BTreeMap<&str, Vec<String>> {
    let mut lists = BTreeMap::<_, Vec<_>>::new();
    for rule in &set.rules {
        for (param, list) in rule.fed_params() {
            lists.entry(list).or_default().push(format!("{}.{param}", rule.id));
        }
    }
    lists
}

fn reference(definition: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{definition}") })
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
