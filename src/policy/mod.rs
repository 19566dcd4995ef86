//! The user's will: which rules, with which parameters, and what is accepted.

pub mod baseline;
pub mod cluster_names;
pub mod config;
mod coverage;
pub mod diff;
pub mod params;
pub mod place;
pub mod review;
pub mod selection;
pub mod settings;
mod waiver;
pub mod waiver_info;

pub use baseline::{Baseline, KnownFile};
pub use config::Config;
pub use params::Params;
pub use review::{Review, Reviewer};
pub use selection::LevelChoice;
pub use settings::{CommandLine, ParameterInForce, Plan, SettingOrigin};
pub use waiver_info::WaiverInfo;
