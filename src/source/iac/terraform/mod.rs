//! Terraform and OpenTofu: what their files say, and what their expressions give.

pub mod convert;
pub mod functions;
pub mod hcl;
mod number;
