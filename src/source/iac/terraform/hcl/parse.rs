//! The text of a file of a module → its blocks.

use super::cut::cut;
use super::json;
use super::lower::{Lowering, TextOrigin};
use super::syntax::{HclBody, HclExpr, NameTable, TemplatePiece};
use super::twice::parse_with_twins;
use crate::source::iac::{FileId, Place};
use hcl_edit::parser::{parse_body, parse_expr, parse_template};
use std::ops::Range;

/// What was understood of a file.
#[derive(Debug, Default)]
pub(super) struct ParsedFile {
    /// What is in it.
    pub(super) body: HclBody,
    /// The blocks that were not understood.
    pub(super) broken: Vec<BrokenPart>,
}

/// A block that was not understood.
#[derive(Debug)]
pub(super) struct BrokenPart {
    /// Its first words, without quotes: `resource`, `aws_eks_cluster`, `main`. Empty for what is no block.
    pub(super) words: Vec<String>,
    /// Where the block is, without what stands before it.
    pub(super) range: Range<usize>,
    /// Where it stops being HCL.
    pub(super) at: usize,
    /// Why.
    pub(super) message: String,
}

/// Whether a file is written in JSON, by its name.
pub(super) fn is_json(name: &str) -> bool {
    name.ends_with(".json")
}

/// Reads a file, in HCL or JSON as its name says.
pub(super) fn parse_file(name: &str, text: &str, file: FileId, names: &mut NameTable) -> ParsedFile {
    if is_json(name) {
        match json::parse(text, file, names) {
            Ok(body) => ParsedFile { body, broken: Vec::new() },
            Err((at, message)) => {
                let broken = BrokenPart { words: Vec::new(), range: 0..text.len(), at, message };
                ParsedFile { body: HclBody::default(), broken: vec![broken] }
            }
        }
    } else {
        parse_text(text, file, names)
    }
}

fn parse_text(text: &str, file: FileId, names: &mut NameTable) -> ParsedFile {
    match parse_body(text) {
        Ok(body) => {
            let body = Lowering::new(file, TextOrigin::Offset(0), text, names).body(&body);
            ParsedFile { body, broken: Vec::new() }
        }
        Err(_) => parse_pieces(text, file, names),
    }
}

/// Reads each outermost block for itself.
fn parse_pieces(text: &str, file: FileId, names: &mut NameTable) -> ParsedFile {
    let mut parsed = ParsedFile::default();
    for range in cut(text) {
        match parse_with_twins(&text[range.clone()]) {
            Ok((body, renamed)) => {
                let (origin, piece) = (TextOrigin::Offset(range.start), &text[range.clone()]);
                let mut body = Lowering { renamed, ..Lowering::new(file, origin, piece, names) }.body(&body);
                parsed.body.attributes.append(&mut body.attributes);
                parsed.body.blocks.append(&mut body.blocks);
            }
            Err(error) => parsed.broken.push(broken(text, range, &error)),
        }
    }
    parsed
}

fn broken(text: &str, range: Range<usize>, error: &hcl_edit::parser::Error) -> BrokenPart {
    let at = (range.start + error.location().offset()).min(range.end);
    let piece = &text[range.clone()];
    let start = range.start + (piece.len() - piece.trim_start().len());
    let end = range.start + piece.trim_end().len();
    let line = text[start..end].lines().next().unwrap_or_default();
    let head = line.split('{').next().unwrap_or_default();
    let is_block = line.contains('{') && !head.contains('=');
    let words =
        head.split_whitespace().map(|word| word.trim_matches('"').to_owned()).filter(|_| is_block).collect();
    BrokenPart { words, range: start..end.max(start), at, message: sentence(error.message()) }
}

/// A message of the parser in one line.
fn sentence(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Reads one expression: what `--var` gives.
pub(super) fn parse_value(text: &str, file: FileId, names: &mut NameTable) -> Result<HclExpr, String> {
    parse_part(text, file, TextOrigin::Offset(0), names)
}

/// Reads an expression that stands in a text.
pub(super) fn parse_part(
    text: &str,
    file: FileId,
    origin: TextOrigin,
    names: &mut NameTable,
) -> Result<HclExpr, String> {
    let expression = parse_expr(text).map_err(|error| sentence(error.message()))?;
    Ok(Lowering::new(file, origin, text, names).expression(&expression))
}

/// Reads a text of `templatefile`; all of it gets one place.
pub(super) fn parse_pattern(
    text: &str,
    place: &Place,
    names: &mut NameTable,
) -> Result<Vec<TemplatePiece>, String> {
    let template = parse_template(text).map_err(|error| {
        let location = error.location();
        format!("{} in line {}, column {}", sentence(error.message()), location.line(), location.column())
    })?;
    Ok(Lowering::new(place.file, TextOrigin::Within(place.range()), text, names).template(&template))
}
