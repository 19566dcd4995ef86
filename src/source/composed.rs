//! Clusters that are not written down as one document: their snapshots are made of several files, or of a template. What is
//! found in such a snapshot is found where people wrote it.

use crate::value::Pointer;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A cluster whose snapshot was made of something else.
pub trait ComposedCluster: fmt::Debug + Send + Sync {
    /// The file that describes the cluster itself.
    fn name(&self) -> &str;

    /// Its snapshot.
    fn text(&self) -> &str;

    /// A file by its position: its name and text.
    fn file(&self, at: usize) -> Option<(&str, &str)>;

    /// Where pointers into the snapshot lead. What no file says is where the cluster is described.
    fn places(&self, pointers: &[&Pointer]) -> Vec<ComposedPlace>;

    /// The bytes of a file that must not be shown, in order; none if no line of it may be.
    fn secrets(&self, file: usize) -> Option<Cow<'_, [Range<usize>]>>;

    /// The address of the resource of a template that an item of a section is, if it is one.
    fn address(&self, _section: &str, _position: Option<usize>) -> Option<&str> {
        None
    }

    /// What people call the resource with an address, if that is something else: the path of a construct of the CDK.
    fn label(&self, _address: &str) -> Option<&str> {
        None
    }

    /// Whether some resources are called otherwise than by their addresses.
    fn has_labels(&self) -> bool {
        false
    }

    /// The conditions that are not known and are why something else is not, as these reasons say, and what the cluster is in
    /// each case.
    fn conditions(&self, _reasons: &[&str]) -> Vec<ClusterCondition> {
        Vec::new()
    }
}

/// A condition that is not known, and what a cluster is in each case; none where there is no such cluster then.
#[derive(Clone, Debug)]
pub struct ClusterCondition {
    /// What it is called: `var.create`.
    pub condition: String,
    /// All cases: words that follow `if`, and the cluster.
    pub cases: Vec<(String, Option<Arc<dyn ComposedCluster>>)>,
}

/// A place in one of the files of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComposedPlace {
    /// The file, by position.
    pub file: usize,
    /// The line that its document starts on, if it is not the whole file.
    pub document: Option<u32>,
    /// The pointer in that document; in a template, the pointer in the snapshot.
    pub pointer: Pointer,
    /// The bytes of the file.
    pub range: Range<usize>,
    /// The second place: where the value came from, and what is there, in words.
    pub via: Option<Box<(String, ComposedPlace)>>,
}
