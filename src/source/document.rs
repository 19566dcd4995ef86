//! The documents of a text: one JSON value, one a line (NDJSON), or one after another, as `xargs` prints
//! what several commands say. What is broken costs itself: reading goes on where the next one starts.

use super::cli_error;
use super::encoding::NOT_TEXT;
use crate::snapshot::Repeated;
use crate::value::locate::locate;
use crate::value::position::{LineColumn, LineIndex, count_lines};
use crate::value::{FirstValue, Json, Pointer, Problem, fields};
use bumpalo::Bump;
use serde::de::IgnoredAny;
use std::ops::Range;

/// A JSON document in a text.
#[derive(Clone, Copy, Debug)]
pub struct Document<'t> {
    /// Its text.
    pub text: &'t str,
    /// Where it starts in the whole text, in bytes.
    pub offset: usize,
    /// The line that it starts on, from 1, if it is not the whole text.
    pub line: Option<u32>,
    /// Its tree.
    pub root: Json<'t>,
    /// Whether an object in it may have a field twice.
    pub repeats: bool,
}

/// Why a part of a text is not JSON.
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

impl Document<'_> {
    /// Where pointers lead, as bytes of the whole text.
    pub fn places(&self, pointers: &[&Pointer]) -> Vec<Range<usize>> {
        let shift = |range: Range<usize>| range.start + self.offset..range.end + self.offset;
        locate(self.text, self.root, pointers).into_iter().map(shift).collect()
    }

    /// What is wrong with saying something twice. Given are the lines of the whole text.
    pub(crate) fn repeated(&self, file: &str, lines: &LineIndex<'_>, repeated: &Repeated) -> Problem {
        let names = repeated.names.each_ref().map(String::as_str);
        let place =
            |key: Range<usize>| lines.region(&(key.start + self.offset..key.end + self.offset)).start();
        let keys = fields::keys(self.text, &repeated.object, &names);
        let places: Vec<_> = keys.into_iter().map(place).collect();
        let [first, .., last] = places.as_slice() else {
            return Problem::of_file(file, repeated.to_string());
        };
        let message = format!("{repeated}, at {first} and here: remove the one that is wrong");
        Problem::at(file, *last, message)
    }
}

/// What stands between documents besides blanks: files that are put one after another may each start
/// with a byte order mark.
const BETWEEN: [char; 5] = [' ', '\t', '\r', '\n', '\u{FEFF}'];
/// What is left over of a document that is broken.
const LEFT_OVER: [char; 3] = [',', ']', '}'];
/// What a document of ours starts with.
const OPENING: [char; 2] = ['{', '['];

/// Reads the documents of a text, one after another.
#[derive(Debug)]
pub struct Documents<'t> {
    text: &'t str,
    /// Where to go on.
    at: usize,
    /// The place up to which lines were counted, and the line of it, from 0.
    counted: (usize, u32),
    /// Where the last part was found broken.
    broken: Option<usize>,
    /// Whether nothing was read yet.
    fresh: bool,
    /// How many bytes were parsed in vain.
    #[cfg(test)]
    in_vain: usize,
}

impl<'t> Documents<'t> {
    /// The documents of a text.
    pub fn of(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            counted: (0, 0),
            broken: None,
            fresh: true,
            #[cfg(test)]
            in_vain: 0,
        }
    }

    /// The next one, or what stands in its place.
    pub fn next<'d>(&mut self, arena: &'d Bump) -> Option<Result<Document<'d>, NotJson>>
    where
        't: 'd,
    {
        loop {
            let over = |c: char| BETWEEN.contains(&c) || self.broken.is_some() && LEFT_OVER.contains(&c);
            let rest = self.text[self.at..].trim_start_matches(over);
            self.at = self.text.len() - rest.len();
            let is_first = std::mem::replace(&mut self.fresh, false);
            if rest.is_empty() {
                return is_first.then(|| Err(NotJson::empty()));
            }
            match self.value(rest, arena) {
                Ok(value) => return Some(Ok(self.document(value, is_first))),
                Err(error) => {
                    if let Some(not_json) = self.refuse(&error) {
                        return Some(Err(not_json));
                    }
                }
            }
        }
    }

    /// The value that starts here. A line that starts no object and no list may be JSON all the same.
    fn value<'d>(&self, rest: &'d str, arena: &'d Bump) -> Result<FirstValue<'d>, serde_json::Error> {
        if rest.starts_with(OPENING) {
            return Json::parse_first(rest, arena);
        }
        let line = first_line(rest);
        Ok(FirstValue { root: Json::parse(line, arena)?, length: line.len(), repeats: false })
    }

    fn document<'d>(&mut self, value: FirstValue<'d>, is_first: bool) -> Document<'d>
    where
        't: 'd,
    {
        let (offset, FirstValue { root, length, repeats }) = (self.at, value);
        self.at += length;
        let is_last = || self.text[self.at..].trim_start_matches(BETWEEN).is_empty();
        let line = if is_first && is_last() { None } else { Some(self.line_of(offset)) };
        Document { text: &self.text[offset..offset + length], offset, line, root, repeats }
    }

    /// Goes on behind what is broken here, and says what is wrong with it, unless that was said.
    fn refuse(&mut self, error: &serde_json::Error) -> Option<NotJson> {
        let start = self.at;
        let rest = &self.text[start..];
        let (mut at, mut reason) = (start + offset_of(error, rest), words(error));
        #[cfg(test)]
        {
            self.in_vain += at - start;
        }
        if let Some(items) = items(rest) {
            // The items of a broken list may be good.
            self.at = self.text.len() - items.len();
        } else {
            self.at = if rest.starts_with(OPENING) { self.next_opening() } else { self.behind_others() };
            let part = self.text[start..self.at].trim_end();
            let early = serde_json::from_str::<IgnoredAny>(part).err().filter(|_| at >= start + part.len());
            if let Some(early) = early {
                // What was read last is another document: this one ended before it.
                (at, reason) = (start + offset_of(&early, part), words(&early));
            }
        }
        let is_new = self.broken.replace(at) != Some(at);
        is_new.then(|| self.not_json(start, at, reason))
    }

    fn not_json(&mut self, start: usize, at: usize, reason: String) -> NotJson {
        let line = self.line_of(start).saturating_add(lines_in(&self.text[start..at.max(start)]));
        let place = LineColumn { line, column: column_of(self.text, at) };
        if self.text.as_bytes().get(at) == Some(&NOT_TEXT) {
            let message = "is neither UTF-8 text nor UTF-16 with a byte order mark; the AWS CLI writes UTF-8"
                .to_owned();
            return NotJson { place: Some(place), message };
        }
        if let Some(message) = cli_error::recognise(&self.text[start..self.at.max(at)]) {
            return NotJson { place: Some(place), message };
        }
        let last = line.saturating_add(lines_in(self.text[at..self.at.max(at)].trim_end()));
        let others = !self.text[start..].starts_with(OPENING) && last > line;
        let lines = if others { format!(" (lines {line} to {last})") } else { String::new() };
        NotJson { place: Some(place), message: format!("is not JSON: {reason}{lines}") }
    }

    /// Behind a document that is broken: where the next one may start. On the next line, if this one ends
    /// as a whole document does; else on the next line that opens one and is not further in, as what
    /// stands inside of a document is.
    fn next_opening(&self) -> usize {
        let line_start = self.text[..self.at].rfind('\n').map_or(0, |end| end + 1);
        let further_in = |line: &str| indent(line) > indent(&self.text[line_start..]);
        let rest = &self.text[self.at..];
        let mut at = self.at + (first_line(rest).len() + 1).min(rest.len());
        if first_line(rest).trim_end().ends_with(['}', ']']) {
            return at;
        }
        for line in self.text[at..].split_inclusive('\n') {
            let opening = line.trim_start_matches(|c| BETWEEN.contains(&c) || LEFT_OVER.contains(&c));
            if opening.starts_with(OPENING) && !further_in(line) {
                return at + line.len() - opening.len();
            }
            at += line.len();
        }
        at
    }

    /// Behind what is no JSON at all: a brace too many, or lines of another program.
    fn behind_others(&self) -> usize {
        let rest = &self.text[self.at..];
        let without = rest.trim_start_matches(LEFT_OVER);
        if without.len() < rest.len() {
            return self.text.len() - without.len();
        }
        let mut lines = rest.split_inclusive('\n');
        let first = lines.next().map_or(0, str::len);
        let others = lines.take_while(|line| !line.trim_start_matches(BETWEEN).starts_with(OPENING));
        self.at + first + others.map(str::len).sum::<usize>()
    }

    /// The line of a place, from 1. Documents come in their order, so all lines are counted once.
    fn line_of(&mut self, offset: usize) -> u32 {
        let (counted, lines) = self.counted;
        self.counted = (offset, lines.saturating_add(lines_in(&self.text[counted..offset])));
        self.counted.1.saturating_add(1)
    }
}

impl NotJson {
    fn empty() -> Self {
        let message = "is empty: the command that should have filled it may have failed";
        Self { place: None, message: message.to_owned() }
    }
}

/// The items of a list of objects, with what follows.
fn items(text: &str) -> Option<&str> {
    let items = text.strip_prefix('[')?.trim_start_matches(BETWEEN);
    items.starts_with('{').then_some(items)
}

fn first_line(text: &str) -> &str {
    &text[..text.find('\n').unwrap_or(text.len())]
}

/// How far in a line starts.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

fn lines_in(text: &str) -> u32 {
    u32::try_from(count_lines(text.as_bytes())).unwrap_or(u32::MAX)
}

/// The column of a place, from 1.
fn column_of(text: &str, at: usize) -> u32 {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    u32::try_from(text[start..at].encode_utf16().count()).map_or(u32::MAX, |units| units + 1)
}

/// Where in a text its parser met a mistake.
fn offset_of(error: &serde_json::Error, text: &str) -> usize {
    let before = error.line().checked_sub(2).and_then(|nth| text.match_indices('\n').nth(nth));
    let start = before.map_or(0, |(end, _)| end + 1);
    text.floor_char_boundary(start + error.column().saturating_sub(1))
}

/// What the mistake is, without its place.
fn words(error: &serde_json::Error) -> String {
    let whole = error.to_string();
    whole.rsplit_once(" at line ").map_or(whole.as_str(), |(words, _)| words).to_owned()
}

#[cfg(test)]
mod tests;
