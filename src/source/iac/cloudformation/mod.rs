//! CloudFormation, and what becomes CloudFormation: templates of stacks in YAML and JSON.
//!
//! A text becomes a tree with places (`tree`), sections are read (`stack`), and the properties of each resource are evaluated
//! (`eval`, `functions`, `condition`) with the values of parameters (`parameters`). What a resource says of itself once it is
//! there is a symbol; what cannot be known stays unknown, with its reason.

mod condition;
mod constructs;
mod eval;
mod functions;
mod keys;
mod load;
mod loops;
mod nested;
mod parameters;
mod properties;
mod recognise;
mod sections;
mod stack;
mod state;
mod symbols;
mod tree;
mod values;

#[cfg(test)]
mod tests;

pub use parameters::{ParameterFile, StackHome, StackInputs};
pub use recognise::{is_stack, may_name_files, may_nest, may_start_stack};
pub use stack::read_stack;
pub use symbols::{REF, stack_symbol};
