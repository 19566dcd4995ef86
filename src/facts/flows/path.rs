//! Whether connections inside the VPC pass: security groups at both ends, and network ACLs between
//! subnets.

use super::super::known::{Known, all, any};
use super::super::network::acl;
use super::super::network::cidr;
use super::super::network::groups::{Direction, Peer, Port, admit};
use super::super::network::vpc::Vpc;
use super::super::network::workers::{ControlPlane, Worker};
use crate::snapshot::Unknown;
use ipnet::IpNet;

/// One end of a connection.
struct End<'a, 's> {
    groups: &'a Known<Vec<&'s str>>,
    peer: Peer<'s>,
    subnets: Vec<&'s str>,
}

impl<'a, 's> End<'a, 's> {
    fn worker(worker: &'a Worker<'s>) -> Self {
        Self { groups: &worker.groups, peer: worker.peer(), subnets: vec![worker.subnet] }
    }

    fn control_plane(plane: &'a ControlPlane<'s>) -> Known<Self> {
        let subnets = plane.subnets.as_ref().map_err(Clone::clone)?;
        let subnets = subnets.iter().map(|(id, _)| *id).collect();
        Ok(Self { groups: &plane.groups, peer: plane.peer(), subnets })
    }
}

/// Whether a worker can connect to the interfaces of the control plane. One of them is enough.
pub(super) fn to_control_plane<'s>(
    vpc: &Vpc<'s>,
    worker: &Worker<'s>,
    plane: &ControlPlane<'s>,
    port: Port,
) -> Known<bool> {
    let (from, to) = (End::worker(worker), End::control_plane(plane)?);
    let passes = |id: &&'s str| between(vpc, worker.subnet, id, port);
    let acls =
        vpc.acls_pass(worker.subnet, Direction::Out, port.number, || any(to.subnets.iter().map(passes)));
    all([groups_admit(vpc, &from, &to, port), acls])
}

/// Whether the control plane can connect to a worker. It uses each of its interfaces.
pub(super) fn to_worker<'s>(
    vpc: &Vpc<'s>,
    plane: &ControlPlane<'s>,
    worker: &Worker<'s>,
    port: Port,
) -> Known<bool> {
    let (from, to) = (End::control_plane(plane)?, End::worker(worker));
    let acls = vpc.acls_pass(worker.subnet, Direction::In, port.number, || {
        acls_from_all(vpc, &from.subnets, worker.subnet, port)
    });
    all([groups_admit(vpc, &from, &to, port), acls])
}

/// Whether network ACLs let the control plane through from each of its subnets.
fn acls_from_all<'s>(vpc: &Vpc<'s>, from: &[&'s str], to: &'s str, port: Port) -> Known<bool> {
    let passes: Vec<_> = from.iter().map(|id| between(vpc, id, to, port)).collect();
    match (any(passes.iter().cloned()), all(passes)) {
        (Ok(true), Ok(false)) => Err(Unknown::undecided(
            "the network ACLs let only some of the control plane's interfaces through".to_owned(),
        )),
        (_, whole) => whole,
    }
}

/// Whether the groups of both ends admit the connection.
fn groups_admit<'s>(vpc: &Vpc<'s>, from: &End<'_, 's>, to: &End<'_, 's>, port: Port) -> Known<bool> {
    let of = |groups: &Known<Vec<&'s str>>, direction, peer| {
        let groups = groups.as_ref().map_err(Clone::clone)?;
        admit(vpc, groups, direction, port, peer)
    };
    all([of(from.groups, Direction::Out, &to.peer), of(to.groups, Direction::In, &from.peer)])
}

/// Whether network ACLs and routes let a connection pass from a subnet to another. Inside one
/// subnet there is neither.
fn between<'s>(vpc: &Vpc<'s>, from: &'s str, to: &'s str, port: Port) -> Known<bool> {
    if from == to {
        return Ok(true);
    }
    let (source, destination) = (first_block(vpc, from)?, first_block(vpc, to)?);
    all([
        vpc.table(from).and_then(|table| table.is_local(vpc, destination.addr())),
        vpc.acl(from).and_then(|acl| acl::lets_out(vpc, &acl, port.number, &destination)),
        vpc.acl(to).and_then(|acl| acl::lets_in(vpc, &acl, port.number, &source)),
    ])
}

/// The IPv4 block of a subnet, or its IPv6 block if it has no other.
fn first_block<'s>(vpc: &Vpc<'s>, subnet: &'s str) -> Known<IpNet> {
    let blocks = vpc.blocks(subnet)?;
    let v4 = blocks.iter().find(|net| !cidr::is_v6(net));
    let none = || Unknown::undecided(format!("{subnet} has no addresses"));
    v4.or(blocks.first()).copied().ok_or_else(none)
}

/// Whether a worker's groups and the ACL of its subnet let it connect to any public address: where
/// the API server's are is not in the snapshot.
pub(super) fn to_public<'s>(vpc: &Vpc<'s>, worker: &Worker<'s>, port: Port, v6: bool) -> Known<bool> {
    let everywhere = cidr::everything(v6);
    let peer = Peer { groups: Ok(Vec::new()), addresses: Ok([everywhere].into()) };
    let groups = worker.groups.as_ref().map_err(Clone::clone);
    all([
        groups.and_then(|groups| admit(vpc, groups, Direction::Out, port, &peer)),
        vpc.acl(worker.subnet).and_then(|acl| acl::lets_out(vpc, &acl, port.number, &everywhere)),
    ])
}
