//! What follows about single resources of the network: subnets and security groups.

use super::Network;
use super::cidr::AddressFamily;
use super::connection::Direction;
use super::openings::{JointOpening, JointOpenings};
use super::reach::is_public;
use super::routes::{DefaultRoute, RouteTable};
use super::security_groups::SecurityGroupRule;
use super::users::{Users, have_nodes, is_without_cluster};
use crate::facts::known::Known;
use crate::facts::view::ResourceView;
use crate::snapshot::Unknown;
use std::rc::Rc;

/// What follows about a subnet.
pub(crate) struct SubnetFacts<'s> {
    pub(crate) id: &'s str,
    pub(crate) subnet: ResourceView<'s>,
    /// Titles of who is in it.
    pub(crate) used_by: Known<Vec<Rc<str>>>,
    /// Whether a route leads straight to an internet gateway.
    pub(crate) is_public: Known<bool>,
    pub(crate) table: Known<RouteTable<'s>>,
    /// Where packets to public IPv4 addresses go.
    pub(crate) default_route: Known<DefaultRoute<'s>>,
    /// Where packets to public IPv6 addresses go.
    pub(crate) default_route_ipv6: Known<DefaultRoute<'s>>,
    pub(crate) network_acl: Known<ResourceView<'s>>,
}

impl SubnetFacts<'_> {
    /// Whether somebody is in it, or may be.
    pub(crate) fn may_be_used(&self) -> bool {
        self.used_by.as_ref().map_or(true, |users| !users.is_empty())
    }
}

/// What follows about a security group.
pub(crate) struct SecurityGroupFacts<'s> {
    pub(crate) id: &'s str,
    pub(crate) group: ResourceView<'s>,
    /// Titles of who has it.
    pub(crate) used_by: Known<Vec<Rc<str>>>,
    pub(crate) is_in_use: Known<bool>,
    pub(crate) used_by_nodes: Known<bool>,
    pub(crate) used_by_control_plane: Known<bool>,
    /// What it admits.
    pub(crate) ingress: Known<Rc<[Known<SecurityGroupRule<'s>>]>>,
    /// What several sources let in from the internet together.
    pub(crate) joint: Vec<Known<JointOpening<'s>>>,
}

/// The subnets of a snapshot, or why it has none.
pub(crate) fn subnets<'s>(
    network: &Network<'s>,
    users: &Users<'_, 's>,
) -> Known<impl Iterator<Item = SubnetFacts<'s>>> {
    let (vpc, view) = (&network.vpc, network.vpc.view);
    view.section("subnets")?;
    let facts = |subnet: ResourceView<'s>| {
        let id = subnet.key()?;
        let table = vpc.table(id);
        Some(SubnetFacts {
            id,
            subnet,
            used_by: users.of_subnet(id),
            is_public: table.clone().and_then(|table| is_public(vpc, &table)),
            table,
            default_route: vpc.default_route(id, AddressFamily::V4),
            default_route_ipv6: vpc.default_route(id, AddressFamily::V6),
            network_acl: vpc.acl(id),
        })
    };
    Ok(view.items("subnets").filter_map(facts))
}

/// The security groups of a snapshot, or why it has none.
pub(crate) fn security_groups<'s>(
    network: &Network<'s>,
    users: &Users<'_, 's>,
    openings: &JointOpenings<'s>,
) -> Known<impl Iterator<Item = SecurityGroupFacts<'s>>> {
    let view = network.vpc.view;
    view.section("securityGroups")?;
    let alone = is_without_cluster(view);
    let of_cluster = move |answer: &dyn Fn() -> Known<bool>| {
        let no_cluster = "the document has no cluster whose nodes could use it";
        if alone { Err(Unknown::undecided(no_cluster.to_owned())) } else { answer() }
    };
    let facts = move |group: ResourceView<'s>| {
        let id = group.key()?;
        let used_by = if alone { Ok(Vec::new()) } else { users.of_group(id) };
        Some(SecurityGroupFacts {
            id,
            group,
            is_in_use: used_by.clone().map(|users| alone || !users.is_empty()),
            used_by,
            used_by_nodes: of_cluster(&|| have_nodes(network, id)),
            used_by_control_plane: of_cluster(&|| network.control_plane.has_group(id)),
            ingress: network.vpc.security_group_rules(id, Direction::In),
            joint: openings.of_group(id),
        })
    };
    Ok(view.items("securityGroups").filter_map(facts))
}
