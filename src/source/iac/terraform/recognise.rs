//! Which JSON of Terraform a text is, by the names of its first fields.

use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

/// A sort of JSON that Terraform and OpenTofu write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerraformJson {
    /// A plan: `terraform show -json tfplan`, or the part of it that lists changes.
    Plan,
    /// A state: `terraform show -json`.
    State,
    /// A file such as `terraform.tfstate`.
    StateFile,
}

/// The fields of which the first ones are looked at.
const KNOWN: [&str; 9] = [
    "format_version",
    "lineage",
    "planned_values",
    "resource_changes",
    "resources",
    "serial",
    "terraform_version",
    "values",
    "version",
];

/// One of these is in all of them.
const NEEDED: [&str; 5] =
    ["format_version", "lineage", "planned_values", "resource_changes", "terraform_version"];

/// Which one a text is, if it is one: a JSON object whose fields say so. The text is read until they do.
pub fn recognise_json(text: &str) -> Option<TerraformJson> {
    // Most texts are snapshots, and are not read twice for this.
    if !NEEDED.iter().any(|name| text.contains(name)) {
        return None;
    }
    let mut seen = SeenFields::default();
    let mut json = serde_json::Deserializer::from_str(text);
    let end = json.deserialize_map(&mut seen);
    seen.kind.or_else(|| end.ok().and_then(|()| seen.at_end()))
}

/// The fields that were seen so far.
#[derive(Debug, Default)]
struct SeenFields {
    names: HashSet<&'static str>,
    others: usize,
    kind: Option<TerraformJson>,
}

impl SeenFields {
    fn has(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.names.contains(name))
    }

    fn decide(&self) -> Option<TerraformJson> {
        let of_file = ["lineage", "serial", "terraform_version"];
        if self.has(&["resource_changes"]) || self.has(&["planned_values"]) {
            Some(TerraformJson::Plan)
        } else if self.has(&["format_version", "values"]) {
            Some(TerraformJson::State)
        } else if self.has(&["version"]) && of_file.iter().filter(|name| self.has(&[name])).count() > 1 {
            Some(TerraformJson::StateFile)
        } else {
            None
        }
    }

    /// `terraform show -json` prints no more than versions where there is no state yet.
    fn at_end(&self) -> Option<TerraformJson> {
        let is_state_file = self.has(&["version", "resources", "terraform_version"]);
        let is_empty = self.has(&["format_version"]) && self.others == 0 && !self.has(&["version"]);
        if is_state_file { Some(TerraformJson::StateFile) } else { is_empty.then_some(TerraformJson::State) }
    }
}

impl<'t> Visitor<'t> for &mut SeenFields {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<std::borrow::Cow<'_, str>>()? {
            match KNOWN.iter().find(|known| **known == name) {
                Some(known) => {
                    self.names.insert(known);
                }
                None => self.others += 1,
            }
            self.kind = self.decide();
            if self.kind.is_some() {
                return Err(A::Error::custom("enough"));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use TerraformJson::{Plan, State, StateFile};

    #[test]
    fn each_kind_is_told_by_its_fields() {
        for (text, want) in [
            (r#"{"format_version": "1.2", "planned_values": {}}"#, Some(Plan)),
            (r#"{"resource_changes": []}"#, Some(Plan)),
            (" {\"resource_changes\": [", Some(Plan)),
            (r#"{"format_version": "1.0", "terraform_version": "1.9.0", "values": {}}"#, Some(State)),
            (r#"{"values": {"a": [1]}, "format_version": "1.0"}"#, Some(State)),
            (r#"{"format_version": "1.0"}"#, Some(State)),
            (
                r#"{"version": 4, "terraform_version": "1.9.0", "serial": 1, "resources": []}"#,
                Some(StateFile),
            ),
            (r#"{"version": 3, "serial": 1, "lineage": "a", "modules": []}"#, Some(StateFile)),
            (r#"{"version": 4, "resources": [], "terraform_version": "1"}"#, Some(StateFile)),
            (r#"{"values": {}}"#, None),
            (r#"{"version": "1", "resources": []}"#, None),
            (r#"{"format_version": "1.0", "name": "a"}"#, None),
            (r#"{"cluster": {"name": "a"}}"#, None),
            ("[]", None),
            ("{", None),
            ("", None),
            ("resource \"a\" \"b\" {}", None),
        ] {
            assert_eq!(recognise_json(text), want, "{text}");
        }
    }
}
