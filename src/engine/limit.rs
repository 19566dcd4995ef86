//! How much a rule may find on one snapshot. Findings are kept until they are reported, and rules may come from
//! strangers: a rule that finds something for each item of each list of a snapshot must not fill the memory.

use super::finding::Finding;
use crate::snapshot::Unknown;

/// The most findings of a rule on one snapshot.
const MAX_FINDINGS: usize = 10_000;

/// The most bytes of text that these hold together.
const MAX_BYTES: usize = 32 * 1024 * 1024;

/// The most reasons of their own for which a rule is not evaluated on one snapshot. A list of a hundred thousand wrong
/// values has as many.
const MAX_REASONS: usize = 1_000;

/// What a rule found on a snapshot so far, and whether it stopped for that.
#[derive(Debug, Default)]
pub(super) struct FindingLimit {
    findings: usize,
    bytes: usize,
    stopped: bool,
    reasons: usize,
}

impl FindingLimit {
    /// Counts a finding.
    pub(super) fn add(&mut self, finding: &Finding) {
        self.findings += 1;
        self.bytes = self.bytes.saturating_add(finding.bytes());
    }

    /// Whether a finding more would be too much.
    pub(super) fn is_reached(&self) -> bool {
        self.findings >= MAX_FINDINGS || self.bytes >= MAX_BYTES
    }

    /// Whether what is left must stay unjudged, which it is from then on.
    pub(super) fn stops(&mut self) -> bool {
        self.stopped |= self.is_reached();
        self.stopped
    }

    /// Why the rest of what a rule judges is not evaluated, if something was left.
    pub(super) fn take_stopped(&mut self) -> Option<Unknown> {
        std::mem::take(&mut self.stopped).then(|| self.unknown())
    }

    /// A new reason for which the rule is not evaluated, or what stands for all that are too many. Calls that are missing
    /// stay: there are not many, and each must be told.
    pub(super) fn reason(&mut self, unknown: Unknown) -> Unknown {
        self.reasons += usize::from(unknown.api.is_none());
        if self.reasons <= MAX_REASONS || unknown.api.is_some() {
            return unknown;
        }
        let reason = "there are more than 1,000 reasons; these are the rest".to_owned();
        Unknown { kind: unknown.kind, ..Unknown::undecided(reason) }
    }

    /// How many bytes of text the next finding may have.
    pub(super) fn room(&self) -> usize {
        MAX_BYTES.saturating_sub(self.bytes)
    }

    /// Why something is not evaluated once this is reached.
    pub(super) fn unknown(&self) -> Unknown {
        let most = if self.findings >= MAX_FINDINGS { "10,000 findings" } else { "findings of 32 MiB" };
        Unknown::undecided(format!("the rule has {most} on this snapshot already, and more are not kept"))
    }
}
