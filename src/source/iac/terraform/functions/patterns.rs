//! Functions with regular expressions, and `replace`.

use super::super::convert;
use super::call::{FunctionArgs, FunctionOutcome, FunctionStop, MAX_ITEMS, MAX_RESULT};
use super::strings::{derived, ends_in, is_scheme, starts_in};
use super::table::{FunctionGroup, FunctionRow};
use crate::source::iac::{TemplateValue, TextPart};
use regex::{Captures, Regex, RegexBuilder};

const GROUP: FunctionGroup = FunctionGroup::String;

pub(super) const ROWS: &[FunctionRow] = &[
    FunctionRow::scalar("regex", GROUP, (2, Some(2)), regex_first),
    FunctionRow::scalar("regexall", GROUP, (2, Some(2)), regex_all),
    FunctionRow::scalar("replace", GROUP, (3, Some(3)), replace),
];

/// The largest compiled pattern, in bytes.
const MAX_PATTERN: usize = 1 << 20;

/// A pattern of RE2. What RE2 has and the crate has not makes the result unknown, as it may be right.
fn pattern(call: &FunctionArgs, text: &str) -> Result<Regex, FunctionStop> {
    let built = RegexBuilder::new(&translated(text)).size_limit(MAX_PATTERN).build();
    built.map_err(|_| {
        call.not_known(&format!("the pattern `{}` is not understood", crate::text::bounded(text)))
    })
}

/// The pattern for the crate: its classes are of ASCII in RE2, and a bracket or an operator within brackets is a character.
fn translated(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars().peekable();
    let mut in_class = false;
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('d') => out.push_str("[0-9]"),
                Some('D') => out.push_str("[^0-9]"),
                Some('w') => out.push_str("[0-9A-Za-z_]"),
                Some('W') => out.push_str("[^0-9A-Za-z_]"),
                Some('s') => out.push_str(r"[\t\n\f\r ]"),
                Some('S') => out.push_str(r"[^\t\n\f\r ]"),
                Some('b') if !in_class => out.push_str(r"(?-u:\b)"),
                Some('Q') if !in_class => quoted(&mut chars, &mut out),
                Some(escaped) => out.extend(['\\', escaped]),
                None => out.push('\\'),
            },
            '[' if in_class && chars.peek() != Some(&':') => out.push_str(r"\["),
            '[' if in_class => {
                out.push('[');
                // A class with a name ends with its own bracket.
                for c in chars.by_ref() {
                    out.push(c);
                    if c == ']' {
                        break;
                    }
                }
            }
            '[' => {
                in_class = true;
                out.push('[');
                out.extend(chars.next_if_eq(&'^'));
                if chars.next_if_eq(&']').is_some() {
                    out.push_str(r"\]");
                }
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            '&' | '~' if in_class => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

/// What stands between `\Q` and `\E`.
fn quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    let mut text = String::new();
    while let Some(c) = chars.next() {
        if c == '\\' && chars.next_if_eq(&'E').is_some() {
            break;
        }
        text.push(c);
    }
    out.push_str(&regex::escape(&text));
}

/// What a match gives: its text, a list of its groups, or an object of its named groups.
fn matched(call: &FunctionArgs, regex: &Regex, found: &Captures<'_>) -> FunctionOutcome {
    let group = |at: usize| match found.get(at) {
        Some(text) => TemplateValue::text(text.as_str(), call.place.clone()),
        None => TemplateValue::null(call.place.clone()),
    };
    let names: Vec<Option<&str>> = regex.capture_names().skip(1).collect();
    let named = names.iter().flatten().count();
    if names.is_empty() {
        Ok(group(0))
    } else if named == 0 {
        Ok(TemplateValue::list((1..=names.len()).map(group).collect(), call.place.clone()))
    } else if named == names.len() {
        let fields = names.iter().flatten().enumerate().map(|(at, name)| (*name, group(at + 1)));
        Ok(TemplateValue::map(fields, call.place.clone()))
    } else {
        Err(call.wrong("all groups of a pattern must have names, or none"))
    }
}

fn regex_first(call: &FunctionArgs) -> FunctionOutcome {
    let (regex, text) = (pattern(call, &call.text(0)?)?, call.text(1)?);
    match regex.captures(&text) {
        Some(found) => matched(call, &regex, &found),
        None => Err(call.wrong("the pattern does not match the text")),
    }
}

fn regex_all(call: &FunctionArgs) -> FunctionOutcome {
    let (regex, text) = (pattern(call, &call.text(0)?)?, call.text(1)?);
    let found = regex.captures_iter(&text).take(MAX_ITEMS + 1);
    let items = found.map(|found| matched(call, &regex, &found)).collect::<Result<Vec<_>, _>>()?;
    call.list_result(items)
}

/// A pattern between slashes is a regular expression.
fn replace(call: &FunctionArgs) -> FunctionOutcome {
    let wanted = call.text(1)?;
    if wanted.len() > 1 && wanted.starts_with('/') && wanted.ends_with('/') {
        let regex = pattern(call, &wanted[1..wanted.len() - 1])?;
        let (text, with) = (call.text(0)?, call.text(2)?);
        let matches = regex.find_iter(&text).count();
        if matches.saturating_mul(with.len().saturating_mul(text.len().min(64))) > MAX_RESULT * 16 {
            return Err(call.not_known("it is a text of more than 4 MB"));
        }
        return call.text_result(regex.replace_all(&text, &*with).into_owned());
    }
    replace_text(call, &wanted)
}

fn replace_text(call: &FunctionArgs, wanted: &str) -> FunctionOutcome {
    let (parts, with) = (call.parts(0)?, call.parts(2)?);
    if wanted.is_empty() {
        let (text, with) = (call.text(0)?, call.text(2)?);
        if text.len().saturating_add(1).saturating_mul(with.len()) > MAX_RESULT {
            return Err(call.not_known("it is a text of more than 4 MB"));
        }
        return call.text_result(text.replace("", &with));
    }
    let mut replaced = Vec::new();
    let last = parts.len().saturating_sub(1);
    let is_found = parts.iter().any(|part| matches!(part, TextPart::Literal(text) if text.contains(wanted)));
    for (at, part) in parts.iter().enumerate() {
        match part {
            TextPart::Literal(text) => {
                let pieces: Vec<&str> = text.split(wanted).collect();
                if !(is_found && is_scheme(wanted)) && is_split(wanted, text, at > 0, at < last) {
                    return Err(call.because_of(&call.args[0]));
                }
                limit(call, pieces.len(), &with)?;
                for (nth, piece) in pieces.into_iter().enumerate() {
                    let between: &[TextPart] = if nth > 0 { &with } else { &[] };
                    replaced.extend(between.iter().cloned().chain([TextPart::Literal(piece.into())]));
                }
            }
            other if is_found && is_scheme(wanted) => replaced.push(other.clone()),
            other => {
                let to = convert::text_of(with.clone(), None).join_key();
                let Some(to) = to else { return Err(call.because_of(&call.args[2])) };
                let is_filled = matches!(&with[..], [TextPart::Literal(text)] if !text.is_empty());
                let keeps = is_filled || (parts.len() == 1 && is_scheme(wanted));
                replaced.push(derived(other, |inner| format!("replace({inner}, {wanted:?}, {to:?})"), keeps));
            }
        }
    }
    call.parts_result(replaced)
}

/// Whether what is searched may start in a known part of a text and end in one that is not known, or the other way round.
fn is_split(wanted: &str, text: &str, is_after: bool, is_before: bool) -> bool {
    (is_before && ends_in(text, wanted)) || (is_after && starts_in(text, wanted))
}

fn limit(call: &FunctionArgs, pieces: usize, with: &[TextPart]) -> Result<(), FunctionStop> {
    let length: usize =
        with.iter().map(|part| if let TextPart::Literal(text) = part { text.len() } else { 8 }).sum();
    let is_long = pieces.saturating_mul(length) > MAX_RESULT
        || pieces.saturating_mul(with.len().max(1)) > MAX_ITEMS * 8;
    if is_long { Err(call.not_known("it is a text of more than 4 MB")) } else { Ok(()) }
}
