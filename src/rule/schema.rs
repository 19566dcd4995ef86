//! The JSON Schema of the rule file, for editors: they complete keys and resources and underline
//! mistakes while a rule is written. Loading checks more than this; `rules/rule.schema.json` is what
//! this module prints.

use super::{ExpectedOutcome, Level, ParamType, Precision, Severity};
use crate::snapshot::{ClusterType, section};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The keys of a check; they may be in the rule itself where it has one check.
const CHECK_KEYS: [&str; 6] = ["each", "assert", "at", "key", "message", "related"];

/// The schema as text, as it is printed and stored.
pub fn schema_text() -> String {
    format!("{:#}\n", schema())
}

/// The schema.
pub fn schema() -> Value {
    let one_check = CHECK_KEYS.map(|key| (key.to_owned(), Value::Bool(false)));
    let mut properties = head();
    properties.extend(judgement());
    properties.extend(texts());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ekslint rule",
        "description": "One rule of ekslint, the compliance linter for Amazon EKS configurations.",
        "type": "object",
        "required": ["id", "title", "severity", "since", "resource", "rationale", "remediation"],
        "properties": properties,
        "additionalProperties": false,
        "if": { "required": ["checks"] },
        "then": { "properties": Map::from_iter(one_check) },
        "else": { "required": ["assert", "message"] },
        "$defs": {
            "expression": {
                "type": "string",
                "maxLength": super::cel::MAX_EXPRESSION,
                "description": "CEL. Write it in double quotes or in a `|-` block: YAML takes a leading `!` for a tag."
            },
            "path": {
                "type": "string",
                "maxLength": super::cel::MAX_EXPRESSION,
                "description": "A place in the document: `.field`, `.?field` and `[expression]` on a name, such as `nodegroup.scalingConfig`."
            },
            "template": {
                "type": "string",
                "description": "Text in which each `{{expression}}` is filled in."
            },
            "text": { "type": "string", "pattern": "\\S" },
            "texts": { "type": "array", "items": { "type": "string" } },
            "id": { "type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$" },
            "check": check(),
            "related": related(),
            "param": param(),
            "example": example(),
        }
    })
}

/// What a rule is called and whom it concerns.
fn head() -> Map<String, Value> {
    let resources: Vec<_> = section::all().iter().map(|section| section.singular.as_str()).collect();
    let severities = Severity::ALL.map(|severity| format!("{severity} for {}", severity.meaning()));
    object(json!({
        "id": described("id", "What the rule is called: words that explain themselves, joined by `-`. It is the name of the file too."),
        "title": described("text", "What is wrong, in one line, without a full stop."),
        "severity": {
            "enum": names(&Severity::ALL),
            "description": format!("How bad a finding is: {}.", severities.join(", "))
        },
        "level": {
            "enum": names(&Level::ALL),
            "default": "default",
            "description": "Who wants the rule: nearly everybody, who hardens clusters, or who looks for advice. A scan runs the first without being asked."
        },
        "precision": {
            "enum": names(&[Precision::VeryHigh, Precision::High, Precision::Medium, Precision::Low]),
            "default": "high",
            "description": "How sure a finding is: very-high where it is certain, low where it is a hint."
        },
        "since": { "type": "string", "description": "The version of ekslint that brought the rule." },
        "resource": {
            "enum": resources,
            "description": "The kind of resource that is evaluated. The rule runs once for each, under this name."
        },
        "clusters": {
            "type": "array",
            "items": { "enum": names(&ClusterType::ALL) },
            "default": names(&ClusterType::IN_VPC),
            "description": "The kinds of clusters that the rule applies to."
        },
        "params": {
            "type": "object",
            "additionalProperties": { "$ref": "#/$defs/param" },
            "description": "What users may set. Expressions name it `params.NAME`."
        },
    }))
}

/// What a rule judges, and how.
fn judgement() -> Map<String, Value> {
    let mut keys = object(json!({
        "let": {
            "type": "object",
            "additionalProperties": { "$ref": "#/$defs/expression" },
            "description": "Names for expressions, evaluated only when used, and those with loops once. Each may use those above it."
        },
        "when": described("expression", "Where it is false the rule does not apply."),
        "checks": {
            "type": "array",
            "minItems": 1,
            "maxItems": super::compile::MAX_CHECKS,
            "items": { "$ref": "#/$defs/check" },
            "description": "Several checks. A rule with one may have that check's keys itself."
        },
    }));
    keys.extend(check_keys());
    keys
}

/// What people read, and what holds the rule to it.
fn texts() -> Map<String, Value> {
    object(json!({
        "rationale": described("text", "Why it matters, and where a finding would be fine."),
        "remediation": {
            "type": "object",
            "required": ["text"],
            "additionalProperties": false,
            "properties": {
                "summary": {
                    "type": "string",
                    "pattern": "\\S",
                    "maxLength": super::MOST_SUMMARY,
                    "description": format!("What to do, in one sentence of at most {} characters, without a full stop: it is one line of the report. By default the first sentence of `text`.", super::MOST_SUMMARY)
                },
                "text": described("text", "How to fix it, with what to watch out for. It must never lock anyone out."),
                "awscli": described("template", "AWS CLI commands. What is filled in is quoted for a shell, each text of a list as a word of its own."),
                "terraform": { "type": "string", "description": "The same as a change of a Terraform configuration." },
                "cloudformation": { "type": "string", "description": "The same as a change of a CloudFormation template, in YAML." },
                "eksctl": { "type": "string", "description": "The same as a change of a configuration of eksctl, where eksctl can make it." }
            },
            "description": "How to fix what the rule finds."
        },
        "references": described("texts", "Where to read more: addresses, the AWS documentation first."),
        "aliases": described("texts", "What other tools call it, as `tool:id`."),
        "frameworks": {
            "type": "object",
            "additionalProperties": { "$ref": "#/$defs/texts" },
            "description": "The controls that it belongs to, by framework."
        },
        "supersedes": {
            "type": "array",
            "items": { "$ref": "#/$defs/id" },
            "description": "Weaker rules that report nothing about a resource when this one finds something there."
        },
        "examples": {
            "type": "array",
            "items": { "$ref": "#/$defs/example" },
            "description": "The rule's tests and its documentation: at least one that passes and one that fails. They come last."
        },
    }))
}

fn check_keys() -> Map<String, Value> {
    object(json!({
        "each": {
            "description": "What the check goes through: one list, whose items are `item`, or named lists within lists.",
            "oneOf": [
                { "$ref": "#/$defs/expression" },
                { "type": "array", "items": { "type": ["string", "number", "boolean"] } },
                {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": super::compile::MAX_EACH,
                    "additionalProperties": { "$ref": "#/$defs/expression" }
                }
            ]
        },
        "assert": described("expression", "What must be true. Where it is false there is a finding."),
        "at": described("path", "Where the finding points; by default at the item, else at the resource."),
        "key": described("expression", "What distinguishes several findings at one place."),
        "message": described("template", "What is wrong, in one sentence that names the resource. Each `{{expression}}` is filled in."),
        "related": {
            "type": "array",
            "items": { "$ref": "#/$defs/related" },
            "description": "The second places of a finding that joins two resources."
        },
    }))
}

fn check() -> Value {
    json!({
        "type": "object",
        "required": ["assert", "message"],
        "additionalProperties": false,
        "properties": check_keys(),
    })
}

fn related() -> Value {
    json!({
        "type": "object",
        "required": ["at", "message"],
        "additionalProperties": false,
        "properties": {
            "at": described("path", "The second place."),
            "message": described("template", "What is to be seen there.")
        }
    })
}

fn param() -> Value {
    let default = json!([
        { "type": ["string", "integer", "boolean"] },
        { "type": "array", "items": { "type": "string" } }
    ]);
    let long = json!({
        "type": "object",
        "anyOf": [{ "required": ["type"] }, { "required": ["default"] }],
        "additionalProperties": false,
        "properties": {
            "description": { "type": "string", "description": "What it means." },
            "type": {
                "enum": names(&[ParamType::String, ParamType::Int, ParamType::Bool, ParamType::List]),
                "description": "Which type its value has; by default that of `default`."
            },
            "default": {
                "anyOf": default,
                "description": "Its value unless the user sets another. Without it the rule does not run until the user sets one."
            },
            "organization": {
                "$ref": "#/$defs/id",
                "description": "The list below [organization] in ekslint.toml that feeds it, such as allowed-cidrs. For parameters of type list."
            }
        }
    });
    json!({ "anyOf": [long, default[0], default[1]] })
}

fn example() -> Value {
    let title = |section: &'static section::Section| match section.is_list() {
        true => json!({ "description": format!("A list. Rules call one of them {}.", section.singular) }),
        false => json!({ "description": format!("An object: {}.", section.title) }),
    };
    let sections = section::all().iter().map(|section| (section.name.clone(), title(section)));
    json!({
        "type": "object",
        "required": ["name", "snapshot"],
        "oneOf": [{ "required": ["finds"] }, { "required": ["outcome"] }],
        "additionalProperties": false,
        "properties": {
            "name": { "type": "string", "description": "What the example shows." },
            "snapshot": {
                "type": ["object", "array"],
                "properties": Map::from_iter(sections),
                "description": "What AWS prints of a cluster, as far as the rule reads it."
            },
            "asOf": { "type": "string", "format": "date", "description": "The day to take as today." },
            "params": { "type": "object", "description": "The parameters that are set." },
            "finds": {
                "type": "array",
                "items": { "type": "string", "pattern": "^(/.*)?$" },
                "description": "The places of the findings as JSON pointers, in order; empty where there are none."
            },
            "outcome": {
                "enum": names(&[
                    ExpectedOutcome::Pass,
                    ExpectedOutcome::NotApplicable,
                    ExpectedOutcome::NotEvaluated,
                    ExpectedOutcome::Error,
                    ExpectedOutcome::NeedsConfiguration,
                ]),
                "description": "The outcome, instead of `finds`."
            }
        }
    })
}

/// A reference to a definition, with its own words.
fn described(definition: &str, description: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{definition}"), "description": description })
}

/// Values by the names that they have in a file.
fn names<T: Serialize>(values: &[T]) -> Value {
    json!(values)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::file::{CheckFile, Example, LongParam, RelatedFile, RemediationFile, RuleFile};
    use serde::de::value::Error;
    use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _, Visitor};
    use std::collections::BTreeSet;

    /// A rule with every key that there is.
    const FULL: &str = r#"
id: x
title: x
severity: low
level: default
precision: high
since: 0.1.0
resource: cluster
clusters: [eks]
params: { x: { description: x, type: list, default: [x], organization: x } }
let: { x: "true" }
when: "true"
checks: [{ each: "[1]", assert: "true", at: x, key: x, message: x, related: [{ at: x, message: x }] }]
each: "[1]"
assert: "true"
at: cluster
key: x
message: x
related: [{ at: cluster, message: x }]
rationale: x
remediation: { summary: x, text: x, awscli: x, terraform: x, cloudformation: x, eksctl: x }
references: [x]
aliases: [x]
frameworks: { x: ["1"] }
supersedes: [x]
examples: [{ name: x, snapshot: {}, asOf: 2026-01-01, params: {}, finds: [], outcome: pass }]
"#;

    /// Takes down the names that a type asks for: the keys of a structure, the variants of an
    /// enumeration.
    struct Names<'n>(&'n mut BTreeSet<&'static str>);

    impl<'de> Deserializer<'de> for Names<'_> {
        type Error = Error;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
            Err(Error::custom("neither a structure nor an enumeration"))
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Error> {
            self.0.extend(fields);
            Err(Error::custom("names taken down"))
        }

        fn deserialize_enum<V: Visitor<'de>>(
            self,
            _: &'static str,
            variants: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Error> {
            self.0.extend(variants);
            Err(Error::custom("names taken down"))
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map identifier ignored_any
        }
    }

    fn names_of<T: for<'de> Deserialize<'de>>() -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        assert!(T::deserialize(Names(&mut names)).is_err());
        assert!(!names.is_empty());
        names.into_iter().map(str::to_owned).collect()
    }

    fn keys(object: &Value) -> BTreeSet<String> {
        object.as_object().unwrap().keys().cloned().collect()
    }

    fn texts_of(list: &Value) -> BTreeSet<String> {
        list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    }

    fn full(pointer: &str) -> Value {
        let file: Value = serde_saphyr::from_str(FULL).unwrap();
        file.pointer(pointer).unwrap_or_else(|| panic!("{pointer}")).clone()
    }

    /// A structure and its place in the schema agree on the keys, and on which of them must be there.
    /// `full` is one with every key.
    fn agrees<T: for<'de> Deserialize<'de> + DeserializeOwned>(place: &str, full: &Value) {
        let schema = schema();
        let object = schema.pointer(place).unwrap_or_else(|| panic!("the schema has no {place}"));
        assert_eq!(keys(&object["properties"]), names_of::<T>(), "the keys of {place}");
        assert_eq!(keys(full), names_of::<T>(), "the keys of the full {place}");
        assert_eq!(object["additionalProperties"], Value::Bool(false), "{place}");
        let parses = |value: &Value| serde_saphyr::from_str::<T>(&value.to_string()).map(drop);
        parses(full).unwrap_or_else(|error| panic!("{place}: {error}"));
        let needed = keys(full).into_iter().filter(|key| {
            let mut without = full.clone();
            without.as_object_mut().unwrap().remove(key);
            parses(&without).is_err()
        });
        let required = object.get("required").map(texts_of).unwrap_or_default();
        assert_eq!(required, needed.collect(), "the required keys of {place}");
    }

    #[test]
    fn the_schema_has_the_keys_of_the_rule_file() {
        agrees::<RuleFile>("", &full(""));
        agrees::<CheckFile>("/$defs/check", &full("/checks/0"));
        agrees::<RelatedFile>("/$defs/related", &full("/related/0"));
        agrees::<RemediationFile>("/properties/remediation", &full("/remediation"));
        agrees::<LongParam>("/$defs/param/anyOf/0", &full("/params/x"));
        agrees::<Example>("/$defs/example", &full("/examples/0"));
        assert_eq!(names_of::<CheckFile>(), CHECK_KEYS.map(str::to_owned).into());
    }

    #[test]
    fn the_schema_has_the_values_of_the_rule_file() {
        let values = |place: &str| texts_of(schema().pointer(place).unwrap());
        assert_eq!(values("/properties/severity/enum"), names_of::<Severity>());
        assert_eq!(values("/properties/level/enum"), names_of::<Level>());
        assert_eq!(values("/properties/precision/enum"), names_of::<Precision>());
        assert_eq!(values("/properties/clusters/items/enum"), names_of::<ClusterType>());
        assert_eq!(values("/$defs/param/anyOf/0/properties/type/enum"), names_of::<ParamType>());
        assert_eq!(values("/$defs/example/properties/outcome/enum"), names_of::<ExpectedOutcome>());
    }

    #[test]
    fn the_defaults_are_those_of_the_rule_file() {
        let default = |key: &str| schema()["properties"][key]["default"].clone();
        assert_eq!(default("level"), json!(Level::default()));
        assert_eq!(default("precision"), json!(Precision::default()));
        let mut rule = full("");
        rule.as_object_mut().unwrap().remove("clusters");
        let rule: RuleFile = serde_saphyr::from_str(&rule.to_string()).unwrap();
        assert_eq!(default("clusters"), json!(rule.clusters));
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn visit(value: &Value, found: &mut Vec<String>) {
            match value {
                Value::Array(items) => items.iter().for_each(|item| visit(item, found)),
                Value::Object(fields) => {
                    found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
                    fields.values().for_each(|value| visit(value, found));
                }
                _ => {}
            }
        }
        let (schema, mut found) = (schema(), Vec::new());
        visit(&schema, &mut found);
        assert!(found.len() > 20);
        for reference in found {
            assert!(schema.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
    }
}
