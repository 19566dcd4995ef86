//! Draws a picture: backgrounds, then lines, then boxes with their text, then arrows and letters.

use super::PictureFrame;
use super::canvas::{BoxLook, Canvas, Ink};
use super::geometry::{LINE, MARGIN, PAD, Rect};
use super::layout::{CHIP, Layout, head_height};
use super::legend;
use super::lines::PlacedLine;
use super::model::{Band, Chip, EndModel, GatewayModel, PictureModel, Spot, StackModel};
use super::text::Font;
use crate::explain::PlaneInterfaces;
use crate::report::flow_tone::FlowTone;

const fn look(class: &'static str, fill: &'static str, stroke: &'static str, line: i32) -> BoxLook {
    BoxLook { class, fill, stroke, line, dash: None, corner: 6 }
}

pub(super) const PLANE: BoxLook =
    BoxLook { dash: Some("7 5"), corner: 10, ..look("pic-plane", "#f4f5f7", "#4d5661", 15) };
const VPC: BoxLook = BoxLook { corner: 10, ..look("pic-vpc", "#ffffff", "#0b4f8a", 20) };
const ZONE: BoxLook = BoxLook { corner: 8, ..look("pic-zone", "#f4f6f8", "#d5dae0", 10) };
const PUBLIC: BoxLook = look("pic-public", "#e9f6ec", "#5d9b6c", 15);
const PRIVATE: BoxLook = look("pic-private", "#e6f1fb", "#5b8fc2", 15);
pub(super) const UNCLEAR: BoxLook =
    BoxLook { dash: Some("3 4"), ..look("pic-unclear", "#f3f0f8", "#85789f", 15) };
pub(super) const INNER: BoxLook = look("pic-box", "#ffffff", "#4d5661", 12);
pub(super) const API: BoxLook = look("pic-api", "#ffffff", "#1f2328", 20);
const GONE: BoxLook = BoxLook { dash: Some("3 4"), ..look("pic-gone", "#f4f5f7", "#6a737d", 12) };
const PERHAPS: BoxLook = BoxLook { dash: Some("5 4"), ..INNER };
/// Where something is stopped, and where something is not known.
const BAD: BoxLook = BoxLook { line: 20, ..look("pic-box-stopped", "#ffffff", "#b3131f", 20) };
pub(super) const DOUBT: BoxLook =
    BoxLook { dash: Some("4 4"), ..look("pic-box-unknown", "#ffffff", "#6639ba", 16) };
/// All of them.
#[cfg(test)]
pub(super) const LOOKS: &[BoxLook] =
    &[PLANE, VPC, ZONE, PUBLIC, PRIVATE, UNCLEAR, INNER, API, GONE, PERHAPS, BAD, DOUBT, GROUND];
/// Between the boxes of a column and its edge.
const ROOM: i32 = 8;
/// Behind everything.
pub(super) const GROUND: BoxLook = BoxLook { corner: 0, ..look("pic-ground", "#ffffff", "none", 0) };

/// Draws a picture.
pub(super) struct Painter<'p> {
    model: &'p PictureModel,
    layout: &'p Layout,
    canvas: Canvas,
}

impl<'p> Painter<'p> {
    /// Begins a picture with its title, and with its description for who does not see it.
    pub(super) fn new(
        model: &'p PictureModel,
        layout: &'p Layout,
        frame: &PictureFrame<'_>,
        (title, description): (&str, &str),
    ) -> Self {
        let size = (layout.width, layout.height);
        let mut canvas = Canvas::begin(frame, size, title, description);
        if frame.has_style {
            canvas.style(super::STYLE);
        }
        Self { model, layout, canvas }
    }

    /// Draws it.
    pub(super) fn paint(mut self, lines: &[PlacedLine<'_>], notes: &[String]) -> String {
        self.grounds();
        self.lines(lines);
        self.boxes();
        self.marks(lines);
        self.foot(notes);
        self.canvas.end()
    }

    fn at(&self, spot: Spot) -> Rect {
        self.layout.boxes.get(&spot).copied().unwrap_or_default()
    }

    fn grounds(&mut self) {
        let (layout, model) = (self.layout, self.model);
        let whole = Rect { x: 0, y: 0, w: layout.width, h: layout.height };
        let room = layout.width - 2 * MARGIN;
        self.canvas.rect(whole, &GROUND);
        self.canvas.text((MARGIN, MARGIN + 18), Font::TITLE, Ink::Text, &model.name, room);
        self.canvas.text((MARGIN, MARGIN + 40), Font::BODY, Ink::Quiet, &model.about, room);
        self.canvas.rect(layout.plane, &PLANE);
        self.heading(layout.plane, 22, &model.plane, layout.plane.w - 2 * PAD);
        self.canvas.rect(layout.vpc, &VPC);
        let first = layout.zones.first().copied().unwrap_or_default();
        let room = first.right() - layout.vpc.x - PAD;
        self.heading(layout.vpc, 26, &model.vpc, room);
        let place = (layout.vpc.x + PAD, layout.vpc.y + 44);
        self.canvas.text(place, Font::BODY, Ink::Quiet, &model.vpc_blocks, room);
        for (at, zone) in layout.zones.iter().enumerate() {
            self.canvas.rect(around(*zone), &ZONE);
            let title = model.zones.get(at).map_or("subnets: not known", String::as_str);
            self.heading(*zone, 20, title, zone.w - PAD);
        }
        if model.zones.is_empty() {
            self.lines_below(layout.zones.first().copied().unwrap_or_default(), 44, &model.no_subnets);
        }
        self.canvas.rect(around(layout.anywhere), &ZONE);
        self.heading(layout.anywhere, 20, "anywhere in the VPC", layout.anywhere.w - 2 * PAD);
        for at in 0..model.subnets.len() {
            self.subnet(at);
        }
    }

    fn heading(&mut self, rect: Rect, down: i32, text: &str, room: i32) {
        self.canvas.text((rect.x + PAD, rect.y + down), Font::HEADING, Ink::Text, text, room);
    }

    fn subnet(&mut self, at: usize) {
        let (subnet, rect) = (&self.model.subnets[at], self.layout.subnets[at]);
        let look = match subnet.band {
            Band::Public => &PUBLIC,
            Band::Private => &PRIVATE,
            Band::Unknown => &UNCLEAR,
        };
        self.canvas.rect(rect, look);
        let (x, room) = (rect.x + PAD, rect.w - 2 * PAD);
        let mut y = rect.y + PAD + 10;
        self.canvas.text((x, y), Font::NAME, Ink::Text, &subnet.id, room);
        for line in &subnet.lines {
            y += LINE;
            self.canvas.text((x, y), Font::SMALL, Ink::Quiet, line, room);
        }
        debug_assert!(y < rect.y + head_height(subnet), "the head has room for its lines");
    }

    fn lines(&mut self, lines: &[PlacedLine<'_>]) {
        let (api, public) = (self.at(Spot::Api), self.at(Spot::Public));
        if self.model.public.is_on {
            let y = api.y + api.h / 2;
            self.canvas.plain_line(&[(public.x, y), (api.right(), y)]);
            self.canvas.head((api.right(), y), (public.x, y), None);
        }
        for line in lines {
            let segment = line.segment;
            let anchor = segment.anchor.as_deref();
            self.canvas.open_link_again(anchor);
            let letter = segment.letter.to_string();
            let (from, to) = (segment.from.name(), segment.to.name());
            let attributes = [
                ("class", "pic-way"),
                ("data-flow", &*letter),
                ("data-state", segment.state.as_str()),
                ("data-from", &*from),
                ("data-to", &*to),
            ];
            self.canvas.open(&attributes, &segment.words);
            self.canvas.line(&line.drawn, segment.state);
            self.canvas.close();
            self.canvas.close_link(anchor);
        }
    }

    fn boxes(&mut self) {
        let model = self.model;
        self.api();
        for (at, gateway) in model.gateways.iter().enumerate() {
            self.gateway(Spot::Gateway(at), gateway);
        }
        for (at, gateway) in model.nats.iter().enumerate() {
            if self.layout.boxes.contains_key(&Spot::Nat(at)) {
                self.gateway(Spot::Nat(at), gateway);
            }
        }
        for (at, subnet) in model.subnets.iter().enumerate() {
            let is_certain = match subnet.interfaces {
                PlaneInterfaces::None => None,
                PlaneInterfaces::Possible => Some(false),
                PlaneInterfaces::Found => Some(true),
            };
            if let Some(is_certain) = is_certain {
                self.interface(at, is_certain);
            }
            for (stack, nodes) in subnet.stacks.iter().enumerate() {
                self.stack(Spot::Stack(at, stack), &subnet.id, nodes);
            }
        }
        for end in model.kubectl.iter().chain(&model.others) {
            self.end(end);
        }
        self.endpoints();
    }

    fn api(&mut self) {
        let rect = self.at(Spot::Api);
        self.canvas.rect(rect, &API);
        self.heading(rect, 24, "API server", rect.w - 2 * PAD);
        self.lines_below(rect, 42, &self.model.api);
        let rect = self.at(Spot::Public);
        self.canvas.rect(rect, if self.model.public.is_on { &API } else { &GONE });
        self.heading(rect, 24, "public endpoint", rect.w - 2 * PAD);
        self.lines_below(rect, 42, &self.model.public.lines);
    }

    fn lines_below(&mut self, rect: Rect, down: i32, lines: &[String]) -> i32 {
        let mut y = rect.y + down;
        for line in lines {
            self.canvas.text((rect.x + PAD, y), Font::BODY, Ink::Quiet, line, rect.w - 2 * PAD);
            y += LINE;
        }
        y
    }

    fn gateway(&mut self, spot: Spot, gateway: &GatewayModel) {
        let rect = self.at(spot);
        self.canvas.rect(rect, &INNER);
        let (x, room) = (rect.x + PAD, rect.w - 2 * PAD);
        self.canvas.text((x, rect.y + 18), Font::NAME, Ink::Text, &gateway.title, room);
        for (at, line) in
            [&gateway.id, &gateway.address].into_iter().filter(|line| !line.is_empty()).enumerate()
        {
            let y = rect.y + 34 + LINE * i32::from(at > 0);
            self.canvas.text((x, y), Font::SMALL, Ink::Quiet, line, room);
        }
    }

    fn interface(&mut self, at: usize, is_certain: bool) {
        let rect = self.at(Spot::Interface(at));
        self.canvas.rect(rect, if is_certain { &INNER } else { &PERHAPS });
        let text = if is_certain { "EKS-owned interface" } else { "EKS-owned interface: may be here" };
        let place = (rect.x + PAD, rect.y + rect.h / 2 + 4);
        self.canvas.text(place, Font::NAME, Ink::Text, text, rect.w - 2 * PAD);
    }

    fn stack(&mut self, spot: Spot, subnet: &str, stack: &StackModel) {
        let rect = self.at(spot);
        self.canvas.rect(rect, by_state(&stack.chips));
        let (x, room) = (rect.x + PAD, rect.w - 2 * PAD);
        let mut y = rect.y + PAD + 8;
        let place = spot.name();
        let verdict =
            |letter| stack.chips.iter().find(|chip| chip.letter == letter).map_or("", |chip| chip.verdict);
        for node in &stack.nodes {
            let attributes = [
                ("class", "pic-nodes"),
                ("data-kind", node.end.as_str()),
                ("data-name", &*node.name),
                ("data-subnet", subnet),
                ("data-box", &*place),
                ("data-a", verdict('A')),
                ("data-b", verdict('B')),
            ];
            self.canvas.open_link(node.anchor.as_deref());
            self.canvas.open(&attributes, "");
            self.canvas.text((x, y), Font::NAME, Ink::Text, &node.title, room);
            self.canvas.close();
            self.canvas.close_link(node.anchor.as_deref());
            y += LINE;
        }
        if stack.more > 0 {
            self.canvas.text((x, y), Font::SMALL, Ink::Quiet, &format!("and {} more", stack.more), room);
            y += LINE;
        }
        self.chips((x, y + 4), &stack.chips, room);
    }

    /// Letter, dash and word of each flow.
    fn chips(&mut self, (x, y): (i32, i32), chips: &[Chip], room: i32) {
        for (at, chip) in chips.iter().enumerate() {
            let y = y + CHIP * i32::try_from(at).unwrap_or_default();
            self.canvas.open_link(chip.anchor.as_deref());
            self.canvas.open(&[], &chip.why);
            self.canvas.letter((x + 8, y), chip.letter, chip.state);
            self.canvas.line(&[(x + 20, y), (x + 50, y)], chip.state);
            self.canvas.text((x + 58, y + 4), Font::SMALL, Ink::State(chip.state), &chip.word, room - 58);
            self.canvas.close();
            self.canvas.close_link(chip.anchor.as_deref());
        }
    }

    fn end(&mut self, end: &EndModel) {
        let rect = self.at(end.spot);
        let verdict = end.chips.first().map_or("", |chip| chip.verdict);
        self.canvas.rect(rect, by_state(&end.chips));
        let (x, room) = (rect.x + PAD, rect.w - 2 * PAD);
        let mut y = rect.y + PAD + 8;
        let name = end.spot.name();
        self.canvas.open(&[("class", "pic-end"), ("data-end", &*name), ("data-c", verdict)], "");
        self.canvas.text((x, y), Font::NAME, Ink::Text, &end.title, room);
        for line in &end.lines {
            y += LINE;
            self.canvas.text((x, y), Font::SMALL, Ink::Quiet, line, room);
        }
        self.chips((x, y + LINE + 4), &end.chips, room);
        self.canvas.close();
    }

    fn endpoints(&mut self) {
        let Some(rect) = self.layout.endpoints else { return };
        self.canvas.rect(rect, &INNER);
        let (x, room) = (rect.x + PAD, rect.w - 2 * PAD);
        let mut y = rect.y + PAD + 8;
        self.canvas.text((x, y), Font::NAME, Ink::Text, "VPC endpoints", room);
        for endpoint in &self.model.endpoints {
            y += LINE;
            let ink = endpoint.state.map_or(Ink::Quiet, Ink::State);
            self.canvas.text((x, y), Font::SMALL, ink, &endpoint.text, room);
        }
    }

    /// Arrows, letters and crosses, above everything.
    fn marks(&mut self, lines: &[PlacedLine<'_>]) {
        for line in lines {
            let state = line.segment.state;
            let anchor = line.segment.anchor.as_deref();
            self.canvas.head(line.arrow.0, line.arrow.1, Some(state));
            self.canvas.open_link_again(anchor);
            for point in &line.letters {
                self.canvas.letter(*point, line.segment.letter, state);
            }
            self.canvas.close_link(anchor);
        }
        for point in lines.iter().filter_map(|line| line.cross) {
            self.canvas.cross(point);
        }
    }

    /// The notes and the legend.
    fn foot(&mut self, notes: &[String]) {
        let room = self.layout.width - 2 * MARGIN;
        let mut y = self.layout.notes + 4;
        for note in notes {
            self.canvas.text((MARGIN, y), Font::BODY, Ink::Quiet, note, room);
            y += LINE;
        }
        legend::paint(&mut self.canvas, self.layout.width, self.layout.legend);
    }
}

/// How a box looks that flows end at: by the worst of them.
fn by_state(chips: &[Chip]) -> &'static BoxLook {
    match chips.iter().map(|chip| chip.state).max() {
        Some(FlowTone::Stopped) => &BAD,
        Some(FlowTone::Unknown) => &DOUBT,
        _ => &INNER,
    }
}

/// A rectangle around the boxes of a column.
fn around(column: Rect) -> Rect {
    Rect { x: column.x - ROOM, w: column.w + 2 * ROOM, ..column }
}

impl Spot {
    /// Its name for programs.
    fn name(self) -> String {
        match self {
            Self::Api => "api-server".to_owned(),
            Self::Public => "public-endpoint".to_owned(),
            Self::Gateway(at) => format!("gateway-{at}"),
            Self::Nat(at) => format!("nat-{at}"),
            Self::Interface(subnet) => format!("interface-{subnet}"),
            Self::Stack(subnet, at) => format!("nodes-{subnet}-{at}"),
            Self::Kubectl(from) => format!("kubectl {}", from.as_str()),
            Self::Others(at) => format!("others-{at}"),
        }
    }
}
