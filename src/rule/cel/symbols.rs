//! Symbols as CEL values: texts that stand for texts nobody knows yet. One exists, is not empty and is the same as
//! itself; for anything else the answer is that it is not known.

use super::budget;
use super::error;
use super::opaque::opaque_val;
use crate::snapshot::template;
use cel::ExecutionError;
use cel::common::traits::Iterable;
use cel::common::types::{CelInt, CelList, CelOptional, CelString, Kind, Type};
use cel::common::value::{StaticVal, Val};
use std::any::Any;
use std::sync::Arc;

/// A symbol. Its text is as written; what is known of a text around a symbol would be a field of it.
#[derive(Clone, Debug)]
pub(super) struct SymbolVal(Arc<str>);

/// How long a symbol is: at least one character.
#[derive(Clone, Debug)]
pub(super) struct SymbolSize(Arc<str>);

/// Whether a value is the length of a symbol.
pub(super) fn is_size(value: &dyn Val) -> bool {
    value.downcast_ref::<SymbolSize>().is_some()
}

static SYMBOL_TYPE: Type = Type::new_unspecified_type(error::SYMBOL_TYPE);

// `Val::equals` has no room for a reason. Where one may come up, `@same` is called instead of it.
opaque_val!(SymbolVal, SYMBOL_TYPE);
opaque_val!(SymbolSize, SYMBOL_TYPE);

impl SymbolVal {
    pub(super) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// As written.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// Its length.
    pub(super) fn size(&self) -> SymbolSize {
        SymbolSize(Arc::clone(&self.0))
    }
}

/// The text of a symbol.
pub(super) fn symbol(value: &dyn Val) -> Option<&str> {
    value.downcast_ref::<SymbolVal>().map(SymbolVal::text)
}

/// The error of asking more of a symbol than is known.
pub(super) fn not_known(symbol: &str) -> ExecutionError {
    error::unknown(&template::not_known(symbol, ""))
}

/// Fails with the reason of a value that is a symbol.
pub(super) fn concrete(value: &dyn Val) -> Result<(), ExecutionError> {
    let text = value.downcast_ref::<SymbolSize>().map(|size| &*size.0);
    text.or_else(|| symbol(value)).map_or(Ok(()), |symbol| Err(not_known(symbol)))
}

/// Fails with the reason of a value that is a symbol, or has one for an item.
pub(super) fn concrete_whole(value: &dyn Val) -> Result<(), ExecutionError> {
    concrete(value)?;
    if let Some(inner) = value.downcast_ref::<CelOptional>().and_then(|optional| optional.option()) {
        return concrete_whole(inner);
    }
    if value.get_type().kind() != Kind::List {
        return Ok(());
    }
    let Some(items) = value.as_iterable() else { return Ok(()) };
    let items: &dyn Iterable = items;
    let mut items = items.iter();
    while let Some(item) = items.next() {
        budget::pay(1)?;
        concrete(item)?;
    }
    Ok(())
}

/// Whether two values that are not the same as they are written may be the same all the same: then the reason.
pub(super) fn may_be_same(a: &dyn Val, b: &dyn Val) -> Option<ExecutionError> {
    unclear(a, b).or_else(|| unclear(b, a))
}

fn unclear(one: &dyn Val, other: &dyn Val) -> Option<ExecutionError> {
    if let Some(size) = one.downcast_ref::<SymbolSize>() {
        let is_length = other.downcast_ref::<CelInt>().is_none_or(|length| *length.inner() > 0);
        return is_length.then(|| not_known(&size.0));
    }
    let symbol = symbol(one)?;
    let is_text = match other.downcast_ref::<CelString>() {
        Some(text) => !text.inner().is_empty(),
        None => other.downcast_ref::<SymbolVal>().is_some(),
    };
    is_text.then(|| not_known(symbol))
}

/// Whether a value that is not among the items of a list as they are written may be among them.
pub(super) fn may_be_among(item: &dyn Val, container: &dyn Val) -> Option<ExecutionError> {
    match container.downcast_ref::<CelList>() {
        Some(list) => list.inner().iter().find_map(|other| may_be_same(other.as_ref(), item)),
        // Nodes of a snapshot say it themselves; the keys of a map that a rule made are no symbols.
        None if container.downcast_ref::<cel::common::types::CelMap>().is_some() => {
            symbol(item).map(not_known)
        }
        None => None,
    }
}
