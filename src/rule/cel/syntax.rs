//! From the text of an expression to its tree, by the parsers of the `cel` crate.
//!
//! It has two. The one for everybody says where a mistake is and knows all macros, and takes most of the time of a start.
//! The quick one knows the standard macros only, and reads the built-in rules when they are loaded to scan: a test holds
//! that both make the same trees of them.

use super::{MAX_EXPRESSION, Mistake, functions, macros};
use crate::text::bounded;
use cel::common::ast::SourceInfo;
use cel::parser::PrattParser;
use cel::{Env, IdedExpr};
use std::sync::{Arc, LazyLock};

/// Which of the parsers reads expressions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CelParser {
    /// The one that says where a mistake is.
    #[default]
    Exact,
    /// The quick one, for expressions that were read by the other before.
    Quick,
}

impl CelParser {
    /// The tree of an expression, and where its parts stand; the quick parser does not say that.
    pub(super) fn parse(self, source: &str) -> Result<(IdedExpr, SourceInfo), Mistake> {
        let quick = if self == Self::Quick { parse_quickly(source) } else { None };
        quick.map_or_else(|| parse(source), |expr| Ok((expr, SourceInfo::default())))
    }
}

/// The library and the macros, as the `cel` crate knows them.
pub(super) static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    functions::register(&mut env).expect("the library does not clash with CEL's");
    macros::register(&mut env).expect("the macros do not clash with CEL's");
    Arc::new(env)
});

/// Parses, within bounds. The parser panics on some hostile input, and its error text can grow to
/// megabytes.
pub(super) fn parse(source: &str) -> Result<(IdedExpr, SourceInfo), Mistake> {
    let whole = |message: String| Mistake { message, range: None };
    if source.len() > MAX_EXPRESSION {
        return Err(whole(format!("is longer than {MAX_EXPRESSION} bytes")));
    }
    let parsed = std::panic::catch_unwind(|| ENV.parser().parse_with_source_info(source));
    match parsed {
        Ok(Ok(parsed)) => Ok(parsed),
        Ok(Err(errors)) => {
            let first = errors.errors.into_iter().next();
            let range = first.as_ref().and_then(|error| offset(source, error.pos));
            let message = first.map_or_else(String::new, |error| cause(&error.msg));
            Err(Mistake { message: format!("is not CEL: {message}"), range })
        }
        Err(_) => Err(whole("is not CEL: the parser gave up".to_owned())),
    }
}

/// What the parser says, without how it says it.
fn cause(message: &str) -> String {
    let message = message.trim_start_matches("Syntax error: ");
    match message.strip_prefix("token recognition error at: ") {
        _ if message.contains("Recursion limit") => "it nests too deeply".to_owned(),
        _ if message.contains("input '<EOF>'") => "it ends too early".to_owned(),
        Some(symbol) => bounded(&format!("unknown symbol {symbol}")),
        None => bounded(message),
    }
}

/// The byte at a line and a column, both from 1.
fn offset(source: &str, (line, column): (isize, isize)) -> Option<(usize, usize)> {
    let mut lines = source.split_inclusive('\n');
    let before: usize = lines.by_ref().take(usize::try_from(line).ok()?.checked_sub(1)?).map(str::len).sum();
    let columns = usize::try_from(column).ok()?.saturating_sub(1);
    let across: usize = lines.next().unwrap_or_default().chars().take(columns).map(char::len_utf8).sum();
    Some((before + across, before + across))
}

/// Parses what is known to be right; none where the other parser is needed.
fn parse_quickly(source: &str) -> Option<IdedExpr> {
    if macros::needs_exact_parser(source) {
        return None;
    }
    let mut expr = PrattParser::new().enable_optional_syntax(true).parse(source).ok()?;
    macros::expand_ours(&mut expr)?;
    Some(expr)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::cel::nodes::parts_mut;
    use crate::rule::{Rule, RuleSet, RuleSource};
    use std::collections::BTreeSet;

    /// The expressions in a text for people.
    fn in_braces(text: &str) -> impl Iterator<Item = String> {
        let parts = text.split("{{").skip(1).filter_map(|part| part.split_once("}}"));
        parts.map(|(inner, _)| inner.trim_start_matches('?').to_owned())
    }

    fn expressions(rule: &Rule) -> Vec<String> {
        let mut found: Vec<_> = rule.lets.iter().map(|(_, source)| source.clone()).collect();
        found.extend(rule.condition().map(str::to_owned));
        for (key, text) in rule.checks.iter().flat_map(|check| &check.written) {
            match key.ends_with("message") {
                true => found.extend(in_braces(text)),
                false => found.push(text.clone()),
            }
        }
        found.extend(rule.remediation.awscli.as_deref().into_iter().flat_map(in_braces));
        found
    }

    fn without_ids(mut expr: IdedExpr) -> IdedExpr {
        fn clear(expr: &mut IdedExpr) {
            expr.id = 0;
            match &mut expr.expr {
                cel::common::ast::Expr::Map(map) => map.entries.iter_mut().for_each(|entry| entry.id = 0),
                cel::common::ast::Expr::Struct(made) => {
                    made.entries.iter_mut().for_each(|entry| entry.id = 0)
                }
                _ => {}
            }
            parts_mut(&mut expr.expr).into_iter().for_each(clear);
        }
        clear(&mut expr);
        expr
    }

    #[test]
    fn both_parsers_make_the_same_tree_of_every_expression_of_the_built_in_rules() {
        let rules = RuleSet::load(&[RuleSource::BuiltIn], false).set.rules;
        let sources: BTreeSet<_> = rules.iter().flat_map(expressions).collect();
        assert!(sources.len() > 700, "{}", sources.len());
        let mut left = Vec::new();
        for source in &sources {
            let (exact, _) = parse(source).unwrap_or_else(|mistake| panic!("{source}: {mistake:?}"));
            match parse_quickly(source) {
                Some(quick) => assert_eq!(without_ids(quick), without_ids(exact), "{source}"),
                None => left.push(source),
            }
        }
        // Each costs as much as fifty others at every start.
        assert!(left.len() <= 3, "the quick parser does not read {left:#?}");
    }

    #[test]
    fn what_the_quick_parser_does_not_know_is_left_to_the_other() {
        for source in ["[2, 1].sortBy(x, x)", "a.?b.optMap(x, x)", "1 +", "[1].all(1, x, x > 0)", "a ? b"] {
            assert_eq!(parse_quickly(source), None, "{source}");
        }
        let places = CelParser::Quick.parse("1 +").map(|_| ()).unwrap_err();
        assert_eq!(places, parse("1 +").map(|_| ()).unwrap_err());
    }
}
