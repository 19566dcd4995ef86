//! The picture of a cluster with the three flows, as SVG: drawn from what is explained about it.
//!
//! It is one `<svg>` element that can stand alone or inline in a page of HTML. Everything that it needs stands in
//! attributes, so that it reads well where a page may have no style; the [`STYLE`] for dark mode comes on top.
//!
//! [`build`] makes a model of the explanation, [`ways`] and [`layout`] give it lanes and places, [`lines`] the points of lines,
//! and [`paint`] writes it.

mod anchors;
mod build;
mod canvas;
mod connected;
mod description;
mod geometry;
mod layout;
mod legend;
mod lines;
mod model;
mod paint;
#[cfg(test)]
mod properties;
mod state;
mod subnets;
mod text;
mod ways;

pub use anchors::FlowAnchors;

use crate::explain::Explanation;
use crate::snapshot::ClusterType;
use geometry::MARGIN;
use paint::Painter;
use text::Font;
use ways::Ways;

/// How a picture stands in what is around it.
#[derive(Clone, Copy, Debug)]
pub struct PictureFrame<'a> {
    /// What its ids begin with: two pictures on a page need different ones. A letter, then letters, digits and `-`.
    pub id_prefix: &'a str,
    /// What arrows and boxes link to; without it they are no links.
    pub anchors: Option<&'a FlowAnchors>,
    /// Whether [`STYLE`] is within the picture. A page that has it in its own style sheet says no.
    pub has_style: bool,
}

/// The colours of dark mode, for the style sheet of a page. It names only classes that begin with `pic-`.
pub const STYLE: &str = include_str!("style.css");

/// How many lines a note has.
const NOTE_LINES: usize = 2;

/// The picture of a cluster.
pub fn svg(explanation: &Explanation, frame: &PictureFrame<'_>) -> String {
    let model = build::model(explanation, frame);
    let title = format!("{}: its network and its traffic flows", model.name);
    let description = description::description(&model);
    if explanation.kind == ClusterType::Connected {
        return connected::paint(&model, frame, &title, &description);
    }
    let ways = Ways::of(&model);
    let width = layout::layout(&model, &ways, 0).width;
    let notes = notes(&model.notes, width - 2 * MARGIN);
    let layout = layout::layout(&model, &ways, i32::try_from(notes.len()).unwrap_or_default());
    let lines = lines::lines(&model, &ways, &layout);
    Painter::new(&model, &layout, frame, (&title, &description)).paint(&lines, &notes)
}

fn notes(notes: &[String], room: i32) -> Vec<String> {
    notes.iter().flat_map(|note| Font::BODY.wrapped(note, room, NOTE_LINES)).collect()
}
