//! Patterns of IAM: `*` stands for any text, `?` for one character.

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
