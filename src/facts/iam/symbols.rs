//! Symbols in policies: texts that a template knows only after apply.
//!
//! In a policy, a symbol is an attribute of something in AWS: it has no quotes, no backslashes, no wildcards, and as a part of
//! an ARN between two colons no colon.

use crate::facts::known::Known;
use crate::snapshot::{Unknown, template};
use crate::value::symbolic::symbols_in;
use crate::value::{SymbolicText, TextPiece};
use std::borrow::Cow;

/// How policy variables begin, of which every request has its own value.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
const VARIABLES: [&str; 11] = [
    "aws:",
    "saml:",
    "sts:",
    "ec2:",
    "s3:",
    "iot:",
    "transfer:",
    "cognito-identity.amazonaws.com:",
    "accounts.google.com:",
    "www.amazon.com:",
    "graph.facebook.com:",
];

/// Whether a text has a symbol in it.
pub(super) fn has_symbol(text: &str) -> bool {
    symbols_in(text).any(|symbol| !is_variable(&text[symbol]))
}

/// Whether what looks like a symbol is a variable of IAM, or one of the characters that are written so.
fn is_variable(symbol: &str) -> bool {
    let inner = symbol.strip_prefix("${").and_then(|text| text.strip_suffix('}')).unwrap_or_default();
    ["*", "?", "$"].contains(&inner) || VARIABLES.iter().any(|start| inner.starts_with(start))
}

/// The text of a JSON document with symbols in its texts, so that it can be parsed.
pub(super) fn json_safe(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    for piece in SymbolicText::of(text).pieces() {
        match piece {
            TextPiece::Known(known) => safe.push_str(known),
            TextPiece::Symbol(symbol) => {
                let quoted = serde_json::Value::from(*symbol).to_string();
                safe.push_str(&quoted[1..quoted.len() - 1]);
            }
        }
    }
    safe
}

/// A text with a plain letter for each symbol: what its known parts say of it.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    let mut symbols = symbols_in(text).peekable();
    if symbols.peek().is_none() {
        return Cow::Borrowed(text);
    }
    let (mut made, mut from) = (String::with_capacity(text.len()), 0);
    for symbol in symbols {
        made.push_str(&text[from..symbol.start]);
        made.push('x');
        from = symbol.end;
    }
    made.push_str(&text[from..]);
    Cow::Owned(made)
}

/// A text with small letters, its symbols as they are.
fn folded(text: &str) -> String {
    let piece = |piece: &TextPiece<'_>| match piece {
        TextPiece::Known(known) => known.to_ascii_lowercase(),
        TextPiece::Symbol(symbol) => (*symbol).to_owned(),
    };
    SymbolicText::of(text).pieces().iter().map(piece).collect()
}

/// Whether two texts are the same whatever the case of their letters, if that is known.
pub(super) fn same_but_case(one: &str, other: &str) -> Option<bool> {
    match (has_symbol(one), has_symbol(other)) {
        (false, false) => Some(one.eq_ignore_ascii_case(other)),
        _ => {
            let (one, other) = (folded(one), folded(other));
            SymbolicText::of(&one).same(&SymbolicText::of(&other))
        }
    }
}

/// Whether two texts are the same.
pub(super) fn same(one: &str, other: &str) -> Known<bool> {
    match (has_symbol(one), has_symbol(other)) {
        (false, false) => Ok(one == other),
        (is_symbol, _) => {
            let answer = SymbolicText::of(one).same(&SymbolicText::of(other));
            answer.ok_or_else(|| not_known(if is_symbol { one } else { other }))
        }
    }
}

/// What is not known of a text with symbols.
pub(super) fn not_known(text: &str) -> Unknown {
    template::not_known(text, "")
}

/// The first two parts of a text around a letter that stands in no symbol.
pub(super) fn split_once(text: &str, letter: char) -> Option<(&str, &str)> {
    let mut from = 0;
    for symbol in symbols_in(text).map(Some).chain([None]) {
        let end = symbol.as_ref().map_or(text.len(), |symbol| symbol.start);
        if let Some(at) = text[from..end].find(letter) {
            return Some((&text[..from + at], &text[from + at + letter.len_utf8()..]));
        }
        from = symbol.map_or(end, |symbol| symbol.end);
    }
    None
}

/// What follows the first parts of an ARN, of which each may be a symbol: from the one with that number on.
pub(super) fn arn_from(arn: &str, part: usize) -> Option<&str> {
    (0..part).try_fold(arn, |rest, _| split_once(rest, ':').map(|(_, rest)| rest))
}

/// An ARN with the partition in which all of a template is, where a symbol says which.
pub(super) fn in_partition<'a>(arn: &'a str, partition: &str) -> Cow<'a, str> {
    let symbol = arn.strip_prefix("arn:").filter(|rest| rest.starts_with("${"));
    match symbol.and_then(|rest| split_once(rest, ':')) {
        Some((symbol, rest)) if crate::value::symbolic::is_one_symbol(symbol) => {
            Cow::Owned(format!("arn:{partition}:{rest}"))
        }
        _ => Cow::Borrowed(arn),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_policies_are_no_symbols() {
        for (text, expected) in [
            ("a", false),
            ("${aws:username}", false),
            ("arn:aws:s3:::b/${aws:PrincipalTag/team}/${*}", false),
            ("${aws_iam_role.x.arn}", true),
            ("${aws:username}/${aws_vpc.x.id}", true),
            ("${AWS::Region}", true),
            ("${var.a ? b : c}", true),
        ] {
            assert_eq!(has_symbol(text), expected, "{text}");
        }
    }

    #[test]
    fn parts_are_split_around_symbols() {
        let issuer = r#"${replace(a.issuer, "https://", "")}:sub"#;
        assert_eq!(split_once(issuer, ':'), Some((&issuer[..issuer.len() - 4], "sub")));
        assert_eq!(split_once("${a:b}", ':'), None);
        assert_eq!(arn_from("arn:${p}:iam::${a ? b : c}:role/x", 5), Some("role/x"));
        assert_eq!(arn_from("${x.arn}", 5), None);
        assert_eq!(in_partition("arn:${p}:iam::aws:policy/X", "aws"), "arn:aws:iam::aws:policy/X");
        assert_eq!(in_partition("arn:${p}-cn:iam::aws:policy/X", "aws"), "arn:${p}-cn:iam::aws:policy/X");
        assert_eq!(plain("a-${x}-${y}"), "a-x-x");
        assert_eq!(json_safe(r#"{"a": "${x["b"]}"}"#), r#"{"a": "${x[\"b\"]}"}"#);
    }

    #[test]
    fn the_case_of_symbols_counts() {
        assert_eq!(same_but_case("${a}:SUB", "${a}:sub"), Some(true));
        assert_eq!(same_but_case("${A}:sub", "${a}:sub"), None);
        assert_eq!(same_but_case("${A}", "${a}x"), None);
        assert_eq!(same_but_case("${a}:x", "${b}:Y"), Some(false));
        assert_eq!(same_but_case("Oidc", "oIDC"), Some(true));
    }
}
