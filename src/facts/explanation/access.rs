//! kubectl → API server as flows: from outside the VPC, through the public endpoint; from inside it,
//! and from networks connected to it, through the private one.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>

use super::super::cidrs::Union;
use super::super::known::Known;
use super::hops::{Case, Source, sources};
use super::read::{flag, texts};
use super::{Flow, Flows, Hop, Verdict};
use crate::snapshot::Unknown;
use crate::value::Node;

/// How many sources a sentence names.
const NAMED: usize = 4;

/// The flows of kubectl.
pub(super) fn flows(case: &Case<'_, '_>, kubectl: &Known<Node<'_>>) -> Flows {
    if let Err(unknown) = kubectl {
        return Flows { flows: Vec::new(), more: vec![unknown.clone()] };
    }
    let from_outside = outside(case, kubectl);
    let (sources, mut more) = if case.is_private() { sources(kubectl) } else { Default::default() };
    let blocks = case.vpc_blocks();
    let here: Vec<_> = sources.iter().filter(|source| may_be_inside(source, blocks.as_ref())).collect();
    let from_inside = inside(case, &here, &more);
    let there = sources.iter().filter(|source| !is_inside(source, blocks.as_ref()));
    let connected = connected(case, &there.collect::<Vec<_>>());
    // What makes a verdict unknown is said there.
    more.retain(|unknown| from_inside.verdict.as_ref().err() != Some(unknown));
    let unread = case.endpoint.and_then(|endpoint| endpoint.open_to_internet.clone().err());
    more.extend(unread.filter(|_| from_outside.verdict == Ok(Verdict::Accepted)));
    Flows { flows: [from_outside, from_inside].into_iter().chain(connected).collect(), more }
}

const OUTSIDE: &str = "outside the VPC";
const INSIDE: &str = "inside the VPC";
const CONNECTED: &str = "in networks connected to the VPC";

/// Whether a source may be in the VPC: a group is, a prefix list may be, and a block if they overlap.
fn may_be_inside(source: &Source, blocks: Option<&Union>) -> bool {
    match (source.block(), blocks) {
        (Some(block), Some(own)) => own.ranges().any(|own| own.contains(&block) || block.contains(&own)),
        _ => true,
    }
}

/// Whether all of a source is in the VPC, as far as that can be told.
fn is_inside(source: &Source, blocks: Option<&Union>) -> bool {
    match (source.block(), blocks) {
        (Some(block), Some(own)) => own.contains_net(&block),
        _ => true,
    }
}

/// A verdict and the sentence for it.
type Judged = Known<(Verdict, String)>;

fn flow(name: &str, via: &str, judged: Judged, hops: Vec<Hop>) -> Flow {
    let (verdict, reason) = match judged {
        Ok((verdict, reason)) => (Ok(verdict), reason),
        Err(unknown) => (Err(unknown), String::new()),
    };
    let (name, via) = (name.to_owned(), via.to_owned());
    Flow { kind: "kubectl".to_owned(), name, subnet: None, verdict, via, reason, addresses: Vec::new(), hops }
}

fn outside(case: &Case<'_, '_>, kubectl: &Known<Node<'_>>) -> Flow {
    let hops = case.switch("endpointPublicAccess").into_iter();
    if !case.is_public() {
        let reason = "the public endpoint is off".to_owned();
        return flow(OUTSIDE, "public-endpoint", Ok((Verdict::Blocked, reason)), hops.collect());
    }
    let ranges = kubectl.clone().and_then(|node| texts(node, "publicRanges"));
    let all = kubectl.clone().and_then(|node| flag(node, "fromInternet"));
    let judged = ranges.clone().and_then(|ranges| match all {
        // Beside blocks that are known, it is enough to say that there may be more.
        Err(unknown) if ranges.is_empty() => Err(unknown),
        all => accepted(case, all == Ok(true), &ranges),
    });
    let hops = hops.chain(case.switch("publicAccessCidrs")).collect();
    let flow = flow(OUTSIDE, "public-endpoint", judged, hops);
    Flow { addresses: ranges.unwrap_or_default(), ..flow }
}

fn accepted(case: &Case<'_, '_>, all: bool, ranges: &[String]) -> Judged {
    let whole = |net: &str| ranges.iter().any(|range| range == net);
    let whom = match (whole("0.0.0.0/0"), whole("::/0")) {
        (true, true) => "every address".to_owned(),
        (true, false) => "every IPv4 address".to_owned(),
        (false, true) => "every IPv6 address".to_owned(),
        _ if ranges.is_empty() && !all => return unreadable(case),
        _ => named(ranges),
    };
    Ok((Verdict::Accepted, format!("the public endpoint accepts {whom}")))
}

/// An access list of which nothing can be read.
fn unreadable(case: &Case<'_, '_>) -> Judged {
    let open = case.endpoint.map(|endpoint| endpoint.open_to_internet.clone());
    let none = || Unknown::undecided("no entry of publicAccessCidrs can be read".to_owned());
    Err(open.and_then(Result::err).unwrap_or_else(none))
}

fn inside(case: &Case<'_, '_>, sources: &[&Source], more: &[Unknown]) -> Flow {
    let switch = case.switch("endpointPrivateAccess").into_iter();
    if !case.is_private() {
        let judged = Ok((Verdict::LeavesVpc, format!("the private endpoint is off, so {}", to_public())));
        let hops = switch.chain(case.switch("publicAccessCidrs")).collect();
        return flow(INSIDE, "public-endpoint", judged, hops);
    }
    let judged = through_private(case, sources, more);
    let hops = switch.chain(case.dns()).chain(sources.iter().map(|source| source.hop())).collect();
    flow(INSIDE, "private-endpoint", judged, hops)
}

/// From networks behind a peering connection, a transit gateway or a VPN, if the groups admit any.
/// The name of a private endpoint leads to its private addresses from everywhere; that of a public
/// one only where somebody forwards the question into the VPC.
fn connected(case: &Case<'_, '_>, sources: &[&Source]) -> Option<Flow> {
    if sources.is_empty() {
        return None;
    }
    let values: Vec<_> = sources.iter().map(|source| source.value.clone()).collect();
    let judged = match case.is_public() {
        false => {
            let reason =
                format!("the private endpoint admits 443 from {}, if a route leads there", named(&values));
            Ok((Verdict::Accepted, reason))
        }
        true => Err(Unknown::undecided(
            "whether their DNS gives the endpoint's private addresses is not in the snapshot".to_owned(),
        )),
    };
    let switch = case.switch("endpointPrivateAccess").into_iter();
    let hops = switch.chain(sources.iter().map(|source| source.hop())).collect();
    Some(flow(CONNECTED, "private-endpoint", judged, hops))
}

fn to_public() -> &'static str {
    "traffic leaves the VPC to a public address and must come from an accepted one"
}

fn through_private(case: &Case<'_, '_>, sources: &[&Source], more: &[Unknown]) -> Judged {
    match (&case.resolves, case.is_public()) {
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
            case.resolves.clone()?;
            let values: Vec<_> = sources.iter().map(|source| source.value.clone()).collect();
            let only = if more.is_empty() { "only " } else { "" };
            Ok((Verdict::InVpc, format!("the private endpoint admits 443 {only}from {}", named(&values))))
        }
    }
}

/// A list in a sentence.
fn named(all: &[String]) -> String {
    let mut text = all.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if all.len() > NAMED {
        text.push_str(&format!(" and {} more", all.len() - NAMED));
    }
    text
}
