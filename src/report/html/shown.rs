//! Texts on a page: with what would mislead its reader replaced. Templates escape them besides.

use crate::report::printable::{is_obeyed, is_plain, printable_source};
use crate::value::addressed::addressed;
use std::fmt;

/// A text in which nothing is hidden and nothing changes the direction of what follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::report) struct ShownText<T>(pub(in crate::report) T);

impl<T: AsRef<str>> fmt::Display for ShownText<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.as_ref();
        if is_plain(text) {
            return f.write_str(text);
        }
        let shown = |(at, c)| if is_obeyed(text, at, c) { '\u{FFFD}' } else { c };
        text.char_indices().map(shown).try_for_each(|c| fmt::Write::write_char(f, c))
    }
}

/// A text of ours about a cluster, with the addresses of what a template describes in place of references.
pub(in crate::report) fn shown(text: &str) -> ShownText<String> {
    ShownText(addressed(text).into_owned())
}

/// `1 day`, `2 days`
pub(in crate::report) fn in_days(days: i64) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}

/// Lines of code, such as commands, as people copy them.
pub(in crate::report) fn code(text: &str) -> String {
    printable_source(text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::ShownText;

    #[test]
    fn what_changes_the_direction_is_replaced() {
        assert_eq!(ShownText("a\u{202e}b\u{1b}[1m").to_string(), "a\u{fffd}b\u{fffd}[1m");
        assert_eq!(ShownText("팀 <b>").to_string(), "팀 <b>");
    }
}
