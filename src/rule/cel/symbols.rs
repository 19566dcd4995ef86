//! Symbols as CEL values: texts that stand for texts nobody knows yet, with what is known around them. One exists, is not
//! empty and is the same as itself. What else is asked is answered where the known parts decide, and else not known.

use super::budget;
use super::error;
use super::opaque::opaque_val;
use crate::snapshot::{Snapshot, SymbolKeys, template};
use crate::value::{SymbolicText, TextPiece};
use cel::ExecutionError;
use cel::common::traits::Iterable;
use cel::common::types::{CelInt, CelList, CelOptional, CelString, Kind, Type};
use cel::common::value::{StaticVal, Val};
use regex::Regex;
use std::any::Any;
use std::sync::Arc;

/// A symbol, or a text with symbols in it. Its text is as written.
#[derive(Clone, Debug)]
pub(super) struct SymbolVal(Arc<SymbolText>);

/// What is known of a symbol.
#[derive(Debug, PartialEq, Eq)]
struct SymbolText {
    text: Box<str>,
    /// Of which sections it tells an item apart.
    keys: SymbolKeys,
}

/// How long a symbol is: at least one character.
#[derive(Clone, Debug)]
pub(super) struct SymbolSize(Arc<SymbolText>);

/// If a value is the length of a text with symbols: the length that it has at least.
pub(super) fn least_size(value: &dyn Val) -> Option<i64> {
    value.downcast_ref::<SymbolSize>().map(SymbolSize::least)
}

static SYMBOL_TYPE: Type = Type::new_unspecified_type(error::SYMBOL_TYPE);

// `Val::equals` has no room for a reason. Where one may come up, `@same` is called instead of it.
opaque_val!(SymbolVal, SYMBOL_TYPE);
opaque_val!(SymbolSize, SYMBOL_TYPE);

impl SymbolVal {
    pub(super) fn new(text: &str, snapshot: &Snapshot<'_>) -> Self {
        Self(Arc::new(SymbolText { text: text.into(), keys: snapshot.symbol_keys(text) }))
    }

    /// A text with symbols in it that was made of several.
    pub(super) fn made(text: String) -> Self {
        Self(Arc::new(SymbolText { text: text.into(), keys: SymbolKeys::default() }))
    }

    /// As written.
    pub(super) fn text(&self) -> &str {
        &self.0.text
    }

    /// In its parts.
    fn parts(&self) -> SymbolicText<'_> {
        SymbolicText::of(self.text())
    }

    /// Its length.
    pub(super) fn size(&self) -> SymbolSize {
        SymbolSize(Arc::clone(&self.0))
    }
}

impl SymbolSize {
    fn least(&self) -> i64 {
        i64::try_from(SymbolicText::of(&self.0.text).least_length()).unwrap_or(i64::MAX)
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
    let text = value.downcast_ref::<SymbolSize>().map(|size| &*size.0.text);
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
        let is_length = other.downcast_ref::<CelInt>().is_none_or(|length| *length.inner() >= size.least());
        return is_length.then(|| not_known(&size.0.text));
    }
    let symbol = one.downcast_ref::<SymbolVal>()?;
    let same = match other.downcast_ref::<SymbolVal>() {
        Some(other) if symbol.0.keys.share_a_section(other.0.keys) => Some(false),
        _ => symbol.parts().same(&parts_of(other)?),
    };
    same.is_none().then(|| not_known(symbol.text()))
}

/// A text in its parts, whether some are symbols or not.
fn parts_of(value: &dyn Val) -> Option<SymbolicText<'_>> {
    let literal = || value.downcast_ref::<CelString>().map(|text| SymbolicText::literal(text.inner()));
    value.downcast_ref::<SymbolVal>().map(SymbolVal::parts).or_else(literal)
}

/// A question about two texts of which either may have symbols.
pub(super) type TextQuestion = for<'t> fn(&SymbolicText<'t>, &SymbolicText<'t>) -> Option<bool>;

/// Two texts one after the other, of which one has symbols; none where they are no such texts. It may have `most` bytes.
pub(super) fn sum(one: &dyn Val, other: &dyn Val, most: usize) -> Result<Option<SymbolVal>, ExecutionError> {
    let written = |value: &dyn Val| {
        let literal = || value.downcast_ref::<CelString>().map(|text| text.inner().to_owned());
        symbol(value).map(str::to_owned).or_else(literal)
    };
    let Some((one, other)) = symbol(one).or_else(|| symbol(other)).and(written(one).zip(written(other)))
    else {
        return Ok(None);
    };
    if one.len() + other.len() > most {
        return Err(not_known(&one));
    }
    budget::pay_made(one.len() + other.len())?;
    // Two texts that are made of the same parts are the same. A `${` in a literal part becomes a symbol: less is known of it.
    let text = [one, other].concat().into_boxed_str();
    Ok(Some(SymbolVal(Arc::new(SymbolText { text, keys: SymbolKeys::default() }))))
}

/// The answer to a question about two texts, of which one has symbols; none where they are no such texts.
pub(super) fn ask(
    one: &dyn Val,
    other: &dyn Val,
    question: TextQuestion,
) -> Option<Result<bool, ExecutionError>> {
    let symbol = symbol(one).or_else(|| symbol(other))?;
    let answer = question(&parts_of(one)?, &parts_of(other)?);
    Some(answer.ok_or_else(|| not_known(symbol)))
}

/// Whether a regular expression matches a text with symbols: where a known part alone makes it match.
pub(super) fn is_match(value: &SymbolVal, regex: &Regex) -> Result<bool, ExecutionError> {
    let (pattern, parts) = (regex.as_str(), value.parts());
    let is_anchored = |pattern: &str| {
        pattern.contains(['^', '$'])
            || ["\\b", "\\B", "\\A", "\\z", "\\<", "\\>"].iter().any(|look| pattern.contains(look))
    };
    let mut known = parts.pieces().iter().enumerate().filter_map(|(at, piece)| match piece {
        TextPiece::Known(text) => Some((at, *text)),
        TextPiece::Symbol(_) => None,
    });
    let matches = match pattern.strip_prefix('^') {
        None => !is_anchored(pattern) && known.any(|(_, text)| regex.is_match(text)),
        Some(rest) => {
            !is_anchored(rest) && known.next().is_some_and(|(at, text)| at == 0 && regex.is_match(text))
        }
    };
    if matches { Ok(true) } else { Err(not_known(value.text())) }
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
