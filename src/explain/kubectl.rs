//! kubectl → API server as flows: from outside the VPC, through the public endpoint; from inside it,
//! and from networks connected to it, through the private one.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>

use super::context::{EndpointContext, block_of, source_hop};
use super::{Flow, FlowEnd, KubectlFrom, Listed};
use crate::facts::cidrs::Union;
use crate::facts::flows::kubectl::{KubectlAccess, PrivateSource};
use crate::facts::known::Known;
use crate::facts::{FlowHop, Verdict, Via};
use crate::snapshot::Unknown;

/// How many sources a sentence names.
const NAMED: usize = 4;

/// The flows of kubectl.
pub(super) fn flows(context: &EndpointContext<'_, '_>, kubectl: &Known<KubectlAccess<'_>>) -> Listed<Flow> {
    let access = match kubectl {
        Ok(access) => access,
        Err(unknown) => return Listed { items: Vec::new(), more: vec![unknown.clone()] },
    };
    let from_outside = outside(context, access);
    let (sources, mut more) = match context.is_private() {
        true => (access.private.as_slice(), access.more.iter().cloned().collect()),
        false => (&[][..], Vec::new()),
    };
    let blocks = context.vpc_blocks();
    let here: Vec<_> = sources.iter().filter(|source| may_be_inside(source, blocks.as_ref())).collect();
    let from_inside = inside(context, &here, &more);
    let there = sources.iter().filter(|source| !is_inside(source, blocks.as_ref()));
    let connected = connected(context, &there.collect::<Vec<_>>());
    // What makes a verdict unknown is said there.
    more.retain(|unknown| from_inside.verdict.as_ref().err() != Some(unknown));
    let unread = context.endpoint.and_then(|endpoint| endpoint.open_to_internet.clone().err());
    more.extend(unread.filter(|_| from_outside.verdict == Ok(Verdict::Accepted)));
    Listed { items: [from_outside, from_inside].into_iter().chain(connected).collect(), more }
}

/// Whether a source may be in the VPC: a group is, a prefix list may be, and a block if they overlap.
fn may_be_inside(source: &PrivateSource<'_>, blocks: Option<&Union>) -> bool {
    match (block_of(source), blocks) {
        (Some(block), Some(own)) => own.ranges().any(|own| own.contains(&block) || block.contains(&own)),
        _ => true,
    }
}

/// Whether all of a source is in the VPC, as far as that is known.
fn is_inside(source: &PrivateSource<'_>, blocks: Option<&Union>) -> bool {
    match (block_of(source), blocks) {
        (Some(block), Some(own)) => own.contains_net(&block),
        _ => true,
    }
}

/// A verdict and the sentence for it.
type Judged = Known<(Verdict, String)>;

fn flow(from: KubectlFrom, via: Via, judged: Judged, hops: Vec<FlowHop>) -> Flow {
    let (verdict, reason) = match judged {
        Ok((verdict, reason)) => (Ok(verdict), reason),
        Err(unknown) => (Err(unknown), String::new()),
    };
    let (end, name) = (FlowEnd::Kubectl(from), from.as_str().to_owned());
    let (addresses, checks) = (Vec::new(), Vec::new());
    Flow { end, name, subnet: None, verdict, via, reason, addresses, hops, checks }
}

fn outside(context: &EndpointContext<'_, '_>, access: &KubectlAccess<'_>) -> Flow {
    let hops = context.switch("endpointPublicAccess").into_iter();
    if !context.is_public() {
        let judged = Ok((Verdict::Blocked, "the public endpoint is off".to_owned()));
        return flow(KubectlFrom::Outside, Via::PublicEndpoint, judged, hops.collect());
    }
    let ranges = &access.public_ranges;
    let judged = match &access.from_internet {
        // Beside blocks that are known, it is enough to say that there may be more.
        Err(unknown) if ranges.is_empty() => Err(unknown.clone()),
        all => accepted(context, *all == Ok(true), ranges),
    };
    let hops = hops.chain(context.switch("publicAccessCidrs")).collect();
    let flow = flow(KubectlFrom::Outside, Via::PublicEndpoint, judged, hops);
    Flow { addresses: ranges.clone(), ..flow }
}

fn accepted(context: &EndpointContext<'_, '_>, all: bool, ranges: &[String]) -> Judged {
    let whole = |net: &str| ranges.iter().any(|range| range == net);
    let whom = match (whole("0.0.0.0/0"), whole("::/0")) {
        (true, true) => "every address".to_owned(),
        (true, false) => "every IPv4 address".to_owned(),
        (false, true) => "every IPv6 address".to_owned(),
        _ if ranges.is_empty() && !all => return unreadable(context),
        _ => named(ranges),
    };
    Ok((Verdict::Accepted, format!("the public endpoint accepts {whom}")))
}

/// An access list of which nothing can be read.
fn unreadable(context: &EndpointContext<'_, '_>) -> Judged {
    let open = context.endpoint.map(|endpoint| endpoint.open_to_internet.clone());
    let none = || Unknown::undecided("no entry of publicAccessCidrs can be read".to_owned());
    Err(open.and_then(Result::err).unwrap_or_else(none))
}

fn inside(context: &EndpointContext<'_, '_>, sources: &[&PrivateSource<'_>], more: &[Unknown]) -> Flow {
    let switch = context.switch("endpointPrivateAccess").into_iter();
    if !context.is_private() {
        let judged = Ok((Verdict::LeavesVpc, format!("the private endpoint is off, so {}", to_public())));
        let hops = switch.chain(context.switch("publicAccessCidrs")).collect();
        return flow(KubectlFrom::Inside, Via::PublicEndpoint, judged, hops);
    }
    let judged = through_private(context, sources, more);
    let hops = switch.chain(context.dns()).chain(sources.iter().map(|source| source_hop(source))).collect();
    flow(KubectlFrom::Inside, Via::PrivateEndpoint, judged, hops)
}

/// From networks behind a peering connection, a transit gateway or a VPN, if the groups admit any.
/// The name of a private endpoint leads to its private addresses from everywhere; that of a public
/// one only where a resolver forwards the question into the VPC.
fn connected(context: &EndpointContext<'_, '_>, sources: &[&PrivateSource<'_>]) -> Option<Flow> {
    if sources.is_empty() {
        return None;
    }
    let values: Vec<_> = sources.iter().map(|source| source.peer.value()).collect();
    let judged = match context.is_public() {
        false => {
            let reason =
                format!("the private endpoint admits 443 from {}, if a route leads there", named(&values));
            Ok((Verdict::Accepted, reason))
        }
        true => Err(Unknown::undecided(
            "whether their DNS gives the endpoint's private addresses is not in the snapshot".to_owned(),
        )),
    };
    let switch = context.switch("endpointPrivateAccess").into_iter();
    let hops = switch.chain(sources.iter().map(|source| source_hop(source))).collect();
    Some(flow(KubectlFrom::Connected, Via::PrivateEndpoint, judged, hops))
}

fn to_public() -> &'static str {
    "traffic leaves the VPC to a public address and must come from an accepted one"
}

fn through_private(
    context: &EndpointContext<'_, '_>,
    sources: &[&PrivateSource<'_>],
    more: &[Unknown],
) -> Judged {
    match (&context.resolves, context.is_public()) {
        (Ok(false), true) => {
            let reason = format!("the VPC's DNS does not give the private addresses, so {}", to_public());
            return Ok((Verdict::LeavesVpc, reason));
        }
        (Ok(false), false) => {
            let reason = "the endpoint's name does not resolve in the VPC".to_owned();
            return Ok((Verdict::Unreachable, reason));
        }
        (Err(unknown), true) => return Err(unknown.clone()),
        _ => {}
    }
    match (sources, more.first()) {
        ([], None) => {
            let reason =
                "no security group on the control plane's interfaces admits 443 from the VPC".to_owned();
            Ok((Verdict::Blocked, reason))
        }
        ([], Some(unknown)) => Err(unknown.clone()),
        (sources, _) => {
            context.resolves.clone()?;
            let values: Vec<_> = sources.iter().map(|source| source.peer.value()).collect();
            let only = if more.is_empty() { "only " } else { "" };
            Ok((Verdict::InVpc, format!("the private endpoint admits 443 {only}from {}", named(&values))))
        }
    }
}

/// A list in a sentence.
fn named<T: AsRef<str>>(all: &[T]) -> String {
    let mut text = all.iter().take(NAMED).map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    if all.len() > NAMED {
        text.push_str(&format!(" and {} more", all.len() - NAMED));
    }
    text
}
