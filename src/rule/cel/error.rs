//! Unknowns travel through CEL as errors, so that `&&`, `||`, `all` and `exists` decide when the
//! known part suffices. This module puts them in and takes them out again.

use super::unknowns;
use crate::snapshot::{Section, Type, Unknown, UnknownKind, schema, section};
use crate::text::bounded;
use crate::value::Pointer;
use cel::ExecutionError;

/// The function name under which an unknown travels.
const UNKNOWN: &str = "@unknown";

/// The function name under which it travels that a value of the snapshot does not parse.
const INVALID: &str = "@invalid";

/// What the type of symbols is called; an error of the interpreter that names it is one about something unknown.
pub(super) const SYMBOL_TYPE: &str = "ekslint.Symbol";

/// Functions of the `cel` crate whose failure says that a value does not parse, rather than that the
/// rule is wrong. Their messages do not name them.
const CEL_PARSERS: [&str; 6] = ["timestamp", "duration", "int", "uint", "double", "bool"];

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
    let message = unknowns::position(unknown).to_string();
    ExecutionError::FunctionError { function: UNKNOWN.to_owned(), message }
}

/// The unknown that an error carries.
fn carried(message: &str) -> Unknown {
    let known = message.parse().ok().and_then(unknowns::at);
    known.unwrap_or_else(|| Unknown::undecided("unknown".to_owned()))
}

/// Fails because a value of the snapshot does not parse: that is unknown, and no mistake of the rule.
pub(super) fn invalid<T>(message: impl Into<String>) -> Result<T, ExecutionError> {
    Err(ExecutionError::FunctionError { function: INVALID.to_owned(), message: message.into() })
}

/// A field that is not in the snapshot.
pub(crate) fn absent(ty: Type, name: &str) -> ExecutionError {
    ExecutionError::no_such_key(&place_of(ty, name))
}

/// A key that a complete section does not have.
pub(crate) fn no_item(section: &Section, key: &str) -> ExecutionError {
    ExecutionError::no_such_key(Pointer::root().key(&section.name).key(key).as_str())
}

/// Selecting on something that has no fields.
pub(crate) fn no_field(type_name: &str, name: &str) -> ExecutionError {
    ExecutionError::no_such_overload("_._", vec![type_name.to_owned(), format!("'{name}'")])
}

/// Where a field of that type is in a snapshot: `/nodegroups/*/version`.
pub(crate) fn place_of(ty: Type, name: &str) -> String {
    let place = match ty {
        Type::Struct(id) => schema().place_of(id),
        _ => None,
    };
    Pointer::parse(place.unwrap_or_default()).key(name).to_string()
}

/// What it means that an evaluation ran out of its budget.
pub(crate) fn too_many_steps() -> Failure {
    Failure::Error("the expression takes too many steps".to_owned())
}

/// What an error of the interpreter means.
pub(crate) fn classify(error: &ExecutionError) -> Failure {
    match error {
        ExecutionError::FunctionError { function, message } if function == UNKNOWN => {
            Failure::Unknown(carried(message))
        }
        ExecutionError::FunctionError { function, message } if function == INVALID => {
            Failure::Unknown(Unknown::invalid(bounded(message), ""))
        }
        ExecutionError::FunctionError { function, message } if CEL_PARSERS.contains(&function.as_str()) => {
            Failure::Unknown(Unknown::invalid(bounded(&format!("{function}(): {message}")), ""))
        }
        ExecutionError::NoSuchKey(place) => Failure::Unknown(absent_place(place)),
        ExecutionError::IndexOutOfBounds(_) => {
            Failure::Unknown(Unknown::undecided("a list is shorter than the rule reads".to_owned()))
        }
        // Of numbers and times of the snapshot: no rule looks at each of them before it computes.
        ExecutionError::Overflow(..) => {
            let reason = "a number or a time is too large to compute with".to_owned();
            Failure::Unknown(Unknown::invalid(reason, ""))
        }
        // What nothing of ours saw: an operator of the interpreter that was given a symbol.
        ExecutionError::NoSuchOverload(_)
        | ExecutionError::UnexpectedType { .. }
        | ExecutionError::UnsupportedKeyType(_)
            if error.to_string().contains(SYMBOL_TYPE) =>
        {
            let reason = "a value is known only after apply".to_owned();
            Failure::Unknown(Unknown { kind: UnknownKind::UntilApply, ..Unknown::undecided(reason) })
        }
        ExecutionError::InternalError(message) => Failure::Error(bounded(message)),
        other => Failure::Error(bounded(&other.to_string())),
    }
}

/// The unknown for a key that is not there: a pointer of ours, or the key of a map that the rule
/// itself made.
fn absent_place(place: &str) -> Unknown {
    if !place.starts_with('/') {
        let reason = bounded(&format!("there is no `{place}`"));
        return Unknown { reason, ..Unknown::field_absent("", None) };
    }
    let segments: Vec<_> = Pointer::parse(place).segments().collect();
    let section = segments.first().and_then(|name| section::by_name(name));
    let api = section.and_then(|section| Some(section.describe_call()?.api.clone()));
    match (section, segments.as_slice()) {
        (Some(section), [_, key]) if section.is_list() && key != "*" => Unknown {
            reason: bounded(&format!("{} has no {key}", section.name)),
            ..Unknown::field_absent(&format!("/{}", section.name), api)
        },
        _ => Unknown::field_absent(place, api),
    }
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
