//! Where everything is, in pixels: a fixed grid with a column for each zone.

use super::geometry::{LINE, MARGIN, PAD, Point, Rect};
use super::legend;
use super::model::{Band, EndModel, GatewayModel, PictureModel, Spot, StackModel, SubnetModel};
use super::ways::{BoxSide, Lane, Ways};
use crate::explain::{KubectlFrom, PlaneInterfaces};
use std::collections::BTreeMap;

/// The width of a subnet: the id of one takes 200 pixels.
pub(super) const SUBNET: i32 = 282;
/// The width of boxes that are not in a zone.
pub(super) const SIDE_BOX: i32 = 226;
/// A verdict.
pub(super) const CHIP: i32 = 20;
/// Between lines that run side by side.
const LANE: i32 = 18;
const TRACK: i32 = 14;
/// Between the lanes of a gutter and the columns beside it.
const GUTTER: i32 = 26;
/// Between the VPC and what is beside it: an arrow, a cross and a letter.
const BESIDE: i32 = 56;
/// Between an interface and the nodes below it.
const DROP: i32 = 52;
const GAP: i32 = 14;
const TITLE: i32 = 64;
const HEADING: i32 = 34;
const PLANE_FOOT: i32 = 36;
const GATEWAY: (i32, i32) = (226, 56);
/// Between the ports of an interface.
const PORT: i32 = 13;
const VPC_HEAD: i32 = 46;
const ZONE_HEAD: i32 = 30;

/// A picture with all places.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) boxes: BTreeMap<Spot, Rect>,
    pub(super) plane: Rect,
    pub(super) vpc: Rect,
    pub(super) zones: Vec<Rect>,
    /// What is anywhere in the VPC.
    pub(super) anywhere: Rect,
    pub(super) subnets: Vec<Rect>,
    pub(super) endpoints: Option<Rect>,
    /// Where notes begin, and the legend.
    pub(super) notes: i32,
    pub(super) legend: i32,
    gutters: Vec<i32>,
    /// The height of interfaces.
    interface: i32,
    above: i32,
    below: i32,
}

/// The places of a picture.
pub(super) fn layout(model: &PictureModel, ways: &Ways, note_lines: i32) -> Layout {
    let mut layout = Layout::default();
    layout.columns(model, ways);
    layout.top(model, ways);
    let bottom = layout.zone_columns(model, ways);
    let bottom = bottom.max(layout.anywhere_boxes(model, ways));
    layout.close_vpc(bottom);
    let beside = layout.beside(model, ways);
    let below = layout.vpc.bottom().max(beside) + MARGIN;
    layout.notes = below;
    layout.legend = below + note_lines * LINE + if note_lines > 0 { GAP } else { 0 };
    layout.height = layout.legend + legend::height(layout.width) + MARGIN;
    layout
}

impl Layout {
    /// The columns and the lanes between them.
    fn columns(&mut self, model: &PictureModel, ways: &Ways) {
        let mut x = MARGIN;
        for column in 0..=model.anywhere() {
            self.gutters.push(x);
            x += gutter(ways, column);
            let w = if column == model.anywhere() { SIDE_BOX } else { SUBNET };
            let rect = Rect { x, y: 0, w, h: 0 };
            if column == model.anywhere() {
                self.anywhere = rect
            } else {
                self.zones.push(rect)
            }
            x += w;
        }
        self.gutters.push(x);
        x += gutter(ways, model.anywhere() + 1);
        self.vpc = Rect { x: MARGIN, y: 0, w: x - MARGIN, h: 0 };
        self.gutters.push(x);
        x += gutter(ways, model.beside()).max(BESIDE);
        self.width = x + SIDE_BOX + MARGIN;
    }

    /// The account of EKS, kubectl outside, and the edge of the VPC.
    fn top(&mut self, model: &PictureModel, ways: &Ways) {
        let outside = model.kubectl.iter().find(|end| end.spot == Spot::Kubectl(KubectlFrom::Outside));
        let lines = model.api.len().max(model.public.lines.len()) as i32;
        let h = (2 * PAD + 20 + lines * LINE).max(84).max(outside.map_or(0, |end| end_height(end, ways)));
        let y = MARGIN + TITLE + HEADING;
        self.plane = Rect { x: self.vpc.x, y: MARGIN + TITLE, w: self.vpc.w, h: HEADING + h + PLANE_FOOT };
        let api_width = 260.max(LANE * (ways.at_side(Spot::Api, BoxSide::Bottom) + 1) + LANE);
        let api_x = self.vpc.x + GUTTER;
        self.boxes.insert(Spot::Api, Rect { x: api_x, y, w: api_width, h });
        let public_x = (self.anywhere.right() - 280).max(api_x + api_width + 60);
        let room = self.vpc.right() - PAD - public_x;
        self.boxes.insert(Spot::Public, Rect { x: public_x, y, w: room.min(280), h });
        if let Some(end) = outside {
            self.boxes.insert(end.spot, Rect { x: self.width - MARGIN - SIDE_BOX, y, w: SIDE_BOX, h });
        }
        self.above = self.plane.bottom() + GAP;
        self.vpc.y = self.above + TRACK * ways.in_lane(Lane::Above) + GAP + GATEWAY.1 / 2;
        self.gateways(model);
        self.below = self.vpc.y + GATEWAY.1 / 2 + VPC_HEAD - PAD;
    }

    /// The boxes on the edge of the VPC, from the right, none above the heading in the first column.
    fn gateways(&mut self, model: &PictureModel) {
        for at in 0..model.gateways.len() {
            let column = model.anywhere().saturating_sub(at);
            let place = if column == model.anywhere() {
                self.anywhere
            } else {
                self.zones[column.min(self.zones.len() - 1)]
            };
            let rect = Rect {
                x: place.x + (place.w - GATEWAY.0) / 2,
                y: self.vpc.y - GATEWAY.1 / 2,
                w: GATEWAY.0,
                h: GATEWAY.1,
            };
            self.boxes.insert(Spot::Gateway(at), rect);
        }
    }

    /// The subnets, zone by zone, in rows of the same kind. Returns where they end.
    fn zone_columns(&mut self, model: &PictureModel, ways: &Ways) -> i32 {
        let top = self.below + TRACK * ways.in_lane(Lane::Below) + PAD;
        let mut y = top + ZONE_HEAD;
        self.subnets = vec![Rect::default(); model.subnets.len()];
        self.interface = interface_height(model, ways);
        let interface = self.interface;
        for band in [Band::Public, Band::Unknown, Band::Private] {
            let of_zone = |zone: usize| -> Vec<usize> {
                let all = model.subnets.iter().enumerate();
                all.filter(|(_, subnet)| subnet.band == band && subnet.zone == zone)
                    .map(|(at, _)| at)
                    .collect()
            };
            let cells: Vec<Vec<usize>> = (0..self.zones.len()).map(of_zone).collect();
            for row in 0..cells.iter().map(Vec::len).max().unwrap_or_default() {
                let in_row: Vec<usize> = cells.iter().filter_map(|cell| cell.get(row).copied()).collect();
                let drop = nodes_below(&in_row, model, interface);
                let heights = in_row.iter().map(|at| subnet_height(*at, &model.subnets[*at], drop, ways));
                let h = heights.max().unwrap_or_default();
                for at in in_row {
                    let zone = self.zones[model.subnets[at].zone];
                    self.subnets[at] = Rect { x: zone.x, y, w: SUBNET, h };
                    self.in_subnet(at, &model.subnets[at], drop, ways);
                }
                y += h + GAP;
            }
        }
        let bottom = y.max(top + ZONE_HEAD + 90);
        for zone in &mut self.zones {
            (zone.y, zone.h) = (top, bottom - top);
        }
        (self.anywhere.y, self.anywhere.h) = (top, bottom - top);
        bottom
    }

    /// The boxes in a subnet, from above.
    fn in_subnet(&mut self, at: usize, subnet: &SubnetModel, drop: i32, ways: &Ways) {
        let outer = self.subnets[at];
        let (x, w) = (outer.x + PAD, outer.w - 2 * PAD);
        let mut y = outer.y + head_height(subnet);
        for nat in &subnet.nats {
            self.boxes.insert(Spot::Nat(*nat), Rect { x, y, w, h: nat_height() });
            y += nat_height() + GAP;
        }
        if subnet.interfaces != PlaneInterfaces::None {
            self.boxes.insert(Spot::Interface(at), Rect { x, y, w, h: self.interface });
        }
        y += drop;
        for (stack, model) in subnet.stacks.iter().enumerate() {
            let h = stack_height(Spot::Stack(at, stack), model, ways);
            self.boxes.insert(Spot::Stack(at, stack), Rect { x, y, w, h });
            y += h + GAP;
        }
    }

    /// What is anywhere in the VPC: kubectl, VPC endpoints. Returns where it ends.
    fn anywhere_boxes(&mut self, model: &PictureModel, ways: &Ways) -> i32 {
        let (x, w) = (self.anywhere.x, SIDE_BOX);
        let mut y = self.anywhere.y + ZONE_HEAD;
        for end in model.kubectl.iter().filter(|end| end.spot == Spot::Kubectl(KubectlFrom::Inside)) {
            let h = end_height(end, ways);
            self.boxes.insert(end.spot, Rect { x, y, w, h });
            y += h + GAP;
        }
        if !model.endpoints.is_empty() {
            let h = 2 * PAD + LINE * (model.endpoints.len() as i32 + 1);
            self.endpoints = Some(Rect { x, y, w, h });
            y += h + GAP;
        }
        y
    }

    fn close_vpc(&mut self, bottom: i32) {
        for zone in self.zones.iter_mut().chain([&mut self.anywhere]) {
            zone.h = bottom - zone.y;
        }
        self.vpc.h = bottom + PAD - self.vpc.y;
    }

    /// What is right of the VPC. Returns where it ends.
    fn beside(&mut self, model: &PictureModel, ways: &Ways) -> i32 {
        let (x, w) = (self.width - MARGIN - SIDE_BOX, SIDE_BOX);
        let mut y = self.zones.first().map_or(self.vpc.y, |zone| zone.y + ZONE_HEAD);
        let connected = model.kubectl.iter().filter(|end| end.spot == Spot::Kubectl(KubectlFrom::Connected));
        for end in connected.chain(&model.others) {
            let h = end_height(end, ways);
            self.boxes.insert(end.spot, Rect { x, y, w, h });
            y += h + GAP;
        }
        y
    }

    /// Where a line runs in a lane.
    pub(super) fn lane(&self, lane: Lane, at: i32) -> i32 {
        match lane {
            Lane::Gutter(column) => {
                self.gutters.get(column).copied().unwrap_or_default() + GUTTER + LANE * at
            }
            Lane::Above => self.above + TRACK * at,
            Lane::Below => self.below + TRACK * at + PAD,
        }
    }

    /// Where a line meets a side of a box.
    pub(super) fn port(&self, spot: Spot, side: BoxSide, (at, count): (i32, i32)) -> Point {
        let rect = self.boxes.get(&spot).copied().unwrap_or_default();
        let along = |length: i32| length * (at + 1) / (count + 1);
        match side {
            BoxSide::Left => (rect.x, rect.y + along(rect.h)),
            BoxSide::Right => (rect.right(), rect.y + along(rect.h)),
            BoxSide::Top => (rect.x + along(rect.w), rect.y),
            BoxSide::Bottom => (rect.x + along(rect.w), rect.bottom()),
        }
    }
}

fn gutter(ways: &Ways, column: usize) -> i32 {
    match ways.in_lane(Lane::Gutter(column)) {
        0 => MARGIN,
        lines => 2 * GUTTER + LANE * (lines - 1),
    }
}

/// The height that a box must have for the lines at its sides.
fn for_lines(spot: Spot, ways: &Ways) -> i32 {
    LINE * (1 + ways.at_side(spot, BoxSide::Left).max(ways.at_side(spot, BoxSide::Right)))
}

/// The height of what stands above the boxes in a subnet.
pub(super) fn head_height(subnet: &SubnetModel) -> i32 {
    PAD + LINE * (1 + subnet.lines.len() as i32) + 8
}

fn nat_height() -> i32 {
    PAD + 3 * LINE
}

/// The height of all interfaces: so what stands side by side begins side by side.
fn interface_height(model: &PictureModel, ways: &Ways) -> i32 {
    let ports = |at| {
        let spot = Spot::Interface(at);
        ways.at_side(spot, BoxSide::Left).max(ways.at_side(spot, BoxSide::Right))
    };
    let most = (0..model.subnets.len()).map(ports).max().unwrap_or_default();
    34.max(PORT * (most + 1))
}

fn stack_height(spot: Spot, stack: &StackModel, ways: &Ways) -> i32 {
    let names = stack.nodes.len() as i32 + i32::from(stack.more > 0);
    (PAD + names * LINE + 4 + stack.chips.len() as i32 * CHIP + 4).max(for_lines(spot, ways))
}

fn subnet_height(at: usize, subnet: &SubnetModel, drop: i32, ways: &Ways) -> i32 {
    let nats = subnet.nats.len() as i32 * (nat_height() + GAP);
    let stack = |(stack, model)| stack_height(Spot::Stack(at, stack), model, ways) + GAP;
    head_height(subnet) + nats + drop + subnet.stacks.iter().enumerate().map(stack).sum::<i32>()
}

/// How far below the heads of a row of subnets their nodes begin: where one has an interface, all leave room for it.
fn nodes_below(row: &[usize], model: &PictureModel, interface: i32) -> i32 {
    let of_row = || row.iter().map(|at| &model.subnets[*at]);
    match of_row().any(|subnet| subnet.interfaces != PlaneInterfaces::None) {
        true if of_row().any(|subnet| !subnet.stacks.is_empty()) => interface + DROP,
        true => interface + GAP,
        false => 0,
    }
}

fn end_height(end: &EndModel, ways: &Ways) -> i32 {
    let text = PAD + LINE * (1 + end.lines.len() as i32) + 4 + CHIP * end.chips.len() as i32 + 6;
    text.max(for_lines(end.spot, ways))
}

impl PictureModel {
    /// The boxes on the edge of the VPC, as many as there are columns for; the last stands for those that are too many.
    pub(super) fn merge_gateways(&mut self) {
        let slots = self.columns();
        if self.gateways.len() <= slots {
            return;
        }
        let merged = self.gateways.len() - slots + 1;
        self.gateways.truncate(slots - 1);
        self.gateways.push(GatewayModel {
            title: format!("{merged} gateways"),
            id: "of several kinds".to_owned(),
            address: String::new(),
        });
        let moved = |spot: Spot| match spot {
            Spot::Gateway(at) => Spot::Gateway(at.min(slots - 1)),
            spot => spot,
        };
        for mut segment in std::mem::take(&mut self.segments) {
            (segment.from, segment.to) = (moved(segment.from), moved(segment.to));
            self.add(segment);
        }
    }
}
