//! What runs. Names are slots, loops are operations of their own, and each function is found when the operation is made.

use super::functions::Native;
use super::look_up::FieldName;
use crate::rule::cel::call::Overload;
use crate::snapshot::Section;
use cel::common::value::Val;
use std::collections::BTreeSet;

/// One step of an expression, with those that give what it works on.
#[derive(Debug)]
pub(in super::super) enum Operation {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Text(Box<str>),
    /// A value of the interpreter's own, such as a type.
    Fixed(Box<dyn Val>),
    Resource,
    Item(usize),
    Facts,
    Params,
    Now,
    Section(&'static Section),
    Regex(usize),
    Shared(usize),
    /// The variable of a loop, by its place.
    Variable(usize),
    /// A name that means nothing.
    Unresolved(String),
    /// `a.f`
    Field(Box<Operation>, FieldName),
    /// `a[k]`
    Index(Box<[Operation; 2]>),
    /// `a.?f`
    OptionalField(Box<Operation>, FieldName),
    /// `a[?k]`
    OptionalItem(Box<[Operation; 2]>),
    /// `has(a.f)`
    HasField(Box<Operation>, FieldName),
    /// `a.orValue(b)`
    OrValue(Box<[Operation; 2]>),
    /// `a.hasValue()`
    HasValue(Box<Operation>),
    /// `a && b`, or `a || b`, where the value is what decides.
    Logic(bool, Box<[Operation; 2]>),
    Not(Box<Operation>),
    NotStrictlyFalse(Box<Operation>),
    /// `a ? b : c`
    Choice(Box<[Operation; 3]>),
    /// A list, and which of its items are left out where they are optional and not there.
    List(Vec<Operation>, BTreeSet<usize>),
    /// A map: keys, values, and whether one without a value is left out.
    Map(Vec<(Operation, Operation, bool)>),
    AmongTexts(Box<AmongTexts>),
    Quantifier(Box<Quantifier>),
    Collection(Box<Collection>),
    Fold(Box<Fold>),
    Call(Box<FunctionCall>),
}

/// `all` and `exists`, and what each step pays before its test.
#[derive(Debug)]
pub(in super::super) struct Quantifier {
    pub(super) range: Operation,
    /// The answer that one item decides.
    pub(super) decides: bool,
    pub(super) step: LoopStep,
    pub(super) test: Operation,
}

/// `map` and `filter`.
#[derive(Debug)]
pub(in super::super) struct Collection {
    pub(super) range: Operation,
    pub(super) step: LoopStep,
    pub(super) guard: Option<Operation>,
    pub(super) items: Operation,
}

/// What the step of a loop pays, and which value must be known.
#[derive(Debug)]
pub(in super::super) struct LoopStep {
    pub(super) item: Operation,
    pub(super) nodes: usize,
}

/// Any other loop, with a value that each step makes anew.
#[derive(Debug)]
pub(in super::super) struct Fold {
    pub(super) range: Operation,
    pub(super) start: Operation,
    pub(super) condition: Operation,
    pub(super) step: Operation,
    pub(super) result: Operation,
}

/// `a in ['b', 'c']`
#[derive(Debug)]
pub(in super::super) struct AmongTexts {
    pub(super) item: Operation,
    pub(super) texts: Vec<Box<str>>,
    /// What is called for a value that may be a symbol.
    pub(super) careful: Option<Overload>,
}

/// A call of a function or an operator.
#[derive(Debug)]
pub(in super::super) struct FunctionCall {
    pub(super) name: String,
    /// Whether it is called on its first operand. What is in parentheses is then worked out first.
    pub(super) is_method: bool,
    /// The first half of its name, as of `sets.contains`.
    pub(super) namespace: Option<String>,
    pub(super) operands: Vec<Operation>,
    /// Ours, for the values that it knows.
    pub(super) native: Option<Native>,
    /// A function of ours, with the types of its operands.
    pub(super) own: Option<Overload>,
}
