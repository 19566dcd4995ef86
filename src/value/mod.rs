//! The JSON tree that expressions and facts read, its pointers, and the way from a pointer back to
//! line and column of the text.

pub mod addressed;
pub mod fields;
pub mod locate;
pub mod location;
pub mod pointer;
pub mod position;
pub mod problem;
pub mod reason;
pub mod symbolic;
pub mod tree;
pub(crate) mod yaml;

pub use location::{Location, SourceFile, SourceFileKind};
pub use pointer::Pointer;
pub use problem::Problem;
pub use reason::{AlertFate, Reason, UnknownKind};
pub use symbolic::{SymbolicText, TextPiece};
pub use tree::{FirstValue, Json, Object};
