//! A document as values, by the table of keys: what eksctl does not know, and what is of another type, is told, and unknown.

use super::keys::{KeyType, config_keys, home_of};
use crate::source::iac::yaml_tree::{YamlEntry, YamlKind, YamlNode};
use crate::source::iac::{FieldMap, FileId, Place, TemplateValue, ValueKind};
use crate::text::{bounded, nearest_name};
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

/// The most faults that are told of a document.
const MOST_FAULTS: usize = 100;

/// Reads a document.
pub(super) struct ClusterConfigReader<'t> {
    text: &'t str,
    /// What is wrong, each with its place.
    pub(super) faults: Vec<(Range<usize>, String)>,
}

impl<'t> ClusterConfigReader<'t> {
    /// A reader of documents of a text.
    pub(super) fn of(text: &'t str) -> Self {
        Self { text, faults: Vec::new() }
    }

    /// The values of a document.
    pub(super) fn document(&mut self, root: &YamlNode) -> TemplateValue {
        self.value(root, &root.range, KeyType::of_document())
    }

    fn fault(&mut self, range: &Range<usize>, message: String) {
        if self.faults.len() < MOST_FAULTS {
            self.faults.push((range.clone(), message));
        }
    }

    /// A value of a type. A list or an object is at the place of its key.
    fn value(&mut self, node: &YamlNode, key: &Range<usize>, of: KeyType) -> TemplateValue {
        let own = place(&node.range);
        match (&node.kind, of) {
            (YamlKind::Null, _) => TemplateValue::null(own),
            (_, KeyType::Any) => self.any(node, key),
            (YamlKind::List(items), KeyType::List(item)) => {
                let items = items.iter().map(|node| self.value(node, &node.range, KeyType::of(item)));
                TemplateValue::list(items.collect(), place(key))
            }
            (YamlKind::Map(entries), KeyType::Map(value)) => {
                let value = KeyType::of(value);
                self.object(entries, key, |reader, entry| reader.value(&entry.value, &entry.key_range, value))
            }
            (YamlKind::Map(entries), KeyType::Object(keys)) => self.known(entries, key, keys),
            (YamlKind::Text(text), KeyType::Text) => TemplateValue::text(&**text, own),
            (YamlKind::Ambiguous(text), KeyType::Text) => TemplateValue::text(&**text, own),
            (YamlKind::Bool(value), KeyType::Text) => TemplateValue::text(value.to_string(), own),
            (YamlKind::Number(number), KeyType::Text) => TemplateValue::text(number.to_string(), own),
            (YamlKind::Bool(value), KeyType::Bool) => TemplateValue::new(ValueKind::Bool(*value), own),
            (YamlKind::Number(number), KeyType::Number) => {
                TemplateValue::new(ValueKind::Number(number.clone()), own)
            }
            (YamlKind::Text(text), KeyType::Bool) if let Some(value) = self.plain_bool(text, node) => {
                TemplateValue::new(ValueKind::Bool(value), own)
            }
            _ => {
                let message = format!("has {} where eksctl takes {}", found(node), of.in_words());
                self.fault(&node.range, message.clone());
                TemplateValue::unknown(format!("the file {message}"), None, place(key))
            }
        }
    }

    /// eksctl reads YAML 1.1, where more words than two are yes or no, if they have no quotes.
    fn plain_bool(&self, text: &str, node: &YamlNode) -> Option<bool> {
        let is_plain = self.text.get(node.range.clone()) == Some(text);
        let value = match text {
            "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => true,
            "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => false,
            _ => return None,
        };
        is_plain.then_some(value)
    }

    /// A value that eksctl passes on as it is: the document of a policy.
    fn any(&mut self, node: &YamlNode, key: &Range<usize>) -> TemplateValue {
        let own = place(&node.range);
        match &node.kind {
            YamlKind::Null => TemplateValue::null(own),
            YamlKind::Bool(value) => TemplateValue::new(ValueKind::Bool(*value), own),
            YamlKind::Number(number) => TemplateValue::new(ValueKind::Number(number.clone()), own),
            YamlKind::Text(text) | YamlKind::Ambiguous(text) => TemplateValue::text(&**text, own),
            YamlKind::List(items) => {
                let items = items.iter().map(|node| self.any(node, &node.range)).collect();
                TemplateValue::list(items, place(key))
            }
            YamlKind::Map(entries) => {
                self.object(entries, key, |reader, entry| reader.any(&entry.value, &entry.key_range))
            }
        }
    }

    /// An object; of a key that is there twice, the last counts.
    fn object(
        &mut self,
        entries: &[YamlEntry],
        key: &Range<usize>,
        mut value: impl FnMut(&mut Self, &YamlEntry) -> TemplateValue,
    ) -> TemplateValue {
        let fields = entries.iter().map(|entry| (Arc::<str>::from(&*entry.key), value(self, entry)));
        let fields: Vec<_> = fields.collect();
        TemplateValue::map(fields, place(key))
    }

    /// An object of the table. Of a key that eksctl does not know, what was probably meant is not known.
    fn known(
        &mut self,
        entries: &[YamlEntry],
        key: &Range<usize>,
        keys: &'static BTreeMap<&'static str, &'static str>,
    ) -> TemplateValue {
        let mut fields: FieldMap<TemplateValue> = FieldMap::default();
        let there: HashSet<Rc<str>> = entries.iter().map(|entry| Rc::clone(&entry.key)).collect();
        for entry in entries {
            if let Some(of) = keys.get(&*entry.key) {
                let value = self.value(&entry.value, &entry.key_range, KeyType::of(of));
                fields.insert((&*entry.key).into(), value);
                continue;
            }
            let meant = meant(&entry.key, keys);
            let message = unknown_key(&entry.key, meant);
            self.fault(&entry.key_range, message.clone());
            if let Some(meant) = meant.filter(|meant| !there.contains(*meant)) {
                let reason = format!("the file {message}");
                let unknown = TemplateValue::unknown(reason, None, place(&entry.key_range));
                fields.insert(meant.into(), unknown);
            }
        }
        TemplateValue::new(ValueKind::Map(Arc::new(fields)), place(key))
    }
}

fn place(range: &Range<usize>) -> Option<Place> {
    Some(Place::new(FileId(0), range.clone()))
}

/// The key that was probably meant: one that differs in case only, else the nearest.
fn meant(key: &str, keys: &'static BTreeMap<&'static str, &'static str>) -> Option<&'static str> {
    let same = keys.keys().copied().find(|known| known.eq_ignore_ascii_case(key));
    same.or_else(|| nearest_name(key, keys.keys().copied()))
}

fn unknown_key(key: &str, meant: Option<&str>) -> String {
    let version = config_keys().version;
    let shown = bounded(key);
    match (meant, home_of(key)) {
        // sigs.k8s.io/yaml finds it whatever its case, so that it is no error; the decoder of Kubernetes does not.
        (Some(meant), _) if meant.eq_ignore_ascii_case(key) => {
            format!("has the key `{shown}`, which eksctl ignores without a word: write `{meant}`")
        }
        (Some(meant), _) => {
            format!("has the key `{shown}`, which eksctl {version} does not know: did you mean `{meant}`?")
        }
        (None, Some(home)) => {
            format!(
                "has the key `{shown}`, which eksctl {version} does not know here: it belongs in `{home}`"
            )
        }
        (None, None) => format!("has the key `{shown}`, which eksctl {version} does not know here"),
    }
}

/// What stands where something else should.
fn found(node: &YamlNode) -> String {
    match &node.kind {
        YamlKind::Null => "nothing".to_owned(),
        YamlKind::Bool(value) => format!("`{value}`"),
        YamlKind::Number(number) => format!("the number {number}"),
        YamlKind::Ambiguous(text) => format!("the number {}", bounded(text)),
        YamlKind::Text(_) => "a text".to_owned(),
        YamlKind::List(_) => "a list".to_owned(),
        YamlKind::Map(_) => "an object".to_owned(),
    }
}
