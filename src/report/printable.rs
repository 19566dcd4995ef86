//! Text of a cluster's owner, safe for a terminal and for the log of a CI job.
//!
//! A terminal obeys control characters, and shows text in another order after characters that change
//! its direction; others it does not show at all. A CI runner obeys lines of a log: GitHub takes `::error …::` at the start of a line
//! and `##[error]` anywhere in it for commands, Azure Pipelines `##vso[…]`, TeamCity `##teamcity[…]`.
//! Of each, the first character is replaced. IPv6 blocks such as `::/0` stay as they are.

use crate::text::is_unprintable;

/// The text with what a terminal or a runner would obey replaced.
pub fn printable(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    text.char_indices().map(|(at, c)| if is_obeyed(text, at, c) { '\u{FFFD}' } else { c }).collect()
}

/// Text of several lines, each printable.
pub fn printable_lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}

/// Lines of a file, printable, in which line breaks and tabs stay.
pub(super) fn printable_source(text: &str) -> String {
    let stays = |at, c| matches!(c, '\n' | '\t') || !is_obeyed(text, at, c);
    text.char_indices().map(|(at, c)| if stays(at, c) { c } else { '\u{FFFD}' }).collect()
}

/// Whether it is ASCII text that shows as it is, as nearly all is.
pub(super) fn is_plain(text: &str) -> bool {
    let mut last = b' ';
    text.bytes().all(|byte| {
        let pair = (last, byte);
        last = byte;
        (b' '..0x7F).contains(&byte) && !matches!(pair, (b'#', b'#') | (b':', b':'))
    })
}

/// Whether a character of a text, at its position in bytes, would be obeyed.
pub(super) fn is_obeyed(text: &str, at: usize, c: char) -> bool {
    match c {
        '#' | ':' => is_command(text, at),
        c => is_unprintable(c),
    }
}

/// Whether a command of a CI runner starts here: `##NAME[`, or `::NAME` where a line could start. Lines
/// are broken at spaces, so that is at the start of any word. What could be an address is no name.
fn is_command(text: &str, at: usize) -> bool {
    let (before, rest) = text.split_at(at);
    let name = |mark| {
        let rest: &str = rest.strip_prefix(mark)?;
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        Some(rest.split_at(end.unwrap_or(rest.len())))
    };
    let starts_word = || before.chars().next_back().is_none_or(char::is_whitespace);
    match (name("##"), name("::")) {
        (Some((_, rest)), _) => rest.starts_with('['),
        (_, Some((name, _))) => starts_word() && !name.bytes().all(|byte| byte.is_ascii_hexdigit()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{is_plain, printable, printable_source};

    #[test]
    fn terminals_have_nothing_to_obey() {
        assert_eq!(printable_source("\t\u{1b}[1m\n##[x"), "\t�[1m\n�#[x");
        assert_eq!(
            printable("a\u{61c}b\u{200b}\u{200d}c\u{2028}d\u{e0041}e\u{fe0f}팀"),
            "a�b��c�d�e\u{fe0f}팀"
        );
        assert_eq!(printable("a\u{1b}[2J\u{9b}1m\u{202e}b\u{0}\r\n팀"), "a�[2J�1m�b���팀");
    }

    #[test]
    fn runners_have_nothing_to_obey() {
        for (text, expected) in [
            ("::error::x", "�:error::x"),
            ("a ::add-mask::x", "a �:add-mask::x"),
            ("\u{3000}::group", "\u{3000}�:group"),
            ("a\n::stop-commands::x", "a��:stop-commands::x"),
            ("##[error]x", "�#[error]x"),
            ("a###[x", "a#�#[x"),
            ("##vso[task.x]##teamcity[y", "�#vso[task.x]�#teamcity[y"),
        ] {
            assert_eq!(printable(text), expected);
        }
    }

    #[test]
    fn addresses_and_names_stay() {
        for text in
            ["::/0", "to ::1", "::ffff:10.0.0.0/104", "arn:aws:iam::aws:policy/x", "AWS::EKS", "## [x]"]
        {
            assert_eq!(printable(text), text);
        }
        assert!(is_plain("a:b #1") && !is_plain("a::b") && !is_plain("##") && !is_plain("팀"));
    }

    proptest::proptest! {
        /// What `actions/runner` looks for: a name after `::` at the start of a line, or after `##[`.
        #[test]
        fn no_line_is_a_command(text in "[ \n\u{2028}:#a\\[\\]]{0,24}") {
            let text = printable(&text.replace('a', "warning"));
            proptest::prop_assert!(!text.contains("##["), "{text:?}");
            for (at, _) in text.match_indices("::warning") {
                let before = text[..at].trim_end();
                proptest::prop_assert!(!before.is_empty() && before.len() == at, "{text:?}");
            }
        }
    }
}
