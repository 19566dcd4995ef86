//! The user's will: which rules, with which parameters, and what is accepted.

pub mod config;
pub mod grounds;
pub mod params;
pub mod selection;

pub use config::Config;
pub use grounds::Grounds;
pub use params::Params;
pub use selection::{LevelChoice, Selection};
