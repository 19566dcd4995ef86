//! What must not be shown of plans and states.
//!
//! The marks are the same everywhere in the JSON of Terraform, so all of the text is looked through once, whatever its parts
//! are for: what was before a change is as secret as what is after it.

use super::placed::{PlacedJson, PlacedKind};
use std::ops::Range;

/// Values that are marked by another field beside them, with the same structure and `true` for what is secret.
const MARKED: [(&str, &str); 3] =
    [("after", "after_sensitive"), ("before", "before_sensitive"), ("values", "sensitive_values")];

/// Fields that hold secrets, whatever a provider says of them: what nodes run when they start, and what older providers do
/// not mark, or not in the configuration.
const SECRET_NAMES: [&str; 14] = [
    "access_key",
    "auth_token",
    "client_secret",
    "master_password",
    "password",
    "private_key",
    "private_key_pem",
    "secret_binary",
    "secret_key",
    "secret_string",
    "session_token",
    "token",
    "user_data",
    "user_data_base64",
];

/// Bytes of a text that must not be shown, in order.
#[derive(Debug, Default)]
pub(super) struct SecretRanges(Vec<Range<usize>>);

impl SecretRanges {
    /// Those of the JSON of Terraform.
    pub(super) fn of(root: &PlacedJson<'_>) -> Self {
        let mut found = Vec::new();
        collect(root, &mut found);
        let declared = root.at(&["configuration", "root_module", "variables"]);
        for (name, variable) in root.get("variables").map(PlacedJson::fields).unwrap_or_default() {
            if declared.and_then(|declared| declared.get(name)).is_some_and(is_sensitive) {
                hide_field(variable, "value", &mut found);
            }
        }
        Self(merged(found))
    }

    /// Whether a range is in one of them.
    pub(super) fn cover(&self, range: &Range<usize>) -> bool {
        let next = self.0.partition_point(|secret| secret.start <= range.start);
        next.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|secret| range.end <= secret.end)
    }

    /// All of them.
    pub(super) fn into_ranges(self) -> Vec<Range<usize>> {
        self.0
    }
}

/// In order, and those that touch made one.
fn merged(mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
    found.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for range in found {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

fn collect(node: &PlacedJson<'_>, found: &mut Vec<Range<usize>>) {
    node.items().iter().for_each(|item| collect(item, found));
    for (name, value) in node.fields() {
        match &**name {
            "sensitive_attributes" => hide_paths(node, value, found),
            "sensitive" if value.is_true() => {
                ["value", "default", "expression"].iter().for_each(|name| hide_field(node, name, found));
            }
            "module" => hide_arguments(node, value, found),
            name if SECRET_NAMES.contains(&name) => hide(value, found),
            name => {
                if let Some((marked, _)) = MARKED.iter().find(|(_, marks)| *marks == name)
                    && let Some(marked) = node.get(marked)
                {
                    hide_marked(marked, value, found);
                }
            }
        }
        collect(value, found);
    }
}

/// Hides what the paths of a state lead to.
fn hide_paths(instance: &PlacedJson<'_>, paths: &PlacedJson<'_>, found: &mut Vec<Range<usize>>) {
    if let Some(attributes) = instance.get("attributes") {
        paths.items().iter().for_each(|path| hide_path(attributes, path, found));
    }
}

/// What the call of a module gives to its sensitive variables.
fn hide_arguments(call: &PlacedJson<'_>, module: &PlacedJson<'_>, found: &mut Vec<Range<usize>>) {
    let Some(variables) = module.get("variables") else { return };
    for (name, argument) in call.get("expressions").map(PlacedJson::fields).unwrap_or_default() {
        if variables.get(name).is_some_and(is_sensitive) {
            hide(argument, found);
        }
    }
}

fn is_sensitive(node: &PlacedJson<'_>) -> bool {
    node.get("sensitive").is_some_and(PlacedJson::is_true)
}

fn hide_field(node: &PlacedJson<'_>, name: &str, found: &mut Vec<Range<usize>>) {
    if let Some(value) = node.get(name) {
        hide(value, found);
    }
}

/// Hides a value, if there is anything in it: that something is not set, or is being set, is no secret.
fn hide(value: &PlacedJson<'_>, found: &mut Vec<Range<usize>>) {
    if !matches!(value.kind, PlacedKind::Null | PlacedKind::Bool(_)) {
        found.push(value.whole());
    }
}

/// Hides what the marks say.
fn hide_marked(value: &PlacedJson<'_>, marks: &PlacedJson<'_>, found: &mut Vec<Range<usize>>) {
    match &marks.kind {
        PlacedKind::Bool(true) => found.push(value.whole()),
        PlacedKind::Object(fields) => {
            for (name, marks) in fields {
                if let Some(value) = value.get(name) {
                    hide_marked(value, marks, found);
                }
            }
        }
        PlacedKind::List(items) => {
            value.items().iter().zip(items).for_each(|(value, marks)| hide_marked(value, marks, found));
        }
        _ => {}
    }
}

/// Hides what a path of a state leads to: `[{"type": "get_attr", "value": "password"}]`.
fn hide_path(value: &PlacedJson<'_>, path: &PlacedJson<'_>, found: &mut Vec<Range<usize>>) {
    // Terraform 0.14 writes a path in a list of its own.
    if path.items().iter().any(|step| matches!(step.kind, PlacedKind::List(_))) {
        return path.items().iter().for_each(|path| hide_path(value, path, found));
    }
    let mut at = value;
    for step in path.items() {
        let key = step.get("value");
        let key = key.and_then(|key| key.get("value")).or(key);
        let next = match (key.map(|key| &key.kind), &at.kind) {
            (Some(PlacedKind::Text(name)), PlacedKind::Object(_)) => at.get(name),
            (Some(PlacedKind::Number(index)), PlacedKind::List(items)) => {
                index.as_u64().and_then(|index| items.get(usize::try_from(index).ok()?))
            }
            // What says no field and no position, as in a set, means something in what is there.
            _ => break,
        };
        // Nothing is there to hide.
        let Some(next) = next else { return };
        at = next;
    }
    if !path.items().is_empty() {
        hide(at, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hidden(text: &str) -> Vec<&str> {
        let tree = PlacedJson::parse(text).expect("JSON");
        SecretRanges::of(&tree).into_ranges().into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn what_terraform_marks_is_hidden() {
        let change = r#"{"before": "b1", "before_sensitive": true, "after": {"a": "a1", "l": ["l0", {"x": "l1"}]},
            "after_sensitive": {"a": true, "l": [false, {"x": true}], "none": true}}"#;
        assert_eq!(hidden(change), ["\"b1\"", "\"a1\"", "\"l1\""]);
        assert_eq!(hidden(r#"{"values": {"a": 1, "b": 2}, "sensitive_values": {"b": true}}"#), ["2"]);
        assert_eq!(
            hidden(r#"{"outputs": {"o": {"sensitive": true, "value": {"k": "v"}}, "p": {"value": 1}}}"#),
            [r#"{"k": "v"}"#]
        );
        let variables = r#"{"variables": {"s": {"value": "v1"}, "t": {"value": "v2"}},
            "configuration": {"root_module": {"variables": {"s": {"sensitive": true, "default": "v3"}, "t": {}}}}}"#;
        assert_eq!(hidden(variables), ["\"v1\"", "\"v3\""]);
        let call = r#"{"m": {"expressions": {"a": {"constant_value": "c"}, "b": {"constant_value": "d"}},
            "module": {"variables": {"a": {"sensitive": true}}}}}"#;
        assert_eq!(hidden(call), [r#"{"constant_value": "c"}"#]);
    }

    #[test]
    fn paths_of_states_are_followed() {
        let state = |paths: &str| {
            format!(
                r#"{{"attributes": {{"a": {{"b": ["x", "y"]}}, "s": "z"}}, "sensitive_attributes": {paths}}}"#
            )
        };
        let path = r#"[{"type": "get_attr", "value": "a"}, {"type": "get_attr", "value": "b"},
            {"type": "index", "value": {"value": 1, "type": "number"}}]"#;
        assert_eq!(hidden(&state(&format!("[{path}]"))), ["\"y\""]);
        assert_eq!(hidden(&state(&format!("[[{path}]]"))), ["\"y\""]);
        assert_eq!(hidden(&state(r#"[[{"type": "get_attr", "value": "s"}]]"#)), ["\"z\""]);
        assert_eq!(
            hidden(&state(r#"[[{"type": "get_attr", "value": "a"}, {"type": "index", "value": []}]]"#)),
            [r#"{"b": ["x", "y"]}"#]
        );
        assert!(hidden(&state(r#"[[{"type": "get_attr", "value": "none"}]]"#)).is_empty());
        assert_eq!(hidden(&state(r#"[[], 1, {}, [1]]"#)), [r#"{"a": {"b": ["x", "y"]}, "s": "z"}"#]);
    }

    #[test]
    fn user_data_is_hidden_wherever_it_stands() {
        let text = r#"{"user_data": "IyE=", "a": [{"user_data_base64": {"constant_value": "IyE="}, "user_data": null}], "password": true}"#;
        assert_eq!(hidden(text), ["\"IyE=\"", r#"{"constant_value": "IyE="}"#]);
    }

    #[test]
    fn ranges_are_merged() {
        let ranges = SecretRanges(merged(vec![5..9, 0..3, 6..7, 3..4]));
        assert_eq!(ranges.0, [0..4, 5..9]);
        assert!(
            ranges.cover(&(6..8))
                && ranges.cover(&(5..9))
                && !ranges.cover(&(4..6))
                && !ranges.cover(&(8..10))
        );
    }
}
