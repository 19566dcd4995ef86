//! Fields of objects and items of lists.

use super::super::fault::Fault;
use super::super::symbols;
use super::super::val::{self, SnapshotValue, What};
use super::price;
use super::value::CelValue;
use crate::snapshot::schema::Field;
use crate::snapshot::{Part, Snapshot, Type, schema};
use crate::value::{Json, Object};
use cel::ExecutionError;
use cel::common::ast::operators;
use cel::common::types::{CelMapKey, CelString};
use std::rc::Rc;
use std::sync::OnceLock;

/// A field that an operation names.
#[derive(Debug)]
pub(in super::super) struct FieldName {
    pub(super) name: Box<str>,
    /// The type on which it was selected first, and what the schema says of it there: mostly the only one.
    known: OnceLock<(Type, Option<Field>)>,
}

impl FieldName {
    pub(super) fn new(name: &str) -> Self {
        Self { name: name.into(), known: OnceLock::new() }
    }

    /// What the schema says of the field on that type.
    fn on(&self, ty: Type) -> Option<Field> {
        let select = || schema().select_go_cased(ty, &self.name);
        match self.known.get_or_init(|| (ty, select())) {
            (known, field) if *known == ty => *field,
            _ => select(),
        }
    }
}

/// `a.f`
pub(super) fn field<'v>(
    value: &CelValue<'v>,
    field: &'v FieldName,
    snapshot: &'v Snapshot<'v>,
) -> Result<CelValue<'v>, Fault<'v>> {
    match fields_of(value) {
        Some((object, ty)) => read(object, ty, field, snapshot, false),
        None => index(value, &CelValue::Text(&field.name), snapshot),
    }
}

/// `a.?f`: none if it is not there.
pub(super) fn optional_field<'v>(
    value: &CelValue<'v>,
    field: &'v FieldName,
    snapshot: &'v Snapshot<'v>,
) -> Result<Option<CelValue<'v>>, Fault<'v>> {
    present(match fields_of(value) {
        Some((object, ty)) => read(object, ty, field, snapshot, true),
        None => guarded(value, &CelValue::Text(&field.name), snapshot),
    })
}

/// `a[?k]`: none if it is not there.
pub(super) fn optional_item<'v>(
    value: &CelValue<'v>,
    key: &CelValue<'v>,
    snapshot: &'v Snapshot<'v>,
) -> Result<Option<CelValue<'v>>, Fault<'v>> {
    present(guarded(value, key, snapshot))
}

/// What a guard found, paid for.
fn present<'v>(found: Result<CelValue<'v>, Fault<'v>>) -> Result<Option<CelValue<'v>>, Fault<'v>> {
    match found {
        Ok(value) => price::pay_copy(&value).map(|()| Some(value)),
        Err(fault) if fault.is_absence() => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// The object that a value is, and its type.
fn fields_of<'v>(value: &CelValue<'v>) -> Option<(&'v Object<'v>, Type)> {
    match value {
        CelValue::Object(object, ty, _) => Some((object, *ty)),
        CelValue::Section(Part { node: Json::Object(object), .. }, ty, _) => Some((object, *ty)),
        _ => None,
    }
}

fn read<'v>(
    object: &'v Object<'v>,
    ty: Type,
    field: &'v FieldName,
    snapshot: &'v Snapshot<'v>,
    as_written: bool,
) -> Result<CelValue<'v>, Fault<'v>> {
    let value = SnapshotValue { what: What::Json(Json::Null), ty, snapshot };
    let (_, value) = value.read_field(object, &field.name, field.on(ty), as_written)?;
    Ok(CelValue::of(value))
}

/// `a[k]`
pub(super) fn index<'v>(
    value: &CelValue<'v>,
    key: &CelValue<'v>,
    snapshot: &'v Snapshot<'v>,
) -> Result<CelValue<'v>, Fault<'v>> {
    if let CelValue::Optional(optional) = value {
        // What goes wrong below an optional value makes it none.
        let inner = optional.as_ref().and_then(|inner| plain(inner, key, snapshot, false).ok());
        return Ok(CelValue::Optional(inner.map(Rc::new)));
    }
    plain(value, key, snapshot, false).map_err(|fault| match fault {
        Fault::Error(error) if replaced(&error) => no_overload(operators::INDEX, value, key, snapshot),
        fault => fault,
    })
}

/// As a guard looks something up.
fn guarded<'v>(
    value: &CelValue<'v>,
    key: &CelValue<'v>,
    snapshot: &'v Snapshot<'v>,
) -> Result<CelValue<'v>, Fault<'v>> {
    val::as_written(|| plain(value, key, snapshot, true))
}

/// Errors in the place of which the interpreter tells the types of what was looked up in what.
fn replaced(error: &ExecutionError) -> bool {
    matches!(
        error,
        ExecutionError::NoSuchOverload(_)
            | ExecutionError::ValuesNotComparable(..)
            | ExecutionError::UnsupportedKeyType(_)
            | ExecutionError::UnexpectedType { .. }
    )
}

fn no_overload<'v>(
    operator: &str,
    value: &CelValue<'v>,
    key: &CelValue<'v>,
    snapshot: &'v Snapshot<'v>,
) -> Fault<'v> {
    let types = vec![value.type_name(snapshot), key.type_name(snapshot)];
    ExecutionError::no_such_overload(operator, types).into()
}

fn plain<'v>(
    value: &CelValue<'v>,
    key: &CelValue<'v>,
    snapshot: &'v Snapshot<'v>,
    is_guard: bool,
) -> Result<CelValue<'v>, Fault<'v>> {
    if let (CelValue::Items(items), CelValue::Int(at)) = (value, key) {
        let item = usize::try_from(*at).ok().and_then(|at| items.get(at)).cloned();
        return item.ok_or_else(|| ExecutionError::IndexOutOfBounds((*at).into()).into());
    }
    if let (CelValue::Map(map), Some(name)) = (value, key.text()) {
        let found = map.get(&CelMapKey::String(CelString::from(name))).cloned();
        return found.ok_or_else(|| ExecutionError::no_such_key(name).into());
    }
    if let Some((node, _)) = value.node(snapshot) {
        return of_node(&node, key, snapshot);
    }
    let (lent, lent_key) = (value.lend_charged(snapshot), key.lend_charged(snapshot));
    let operator = if is_guard { "_?._" } else { operators::INDEX };
    let Some(indexer) = lent.as_indexer() else { return Err(no_overload(operator, value, key, snapshot)) };
    Ok(CelValue::copied_from(indexer.get(lent_key.as_ref())?.as_ref()))
}

/// What a value of the snapshot has at a key.
fn of_node<'v>(
    node: &SnapshotValue<'v>,
    key: &CelValue<'v>,
    snapshot: &'v Snapshot<'v>,
) -> Result<CelValue<'v>, Fault<'v>> {
    if let Some(name) = key.text() {
        return Ok(CelValue::of(node.field(name)?.1));
    }
    if let CelValue::Int(at) = key {
        return Ok(CelValue::of(node.at(*at)?.1));
    }
    let key = key.lend_charged(snapshot);
    match symbols::symbol(key.as_ref()) {
        Some(symbol) => Ok(CelValue::of(node.by_symbol(symbol)?)),
        None => {
            let (got, want) = (key.get_type().name().to_owned(), "string or int".to_owned());
            Err(ExecutionError::UnexpectedType { got, want }.into())
        }
    }
}

/// Whether a text is a key of a value, as `in` asks; none where that is not for this module to say.
pub(super) fn has_text<'v>(
    value: &CelValue<'v>,
    text: &str,
    snapshot: &'v Snapshot<'v>,
) -> Option<Result<bool, Fault<'v>>> {
    let (node, _) = value.node(snapshot).filter(|_| !snapshot.has_symbols())?;
    node.contains_text(text).map(|found| found.map_err(Fault::from))
}
