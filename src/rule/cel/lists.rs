//! Functions on lists, and on lists as sets.

use super::budget;
use super::call::{
    Args, CallResult, Function, FunctionBody, boolean, function, list, method, no_overload, on, own,
};
use super::types::Ty;
use super::val;
use cel::ExecutionError;
use cel::common::types::{CelInt, CelList, CelOptional, CelString, Kind, LIST_TYPE};
use cel::common::value::{CowVal, Val};
use std::cmp::Ordering;
use std::collections::HashSet;

/// What the macro `sortBy` becomes.
pub(super) const SORT_BY: &str = "@sortByAssociatedKeys";

pub(super) const FUNCTIONS: &[Function] = &[
    method(
        Ty::Dyn,
        "distinct",
        0..=0,
        Ty::Dyn,
        Ty::SameList,
        FunctionBody::Instead(on(&LIST_TYPE, distinct)),
    ),
    method(Ty::Dyn, "flatten", 0..=0, Ty::Dyn, Ty::List, FunctionBody::Metered),
    method(Ty::Dyn, "reverse", 0..=0, Ty::Dyn, Ty::SameList, FunctionBody::Metered),
    method(Ty::Dyn, "slice", 2..=2, Ty::Int, Ty::SameList, FunctionBody::Metered),
    method(Ty::Dyn, "sort", 0..=0, Ty::Dyn, Ty::SameList, FunctionBody::Metered),
    method(Ty::Dyn, SORT_BY, 1..=1, Ty::Dyn, Ty::SameList, FunctionBody::Metered),
    method(Ty::Dyn, "first", 0..=0, Ty::Dyn, Ty::Optional, FunctionBody::Own(on(&LIST_TYPE, first))),
    method(Ty::Dyn, "last", 0..=0, Ty::Dyn, Ty::Optional, FunctionBody::Own(on(&LIST_TYPE, last))),
    method(Ty::Dyn, "sum", 0..=0, Ty::Dyn, Ty::Dyn, FunctionBody::Own(on(&LIST_TYPE, sum))),
    method(Ty::Dyn, "min", 0..=0, Ty::Dyn, Ty::Dyn, FunctionBody::Own(on(&LIST_TYPE, min))),
    method(Ty::Dyn, "max", 0..=0, Ty::Dyn, Ty::Dyn, FunctionBody::Own(on(&LIST_TYPE, max))),
    function("sets.contains", 2..=2, Ty::List, Ty::Bool, own(sets_contains)),
    function("sets.equivalent", 2..=2, Ty::List, Ty::Bool, own(sets_equivalent)),
    function("sets.intersects", 2..=2, Ty::List, Ty::Bool, own(sets_intersects)),
];

fn distinct<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let mut items = list("distinct", args[0].as_ref())?.iter();
    let (mut texts, mut kept) = (HashSet::new(), Vec::<Box<dyn Val + 'v>>::new());
    while let Some(item) = items.next() {
        let new = match item.downcast_ref::<CelString>() {
            // Another text that is a symbol may be the same.
            Some(text) if texts.len() == kept.len() => texts.insert(text.inner()),
            text => {
                if let Some(text) = text {
                    texts.insert(text.inner());
                }
                let mut known = false;
                for other in &kept {
                    known |= val::equal(other.as_ref(), item)?;
                }
                !known
            }
        };
        if new {
            kept.push(item.clone_as_boxed());
        }
    }
    Ok(CowVal::owned(CelList::from(kept)))
}

fn pick<'b, 'v>(args: &Args<'b, 'v>, from_end: bool) -> CallResult<'b, 'v> {
    let mut items = list("first", args[0].as_ref())?.iter();
    let mut picked = None;
    while let Some(item) = items.next() {
        picked = Some(item.clone_as_boxed());
        if !from_end {
            break;
        }
    }
    Ok(CowVal::owned(picked.map_or_else(CelOptional::none, CelOptional::of)))
}

fn first<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    pick(&args, false)
}

fn last<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    pick(&args, true)
}

fn sum<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let mut items = list("sum", args[0].as_ref())?.iter();
    let mut total: Box<dyn Val + 'v> = Box::new(CelInt::from(0));
    let mut first = true;
    while let Some(item) = items.next() {
        if !matches!(item.get_type().kind(), Kind::Int | Kind::UInt | Kind::Double | Kind::Duration) {
            return Err(no_overload("sum", &[item]));
        }
        let item = item.clone_as_boxed();
        total = match total.as_adder() {
            Some(adder) if !std::mem::take(&mut first) => adder.add(item.as_ref())?.into_owned(),
            _ => {
                first = false;
                item
            }
        };
    }
    Ok(CowVal::Owned(total))
}

fn extreme<'b, 'v>(name: &str, args: &Args<'b, 'v>, wanted: Ordering) -> CallResult<'b, 'v> {
    let mut items = list(name, args[0].as_ref())?.iter();
    let mut best: Option<Box<dyn Val + 'v>> = None;
    while let Some(item) = items.next() {
        let better = match &best {
            None => true,
            Some(best) => {
                let comparer = item.as_comparer().ok_or_else(|| no_overload(name, &[item]))?;
                comparer.compare(best.as_ref())? == wanted
            }
        };
        if better {
            best = Some(item.clone_as_boxed());
        }
    }
    best.map(CowVal::Owned)
        .map_or_else(|| Err(ExecutionError::InternalError(format!("{name}() of an empty list"))), Ok)
}

fn min<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    extreme("min", &args, Ordering::Less)
}

fn max<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    extreme("max", &args, Ordering::Greater)
}

/// Whether every item of the second list is in the first.
fn subset(of: &dyn Val, items: &dyn Val) -> Result<bool, ExecutionError> {
    let mut items = list("sets.contains", items)?.iter();
    while let Some(item) = items.next() {
        budget::pay(val::length(of))?;
        if !val::contains(of, item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn sets_contains<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    boolean(subset(args[0].as_ref(), args[1].as_ref())?)
}

fn sets_equivalent<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let (a, b) = (args[0].as_ref(), args[1].as_ref());
    boolean(subset(a, b)? && subset(b, a)?)
}

fn sets_intersects<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let mut items = list("sets.intersects", args[1].as_ref())?.iter();
    let mut unknown = None;
    while let Some(item) = items.next() {
        budget::pay(val::length(args[0].as_ref()))?;
        match val::contains(args[0].as_ref(), item) {
            Ok(true) => return boolean(true),
            Ok(false) => {}
            // Another item may be in both.
            Err(error) => drop(unknown.get_or_insert(error)),
        }
    }
    unknown.map_or_else(|| boolean(false), Err)
}
