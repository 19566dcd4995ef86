//! Runs expressions. Each lowered expression is made into operations once; what they give borrows from the snapshot, and
//! only functions that the `cel` crate has, or that are written for its values, get values of its kind.

mod build;
mod evaluator;
mod functions;
mod interpreted;
mod items;
mod lend;
mod logic;
mod look_up;
mod loops;
mod operation;
mod price;
mod value;

pub(super) use build::operation;
pub(super) use evaluator::{Evaluator, Outcome};
pub(super) use operation::Operation;
pub(super) use price::bytes_of;
pub(super) use value::Evaluated;
