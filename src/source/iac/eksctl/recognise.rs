//! Whether a text holds configurations of eksctl: documents with `apiVersion: eksctl.io/…` and `kind: ClusterConfig`.

use regex::Regex;
use serde::Deserialize;
use std::sync::LazyLock;

/// How the API versions of eksctl begin.
pub(super) const GROUP: &str = "eksctl.io/";
/// The kind of document that describes clusters.
pub(super) const KIND: &str = "ClusterConfig";

/// Whether a text has a configuration of eksctl. The start of one will do, so that not all of each file is read.
pub fn is_config(text: &str) -> bool {
    // Most texts are something else.
    if !text.contains(GROUP) || !text.contains(KIND) {
        return false;
    }
    let start = text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']);
    if start.starts_with('{') { is_json(start) } else { is_yaml(text) }
}

fn is_yaml(text: &str) -> bool {
    static LINES: LazyLock<Option<[Regex; 2]>> = LazyLock::new(|| {
        let line = |line: &str| Regex::new(line).ok();
        Some([
            line(r#"(?m)^["']?apiVersion["']?[ \t]*:[ \t]*["']?eksctl\.io/"#)?,
            line(r#"(?m)^["']?kind["']?[ \t]*:[ \t]*["']?ClusterConfig\b"#)?,
        ])
    });
    let Some([version, kind]) = &*LINES else { return false };
    version.is_match(text) && kind.is_match(text)
}

/// What is looked at of a document that is JSON.
#[derive(Deserialize)]
struct ConfigHead<'t> {
    #[serde(rename = "apiVersion", borrow)]
    api_version: &'t str,
    #[serde(borrow)]
    kind: &'t str,
}

fn is_json(text: &str) -> bool {
    let first = serde_json::Deserializer::from_str(text).into_iter::<ConfigHead<'_>>().next();
    match first {
        Some(Ok(head)) => head.api_version.starts_with(GROUP) && head.kind == KIND,
        // It is broken or cut off: what it says of itself stands at its start.
        Some(Err(_)) => is_cut(text),
        None => false,
    }
}

fn is_cut(text: &str) -> bool {
    static FIELDS: LazyLock<Option<[Regex; 2]>> = LazyLock::new(|| {
        let field = |field: &str| Regex::new(field).ok();
        Some([
            field(r#"^\{(?s:[^{\[]*)"apiVersion"\s*:\s*"eksctl\.io/"#)?,
            field(r#"^\{(?s:[^{\[]*)"kind"\s*:\s*"ClusterConfig""#)?,
        ])
    });
    let Some([version, kind]) = &*FIELDS else { return false };
    version.is_match(text) && kind.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::is_config;

    #[test]
    fn a_configuration_is_told_by_what_it_is() {
        for (text, want) in [
            ("apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\n", true),
            (
                "\u{FEFF}# a comment\n---\nkind: 'ClusterConfig'\n\"apiVersion\": \"eksctl.io/v1alpha5\"\n",
                true,
            ),
            ("kind: Namespace\n---\napiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig # x\n", true),
            (r#"{"apiVersion": "eksctl.io/v1alpha5", "kind": "ClusterConfig", "vpc": {}}"#, true),
            (r#"{"vpc": {}, "kind": "ClusterConfig", "apiVersion": "eksctl.io/v1alpha5"}"#, true),
            (r#"{"apiVersion": "eksctl.io/v1alpha5", "kind": "ClusterConfig", "vpc": {"#, true),
            (r#"{"apiVersion": "v1", "kind": "ClusterConfig", "x": "eksctl.io/"}"#, false),
            (r#"{"a": {"apiVersion": "eksctl.io/v1alpha5", "kind": "ClusterConfig"}"#, false),
            (
                "apiVersion: v1\ndata:\n  a: |\n    apiVersion: eksctl.io/v1alpha5\n    kind: ClusterConfig\n",
                false,
            ),
            ("apiVersion: eksctl.io/v1alpha5\nkind: Other # ClusterConfig\n", false),
            ("kind: ClusterConfig\napiVersion: v1 # eksctl.io/\n", false),
            ("# apiVersion: eksctl.io/v1alpha5\n# kind: ClusterConfig\n", false),
            ("", false),
            ("{", false),
        ] {
            assert_eq!(is_config(text), want, "{text}");
        }
    }
}
