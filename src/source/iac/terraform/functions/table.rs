//! What a row of the table of functions says.

use super::call::{FunctionArgs, FunctionOutcome};

/// What a function is about: the groups of Terraform's documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FunctionGroup {
    /// Numbers.
    Numeric,
    /// Texts.
    String,
    /// Lists, maps and sets.
    Collection,
    /// Encodings.
    Encoding,
    /// The file system.
    Filesystem,
    /// Dates and times.
    Time,
    /// Hashes and cryptography.
    Hash,
    /// Networks.
    Network,
    /// Types.
    Type,
}

/// How a function is evaluated.
#[derive(Clone, Copy)]
pub enum FunctionWork {
    /// From its arguments.
    Pure(PureFunction),
    /// Not here: whoever evaluates expressions does it, as it takes files or expressions that were not evaluated.
    Elsewhere,
    /// Its value is never known before apply, or not worth to be worked out, for this reason.
    NotKnown(&'static str),
}

/// What works out a function from its arguments.
#[derive(Clone, Copy)]
pub struct PureFunction(pub(super) fn(&FunctionArgs) -> FunctionOutcome);

/// Which sensitive arguments make the result sensitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionMarks {
    /// Those with anything sensitive in them.
    Any,
    /// Those that are sensitive as a whole: items keep what they have.
    Whole,
    /// The function says so itself.
    Own,
}

/// A function.
#[derive(Clone, Copy)]
pub struct FunctionRow {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub group: FunctionGroup,
    /// How many arguments it takes at least.
    pub min: usize,
    /// How many it takes at most; none for any number.
    pub max: Option<usize>,
    /// Which sensitive arguments make the result sensitive.
    pub marks: FunctionMarks,
    /// How it is evaluated.
    pub work: FunctionWork,
    /// Whether only OpenTofu has it.
    pub tofu: bool,
}

impl FunctionRow {
    /// A function that gives a scalar, or what has no item of its arguments.
    pub(super) const fn scalar(
        name: &'static str,
        group: FunctionGroup,
        (min, max): (usize, Option<usize>),
        work: fn(&FunctionArgs) -> FunctionOutcome,
    ) -> Self {
        let work = FunctionWork::Pure(PureFunction(work));
        Self { name, group, min, max, marks: FunctionMarks::Any, work, tofu: false }
    }

    /// A function whose result has items of its arguments.
    pub(super) const fn items(
        name: &'static str,
        group: FunctionGroup,
        arguments: (usize, Option<usize>),
        work: fn(&FunctionArgs) -> FunctionOutcome,
    ) -> Self {
        Self { marks: FunctionMarks::Whole, ..Self::scalar(name, group, arguments, work) }
    }

    /// A function whose value is not known.
    pub(super) const fn not_known(
        name: &'static str,
        group: FunctionGroup,
        (min, max): (usize, Option<usize>),
        reason: &'static str,
    ) -> Self {
        let work = FunctionWork::NotKnown(reason);
        Self { name, group, min, max, marks: FunctionMarks::Any, work, tofu: false }
    }

    /// The same function, which only OpenTofu has.
    pub(super) const fn of_tofu(self) -> Self {
        Self { tofu: true, ..self }
    }

    /// The same function, which says itself what is sensitive.
    pub(super) const fn marking(self) -> Self {
        Self { marks: FunctionMarks::Own, ..self }
    }

    /// How many arguments it takes, in words: `1 argument`, `2 or more arguments`.
    pub fn takes(&self) -> String {
        match (self.min, self.max) {
            (0, None) => "any number of arguments".to_owned(),
            (min, None) => format!("{min} or more arguments"),
            (1, Some(1)) => "1 argument".to_owned(),
            (min, Some(max)) if min == max => format!("{min} arguments"),
            (min, Some(max)) => format!("{min} to {max} arguments"),
        }
    }
}
