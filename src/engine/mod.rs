//! Rules × snapshot → outcomes and findings; and the examples of rules, which run the same way.

#[cfg(test)]
mod evaluators;
pub mod examples;
pub mod finding;
pub mod identity;
pub mod index;
pub mod judge;
mod limit;
pub mod mask;
pub mod outcome;
pub mod selector;
pub mod settings;
pub mod trace;

pub use finding::{Finding, FindingFix, Fingerprint, RelatedLocation, Resource, Standing};
pub use index::{RuleIndex, WaiverIndex};
pub use judge::{Judge, Judgement, RuleError, Superseded};
pub use outcome::Outcome;
pub use selector::ClusterSelector;
pub use settings::{Configured, Override, Settings, SettingsChange};
pub use trace::{RuleNotRun, RuleToTrace, RuleTrace};
