//! JSON pointers → places in the text.
//!
//! The tree borrows keys and strings from the text, so a place is an address minus the address of
//! the text. What the tree does not borrow (escaped keys, numbers in lists, empty containers) is
//! looked for in one pass over the text, through serde_json's `RawValue`. No spanned tree is kept:
//! it would cost every file what only those with findings need.

use super::{Json, Pointer};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

/// For each pointer, the bytes of the text that a reader should be shown: a scalar's own text, the
/// key of an object or a list (its opening bracket where it has no key), and for what is not there
/// the same of the nearest parent. The tree is what the text parses to.
pub fn locate(text: &str, tree: Json<'_>, pointers: &[&Pointer]) -> Vec<Range<usize>> {
    let text = Text(text);
    let mut found: Vec<_> = pointers.iter().map(|pointer| text.find(tree, pointer)).collect();
    let missing: Vec<_> = (0..pointers.len()).filter(|at| found[*at].is_none()).collect();
    if !missing.is_empty() {
        let pointers: Vec<_> = missing.iter().map(|at| pointers[*at]).collect();
        for (at, place) in missing.into_iter().zip(search(text.0, &pointers)) {
            found[at] = Some(place);
        }
    }
    found.into_iter().map(Option::unwrap_or_default).collect()
}

/// Where a pointer leads in several texts from whose parts a tree was put together: which text, and the bytes as
/// [`locate`] gives them. What was made anew has the place of what is in it, else of what it is in.
pub fn locate_among(texts: &[&str], tree: Json<'_>, pointer: &Pointer) -> Option<(usize, Range<usize>)> {
    let mut steps = vec![(None, tree)];
    for segment in pointer.segments() {
        match steps.last().and_then(|(_, node)| child(*node, &segment)) {
            Some(step) => steps.push(step),
            None => break,
        }
    }
    steps.into_iter().skip(1).rev().find_map(|(key, node)| {
        texts.iter().enumerate().find_map(|(at, text)| Some((at, Text(text).step(key, node)?)))
    })
}

/// The pointer of what stands at a place of a text; the tree is what the text parses to.
pub fn pointer_at(text: &str, tree: Json<'_>, place: usize) -> Pointer {
    let mut found = (0, Pointer::root());
    Text(text).last_before(tree, &Pointer::root(), place, &mut found);
    found.1
}

/// A text from which a tree borrows.
#[derive(Clone, Copy)]
struct Text<'t>(&'t str);

impl Text<'_> {
    /// Where the tree says that a pointer leads, if it knows.
    fn find(self, tree: Json<'_>, pointer: &Pointer) -> Option<Range<usize>> {
        let (mut node, mut key) = (tree, None);
        for segment in pointer.segments() {
            match child(node, &segment) {
                Some(child) => (key, node) = child,
                None => break,
            }
        }
        let key = match key {
            Some(key) => Some(self.quoted(key)?),
            None => None,
        };
        match (node, key) {
            (Json::List(_) | Json::Object(_), Some(key)) => Some(key),
            (Json::Str(text), _) if self.quoted(text).is_some() => self.quoted(text),
            (_, Some(key)) => self.scalar_after(&key),
            (Json::Object(object), None) => self.opening(object.entries().first()?.0),
            _ => None,
        }
    }

    /// Where a value stands that may be borrowed from here, with its key, or something in it.
    fn step(self, key: Option<&str>, node: Json<'_>) -> Option<Range<usize>> {
        let key = key.and_then(|key| self.quoted(key));
        match (node, key) {
            (Json::Str(text), key) => self.quoted(text).or(key),
            (Json::List(_) | Json::Object(_), Some(key)) => Some(key),
            (Json::Object(object), None) => {
                let (first, _) = object.entries().first()?;
                self.opening(first)
                    .or_else(|| object.entries().iter().find_map(|(key, node)| self.step(Some(key), *node)))
            }
            (Json::List(items), None) => items.iter().find_map(|item| self.step(None, *item)),
            (_, Some(key)) => self.scalar_after(&key).or(Some(key)),
            (_, None) => None,
        }
    }

    /// Finds the last value below a node that starts at a place or before it.
    fn last_before(self, node: Json<'_>, at: &Pointer, place: usize, found: &mut (usize, Pointer)) {
        let mut visit = |start: Option<usize>, node: Json<'_>, at: Pointer| {
            if let Some(start) = start.filter(|start| *start <= place && *start >= found.0) {
                *found = (start, at.clone());
            }
            self.last_before(node, &at, place, found);
        };
        match node {
            Json::Object(object) => object.entries().iter().for_each(|(key, node)| {
                visit(self.quoted(key).map(|key| key.start), *node, at.key(key));
            }),
            Json::List(items) => items.iter().enumerate().for_each(|(index, item)| {
                visit(self.step(None, *item).map(|start| start.start), *item, at.index(index));
            }),
            _ => {}
        }
    }

    /// Where a key or a string stands, quotes included, if it is borrowed from here.
    fn quoted(self, part: &str) -> Option<Range<usize>> {
        let start = (part.as_ptr() as usize).checked_sub(self.0.as_ptr() as usize)?;
        let inside = start > 0 && start < self.0.len();
        inside.then(|| start - 1..start + part.len() + 1)
    }

    /// The scalar that follows a key.
    fn scalar_after(self, key: &Range<usize>) -> Option<Range<usize>> {
        let rest = self.0.get(key.end..)?.trim_start().strip_prefix(':')?.trim_start();
        let start = self.0.len() - rest.len();
        let end = rest.find([',', '}', ' ', '\t', '\r', '\n']).filter(|_| !rest.starts_with('"'))?;
        Some(start..start + end)
    }

    /// The bracket of the object whose first key this is.
    fn opening(self, first: &str) -> Option<Range<usize>> {
        let end = self.0.get(..self.quoted(first)?.start)?.trim_end().len();
        self.0[..end].ends_with('{').then(|| end - 1..end)
    }
}

/// One step down, with the key if there is one.
fn child<'t>(node: Json<'t>, segment: &str) -> Option<(Option<&'t str>, Json<'t>)> {
    match node {
        Json::Object(object) => {
            let entry = object.entries().iter().rev().find(|(name, _)| *name == segment)?;
            Some((Some(entry.0), entry.1))
        }
        Json::List(items) => {
            let at: usize = segment.parse().ok()?;
            let written = segment == "0" || !segment.starts_with(['0', '+']);
            Some((None, *items.get(at).filter(|_| written)?))
        }
        _ => None,
    }
}

/// As [`locate`], by the text alone.
fn search(text: &str, pointers: &[&Pointer]) -> Vec<Range<usize>> {
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
    use super::{Pointer, locate, search};
    use crate::value::Json;
    use bumpalo::Bump;
    use proptest::prelude::*;
    use std::ops::Range;

    fn place(text: &str, pointer: &str) -> Range<usize> {
        let (arena, pointer) = (Bump::new(), Pointer::parse(pointer));
        let tree = Json::parse(text, &arena).expect("JSON");
        let place = locate(text, tree, &[&pointer])[0].clone();
        assert_eq!(place, search(text, &[&pointer])[0], "{pointer} in {text}");
        place
    }

    fn shown(text: &str, pointer: &str) -> String {
        text[place(text, pointer)].to_owned()
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
        assert_eq!(shown(text, "/a/b/00"), "\"b\"");
        assert_eq!(shown(text, "/nope"), "{");
    }

    #[test]
    fn the_last_duplicate_counts_and_escaped_keys_fall_back_to_the_value() {
        assert_eq!(shown(r#"{"a": 1, "a": 22}"#, "/a"), "22");
        assert_eq!(shown(r#"{"\u0061": {"b": 1}}"#, "/a"), "{");
        assert_eq!(shown(r#"{"\u0061": {"b": 1}}"#, "/a/b"), "1");
    }

    /// JSON text with what makes places hard: blanks, escapes, duplicates, nothing inside.
    fn json() -> impl Strategy<Value = String> {
        let scalar =
            prop::sample::select(vec!["1", "-2.5e3", "null", "true", r#""x""#, r#""""#, r#""\n가\"""#]);
        let leaf = scalar.prop_map(str::to_owned);
        let key = prop::sample::select(vec![r#""a""#, r#""가""#, r#""0""#, r#""\u0061""#, r#""a~/""#]);
        let space = || prop::sample::select(vec!["", " ", "\n\t"]);
        leaf.prop_recursive(4, 32, 4, move |inner| {
            let field = (key.clone(), space(), inner.clone(), space());
            let field =
                field.prop_map(|(key, before, value, after)| format!("{key}{before}:{after}{value}{before}"));
            let fields = (space(), prop::collection::vec(field, 0..4));
            let items = (space(), prop::collection::vec(inner, 0..4));
            prop_oneof![
                fields
                    .prop_map(|(space, fields)| format!("{{{space}{}}}", fields.join(&format!("{space},")))),
                items.prop_map(|(space, items)| format!("[{space}{}]", items.join(&format!(",{space}")))),
            ]
        })
    }

    proptest! {
        /// Whatever the pointer, the tree gives the place that the text gives, inside the text and
        /// on character boundaries.
        #[test]
        fn the_tree_and_the_text_agree(text in json(), pointer in "(/([a가0-2]|a~0~1)){0,4}") {
            prop_assert!(text.get(place(&text, &pointer)).is_some());
        }
    }
}
