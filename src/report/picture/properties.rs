//! What holds for every picture: no box covers another one, no line runs through a box or a heading, everything is inside, and no text
//! is wider than its place.

use super::geometry::{PAD, Point, Rect};
use super::layout::{Layout, layout};
use super::lines::{PlacedLine, lines};
use super::model::{
    Band, Chip, CrossAt, EndModel, GatewayModel, NodeModel, PictureModel, PublicModel, Remark, Segment, Spot,
};
use super::model::{StackModel, SubnetModel};
use super::paint::Painter;
use super::text::Font;
use super::ways::Ways;
use super::{PictureFrame, STYLE};
use crate::explain::{FlowEnd, KubectlFrom, NodeKind, PlaneInterfaces};
use crate::report::flow_tone::FlowTone;
use proptest::prelude::*;
use roxmltree::{Document, Node};

fn state() -> impl Strategy<Value = FlowTone> {
    proptest::sample::select(FlowTone::ALL.to_vec())
}

fn chip(letter: char, state: FlowTone, word: &str) -> Chip {
    Chip { letter, state, word: word.to_owned(), verdict: "unknown", why: String::new(), anchor: None }
}

/// A subnet: its row, its interfaces, how many NAT gateways, and the states of its nodes with how many names they have.
type SubnetPlan = (Band, PlaneInterfaces, usize, Vec<(FlowTone, FlowTone, usize)>);

fn subnet() -> impl Strategy<Value = SubnetPlan> {
    let bands = proptest::sample::select(vec![Band::Public, Band::Unknown, Band::Private]);
    let interfaces = proptest::sample::select(vec![
        PlaneInterfaces::None,
        PlaneInterfaces::Possible,
        PlaneInterfaces::Found,
    ]);
    (bands, interfaces, 0_usize..3, proptest::collection::vec((state(), state(), 1_usize..7), 0..4))
}

/// A picture of a cluster as there may be one, with a text in every place.
fn picture() -> impl Strategy<Value = PictureModel> {
    let zones = proptest::collection::vec(proptest::collection::vec(subnet(), 0..4), 0..5);
    let ends = (proptest::collection::vec(state(), 3), 0_usize..3, 0_usize..6, 0_usize..5);
    (zones, ends, any::<bool>(), ".{0,60}")
        .prop_map(|(zones, ends, is_out, text)| model(&zones, &ends, is_out, &text))
}

fn model(
    zones: &[Vec<SubnetPlan>],
    (kubectl, others, endpoints, gateways): &(Vec<FlowTone>, usize, usize, usize),
    is_out: bool,
    text: &str,
) -> PictureModel {
    let text = super::text::shown(text);
    let lines = vec![text.clone(), text.clone()];
    let gateway = || GatewayModel { title: text.clone(), id: text.clone(), address: text.clone() };
    let mut model = PictureModel {
        name: text.clone(),
        about: text.clone(),
        plane: text.clone(),
        api: lines.clone(),
        public: PublicModel { is_on: is_out, lines: lines.clone() },
        vpc: text.clone(),
        vpc_blocks: text.clone(),
        zones: zones.iter().map(|_| text.clone()).collect(),
        no_subnets: lines.clone(),
        gateways: (0..*gateways).map(|_| gateway()).collect(),
        endpoints: (0..*endpoints).map(|_| Remark { text: text.clone(), state: None }).collect(),
        ..PictureModel::default()
    };
    for (zone, subnets) in zones.iter().enumerate() {
        for (band, interfaces, nats, stacks) in subnets {
            let first = model.nats.len();
            model.nats.extend((0..*nats).map(|_| gateway()));
            let stack = |(a, b, names): &(FlowTone, FlowTone, usize)| StackModel {
                nodes: (0..*names).map(|_| node(&text)).collect(),
                more: names / 6,
                chips: vec![chip('A', *a, &text), chip('B', *b, &text)],
            };
            model.subnets.push(SubnetModel {
                id: text.clone(),
                zone,
                band: *band,
                lines: lines.clone(),
                interfaces: *interfaces,
                nats: (first..first + nats).collect(),
                stacks: stacks.iter().map(stack).collect(),
            });
        }
    }
    ends(&mut model, kubectl, *others, &text);
    node_lines(&mut model, is_out);
    model.merge_gateways();
    model
}

fn node(text: &str) -> NodeModel {
    let end = FlowEnd::Nodes(NodeKind::Nodegroup);
    NodeModel { title: text.to_owned(), end, name: text.to_owned(), anchor: None }
}

fn ends(model: &mut PictureModel, kubectl: &[FlowTone], others: usize, text: &str) {
    let end = |spot, state| EndModel {
        spot,
        title: text.to_owned(),
        lines: vec![text.to_owned(); 3],
        chips: vec![chip('C', state, text)],
    };
    let from = [KubectlFrom::Outside, KubectlFrom::Inside, KubectlFrom::Connected];
    for (from, state) in from.into_iter().zip(kubectl) {
        let spot = Spot::Kubectl(from);
        model.kubectl.push(end(spot, *state));
        match (from, interface(model)) {
            (KubectlFrom::Outside, _) => add(model, 'C', *state, &[spot, Spot::Public]),
            (_, Some(interface)) => add(model, 'C', *state, &[spot, interface, Spot::Api]),
            (_, None) => add(model, 'C', *state, &[spot, Spot::Api]),
        }
    }
    for at in 0..others {
        let spot = Spot::Others(at);
        model.others.push(end(spot, FlowTone::Unknown));
        add(model, 'A', FlowTone::Unknown, &[Spot::Api, spot]);
        add(model, 'B', FlowTone::Unknown, &[spot, Spot::Api]);
    }
}

fn interface(model: &PictureModel) -> Option<Spot> {
    model.subnets.iter().position(|subnet| subnet.interfaces != PlaneInterfaces::None).map(Spot::Interface)
}

/// The lines of nodes, by whatever there is.
fn node_lines(model: &mut PictureModel, is_out: bool) {
    for (at, subnet) in model.subnets.clone().iter().enumerate() {
        let own = (subnet.interfaces != PlaneInterfaces::None).then_some(Spot::Interface(at));
        for (stack, nodes) in subnet.stacks.iter().enumerate() {
            let spot = Spot::Stack(at, stack);
            let through: Vec<Spot> = own.or(interface(model)).into_iter().collect();
            let (a, b) = (nodes.chips[0].state, nodes.chips[1].state);
            add(model, 'A', a, &[&[Spot::Api], &through[..], &[spot]].concat());
            let nat = (!model.nats.is_empty()).then(|| Spot::Nat((at + stack) % model.nats.len()));
            let edge = (!model.gateways.is_empty()).then(|| Spot::Gateway(at % model.gateways.len()));
            let out: Vec<Spot> = nat.into_iter().chain(edge).collect();
            match is_out {
                true => add(model, 'B', b, &[&[spot], &out[..], &[Spot::Public]].concat()),
                false => add(model, 'B', b, &[&[spot], &through[..], &[Spot::Api]].concat()),
            }
        }
    }
}

fn add(model: &mut PictureModel, letter: char, state: FlowTone, spots: &[Spot]) {
    for pair in spots.windows(2) {
        let cross = (state == FlowTone::Stopped).then_some(CrossAt::End);
        let (from, to) = (pair[0], pair[1]);
        model.add(Segment { letter, state, from, to, cross, anchor: None, words: String::new() });
    }
}

fn placed(model: &PictureModel) -> (Ways, Layout) {
    let ways = Ways::of(model);
    let layout = layout(model, &ways, 2);
    (ways, layout)
}

fn covers(a: Rect, b: Rect) -> bool {
    a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom()
}

fn holds(outer: Rect, inner: Rect) -> bool {
    outer.x <= inner.x
        && outer.y <= inner.y
        && inner.right() <= outer.right()
        && inner.bottom() <= outer.bottom()
}

fn on_edge(rect: Rect, (x, y): Point) -> bool {
    let (in_x, in_y) = ((rect.x..=rect.right()).contains(&x), (rect.y..=rect.bottom()).contains(&y));
    let edge = x == rect.x || x == rect.right() || y == rect.y || y == rect.bottom();
    in_x && in_y && edge
}

/// The pieces of a line as rectangles without breadth.
fn pieces<'l>(line: &'l PlacedLine<'_>) -> impl Iterator<Item = Rect> + 'l {
    line.whole.windows(2).map(|pair| {
        let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
        Rect { x: ax.min(bx), y: ay.min(by), w: (ax - bx).abs(), h: (ay - by).abs() }
    })
}

/// Whether a line without breadth runs within a box.
fn runs_through(line: Rect, rect: Rect) -> bool {
    line.x < rect.right()
        && rect.x < line.right() + i32::from(line.w == 0)
        && line.y < rect.bottom()
        && rect.y < line.bottom() + i32::from(line.h == 0)
        && (line.w > 0 || (rect.x < line.x && line.x < rect.right()))
        && (line.h > 0 || (rect.y < line.y && line.y < rect.bottom()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_box_covers_another_one_and_all_are_inside(model in picture()) {
        let (_, layout) = placed(&model);
        let all: Vec<_> = layout.boxes.iter().map(|(spot, rect)| (format!("{spot:?}"), *rect)).chain(layout.endpoints.map(|rect| ("endpoints".to_owned(), rect))).collect();
        let whole = Rect { x: 0, y: 0, w: layout.width, h: layout.legend };
        for (at, (name, rect)) in all.iter().enumerate() {
            prop_assert!(rect.w > 0 && rect.h > 0 && holds(whole, *rect), "{name} {rect:?} {whole:?}");
            for (other, second) in &all[at + 1..] {
                prop_assert!(!covers(*rect, *second), "{name} {rect:?} covers {other} {second:?}");
            }
        }
        for (at, rect) in layout.subnets.iter().enumerate() {
            prop_assert!(holds(layout.vpc, *rect));
            prop_assert!(!layout.subnets[at + 1..].iter().any(|other| covers(*rect, *other)));
        }
        for (spot, rect) in &layout.boxes {
            let subnet = match spot {
                Spot::Interface(subnet) | Spot::Stack(subnet, _) => Some(*subnet),
                Spot::Nat(nat) => model.subnets.iter().position(|subnet| subnet.nats.contains(nat)),
                _ => None,
            };
            prop_assert!(subnet.is_none_or(|subnet| holds(layout.subnets[subnet], *rect)), "{spot:?}");
        }
    }

    #[test]
    fn lines_end_at_boxes_and_run_through_none(model in picture()) {
        let (ways, layout) = placed(&model);
        let headings: Vec<Rect> = layout.zones.iter().chain([&layout.anywhere])
            .map(|zone| Rect { x: zone.x, y: zone.y + 6, w: zone.w, h: 20 })
            .chain([Rect { x: layout.vpc.x + PAD, y: layout.vpc.y + 12, w: layout.zones[0].right() - layout.vpc.x - PAD, h: 36 }])
            .chain(model.subnets.iter().zip(&layout.subnets).map(|(subnet, rect)| Rect { h: super::layout::head_height(subnet), ..*rect }))
            .collect();
        for line in lines(&model, &ways, &layout) {
            let ends = [line.whole.first(), line.whole.last()].map(|point| *point.expect("a point"));
            let spots = [line.segment.from, line.segment.to].map(|spot| layout.boxes[&spot]);
            prop_assert!(spots.iter().all(|rect| ends.iter().any(|end| on_edge(*rect, *end))), "{:?}", line.segment);
            prop_assert!(on_edge(layout.boxes[&line.segment.to], line.arrow.0), "{:?}", line.segment);
            for piece in pieces(&line) {
                for (spot, rect) in &layout.boxes {
                    prop_assert!(!runs_through(piece, *rect), "{:?} runs through {spot:?}: {piece:?} {rect:?}", line.segment);
                }
                for heading in &headings {
                    prop_assert!(!runs_through(piece, *heading), "{:?} {piece:?} {heading:?}", line.segment);
                }
            }
        }
    }

    #[test]
    fn no_text_is_wider_than_its_place(model in picture()) {
        let (ways, layout) = placed(&model);
        let frame = PictureFrame { id_prefix: "p", anchors: None, has_style: true };
        let notes = [model.name.clone(), String::new()];
        let lines = lines(&model, &ways, &layout);
        let notes: Vec<String> = notes.iter().map(|note| Font::BODY.fitted(note, layout.width - 100)).collect();
        let svg = Painter::new(&model, &layout, &frame, ("t", "d")).paint(&lines, &notes);
        let document = Document::parse(&svg).expect("XML");
        let rects: Vec<Rect> = document.descendants().filter(|node| node.has_tag_name("rect")).map(|node| rect(&node)).collect();
        for node in document.descendants().filter(|node| node.has_tag_name("text")) {
            let font = Font { size: number(&node, "font-size"), is_bold: node.has_attribute("font-weight") };
            let text: String = node.children().filter_map(|child| child.text().filter(|_| child.is_text())).collect();
            if node.prev_sibling_element().is_some_and(|before| before.has_tag_name("circle")) {
                // A letter has a disc of its own.
                prop_assert!(font.width(&text) < 14, "{text:?}");
                continue;
            }
            let (x, y) = (number(&node, "x"), number(&node, "y"));
            let own = Rect { x, y: y - 1, w: font.width(&text), h: 1 };
            let at = Rect { w: 0, h: 0, ..own };
            let around = rects.iter().filter(|rect| holds(**rect, at)).min_by_key(|rect| rect.w);
            prop_assert!(around.is_some_and(|rect| holds(*rect, own)), "{text:?} {own:?} {around:?}");
        }
    }
}

fn number(node: &Node<'_, '_>, name: &str) -> i32 {
    node.attribute(name).and_then(|text| text.parse().ok()).expect("a number")
}

fn rect(node: &Node<'_, '_>) -> Rect {
    let [x, y, w, h] = ["x", "y", "width", "height"].map(|name| number(node, name));
    Rect { x, y, w, h }
}

/// What the luminances of two colours are to each other.
/// <https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio>
fn contrast(a: &str, b: &str) -> f64 {
    let luminance = |colour: &str| {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour")) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// What the style sheet says of a class: `fill` or `stroke`.
fn dark<'s>(class: &str, property: &str) -> Option<&'s str> {
    let (_, rest) = STYLE.split_once(&format!(".{class} {{"))?;
    let (_, value) = rest.split_once('}')?.0.split_once(&format!("{property}: "))?;
    value.get(..7)
}

/// Every text on every ground, in light and dark: 4.5 to 1 at least.
#[test]
fn text_has_contrast_in_light_and_dark() {
    let inks = [("pic-text", "#1f2328"), ("pic-quiet", "#4d5661")];
    let states = FlowTone::ALL.map(|state| (format!("pic-ink-{}", state.as_str()), state.colour()));
    let inks: Vec<_> =
        inks.map(|(class, colour)| (class.to_owned(), colour)).into_iter().chain(states).collect();
    let looks = super::paint::LOOKS;
    assert!(looks.len() > 10);
    for (class, colour) in &inks {
        let dark_colour = dark(class, "fill").unwrap_or_else(|| panic!("{class} has no dark colour"));
        for look in looks {
            let dark_ground =
                dark(look.class, "fill").unwrap_or_else(|| panic!("{} is not dark", look.class));
            let found = (contrast(colour, look.fill), contrast(dark_colour, dark_ground));
            assert!(found.0 >= 4.5 && found.1 >= 4.5, "{class} on {}: {found:?}", look.class);
        }
    }
    for state in FlowTone::ALL {
        let word = state.as_str();
        for class in [format!("pic-line-{word}"), format!("pic-disc-{word}")] {
            assert_eq!(dark(&class, "stroke"), dark(&format!("pic-ink-{word}"), "fill"), "{class}");
        }
    }
}
