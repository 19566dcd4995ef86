//! What the functions that rules may call are made of: how a function is written down, and what
//! each implementation reads its arguments with and makes its outcome of.

use super::types::Ty;
use super::{budget, cost, symbols, val};
use cel::ExecutionError;
use cel::common::traits::Iterable;
use cel::common::types::{self, CelBool, CelInt, CelString, Kind, Type};
use cel::common::value::{CowVal, Val};
use std::ops::RangeInclusive;

pub(super) type Args<'b, 'v> = Vec<CowVal<'b, 'v>>;
pub(super) type CallResult<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;
pub(super) type Implementation = for<'b, 'v> fn(Args<'b, 'v>) -> CallResult<'b, 'v>;

/// A function that rules may call: how it is called, what it gives, and how it runs.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: &'static str,
    /// Whether it is called on a target: `x.f()`.
    pub(super) member: bool,
    /// How many arguments it takes, without the target.
    pub(super) arguments: RangeInclusive<usize>,
    /// The type of the target, if it must be of one type.
    pub(super) target: Ty,
    /// The type of the first argument, if it must be of one type.
    pub(super) argument: Ty,
    pub(super) result: Ty,
    pub(super) body: FunctionBody,
}

/// How a function runs.
#[derive(Debug)]
pub(super) enum FunctionBody {
    /// The `cel` crate's own. It takes little, whatever it is given.
    Crate,
    /// The `cel` crate's own, which reads or copies values of any size and knows nothing of values
    /// that are unknown. So what it is given is looked at, and paid for, before.
    Metered,
    /// Ours.
    Own(Overload),
    /// Ours instead of the `cel` crate's, which makes values of any size, or takes time with the
    /// square of it. Both cannot have one name, so ours is registered with `@` in front.
    Instead(Overload),
    /// Lowering puts something else in its place.
    Lowered,
}

/// An implementation, and the types for which it is chosen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overload {
    target: &'static Type,
    argument: &'static Type,
    run: Implementation,
}

/// An implementation for any arguments; a method's target is of that type.
pub(super) const fn on(target: &'static Type, run: Implementation) -> Overload {
    Overload { target, argument: &types::DYN_TYPE, run }
}

/// A method whose target and argument are of one type.
pub(super) const fn between(both: &'static Type, run: Implementation) -> Overload {
    Overload { target: both, argument: both, run }
}

/// `f(…)`, as our own implementation.
pub(super) const fn own(run: Implementation) -> FunctionBody {
    FunctionBody::Own(on(&types::DYN_TYPE, run))
}

/// A function that is called on nothing: `f(x)`.
pub(super) const fn function(
    name: &'static str,
    arguments: RangeInclusive<usize>,
    argument: Ty,
    result: Ty,
    body: FunctionBody,
) -> Function {
    Function { name, member: false, arguments, target: Ty::Dyn, argument, result, body }
}

/// A function that is called on a target: `x.f()`.
pub(super) const fn method(
    target: Ty,
    name: &'static str,
    arguments: RangeInclusive<usize>,
    argument: Ty,
    result: Ty,
    body: FunctionBody,
) -> Function {
    Function { name, member: true, arguments, target, argument, result, body }
}

impl Function {
    /// What the interpreter calls it.
    pub(super) fn registered_name(&self) -> String {
        match self.body {
            FunctionBody::Instead(_) => format!("@{}", self.name),
            _ => self.name.to_owned(),
        }
    }

    /// Our implementation, if it is ours.
    pub(super) fn own(&self) -> Option<Overload> {
        match self.body {
            FunctionBody::Own(overload) | FunctionBody::Instead(overload) => Some(overload),
            _ => None,
        }
    }

    /// Whether it is one of the `cel` crate's own.
    #[cfg(test)]
    pub(super) fn is_of_crate(&self) -> bool {
        matches!(self.body, FunctionBody::Crate | FunctionBody::Metered)
    }

    /// Whether what it is given is paid for before it is called.
    pub(super) fn is_metered(&self) -> bool {
        matches!(self.body, FunctionBody::Metered)
    }

    /// Registers our implementation, if it is ours, for each number of arguments.
    pub(super) fn register(&self, env: &mut cel::Env) -> Result<(), cel::DeclarationError> {
        let Some(overload) = self.own() else { return Ok(()) };
        let name = self.registered_name();
        for count in self.arguments.clone() {
            let arguments = (0..count).map(|_| overload.argument.to_owned()).collect();
            let id = format!("ekslint_{name}_{}_{count}", overload.target.name());
            match self.member {
                true => {
                    let target = overload.target.to_owned();
                    env.add_member_overload(&name, &id, target, arguments, overload.run)?;
                }
                false => env.add_overload(&name, &id, arguments, overload.run)?,
            }
        }
        Ok(())
    }
}

impl Overload {
    /// Whether it is for these values, of which the first is the target of a method.
    pub(super) fn takes(&self, values: &[CowVal<'_, '_>], is_method: bool) -> bool {
        values.iter().enumerate().all(|(at, value)| {
            let ty = if is_method && at == 0 { self.target } else { self.argument };
            ty.is_assignable(value.as_ref())
        })
    }

    /// Runs it.
    pub(super) fn run<'b, 'v>(&self, args: Args<'b, 'v>) -> CallResult<'b, 'v> {
        (self.run)(args)
    }
}

/// Fails: the rule calls a function in a wrong way.
pub(super) fn fail<T>(function: &str, message: impl Into<String>) -> Result<T, ExecutionError> {
    Err(ExecutionError::FunctionError { function: function.to_owned(), message: message.into() })
}

/// The text of an argument, paid for.
pub(super) fn text<'a>(function: &str, value: &'a dyn Val) -> Result<&'a str, ExecutionError> {
    match value.downcast_ref::<CelString>() {
        Some(text) => budget::pay_bytes(text.inner().len()).map(|()| text.inner()),
        None => Err(no_overload(function, &[value])),
    }
}

/// The error of calling a function on what it does not take: an unknown, if one is among it.
pub(super) fn no_overload(function: &str, arguments: &[&dyn Val]) -> ExecutionError {
    let unknown = |value: &&dyn Val| val::known(*value).and_then(|()| symbols::concrete(*value)).err();
    if let Some(unknown) = arguments.iter().find_map(unknown) {
        return unknown;
    }
    let types = arguments.iter().map(|value| value.get_type().name().to_owned()).collect();
    ExecutionError::no_such_overload(function, types)
}

/// The items of an argument, all known and paid for.
pub(super) fn list<'a, 'v>(
    function: &str,
    value: &'a (dyn Val + 'v),
) -> Result<&'a (dyn Iterable + 'v), ExecutionError> {
    match value.get_type().kind() {
        Kind::List => {
            val::known_whole(value)?;
            cost::pay_copy(value)?;
            value.as_iterable().ok_or_else(|| no_overload(function, &[value]))
        }
        _ => Err(no_overload(function, &[value])),
    }
}

pub(super) fn boolean<'b, 'v>(value: bool) -> CallResult<'b, 'v> {
    Ok(CowVal::owned(CelBool::from(value)))
}

pub(super) fn int<'b, 'v>(value: i64) -> CallResult<'b, 'v> {
    Ok(CowVal::owned(CelInt::from(value)))
}

/// A text that a function made.
pub(super) fn made<'b, 'v>(text: String) -> CallResult<'b, 'v> {
    fits(&text)?;
    Ok(CowVal::owned(CelString::from(text)))
}

/// Fails for a text that is longer than what expressions see.
pub(super) fn fits(text: &str) -> Result<(), ExecutionError> {
    match text.len() > val::MAX_TEXT {
        true => {
            Err(ExecutionError::InternalError(format!("makes a text of more than {}", val::MAX_TEXT_WORDS)))
        }
        false => Ok(()),
    }
}
