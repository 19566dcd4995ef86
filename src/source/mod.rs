//! Where snapshots come from.

mod belongs;
mod clean;
pub mod document;
pub mod file;
pub mod git;
pub mod import;
#[cfg(feature = "live")]
pub mod live;
pub mod render;
pub mod root;
mod user_data;

pub use document::{Document, NotJson};
pub use file::{Discovered, Input, Origin};
