//! Runs expressions. Each lowered expression is made into operations once; what they give borrows from the snapshot, and
//! only functions that the `cel` crate has, or that are written for its values, get values of its kind.

mod build;
mod functions;
mod interpreted;
mod items;
mod keep;
mod lend;
mod logic;
mod look_up;
mod loops;
mod operation;
mod outcome;
mod price;
mod runner;
mod value;

pub(super) use build::operation;
pub(super) use operation::CelOperation;
pub(super) use outcome::CelOutcome;
pub(super) use price::bytes_of;
pub(super) use runner::{CelRun, SharedLookUp};
pub(super) use value::CelValue;
