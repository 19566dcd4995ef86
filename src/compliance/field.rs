//! A field of a report in JSON, which knows where it stands.

use crate::text::bounded;
use serde_json::Value;
use std::fmt;
use std::str::FromStr;

/// A field and its path, `frameworks[0].controls[3].verdict`.
#[derive(Clone, Debug)]
pub(super) struct ReportField<'v> {
    value: &'v Value,
    path: String,
}

/// What is wrong with a field.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct FieldError(String);

impl FieldError {
    pub(super) fn new(text: String) -> Self {
        Self(text)
    }
}

impl<'v> ReportField<'v> {
    /// The whole report.
    pub(super) fn whole(value: &'v Value) -> Self {
        Self { value, path: String::new() }
    }

    /// A field of an object, if it is there.
    pub(super) fn optional(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        let dot = if self.path.is_empty() { "" } else { "." };
        Some(Self { value, path: format!("{}{dot}{name}", self.path) })
    }

    /// A field that must be there.
    pub(super) fn get(&self, name: &str) -> Result<Self, FieldError> {
        let missing = || match self.path.as_str() {
            "" => FieldError(format!("has no `{name}`")),
            path => FieldError(format!("`{path}` has no `{name}`")),
        };
        self.optional(name).ok_or_else(missing)
    }

    /// The items of a list, each read.
    pub(super) fn list<T>(
        &self,
        read: impl Fn(ReportField<'v>) -> Result<T, FieldError>,
    ) -> Result<Vec<T>, FieldError> {
        let items = self.value.as_array().ok_or_else(|| self.is_no("list"))?;
        let item = |(at, value)| read(Self { value, path: format!("{}[{at}]", self.path) });
        items.iter().enumerate().map(item).collect()
    }

    pub(super) fn text(&self) -> Result<&'v str, FieldError> {
        self.value.as_str().ok_or_else(|| self.is_no("text"))
    }

    pub(super) fn number(&self) -> Result<u64, FieldError> {
        self.value.as_u64().ok_or_else(|| self.is_no("whole number"))
    }

    /// A position in a list, from 0.
    pub(super) fn position(self) -> Result<usize, FieldError> {
        usize::try_from(self.number()?).map_err(|_| self.is_no("position"))
    }

    /// A text that means something.
    pub(super) fn parsed<T: FromStr>(&self, what: &str) -> Result<T, FieldError> {
        let wrong = |_| self.error(&format!("is {}, not {what}", bounded(&self.value.to_string())));
        self.text()?.parse().map_err(wrong)
    }

    pub(super) fn value(&self) -> &'v Value {
        self.value
    }

    /// What is wrong with it: a sentence without its subject.
    pub(super) fn error(&self, what: &str) -> FieldError {
        FieldError(format!("`{self}` {what}"))
    }

    fn is_no(&self, what: &str) -> FieldError {
        self.error(&format!("is {}, not a {what}", bounded(&self.value.to_string())))
    }
}

impl fmt::Display for ReportField<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}
