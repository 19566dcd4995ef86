//! Where snapshots come from.

pub mod document;
pub mod file;
pub mod import;
pub mod root;

pub use document::{Document, NotJson};
pub use file::{Discovered, Input, Origin};
