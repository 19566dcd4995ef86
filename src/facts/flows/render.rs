//! The facts about traffic as nodes that rules read.

use super::Flows;
use super::addresses::{LockedOut, ScaleOut, locked_out, scale_out};
use super::flow::{FlowHop, NodeFlow, Verdict};
use super::hybrid::HybridProblem;
use super::kubectl::KubectlAccess;
use super::pods::{AddonPort, PodFlow};
use crate::facts::builder::{FactBuilder, Field};
use crate::facts::known::Known;
use crate::facts::network::nodes::NodePlacement;
use crate::value::{Json, Pointer};
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// The facts of `facts.cluster.flows`.
pub(crate) fn node<'s>(flows: &Flows<'s>, builder: FactBuilder<'s>) -> Json<'s> {
    let list = |items: Vec<Json<'s>>| {
        let more = flows.more.iter().map(|unknown| builder.unknown(unknown));
        builder.list(items.into_iter().chain(more))
    };
    let hops = HopNodes::default();
    let flow = |flow| flow_node(flow, &hops, builder);
    let outgoing = flows.to_api_server.as_deref().map_err(Clone::clone);
    let api_server = outgoing.clone().map(|all| list(all.iter().map(|one| flow(&one.flow)).collect()));
    let locked_out = outgoing.clone().map(|all| {
        let (found, unknown) = locked_out(all);
        let found = found.iter().map(|one| locked_out_node(one, builder));
        list(found.chain(unknown.iter().map(|why| builder.unknown(why))).collect())
    });
    let breaks = outgoing.map(|all| {
        let (found, unknown) = scale_out(all);
        let found = found.iter().map(|one| scale_out_node(one, builder));
        list(found.chain(unknown.iter().map(|why| builder.unknown(why))).collect())
    });
    let kubectl =
        flows.from_kubectl.as_ref().map_err(Clone::clone).map(|access| access_node(access, builder));
    let hybrid = flows.hybrid.as_ref().map_err(Clone::clone).map(|hybrid| {
        let found = hybrid.found.iter().map(|problem| hybrid_problem_node(problem, builder));
        builder.list(found.chain(hybrid.more.iter().map(|unknown| builder.unknown(unknown))))
    });
    let from_pods = flows.from_pods.as_deref().map_err(Clone::clone);
    let from_pods = from_pods.map(|all| list(all.iter().map(|flow| pod_flow_node(flow, builder)).collect()));
    let ports = flows.to_pods.iter().map(|port| addon_port_node(port, builder));
    let more = flows.more.iter().chain(&flows.more_addons).map(|unknown| builder.unknown(unknown));
    let to_pods = builder.list(ports.chain(more));
    builder.object([
        ("apiServerToKubelet", list(flows.to_kubelets.iter().map(flow).collect())),
        ("kubeletToApiServer", builder.known(api_server)),
        ("kubectlToApiServer", builder.known(kubectl)),
        ("podsToApiServer", builder.known(from_pods)),
        ("apiServerToPods", to_pods),
        ("hybridProblems", builder.known(hybrid)),
        ("lockedOut", builder.known(locked_out)),
        ("breaksAtScaleOut", builder.known(breaks)),
    ])
}

/// The nodes of steps by their address: what flows share is rendered once.
type HopNodes<'s> = RefCell<FxHashMap<*const FlowHop, Json<'s>>>;

fn flow_node<'s>(flow: &NodeFlow<'s>, hops: &HopNodes<'s>, builder: FactBuilder<'s>) -> Json<'s> {
    let rest = [
        ("via", Json::Str(flow.via.as_str())),
        ("reason", builder.text(&flow.reason)),
        ("addresses", builder.texts(&flow.addresses)),
        ("hops", builder.list(flow.hops.iter().map(|hop| hop_node(hop, hops, builder)))),
    ];
    of_nodes(&flow.nodes, &flow.verdict, rest, builder)
}

/// The node of a flow to or from nodes: whose they are, the verdict, and the rest.
fn of_nodes<'s, const N: usize>(
    nodes: &NodePlacement<'s>,
    verdict: &Known<Verdict>,
    rest: [Field<'s>; N],
    builder: FactBuilder<'s>,
) -> Json<'s> {
    let verdict = verdict.clone().map(|verdict| Json::Str(verdict.as_str()));
    let fields = [
        ("kind", Json::Str(nodes.kind.as_str())),
        ("name", Json::Str(nodes.name)),
        ("subnet", Json::Str(nodes.subnet)),
        ("verdict", builder.known(verdict)),
    ];
    builder.object_at(nodes.place.as_str(), fields.into_iter().chain(rest))
}

fn hop_node<'s>(hop: &Rc<FlowHop>, known: &HopNodes<'s>, builder: FactBuilder<'s>) -> Json<'s> {
    let node = || {
        let fields = [
            ("kind", Json::Str(hop.kind.as_str())),
            ("id", builder.text(&hop.id)),
            ("text", builder.text(&hop.text)),
        ];
        builder.object_at(hop.place.as_ref().map_or("", Pointer::as_str), fields)
    };
    *known.borrow_mut().entry(Rc::as_ptr(hop)).or_insert_with(node)
}

fn pod_flow_node<'s>(flow: &PodFlow<'s>, builder: FactBuilder<'s>) -> Json<'s> {
    let rest =
        [("reason", builder.text(&flow.reason)), ("kubeletToo", builder.flag(flow.kubelet_too.clone()))];
    of_nodes(&flow.nodes, &flow.verdict, rest, builder)
}

fn addon_port_node<'s>(port: &AddonPort<'s>, builder: FactBuilder<'s>) -> Json<'s> {
    builder.object_at(
        port.place.as_str(),
        [
            ("addon", Json::Str(port.addon)),
            ("port", builder.known(port.port.clone().map(Json::Int))),
            ("serves", Json::Str(port.serves)),
            ("reachable", builder.flag(port.reachable.clone())),
            ("blockedOn", builder.texts(&port.blocked_on)),
            ("reason", builder.text(&port.reason)),
        ],
    )
}

fn hybrid_problem_node<'s>(problem: &HybridProblem, builder: FactBuilder<'s>) -> Json<'s> {
    let fields = [("network", builder.text(&problem.network)), ("reason", builder.text(&problem.reason))];
    builder.object_at(problem.place.as_str(), fields)
}

fn locked_out_node<'s>(address: &LockedOut, builder: FactBuilder<'s>) -> Json<'s> {
    let fields = [
        ("address", builder.text(&address.address)),
        ("of", builder.text(&address.of)),
        ("usedBy", builder.texts(&address.used_by)),
    ];
    builder.object_at(address.place.as_str(), fields)
}

fn scale_out_node<'s>(change: &ScaleOut, builder: FactBuilder<'s>) -> Json<'s> {
    let fields = [
        ("of", builder.text(&change.of)),
        ("usedBy", builder.texts(&change.used_by)),
        ("why", builder.text(&change.why)),
    ];
    builder.object_at(change.place.as_str(), fields)
}

fn access_node<'s>(access: &KubectlAccess<'s>, builder: FactBuilder<'s>) -> Json<'s> {
    let sources = access.private.iter().map(|source| {
        let fields = [
            ("kind", Json::Str(source.peer.kind())),
            ("value", Json::Str(source.peer.value())),
            ("group", Json::Str(source.group.key().unwrap_or_default())),
        ];
        builder.object_at(source.rule.pointer(&source.group).as_str(), fields)
    });
    let more = access.more.iter().map(|unknown| builder.unknown(unknown));
    let ranges = access.public_ranges.iter().map(|range| builder.text(range));
    let more_ranges = access.more_ranges.iter().map(|unknown| builder.unknown(unknown));
    builder.object([
        ("fromInternet", builder.flag(access.from_internet.clone())),
        ("publicRanges", builder.list(ranges.chain(more_ranges))),
        ("privateSources", builder.list(sources.chain(more))),
    ])
}
