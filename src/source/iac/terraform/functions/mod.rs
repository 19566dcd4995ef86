//! The functions of Terraform and OpenTofu, on values of which not all is known.
//!
//! What is not known in the arguments makes the result unknown, for the same reason, but where what is known decides: the
//! length of a list with unknown items, `contains` with an item that is equal, `join` and `format` around a symbol. A result
//! is never known that would be another one with another value in place of what is not known.

mod call;
mod collections;
mod encoding;
mod files;
mod format;
mod hash;
mod network;
mod numbers;
mod patterns;
mod sets;
mod strings;
mod table;
mod time;
mod types;

use super::convert;
use crate::source::iac::{Place, TemplateValue, ValueKind};
use call::{FunctionArgs, FunctionStop};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

pub use call::FunctionError;
pub use encoding::{Notation, decoded};
pub use table::{FunctionGroup, FunctionMarks, FunctionRow, FunctionWork, PureFunction};

static ROWS: LazyLock<Vec<FunctionRow>> = LazyLock::new(|| {
    let mut rows = [
        collections::ROWS,
        encoding::ROWS,
        files::ROWS,
        format::ROWS,
        hash::ROWS,
        network::ROWS,
        numbers::ROWS,
        patterns::ROWS,
        sets::ROWS,
        strings::ROWS,
        time::ROWS,
        types::ROWS,
    ]
    .concat();
    rows.sort_by_key(|row| (row.group, row.name));
    rows
});

static BY_NAME: LazyLock<FxHashMap<&'static str, &'static FunctionRow>> =
    LazyLock::new(|| ROWS.iter().map(|row| (row.name, row)).collect());

/// All functions, by group and name.
pub fn functions() -> &'static [FunctionRow] {
    &ROWS
}

/// The function of a name, with or without `core::`.
pub fn function(name: &str) -> Option<&'static FunctionRow> {
    BY_NAME.get(name.strip_prefix("core::").unwrap_or(name)).copied()
}

/// Whether there is a function of this name. Those of providers are not known.
pub fn is_function(name: &str) -> bool {
    function(name).is_some()
}

/// The value of a call at a place. A function of a provider and one that only whoever evaluates expressions can work out give
/// an unknown value that says so.
///
/// ```
/// use ekslint::source::iac::{TemplateValue, terraform::functions};
///
/// let name = TemplateValue::text("Apps", None);
/// assert_eq!(functions::call("lower", vec![name], None).unwrap().as_str(), Some("apps"));
/// let error = functions::call("lowr", vec![], None).unwrap_err();
/// assert_eq!(error.to_string(), "there is no function `lowr`; did you mean `lower`?");
/// ```
pub fn call(
    name: &str,
    args: Vec<TemplateValue>,
    place: Option<Place>,
) -> Result<TemplateValue, FunctionError> {
    if name.starts_with("provider::") {
        return Ok(TemplateValue::unknown(format!("`{name}` is a function of a provider"), None, place));
    }
    let Some(row) = function(name) else {
        let hint = crate::text::nearest(name, ROWS.iter().map(|row| row.name));
        return Err(FunctionError::NoFunction { name: crate::text::bounded(name), hint });
    };
    let given = args.len();
    if given < row.min || row.max.is_some_and(|max| given > max) {
        return Err(FunctionError::Count { name: row.name, takes: row.takes(), given });
    }
    run(row, FunctionArgs { name: row.name, args, place })
}

fn run(row: &FunctionRow, call: FunctionArgs) -> Result<TemplateValue, FunctionError> {
    if !convert::is_bounded(&call.args) {
        let reason = format!("`{}` has more than {} values in its arguments", row.name, convert::MAX_VALUES);
        return Ok(call.unknown_result(reason));
    }
    let sensitive = match row.marks {
        FunctionMarks::Any => call.args.iter().any(has_sensitive),
        FunctionMarks::Whole => call.args.iter().any(|arg| arg.sensitive),
        FunctionMarks::Own => false,
    };
    let outcome = match row.work {
        FunctionWork::Pure(PureFunction(work)) => work(&call),
        FunctionWork::Elsewhere => {
            Err(FunctionStop::NotKnown(format!("`{}` is not evaluated here", row.name)))
        }
        FunctionWork::NotKnown(reason) => Err(FunctionStop::NotKnown(format!("`{}` {reason}", row.name))),
    };
    let mut value = match outcome {
        Ok(value) => value,
        Err(FunctionStop::NotKnown(reason)) => call.unknown_result(reason),
        Err(FunctionStop::Wrong(error)) => return Err(error),
    };
    value.sensitive |= sensitive;
    value.place = value.place.or(call.place);
    Ok(value)
}

/// Whether a value or anything in it must not be shown.
fn has_sensitive(value: &TemplateValue) -> bool {
    value.sensitive
        || match &value.kind {
            ValueKind::List(items) => items.iter().any(has_sensitive),
            ValueKind::Map(fields) => fields.values().any(has_sensitive),
            _ => false,
        }
}
