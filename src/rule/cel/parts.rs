//! An expression taken apart, to show what each part of it gave: its form, as far as people read it, and the paths in it.
//!
//! The parser says what an expression is. It does not say where a part ends, so a part is looked for in the text, and what is
//! found counts only where the parser says the same.

use super::internal::NAMESPACES;
use super::known_names::TYPE_NAMES;
use super::nodes::parts;
use super::syntax::parse;
use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};

/// The form of an expression, with its parts as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpressionForm<'e> {
    /// It has no parts that are worth a look of their own.
    Plain,
    /// `a && b`
    And(Vec<&'e str>),
    /// `a || b`
    Or(Vec<&'e str>),
    /// `!a`
    Not(&'e str),
    /// `a ? b : c`
    Choice([&'e str; 3]),
    /// `list.all(x, test)`
    All(LoopForm<'e>),
    /// `list.exists(x, test)`
    Exists(LoopForm<'e>),
}

/// The parts of a loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoopForm<'e> {
    /// What it goes through.
    pub list: &'e str,
    /// What an item is called.
    pub variable: &'e str,
    /// What is asked of each item.
    pub test: &'e str,
}

/// A path that an expression reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathRead {
    /// As people write it.
    pub shown: String,
    /// The same as an expression that can be evaluated: what `has` asks for may be absent.
    pub source: String,
}

impl<'e> ExpressionForm<'e> {
    /// The form of an expression. Call it on a thread with [`COMPILE_STACK`](super::COMPILE_STACK).
    pub fn of(source: &'e str) -> Self {
        let source = without_parentheses(source);
        let Ok((expr, _)) = parse(source) else { return Self::Plain };
        Self::of_parsed(source, &expr.expr).unwrap_or(Self::Plain)
    }

    fn of_parsed(source: &'e str, expr: &Expr) -> Option<Self> {
        match expr {
            Expr::Call(call) => match call.func_name.as_str() {
                operators::LOGICAL_AND => operands(source, call, "&&").map(Self::And),
                operators::LOGICAL_OR => operands(source, call, "||").map(Self::Or),
                operators::LOGICAL_NOT => {
                    let operand = source.strip_prefix('!').map(without_parentheses)?;
                    is_like(operand, call.args.first()?).then_some(Self::Not(operand))
                }
                operators::CONDITIONAL => choice(source, call).map(Self::Choice),
                _ => None,
            },
            Expr::Comprehension(_) => quantifier(source),
            _ => None,
        }
    }
}

/// The paths that an expression reads, each once and in their order. What a loop of the expression binds is left out, as it
/// has a value only there. Call it on a thread with [`COMPILE_STACK`](super::COMPILE_STACK).
pub fn paths_read(source: &str) -> Vec<PathRead> {
    let Ok((expr, _)) = parse(source) else { return Vec::new() };
    let mut paths = Paths { bound: Vec::new(), found: Vec::new() };
    paths.walk(&expr);
    paths.found
}

struct Paths<'e> {
    /// The variables of loops.
    bound: Vec<&'e str>,
    found: Vec<PathRead>,
}

impl<'e> Paths<'e> {
    fn walk(&mut self, expr: &'e IdedExpr) {
        if let Some(read) = self.path(expr) {
            if !self.found.contains(&read) {
                self.found.push(read);
            }
            return;
        }
        match &expr.expr {
            Expr::Comprehension(comprehension) => {
                self.walk(&comprehension.iter_range);
                let outer = self.bound.len();
                self.bound.extend([comprehension.iter_var.as_str(), comprehension.accu_var.as_str()]);
                self.bound.extend(comprehension.iter_var2.as_deref());
                self.walk(&comprehension.loop_step);
                self.bound.truncate(outer);
            }
            // Of what is looked up by the variable of a loop, the whole is too much to show, unless it is a section.
            Expr::Call(call) if is_look_up(call) && !matches!(call.args[0].expr, Expr::Ident(_)) => {
                call.args[1..].iter().for_each(|key| self.walk(key));
            }
            other => parts(other).into_iter().for_each(|part| self.walk(part)),
        }
    }

    fn path(&self, expr: &IdedExpr) -> Option<PathRead> {
        if let Expr::Select(select) = &expr.expr
            && select.test
        {
            let operand = self.written(&select.operand)?;
            let read = |by: &str| format!("{operand}{by}{}", select.field);
            return Some(PathRead { shown: read("."), source: read(".?") });
        }
        let shown = self.written(expr)?;
        Some(PathRead { source: shown.clone(), shown })
    }

    /// A path as text, if it is one and nothing in it is bound by a loop.
    fn written(&self, expr: &IdedExpr) -> Option<String> {
        match &expr.expr {
            Expr::Ident(name) => {
                let is_own = self.bound.contains(&name.as_str()) || name.starts_with(['@', '#']);
                let is_word = NAMESPACES.contains(&name.as_str()) || TYPE_NAMES.contains(&name.as_str());
                (!is_own && !is_word).then(|| name.clone())
            }
            Expr::Select(select) if !select.test => {
                Some(format!("{}.{}", self.written(&select.operand)?, select.field))
            }
            Expr::Call(call) => self.step(call),
            _ => None,
        }
    }

    fn step(&self, call: &CallExpr) -> Option<String> {
        match (call.func_name.as_str(), call.args.as_slice(), &call.target) {
            (operators::OPT_SELECT, [operand, field], None) => match &field.expr {
                Expr::Literal(LiteralValue::String(name)) => {
                    Some(format!("{}.?{}", self.written(operand)?, name.inner()))
                }
                _ => None,
            },
            (operators::INDEX, [operand, key], None) => {
                Some(format!("{}[{}]", self.written(operand)?, self.key(key)?))
            }
            (operators::OPT_INDEX, [operand, key], None) => {
                Some(format!("{}[?{}]", self.written(operand)?, self.key(key)?))
            }
            _ => None,
        }
    }

    fn key(&self, key: &IdedExpr) -> Option<String> {
        match &key.expr {
            Expr::Literal(LiteralValue::String(text)) if !text.inner().contains(['\'', '\\', '\n']) => {
                Some(format!("'{}'", text.inner()))
            }
            Expr::Literal(LiteralValue::Int(number)) => Some(number.inner().to_string()),
            _ => self.written(key),
        }
    }
}

/// Whether it is `a[b]` or `a[?b]`.
fn is_look_up(call: &CallExpr) -> bool {
    matches!(call.func_name.as_str(), operators::INDEX | operators::OPT_INDEX) && call.args.len() == 2
}

/// Whether a text is the expression that the parser found.
fn is_like(source: &str, expr: &IdedExpr) -> bool {
    parse(source).is_ok_and(|(found, _)| {
        let shape = |expr: &IdedExpr| super::nodes::count(&expr.expr);
        std::mem::discriminant(&found.expr) == std::mem::discriminant(&expr.expr)
            && shape(&found) == shape(expr)
    })
}

/// The operands of a chain of one operator, where the text has as many as the parser found.
fn operands<'e>(source: &'e str, call: &CallExpr, operator: &str) -> Option<Vec<&'e str>> {
    fn flat<'c>(call: &'c CallExpr, all: &mut Vec<&'c IdedExpr>) {
        for arg in &call.args {
            match &arg.expr {
                Expr::Call(inner) if inner.func_name == call.func_name => flat(inner, all),
                _ => all.push(arg),
            }
        }
    }
    let mut parsed = Vec::new();
    flat(call, &mut parsed);
    let mut written = Vec::new();
    split(source, operator, &mut written);
    let alike = written.len() == parsed.len()
        && written.iter().zip(&parsed).all(|(written, parsed)| is_like(written, parsed));
    alike.then_some(written)
}

/// Splits a text at an operator, also within parentheses around a whole operand that is such a chain itself.
fn split<'e>(source: &'e str, operator: &str, found: &mut Vec<&'e str>) {
    let source = without_parentheses(source);
    // `&&` binds closer than `||`, and both closer than `? :`.
    let parts = if has_looser(source, operator) { vec![source] } else { pieces(source, operator) };
    match parts.as_slice() {
        [_] => found.push(source),
        parts => parts.iter().for_each(|part| split(part, operator, found)),
    }
}

fn has_looser(source: &str, operator: &str) -> bool {
    let mut outside = outside(source);
    outside.any(|(_, rest)| is_question(source, rest) || operator == "&&" && rest.starts_with("||"))
}

fn choice<'e>(source: &'e str, call: &CallExpr) -> Option<[&'e str; 3]> {
    let question = outside(source).find(|(_, rest)| is_question(source, rest))?.0;
    let mut open = 0;
    let colon = outside(source).find(|(at, rest)| {
        let (asks, answers) = (*at > question && is_question(source, rest), rest.starts_with(':'));
        open += usize::from(asks);
        let found = *at > question && answers && open == 0;
        open -= usize::from(*at > question && answers && open > 0);
        found
    })?;
    let parts = [&source[..question], &source[question + 1..colon.0], &source[colon.0 + 1..]];
    let parts = parts.map(without_parentheses);
    parts.iter().zip(&call.args).all(|(written, parsed)| is_like(written, parsed)).then_some(parts)
}

/// Whether a rest of the text begins with the `?` of a choice, and not with that of `.?` or `[?`.
fn is_question(source: &str, rest: &str) -> bool {
    let before = source[..source.len() - rest.len()].chars().next_back();
    rest.starts_with('?') && !matches!(before, Some('.' | '['))
}

/// `all` or `exists` with one variable.
fn quantifier(source: &str) -> Option<ExpressionForm<'_>> {
    let open = outside(source).filter(|(_, rest)| rest.starts_with('(')).last()?.0;
    let inner = source.get(open + 1..)?.strip_suffix(')')?;
    let (target, is_all) = match source[..open].trim_end() {
        target if target.ends_with(".all") => (target.strip_suffix(".all")?, true),
        target => (target.strip_suffix(".exists")?, false),
    };
    let [variable, test] = pieces(inner, ",").try_into().ok()?;
    let (list, test) = (target.trim(), without_parentheses(test));
    let is_one = [list, test].iter().all(|part| parse(part).is_ok());
    let form = LoopForm { list, variable: variable.trim(), test };
    is_one.then_some(if is_all { ExpressionForm::All(form) } else { ExpressionForm::Exists(form) })
}

/// The pieces of a text between operators that stand in no brackets and in no text.
fn pieces<'e>(source: &'e str, operator: &str) -> Vec<&'e str> {
    let places = outside(source).filter(|(_, rest)| rest.starts_with(operator)).map(|(at, _)| at);
    let (mut from, mut pieces) = (0, Vec::new());
    for at in places {
        pieces.push(source[from..at].trim());
        from = at + operator.len();
    }
    pieces.push(source[from..].trim());
    pieces
}

/// A text without the space and the parentheses around all of it.
fn without_parentheses(source: &str) -> &str {
    let mut source = source.trim();
    while let Some(inner) = source.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        // The first one must be closed by the last one.
        let opened = outside(source).skip(1).map(|(at, _)| at).find(|at| *at > 0);
        if opened.is_some() {
            break;
        }
        source = inner.trim();
    }
    source
}

/// Each character that stands in no brackets and in no text, with what follows it; of brackets, the opening ones.
fn outside(source: &str) -> impl Iterator<Item = (usize, &str)> {
    let (mut depth, mut quote, mut skip) = (0_usize, None::<&str>, 0_usize);
    source.char_indices().filter_map(move |(at, c)| {
        let rest = &source[at..];
        if skip > 0 {
            skip -= 1;
            return None;
        }
        if let Some(closing) = quote {
            if c == '\\' {
                skip = 1;
            } else if rest.starts_with(closing) {
                skip = closing.len() - 1;
                quote = None;
            }
            return None;
        }
        if let Some(opening) = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| rest.starts_with(quote))
        {
            skip = opening.len() - 1;
            quote = Some(opening);
            return (depth == 0).then_some((at, rest));
        }
        match c {
            '(' | '[' | '{' => {
                depth += 1;
                (depth == 1).then_some((at, rest))
            }
            ')' | ']' | '}' => {
                depth = depth.saturating_sub(1);
                None
            }
            _ => (depth == 0).then_some((at, rest)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::ExpressionForm::{All, And, Choice, Exists, Not, Or, Plain};
    use super::*;
    use proptest::prelude::*;

    fn shown(source: &str) -> Vec<String> {
        paths_read(source).into_iter().map(|read| read.shown).collect()
    }

    #[test]
    fn an_expression_is_taken_apart_as_it_is_written() {
        let of_loop = |list, variable, test| LoopForm { list, variable, test };
        for (source, form) in [
            ("a.b", Plain),
            ("a && b || c", Or(vec!["a && b", "c"])),
            ("(a && b) && (c || d)", And(vec!["a", "b", "c || d"])),
            ("a == '||' || b == \"it's && so\"", Or(vec!["a == '||'", "b == \"it's && so\""])),
            ("!(a && b)", Not("a && b")),
            ("!a || b", Or(vec!["!a", "b"])),
            ("(a) || (b)", Or(vec!["a", "b"])),
            ("a ? b : c ? d : e", Choice(["a", "b", "c ? d : e"])),
            ("a ? (b ? c : d) : e", Choice(["a", "b ? c : d", "e"])),
            ("a.?b.orValue(1) == 1 ? c : d", Choice(["a.?b.orValue(1) == 1", "c", "d"])),
            ("a && (b ? c : d)", And(vec!["a", "b ? c : d"])),
            ("a.b[c].all(x, x.d || e)", All(of_loop("a.b[c]", "x", "x.d || e"))),
            ("a.exists(x, f(x, 1))", Exists(of_loop("a", "x", "f(x, 1)"))),
            ("a.all(i, x, x > i)", Plain),
            ("a.filter(x, x).size() > 0", Plain),
            ("a.exists(x, x) == true", Plain),
            ("a &&", Plain),
            ("", Plain),
        ] {
            assert_eq!(ExpressionForm::of(source), form, "{source}");
        }
    }

    #[test]
    fn paths_are_those_that_have_a_value_where_the_expression_stands() {
        assert_eq!(
            shown("minor(cluster.version) - minor(nodegroups['a'].version) > 2"),
            ["cluster.version", "nodegroups['a'].version"]
        );
        assert_eq!(
            shown("facts.roles[role.Arn].isNodeRole && !x"),
            ["facts.roles[role.Arn].isNodeRole", "x"]
        );
        assert_eq!(shown("a.exists(i, i.b == c.d && facts.e[i.f].g)"), ["a", "c.d"]);
        assert_eq!(shown("a.?b.orValue('') in ['x'] && a.?b.orValue('') != ''"), ["a.?b"]);
        assert_eq!(shown("sets.contains(a, b) && type(c) == int"), ["a", "b", "c"]);
        let read = PathRead { shown: "a.b".to_owned(), source: "a.?b".to_owned() };
        assert_eq!(paths_read("has(a.b)"), [read]);
    }

    proptest! {
        #[test]
        fn any_text_is_taken_apart_into_parts_of_it(text in "[a-c&|!?:.,()\\[\\]'\" x가\\\\]{0,40}") {
            let parts = match ExpressionForm::of(&text) {
                And(parts) | Or(parts) => parts,
                Not(part) => vec![part],
                Choice(parts) => parts.to_vec(),
                All(form) | Exists(form) => vec![form.list, form.test],
                Plain => Vec::new(),
            };
            for part in parts {
                prop_assert!(text.contains(part) && part.len() < text.len());
            }
            paths_read(&text);
        }
    }
}
