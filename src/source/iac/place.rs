//! Where a value of a template is written, and which other place it came through.

use std::ops::Range;
use std::sync::Arc;

/// A file of a template, by its position in [`Template::files`](super::Template::files).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// Where a value is written: a scalar shows itself, a list, a block or an object its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// Bytes of the file's text.
    pub start: u32,
    /// The end of them.
    pub end: u32,
    /// The second place: where the value came from, if that is another one.
    pub via: Option<Arc<PlaceVia>>,
}

/// The second place of a value: the default of a variable, a line of a `.tfvars` file, the inner line of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceVia {
    /// The place.
    pub place: Place,
    /// What is there, in words that follow a value: `default of var.cidrs`, `set in prod.tfvars`.
    pub words: String,
}

impl Place {
    /// A range of a file.
    pub fn new(file: FileId, range: Range<usize>) -> Self {
        let bound = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { file, start: bound(range.start), end: bound(range.end), via: None }
    }

    /// The bytes of the file's text.
    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The same place, reached through another one. What was known of the way before is kept: it is nearer to where
    /// the value is written.
    #[must_use]
    pub fn through(mut self, place: &Self, words: impl FnOnce() -> String) -> Self {
        if self.via.is_none() {
            let via = PlaceVia { place: Self { via: None, ..place.clone() }, words: words() };
            self.via = place.via.clone().or_else(|| Some(Arc::new(via)));
        }
        self
    }
}
