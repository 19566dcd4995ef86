//! Values as texts for people who ask what an expression gave: as JSON, as far as a reader follows it.

use super::{error, show, symbols, val};
use cel::ExecutionError;
use cel::common::traits::Iterable;
use cel::common::types::{CelOptional, CelString, Kind};
use cel::common::value::Val;
use std::fmt::Write;

/// How many values are written of one. More nobody reads, and a section may have a hundred thousand.
const MAX_VALUES: usize = 100;
/// How many bytes of a text are written.
const MAX_BYTES: usize = 600;

/// What is written where nothing is.
const ABSENT: &str = "absent";

/// A value as text.
///
/// # Errors
///
/// It is not known as a whole. What is not known in it is written so.
pub(super) fn shown(value: &dyn Val) -> Result<String, ExecutionError> {
    val::known(value)?;
    let mut page = ShownValue { text: String::new(), left: MAX_VALUES };
    page.value(value);
    Ok(page.text)
}

struct ShownValue {
    text: String,
    left: usize,
}

impl ShownValue {
    fn value(&mut self, value: &dyn Val) {
        if let Some(optional) = value.downcast_ref::<CelOptional>() {
            return match optional.option() {
                Some(value) => self.value(value),
                None => self.text.push_str(ABSENT),
            };
        }
        if let Err(error) = val::known(value) {
            return self.failed(&error);
        }
        if let Some(symbol) = symbols::symbol(value) {
            return self.quoted(symbol);
        }
        match value.get_type().kind() {
            Kind::List => self.list(value),
            Kind::Map => self.map(value),
            Kind::String => {
                let text = value.downcast_ref::<CelString>().map(|text| text.inner().to_owned());
                self.quoted(&text.unwrap_or_default());
            }
            Kind::NullType => self.text.push_str("null"),
            _ => self.text.push_str(&show(value)),
        }
    }

    fn failed(&mut self, error: &ExecutionError) {
        match error::classify(error) {
            error::Failure::Unknown(_) => self.text.push_str("unknown"),
            error::Failure::Error(_) => self.text.push('?'),
        }
    }

    fn quoted(&mut self, text: &str) {
        let cut = text.char_indices().map(|(at, _)| at).find(|at| *at >= MAX_BYTES);
        let (text, more) = match cut {
            Some(at) => (&text[..at], "…"),
            None => (text, ""),
        };
        let quoted = serde_json::Value::from(text).to_string();
        _ = write!(self.text, "{}{more}\"", &quoted[..quoted.len() - 1]);
    }

    /// Whether there is room for one more; if not, that is written.
    fn has_room(&mut self) -> bool {
        let has_room = self.left > 0 && self.text.len() < MAX_BYTES * 4;
        if !has_room && !self.text.ends_with('…') {
            self.text.push('…');
        }
        self.left = self.left.saturating_sub(1);
        has_room
    }

    fn list(&mut self, value: &dyn Val) {
        self.text.push('[');
        if let Some(items) = value.as_iterable() {
            let items: &dyn Iterable = items;
            let (mut items, mut first) = (items.iter(), true);
            while let Some(item) = items.next() {
                if !std::mem::take(&mut first) {
                    self.text.push_str(", ");
                }
                if !self.has_room() {
                    break;
                }
                self.value(item);
            }
        }
        self.text.push(']');
    }

    fn map(&mut self, value: &dyn Val) {
        self.text.push('{');
        if let (Some(keys), Some(fields)) = (value.as_iterable(), value.as_indexer()) {
            let keys: &dyn Iterable = keys;
            let (mut keys, mut first) = (keys.iter(), true);
            while let Some(key) = keys.next() {
                if !std::mem::take(&mut first) {
                    self.text.push_str(", ");
                }
                if !self.has_room() {
                    break;
                }
                if let Err(error) = val::known(key) {
                    self.failed(&error);
                    continue;
                }
                self.quoted(&show(key));
                self.text.push_str(": ");
                match fields.get(key) {
                    Ok(value) => self.value(value.as_ref()),
                    Err(error) => self.failed(&error),
                }
            }
        }
        self.text.push('}');
    }
}
