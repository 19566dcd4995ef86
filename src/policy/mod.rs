//! The user's will: which rules, with which parameters.

pub mod grounds;
pub mod params;
pub mod selection;

pub use grounds::Grounds;
pub use params::Params;
pub use selection::{LevelChoice, Selection};
