//! Texts with something in them: `"${x}"`, `%{ if x }`, heredocs.

use super::super::convert;
use super::eval::Decision;
use super::evaluator::{Evaluated, Evaluator};
use super::limits::MAX_TEXT_BYTES;
use super::scope::{EvalScope, LoopName};
use super::syntax::{TemplateLoop, TemplatePiece};
use crate::source::iac::{Place, TemplateValue, TextPart, UnknownValue};
use std::sync::Arc;

/// A text that is put together.
#[derive(Default)]
struct TextBuilder {
    parts: Vec<TextPart>,
    length: usize,
    sensitive: bool,
    /// The place of the first value with a second place.
    via: Option<Place>,
}

impl TextBuilder {
    fn push(&mut self, part: TextPart) -> Result<(), String> {
        self.length += match &part {
            TextPart::Literal(text) => text.len(),
            TextPart::Symbol(symbol) => symbol.name.len(),
            TextPart::Unknown(unknown) => unknown.reason.len(),
        };
        if self.length > MAX_TEXT_BYTES {
            return Err(format!("a text is longer than {MAX_TEXT_BYTES} bytes"));
        }
        self.parts.push(part);
        Ok(())
    }

    /// A part of which nothing is known.
    fn open(&mut self, reason: String) -> Result<(), String> {
        self.push(TextPart::Unknown(Arc::new(UnknownValue { reason, name: None })))
    }

    fn finish(self, place: &Place) -> TemplateValue {
        let via = self.via.and_then(|place| place.via);
        let text = convert::text_of(self.parts, Some(Place { via, ..place.clone() }));
        TemplateValue { sensitive: self.sensitive, ..text }
    }
}

impl Evaluator<'_> {
    /// A text of pieces.
    pub(super) fn text(&self, pieces: &[TemplatePiece], place: &Place, scope: EvalScope<'_>) -> Evaluated {
        let mut builder = TextBuilder::default();
        self.pieces(pieces, scope, &mut builder)?;
        self.budget.take(builder.length / 64)?;
        Ok(builder.finish(place))
    }

    fn pieces(
        &self,
        pieces: &[TemplatePiece],
        scope: EvalScope<'_>,
        builder: &mut TextBuilder,
    ) -> Result<(), String> {
        for piece in pieces {
            self.budget.take(1)?;
            match piece {
                TemplatePiece::Text(text) => builder.push(TextPart::Literal(text.clone()))?,
                TemplatePiece::Value(expression) => self.add(&self.eval(expression, scope)?, builder)?,
                TemplatePiece::If(parts) => {
                    let decided = self.eval(&parts.0, scope)?;
                    match self.condition(&decided)? {
                        Decision::Known(true) => self.pieces(&parts.1, scope, builder)?,
                        Decision::Known(false) => self.pieces(&parts.2, scope, builder)?,
                        Decision::Open(why) => builder.open(why)?,
                    }
                }
                TemplatePiece::For(found) => self.text_loop(found, scope, builder)?,
            }
        }
        Ok(())
    }

    fn text_loop(
        &self,
        found: &TemplateLoop,
        scope: EvalScope<'_>,
        builder: &mut TextBuilder,
    ) -> Result<(), String> {
        let collection = self.eval(&found.collection, scope)?;
        match self.entries(&collection, super::eval::is_set(&found.collection))? {
            Err(why) => builder.open(why)?,
            Ok(entries) => {
                for (key, value) in &entries {
                    let name = found.key.as_deref().unwrap_or_default();
                    let outer = LoopName { name, value: key, outer: scope.names, moves: false };
                    let inner = LoopName { name: &found.value, value, outer: Some(&outer), moves: false };
                    self.pieces(&found.body, scope.with(&inner), builder)?;
                }
            }
        }
        Ok(())
    }

    fn add(&self, value: &TemplateValue, builder: &mut TextBuilder) -> Result<(), String> {
        builder.sensitive |= value.sensitive;
        self.may_fail(std::slice::from_ref(value));
        if builder.via.is_none() {
            builder.via = value.place.clone().filter(|place| place.via.is_some());
        }
        if value.is_null() {
            return Err("a text has null in it".to_owned());
        }
        let parts = convert::text_parts(value);
        let parts = parts.ok_or_else(|| format!("a text has {} in it", convert::sort_of(value)))?;
        parts.into_iter().try_for_each(|part| builder.push(part))
    }
}
