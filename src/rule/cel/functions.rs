//! Everything that rules may call, besides operators and macros: one row a function, by family. The
//! rows register the functions, give the checker their types, and are the boundary of what an untrusted
//! rule can do. What is in no row cannot be called.

use super::call::{Function, FunctionBody, Overload, function, method};
use super::types::Ty;
use super::{conversions, documents, internal, lists, network, strings, version};
use cel::{DeclarationError, Env};

/// CEL's standard library, but for what is on texts.
const STANDARD: &[Function] = &[
    function("size", 1..=1, Ty::Dyn, Ty::Int, FunctionBody::Lowered),
    method(Ty::Dyn, "size", 0..=0, Ty::Dyn, Ty::Int, FunctionBody::Lowered),
    function("string", 1..=1, Ty::Dyn, Ty::Str, FunctionBody::Metered),
    function("int", 1..=1, Ty::Dyn, Ty::Int, FunctionBody::Metered),
    function("uint", 1..=1, Ty::Dyn, Ty::Dyn, FunctionBody::Metered),
    function("double", 1..=1, Ty::Dyn, Ty::Double, FunctionBody::Metered),
    function("bool", 1..=1, Ty::Dyn, Ty::Bool, FunctionBody::Metered),
    function("dyn", 1..=1, Ty::Dyn, Ty::Dyn, FunctionBody::Metered),
    function("type", 1..=1, Ty::Dyn, Ty::Dyn, FunctionBody::Metered),
    function("timestamp", 1..=1, Ty::Dyn, Ty::Timestamp, FunctionBody::Metered),
    function("duration", 1..=1, Ty::Dyn, Ty::Duration, FunctionBody::Metered),
    method(Ty::Timestamp, "getFullYear", 0..=0, Ty::Dyn, Ty::Int, FunctionBody::Crate),
    method(Ty::Timestamp, "getMonth", 0..=0, Ty::Dyn, Ty::Int, FunctionBody::Crate),
    method(Ty::Timestamp, "getDate", 0..=0, Ty::Dyn, Ty::Int, FunctionBody::Crate),
    method(Ty::Timestamp, "getDayOfWeek", 0..=0, Ty::Dyn, Ty::Int, FunctionBody::Crate),
    method(Ty::Dyn, "getHours", 0..=0, Ty::Dyn, Ty::Int, FunctionBody::Crate),
    function("optional.of", 1..=1, Ty::Dyn, Ty::Optional, FunctionBody::Metered),
    function("optional.none", 0..=0, Ty::Dyn, Ty::Optional, FunctionBody::Crate),
    method(Ty::Optional, "orValue", 1..=1, Ty::Dyn, Ty::Dyn, FunctionBody::Metered),
    method(Ty::Optional, "hasValue", 0..=0, Ty::Dyn, Ty::Bool, FunctionBody::Crate),
    method(Ty::Optional, "value", 0..=0, Ty::Dyn, Ty::Dyn, FunctionBody::Metered),
    method(Ty::Optional, "or", 1..=1, Ty::Dyn, Ty::Optional, FunctionBody::Metered),
];

const FAMILIES: [&[Function]; 7] = [
    STANDARD,
    strings::FUNCTIONS,
    lists::FUNCTIONS,
    network::FUNCTIONS,
    version::FUNCTIONS,
    conversions::FUNCTIONS,
    documents::FUNCTIONS,
];

/// All functions, in one order.
pub(super) fn all() -> impl Iterator<Item = &'static Function> {
    FAMILIES.into_iter().flatten()
}

/// Our implementation of a function with so many arguments, beside the target, by the name that it is registered with.
pub(super) fn implementation(name: &str, is_method: bool, arguments: usize) -> Option<Overload> {
    let is_wanted = |function: &&Function| {
        function.registered_name() == name
            && function.member == is_method
            && function.arguments.contains(&arguments)
    };
    all().find(is_wanted)?.own()
}

/// Registers what is not the `cel` crate's own.
pub(super) fn register(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_extension(cel::extensions::strings)?;
    env.add_extension(cel::extensions::lists)?;
    internal::register(env)?;
    network::register_texts(env)?;
    all().try_for_each(|function| function.register(env))
}
