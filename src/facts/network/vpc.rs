//! The VPC of a cluster, looked up once: which route table and network ACL a subnet follows, what
//! its addresses are, what a security group says.

use super::super::known::Known;
use super::super::view::{Item, View};
use super::groups::{self, Direction, Entry};
use super::routes::{DefaultRoute, Table};
use super::{acl, workers};
use crate::snapshot::Unknown;
use ipnet::IpNet;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// What a security group says in one direction.
type Entries<'s> = Rc<[Entry<'s>]>;

/// A VPC.
#[derive(Debug)]
pub(in crate::facts) struct Vpc<'s> {
    pub(in crate::facts) view: View<'s>,
    tables: FxHashMap<&'s str, Table<'s>>,
    /// Not known if another table may name any subnet.
    main: Known<Option<Table<'s>>>,
    acls: FxHashMap<&'s str, Item<'s>>,
    groups: RefCell<FxHashMap<(&'s str, Direction), Known<Entries<'s>>>>,
    routes: RefCell<FxHashMap<(&'s str, bool), Known<DefaultRoute<'s>>>>,
    blocks: RefCell<FxHashMap<&'s str, Known<Rc<[IpNet]>>>>,
}

impl<'s> Vpc<'s> {
    pub(super) fn of(view: View<'s>) -> Self {
        let (tables, main) = Table::all(view);
        Self {
            view,
            tables,
            main,
            acls: acl::by_subnet(view),
            groups: RefCell::default(),
            routes: RefCell::default(),
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
        let mut known = self.routes.borrow_mut();
        known.entry((table.id(), v6)).or_insert_with(|| table.default_route(self.view, v6)).clone()
    }

    /// The network ACL of a subnet.
    pub(in crate::facts) fn acl(&self, subnet: &str) -> Known<Item<'s>> {
        let none = || Unknown::undecided(format!("no network ACL of the snapshot is for {subnet}"));
        match self.acls.get(subnet) {
            Some(acl) => Ok(*acl),
            None => Err(self.view.more("networkAcls").unwrap_or_else(none)),
        }
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
