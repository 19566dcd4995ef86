//! Functions on texts, as the CEL extensions have them, and patterns.

use super::budget;
use super::call::{
    Args, CallResult, Function, FunctionBody, boolean, fail, int, list, made, method, no_overload, on, text,
};
use super::error::invalid;
use super::symbols::{self, SymbolVal};
use super::types::Ty;
use super::val::MAX_TEXT;
use crate::text::bounded;
use cel::ExecutionError;
use cel::common::types::{CelInt, LIST_TYPE, STRING_TYPE, Type};
use cel::common::value::{CowVal, StaticVal, Val};
use regex::{Regex, RegexBuilder};
use std::any::Any;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

pub(super) const FUNCTIONS: &[Function] = &[
    method(Ty::Str, "contains", 1..=1, Ty::Str, Ty::Bool, FunctionBody::Metered),
    method(Ty::Str, "startsWith", 1..=1, Ty::Str, Ty::Bool, FunctionBody::Metered),
    method(Ty::Str, "endsWith", 1..=1, Ty::Str, Ty::Bool, FunctionBody::Metered),
    method(Ty::Str, "matches", 1..=1, Ty::Str, Ty::Bool, FunctionBody::Lowered),
    method(Ty::Str, "glob", 1..=1, Ty::Str, Ty::Bool, FunctionBody::Own(on(&STRING_TYPE, glob))),
    method(Ty::Str, "charAt", 1..=1, Ty::Int, Ty::Str, FunctionBody::Metered),
    method(Ty::Str, "indexOf", 1..=2, Ty::Str, Ty::Int, FunctionBody::Instead(on(&STRING_TYPE, index_of))),
    method(
        Ty::Str,
        "lastIndexOf",
        1..=2,
        Ty::Str,
        Ty::Int,
        FunctionBody::Instead(on(&STRING_TYPE, last_index_of)),
    ),
    method(Ty::Str, "lowerAscii", 0..=0, Ty::Dyn, Ty::Str, FunctionBody::Metered),
    method(Ty::Str, "upperAscii", 0..=0, Ty::Dyn, Ty::Str, FunctionBody::Metered),
    method(Ty::Str, "trim", 0..=0, Ty::Dyn, Ty::Str, FunctionBody::Metered),
    method(Ty::Str, "substring", 1..=2, Ty::Int, Ty::Str, FunctionBody::Metered),
    // Lowering makes the text pay for its items before it is split.
    method(Ty::Str, "split", 1..=2, Ty::Str, Ty::Strings, FunctionBody::Crate),
    method(Ty::Str, "replace", 2..=2, Ty::Str, Ty::Str, FunctionBody::Instead(on(&STRING_TYPE, replace))),
    method(Ty::Dyn, "join", 0..=1, Ty::Str, Ty::Str, FunctionBody::Instead(on(&LIST_TYPE, join))),
];

fn replace<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let part = |at: usize| text("replace", args[at].as_ref());
    let (source, from, to) = (part(0)?, part(1)?, part(2)?);
    let times = if from.is_empty() { source.len() + 1 } else { source.matches(from).count() };
    budget::pay_bytes(source.len() + times.saturating_mul(to.len()))?;
    made(source.replace(from, to))
}

/// Where a text is in another, counted in characters.
fn index_of<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let (source, wanted, from) = search("indexOf", &args)?;
    let start = from.map_or(Some(0), |from| byte_of(source, from));
    let found = start.and_then(|start| Some(start + source[start..].find(wanted)?));
    int(found.map_or(-1, |at| source[..at].chars().count() as i64))
}

/// Where a text last is in another, at or before a character.
fn last_index_of<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let (source, wanted, from) = search("lastIndexOf", &args)?;
    let end = from.and_then(|from| byte_of(source, from.saturating_add(wanted.chars().count())));
    let found = source[..end.unwrap_or(source.len())].rfind(wanted);
    int(found.map_or(-1, |at| source[..at].chars().count() as i64))
}

fn search<'a, 'b, 'v>(
    function: &str,
    args: &'a Args<'b, 'v>,
) -> Result<(&'a str, &'a str, Option<usize>), ExecutionError> {
    let (source, wanted) = (text(function, args[0].as_ref())?, text(function, args[1].as_ref())?);
    let Some(from) = args.get(2) else { return Ok((source, wanted, None)) };
    match from.downcast_ref::<CelInt>().map(|from| usize::try_from(*from.inner())) {
        Some(Ok(from)) => Ok((source, wanted, Some(from))),
        Some(Err(_)) => fail(function, "the position is negative"),
        None => Err(no_overload(function, &[from.as_ref()])),
    }
}

/// The byte at which a character starts, the end of the text included.
fn byte_of(text: &str, at: usize) -> Option<usize> {
    let ends = std::iter::once(text.len());
    text.char_indices().map(|(byte, _)| byte).chain(ends).nth(at)
}

fn join<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let separator = args.get(1).map(|value| text("join", value.as_ref())).transpose()?.unwrap_or_default();
    let mut items = list("join", args[0].as_ref())?.iter();
    let (mut joined, mut first, mut has_symbols) = (String::new(), true, false);
    while let Some(item) = items.next() {
        let symbol = symbols::symbol(item);
        has_symbols |= symbol.is_some();
        let item = symbol.map_or_else(|| text("join", item), Ok)?;
        budget::pay_bytes(item.len() + separator.len())?;
        if !std::mem::take(&mut first) {
            joined.push_str(separator);
        }
        joined.push_str(item);
    }
    match has_symbols && joined.len() <= MAX_TEXT {
        // As with `+`: what is known around the symbols stays known.
        true => Ok(CowVal::owned(SymbolVal::made(joined))),
        false => made(joined),
    }
}

thread_local! {
    static PATTERNS: RefCell<PatternCache> = RefCell::default();
}

/// The patterns that a thread keeps compiled. What a rule pays must not depend on what the thread did before, so
/// each rule pays for each of its patterns.
#[derive(Default)]
struct PatternCache {
    compiled: HashMap<String, Option<Arc<Pattern>>>,
    /// What patterns with `*` and `?` become.
    globs: HashMap<String, Arc<str>>,
    /// How much memory these may take.
    bytes: usize,
    paid: HashSet<String>,
}

/// How many patterns each thread keeps compiled, and for how many a rule pays once only.
const KEPT: usize = 256;

/// The most memory that the patterns that a thread keeps may take.
const MAX_KEPT: usize = 64 << 20;

/// What compiling a regular expression costs, and what each byte of it costs besides.
const COMPILATION: usize = 20_000;
const COMPILATION_BYTE: usize = 64;

/// The longest text that a regular expression is tried on, in bytes.
const MAX_MATCHED: usize = 8 * 1024;

/// The sizes of compiled regular expressions, and what trying one of them costs for each byte of the text: a hostile
/// pattern is in all its states at once. None is larger than the last.
const SIZES: [(usize, usize); 4] = [(4 * 1024, 8), (16 * 1024, 20), (64 * 1024, 80), (256 * 1024, 300)];

/// How much larger than a regular expression the automaton may grow that is made while it is tried.
const AUTOMATON: usize = 8;

/// A regular expression.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    regex: Regex,
    /// What a byte costs that it is tried on.
    price: usize,
    /// How much memory it may take.
    bytes: usize,
}

/// Starts a rule: it pays for all its patterns.
pub(super) fn start_rule() {
    PATTERNS.with_borrow_mut(|cache| cache.paid.clear());
}

/// The regular expression of a pattern that is not written in a rule, if it is one.
fn compiled(pattern: &str) -> Result<Option<Arc<Pattern>>, ExecutionError> {
    if pattern.len() > MAX_MATCHED {
        return Ok(None);
    }
    PATTERNS.with_borrow_mut(|cache| {
        if !cache.paid.contains(pattern) {
            budget::pay(COMPILATION + COMPILATION_BYTE * pattern.len())?;
            if cache.paid.len() >= KEPT {
                cache.paid.clear();
            }
            cache.paid.insert(pattern.to_owned());
        }
        if let Some(known) = cache.compiled.get(pattern) {
            return Ok(known.clone());
        }
        if cache.compiled.len() >= KEPT || cache.bytes >= MAX_KEPT {
            cache.compiled.clear();
            cache.bytes = 0;
        }
        let made = regex(pattern).ok().map(Arc::new);
        cache.bytes += made.as_ref().map_or(0, |made| made.bytes);
        cache.compiled.insert(pattern.to_owned(), made.clone());
        Ok(made)
    })
}

/// Whether a text matches a pattern in which `*` stands for any characters and `?` for one, as in
/// IAM. No other character is special.
fn glob<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    let (source, pattern) = (text("glob", args[0].as_ref())?, text("glob", args[1].as_ref())?);
    boolean(is_glob_match(source, pattern)?)
}

/// The same of two texts that are paid for.
pub(super) fn is_glob_match(source: &str, pattern: &str) -> Result<bool, ExecutionError> {
    match compiled(&glob_regex(pattern))? {
        Some(glob) => is_match(&glob, source),
        None => Err(ExecutionError::InternalError(format!("'{}' is too long a pattern", bounded(pattern)))),
    }
}

/// The regular expression that a pattern with `*` and `?` becomes.
fn glob_regex(pattern: &str) -> Arc<str> {
    PATTERNS.with_borrow_mut(|cache| {
        if let Some(known) = cache.globs.get(pattern) {
            return Arc::clone(known);
        }
        let escaped = regex::escape(pattern).replace(r"\*", ".*").replace(r"\?", ".");
        let regex: Arc<str> = format!("(?s)^{escaped}$").into();
        if cache.globs.len() >= KEPT {
            cache.globs.clear();
        }
        if pattern.len() <= MAX_MATCHED {
            cache.globs.insert(pattern.to_owned(), Arc::clone(&regex));
        }
        regex
    })
}

/// A regular expression that was compiled with its rule. Shared, as a copy of it would have to learn anew.
#[derive(Clone, Debug)]
pub(super) struct RegexVal(Arc<Pattern>);

impl RegexVal {
    pub(super) fn new(pattern: Pattern) -> Self {
        Self(Arc::new(pattern))
    }

    /// Whether a text that is paid for matches.
    pub(super) fn is_match(&self, source: &str) -> Result<bool, ExecutionError> {
        is_match(&self.0, source)
    }
}

static REGEX_TYPE: Type = Type::new_unspecified_type("regex");

impl Val for RegexVal {
    fn get_type(&self) -> &Type {
        &REGEX_TYPE
    }

    fn cel_type() -> &'static Type {
        &REGEX_TYPE
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v> {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for RegexVal {}

/// Compiles a regular expression, bounded in size.
pub(super) fn regex(pattern: &str) -> Result<Pattern, regex::Error> {
    let mut outcome = Err(regex::Error::Syntax(String::new()));
    for (size, price) in SIZES {
        let automaton = size * AUTOMATON;
        let made = RegexBuilder::new(pattern).size_limit(size).dfa_size_limit(automaton).build();
        outcome = made.map(|regex| Pattern { regex, price, bytes: size + 2 * automaton });
        if !matches!(outcome, Err(regex::Error::CompiledTooBig(_))) {
            break;
        }
    }
    outcome
}

/// `x.matches(pattern)`, with a pattern that lowering compiled or with a text.
pub(super) fn matches<'b, 'v>(args: Args<'b, 'v>) -> CallResult<'b, 'v> {
    if let Some(symbol) = args[0].downcast_ref::<SymbolVal>() {
        return symbolic_match(symbol, args[1].as_ref());
    }
    let source = text("matches", args[0].as_ref())?;
    if let Some(compiled) = args[1].downcast_ref::<RegexVal>() {
        return boolean(compiled.is_match(source)?);
    }
    let pattern = text("matches", args[1].as_ref())?;
    match compiled(pattern)? {
        Some(compiled) => boolean(is_match(&compiled, source)?),
        None => {
            Err(ExecutionError::InternalError(format!("'{}' is not a regular expression", bounded(pattern))))
        }
    }
}

/// The same for a text with symbols.
fn symbolic_match<'b, 'v>(source: &SymbolVal, pattern: &dyn Val) -> CallResult<'b, 'v> {
    let made = match pattern.downcast_ref::<RegexVal>() {
        Some(known) => Some(Arc::clone(&known.0)),
        None => compiled(text("matches", pattern)?)?,
    };
    let Some(pattern) = made.filter(|_| source.text().len() <= MAX_MATCHED) else {
        return Err(symbols::not_known(source.text()));
    };
    budget::pay(pattern.price * source.text().len())?;
    boolean(symbols::is_match(source, &pattern.regex)?)
}

fn is_match(pattern: &Pattern, source: &str) -> Result<bool, ExecutionError> {
    if source.len() > MAX_MATCHED {
        return invalid("a text is longer than the 8 KiB that patterns are tried on");
    }
    budget::pay(pattern.price * source.len())?;
    Ok(pattern.regex.is_match(source))
}

/// The patterns that a rule paid for, for tests that evaluate twice.
#[cfg(test)]
pub(super) fn paid_patterns() -> HashSet<String> {
    PATTERNS.with_borrow(|cache| cache.paid.clone())
}

/// Goes back to that.
#[cfg(test)]
pub(super) fn restore_paid_patterns(paid: HashSet<String>) {
    PATTERNS.with_borrow_mut(|cache| cache.paid = paid);
}
