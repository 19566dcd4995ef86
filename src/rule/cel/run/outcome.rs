//! What operations give.

use super::super::fault::Fault;
use super::value::CelValue;
use crate::snapshot::Snapshot;
use cel::ExecutionError;

/// What an operation gives.
pub(in super::super) type CelOutcome<'v> = Result<CelValue<'v>, Fault<'v>>;

/// What an operation gives that may be an optional value.
pub(super) enum Guarded<'v> {
    /// It is one, with a value.
    There(CelValue<'v>),
    /// It is one, without.
    Nothing,
    /// It is none.
    Other(CelValue<'v>),
}

/// The truth of a condition.
pub(super) fn truth<'v>(outcome: CelOutcome<'v>, snapshot: &'v Snapshot<'v>) -> Result<bool, Fault<'v>> {
    match outcome? {
        CelValue::Bool(value) => Ok(value),
        other => {
            let (got, want) = (other.type_name(snapshot), "bool".to_owned());
            Err(ExecutionError::UnexpectedType { got, want }.into())
        }
    }
}
