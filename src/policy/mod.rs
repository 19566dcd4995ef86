//! The user's will: which rules, with which parameters, and what is accepted.

pub mod config;
pub mod params;
pub mod selection;

pub use config::Config;
pub use params::Params;
pub use selection::{LevelChoice, Selection};
