//! What follows from the public addresses that nodes come from: which the public endpoint does not
//! accept, and which will be others after the next node or the next hour.

use super::api_server::{AddressChange, ApiServerFlow};
use super::flow::Via;
use crate::facts::network::cidr;
use crate::facts::network::routes::RouteTarget;
use crate::snapshot::Unknown;
use crate::value::Pointer;
use std::collections::BTreeMap;

/// An address that the public endpoint does not accept.
#[derive(Clone, Debug)]
pub(crate) struct LockedOut {
    /// The address, or a block of them.
    pub(crate) address: String,
    /// The gateway, instance or subnet that it belongs to.
    pub(crate) of: String,
    /// The titles of all nodes that come from it.
    pub(crate) used_by: Vec<String>,
    pub(crate) place: Pointer,
}

/// What works today and fails after the next node or the next hour.
#[derive(Clone, Debug)]
pub struct ScaleOut {
    /// The subnet or the NAT gateway.
    pub of: String,
    /// The titles of all nodes that use it.
    pub used_by: Vec<String>,
    /// Why, in a sentence.
    pub why: String,
    /// Where an address of today is written.
    pub place: Pointer,
}

/// What is known, and why there may be more.
type Found<T> = (Vec<T>, Vec<Unknown>);

/// The addresses that are not accepted, each once.
pub(crate) fn locked_out(flows: &[ApiServerFlow<'_>]) -> Found<LockedOut> {
    let (mut found, mut unknown) = (BTreeMap::<String, LockedOut>::new(), Vec::new());
    for outgoing in flows {
        let addresses = match &outgoing.missing {
            Ok(addresses) => addresses,
            Err(why) => {
                unknown.push(why.clone());
                continue;
            }
        };
        for missing in addresses {
            let address = cidr::as_text(&missing.block);
            let new = || LockedOut {
                address: address.clone(),
                of: missing.of.clone(),
                used_by: Vec::new(),
                place: missing.place.clone(),
            };
            let known = found.entry(address.clone()).or_insert_with(new);
            add_once(&mut known.used_by, outgoing.flow.nodes.title());
        }
    }
    (found.into_values().collect(), unknown)
}

/// What will come from other addresses than today's, which are accepted.
pub(crate) fn scale_out(flows: &[ApiServerFlow<'_>]) -> Found<ScaleOut> {
    let (mut found, mut unknown) = (BTreeMap::<(&str, &str), ScaleOut>::new(), Vec::new());
    for outgoing in flows {
        let AddressChange { today, reason } = match &outgoing.breaks {
            Ok(Some(change)) => change,
            Ok(None) => continue,
            Err(why) => {
                unknown.push(why.clone());
                continue;
            }
        };
        // Nodes with addresses of their own differ; what they share is their subnet.
        let is_nat = outgoing.flow.via == Via::Route(RouteTarget::NatGateway);
        let of = if is_nat { today.of.as_str() } else { outgoing.flow.nodes.subnet };
        let new = || ScaleOut {
            of: of.to_owned(),
            used_by: Vec::new(),
            why: reason.clone(),
            place: today.place.clone(),
        };
        let known = found.entry((of, reason)).or_insert_with(new);
        add_once(&mut known.used_by, outgoing.flow.nodes.title());
    }
    (found.into_values().collect(), unknown)
}

fn add_once(all: &mut Vec<String>, one: String) {
    if !all.contains(&one) {
        all.push(one);
    }
}
