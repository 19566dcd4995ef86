//! The control plane's end of connections: the network interfaces that EKS puts into the subnets of
//! a cluster.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html>

use super::connection::Peer;
use super::instances::{cluster_name, private_addresses, security_group_ids};
use super::vpc::Vpc;
use crate::facts::known::Known;
use crate::facts::view::{ResourceView, SnapshotView};
use crate::snapshot::Unknown;
use crate::value::Pointer;
use ipnet::IpNet;
use std::net::IpAddr;
use std::rc::Rc;

/// The interfaces through which the control plane reaches into the VPC.
#[derive(Clone, Debug)]
pub(crate) struct ControlPlane<'s> {
    /// The subnets that the cluster names.
    pub(crate) subnets: Known<Vec<ControlPlaneSubnet<'s>>>,
    pub(crate) security_groups: Known<Vec<&'s str>>,
    pub(crate) addresses: Known<Rc<[IpNet]>>,
}

/// A subnet that the cluster names.
#[derive(Clone, Debug)]
pub(crate) struct ControlPlaneSubnet<'s> {
    pub(crate) id: &'s str,
    /// Where the cluster names it.
    pub(crate) place: Pointer,
}

impl<'s> ControlPlane<'s> {
    /// As its interfaces say; where none is in the snapshot, as the cluster's configuration says.
    pub(super) fn of(vpc: &Vpc<'s>) -> Self {
        let view = vpc.view;
        let subnets = subnets(view);
        if let Some(unknown) = unnamed_interfaces(view) {
            return Self { subnets, security_groups: Err(unknown.clone()), addresses: Err(unknown) };
        }
        let interfaces = interfaces(view);
        if interfaces.is_empty() {
            let addresses = subnets.clone().and_then(|subnets| {
                let each = subnets.iter().map(|subnet| vpc.blocks(subnet.id));
                each.collect::<Known<Vec<_>>>().map(|blocks| blocks.concat().into())
            });
            return Self { security_groups: configured_groups(view), addresses, subnets };
        }
        let addresses = interfaces.iter().map(private_addresses).collect::<Known<Vec<_>>>();
        Self {
            security_groups: groups_of(&interfaces),
            addresses: addresses.map(|nets| nets.concat().into()),
            subnets,
        }
    }

    /// Whether its interfaces have a security group.
    pub(crate) fn has_group(&self, id: &str) -> Known<bool> {
        self.security_groups.as_ref().map(|groups| groups.contains(&id)).map_err(Clone::clone)
    }

    /// The addresses of its interfaces; none where only the subnets are known that they are in.
    pub(crate) fn interface_addresses(&self) -> Vec<IpAddr> {
        let nets = self.addresses.as_deref().unwrap_or_default();
        let is_one = |net: &&IpNet| net.prefix_len() == net.max_prefix_len();
        if nets.iter().all(|net| is_one(&net)) { nets.iter().map(IpNet::addr).collect() } else { Vec::new() }
    }

    /// As the other end of a connection.
    pub(crate) fn peer(&self) -> Peer<'s> {
        Peer { security_groups: self.security_groups.clone(), addresses: self.addresses.clone() }
    }
}

/// Why it is unknown which interfaces are the cluster's: it has no name, or one cannot be read that says so.
fn unnamed_interfaces(view: SnapshotView<'_>) -> Option<Unknown> {
    view.items("networkInterfaces").next()?;
    let undescribed =
        || view.items("networkInterfaces").find_map(|item| item.optional_prose("Description").err());
    view.cluster().and_then(|cluster| cluster.text("name")).err().or_else(undescribed)
}

/// The security groups of interfaces, each once.
fn groups_of<'s>(interfaces: &[ResourceView<'s>]) -> Known<Vec<&'s str>> {
    let each = interfaces.iter().map(|item| security_group_ids(item, &["Groups", "*"]));
    let mut groups = each.collect::<Known<Vec<_>>>()?.concat();
    groups.sort_unstable();
    groups.dedup();
    Ok(groups)
}

/// The interfaces that EKS made for the cluster.
fn interfaces<'s>(view: SnapshotView<'s>) -> Vec<ResourceView<'s>> {
    let Some(name) = cluster_name(view) else { return Vec::new() };
    let description = format!("Amazon EKS {name}");
    let is_own = |item: &ResourceView<'s>| item.optional_prose("Description") == Ok(Some(&description));
    view.items("networkInterfaces").filter(is_own).collect()
}

/// The subnets in which the snapshot has such interfaces.
pub(crate) fn interface_subnets<'s>(view: SnapshotView<'s>) -> Vec<&'s str> {
    interfaces(view).iter().filter_map(|item| item.id_in("subnets", "SubnetId").ok()).collect()
}

fn configured_groups<'s>(view: SnapshotView<'s>) -> Known<Vec<&'s str>> {
    let own = view.vpc_config_id("securityGroups", "clusterSecurityGroupId")?;
    let path = ["resourcesVpcConfig", "securityGroupIds"];
    let cluster = view.cluster()?;
    let has_more = cluster.optional_under(&path)?.is_some();
    let more = if has_more { cluster.ids_under("securityGroups", &path)? } else { Vec::new() };
    Ok(std::iter::once(own).chain(more).collect())
}

fn subnets<'s>(view: SnapshotView<'s>) -> Known<Vec<ControlPlaneSubnet<'s>>> {
    let cluster = view.cluster()?;
    let ids = cluster.ids_under("subnets", &["resourcesVpcConfig", "subnetIds"])?;
    let place = cluster.pointer().key("resourcesVpcConfig").key("subnetIds");
    let subnet = |(at, id)| ControlPlaneSubnet { id, place: place.index(at) };
    Ok(ids.into_iter().enumerate().map(subnet).collect())
}
