//! Text for SARIF messages. In them `[text](1)` is a link, so text that a cluster's owner can
//! influence is escaped: it can neither forge a link nor end one.

use crate::report::printable;
use serde_sarif::sarif::{Message, MultiformatMessageString};

/// A message.
pub(super) fn message(text: String) -> Message {
    Message::builder().text(text).build()
}

/// A text with a Markdown form, or none.
pub(super) fn texts(text: String, markdown: Option<String>) -> MultiformatMessageString {
    MultiformatMessageString { text, markdown, properties: None }
}

/// Text that is shown as it is.
pub(super) fn literal(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in printable(text).chars() {
        if matches!(c, '[' | ']' | '\\') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Text that is shown as it is, as a sentence.
pub(super) fn sentence(text: &str) -> String {
    let text = literal(text.trim());
    let ends = text.ends_with(['.', '!', '?']);
    format!("{text}{}", if ends { "" } else { "." })
}

#[cfg(test)]
mod tests {
    use super::{literal, sentence};

    #[test]
    fn names_forge_no_links() {
        assert_eq!(literal("[click](https://evil.example)"), r"\[click\](https://evil.example)");
        assert_eq!(literal(r"\[a](1)"), r"\\\[a\](1)");
        assert_eq!(literal("a\u{202e}b\nc"), "a\u{fffd}b\u{fffd}c");
    }

    #[test]
    fn sentences_end_once() {
        assert_eq!(sentence("demo is open"), "demo is open.");
        assert_eq!(sentence("demo is open. "), "demo is open.");
        assert_eq!(sentence("]"), r"\].");
    }

    proptest::proptest! {
        /// A link needs a bracket that no backslash escapes.
        #[test]
        fn no_bracket_is_left_bare(text in r"[\[\]\\()a1]{0,20}") {
            let mut escaped = false;
            for c in literal(&text).chars() {
                proptest::prop_assert!(escaped || (c != '[' && c != ']'), "{text}");
                escaped = c == '\\' && !escaped;
            }
            proptest::prop_assert!(!escaped);
        }
    }
}
