//! Texts that fit into columns of a terminal. Widths are in columns: East Asian characters and emoji take two.

use super::wrap;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// A text of at most `width` columns: where it is longer, its middle is left out, as ends tell names apart.
pub(super) fn middle(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let start = taken(text.chars(), room.div_ceil(2));
    let end: Vec<char> = taken(text.chars().rev(), room - start.width()).chars().rev().collect();
    let end: String = end.into_iter().collect();
    if width == 0 { String::new() } else { format!("{start}…{end}") }
}

/// As many characters as have room.
fn taken(chars: impl Iterator<Item = char>, room: usize) -> String {
    let mut left = room;
    let fits = |c: &char| {
        let width = c.width().unwrap_or_default();
        let fits = width <= left;
        left = left.saturating_sub(width);
        fits
    };
    chars.take_while(fits).collect()
}

/// A text in a column of its own: shortened, and filled with blanks.
pub(super) fn left(text: &str, width: usize) -> String {
    let text = middle(text, width);
    let gap = width.saturating_sub(text.width());
    format!("{text}{:gap$}", "")
}

/// The same at the right edge of the column.
pub(super) fn right(text: &str, width: usize) -> String {
    let text = middle(text, width);
    let gap = width.saturating_sub(text.width());
    format!("{:gap$}{text}", "")
}

/// The least width of a text in a column of its own: a narrower one is hard to read.
const TEXT: usize = 40;

/// A row of columns, and a text that is never cut: in a column of its own where it has room, else below the row. The row is
/// `row_width` columns wide; what stands below starts at `indent`.
pub fn beside_or_below(row: &str, row_width: usize, text: &str, width: usize, indent: usize) -> String {
    if width.saturating_sub(row_width + 2) < TEXT {
        let indent = " ".repeat(indent);
        return format!("{}\n{}\n", row.trim_end(), wrap(text, width, &indent, &indent));
    }
    let beside = " ".repeat(row_width + 2);
    let text = wrap(text, width, &beside, &beside);
    // The row stands where the first line is indented.
    format!("{row}{}\n", text.get(row_width..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_left_out() {
        assert_eq!(middle("fixtures/study-lab.json", 30), "fixtures/study-lab.json");
        assert_eq!(middle("fixtures/study-lab.json", 11), "fixtu….json");
        assert_eq!(middle("운영-클러스터", 7), "운…스터");
        assert_eq!(middle("abc", 0), "");
    }

    #[test]
    fn a_text_stands_beside_the_row_or_below_it() {
        let row = |width| {
            beside_or_below("high  an-id ", 12, "A title that is longer than the column is wide", width, 6)
        };
        assert_eq!(row(80), "high  an-id   A title that is longer than the column is wide\n");
        assert_eq!(row(54), "high  an-id   A title that is longer than the column\n              is wide\n");
        assert_eq!(row(40), "high  an-id\n      A title that is longer than the\n      column is wide\n");
    }

    proptest::proptest! {
        #[test]
        fn no_word_is_lost(text in "[a-z가 ]{0,80}", width in 20_usize..120, row_width in 0_usize..60) {
            let row = "x".repeat(row_width);
            let out = beside_or_below(&row, row_width, &text, width, 4);
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            proptest::prop_assert_eq!(words(&out), words(&format!("{row} {text}")));
        }

        #[test]
        fn nothing_is_wider_than_its_column(text in "[a-z가🐳 ]{0,60}", width in 0_usize..40) {
            proptest::prop_assert!(middle(&text, width).width() <= width);
            proptest::prop_assert_eq!(left(&text, width).width(), width);
            proptest::prop_assert_eq!(right(&text, width).width(), width);
        }
    }
}
