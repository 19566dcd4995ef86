//! The lines of a file around a finding, safe for a terminal.

use super::printable::printable_source;
use crate::value::location::Excerpt;

/// The lines of an excerpt, and the bytes under which the caret stands: the first line of the place. Dots stand for
/// what was cut from a long line: blanks in its place would be rendered one by one.
pub(super) fn shown_lines(excerpt: &Excerpt) -> (String, std::ops::Range<usize>) {
    let (text, span) = (&excerpt.text, &excerpt.span);
    let end = text[span.start..].find('\n').map_or(text.len(), |end| span.start + end).min(span.end);
    let line = text[..span.start].rfind('\n').map_or(0, |newline| newline + 1);
    let mut shown = printable_source(&text[..line]);
    if excerpt.cut > 0 {
        shown.push_str("... ");
    }
    shown.push_str(&printable_source(&text[line..span.start]));
    let start = shown.len();
    shown.push_str(&printable_source(&text[span.start..end]));
    let span = start..shown.len();
    shown.push_str(&printable_source(&text[end..]));
    (shown, span)
}

/// The line that a finding points at, without what stands left of it, and its number.
pub(super) fn line_of(excerpt: &Excerpt) -> (usize, String) {
    let (text, span) = shown_lines(excerpt);
    let before = &text[..span.start];
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[start..].find('\n').map_or(text.len(), |end| start + end);
    let number = excerpt.first_line + before.matches('\n').count();
    (number, text[start..end].trim().to_owned())
}
