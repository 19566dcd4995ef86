//! Byte offsets → lines and columns, counted as each output needs them.

use std::ops::Range;

/// A place in a file. Lines and columns start at 1; the end column is one past the last character.
/// Columns count UTF-16 code units, the unit of SARIF and of editors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Region {
    /// Line of the first character.
    pub start_line: u32,
    /// Column of the first character.
    pub start_column: u32,
    /// Line of the last character.
    pub end_line: u32,
    /// Column after the last character.
    pub end_column: u32,
}

/// The starts of a text's lines, and how many UTF-16 code units stand before each kilobyte of it:
/// a column in a line of any length is found without counting the line.
pub struct LineIndex<'t> {
    text: &'t str,
    starts: Vec<usize>,
    units: Vec<usize>,
}

/// How many bytes each entry of `units` covers.
const CHUNK: usize = 1024;

impl<'t> LineIndex<'t> {
    /// Indexes a text. Lines end with `\n`.
    pub fn new(text: &'t str) -> Self {
        let starts = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1))
            .collect();
        let before =
            |units: &mut usize, chunk: &[u8]| Some(std::mem::replace(units, *units + count_units(chunk)));
        let units = text.as_bytes().chunks(CHUNK).scan(0, before).collect();
        Self { text, starts, units }
    }

    /// The region of a byte range of the text.
    pub fn region(&self, range: &Range<usize>) -> Region {
        let (start_line, start_column) = self.position(range.start);
        let (end_line, end_column) = self.position(range.end);
        Region { start_line, start_column, end_line, end_column }
    }

    /// The byte range of a line (first line: 1), without its end.
    pub fn line(&self, line: u32) -> Range<usize> {
        let index = line as usize - 1;
        let start = self.starts.get(index).copied().unwrap_or(self.text.len());
        let end = self.starts.get(index + 1).map_or(self.text.len(), |next| next - 1);
        let end = if self.text[start..end.max(start)].ends_with('\r') { end - 1 } else { end };
        start..end.max(start)
    }

    /// How many lines the text has.
    pub fn lines(&self) -> u32 {
        to_u32(self.starts.len())
    }

    fn position(&self, offset: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= offset) - 1;
        let column = self.units_before(offset) - self.units_before(self.starts[line]);
        (to_u32(line + 1), to_u32(column + 1))
    }

    /// How many UTF-16 code units stand before a byte of the text.
    fn units_before(&self, offset: usize) -> usize {
        let chunk = (offset / CHUNK).min(self.units.len().saturating_sub(1));
        let known = self.units.get(chunk).copied().unwrap_or_default();
        known + count_units(&self.text.as_bytes()[chunk * CHUNK..offset])
    }
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
    use super::{LineIndex, Region};

    #[test]
    fn columns_count_utf16() {
        let text = "{\n  \"팀\": \"🐳x\"\r\n}";
        let index = LineIndex::new(text);
        let at = text.find("\"🐳").expect("is there");
        assert_eq!(
            index.region(&(at..at + "\"🐳x\"".len())),
            Region { start_line: 2, start_column: 8, end_line: 2, end_column: 13 }
        );
        assert_eq!(&text[index.line(2)], "  \"팀\": \"🐳x\"");
        assert_eq!(&text[index.line(3)], "}");
    }

    proptest::proptest! {
        #[test]
        fn every_offset_has_a_line_and_a_column(text in "[a\n\r가🐳]{0,40}|[a가🐳]{900,1500}") {
            let index = LineIndex::new(&text);
            for (offset, _) in text.char_indices() {
                let region = index.region(&(offset..offset));
                let line = index.line(region.start_line);
                let column = text[line.start..offset].encode_utf16().count() + 1;
                proptest::prop_assert_eq!(region.start_column as usize, column);
            }
        }
    }
}
