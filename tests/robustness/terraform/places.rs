//! The places of a root where a value stands: found by the parser, so that only what is a value is changed.

use super::root::Root;
use hcl_edit::Span;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Attribute, Block, Body};
use hcl_edit::visit::{Visit, visit_attr, visit_block, visit_expr};
use std::ops::Range;

/// An expression of a root.
#[derive(Clone, Debug)]
pub(super) struct ValuePlace {
    pub(super) file: String,
    pub(super) range: Range<usize>,
    /// Its sort, if it is a literal.
    pub(super) literal: Option<LiteralSort>,
    /// Whether it is the key of an object.
    pub(super) is_key: bool,
    /// Whether it is in a block of a provider, which no module may have.
    pub(super) is_in_provider: bool,
    pub(super) text: String,
    /// The argument that it is in.
    pub(super) argument: String,
}

/// What a literal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LiteralSort {
    Null,
    Bool,
    Number,
    Text,
    /// Of texts alone.
    Texts,
    List,
    Object,
}

/// A block of a root that something can be written into.
#[derive(Clone, Debug)]
pub(super) struct BlockPlace {
    pub(super) file: String,
    /// All of it.
    pub(super) range: Range<usize>,
    /// After its first brace.
    pub(super) inside: usize,
    pub(super) name: String,
    pub(super) labels: Vec<String>,
    /// Whether it is a resource, and not a block in one.
    pub(super) is_resource: bool,
    /// Whether it has `count` or `for_each`.
    pub(super) is_many: bool,
}

/// What there is to change in a root.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
    pub(super) values: Vec<ValuePlace>,
    pub(super) blocks: Vec<BlockPlace>,
    /// The blocks of providers.
    pub(super) providers: Vec<(String, Range<usize>)>,
}

impl ValuePlace {
    /// Whether two of them share text.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.file == other.file && self.range.start < other.range.end && other.range.start < self.range.end
    }

    /// Another literal of the same sort.
    pub(super) fn other(&self) -> String {
        match self.literal {
            Some(LiteralSort::Bool) => (self.text != "true").to_string(),
            Some(LiteralSort::Number) => format!("{}7", self.text),
            Some(LiteralSort::Text) => "\"other\"".to_owned(),
            Some(LiteralSort::Texts) => "[\"other\"]".to_owned(),
            Some(LiteralSort::List) => "[]".to_owned(),
            Some(LiteralSort::Object) => "{}".to_owned(),
            Some(LiteralSort::Null) | None => "null".to_owned(),
        }
    }

    /// Where it is, for messages.
    pub(super) fn in_words(&self, root: &Root) -> String {
        let line = root.files[&self.file][..self.range.start].lines().count();
        format!("{}/{}:{line} {}", root.name, self.file, self.text.replace('\n', " "))
    }
}

impl LiteralSort {
    /// The type of a variable that holds it.
    pub(super) fn variable_type(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Number => "number",
            Self::Text => "string",
            Self::Texts => "list(string)",
            Self::Null | Self::List | Self::Object => "any",
        }
    }

    /// Whether it is a text, a number or a bool.
    pub(super) fn is_scalar(self) -> bool {
        matches!(self, Self::Bool | Self::Number | Self::Text)
    }
}

/// All places of a root.
pub(super) fn places(root: &Root) -> Places {
    let mut places = Places::default();
    for (file, text) in &root.files {
        let body: Body = hcl_edit::parser::parse_body(text).expect("HCL");
        for block in body.blocks() {
            let kind = block.ident.as_str();
            let range = block.span().expect("a place");
            match kind {
                "resource" | "data" | "locals" | "provider" => {}
                _ => continue,
            }
            if kind == "provider" {
                places.providers.push((file.clone(), range));
            }
            let mut finder =
                Finder { file, text, kind, depth: 0, argument: String::new(), places: &mut places };
            finder.visit_block(block);
        }
    }
    places
}

struct Finder<'f> {
    file: &'f str,
    text: &'f str,
    /// Of the outermost block.
    kind: &'f str,
    depth: usize,
    argument: String,
    places: &'f mut Places,
}

impl Finder<'_> {
    fn add_value(&mut self, node: &Expression, is_key: bool) {
        let range = node.span().expect("a place");
        self.places.values.push(ValuePlace {
            file: self.file.to_owned(),
            text: self.text[range.clone()].to_owned(),
            range,
            argument: self.argument.clone(),
            literal: sort(node),
            is_key,
            is_in_provider: self.kind == "provider",
        });
    }

    fn add_block(&mut self, block: &Block) {
        let range = block.span().expect("a place");
        let inside = range.start + self.text[range.clone()].find('{').expect("a body") + 1;
        self.places.blocks.push(BlockPlace {
            file: self.file.to_owned(),
            range,
            inside,
            name: block.ident.as_str().to_owned(),
            labels: block.labels.iter().map(|label| label.as_str().to_owned()).collect(),
            is_resource: self.depth == 0,
            is_many: block.body.has_attribute("count") || block.body.has_attribute("for_each"),
        });
    }
}

impl Visit for Finder<'_> {
    fn visit_block(&mut self, block: &Block) {
        let name = block.ident.as_str();
        if name == "lifecycle" {
            return;
        }
        // Documents are no resources, but have blocks.
        let is_resource = self.kind == "resource" || (self.kind == "data" && self.depth > 0);
        if is_resource && name != "dynamic" && name != "content" {
            self.add_block(block);
        }
        self.depth += 1;
        visit_block(self, block);
        self.depth -= 1;
    }

    fn visit_attr(&mut self, attribute: &Attribute) {
        if !matches!(attribute.key.as_str(), "depends_on" | "provider") {
            self.argument = attribute.key.as_str().to_owned();
            visit_attr(self, attribute);
        }
    }

    fn visit_expr(&mut self, node: &Expression) {
        if !matches!(node, Expression::Variable(_)) {
            self.add_value(node, false);
            visit_expr(self, node);
        }
    }

    fn visit_object_key(&mut self, node: &ObjectKey) {
        if let ObjectKey::Expression(key) = node {
            self.add_value(key, true);
        }
    }
}

fn sort(node: &Expression) -> Option<LiteralSort> {
    match node {
        Expression::Null(_) => Some(LiteralSort::Null),
        Expression::Bool(_) => Some(LiteralSort::Bool),
        Expression::Number(_) => Some(LiteralSort::Number),
        Expression::String(_) => Some(LiteralSort::Text),
        Expression::Array(items) => {
            let sorts: Option<Vec<_>> = items.iter().map(sort).collect();
            let are_texts = sorts?.iter().all(|sort| *sort == LiteralSort::Text);
            Some(if are_texts && !items.is_empty() { LiteralSort::Texts } else { LiteralSort::List })
        }
        Expression::Object(fields) => {
            let is_literal = |(key, value): (&ObjectKey, &hcl_edit::expr::ObjectValue)| {
                let is_known = match key {
                    ObjectKey::Ident(_) => true,
                    ObjectKey::Expression(key) => matches!(key, Expression::String(_)),
                };
                is_known && sort(value.expr()).is_some()
            };
            fields.iter().all(is_literal).then_some(LiteralSort::Object)
        }
        _ => None,
    }
}
