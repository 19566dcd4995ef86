//! Text of a cluster's owner in Markdown. GitHub makes links of addresses, mentions and numbers of
//! issues wherever text stands, however it is escaped, but never in code. So all but plain words is
//! shown as code.

use super::finding_text::{one_line, shortened};
use super::printable;
use std::fmt::Write as _;

/// The longest text of a name or a value, in UTF-16 code units.
const MOST_NAME: usize = 120;
/// The longest text of a value that must be whole.
const MOST_VALUE: usize = 4_000;
/// The longest text of a sentence.
const MOST_TEXT: usize = 500;
/// More backticks in a row are replaced.
const MOST_BACKTICKS: usize = 8;
/// Digits up to this count are no beginning of a commit.
const MOST_DIGITS: usize = 6;

/// A name as code.
pub(in crate::report) fn code(text: &str) -> String {
    let text = shortened(&printable(text), MOST_NAME);
    if text.trim().is_empty() { "`?`".to_owned() } else { span(&text) }
}

/// A value as code, however long it is within reason: half of a list says something else.
pub(in crate::report) fn value(text: &str) -> String {
    let text = shortened(&printable(text), MOST_VALUE);
    if text.trim().is_empty() { "`?`".to_owned() } else { span(&text) }
}

/// A name as code, for a cell of a table: a bar would end the cell, in code too.
pub(in crate::report) fn cell(text: &str) -> String {
    code(&text.replace('|', "\u{FFFD}"))
}

/// A name as code, for a line of HTML.
pub(in crate::report) fn html(text: &str) -> String {
    let mut html = "<code>".to_owned();
    for c in shortened(&printable(text), MOST_NAME).chars() {
        match c {
            c if c.is_alphanumeric() || c == ' ' || c == '-' => html.push(c),
            c => {
                let _ = write!(html, "&#{};", u32::from(c));
            }
        }
    }
    html + "</code>"
}

/// A sentence: plain words as text, all else as code.
pub(in crate::report) fn sentence(text: &str) -> String {
    let mut line = Line::default();
    let text = shortened(&one_line(text), MOST_TEXT);
    for word in text.split_whitespace() {
        match is_plain(word) {
            true => line.text(word),
            false => line.code(word),
        }
    }
    line.end("");
    line.pieces.join(" ")
}

/// What may stand after a word.
const ENDS: &[char] = &['.', ',', ':', ';', '!', '?', '…'];

/// A line of text and code. Words of code that follow each other share a span.
#[derive(Default)]
struct Line<'t> {
    pieces: Vec<String>,
    code: Vec<&'t str>,
    before: &'t str,
}

impl<'t> Line<'t> {
    fn text(&mut self, word: &str) {
        self.end("");
        self.pieces.push(word.to_owned());
    }

    /// Brackets around a word, and what ends a sentence after it, are no code.
    fn code(&mut self, word: &'t str) {
        let inner = word.trim_start_matches('(');
        let end = |c| ENDS.contains(&c) || (c == ')' && !inner.contains('('));
        let core = inner.trim_end_matches(end);
        if core.is_empty() {
            return self.code.push(word);
        }
        let (before, after) = (&word[..word.len() - inner.len()], &inner[core.len()..]);
        if !before.is_empty() {
            self.end("");
            self.before = before;
        }
        self.code.push(core);
        if !after.is_empty() {
            self.end(after);
        }
    }

    /// Ends the span, if there is one.
    fn end(&mut self, after: &str) {
        if !self.code.is_empty() {
            self.pieces.push(format!("{}{}{after}", self.before, span(&self.code.join(" "))));
            self.code.clear();
            self.before = "";
        }
    }
}

/// A code span, fenced by more backticks than the text has in a row. Parsers count to 80.
fn span(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    if longest > MOST_BACKTICKS {
        return span(&text.replace('`', "\u{FFFD}"));
    }
    let fence = "`".repeat(longest + 1);
    let touches = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    let space = if touches { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Whether a word is one of a sentence: letters, with a hyphen or an apostrophe in it, in brackets or
/// quotes; or a small number. Nothing in it can be markup, an address or the name of anything on GitHub.
fn is_plain(word: &str) -> bool {
    if matches!(word, "–" | "—" | "…") {
        return true;
    }
    let is_number =
        |word: &str| (1..=MOST_DIGITS).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
    let end = |c: char| ENDS.contains(&c) || matches!(c, ')' | '"');
    let core = word.trim_start_matches(['(', '"']).trim_end_matches(end);
    let parts = || core.split(['-', '\'', '’']);
    let is_hash = core.len() > MOST_DIGITS && core.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_word = parts().all(|part| !part.is_empty() && part.chars().all(char::is_alphabetic)) && !is_hash;
    is_number(word.trim_end_matches([',', ';'])) || is_word
}

#[cfg(test)]
mod tests {
    use super::{cell, code, html, sentence};

    #[test]
    fn values_in_sentences_are_code() {
        let text = "demo-1 accepts API traffic from 0.0.0.0/0, the cluster's 2 groups do (by x:y) f(1).";
        let expected =
            "`demo-1` accepts API traffic from `0.0.0.0/0`, the cluster's 2 groups do (by `x:y`) `f(1)`.";
        assert_eq!(sentence(text), expected);
    }

    #[test]
    fn what_github_would_link_is_code() {
        for word in [
            "@everyone",
            "#1",
            "GH-1",
            "www.evil.example",
            "http://evil",
            "a@b.example",
            "deadbeef",
            "1234567",
            ":x",
        ] {
            assert_eq!(sentence(word), format!("`{word}`"));
        }
        assert_eq!(sentence("1. <b> ](x) a|b"), "`1`. `<b> ](x) a|b`");
    }

    #[test]
    fn code_cannot_be_left() {
        assert_eq!(code("a``b`"), "``` a``b` ```");
        assert_eq!(code(&"`".repeat(9)), format!("`{}`", "\u{FFFD}".repeat(9)));
        assert_eq!(code(""), "`?`");
        assert_eq!(cell("a|b\\"), "`a\u{FFFD}b\\`");
        assert_eq!(html("a<b>&@x"), "<code>a&#60;b&#62;&#38;&#64;x</code>");
    }
}
