//! The facts about traffic as nodes that rules read.

use super::super::known::Known;
use super::super::network::Network;
use super::super::network::workers::Worker;
use super::api_server::{self, Outgoing, written};
use super::endpoint::Endpoint;
use super::kubectl::{self, Access};
use super::{Flow, Hop, kubelet};
use crate::facts::builder::FactBuilder;
use crate::snapshot::Unknown;
use crate::value::Node;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// All flows of a cluster.
#[derive(Debug)]
pub(in crate::facts) struct Flows<'s> {
    pub(in crate::facts) endpoint: Known<Endpoint>,
    pub(in crate::facts) to_kubelets: Vec<Flow<'s>>,
    /// Not known where the endpoint is not.
    pub(in crate::facts) to_api_server: Known<Vec<Outgoing<'s>>>,
    pub(in crate::facts) from_kubectl: Known<Access<'s>>,
    /// Why there may be more workers than these.
    pub(in crate::facts) more: Vec<Unknown>,
}

impl<'s> Flows<'s> {
    pub(in crate::facts) fn of(network: &Network<'s>) -> Self {
        let (vpc, plane) = (&network.vpc, &network.plane);
        let endpoint = Endpoint::of(vpc.view);
        let workers = network.workers.iter();
        let (hops, shared) = (kubelet::Hops::of(vpc.view, plane), api_server::Shared::of(vpc.view));
        let to_kubelets =
            workers.clone().map(|worker| kubelet::flow(vpc, &endpoint, plane, worker, &hops)).collect();
        let to_api_server = endpoint.as_ref().map_err(Clone::clone).map(|endpoint| {
            workers.map(|worker| api_server::flow(vpc, endpoint, plane, worker, &shared)).collect()
        });
        let from_kubectl = kubectl::access(vpc, &endpoint, plane);
        let more = network.more.iter().chain(&network.remote).cloned().collect();
        Self { endpoint, to_kubelets, to_api_server, from_kubectl, more }
    }

    /// The workers, each with whether it has a way out.
    pub(in crate::facts) fn ways_out(&self) -> Known<impl Iterator<Item = (&Worker<'s>, Known<bool>)>> {
        let flows = self.to_api_server.as_ref().map_err(Clone::clone)?;
        let leads =
            |flow: &Outgoing<'s>| super::super::known::any(flow.ways.iter().map(|way| way.leads.clone()));
        Ok(flows.iter().map(move |outgoing| (&outgoing.flow.worker, leads(outgoing))))
    }
}

/// The facts of `facts.cluster.flows`.
pub(in crate::facts) fn node<'s>(flows: &Flows<'s>, builder: FactBuilder<'s>) -> Node<'s> {
    let more = || flows.more.iter().map(|unknown| builder.unknown(unknown));
    let hops = HopNodes::default();
    let kubelets = flows.to_kubelets.iter().map(|flow| render(flow, &hops, builder));
    let outgoing = flows.to_api_server.as_ref().map_err(Clone::clone);
    let api_server = outgoing.clone().map(|all| {
        builder.list(all.iter().map(|outgoing| render(&outgoing.flow, &hops, builder)).chain(more()))
    });
    let locked_out =
        outgoing.clone().map(|all| builder.list(locked_out(all, builder).into_iter().chain(more())));
    let breaks = outgoing.map(|all| builder.list(scale_out(all, builder).into_iter().chain(more())));
    let kubectl =
        flows.from_kubectl.as_ref().map_err(Clone::clone).map(|access| access_node(access, builder));
    builder.object([
        ("apiServerToKubelet", builder.list(kubelets.chain(more()))),
        ("kubeletToApiServer", builder.known(api_server)),
        ("kubectlToApiServer", builder.known(kubectl)),
        ("lockedOut", builder.known(locked_out)),
        ("breaksAtScaleOut", builder.known(breaks)),
    ])
}

/// The nodes of hops by their address: what flows share is rendered once.
type HopNodes<'s> = RefCell<FxHashMap<*const Hop, Node<'s>>>;

fn render<'s>(flow: &Flow<'s>, hops: &HopNodes<'s>, builder: FactBuilder<'s>) -> Node<'s> {
    let verdict = flow.verdict.clone().map(|verdict| Node::Str(verdict.as_str()));
    builder.object_at(
        &flow.worker.origin,
        [
            ("kind", Node::Str(flow.worker.kind.as_str())),
            ("name", Node::Str(flow.worker.name)),
            ("subnet", Node::Str(flow.worker.subnet)),
            ("verdict", builder.known(verdict)),
            ("via", Node::Str(flow.via)),
            ("reason", builder.text(&flow.reason)),
            ("addresses", builder.texts(&flow.addresses)),
            ("hops", builder.list(flow.hops.iter().map(|hop| hop_node(hop, hops, builder)))),
        ],
    )
}

fn hop_node<'s>(hop: &Rc<Hop>, known: &HopNodes<'s>, builder: FactBuilder<'s>) -> Node<'s> {
    let node = || {
        let fields =
            [("kind", Node::Str(hop.kind)), ("id", builder.text(&hop.id)), ("text", builder.text(&hop.text))];
        builder.object_at(&hop.origin, fields)
    };
    *known.borrow_mut().entry(Rc::as_ptr(hop)).or_insert_with(node)
}

/// The addresses that are not accepted, with everybody who comes from them.
fn locked_out<'s>(all: &[Outgoing<'s>], builder: FactBuilder<'s>) -> Vec<Node<'s>> {
    let mut missing: BTreeMap<String, (&str, &str, Vec<String>)> = BTreeMap::new();
    let mut nodes = Vec::new();
    for outgoing in all {
        match &outgoing.missing {
            Ok(addresses) => {
                for leaving in addresses {
                    let known = missing.entry(written(&leaving.block));
                    let (.., users) = known.or_insert((&leaving.of, &leaving.origin, Vec::new()));
                    let words = outgoing.flow.worker.words();
                    if !users.contains(&words) {
                        users.push(words);
                    }
                }
            }
            Err(unknown) => nodes.push(builder.unknown(unknown)),
        }
    }
    let item = |(address, (of, origin, users)): (String, (&str, &str, Vec<String>))| {
        let fields =
            [("address", builder.text(address)), ("of", builder.text(of)), ("usedBy", builder.texts(users))];
        builder.object_at(origin, fields)
    };
    missing.into_iter().map(item).chain(nodes).collect()
}

/// What will come from other addresses after the next node or the next hour.
fn scale_out<'s>(all: &[Outgoing<'s>], builder: FactBuilder<'s>) -> Vec<Node<'s>> {
    let mut known: BTreeMap<(&str, &str), (&str, Vec<String>)> = BTreeMap::new();
    let mut unknown = Vec::new();
    for outgoing in all {
        let (leaving, why) = match &outgoing.breaks {
            Ok(Some(breaks)) => breaks,
            Ok(None) => continue,
            Err(why) => {
                unknown.push(builder.unknown(why));
                continue;
            }
        };
        // Nodes with addresses of their own differ; what they share is their subnet.
        let worker = &outgoing.flow.worker;
        let of = if outgoing.flow.via == "nat-gateway" { &leaving.of } else { worker.subnet };
        let (_, users) = known.entry((of, why)).or_insert((&leaving.origin, Vec::new()));
        let words = worker.words();
        if !users.contains(&words) {
            users.push(words);
        }
    }
    let item = |((of, why), (origin, users)): ((&str, &str), (&str, Vec<String>))| {
        let fields = [("of", builder.text(of)), ("usedBy", builder.texts(users)), ("why", builder.text(why))];
        builder.object_at(origin, fields)
    };
    known.into_iter().map(item).chain(unknown).collect()
}

fn access_node<'s>(access: &Access<'s>, builder: FactBuilder<'s>) -> Node<'s> {
    let sources = access.private.iter().map(|source| {
        let (kind, value) = source.entry.source.words();
        let group = Node::Str(source.group.key().unwrap_or_default());
        let fields = [("kind", Node::Str(kind)), ("value", builder.text(value)), ("group", group)];
        builder.object_at(&source.entry.origin(&source.group), fields)
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
