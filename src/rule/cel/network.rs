//! `cidr()`, `ip()` and their methods, named as in Kubernetes, over `ipnet`; and `cidrs()`, the
//! union of a list of blocks.

use super::budget;
use super::call::{
    Args, CallResult, Function, FunctionBody, boolean, function, int, list, method, no_overload, on, own,
    text,
};
use super::error::invalid;
use super::opaque::opaque_val;
use super::types::Ty;
use crate::facts::cidrs::Union;
use crate::text::bounded;
use cel::common::types::{self, Type};
use cel::common::value::{CowVal, StaticVal, Val};
use cel::{DeclarationError, Env, ExecutionError};
use ipnet::IpNet;
use std::any::Any;
use std::net::IpAddr;
use std::sync::Arc;

/// Makes a Rust type an opaque CEL value.
macro_rules! opaque {
    ($name:ident($inner:ty), $ty:ident = $cel_name:literal) => {
        #[derive(Clone, Debug)]
        struct $name($inner);

        static $ty: Type = Type::new_unspecified_type($cel_name);

        opaque_val!($name, $ty);
    };
}

opaque!(Cidr(IpNet), CIDR_TYPE = "net.CIDR");
opaque!(Ip(IpAddr), IP_TYPE = "net.IP");
// Shared, as loops copy the values that they go through.
opaque!(Cidrs(Arc<Union>), CIDRS_TYPE = "ekslint.CIDRs");

pub(super) const FUNCTIONS: &[Function] = &[
    function("cidr", 1..=1, Ty::Str, Ty::Cidr, own(cidr)),
    function("isCIDR", 1..=1, Ty::Str, Ty::Bool, own(is_cidr)),
    function("ip", 1..=1, Ty::Str, Ty::Ip, own(ip)),
    function("isIP", 1..=1, Ty::Str, Ty::Bool, own(is_ip)),
    function("cidrs", 1..=1, Ty::List, Ty::Cidrs, own(cidrs)),
    method(
        Ty::Cidr,
        "prefixLength",
        0..=0,
        Ty::Dyn,
        Ty::Int,
        FunctionBody::Own(on(&CIDR_TYPE, prefix_length)),
    ),
    method(Ty::Cidr, "containsIP", 1..=1, Ty::Dyn, Ty::Bool, FunctionBody::Own(on(&CIDR_TYPE, contains_ip))),
    method(
        Ty::Cidr,
        "containsCIDR",
        1..=1,
        Ty::Dyn,
        Ty::Bool,
        FunctionBody::Own(on(&CIDR_TYPE, contains_cidr)),
    ),
    method(Ty::Cidr, "masked", 0..=0, Ty::Dyn, Ty::Cidr, FunctionBody::Own(on(&CIDR_TYPE, masked))),
    method(Ty::Cidr, "ip", 0..=0, Ty::Dyn, Ty::Ip, FunctionBody::Own(on(&CIDR_TYPE, address))),
    method(Ty::Ip, "family", 0..=0, Ty::Dyn, Ty::Int, FunctionBody::Own(on(&IP_TYPE, family))),
    method(Ty::Ip, "isLoopback", 0..=0, Ty::Dyn, Ty::Bool, FunctionBody::Own(on(&IP_TYPE, is_loopback))),
    method(
        Ty::Ip,
        "isUnspecified",
        0..=0,
        Ty::Dyn,
        Ty::Bool,
        FunctionBody::Own(on(&IP_TYPE, is_unspecified)),
    ),
    method(
        Ty::Ip,
        "isLinkLocalUnicast",
        0..=0,
        Ty::Dyn,
        Ty::Bool,
        FunctionBody::Own(on(&IP_TYPE, is_link_local)),
    ),
    method(Ty::Cidrs, "widerThan", 2..=2, Ty::Int, Ty::Bool, FunctionBody::Own(on(&CIDRS_TYPE, wider_than))),
];

/// `string(x)` of a block and of an address, beside the `cel` crate's of other values.
pub(super) fn register_texts(env: &mut Env) -> Result<(), DeclarationError> {
    for (id, ty) in [("ekslint_string_cidr", &CIDR_TYPE), ("ekslint_string_ip", &IP_TYPE)] {
        env.add_overload("string", id, vec![ty.to_owned()], string)?;
    }
    Ok(())
}

fn parse_cidr(text: &str) -> Result<IpNet, ExecutionError> {
    text.parse().or_else(|_| invalid(format!("'{}' is not a CIDR", bounded(text))))
}

fn parse_ip(text: &str) -> Result<IpAddr, ExecutionError> {
    text.parse().or_else(|_| invalid(format!("'{}' is not an IP address", bounded(text))))
}

fn as_cidr(function: &str, value: &dyn Val) -> Result<IpNet, ExecutionError> {
    match value.downcast_ref::<Cidr>() {
        Some(cidr) => Ok(cidr.0),
        None => parse_cidr(text(function, value)?),
    }
}

fn as_ip(function: &str, value: &dyn Val) -> Result<IpAddr, ExecutionError> {
    match value.downcast_ref::<Ip>() {
        Some(ip) => Ok(ip.0),
        None => parse_ip(text(function, value)?),
    }
}

/// A block or an address as text.
pub(super) fn written(value: &dyn Val) -> Option<String> {
    let cidr = value.downcast_ref::<Cidr>().map(|cidr| cidr.0.to_string());
    cidr.or_else(|| value.downcast_ref::<Ip>().map(|ip| ip.0.to_string()))
}

fn string<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    match written(args[0].as_ref()) {
        Some(text) => Ok(CowVal::owned(types::CelString::from(text))),
        None => Err(no_overload("string", &[args[0].as_ref()])),
    }
}

fn cidr<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    Ok(CowVal::owned(Cidr(as_cidr("cidr", args[0].as_ref())?)))
}

fn is_cidr<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    boolean(text("isCIDR", args[0].as_ref())?.parse::<IpNet>().is_ok())
}

fn ip<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    Ok(CowVal::owned(Ip(as_ip("ip", args[0].as_ref())?)))
}

fn is_ip<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    boolean(text("isIP", args[0].as_ref())?.parse::<IpAddr>().is_ok())
}

fn cidrs<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let mut items = list("cidrs", args[0].as_ref())?.iter();
    let mut blocks = Vec::new();
    while let Some(item) = items.next() {
        blocks.push(as_cidr("cidrs", item)?);
    }
    Ok(CowVal::owned(Cidrs(Arc::new(Union::of(blocks)))))
}

fn prefix_length<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    int(i64::from(as_cidr("prefixLength", args[0].as_ref())?.prefix_len()))
}

fn contains_ip<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let (block, ip) = (as_cidr("containsIP", args[0].as_ref())?, as_ip("containsIP", args[1].as_ref())?);
    boolean(block.contains(&ip))
}

fn contains_cidr<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let outer = as_cidr("containsCIDR", args[0].as_ref())?.trunc();
    boolean(outer.contains(&as_cidr("containsCIDR", args[1].as_ref())?.trunc()))
}

fn masked<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    Ok(CowVal::owned(Cidr(as_cidr("masked", args[0].as_ref())?.trunc())))
}

fn address<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    Ok(CowVal::owned(Ip(as_cidr("ip", args[0].as_ref())?.addr())))
}

fn family<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    int(if as_ip("family", args[0].as_ref())?.is_ipv4() { 4 } else { 6 })
}

fn is_loopback<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    boolean(as_ip("isLoopback", args[0].as_ref())?.is_loopback())
}

fn is_unspecified<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    boolean(as_ip("isUnspecified", args[0].as_ref())?.is_unspecified())
}

fn is_link_local<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    boolean(match as_ip("isLinkLocalUnicast", args[0].as_ref())? {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    })
}

fn wider_than<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let arguments = [args[0].as_ref(), args[1].as_ref(), args[2].as_ref()];
    let prefix = |at: usize, most: u8| {
        let bits = args[at].downcast_ref::<types::CelInt>().map(|int| *int.inner());
        bits.and_then(|bits| u8::try_from(bits).ok()).filter(|bits| *bits <= most)
    };
    match (args[0].downcast_ref::<Cidrs>(), prefix(1, 32), prefix(2, 128)) {
        (Some(cidrs), Some(v4), Some(v6)) => {
            budget::pay(cidrs.0.len() / 8)?;
            boolean(cidrs.0.wider_than(v4, v6))
        }
        _ => Err(no_overload("widerThan", &arguments)),
    }
}
