//! Something wrong with a file, and where: what is told of inputs, rules, configurations, baselines and
//! imports alike.

use super::position::LineColumn;
use std::fmt;

/// Something wrong with a file, or worth knowing of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, as it is called in messages; else what stands for one, such as an option.
    pub file: String,
    /// Where in the file, if it has a place there.
    pub place: Option<LineColumn>,
    /// The rule that it is about, by id, where that could be read.
    pub rule: Option<String>,
    /// What it is, and the way out.
    pub message: String,
}

impl Problem {
    /// Something wrong with a file as a whole.
    pub fn of_file(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self { file: file.into(), place: None, rule: None, message: message.into() }
    }

    /// Something wrong at a place of a file.
    pub fn at(file: impl Into<String>, place: LineColumn, message: impl Into<String>) -> Self {
        Self { place: Some(place), ..Self::of_file(file, message) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Some(place) => write!(f, "{}:{place}: {}", self.file, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::Problem;
    use crate::value::position::LineColumn;

    #[test]
    fn editors_can_jump_to_the_place() {
        assert_eq!(Problem::of_file("a.json", "is empty").to_string(), "a.json: is empty");
        let place = LineColumn::of(2, 7);
        assert_eq!(Problem::at("a.json", place, "is not JSON").to_string(), "a.json:2:7: is not JSON");
    }
}
