//! Functions that make a value of another: times, spans of time, the number of a Kubernetes version.

use super::call::{Args, CallResult, Function, function, int, no_overload, own, text};
use super::error::invalid;
use super::types::Ty;
use crate::facts::time;
use crate::facts::versions::calendar;
use crate::text::bounded;
use cel::ExecutionError;
use cel::common::types::{CelDouble, CelDuration, CelInt, CelString, CelTimestamp};
use cel::common::value::CowVal;

pub(super) const FUNCTIONS: &[Function] = &[
    function("minor", 1..=1, Ty::Str, Ty::Int, own(minor)),
    function("days", 1..=1, Ty::Int, Ty::Duration, own(days)),
    function("time", 1..=1, Ty::Dyn, Ty::Timestamp, own(time_of)),
];

fn minor<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    int(minor_of(text("minor", args[0].as_ref())?)?)
}

/// The number of a Kubernetes version.
pub(super) fn minor_of(version: &str) -> Result<i64, ExecutionError> {
    match calendar::minor(version) {
        Some(minor) => Ok(minor),
        None => invalid(format!("'{}' is not a Kubernetes version", bounded(version))),
    }
}

fn days<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let days = args[0].downcast_ref::<CelInt>().ok_or_else(|| no_overload("days", &[args[0].as_ref()]))?;
    // Longer spans would lead out of the calendar, where the interpreter panics.
    match chrono::Duration::try_days(*days.inner()).filter(|span| span.num_nanoseconds().is_some()) {
        Some(duration) => Ok(CowVal::owned(CelDuration::from(duration))),
        None => Err(ExecutionError::InternalError("days(): the number is too large".to_owned())),
    }
}

fn time_of<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
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
        None => invalid("a value is not a point in time"),
    }
}
