//! What a scan says about the controls of frameworks: control by control and cluster by cluster, with the evidence for it.

mod control;
mod earlier;
mod earlier_report;
mod evidence;
mod field;
mod same_cluster;
mod since;
mod tally;
mod verdict;

pub use control::{ControlOnCluster, ControlResult, FrameworkResult};
pub use earlier::{
    EarlierCluster, EarlierControl, EarlierFramework, EarlierOrigin, EarlierParameter, EarlierState,
};
pub use earlier_report::{REPORT_SCHEMA_VERSION, read_report};
pub use evidence::{EvidenceReason, RuleEvidence, RuleVerdict};
pub use since::{ComplianceSince, ControlChange, FrameworkSince};
pub use tally::ControlTally;
pub use verdict::ControlVerdict;

use crate::engine::{Configured, RuleIndex};
use crate::rule::framework::Framework;
use crate::scan::Scan;
use std::collections::BTreeMap;

/// What controls are held against.
#[derive(Clone, Debug)]
pub struct Assessor<'a> {
    /// What was found, each finding with its standing.
    pub scan: &'a Scan,
    /// The rules that ran; outcomes and findings name them by position.
    pub rules: &'a [Configured<'a>],
    /// Why rules are off where no cluster is different.
    pub why_off: &'a BTreeMap<RuleIndex, String>,
    /// What the configuration is called.
    pub config: String,
}

impl<'a> Assessor<'a> {
    /// What becomes of the controls of a framework.
    pub fn assess(&self, framework: &'a Framework) -> FrameworkResult<'a> {
        let controls = framework.controls.iter().map(|control| self.control(framework, control));
        FrameworkResult { framework, controls: controls.collect() }
    }
}
