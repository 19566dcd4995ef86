//! Where snapshots come from.

pub mod document;
pub mod file;
pub mod root;

pub use document::Document;
pub use file::{Discovered, Input, Origin};
