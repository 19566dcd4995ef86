//! A connection as security groups and network ACLs see it: which way it goes, to which port, and
//! what is at its other end.

use super::cidr::AddressFamily;
use crate::facts::known::Known;
use crate::snapshot::Unknown;
use ipnet::IpNet;
use std::rc::Rc;

/// Which way traffic goes, seen from the security group or the network ACL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Direction {
    In,
    Out,
}

/// A protocol with ports, and one of its ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Port {
    /// `tcp` or `udp`.
    pub(crate) protocol: &'static str,
    pub(crate) number: i64,
}

/// The API server's.
pub(crate) const HTTPS: Port = Port { protocol: "tcp", number: 443 };
/// The kubelet's.
pub(crate) const KUBELET: Port = Port { protocol: "tcp", number: 10250 };

/// First and last port.
pub(crate) type PortRange = (i64, i64);

/// Every port.
pub(crate) const ALL_PORTS: PortRange = (0, 65535);

/// How a rule writes that it is for all protocols.
pub(crate) const EVERY_PROTOCOL: &str = "-1";

/// Where port ranges begin, and the port behind the last one of each.
pub(super) fn port_bounds(ranges: impl Iterator<Item = PortRange>) -> Vec<i64> {
    let mut bounds: Vec<_> = ranges.flat_map(|(from, to)| [from, to.saturating_add(1)]).collect();
    bounds.sort_unstable();
    bounds.dedup();
    bounds
}

/// The ports to which answers come back, whichever program asked.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports>
pub(crate) const EPHEMERAL: PortRange = (1024, 65535);

/// The other end of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Peer<'s> {
    /// Its security groups, where it has any.
    pub(crate) security_groups: Known<Vec<&'s str>>,
    /// The addresses that it may have: all of them must be admitted.
    pub(crate) addresses: Known<Rc<[IpNet]>>,
}

impl Peer<'_> {
    /// As it is seen over one family of addresses.
    pub(crate) fn over(&self, family: AddressFamily) -> Self {
        let of_family = |addresses: &Rc<[IpNet]>| {
            let own: Rc<[IpNet]> = addresses.iter().filter(|net| family.has(net)).copied().collect();
            let none = || Unknown::undecided(format!("{} addresses are not in the snapshot", family.title()));
            if own.is_empty() { Err(none()) } else { Ok(own) }
        };
        let addresses = self.addresses.as_ref().map_err(Clone::clone).and_then(of_family);
        Self { security_groups: self.security_groups.clone(), addresses }
    }
}
