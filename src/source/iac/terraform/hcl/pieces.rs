//! The pieces of texts: what `~` drops, and the indentation that `<<-` drops.

use super::syntax::TemplatePiece;
use std::sync::Arc;

/// How literals of a text are cut before `~` drops blanks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LiteralForm {
    /// Not at all: between quotes.
    Whole,
    /// At the ends of lines.
    Lines,
    /// At the ends of lines, and the parser has dropped indentation from them.
    LinesAsWritten,
}

impl LiteralForm {
    /// That of literals in a directive, from which nothing was dropped.
    pub(super) fn within(self) -> Self {
        if self == Self::Whole { self } else { Self::Lines }
    }

    /// The literal in parts.
    pub(super) fn cut(self, text: &str) -> impl Iterator<Item = &str> {
        let mut rest = Some(text);
        std::iter::from_fn(move || {
            let text = rest.take().filter(|text| !text.is_empty())?;
            let end = text.find('\n').filter(|_| self != Self::Whole).map_or(text.len(), |at| at + 1);
            rest = Some(&text[end..]);
            Some(&text[..end])
        })
    }
}

/// Without blanks at the start and at the end, where they are dropped.
pub(super) fn trimmed(mut pieces: Vec<TemplatePiece>, start: bool, end: bool) -> Vec<TemplatePiece> {
    if let (true, Some(TemplatePiece::Text(text))) = (start, pieces.first_mut()) {
        *text = text.trim_start().into();
    }
    if let (true, Some(TemplatePiece::Text(text))) = (end, pieces.last_mut()) {
        *text = text.trim_end().into();
    }
    pieces
}

/// Pieces in which texts that follow each other are one, and none is empty.
pub(super) fn joined(pieces: Vec<TemplatePiece>) -> Vec<TemplatePiece> {
    let mut found: Vec<TemplatePiece> = Vec::with_capacity(pieces.len());
    let mut literal = String::new();
    for piece in pieces {
        let piece = match piece {
            TemplatePiece::Text(text) => {
                literal.push_str(&text);
                continue;
            }
            TemplatePiece::If(parts) => {
                let (condition, then, otherwise) = *parts;
                TemplatePiece::If(Box::new((condition, joined(then), joined(otherwise))))
            }
            TemplatePiece::For(mut found) => {
                found.body = joined(std::mem::take(&mut found.body));
                TemplatePiece::For(found)
            }
            piece @ TemplatePiece::Value(_) => piece,
        };
        push_text(&mut found, &mut literal);
        found.push(piece);
    }
    push_text(&mut found, &mut literal);
    found
}

fn push_text(pieces: &mut Vec<TemplatePiece>, text: &mut String) {
    if !text.is_empty() {
        pieces.push(TemplatePiece::Text(std::mem::take(text).into()));
    }
}

/// Drops the indentation that all lines have, as Terraform does: what is no text has none, and neither has the rest of a line
/// whose end `~` has dropped.
pub(super) fn without_margin(pieces: &mut [TemplatePiece]) {
    let mut margin = usize::MAX;
    each_line(pieces, &mut true, &mut |text| margin = margin.min(text.map_or(0, |text| indentation(text))));
    each_line(pieces, &mut true, &mut |text| {
        if let Some(text) = text {
            let start = text.char_indices().nth(margin).map_or(text.len(), |(at, _)| at);
            *text = text[start..].into();
        }
    });
}

fn indentation(text: &str) -> usize {
    text.chars().take_while(|c| c.is_whitespace()).count()
}

/// What each line that is not blank begins with; none for what is no text.
fn each_line(pieces: &mut [TemplatePiece], is_start: &mut bool, see: &mut dyn FnMut(Option<&mut Arc<str>>)) {
    for piece in pieces {
        let was_start = std::mem::take(is_start);
        if let TemplatePiece::Text(text) = piece {
            let (is_blank, ends) = (text.trim_start().is_empty(), text.ends_with('\n'));
            if was_start && !(is_blank && ends) {
                see(Some(text));
            }
            *is_start = ends;
            continue;
        }
        if was_start {
            see(None);
        }
        match piece {
            TemplatePiece::If(parts) => {
                each_line(&mut parts.1, is_start, see);
                if std::mem::take(is_start) {
                    see(None);
                }
                each_line(&mut parts.2, is_start, see);
            }
            TemplatePiece::For(found) => each_line(&mut found.body, is_start, see),
            TemplatePiece::Text(_) | TemplatePiece::Value(_) => continue,
        }
        if std::mem::take(is_start) {
            see(None);
        }
    }
}
