//! Command lines: as blocks have them, and which programs they start.

use super::page::Block;

/// A command line of a page.
#[derive(Debug, PartialEq)]
pub(crate) struct Command {
    pub(crate) line: usize,
    pub(crate) text: String,
    /// As it stands in the page.
    pub(crate) written: String,
    /// What it prints, where the page shows it.
    pub(crate) output: Option<String>,
}

/// The command lines of a block. In a `console` block they stand after `$ `, and all that they print
/// follows; in one of `sh` each line is one; one of `bash` is one script.
pub(crate) fn commands(block: &Block) -> Vec<Command> {
    let shows_output = match block.language.as_str() {
        "console" => true,
        "sh" => false,
        "bash" => {
            let text = block.text.clone();
            return vec![Command { line: block.line, written: text.clone(), text, output: None }];
        }
        _ => return Vec::new(),
    };
    let mut found = Vec::<Command>::new();
    let mut goes_on = false;
    for (at, line) in block.text.lines().enumerate() {
        let start = if shows_output { line.strip_prefix("$ ") } else { Some(line) };
        match (found.last_mut(), start) {
            (Some(last), _) if goes_on => {
                last.text += &format!("\n{}", line.trim_start_matches("> "));
                last.written += &format!("\n{line}");
            }
            (_, Some(text)) => {
                let is_command = !text.trim().is_empty() && !text.trim_start().starts_with('#');
                let output = shows_output.then(String::new);
                let command = Command {
                    line: block.line + at,
                    text: text.to_owned(),
                    written: line.to_owned(),
                    output,
                };
                found.extend(is_command.then_some(command));
            }
            (Some(last), None) => {
                last.output.iter_mut().for_each(|output| *output += &format!("{line}\n"));
                continue;
            }
            (None, None) => panic!("line {}: a console block starts with `$ `", block.line),
        }
        goes_on = line.ends_with('\\');
    }
    found
}

/// The words of each program that a command line starts, without quotes, comments and redirections.
pub(crate) fn programs(text: &str) -> Vec<Vec<String>> {
    let mut words = Words { all: vec![Vec::new()], ..Words::default() };
    let mut quote = None;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                words.word.get_or_insert_default();
            }
            (None, '\\') => chars.next().filter(|c| *c != '\n').into_iter().for_each(|c| words.push(c)),
            (None, '#') if words.word.is_none() => while chars.next_if(|c| *c != '\n').is_some() {},
            (None, '>' | '<') => {
                words.redirect();
                while chars.next_if(|next| matches!(next, '>' | '&')).is_some() {}
            }
            (None, '|' | '&' | ';' | '\n' | '(' | ')') => words.end_program(),
            (None, c) if c.is_whitespace() => words.end_word(),
            (_, c) => words.push(c),
        }
    }
    words.end_program();
    words
        .all
        .iter_mut()
        .for_each(|words| drop(words.drain(..words.iter().take_while(is_no_program).count())));
    words.all.retain(|words| !words.is_empty());
    words.all
}

/// Whether a word before a program is a word of the shell, or sets a variable.
fn is_no_program(word: &&String) -> bool {
    const SHELL: [&str; 12] = ["{", "}", "!", "if", "then", "else", "fi", "for", "while", "do", "done", "in"];
    let sets = word
        .split_once('=')
        .is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    sets || SHELL.contains(&word.as_str())
}

/// The words so far.
#[derive(Default)]
struct Words {
    all: Vec<Vec<String>>,
    word: Option<String>,
    /// Whether the next word is a file that something is written to or read from.
    is_file: bool,
}

impl Words {
    fn push(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        let is_file = std::mem::take(&mut self.is_file);
        if !is_file {
            self.all.iter_mut().last().into_iter().for_each(|words| words.push(word.clone()));
        }
    }

    /// `>`, `2>`: the number is no word, and the next one is a file.
    fn redirect(&mut self) {
        self.word = self.word.take().filter(|word| !word.chars().all(|c| c.is_ascii_digit()));
        self.end_word();
        self.is_file = true;
    }

    fn end_program(&mut self) {
        self.end_word();
        self.all.push(Vec::new());
    }
}

#[test]
fn programs_are_told_apart() {
    let of = |text: &str| programs(text);
    assert_eq!(of("ekslint scan . # look | here"), [["ekslint", "scan", "."]]);
    assert_eq!(
        of("a 'x | y' | b -c; d > e 2>&1 && f \"g h\""),
        [vec!["a", "x | y"], vec!["b", "-c"], vec!["d"], vec!["f", "g h"]]
    );
    assert_eq!(of("{ echo '```'; a b; } > c"), [vec!["echo", "```"], vec!["a", "b"]]);
    assert_eq!(of("a \\\n  --b c"), [["a", "--b", "c"]]);
    assert_eq!(of("a < b"), [["a"]]);
    assert_eq!(
        of("x=1 a && y=$(b c)\nwhile read -r d; do e; done"),
        [vec!["a"], vec!["b", "c"], vec!["read", "-r", "d"], vec!["e"]]
    );
}

#[test]
fn blocks_are_taken_apart() {
    let block = |language: &str, text: &str| Block {
        line: 5,
        language: language.to_owned(),
        file: None,
        text: text.to_owned(),
        place: 0..0,
    };
    let command = |line, written: &str, output: Option<&str>| Command {
        line,
        text: written.replace("$ ", "").replace("> ", ""),
        written: written.to_owned(),
        output: output.map(str::to_owned),
    };
    let console = block("console", "$ a \\\n>   b\none\n\ntwo\n$ c\n");
    assert_eq!(
        commands(&console),
        [command(5, "$ a \\\n>   b", Some("one\n\ntwo\n")), command(10, "$ c", Some(""))]
    );
    let sh = block("sh", "# first\na \\\n  b\n\nc # d\n");
    assert_eq!(commands(&sh), [command(6, "a \\\n  b", None), command(9, "c # d", None)]);
    assert_eq!(commands(&block("yaml", "a: b\n")), []);
}
