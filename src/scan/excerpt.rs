//! The lines around a finding, for people: a few of them, cut where they are long, and without
//! secrets.

use crate::text::is_unprintable;
use crate::value::location::Excerpt;
use crate::value::position::LineIndex;
use std::ops::Range;

/// How many lines an excerpt shows before and after the place.
const CONTEXT: u32 = 2;
/// Lines longer than this are cut around the place, in bytes.
const MAX_LINE: usize = 400;
/// What is kept of a cut line on either side of the place, in bytes.
const KEPT: usize = 120;

impl Excerpt {
    /// The lines around a place, without the secrets among them, which are in the order of the text.
    pub(crate) fn new(
        text: &str,
        index: &LineIndex<'_>,
        place: &Range<usize>,
        secrets: &[Range<usize>],
    ) -> Self {
        let region = index.region(place);
        let first = region.start_line.saturating_sub(CONTEXT).max(1);
        let last = (region.end_line + CONTEXT).min(index.lines());
        let mut excerpt = Self { first_line: first as usize, ..Self::default() };
        for line in first..=last {
            if line > first {
                excerpt.text.push('\n');
            }
            excerpt.push(text, index, index.line(line), place, secrets);
        }
        excerpt
    }

    /// Appends a line, with secrets masked and cut if it is long.
    fn push(
        &mut self,
        text: &str,
        index: &LineIndex<'_>,
        line: Range<usize>,
        place: &Range<usize>,
        secrets: &[Range<usize>],
    ) {
        let shown = window(text, &line, place);
        if line.contains(&place.start) {
            self.cut = index.region(&(shown.start..shown.start)).start_column as usize - 1;
        }
        let mut at = shown.start;
        while at < shown.end {
            if at == place.start {
                self.span.start = self.text.len();
            }
            let next_secret = secrets.partition_point(|secret| secret.end <= at);
            if let Some(secret) = secrets.get(next_secret).filter(|secret| secret.contains(&at)) {
                self.text.push_str(crate::rule::SECRET_JSON);
                at = secret.end.min(shown.end);
            } else {
                let next = text[at..].chars().next().unwrap_or(' ');
                self.text.push(if is_unprintable(next) && next != '\t' { '\u{FFFD}' } else { next });
                at += next.len_utf8();
            }
            if at == place.end {
                self.span.end = self.text.len();
            }
        }
        if place.start == shown.end && place.start == line.end {
            self.span = self.text.len()..self.text.len();
        }
        self.span.end = self.span.end.max(self.span.start);
    }
}

/// The part of a line to show.
fn window(text: &str, line: &Range<usize>, place: &Range<usize>) -> Range<usize> {
    if line.len() <= MAX_LINE {
        return line.clone();
    }
    let inside = line.contains(&place.start);
    let from = if inside { place.start.saturating_sub(KEPT).max(line.start) } else { line.start };
    let to =
        if inside { (place.end.min(place.start + MAX_LINE) + KEPT).min(line.end) } else { line.start + KEPT };
    let floor = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    floor(from)..floor(to)
}
