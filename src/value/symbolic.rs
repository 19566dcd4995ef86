//! Texts of which parts are not known: symbols, `${aws_vpc.x.id}`, with what is known before, between and behind them.
//!
//! A symbol stands for a text that is not empty, and for the same one wherever it stands. An answer is given only where it is
//! the same whatever the symbols stand for.

use std::ops::Range;

/// How a symbol begins.
const START: &str = "${";

/// A text as written, in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SymbolicText<'t>(Vec<TextPiece<'t>>);

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextPiece<'t> {
    /// What is known of it; never empty.
    Known(&'t str),
    /// A symbol, as it is written.
    Symbol(&'t str),
}

/// The places of the symbols in a text. Braces nest in a symbol, and do not count in quotes. One without an end goes to
/// the end of the text: less is known then, and nothing that is wrong.
pub fn symbols_in(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + start(&text[from..])?;
        from = start + length(&text[start..]);
        Some(start..from)
    })
}

/// Where the first symbol begins. Nearly all texts have none, and a letter is looked for faster than a text.
fn start(text: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + text[from..].find('$')?;
        if text[at..].starts_with(START) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// The length of the symbol that a text begins with.
fn length(text: &str) -> usize {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' if !quoted => depth += 1,
            b'}' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
    }
    text.len()
}

/// Whether a text is one symbol, and nothing around it.
pub fn is_one_symbol(text: &str) -> bool {
    text.starts_with(START) && length(text) == text.len()
}

impl<'t> SymbolicText<'t> {
    /// Takes a text apart.
    pub fn of(text: &'t str) -> Self {
        let (mut pieces, mut from) = (Vec::new(), 0);
        let known = |range: Range<usize>, pieces: &mut Vec<_>| {
            if !range.is_empty() {
                pieces.push(TextPiece::Known(&text[range]));
            }
        };
        for symbol in symbols_in(text) {
            known(from..symbol.start, &mut pieces);
            from = symbol.end;
            pieces.push(TextPiece::Symbol(&text[symbol]));
        }
        known(from..text.len(), &mut pieces);
        Self(pieces)
    }

    /// A text without symbols, whatever is written in it.
    pub fn literal(text: &'t str) -> Self {
        Self(if text.is_empty() { Vec::new() } else { vec![TextPiece::Known(text)] })
    }

    /// Its parts.
    pub fn pieces(&self) -> &[TextPiece<'t>] {
        &self.0
    }

    /// Its symbols, as they are written.
    pub fn symbols(&self) -> impl Iterator<Item = &'t str> + '_ {
        self.0.iter().filter_map(|piece| match piece {
            TextPiece::Symbol(symbol) => Some(*symbol),
            TextPiece::Known(_) => None,
        })
    }

    /// Whether all of it is known.
    pub fn is_literal(&self) -> bool {
        self.symbols().next().is_none()
    }

    /// How many characters it has at least.
    pub fn least_length(&self) -> usize {
        let length = |piece: &TextPiece<'_>| match piece {
            TextPiece::Known(text) => text.chars().count(),
            TextPiece::Symbol(_) => 1,
        };
        self.0.iter().map(length).sum()
    }

    /// Whether two texts are the same, if that is known.
    pub fn same(&self, other: &SymbolicText<'_>) -> Option<bool> {
        let (mut a, mut b) = (Rest::of(&self.0), Rest::of(&other.0));
        if !a.skip_same_start(&mut b) || !a.skip_same_end(&mut b) {
            return Some(false);
        }
        match (a.is_empty(), b.is_empty()) {
            (true, true) => Some(true),
            // What is left of the other is not empty.
            (true, false) | (false, true) => Some(false),
            (false, false) if a.literal().is_some_and(|text| !b.fits(text)) => Some(false),
            (false, false) if b.literal().is_some_and(|text| !a.fits(text)) => Some(false),
            (false, false) => None,
        }
    }

    /// Whether it begins with another text, if that is known.
    pub fn starts_with(&self, start: &SymbolicText<'_>) -> Option<bool> {
        let (mut text, mut start) = (Rest::of(&self.0), Rest::of(&start.0));
        match text.skip_same_start(&mut start) {
            _ if start.is_empty() => Some(true),
            true if !text.is_empty() => None,
            _ => Some(false),
        }
    }

    /// Whether it ends with another text, if that is known.
    pub fn ends_with(&self, end: &SymbolicText<'_>) -> Option<bool> {
        let (mut text, mut end) = (Rest::of(&self.0), Rest::of(&end.0));
        match text.skip_same_end(&mut end) {
            _ if end.is_empty() => Some(true),
            true if !text.is_empty() => None,
            _ => Some(false),
        }
    }

    /// Whether another text is in it, if that is known.
    pub fn contains(&self, part: &SymbolicText<'_>) -> Option<bool> {
        if part.0.is_empty() {
            return Some(true);
        }
        if let [TextPiece::Known(part)] = part.0.as_slice() {
            let known =
                |piece: &TextPiece<'_>| matches!(piece, TextPiece::Known(text) if text.contains(part));
            return if self.0.iter().any(known) { Some(true) } else { self.is_literal().then_some(false) };
        }
        let ends = [self.starts_with(part), self.ends_with(part)];
        ends.contains(&Some(true)).then_some(true)
    }
}

/// What is left of a text after what it has in common with another was taken away from its ends.
struct Rest<'p, 't> {
    pieces: &'p [TextPiece<'t>],
    /// The first and the last of them, where a part of it is left.
    first: Option<&'t str>,
    last: Option<&'t str>,
}

impl<'p, 't> Rest<'p, 't> {
    fn of(pieces: &'p [TextPiece<'t>]) -> Self {
        Self { pieces, first: None, last: None }
    }

    fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    fn first(&self) -> Option<TextPiece<'t>> {
        let first = *self.pieces.first()?;
        let only = if self.pieces.len() == 1 { self.last } else { None };
        Some(self.first.or(only).map_or(first, TextPiece::Known))
    }

    fn last(&self) -> Option<TextPiece<'t>> {
        let last = *self.pieces.last()?;
        let only = if self.pieces.len() == 1 { self.first } else { None };
        Some(self.last.or(only).map_or(last, TextPiece::Known))
    }

    /// Leaves this of the first piece.
    fn leave_first(&mut self, left: &'t str) {
        match (left.is_empty(), self.pieces.len()) {
            (true, _) => {
                self.pieces = &self.pieces[1..];
                self.first = None;
                if self.pieces.is_empty() {
                    self.last = None;
                }
            }
            (false, 1) => (self.first, self.last) = (Some(left), None),
            (false, _) => self.first = Some(left),
        }
    }

    /// Leaves this of the last piece.
    fn leave_last(&mut self, left: &'t str) {
        match (left.is_empty(), self.pieces.len()) {
            (true, many) => {
                self.pieces = &self.pieces[..many - 1];
                self.last = None;
                if self.pieces.is_empty() {
                    self.first = None;
                }
            }
            (false, 1) => (self.first, self.last) = (None, Some(left)),
            (false, _) => self.last = Some(left),
        }
    }

    /// Takes away what both begin with; false where they certainly begin differently.
    fn skip_same_start(&mut self, other: &mut Rest<'_, '_>) -> bool {
        while let (Some(a), Some(b)) = (self.first(), other.first()) {
            match (a, b) {
                (TextPiece::Known(a), TextPiece::Known(b)) => {
                    let length = a.len().min(b.len());
                    if a.as_bytes()[..length] != b.as_bytes()[..length] {
                        return false;
                    }
                    self.leave_first(&a[length..]);
                    other.leave_first(&b[length..]);
                }
                (TextPiece::Symbol(a), TextPiece::Symbol(b)) if a == b => {
                    self.leave_first("");
                    other.leave_first("");
                }
                _ => break,
            }
        }
        true
    }

    /// Takes away what both end with; false where they certainly end differently.
    fn skip_same_end(&mut self, other: &mut Rest<'_, '_>) -> bool {
        while let (Some(a), Some(b)) = (self.last(), other.last()) {
            match (a, b) {
                (TextPiece::Known(a), TextPiece::Known(b)) => {
                    let length = a.len().min(b.len());
                    let (a_left, b_left) = (a.len() - length, b.len() - length);
                    if a.as_bytes()[a_left..] != b.as_bytes()[b_left..] {
                        return false;
                    }
                    self.leave_last(&a[..a_left]);
                    other.leave_last(&b[..b_left]);
                }
                (TextPiece::Symbol(a), TextPiece::Symbol(b)) if a == b => {
                    self.leave_last("");
                    other.leave_last("");
                }
                _ => break,
            }
        }
        true
    }

    /// The text, if what is left is known.
    fn literal(&self) -> Option<&'t str> {
        match (self.pieces, self.first()) {
            ([_], Some(TextPiece::Known(text))) => Some(text),
            _ => None,
        }
    }

    /// Whether a text may be this: its known parts are there in their order, with something for each symbol.
    fn fits(&self, text: &str) -> bool {
        let last = self.pieces.len() - 1;
        let (mut rest, mut gap) = (text, false);
        for (at, piece) in self.pieces.iter().enumerate() {
            let piece = match at {
                0 => self.first().unwrap_or(*piece),
                _ if at == last => self.last().unwrap_or(*piece),
                _ => *piece,
            };
            match piece {
                TextPiece::Symbol(_) => {
                    let Some(first) = rest.chars().next() else { return false };
                    rest = &rest[first.len_utf8()..];
                    gap = true;
                }
                TextPiece::Known(known) => {
                    let found = match (gap, at == last) {
                        (true, true) => rest.ends_with(known).then(|| rest.len() - known.len()),
                        (true, false) => rest.find(known),
                        (false, _) => rest.starts_with(known).then_some(0),
                    };
                    let Some(found) = found else { return false };
                    rest = &rest[found + known.len()..];
                    gap = false;
                }
            }
        }
        gap || rest.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{SymbolicText, TextPiece, is_one_symbol};
    use proptest::prelude::*;

    fn parts(text: &str) -> Vec<String> {
        let part = |piece: &TextPiece<'_>| match piece {
            TextPiece::Known(text) => format!("={text}"),
            TextPiece::Symbol(text) => (*text).to_owned(),
        };
        SymbolicText::of(text).pieces().iter().map(part).collect()
    }

    #[test]
    fn symbols_end_at_their_brace() {
        for (text, expected) in [
            ("", vec![]),
            ("abc", vec!["=abc"]),
            ("${a.b}", vec!["${a.b}"]),
            ("arn:${p}:iam::${a}:root", vec!["=arn:", "${p}", "=:iam::", "${a}", "=:root"]),
            (r#"${replace(x, "}", "{")}:sub"#, vec![r#"${replace(x, "}", "{")}"#, "=:sub"]),
            (r#"${x["a\"}"]}b"#, vec![r#"${x["a\"}"]}"#, "=b"]),
            ("${ {a = 1}.a }b", vec!["${ {a = 1}.a }", "=b"]),
            ("${a}${b}", vec!["${a}", "${b}"]),
            // Without an end, nothing of the rest is known.
            ("a${b", vec!["=a", "${b"]),
            ("a${\"}b", vec!["=a", "${\"}b"]),
            ("$a {b}", vec!["=$a {b}"]),
        ] {
            assert_eq!(parts(text), expected, "{text}");
        }
        assert!(
            is_one_symbol("${a}")
                && !is_one_symbol("${a}b")
                && !is_one_symbol("${a}${b}")
                && !is_one_symbol("a")
        );
    }

    #[test]
    fn what_is_known_decides() {
        let of = SymbolicText::of;
        for (a, b, expected) in [
            ("${a}", "${a}", Some(true)),
            ("${a}", "${b}", None),
            ("${a}", "x", None),
            ("${a}", "", Some(false)),
            ("${a}:sub", "${a}:sub", Some(true)),
            ("${a}:sub", "${a}:aud", Some(false)),
            ("${a}:sub", "${b}:sub", None),
            ("${a}:sub", "${a}", Some(false)),
            ("arn:${p}:iam::aws:policy/A", "arn:aws:iam::aws:policy/A", None),
            ("arn:${p}:iam::aws:policy/A", "arn:aws:iam::aws:policy/B", Some(false)),
            ("arn:${p}:iam::aws:policy/A", "arn:${p}:iam::aws:policy/B", Some(false)),
            ("arn:${p}:iam::${n}:policy/A", "arn:aws:iam::1:policy/A", None),
            ("arn:${p}:iam::${n}:policy/A", "arn:aws:ec2::1:policy/A", Some(false)),
            // Each symbol stands for something.
            ("a${p}b", "ab", Some(false)),
            ("a${p}b${q}", "axb", Some(false)),
        ] {
            assert_eq!(of(a).same(&of(b)), expected, "{a} {b}");
            assert_eq!(of(b).same(&of(a)), expected, "{b} {a}");
        }
        let text = of("https://${x}/id");
        for (other, start, end, part) in [
            ("https://", Some(true), Some(false), Some(true)),
            ("http:", Some(false), Some(false), None),
            ("https://oid", None, Some(false), None),
            ("/id", Some(false), Some(true), Some(true)),
            ("x/id", Some(false), None, None),
            ("https://${x}", Some(true), None, Some(true)),
            ("", Some(true), Some(true), Some(true)),
        ] {
            let other = of(other);
            let answers = (text.starts_with(&other), text.ends_with(&other), text.contains(&other));
            assert_eq!(answers, (start, end, part), "{other:?}");
        }
    }

    /// A text with the symbols `${a}` and `${b}`.
    fn texts() -> impl Strategy<Value = String> {
        let part = prop_oneof![Just("${a}".to_owned()), Just("${b}".to_owned()), "[xy]{0,2}", "[xy]{1,3}"];
        prop::collection::vec(part, 0..5).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn an_answer_holds_whatever_symbols_stand_for(one in texts(), other in texts(), a in "[xy]{1,3}", b in "[xy]{1,3}") {
            let filled = |text: &str| text.replace("${a}", &a).replace("${b}", &b);
            let (x, y) = (filled(&one), filled(&other));
            let (one, other) = (SymbolicText::of(&one), SymbolicText::of(&other));
            prop_assert!(x.chars().count() >= one.least_length());
            for (answer, truth) in [
                (one.same(&other), x == y),
                (one.starts_with(&other), x.starts_with(&y)),
                (one.ends_with(&other), x.ends_with(&y)),
                (one.contains(&other), x.contains(&y)),
            ] {
                prop_assert!(answer.is_none_or(|answer| answer == truth), "{one:?} {other:?} {x} {y} {answer:?}");
            }
            if one.is_literal() && other.is_literal() {
                prop_assert!(one.same(&other).is_some() && one.contains(&other).is_some());
            }
        }

        #[test]
        fn any_text_is_the_same_as_itself_and_never_panics(one in "[${}\"\\\\a가]{0,12}", other in "[${}\"\\\\a가]{0,12}") {
            let (one, other) = (SymbolicText::of(&one), SymbolicText::of(&other));
            prop_assert_eq!(one.same(&one), Some(true));
            let _answers = (one.same(&other), one.starts_with(&other), one.ends_with(&other), one.contains(&other));
        }
    }
}
