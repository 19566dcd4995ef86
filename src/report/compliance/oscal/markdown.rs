//! Text as Markdown that shows it as it is. OSCAL's Markdown is CommonMark with `^` and `~` for what is raised and lowered,
//! and `{{` for parameters. <https://pages.nist.gov/OSCAL/reference/datatypes/> What GitHub adds is not in it, so a
//! backslash is enough, and text without marks stays as people wrote it.

/// A line of text.
pub(super) fn escaped(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut before = None;
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        if is_mark(c, before, rest.peek().copied()) || (before.is_none() && starts_block(line)) {
            shown.push('\\');
        }
        shown.push(c);
        before = Some(c);
    }
    match list_number(line) {
        // The digits cannot be escaped, but what stands after them.
        Some(digits) => {
            shown.insert(digits, '\\');
            shown
        }
        None => shown,
    }
}

/// Whether a character starts something wherever it stands.
fn is_mark(c: char, before: Option<char>, after: Option<char>) -> bool {
    let in_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match c {
        '\\' | '`' | '*' | '[' | ']' | '<' | '&' | '~' | '^' => true,
        '_' => !(in_word(before) && in_word(after)),
        '{' => after == Some('{'),
        _ => false,
    }
}

/// Whether a heading, a quotation, a list or a rule would start here.
fn starts_block(line: &str) -> bool {
    line.starts_with(['#', '>', '-', '+', '='])
}

/// How many digits a line starts with that would be the number of an item of a list.
fn list_number(line: &str) -> Option<usize> {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = line.len() - rest.len();
    let is_number = digits > 0 && rest.starts_with(['.', ')']);
    (is_number && rest[1..].chars().next().is_none_or(char::is_whitespace)).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::escaped;
    use comrak::nodes::NodeValue;
    use comrak::{Arena, Options, parse_document};

    /// What readers see of it; nothing if it is more than one paragraph of text.
    fn read(markdown: &str) -> Option<String> {
        let arena = Arena::new();
        let root = parse_document(&arena, markdown, &Options::default());
        let mut text = String::new();
        for node in root.descendants() {
            match &node.data.borrow().value {
                NodeValue::Document | NodeValue::Paragraph => {}
                NodeValue::Text(part) => text.push_str(part),
                _ => return None,
            }
        }
        Some(text)
    }

    #[test]
    fn plain_text_stays_as_it_is() {
        for text in ["AC-3(7): Access follows roles", "0.0.0.0/0 of 1.31, for a_b_c", "팀 (2026-12-01) 100%"]
        {
            assert_eq!(escaped(text), text);
        }
        assert_eq!(escaped("1. a *b* {{ insert: param, x }}"), r"1\. a \*b\* \{{ insert: param, x }}");
    }

    proptest::proptest! {
        #[test]
        fn readers_see_the_text(text in r"[-a1 *_`<>\[\]()!#+=.~^&;{}|:/\\가]{0,24}") {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            proptest::prop_assert_eq!(read(&escaped(&text)), Some(text.clone()));
        }
    }
}
