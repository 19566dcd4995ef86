//! The VPC of a cluster, looked up once: which route table and network ACL a subnet follows, what
//! its addresses are, what a security group says.

use super::super::known::Known;
use super::super::view::{ResourceView, SnapshotView};
use super::acl::Rule;
use super::groups::{self, Direction, Entry};
use super::routes::{DefaultRoute, Route, Table};
use super::{acl, workers};
use crate::snapshot::Unknown;
use ipnet::IpNet;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// What a security group says in one direction.
type Entries<'s> = Rc<[Entry<'s>]>;

/// What was worked out before, by what it is about.
type Once<K, V> = RefCell<FxHashMap<K, Known<V>>>;

/// A VPC.
#[derive(Debug)]
pub(in crate::facts) struct Vpc<'s> {
    pub(in crate::facts) view: SnapshotView<'s>,
    tables: FxHashMap<&'s str, Table<'s>>,
    /// Not known if another table may name any subnet.
    main: Known<Option<Table<'s>>>,
    acls: FxHashMap<&'s str, ResourceView<'s>>,
    groups: Once<(&'s str, Direction), Entries<'s>>,
    routes: Once<usize, Rc<[Route<'s>]>>,
    default_routes: Once<(usize, bool), DefaultRoute<'s>>,
    rules: Once<(usize, Direction), Rc<[Rule]>>,
    acls_pass: Once<(&'s str, Direction, i64), bool>,
    blocks: Once<&'s str, Rc<[IpNet]>>,
}

impl<'s> Vpc<'s> {
    pub(super) fn of(view: SnapshotView<'s>) -> Self {
        let (tables, main) = Table::all(view);
        Self {
            view,
            tables,
            main,
            acls: acl::by_subnet(view),
            groups: RefCell::default(),
            routes: RefCell::default(),
            default_routes: RefCell::default(),
            rules: RefCell::default(),
            acls_pass: RefCell::default(),
            blocks: RefCell::default(),
        }
    }

    /// The table that a subnet follows: the one that names it, or the VPC's main one.
    pub(in crate::facts) fn table(&self, subnet: &str) -> Known<Table<'s>> {
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
    pub(in crate::facts) fn default_route(&self, subnet: &str, v6: bool) -> Known<DefaultRoute<'s>> {
        let table = self.table(subnet)?;
        let mut known = self.default_routes.borrow_mut();
        known.entry((table.position(), v6)).or_insert_with(|| table.default_route(self, v6)).clone()
    }

    /// The routes of a table.
    pub(super) fn routes(&self, table: &Table<'s>) -> Known<Rc<[Route<'s>]>> {
        let read = || table.routes(self.view);
        self.routes.borrow_mut().entry(table.position()).or_insert_with(read).clone()
    }

    /// The network ACL of a subnet.
    pub(in crate::facts) fn acl(&self, subnet: &str) -> Known<ResourceView<'s>> {
        let none = || Unknown::undecided(format!("no network ACL of the snapshot is for {subnet}"));
        match self.acls.get(subnet) {
            Some(acl) => Ok(*acl),
            None => Err(self.view.more("networkAcls").unwrap_or_else(none)),
        }
    }

    /// The rules of a network ACL.
    pub(super) fn rules(&self, acl: &ResourceView<'s>, direction: Direction) -> Known<Rc<[Rule]>> {
        let read = || acl::rules(acl, direction).map(Rc::from);
        self.rules.borrow_mut().entry((acl.position(), direction)).or_insert_with(read).clone()
    }

    /// Whether what lies between a subnet and the control plane lets connections to a port pass:
    /// worked out once, as many nodes share few subnets. `Out` is towards the control plane.
    pub(in crate::facts) fn acls_pass(
        &self,
        subnet: &'s str,
        direction: Direction,
        port: i64,
        decide: impl FnOnce() -> Known<bool>,
    ) -> Known<bool> {
        self.acls_pass.borrow_mut().entry((subnet, direction, port)).or_insert_with(decide).clone()
    }

    /// What a security group says.
    pub(in crate::facts) fn entries(&self, group: &'s str, direction: Direction) -> Known<Entries<'s>> {
        let read = || {
            let group = self.view.get("securityGroups", group)?;
            groups::entries(&group, direction).map(Rc::from)
        };
        self.groups.borrow_mut().entry((group, direction)).or_insert_with(read).clone()
    }

    /// The addresses of a subnet.
    pub(in crate::facts) fn blocks(&self, subnet: &'s str) -> Known<Rc<[IpNet]>> {
        let read = || workers::subnet_blocks(self.view, subnet).map(Rc::from);
        self.blocks.borrow_mut().entry(subnet).or_insert_with(read).clone()
    }
}
