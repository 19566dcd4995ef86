//! Values of changes as texts: short, and without secrets.

use super::canonical::CanonicalSnapshot;
use super::changes::{Difference, DifferenceEnd};
use crate::rule::SECRET_JSON;
use crate::snapshot::{Type, schema, section};
use crate::value::Pointer;
use serde_json::Value;

/// How many characters of a value are shown.
const MAX_TEXT: usize = 100;
/// What is written instead of the rest of a long value.
const CUT: &str = "…";

/// The value at one end of a difference, if it is there.
pub(super) fn text(
    snapshot: &CanonicalSnapshot,
    difference: &Difference,
    end: &DifferenceEnd,
) -> Option<String> {
    if !end.present || difference.is_section() || difference.only_known {
        return None;
    }
    if let Some(key) = item_key(snapshot, end) {
        return Some(cut(&Value::from(key).to_string()));
    }
    let value = snapshot.draft.document.pointer(end.pointer.as_str())?;
    let ty = type_at(&snapshot.draft.document, &end.pointer);
    Some(cut(&ty.map_or_else(|| SECRET_JSON.to_owned(), |ty| masked(value, ty).to_string())))
}

/// What an item of a section is called, instead of all its fields.
fn item_key(snapshot: &CanonicalSnapshot, end: &DifferenceEnd) -> Option<String> {
    let mut segments = end.pointer.segments();
    let section = section::by_name(&segments.next()?).filter(|section| section.is_list())?;
    let at: usize = segments.next()?.parse().ok()?;
    segments.next().is_none().then(|| snapshot.keys(section).get(at)?.clone())?
}

/// The type at a place; none where a secret is on the way.
fn type_at(document: &Value, pointer: &Pointer) -> Option<Type> {
    let mut segments = pointer.segments();
    let name = segments.next().unwrap_or_default();
    let (mut ty, mut value) = (schema().section(&name), document.get(&name));
    for segment in segments {
        if let Some(Value::Array(items)) = value {
            ty = schema().item(ty);
            value = segment.parse::<usize>().ok().and_then(|at| items.get(at));
        } else {
            let field = schema().select_go_cased(ty, &segment);
            if field.is_some_and(|field| field.secret) {
                return None;
            }
            ty = field.map_or(Type::Any, |field| field.ty);
            value = value.and_then(|value| value.get(&segment));
        }
    }
    Some(ty)
}

fn masked(value: &Value, ty: Type) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| masked(item, schema().item(ty))).collect(),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| {
                let field = schema().select_go_cased(ty, name);
                let shown = match field {
                    Some(field) if field.secret => SECRET_JSON.trim_matches('"').into(),
                    field => masked(value, field.map_or(Type::Any, |field| field.ty)),
                };
                (name.clone(), shown)
            };
            fields.iter().map(field).collect()
        }
        scalar => scalar.clone(),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}{CUT}", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_TEXT, cut, masked, type_at};
    use crate::snapshot::schema;
    use crate::value::Pointer;
    use serde_json::json;

    #[test]
    fn secrets_are_masked_at_any_depth() {
        let document = json!({"cluster": {"clientRequestToken": "hunter2", "name": "demo"}});
        let shown = masked(&document["cluster"], schema().section("cluster"));
        assert_eq!(shown, json!({"clientRequestToken": "(secret)", "name": "demo"}));
        assert!(type_at(&document, &Pointer::parse("/cluster/clientRequestToken")).is_none());
        assert!(type_at(&document, &Pointer::parse("/cluster/clientRequestToken/below")).is_none());
        assert!(type_at(&document, &Pointer::parse("/cluster/name")).is_some());
    }

    #[test]
    fn long_values_are_cut_between_characters() {
        assert_eq!(cut("가"), "가");
        let long = cut(&"가".repeat(MAX_TEXT + 1));
        assert_eq!((long.chars().count(), long.ends_with('…')), (MAX_TEXT + 1, true));
    }
}
