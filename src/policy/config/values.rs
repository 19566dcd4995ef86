//! Reads single values of the configuration file. What is wrong is taken down with its place and the
//! name of its field, and reading goes on: a file's mistakes are reported all at once.

use super::keys::{ConfigKey, NEVER, SWITCH, names};
use super::{ConfiguredOutput, FailOn, Located};
use crate::policy::LevelChoice;
use crate::rule::{RulePattern, Severity};
use crate::text::{bounded, nearest, not_known};
use crate::value::Problem;
use crate::value::position::{LineIndex, LineSpan};
use chrono::NaiveDate;
use globset::{Glob, GlobMatcher};
use serde_json::Value;
use std::ops::Range;
use std::path::PathBuf;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

/// A value with its field's name.
pub(super) struct ConfigField<'v> {
    /// The names that lead to it, joined by dots.
    pub(super) path: String,
    pub(super) value: &'v Spanned<DeValue<'v>>,
}

/// What reading a file needs, and the mistakes so far.
pub(super) struct ConfigReader<'t> {
    pub(super) file: String,
    pub(super) folder: PathBuf,
    pub(super) lines: LineIndex<'t>,
    pub(super) errors: Vec<Problem>,
}

impl ConfigReader<'_> {
    pub(super) fn region(&self, span: Range<usize>) -> LineSpan {
        self.lines.region(&span)
    }

    /// Takes down a mistake.
    pub(super) fn wrong(&mut self, span: Range<usize>, path: &str, message: &str) {
        self.wrong_at(self.region(span), path, message);
    }

    fn wrong_at(&mut self, region: LineSpan, path: &str, message: &str) {
        let message =
            if path.is_empty() { message.to_owned() } else { format!("{}: {message}", bounded(path)) };
        self.errors.push(Problem::at(&self.file, region.start(), message));
    }

    /// Takes down a value that is none of what is needed.
    fn not(&mut self, field: &ConfigField<'_>, needed: &str) {
        let found = kind_of(field.value.get_ref());
        self.wrong(field.value.span(), &field.path, &format!("must be {needed}, not {found}"));
    }

    fn located<T>(&self, field: &ConfigField<'_>, value: T) -> Located<T> {
        Located { value, region: self.region(field.value.span()) }
    }

    /// A table that has only these keys.
    pub(super) fn table<'v>(
        &mut self,
        field: &ConfigField<'v>,
        keys: &[ConfigKey],
    ) -> Option<ConfigTable<'v>> {
        let DeValue::Table(table) = field.value.get_ref() else {
            self.not(field, "a table");
            return None;
        };
        Some(self.known(&field.path, table, keys))
    }

    /// Takes down the keys that are not known.
    pub(super) fn known<'v>(
        &mut self,
        path: &str,
        table: &'v DeTable<'v>,
        keys: &[ConfigKey],
    ) -> ConfigTable<'v> {
        let known = names(keys);
        for key in table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            let message = not_known("key", key.get_ref(), &known);
            self.wrong(key.span(), path, &message);
        }
        ConfigTable { path: path.to_owned(), table }
    }

    /// The entries of a table whose keys are free.
    pub(super) fn entries<'v>(
        &mut self,
        field: &ConfigField<'v>,
        needed: &str,
    ) -> Vec<(Located<String>, ConfigField<'v>)> {
        let DeValue::Table(table) = field.value.get_ref() else {
            self.not(field, needed);
            return Vec::new();
        };
        let entry = |(key, value): (&'v Spanned<_>, &'v Spanned<DeValue<'v>>)| {
            let name: &std::borrow::Cow<'v, str> = key.get_ref();
            let path = format!("{}.{name}", field.path);
            let key = Located { value: name.to_string(), region: self.region(key.span()) };
            (key, ConfigField { path, value })
        };
        table.iter().map(entry).collect()
    }

    pub(super) fn flag(&mut self, field: &ConfigField<'_>) -> Option<Located<bool>> {
        let flag = field.value.get_ref().as_bool();
        if flag.is_none() {
            self.not(field, "true or false");
        }
        flag.map(|flag| self.located(field, flag))
    }

    pub(super) fn text(&mut self, field: &ConfigField<'_>) -> Option<Located<String>> {
        let text = field.value.get_ref().as_str();
        if text.is_none() {
            self.not(field, "a text in quotes");
        }
        text.map(|text| self.located(field, text.to_owned()))
    }

    /// A text in which something is written.
    pub(super) fn filled(&mut self, field: &ConfigField<'_>) -> Option<Located<String>> {
        let text = self.text(field)?;
        if text.value.trim().is_empty() {
            self.wrong(field.value.span(), &field.path, "must not be empty");
            return None;
        }
        Some(text)
    }

    /// The items of a list.
    pub(super) fn items<'v>(&mut self, field: &ConfigField<'v>, of: &str) -> Option<Vec<ConfigField<'v>>> {
        let DeValue::Array(items) = field.value.get_ref() else {
            self.not(field, &format!("a list of {of}"));
            return None;
        };
        Some(items.iter().map(|value| ConfigField { path: field.path.clone(), value }).collect())
    }

    /// A list, each item read by itself.
    fn list<T>(
        &mut self,
        field: &ConfigField<'_>,
        of: &str,
        read: impl Fn(&mut Self, &ConfigField<'_>) -> Option<T>,
    ) -> Option<Located<Vec<T>>> {
        let items = self.items(field, of)?;
        let read: Vec<_> = items.iter().filter_map(|item| read(self, item)).collect();
        Some(self.located(field, read))
    }

    pub(super) fn texts(&mut self, field: &ConfigField<'_>) -> Option<Located<Vec<String>>> {
        self.list(field, "texts", |reader, item| reader.filled(item).map(|text| text.value))
    }

    /// Address blocks.
    pub(super) fn cidrs(&mut self, field: &ConfigField<'_>) -> Option<Located<Vec<String>>> {
        self.list(field, "address blocks", |reader, item| {
            let text = reader.filled(item)?.value;
            if text.parse::<ipnet::IpNet>().is_err() {
                let message = format!("`{}` is not an address block such as 203.0.113.0/24", bounded(&text));
                reader.wrong(item.value.span(), &item.path, &message);
                return None;
            }
            Some(text)
        })
    }

    pub(super) fn path(&mut self, field: &ConfigField<'_>) -> Option<Located<PathBuf>> {
        let text = self.filled(field)?;
        Some(self.located(field, self.folder.join(text.value)))
    }

    pub(super) fn paths(&mut self, field: &ConfigField<'_>) -> Option<Located<Vec<PathBuf>>> {
        self.list(field, "paths", |reader, item| reader.path(item).map(|path| path.value))
    }

    /// Globs that stay texts: they go to the search of directories.
    pub(super) fn excludes(&mut self, field: &ConfigField<'_>) -> Option<Located<Vec<String>>> {
        self.list(field, "globs", |reader, item| {
            reader.glob(item).map(|glob| glob.value.glob().glob().to_owned())
        })
    }

    pub(super) fn glob(&mut self, field: &ConfigField<'_>) -> Option<Located<GlobMatcher>> {
        let text = self.filled(field)?;
        let glob = self.matcher(&text.value, text.region, &field.path)?;
        Some(self.located(field, glob))
    }

    /// The matcher of a glob at a place of the file.
    pub(super) fn matcher(&mut self, text: &str, region: LineSpan, path: &str) -> Option<GlobMatcher> {
        match Glob::new(text) {
            Ok(glob) => Some(glob.compile_matcher()),
            Err(error) => {
                let message = format!("`{}` is not a glob: {}", bounded(text), error.kind());
                self.wrong_at(region, path, &message);
                None
            }
        }
    }

    /// A glob, or a list of at least one.
    pub(super) fn globs(&mut self, field: &ConfigField<'_>) -> Vec<Located<GlobMatcher>> {
        match field.value.get_ref() {
            DeValue::String(_) => self.glob(field).into_iter().collect(),
            DeValue::Array(items) if items.is_empty() => {
                self.wrong(field.value.span(), &field.path, "must not be empty");
                Vec::new()
            }
            DeValue::Array(_) => {
                self.list(field, "globs", Self::glob).map(|globs| globs.value).unwrap_or_default()
            }
            _ => {
                self.not(field, "a text in quotes or a list of them");
                Vec::new()
            }
        }
    }

    /// Ids, aliases of other tools or globs over ids, at least one.
    pub(super) fn rule_patterns(&mut self, field: &ConfigField<'_>) -> Vec<Located<RulePattern>> {
        let pattern = |Located { value, region }| Located { value: RulePattern::new(value), region };
        self.globs(field).into_iter().map(pattern).collect()
    }

    pub(super) fn matchers(&mut self, field: &ConfigField<'_>) -> Vec<GlobMatcher> {
        self.globs(field).into_iter().map(|glob| glob.value).collect()
    }

    /// One of some words.
    fn word(&mut self, field: &ConfigField<'_>, known: &[&str]) -> Option<String> {
        let text = self.text(field)?.value;
        if known.contains(&text.as_str()) {
            return Some(text);
        }
        let hint = nearest(&text, known.iter().copied());
        let message = format!("`{}` is none of {}{hint}", bounded(&text), known.join(", "));
        self.wrong(field.value.span(), &field.path, &message);
        None
    }

    pub(super) fn severity(&mut self, field: &ConfigField<'_>) -> Option<Located<Severity>> {
        let word = self.word(field, &severities())?;
        severity(&word).map(|severity| self.located(field, severity))
    }

    pub(super) fn fail_on(&mut self, field: &ConfigField<'_>) -> Option<Located<FailOn>> {
        let word = self.word(field, &with_severities(&[NEVER]))?;
        let fail_on = severity(&word).map_or(FailOn::Never, FailOn::Severity);
        Some(self.located(field, fail_on))
    }

    pub(super) fn level(&mut self, field: &ConfigField<'_>) -> Option<Located<LevelChoice>> {
        let word = self.word(field, &levels())?;
        let level = LevelChoice::named(&word)?;
        Some(self.located(field, level))
    }

    /// A word that says how a rule runs: on or off, or on at a severity.
    pub(super) fn switch(
        &mut self,
        field: &ConfigField<'_>,
    ) -> Option<(Located<bool>, Option<Located<Severity>>)> {
        let word = self.word(field, &with_severities(&SWITCH))?;
        let severity = severity(&word).map(|severity| self.located(field, severity));
        Some((self.located(field, word != SWITCH[1]), severity))
    }

    pub(super) fn outputs(&mut self, field: &ConfigField<'_>) -> Option<Located<Vec<ConfiguredOutput>>> {
        self.list(field, "formats", |reader, item| {
            let text = reader.filled(item)?;
            let (format, file) = match text.value.split_once('=') {
                Some((_, "")) => {
                    reader.wrong(item.value.span(), &item.path, "the file after `=` is missing");
                    return None;
                }
                Some((format, file)) => (format, Some(file)),
                None => (text.value.as_str(), None),
            };
            let file = file.filter(|file| *file != "-").map(|file| reader.folder.join(file));
            Some(ConfiguredOutput { format: reader.located(item, format.to_owned()), file })
        })
    }

    /// A day: a date of TOML, or a text.
    pub(super) fn date(&mut self, field: &ConfigField<'_>) -> Option<Located<NaiveDate>> {
        let written = match field.value.get_ref() {
            DeValue::Datetime(date) => date.to_string(),
            DeValue::String(text) => text.trim().to_owned(),
            _ => {
                self.not(field, "a day such as 2026-12-31");
                return None;
            }
        };
        let Ok(date) = written.parse::<NaiveDate>() else {
            let message = format!("`{}` is not a day; write it as 2026-12-31", bounded(&written));
            self.wrong(field.value.span(), &field.path, &message);
            return None;
        };
        Some(self.located(field, date))
    }

    /// A value as JSON: of a type that a parameter may have.
    pub(super) fn param(&mut self, field: &ConfigField<'_>) -> Option<Located<Value>> {
        let value = json(field.value.get_ref());
        if value.is_none() {
            self.not(field, "a text, a whole number, true or false, or a list of texts");
        }
        value.map(|value| self.located(field, value))
    }
}

/// A table of the file.
pub(super) struct ConfigTable<'v> {
    pub(super) path: String,
    table: &'v DeTable<'v>,
}

impl<'v> ConfigTable<'v> {
    /// A field, if it is set.
    pub(super) fn get(&self, key: &str) -> Option<ConfigField<'v>> {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        self.table.get(key).map(|value| ConfigField { path, value })
    }
}

fn json(value: &DeValue<'_>) -> Option<Value> {
    match value {
        DeValue::String(text) => Some(Value::from(text.as_ref())),
        DeValue::Integer(number) => integer(number).map(Value::from),
        DeValue::Boolean(flag) => Some(Value::from(*flag)),
        DeValue::Array(items) => items
            .iter()
            .map(|item| item.get_ref().as_str().map(Value::from))
            .collect::<Option<Vec<_>>>()
            .map(Value::from),
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}

fn integer(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

fn severity(word: &str) -> Option<Severity> {
    Severity::ALL.into_iter().find(|severity| severity.as_str() == word)
}

/// The names of the severities, worst first.
pub(super) fn severities() -> Vec<&'static str> {
    Severity::ALL.iter().map(|severity| severity.as_str()).collect()
}

/// The names of the levels.
pub(super) fn levels() -> Vec<&'static str> {
    LevelChoice::ALL.iter().map(|level| level.as_str()).collect()
}

/// Words, and the severities after them.
pub(super) fn with_severities(words: &[&'static str]) -> Vec<&'static str> {
    words.iter().copied().chain(severities()).collect()
}

/// What a value is, as text.
fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
