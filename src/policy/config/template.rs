//! The file that `ekslint config init` writes: every key, commented out, with its default or an
//! example, and what it means.

use super::keys::{ConfigKey, KeyKind, RULE, TOP};

/// The longest line.
const WIDTH: usize = 100;
/// The rule whose settings are shown as a table; it has the parameter of the example.
const EXAMPLE_RULE: &str = "nodegroup-ami-old";

const HEAD: &str = "\
Configuration of ekslint. `ekslint config show` prints what holds and where each value comes from; docs/configuration.md explains it all.

Lines that start with # and no space are settings, with their defaults or with an example: take the # away to set one. Paths start from this file's folder.";

/// The text of the file.
pub fn template() -> String {
    let mut text = String::new();
    HEAD.split("\n\n").for_each(|paragraph| prose(&mut text, paragraph));
    for key in &TOP {
        text.push('\n');
        prose(&mut text, key.about);
        match key.kind {
            KeyKind::Lists => section(&mut text, &format!("[{}]", key.name), key.example),
            KeyKind::Rules => {
                section(&mut text, &format!("[{}]", key.name), key.example);
                fields(&mut text, &format!("[{}.{EXAMPLE_RULE}]", key.name), &RULE);
            }
            KeyKind::Tables(keys) => fields(&mut text, &format!("[[{}]]", key.name), keys),
            KeyKind::Table(lists) => {
                for list in lists {
                    prose(&mut text, list.about);
                    if let KeyKind::Tables(keys) = list.kind {
                        fields(&mut text, &format!("[[{}.{}]]", key.name, list.name), keys);
                    }
                }
            }
            _ => setting(&mut text, key),
        }
    }
    text
}

/// A table with free keys.
fn section(text: &mut String, heading: &str, lines: &str) {
    for line in std::iter::once(heading).chain(lines.lines()) {
        text.push_str(&format!("#{line}\n"));
    }
}

/// A table with these keys, each with its meaning.
fn fields(text: &mut String, heading: &str, keys: &[ConfigKey]) {
    text.push_str(&format!("#{heading}\n"));
    for key in keys {
        prose(text, key.about);
        setting(text, key);
    }
}

fn setting(text: &mut String, key: &ConfigKey) {
    text.push_str(&format!("#{} = {}\n", key.name, key.example));
}

/// A paragraph of comment.
fn prose(text: &mut String, paragraph: &str) {
    let options = textwrap::Options::new(WIDTH).initial_indent("# ").subsequent_indent("# ");
    text.push_str(&textwrap::fill(paragraph, options));
    text.push('\n');
}
