//! Whether connections inside the VPC pass: security groups at both ends, and network ACLs between
//! subnets.

use crate::facts::known::{Known, all, any};
use crate::facts::network::cidr::AddressFamily;
use crate::facts::network::connection::{Direction, Peer, Port};
use crate::facts::network::control_plane::ControlPlane;
use crate::facts::network::nodes::NodePlacement;
use crate::facts::network::reach::{acl_lets_in, acl_lets_out, groups_admit, groups_admit_over, is_local};
use crate::facts::network::vpc::Vpc;
use crate::snapshot::Unknown;
use ipnet::IpNet;

/// One end of a connection.
struct ConnectionEnd<'a, 's> {
    security_groups: &'a Known<Vec<&'s str>>,
    peer: Peer<'s>,
    subnets: Vec<&'s str>,
}

impl<'a, 's> ConnectionEnd<'a, 's> {
    fn nodes(nodes: &'a NodePlacement<'s>) -> Self {
        Self { security_groups: &nodes.security_groups, peer: nodes.peer(), subnets: vec![nodes.subnet] }
    }

    fn control_plane(control_plane: &'a ControlPlane<'s>) -> Known<Self> {
        let subnets = control_plane.subnets.as_ref().map_err(Clone::clone)?;
        let subnets = subnets.iter().map(|subnet| subnet.id).collect();
        Ok(Self { security_groups: &control_plane.security_groups, peer: control_plane.peer(), subnets })
    }
}

/// Whether nodes can connect to the interfaces of the control plane. One of them is enough.
pub(super) fn to_control_plane<'s>(
    vpc: &Vpc<'s>,
    nodes: &NodePlacement<'s>,
    control_plane: &ControlPlane<'s>,
    port: Port,
) -> Known<bool> {
    let (from, to) = (ConnectionEnd::nodes(nodes), ConnectionEnd::control_plane(control_plane)?);
    let passes = |id: &&'s str| between(vpc, nodes.subnet, id, port);
    let acls =
        vpc.acls_pass(nodes.subnet, Direction::Out, port.number, || any(to.subnets.iter().map(passes)));
    all([both_admit(vpc, &from, &to, port, None), acls])
}

/// Whether what has IPv6 addresses alone, such as pods of an IPv6 cluster, can connect from nodes to the interfaces of
/// the control plane.
pub(super) fn to_control_plane_over_ipv6<'s>(
    vpc: &Vpc<'s>,
    nodes: &NodePlacement<'s>,
    control_plane: &ControlPlane<'s>,
    port: Port,
) -> Known<bool> {
    let (from, to) = (ConnectionEnd::nodes(nodes), ConnectionEnd::control_plane(control_plane)?);
    // Pods have addresses of the subnet, and not those of the node.
    let from = ConnectionEnd { peer: Peer { addresses: vpc.blocks(nodes.subnet), ..from.peer }, ..from };
    let family = Some(AddressFamily::V6);
    let groups = both_admit(vpc, &from, &to, port, family);
    let passes = |id: &&'s str| between_over_ipv6(vpc, nodes.subnet, id, port);
    all([groups, any(to.subnets.iter().map(passes))])
}

/// Whether the control plane can connect to nodes. It uses each of its interfaces.
pub(super) fn to_nodes<'s>(
    vpc: &Vpc<'s>,
    control_plane: &ControlPlane<'s>,
    nodes: &NodePlacement<'s>,
    port: Port,
) -> Known<bool> {
    let (from, to) = (ConnectionEnd::control_plane(control_plane)?, ConnectionEnd::nodes(nodes));
    let acls = vpc.acls_pass(nodes.subnet, Direction::In, port.number, || {
        acls_from_all(vpc, &from.subnets, nodes.subnet, port)
    });
    all([both_admit(vpc, &from, &to, port, None), acls])
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

/// Whether the security groups of both ends admit the connection.
fn both_admit<'s>(
    vpc: &Vpc<'s>,
    from: &ConnectionEnd<'_, 's>,
    to: &ConnectionEnd<'_, 's>,
    port: Port,
    family: Option<AddressFamily>,
) -> Known<bool> {
    let of = |groups: &Known<Vec<&'s str>>, direction, peer| {
        let groups = groups.as_ref().map_err(Clone::clone)?;
        groups_admit_over(vpc, groups, direction, port, peer, family)
    };
    all([
        of(from.security_groups, Direction::Out, &to.peer),
        of(to.security_groups, Direction::In, &from.peer),
    ])
}

/// Whether network ACLs and routes let a connection pass from a subnet to another. Inside one
/// subnet there is neither.
fn between<'s>(vpc: &Vpc<'s>, from: &'s str, to: &'s str, port: Port) -> Known<bool> {
    if from == to {
        return Ok(true);
    }
    let (source, destination) = (first_block(vpc, from)?, first_block(vpc, to)?);
    let local = vpc.table(from).and_then(|table| is_local(vpc, &table, destination.addr()));
    all([local, acls_let_through(vpc, (from, source), (to, destination), port)])
}

/// Whether the network ACLs of two subnets let a connection through between these blocks of them.
fn acls_let_through<'s>(
    vpc: &Vpc<'s>,
    (from, source): (&'s str, IpNet),
    (to, destination): (&'s str, IpNet),
    port: Port,
) -> Known<bool> {
    all([
        vpc.acl(from).and_then(|acl| acl_lets_out(vpc, &acl, port.number, &destination)),
        vpc.acl(to).and_then(|acl| acl_lets_in(vpc, &acl, port.number, &source)),
    ])
}

/// The same over IPv6. Of a subnet whose IPv6 block is not known, all of IPv6 is asked for.
fn between_over_ipv6<'s>(vpc: &Vpc<'s>, from: &'s str, to: &'s str, port: Port) -> Known<bool> {
    if from == to {
        return Ok(true);
    }
    let family = AddressFamily::V6;
    let block = |subnet| {
        let blocks = vpc.blocks(subnet)?;
        Ok(blocks.iter().find(|net| family.has(net)).copied().unwrap_or_else(|| family.everything()))
    };
    acls_let_through(vpc, (from, block(from)?), (to, block(to)?), port)
}

/// The IPv4 block of a subnet, or its IPv6 block if it has no other.
fn first_block<'s>(vpc: &Vpc<'s>, subnet: &'s str) -> Known<IpNet> {
    let blocks = vpc.blocks(subnet)?;
    let v4 = blocks.iter().find(|net| AddressFamily::V4.has(net));
    let none = || Unknown::undecided(format!("{subnet} has no addresses"));
    v4.or(blocks.first()).copied().ok_or_else(none)
}

/// Whether the security groups of nodes and the ACL of their subnet let them connect to any public
/// address: where
/// the API server's are is not in the snapshot.
pub(super) fn to_public<'s>(
    vpc: &Vpc<'s>,
    nodes: &NodePlacement<'s>,
    port: Port,
    family: AddressFamily,
) -> Known<bool> {
    let everywhere = family.everything();
    let peer = Peer { security_groups: Ok(Vec::new()), addresses: Ok([everywhere].into()) };
    let groups = nodes.security_groups.as_ref().map_err(Clone::clone);
    all([
        groups.and_then(|groups| groups_admit(vpc, groups, Direction::Out, port, &peer)),
        vpc.acl(nodes.subnet).and_then(|acl| acl_lets_out(vpc, &acl, port.number, &everywhere)),
    ])
}
