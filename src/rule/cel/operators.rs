//! What careful expressions call instead of operators of the interpreter, where a value may be a symbol.

use super::call::{Args, CallResult, boolean, int, no_overload, text};
use super::symbols::TextQuestion;
use super::{budget, symbols, val};
use crate::value::SymbolicText;
use cel::common::types::CelInt;
use cel::common::value::Val;
use std::cmp::Ordering;

/// What a function reads that knows nothing of symbols.
pub(super) fn concrete_argument<'b, 'v>(mut args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    symbols::concrete_whole(args[0].as_ref())?;
    Ok(args.swap_remove(0))
}

/// `a == b`, where one may be a symbol.
pub(super) fn same<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    boolean(val::equal(args[0].as_ref(), args[1].as_ref())?)
}

/// `a in b`, where one may be a symbol.
pub(super) fn within<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    boolean(val::contains(args[1].as_ref(), args[0].as_ref())?)
}

/// `a.startsWith(b)`, where one may be a symbol.
pub(super) fn starts_with<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    of_texts("startsWith", &args, |a, b| a.starts_with(b))
}

/// `a.endsWith(b)`, where one may be a symbol.
pub(super) fn ends_with<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    of_texts("endsWith", &args, |a, b| a.ends_with(b))
}

/// `a.contains(b)`, where one may be a symbol.
pub(super) fn has_part<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    of_texts("contains", &args, |a, b| a.contains(b))
}

fn of_texts<'b, 'v>(function: &str, args: &Args<'b, 'v>, question: TextQuestion) -> CallResult<'b, 'v> {
    let (a, b) = (args[0].as_ref(), args[1].as_ref());
    if let Some(answer) = symbols::ask(a, b, question) {
        let length = |value| symbols::symbol(value).map_or(0, str::len);
        budget::pay_bytes(length(a) + length(b))?;
        return boolean(answer?);
    }
    let (a, b) = (text(function, a)?, text(function, b)?);
    let answer = question(&SymbolicText::literal(a), &SymbolicText::literal(b));
    boolean(answer.unwrap_or_default())
}

/// Which of two values is greater, as a number below, at or above 0: `a < b` becomes `order(a, b) < 0`.
pub(super) fn order<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let (a, b) = (args[0].as_ref(), args[1].as_ref());
    let number = |value: &dyn Val| value.downcast_ref::<CelInt>().map(|number| *number.inner());
    let is_longer = |size: &dyn Val, than: &dyn Val| Some(symbols::least_size(size)? > number(than)?);
    match (is_longer(a, b), is_longer(b, a)) {
        (Some(true), _) => return int(1),
        (_, Some(true)) => return int(-1),
        _ => {}
    }
    symbols::concrete(a)?;
    symbols::concrete(b)?;
    let comparer = a.as_comparer().ok_or_else(|| no_overload("_<_", &[a, b]))?;
    int(match comparer.compare(b)? {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    })
}
