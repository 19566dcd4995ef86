//! What items are called: by what others can name them.

use super::super::value::{TemplateValue, ValueKind};
use crate::snapshot::Section;
use crate::snapshot::section;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The items of a draft, by section.
pub(super) type DraftValues = BTreeMap<&'static str, Vec<TemplateValue>>;

/// The fields under which others name an item of a section.
fn naming_fields(section: &Section) -> impl Iterator<Item = &str> {
    let fields = section.key.iter().chain(section.compound_key.first()).chain(&section.named_as);
    fields.map(String::as_str)
}

/// What an item is called.
pub(super) fn names_of(section: &Section, item: &TemplateValue) -> Vec<String> {
    let fields = naming_fields(section).chain(std::iter::once(name_field(section)));
    fields.filter_map(|field| item.get(field)?.join_key()).collect()
}

/// Whether it is not known what an item is called by which others own it.
pub(super) fn has_unknown_name(section: &Section, item: &TemplateValue) -> bool {
    let fields: Vec<_> = section.named_as.iter().filter_map(|field| item.get(field)).collect();
    !fields.is_empty() && fields.iter().all(|value| value.may_be_any())
}

/// The field that holds the name of an item, where it has one beside its key: `RoleName`.
pub(super) fn name_field(section: &Section) -> &'static str {
    static FIELDS: LazyLock<FxHashMap<&'static str, String>> = LazyLock::new(|| {
        let field = |section: &'static Section| {
            let mut letters = section.singular.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            (section.name.as_str(), first.into_iter().chain(letters).chain("Name".chars()).collect())
        };
        section::all().iter().map(field).collect()
    });
    FIELDS.get(section.name.as_str()).map_or("", String::as_str)
}

/// Everything that a value names.
pub(super) fn collect_names(value: &TemplateValue, names: &mut FxHashSet<String>) {
    match &value.kind {
        ValueKind::List(items) => items.iter().for_each(|item| collect_names(item, names)),
        ValueKind::Map(fields) => fields.values().for_each(|value| collect_names(value, names)),
        // Most texts stand there more than once.
        ValueKind::Text(text) if names.contains(&**text) => {}
        _ => names.extend(value.join_key()),
    }
}

/// All values at a path, through lists. What is unknown on the way stands for them.
pub(super) fn values_at<'v>(value: &'v TemplateValue, path: &[&str]) -> Vec<&'v TemplateValue> {
    match (&value.kind, path) {
        (ValueKind::Null, _) => Vec::new(),
        (ValueKind::List(items), _) => items.iter().flat_map(|item| values_at(item, path)).collect(),
        (ValueKind::Unknown(_), _) | (_, []) => vec![value],
        (ValueKind::Map(fields), [name, rest @ ..]) => {
            fields.get(name).map(|value| values_at(value, rest)).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// A value as messages call it.
pub(super) fn in_words(value: &TemplateValue) -> String {
    if value.sensitive {
        return "a sensitive value".to_owned();
    }
    value.join_key().unwrap_or_else(|| match &value.kind {
        ValueKind::Unknown(unknown) => unknown.reason.clone(),
        _ => "a value".to_owned(),
    })
}
