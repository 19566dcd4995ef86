//! Patterns of IAM: `*` stands for any text, `?` for one character.

use crate::value::{SymbolicText, TextPiece};

/// Whether a pattern matches a text. The texts are actions and ARNs of at most a few hundred bytes,
/// and a pattern with more plain characters than that is refused first: time is linear in the
/// length of patterns.
pub(super) fn matches(pattern: &str, text: &str, fold_case: bool) -> bool {
    let same = |a: u8, b: u8| a == b || fold_case && a.eq_ignore_ascii_case(&b);
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let plain = pattern.iter().filter(|byte| **byte != b'*').count();
    if plain > text.len() || plain == pattern.len() && plain < text.len() {
        return false;
    }
    let (mut p, mut t) = (0, 0);
    // Where the last star stood, and how far it reaches.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(byte) if *byte == b'?' || same(*byte, text[t]) => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, reach)) = star else { return false };
                star = Some((at, reach + 1));
                p = at + 1;
                t = reach + 1;
            }
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// Whether a pattern covers a text, where both may have symbols and policy variables, if that is known.
pub(super) fn covers(pattern: &str, text: &str) -> Option<bool> {
    let (pattern, text) = (SymbolicText::of(pattern), SymbolicText::of(text));
    if pattern.is_literal() && text.is_literal() {
        let literal = |text: &SymbolicText<'_>| text.pieces().iter().map(written).collect::<String>();
        return Some(matches(&literal(&pattern), &literal(&text), false));
    }
    // Each symbol as a letter of its own that nothing else has. A `?` may stand for a part of one.
    let mut known: Vec<String> = Vec::new();
    let mut letters = |text: &SymbolicText<'_>| -> Option<String> {
        text.pieces().iter().map(|piece| letter_or_text(piece, &mut known)).collect()
    };
    let same = letters(&pattern).zip(letters(&text));
    if same.is_some_and(|(pattern, text)| !pattern.contains('?') && matches(&pattern, &text, false)) {
        return Some(true);
    }
    // A symbol of the pattern as `*`, and what is known of both ends of the text.
    let widest: String = pattern.pieces().iter().map(star_or_text).collect();
    let plain = |end: &str| end.find(['*', '?']).unwrap_or(end.len());
    let start = &widest[..plain(&widest)];
    let end = &widest[widest.rfind(['*', '?']).map_or(0, |at| at + 1)..];
    let is_out = match text.is_literal() {
        true => !matches(&widest, &text.pieces().iter().map(written).collect::<String>(), false),
        false => {
            text.starts_with(&SymbolicText::literal(start)) == Some(false)
                || text.ends_with(&SymbolicText::literal(end)) == Some(false)
        }
    };
    is_out.then_some(false)
}

fn written<'t>(piece: &TextPiece<'t>) -> &'t str {
    match piece {
        TextPiece::Known(text) | TextPiece::Symbol(text) => text,
    }
}

fn star_or_text<'t>(piece: &TextPiece<'t>) -> &'t str {
    match piece {
        TextPiece::Known(text) => text,
        TextPiece::Symbol(_) => "*",
    }
}

/// The first of the letters that stand for symbols: nobody else uses them.
const LETTERS: u32 = 0xF_0000;

/// A known part as it is, and a letter for a symbol. None where such a letter is in the known part.
fn letter_or_text(piece: &TextPiece<'_>, known: &mut Vec<String>) -> Option<String> {
    match piece {
        TextPiece::Known(text) => text.chars().all(|c| u32::from(c) < LETTERS).then(|| (*text).to_owned()),
        TextPiece::Symbol(symbol) => {
            let at = known.iter().position(|one| one == symbol).unwrap_or(known.len());
            if at == known.len() {
                known.push((*symbol).to_owned());
            }
            char::from_u32(LETTERS + u32::try_from(at).ok()?).map(String::from)
        }
    }
}

/// Whether a pattern matches some text that begins with a prefix.
pub(super) fn matches_some_with(pattern: &str, prefix: &str) -> bool {
    let mut pattern = pattern.bytes();
    for expected in prefix.bytes() {
        match pattern.next() {
            Some(b'*') => return true,
            Some(byte) if byte == b'?' || byte == expected => {}
            _ => return false,
        }
    }
    true
}

/// Whether a text has a wildcard.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use regex::bytes::Regex;

    proptest! {
        #[test]
        fn patterns_match_as_the_regular_expression_does(pattern in "[ab*?]{0,12}", text in "[abAB]{0,12}") {
            let regex = format!("^(?s-u){}$", pattern.replace('*', ".*").replace('?', "."));
            let expected = |regex: &str| Regex::new(regex).expect("a regex").is_match(text.as_bytes());
            prop_assert_eq!(matches(&pattern, &text, false), expected(&regex));
            prop_assert_eq!(matches(&pattern, &text, true), expected(&format!("(?i){regex}")));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn what_covers_holds_whatever_symbols_stand_for(
            pattern in prop::collection::vec(prop_oneof![Just("${a}".to_owned()), Just("${b}".to_owned()), "[xy*?]{0,3}"], 0..4),
            text in prop::collection::vec(prop_oneof![Just("${a}".to_owned()), Just("${b}".to_owned()), "[xy]{0,3}"], 0..4),
            a in "[xy]{1,3}",
            b in "[xy]{1,3}",
        ) {
            let filled = |text: &str| text.replace("${a}", &a).replace("${b}", &b);
            let (pattern, text) = (pattern.concat(), text.concat());
            let truth = matches(&filled(&pattern), &filled(&text), false);
            let answer = covers(&pattern, &text);
            prop_assert!(answer.is_none_or(|answer| answer == truth), "{pattern} {text} {a} {b} {answer:?}");
        }
    }

    #[test]
    fn what_is_known_of_a_pattern_decides() {
        for (pattern, text, expected) in [
            ("*", "${a}", Some(true)),
            ("${a}/*", "${a}/x", Some(true)),
            ("${a}", "${b}", None),
            ("arn:aws:s3:::*", "${a}", None),
            ("arn:aws:s3:::*", "arn:aws:iam::${a}:role/x", Some(false)),
            ("arn:aws:iam::*:role/x", "arn:aws:iam::${a}:role/x", Some(true)),
            ("arn:aws:iam::${a}:role/x", "arn:aws:iam::1:role/y", Some(false)),
            ("arn:aws:iam::${a}:role/x", "arn:aws:iam::1:role/x", None),
            ("*}", "${a}", None),
        ] {
            assert_eq!(covers(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn long_patterns_cost_no_time() {
        let text = "a".repeat(300);
        let pattern = format!("{}b", "a*".repeat(100_000));
        assert!(!matches(&pattern, &text, false));
        assert!(!matches(&"*".repeat(250_000), "", false) || matches("*", "", false));
    }

    #[test]
    fn prefixes() {
        for (pattern, expected) in [
            ("*", true),
            ("arn:aws:ecr:*", true),
            ("arn:*:ecr:eu-west-1:1:repository/a", true),
            ("arn:aws:ecr:eu-west-1:1:repository/a", true),
            ("arn:aws:s3:::a", false),
            ("arn:aws:ec?:x", true),
            ("arn:aws", false),
        ] {
            assert_eq!(matches_some_with(pattern, "arn:aws:ecr:"), expected, "{pattern}");
        }
    }
}
