//! A picture's boxes and lines, from what is explained.

use super::PictureFrame;
use super::model::{CrossAt, EndModel, GatewayModel, PictureModel, PublicModel, Remark, Segment, Spot};
use super::subnets::{DrawnSubnet, PlacedNodes, chip, gateway_of, zones};
use super::text::{Font, shown};
use crate::explain::{
    EndpointMode, EndpointState, Explanation, Flow, FlowEnd, KubectlFrom, Listed, MapNatGateway,
    PlaneInterfaces, RouteTarget, SubnetRoute, Verdict, Via,
};
use crate::report::cluster_name;
use crate::report::flow_tone::FlowTone;
use crate::snapshot::{ClusterType, Unknown};

/// How many addresses the box of the public endpoint names.
const ADDRESSES: usize = 3;
/// How many VPC endpoints are named.
const ENDPOINTS: usize = 16;
/// How many lines a reason has.
const REASON_LINES: usize = 4;
/// The room for a reason, in pixels.
const REASON_ROOM: i32 = 196;

/// The model of a picture, before lines are placed.
pub(super) fn model(e: &Explanation, frame: &PictureFrame<'_>) -> PictureModel {
    let drawn = zones(e, frame.anchors);
    let mut building = Building { e, frame, subnets: drawn.subnets, model: about(e) };
    building.model.zones = drawn.titles;
    building.model.notes = drawn.notes;
    building.place_nats();
    building.edges();
    building.model.subnets = building.subnets.iter().map(|subnet| subnet.model.clone()).collect();
    building.node_lines();
    building.kubectl();
    building.others();
    building.endpoints();
    building.notes();
    building.model.merge_gateways();
    building.model
}

/// What is said of the cluster itself.
fn about(e: &Explanation) -> PictureModel {
    let parts = [
        e.cluster.region.as_deref().map(shown),
        e.cluster.account.as_deref().map(|account| format!("account {}", shown(account))),
        e.cluster.template.as_ref().map(|_| "from a template: it may not exist yet".to_owned()),
    ];
    PictureModel {
        name: shown(cluster_name(&e.cluster)),
        about: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        plane: match e.kind {
            ClusterType::Outpost | ClusterType::OutpostInstanceStore => {
                "Outpost: the control plane".to_owned()
            }
            _ => "AWS account of EKS".to_owned(),
        },
        api: api_lines(e),
        public: public(e),
        vpc: e
            .vpc
            .as_deref()
            .map_or_else(|| "VPC: not known which".to_owned(), |id| format!("VPC {}", shown(id))),
        vpc_blocks: e.map.blocks.iter().map(|block| shown(block)).collect::<Vec<_>>().join(" · "),
        ..PictureModel::default()
    }
}

fn api_lines(e: &Explanation) -> Vec<String> {
    let version = e.version.as_ref().ok().map(|version| format!("Kubernetes {}", shown(&version.value)));
    let private = match e.endpoint.as_ref().map(|endpoint| endpoint.mode) {
        Ok(EndpointMode::Public) => "private endpoint: off",
        Ok(EndpointMode::Private | EndpointMode::PublicAndPrivate) => "private endpoint: on",
        Err(_) => "private endpoint: not known",
    };
    let private = private.to_owned();
    let version = version.unwrap_or_else(|| "Kubernetes: version not known".to_owned());
    vec![version, private]
}

fn public(e: &Explanation) -> PublicModel {
    let outside = e.from_kubectl.items.iter().find(|flow| flow.end == FlowEnd::Kubectl(KubectlFrom::Outside));
    match e.endpoint.as_ref().map(|endpoint| endpoint.mode) {
        Ok(EndpointMode::Private) => PublicModel { is_on: false, lines: vec!["off".to_owned()] },
        Err(_) => PublicModel { is_on: false, lines: vec!["on or off: not known".to_owned()] },
        Ok(_) => {
            let addresses = outside.map(|flow| flow.addresses.as_slice()).unwrap_or_default();
            let mut lines: Vec<_> =
                addresses.iter().take(ADDRESSES).map(|net| format!("accepts {}", shown(net))).collect();
            if addresses.len() > ADDRESSES {
                lines.push(format!("and {} more", addresses.len() - ADDRESSES));
            }
            if lines.is_empty() {
                lines.push("whom it accepts is not known".to_owned());
            }
            PublicModel { is_on: true, lines }
        }
    }
}

struct Building<'e, 'f> {
    e: &'e Explanation,
    frame: &'f PictureFrame<'f>,
    subnets: Vec<DrawnSubnet<'e>>,
    model: PictureModel,
}

impl<'e> Building<'e, '_> {
    /// Puts each NAT gateway into its subnet.
    fn place_nats(&mut self) {
        let e = self.e;
        for nat in &e.map.nat_gateways {
            let is_here = |subnet: &&mut DrawnSubnet<'_>| {
                subnet.map.is_some_and(|map| Some(map.id.as_str()) == nat.subnet.as_deref())
            };
            if let Some(subnet) = self.subnets.iter_mut().find(is_here) {
                subnet.model.nats.push(self.model.nats.len());
                self.model.nats.push(nat_model(nat));
            }
        }
    }

    /// What default routes lead to, also where no flow goes there.
    fn edges(&mut self) {
        for subnet in &self.subnets.clone() {
            let routes = subnet.map.map(|map| [&map.default_route, &map.default_route_ipv6]);
            for route in routes.into_iter().flatten().flatten() {
                let is_here = self.model.nats.iter().any(|nat| nat.id == shown(&route.id));
                if let Some(way) = self.gateway_of_route(route).filter(|_| !is_here) {
                    self.through_gateways(Spot::Public, way, &route.id);
                }
            }
        }
    }

    /// What a route leads to, if that is on the edge of the VPC.
    fn gateway_of_route(&self, route: &SubnetRoute) -> Option<RouteTarget> {
        let is_none = matches!(
            route.target,
            RouteTarget::None | RouteTarget::Several | RouteTarget::Local | RouteTarget::GatewayEndpoint
        );
        (!is_none).then_some(route.target)
    }

    /// The flows of nodes.
    fn node_lines(&mut self) {
        for at in 0..self.subnets.len() {
            let nodes = self.subnets[at].nodes.clone();
            for (stack, one) in nodes.iter().enumerate() {
                let spot = Spot::Stack(at, stack);
                if let Some(flow) = one.incoming {
                    let way = self.through_interface(at, spot);
                    self.way(
                        'A',
                        one.end,
                        flow,
                        (FlowTone::of(&flow.verdict), false),
                        &way.iter().rev().copied().collect::<Vec<_>>(),
                    );
                }
                self.outgoing(at, spot, one);
            }
        }
    }

    fn outgoing(&mut self, at: usize, spot: Spot, one: &PlacedNodes<'e>) {
        let (Some(flow), Some(state)) = (one.outgoing, one.outgoing_state()) else { return };
        let way = match flow.via {
            Via::PrivateEndpoint | Via::ControlPlaneInterface => self.through_interface(at, spot),
            Via::Unknown if !self.is_public_only() => self.through_interface(at, spot),
            Via::PublicEndpoint | Via::Unknown => vec![spot, Spot::Public],
            Via::Route(target) => self.through_gateways(spot, target, gateway_of(flow).unwrap_or_default()),
        };
        self.way('B', one.end, flow, (state, one.is_refused()), &way);
    }

    fn is_public_only(&self) -> bool {
        self.e.endpoint.as_ref().is_ok_and(|endpoint| endpoint.mode == EndpointMode::Public)
    }

    /// From a box to the API server, through the nearest interface.
    fn through_interface(&self, at: usize, spot: Spot) -> Vec<Spot> {
        match self.nearest_interface(self.model.subnets.get(at).map_or(0, |subnet| subnet.zone), Some(at)) {
            Some(subnet) => vec![spot, Spot::Interface(subnet), Spot::Api],
            None => vec![spot, Spot::Api],
        }
    }

    /// The subnet with an interface that is nearest to a column, if possible the given one.
    fn nearest_interface(&self, zone: usize, own: Option<usize>) -> Option<usize> {
        let with =
            self.model.subnets.iter().enumerate().filter(|(_, s)| s.interfaces != PlaneInterfaces::None);
        let rank = |(at, subnet): &(usize, &super::model::SubnetModel)| {
            (
                Some(*at) != own,
                subnet.zone.abs_diff(zone),
                subnet.interfaces != PlaneInterfaces::Found,
                subnet.zone,
                *at,
            )
        };
        with.min_by_key(rank).map(|(at, _)| at)
    }

    /// From a box to the public endpoint, through what its route leads to.
    fn through_gateways(&mut self, spot: Spot, target: RouteTarget, id: &str) -> Vec<Spot> {
        match target {
            RouteTarget::None | RouteTarget::Several | RouteTarget::Local | RouteTarget::GatewayEndpoint => {
                vec![spot, Spot::Public]
            }
            RouteTarget::NatGateway => match self.nat(id) {
                Some((nat, edge)) => vec![spot, nat, edge, Spot::Public],
                None => {
                    let gateways = &self.e.map.nat_gateways;
                    let address = gateways.iter().find(|nat| nat.id == id).map(|nat| nat_model(nat).address);
                    vec![spot, self.edge(target, id, address.unwrap_or_default()), Spot::Public]
                }
            },
            target => vec![spot, self.edge(target, id, String::new()), Spot::Public],
        }
    }

    /// A NAT gateway that is drawn in a subnet, and the gateway behind it.
    fn nat(&mut self, id: &str) -> Option<(Spot, Spot)> {
        let shown_id = shown(id);
        let at = self.model.nats.iter().position(|nat| nat.id == shown_id)?;
        let subnet = self.subnets.iter().find(|subnet| subnet.model.nats.contains(&at))?;
        let route = subnet.map?.default_route.clone();
        let edge = match route {
            Ok(route) if !matches!(route.target, RouteTarget::None | RouteTarget::Several) => {
                self.edge(route.target, &route.id, String::new())
            }
            _ => self.edge_box("gateway: not known", String::new(), String::new()),
        };
        Some((Spot::Nat(at), edge))
    }

    fn edge(&mut self, target: RouteTarget, id: &str, address: String) -> Spot {
        self.edge_box(target.title(), shown(id), address)
    }

    /// A box on the edge of the VPC, once.
    fn edge_box(&mut self, title: &str, id: String, address: String) -> Spot {
        let gateway = GatewayModel { title: title.to_owned(), id, address };
        let known = self.model.gateways.iter().position(|known| *known == gateway);
        Spot::Gateway(known.unwrap_or_else(|| {
            self.model.gateways.push(gateway);
            self.model.gateways.len() - 1
        }))
    }

    /// Lines from box to box, crossed out where the flow is stopped.
    fn way(
        &mut self,
        letter: char,
        end: FlowEnd,
        flow: &Flow,
        (state, is_refused): (FlowTone, bool),
        spots: &[Spot],
    ) {
        let segments = spots.len().saturating_sub(1);
        let cross = crossed(flow, is_refused, segments);
        let anchors = self.frame.anchors;
        let anchor =
            anchors.and_then(|all| all.find(letter.to_ascii_lowercase(), end, &flow.name)).map(str::to_owned);
        let word = match &flow.verdict {
            _ if is_refused => "refused by the API server",
            Ok(verdict) => verdict.title(),
            Err(_) => "unknown",
        };
        let subnet = flow.subnet.as_deref().map(|id| format!(" in {}", shown(id))).unwrap_or_default();
        let words = format!("{letter}: {} {}{subnet}: {word}", end.title(), shown(&flow.name));
        for (at, pair) in spots.windows(2).enumerate() {
            let cross = cross.filter(|(segment, _)| *segment == at).map(|(_, place)| place);
            self.model.add(Segment {
                letter,
                state,
                from: pair[0],
                to: pair[1],
                cross,
                anchor: anchor.clone(),
                words: words.clone(),
            });
        }
    }

    /// The boxes of kubectl and their lines.
    fn kubectl(&mut self) {
        let e = self.e;
        for flow in &e.from_kubectl.items {
            let FlowEnd::Kubectl(from) = flow.end else { continue };
            let spot = Spot::Kubectl(from);
            let way = match (from, flow.via) {
                (KubectlFrom::Inside, Via::PublicEndpoint) => self.out_of_vpc(spot),
                (_, Via::PublicEndpoint) => vec![spot, Spot::Public],
                _ => match self.nearest_interface(self.model.zones.len(), None) {
                    Some(subnet) => vec![spot, Spot::Interface(subnet), Spot::Api],
                    None => vec![spot, Spot::Api],
                },
            };
            self.way('C', flow.end, flow, (FlowTone::of(&flow.verdict), false), &way);
            let anchor = self.frame.anchors.and_then(|all| all.get('c', flow)).map(str::to_owned);
            let reason = flow
                .verdict
                .as_ref()
                .map_or_else(|unknown| unknown.reason.as_str(), |_| flow.reason.as_str());
            let (title, who) = kubectl_title(from);
            let mut lines = vec![who.to_owned()];
            lines.extend(reason_lines(reason));
            self.model.kubectl.push(EndModel {
                spot,
                title: title.to_owned(),
                lines,
                chips: vec![chip('C', flow, anchor)],
            });
        }
    }

    /// From a box in the VPC to the public endpoint, by the internet gateway if there is one.
    fn out_of_vpc(&self, spot: Spot) -> Vec<Spot> {
        let title = RouteTarget::InternetGateway.title();
        match self.model.gateways.iter().position(|gateway| gateway.title == title) {
            Some(gateway) => vec![spot, Spot::Gateway(gateway), Spot::Public],
            None => vec![spot, Spot::Public],
        }
    }

    /// Boxes for what may be there besides.
    fn others(&mut self) {
        let e = self.e;
        let nodes = [('A', &e.to_kubelets), ('B', &e.to_api_server)];
        let nodes: Vec<_> =
            nodes.into_iter().filter_map(|(letter, all)| Some((letter, hidden(all)?))).collect();
        let title = if e.to_kubelets.items.is_empty() { "nodes" } else { "other nodes" };
        self.other(title, &nodes);
        let kubectl: Vec<_> = hidden(&e.from_kubectl).map(|why| ('C', why)).into_iter().collect();
        let title = if e.from_kubectl.items.is_empty() { "kubectl" } else { "kubectl from elsewhere" };
        self.other(title, &kubectl);
    }

    fn other(&mut self, title: &str, hidden: &[(char, &Unknown)]) {
        let Some((_, first)) = hidden.first() else { return };
        let spot = Spot::Others(self.model.others.len());
        let chips = hidden.iter().map(|(letter, _)| super::model::Chip {
            letter: *letter,
            state: FlowTone::Unknown,
            word: "unknown".to_owned(),
            verdict: "unknown",
            why: shown(&first.reason),
            anchor: None,
        });
        self.model.others.push(EndModel {
            spot,
            title: title.to_owned(),
            lines: reason_lines(&first.reason),
            chips: chips.collect(),
        });
        for (letter, unknown) in hidden {
            let (from, to) = if *letter == 'A' { (Spot::Api, spot) } else { (spot, Spot::Api) };
            let words = format!("{letter}: {title}: unknown: {}", shown(&unknown.reason));
            let (state, letter) = (FlowTone::Unknown, *letter);
            self.model.add(Segment { letter, state, from, to, cross: None, anchor: None, words });
        }
    }

    /// The VPC endpoints: first those that are needed and do not work, and those that shut nodes out.
    fn endpoints(&mut self) {
        let mut told: Vec<(&str, &str, FlowTone)> = Vec::new();
        for needed in self.e.vpc_endpoints.iter().flatten() {
            match &needed.state {
                Ok(EndpointState::Usable) => {}
                Ok(state) => told.push((needed.service, state.as_str(), FlowTone::Stopped)),
                Err(_) => told.push((needed.service, "not known", FlowTone::Unknown)),
            }
        }
        let shutting = self.e.shutting_endpoints.iter().flat_map(|all| &all.items);
        told.extend(shutting.map(|endpoint| (endpoint.service, "blocks nodes", FlowTone::Stopped)));
        let mut remarks: Vec<_> = told
            .iter()
            .map(|(service, word, state)| Remark { text: format!("{service}: {word}"), state: Some(*state) })
            .collect();
        for endpoint in self.e.map.vpc_endpoints.iter().flatten() {
            if !told.iter().any(|(service, ..)| *service == endpoint.service) {
                let kind = if endpoint.kind.eq_ignore_ascii_case("gateway") { " (gateway)" } else { "" };
                let text = format!("{}{kind}", shown(&endpoint.service));
                remarks.push(Remark { text, state: None });
            }
        }
        if remarks.len() > ENDPOINTS {
            let rest = remarks.split_off(ENDPOINTS - 1);
            let state = rest.iter().filter_map(|remark| remark.state).max();
            remarks.push(Remark { text: format!("and {} more", rest.len()), state });
        }
        self.model.endpoints = remarks;
    }

    fn notes(&mut self) {
        let map = &self.e.map;
        match &map.more {
            Some(unknown) if self.model.zones.is_empty() => {
                let call = unknown.api.as_deref().map(|api| format!(" ({api})")).unwrap_or_default();
                self.model.no_subnets = reason_lines(&format!("{}{call}", unknown.reason));
            }
            Some(unknown) => {
                self.model.notes.push(format!("There may be more subnets: {}.", shown(&unknown.reason)));
            }
            None if self.model.zones.is_empty() => {
                self.model.no_subnets = reason_lines("the snapshot has no subnet that the cluster uses");
            }
            None => {}
        }
        match map.unused_subnets {
            0 => {}
            1 => self.model.notes.push("1 more subnet of the VPC: the cluster does not use it.".to_owned()),
            count => self
                .model
                .notes
                .push(format!("{count} more subnets of the VPC: the cluster does not use them.")),
        }
        if self.model.subnets.iter().any(|subnet| subnet.interfaces == PlaneInterfaces::Possible) {
            self.model.notes.push(
                "Where EKS puts its network interfaces is not known here: it may be any subnet that the cluster names."
                    .to_owned(),
            );
        }
    }
}

fn nat_model(nat: &MapNatGateway) -> GatewayModel {
    let state = nat
        .state
        .as_deref()
        .filter(|state| *state != "available")
        .map(|state| format!(" ({})", shown(state)));
    let address = nat.addresses.first().map(|address| shown(address)).unwrap_or_default();
    let more = if nat.addresses.len() > 1 {
        format!(" and {} more", nat.addresses.len() - 1)
    } else {
        String::new()
    };
    GatewayModel {
        title: format!("NAT gateway{}", state.unwrap_or_default()),
        id: shown(&nat.id),
        address: format!("{address}{more}"),
    }
}

/// On which of its lines a flow is stopped, and where.
fn crossed(flow: &Flow, is_refused: bool, segments: usize) -> Option<(usize, CrossAt)> {
    let last = segments.checked_sub(1)?;
    let is_to_nodes = flow.via == Via::ControlPlaneInterface;
    match flow.verdict {
        Ok(Verdict::LockedOut) => Some((last, CrossAt::End)),
        Ok(Verdict::Blocked | Verdict::Unreachable) if is_to_nodes => Some((last, CrossAt::End)),
        Ok(Verdict::Blocked) if flow.via == Via::PrivateEndpoint => Some((0, CrossAt::End)),
        Ok(Verdict::Blocked) if flow.end == FlowEnd::Kubectl(KubectlFrom::Outside) => {
            Some((last, CrossAt::End))
        }
        Ok(Verdict::Blocked | Verdict::Unreachable) => Some((0, CrossAt::Start)),
        _ if is_refused => Some((last, CrossAt::End)),
        _ => None,
    }
}

/// Why there may be more.
fn hidden(flows: &Listed<Flow>) -> Option<&Unknown> {
    flows.more.first()
}

fn reason_lines(reason: &str) -> Vec<String> {
    Font::SMALL.wrapped(&shown(reason), REASON_ROOM, REASON_LINES)
}

fn kubectl_title(from: KubectlFrom) -> (&'static str, &'static str) {
    match from {
        KubectlFrom::Outside => ("kubectl outside the VPC", "office, home, the internet"),
        KubectlFrom::Inside => ("kubectl inside the VPC", "bastion, CI runner"),
        KubectlFrom::Connected => ("kubectl in other networks", "connected by VPN, peering, …"),
    }
}
