//! Functions and operators on values as they are, one row each. A row that does not know the values that it is given says
//! so before it pays for anything; then the function for values of the `cel` crate is called.

mod compare;
mod lists;
mod meters;
mod numbers;
mod optionals;
mod texts;

use super::super::fault::Fault;
use super::super::internal;
use super::value::Evaluated;
use crate::snapshot::Snapshot;
use cel::common::ast::operators;

/// What a row gives: none for values that it does not know.
pub(super) type Answer<'v> = Result<Option<Evaluated<'v>>, Fault<'v>>;

/// An implementation.
pub(super) type Native = for<'v> fn(&[Evaluated<'v>], &'v Snapshot<'v>) -> Answer<'v>;

/// Name, whether it is a method, how many values it takes, the target included.
type Row = (&'static str, bool, usize, Native);

const ROWS: &[Row] = &[
    (internal::METERED, false, 1, meters::metered),
    (internal::METERED_ITEMS, false, 1, meters::metered_items),
    (internal::METERED_SORT, false, 1, meters::metered_sort),
    (internal::SEARCHED, false, 1, meters::searched),
    (internal::RANGE, false, 1, meters::range),
    (internal::LOOP_STEP, false, 2, meters::loop_step),
    (internal::CONCRETE, false, 1, meters::concrete),
    (operators::EQUALS, false, 2, compare::equals),
    (operators::NOT_EQUALS, false, 2, compare::differs),
    (internal::EQUAL, false, 2, compare::equal),
    (internal::SAME, false, 2, compare::equal),
    (operators::IN, false, 2, compare::within),
    (internal::WITHIN, false, 2, compare::carefully_within),
    (operators::LESS, false, 2, compare::less),
    (operators::LESS_EQUALS, false, 2, compare::less_or_equal),
    (operators::GREATER, false, 2, compare::greater),
    (operators::GREATER_EQUALS, false, 2, compare::greater_or_equal),
    (internal::ORDER, false, 2, compare::order),
    (operators::ADD, false, 2, numbers::add),
    (operators::SUBSTRACT, false, 2, numbers::subtract),
    (operators::MULTIPLY, false, 2, numbers::multiply),
    ("int", false, 1, numbers::int),
    ("minor", false, 1, numbers::minor),
    (internal::ADD, false, 2, lists::concatenation),
    (internal::SIZE, false, 1, lists::size),
    (internal::ENTRIES, false, 1, lists::entries),
    ("first", true, 1, lists::first),
    ("last", true, 1, lists::last),
    ("flatten", true, 1, lists::flatten),
    ("@distinct", true, 1, lists::distinct),
    ("@join", true, 1, texts::join),
    ("@join", true, 2, texts::join),
    ("startsWith", true, 2, texts::starts_with),
    ("endsWith", true, 2, texts::ends_with),
    ("contains", true, 2, texts::contains),
    (internal::STARTS_WITH, false, 2, texts::paid_starts_with),
    (internal::ENDS_WITH, false, 2, texts::paid_ends_with),
    (internal::HAS_PART, false, 2, texts::paid_contains),
    (internal::MATCHES, false, 2, texts::matches),
    ("glob", true, 2, texts::glob),
    ("string", false, 1, texts::string),
    ("value", true, 1, optionals::value),
    ("or", true, 2, optionals::or),
    ("optional.of", false, 1, optionals::of),
    ("optional.none", false, 0, optionals::none),
];

/// The row of a function.
pub(super) fn native(name: &str, is_method: bool, values: usize) -> Option<Native> {
    let row = ROWS.iter().find(|row| row.0 == name && row.1 == is_method && row.2 == values);
    row.map(|row| row.3)
}
