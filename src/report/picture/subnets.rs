//! The subnets of a picture: their zones, the nodes in them, and what is drawn once for several that are alike.

use super::anchors::FlowAnchors;
use super::model::{Band, Chip, NodeModel, StackModel, SubnetModel};
use super::text::shown;
use crate::explain::{
    Explanation, Flow, FlowEnd, HopKind, MapSubnet, NodeKind, PlaneInterfaces, RouteTarget, SubnetRoute,
};
use crate::facts::known::Known;
use crate::report::flow_tone::FlowTone;
use crate::text::{NaturalKey, bounded_name};
use std::collections::BTreeMap;

/// How many zones are drawn.
const ZONES: usize = 4;
/// How many subnets of a zone are drawn.
const SUBNETS: usize = 8;
/// How many names of nodes are drawn that are alike in a subnet.
const NAMES: usize = 6;
/// How many boxes of nodes are drawn in a subnet.
const STACKS: usize = 6;

/// What a zone is called that is not known.
const NO_ZONE: &str = "zone not known";

/// Nodes of one name in one subnet, with their flows.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlacedNodes<'e> {
    pub(super) end: FlowEnd,
    pub(super) name: &'e str,
    /// From the API server.
    pub(super) incoming: Option<&'e Flow>,
    /// To it.
    pub(super) outgoing: Option<&'e Flow>,
    /// Whether the API server admits their role, and if not, why.
    pub(super) admission: DrawnAdmission<'e>,
    is_auto_mode: bool,
}

/// What the API server says to nodes that get there.
#[derive(Clone, Copy, Debug)]
pub(super) enum DrawnAdmission<'e> {
    /// It admits them, or nothing is said of their role.
    Admitted,
    Refused(&'e str),
    Unknown(&'e str),
}

impl<'e> DrawnAdmission<'e> {
    fn of(e: &'e Explanation, flow: &Flow) -> Self {
        let roles = match &e.node_roles {
            Ok(roles) => &roles.items,
            Err(unknown) => return Self::Unknown(&unknown.reason),
        };
        let own = || roles.iter().filter(|role| role.is_about(flow.end, &flow.name));
        let refused = own().find(|role| role.admitted == Ok(false)).map(|role| Self::Refused(&role.reason));
        let unknown =
            || own().find_map(|role| role.admitted.as_ref().err()).map(|why| Self::Unknown(&why.reason));
        refused.or_else(unknown).unwrap_or(Self::Admitted)
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Admitted => "admitted",
            Self::Refused(_) => "refused",
            Self::Unknown(_) => "unknown",
        }
    }

    /// What the picture says of it: nothing of nodes that are admitted.
    fn chip(self, anchor: Option<String>) -> Option<Chip> {
        let (state, word, verdict, why) = match self {
            Self::Admitted => return None,
            Self::Refused(why) => (FlowTone::Stopped, "refused: its role is not admitted", "refused", why),
            Self::Unknown(why) => (FlowTone::Unknown, "admitted or refused: unknown", "unknown", why),
        };
        Some(Chip { letter: 'B', state, word: word.to_owned(), verdict, why: shown(why), anchor })
    }
}

/// A subnet, and its nodes in the order of its stacks.
#[derive(Clone, Debug)]
pub(super) struct DrawnSubnet<'e> {
    pub(super) map: Option<&'e MapSubnet>,
    pub(super) model: SubnetModel,
    /// One of the nodes of each stack: the others are alike.
    pub(super) nodes: Vec<PlacedNodes<'e>>,
    /// Subnets that are drawn once have the same.
    alike: String,
}

/// The zones, and the subnets of each, with what is not drawn.
#[derive(Clone, Debug, Default)]
pub(super) struct DrawnZones<'e> {
    pub(super) titles: Vec<String>,
    pub(super) subnets: Vec<DrawnSubnet<'e>>,
    pub(super) notes: Vec<String>,
}

/// The subnets of a picture.
pub(super) fn zones<'e>(e: &'e Explanation, anchors: Option<&FlowAnchors>) -> DrawnZones<'e> {
    let mut nodes = placed(e);
    let mut by_zone: BTreeMap<(bool, NaturalKey<'e>), Vec<DrawnSubnet<'e>>> = BTreeMap::new();
    let hides_b = e.to_api_server.items.is_empty() && !e.to_api_server.more.is_empty();
    let mut add = |zone: Option<&'e str>, subnet: DrawnSubnet<'e>| {
        by_zone.entry((zone.is_none(), NaturalKey::of(zone.unwrap_or(NO_ZONE)))).or_default().push(subnet);
    };
    for map in &e.map.subnets {
        let own = nodes.remove(map.id.as_str()).unwrap_or_default();
        add(map.zone.as_deref().ok(), subnet(&map.id, Some(map), &own, anchors, hides_b));
    }
    // Flows name subnets that the snapshot does not describe.
    for (id, own) in nodes {
        add(None, subnet(id, None, &own, anchors, hides_b));
    }
    let zones = by_zone.into_iter().map(|((_, zone), subnets)| (zone.text(), folded_subnets(subnets)));
    folded_zones(zones.collect())
}

/// The nodes of each subnet.
fn placed(e: &Explanation) -> BTreeMap<&str, Vec<PlacedNodes<'_>>> {
    let mut nodes: BTreeMap<&str, Vec<PlacedNodes<'_>>> = BTreeMap::new();
    let mut known: BTreeMap<(&str, FlowEnd, &str), usize> = BTreeMap::new();
    let flows = e.to_kubelets.items.iter().map(|flow| (true, flow));
    for (is_incoming, flow) in flows.chain(e.to_api_server.items.iter().map(|flow| (false, flow))) {
        let Some(subnet) = flow.subnet.as_deref() else { continue };
        let all = nodes.entry(subnet).or_default();
        let at = *known.entry((subnet, flow.end, &flow.name)).or_insert_with(|| {
            let admission = DrawnAdmission::of(e, flow);
            all.push(PlacedNodes {
                end: flow.end,
                name: &flow.name,
                incoming: None,
                outgoing: None,
                admission,
                is_auto_mode: e.map.auto_mode.contains(flow.name.as_str()),
            });
            all.len() - 1
        });
        let place = if is_incoming { &mut all[at].incoming } else { &mut all[at].outgoing };
        place.get_or_insert(flow);
    }
    nodes
}

fn subnet<'e>(
    id: &str,
    map: Option<&'e MapSubnet>,
    nodes: &[PlacedNodes<'e>],
    anchors: Option<&FlowAnchors>,
    hides_b: bool,
) -> DrawnSubnet<'e> {
    let mut groups: Vec<(String, Vec<PlacedNodes<'e>>)> = Vec::new();
    for one in nodes {
        let alike = one.alike();
        match groups.iter_mut().find(|(known, _)| *known == alike) {
            Some((_, group)) => group.push(*one),
            None => groups.push((alike, vec![*one])),
        }
    }
    let band = map.map_or(Band::Unknown, |map| match map.is_public {
        Ok(true) => Band::Public,
        Ok(false) => Band::Private,
        Err(_) => Band::Unknown,
    });
    let lines = lines(map, band, groups.len().saturating_sub(STACKS));
    let interfaces = map.map_or(PlaneInterfaces::None, |map| map.interfaces);
    let about: Vec<_> = groups.iter().map(|(alike, group)| format!("{alike} {}", group.len())).collect();
    let target = map.and_then(|map| map.default_route.as_ref().ok()).map(|route| route.target);
    let alike = format!("{band:?} {interfaces:?} {target:?} {}", about.join("; "));
    groups.truncate(STACKS);
    let stacks = groups.iter().map(|(_, group)| stack(group, anchors, hides_b)).collect();
    let nodes = groups.iter().filter_map(|(_, group)| group.first().copied()).collect();
    let model = SubnetModel { id: shown(id), zone: 0, band, lines, interfaces, nats: Vec::new(), stacks };
    DrawnSubnet { map, model, nodes, alike }
}

/// What stands below the id of a subnet.
fn lines(map: Option<&MapSubnet>, band: Band, more: usize) -> Vec<String> {
    let Some(map) = map else { return vec!["not in the snapshot".to_owned()] };
    let word = match band {
        Band::Public => "public",
        Band::Private => "private",
        Band::Unknown => "public or private: not known",
    };
    let blocks = map.blocks.iter().map(|block| format!(" · {}", shown(block))).collect::<String>();
    let mut lines = vec![format!("{word}{blocks}"), route("default route", &map.default_route)];
    let v6 = map.default_route_ipv6.as_ref().ok().filter(|route| route.target != RouteTarget::None);
    let is_same = |route: &&SubnetRoute| map.default_route.as_ref().is_ok_and(|v4| v4.id == route.id);
    if let Some(v6) = v6.filter(|route| !is_same(route)) {
        lines.push(route("IPv6", &Ok(v6.clone())));
    }
    if more > 0 {
        lines.push(format!("{more} more kinds of nodes are not drawn"));
    }
    lines
}

fn route(what: &str, route: &Known<SubnetRoute>) -> String {
    match route {
        Err(_) => format!("{what}: not known"),
        Ok(route) => match route.target {
            RouteTarget::None => format!("{what}: none"),
            RouteTarget::Several => format!("{what}: several targets"),
            target => {
                let dead = if route.is_blackhole { " (blackhole)" } else { "" };
                let id = if route.id.is_empty() { target.title().to_owned() } else { shown(&route.id) };
                format!("{what} → {id}{dead}")
            }
        },
    }
}

impl<'e> PlacedNodes<'e> {
    /// What nodes have in common that are drawn in one box.
    fn alike(&self) -> String {
        let about = |flow: &Flow| {
            let verdict = flow.verdict.as_ref().map_or("unknown", |verdict| verdict.as_str());
            format!("{verdict} {} {}", flow.via.as_str(), gateway_of(flow).unwrap_or_default())
        };
        let both = [self.incoming, self.outgoing].map(|flow| flow.map(about).unwrap_or_default());
        format!("{} {}", both.join(", "), self.admission.as_str())
    }

    /// Whether the API server refuses them.
    pub(super) fn is_refused(&self) -> bool {
        matches!(self.admission, DrawnAdmission::Refused(_))
    }

    /// The state of a flow with the role's admission.
    pub(super) fn outgoing_state(&self) -> Option<FlowTone> {
        let outgoing = self.outgoing?;
        Some(if self.is_refused() { FlowTone::Stopped } else { FlowTone::of(&outgoing.verdict) })
    }
}

/// The id of the gateway that a flow takes.
pub(super) fn gateway_of(flow: &Flow) -> Option<&str> {
    let of_kind = |kind: HopKind| flow.hops.iter().find(|hop| hop.kind == kind && !hop.id.is_empty());
    of_kind(HopKind::NatGateway).or_else(|| of_kind(HopKind::Route)).map(|hop| hop.id.as_str())
}

fn stack(group: &[PlacedNodes<'_>], anchors: Option<&FlowAnchors>, hides_b: bool) -> StackModel {
    let anchor = |letter, one: &PlacedNodes<'_>| Some(anchors?.find(letter, one.end, one.name)?.to_owned());
    let shown_names = if group.len() > NAMES { NAMES - 1 } else { group.len() };
    let node = |one: &PlacedNodes<'_>| NodeModel {
        title: format!("{} {}", kind_title(one), shown(one.name)),
        end: one.end,
        name: bounded_name(one.name),
        anchor: anchor('b', one).or_else(|| anchor('a', one)),
    };
    let mut chips = Vec::new();
    if let Some(first) = group.first() {
        chips.extend(first.incoming.map(|flow| chip('A', flow, anchor('a', first))));
        chips.extend(first.outgoing.map(|flow| chip('B', flow, anchor('b', first))));
        chips.extend(first.admission.chip(anchor('b', first)));
        if hides_b {
            chips.push(Chip {
                letter: 'B',
                state: FlowTone::Unknown,
                word: "unknown".to_owned(),
                verdict: "unknown",
                why: String::new(),
                anchor: None,
            });
        }
    }
    let nodes = group.iter().take(shown_names).map(node).collect();
    StackModel { nodes, more: group.len() - shown_names, chips }
}

/// The verdict of a flow.
pub(super) fn chip(letter: char, flow: &Flow, anchor: Option<String>) -> Chip {
    let (word, verdict, why) = match &flow.verdict {
        Ok(verdict) => (verdict.title(), verdict.as_str(), flow.reason.as_str()),
        Err(unknown) => ("unknown", "unknown", unknown.reason.as_str()),
    };
    let why = shown(why);
    Chip { letter, state: FlowTone::of(&flow.verdict), word: word.to_owned(), verdict, why, anchor }
}

fn kind_title(one: &PlacedNodes<'_>) -> &'static str {
    match one.end {
        FlowEnd::Nodes(NodeKind::FargateProfile) => "Fargate",
        FlowEnd::Nodes(NodeKind::Instance) if one.is_auto_mode => "Auto Mode nodes",
        end => end.title(),
    }
}

/// The subnets of a zone, of which those that are alike are drawn once if there are many.
fn folded_subnets(mut subnets: Vec<DrawnSubnet<'_>>) -> Vec<DrawnSubnet<'_>> {
    subnets.sort_by_key(|subnet| subnet.model.band);
    if subnets.len() <= SUBNETS {
        return subnets;
    }
    let mut drawn: Vec<(DrawnSubnet<'_>, usize)> = Vec::new();
    for subnet in subnets {
        match drawn.iter_mut().find(|(known, _)| known.alike == subnet.alike) {
            Some((_, more)) => *more += 1,
            None => drawn.push((subnet, 0)),
        }
    }
    let rest = drawn.len().saturating_sub(SUBNETS);
    drawn.truncate(SUBNETS);
    let last = drawn.len() - 1;
    let told = drawn.into_iter().enumerate().map(|(at, (mut subnet, more))| {
        if more > 0 {
            subnet.model.lines.push(format!("and {more} more like it"));
        }
        if at == last && rest > 0 {
            subnet.model.lines.push(format!("{rest} more, which differ, are not drawn"));
        }
        subnet
    });
    told.collect()
}

/// The zones, of which those that are alike are drawn once if there are many.
fn folded_zones<'e>(zones: Vec<(&'e str, Vec<DrawnSubnet<'e>>)>) -> DrawnZones<'e> {
    let alike = |subnets: &[DrawnSubnet<'e>]| {
        subnets.iter().map(|subnet| subnet.alike.as_str()).collect::<Vec<_>>().join(" | ")
    };
    let is_many = zones.len() > ZONES;
    let mut drawn: Vec<(String, &'e str, Vec<DrawnSubnet<'e>>, usize)> = Vec::new();
    for (zone, subnets) in zones {
        let key = alike(&subnets);
        match drawn.iter_mut().find(|(known, ..)| is_many && *known == key) {
            Some((.., more)) => *more += 1,
            None => drawn.push((key, zone, subnets, 0)),
        }
    }
    let mut all = DrawnZones::default();
    let rest = drawn.len().saturating_sub(ZONES);
    if rest > 0 {
        all.notes.push(format!(
            "{rest} more zones, which differ from these, are not drawn; the text has their flows."
        ));
    }
    for (at, (_, zone, subnets, more)) in drawn.into_iter().take(ZONES).enumerate() {
        let more = if more > 0 { format!(" and {more} more like it") } else { String::new() };
        all.titles.push(format!("{}{more}", shown(zone)));
        all.subnets.extend(subnets.into_iter().map(|mut subnet| {
            subnet.model.zone = at;
            subnet
        }));
    }
    all
}
