//! A Mermaid flowchart of the flows, as GitHub draws it. Names come from whoever owns the cluster:
//! in labels, every character that could mean something to Mermaid, Markdown or HTML is written by
//! its number.

use super::group::{FlowGroup, groups};
use super::{ExplainReport, Which, flows};
use crate::explain::{Explanation, Flow, FlowEnd, HopKind, KubectlFrom, Listed, NodeAdmission, Verdict, Via};
use crate::report::flow_tone::FlowTone;
use crate::report::{cluster_name, printable};
use crate::snapshot::ClusterType;
use crate::value::addressed::addressed;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Write};

/// How many groups of a flow are drawn: Mermaid refuses diagrams of more than 500 edges.
const DRAWN: usize = 60;
/// How many subnets are named.
const NAMED: usize = 4;
/// How many characters of a text are drawn.
const MAX_TEXT: usize = 100;

/// The classes, and the colours of their borders.
const CLASSES: [(FlowTone, &str); 4] = [
    (FlowTone::Stays, "#1a7f37"),
    (FlowTone::Leaves, "#bf8700"),
    (FlowTone::Stopped, "#cf222e"),
    (FlowTone::Unknown, "#8250df"),
];

/// Writes the diagram.
pub(super) fn write(report: &ExplainReport, out: &mut dyn Write) -> io::Result<()> {
    let explanations: Vec<_> = report.clusters.iter().map(|explained| &explained.explanation).collect();
    out.write_all(chart(&explanations).as_bytes())
}

/// The diagram of some clusters.
pub(super) fn chart(explanations: &[&Explanation]) -> String {
    let mut chart = Chart { edges: Vec::new(), text: String::new() };
    chart.line(0, "flowchart LR");
    for (at, explanation) in explanations.iter().enumerate() {
        chart.cluster(at, explanation, explanations.len() > 1);
    }
    chart.styles();
    chart.text
}

struct Chart {
    text: String,
    /// The tone of each edge, in order.
    edges: Vec<Option<FlowTone>>,
}

/// The parts of one cluster's diagram.
#[derive(Default)]
struct DiagramParts {
    id: String,
    /// Ends of flows inside the VPC: id, label, tone.
    inside: Vec<(String, String, FlowTone)>,
    outside: Vec<(String, String, FlowTone)>,
    /// From, to, label, tone.
    edges: Vec<(String, String, String, FlowTone)>,
    /// The subnets of each end of flows, by kind and name.
    subnets: BTreeMap<(&'static str, String), Vec<String>>,
    /// The ends whose role the API server refuses, by kind and name.
    refused: BTreeSet<(&'static str, String)>,
    uses_public: bool,
    uses_interfaces: bool,
}

impl Chart {
    fn line(&mut self, depth: usize, line: &str) {
        let _ = writeln!(self.text, "{}{line}", "  ".repeat(depth));
    }

    fn cluster(&mut self, at: usize, explanation: &Explanation, several: bool) {
        let mut parts = DiagramParts { id: format!("c{at}"), ..DiagramParts::default() };
        let all = flows(explanation);
        all.iter().for_each(|(_, flows)| parts.find_subnets(flows));
        parts.find_refused(explanation);
        all.iter().for_each(|(which, flows)| parts.flows(*which, flows));
        let depth = if several { 2 } else { 1 };
        let id = parts.id.clone();
        if several {
            self.line(1, &format!("subgraph {id}[\"{}\"]", label(cluster_name(&explanation.cluster))));
        }
        let plane = match explanation.kind {
            ClusterType::Eks => "VPC of the control plane, which is AWS's",
            ClusterType::Outpost | ClusterType::OutpostInstanceStore => "Outpost",
            ClusterType::Connected => "Control plane, which is elsewhere",
        };
        self.line(depth, &format!("subgraph {id}_aws[\"{plane}\"]"));
        let version = explanation.version.as_ref().map(|v| format!("<br/>Kubernetes {}", label(&v.value)));
        self.line(depth + 1, &format!("{id}_api[\"API server{}\"]", version.unwrap_or_default()));
        if parts.uses_public {
            self.line(depth + 1, &format!("{id}_public[\"public endpoint\"]"));
        }
        self.line(depth, "end");
        if parts.uses_interfaces || !parts.inside.is_empty() {
            self.vpc(depth, &parts, explanation.vpc.as_deref());
        }
        self.nodes(depth, &parts.outside);
        if several {
            self.line(1, "end");
        }
        self.connect(&parts);
    }

    fn vpc(&mut self, depth: usize, parts: &DiagramParts, id: Option<&str>) {
        let name = id.map_or_else(String::new, |id| format!(" {}", label(id)));
        self.line(depth, &format!("subgraph {}_vpc[\"VPC{name}\"]", parts.id));
        if parts.uses_interfaces {
            let text = "network interfaces<br/>of the control plane";
            self.line(depth + 1, &format!("{}_interfaces[\"{text}\"]", parts.id));
        }
        self.nodes(depth + 1, &parts.inside);
        self.line(depth, "end");
    }

    fn nodes(&mut self, depth: usize, nodes: &[(String, String, FlowTone)]) {
        for (id, label, tone) in nodes {
            self.line(depth, &format!("{id}[\"{label}\"]:::{}", tone.as_str()));
        }
    }

    fn connect(&mut self, parts: &DiagramParts) {
        let id = &parts.id;
        for (used, node) in [(parts.uses_public, "public"), (parts.uses_interfaces, "interfaces")] {
            if used {
                self.line(1, &format!("{id}_api --- {id}_{node}"));
                self.edges.push(None);
            }
        }
        for (from, to, label, tone) in &parts.edges {
            let arrow = match tone {
                FlowTone::Stopped => "--x",
                FlowTone::Unknown => "-.->",
                FlowTone::Stays | FlowTone::Leaves => "-->",
            };
            self.line(1, &format!("{from} {arrow}|\"{label}\"| {to}"));
            self.edges.push(Some(*tone));
        }
    }

    fn styles(&mut self) {
        for (tone, colour) in CLASSES {
            self.line(1, &format!("classDef {} stroke:{colour},stroke-width:2px", tone.as_str()));
            let edges: Vec<_> = (0..self.edges.len()).filter(|at| self.edges[*at] == Some(tone)).collect();
            if edges.is_empty() {
                continue;
            }
            let edges: Vec<_> = edges.iter().map(ToString::to_string).collect();
            self.line(1, &format!("linkStyle {} stroke:{colour},stroke-width:2px", edges.join(",")));
        }
    }
}

impl DiagramParts {
    fn flows(&mut self, which: Which, all: &Listed<Flow>) {
        let groups = groups(&all.items);
        for group in groups.iter().take(DRAWN) {
            self.group(which, group);
        }
        if groups.len() > DRAWN {
            let text = format!("{} more, which --format json shows", groups.len() - DRAWN);
            self.inside.push((
                format!("{}_more{}", self.id, which.letter()),
                label(&text),
                FlowTone::Unknown,
            ));
        }
        if let Some(unknown) = all.more.first() {
            let end = format!("{}_others{}", self.id, if which == Which::FromKubectl { "C" } else { "" });
            // Hybrid nodes are not in the VPC, and where the others are is unknown.
            if !self.outside.iter().any(|(id, ..)| *id == end) {
                self.outside.push((end.clone(), label(which.others()), FlowTone::Unknown));
            }
            let text = format!("{}: unknown<br/>{}", which.letter(), label(&unknown.reason));
            let api = format!("{}_api", self.id);
            let (from, to) = if which == Which::ToKubelets { (api, end) } else { (end, api) };
            self.edges.push((from, to, text, FlowTone::Unknown));
        }
    }

    fn group(&mut self, which: Which, group: &FlowGroup<'_>) {
        let flow = group.flow;
        let is_refused =
            which == Which::ToApiServer && self.refused.contains(&(flow.end.as_str(), flow.name.clone()));
        let tone = if is_refused { FlowTone::Stopped } else { FlowTone::of(&flow.verdict) };
        let end = self.end(group, tone);
        let to_public = which != Which::ToKubelets && flow.via != Via::PrivateEndpoint;
        let other = format!("{}_{}", self.id, if to_public { "public" } else { "interfaces" });
        self.uses_public |= to_public;
        self.uses_interfaces |= !to_public;
        let some_only = group.subnets.len() < self.subnets_of(group).len();
        let place = if some_only { in_subnets(&group.subnets) } else { String::new() };
        let refused = if is_refused { "<br/>and is refused there" } else { "" };
        let text = format!("{}: {}{refused}{place}", which.letter(), edge_label(group));
        let (from, to) = if which == Which::ToKubelets { (other, end) } else { (end, other) };
        self.edges.push((from, to, text, tone));
    }

    /// The nodes that come with a role which the API server refuses.
    fn find_refused(&mut self, explanation: &Explanation) {
        let Ok(roles) = &explanation.node_roles else { return };
        for flow in &explanation.to_api_server.items {
            let refused =
                |role: &NodeAdmission| role.admitted == Ok(false) && role.is_about(flow.end, &flow.name);
            if roles.items.iter().any(refused) {
                self.refused.insert((flow.end.as_str(), flow.name.clone()));
            }
        }
    }

    fn find_subnets(&mut self, flows: &Listed<Flow>) {
        for flow in &flows.items {
            let subnets = self.subnets.entry((flow.end.as_str(), flow.name.clone())).or_default();
            subnets.extend(flow.subnet.clone());
        }
        self.subnets.values_mut().for_each(|subnets| {
            subnets.sort_unstable();
            subnets.dedup();
        });
    }

    /// All subnets of a group's end.
    fn subnets_of(&self, group: &FlowGroup<'_>) -> &[String] {
        let subnets = self.subnets.get(&(group.flow.end.as_str(), group.flow.name.clone()));
        subnets.map(Vec::as_slice).unwrap_or_default()
    }

    /// The node at the other end of the API server. Kubelets are drawn once for both ways and all
    /// subnets, with the tone of their worst way.
    fn end(&mut self, group: &FlowGroup<'_>, tone: FlowTone) -> String {
        let flow = group.flow;
        let key = (flow.end.as_str(), flow.name.clone());
        let id = format!("{}_end{}", self.id, self.subnets.range(..key).count());
        let text = end_label(group, self.subnets_of(group));
        let is_outside = matches!(flow.end, FlowEnd::Kubectl(KubectlFrom::Outside | KubectlFrom::Connected));
        let nodes = if is_outside { &mut self.outside } else { &mut self.inside };
        match nodes.iter_mut().find(|(known, ..)| *known == id) {
            Some(known) => known.2 = known.2.max(tone),
            None => nodes.push((id.clone(), text, tone)),
        }
        id
    }
}

fn end_label(group: &FlowGroup<'_>, subnets: &[String]) -> String {
    let name = label(&format!("{} {}", group.flow.end.title(), group.flow.name));
    format!("{name}{}", in_subnets(subnets))
}

/// A few of the subnets, a line each.
fn in_subnets<T: AsRef<str>>(subnets: &[T]) -> String {
    if subnets.is_empty() {
        return String::new();
    }
    let lines: Vec<_> = subnets.iter().take(NAMED).map(|subnet| label(subnet.as_ref())).collect();
    let more = if subnets.len() > NAMED { "<br/>and more" } else { "" };
    format!("<br/>in {}{more}", lines.join("<br/>and "))
}

/// The verdict, and through what.
fn edge_label(group: &FlowGroup<'_>) -> String {
    let verdict = match &group.flow.verdict {
        Ok(verdict) => verdict.title(),
        Err(unknown) => return format!("unknown<br/>{}", label(&unknown.reason)),
    };
    let gateways = || group.hops.iter().filter(|hop| hop.kind == HopKind::NatGateway);
    let routes = group.hops.iter().filter(|hop| hop.kind == HopKind::Route && gateways().next().is_none());
    let through: Vec<_> =
        gateways().chain(routes).map(|hop| label(&hop.id)).filter(|id| !id.is_empty()).collect();
    match through.as_slice() {
        // The verdict is enough, and the sentence is long.
        [] if group.flow.verdict == Ok(Verdict::LeavesVpc) => verdict.to_owned(),
        [] if matches!(group.flow.end, FlowEnd::Kubectl(_)) => {
            format!("{verdict}<br/>{}", label(&group.flow.reason))
        }
        [] => verdict.to_owned(),
        through => format!("{verdict}<br/>through {}", through.join("<br/>and ")),
    }
}

/// A text for a quoted label: letters and digits stay, and little else.
fn label(text: &str) -> String {
    let mut label = String::new();
    let text = printable(&addressed(text));
    for (at, c) in text.chars().enumerate() {
        match c {
            _ if at == MAX_TEXT => {
                label.push_str("...");
                break;
            }
            c if c.is_alphanumeric() || matches!(c, ' ' | '.' | ',' | '/' | '-') => label.push(c),
            c => {
                let _ = write!(label, "#{};", u32::from(c));
            }
        }
    }
    label
}
