//! The VPC of a cluster, looked up once: which route table and network ACL a subnet follows, what
//! its addresses are, what a security group says.

use super::cidr::{self, AddressFamily};
use super::connection::Direction;
use super::network_acls::{self, NetworkAclRule};
use super::routes::{self, DefaultRoute, Route, RouteTable, RouteTarget};
use super::security_groups::{self, SecurityGroupRule};
use crate::facts::known::Known;
use crate::facts::view::{ResourceView, SnapshotView};
use crate::snapshot::Unknown;
use ipnet::IpNet;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::net::IpAddr;
use std::rc::Rc;

/// What was worked out before, by what it is about.
type Once<K, V> = RefCell<FxHashMap<K, Known<V>>>;

/// A VPC.
#[derive(Debug)]
pub(crate) struct Vpc<'s> {
    pub(crate) view: SnapshotView<'s>,
    tables: FxHashMap<&'s str, RouteTable<'s>>,
    /// Not known if another table may name any subnet.
    main: Known<Option<RouteTable<'s>>>,
    acls: FxHashMap<&'s str, ResourceView<'s>>,
    /// Why another ACL may be for any subnet, if it may.
    unclear_acl: Option<Unknown>,
    security_groups: Once<(&'s str, Direction), Rc<[Known<SecurityGroupRule<'s>>]>>,
    routes: Once<usize, Rc<[Known<Route<'s>>]>>,
    default_routes: Once<(usize, AddressFamily), DefaultRoute<'s>>,
    network_acl_rules: Once<(usize, Direction), Rc<[NetworkAclRule]>>,
    acls_pass: Once<(&'s str, Direction, i64), bool>,
    blocks: Once<&'s str, Rc<[IpNet]>>,
}

impl<'s> Vpc<'s> {
    pub(super) fn of(view: SnapshotView<'s>) -> Self {
        let (tables, main) = RouteTable::all(view);
        let (acls, unclear_acl) = network_acls::by_subnet(view);
        Self {
            view,
            tables,
            main,
            acls,
            unclear_acl,
            security_groups: RefCell::default(),
            routes: RefCell::default(),
            default_routes: RefCell::default(),
            network_acl_rules: RefCell::default(),
            acls_pass: RefCell::default(),
            blocks: RefCell::default(),
        }
    }

    /// The table that a subnet follows: the one that names it, or the VPC's main one.
    pub(crate) fn table(&self, subnet: &str) -> Known<RouteTable<'s>> {
        if let Some(table) = self.tables.get(subnet) {
            return Ok(*table);
        }
        // A table that is not in the snapshot could name the subnet.
        let none = || Unknown::undecided(format!("no route table of the snapshot is for {subnet}"));
        match self.view.more("routeTables") {
            Some(unknown) => Err(unknown),
            None => self.main.clone()?.ok_or_else(none),
        }
    }

    /// Where packets of a subnet to public addresses go.
    pub(crate) fn default_route(&self, subnet: &str, family: AddressFamily) -> Known<DefaultRoute<'s>> {
        let table = self.table(subnet)?;
        let find = || table.default_route(&self.routes(&table)?, family);
        self.default_routes.borrow_mut().entry((table.position(), family)).or_insert_with(find).clone()
    }

    /// The routes of a table.
    pub(super) fn routes(&self, table: &RouteTable<'s>) -> Known<Rc<[Known<Route<'s>>]>> {
        let read = || table.routes(self.view);
        self.routes.borrow_mut().entry(table.position()).or_insert_with(read).clone()
    }

    /// The route that packets from a table to an address take: its target, the id of that, and whether it is gone.
    pub(crate) fn route_to(
        &self,
        table: &RouteTable<'s>,
        address: IpAddr,
    ) -> Known<Option<(RouteTarget, &'s str, bool)>> {
        let routes = self.routes(table)?;
        let route = routes::choose(&routes, address)?;
        Ok(route.map(|route| (route.target, route.id, route.is_blackhole)))
    }

    /// The network ACL of a subnet.
    pub(crate) fn acl(&self, subnet: &str) -> Known<ResourceView<'s>> {
        let none = || Unknown::undecided(format!("no network ACL of the snapshot is for {subnet}"));
        match self.acls.get(subnet) {
            Some(acl) => Ok(*acl),
            None => {
                let unclear = || self.unclear_acl.clone();
                Err(self.view.more("networkAcls").or_else(unclear).unwrap_or_else(none))
            }
        }
    }

    /// The rules of a network ACL.
    pub(super) fn network_acl_rules(
        &self,
        acl: &ResourceView<'s>,
        direction: Direction,
    ) -> Known<Rc<[NetworkAclRule]>> {
        let read = || network_acls::rules(acl, direction).map(Rc::from);
        self.network_acl_rules.borrow_mut().entry((acl.position(), direction)).or_insert_with(read).clone()
    }

    /// Whether what lies between a subnet and the control plane lets connections to a port pass:
    /// worked out once, as many nodes share few subnets. `Out` is towards the control plane.
    pub(crate) fn acls_pass(
        &self,
        subnet: &'s str,
        direction: Direction,
        port: i64,
        decide: impl FnOnce() -> Known<bool>,
    ) -> Known<bool> {
        self.acls_pass.borrow_mut().entry((subnet, direction, port)).or_insert_with(decide).clone()
    }

    /// The rules of a security group.
    pub(crate) fn security_group_rules(
        &self,
        group: &'s str,
        direction: Direction,
    ) -> Known<Rc<[Known<SecurityGroupRule<'s>>]>> {
        let read = || {
            let group = self.view.get("securityGroups", group)?;
            security_groups::rules(&group, direction).map(Rc::from)
        };
        self.security_groups.borrow_mut().entry((group, direction)).or_insert_with(read).clone()
    }

    /// The addresses of a subnet.
    pub(crate) fn blocks(&self, subnet: &'s str) -> Known<Rc<[IpNet]>> {
        let read = || cidr::subnet_blocks(self.view, subnet).map(Rc::from);
        self.blocks.borrow_mut().entry(subnet).or_insert_with(read).clone()
    }
}
