//! What is written in the files of a module: blocks, arguments and expressions with their places, whether they stand in HCL
//! or in JSON.

use crate::source::iac::{Place, TemplateValue};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// What is in a file or in a block.
#[derive(Clone, Debug, Default)]
pub(super) struct HclBody {
    /// The arguments.
    pub(super) attributes: Vec<HclAttribute>,
    /// The blocks, in order.
    pub(super) blocks: Vec<HclBlock>,
}

/// An argument.
#[derive(Clone, Debug)]
pub(super) struct HclAttribute {
    /// Its name.
    pub(super) name: Arc<str>,
    /// Where the name is.
    pub(super) key: Place,
    /// Its value.
    pub(super) value: HclExpr,
}

/// A block.
#[derive(Clone, Debug)]
pub(super) struct HclBlock {
    /// Its first word: `resource`.
    pub(super) kind: Arc<str>,
    /// Where that is.
    pub(super) key: Place,
    /// Its labels.
    pub(super) labels: Vec<HclLabel>,
    /// What is in it.
    pub(super) body: HclBody,
}

/// A label of a block.
#[derive(Clone, Debug)]
pub(super) struct HclLabel {
    /// What it says.
    pub(super) text: Arc<str>,
    /// Where it is.
    pub(super) place: Place,
}

/// An expression.
#[derive(Clone, Debug)]
pub(super) struct HclExpr {
    /// What it is.
    pub(super) kind: ExprKind,
    /// Where it is.
    pub(super) place: Place,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub(super) enum ExprKind {
    /// A literal, or a list or an object of them.
    Value(TemplateValue),
    /// A list.
    List(Vec<HclExpr>),
    /// An object.
    Object(Vec<ObjectItem>),
    /// A text with something in it.
    Template(Vec<TemplatePiece>),
    /// A name that stands first: `var`, `aws_subnet`, and what is taken of it.
    Reference(Arc<str>, Vec<AccessStep>),
    /// What is taken of another expression.
    Access(Box<HclExpr>, Vec<AccessStep>),
    /// A call of a function.
    Call(Box<HclCall>),
    /// `!x`
    Not(Box<HclExpr>),
    /// `-x`
    Negate(Box<HclExpr>),
    /// Two values and what stands between them.
    Binary(BinaryKind, Box<(HclExpr, HclExpr)>),
    /// A condition, and what it chooses from.
    Conditional(Box<(HclExpr, HclExpr, HclExpr)>),
    /// `[for …]` and `{for …}`.
    For(Box<ForLoop>),
}

/// An item of an object.
#[derive(Clone, Debug)]
pub(super) struct ObjectItem {
    /// Its key. A bare word is a text.
    pub(super) key: HclExpr,
    /// Its value.
    pub(super) value: HclExpr,
}

/// A part of a text.
#[derive(Clone, Debug)]
pub(super) enum TemplatePiece {
    /// What stands there.
    Text(Arc<str>),
    /// `${x}`
    Value(HclExpr),
    /// `%{ if x }…%{ else }…%{ endif }`
    If(Box<(HclExpr, Vec<TemplatePiece>, Vec<TemplatePiece>)>),
    /// `%{ for k, v in x }…%{ endfor }`
    For(Box<TemplateLoop>),
}

/// A loop in a text.
#[derive(Clone, Debug)]
pub(super) struct TemplateLoop {
    /// The name for keys.
    pub(super) key: Option<Arc<str>>,
    /// The name for values.
    pub(super) value: Arc<str>,
    /// What it goes over.
    pub(super) collection: HclExpr,
    /// What is repeated.
    pub(super) body: Vec<TemplatePiece>,
}

/// What is taken of a value.
#[derive(Clone, Debug)]
pub(super) enum AccessStep {
    /// `.name`
    Attribute(Arc<str>),
    /// `[x]`, and `.0`
    Index(HclExpr),
    /// `[*]`: the rest is taken of each item.
    FullSplat,
    /// `.*`: the names that follow are taken of each item.
    AttributeSplat,
}

/// A call of a function.
#[derive(Clone, Debug)]
pub(super) struct HclCall {
    /// Its name, with its namespace.
    pub(super) name: Arc<str>,
    /// What it is given.
    pub(super) arguments: Vec<HclExpr>,
    /// Whether the items of the last one are arguments: `...`.
    pub(super) spreads: bool,
}

/// What stands between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BinaryKind {
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
    /// `&&`
    And,
    /// `||`
    Or,
}

/// `[for …]` and `{for …}`.
#[derive(Clone, Debug)]
pub(super) struct ForLoop {
    /// The name for keys.
    pub(super) key: Option<Arc<str>>,
    /// The name for values.
    pub(super) value: Arc<str>,
    /// What it goes over.
    pub(super) collection: HclExpr,
    /// The key of each item of the object; none for a list.
    pub(super) key_result: Option<HclExpr>,
    /// Each item.
    pub(super) result: HclExpr,
    /// Whether items of one key are a list: `...`.
    pub(super) groups: bool,
    /// What decides whether there is an item.
    pub(super) condition: Option<HclExpr>,
}

impl HclBody {
    /// An argument by its name.
    pub(super) fn attribute(&self, name: &str) -> Option<&HclAttribute> {
        self.attributes.iter().find(|attribute| &*attribute.name == name)
    }

    /// The blocks of a name.
    pub(super) fn blocks_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a HclBlock> {
        self.blocks.iter().filter(move |block| &*block.kind == kind)
    }
}

impl HclExpr {
    /// An expression that is a value.
    pub(super) fn literal(value: TemplateValue, place: Place) -> Self {
        Self { kind: ExprKind::Value(value), place }
    }

    /// Its text, if it is a literal.
    pub(super) fn as_str(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Value(value) => value.as_str(),
            _ => None,
        }
    }

    /// Whether it is the literal `true`.
    pub(super) fn is_true(&self) -> bool {
        matches!(&self.kind, ExprKind::Value(value) if value.kind == crate::source::iac::ValueKind::Bool(true))
    }

    /// The words of a reference without brackets: `aws`, `west` of `aws.west`; a text, as JSON has it, counts as well.
    pub(super) fn words(&self) -> Vec<Arc<str>> {
        match &self.kind {
            ExprKind::Reference(root, steps) => {
                let words = steps.iter().map_while(|step| match step {
                    AccessStep::Attribute(name) => Some(name.clone()),
                    _ => None,
                });
                std::iter::once(root.clone()).chain(words).collect()
            }
            ExprKind::Value(value) => {
                value.as_str().into_iter().flat_map(|text| text.split('.')).map(Arc::from).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Names, each of which is stored once.
#[derive(Debug, Default)]
pub(super) struct NameTable(FxHashSet<Arc<str>>);

impl NameTable {
    /// The name, as it is stored.
    pub(super) fn get(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.0.get(name) {
            return known.clone();
        }
        let name: Arc<str> = name.into();
        self.0.insert(name.clone());
        name
    }
}
