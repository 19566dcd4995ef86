//! The documents of a text: one JSON value, or NDJSON, one value a line.

use crate::value::locate::locate;
use crate::value::position::LineColumn;
use crate::value::{Json, Pointer, Problem};
use bumpalo::Bump;
use std::ops::Range;

/// A JSON document in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Document<'t> {
    /// Its text.
    pub text: &'t str,
    /// Where it starts in the whole text, in bytes.
    pub offset: usize,
    /// Its line, from 1, if each line is a document.
    pub line: Option<u32>,
}

/// Why a document is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotJson {
    /// Where, unless there is no text at all.
    pub place: Option<LineColumn>,
    /// The reason, in words.
    pub message: String,
}

impl NotJson {
    /// The same, of a file.
    pub fn in_file(self, file: &str) -> Problem {
        Problem { place: self.place, ..Problem::of_file(file, self.message) }
    }
}

impl<'t> Document<'t> {
    /// Parses it.
    ///
    /// # Errors
    ///
    /// It is not JSON.
    pub fn parse(&self, arena: &'t Bump) -> Result<Json<'t>, NotJson> {
        Json::parse(self.text, arena).map_err(|error| {
            if self.text.trim().is_empty() {
                let message = "is empty: the command that should have filled it may have failed";
                return NotJson { place: None, message: message.to_owned() };
            }
            let place = LineColumn::of(error.line(), error.column().max(1));
            let place = LineColumn { line: self.line.unwrap_or(place.line), ..place };
            let whole = error.to_string();
            let message = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(message, _)| message);
            NotJson { place: Some(place), message: format!("is not JSON: {message}") }
        })
    }

    /// Where pointers lead, as bytes of the whole text. The tree is what the document parses to.
    pub fn places(&self, root: Json<'_>, pointers: &[&Pointer]) -> Vec<Range<usize>> {
        let shift = |range: Range<usize>| range.start + self.offset..range.end + self.offset;
        locate(self.text, root, pointers).into_iter().map(shift).collect()
    }

    /// Splits a text. It is NDJSON when it has several lines and the first one is a whole object.
    pub fn split(text: &'t str) -> Vec<Self> {
        let whole = Document { text, offset: 0, line: None };
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let (Some(first), Some(_)) = (lines.next(), lines.next()) else { return vec![whole] };
        let first = first.trim();
        let complete = first.starts_with('{')
            && first.ends_with('}')
            && serde_json::from_str::<serde::de::IgnoredAny>(first).is_ok();
        if !complete {
            return vec![whole];
        }
        let mut offset = 0;
        let mut documents = Vec::new();
        for (line, text) in (1..).zip(text.split_inclusive('\n')) {
            if !text.trim().is_empty() {
                documents.push(Document { text: text.trim_end(), offset, line: Some(line) });
            }
            offset += text.len();
        }
        documents
    }
}

#[cfg(test)]
mod tests {
    use super::Document;

    #[test]
    fn one_value_is_one_document_however_it_is_laid_out() {
        for text in ["{\"a\": 1}", "{\n\"a\": 1\n}\n", "[\n{}\n]", "{}", ""] {
            let documents = Document::split(text);
            assert_eq!(documents.len(), 1, "{text}");
            assert_eq!(documents[0].line, None);
        }
    }

    #[test]
    fn lines_of_objects_are_documents() {
        let text = "{\"a\": 1}\n\n  {\"b\": 2}\r\nbroken\n";
        let documents = Document::split(text);
        let lines: Vec<_> = documents.iter().map(|d| (d.line, d.text.trim())).collect();
        assert_eq!(lines, [(Some(1), "{\"a\": 1}"), (Some(3), "{\"b\": 2}"), (Some(4), "broken")]);
        for document in documents {
            assert!(text[document.offset..].starts_with(document.text));
        }
    }

    #[test]
    fn what_is_not_json_has_a_place_unless_it_is_empty() {
        let place = |text: &str| {
            let arena = bumpalo::Bump::new();
            let documents = Document::split(text);
            documents
                .last()
                .and_then(|document| document.parse(&arena).err())
                .map(|error| error.place.map(|place| (place.line, place.column)))
        };
        assert_eq!(place("{}"), None);
        assert_eq!(place("{\n  x\n}"), Some(Some((2, 3))));
        assert_eq!(place("{\"a\": 1}\n{x"), Some(Some((2, 2))));
        assert_eq!(place("{\n"), Some(Some((2, 1))));
        assert_eq!(place(" \n"), Some(None));
    }
}
