//! The finding: what is wrong with which resource of which cluster, and where that is written.

use crate::snapshot::Identity;
use crate::value::Pointer;
use crate::value::position::Region;
use std::fmt;
use std::sync::Arc;

/// One finding. Of a fleet, every finding is kept until it is reported, so none has room to grow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule, as its position among the rules of the scan.
    pub rule: usize,
    /// What is wrong, in one sentence.
    pub message: Box<str>,
    /// The cluster.
    pub cluster: Arc<Identity>,
    /// The resource.
    pub resource: Arc<Resource>,
    /// The place in the document. What is absent has the place it would have.
    pub pointer: Pointer,
    /// Where the document shows it.
    pub region: Region,
    /// The second places.
    pub related: Box<[Related]>,
    /// The command that mends it.
    pub fix: Option<Box<str>>,
    /// What tells it apart from every other finding, across files and lines.
    pub fingerprint: Fingerprint,
}

/// The resource of a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    /// Its kind, as rules call it: `nodegroup`.
    pub kind: &'static str,
    /// Its kind in words: "node group".
    pub title: &'static str,
    /// Its name.
    pub name: Option<String>,
    /// Its ARN.
    pub arn: Option<String>,
    /// Its position in its section.
    pub position: Option<usize>,
}

/// A second place of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// What is to be seen there.
    pub message: String,
    /// The place in the document.
    pub pointer: Pointer,
    /// Where the document shows it.
    pub region: Region,
}

/// The identity of a finding: no file and no line is in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 16]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
