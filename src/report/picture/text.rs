//! How wide text is, and what is shown of text that is wider than its place.
//!
//! Who looks at the picture has a font that nobody knows, so the widths are those of the widest that are common: the greater of
//! DejaVu Sans and Liberation Sans, and a full em for East Asian letters.

use crate::report::printable;
use crate::text::bounded_name;
use crate::value::addressed::addressed;
use unicode_width::UnicodeWidthChar;

/// The width of the characters from U+0020 to U+007E, in thousandths of the size of the font.
const REGULAR: [u16; 95] = [
    317, 400, 459, 837, 636, 950, 779, 274, 390, 390, 500, 837, 317, 360, 317, 336, 636, 636, 636, 636, 636,
    636, 636, 636, 636, 636, 336, 336, 837, 837, 837, 556, 1015, 684, 686, 722, 770, 666, 610, 777, 751, 294,
    500, 666, 557, 862, 748, 787, 666, 787, 722, 666, 610, 731, 684, 988, 685, 666, 685, 390, 336, 390, 837,
    556, 500, 612, 634, 549, 634, 615, 352, 634, 633, 277, 277, 579, 277, 974, 633, 611, 634, 634, 411, 520,
    392, 633, 591, 817, 591, 591, 524, 636, 336, 636, 837,
];
/// The same in bold.
const BOLD: [u16; 95] = [
    348, 456, 520, 837, 695, 1001, 872, 306, 457, 457, 522, 837, 379, 415, 379, 365, 695, 695, 695, 695, 695,
    695, 695, 695, 695, 695, 399, 399, 837, 837, 837, 610, 1000, 773, 762, 733, 830, 683, 683, 820, 836, 372,
    556, 774, 637, 995, 836, 850, 732, 850, 770, 720, 682, 812, 773, 1103, 770, 724, 725, 457, 365, 457, 837,
    556, 500, 674, 715, 592, 715, 678, 435, 715, 711, 342, 342, 665, 342, 1041, 711, 687, 715, 715, 493, 595,
    478, 711, 651, 923, 645, 651, 582, 711, 365, 711, 837,
];
/// What stands for text that is left out.
const CUT: char = '…';
/// The longest text that is looked at, in characters: no place is as wide.
const MAX_CHARS: usize = 400;

/// A size, in pixels, and whether it is bold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Font {
    pub(super) size: i32,
    pub(super) is_bold: bool,
}

impl Font {
    pub(super) const TITLE: Self = Self { size: 20, is_bold: true };
    pub(super) const HEADING: Self = Self { size: 14, is_bold: true };
    pub(super) const NAME: Self = Self { size: 12, is_bold: true };
    pub(super) const BODY: Self = Self { size: 12, is_bold: false };
    pub(super) const SMALL: Self = Self { size: 11, is_bold: false };
    pub(super) const LETTER: Self = Self { size: 11, is_bold: true };

    /// The width of a text in pixels, rounded up.
    pub(super) fn width(self, text: &str) -> i32 {
        let total: i64 = text.chars().map(|c| i64::from(self.advance(c))).sum();
        i32::try_from((total * i64::from(self.size) + 999) / 1000).unwrap_or(i32::MAX)
    }

    fn advance(self, c: char) -> u16 {
        let table = if self.is_bold { &BOLD } else { &REGULAR };
        let ascii = u32::from(c).checked_sub(0x20).and_then(|at| table.get(at as usize));
        match (ascii, c, c.width()) {
            (Some(width), ..) => *width,
            (None, '·', _) => 400,
            // Marks take no room, but nobody needs many of them.
            (None, _, None | Some(0)) => 100,
            (None, '\u{1100}'..='\u{D7FF}' | '\u{F900}'..='\u{FFEF}', Some(2)) => 1000,
            (None, _, Some(1)) => 1115,
            (None, ..) => 1300,
        }
    }

    /// The text, or so much of its beginning and its end as there is room for.
    pub(super) fn fitted(self, text: &str, room: i32) -> String {
        let head: Vec<char> = text.chars().take(MAX_CHARS + 1).collect();
        if head.len() <= MAX_CHARS && self.width(text) <= room {
            return text.to_owned();
        }
        let tail: Vec<char> = text.chars().rev().take(MAX_CHARS).collect();
        let budget = i64::from(room) * 1000 / i64::from(self.size) - i64::from(self.advance(CUT));
        let (mut used, mut first, mut last) = (0_i64, 0, 0);
        loop {
            // The end of a name says as much as its beginning.
            let from_head = first <= last;
            let next = if from_head { head.get(first) } else { tail.get(last) };
            let Some(next) = next else { break };
            used += i64::from(self.advance(*next));
            if used > budget || first + last + 1 >= head.len() {
                break;
            }
            if from_head { first += 1 } else { last += 1 }
        }
        let head = head.iter().take(first);
        let end: Vec<char> = tail.iter().take(last).rev().copied().collect();
        head.chain([&CUT]).chain(&end).collect()
    }

    /// The beginning of a text that goes on.
    fn begun(self, text: &str, room: i32) -> String {
        let mut text = self.fitted(text, room);
        while self.width(&text) + self.width("…") > room && text.pop().is_some() {}
        text.push(CUT);
        text
    }

    /// The text in lines of whole words, of which the last says if there is more.
    pub(super) fn wrapped(self, text: &str, room: i32, lines: usize) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for word in text.split_whitespace().take(MAX_CHARS) {
            let is_full = all.len() > lines;
            let longer =
                all.last().map(|line| format!("{line} {word}")).filter(|line| self.width(line) <= room);
            match (longer, all.last_mut()) {
                (Some(longer), Some(last)) => *last = longer,
                _ if is_full => break,
                _ => all.push(word.to_owned()),
            }
        }
        if all.len() > lines {
            all.truncate(lines);
            if let Some(last) = all.last_mut() {
                *last = self.begun(last, room);
            }
        }
        all.iter().map(|line| self.fitted(line, room)).collect()
    }
}

/// Text of a cluster's owner, as people read it and safe to show.
pub(super) fn shown(text: &str) -> String {
    bounded_name(&printable(&addressed(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_cut_in_the_middle() {
        let font = Font::NAME;
        assert_eq!(font.fitted("subnet-01334a4707606742f", 250), "subnet-01334a4707606742f");
        let cut = font.fitted("eks-cluster-with-a-rather-long-name-prod", 200);
        assert!(cut.starts_with("eks-cluster") && cut.ends_with("-prod") && cut.contains('…'), "{cut}");
        for (text, room) in [("팀".repeat(50), 90), ("a".repeat(10_000), 60), ("e\u{301}".repeat(900), 80)] {
            let cut = font.fitted(&text, room);
            assert!(font.width(&cut) <= room && cut.chars().count() > 3, "{cut}");
        }
    }

    #[test]
    fn sentences_become_lines() {
        let lines =
            Font::SMALL.wrapped("the private endpoint admits 443 only from sg-004dc2af1d593738c", 180, 3);
        assert_eq!(lines, ["the private endpoint admits 443", "only from", "sg-004dc2af1d593738c"]);
        assert_eq!(Font::SMALL.wrapped("one two three four", 34, 2), ["one", "two…"]);
        assert!(Font::SMALL.wrapped("", 30, 2).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_wider_than_its_room(text in ".{0,200}", room in 20_i32..400) {
            for font in [Font::NAME, Font::SMALL, Font::TITLE] {
                proptest::prop_assert!(font.width(&font.fitted(&text, room)) <= room.max(font.width("…")));
                for line in font.wrapped(&text, room, 3) {
                    proptest::prop_assert!(font.width(&line) <= room.max(font.width("…")));
                }
            }
        }
    }
}
