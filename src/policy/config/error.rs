//! Mistakes in a configuration, each with its place.

use crate::value::Problem;
use std::fmt;
use std::path::Path;

/// All mistakes of a configuration, in the order of the file; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<Problem>);

impl ConfigErrors {
    /// A file that cannot be read.
    pub(super) fn of_file(file: &Path, message: String) -> Self {
        Self(vec![Problem::of_file(file.display().to_string(), message)])
    }

    /// The mistakes in the order of the file, if there are any.
    pub(super) fn some(mut errors: Vec<Problem>) -> Result<(), Self> {
        errors.sort_by_key(|error| error.place);
        if errors.is_empty() { Ok(()) } else { Err(Self(errors)) }
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for ConfigErrors {}
