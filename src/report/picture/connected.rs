//! The picture of a connected cluster, whose control plane is elsewhere: AWS knows no network of it.

use super::PictureFrame;
use super::canvas::{Canvas, Ink};
use super::geometry::{LINE, MARGIN, PAD, Point, Rect};
use super::legend;
use super::model::{EndModel, PictureModel};
use super::paint::{API, DOUBT, GROUND, INNER, PLANE, UNCLEAR};
use super::text::Font;
use crate::report::flow_tone::FlowTone;

const WIDTH: i32 = 960;
const TOP: i32 = MARGIN + 64;
const AWS: Rect = Rect { x: MARGIN, y: TOP, w: 250, h: 136 };
const AWS_BOX: Rect = Rect { x: MARGIN + PAD, y: TOP + 34, w: 226, h: 84 };
const ELSEWHERE: Rect = Rect { x: 310, y: TOP, w: 330, h: 300 };
const SERVER: Rect = Rect { x: 332, y: TOP + 34, w: 286, h: 84 };
const NODES: Rect = Rect { x: 332, y: TOP + 190, w: 286, h: 94 };
const KUBECTL: Rect = Rect { x: 720, y: TOP + 34, w: 216, h: 104 };

/// Draws it.
pub(super) fn paint(
    model: &PictureModel,
    frame: &PictureFrame<'_>,
    title: &str,
    description: &str,
) -> String {
    let legend_top = TOP + ELSEWHERE.h + MARGIN;
    let height = legend_top + legend::height(WIDTH) + MARGIN;
    let mut canvas = Canvas::begin(frame, (WIDTH, height), title, description);
    if frame.has_style {
        canvas.style(super::STYLE);
    }
    canvas.rect(Rect { x: 0, y: 0, w: WIDTH, h: height }, &GROUND);
    canvas.text((MARGIN, MARGIN + 18), Font::TITLE, Ink::Text, &model.name, WIDTH - 2 * MARGIN);
    canvas.text((MARGIN, MARGIN + 40), Font::BODY, Ink::Quiet, &model.about, WIDTH - 2 * MARGIN);
    canvas.rect(AWS, &PLANE);
    canvas.text((AWS.x + PAD, AWS.y + 22), Font::HEADING, Ink::Text, "AWS", AWS.w - 2 * PAD);
    named(&mut canvas, AWS_BOX, "registered cluster", &["AWS shows what is in it,", "and does not run it"]);
    canvas.rect(ELSEWHERE, &UNCLEAR);
    let place = (ELSEWHERE.x + PAD, ELSEWHERE.y + 22);
    canvas.text(place, Font::HEADING, Ink::Text, "the network of the cluster", ELSEWHERE.w - 2 * PAD);
    canvas.rect(SERVER, &API);
    text(&mut canvas, SERVER, "API server", &["its control plane is elsewhere"]);
    let mut ends = model.others.iter();
    for rect in [NODES, KUBECTL] {
        let Some(end) = ends.next() else { break };
        end_box(&mut canvas, rect, end);
        for (at, chip) in end.chips.iter().enumerate() {
            let shift = 70 + 110 * i32::try_from(at).unwrap_or_default();
            let line = if rect == NODES {
                let (above, below) = ((SERVER.x + shift, SERVER.bottom()), (SERVER.x + shift, NODES.y));
                if chip.letter == 'A' { [above, below] } else { [below, above] }
            } else {
                [(KUBECTL.x, SERVER.y + 42), (SERVER.right(), SERVER.y + 42)]
            };
            way(&mut canvas, line, chip.letter);
        }
    }
    legend::paint(&mut canvas, WIDTH, legend_top);
    canvas.end()
}

fn named(canvas: &mut Canvas, rect: Rect, title: &str, lines: &[&str]) {
    canvas.rect(rect, &INNER);
    text(canvas, rect, title, lines);
}

fn text(canvas: &mut Canvas, rect: Rect, title: &str, lines: &[&str]) {
    let (x, room) = (rect.x + PAD, rect.w - 2 * PAD);
    canvas.text((x, rect.y + 24), Font::HEADING, Ink::Text, title, room);
    let mut y = rect.y + 42;
    for line in lines {
        canvas.text((x, y), Font::SMALL, Ink::Quiet, line, room);
        y += LINE;
    }
}

/// Nodes or kubectl, with why nothing is known of their traffic.
fn end_box(canvas: &mut Canvas, rect: Rect, end: &EndModel) {
    canvas.rect(rect, &DOUBT);
    let (x, room) = (rect.x + PAD, rect.w - 2 * PAD);
    let letters: Vec<String> = end.chips.iter().map(|chip| chip.letter.to_string()).collect();
    let title = format!("{}: {} unknown", end.title, letters.join(" and "));
    canvas.text((x, rect.y + 22), Font::NAME, Ink::State(FlowTone::Unknown), &title, room);
    let mut y = rect.y + 40;
    for line in &end.lines {
        canvas.text((x, y), Font::SMALL, Ink::Quiet, line, room);
        y += LINE;
    }
}

fn way(canvas: &mut Canvas, line: [Point; 2], letter: char) {
    let state = FlowTone::Unknown;
    let text = letter.to_string();
    let attributes = [("class", "pic-way"), ("data-flow", text.as_str()), ("data-state", state.as_str())];
    canvas.open(&attributes, "");
    canvas.line(&line, state);
    canvas.close();
    canvas.head(line[1], line[0], Some(state));
    canvas.letter(((line[0].0 + line[1].0) / 2, (line[0].1 + line[1].1) / 2), letter, state);
}
