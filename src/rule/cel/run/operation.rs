//! What runs. Names are slots, loops are operations of their own, and each function is found when the operation is made.

use super::functions::Native;
use super::look_up::FieldName;
use crate::rule::cel::call::Overload;
use crate::snapshot::Section;
use cel::common::value::Val;
use std::collections::BTreeSet;

/// One step of an expression, with those that give what it works on.
#[derive(Debug)]
pub(in super::super) enum CelOperation {
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
    Field(Box<CelOperation>, FieldName),
    /// `a[k]`
    Index(Box<[CelOperation; 2]>),
    /// `a.?f`
    OptionalField(Box<CelOperation>, FieldName),
    /// `a[?k]`
    OptionalItem(Box<[CelOperation; 2]>),
    /// `has(a.f)`
    HasField(Box<CelOperation>, FieldName),
    /// `a.orValue(b)`
    OrValue(Box<[CelOperation; 2]>),
    /// `a.hasValue()`
    HasValue(Box<CelOperation>),
    /// `a && b`, or `a || b`, where the value is what decides.
    Logic(bool, Box<[CelOperation; 2]>),
    Not(Box<CelOperation>),
    NotStrictlyFalse(Box<CelOperation>),
    /// `a ? b : c`
    Choice(Box<[CelOperation; 3]>),
    /// A list, and which of its items are left out where they are optional and not there.
    List(Vec<CelOperation>, BTreeSet<usize>),
    /// A map: keys, values, and whether one without a value is left out.
    Map(Vec<(CelOperation, CelOperation, bool)>),
    AmongTexts(Box<AmongTexts>),
    Quantifier(Box<Quantifier>),
    Collection(Box<Collection>),
    Fold(Box<Fold>),
    Call(Box<FunctionCall>),
}

/// `all` and `exists`, and what each step pays before its test.
#[derive(Debug)]
pub(in super::super) struct Quantifier {
    pub(super) range: CelOperation,
    /// The answer that one item decides.
    pub(super) decides: bool,
    pub(super) step: LoopStep,
    pub(super) test: CelOperation,
}

/// `map` and `filter`.
#[derive(Debug)]
pub(in super::super) struct Collection {
    pub(super) range: CelOperation,
    pub(super) step: LoopStep,
    pub(super) guard: Option<CelOperation>,
    pub(super) items: CelOperation,
}

/// What the step of a loop pays, and which value must be known.
#[derive(Debug)]
pub(in super::super) struct LoopStep {
    pub(super) item: CelOperation,
    pub(super) nodes: usize,
}

/// Any other loop, with a value that each step makes anew.
#[derive(Debug)]
pub(in super::super) struct Fold {
    pub(super) range: CelOperation,
    pub(super) start: CelOperation,
    pub(super) condition: CelOperation,
    pub(super) step: CelOperation,
    pub(super) result: CelOperation,
}

/// `a in ['b', 'c']`
#[derive(Debug)]
pub(in super::super) struct AmongTexts {
    pub(super) item: CelOperation,
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
    pub(super) operands: Vec<CelOperation>,
    /// Ours, for the values that it knows.
    pub(super) native: Option<Native>,
    /// A function of ours, with the types of its operands.
    pub(super) own: Option<Overload>,
}
