//! From the types of hcl-edit to ours: no other file names these.

use super::syntax::{
    AccessStep, BinaryKind, ExprKind, ForLoop, HclAttribute, HclBlock, HclBody, HclCall, HclExpr, HclLabel,
    NameTable, ObjectItem, TemplateLoop, TemplatePiece,
};
use super::twice::RenamedKey;
use crate::source::iac::{FileId, Place, TemplateValue, ValueKind};
use hcl_edit::expr::{
    Array, BinaryOperator, Expression, ForExpr, FuncCall, Object, ObjectKey, Traversal, TraversalOperator,
    UnaryOperator,
};
use hcl_edit::structure::{Block, Body, Structure};
use hcl_edit::template::{Directive, Element, Strip, Template};
use hcl_edit::{Number, Span};
use std::ops::Range;

/// Gives what hcl-edit has read its place in a file.
pub(super) struct Lowering<'n> {
    /// The file.
    pub(super) file: FileId,
    /// Where in the file the text is.
    pub(super) origin: TextOrigin,
    /// The names so far.
    pub(super) names: &'n mut NameTable,
    /// Keys of objects that have another name in the text that was parsed.
    pub(super) renamed: Vec<RenamedKey>,
}

/// Where in a file a text that was parsed is.
#[derive(Clone, Debug)]
pub(super) enum TextOrigin {
    /// It begins at this byte.
    Offset(usize),
    /// It stands for this range: a text of JSON, whose characters may be written otherwise.
    Within(Range<usize>),
}

impl<'n> Lowering<'n> {
    /// For a text whose keys are its own.
    pub(super) fn new(file: FileId, origin: TextOrigin, names: &'n mut NameTable) -> Self {
        Self { file, origin, names, renamed: Vec::new() }
    }

    fn place(&self, span: Option<Range<usize>>) -> Place {
        match (&self.origin, span) {
            (TextOrigin::Offset(offset), Some(span)) => {
                Place::new(self.file, offset.saturating_add(span.start)..offset.saturating_add(span.end))
            }
            (TextOrigin::Offset(offset), None) => Place::new(self.file, *offset..*offset),
            (TextOrigin::Within(range), _) => Place::new(self.file, range.clone()),
        }
    }

    /// A body.
    pub(super) fn body(&mut self, body: &Body) -> HclBody {
        let mut lowered = HclBody::default();
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    let name = self.names.get(attribute.key.as_str());
                    let key = self.place(attribute.key.span());
                    let value = keyed(self.expression(&attribute.value), &key);
                    lowered.attributes.push(HclAttribute { name, key, value });
                }
                Structure::Block(block) => lowered.blocks.push(self.block(block)),
            }
        }
        lowered
    }

    fn block(&mut self, block: &Block) -> HclBlock {
        let kind = self.names.get(block.ident.as_str());
        let key = self.place(block.ident.span());
        let mut labels = Vec::with_capacity(block.labels.len());
        for label in &block.labels {
            labels.push(HclLabel { text: self.names.get(label.as_str()), place: self.place(label.span()) });
        }
        HclBlock { kind, key, labels, body: self.body(&block.body) }
    }

    /// An expression.
    pub(super) fn expression(&mut self, expression: &Expression) -> HclExpr {
        let place = self.place(expression.span());
        let value = |kind| ExprKind::Value(TemplateValue::new(kind, Some(place.clone())));
        let kind = match expression {
            Expression::Null(_) => value(ValueKind::Null),
            Expression::Bool(bool) => value(ValueKind::Bool(*bool.value())),
            Expression::Number(number) => value(ValueKind::Number(json_number(number.value()))),
            Expression::String(text) => value(ValueKind::Text(text.as_str().into())),
            Expression::Array(array) => self.list(array, &place),
            Expression::Object(object) => self.object(object, &place),
            Expression::StringTemplate(template) => return self.text(template.iter(), place),
            Expression::HeredocTemplate(heredoc) => return self.text(heredoc.template.iter(), place),
            Expression::Parenthesis(inner) => return self.expression(inner.inner()),
            Expression::Variable(name) => ExprKind::Reference(self.names.get(name.as_str()), Vec::new()),
            Expression::Conditional(conditional) => ExprKind::Conditional(Box::new((
                self.expression(&conditional.cond_expr),
                self.expression(&conditional.true_expr),
                self.expression(&conditional.false_expr),
            ))),
            Expression::FuncCall(call) => self.call(call),
            Expression::Traversal(traversal) => self.traversal(traversal),
            Expression::UnaryOp(operation) => {
                let inner = Box::new(self.expression(&operation.expr));
                match operation.operator.value() {
                    UnaryOperator::Not => ExprKind::Not(inner),
                    UnaryOperator::Neg => ExprKind::Negate(inner),
                }
            }
            Expression::BinaryOp(operation) => {
                let sides = (self.expression(&operation.lhs_expr), self.expression(&operation.rhs_expr));
                ExprKind::Binary(binary_kind(*operation.operator.value()), Box::new(sides))
            }
            Expression::ForExpr(for_expr) => self.for_loop(for_expr),
        };
        HclExpr { kind, place }
    }

    fn list(&mut self, array: &Array, place: &Place) -> ExprKind {
        let mut items: Vec<HclExpr> = Vec::with_capacity(array.len());
        for item in array {
            items.push(self.expression(item));
        }
        match items.iter().map(literal).collect::<Option<Vec<_>>>() {
            Some(values) => ExprKind::Value(TemplateValue::list(values, Some(place.clone()))),
            None => ExprKind::List(items),
        }
    }

    fn object(&mut self, object: &Object, place: &Place) -> ExprKind {
        let mut items = Vec::with_capacity(object.len());
        for (key, value) in object {
            let key = self.object_key(key);
            let value = keyed(self.expression(value.expr()), &key.place);
            items.push(ObjectItem { key, value });
        }
        let field = |item: &ObjectItem| match &literal(&item.key)?.kind {
            ValueKind::Text(key) => Some((key.clone(), literal(&item.value)?)),
            _ => None,
        };
        match items.iter().map(field).collect::<Option<Vec<_>>>() {
            Some(fields) => ExprKind::Value(TemplateValue::map(fields, Some(place.clone()))),
            None => ExprKind::Object(items),
        }
    }

    fn object_key(&mut self, key: &ObjectKey) -> HclExpr {
        if let Some(name) = self.own_key(key) {
            let place = self.place(key.span());
            return HclExpr::literal(TemplateValue::text(self.names.get(&name), Some(place.clone())), place);
        }
        match key {
            ObjectKey::Ident(name) => {
                let place = self.place(key.span());
                HclExpr::literal(
                    TemplateValue::text(self.names.get(name.as_str()), Some(place.clone())),
                    place,
                )
            }
            ObjectKey::Expression(Expression::String(text)) => {
                let place = self.place(text.span());
                HclExpr::literal(
                    TemplateValue::text(self.names.get(text.as_str()), Some(place.clone())),
                    place,
                )
            }
            ObjectKey::Expression(expression) => self.expression(expression),
        }
    }

    /// The own name of a key that was renamed.
    fn own_key(&self, key: &ObjectKey) -> Option<String> {
        let start = key.span().filter(|_| !self.renamed.is_empty())?.start;
        self.renamed.iter().find(|(at, _)| *at == start).map(|(_, name)| name.clone())
    }

    fn call(&mut self, call: &FuncCall) -> ExprKind {
        let mut name = String::new();
        for part in &call.name.namespace {
            name.push_str(part.as_str());
            name.push_str("::");
        }
        name.push_str(call.name.name.as_str());
        let name = self.names.get(&name);
        let arguments = call.args.iter().map(|argument| self.expression(argument)).collect();
        ExprKind::Call(Box::new(HclCall { name, arguments, spreads: call.args.expand_final() }))
    }

    fn traversal(&mut self, traversal: &Traversal) -> ExprKind {
        let inner = self.expression(&traversal.expr);
        let mut steps = Vec::with_capacity(traversal.operators.len());
        for operator in &traversal.operators {
            steps.push(match operator.value() {
                TraversalOperator::AttrSplat(_) => AccessStep::AttributeSplat,
                TraversalOperator::FullSplat(_) => AccessStep::FullSplat,
                TraversalOperator::GetAttr(name) => AccessStep::Attribute(self.names.get(name.as_str())),
                TraversalOperator::Index(index) => AccessStep::Index(self.expression(index)),
                TraversalOperator::LegacyIndex(index) => {
                    let place = inner.place.clone();
                    let number = ValueKind::Number((*index.value()).into());
                    AccessStep::Index(HclExpr::literal(
                        TemplateValue::new(number, Some(place.clone())),
                        place,
                    ))
                }
            });
        }
        match inner.kind {
            ExprKind::Reference(root, mut before) => {
                before.append(&mut steps);
                ExprKind::Reference(root, before)
            }
            _ => ExprKind::Access(Box::new(inner), steps),
        }
    }

    fn for_loop(&mut self, for_expr: &ForExpr) -> ExprKind {
        let intro = &for_expr.intro;
        ExprKind::For(Box::new(ForLoop {
            key: intro.key_var.as_ref().map(|name| self.names.get(name.as_str())),
            value: self.names.get(intro.value_var.as_str()),
            collection: self.expression(&intro.collection_expr),
            key_result: for_expr.key_expr.as_ref().map(|key| self.expression(key)),
            result: self.expression(&for_expr.value_expr),
            groups: for_expr.grouping,
            condition: for_expr.cond.as_ref().map(|condition| self.expression(&condition.expr)),
        }))
    }

    /// A text with something in it. One thing alone is that thing, and no text.
    fn text<'a>(&mut self, elements: impl Iterator<Item = &'a Element>, place: Place) -> HclExpr {
        let mut pieces = self.pieces(elements);
        match pieces.as_mut_slice() {
            [] => HclExpr::literal(TemplateValue::text("", Some(place.clone())), place),
            [TemplatePiece::Text(text)] => {
                HclExpr::literal(TemplateValue::text(text.clone(), Some(place.clone())), place)
            }
            [TemplatePiece::Value(inner)] => {
                let kind = std::mem::replace(&mut inner.kind, ExprKind::List(Vec::new()));
                match kind {
                    ExprKind::Value(value) => HclExpr::literal(value.at(Some(place.clone())), place),
                    kind => HclExpr { kind, place },
                }
            }
            _ => HclExpr { kind: ExprKind::Template(pieces), place },
        }
    }

    /// A text that is a template as a whole.
    pub(super) fn whole(&mut self, template: &Template, place: Place) -> HclExpr {
        self.text(template.iter(), place)
    }

    /// The pieces of a text.
    pub(super) fn template(&mut self, template: &Template) -> Vec<TemplatePiece> {
        self.pieces(template.iter())
    }

    fn pieces<'a>(&mut self, elements: impl Iterator<Item = &'a Element>) -> Vec<TemplatePiece> {
        let mut pieces: Vec<TemplatePiece> = Vec::new();
        let mut strips = false;
        for element in elements {
            let (piece, before, after) = match element {
                Element::Literal(text) => {
                    let text = if strips { text.trim_start() } else { text.as_str() };
                    (TemplatePiece::Text(text.into()), false, false)
                }
                Element::Interpolation(inner) => {
                    let (before, after) = strip(inner.strip);
                    (TemplatePiece::Value(self.expression(&inner.expr)), before, after)
                }
                Element::Directive(directive) => self.directive(directive),
            };
            if let (true, Some(TemplatePiece::Text(text))) = (before, pieces.last_mut()) {
                *text = text.trim_end().into();
            }
            strips = after;
            pieces.push(piece);
        }
        pieces.retain(|piece| !matches!(piece, TemplatePiece::Text(text) if text.is_empty()));
        pieces
    }

    /// A directive, and whether blanks before and after it are dropped.
    fn directive(&mut self, directive: &Directive) -> (TemplatePiece, bool, bool) {
        match directive {
            Directive::If(found) => {
                let (before, first) = strip(found.if_expr.strip);
                let (last, after) = strip(found.endif_expr.strip);
                let middle = found.else_expr.as_ref().map_or((last, false), |found| strip(found.strip));
                let condition = self.expression(&found.if_expr.cond_expr);
                let then = trimmed(self.template(&found.if_expr.template), first, middle.0);
                let otherwise =
                    found.else_expr.as_ref().map(|found| self.template(&found.template)).unwrap_or_default();
                let otherwise = trimmed(otherwise, middle.1, last);
                (TemplatePiece::If(Box::new((condition, then, otherwise))), before, after)
            }
            Directive::For(found) => {
                let (before, first) = strip(found.for_expr.strip);
                let (last, after) = strip(found.endfor_expr.strip);
                let found = &found.for_expr;
                let piece = TemplatePiece::For(Box::new(TemplateLoop {
                    key: found.key_var.as_ref().map(|name| self.names.get(name.as_str())),
                    value: self.names.get(found.value_var.as_str()),
                    collection: self.expression(&found.collection_expr),
                    body: trimmed(self.template(&found.template), first, last),
                }));
                (piece, before, after)
            }
        }
    }
}

/// Whether blanks before and after are dropped.
fn strip(strip: Strip) -> (bool, bool) {
    (matches!(strip, Strip::Start | Strip::Both), matches!(strip, Strip::End | Strip::Both))
}

fn trimmed(mut pieces: Vec<TemplatePiece>, start: bool, end: bool) -> Vec<TemplatePiece> {
    if let (true, Some(TemplatePiece::Text(text))) = (start, pieces.first_mut()) {
        *text = text.trim_start().into();
    }
    if let (true, Some(TemplatePiece::Text(text))) = (end, pieces.last_mut()) {
        *text = text.trim_end().into();
    }
    pieces
}

/// A list or an object that is written out shows the key that it belongs to.
pub(super) fn keyed(expression: HclExpr, key: &Place) -> HclExpr {
    match expression.kind {
        ExprKind::Value(value) if matches!(value.kind, ValueKind::List(_) | ValueKind::Map(_)) => {
            HclExpr { kind: ExprKind::Value(value.at(Some(key.clone()))), place: key.clone() }
        }
        ExprKind::List(_) | ExprKind::Object(_) => HclExpr { place: key.clone(), ..expression },
        kind => HclExpr { kind, ..expression },
    }
}

fn literal(expression: &HclExpr) -> Option<TemplateValue> {
    match &expression.kind {
        ExprKind::Value(value) => Some(value.clone()),
        _ => None,
    }
}

fn json_number(number: &Number) -> serde_json::Number {
    let whole = number.as_i64().map(Into::into).or_else(|| number.as_u64().map(Into::into));
    let real = || number.as_f64().and_then(serde_json::Number::from_f64);
    whole.or_else(real).unwrap_or_else(|| 0.into())
}

fn binary_kind(operator: BinaryOperator) -> BinaryKind {
    match operator {
        BinaryOperator::Eq => BinaryKind::Equal,
        BinaryOperator::NotEq => BinaryKind::Unequal,
        BinaryOperator::Less => BinaryKind::Less,
        BinaryOperator::LessEq => BinaryKind::LessOrEqual,
        BinaryOperator::Greater => BinaryKind::Greater,
        BinaryOperator::GreaterEq => BinaryKind::GreaterOrEqual,
        BinaryOperator::Plus => BinaryKind::Add,
        BinaryOperator::Minus => BinaryKind::Subtract,
        BinaryOperator::Mul => BinaryKind::Multiply,
        BinaryOperator::Div => BinaryKind::Divide,
        BinaryOperator::Mod => BinaryKind::Remainder,
        BinaryOperator::And => BinaryKind::And,
        BinaryOperator::Or => BinaryKind::Or,
    }
}
