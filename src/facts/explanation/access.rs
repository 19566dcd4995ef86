//! kubectl → API server as two flows: from outside the VPC, through the public endpoint, and from
//! inside it, through the private one.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>

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
    let (from_inside, mut more) = inside(case, kubectl);
    let from_outside = outside(case, kubectl);
    // What makes a verdict unknown is said there.
    more.retain(|unknown| from_inside.verdict.as_ref().err() != Some(unknown));
    Flows { flows: vec![from_outside, from_inside], more }
}

const OUTSIDE: &str = "outside the VPC";
const INSIDE: &str = "inside the VPC";

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
    let judged = kubectl.clone().and_then(|node| Ok((flag(node, "fromInternet")?, ranges.clone()?)));
    let judged = judged.and_then(|(all, ranges)| accepted(case, all, &ranges));
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

fn inside(case: &Case<'_, '_>, kubectl: &Known<Node<'_>>) -> (Flow, Vec<Unknown>) {
    let switch = case.switch("endpointPrivateAccess").into_iter();
    if !case.is_private() {
        let judged = Ok((Verdict::LeavesVpc, format!("the private endpoint is off, so {}", to_public())));
        let hops = switch.chain(case.switch("publicAccessCidrs")).collect();
        return (flow(INSIDE, "public-endpoint", judged, hops), Vec::new());
    }
    let (sources, more) = sources(kubectl);
    let judged = through_private(case, &sources, &more);
    let hops = switch.chain(case.dns()).chain(sources.iter().map(Source::hop)).collect();
    (flow(INSIDE, "private-endpoint", judged, hops), more)
}

fn to_public() -> &'static str {
    "traffic leaves the VPC to a public address and must come from an accepted one"
}

fn through_private(case: &Case<'_, '_>, sources: &[Source], more: &[Unknown]) -> Judged {
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
            let reason = "no security group on the control plane's interfaces admits 443".to_owned();
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
