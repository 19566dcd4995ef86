//! What careful expressions call instead of operators of the interpreter, where a value may be a symbol.

use super::call::{Args, CallResult, boolean, int, no_overload};
use super::{symbols, val};
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

/// Which of two values is greater, as a number below, at or above 0: `a < b` becomes `order(a, b) < 0`.
pub(super) fn order<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let (a, b) = (args[0].as_ref(), args[1].as_ref());
    let below_one =
        |value: &dyn Val| value.downcast_ref::<CelInt>().is_some_and(|number| *number.inner() < 1);
    match () {
        () if symbols::is_size(a) && below_one(b) => return int(1),
        () if below_one(a) && symbols::is_size(b) => return int(-1),
        () => {}
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
