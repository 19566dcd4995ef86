//! The text of one rule file: reads it strictly, and says where in it a mistake is.

use super::file::{Example, RuleFile, SpannedText};
use super::strict;
use crate::snapshot::{Schema, Type, schema, section};
use crate::text::{bounded, not_known};
use crate::value::position::LineColumn;
use crate::value::{Json, Pointer, Problem};
use bumpalo::Bump;
use serde::de::DeserializeOwned;
use std::path::Path;

/// The deepest YAML nesting of a rule file.
const MAX_NESTING: usize = 64;

/// A rule file's name and text.
pub(super) struct RuleDocument<'d> {
    pub(super) name: &'d str,
    pub(super) text: &'d str,
    /// The same as JSON, without examples: a built-in rule has it, to be read when ekslint starts.
    pub(super) json: Option<&'d str>,
}

impl RuleDocument<'_> {
    /// What the file says; `strict` also looks for what YAML hides, and checks the examples.
    pub(super) fn read(&self, strict: bool) -> Result<RuleFile, Problem> {
        if strict {
            self.check_nesting()?;
            if let Some((message, place)) = strict::first_trap(self.text) {
                return Err(Problem::at(self.name, place, message));
            }
        }
        let file: RuleFile = self.parse()?;
        if strict {
            for (at, example) in file.examples.iter().enumerate() {
                self.check_example(at, &example.value)
                    .map_err(|problem| Problem { rule: Some(file.id.value.clone()), ..problem })?;
            }
        }
        Ok(file)
    }

    /// What the file says, from its JSON; it tells no places.
    pub(super) fn read_json(&self) -> Option<RuleFile> {
        serde_json::from_str(self.json?).ok()
    }

    /// The text as what it is to be.
    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        self.check_nesting()?;
        serde_saphyr::from_str(self.text).map_err(|error| self.yaml_error(&error))
    }

    /// Nesting is bounded before any recursive reader sees the text.
    fn check_nesting(&self) -> Result<(), Problem> {
        let flow = self.text.bytes().fold((0_usize, 0_usize), |(depth, most), byte| match byte {
            b'[' | b'{' => (depth + 1, most.max(depth + 1)),
            b']' | b'}' => (depth.saturating_sub(1), most),
            _ => (depth, most),
        });
        let spaces = |line: &str| line.len() - line.trim_start_matches([' ', '-']).len();
        let block = self.text.lines().map(spaces).max().unwrap_or_default();
        if flow.1 > 16 * MAX_NESTING || block > 8 * MAX_NESTING {
            return Err(Problem::of_file(self.name, "nests too deeply"));
        }
        Ok(())
    }

    /// The folder that the file is in.
    pub(super) fn area(&self) -> String {
        let parent = Path::new(self.name).parent().and_then(Path::file_name);
        parent.map_or_else(|| "custom".to_owned(), |name| name.to_string_lossy().into_owned())
    }

    fn yaml_error(&self, error: &serde_saphyr::Error) -> Problem {
        let place = error.location().map(|at| (to_usize(at.line()), to_usize(at.column())));
        let message = match error.without_snippet() {
            serde_saphyr::Error::SerdeUnknownField { field, expected, .. } => {
                not_known("key", field, expected)
            }
            serde_saphyr::Error::SerdeUnknownVariant { variant, expected, .. } => {
                not_known("value", variant, expected)
            }
            serde_saphyr::Error::Unexpected { expected, .. } => format!("a {expected} is needed here"),
            serde_saphyr::Error::MultipleDocuments { .. } => {
                "has more than one YAML document; write one a file".to_owned()
            }
            serde_saphyr::Error::Eof { .. } => "is empty".to_owned(),
            serde_saphyr::Error::SerdeMissingField { field, .. } => format!("the key `{field}` is missing"),
            serde_saphyr::Error::DuplicateMappingKey { key: Some(key), .. } => {
                format!("the key `{}` is here twice", bounded(key))
            }
            other => {
                let text = other.to_string();
                bounded(text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text))
            }
        };
        let said = place.map(|(line, column)| format!(" at line {line}, column {column}"));
        let message =
            message.strip_suffix(said.as_deref().unwrap_or_default()).unwrap_or(&message).to_owned();
        let place = place.map(|(line, column)| LineColumn::of(line, column));
        Problem { place, ..Problem::of_file(self.name, message) }
    }

    /// A mistake in a piece of text, at a range of its bytes.
    pub(super) fn error(
        &self,
        text: &SpannedText,
        range: Option<(usize, usize)>,
        message: String,
    ) -> Problem {
        let (line, column) = (to_usize(text.referenced.line()), to_usize(text.referenced.column()));
        let place = match range {
            Some((start, _)) => self.inner_place(text, start, line, column),
            None => (line, column),
        };
        Problem::at(self.name, LineColumn::of(place.0, place.1), message)
    }

    /// Line and column of a byte of a text that starts at a line and a column: at the opening quote,
    /// or at the first line of a block that is not blank.
    fn inner_place(&self, text: &SpannedText, offset: usize, line: usize, column: usize) -> (usize, usize) {
        let value = text.value.trim_start_matches('\n');
        let blank = text.value.len() - value.len();
        let mut left = value.get(..offset.saturating_sub(blank)).unwrap_or(value).chars().count();
        // A literal block keeps its lines; elsewhere YAML makes one line of them.
        let literal = value.trim_end().contains('\n');
        for (at, raw) in self.text.lines().enumerate().skip(line - 1) {
            let spaces = raw.chars().take_while(|c| *c == ' ').count();
            let start = match (at + 1 == line, literal) {
                (true, _) => column - 1 + usize::from(is_quoted(raw, column, value)),
                (false, true) => spaces.min(column - 1),
                (false, false) => spaces,
            };
            let length = raw.chars().count().saturating_sub(start);
            if left <= length {
                return (at + 1, start + left + 1);
            }
            left -= length + 1;
        }
        (line, column)
    }

    /// An example must be a snapshot as AWS prints it: a version that is a number is a mistake.
    fn check_example(&self, at: usize, example: &Example) -> Result<(), Problem> {
        let (text, arena) = (example.snapshot.to_string(), Bump::new());
        let not_one = |reason: String| format!("the example `{}` is not a snapshot: {reason}", example.name);
        let node = Json::parse(&text, &arena)
            .map_err(|error| Problem::of_file(self.name, not_one(error.to_string())))?;
        let entries = node.as_object().map(|object| object.entries()).unwrap_or_default();
        for (name, value) in entries {
            let Some(section) = section::by_name(name) else { continue };
            let place = Pointer::root().key(name);
            if let Some((wrong, reason)) = wrong_type(*value, schema().section(&section.name), &place) {
                let start = ["examples".to_owned(), at.to_string(), "snapshot".to_owned()];
                let path: Vec<_> = start.into_iter().chain(wrong.segments()).collect();
                let place = strict::place_of(self.text, &path);
                return Err(Problem { place, ..Problem::of_file(self.name, not_one(reason)) });
            }
        }
        Ok(())
    }
}

/// The first value that is not of the type that AWS documents. Examples may show such values on
/// purpose only as strings.
fn wrong_type(node: Json<'_>, ty: Type, place: &Pointer) -> Option<(Pointer, String)> {
    if !Schema::accepts(ty, &node) {
        let reason = format!("{place} is {}, not of type {}", node.kind(), schema().describe(ty));
        return Some((place.clone(), reason));
    }
    match node {
        Json::List(items) => {
            let item = schema().item(ty);
            items.iter().enumerate().find_map(|(at, node)| wrong_type(*node, item, &place.index(at)))
        }
        Json::Object(object) => object.entries().iter().find_map(|(name, node)| {
            let field = schema().select(ty, name).ok().flatten();
            wrong_type(*node, field.map_or(Type::Any, |field| field.ty), &place.key(name))
        }),
        _ => None,
    }
}

/// Whether a value is in quotes: then the line does not show its text where it starts.
fn is_quoted(line: &str, column: usize, value: &str) -> bool {
    let rest: String = line.chars().skip(column - 1).collect();
    let first = value.lines().next().unwrap_or_default();
    !rest.starts_with(first) && rest.starts_with(['"', '\''])
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
