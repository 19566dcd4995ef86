//! Text of a cluster's owner in Markdown. GitHub makes links of addresses, mentions and numbers of
//! issues wherever text stands, however it is escaped, but never in code. So all but plain words is
//! shown as code.

use crate::report::printable;

/// The longest text, in characters.
const MOST: usize = 500;
/// Digits up to this count are no beginning of a commit.
const MOST_DIGITS: usize = 6;
/// What may stand after a word.
const ENDS: &[char] = &['.', ',', ':', ';', '!', '?', '…'];

/// A name as code.
pub(super) fn code(text: &str) -> String {
    let text: String = printable(text).chars().take(MOST).collect();
    if text.trim().is_empty() { "`?`".to_owned() } else { span(&text) }
}

/// A name as code, for a cell of a table: a bar would end the cell, in code too.
pub(super) fn cell(text: &str) -> String {
    code(&text.replace('|', "\u{FFFD}"))
}

/// A sentence: plain words as text, all else as code.
pub(super) fn sentence(text: &str) -> String {
    let text: String = printable(text).chars().take(MOST).collect();
    let word = |word: &str| {
        if is_plain(word) {
            return word.to_owned();
        }
        let core = word.trim_end_matches(ENDS);
        if core.is_empty() { span(word) } else { format!("{}{}", span(core), &word[core.len()..]) }
    };
    text.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

/// A code span, fenced by more backticks than the text has in a row.
fn span(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let touches = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    let space = if touches { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Whether a word is one of a sentence: letters with a hyphen or an apostrophe in it, or a small number.
fn is_plain(word: &str) -> bool {
    let core = word.trim_start_matches('(').trim_end_matches(|c: char| ENDS.contains(&c) || c == ')');
    let is_number = (1..=MOST_DIGITS).contains(&core.len()) && core.bytes().all(|byte| byte.is_ascii_digit());
    let is_hash = core.len() > MOST_DIGITS && core.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts = || core.split(['-', '\'', '’']);
    let is_word = parts().all(|part| !part.is_empty() && part.chars().all(char::is_alphabetic)) && !is_hash;
    is_word || is_number && !word.ends_with(['.', ')'])
}
