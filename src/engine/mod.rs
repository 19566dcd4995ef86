//! Rules × snapshot → outcomes and findings; and the examples of rules, which run the same way.

pub mod examples;
pub mod finding;
pub mod identity;
pub mod judge;
pub mod mask;
pub mod selector;

pub use finding::{Finding, Related, Resource};
pub use judge::{Configured, Judge, Judgement, Outcome, RuleError};
pub use selector::ClusterSelector;
