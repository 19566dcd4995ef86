//! The text of a snapshot: pretty, with sorted fields, so that two snapshots of one cluster differ
//! where the cluster does. And the file it goes to.

use crate::value::Json;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use std::path::PathBuf;

/// The canonical text of a snapshot, a line break at its end.
pub fn pretty(snapshot: Json<'_>) -> String {
    let text = serde_json::to_string_pretty(&Sorted::of(snapshot));
    // Trees have texts as names and finite numbers only.
    text.unwrap_or_default() + "\n"
}

/// The canonical text in one line, for NDJSON.
pub fn line(snapshot: Json<'_>) -> String {
    serde_json::to_string(&Sorted::of(snapshot)).unwrap_or_default()
}

/// A value that is written with its fields sorted. Tags have no order in AWS: they are sorted too.
struct Sorted<'t> {
    node: Json<'t>,
    is_tags: bool,
}

impl<'t> Sorted<'t> {
    fn of(node: Json<'t>) -> Self {
        Self { node, is_tags: false }
    }
}

impl Serialize for Sorted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.node {
            Json::List(items) if self.is_tags => {
                let mut items: Vec<_> = items.iter().collect();
                items.sort_by_key(|item| item.get("Key").and_then(|key| key.as_str()));
                serializer.collect_seq(items.into_iter().copied().map(Sorted::of))
            }
            Json::List(items) => serializer.collect_seq(items.iter().copied().map(Sorted::of)),
            Json::Object(object) => {
                let mut fields: Vec<_> = object.entries().iter().collect();
                fields.sort_by_key(|(name, _)| *name);
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, node) in fields {
                    map.serialize_entry(name, &Sorted { node: *node, is_tags: *name == "Tags" })?;
                }
                map.end()
            }
            scalar => scalar.serialize(serializer),
        }
    }
}

/// Where the snapshot of a cluster stands below a folder: `<account>/<region>/<cluster>.json`. Whatever
/// the names are, the path stays below that folder, and is one that every file system takes.
pub fn file(account: &str, region: &str, cluster: &str) -> PathBuf {
    folder(account, region).join(format!("{}.json", safe(cluster)))
}

/// Where the snapshots of a region stand: `<account>/<region>`.
pub fn folder(account: &str, region: &str) -> PathBuf {
    PathBuf::from(safe(account)).join(safe(region))
}

/// The longest name of a file, in bytes, with room for an ending.
const MAX_NAME: usize = 200;
/// Names that Windows keeps for devices.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

fn safe(name: &str) -> String {
    let mut safe = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => safe.push(char::from(byte)),
            b'.' if !safe.is_empty() => safe.push('.'),
            other => safe.push_str(&format!("%{other:02X}")),
        }
    }
    safe.truncate(MAX_NAME);
    let device = safe.to_ascii_lowercase();
    let stem = device.split('.').next().unwrap_or_default().trim_end_matches(|c: char| c.is_ascii_digit());
    if safe.is_empty() || DEVICES.contains(&stem) { format!("%{safe}") } else { safe }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bumpalo::Bump;
    use std::path::Component;

    #[test]
    fn fields_and_tags_are_sorted_and_lists_are_not() {
        let arena = Bump::new();
        let text = r#"{"b": [2, 1], "a": {"z": 1, "Tags": [{"Value": "1", "Key": "y"}, {"Key": "x"}]}}"#;
        let node = Json::parse(text, &arena).unwrap();
        let want = r#"{"a":{"Tags":[{"Key":"x"},{"Key":"y","Value":"1"}],"z":1},"b":[2,1]}"#;
        assert_eq!(line(node), want);
        assert!(pretty(node).starts_with("{\n  \"a\": {") && pretty(node).ends_with("}\n"));
    }

    #[test]
    fn names_become_files() {
        let path = |name: &str| file("111122223333", "eu-west-1", name).to_string_lossy().replace('\\', "/");
        assert_eq!(path("prod-1"), "111122223333/eu-west-1/prod-1.json");
        assert_eq!(path("../../etc/passwd"), "111122223333/eu-west-1/%2E.%2F..%2Fetc%2Fpasswd.json");
        assert_eq!(path("nul"), "111122223333/eu-west-1/%nul.json");
        assert_eq!(path("com1"), "111122223333/eu-west-1/%com1.json");
        assert_eq!(path(""), "111122223333/eu-west-1/%.json");
    }

    proptest::proptest! {
        #[test]
        fn no_name_leads_elsewhere(name in ".{0,300}") {
            let path = file(&name, &name, &name);
            let normal = path.components().all(|part| matches!(part, Component::Normal(_)));
            proptest::prop_assert!(normal && path.components().count() == 3, "{path:?}");
        }
    }
}
