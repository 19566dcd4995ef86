//! SVG as text. What a shape looks like stands in its attributes; its class is for dark mode only.

use super::PictureFrame;
use super::geometry::{Point, Rect};
use super::text::Font;
use crate::report::flow_tone::FlowTone;
use crate::report::printable;
use quick_xml::escape::escape;
use std::fmt::Write as _;

/// The fonts, also for Korean.
const FONTS: &str = "system-ui, 'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans CJK KR', 'Noto Sans KR', NanumGothic, sans-serif";

/// The colours of what text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Text,
    Quiet,
    State(FlowTone),
}

impl Ink {
    fn class(self) -> String {
        match self {
            Self::Text => "pic-text".to_owned(),
            Self::Quiet => "pic-quiet".to_owned(),
            Self::State(state) => format!("pic-ink-{}", state.as_str()),
        }
    }

    fn colour(self) -> &'static str {
        match self {
            Self::Text => "#1f2328",
            Self::Quiet => "#4d5661",
            Self::State(state) => state.colour(),
        }
    }
}

/// What a box is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BoxLook {
    pub(super) class: &'static str,
    pub(super) fill: &'static str,
    pub(super) stroke: &'static str,
    /// In tenths of a pixel.
    pub(super) line: i32,
    pub(super) dash: Option<&'static str>,
    pub(super) corner: i32,
}

/// A picture that is being written.
#[derive(Clone, Debug, Default)]
pub(super) struct Canvas {
    text: String,
}

impl Canvas {
    /// The beginning of a picture: what it is of, for those who do not see it.
    pub(super) fn begin(
        frame: &PictureFrame<'_>,
        (width, height): Point,
        title: &str,
        description: &str,
    ) -> Self {
        let mut canvas = Self::default();
        let id = frame.id_prefix;
        // What is in an image is hidden from screen readers, and so would be its links.
        let role = if frame.anchors.is_some() { "group" } else { "img" };
        canvas.push(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"{role}\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" aria-labelledby=\"{id}-title {id}-desc\" font-family=\"{FONTS}\">\n\
             <title id=\"{id}-title\">{}</title>\n<desc id=\"{id}-desc\">{}</desc>",
            escaped(title),
            escaped(description)
        ));
        canvas
    }

    fn push(&mut self, line: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.text, "{line}");
    }

    /// A style sheet, of the program's own.
    pub(super) fn style(&mut self, style: &str) {
        self.push(format_args!("<style>{style}</style>"));
    }

    /// A rectangle.
    pub(super) fn rect(&mut self, rect: Rect, look: &BoxLook) {
        let Rect { x, y, w, h } = rect;
        let dash = look.dash.map(|dash| format!(" stroke-dasharray=\"{dash}\"")).unwrap_or_default();
        let BoxLook { class, fill, stroke, line, corner, .. } = look;
        let line = tenths(*line);
        self.push(format_args!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"{corner}\" fill=\"{fill}\" \
             stroke=\"{stroke}\" stroke-width=\"{line}\"{dash}/>"
        ));
    }

    /// A line of text that begins at a point, or so much of it as there is room for.
    pub(super) fn text(&mut self, (x, y): Point, font: Font, ink: Ink, text: &str, room: i32) {
        let fitted = font.fitted(text, room);
        let whole = if fitted == text { String::new() } else { format!("<title>{}</title>", escaped(text)) };
        let bold = if font.is_bold { " font-weight=\"bold\"" } else { "" };
        self.push(format_args!(
            "<text class=\"{}\" x=\"{x}\" y=\"{y}\" font-size=\"{}\"{bold} fill=\"{}\">{whole}{}</text>",
            ink.class(),
            font.size,
            ink.colour(),
            escaped(&fitted)
        ));
    }

    /// A line from point to point with round corners, in the manner of its state.
    pub(super) fn line(&mut self, points: &[Point], state: FlowTone) {
        let dash = state.dash().map(|dash| format!(" stroke-dasharray=\"{dash}\"")).unwrap_or_default();
        self.push(format_args!(
            "<path class=\"pic-line-{}\" d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2.5\"{dash}/>",
            state.as_str(),
            rounded(points),
            state.colour()
        ));
    }

    /// A line without a state.
    pub(super) fn plain_line(&mut self, points: &[Point]) {
        self.push(format_args!(
            "<path class=\"pic-line\" d=\"{}\" fill=\"none\" stroke=\"#4d5661\" stroke-width=\"1.5\"/>",
            rounded(points)
        ));
    }

    /// The head of an arrow that ends at a point and comes from another one.
    pub(super) fn head(&mut self, (x, y): Point, from: Point, state: Option<FlowTone>) {
        let (dx, dy) = ((x - from.0).signum(), (y - from.1).signum());
        let (back, side) = (10, 5);
        let corner = |sign: i32| (x - dx * back + dy * side * sign, y - dy * back + dx * side * sign);
        let ((ax, ay), (bx, by)) = (corner(1), corner(-1));
        let (class, colour) = match state {
            Some(state) => (Ink::State(state).class(), state.colour()),
            None => ("pic-quiet".to_owned(), "#4d5661"),
        };
        self.push(format_args!(
            "<path class=\"{class}\" d=\"M{x} {y}L{ax} {ay}L{bx} {by}Z\" fill=\"{colour}\"/>"
        ));
    }

    /// A letter in a disc.
    pub(super) fn letter(&mut self, at: Point, letter: char, state: FlowTone) {
        let class = format!("pic-disc-{}", state.as_str());
        self.disc(at, letter, (&class, state.colour()), Ink::State(state));
    }

    /// A letter in a disc without a state.
    pub(super) fn plain_letter(&mut self, at: Point, letter: char) {
        self.disc(at, letter, ("pic-disc", "#4d5661"), Ink::Text);
    }

    fn disc(&mut self, (x, y): Point, letter: char, (class, stroke): (&str, &str), ink: Ink) {
        let (letter, font) = (letter.to_string(), Font::LETTER);
        let width = font.width(&letter);
        self.push(format_args!(
            "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"8\" fill=\"#ffffff\" stroke=\"{stroke}\" \
             stroke-width=\"1.5\"/>"
        ));
        self.text((x - width / 2, y + 4), font, ink, &letter, width);
    }

    /// What says that nothing gets through.
    pub(super) fn cross(&mut self, (x, y): Point) {
        let state = FlowTone::Stopped;
        let d = format!("M{} {}L{} {}M{} {}L{} {}", x - 6, y - 6, x + 6, y + 6, x - 6, y + 6, x + 6, y - 6);
        self.push(format_args!(
            "<path class=\"pic-line-{}\" d=\"{d}\" fill=\"none\" stroke=\"{}\" stroke-width=\"3\"/>",
            state.as_str(),
            state.colour()
        ));
    }

    /// Begins what belongs together: its attributes, and what it says where a pointer rests on it.
    pub(super) fn open(&mut self, attributes: &[(&str, &str)], title: &str) {
        let attributes: String =
            attributes.iter().map(|(name, value)| format!(" {name}=\"{}\"", escaped(value))).collect();
        let title =
            if title.is_empty() { String::new() } else { format!("<title>{}</title>", escaped(title)) };
        self.push(format_args!("<g{attributes}>{title}"));
    }

    pub(super) fn close(&mut self) {
        self.push(format_args!("</g>"));
    }

    /// Begins a link to an id of the page, if there is one.
    pub(super) fn open_link(&mut self, anchor: Option<&str>) {
        if let Some(anchor) = anchor {
            self.push(format_args!("<a href=\"#{}\">", escaped(anchor)));
        }
    }

    /// Begins the same link once more, for a pointer only: who has none gets there by the words of the box.
    pub(super) fn open_link_again(&mut self, anchor: Option<&str>) {
        if let Some(anchor) = anchor {
            self.push(format_args!("<a href=\"#{}\" tabindex=\"-1\" aria-hidden=\"true\">", escaped(anchor)));
        }
    }

    pub(super) fn close_link(&mut self, anchor: Option<&str>) {
        if anchor.is_some() {
            self.push(format_args!("</a>"));
        }
    }

    /// The picture.
    pub(super) fn end(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }
}

/// Text for XML. Two characters that can be printed are none of XML.
fn escaped(text: &str) -> String {
    escape(printable(text).replace(['\u{FFFE}', '\u{FFFF}'], "\u{FFFD}").as_str()).into_owned()
}

fn tenths(value: i32) -> String {
    if value % 10 == 0 { (value / 10).to_string() } else { format!("{}.{}", value / 10, value % 10) }
}

/// A path whose corners are round.
fn rounded(points: &[Point]) -> String {
    const RADIUS: i32 = 7;
    let Some(((x, y), rest)) = points.split_first() else { return String::new() };
    let mut path = format!("M{x} {y}");
    let mut last = (*x, *y);
    for (at, point) in rest.iter().enumerate() {
        let length = |a: Point, b: Point| (a.0 - b.0).abs() + (a.1 - b.1).abs();
        match rest.get(at + 1) {
            Some(next) => {
                let radius = RADIUS.min(length(last, *point) / 2).min(length(*point, *next) / 2);
                let towards = |a: Point| {
                    (point.0 + (a.0 - point.0).signum() * radius, point.1 + (a.1 - point.1).signum() * radius)
                };
                let ((ax, ay), (bx, by)) = (towards(last), towards(*next));
                let _ = write!(path, "L{ax} {ay}Q{} {} {bx} {by}", point.0, point.1);
            }
            None => {
                let _ = write!(path, "L{} {}", point.0, point.1);
            }
        }
        last = *point;
    }
    path
}
