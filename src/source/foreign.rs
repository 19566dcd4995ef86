//! Files that describe clusters in a form that ekslint does not read, or that lie beside those that do: Kubernetes, binary plans
//! of Terraform, settings with comments. All that is known of them is how to tell them apart, and what to do instead. One row of
//! [`KINDS`] is one kind.

use super::path_text::slashed_here;
use crate::value::{Json, Object};
use bumpalo::Bump;
use regex::Regex;
use std::path::Path;
use std::sync::LazyLock;

/// A kind of file that is recognised and not read.
#[derive(Debug)]
pub struct ForeignKind {
    /// What one of them is called.
    pub one: &'static str,
    /// What several of them are called.
    pub many: &'static str,
    /// Names end so, and say it alone.
    endings: &'static [&'static str],
    /// Whether a JSON document is one.
    is_json: fn(&Object<'_>) -> bool,
    /// Each of these is somewhere in a text that is not JSON.
    lines: &'static [&'static str],
    /// A text in which this is found is not one, whatever else it says.
    never: Option<&'static str>,
    /// What to do instead.
    pub way_out: &'static str,
}

/// All kinds. The first that fits counts.
static KINDS: [ForeignKind; 5] = [
    ForeignKind {
        one: "binary Terraform plan",
        many: "binary Terraform plans",
        // `terraform plan -out` gives any name: what tells it is the first file of the archive that it is.
        endings: &[],
        is_json: |_| false,
        lines: &[r"\APK\x03\x04(?s:.{0,60}?)tfplan"],
        never: None,
        way_out: "run `terraform show -json FILE > plan.json` and scan that",
    },
    ForeignKind {
        one: "file that OpenTofu encrypted",
        many: "files that OpenTofu encrypted",
        endings: &[],
        is_json: |root| has(root, "encrypted_data") && has(root, "encryption_version"),
        lines: &[],
        never: None,
        way_out: "run `tofu show -json FILE > plan.json`, which decrypts it, and scan that",
    },
    ForeignKind {
        one: "Kubernetes manifest",
        many: "Kubernetes manifests",
        endings: &[],
        is_json: |root| text(root, "apiVersion").is_some() && text(root, "kind").is_some(),
        lines: &[r#"(?m)^["']?apiVersion["']?\s*:"#, r#"(?m)^["']?kind["']?\s*:"#],
        never: None,
        way_out: WAY_OUT,
    },
    ForeignKind {
        one: "part of a Helm chart",
        many: "parts of Helm charts",
        endings: &["/Chart.yaml", "/Chart.lock"],
        is_json: |_| false,
        lines: &[
            r"\{\{-?\s*(include|template|define|end|if|with|range|\.Values|\.Release|\.Chart|tpl|toYaml)\b",
        ],
        never: None,
        way_out: WAY_OUT,
    },
    ForeignKind {
        one: "JSON file with comments",
        many: "JSON files with comments",
        endings: &[],
        is_json: |_| false,
        // As editors and compilers have them: `tsconfig.json`.
        lines: &[r"\A\s*[/{\[]", r"(?m)(^|[\s,{\[])(//|/\*)"],
        never: Some(r"(?i)cluster|nodegroup|aws|subnet|vpc|\beks"),
        way_out: "take the comments out if it is a snapshot",
    },
];

/// What to do instead.
const WAY_OUT: &str =
    "scan the live cluster (`ekslint scan --region REGION`), or a snapshot of it (`ekslint snapshot`)";

/// Files in directories that may be of such a kind. What is JSON is read anyway.
const ENDINGS: [&str; 6] = [".tfplan", ".yaml", ".yml", ".template", ".tpl", "/Chart.lock"];
/// How much of a file in a directory is looked at, in bytes.
const LOOKED_AT: u64 = 256 << 10;

impl ForeignKind {
    /// What is wrong with naming such a file, and what to do instead.
    pub fn sentence(&self) -> String {
        let article = if self.one.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        format!("is {article} {}, which ekslint does not read: {}", self.one, self.way_out)
    }

    /// How many of them, in words.
    pub fn counted(&self, count: usize) -> String {
        format!("{count} {}", if count == 1 { self.one } else { self.many })
    }

    /// Its position among all kinds.
    pub(crate) fn order(&self) -> usize {
        KINDS.iter().position(|kind| std::ptr::eq(kind, self)).unwrap_or(KINDS.len())
    }
}

/// Which kind a file is of, if it is of one: by its name, else by its text.
pub fn recognise(name: &str, text: &str) -> Option<&'static ForeignKind> {
    let path = format!("/{name}");
    let named = KINDS.iter().find(|kind| kind.endings.iter().any(|ending| path.ends_with(ending)));
    named.or_else(|| {
        let start = text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\r', '\n']);
        match start.starts_with(['{', '[']) && !start.starts_with("{{") {
            true => of_json(start).unwrap_or_else(|| of_text(text)),
            false => of_text(text),
        }
    })
}

/// Which kind a file in a directory is of that is no JSON. Only its start is read.
pub(super) fn recognise_file(
    path: &Path,
    read_start: impl Fn(&Path, u64) -> Option<String>,
) -> Option<&'static ForeignKind> {
    let shown = path.display().to_string();
    let name = slashed_here(&shown);
    let slashed = format!("/{name}");
    if !ENDINGS.iter().any(|ending| slashed.ends_with(ending)) {
        return None;
    }
    recognise(&name, &read_start(path, LOOKED_AT)?)
}

/// Which kind a document is of; none where it is no JSON, of which its text may say more.
fn of_json(text: &str) -> Option<Option<&'static ForeignKind>> {
    let arena = Bump::new();
    let root = Json::parse_first(text, &arena).ok()?.root;
    let first = root.as_list().and_then(|items| items.first().copied()).unwrap_or(root);
    Some(first.as_object().and_then(|object| KINDS.iter().find(|kind| (kind.is_json)(object))))
}

fn of_text(text: &str) -> Option<&'static ForeignKind> {
    static LINES: LazyLock<Vec<(Vec<Regex>, Option<Regex>)>> = LazyLock::new(|| {
        let of_kind = |kind: &ForeignKind| {
            let lines = kind.lines.iter().filter_map(|line| Regex::new(line).ok());
            (lines.collect(), kind.never.and_then(|never| Regex::new(never).ok()))
        };
        KINDS.iter().map(of_kind).collect()
    });
    let fits = |(lines, never): &(Vec<Regex>, Option<Regex>)| {
        !lines.is_empty()
            && lines.iter().all(|line| line.is_match(text))
            && never.as_ref().is_none_or(|never| !never.is_match(text))
    };
    KINDS.iter().zip(LINES.iter()).find(|(_, lines)| fits(lines)).map(|(kind, _)| kind)
}

fn has(object: &Object<'_>, field: &str) -> bool {
    object.get(field).is_some_and(|node| !node.is_null())
}

fn text<'t>(object: &Object<'t>, field: &str) -> Option<&'t str> {
    object.get(field)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(name: &str, text: &str) -> Option<&'static str> {
        recognise(name, text).map(|kind| kind.one)
    }

    #[test]
    fn every_pattern_is_one() {
        let patterns = KINDS.iter().flat_map(|kind| kind.lines.iter().chain(&kind.never));
        patterns.for_each(|line| assert!(Regex::new(line).is_ok(), "{line}"));
        // What names say is looked for in directories too.
        let said = KINDS.iter().flat_map(|kind| kind.endings).filter(|ending| !ending.ends_with(".json"));
        said.for_each(|said| assert!(ENDINGS.iter().any(|ending| said.ends_with(ending)), "{said}"));
    }

    #[test]
    fn each_kind_is_told_by_its_name_or_its_text() {
        for (name, text, want) in [
            (
                "tfplan",
                "PK\u{3}\u{4}\u{14}\0\u{8}\0\u{8}\0\n\n!\0\0\0\0\u{6}\0\t\0tfplan\u{1a}",
                "binary Terraform plan",
            ),
            (
                "terraform.tfstate",
                r#"{"meta": {}, "encrypted_data": "YQ==", "encryption_version": "v0"}"#,
                "file that OpenTofu encrypted",
            ),
            ("a.yml", "---\nkind: Pod\napiVersion: v1\n", "Kubernetes manifest"),
            ("a.json", r#"{"apiVersion": "v1", "kind": "List", "items": []}"#, "Kubernetes manifest"),
            (
                "a.yaml",
                "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n",
                "Kubernetes manifest",
            ),
            ("chart/Chart.yaml", "apiVersion: v2\nname: a\n", "part of a Helm chart"),
            ("a.tpl", "{{- define \"a\" -}}\n{{- end }}", "part of a Helm chart"),
            ("tsconfig.json", "{\n  // which files\n  \"include\": [\"src\"]\n}", "JSON file with comments"),
            ("a.json", "/* settings */\n{\"a\": 1,}", "JSON file with comments"),
            ("a.json", "{\"a\": 1, // one\n \"b\": 2}", "JSON file with comments"),
        ] {
            assert_eq!(kind(name, text), Some(want), "{name}: {text}");
        }
    }

    #[test]
    fn what_is_something_else_is_none() {
        for (name, text) in [
            ("package.json", r#"{"name": "a", "version": "1", "resources": []}"#),
            ("a.json", r#"{"cluster": {"name": "a"}}"#),
            ("main.tf", "resource \"aws_eks_cluster\" \"a\" {\n}\n"),
            ("archive.zip", "PK\u{3}\u{4}\u{14}\0\u{8}\0layer.tar"),
            ("docker-compose.yml", "services:\n  a:\n    image: b\n"),
            ("rule.yaml", "id: a\nresource: cluster\nchecks: []\n"),
            ("a.json", "{"),
            ("a.json", "{\"a\": 1,}"),
            ("a.json", "{\"url\": \"https://example.com\",}"),
            // Ours, with comments: that is an error.
            ("a.json", "{\n  // production\n  \"cluster\": {\"name\": \"a\"}\n}"),
            ("a.json", ""),
            ("a.json", "[]"),
            ("a.json", "\"resource\""),
        ] {
            assert_eq!(kind(name, text), None, "{name}: {text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_looked_at(name in ".{0,20}", text in ".{0,200}") {
            recognise(&name, &text);
        }
    }
}
