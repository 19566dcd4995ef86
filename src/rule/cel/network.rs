//! `cidr()`, `ip()` and their methods, named as in Kubernetes, over `ipnet`; and `cidrs()`, the
//! union of a list of blocks.

use super::functions::{Args, Function, Outcome, boolean, fail, int, list, no_overload, text};
use crate::facts::cidrs::Union;
use cel::common::types::{self, Type};
use cel::common::value::{CowVal, StaticVal, Val};
use cel::{DeclarationError, Env, ExecutionError};
use ipnet::IpNet;
use std::any::Any;
use std::net::IpAddr;

/// Makes a Rust type an opaque CEL value.
macro_rules! opaque {
    ($name:ident($inner:ty), $ty:ident = $cel_name:literal) => {
        #[derive(Clone, Debug)]
        struct $name($inner);

        static $ty: Type = Type::new_unspecified_type($cel_name);

        impl Val for $name {
            fn get_type(&self) -> &Type {
                &$ty
            }

            fn cel_type() -> &'static Type {
                &$ty
            }

            fn equals(&self, other: &dyn Val) -> bool {
                other.downcast_ref::<Self>().is_some_and(|other| other.0 == self.0)
            }

            fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
                Box::new(self.clone())
            }

            fn as_any(&self) -> Option<&dyn Any> {
                Some(self)
            }
        }

        impl StaticVal for $name {}
    };
}

opaque!(Cidr(IpNet), CIDR_TYPE = "net.CIDR");
opaque!(Ip(IpAddr), IP_TYPE = "net.IP");
opaque!(Cidrs(Union), CIDRS_TYPE = "ekslint.CIDRs");

pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    let globals: [(&str, Function); 5] =
        [("cidr", cidr), ("isCIDR", is_cidr), ("ip", ip), ("isIP", is_ip), ("cidrs", cidrs)];
    for (name, function) in globals {
        env.add_overload(name, &format!("ekslint_{name}"), vec![types::DYN_TYPE], function)?;
    }
    let cidr = || CIDR_TYPE.to_owned();
    let ip = || IP_TYPE.to_owned();
    for (id, ty) in [("ekslint_string_cidr", cidr()), ("ekslint_string_ip", ip())] {
        env.add_overload("string", id, vec![ty], string)?;
    }
    let members: [(&str, Type, usize, Function); 10] = [
        ("prefixLength", cidr(), 0, prefix_length),
        ("containsIP", cidr(), 1, contains_ip),
        ("containsCIDR", cidr(), 1, contains_cidr),
        ("masked", cidr(), 0, masked),
        ("ip", cidr(), 0, address),
        ("family", ip(), 0, family),
        ("isLoopback", ip(), 0, is_loopback),
        ("isUnspecified", ip(), 0, is_unspecified),
        ("isLinkLocalUnicast", ip(), 0, is_link_local),
        ("widerThan", CIDRS_TYPE.to_owned(), 2, wider_than),
    ];
    for (name, target, arguments, function) in members {
        let arguments = (0..arguments).map(|_| types::DYN_TYPE).collect();
        env.add_member_overload(name, &format!("ekslint_member_{name}"), target, arguments, function)?;
    }
    Ok(())
}

fn parse_cidr(text: &str) -> Result<IpNet, ExecutionError> {
    text.parse().or_else(|_| fail("cidr", format!("'{}' is not a CIDR", super::error::bounded(text))))
}

fn parse_ip(text: &str) -> Result<IpAddr, ExecutionError> {
    text.parse().or_else(|_| fail("ip", format!("'{}' is not an IP address", super::error::bounded(text))))
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

fn string<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    match written(args[0].as_ref()) {
        Some(text) => Ok(CowVal::owned(types::CelString::from(text))),
        None => Err(no_overload("string", &[args[0].as_ref()])),
    }
}

fn cidr<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    Ok(CowVal::owned(Cidr(as_cidr("cidr", args[0].as_ref())?)))
}

fn is_cidr<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    boolean(text("isCIDR", args[0].as_ref())?.parse::<IpNet>().is_ok())
}

fn ip<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    Ok(CowVal::owned(Ip(as_ip("ip", args[0].as_ref())?)))
}

fn is_ip<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    boolean(text("isIP", args[0].as_ref())?.parse::<IpAddr>().is_ok())
}

fn cidrs<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    let mut items = list("cidrs", args[0].as_ref())?.iter();
    let mut blocks = Vec::new();
    while let Some(item) = items.next() {
        blocks.push(as_cidr("cidrs", item)?);
    }
    Ok(CowVal::owned(Cidrs(Union::of(blocks))))
}

fn prefix_length<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    int(i64::from(as_cidr("prefixLength", args[0].as_ref())?.prefix_len()))
}

fn contains_ip<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    let (block, ip) = (as_cidr("containsIP", args[0].as_ref())?, as_ip("containsIP", args[1].as_ref())?);
    boolean(block.contains(&ip))
}

fn contains_cidr<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    let outer = as_cidr("containsCIDR", args[0].as_ref())?.trunc();
    boolean(outer.contains(&as_cidr("containsCIDR", args[1].as_ref())?.trunc()))
}

fn masked<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    Ok(CowVal::owned(Cidr(as_cidr("masked", args[0].as_ref())?.trunc())))
}

fn address<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    Ok(CowVal::owned(Ip(as_cidr("ip", args[0].as_ref())?.addr())))
}

fn family<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    int(if as_ip("family", args[0].as_ref())?.is_ipv4() { 4 } else { 6 })
}

fn is_loopback<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    boolean(as_ip("isLoopback", args[0].as_ref())?.is_loopback())
}

fn is_unspecified<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    boolean(as_ip("isUnspecified", args[0].as_ref())?.is_unspecified())
}

fn is_link_local<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    boolean(match as_ip("isLinkLocalUnicast", args[0].as_ref())? {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    })
}

fn wider_than<'b, 'v>(args: Args<'b, 'v>) -> Outcome<'b, 'v> {
    let arguments = [args[0].as_ref(), args[1].as_ref(), args[2].as_ref()];
    let prefix = |at: usize, most: u8| {
        let bits = args[at].downcast_ref::<types::CelInt>().map(|int| *int.inner());
        bits.and_then(|bits| u8::try_from(bits).ok()).filter(|bits| *bits <= most)
    };
    match (args[0].downcast_ref::<Cidrs>(), prefix(1, 32), prefix(2, 128)) {
        (Some(cidrs), Some(v4), Some(v6)) => boolean(cidrs.0.wider_than(v4, v6)),
        _ => Err(no_overload("widerThan", &arguments)),
    }
}
