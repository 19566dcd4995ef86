//! ekslint: the compliance linter for Amazon EKS configurations.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod cli;
pub mod engine;
pub mod facts;
pub mod policy;
pub mod report;
pub mod rule;
pub mod scan;
pub mod snapshot;
pub mod source;
pub mod value;
