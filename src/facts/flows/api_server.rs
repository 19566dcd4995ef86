//! Kubelet → API server: through the private endpoint, or out to the public one; and then, whether
//! the public one accepts where the nodes come from.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>

use super::super::known::{Known, all};
use super::super::network::groups::HTTPS;
use super::super::network::vpc::Vpc;
use super::super::network::workers::{ControlPlane, Worker};
use super::super::view::SnapshotView;
use super::endpoint::{AccessList, Endpoint};
use super::way_out::{Leaving, WayOut, WaysOut};
use super::{Flow, Hop, Verdict, path};
use crate::snapshot::Unknown;
use crate::value::Pointer;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// The flow from the kubelets of a worker, with what follows from it.
#[derive(Clone, Debug)]
pub(in crate::facts) struct Outgoing<'s> {
    pub(in crate::facts) flow: Flow<'s>,
    /// Addresses that it comes from and that the public endpoint does not accept.
    pub(in crate::facts) missing: Known<Vec<Leaving>>,
    /// What will come from other addresses than today's, which are accepted.
    pub(in crate::facts) breaks: Known<Option<(Leaving, String)>>,
    /// The ways out, IPv4 first.
    pub(in crate::facts) ways: Vec<Rc<WayOut>>,
}

/// What the flows from all kubelets share.
#[derive(Debug)]
pub(in crate::facts) struct Shared<'s> {
    /// Where the cluster's `resourcesVpcConfig` stands.
    config: Pointer,
    ways: WaysOut<'s>,
    /// What the endpoint does, by its words.
    hops: RefCell<FxHashMap<&'static str, Rc<Hop>>>,
}

/// What decides about the flow of one worker.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) public: bool,
    pub(super) private: bool,
    /// The name leads to the private addresses.
    pub(super) private_names: Known<bool>,
    /// The private endpoint can be connected to.
    pub(super) admitted: Known<bool>,
    /// Ways to the public endpoint, one for each family of addresses that it has.
    pub(super) ways: Vec<Way>,
}

/// A way to the public endpoint.
#[derive(Clone, Debug)]
pub(super) struct Way {
    /// It leads there.
    pub(super) leads: Known<bool>,
    /// All addresses that it may come from are accepted.
    pub(super) accepted: Known<bool>,
}

/// The verdict. What is not known makes it unknown only if it could be another one.
pub(super) fn decide(case: &Case) -> Known<Verdict> {
    match (case.public, case.private) {
        (true, false) => outside(&case.ways),
        (false, true) => inside(all([case.private_names.clone(), case.admitted.clone()])),
        // Neither cannot be configured; nothing answers then.
        (false, false) => Ok(Verdict::Unreachable),
        (true, true) => match &case.private_names {
            Ok(true) => inside(case.admitted.clone()),
            Ok(false) => outside(&case.ways),
            Err(unknown) => agree(inside(case.admitted.clone()), outside(&case.ways), unknown),
        },
    }
}

fn inside(reaches: Known<bool>) -> Known<Verdict> {
    reaches.map(|reaches| if reaches { Verdict::InVpc } else { Verdict::Unreachable })
}

/// The same verdict either way, or not known.
fn agree(a: Known<Verdict>, b: Known<Verdict>, unknown: &Unknown) -> Known<Verdict> {
    match (a, b) {
        (Ok(a), Ok(b)) if a == b => Ok(a),
        _ => Err(unknown.clone()),
    }
}

/// To the public endpoint: one way that works is enough.
fn outside(ways: &[Way]) -> Known<Verdict> {
    let verdicts: Vec<_> = ways.iter().map(Way::verdict).collect();
    let known = |verdict| verdicts.iter().any(|known| known.as_ref() == Ok(&verdict));
    if known(Verdict::LeavesVpc) {
        return Ok(Verdict::LeavesVpc);
    }
    if let Some(Err(unknown)) = verdicts.iter().find(|verdict| verdict.is_err()) {
        return Err(unknown.clone());
    }
    Ok(if known(Verdict::LockedOut) { Verdict::LockedOut } else { Verdict::Unreachable })
}

impl Way {
    fn verdict(&self) -> Known<Verdict> {
        match (&self.leads, &self.accepted) {
            (Ok(false), _) => Ok(Verdict::Unreachable),
            (Err(unknown), _) | (Ok(true), Err(unknown)) => Err(unknown.clone()),
            (Ok(true), Ok(true)) => Ok(Verdict::LeavesVpc),
            (Ok(true), Ok(false)) => Ok(Verdict::LockedOut),
        }
    }
}

/// Works out the flow of a worker.
pub(in crate::facts) fn flow<'s>(
    vpc: &Vpc<'s>,
    endpoint: &Endpoint,
    plane: &ControlPlane<'s>,
    worker: &Worker<'s>,
    shared: &Shared<'s>,
) -> Outgoing<'s> {
    let families: &[bool] = if endpoint.dual_stack { &[false, true] } else { &[false] };
    let ways: Vec<_> =
        families.iter().map(|v6| (*v6, shared.ways.of(vpc, worker.subnet, &worker.public, *v6))).collect();
    let judged = |(v6, way): &(bool, Rc<WayOut>)| Way {
        leads: all([way.leads.clone(), path::to_public(vpc, worker, HTTPS, *v6)]),
        accepted: accepted(&endpoint.accepts, way, *v6),
    };
    let case = Case {
        public: endpoint.public,
        private: endpoint.private,
        private_names: endpoint.private_names.clone(),
        admitted: path::to_control_plane(vpc, worker, plane, HTTPS),
        ways: ways.iter().map(judged).collect(),
    };
    let verdict = decide(&case);
    let best = best(&case, &ways);
    let open = endpoint.accepts.is_open(false) || (endpoint.dual_stack && endpoint.accepts.is_open(true));
    let missing = missing(&verdict, &endpoint.accepts, best, open);
    let breaks = match (&verdict, &best.changes, open) {
        (Ok(Verdict::LeavesVpc), Some(why), false) => Ok(breaks(best, why)),
        (Err(unknown), _, false) => Err(unknown.clone()),
        _ => Ok(None),
    };
    let flow = Flow {
        reason: reason(&verdict, endpoint, &case, best, &missing),
        via: via(&verdict, endpoint, best),
        addresses: shown(&verdict, best),
        hops: hops(&verdict, endpoint, shared, best),
        worker: worker.clone(),
        verdict,
    };
    Outgoing { flow, missing, breaks, ways: ways.into_iter().map(|(_, way)| way).collect() }
}

/// Whether every address of a way is accepted. If everybody is, it does not matter which they are.
fn accepted(list: &AccessList, way: &WayOut, v6: bool) -> Known<bool> {
    if list.is_open(v6) {
        return Ok(true);
    }
    let addresses = way.addresses.as_ref().map_err(Clone::clone)?;
    all(addresses.iter().map(|leaving| list.holds(&leaving.block)))
}

/// The way that decides: one that works, else one that leads at all, else the first.
fn best<'w>(case: &Case, ways: &'w [(bool, Rc<WayOut>)]) -> &'w WayOut {
    let rank = |at: usize| match case.ways[at].verdict() {
        Ok(Verdict::LeavesVpc) => 0,
        Ok(Verdict::LockedOut) => 1,
        Err(_) => 2,
        Ok(_) => 3,
    };
    let at = (0..ways.len()).min_by_key(|at| rank(*at)).unwrap_or_default();
    &ways[at].1
}

fn missing(verdict: &Known<Verdict>, list: &AccessList, way: &WayOut, open: bool) -> Known<Vec<Leaving>> {
    match verdict {
        Ok(Verdict::LockedOut) => {
            let addresses = way.addresses.as_ref().map_err(Clone::clone)?;
            let outside = |leaving: &&Leaving| list.holds(&leaving.block) == Ok(false);
            Ok(addresses.iter().filter(outside).cloned().collect())
        }
        // Nobody is locked out of what is open to all.
        Err(unknown) if !open => Err(unknown.clone()),
        _ => Ok(Vec::new()),
    }
}

fn breaks(way: &WayOut, why: &str) -> Option<(Leaving, String)> {
    let first = way.addresses.as_ref().ok()?.first()?;
    Some((first.clone(), why.to_owned()))
}

fn via(verdict: &Known<Verdict>, endpoint: &Endpoint, way: &WayOut) -> &'static str {
    match verdict {
        Ok(Verdict::InVpc) => "private-endpoint",
        Ok(Verdict::Unreachable) if endpoint.private && endpoint.private_names == Ok(true) => {
            "private-endpoint"
        }
        Err(_) if !endpoint.public => "private-endpoint",
        _ => way.via,
    }
}

fn shown(verdict: &Known<Verdict>, way: &WayOut) -> Vec<String> {
    let leaves = matches!(verdict, Ok(Verdict::LeavesVpc | Verdict::LockedOut));
    let addresses = way.addresses.as_deref().unwrap_or_default().iter().filter(|_| leaves);
    addresses.map(|leaving| written(&leaving.block)).collect()
}

/// A single address without its prefix length.
pub(in crate::facts) fn written(block: &ipnet::IpNet) -> String {
    let host = block.prefix_len() == block.max_prefix_len();
    if host { block.addr().to_string() } else { block.to_string() }
}

fn reason(
    verdict: &Known<Verdict>,
    endpoint: &Endpoint,
    case: &Case,
    way: &WayOut,
    missing: &Known<Vec<Leaving>>,
) -> String {
    let goes_out = endpoint.public && (!endpoint.private || endpoint.private_names == Ok(false));
    let how = if goes_out { "the public endpoint" } else { "the private endpoint" };
    match verdict {
        Err(unknown) => unknown.reason.clone(),
        Ok(Verdict::InVpc) => "the private endpoint admits the nodes".to_owned(),
        Ok(Verdict::LeavesVpc) if endpoint.private => {
            format!(
                "the VPC's DNS does not give the private addresses, so traffic leaves the VPC through {}",
                words(way)
            )
        }
        Ok(Verdict::LeavesVpc) => {
            format!(
                "the private endpoint is off, so traffic leaves the VPC through {} to a public address",
                words(way)
            )
        }
        Ok(Verdict::LockedOut) => {
            let missing = missing.as_deref().unwrap_or_default().iter().map(|l| written(&l.block));
            format!("publicAccessCidrs does not hold {}", missing.collect::<Vec<_>>().join(", "))
        }
        Ok(_) if !goes_out && case.admitted == Ok(false) => {
            "security groups or network ACLs do not let the nodes reach 443 on the control plane's interfaces"
                .to_owned()
        }
        Ok(_) if endpoint.private && !endpoint.public => {
            "the endpoint's name does not resolve in the VPC".to_owned()
        }
        Ok(_) => format!("there is no way to {how}: {}", no_way(way)),
    }
}

/// The target of a route, in a sentence.
fn words(way: &WayOut) -> &'static str {
    match way.via {
        "nat-gateway" => "a NAT gateway",
        "internet-gateway" => "an internet gateway",
        "egress-only-internet-gateway" => "an egress-only internet gateway",
        "instance" | "network-interface" => "an instance that forwards it",
        _ => "the default route",
    }
}

fn no_way(way: &WayOut) -> &'static str {
    match (way.via, &way.leads) {
        ("none", _) => "the subnet has no default route",
        ("internet-gateway", Ok(false)) => {
            "the default route leads to an internet gateway, and the nodes have no public address"
        }
        (_, Ok(false)) => "the default route leads to something that is gone or blocked",
        _ => "security groups or network ACLs do not let the nodes out on 443",
    }
}

fn hops(verdict: &Known<Verdict>, endpoint: &Endpoint, shared: &Shared<'_>, way: &WayOut) -> Vec<Rc<Hop>> {
    let private = if endpoint.private { "the private endpoint is on" } else { "the private endpoint is off" };
    let mut hops = vec![shared.hop("endpointPrivateAccess", private)];
    if matches!(verdict, Ok(Verdict::InVpc)) || !endpoint.public {
        return hops;
    }
    hops.extend(way.hops.iter().cloned());
    let accepts = match (endpoint.accepts.is_open(false), verdict) {
        (true, _) => "the public endpoint accepts every address",
        (_, Ok(Verdict::LockedOut)) => "the public endpoint does not accept where the nodes come from",
        (_, Ok(Verdict::LeavesVpc)) => "the public endpoint accepts where the nodes come from",
        _ => "the public endpoint accepts a list of addresses",
    };
    hops.push(shared.hop("publicAccessCidrs", accepts));
    hops
}

impl Shared<'_> {
    pub(in crate::facts) fn of(view: SnapshotView<'_>) -> Self {
        let config = view.cluster().map(|cluster| cluster.pointer().key("resourcesVpcConfig"));
        Self { config: config.unwrap_or_default(), ways: WaysOut::default(), hops: RefCell::default() }
    }

    /// What a field of the endpoint means, in words.
    fn hop(&self, field: &'static str, words: &'static str) -> Rc<Hop> {
        let hop = || Rc::new(Hop::new("endpoint", field, words, self.config.key(field)));
        Rc::clone(self.hops.borrow_mut().entry(words).or_insert_with(hop))
    }
}

#[cfg(test)]
mod tests;
