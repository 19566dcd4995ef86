//! The commands by which a person sees a flow, as text that a shell reads.

use crate::explain::{CheckCommand, CommandPart};
use crate::report::printable;
use crate::rule::template::shell_quoted;

/// A command in one line: each value is quoted, and what is not known stands in angle brackets.
pub(super) fn command_text(command: &CheckCommand) -> String {
    let part = |part: &CommandPart| match part {
        CommandPart::Text(text) => (*text).to_owned(),
        CommandPart::Word(word) => shell_quoted(word),
        CommandPart::Blank(name) => format!("<{name}>"),
    };
    printable(&command.parts.iter().map(part).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::command_text;
    use crate::explain::{CheckCommand, CommandPart};

    #[test]
    fn values_are_quoted_and_blanks_stay() {
        let word = |text: &str| CommandPart::Word(text.to_owned());
        let parts = vec![
            CommandPart::Text("aws x --name "),
            word("prod"),
            CommandPart::Text(" --filter "),
            word("a=b; reboot"),
            CommandPart::Text(" --to "),
            CommandPart::Blank("HOST"),
        ];
        assert_eq!(
            command_text(&CheckCommand { parts }),
            "aws x --name prod --filter 'a=b; reboot' --to <HOST>"
        );
    }
}
