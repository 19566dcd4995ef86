//! Functions on types: conversions, what is sensitive, and errors.

use super::super::convert::{self, ConvertError};
use super::call::{FunctionArgs, FunctionOutcome};
use super::table::{FunctionGroup, FunctionRow, FunctionWork};
use crate::source::iac::{TemplateValue, ValueKind};
use std::sync::Arc;

const ONE: (usize, Option<usize>) = (1, Some(1));

pub(super) const ROWS: &[FunctionRow] = &[
    FunctionRow::scalar("can", FunctionGroup::Type, ONE, can),
    FunctionRow::items("ephemeralasnull", FunctionGroup::Type, ONE, same),
    FunctionRow::scalar("issensitive", FunctionGroup::Type, ONE, is_sensitive).marking(),
    FunctionRow::items("nonsensitive", FunctionGroup::Type, ONE, nonsensitive).marking(),
    FunctionRow::items("sensitive", FunctionGroup::Type, ONE, sensitive),
    FunctionRow::scalar("tobool", FunctionGroup::Type, ONE, |call| converted(call, convert::to_bool)),
    FunctionRow::items("tolist", FunctionGroup::Type, ONE, to_list),
    FunctionRow::items("tomap", FunctionGroup::Type, ONE, to_map),
    FunctionRow::scalar("tonumber", FunctionGroup::Type, ONE, |call| converted(call, convert::to_number)),
    FunctionRow::items("toset", FunctionGroup::Type, ONE, to_set),
    FunctionRow::scalar("tostring", FunctionGroup::Type, ONE, |call| converted(call, convert::to_text)),
    FunctionRow::items("try", FunctionGroup::Type, (1, None), same),
    FunctionRow {
        work: FunctionWork::Elsewhere,
        ..FunctionRow::items("type", FunctionGroup::Type, ONE, same)
    },
];

/// The first argument. Whoever evaluates `try` leaves out the arguments that are wrong.
fn same(call: &FunctionArgs) -> FunctionOutcome {
    Ok(call.args[0].clone())
}

/// The argument is not wrong; while something of it is not known it may become so.
fn can(call: &FunctionArgs) -> FunctionOutcome {
    match &call.args[0] {
        value if value.is_known() => call.bool_result(true),
        value => Err(call.because_of(value)),
    }
}

fn is_sensitive(call: &FunctionArgs) -> FunctionOutcome {
    match &call.args[0] {
        value if value.sensitive => call.bool_result(true),
        value if !value.is_known() => Err(call.because_of(value)),
        _ => call.bool_result(false),
    }
}

fn sensitive(call: &FunctionArgs) -> FunctionOutcome {
    Ok(TemplateValue { sensitive: true, ..call.args[0].clone() })
}

fn nonsensitive(call: &FunctionArgs) -> FunctionOutcome {
    Ok(TemplateValue { sensitive: false, ..call.args[0].clone() })
}

fn converted(
    call: &FunctionArgs,
    convert: fn(&TemplateValue) -> Result<TemplateValue, ConvertError>,
) -> FunctionOutcome {
    convert(&call.args[0]).map(|value| value.at(call.place.clone())).map_err(|error| call.refused(&error))
}

/// What is null or not known converts to itself.
fn is_open(value: &TemplateValue) -> bool {
    matches!(value.kind, ValueKind::Null | ValueKind::Symbol(_) | ValueKind::Unknown(_))
}

fn to_list(call: &FunctionArgs) -> FunctionOutcome {
    if is_open(&call.args[0]) {
        return same(call);
    }
    let items = convert::unify_items(call.loose_items(0)?).map_err(|error| call.refused(&error))?;
    call.loose_result(items, call.args[0].loose)
}

fn to_set(call: &FunctionArgs) -> FunctionOutcome {
    if is_open(&call.args[0]) {
        return same(call);
    }
    let mut set =
        convert::to_set(call.loose_items(0)?, call.place.clone()).map_err(|error| call.refused(&error))?;
    set.loose |= call.args[0].loose;
    Ok(set)
}

fn to_map(call: &FunctionArgs) -> FunctionOutcome {
    if is_open(&call.args[0]) {
        return same(call);
    }
    let fields = call.fields(0)?;
    let values: Vec<TemplateValue> = fields.values().cloned().collect();
    let values = convert::unify_items(&values).map_err(|error| call.refused(&error))?;
    let fields = fields.keys().cloned().zip(values).collect();
    Ok(TemplateValue::new(ValueKind::Map(Arc::new(fields)), call.place.clone()))
}
