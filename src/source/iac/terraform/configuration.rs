//! One text as a root module: what is piped into a scan, or is in a file whose name does not say what it is.

use super::hcl::{RootModule, VariableInputs, load_assuming};
use crate::source::iac::tree::{TemplateTree, TreeError};
use crate::source::iac::{ConditionAssumption, Template};
use regex::Regex;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, LazyLock};

/// A form that files of Terraform and OpenTofu have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigurationForm {
    /// HCL.
    Hcl,
    /// JSON.
    Json,
}

/// Which form of a configuration a text has, if it is one: blocks of HCL, or JSON with a block of it that names what is AWS's.
pub fn recognise_configuration(text: &str) -> Option<ConfigurationForm> {
    static BLOCK: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let kinds = "resource|module|provider|data|variable|output|terraform|locals";
        Regex::new(&format!(r#"(?m)^({kinds})([ \t]+("[^"\n]*"|[A-Za-z_][\w-]*))*[ \t]*\{{"#)).ok()
    });
    if text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']).starts_with(['{', '[']) {
        return is_json(text).then_some(ConfigurationForm::Json);
    }
    BLOCK.as_ref()?.is_match(text).then_some(ConfigurationForm::Hcl)
}

/// Reads a text as a root module that has no other file.
pub fn read_configuration(
    name: &str,
    text: Arc<str>,
    form: ConfigurationForm,
    inputs: &VariableInputs,
    assumed: Option<&ConditionAssumption>,
) -> Vec<Template> {
    let file = match form {
        ConfigurationForm::Hcl => "main.tf",
        ConfigurationForm::Json => "main.tf.json",
    };
    let tree = TextTree { name: name.to_owned(), file, text };
    load_assuming(&tree, &RootModule::of_files("", vec![file.to_owned()]), inputs, assumed)
}

/// A folder with one file.
struct TextTree {
    name: String,
    file: &'static str,
    text: Arc<str>,
}

impl TemplateTree for TextTree {
    fn list(&self, folder: &str) -> Result<Vec<String>, TreeError> {
        match folder {
            "" => Ok(vec![self.file.to_owned()]),
            _ => Err(TreeError::Other(format!("{} is all that was given", self.name))),
        }
    }

    fn below(&self, folder: &str, _: usize) -> Result<Vec<String>, TreeError> {
        self.list(folder)
    }

    fn read(&self, path: &str, limit: usize) -> Result<Vec<u8>, TreeError> {
        if path != self.file {
            return Err(TreeError::Absent);
        }
        let bytes = self.text.as_bytes();
        if bytes.len() > limit { Err(TreeError::TooLong(limit)) } else { Ok(bytes.to_vec()) }
    }

    fn shown(&self, path: &str) -> String {
        if path.is_empty() || path == self.file { self.name.clone() } else { path.to_owned() }
    }
}

/// What JSON must hold for a block that names what is AWS's: a resource, a provider or the source of a module.
const NEEDED: [&str; 3] = ["\"aws_", "\"aws\"", "\"source\""];

/// Whether JSON has blocks of Terraform. What comes after the first that says so is not read.
fn is_json(text: &str) -> bool {
    // Most texts are snapshots, and are not read twice for this.
    if !NEEDED.iter().any(|name| text.contains(name)) {
        return false;
    }
    let mut seen = SeenBlocks { is_configuration: false };
    let mut json = serde_json::Deserializer::from_str(text.trim_start_matches('\u{FEFF}'));
    // It ends with an error where enough was seen.
    let _end = json.deserialize_map(&mut seen);
    seen.is_configuration
}

struct SeenBlocks {
    is_configuration: bool,
}

impl<'t> Visitor<'t> for &mut SeenBlocks {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<Cow<'_, str>>()? {
            if self.is_configuration {
                break;
            }
            if matches!(&*name, "resource" | "data" | "provider" | "module") {
                self.is_configuration |= map.next_value::<BlockLabels>()?.is_terraform(&name);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// The labels of the blocks of one kind, and for each whether it has a `source`.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum BlockLabels {
    Object(std::collections::BTreeMap<String, serde_json::Value>),
    Other(IgnoredAny),
}

impl BlockLabels {
    fn is_terraform(&self, kind: &str) -> bool {
        let Self::Object(labels) = self else { return false };
        labels.iter().any(|(label, inner)| match kind {
            "module" => inner.get("source").is_some_and(serde_json::Value::is_string),
            "provider" => label == "aws" && (inner.is_object() || inner.is_array()),
            _ => label.starts_with("aws_"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::ConfigurationForm::{Hcl, Json};
    use super::recognise_configuration;

    #[test]
    fn a_configuration_is_told_by_its_blocks() {
        for (text, want) in [
            ("# the cluster\nresource \"aws_eks_cluster\" \"a\" {\n}\n", Some(Hcl)),
            ("resource aws_eks_cluster a {\n}\n", Some(Hcl)),
            ("module \"eks\" {", Some(Hcl)),
            ("locals {\n}", Some(Hcl)),
            (r#"{"resource": {"aws_eks_cluster": {"a": {}}}}"#, Some(Json)),
            (r#"{"terraform": {}, "provider": {"aws": {"region": "eu-west-1"}}}"#, Some(Json)),
            (r#"{"module": {"eks": {"source": "./eks"}}}"#, Some(Json)),
            (r#"{"module": "esnext", "resource": "aws_x"}"#, None),
            (r#"{"cluster": {"name": "a"}}"#, None),
            ("services:\n  data:\n    image: b\n", None),
            ("data:\n  a: |\n    resource {\n", None),
            ("", None),
            ("{", None),
            ("[]", None),
        ] {
            assert_eq!(recognise_configuration(text), want, "{text}");
        }
    }
}
