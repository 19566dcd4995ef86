//! ekslint: the compliance linter for Amazon EKS configurations.
//!
//! Everything that is known about a cluster becomes one JSON snapshot; rules written in CEL judge
//! the snapshot; every finding points at the exact line that caused it. Data flows one way:
//!
//! ```text
//! configure   policy     ekslint.toml: which rules, how bad, with which parameters, for which clusters
//!             rule       rule files: loaded, checked, compiled
//! collect     source     which files and which live clusters; their documents
//! snapshot    snapshot   what each part of a document is, and what its absence means
//! facts       facts      what follows from it: support of versions, exposure of the endpoint
//!             explain    what is understood about a cluster, for people
//! evaluate    engine     rules × snapshot → outcomes and findings
//! locate      value      JSON pointer → line and column, in the text of a file with findings
//! waive       policy     which findings count: waivers, the baseline
//! assess      compliance what becomes of the controls of frameworks, and the evidence for it
//! report      report     findings out: text, JSON, SARIF and others
//! ```
//!
//! [`scan::scan`] runs the middle of it, one file a thread. As a library:
//!
//! ```
//! use bumpalo::Bump;
//! use ekslint::engine::{Configured, Judge};
//! use ekslint::rule::{RuleSet, RuleSource};
//! use ekslint::scan::{Keep, scan_text};
//! use ekslint::value::Json;
//!
//! let loaded = RuleSet::load(&[RuleSource::BuiltIn], false);
//! let rule = loaded.set.get("endpoint-open-to-internet").expect("a built-in rule");
//! let arena = Bump::new();
//! let rules = vec![Configured::new(rule, Json::object(&arena, []))];
//! let judge = Judge::new(rules, "2026-11-21".parse().expect("a date"));
//! let text = r#"{"cluster": {"name": "prod", "resourcesVpcConfig": {"publicAccessCidrs": ["0.0.0.0/0"]}}}"#;
//! let scan = scan_text("prod.json", text, &judge, Keep::default());
//! let finding = &scan.clusters[0].judgement.findings[0];
//! let place = &finding.primary;
//! assert_eq!(place.pointer.as_str(), "/cluster/resourcesVpcConfig/publicAccessCidrs/0");
//! assert_eq!((place.file.name.as_str(), place.span.start().to_string().as_str()), ("prod.json", "1:75"));
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod cli;
pub mod compliance;
pub mod engine;
pub mod explain;
pub mod facts;
pub mod policy;
pub mod report;
pub mod rule;
pub mod scan;
pub mod snapshot;
pub mod source;
mod text;
mod threads;
pub mod value;
