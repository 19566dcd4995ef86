//! Where something is written: the file, the place in its document, the lines, and how they read.
//!
//! A location knows its file, so what is found about one cluster may lie in several files.

use super::Pointer;
use super::position::LineSpan;
use std::ops::Range;
use std::sync::Arc;

/// A file that locations lie in; of NDJSON, one line of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceFile {
    /// What to call it.
    pub name: String,
    /// What it is.
    pub kind: SourceFileKind,
    /// In NDJSON, where each line is a document: which line, from 1.
    pub document: Option<u32>,
}

/// What a [`SourceFile`] is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceFileKind {
    /// A file that readers can open, or standard input.
    #[default]
    File,
    /// One of the files that describe a cluster together.
    PartOfCluster,
    /// The snapshot of a live cluster that was not kept: its name is the name of no file.
    Live,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The place in the document. What is absent has the place it would have.
    pub pointer: Pointer,
    /// The lines and columns of that. A scan looks them up after judging.
    pub span: LineSpan,
    /// The lines around it, if they are wanted.
    pub excerpt: Option<Box<Excerpt>>,
}

/// A few lines of a file around a place in it, cut where they are long, and without secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The number of the first line.
    pub first_line: usize,
    /// The lines.
    pub text: String,
    /// The place, as bytes of the lines.
    pub span: Range<usize>,
    /// How many characters were cut from the start of the line of the place, for being too long.
    pub cut: usize,
}

impl SourceFile {
    /// A file that is one document.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Whether readers can open it.
    pub fn is_file(&self) -> bool {
        self.kind != SourceFileKind::Live
    }

    /// Whether it is a file that says all that is known of its cluster, and nothing else.
    pub fn is_whole_snapshot(&self) -> bool {
        self.kind == SourceFileKind::File && self.document.is_none()
    }
}

impl Location {
    /// A place whose lines are yet to be looked up.
    pub fn new(file: Arc<SourceFile>, pointer: Pointer) -> Self {
        Self { file, pointer, span: LineSpan::default(), excerpt: None }
    }
}

#[cfg(test)]
mod tests {
    use super::Location;

    #[test]
    fn a_location_is_small() {
        // Of a fleet, every finding is kept until it is reported.
        assert!(size_of::<Location>() <= 56);
    }
}
