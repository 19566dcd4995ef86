//! The finding: what is wrong with which resource of a cluster, and where that is written.

use super::index::{RuleIndex, WaiverIndex};
use crate::rule::Severity;
use crate::snapshot::TemplateSource;
use crate::value::{Location, Pointer};
use sha2::{Digest, Sha256};
use std::cmp::{Ordering, Reverse};
use std::fmt;
use std::sync::Arc;

/// One finding. Of a fleet, every finding is kept until it is reported, so none has room to grow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule, as its position among the rules of the scan.
    pub rule: RuleIndex,
    /// How bad it is: as the rule says, unless the user said otherwise.
    pub severity: Severity,
    /// Whether it counts.
    pub standing: Standing,
    /// What is wrong, in one sentence.
    pub message: Box<str>,
    /// The resource.
    pub resource: Arc<Resource>,
    /// Where.
    pub primary: Location,
    /// Where else to look, in this file or in others.
    pub related: Box<[RelatedLocation]>,
    /// What fixes it.
    pub fix: FindingFix,
    /// What tells it apart from every other finding, across files and lines.
    pub fingerprint: Fingerprint,
}

impl Finding {
    /// All its places, the first one first.
    pub fn locations(&self) -> impl Iterator<Item = &Location> + Clone {
        std::iter::once(&self.primary).chain(self.related.iter().map(|related| &related.location))
    }

    /// All its places, to be looked up.
    pub fn locations_mut(&mut self) -> impl Iterator<Item = &mut Location> {
        std::iter::once(&mut self.primary).chain(self.related.iter_mut().map(|related| &mut related.location))
    }

    /// All its pointers, in the order of its places.
    pub fn pointers(&self) -> impl Iterator<Item = &Pointer> + Clone {
        self.locations().map(|location| &location.pointer)
    }

    /// How many bytes its texts and pointers take.
    pub(super) fn bytes(&self) -> usize {
        let related = self.related.iter().map(RelatedLocation::bytes).sum::<usize>();
        let fix = self.fix.command().map_or(0, str::len);
        self.message.len() + self.primary.pointer.as_str().len() + related + fix
    }

    /// The order of reports: the worst first, then file by file in the order of the text.
    pub fn cmp_in_report(&self, other: &Self) -> Ordering {
        let rank = |finding: &Self| (Reverse(finding.severity), finding.primary.span, finding.rule);
        let (own, others) = (rank(self), rank(other));
        let file = || self.primary.file.cmp(&other.primary.file);
        own.0.cmp(&others.0).then_with(file).then_with(|| own.cmp(&others))
    }
}

/// What fixes a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FindingFix {
    /// The rule has no more than words.
    #[default]
    Words,
    /// Commands of the AWS CLI, filled in for the resource.
    Command(Box<str>),
    /// The rule's change of a template in the language in which the resource is written.
    Template(TemplateSource),
}

impl FindingFix {
    /// The commands, if they fix it.
    pub fn command(&self) -> Option<&str> {
        match self {
            Self::Command(command) => Some(command),
            Self::Words | Self::Template(_) => None,
        }
    }
}

/// Whether a finding counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// It counts.
    #[default]
    Open,
    /// This waiver of the configuration covers it.
    Waived(WaiverIndex),
    /// It is in the baseline.
    Baseline,
}

impl Standing {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waived(_) => "waived",
            Self::Baseline => "baseline",
        }
    }
}

/// The resource of a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    /// Its kind, as rules call it: `nodegroup`.
    pub kind: &'static str,
    /// Its kind in words: "node group".
    pub title: &'static str,
    /// Its name.
    pub name: Option<Box<str>>,
    /// Its ARN.
    pub arn: Option<Box<str>>,
    /// Its address in a template.
    pub address: Option<Box<str>>,
    /// Its position in its section.
    pub position: Option<usize>,
}

impl Resource {
    /// Kind and name, `nodegroup/blue`; of what has no name, the kind.
    pub fn in_words(&self) -> String {
        match &self.name {
            Some(name) => format!("{}/{name}", self.kind),
            None => self.kind.to_owned(),
        }
    }
}

/// A second place of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelatedLocation {
    /// What is to be seen there.
    pub message: Box<str>,
    /// The place.
    pub location: Location,
}

impl RelatedLocation {
    /// How many bytes its message and its pointer take.
    pub(super) fn bytes(&self) -> usize {
        self.message.len() + self.location.pointer.as_str().len()
    }
}

/// The identity of a finding: no file and no line is in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 16]);

impl Fingerprint {
    /// The fingerprint of what these parts tell apart. They cannot run into each other.
    pub fn of(parts: &[&str]) -> Self {
        let mut digest = Sha256::default();
        for part in parts {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        Self::from_digest(digest)
    }

    /// The first half of a digest.
    pub(super) fn from_digest(digest: Sha256) -> Self {
        let mut fingerprint = Self::default();
        fingerprint.0.copy_from_slice(&digest.finalize()[..16]);
        fingerprint
    }
}

/// A text is no fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint has 32 hexadecimal digits")]
pub struct NoFingerprint;

impl std::str::FromStr for Fingerprint {
    type Err = NoFingerprint;

    fn from_str(text: &str) -> Result<Self, NoFingerprint> {
        let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = is_hex.then(|| u128::from_str_radix(text, 16).ok()).flatten();
        number.map(|number| Self(number.to_be_bytes())).ok_or(NoFingerprint)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Finding;

    #[test]
    fn a_finding_is_small() {
        // A fleet has hundreds of thousands of them, and all are kept until they are reported.
        assert!(size_of::<Finding>() <= 152, "{}", size_of::<Finding>());
    }
}
