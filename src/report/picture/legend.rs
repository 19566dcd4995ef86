//! The legend: what a dash and a letter mean.

use super::canvas::{Canvas, Ink};
use super::geometry::MARGIN;
use super::text::Font;
use crate::report::flow_tone::FlowTone;

/// The height of a row.
const ROW: i32 = 24;
/// Between two entries.
const BETWEEN: i32 = 26;
/// The lengths of a sample of a line, and of a letter.
const SAMPLE: i32 = 44;
const DISC: i32 = 16;

/// The flows, by their letters.
const LETTERS: [(char, &str); 3] = [
    ('A', "API server to kubelet, port 10250"),
    ('B', "kubelet to API server, port 443"),
    ('C', "kubectl to API server, port 443"),
];

/// An entry: a line or a letter, and what it means.
#[derive(Clone, Copy, Debug)]
enum LegendEntry {
    Line(FlowTone),
    Letter(char, &'static str),
}

impl LegendEntry {
    fn text(self) -> &'static str {
        match self {
            Self::Line(state) => state.legend(),
            Self::Letter(_, text) => text,
        }
    }

    fn sample(self) -> i32 {
        match self {
            Self::Line(_) => SAMPLE,
            Self::Letter(..) => DISC,
        }
    }

    fn width(self) -> i32 {
        self.sample() + 8 + Font::BODY.width(self.text())
    }
}

/// The entries with their places, in as many rows as the width needs: lines first, then letters.
fn placed(width: i32) -> Vec<(LegendEntry, i32, i32)> {
    let lines: Vec<_> = FlowTone::ALL.into_iter().map(LegendEntry::Line).collect();
    let letters: Vec<_> =
        LETTERS.into_iter().map(|(letter, text)| LegendEntry::Letter(letter, text)).collect();
    let (mut placed, mut y) = (Vec::new(), 0);
    for entries in [lines, letters] {
        let mut x = MARGIN;
        for entry in entries {
            if x > MARGIN && x + entry.width() > width - MARGIN {
                (x, y) = (MARGIN, y + ROW);
            }
            placed.push((entry, x, y));
            x += entry.width() + BETWEEN;
        }
        y += ROW;
    }
    placed
}

/// The height of the legend of a picture of that width.
pub(super) fn height(width: i32) -> i32 {
    placed(width).last().map_or(0, |(.., y)| y + ROW)
}

/// Draws it.
pub(super) fn paint(canvas: &mut Canvas, width: i32, top: i32) {
    for (entry, x, y) in placed(width) {
        let y = top + y + ROW / 2;
        match entry {
            LegendEntry::Line(state) => {
                canvas.line(&[(x, y), (x + SAMPLE, y)], state);
                if state == FlowTone::Stopped {
                    canvas.cross((x + SAMPLE / 2, y));
                }
            }
            LegendEntry::Letter(letter, _) => canvas.plain_letter((x + DISC / 2, y), letter),
        }
        let text = entry.text();
        canvas.text((x + entry.sample() + 8, y + 4), Font::BODY, Ink::Text, text, Font::BODY.width(text));
    }
}
