//! Texts that fit into columns of a terminal. Widths are in columns: East Asian characters and emoji take two.

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

    proptest::proptest! {
        #[test]
        fn nothing_is_wider_than_its_column(text in "[a-z가🐳 ]{0,60}", width in 0_usize..40) {
            proptest::prop_assert!(middle(&text, width).width() <= width);
            proptest::prop_assert_eq!(left(&text, width).width(), width);
            proptest::prop_assert_eq!(right(&text, width).width(), width);
        }
    }
}
