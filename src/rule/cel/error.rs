//! Unknowns travel through CEL as errors, so that `&&`, `||`, `all` and `exists` decide when the
//! known part suffices. This module puts them in and takes them out again.

use super::budget;
use crate::snapshot::{Section, Type, Unknown, UnknownKind, schema, section};
use cel::ExecutionError;

/// The function name under which an unknown travels.
const UNKNOWN: &str = "@unknown";

/// Functions whose failure says that a value does not parse, rather than that a rule is wrong.
const PARSERS: [&str; 12] = [
    "cidr",
    "ip",
    "cidrs",
    "minor",
    "semver",
    "time",
    "json",
    "timestamp",
    "duration",
    "int",
    "uint",
    "double",
];

/// The longest error text kept.
const MAX_TEXT: usize = 300;

/// How an evaluation can fail.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// It depends on something that is not known.
    Unknown(Unknown),
    /// The rule is wrong.
    Error(String),
}

/// An unknown as an error.
pub(crate) fn unknown(unknown: &Unknown) -> ExecutionError {
    let message = [
        kind_code(unknown.kind),
        &unknown.reason,
        &unknown.at,
        unknown.api.as_deref().unwrap_or_default(),
        unknown.action.as_deref().unwrap_or_default(),
    ];
    ExecutionError::FunctionError { function: UNKNOWN.to_owned(), message: message.join("\u{0}") }
}

/// A field that is not in the snapshot.
pub(crate) fn absent(ty: Type, name: &str) -> ExecutionError {
    ExecutionError::no_such_key(&place_of(ty, name))
}

/// A key that a complete section does not have.
pub(crate) fn no_item(section: &Section, key: &str) -> ExecutionError {
    ExecutionError::no_such_key(&format!("/{}/{key}", section.name))
}

/// Selecting on something that has no fields.
pub(crate) fn no_field(type_name: &str, name: &str) -> ExecutionError {
    ExecutionError::no_such_overload("_._", vec![type_name.to_owned(), format!("'{name}'")])
}

/// Where a field of that type stands in a snapshot: `/nodegroups/*/version`.
pub(crate) fn place_of(ty: Type, name: &str) -> String {
    let place = match ty {
        Type::Struct(id) => schema().place_of(id),
        _ => None,
    };
    format!("{}/{name}", place.unwrap_or_default())
}

/// What an error of the interpreter means.
pub(crate) fn classify(error: &ExecutionError) -> Failure {
    if budget::exhausted() {
        return Failure::Error("the expression takes too many steps".to_owned());
    }
    match error {
        ExecutionError::FunctionError { function, message } if function == UNKNOWN => {
            Failure::Unknown(decode(message))
        }
        ExecutionError::FunctionError { function, message } if PARSERS.contains(&function.as_str()) => {
            Failure::Unknown(Unknown::invalid(bounded(message), ""))
        }
        ExecutionError::NoSuchKey(place) => Failure::Unknown(absent_place(place)),
        ExecutionError::IndexOutOfBounds(_) => {
            Failure::Unknown(Unknown::undecided("a list is shorter than the rule reads".to_owned()))
        }
        other => Failure::Error(bounded(&other.to_string())),
    }
}

fn absent_place(place: &str) -> Unknown {
    let section = place.split('/').nth(1).and_then(section::by_name);
    let api = section.and_then(|section| Some(section.describe_call()?.api.clone()));
    match (section, place.matches('/').count()) {
        (Some(section), 2) if section.is_list() && !place.contains("/*") => Unknown {
            reason: format!("{} has no {}", section.name, place.rsplit('/').next().unwrap_or_default()),
            ..Unknown::field_absent(&format!("/{}", section.name), api)
        },
        _ => Unknown::field_absent(place, api),
    }
}

/// Text cut to a length that a terminal can bear.
pub(crate) fn bounded(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

const KINDS: [(&str, UnknownKind); 10] = [
    ("denied", UnknownKind::Denied),
    ("error", UnknownKind::Error),
    ("notApplicable", UnknownKind::NotApplicable),
    ("sharedVpc", UnknownKind::SharedVpc),
    ("notInSnapshot", UnknownKind::NotInSnapshot),
    ("incomplete", UnknownKind::Incomplete),
    ("fieldAbsent", UnknownKind::FieldAbsent),
    ("invalid", UnknownKind::Invalid),
    ("undecided", UnknownKind::Undecided),
    ("needsConfiguration", UnknownKind::NeedsConfiguration),
];

fn kind_code(kind: UnknownKind) -> &'static str {
    KINDS.iter().find(|(_, known)| *known == kind).map_or("undecided", |(code, _)| code)
}

fn decode(message: &str) -> Unknown {
    let mut parts = message.split('\u{0}');
    let mut next = || parts.next().unwrap_or_default().to_owned();
    let code = next();
    let kind =
        KINDS.iter().find(|(known, _)| *known == code).map_or(UnknownKind::Undecided, |(_, kind)| *kind);
    let (reason, at) = (next(), next());
    let mut optional = || Some(next()).filter(|text| !text.is_empty());
    Unknown { kind, reason, at, api: optional(), action: optional() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_comes_out_as_it_went_in() {
        let section = section::by_name("subnets").expect("a section");
        for before in [
            Unknown::section_absent(section),
            Unknown::invalid("'x' is not a CIDR".to_owned(), "/cluster"),
            Unknown {
                kind: UnknownKind::Denied,
                action: Some("eks:ListAddons".to_owned()),
                ..Unknown::section_absent(section)
            },
        ] {
            assert_eq!(classify(&unknown(&before)), Failure::Unknown(before));
        }
    }
}
