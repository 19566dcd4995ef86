//! Terraform and OpenTofu.

pub mod map;
pub mod table;
