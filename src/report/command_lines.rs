//! Commands that a person copies: on lines of their own, and broken where they are wider than the page.

use super::{Style, wrap};
use anstyle::{AnsiColor, Effects};
use unicode_width::UnicodeWidthStr;

/// What continued lines of a command start with.
const CONTINUED: &str = "    ";
/// What commands in comments start with.
const COMMANDS: [&str; 3] = ["aws ", "eksctl ", "kubectl "];

/// The lines of a script, none wider than `width` unless it is one word that cannot be broken. A command goes on after
/// a `\`, so that all of it can be copied at once.
pub(super) fn lines(script: &str, width: usize) -> Vec<String> {
    let line = |line: &str| match line.trim_start().strip_prefix('#').map(str::trim) {
        _ if line.width() <= width => vec![line.to_owned()],
        // A command for later: without the `#` it is to be one again.
        Some(comment) if COMMANDS.iter().any(|command| comment.starts_with(command)) => {
            broken(comment, width.saturating_sub(2)).iter().map(|line| format!("# {line}")).collect()
        }
        Some(comment) => wrap(comment, width, "# ", "# ").lines().map(str::to_owned).collect(),
        None => broken(line, width),
    };
    script.lines().flat_map(|text| line(text.trim_end())).collect()
}

/// The commands of a script in one line, each run only if the one before it worked. Comments are left out: what stands behind
/// one would be a comment too.
pub(super) fn in_one_line(script: &str) -> String {
    let lines = script.lines().map(str::trim);
    let commands: Vec<_> = lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    commands.join(" && ")
}

/// A line in which what a person has to fill in, a name in angle brackets, has a colour.
pub(super) fn with_blanks(line: &str, style: Style) -> String {
    let paint = style.paint(Effects::BOLD, Some(AnsiColor::Magenta));
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    let mut text = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('<') {
        let Some(end) = rest[start..].find('>').map(|end| start + end + 1) else { break };
        let (before, marked) = (&rest[..start], &rest[start..end]);
        text.push_str(before);
        match is_name(&marked[1..marked.len() - 1]) {
            true => text.push_str(&format!("{paint}{marked}{paint:#}")),
            false => text.push_str(marked),
        }
        rest = &rest[end..];
    }
    text + rest
}

fn broken(line: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut current = String::new();
    let mut words = words(line).into_iter().peekable();
    while let Some(word) = words.next() {
        // Behind a word that is not the last one, there must be room for the backslash.
        let room = if words.peek().is_some() { width.saturating_sub(2) } else { width };
        let is_first = current.trim().is_empty();
        if !is_first && current.width() + 1 + word.width() > room {
            lines.push(format!("{current} \\"));
            current = CONTINUED.to_owned();
        } else if !is_first {
            current.push(' ');
        }
        current.push_str(word);
    }
    lines.push(current);
    lines
}

/// The words of a command as a shell sees them, with their quotes. An option stays with its value.
fn words(line: &str) -> Vec<&str> {
    let (mut words, mut start, mut quote, mut escaped) = (Vec::new(), 0, None, false);
    for (at, c) in line.char_indices() {
        match (c, quote) {
            _ if escaped => escaped = false,
            ('\\', None | Some('"')) => escaped = true,
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (' ', None) => {
                words.push(&line[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(&line[start..]);
    joined(line, words.into_iter().filter(|word| !word.is_empty()).collect())
}

/// Options joined with their values, so that a line does not end between them.
fn joined<'l>(line: &'l str, words: Vec<&'l str>) -> Vec<&'l str> {
    let mut pieces: Vec<&str> = Vec::new();
    for word in words {
        let is_option = |word: &str| word.starts_with("--") || word.starts_with('-') && word.len() == 2;
        let takes_value = |option: &&&str| is_option(option) && !option.contains(['=', ' ']);
        match pieces.last().filter(takes_value) {
            Some(option) if !word.starts_with('-') => {
                let (from, to) = (offset(line, option), offset(line, word) + word.len());
                pieces.pop();
                pieces.push(&line[from..to]);
            }
            _ => pieces.push(word),
        }
    }
    pieces
}

/// Where a part of a line starts.
fn offset(line: &str, part: &str) -> usize {
    part.as_ptr() as usize - line.as_ptr() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_command_goes_on_after_a_backslash() {
        let command =
            "aws eks update-cluster-config --region eu-west-1 --name prod --resources-vpc-config 'a=b, c=d'";
        assert_eq!(
            lines(command, 60),
            [
                "aws eks update-cluster-config --region eu-west-1 \\",
                "    --name prod --resources-vpc-config 'a=b, c=d'",
            ]
        );
        assert_eq!(lines("aws x", 60), ["aws x"]);
        assert_eq!(lines("kubectl get x -o wide", 20), ["kubectl get x \\", "    -o wide"]);
        assert_eq!(lines("# one two three four", 12), ["# one two", "# three four"]);
        assert_eq!(
            lines("# aws eks delete-access-entry --cluster-name prod --principal-arn arn", 42),
            ["# aws eks delete-access-entry \\", "#     --cluster-name prod \\", "#     --principal-arn arn"]
        );
    }

    #[test]
    fn one_line_has_the_commands_and_no_comment() {
        let script = "# when it is empty\naws eks list-nodegroups\n  aws eks delete-cluster --name a \n\n# aws eks x\n";
        assert_eq!(in_one_line(script), "aws eks list-nodegroups && aws eks delete-cluster --name a");
        assert_eq!(in_one_line("# nothing to run"), "");
    }

    proptest::proptest! {
        /// What a shell reads is the same, broken or not.
        #[test]
        fn a_shell_reads_the_same(words in proptest::collection::vec("[a-z]{1,12}|--[a-z]{1,8}|'[a-z ]{1,9}'", 1..12), width in 20_usize..60) {
            let command = words.join(" ");
            let again = lines(&command, width).join("\n").replace(" \\\n    ", " ");
            proptest::prop_assert_eq!(again, command);
        }

        #[test]
        fn no_line_is_wider_than_it_must_be(words in proptest::collection::vec("[a-z]{1,12}", 1..20), width in 20_usize..60) {
            for line in lines(&words.join(" "), width) {
                proptest::prop_assert!(line.width() <= width, "{}", line);
            }
        }
    }
}
