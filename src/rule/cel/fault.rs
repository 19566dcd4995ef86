//! Why an expression gives no value. Most of these are absorbed by an `||` or answered by an `orValue`, so nothing is put
//! into words before somebody asks.

use super::error::{self, Failure};
use crate::snapshot::{Type, Unknown};
use cel::ExecutionError;
use std::rc::Rc;

/// Why an expression gives no value.
#[derive(Clone, Debug)]
pub(super) enum Fault<'v> {
    /// It depends on something that is not known, as the snapshot says.
    Unknown(&'v Unknown),
    /// The same, where the reason was made just now.
    MadeUnknown(Rc<Unknown>),
    /// An object of that type has no field of that name.
    Absent(Type, &'v str),
    /// What functions and the interpreter of the `cel` crate fail with.
    Error(Rc<ExecutionError>),
}

impl<'v> Fault<'v> {
    /// That something is not known.
    pub(super) fn of(unknown: Unknown) -> Self {
        Self::MadeUnknown(Rc::new(unknown))
    }

    /// As functions of the `cel` crate hand it on.
    pub(super) fn into_error(self) -> ExecutionError {
        match self {
            Self::Unknown(unknown) => error::unknown(unknown),
            Self::MadeUnknown(unknown) => error::unknown(&unknown),
            Self::Absent(ty, name) => error::absent(ty, name),
            Self::Error(error) => Rc::unwrap_or_clone(error),
        }
    }

    /// Whether it says that something is not there, which is what a guard asks.
    pub(super) fn is_absence(&self) -> bool {
        match self {
            Self::Absent(..) => true,
            Self::Error(error) => {
                matches!(**error, ExecutionError::NoSuchKey(_) | ExecutionError::IndexOutOfBounds(_))
            }
            Self::Unknown(_) | Self::MadeUnknown(_) => false,
        }
    }

    /// What it means for a rule.
    pub(super) fn classify(self) -> Failure {
        match self {
            Self::Unknown(unknown) => Failure::Unknown(unknown.clone()),
            Self::MadeUnknown(unknown) => Failure::Unknown(Rc::unwrap_or_clone(unknown)),
            Self::Absent(ty, name) => error::classify(&error::absent(ty, name)),
            Self::Error(error) => error::classify(&error),
        }
    }
}

impl From<ExecutionError> for Fault<'_> {
    fn from(error: ExecutionError) -> Self {
        Self::Error(Rc::new(error))
    }
}
