//! Byte offsets → lines and columns, counted as each output needs them.

use std::fmt;
use std::ops::Range;

/// The place of a character. Lines and columns start at 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    /// The line.
    pub line: u32,
    /// The column, in the unit of whoever found it: parsers count bytes or characters, [`LineSpan`] UTF-16
    /// code units.
    pub column: u32,
}

impl LineColumn {
    /// The place at a line and a column, from 1.
    pub fn of(line: usize, column: usize) -> Self {
        Self { line: to_u32(line), column: to_u32(column) }
    }

    /// The start of a line, from 1.
    pub fn line_start(line: u32) -> Self {
        Self { line, column: 1 }
    }
}

impl fmt::Display for LineColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A place in a file. Lines and columns start at 1; the end column is one past the last character.
/// Columns count UTF-16 code units, the unit of SARIF and of editors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineSpan {
    /// Line of the first character.
    pub start_line: u32,
    /// Column of the first character.
    pub start_column: u32,
    /// Line of the last character.
    pub end_line: u32,
    /// Column after the last character.
    pub end_column: u32,
}

impl LineSpan {
    /// The first character.
    pub fn start(self) -> LineColumn {
        LineColumn { line: self.start_line, column: self.start_column }
    }
}

/// What stands before each kilobyte of a text: a line is found without a list of all lines, and a
/// column in a line of any length without counting the line.
pub struct LineIndex<'t> {
    text: &'t str,
    chunks: Vec<Before>,
    all: Before,
}

/// What stands before a place.
#[derive(Clone, Copy, Default)]
struct Before {
    /// Ends of lines.
    lines: usize,
    /// UTF-16 code units.
    units: usize,
}

/// How many bytes each chunk covers.
const CHUNK: usize = 1024;

impl<'t> LineIndex<'t> {
    /// Indexes a text. Lines end with `\n`.
    pub fn new(text: &'t str) -> Self {
        let (mut chunks, mut all) = (Vec::with_capacity(text.len() / CHUNK + 1), Before::default());
        for chunk in text.as_bytes().chunks(CHUNK) {
            chunks.push(all);
            all = all.and(chunk);
        }
        Self { text, chunks, all }
    }

    /// The region of a byte range of the text.
    pub fn region(&self, range: &Range<usize>) -> LineSpan {
        let (start_line, start_column) = self.position(range.start);
        let (end_line, end_column) = self.position(range.end);
        LineSpan { start_line, start_column, end_line, end_column }
    }

    /// The byte range of a region of the text.
    pub fn range(&self, region: LineSpan) -> Range<usize> {
        let start = self.offset(region.start_line, region.start_column);
        start..self.offset(region.end_line, region.end_column).max(start)
    }

    fn offset(&self, line: u32, column: u32) -> usize {
        let line = self.line(line.max(1));
        let mut left = column.saturating_sub(1) as usize;
        let before = self.text[line.clone()].char_indices().find(|(_, c)| {
            let here = left == 0;
            left = left.saturating_sub(c.len_utf16());
            here
        });
        before.map_or(line.end, |(at, _)| line.start + at)
    }

    /// The byte range of a line (first line: 1), without its end.
    pub fn line(&self, line: u32) -> Range<usize> {
        let index = line as usize - 1;
        let (start, next) = (self.line_start(index), self.line_start(index + 1));
        let end = if index < self.all.lines { next - 1 } else { next };
        let end = if self.text[start..end.max(start)].ends_with('\r') { end - 1 } else { end };
        start..end.max(start)
    }

    /// How many lines the text has.
    pub fn lines(&self) -> u32 {
        to_u32(self.all.lines + 1)
    }

    fn position(&self, offset: usize) -> (u32, u32) {
        let here = self.before(offset);
        let near = &self.text.as_bytes()[offset - offset % CHUNK..offset];
        let start = match near.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => offset - near.len() + end + 1,
            None => self.line_start(here.lines),
        };
        (to_u32(here.lines + 1), to_u32(here.units - self.before(start).units + 1))
    }

    fn before(&self, offset: usize) -> Before {
        let chunk = offset / CHUNK;
        match self.chunks.get(chunk) {
            Some(before) => before.and(&self.text.as_bytes()[chunk * CHUNK..offset]),
            None => self.all,
        }
    }

    /// Where the line starts before which so many lines end; the end of the text if there is none.
    fn line_start(&self, lines: usize) -> usize {
        let chunk = self.chunks.partition_point(|before| before.lines < lines).saturating_sub(1);
        let Some(before) = self.chunks.get(chunk).filter(|_| lines > 0) else { return 0 };
        let rest = &self.text.as_bytes()[chunk * CHUNK..];
        let mut ends = rest.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let end = ends.nth(lines - before.lines - 1);
        end.map_or(self.text.len(), |(at, _)| chunk * CHUNK + at + 1)
    }
}

impl Before {
    /// What stands before the end of bytes that stand here.
    fn and(self, bytes: &[u8]) -> Self {
        Self { lines: self.lines + count_lines(bytes), units: self.units + count_units(bytes) }
    }
}

/// The ends of lines. Sums of single bytes are what the compiler turns into vector instructions.
pub(crate) fn count_lines(bytes: &[u8]) -> usize {
    let ends = |part: &[u8]| usize::from(part.iter().map(|byte| u8::from(*byte == b'\n')).sum::<u8>());
    bytes.chunks(255).map(ends).sum()
}

/// The UTF-16 code units of UTF-8 text, counted where each character starts.
fn count_units(bytes: &[u8]) -> usize {
    if bytes.is_ascii() {
        return bytes.len();
    }
    let units = |byte: &u8| usize::from(byte & 0xC0 != 0x80) + usize::from(*byte >= 0xF0);
    bytes.iter().map(units).sum()
}

fn to_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{LineIndex, LineSpan};

    #[test]
    fn columns_count_utf16() {
        let text = "{\n  \"팀\": \"🐳x\"\r\n}";
        let index = LineIndex::new(text);
        let at = text.find("\"🐳").expect("is there");
        assert_eq!(
            index.region(&(at..at + "\"🐳x\"".len())),
            LineSpan { start_line: 2, start_column: 8, end_line: 2, end_column: 13 }
        );
        assert_eq!(&text[index.line(2)], "  \"팀\": \"🐳x\"");
        assert_eq!(&text[index.line(3)], "}");
    }

    proptest::proptest! {
        #[test]
        fn every_offset_has_a_line_and_a_column(text in "[a\n\r가🐳]{0,40}|[a가🐳]{900,1500}|[a가\n]{900,1500}") {
            let index = LineIndex::new(&text);
            let lines: Vec<_> = text.split('\n').collect();
            proptest::prop_assert_eq!(index.lines() as usize, lines.len());
            let few = |offset: &usize| text.len() < 200 || offset.is_multiple_of(31);
            let offsets = text.char_indices().map(|(offset, _)| offset).filter(few);
            for offset in offsets.chain([text.len()]) {
                let region = index.region(&(offset..offset));
                let line = index.line(region.start_line);
                proptest::prop_assert_eq!(region.start_line as usize, text[..offset].matches('\n').count() + 1);
                let written = lines[region.start_line as usize - 1];
                proptest::prop_assert_eq!(&text[line.clone()], written.strip_suffix('\r').unwrap_or(written));
                let column = text[line.start..offset].encode_utf16().count() + 1;
                proptest::prop_assert_eq!(region.start_column as usize, column);
                if offset <= line.end {
                    proptest::prop_assert_eq!(index.range(region), offset..offset);
                }
            }
        }
    }
}
