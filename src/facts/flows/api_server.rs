//! Kubelet → API server: through the private endpoint, or out to the public one; and then, whether
//! the public one accepts where the nodes come from.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>

use super::egress::{Egress, EgressCache};
use super::endpoint::ApiServerEndpoint;
use super::flow::{FlowHop, HopKind, NodeFlow, Verdict, Via};
use super::path;
use crate::facts::access_list::AcceptedBlocks;
use crate::facts::known::{Known, all};
use crate::facts::network::cidr::{self, AddressFamily};
use crate::facts::network::connection::HTTPS;
use crate::facts::network::control_plane::ControlPlane;
use crate::facts::network::nat::EgressAddress;
use crate::facts::network::nodes::NodePlacement;
use crate::facts::network::routes::RouteTarget;
use crate::facts::network::vpc::Vpc;
use crate::facts::view::SnapshotView;
use crate::snapshot::Unknown;
use crate::value::Pointer;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// The flow from the kubelets of some nodes, with what follows from it.
#[derive(Clone, Debug)]
pub(crate) struct ApiServerFlow<'s> {
    pub(crate) flow: NodeFlow<'s>,
    /// Addresses that it comes from and that the public endpoint does not accept.
    pub(crate) missing: Known<Vec<EgressAddress>>,
    /// What will come from other addresses than today's, which are accepted.
    pub(crate) breaks: Known<Option<AddressChange>>,
    /// The ways out of the VPC, IPv4 first.
    pub(crate) egress: Vec<Rc<Egress>>,
    /// Whether the control plane's interfaces can be connected to, whatever the endpoint's mode is.
    pub(super) admitted: Known<bool>,
}

/// Why packets will come from other addresses than today's.
#[derive(Clone, Debug)]
pub(crate) struct AddressChange {
    /// An address of today.
    pub(crate) today: EgressAddress,
    /// Why, in a sentence.
    pub(crate) reason: String,
}

/// What the flows from all kubelets share.
#[derive(Debug)]
pub(super) struct Shared<'s> {
    /// Where the cluster's `resourcesVpcConfig` is.
    config: Pointer,
    egress: EgressCache<'s>,
    /// What the endpoint does, by its text.
    hops: RefCell<FxHashMap<&'static str, Rc<FlowHop>>>,
}

/// What decides about a flow.
#[derive(Clone, Debug)]
pub(super) struct FlowInputs {
    pub(super) public: bool,
    pub(super) private: bool,
    /// The name leads to the private addresses.
    pub(super) private_names: Known<bool>,
    /// The private endpoint can be connected to.
    pub(super) admitted: Known<bool>,
    /// Ways to the public endpoint, one for each family of addresses that it has.
    pub(super) ways: Vec<PublicWay>,
}

/// A way to the public endpoint.
#[derive(Clone, Debug)]
pub(super) struct PublicWay {
    /// It leads there.
    pub(super) leads: Known<bool>,
    /// All addresses that it may come from are accepted.
    pub(super) accepted: Known<bool>,
}

/// The verdict. What is not known makes it unknown only if it could be another one.
///
/// With one endpoint, the name leads to it or nowhere. With both, the answer of the VPC's DNS alone
/// decides which of them nodes connect to; they never try the other one. So where that answer is
/// not known, both ways are worked out, and a verdict is given if they agree.
pub(super) fn decide(inputs: &FlowInputs) -> Known<Verdict> {
    let FlowInputs { public, private, private_names, admitted, ways } = inputs;
    match (public, private) {
        (true, false) => outside(ways),
        (false, true) => inside(all([private_names.clone(), admitted.clone()])),
        // Neither cannot be configured; nothing answers then.
        (false, false) => Ok(Verdict::Unreachable),
        (true, true) => match private_names {
            Ok(true) => inside(admitted.clone()),
            Ok(false) => outside(ways),
            Err(unknown) => agree(inside(admitted.clone()), outside(ways), unknown),
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

/// To the public endpoint: one way that works is enough, as clients try IPv6 and IPv4. Where none is
/// known to work, one that is not known hides whether the nodes are locked out or have no way at all.
fn outside(ways: &[PublicWay]) -> Known<Verdict> {
    let verdicts: Vec<_> = ways.iter().map(PublicWay::verdict).collect();
    let known = |verdict| verdicts.iter().any(|known| known.as_ref() == Ok(&verdict));
    if known(Verdict::LeavesVpc) {
        return Ok(Verdict::LeavesVpc);
    }
    if let Some(Err(unknown)) = verdicts.iter().find(|verdict| verdict.is_err()) {
        return Err(unknown.clone());
    }
    Ok(if known(Verdict::LockedOut) { Verdict::LockedOut } else { Verdict::Unreachable })
}

impl PublicWay {
    fn verdict(&self) -> Known<Verdict> {
        match (&self.leads, &self.accepted) {
            (Ok(false), _) => Ok(Verdict::Unreachable),
            (Err(unknown), _) | (Ok(true), Err(unknown)) => Err(unknown.clone()),
            (Ok(true), Ok(true)) => Ok(Verdict::LeavesVpc),
            (Ok(true), Ok(false)) => Ok(Verdict::LockedOut),
        }
    }
}

/// Works out the flow from the kubelets of some nodes.
pub(super) fn flow<'s>(
    vpc: &Vpc<'s>,
    endpoint: &ApiServerEndpoint,
    control_plane: &ControlPlane<'s>,
    nodes: &NodePlacement<'s>,
    shared: &Shared<'s>,
) -> ApiServerFlow<'s> {
    let families: &[AddressFamily] =
        if endpoint.dual_stack { &[AddressFamily::V4, AddressFamily::V6] } else { &[AddressFamily::V4] };
    let of_family = |family: &AddressFamily| shared.egress.of(vpc, nodes.subnet, &nodes.public, *family);
    let egress: Vec<_> = families.iter().map(of_family).collect();
    let way = |(family, egress): (&AddressFamily, &Rc<Egress>)| PublicWay {
        leads: all([egress.leads.clone(), path::to_public(vpc, nodes, HTTPS, *family)]),
        accepted: accepted(&endpoint.accepts, egress, *family),
    };
    let inputs = FlowInputs {
        public: endpoint.public,
        private: endpoint.private,
        private_names: endpoint.private_names.clone(),
        admitted: path::to_control_plane(vpc, nodes, control_plane, HTTPS),
        ways: families.iter().zip(&egress).map(way).collect(),
    };
    let verdict = decide(&inputs);
    let best = best(&inputs, &egress);
    let open = families.iter().any(|family| endpoint.accepts.is_open(*family));
    let missing = missing(&verdict, &endpoint.accepts, best, open);
    let breaks = match (&verdict, &best.changes, open) {
        (Ok(Verdict::LeavesVpc), Some(why), false) => Ok(breaks(best, why)),
        (Err(unknown), _, false) => Err(unknown.clone()),
        _ => Ok(None),
    };
    let flow = NodeFlow {
        reason: reason(&verdict, endpoint, &inputs, best, &missing),
        via: via(&verdict, endpoint, best),
        addresses: shown(&verdict, best),
        hops: hops(&verdict, endpoint, shared, best),
        nodes: nodes.clone(),
        verdict,
    };
    ApiServerFlow { flow, missing, breaks, egress, admitted: inputs.admitted }
}

/// Whether every address of a way is accepted. If all are, it does not matter which they are.
fn accepted(list: &AcceptedBlocks, way: &Egress, family: AddressFamily) -> Known<bool> {
    if list.is_open(family) {
        return Ok(true);
    }
    let addresses = way.addresses.as_ref().map_err(Clone::clone)?;
    all(addresses.iter().map(|address| list.holds(&address.block)))
}

/// The way that decides: one that works, else one that leads at all, else the first.
fn best<'w>(inputs: &FlowInputs, ways: &'w [Rc<Egress>]) -> &'w Egress {
    let rank = |at: usize| match inputs.ways[at].verdict() {
        Ok(Verdict::LeavesVpc) => 0,
        Ok(Verdict::LockedOut) => 1,
        Err(_) => 2,
        Ok(_) => 3,
    };
    let at = (0..ways.len()).min_by_key(|at| rank(*at)).unwrap_or_default();
    &ways[at]
}

fn missing(
    verdict: &Known<Verdict>,
    list: &AcceptedBlocks,
    way: &Egress,
    open: bool,
) -> Known<Vec<EgressAddress>> {
    match verdict {
        Ok(Verdict::LockedOut) => {
            let addresses = way.addresses.as_ref().map_err(Clone::clone)?;
            let outside = |address: &&EgressAddress| list.holds(&address.block) == Ok(false);
            Ok(addresses.iter().filter(outside).cloned().collect())
        }
        // No address is locked out of what is open to all.
        Err(unknown) if !open => Err(unknown.clone()),
        _ => Ok(Vec::new()),
    }
}

fn breaks(way: &Egress, why: &str) -> Option<AddressChange> {
    let today = way.addresses.as_ref().ok()?.first()?.clone();
    Some(AddressChange { today, reason: why.to_owned() })
}

fn via(verdict: &Known<Verdict>, endpoint: &ApiServerEndpoint, way: &Egress) -> Via {
    match verdict {
        Ok(Verdict::InVpc) => Via::PrivateEndpoint,
        Ok(Verdict::Unreachable) if endpoint.private && endpoint.private_names == Ok(true) => {
            Via::PrivateEndpoint
        }
        Err(_) if !endpoint.public => Via::PrivateEndpoint,
        _ => way.via,
    }
}

fn shown(verdict: &Known<Verdict>, way: &Egress) -> Vec<String> {
    let leaves = matches!(verdict, Ok(Verdict::LeavesVpc | Verdict::LockedOut));
    let addresses = way.addresses.as_deref().unwrap_or_default().iter().filter(|_| leaves);
    addresses.map(|address| cidr::as_text(&address.block)).collect()
}

fn reason(
    verdict: &Known<Verdict>,
    endpoint: &ApiServerEndpoint,
    inputs: &FlowInputs,
    way: &Egress,
    missing: &Known<Vec<EgressAddress>>,
) -> String {
    let goes_out = endpoint.public && (!endpoint.private || endpoint.private_names == Ok(false));
    let how = if goes_out { "the public endpoint" } else { "the private endpoint" };
    match verdict {
        Err(unknown) => unknown.reason.clone(),
        Ok(Verdict::InVpc) => "the private endpoint admits the nodes".to_owned(),
        Ok(Verdict::LeavesVpc) if endpoint.private => {
            format!(
                "the VPC's DNS does not give the private addresses, so traffic leaves the VPC through {}",
                target_name(way)
            )
        }
        Ok(Verdict::LeavesVpc) => {
            format!(
                "the private endpoint is off, so traffic leaves the VPC through {} to a public address",
                target_name(way)
            )
        }
        Ok(Verdict::LockedOut) => {
            let missing =
                missing.as_deref().unwrap_or_default().iter().map(|missing| cidr::as_text(&missing.block));
            format!("publicAccessCidrs does not hold {}", missing.collect::<Vec<_>>().join(", "))
        }
        Ok(_) if !goes_out && inputs.admitted == Ok(false) => {
            "security groups or network ACLs do not let the nodes reach 443 on the control plane's interfaces"
                .to_owned()
        }
        Ok(_) if endpoint.private && !endpoint.public => {
            "the endpoint's name does not resolve in the VPC".to_owned()
        }
        Ok(_) => format!("there is no way to {how}: {}", no_way(way)),
    }
}

/// The target of a route, as a sentence calls it.
fn target_name(way: &Egress) -> &'static str {
    match way.via {
        Via::Route(RouteTarget::NatGateway) => "a NAT gateway",
        Via::Route(RouteTarget::InternetGateway) => "an internet gateway",
        Via::Route(RouteTarget::EgressOnly) => "an egress-only internet gateway",
        Via::Route(RouteTarget::Instance | RouteTarget::NetworkInterface) => "an instance that forwards it",
        _ => "the default route",
    }
}

fn no_way(way: &Egress) -> &str {
    way.fails.as_deref().unwrap_or("security groups or network ACLs do not let the nodes out on 443")
}

fn hops(
    verdict: &Known<Verdict>,
    endpoint: &ApiServerEndpoint,
    shared: &Shared<'_>,
    way: &Egress,
) -> Vec<Rc<FlowHop>> {
    let private = if endpoint.private { "the private endpoint is on" } else { "the private endpoint is off" };
    let mut hops = vec![shared.hop("endpointPrivateAccess", private)];
    if matches!(verdict, Ok(Verdict::InVpc)) || !endpoint.public {
        return hops;
    }
    hops.extend(way.hops.iter().cloned());
    let accepts = match (endpoint.accepts.is_open(AddressFamily::V4), verdict) {
        (true, _) => "the public endpoint accepts every address",
        (_, Ok(Verdict::LockedOut)) => "the public endpoint does not accept where the nodes come from",
        (_, Ok(Verdict::LeavesVpc)) => "the public endpoint accepts where the nodes come from",
        _ => "the public endpoint accepts a list of addresses",
    };
    hops.push(shared.hop("publicAccessCidrs", accepts));
    hops
}

impl Shared<'_> {
    pub(super) fn of(view: SnapshotView<'_>) -> Self {
        let config = view.cluster().map(|cluster| cluster.pointer().key("resourcesVpcConfig"));
        Self { config: config.unwrap_or_default(), egress: EgressCache::default(), hops: RefCell::default() }
    }

    /// What a field of the endpoint means, as a step.
    fn hop(&self, field: &'static str, text: &'static str) -> Rc<FlowHop> {
        let hop = || Rc::new(FlowHop::new(HopKind::Endpoint, field, text, self.config.key(field)));
        Rc::clone(self.hops.borrow_mut().entry(text).or_insert_with(hop))
    }
}

#[cfg(test)]
mod tests;
