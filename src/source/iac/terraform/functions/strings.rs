//! Functions on texts.

use super::call::{FunctionArgs, FunctionOutcome, FunctionStop, MAX_RESULT};
use super::table::{FunctionGroup, FunctionRow, FunctionWork};
use crate::source::iac::{Symbol, TextPart, UnknownValue};
use std::sync::Arc;
use unicode_segmentation::UnicodeSegmentation;

const GROUP: FunctionGroup = FunctionGroup::String;
const ONE: (usize, Option<usize>) = (1, Some(1));
const TWO: (usize, Option<usize>) = (2, Some(2));
const THREE: (usize, Option<usize>) = (3, Some(3));

pub(super) const ROWS: &[FunctionRow] = &[
    FunctionRow::scalar("chomp", GROUP, ONE, chomp),
    FunctionRow::scalar("endswith", GROUP, TWO, |call| {
        affix(call, &mut |text, end| text.ends_with(end), true)
    }),
    FunctionRow::scalar("indent", GROUP, TWO, indent),
    FunctionRow::scalar("join", GROUP, (2, None), join),
    FunctionRow::scalar("lower", GROUP, ONE, |call| each_part(call, "lower", &lower)),
    FunctionRow::scalar("split", GROUP, TWO, split),
    FunctionRow::scalar("startswith", GROUP, TWO, |call| {
        affix(call, &mut |text, start| text.starts_with(start), false)
    }),
    FunctionRow::scalar("strcontains", GROUP, TWO, contains),
    FunctionRow::scalar("strrev", GROUP, ONE, |call| {
        call.text_result(call.text(0)?.graphemes(true).rev().collect::<String>())
    }),
    FunctionRow::scalar("substr", GROUP, THREE, substring),
    FunctionRow { work: FunctionWork::Elsewhere, ..FunctionRow::scalar("templatestring", GROUP, TWO, title) },
    FunctionRow::scalar("title", GROUP, ONE, title),
    FunctionRow::scalar("trim", GROUP, TWO, |call| {
        let (text, set) = (call.text(0)?, call.text(1)?);
        call.text_result(text.trim_matches(|c| set.contains(c)))
    }),
    FunctionRow::scalar("trimprefix", GROUP, TWO, trim_prefix),
    FunctionRow::scalar("trimspace", GROUP, ONE, trim_space),
    FunctionRow::scalar("trimsuffix", GROUP, TWO, trim_suffix),
    FunctionRow::scalar("upper", GROUP, ONE, |call| each_part(call, "upper", &upper)),
];

/// A function of a part that is not known: it has a name of its own. What is known to be there stays so only if the
/// function leaves no text empty.
pub(super) fn derived(part: &TextPart, name: impl Fn(&str) -> String, is_there: bool) -> TextPart {
    match part {
        TextPart::Literal(_) => part.clone(),
        TextPart::Symbol(symbol) if is_there => TextPart::Symbol(Arc::new(Symbol {
            name: name(&symbol.name).into(),
            resource: None,
            attribute: "".into(),
        })),
        TextPart::Symbol(symbol) => TextPart::Unknown(Arc::new(UnknownValue {
            reason: format!("`{}` is known only after apply", symbol.name),
            name: Some(name(&symbol.name).into()),
        })),
        TextPart::Unknown(unknown) => TextPart::Unknown(Arc::new(UnknownValue {
            reason: unknown.reason.clone(),
            name: unknown.name.as_deref().map(|known| name(known).into()),
        })),
    }
}

/// A function that changes each part of a text for itself.
pub(super) fn each_part(call: &FunctionArgs, name: &str, change: &dyn Fn(&str) -> String) -> FunctionOutcome {
    let part = |part: TextPart| match &part {
        TextPart::Literal(text) => TextPart::Literal(change(text).into()),
        other => derived(other, |inner| format!("{name}({inner})"), true),
    };
    call.parts_result(call.parts(0)?.into_iter().map(part))
}

/// One character for one, as Terraform has it.
fn mapped<I: ExactSizeIterator<Item = char>>(text: &str, map: impl Fn(char) -> I) -> String {
    let one = |c: char| {
        let mut to = map(c);
        if to.len() == 1 { to.next().unwrap_or(c) } else { c }
    };
    text.chars().map(one).collect()
}

fn lower(text: &str) -> String {
    mapped(text, char::to_lowercase)
}

fn upper(text: &str) -> String {
    mapped(text, char::to_uppercase)
}

fn title(call: &FunctionArgs) -> FunctionOutcome {
    let mut before = ' ';
    let one = |c: char| {
        let is_start =
            !(before.is_alphanumeric() || before == '_') && (before.is_ascii() || before.is_whitespace());
        before = c;
        if is_start { mapped(c.encode_utf8(&mut [0; 4]), char::to_uppercase) } else { c.to_string() }
    };
    call.text_result(call.text(0)?.chars().map(one).collect::<String>())
}

/// A text whose last part is given to `change`, if it is known and something of it is left.
fn change_end(
    call: &FunctionArgs,
    parts: &mut [TextPart],
    change: impl Fn(&str) -> &str,
) -> Result<(), FunctionStop> {
    change_part(call, parts.last_mut(), change)
}

fn change_part(
    call: &FunctionArgs,
    part: Option<&mut TextPart>,
    change: impl Fn(&str) -> &str,
) -> Result<(), FunctionStop> {
    match part {
        None => Ok(()),
        Some(TextPart::Literal(text)) if !change(text).is_empty() => {
            *text = change(text).into();
            Ok(())
        }
        Some(_) => Err(call.because_of(&call.args[0])),
    }
}

/// A text of which all is known, and else its parts.
fn text_or_parts(call: &FunctionArgs) -> Result<Result<Arc<str>, Vec<TextPart>>, FunctionStop> {
    let parts = call.parts(0)?;
    Ok(match &parts[..] {
        [TextPart::Literal(text)] => Ok(text.clone()),
        _ => Err(parts),
    })
}

fn chomp(call: &FunctionArgs) -> FunctionOutcome {
    let chomped = |text: &'_ str| text.trim_end_matches(['\r', '\n']).len();
    match text_or_parts(call)? {
        Ok(text) => call.text_result(&text[..chomped(&text)]),
        Err(mut parts) => {
            change_end(call, &mut parts, |text| &text[..chomped(text)])?;
            call.parts_result(parts)
        }
    }
}

fn trim_space(call: &FunctionArgs) -> FunctionOutcome {
    match text_or_parts(call)? {
        Ok(text) => call.text_result(text.trim()),
        Err(parts) if parts.len() == 1 => call.parts_result(
            parts.iter().map(|part| derived(part, |inner| format!("trimspace({inner})"), false)),
        ),
        Err(mut parts) => {
            change_part(call, parts.first_mut(), str::trim_start)?;
            change_end(call, &mut parts, str::trim_end)?;
            call.parts_result(parts)
        }
    }
}

/// Whether a text starts or ends with another one.
fn affix(call: &FunctionArgs, has: &mut dyn FnMut(&str, &str) -> bool, at_end: bool) -> FunctionOutcome {
    let wanted = call.text(1)?;
    let parts = call.parts(0)?;
    let part = if at_end { parts.last() } else { parts.first() };
    match part {
        _ if wanted.is_empty() => call.bool_result(true),
        None => call.bool_result(false),
        Some(TextPart::Literal(text)) if has(text, &wanted) => call.bool_result(true),
        Some(TextPart::Literal(text)) if parts.len() == 1 || !has(&wanted, text) => call.bool_result(false),
        Some(_) => Err(call.because_of(&call.args[0])),
    }
}

fn contains(call: &FunctionArgs) -> FunctionOutcome {
    let wanted = call.text(1)?;
    let parts = call.parts(0)?;
    let has = |part: &TextPart| matches!(part, TextPart::Literal(text) if text.contains(&*wanted));
    if parts.iter().any(has) || wanted.is_empty() {
        return call.bool_result(true);
    }
    call.text(0)?;
    call.bool_result(false)
}

fn indent(call: &FunctionArgs) -> FunctionOutcome {
    let spaces = call.count(0)?;
    let text = call.parts(1)?;
    let lines =
        |part: &TextPart| if let TextPart::Literal(text) = part { text.matches('\n').count() } else { 0 };
    if text.iter().map(lines).sum::<usize>().max(1).saturating_mul(spaces) > MAX_RESULT {
        return Err(call.not_known("it is a text of more than 4 MB"));
    }
    let replaced = format!("\n{}", " ".repeat(spaces));
    let part = |part: TextPart| match &part {
        TextPart::Literal(text) => TextPart::Literal(text.replace('\n', &replaced).into()),
        other => derived(other, |inner| format!("indent({spaces}, {inner})"), true),
    };
    call.parts_result(text.into_iter().map(part))
}

fn join(call: &FunctionArgs) -> FunctionOutcome {
    let separator = call.parts(0)?;
    let mut joined: Vec<TextPart> = Vec::new();
    let mut length = 0;
    for at in 1..call.args.len() {
        for item in call.items(at)? {
            let parts = super::super::convert::text_parts(item)
                .ok_or_else(|| call.wrong(format!("an item is {}", super::super::convert::sort_of(item))))?;
            let before: &[TextPart] = if joined.is_empty() && length == 0 { &[] } else { &separator };
            joined.extend(before.iter().cloned().chain(parts));
            length += 1;
            call.bounded(joined.len() / 8)?;
        }
    }
    call.parts_result(joined)
}

fn split(call: &FunctionArgs) -> FunctionOutcome {
    let (separator, text) = (call.text(0)?, call.text(1)?);
    let item =
        |text: &str| super::super::convert::text_of([TextPart::Literal(text.into())], call.place.clone());
    let items: Vec<_> = if separator.is_empty() {
        text.split_inclusive(|_| true).take(super::call::MAX_ITEMS + 1).map(item).collect()
    } else {
        text.split(&*separator).take(super::call::MAX_ITEMS + 1).map(item).collect()
    };
    call.list_result(items)
}

fn substring(call: &FunctionArgs) -> FunctionOutcome {
    let (offset, length) = (call.whole(1)?, call.whole(2)?);
    let parts = call.parts(0)?;
    // What ends in a text of ASCII before the first part that is not known does not depend on it.
    if let [TextPart::Literal(text), _, ..] = &parts[..]
        && text.is_ascii()
        && offset >= 0
        && length >= 0
        && offset.saturating_add(length) < text.len() as i128
    {
        return call.text_result(&text[offset as usize..(offset + length) as usize]);
    }
    let text = call.text(0)?;
    let all: Vec<&str> = text.graphemes(true).collect();
    let total = all.len() as i128;
    let start = if offset < 0 { (total + offset).max(0) } else { offset.min(total) };
    let end = if length < 0 { total } else { start.saturating_add(length).min(total) };
    call.text_result(all[start as usize..end as usize].concat())
}

/// Whether a prefix is a scheme of addresses: one stands in a text only once, and a text is never a scheme alone.
pub(super) fn is_scheme(text: &str) -> bool {
    text.ends_with("://")
}

/// The ways to cut a text in two.
fn cuts(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.char_indices().skip(1).map(|(cut, _)| text.split_at(cut))
}

/// Whether a text may end within another one, which goes on in what follows.
pub(super) fn ends_in(text: &str, other: &str) -> bool {
    cuts(other).any(|(start, _)| text.ends_with(start)) || (text.len() < other.len() && other.contains(text))
}

/// Whether a text may start within another one, which begins in what is before.
pub(super) fn starts_in(text: &str, other: &str) -> bool {
    cuts(other).any(|(_, end)| text.starts_with(end)) || (text.len() < other.len() && other.contains(text))
}

fn trim_prefix(call: &FunctionArgs) -> FunctionOutcome {
    let prefix = call.text(1)?;
    let mut parts = call.parts(0)?;
    let is_alone = parts.len() == 1;
    let is_split = match parts.get(1) {
        Some(TextPart::Literal(text)) => starts_in(text, &prefix),
        Some(_) => true,
        None => false,
    };
    match parts.first_mut() {
        Some(TextPart::Literal(text)) => {
            if let Some(rest) = text.strip_prefix(&*prefix) {
                *text = rest.into();
            } else if prefix.starts_with(&**text) && !is_alone {
                return Err(call.because_of(&call.args[0]));
            }
        }
        Some(_) if is_split => return Err(call.because_of(&call.args[0])),
        Some(part) => {
            let is_there = is_alone && is_scheme(&prefix);
            *part = derived(part, |inner| format!("trimprefix({inner}, {prefix:?})"), is_there);
        }
        None => {}
    }
    call.parts_result(parts)
}

fn trim_suffix(call: &FunctionArgs) -> FunctionOutcome {
    let suffix = call.text(1)?;
    let mut parts = call.parts(0)?;
    let is_alone = parts.len() == 1;
    let is_split = match parts.len().checked_sub(2).map(|at| &parts[at]) {
        Some(TextPart::Literal(text)) => ends_in(text, &suffix),
        Some(_) => true,
        None => false,
    };
    match parts.last_mut() {
        Some(TextPart::Literal(text)) => {
            if let Some(rest) = text.strip_suffix(&*suffix) {
                *text = rest.into();
            } else if suffix.ends_with(&**text) && !is_alone {
                return Err(call.because_of(&call.args[0]));
            }
        }
        Some(_) if is_split => return Err(call.because_of(&call.args[0])),
        Some(part) => *part = derived(part, |inner| format!("trimsuffix({inner}, {suffix:?})"), false),
        None => {}
    }
    call.parts_result(parts)
}
