//! ekslint: the compliance linter for Amazon EKS configurations.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod cli;
pub mod engine;
pub mod facts;
pub mod rule;
pub mod snapshot;
pub mod value;
