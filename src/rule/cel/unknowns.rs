//! The unknowns that travel through expressions. An error of the `cel` crate has room for text only, so
//! it carries the position of its unknown in this table.

use crate::snapshot::Unknown;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

thread_local! {
    static TABLE: RefCell<UnknownTable> = RefCell::default();
}

/// Each unknown once: a loop over a large list meets the same one again and again.
#[derive(Default)]
struct UnknownTable {
    all: Vec<Rc<Unknown>>,
    positions: HashMap<Rc<Unknown>, usize>,
}

/// Forgets all of them. Values of the snapshot keep their errors while a rule judges a resource, so this
/// is for the start of a rule, and never for within one.
pub(super) fn clear() {
    TABLE.with_borrow_mut(|table| {
        table.all.clear();
        table.positions.clear();
    });
}

/// Where an unknown is in the table, put in if it is new.
pub(super) fn position(unknown: &Unknown) -> usize {
    TABLE.with_borrow_mut(|table| {
        if let Some(known) = table.positions.get(unknown) {
            return *known;
        }
        let new = Rc::new(unknown.clone());
        table.all.push(Rc::clone(&new));
        table.positions.insert(new, table.all.len() - 1);
        table.all.len() - 1
    })
}

/// The unknown at a position.
pub(super) fn at(position: usize) -> Option<Unknown> {
    TABLE.with_borrow(|table| table.all.get(position).map(|unknown| Unknown::clone(unknown)))
}
