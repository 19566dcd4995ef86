//! The functions that rules may call: one table that registers them, tells the checker their types,
//! and is the boundary of what an untrusted rule can do. What is not in it cannot be called.

use super::error::bounded;
use super::network;
use super::types::Ty;
use super::val::{self, Failed};
use super::{budget, version};
use crate::facts::time;
use crate::facts::versions::calendar;
use cel::common::traits::{Indexer, Iterable};
use cel::common::types::{
    self, CelBool, CelDouble, CelDuration, CelInt, CelList, CelMap, CelMapKey, CelNull, CelOptional,
    CelString, CelTimestamp, Kind, Type,
};
use cel::common::value::{CowVal, StaticVal, Val};
use cel::{DeclarationError, Env, ExecutionError};
use regex::{Regex, RegexBuilder};
use std::any::Any;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

pub(super) type Args<'b, 'v> = Vec<CowVal<'b, 'v>>;
pub(super) type Outcome<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;
pub(super) type Function = for<'b, 'v> fn(Args<'b, 'v>) -> Outcome<'b, 'v>;

/// How a function is called, and what it gives.
pub(super) struct Signature {
    pub(super) name: &'static str,
    /// Whether it is called on a target: `x.f()`.
    pub(super) member: bool,
    /// How many arguments it takes, without the target.
    pub(super) arguments: std::ops::RangeInclusive<usize>,
    /// The type of the target, if it must be of one type.
    pub(super) target: Ty,
    /// The type of the first argument, if it must be of one type.
    pub(super) argument: Ty,
    pub(super) result: Ty,
}

const fn of(
    name: &'static str,
    member: bool,
    arguments: std::ops::RangeInclusive<usize>,
    target: Ty,
    argument: Ty,
    result: Ty,
) -> Signature {
    Signature { name, member, arguments, target, argument, result }
}

impl Signature {
    /// Whether it is a function of the `cel` crate that reads or copies values of any size. Ours pay
    /// for what they do, and know what is not known.
    pub(super) fn is_foreign(&self) -> bool {
        const NAMES: &[&str] = &[
            "string",
            "int",
            "uint",
            "double",
            "bool",
            "dyn",
            "type",
            "timestamp",
            "duration",
            "contains",
            "startsWith",
            "endsWith",
            "optional.of",
            "orValue",
            "value",
            "or",
            "charAt",
            "lowerAscii",
            "upperAscii",
            "trim",
            "substring",
            "flatten",
            "reverse",
            "slice",
            "sort",
            SORT_BY,
        ];
        NAMES.contains(&self.name)
    }
}

/// What the macro `sortBy` becomes.
const SORT_BY: &str = "@sortByAssociatedKeys";

/// Everything that a rule may call, besides operators and macros.
pub(super) const SIGNATURES: &[Signature] = &[
    // CEL's standard library.
    of("size", false, 1..=1, Ty::Dyn, Ty::Dyn, Ty::Int),
    of("size", true, 0..=0, Ty::Dyn, Ty::Dyn, Ty::Int),
    of("string", false, 1..=1, Ty::Dyn, Ty::Dyn, Ty::Str),
    of("int", false, 1..=1, Ty::Dyn, Ty::Dyn, Ty::Int),
    of("uint", false, 1..=1, Ty::Dyn, Ty::Dyn, Ty::Dyn),
    of("double", false, 1..=1, Ty::Dyn, Ty::Dyn, Ty::Double),
    of("bool", false, 1..=1, Ty::Dyn, Ty::Dyn, Ty::Bool),
    of("dyn", false, 1..=1, Ty::Dyn, Ty::Dyn, Ty::Dyn),
    of("type", false, 1..=1, Ty::Dyn, Ty::Dyn, Ty::Dyn),
    of("timestamp", false, 1..=1, Ty::Dyn, Ty::Dyn, Ty::Timestamp),
    of("duration", false, 1..=1, Ty::Dyn, Ty::Dyn, Ty::Duration),
    of("contains", true, 1..=1, Ty::Str, Ty::Str, Ty::Bool),
    of("startsWith", true, 1..=1, Ty::Str, Ty::Str, Ty::Bool),
    of("endsWith", true, 1..=1, Ty::Str, Ty::Str, Ty::Bool),
    of("matches", true, 1..=1, Ty::Str, Ty::Str, Ty::Bool),
    of("getFullYear", true, 0..=0, Ty::Timestamp, Ty::Dyn, Ty::Int),
    of("getMonth", true, 0..=0, Ty::Timestamp, Ty::Dyn, Ty::Int),
    of("getDate", true, 0..=0, Ty::Timestamp, Ty::Dyn, Ty::Int),
    of("getDayOfWeek", true, 0..=0, Ty::Timestamp, Ty::Dyn, Ty::Int),
    of("getHours", true, 0..=0, Ty::Dyn, Ty::Dyn, Ty::Int),
    of("optional.of", false, 1..=1, Ty::Dyn, Ty::Dyn, Ty::Optional),
    of("optional.none", false, 0..=0, Ty::Dyn, Ty::Dyn, Ty::Optional),
    of("orValue", true, 1..=1, Ty::Optional, Ty::Dyn, Ty::Dyn),
    of("hasValue", true, 0..=0, Ty::Optional, Ty::Dyn, Ty::Bool),
    of("value", true, 0..=0, Ty::Optional, Ty::Dyn, Ty::Dyn),
    of("or", true, 1..=1, Ty::Optional, Ty::Dyn, Ty::Optional),
    // Strings and lists, as the CEL extensions have them.
    of("charAt", true, 1..=1, Ty::Str, Ty::Int, Ty::Str),
    of("indexOf", true, 1..=2, Ty::Str, Ty::Str, Ty::Int),
    of("lastIndexOf", true, 1..=2, Ty::Str, Ty::Str, Ty::Int),
    of("lowerAscii", true, 0..=0, Ty::Str, Ty::Dyn, Ty::Str),
    of("upperAscii", true, 0..=0, Ty::Str, Ty::Dyn, Ty::Str),
    of("trim", true, 0..=0, Ty::Str, Ty::Dyn, Ty::Str),
    of("substring", true, 1..=2, Ty::Str, Ty::Int, Ty::Str),
    of("split", true, 1..=2, Ty::Str, Ty::Str, Ty::Strings),
    of("replace", true, 2..=2, Ty::Str, Ty::Str, Ty::Str),
    of("join", true, 0..=1, Ty::Dyn, Ty::Str, Ty::Str),
    of("distinct", true, 0..=0, Ty::Dyn, Ty::Dyn, Ty::SameList),
    of("flatten", true, 0..=0, Ty::Dyn, Ty::Dyn, Ty::List),
    of("reverse", true, 0..=0, Ty::Dyn, Ty::Dyn, Ty::SameList),
    of("slice", true, 2..=2, Ty::Dyn, Ty::Int, Ty::SameList),
    of("sort", true, 0..=0, Ty::Dyn, Ty::Dyn, Ty::SameList),
    of(SORT_BY, true, 1..=1, Ty::Dyn, Ty::Dyn, Ty::SameList),
    of("first", true, 0..=0, Ty::Dyn, Ty::Dyn, Ty::Optional),
    of("last", true, 0..=0, Ty::Dyn, Ty::Dyn, Ty::Optional),
    of("sum", true, 0..=0, Ty::Dyn, Ty::Dyn, Ty::Dyn),
    of("min", true, 0..=0, Ty::Dyn, Ty::Dyn, Ty::Dyn),
    of("max", true, 0..=0, Ty::Dyn, Ty::Dyn, Ty::Dyn),
    of("sets.contains", false, 2..=2, Ty::Dyn, Ty::List, Ty::Bool),
    of("sets.equivalent", false, 2..=2, Ty::Dyn, Ty::List, Ty::Bool),
    of("sets.intersects", false, 2..=2, Ty::Dyn, Ty::List, Ty::Bool),
    // Kubernetes' network and version types.
    of("cidr", false, 1..=1, Ty::Dyn, Ty::Str, Ty::Cidr),
    of("isCIDR", false, 1..=1, Ty::Dyn, Ty::Str, Ty::Bool),
    of("ip", false, 1..=1, Ty::Dyn, Ty::Str, Ty::Ip),
    of("isIP", false, 1..=1, Ty::Dyn, Ty::Str, Ty::Bool),
    of("prefixLength", true, 0..=0, Ty::Cidr, Ty::Dyn, Ty::Int),
    of("containsIP", true, 1..=1, Ty::Cidr, Ty::Dyn, Ty::Bool),
    of("containsCIDR", true, 1..=1, Ty::Cidr, Ty::Dyn, Ty::Bool),
    of("masked", true, 0..=0, Ty::Cidr, Ty::Dyn, Ty::Cidr),
    of("ip", true, 0..=0, Ty::Cidr, Ty::Dyn, Ty::Ip),
    of("family", true, 0..=0, Ty::Ip, Ty::Dyn, Ty::Int),
    of("isLoopback", true, 0..=0, Ty::Ip, Ty::Dyn, Ty::Bool),
    of("isUnspecified", true, 0..=0, Ty::Ip, Ty::Dyn, Ty::Bool),
    of("isLinkLocalUnicast", true, 0..=0, Ty::Ip, Ty::Dyn, Ty::Bool),
    of("semver", false, 1..=1, Ty::Dyn, Ty::Str, Ty::Semver),
    of("isSemver", false, 1..=1, Ty::Dyn, Ty::Str, Ty::Bool),
    of("major", true, 0..=0, Ty::Semver, Ty::Dyn, Ty::Int),
    of("minor", true, 0..=0, Ty::Semver, Ty::Dyn, Ty::Int),
    of("patch", true, 0..=0, Ty::Semver, Ty::Dyn, Ty::Int),
    of("isGreaterThan", true, 1..=1, Ty::Semver, Ty::Semver, Ty::Bool),
    of("isLessThan", true, 1..=1, Ty::Semver, Ty::Semver, Ty::Bool),
    of("compareTo", true, 1..=1, Ty::Semver, Ty::Semver, Ty::Int),
    // ekslint's own.
    of("cidrs", false, 1..=1, Ty::Dyn, Ty::List, Ty::Cidrs),
    of("widerThan", true, 2..=2, Ty::Cidrs, Ty::Int, Ty::Bool),
    of("minor", false, 1..=1, Ty::Dyn, Ty::Str, Ty::Int),
    of("days", false, 1..=1, Ty::Dyn, Ty::Int, Ty::Duration),
    of("time", false, 1..=1, Ty::Dyn, Ty::Dyn, Ty::Timestamp),
    of("json", false, 1..=1, Ty::Dyn, Ty::Str, Ty::Dyn),
    of("glob", true, 1..=1, Ty::Str, Ty::Str, Ty::Bool),
];

/// The names of what the rewriter calls instead of what a rule wrote.
pub(super) mod internal {
    pub(crate) const GET: &str = "@get";
    pub(crate) const HAS: &str = "@has";
    pub(crate) const ADD: &str = "@add";
    pub(crate) const SIZE: &str = "@size";
    pub(crate) const EQUAL: &str = "@equal";
    pub(crate) const ENTRIES: &str = "@entries";
    pub(crate) const MATCHES: &str = "@matches";
    pub(crate) const TURN: &str = "@turn";
    pub(crate) const RANGE: &str = "@range";
    pub(crate) const PAID: &str = "@paid";
    pub(crate) const PAID_ITEMS: &str = "@paid_items";
}

/// Registers the library.
pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_extension(cel::extensions::strings)?;
    env.add_extension(cel::extensions::lists)?;
    let any = || types::DYN_TYPE;
    let globals: [(&str, usize, Function); 18] = [
        (internal::GET, 2, get),
        (internal::HAS, 2, has),
        (internal::ADD, 2, add),
        (internal::SIZE, 1, size),
        (internal::EQUAL, 2, equal),
        (internal::ENTRIES, 1, entries),
        (internal::MATCHES, 2, matches),
        (internal::TURN, 2, turn),
        (internal::RANGE, 1, range),
        (internal::PAID, 1, paid),
        (internal::PAID_ITEMS, 1, paid_items),
        ("minor", 1, minor),
        ("days", 1, days),
        ("time", 1, time_of),
        ("json", 1, json),
        ("sets.contains", 2, sets_contains),
        ("sets.equivalent", 2, sets_equivalent),
        ("sets.intersects", 2, sets_intersects),
    ];
    for (name, arguments, function) in globals {
        env.add_overload(
            name,
            &format!("ekslint_{name}"),
            (0..arguments).map(|_| any()).collect(),
            function,
        )?;
    }
    let members: [(&str, Type, usize, Function); 14] = [
        ("glob", types::STRING_TYPE, 1, glob),
        ("@indexOf", types::STRING_TYPE, 1, index_of),
        ("@indexOf", types::STRING_TYPE, 2, index_of),
        ("@lastIndexOf", types::STRING_TYPE, 1, last_index_of),
        ("@lastIndexOf", types::STRING_TYPE, 2, last_index_of),
        ("@replace", types::STRING_TYPE, 2, replace),
        ("@join", types::LIST_TYPE, 0, join),
        ("@join", types::LIST_TYPE, 1, join),
        ("@distinct", types::LIST_TYPE, 0, distinct),
        ("first", types::LIST_TYPE, 0, first),
        ("last", types::LIST_TYPE, 0, last),
        ("sum", types::LIST_TYPE, 0, sum),
        ("min", types::LIST_TYPE, 0, min),
        ("max", types::LIST_TYPE, 0, max),
    ];
    for (name, target, arguments, function) in members {
        let id = format!("ekslint_{name}_{arguments}");
        env.add_member_overload(name, &id, target, (0..arguments).map(|_| any()).collect(), function)?;
    }
    network::register(env)?;
    version::register(env)
}

/// Functions of the CEL extensions that make values of any size or take time with the square of
/// it, and what is called in their place.
pub(super) fn guarded(name: &str) -> Option<&'static str> {
    match name {
        "indexOf" => Some("@indexOf"),
        "lastIndexOf" => Some("@lastIndexOf"),
        "replace" => Some("@replace"),
        "join" => Some("@join"),
        "distinct" => Some("@distinct"),
        _ => None,
    }
}

pub(super) fn fail<T>(function: &str, message: impl Into<String>) -> Result<T, ExecutionError> {
    Err(ExecutionError::FunctionError { function: function.to_owned(), message: message.into() })
}

pub(super) fn text<'a>(function: &str, value: &'a dyn Val) -> Result<&'a str, ExecutionError> {
    match value.downcast_ref::<CelString>() {
        Some(text) => budget::pay_bytes(text.inner().len()).map(|()| text.inner()),
        None => Err(no_overload(function, &[value])),
    }
}

/// The error of calling a function on what it does not take: an unknown, if one is among it.
pub(super) fn no_overload(function: &str, arguments: &[&dyn Val]) -> ExecutionError {
    if let Some(unknown) = arguments.iter().find_map(|value| val::known(*value).err()) {
        return unknown;
    }
    let types = arguments.iter().map(|value| value.get_type().name().to_owned()).collect();
    ExecutionError::no_such_overload(function, types)
}

pub(super) fn list<'a, 'v>(
    function: &str,
    value: &'a (dyn Val + 'v),
) -> Result<&'a (dyn Iterable + 'v), ExecutionError> {
    match value.get_type().kind() {
        Kind::List => {
            val::known_whole(value)?;
            val::pay_copy(value)?;
            value.as_iterable().ok_or_else(|| no_overload(function, &[value]))
        }
        _ => Err(no_overload(function, &[value])),
    }
}

pub(super) fn boolean<'b, 'v>(value: bool) -> Outcome<'b, 'v> {
    Ok(CowVal::owned(CelBool::from(value)))
}

pub(super) fn int<'b, 'v>(value: i64) -> Outcome<'b, 'v> {
    Ok(CowVal::owned(CelInt::from(value)))
}

/// Pays for one turn of a loop, and fails if its item is unknown. The true that it gives is the
/// condition under which the body is evaluated.
fn turn<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    val::known(args[0].as_ref())?;
    let nodes = args[1].downcast_ref::<CelInt>().and_then(|nodes| usize::try_from(*nodes.inner()).ok());
    budget::pay(nodes.unwrap_or_default())?;
    Ok(CowVal::Borrowed(&*YES))
}

static YES: LazyLock<CelBool> = LazyLock::new(|| CelBool::from(true));

/// What a loop goes through: each item is copied once, and maps are in order of their keys.
fn range<'b, 'v>(mut args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    val::pay_copy(args[0].as_ref())?;
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
fn paid<'b, 'v>(mut args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    val::known_whole(args[0].as_ref())?;
    val::pay_copy(args[0].as_ref())?;
    Ok(args.swap_remove(0))
}

/// Pays for a text that is about to become a list.
fn paid_items<'b, 'v>(mut args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    if let Some(text) = args[0].downcast_ref::<CelString>() {
        budget::pay(4 * text.inner().len())?;
    }
    Ok(args.swap_remove(0))
}

/// `a.?f`, `a[?i]`, and everything selected from what they give.
fn get<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    let found = match args[0].downcast_ref::<CelOptional>() {
        Some(optional) => match optional.option() {
            Some(inner) => val::look_up(inner, args[1].as_ref())?,
            None => None,
        },
        None => val::look_up(args[0].as_ref(), args[1].as_ref())?,
    };
    let Some(value) = found else { return Ok(CowVal::owned(CelOptional::none())) };
    val::pay_copy(value.as_ref())?;
    Ok(CowVal::owned(CelOptional::of(value.into_owned())))
}

/// `has(a.f)`
fn has<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    let found = get(args)?;
    boolean(found.downcast_ref::<CelOptional>().is_some_and(|optional| optional.option().is_some()))
}

/// `a + b`, at a price.
fn add<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    for value in &args {
        val::known_whole(value.as_ref())?;
        val::pay_copy(value.as_ref())?;
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

/// A text that a function made.
fn made<'b, 'v>(text: String) -> Outcome<'b, 'v> {
    match text.len() > val::MAX_TEXT {
        true => {
            Err(ExecutionError::InternalError(format!("makes a text of more than {}", val::MAX_TEXT_WORDS)))
        }
        false => Ok(CowVal::owned(CelString::from(text))),
    }
}

fn owned_items<'v>(list: &(dyn Iterable + 'v)) -> Vec<Box<dyn Val + 'v>> {
    let (mut items, mut owned) = (list.iter(), Vec::new());
    while let Some(item) = items.next() {
        owned.push(item.clone_as_boxed());
    }
    owned
}

fn size<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    match args[0].downcast_ref::<CelString>() {
        Some(_) => int(text("size", args[0].as_ref())?.chars().count() as i64),
        None => int(val::size(args[0].as_ref())?),
    }
}

fn equal<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    boolean(val::equal(args[0].as_ref(), args[1].as_ref())?)
}

/// The pairs that a macro with two variables goes through: position and item, or key and value.
fn entries<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    let value = args[0].as_ref();
    let iterable = value.as_iterable().ok_or_else(|| no_overload("all", &[value]))?;
    val::pay_copy(value)?;
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
        budget::pay(1)?;
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
        Err(error) => Box::new(Failed(error)),
    };
    Ok(vec![key, value])
}

fn minor<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    let version = text("minor", args[0].as_ref())?;
    match calendar::minor(version) {
        Some(minor) => int(minor),
        None => fail("minor", format!("'{}' is not a Kubernetes version", bounded(version))),
    }
}

fn days<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    let days = args[0].downcast_ref::<CelInt>().ok_or_else(|| no_overload("days", &[args[0].as_ref()]))?;
    // Longer spans would lead out of the calendar, where the interpreter panics.
    match chrono::Duration::try_days(*days.inner()).filter(|span| span.num_nanoseconds().is_some()) {
        Some(duration) => Ok(CowVal::owned(CelDuration::from(duration))),
        None => Err(ExecutionError::InternalError("days(): the number is too large".to_owned())),
    }
}

fn time_of<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    let value = args[0].as_ref();
    let number = || {
        let int = value.downcast_ref::<CelInt>().map(|int| *int.inner() as f64);
        int.or_else(|| value.downcast_ref::<CelDouble>().map(|double| *double.inner()))
    };
    let time = match value.downcast_ref::<CelString>() {
        Some(text) => time::from_text(text.inner()),
        None => match (value.downcast_ref::<CelTimestamp>(), number()) {
            (Some(time), _) => return Ok(CowVal::owned(CelTimestamp::from(*time.inner()))),
            (None, Some(seconds)) => time::from_epoch(seconds),
            (None, None) => return Err(no_overload("time", &[value])),
        },
    };
    match time {
        Some(time) => Ok(CowVal::owned(CelTimestamp::from(time.fixed_offset()))),
        None => fail("time", "a value is not a point in time"),
    }
}

/// The value of a JSON or YAML text.
fn json<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    let source = text("json", args[0].as_ref())?;
    budget::pay(source.len())?;
    let value = serde_json::from_str(source)
        .ok()
        .or_else(|| serde_saphyr::from_str::<serde_json::Value>(source).ok());
    match value {
        Some(serde_json::Value::Null) => fail("json", "a text holds nothing"),
        Some(value) => Ok(CowVal::Owned(from_json(value))),
        None => fail("json", "a text is neither JSON nor YAML"),
    }
}

fn from_json<'v>(value: serde_json::Value) -> Box<dyn Val + 'v> {
    use serde_json::Value;
    match value {
        Value::Null => Box::new(CelNull),
        Value::Bool(value) => Box::new(CelBool::from(value)),
        Value::Number(number) => match number.as_i64() {
            Some(int) => Box::new(CelInt::from(int)),
            None => Box::new(CelDouble::from(number.as_f64().unwrap_or(f64::NAN))),
        },
        Value::String(text) => Box::new(CelString::from(text)),
        Value::Array(items) => Box::new(CelList::from(items.into_iter().map(from_json).collect::<Vec<_>>())),
        Value::Object(fields) => {
            let present = fields.into_iter().filter(|(_, value)| !value.is_null());
            let entry = |(key, value)| (CelMapKey::String(CelString::from(key)), from_json(value));
            Box::new(CelMap::from(present.map(entry).collect::<HashMap<_, _>>()))
        }
    }
}

thread_local! {
    static REGEXES: RefCell<HashMap<String, Option<Regex>>> = RefCell::default();
}

/// How many patterns each thread keeps compiled.
const KEPT: usize = 256;

/// What compiling a regular expression costs.
const COMPILATION: usize = 10_000;

/// The largest compiled regular expression, and the longest text that it is tried on, in bytes. A
/// hostile pattern takes the product of the two in steps.
const MAX_REGEX: usize = 256 * 1024;
const MAX_MATCHED: usize = 8 * 1024;

/// What trying a regular expression costs for each byte of the text.
const MATCHING: usize = 16;

/// The regular expression of a pattern, if it is one.
fn compiled(pattern: &str) -> Result<Option<Regex>, ExecutionError> {
    REGEXES.with_borrow_mut(|cache| {
        if let Some(known) = cache.get(pattern) {
            return Ok(known.clone());
        }
        if pattern.len() > MAX_MATCHED {
            return Ok(None);
        }
        budget::pay(COMPILATION)?;
        if cache.len() >= KEPT {
            cache.clear();
        }
        Ok(cache.entry(pattern.to_owned()).or_insert_with(|| regex(pattern).ok()).clone())
    })
}

/// Whether a text matches a pattern in which `*` stands for any characters and `?` for one, as in
/// IAM. No other character is special.
fn glob<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    let (source, pattern) = (text("glob", args[0].as_ref())?, text("glob", args[1].as_ref())?);
    let escaped = regex::escape(pattern).replace(r"\*", ".*").replace(r"\?", ".");
    match compiled(&format!("(?s)^{escaped}$"))? {
        Some(glob) => is_match(&glob, source),
        None => Err(ExecutionError::InternalError(format!("'{}' is too long a pattern", bounded(pattern)))),
    }
}

/// A regular expression that was compiled with its rule.
#[derive(Clone, Debug)]
pub(super) struct RegexVal(pub(super) Regex);

static REGEX_TYPE: Type = Type::new_unspecified_type("regex");

impl Val for RegexVal {
    fn get_type(&self) -> &Type {
        &REGEX_TYPE
    }

    fn cel_type() -> &'static Type {
        &REGEX_TYPE
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for RegexVal {}

/// Compiles a regular expression, bounded in size.
pub(super) fn regex(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).size_limit(MAX_REGEX).build()
}

fn matches<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    let source = text("matches", args[0].as_ref())?;
    if let Some(compiled) = args[1].downcast_ref::<RegexVal>() {
        return is_match(&compiled.0, source);
    }
    let pattern = text("matches", args[1].as_ref())?;
    match compiled(pattern)? {
        Some(compiled) => is_match(&compiled, source),
        None => {
            Err(ExecutionError::InternalError(format!("'{}' is not a regular expression", bounded(pattern))))
        }
    }
}

fn is_match<'b, 'v>(pattern: &Regex, source: &str) -> Outcome<'b, 'v> {
    if source.len() > MAX_MATCHED {
        return fail("matches", "a text is longer than the 8 KiB that patterns are tried on");
    }
    budget::pay(MATCHING * source.len())?;
    boolean(pattern.is_match(source))
}

fn replace<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    let part = |at: usize| text("replace", args[at].as_ref());
    let (source, from, to) = (part(0)?, part(1)?, part(2)?);
    let times = if from.is_empty() { source.len() + 1 } else { source.matches(from).count() };
    budget::pay_bytes(source.len() + times.saturating_mul(to.len()))?;
    made(source.replace(from, to))
}

/// Where a text stands in another, counted in characters.
fn index_of<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    let (source, wanted, from) = search("indexOf", &args)?;
    let start = from.map_or(Some(0), |from| byte_of(source, from));
    let found = start.and_then(|start| Some(start + source[start..].find(wanted)?));
    int(found.map_or(-1, |at| source[..at].chars().count() as i64))
}

/// Where a text last stands in another, at or before a character.
fn last_index_of<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    let (source, wanted, from) = search("lastIndexOf", &args)?;
    let end = from.and_then(|from| byte_of(source, from.saturating_add(wanted.chars().count())));
    let found = source[..end.unwrap_or(source.len())].rfind(wanted);
    int(found.map_or(-1, |at| source[..at].chars().count() as i64))
}

fn search<'a, 'b, 'v>(
    function: &str,
    args: &'a Args<'b, 'v>,
) -> Result<(&'a str, &'a str, Option<usize>), ExecutionError> {
    let (source, wanted) = (text(function, args[0].as_ref())?, text(function, args[1].as_ref())?);
    let Some(from) = args.get(2) else { return Ok((source, wanted, None)) };
    match from.downcast_ref::<CelInt>().map(|from| usize::try_from(*from.inner())) {
        Some(Ok(from)) => Ok((source, wanted, Some(from))),
        Some(Err(_)) => fail(function, "the position is negative"),
        None => Err(no_overload(function, &[from.as_ref()])),
    }
}

/// The byte at which a character starts, the end of the text included.
fn byte_of(text: &str, at: usize) -> Option<usize> {
    let ends = std::iter::once(text.len());
    text.char_indices().map(|(byte, _)| byte).chain(ends).nth(at)
}

fn join<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    let separator = args.get(1).map(|value| text("join", value.as_ref())).transpose()?.unwrap_or_default();
    let mut items = list("join", args[0].as_ref())?.iter();
    let mut joined = String::new();
    let mut first = true;
    while let Some(item) = items.next() {
        let item = text("join", item)?;
        budget::pay_bytes(item.len() + separator.len())?;
        if !std::mem::take(&mut first) {
            joined.push_str(separator);
        }
        joined.push_str(item);
    }
    made(joined)
}

fn distinct<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    let mut items = list("distinct", args[0].as_ref())?.iter();
    let (mut texts, mut kept) = (HashSet::new(), Vec::<Box<dyn Val + 'v>>::new());
    while let Some(item) = items.next() {
        let new = match item.downcast_ref::<CelString>() {
            Some(text) => texts.insert(text.inner()),
            None => {
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

fn pick<'b, 'v>(args: &Args<'b, 'v>, from_end: bool) -> Outcome<'b, 'v> {
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

fn first<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    pick(&args, false)
}

fn last<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    pick(&args, true)
}

fn sum<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
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

fn extreme<'b, 'v>(name: &str, args: &Args<'b, 'v>, wanted: std::cmp::Ordering) -> Outcome<'b, 'v> {
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

fn min<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    extreme("min", &args, std::cmp::Ordering::Less)
}

fn max<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    extreme("max", &args, std::cmp::Ordering::Greater)
}

/// Whether every item of the second list is in the first.
fn subset(of: &dyn Val, items: &dyn Val) -> Result<bool, ExecutionError> {
    let container = of.as_container().ok_or_else(|| no_overload("sets.contains", &[of, items]))?;
    let mut items = list("sets.contains", items)?.iter();
    while let Some(item) = items.next() {
        budget::pay(val::length(of))?;
        if !container.contains(item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn sets_contains<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    boolean(subset(args[0].as_ref(), args[1].as_ref())?)
}

fn sets_equivalent<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    let (a, b) = (args[0].as_ref(), args[1].as_ref());
    boolean(subset(a, b)? && subset(b, a)?)
}

fn sets_intersects<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    let container =
        args[0].as_container().ok_or_else(|| no_overload("sets.intersects", &[args[0].as_ref()]))?;
    let mut items = list("sets.intersects", args[1].as_ref())?.iter();
    while let Some(item) = items.next() {
        budget::pay(val::length(args[0].as_ref()))?;
        if container.contains(item)? {
            return boolean(true);
        }
    }
    boolean(false)
}
