//! Where fields of an object stand in the text, also such as have one name. By the text alone: of these,
//! a pointer names only the last.

use super::Pointer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;
use std::ops::Range;

/// The bytes of the keys of an object, quotes included, that are one of these names, in their order.
pub fn keys(text: &str, object: &Pointer, names: &[&str]) -> Vec<Range<usize>> {
    let place = |key: &RawValue| {
        let start = key.get().as_ptr() as usize - text.as_ptr() as usize;
        start..start + key.get().len()
    };
    let Some(fields) = inside(text, object) else { return Vec::new() };
    let wanted = |key: &&RawValue| name(key).is_some_and(|name| names.contains(&name.as_str()));
    fields.0.iter().map(|(key, _)| *key).filter(wanted).map(place).collect()
}

/// The fields of the object that a pointer leads to.
fn inside<'t>(text: &'t str, object: &Pointer) -> Option<Fields<'t>> {
    let mut raw = text;
    for segment in object.segments() {
        let next = match raw.trim_start().starts_with('[') {
            true => {
                let items: Vec<&'t RawValue> = serde_json::from_str(raw).ok()?;
                *items.get(segment.parse::<usize>().ok()?)?
            }
            false => {
                let Fields(fields) = serde_json::from_str(raw).ok()?;
                fields.iter().rev().find(|(key, _)| name(key).as_ref() == Some(&segment))?.1
            }
        };
        raw = next.get();
    }
    serde_json::from_str(raw).ok()
}

fn name(key: &RawValue) -> Option<String> {
    serde_json::from_str(key.get()).ok()
}

/// The fields of an object, as they are written.
struct Fields<'t>(Vec<(&'t RawValue, &'t RawValue)>);

impl<'t> Deserialize<'t> for Fields<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;
        impl<'t> Visitor<'t> for FieldsVisitor {
            type Value = Fields<'t>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Fields<'t>, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(FieldsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::{Pointer, keys};

    fn shown<'t>(text: &'t str, object: &str, names: &[&str]) -> Vec<&'t str> {
        keys(text, &Pointer::parse(object), names).into_iter().map(|place| &text[place]).collect()
    }

    #[test]
    fn every_key_of_a_name_is_found_however_it_is_written() {
        let text = r#" [0, {"a/b": {"x" : 1, "y": {"x": 2}, "\u0078": 3, "X": [4]}}]"#;
        assert_eq!(shown(text, "/1/a~1b", &["x"]), [r#""x""#, r#""\u0078""#]);
        assert_eq!(shown(text, "/1/a~1b", &["X", "x"]), [r#""x""#, r#""\u0078""#, r#""X""#]);
        assert_eq!(shown(text, "/1", &["x"]), [""; 0]);
        assert_eq!(shown(text, "/0", &["x"]), [""; 0]);
        assert_eq!(shown(text, "/nowhere", &["x"]), [""; 0]);
    }
}
