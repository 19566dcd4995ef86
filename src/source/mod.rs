//! Where snapshots come from.

mod assemble;
pub mod aws_cli;
pub mod bounded;
mod cli_error;
pub mod cluster_choice;
pub mod composed;
pub mod content;
pub mod document;
mod encoding;
pub mod file;
pub mod foreign;
pub mod git;
pub mod glob;
pub mod iac;
pub mod input_kind;
pub mod joined;
#[cfg(feature = "live")]
pub mod live;
pub mod path_text;
pub mod render;
pub mod root;
pub mod terraform_input;

pub use content::{InputContent, InputPart};
pub use document::{Document, Documents, NotJson};
pub use file::{Discovered, Input, Origin};
pub use input_kind::InputKind;
pub use terraform_input::{TemplateOptions, TerraformEnvironment};
