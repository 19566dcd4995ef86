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
use super::value::CelValue;
use crate::snapshot::Snapshot;
use cel::common::ast::operators;

/// What a row gives: none for values that it does not know.
pub(super) type NativeAnswer<'v> = Result<Option<CelValue<'v>>, Fault<'v>>;

/// An implementation.
pub(super) type Native = for<'v> fn(&[CelValue<'v>], &'v Snapshot<'v>) -> NativeAnswer<'v>;

/// Name, whether it is a method, how many values it takes, the target included.
type NativeRow = (&'static str, bool, usize, Native);

const ROWS: &[NativeRow] = &[
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
    ("reverse", true, 1, lists::reverse),
    ("slice", true, 3, lists::slice),
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
    ("dyn", false, 1, optionals::same),
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

#[cfg(test)]
mod tests {
    use super::super::super::call::Function;
    use super::super::super::functions as library;
    use super::native;

    /// Each of these is one call of the interpreter. All else that rules call, operators and loops included, is not.
    #[test]
    fn what_the_crate_still_runs_is_known() {
        let values = |function: &Function| {
            let target = usize::from(function.member);
            function.arguments.clone().map(move |arguments| arguments + target)
        };
        // These are operations of their own.
        let is_operation = |function: &Function| matches!(function.name, "orValue" | "hasValue");
        let is_native = |function: &Function| {
            values(function).all(|count| native(function.name, function.member, count).is_some())
        };
        let is_left =
            |function: &&Function| function.is_of_crate() && !is_operation(function) && !is_native(function);
        let left: Vec<_> = library::all().filter(is_left).map(|function| function.name).collect();
        let of_times =
            ["timestamp", "duration", "getFullYear", "getMonth", "getDate", "getDayOfWeek", "getHours"];
        let of_types = ["uint", "double", "bool", "type"];
        let of_texts = ["charAt", "lowerAscii", "upperAscii", "trim", "substring", "split"];
        let of_lists = ["sort", "@sortByAssociatedKeys"];
        assert_eq!(left, [&of_types[..], &of_times, &of_texts, &of_lists].concat());
    }
}
