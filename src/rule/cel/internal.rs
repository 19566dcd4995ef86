//! What lowering calls instead of what a rule wrote. No rule can name these functions: `@` begins no
//! name of CEL.

use super::call::{
    Args, CallResult, Implementation, Overload, boolean, int, list, made, no_overload, on, text,
};
use super::symbols::SymbolVal;
use super::val::{self, UnknownItem};
use super::{budget, cost, operators, strings, symbols};
use cel::common::traits::{Indexer, Iterable};
use cel::common::types::{self, CelBool, CelInt, CelList, CelMap, CelOptional, CelString, Kind};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};
use std::sync::LazyLock;

pub(super) const GET: &str = "@get";
pub(super) const HAS: &str = "@has";
pub(super) const ADD: &str = "@add";
pub(super) const SIZE: &str = "@size";
pub(super) const EQUAL: &str = "@equal";
pub(super) const ENTRIES: &str = "@entries";
pub(super) const MATCHES: &str = "@matches";
pub(super) const LOOP_STEP: &str = "@loop_step";
pub(super) const RANGE: &str = "@range";
pub(super) const METERED: &str = "@metered";
pub(super) const METERED_ITEMS: &str = "@metered_items";
pub(super) const METERED_SORT: &str = "@metered_sort";
pub(super) const SEARCHED: &str = "@searched";
pub(super) const SAME: &str = "@same";
pub(super) const WITHIN: &str = "@within";
pub(super) const ORDER: &str = "@order";
pub(super) const CONCRETE: &str = "@concrete";
pub(super) const STARTS_WITH: &str = "@starts_with";
pub(super) const ENDS_WITH: &str = "@ends_with";
pub(super) const HAS_PART: &str = "@has_part";

/// The first halves of names of functions, as of `sets.contains`.
pub(super) const NAMESPACES: [&str; 2] = ["sets", "optional"];

/// Each with the number of its arguments.
const FUNCTIONS: [(&str, usize, Implementation); 20] = [
    (GET, 2, get),
    (HAS, 2, has),
    (ADD, 2, add),
    (SIZE, 1, size),
    (EQUAL, 2, equal),
    (ENTRIES, 1, entries),
    (MATCHES, 2, strings::matches),
    (LOOP_STEP, 2, loop_step),
    (RANGE, 1, range),
    (METERED, 1, metered),
    (METERED_ITEMS, 1, metered_items),
    (METERED_SORT, 1, metered_sort),
    (SEARCHED, 1, searched),
    (SAME, 2, operators::same),
    (WITHIN, 2, operators::within),
    (ORDER, 2, operators::order),
    (CONCRETE, 1, operators::concrete_argument),
    (STARTS_WITH, 2, operators::starts_with),
    (ENDS_WITH, 2, operators::ends_with),
    (HAS_PART, 2, operators::has_part),
];

pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    for (name, arguments, run) in FUNCTIONS {
        let arguments = (0..arguments).map(|_| types::DYN_TYPE).collect();
        env.add_overload(name, &format!("ekslint_{name}"), arguments, run)?;
    }
    Ok(())
}

/// The function of that name.
pub(super) fn implementation(name: &str) -> Option<Overload> {
    let (_, _, run) = FUNCTIONS.into_iter().find(|(known, ..)| *known == name)?;
    Some(on(&types::DYN_TYPE, run))
}

/// Pays for one step of a loop, and fails if its item is unknown. The true that it gives is the
/// condition under which the body is evaluated.
fn loop_step<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    val::known(args[0].as_ref())?;
    let nodes = args[1].downcast_ref::<CelInt>().and_then(|nodes| usize::try_from(*nodes.inner()).ok());
    budget::pay(nodes.unwrap_or_default())?;
    Ok(CowVal::Borrowed(&*YES))
}

static YES: LazyLock<CelBool> = LazyLock::new(|| CelBool::from(true));

/// What a loop goes through: each item is copied once, and maps are in order of their keys.
fn range<'b, 'v>(mut args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    cost::pay_copy(args[0].as_ref())?;
    match args[0].downcast_ref::<CelMap>() {
        Some(map) => Ok(CowVal::owned(CelList::from(sorted_keys(map)))),
        None => Ok(args.swap_remove(0)),
    }
}

fn sorted_keys<'v>(map: &CelMap<'v>) -> Vec<Box<dyn Val + 'v>> {
    let mut keys: Vec<_> = map.inner().keys().collect();
    keys.sort();
    keys.into_iter().map(|key| key.inner().clone_as_boxed()).collect()
}

/// Pays for what is about to be read or copied as a whole, and fails if it is not known.
fn metered<'b, 'v>(mut args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    val::known_whole(args[0].as_ref())?;
    cost::pay_copy(args[0].as_ref())?;
    Ok(args.swap_remove(0))
}

/// Pays for a text that is about to become a list.
fn metered_items<'b, 'v>(mut args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    if let Some(text) = args[0].downcast_ref::<CelString>() {
        budget::pay(4 * text.inner().len())?;
    }
    Ok(args.swap_remove(0))
}

/// Pays for a list that is about to be sorted.
fn metered_sort<'b, 'v>(mut args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    budget::pay(val::length(args[0].as_ref()).saturating_mul(SORTING))?;
    Ok(args.swap_remove(0))
}

/// What sorting costs for each item: with how many others it is compared, about.
pub(super) const SORTING: usize = 20;

/// Pays for a list of the rule's own that is about to be searched to its end.
fn searched<'b, 'v>(mut args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    if let Some(list) = args[0].downcast_ref::<CelList>() {
        cost::pay_search(list)?;
    }
    Ok(args.swap_remove(0))
}

/// `a.?f`, `a[?i]`, and everything selected from what they give.
fn get<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let found = match args[0].downcast_ref::<CelOptional>() {
        Some(optional) => match optional.option() {
            Some(inner) => val::look_up(inner, args[1].as_ref())?,
            None => None,
        },
        None => val::look_up(args[0].as_ref(), args[1].as_ref())?,
    };
    let Some(value) = found else { return Ok(CowVal::owned(CelOptional::none())) };
    cost::pay_copy(value.as_ref())?;
    Ok(CowVal::owned(CelOptional::of(value.into_owned())))
}

/// `has(a.f)`
fn has<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let found = get(args)?;
    boolean(found.downcast_ref::<CelOptional>().is_some_and(|optional| optional.option().is_some()))
}

/// `a + b`, at a price.
fn add<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    for value in &args {
        val::known_whole(value.as_ref())?;
        cost::pay_copy(value.as_ref())?;
    }
    if let Some(sum) = symbols::sum(args[0].as_ref(), args[1].as_ref(), val::MAX_TEXT)? {
        return Ok(CowVal::owned(sum));
    }
    match args[0].as_adder() {
        Some(_) if args[0].downcast_ref::<CelString>().is_some() => {
            let (a, b) = (text("+", args[0].as_ref())?, text("+", args[1].as_ref())?);
            made([a, b].concat())
        }
        Some(adder) => Ok(CowVal::Owned(adder.add(args[1].as_ref())?.into_owned())),
        None if args[0].get_type().kind() == Kind::List => {
            let mut items = owned_items(list("+", args[0].as_ref())?);
            items.extend(owned_items(list("+", args[1].as_ref())?));
            Ok(CowVal::owned(CelList::from(items)))
        }
        None => Err(no_overload("_+_", &[args[0].as_ref(), args[1].as_ref()])),
    }
}

fn owned_items<'v>(list: &(dyn Iterable + 'v)) -> Vec<Box<dyn Val + 'v>> {
    let (mut items, mut owned) = (list.iter(), Vec::new());
    while let Some(item) = items.next() {
        owned.push(item.clone_as_boxed());
    }
    owned
}

fn size<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    match args[0].downcast_ref::<CelString>() {
        Some(_) => int(text("size", args[0].as_ref())?.chars().count() as i64),
        None => match args[0].downcast_ref::<SymbolVal>() {
            Some(symbol) => Ok(CowVal::owned(symbol.size())),
            None => int(val::size(args[0].as_ref())?),
        },
    }
}

fn equal<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    boolean(val::equal(args[0].as_ref(), args[1].as_ref())?)
}

/// What one of the pairs costs that a macro with two variables goes through.
pub(super) const PAIR: usize = 4;

/// The pairs that a macro with two variables goes through: position and item, or key and value.
fn entries<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let value = args[0].as_ref();
    let iterable = value.as_iterable().ok_or_else(|| no_overload("all", &[value]))?;
    cost::pay_copy(value)?;
    let map = (value.get_type().kind() == Kind::Map).then(|| value.as_indexer()).flatten();
    let mut pairs = Vec::<Box<dyn Val + 'v>>::new();
    let (keys, mut items) = (value.downcast_ref::<CelMap>().map(sorted_keys), iterable.iter());
    let mut keys = keys.map(Vec::into_iter);
    loop {
        let item = match &mut keys {
            Some(keys) => keys.next(),
            None => items.next().map(|item| item.clone_as_boxed()),
        };
        let Some(item) = item else { return Ok(CowVal::owned(CelList::from(pairs))) };
        budget::pay(PAIR)?;
        let pair = match map {
            Some(map) => key_and_value(item, map)?,
            None => vec![Box::new(CelInt::from(pairs.len() as i64)), item],
        };
        pairs.push(Box::new(CelList::from(pair)));
    }
}

/// A value that is unknown leaves the other pairs of the map to decide.
fn key_and_value<'v>(
    key: Box<dyn Val + 'v>,
    map: &(dyn Indexer + 'v),
) -> Result<Vec<Box<dyn Val + 'v>>, ExecutionError> {
    let value: Box<dyn Val + 'v> = match val::known(key.as_ref()).and_then(|()| map.get(key.as_ref())) {
        Ok(value) => value.into_owned(),
        Err(error) => Box::new(UnknownItem(error)),
    };
    Ok(vec![key, value])
}
