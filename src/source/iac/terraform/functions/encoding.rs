//! Functions that encode and decode: JSON, YAML, CSV, Base64, addresses.

use super::super::{convert, number};
use super::call::{FunctionArgs, FunctionOutcome, FunctionStop, MAX_ITEMS, MAX_RESULT};
use super::strings::derived;
use super::table::{FunctionGroup, FunctionRow};
use crate::source::iac::{Place, TemplateValue, TextPart, UnknownValue, ValueKind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, LazyLock};

const GROUP: FunctionGroup = FunctionGroup::Encoding;
const ONE: (usize, Option<usize>) = (1, Some(1));
const TWO: (usize, Option<usize>) = (2, Some(2));
const ZIPPED: &str = "is not worked out here: compressed data is not read";

pub(super) const ROWS: &[FunctionRow] = &[
    FunctionRow::scalar("base64decode", GROUP, ONE, base64_decode),
    FunctionRow::scalar("base64encode", GROUP, ONE, |call| {
        derived_whole(call, 0, "base64encode", |text| base64_of(text.as_bytes()))
    }),
    FunctionRow::not_known("base64gunzip", GROUP, ONE, ZIPPED).of_tofu(),
    FunctionRow::not_known("base64gzip", GROUP, ONE, ZIPPED),
    FunctionRow::scalar("csvdecode", GROUP, ONE, csv_decode),
    FunctionRow::scalar("jsondecode", GROUP, ONE, |call| decode(call, Notation::Json)),
    FunctionRow::scalar("jsonencode", GROUP, ONE, |call| call.parts_result(json_text(call, &call.args[0])?)),
    FunctionRow::scalar("textdecodebase64", GROUP, TWO, text_decode),
    FunctionRow::scalar("textencodebase64", GROUP, TWO, text_encode),
    FunctionRow::scalar("urldecode", GROUP, ONE, url_decode).of_tofu(),
    FunctionRow::scalar("urlencode", GROUP, ONE, |call| {
        super::strings::each_part(call, "urlencode", &url_encode)
    }),
    FunctionRow::scalar("yamldecode", GROUP, ONE, |call| decode(call, Notation::Yaml)),
    FunctionRow::scalar("yamlencode", GROUP, ONE, yaml_encode),
];

/// A function of a whole text. Of a symbol alone it is one too: the same text gives the same, and none gives an empty one.
pub(super) fn derived_whole(
    call: &FunctionArgs,
    at: usize,
    name: &str,
    encode: impl Fn(&str) -> String,
) -> FunctionOutcome {
    match &call.parts(at)?[..] {
        [part @ (TextPart::Symbol(_) | TextPart::Unknown(_))] => {
            call.parts_result([derived(part, |inner| format!("{name}({inner})"), true)])
        }
        _ => call.text_result(encode(&call.text(at)?)),
    }
}

pub(super) fn base64_of(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn base64_bytes(call: &FunctionArgs) -> Result<Vec<u8>, FunctionStop> {
    // Ends of lines do not count.
    STANDARD.decode(call.text(0)?.replace(['\r', '\n'], "")).map_err(|_| call.wrong("the text is no Base64"))
}

fn base64_decode(call: &FunctionArgs) -> FunctionOutcome {
    if let [part @ (TextPart::Symbol(_) | TextPart::Unknown(_))] = &call.parts(0)?[..] {
        return call.parts_result([derived(part, |inner| format!("base64decode({inner})"), true)]);
    }
    let text = String::from_utf8(base64_bytes(call)?);
    call.text_result(text.map_err(|_| call.wrong("what is encoded is no text in UTF-8"))?)
}

/// Encodings of texts that are worked out.
#[derive(Clone, Copy)]
enum TextEncoding {
    Utf8,
    Utf16 { is_little: bool },
}

fn text_encoding(call: &FunctionArgs) -> Result<TextEncoding, FunctionStop> {
    match &*call.text(1)?.to_ascii_uppercase() {
        "UTF-8" => Ok(TextEncoding::Utf8),
        "UTF-16LE" => Ok(TextEncoding::Utf16 { is_little: true }),
        "UTF-16BE" => Ok(TextEncoding::Utf16 { is_little: false }),
        _ => Err(call.not_known("only UTF-8, UTF-16LE and UTF-16BE are worked out")),
    }
}

fn text_encode(call: &FunctionArgs) -> FunctionOutcome {
    let (text, encoding) = (call.text(0)?, text_encoding(call)?);
    let bytes: Vec<u8> = match encoding {
        TextEncoding::Utf8 => text.as_bytes().to_vec(),
        TextEncoding::Utf16 { is_little: true } => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        TextEncoding::Utf16 { is_little: false } => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
    };
    call.text_result(base64_of(&bytes))
}

fn text_decode(call: &FunctionArgs) -> FunctionOutcome {
    let (bytes, encoding) = (base64_bytes(call)?, text_encoding(call)?);
    let text = match encoding {
        TextEncoding::Utf8 => String::from_utf8(bytes).ok(),
        TextEncoding::Utf16 { is_little } => {
            let unit = |pair: &[u8]| match is_little {
                true => u16::from_le_bytes([pair[0], pair[1]]),
                false => u16::from_be_bytes([pair[0], pair[1]]),
            };
            let units: Vec<u16> = bytes.chunks_exact(2).map(unit).collect();
            String::from_utf16(&units).ok().filter(|_| bytes.len() % 2 == 0)
        }
    };
    call.text_result(text.ok_or_else(|| call.wrong("what is encoded is no text in this encoding"))?)
}

fn url_encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn url_decode(call: &FunctionArgs) -> FunctionOutcome {
    let text = call.text(0)?;
    let wrong = || call.wrong("the text is no part of an address");
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits =
                    [rest.next(), rest.next()].map(|digit| char::from(digit.unwrap_or(b' ')).to_digit(16));
                let [Some(high), Some(low)] = digits else { return Err(wrong()) };
                bytes.push((high * 16 + low) as u8);
            }
            _ => bytes.push(byte),
        }
    }
    call.text_result(String::from_utf8(bytes).map_err(|_| wrong())?)
}

/// A list of objects, one for each row, with the names of the first row.
fn csv_decode(call: &FunctionArgs) -> FunctionOutcome {
    let text = call.text(0)?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let mut records = reader.records();
    let wrong = |error: csv::Error| call.wrong(format!("the text is no CSV: {error}"));
    let Some(names) = records.next() else { return Err(call.wrong("the text has no row with names")) };
    let names = names.map_err(wrong)?;
    let mut seen = std::collections::BTreeSet::new();
    if let Some(twice) = names.iter().find(|name| !seen.insert(*name)) {
        return Err(call.wrong(format!("two columns are named \"{}\"", crate::text::bounded(twice))));
    }
    let mut rows = Vec::new();
    for record in records {
        let record = record.map_err(wrong)?;
        call.bounded((rows.len() + 1).saturating_mul(names.len()))?;
        let cell = |text: &str| TemplateValue::text(text, call.place.clone());
        rows.push(TemplateValue::map(names.iter().zip(record.iter().map(cell)), call.place.clone()));
    }
    call.list_result(rows)
}

/// What writes a text in parts and stops when it becomes too long.
struct PartsWriter<'c> {
    call: &'c FunctionArgs,
    parts: Vec<TextPart>,
    text: String,
    bytes: usize,
}

impl<'c> PartsWriter<'c> {
    fn new(call: &'c FunctionArgs) -> Self {
        Self { call, parts: Vec::new(), text: String::new(), bytes: 0 }
    }

    fn push(&mut self, text: &str) -> Result<(), FunctionStop> {
        self.text.push_str(text);
        self.bytes += text.len();
        if self.bytes > MAX_RESULT {
            return Err(self.call.not_known("it is a text of more than 4 MB"));
        }
        Ok(())
    }

    fn push_part(&mut self, part: TextPart) {
        self.parts.push(TextPart::Literal(std::mem::take(&mut self.text).into()));
        self.parts.push(part);
    }

    /// A text between quotes, with what is not known in it.
    fn push_quoted(&mut self, parts: &[TextPart], escaped: fn(&str) -> String) -> Result<(), FunctionStop> {
        self.push("\"")?;
        for part in parts {
            match part {
                TextPart::Literal(text) => self.push(&escaped(text))?,
                other => self.push_part(other.clone()),
            }
        }
        self.push("\"")
    }

    fn done(mut self) -> Vec<TextPart> {
        self.parts.push(TextPart::Literal(self.text.into()));
        self.parts
    }
}

/// What the name of a value in JSON begins with; a bracket ends it.
const IN_JSON: &str = "jsonencode(";

/// A value as JSON, as Terraform writes it. A symbol is taken for a text, and something unknown for any value.
pub(super) fn json_text(call: &FunctionArgs, value: &TemplateValue) -> Result<Vec<TextPart>, FunctionStop> {
    let mut writer = PartsWriter::new(call);
    write_json(&mut writer, value)?;
    Ok(writer.done())
}

fn write_json(writer: &mut PartsWriter<'_>, value: &TemplateValue) -> Result<(), FunctionStop> {
    match &value.kind {
        ValueKind::Null => writer.push("null"),
        ValueKind::Bool(is) => writer.push(if *is { "true" } else { "false" }),
        ValueKind::Number(number) => writer.push(&number::written(number)),
        ValueKind::Text(text) => writer.push(&format!("\"{}\"", json_escaped(text))),
        ValueKind::Mixed(parts) => writer.push_quoted(parts, json_escaped),
        ValueKind::Symbol(symbol) => writer.push_quoted(&[TextPart::Symbol(symbol.clone())], json_escaped),
        // What is written is no longer the value, but its JSON.
        ValueKind::Unknown(unknown) => {
            let name = unknown.name.as_ref().map(|name| format!("{IN_JSON}{name})").into());
            let written = UnknownValue { reason: unknown.reason.clone(), name };
            writer.push_part(TextPart::Unknown(Arc::new(written)));
            Ok(())
        }
        ValueKind::List(items) => {
            writer.push("[")?;
            for (at, item) in items.iter().enumerate() {
                writer.push(if at > 0 { "," } else { "" })?;
                write_json(writer, item)?;
            }
            writer.push("]")
        }
        ValueKind::Map(fields) => {
            writer.push("{")?;
            for (at, (name, field)) in fields.iter().enumerate() {
                writer.push(if at > 0 { "," } else { "" })?;
                writer.push(&format!("\"{}\":", json_escaped(name)))?;
                write_json(writer, field)?;
            }
            writer.push("}")
        }
    }
}

/// What stands between the quotes: also `<`, `>` and `&` are escaped.
fn json_escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out
}

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
}

fn decode(call: &FunctionArgs, notation: Notation) -> FunctionOutcome {
    let parts = call.parts(0)?;
    if let [TextPart::Symbol(_) | TextPart::Unknown(_)] = parts[..] {
        return Err(call.because_of(&call.args[0]));
    }
    let is_known = parts.iter().all(|part| matches!(part, TextPart::Literal(_)));
    if parts.iter().all(|part| matches!(part, TextPart::Literal(text) if text.trim().is_empty())) {
        return Err(call.wrong("the text is empty"));
    }
    // Each value but the first comes after one of these.
    let is_mark = |c: &char| matches!(c, ',' | '[' | '{' | '\n');
    let marks = |part: &TextPart| {
        if let TextPart::Literal(text) = part { text.chars().filter(is_mark).count() } else { 1 }
    };
    if parts.iter().map(marks).sum::<usize>() > convert::MAX_VALUES * 2 {
        return Err(call.not_known("it has too many values"));
    }
    match decoded(&parts, notation, call.place.as_ref()) {
        Ok(value) if convert::is_bounded([&value]) => Ok(value),
        Ok(_) => Err(call.not_known("it has too many values, or they are nested too deeply")),
        // What is not known may be what makes it right; a YAML that is too large is not wrong.
        Err(reason) if is_known && notation == Notation::Json => Err(call.wrong(reason)),
        Err(reason) if is_known => Err(call.not_known(&reason)),
        Err(_) => Err(call.because_of(&call.args[0])),
    }
}

/// The value that a text is, which is written in JSON or YAML and may have parts that are not known: these stay such in
/// the texts of the value. The error says in words what is wrong.
///
/// ```
/// use ekslint::source::iac::{TemplateValue, TextPart, UnknownValue};
/// use ekslint::source::iac::terraform::{convert, functions};
/// use std::sync::Arc;
///
/// let account = UnknownValue { reason: "var.account has no value".to_owned(), name: Some("var.account".into()) };
/// let text = [TextPart::Literal(r#"{"AWS": "arn:aws:iam::"#.into()), TextPart::Unknown(Arc::new(account)),
///     TextPart::Literal(r#":root"}"#.into())];
/// let value = functions::decoded(&text, functions::Notation::Json, None).unwrap();
/// assert_eq!(value.get("AWS").unwrap().join_key().unwrap(), "arn:aws:iam::${var.account}:root");
/// ```
pub fn decoded(
    parts: &[TextPart],
    notation: Notation,
    place: Option<&Place>,
) -> Result<TemplateValue, String> {
    let marks = Marks { parts };
    let (text, is_marked) = marks.text(notation)?;
    let value: Value = match notation {
        Notation::Json => {
            serde_json::from_str(&text).map_err(|error| format!("the text is no JSON: {error}"))?
        }
        Notation::Yaml => yaml_value(&text)?,
    };
    from_json(&value, is_marked.then_some(&marks), place)
}

/// Parts of a text that are not known, as characters that nobody writes: one for each, by its position.
struct Marks<'p> {
    parts: &'p [TextPart],
}

/// The first of the characters: a plane for private use has 65,534.
const FIRST_MARK: u32 = 0xF_0000;
const MOST_MARKS: usize = 0xFFFE;
/// The first of those for values of JSON: the other plane for private use.
const FIRST_VALUE: u32 = 0x10_0000;

/// The value of which something unknown is the JSON.
fn read_from_json(unknown: &UnknownValue) -> UnknownValue {
    let name = unknown.name.as_deref();
    let name = name.and_then(|name| name.strip_prefix(IN_JSON)?.strip_suffix(')')).map(Arc::from);
    UnknownValue { reason: unknown.reason.clone(), name }
}

impl Marks<'_> {
    /// The text with a character for each part that is not known, and whether there is one. In JSON it stands between quotes
    /// where no text is open, and is one of those for values.
    fn text(&self, notation: Notation) -> Result<(String, bool), String> {
        let mut text = String::new();
        let mut is_open = false;
        let mut is_marked = false;
        for (at, part) in self.parts.iter().enumerate() {
            let TextPart::Literal(literal) = part else {
                let is_value = notation == Notation::Json && !is_open;
                let mark = Self::mark(at, is_value).ok_or("it has too many parts that are not known")?;
                let quote = if is_value { "\"" } else { "" };
                text.extend([quote, mark.encode_utf8(&mut [0; 4]), quote]);
                is_marked = true;
                continue;
            };
            if self.parts.len() > 1 && literal.chars().any(|c| Self::position(c).is_some()) {
                return Err("it has characters for private use".to_owned());
            }
            is_open = ends_in_text(literal, is_open);
            text.push_str(literal);
        }
        Ok((text, is_marked))
    }

    fn mark(at: usize, is_value: bool) -> Option<char> {
        let first = if is_value { FIRST_VALUE } else { FIRST_MARK };
        (at < MOST_MARKS).then(|| char::from_u32(first + at as u32)).flatten()
    }

    /// Which part a character stands for, and whether that is a whole value.
    fn position(c: char) -> Option<(usize, bool)> {
        let after = |first| u32::from(c).checked_sub(first).map(|at| at as usize);
        let position = |first| after(first).filter(|at| *at < MOST_MARKS);
        let value = position(FIRST_VALUE).map(|at| (at, true));
        value.or_else(|| position(FIRST_MARK).map(|at| (at, false)))
    }

    /// A text with the parts in place of the characters.
    fn restored(&self, text: &str, place: Option<&Place>) -> TemplateValue {
        let found = |c| Self::position(c).and_then(|(at, is_value)| Some((self.parts.get(at)?, is_value)));
        let part = |c: char| match found(c) {
            Some((TextPart::Unknown(unknown), true)) => TextPart::Unknown(Arc::new(read_from_json(unknown))),
            Some((part, _)) => part.clone(),
            None => TextPart::Literal(Arc::from(&*c.encode_utf8(&mut [0; 4]))),
        };
        convert::text_of(text.chars().map(part), place.cloned())
    }
}

/// Whether a text of JSON is open at the end, when it was or was not at the start.
fn ends_in_text(text: &str, mut is_open: bool) -> bool {
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if is_open => drop(chars.next()),
            '"' => is_open = !is_open,
            _ => {}
        }
    }
    is_open
}

/// The value of a YAML text, where the parser has the same rules as Terraform's.
fn yaml_value(text: &str) -> Result<Value, String> {
    static OTHERS: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\d_\d|\d{4}-\d\d?-\d\d?").expect("a pattern"));
    match OTHERS.find(text) {
        Some(found) => Err(format!("`{}` in YAML is read in more than one way", found.as_str())),
        None => {
            crate::value::yaml::bounded(text).ok_or_else(|| "the text is no YAML, or too large".to_owned())
        }
    }
}

fn from_json(
    value: &Value,
    marks: Option<&Marks<'_>>,
    place: Option<&Place>,
) -> Result<TemplateValue, String> {
    let kind = match value {
        Value::Null => ValueKind::Null,
        Value::Bool(is) => ValueKind::Bool(*is),
        Value::Number(number) => ValueKind::Number(match number::as_whole(number).and_then(number::whole) {
            Some(whole) => whole,
            None => number.clone(),
        }),
        Value::String(text) => match marks {
            Some(marks) => return Ok(marks.restored(text, place)),
            None => ValueKind::Text(text.as_str().into()),
        },
        Value::Array(items) => {
            let items = items.iter().map(|item| from_json(item, marks, place)).collect::<Result<_, _>>()?;
            ValueKind::List(Arc::new(items))
        }
        Value::Object(fields) => {
            let mut map = BTreeMap::new();
            for (name, field) in fields {
                if marks.is_some() && name.chars().any(|c| Marks::position(c).is_some()) {
                    return Err("the name of a field is not known".to_owned());
                }
                map.insert(Arc::from(name.as_str()), from_json(field, marks, place)?);
            }
            ValueKind::Map(Arc::new(map.into()))
        }
    };
    Ok(TemplateValue::new(kind, place.cloned()))
}

/// The longest key that YAML writes in one line.
const MAX_KEY: usize = 128;

fn yaml_encode(call: &FunctionArgs) -> FunctionOutcome {
    let value = &call.args[0];
    let mut writer = PartsWriter::new(call);
    write_yaml(&mut writer, value, 0, false)?;
    if matches!(value.kind, ValueKind::Null | ValueKind::Bool(_) | ValueKind::Number(_)) {
        writer.push("...\n")?;
    }
    let parts = writer.done();
    if parts.len() > MAX_ITEMS {
        Err(call.not_known("it has too many parts"))
    } else {
        call.parts_result(parts)
    }
}

/// Writes a value after `- ` or at the start of a line; a scalar and what is empty end with a line.
fn write_yaml(
    writer: &mut PartsWriter<'_>,
    value: &TemplateValue,
    indent: usize,
    is_field: bool,
) -> Result<(), FunctionStop> {
    let pad = " ".repeat(indent);
    match &value.kind {
        ValueKind::List(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                writer.push(if at > 0 { &pad } else { "" })?;
                writer.push("- ")?;
                write_yaml(writer, item, indent + 2, false)?;
            }
            Ok(())
        }
        ValueKind::Map(fields) if !fields.is_empty() => {
            for (at, (name, field)) in fields.iter().enumerate() {
                if name.len() > MAX_KEY || name.contains('\n') {
                    return Err(writer.call.not_known("a key is too long"));
                }
                writer.push(if at > 0 { &pad } else { "" })?;
                writer.push(&format!("\"{}\":", yaml_escaped(name)))?;
                write_yaml_field(writer, field, indent)?;
            }
            Ok(())
        }
        _ => {
            write_yaml_scalar(writer, value, indent + if is_field { 2 } else { 0 })?;
            writer.push("\n")
        }
    }
}

fn write_yaml_field(
    writer: &mut PartsWriter<'_>,
    field: &TemplateValue,
    indent: usize,
) -> Result<(), FunctionStop> {
    match &field.kind {
        ValueKind::List(items) if !items.is_empty() => {
            writer.push(&format!("\n{}", " ".repeat(indent)))?;
            write_yaml(writer, field, indent, false)
        }
        ValueKind::Map(fields) if !fields.is_empty() => {
            writer.push(&format!("\n{}", " ".repeat(indent + 2)))?;
            write_yaml(writer, field, indent + 2, false)
        }
        _ => {
            writer.push(" ")?;
            write_yaml(writer, field, indent, true)
        }
    }
}

fn write_yaml_scalar(
    writer: &mut PartsWriter<'_>,
    value: &TemplateValue,
    indent: usize,
) -> Result<(), FunctionStop> {
    match &value.kind {
        ValueKind::Text(text) if text.contains('\n') => write_yaml_block(writer, text, indent),
        ValueKind::Text(text) => write_yaml_quoted(writer, text, indent.max(2)),
        ValueKind::Mixed(parts) => writer.push_quoted(parts, yaml_escaped),
        _ => write_json(writer, value),
    }
}

/// A line goes on in the next one at the first space after this column.
const YAML_WIDTH: usize = 80;

fn write_yaml_quoted(writer: &mut PartsWriter<'_>, text: &str, indent: usize) -> Result<(), FunctionStop> {
    writer.push("\"")?;
    let mut column = writer.text.chars().rev().take_while(|c| *c != '\n').count();
    let mut before = '"';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == ' ' && before != ' ' && before != '"' && column > YAML_WIDTH && chars.peek().is_some() {
            writer.push(&format!("\n{}", " ".repeat(indent)))?;
            column = indent;
            if chars.peek() == Some(&' ') {
                writer.push("\\")?;
                column += 1;
            }
        } else {
            let escaped = yaml_escaped(c.encode_utf8(&mut [0; 4]));
            column += escaped.chars().count();
            writer.push(&escaped)?;
        }
        // A quote within the text is no start of it.
        before = if c == '"' { 'x' } else { c };
    }
    writer.push("\"")
}

/// A text of several lines.
fn write_yaml_block(writer: &mut PartsWriter<'_>, text: &str, indent: usize) -> Result<(), FunctionStop> {
    let lines = text.strip_suffix('\n').unwrap_or(text);
    let is_odd = |c: char| c != '\n' && !is_yaml_printable(c);
    if text.chars().any(is_odd) || lines.split('\n').any(|line| line.ends_with(' ')) {
        return write_yaml_quoted(writer, text, indent.max(2));
    }
    let hint = if text.starts_with([' ', '\n']) { "2" } else { "" };
    let chomping = match text.strip_suffix('\n') {
        None => "-",
        Some(rest) if rest.ends_with('\n') => "+",
        Some(_) => "",
    };
    writer.push(&format!("|{hint}{chomping}"))?;
    for line in lines.split('\n') {
        let pad = if line.is_empty() { 0 } else { indent.max(2) };
        writer.push(&format!("\n{}{line}", " ".repeat(pad)))?;
    }
    Ok(())
}

fn is_yaml_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}') && c != '\u{feff}'
}

fn yaml_escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let _ = match c {
            '"' => out.write_str("\\\""),
            '\\' => out.write_str("\\\\"),
            '\0' => out.write_str("\\0"),
            '\u{7}' => out.write_str("\\a"),
            '\u{8}' => out.write_str("\\b"),
            '\t' => out.write_str("\\t"),
            '\n' => out.write_str("\\n"),
            '\u{b}' => out.write_str("\\v"),
            '\u{c}' => out.write_str("\\f"),
            '\r' => out.write_str("\\r"),
            '\u{1b}' => out.write_str("\\e"),
            '\u{85}' => out.write_str("\\N"),
            '\u{2028}' => out.write_str("\\L"),
            '\u{2029}' => out.write_str("\\P"),
            c if is_yaml_printable(c) => out.write_char(c),
            c if u32::from(c) <= 0xff => write!(out, "\\x{:02X}", u32::from(c)),
            c if u32::from(c) <= 0xffff => write!(out, "\\u{:04X}", u32::from(c)),
            c => write!(out, "\\U{:08X}", u32::from(c)),
        };
    }
    out
}
