//! Whether a text is a stack's template: by `AWSTemplateFormatVersion`, or by resources of AWS's types.

use regex::Regex;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

/// The field that all templates may have, and few do not.
const VERSION: &str = "AWSTemplateFormatVersion";

/// Whether a text is a stack's template. The start of one will do, so that not all of each file is read.
pub fn is_stack(text: &str) -> bool {
    // Most texts are something else.
    let may_be = text.contains(VERSION) || text.contains("Resources") && text.contains("AWS::");
    if !may_be {
        return false;
    }
    let start = text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']);
    if start.starts_with(['{', '[']) { is_json(start) } else { is_yaml(text) }
}

/// Whether a text may name templates of nested stacks.
pub fn may_nest(text: &str) -> bool {
    ["AWS::CloudFormation::Stack", "AWS::Serverless::Application"].iter().any(|kind| text.contains(kind))
}

/// Whether the start of a text is such that it may be a stack's template in JSON.
pub fn may_start_stack(start: &str) -> bool {
    [VERSION, "\"Resources\"", "\"Parameters\"", "\"Mappings\"", "\"Metadata\"", "\"Transform\""]
        .iter()
        .any(|section| start.contains(section))
}

/// Whether a template may need the files beside it.
pub fn may_name_files(text: &str) -> bool {
    may_nest(text) || is_of_cdk(text)
}

/// Whether the CDK made a template, as far as that can be seen.
fn is_of_cdk(text: &str) -> bool {
    ["AWS::CDK::Metadata", "/cdk-bootstrap/", "aws:cdk:"].iter().any(|sign| text.contains(sign))
}

fn is_yaml(text: &str) -> bool {
    static LINES: LazyLock<Option<[Regex; 3]>> = LazyLock::new(|| {
        let line = |line: &str| Regex::new(line).ok();
        Some([
            line(r#"(?m)^["']?AWSTemplateFormatVersion["']?[ \t]*:"#)?,
            line(r#"(?m)^["']?Resources["']?[ \t]*:"#)?,
            line(r#"(?m)^[ \t]+(?:[^#\n]*[{,][ \t]*)?["']?Type["']?[ \t]*:[ \t]*["']?AWS::[A-Za-z0-9]+::"#)?,
        ])
    });
    let Some([version, resources, kind]) = &*LINES else { return false };
    version.is_match(text) || resources.is_match(text) && kind.is_match(text)
}

fn is_json(text: &str) -> bool {
    let mut seen = SeenSections::default();
    let mut json = serde_json::Deserializer::from_str(text);
    // It ends with an error where the text is broken or cut off: what was seen before counts.
    let _end = json.deserialize_map(&mut seen);
    seen.is_stack
}

#[derive(Default)]
struct SeenSections {
    is_stack: bool,
}

impl<'t> Visitor<'t> for &mut SeenSections {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<Cow<'_, str>>()? {
            match &*name {
                VERSION => {
                    self.is_stack = true;
                    return Ok(());
                }
                "Resources" => self.is_stack |= map.next_value::<ResourcesLook>()?.has_aws(),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// What is under `Resources`, as far as it is looked at.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum ResourcesLook {
    Object(BTreeMap<String, serde_json::Value>),
    Other(IgnoredAny),
}

impl ResourcesLook {
    fn has_aws(&self) -> bool {
        let Self::Object(resources) = self else { return false };
        // What a loop makes stands in its third item.
        let made = |resource: &serde_json::Value| {
            let Some(body) = resource.get(2).and_then(serde_json::Value::as_object) else { return false };
            body.values().any(is_of_aws)
        };
        resources.values().any(|resource| is_of_aws(resource) || made(resource))
    }
}

fn is_of_aws(resource: &serde_json::Value) -> bool {
    resource.get("Type").and_then(serde_json::Value::as_str).is_some_and(|kind| kind.starts_with("AWS::"))
}

#[cfg(test)]
mod tests {
    use super::is_stack;

    #[test]
    fn a_stack_is_told_by_what_it_is() {
        for (text, want) in [
            (r#"{"AWSTemplateFormatVersion": "2010-09-09", "#, true),
            (r#"{"Resources": {"C": {"Type": "AWS::EKS::Cluster"}}}"#, true),
            (
                r#"{"Resources": {"Fn::ForEach::L": ["A", ["a"], {"${A}": {"Type": "AWS::IAM::Role"}}]}}"#,
                true,
            ),
            ("AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  C: !Ref D\n", true),
            ("'Resources':\n  F:\n    Type: AWS::Serverless::Function\n", true),
            ("Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: 'AWS::IAM::Role'\n", true),
            (r#"{"Resources": {"a": {"Type": "b"}}, "text": "AWS::"}"#, false),
            (r#"{"cluster": {"name": "AWSTemplateFormatVersion"}}"#, false),
            ("apiVersion: v1\ndata:\n  a: |\n    AWSTemplateFormatVersion: x\n", false),
            ("Resources:\n  C: {Type: AWS::EKS::Cluster, Properties: {Name: a}}\n", true),
            ("Resources:\n  C: {Properties: {Name: a}, Type: AWS::EKS::Cluster}\n", true),
            ("Resources:\n  C: a # {Type: AWS::EKS::Cluster}\n", false),
            ("Resources:\n  - AWS::IAM::Role\n", false),
            ("# Resources: AWS::\na: b\n", false),
            ("", false),
            ("{", false),
            ("[]", false),
        ] {
            assert_eq!(is_stack(text), want, "{text}");
        }
    }
}
