//! Terraform and OpenTofu as people write it: files of HCL or JSON → resources.
//!
//! [`find_roots`] says which folders are root modules; [`load`] reads one. Files become blocks with places (`parse`, `json`),
//! blocks a module ([`config`]), and a module is evaluated from its resources on: what no resource needs is not looked at.
//! Values are evaluated once, and keep where they are written and through which variable or local they came. What cannot be
//! known stays unknown, with its reason; what Terraform would refuse is unknown, too.

mod access;
mod body;
mod bundled;
mod bundled_files;
mod call;
mod computed;
mod config;
mod cut;
mod eval;
mod evaluator;
mod expand;
mod files;
mod inputs;
mod json;
mod limits;
mod load;
mod lower;
mod manifest;
mod module;
mod moved;
mod operators;
mod parse;
mod pieces;
mod reference;
mod roots;
mod scope;
mod syntax;
mod text;
mod twice;
mod types;
mod unknown;

pub use computed::formed;
pub use inputs::{VariableFile, VariableInputs};
pub(crate) use load::LOAD_STACK;
pub use load::{load, load_assuming};
pub use roots::{RootModule, find_roots};

#[cfg(test)]
mod tests;
