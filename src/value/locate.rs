//! JSON pointers → places in the text, in one pass over a file that has findings.
//!
//! serde_json hands out `RawValue`s and keys that borrow the text, so a place is an address minus
//! the address of the text. No spanned tree is kept: it would cost every file what only those
//! with findings need.

use super::Pointer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

/// For each pointer, the bytes of the text that a reader should be shown: a scalar's own text, the
/// key of an object or a list (its opening bracket where it has no key), and for what is not there
/// the same of the nearest parent.
pub fn locate(text: &str, pointers: &[&Pointer]) -> Vec<Range<usize>> {
    let mut wanted = Wanted::default();
    for (index, pointer) in pointers.iter().enumerate() {
        wanted.insert(pointer.segments(), index);
    }
    let start = text.len() - text.trim_start().len();
    let mut found = vec![start..(start + 1).min(text.len()); pointers.len()];
    Walk { text, found: &mut found }.enter(text.trim_start(), None, &wanted);
    found
}

/// The pointers, as a tree of segments.
#[derive(Default)]
struct Wanted {
    children: HashMap<String, Wanted>,
    /// The pointers that end here.
    ends: Vec<usize>,
}

impl Wanted {
    fn insert(&mut self, mut segments: impl Iterator<Item = String>, index: usize) {
        match segments.next() {
            Some(segment) => self.children.entry(segment).or_default().insert(segments, index),
            None => self.ends.push(index),
        }
    }

    /// Marks this place for every pointer at or below it; what is found deeper overwrites it.
    fn mark(&self, place: &Range<usize>, found: &mut [Range<usize>]) {
        for index in &self.ends {
            found[*index] = place.clone();
        }
        for child in self.children.values() {
            child.mark(place, found);
        }
    }
}

struct Walk<'a, 't> {
    text: &'t str,
    found: &'a mut [Range<usize>],
}

impl<'t> Walk<'_, 't> {
    /// Where a part of the text lies in it.
    fn range(&self, part: &str) -> Range<usize> {
        let start = part.as_ptr() as usize - self.text.as_ptr() as usize;
        start..start + part.len()
    }

    /// Notes the place of one value, then looks for the wanted values inside it. Text that does
    /// not parse ends the search there: the nearest parent stands.
    fn enter(&mut self, raw: &'t str, key: Option<Range<usize>>, wanted: &Wanted) {
        let value = self.range(raw);
        let container = raw.starts_with(['{', '[']);
        let place = match key {
            Some(key) if container => key,
            _ if container => value.start..value.start + 1,
            _ => value,
        };
        wanted.mark(&place, self.found);
        if container && !wanted.children.is_empty() {
            let mut json = serde_json::Deserializer::from_str(raw);
            let _ = Inside { walk: self, wanted }.deserialize(&mut json);
        }
    }
}

/// Goes through one object or list, entering only what is wanted.
struct Inside<'w, 'a, 't> {
    walk: &'w mut Walk<'a, 't>,
    wanted: &'w Wanted,
}

impl<'t> DeserializeSeed<'t> for Inside<'_, '_, 't> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for Inside<'_, '_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Key(key, borrowed)) = map.next_key()? {
            match self.wanted.children.get(&*key) {
                Some(wanted) => {
                    let raw: &'t RawValue = map.next_value()?;
                    let key = borrowed.map(|text| {
                        let inner = self.walk.range(text);
                        inner.start - 1..inner.end + 1
                    });
                    self.walk.enter(raw.get(), key, wanted);
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut index = 0_usize;
        loop {
            let done = match self.wanted.children.get(index.to_string().as_str()) {
                Some(wanted) => match seq.next_element::<&'t RawValue>()? {
                    Some(raw) => {
                        self.walk.enter(raw.get(), None, wanted);
                        false
                    }
                    None => true,
                },
                None => seq.next_element::<IgnoredAny>()?.is_none(),
            };
            if done {
                return Ok(());
            }
            index += 1;
        }
    }
}

/// A key, and its text where it was written without escapes.
struct Key<'t>(std::borrow::Cow<'t, str>, Option<&'t str>);

impl<'t> Deserialize<'t> for Key<'t> {
    fn deserialize<D: Deserializer<'t>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;
        impl<'t> Visitor<'t> for KeyVisitor {
            type Value = Key<'t>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field name")
            }

            fn visit_borrowed_str<E>(self, text: &'t str) -> Result<Key<'t>, E> {
                Ok(Key(text.into(), Some(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Key<'t>, E> {
                Ok(Key(text.to_owned().into(), None))
            }
        }
        deserializer.deserialize_str(KeyVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::{Pointer, locate};

    fn shown(text: &str, pointer: &str) -> String {
        let pointer = Pointer::parse(pointer);
        text[locate(text, &[&pointer])[0].clone()].to_owned()
    }

    #[test]
    fn scalars_show_themselves_and_containers_their_key() {
        let text = r#" {"가": {"b": [10, {"c": "x"}]}, "a/b": null}"#;
        assert_eq!(shown(text, "/가/b/0"), "10");
        assert_eq!(shown(text, "/가/b/1/c"), "\"x\"");
        assert_eq!(shown(text, "/가/b"), "\"b\"");
        assert_eq!(shown(text, "/가/b/1"), "{");
        assert_eq!(shown(text, "/a~1b"), "null");
        assert_eq!(shown(text, ""), "{");
    }

    #[test]
    fn what_is_absent_is_shown_at_its_nearest_parent() {
        let text = r#"{"a": {"b": [1]}}"#;
        assert_eq!(shown(text, "/a/zz/y"), "\"a\"");
        assert_eq!(shown(text, "/a/b/7"), "\"b\"");
        assert_eq!(shown(text, "/nope"), "{");
    }

    #[test]
    fn the_last_duplicate_counts_and_escaped_keys_fall_back_to_the_value() {
        assert_eq!(shown(r#"{"a": 1, "a": 22}"#, "/a"), "22");
        assert_eq!(shown(r#"{"\u0061": {"b": 1}}"#, "/a"), "{");
        assert_eq!(shown(r#"{"\u0061": {"b": 1}}"#, "/a/b"), "1");
    }

    proptest::proptest! {
        /// Whatever the pointer, the place lies inside the text, on character boundaries.
        #[test]
        fn every_place_is_inside_the_text(pointer in "(/[a-c가0-2]){0,4}") {
            let text = "{\"a\": {\"가\": [1, {\"b\": \"나\"}]}, \"c\": [[0], 2]}";
            let pointer = Pointer::parse(&pointer);
            let range = locate(text, &[&pointer])[0].clone();
            proptest::prop_assert!(text.get(range).is_some());
        }
    }
}
