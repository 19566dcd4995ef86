//! `format` and `formatlist`.

use super::super::{convert, number};
use super::call::{FunctionArgs, FunctionOutcome, FunctionStop, MAX_ITEMS};
use super::encoding::json_text;
use super::table::{FunctionGroup, FunctionRow};
use crate::source::iac::{TemplateValue, TextPart, UnknownValue, ValueKind};
use serde_json::Number;
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;

/// The widest field and the most digits.
const MAX_WIDTH: usize = 10_000;

pub(super) const ROWS: &[FunctionRow] = &[
    FunctionRow::scalar("format", FunctionGroup::String, (1, None), format),
    FunctionRow::scalar("formatlist", FunctionGroup::String, (1, None), format_list),
];

/// A verb of a format: `%-10.3s`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct FormatVerb {
    /// The argument, from 0.
    argument: usize,
    minus: bool,
    plus: bool,
    sharp: bool,
    zero: bool,
    space: bool,
    width: usize,
    precision: Option<usize>,
    letter: char,
}

/// A piece of a format.
#[derive(Clone, Debug, PartialEq, Eq)]
enum FormatPiece {
    Literal(String),
    Verb(FormatVerb),
}

fn format(call: &FunctionArgs) -> FunctionOutcome {
    let pieces = pieces(call)?;
    let args: Vec<&TemplateValue> = call.args[1..].iter().collect();
    formatted(call, &pieces, &args)
}

fn format_list(call: &FunctionArgs) -> FunctionOutcome {
    let pieces = pieces(call)?;
    let lists = 1..call.args.len();
    let mut length = None;
    for at in lists.clone() {
        match &call.args[at].kind {
            ValueKind::List(_) => {
                let items = call.items(at)?.len();
                if length.is_some_and(|length| length != items) {
                    return Err(call.wrong("its lists must have the same length"));
                }
                length = Some(items);
            }
            ValueKind::Symbol(_) | ValueKind::Unknown(_) => return Err(call.because_of(&call.args[at])),
            _ => {}
        }
    }
    let one = |row: usize| {
        let args: Vec<&TemplateValue> =
            lists.clone().map(|at| call.args[at].items().get(row).unwrap_or(&call.args[at])).collect();
        formatted(call, &pieces, &args)
    };
    let items = (0..length.unwrap_or(1).min(MAX_ITEMS + 1)).map(one).collect::<Result<Vec<_>, _>>()?;
    call.list_result(items)
}

/// The pieces of the format.
fn pieces(call: &FunctionArgs) -> Result<Vec<FormatPiece>, FunctionStop> {
    let text = call.text(0)?;
    let mut pieces = Vec::new();
    let mut next = 0;
    let mut rest = &*text;
    while let Some(at) = rest.find('%') {
        pieces.push(FormatPiece::Literal(rest[..at].to_owned()));
        rest = &rest[at + 1..];
        if let Some(more) = rest.strip_prefix('%') {
            pieces.push(FormatPiece::Literal("%".to_owned()));
            rest = more;
            continue;
        }
        let verb = verb(call, &mut rest, next)?;
        next = verb.argument + 1;
        pieces.push(FormatPiece::Verb(verb));
    }
    pieces.push(FormatPiece::Literal(rest.to_owned()));
    Ok(pieces)
}

/// The verb that a text starts with after `%`.
fn verb(call: &FunctionArgs, rest: &mut &str, next: usize) -> Result<FormatVerb, FunctionStop> {
    let mut verb = FormatVerb { argument: next, ..FormatVerb::default() };
    while let Some(flag) = rest.chars().next().filter(|c| "+-# 0".contains(*c)) {
        match flag {
            '+' => verb.plus = true,
            '-' => verb.minus = true,
            '#' => verb.sharp = true,
            ' ' => verb.space = true,
            _ => verb.zero = true,
        }
        *rest = &rest[1..];
    }
    verb.width = digits(call, rest)?.unwrap_or(0);
    if let Some(more) = rest.strip_prefix('.') {
        *rest = more;
        verb.precision = Some(digits(call, rest)?.unwrap_or(0));
    }
    if let Some(more) = rest.strip_prefix('[') {
        *rest = more;
        let index = digits(call, rest)?.and_then(|index| index.checked_sub(1));
        verb.argument = index.ok_or_else(|| call.wrong("the number in `[]` of a verb must be 1 or more"))?;
        *rest = rest.strip_prefix(']').ok_or_else(|| call.wrong("a verb has `[` without `]`"))?;
    }
    let letter = rest.chars().next().filter(|c| "vtbdoxXeEfgGsq".contains(*c));
    verb.letter = letter.ok_or_else(|| {
        let written: String = rest.chars().take(1).collect();
        call.wrong(format!("there is no verb `%{written}`"))
    })?;
    *rest = &rest[1..];
    Ok(verb)
}

fn digits(call: &FunctionArgs, rest: &mut &str) -> Result<Option<usize>, FunctionStop> {
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, more) = rest.split_at(end);
    *rest = more;
    match digits.parse() {
        _ if digits.is_empty() => Ok(None),
        Ok(number) if number <= MAX_WIDTH => Ok(Some(number)),
        _ => Err(call.not_known("a width or precision is more than 10,000")),
    }
}

fn formatted(call: &FunctionArgs, pieces: &[FormatPiece], args: &[&TemplateValue]) -> FunctionOutcome {
    let mut parts = Vec::new();
    let mut used = 0;
    for piece in pieces {
        match piece {
            FormatPiece::Literal(text) => parts.push(TextPart::Literal(text.as_str().into())),
            FormatPiece::Verb(verb) => {
                let wanted = verb.argument + 1;
                used = used.max(wanted);
                let arg = args.get(verb.argument).ok_or_else(|| {
                    call.wrong(format!("its text wants {wanted} values, but there are {}", args.len()))
                })?;
                parts.extend(verb_parts(call, verb, arg)?);
            }
        }
    }
    if used < args.len() {
        return Err(call.wrong(format!("its text uses {used} of {} values", args.len())));
    }
    call.parts_result(parts)
}

/// What a verb makes of its argument.
fn verb_parts(
    call: &FunctionArgs,
    verb: &FormatVerb,
    arg: &TemplateValue,
) -> Result<Vec<TextPart>, FunctionStop> {
    if verb.letter == 'v' {
        let text = match &arg.kind {
            ValueKind::Text(_) if !verb.sharp => return text_parts(call, verb, arg),
            ValueKind::Number(number) if !verb.sharp => vec![literal(shortest(number, None))],
            ValueKind::Symbol(_) | ValueKind::Unknown(_) | ValueKind::Mixed(_) if !verb.sharp => {
                return text_parts(call, verb, arg);
            }
            _ => json_text(call, arg)?,
        };
        return fitted(call, verb, text, arg);
    }
    if arg.is_null() {
        return Err(call.wrong("a value is null"));
    }
    match verb.letter {
        's' => text_parts(call, verb, arg),
        'q' => fitted(call, verb, json_text(call, &converted(call, arg, convert::to_text)?)?, arg),
        't' => {
            // It has no width.
            let value = converted(call, arg, convert::to_bool)?;
            text_parts(call, &FormatVerb { width: 0, precision: None, ..verb.clone() }, &value)
        }
        _ => {
            let value = converted(call, arg, convert::to_number)?;
            match &value.kind {
                ValueKind::Number(number) => Ok(vec![literal(
                    numeric(verb, number).ok_or_else(|| call.wrong("a number must be whole"))?,
                )]),
                _ => text_parts(call, verb, &value),
            }
        }
    }
}

fn literal(text: String) -> TextPart {
    TextPart::Literal(text.into())
}

fn converted(
    call: &FunctionArgs,
    arg: &TemplateValue,
    convert: fn(&TemplateValue) -> Result<TemplateValue, convert::ConvertError>,
) -> FunctionOutcome {
    convert(arg).map_err(|error| call.refused(&error))
}

fn text_parts(
    call: &FunctionArgs,
    verb: &FormatVerb,
    arg: &TemplateValue,
) -> Result<Vec<TextPart>, FunctionStop> {
    let text = converted(call, arg, convert::to_text)?;
    let parts = convert::text_parts(&text).ok_or_else(|| call.wrong("a value is null"))?;
    fitted(call, verb, parts, arg)
}

/// Cuts a text to the precision and pads it to the width. Around what is not known, that is not known either.
fn fitted(
    call: &FunctionArgs,
    verb: &FormatVerb,
    parts: Vec<TextPart>,
    arg: &TemplateValue,
) -> Result<Vec<TextPart>, FunctionStop> {
    if verb.width == 0 && verb.precision.is_none() {
        return Ok(parts);
    }
    match &convert::text_of(parts, None).kind {
        ValueKind::Text(text) => {
            let is_cut = matches!(verb.letter, 's' | 'q' | 'v');
            let cut: String = match verb.precision.filter(|_| is_cut) {
                Some(most) => text.graphemes(true).take(most).collect(),
                None => text.to_string(),
            };
            Ok(vec![literal(padded(verb, cut, if verb.zero { '0' } else { ' ' }))])
        }
        _ => match call.because_of(arg) {
            FunctionStop::NotKnown(reason) => {
                Ok(vec![TextPart::Unknown(Arc::new(UnknownValue { reason, name: None }))])
            }
            wrong @ FunctionStop::Wrong(_) => Err(wrong),
        },
    }
}

fn padded(verb: &FormatVerb, text: String, with: char) -> String {
    let missing = verb.width.saturating_sub(text.graphemes(true).count());
    let padding: String = std::iter::repeat_n(with, missing).collect();
    if verb.minus { text + &padding } else { padding + &text }
}

/// A number as a verb writes it; none if it must be whole and is not.
fn numeric(verb: &FormatVerb, number: &Number) -> Option<String> {
    let digits = match verb.letter {
        'b' | 'd' | 'o' | 'x' | 'X' => integer(verb, number)?,
        _ => floating(verb, number),
    };
    let is_negative = digits.starts_with('-');
    let sign = match verb {
        _ if is_negative => "-",
        FormatVerb { plus: true, .. } => "+",
        FormatVerb { space: true, .. } => " ",
        _ => "",
    };
    let digits = digits.trim_start_matches('-');
    let filled = verb.zero && !verb.minus && !(is_integer(verb) && verb.precision.is_some());
    if filled {
        let zeros = verb.width.saturating_sub(sign.len() + digits.len());
        return Some(format!("{sign}{}{digits}", "0".repeat(zeros)));
    }
    Some(padded(verb, format!("{sign}{digits}"), ' '))
}

fn is_integer(verb: &FormatVerb) -> bool {
    matches!(verb.letter, 'b' | 'd' | 'o' | 'x' | 'X')
}

fn integer(verb: &FormatVerb, number: &Number) -> Option<String> {
    let whole = number::as_whole(number)?;
    let magnitude = whole.unsigned_abs();
    let digits = match verb.letter {
        'b' => format!("{magnitude:b}"),
        'o' => format!("{magnitude:o}"),
        'x' => format!("{magnitude:x}"),
        'X' => format!("{magnitude:X}"),
        _ => magnitude.to_string(),
    };
    let digits = format!("{}{digits}", "0".repeat(verb.precision.unwrap_or(0).saturating_sub(digits.len())));
    let prefix = match verb.letter {
        'x' if verb.sharp => "0x",
        'X' if verb.sharp => "0X",
        'o' if verb.sharp => "0",
        'b' if verb.sharp => "0b",
        _ => "",
    };
    let sign = if whole < 0 { "-" } else { "" };
    Some(format!("{sign}{prefix}{digits}"))
}

fn floating(verb: &FormatVerb, number: &Number) -> String {
    let float = number::as_float(number);
    match verb.letter {
        'f' => format!("{float:.*}", verb.precision.unwrap_or(6)),
        'e' | 'E' => {
            let text = exponent(&format!("{float:.*e}", verb.precision.unwrap_or(6)));
            if verb.letter == 'E' { text.to_uppercase() } else { text }
        }
        _ => {
            let text = shortest(number, verb.precision);
            if verb.letter == 'G' { text.to_uppercase() } else { text }
        }
    }
}

/// `%g`: with an exponent if that is less than -4, or not less than the digits, which are 6 if nobody says how many.
fn shortest(number: &Number, precision: Option<usize>) -> String {
    let float = number::as_float(number);
    let scientific = match (precision, number::as_whole(number)) {
        (Some(digits), _) => format!("{float:.*e}", digits.max(1) - 1),
        (None, Some(whole)) => format!("{whole:e}"),
        (None, None) => format!("{float:e}"),
    };
    let (mantissa, power) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    let most = precision.map_or(6, |digits| digits.clamp(1, MAX_WIDTH)) as i32;
    if power < -4 || power >= most {
        return exponent(&format!("{}e{power}", without_zeros(mantissa)));
    }
    match precision {
        Some(_) => without_zeros(&format!("{float:.*}", (most - 1 - power).max(0) as usize)).to_owned(),
        None => number::written(number),
    }
}

/// Digits without the zeros that end a fraction.
fn without_zeros(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

/// An exponent with a sign and two digits at least.
fn exponent(text: &str) -> String {
    let (mantissa, power) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, digits) = match power.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', power),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}
