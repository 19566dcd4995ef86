//! JSON whose values know where they are written.
//!
//! `serde_json` says whether a text is JSON, and what its texts and numbers mean; this only follows its brackets to see where
//! each value is. No crate that gives ranges reads as fast, and a plan has megabytes on one line.

use serde::de::IgnoredAny;
use serde_json::Number;
use std::borrow::Cow;
use std::ops::Range;

/// So many lists and objects may be within each other, as `serde_json` has it.
const MAX_DEPTH: usize = 128;

/// So many values a file may have: those of a plan of a hundred megabytes. Each takes memory that is many times its text.
const MAX_VALUES: usize = 5_000_000;

/// A value of JSON, and where it is written.
#[derive(Debug)]
pub(super) struct PlacedJson<'t> {
    /// What it is.
    pub(super) kind: PlacedKind<'t>,
    start: u32,
    end: u32,
    /// Its key in the object that it is in.
    key: Option<(u32, u32)>,
}

/// What a value of JSON is.
#[derive(Debug)]
pub(super) enum PlacedKind<'t> {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(Cow<'t, str>),
    /// A list.
    List(Vec<PlacedJson<'t>>),
    /// An object: its fields by name. Of two of one name there is the last.
    Object(Vec<(Cow<'t, str>, PlacedJson<'t>)>),
}

/// Why a text could not be read as JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PlacedError {
    /// It is none, as `serde_json` says it; with line and column.
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        words: String,
    },
    /// It has more than a tool can want, at a byte of it.
    TooMuch {
        /// The byte.
        at: usize,
        /// What there is too much of.
        words: &'static str,
    },
}

impl<'t> PlacedJson<'t> {
    /// Reads a text.
    ///
    /// # Errors
    ///
    /// It is not JSON, has more than 128 levels or 5,000,000 values, or more bytes than places can have.
    pub(super) fn parse(text: &'t str) -> Result<Self, PlacedError> {
        Self::parse_within(text, MAX_VALUES)
    }

    /// Reads a text that may have so many values.
    fn parse_within(text: &'t str, values: usize) -> Result<Self, PlacedError> {
        if u32::try_from(text.len()).is_err() {
            return Err(PlacedError::TooMuch { at: 0, words: "it is larger than 4 GB" });
        }
        serde_json::from_str::<IgnoredAny>(text).map_err(|error| not_json(&error))?;
        PlacedReader { text, at: 0, left: values }.value(None, 0)
    }

    /// The bytes of all of it.
    pub(super) fn whole(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The bytes that a reader is shown: a scalar's own, else those of the key, else the opening bracket.
    pub(super) fn shown(&self) -> Range<usize> {
        let is_container = matches!(self.kind, PlacedKind::List(_) | PlacedKind::Object(_));
        match self.key() {
            Some(key) if is_container => key,
            None if is_container => self.start as usize..self.start as usize + 1,
            _ => self.whole(),
        }
    }

    /// The bytes of its key, if it has one.
    pub(super) fn key(&self) -> Option<Range<usize>> {
        self.key.map(|(start, end)| start as usize..end as usize)
    }

    /// A field of an object that is there.
    pub(super) fn field(&self, name: &str) -> Option<&Self> {
        let fields = self.fields();
        let at = fields.binary_search_by(|(field, _)| (**field).cmp(name)).ok()?;
        fields.get(at).map(|(_, value)| value)
    }

    /// A field of an object that is there, and is not null.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        self.field(name).filter(|value| !matches!(value.kind, PlacedKind::Null))
    }

    /// Follows field names from here.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, name| node.get(name))
    }

    /// The fields of an object, by name; none for what is no object.
    pub(super) fn fields(&self) -> &[(Cow<'t, str>, Self)] {
        match &self.kind {
            PlacedKind::Object(fields) => fields,
            _ => &[],
        }
    }

    /// The items of a list; none for what is no list.
    pub(super) fn items(&self) -> &[Self] {
        match &self.kind {
            PlacedKind::List(items) => items,
            _ => &[],
        }
    }

    /// The text, if it is one.
    pub(super) fn as_str(&self) -> Option<&str> {
        match &self.kind {
            PlacedKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is `true`.
    pub(super) fn is_true(&self) -> bool {
        matches!(self.kind, PlacedKind::Bool(true))
    }

    /// Whether it is an object.
    pub(super) fn is_object(&self) -> bool {
        matches!(self.kind, PlacedKind::Object(_))
    }

    /// What kind of value it is, in words.
    pub(super) fn words(&self) -> &'static str {
        match self.kind {
            PlacedKind::Null => "null",
            PlacedKind::Bool(_) => "a boolean",
            PlacedKind::Number(_) => "a number",
            PlacedKind::Text(_) => "a string",
            PlacedKind::List(_) => "a list",
            PlacedKind::Object(_) => "an object",
        }
    }
}

fn not_json(error: &serde_json::Error) -> PlacedError {
    let words = error.to_string();
    let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words);
    PlacedError::NotJson { line: error.line().max(1), column: error.column().max(1), words: words.to_owned() }
}

/// Goes through a text that is JSON.
struct PlacedReader<'t> {
    text: &'t str,
    at: usize,
    /// How many more values it may have.
    left: usize,
}

impl<'t> PlacedReader<'t> {
    fn value(&mut self, key: Option<(u32, u32)>, depth: usize) -> Result<PlacedJson<'t>, PlacedError> {
        self.skip_blanks();
        let start = self.at;
        let words =
            "it has more than 5,000,000 values; give it a part of them, such as the plan of one root module";
        self.left = self.left.checked_sub(1).ok_or(PlacedError::TooMuch { at: start, words })?;
        let kind = match self.peek() {
            b'{' | b'[' if depth >= MAX_DEPTH => {
                return Err(PlacedError::TooMuch {
                    at: start,
                    words: "more than 128 levels are within each other",
                });
            }
            b'{' => self.object(depth + 1)?,
            b'[' => self.list(depth + 1)?,
            b'"' => PlacedKind::Text(self.string()?),
            _ => self.word()?,
        };
        Ok(PlacedJson { kind, start: small(start), end: small(self.at), key })
    }

    fn object(&mut self, depth: usize) -> Result<PlacedKind<'t>, PlacedError> {
        let mut fields = Vec::new();
        while self.next_part(b'}') {
            let start = self.at;
            let name = self.string()?;
            let key = (small(start), small(self.at));
            self.skip_blanks();
            self.at += 1;
            fields.push((name, self.value(Some(key), depth)?));
        }
        let by_name = |one: &(Cow<'_, str>, _), other: &(Cow<'_, str>, _)| one.0.cmp(&other.0);
        fields.sort_by(by_name);
        fields.dedup_by(|later, earlier| {
            let is_same = later.0 == earlier.0;
            if is_same {
                std::mem::swap(later, earlier);
            }
            is_same
        });
        fields.shrink_to_fit();
        Ok(PlacedKind::Object(fields))
    }

    fn list(&mut self, depth: usize) -> Result<PlacedKind<'t>, PlacedError> {
        let mut items = Vec::new();
        while self.next_part(b']') {
            items.push(self.value(None, depth)?);
        }
        items.shrink_to_fit();
        Ok(PlacedKind::List(items))
    }

    /// Goes over a bracket or a comma; whether a part follows, else over the end.
    fn next_part(&mut self, end: u8) -> bool {
        if matches!(self.peek(), b'{' | b'[' | b',') {
            self.at += 1;
        }
        self.skip_blanks();
        match self.peek() {
            byte if byte == end || byte == 0 => {
                self.at += 1;
                false
            }
            b',' => {
                self.at += 1;
                self.skip_blanks();
                true
            }
            _ => true,
        }
    }

    fn string(&mut self) -> Result<Cow<'t, str>, PlacedError> {
        let start = self.at;
        let rest = self.text.as_bytes().get(start + 1..).unwrap_or_default();
        let mut length = 0;
        let mut is_escaped = false;
        while let Some(step) = rest[length..].iter().position(|byte| matches!(byte, b'"' | b'\\')) {
            if rest[length + step] == b'"' {
                length += step;
                break;
            }
            is_escaped = true;
            length = (length + step + 2).min(rest.len());
        }
        self.at = start + length + 2;
        match is_escaped {
            false => Ok(Cow::Borrowed(self.text.get(start + 1..start + 1 + length).unwrap_or_default())),
            true => self.read_as::<String>(start).map(Cow::Owned),
        }
    }

    /// A number or a name.
    fn word(&mut self) -> Result<PlacedKind<'t>, PlacedError> {
        let start = self.at;
        let rest = &self.text.as_bytes()[start.min(self.text.len())..];
        let is_end = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n');
        self.at = start + rest.iter().position(is_end).unwrap_or(rest.len());
        Ok(match &self.text[start..self.at] {
            "null" => PlacedKind::Null,
            "true" => PlacedKind::Bool(true),
            "false" => PlacedKind::Bool(false),
            _ => PlacedKind::Number(self.read_as(start)?),
        })
    }

    /// What `serde_json` says of a part of the text.
    fn read_as<T: serde::de::DeserializeOwned>(&self, start: usize) -> Result<T, PlacedError> {
        let part = self.text.get(start..self.at).unwrap_or_default();
        serde_json::from_str(part).map_err(|error| {
            let before = &self.text[..start];
            let line_start = before.rfind('\n').map_or(0, |at| at + 1);
            let line = before.matches('\n').count() + 1;
            match not_json(&error) {
                PlacedError::NotJson { words, .. } => {
                    PlacedError::NotJson { line, column: start - line_start + 1, words }
                }
                error => error,
            }
        })
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\r' | b'\n') {
            self.at += 1;
        }
    }

    /// The next byte; 0 at the end.
    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }
}

/// Texts are not larger than that.
fn small(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown<'t>(text: &'t str, path: &[&str]) -> &'t str {
        let tree = PlacedJson::parse(text).expect("JSON");
        &text[tree.at(path).expect("there").shown()]
    }

    #[test]
    fn scalars_show_themselves_and_containers_their_key() {
        let text =
            " {\"\\u0061\": {\"b\" : [10, {\"c\": \"x\\\"y\"}], \"d\":-1.5e3\n}, \"가\" : true, \"e\": []}\n";
        assert_eq!(shown(text, &[]), "{");
        assert_eq!(shown(text, &["a"]), r#""\u0061""#);
        assert_eq!(shown(text, &["a", "b"]), r#""b""#);
        assert_eq!(shown(text, &["a", "d"]), "-1.5e3");
        assert_eq!(shown(text, &["가"]), "true");
        let tree = PlacedJson::parse(text).expect("JSON");
        let list = tree.at(&["a", "b"]).expect("there");
        assert_eq!(&text[list.whole()], r#"[10, {"c": "x\"y"}]"#);
        assert_eq!(&text[list.items()[0].shown()], "10");
        assert_eq!(&text[list.items()[1].shown()], "{");
        assert_eq!(list.items()[1].get("c").and_then(PlacedJson::as_str), Some("x\"y"));
        assert!(tree.get("e").expect("there").items().is_empty());
    }

    #[test]
    fn the_last_of_two_fields_counts() {
        assert_eq!(shown(r#"{"b": 1, "a": 1, "a": 22, "a": 3}"#, &["a"]), "3");
    }

    #[test]
    fn what_is_not_json_is_said_with_its_place() {
        let error = PlacedJson::parse("{\n  \"a\": }").expect_err("no JSON");
        assert_eq!(error, PlacedError::NotJson { line: 2, column: 8, words: "expected value".to_owned() });
        let error = PlacedJson::parse("{\n \"a\": \"\\ud800\"}").expect_err("no text");
        assert!(matches!(error, PlacedError::NotJson { line: 2, column: 7, .. }), "{error:?}");
        let error = PlacedJson::parse("[1e999]").expect_err("no number");
        assert!(matches!(error, PlacedError::NotJson { line: 1, column: 2, .. }), "{error:?}");
        for depth in [129, 1_000_000] {
            let text = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
            let error = PlacedJson::parse(&text).expect_err("too deep");
            assert!(matches!(error, PlacedError::TooMuch { at: 128, .. }), "{error:?}");
        }
        assert!(PlacedJson::parse("").is_err());
        assert!(PlacedJson::parse_within("[1, {\"a\": 2}]", 4).is_ok());
        let error = PlacedJson::parse_within("[1, {\"a\": 2}]", 3).expect_err("too many");
        assert!(matches!(error, PlacedError::TooMuch { at: 10, .. }), "{error:?}");
    }

    fn same(placed: &PlacedJson<'_>, value: &serde_json::Value, text: &str) -> bool {
        use serde_json::Value;
        let of_place: Value = serde_json::from_str(&text[placed.whole()]).expect("JSON");
        of_place == *value
            && match (&placed.kind, value) {
                (PlacedKind::Null, Value::Null) => true,
                (PlacedKind::Bool(one), Value::Bool(other)) => one == other,
                (PlacedKind::Number(one), Value::Number(other)) => one == other,
                (PlacedKind::Text(one), Value::String(other)) => one == other,
                (PlacedKind::List(one), Value::Array(other)) => {
                    one.len() == other.len()
                        && one.iter().zip(other).all(|(one, other)| same(one, other, text))
                }
                (PlacedKind::Object(one), Value::Object(other)) => {
                    one.len() == other.len()
                        && one
                            .iter()
                            .all(|(name, one)| other.get(&**name).is_some_and(|other| same(one, other, text)))
                }
                _ => false,
            }
    }

    fn json() -> impl proptest::strategy::Strategy<Value = String> {
        use proptest::prelude::*;
        let scalar = prop::sample::select(vec![
            "1",
            "-2.5e3",
            "null",
            "true",
            r#""x""#,
            r#""""#,
            r#""\n가\"""#,
            r#""\\""#,
        ]);
        let key = prop::sample::select(vec![r#""a""#, r#""가""#, r#""0""#, r#""\u0061""#, r#""a~/""#]);
        let blank = || prop::sample::select(vec!["", " ", "\n\t"]);
        scalar.prop_map(str::to_owned).prop_recursive(4, 32, 4, move |inner| {
            let field = (key.clone(), blank(), inner.clone(), blank());
            let field =
                field.prop_map(|(key, before, value, after)| format!("{key}{before}:{after}{value}{before}"));
            let fields = (blank(), prop::collection::vec(field, 0..4));
            let items = (blank(), prop::collection::vec(inner, 0..4));
            prop_oneof![
                fields.prop_map(|(blank, fields)| format!(
                    "{{{blank}{}}}",
                    fields.join(&format!("{blank},{blank}"))
                )),
                items.prop_map(|(blank, items)| format!(
                    "[{blank}{}{blank}]",
                    items.join(&format!("{blank},"))
                )),
            ]
        })
    }

    proptest::proptest! {
        #[test]
        fn it_is_what_serde_json_reads(text in json()) {
            let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            let placed = PlacedJson::parse(&text).expect("JSON");
            proptest::prop_assert!(same(&placed, &value, &text), "{}", text);
        }

        #[test]
        fn any_text_is_looked_at(text in "[\\[\\]{}\",:0-9a\\\\ ]{0,40}") {
            let is_json = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            proptest::prop_assert_eq!(PlacedJson::parse(&text).is_ok(), is_json);
        }
    }
}
