//! The tree: JSON parsed once into an arena, strings borrowed from the text wherever they have no
//! escapes. Nodes are small and `Copy`, so that handing one to an expression copies nothing.
//!
//! Built straight from serde, without `serde_json::Value` in between: three quarters of the time
//! that `Value` takes.

use super::reason::Reason;
use bumpalo::Bump;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

/// One JSON value in an arena that lives for `'t`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Json<'t> {
    /// JSON `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number that fits 64 bits, signed.
    Int(i64),
    /// Any other number.
    Double(f64),
    /// A string.
    Str(&'t str),
    /// A text that stands for one that is not known, as it is written: only that it is the same wherever it stands.
    Symbol(&'t str),
    /// A list.
    List(&'t [Json<'t>]),
    /// An object.
    Object(&'t Object<'t>),
    /// Something that is not known, and why. Facts have it, and snapshots where they say so: JSON cannot say it.
    Unknown(&'t Reason<'t>),
}

/// The value that a text starts with.
#[derive(Clone, Copy, Debug)]
pub struct FirstValue<'t> {
    /// The value.
    pub root: Json<'t>,
    /// How many bytes of the text it is.
    pub length: usize,
    /// Whether an object in it has two fields of one name, or of names that differ in the case of
    /// their first letter.
    pub repeats: bool,
}

/// The fields of an object, in the order of the text.
#[derive(Debug, PartialEq)]
pub struct Object<'t> {
    entries: &'t [(&'t str, Json<'t>)],
    origin: Option<&'t str>,
}

impl<'t> Object<'t> {
    /// The last field of that name, as serde_json reads duplicates.
    pub fn get(&self, key: &str) -> Option<Json<'t>> {
        self.entries.iter().rev().find(|(name, _)| same(name, key)).map(|(_, node)| *node)
    }

    /// As [`get`](Self::get), or the field whose name differs in the case of its first letter
    /// alone, as Go tools print AWS structures (`ResourcesVpcConfig`). Gives the name as written.
    pub fn get_go_cased(&self, key: &str) -> Option<(&'t str, Json<'t>)> {
        let mut as_go = None;
        for entry in self.entries.iter().rev().filter(|(name, _)| name.len() == key.len()) {
            if same(entry.0, key) {
                return Some(*entry);
            }
            if as_go.is_none() && same_but_first(entry.0, key) {
                as_go = Some(*entry);
            }
        }
        as_go
    }

    /// For a fact: the JSON pointer of what it follows from.
    pub fn origin(&self) -> Option<&'t str> {
        self.origin
    }

    /// All fields, in the order of the text.
    pub fn entries(&self) -> &'t [(&'t str, Json<'t>)] {
        self.entries
    }
}

/// The names of an object while it is read: whether one is there twice, or another one that
/// [`Object::get_go_cased`] takes for it. Most are told apart by their length and their last letters, so
/// a bit of a set says that a name is new.
#[derive(Default)]
struct Names(u64);

impl Names {
    /// Longer objects are looked through once, with a hash table.
    const FEW: usize = u64::BITS as usize;

    /// Whether a name is among those before it, if these are few.
    #[inline]
    fn repeats(&mut self, before: &[(&str, Json<'_>)], name: &str) -> bool {
        let bit = 1_u64 << (Self::mark(name) % u64::BITS);
        let is_new = self.0 & bit == 0;
        self.0 |= bit;
        let same =
            |(other, _): &(&str, Json<'_>)| other.len() == name.len() && uncased(other) == uncased(name);
        !is_new && before.len() <= Self::FEW && before.iter().any(same)
    }

    /// Whether a name of many is there twice.
    fn repeat_in(many: &[(&str, Json<'_>)]) -> bool {
        let mut seen = HashSet::with_capacity(many.len());
        !many.iter().all(|(name, _)| seen.insert(uncased(name)))
    }

    /// A number that is mostly another one for another name, and the same whatever the case of its first
    /// letter.
    fn mark(name: &str) -> u32 {
        match name.as_bytes() {
            [.., before, last] => name.len() as u32 + 5 * u32::from(*last) + 11 * u32::from(before | 0x20),
            [one] => u32::from(one | 0x20),
            [] => 0,
        }
    }
}

/// A name without the case of its first letter.
fn uncased(name: &str) -> (Option<u8>, &[u8]) {
    let rest = name.as_bytes().get(1..).unwrap_or_default();
    (name.bytes().next().map(|first| first.to_ascii_lowercase()), rest)
}

/// Names of one length mostly differ in the last letter already.
fn same(name: &str, key: &str) -> bool {
    name.len() == key.len() && name.as_bytes().last() == key.as_bytes().last() && name == key
}

/// Whether two names of one length differ in the case of the first letter: `Name` for `name`.
fn same_but_first(name: &str, key: &str) -> bool {
    match (name.as_bytes(), key.as_bytes()) {
        ([first, name @ ..], [lower, key @ ..]) => first.to_ascii_lowercase() == *lower && name == key,
        _ => false,
    }
}

impl<'t> Json<'t> {
    /// Parses JSON text into the arena.
    ///
    /// # Errors
    ///
    /// The text is not one JSON value, or nests deeper than 128 levels; with line and column.
    pub fn parse(text: &'t str, arena: &'t Bump) -> Result<Self, serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(text);
        let node = Builder { arena, repeats: &Cell::new(false) }.deserialize(&mut json)?;
        json.end()?;
        Ok(node)
    }

    /// Parses the JSON value that a text starts with; what follows it is not looked at.
    ///
    /// # Errors
    ///
    /// As for [`parse`](Self::parse).
    pub fn parse_first(text: &'t str, arena: &'t Bump) -> Result<FirstValue<'t>, serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(text);
        let repeats = Cell::new(false);
        let root = Builder { arena, repeats: &repeats }.deserialize(&mut json)?;
        let length = json.into_iter::<IgnoredAny>().byte_offset();
        Ok(FirstValue { root, length, repeats: repeats.get() })
    }

    /// The tree of a value; its texts are borrowed.
    pub fn of(value: &'t serde_json::Value, arena: &'t Bump) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(number) => {
                number.as_i64().map_or_else(|| Json::Double(number.as_f64().unwrap_or_default()), Json::Int)
            }
            Value::String(text) => Json::Str(text),
            Value::Array(items) => Json::list(arena, items.iter().map(|item| Json::of(item, arena))),
            Value::Object(fields) => Json::object(
                arena,
                fields.iter().map(|(name, value)| (name.as_str(), Json::of(value, arena))),
            ),
        }
    }

    /// An object with these fields.
    pub fn object(arena: &'t Bump, entries: impl IntoIterator<Item = (&'t str, Json<'t>)>) -> Self {
        let entries = bumpalo::collections::Vec::from_iter_in(entries, arena).into_bump_slice();
        Json::Object(arena.alloc(Object { entries, origin: None }))
    }

    /// An object with these fields that follows from what stands at a JSON pointer.
    pub fn object_at(
        arena: &'t Bump,
        origin: &'t str,
        entries: impl IntoIterator<Item = (&'t str, Json<'t>)>,
    ) -> Self {
        let entries = bumpalo::collections::Vec::from_iter_in(entries, arena).into_bump_slice();
        Json::Object(arena.alloc(Object { entries, origin: Some(origin) }))
    }

    /// A list of these items.
    pub fn list(arena: &'t Bump, items: impl IntoIterator<Item = Json<'t>>) -> Self {
        Json::List(bumpalo::collections::Vec::from_iter_in(items, arena).into_bump_slice())
    }

    /// The field of that name; none for anything but an object. A `null` means absent.
    pub fn get(&self, key: &str) -> Option<Json<'t>> {
        match self {
            Json::Object(object) => object.get(key).filter(|node| !node.is_null()),
            _ => None,
        }
    }

    /// As [`get`](Self::get), also under the name that Go tools print.
    pub fn get_go_cased(&self, key: &str) -> Option<Json<'t>> {
        match self {
            Json::Object(object) => {
                object.get_go_cased(key).map(|(_, node)| node).filter(|node| !node.is_null())
            }
            _ => None,
        }
    }

    /// Follows field names from here.
    pub fn at(&self, path: &[&str]) -> Option<Json<'t>> {
        path.iter().try_fold(*self, |node, key| node.get_go_cased(key))
    }

    /// Whether it is JSON `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&'t str> {
        match self {
            Json::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The string as it is written, if it is one, a symbol or not: to name what it is of.
    pub fn as_written(&self) -> Option<&'t str> {
        match self {
            Json::Str(text) | Json::Symbol(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The items, if it is a list.
    pub fn as_list(&self) -> Option<&'t [Json<'t>]> {
        match self {
            Json::List(items) => Some(items),
            _ => None,
        }
    }

    /// The object, if it is one.
    pub fn as_object(&self) -> Option<&'t Object<'t>> {
        match self {
            Json::Object(object) => Some(object),
            _ => None,
        }
    }

    /// What kind of value it is, in the words of JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Int(_) | Json::Double(_) => "a number",
            Json::Str(_) => "a string",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
            Json::Symbol(_) => "known only after apply",
            Json::Unknown(_) => "unknown",
        }
    }
}

/// The canonical JSON text: compact, fields in their order.
impl fmt::Display for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?)
    }
}

impl serde::Serialize for Json<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Bool(value) => serializer.serialize_bool(*value),
            Json::Int(value) => serializer.serialize_i64(*value),
            Json::Double(value) => serializer.serialize_f64(*value),
            Json::Str(text) | Json::Symbol(text) => serializer.serialize_str(text),
            Json::List(items) => serializer.collect_seq(items.iter()),
            Json::Object(object) => {
                serializer.collect_map(object.entries.iter().map(|(name, node)| (name, node)))
            }
            Json::Unknown(reason) => serializer.collect_map(std::iter::once(("unknown", reason.words))),
        }
    }
}

#[derive(Clone, Copy)]
struct Builder<'t, 'b> {
    arena: &'t Bump,
    /// Whether an object has a field twice.
    repeats: &'b Cell<bool>,
}

impl<'de: 't, 't> DeserializeSeed<'de> for Builder<'t, '_> {
    type Value = Json<'t>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'t>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de: 't, 't> Visitor<'de> for Builder<'t, '_> {
    type Value = Json<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json<'t>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'t>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'t>, E> {
        Ok(Json::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'t>, E> {
        Ok(i64::try_from(value).map_or(Json::Double(value as f64), Json::Int))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Json<'t>, E> {
        if value.is_finite() { Ok(Json::Double(value)) } else { Err(E::custom("number out of range")) }
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'t>, E> {
        Ok(Json::Str(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'t>, E> {
        Ok(Json::Str(self.arena.alloc_str(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json<'t>, A::Error> {
        let mut items = bumpalo::collections::Vec::new_in(self.arena);
        while let Some(item) = seq.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Json::List(items.into_bump_slice()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'t>, A::Error> {
        let mut entries = bumpalo::collections::Vec::new_in(self.arena);
        let mut names = Names::default();
        while let Some(key) = map.next_key_seed(self)? {
            let Json::Str(key) = key else {
                return Err(A::Error::custom("a field name must be a string"));
            };
            if names.repeats(&entries, key) {
                self.repeats.set(true);
            }
            entries.push((key, map.next_value_seed(self)?));
        }
        let entries = entries.into_bump_slice();
        if entries.len() > Names::FEW && Names::repeat_in(entries) {
            self.repeats.set(true);
        }
        Ok(Json::Object(self.arena.alloc(Object { entries, origin: None })))
    }
}

#[cfg(test)]
mod tests {
    use super::Json;
    use bumpalo::Bump;
    use proptest::prelude::*;
    use serde_json::Value;

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 48, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec((".*", inner), 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_tree_says_what_serde_json_says(value in json()) {
            let (text, arena) = (value.to_string(), Bump::new());
            let node = Json::parse(&text, &arena).expect("valid JSON");
            prop_assert_eq!(node.to_string(), text.clone());
            prop_assert_eq!(Json::of(&value, &arena).to_string(), text);
        }
    }

    #[test]
    fn the_last_of_duplicate_fields_counts() {
        let arena = Bump::new();
        let node = Json::parse(r#"{"a": 1, "a": 2}"#, &arena).expect("valid JSON");
        assert_eq!(node.get("a"), Some(Json::Int(2)));
    }

    #[test]
    fn a_field_that_is_given_twice_is_noticed_in_objects_of_every_size() {
        let of = |names: &[String]| {
            let fields: Vec<_> = names.iter().map(|name| format!("\"{name}\": 0")).collect();
            let (text, arena) = (format!("[{{{}}}] rest", fields.join(",")), Bump::new());
            let first = Json::parse_first(&text, &arena).expect("valid JSON");
            assert_eq!(&text[first.length..], " rest");
            first.repeats
        };
        for count in [0, 1, 2, 30, 64, 65, 1000] {
            let names: Vec<_> = (0..count).map(|at| format!("a{at}")).collect();
            assert!(!of(&names), "{count}");
            for again in ["a0", "A0", "b", "a00"] {
                let names: Vec<_> = names.iter().cloned().chain([again.to_owned()]).collect();
                assert_eq!(of(&names), count > 0 && again.eq_ignore_ascii_case("a0"), "{count} {again}");
            }
        }
        assert!(!of(&["".to_owned(), "a".to_owned(), "가".to_owned(), "aRN".to_owned(), "arn".to_owned()]));
    }

    #[test]
    fn go_names_are_found_and_other_cases_are_not() {
        let arena = Bump::new();
        let node = Json::parse(r#"{"Name": 1, "aRN": 2, "가나": 3}"#, &arena).expect("valid JSON");
        assert_eq!(node.get_go_cased("name"), Some(Json::Int(1)));
        assert_eq!(node.get_go_cased("arn"), None);
        assert_eq!(node.get_go_cased("가나"), Some(Json::Int(3)));
    }

    #[test]
    fn deep_nesting_is_an_error() {
        let arena = Bump::new();
        assert!(Json::parse(&"[".repeat(100_000), &arena).is_err());
    }
}
