//! Functions on numbers.

use super::super::number::{self, as_float, as_whole};
use super::call::{FunctionArgs, FunctionOutcome, FunctionStop};
use super::table::{FunctionGroup, FunctionRow};
use serde_json::Number;
use std::cmp::Ordering;

const GROUP: FunctionGroup = FunctionGroup::Numeric;
const ONE: (usize, Option<usize>) = (1, Some(1));
const TWO: (usize, Option<usize>) = (2, Some(2));
const SOME: (usize, Option<usize>) = (1, None);

pub(super) const ROWS: &[FunctionRow] = &[
    FunctionRow::scalar("abs", GROUP, ONE, abs),
    FunctionRow::scalar("ceil", GROUP, ONE, |call| round(call, f64::ceil)),
    FunctionRow::scalar("floor", GROUP, ONE, |call| round(call, f64::floor)),
    FunctionRow::scalar("log", GROUP, TWO, |call| {
        // Floating point in Terraform too.
        let (number, base) = (as_float(&call.number(0)?), as_float(&call.number(1)?));
        call.number_result(number::floating(number.ln() / base.ln()))
    }),
    FunctionRow::scalar("max", GROUP, SOME, |call| outermost(call, Ordering::Greater)),
    FunctionRow::scalar("min", GROUP, SOME, |call| outermost(call, Ordering::Less)),
    FunctionRow::scalar("parseint", GROUP, TWO, parse_integer),
    FunctionRow::scalar("pow", GROUP, TWO, power),
    FunctionRow::scalar("signum", GROUP, ONE, |call| {
        call.number_result(number::whole(call.whole(0)?.signum()))
    }),
];

fn abs(call: &FunctionArgs) -> FunctionOutcome {
    let number = call.number(0)?;
    call.number_result(match as_whole(&number) {
        Some(whole) => number::whole(whole.abs()),
        None => number::rounded(as_float(&number).abs()),
    })
}

fn round(call: &FunctionArgs, to: fn(f64) -> f64) -> FunctionOutcome {
    let number = call.number(0)?;
    call.number_result(match as_whole(&number) {
        Some(whole) => number::whole(whole),
        None => number::rounded(to(as_float(&number))),
    })
}

/// The number that is on one side of all others.
fn outermost(call: &FunctionArgs, side: Ordering) -> FunctionOutcome {
    let numbers = (0..call.args.len()).map(|at| call.number(at)).collect::<Result<Vec<_>, FunctionStop>>()?;
    let outer = |one: Number, other: Number| if number::compared(&other, &one) == side { other } else { one };
    call.number_result(numbers.into_iter().reduce(outer))
}

fn parse_integer(call: &FunctionArgs) -> FunctionOutcome {
    let (text, base) = (call.text(0)?, call.whole(1)?);
    if !(2..=62).contains(&base) {
        return Err(call.wrong("the base must be a number from 2 to 62"));
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(&text);
    let value = |c: char| {
        let digit = match c {
            '0'..='9' => c as i128 - '0' as i128,
            'a'..='z' => c as i128 - 'a' as i128 + 10,
            'A'..='Z' if base <= 36 => c as i128 - 'A' as i128 + 10,
            'A'..='Z' => c as i128 - 'A' as i128 + 36,
            _ => base,
        };
        (digit < base).then_some(digit)
    };
    let Some(digits) =
        digits.chars().map(value).collect::<Option<Vec<i128>>>().filter(|digits| !digits.is_empty())
    else {
        return Err(call.wrong(format!("\"{}\" is no number in base {base}", crate::text::bounded(&text))));
    };
    let sum = |sum: i128, digit: &i128| sum.checked_mul(base)?.checked_add(*digit);
    let magnitude = digits.iter().try_fold(0, sum);
    let sign = if text.starts_with('-') { -1 } else { 1 };
    call.number_result(magnitude.and_then(|magnitude| number::whole(sign * magnitude)))
}

fn power(call: &FunctionArgs) -> FunctionOutcome {
    let (base, exponent) = (call.number(0)?, call.number(1)?);
    let exact = match (as_whole(&base), as_whole(&exponent).and_then(|exponent| u32::try_from(exponent).ok()))
    {
        (Some(base), Some(exponent)) => base.checked_pow(exponent).and_then(number::whole),
        _ => number::rounded(as_float(&base).powf(as_float(&exponent))),
    };
    call.number_result(exact)
}
