//! How a shell reads the call of `/etc/eks/bootstrap.sh` that nodes of Amazon Linux 2 join a cluster
//! with. Not a shell: it knows words, quotes, redirections and variables that are set to a literal.

use regex::Regex;
use std::collections::HashMap;
use std::str::Chars;
use std::sync::LazyLock;

const BOOTSTRAP: &str = "/etc/eks/bootstrap.sh";
/// What stands for the output of a command, which nobody can know.
const SUBSTITUTION: &str = "$(...)";
/// More variables than any script sets; each may cost a pass over the text.
const MAX_VARIABLES: usize = 100;
/// The most bytes that variables may add to a command; what follows stays as a name.
const MAX_EXPANDED: usize = 64 * 1024;

/// Values by name; none where a script sets several, or one that is no literal.
type Variables = HashMap<String, Option<String>>;

/// The arguments of every call of bootstrap.sh in a script.
pub(super) fn bootstrap_calls(script: &str) -> Vec<Vec<String>> {
    let variables = variables(script);
    let mut calls = Vec::new();
    let mut rest = script;
    while let Some(at) = rest.find(BOOTSTRAP) {
        let line = rest[..at].rfind('\n').map_or(0, |end| end + 1);
        let mut lexer = Lexer::new(&rest[line..], Some(&variables));
        // From the start of its line, which says whether it is called or only named.
        while rest.len() - lexer.rest.as_str().len() <= at {
            calls.extend(bootstrap_arguments(&lexer.command()).map(<[String]>::to_vec));
        }
        rest = lexer.rest.as_str();
    }
    calls
}

/// What follows bootstrap.sh in a command that calls it.
pub(super) fn bootstrap_arguments(command: &[String]) -> Option<&[String]> {
    let at = command.iter().position(|word| word == BOOTSTRAP)?;
    command[..at].iter().all(|word| is_prefix(word)).then(|| &command[at + 1..])
}

/// Splits at blanks, outside quotes.
pub(super) fn words(text: &str) -> Vec<String> {
    Lexer::new(text, None).command()
}

/// What may stand before the name of a command that is run.
fn is_prefix(word: &str) -> bool {
    const RUNNERS: [&str; 14] = [
        "sudo",
        "exec",
        "bash",
        "sh",
        "/bin/bash",
        "/bin/sh",
        "env",
        "time",
        "nohup",
        "if",
        "then",
        "else",
        "!",
        "{",
    ];
    word.starts_with('-') || word.contains('=') || RUNNERS.contains(&word)
}

fn variables(script: &str) -> Variables {
    static ASSIGNMENT: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r"(?m)^[ \t]*(?:(?:export|readonly|declare|local)[ \t]+)?([A-Za-z_]\w*)=";
        Regex::new(pattern).expect("a valid pattern")
    });
    let none = Variables::new();
    let mut variables = Variables::new();
    for found in ASSIGNMENT.captures_iter(script).take(MAX_VARIABLES) {
        let end = found.get_match().end();
        let value = match script[end..].starts_with(char::is_whitespace) {
            true => String::new(),
            false => Lexer::new(&script[end..], Some(&none)).command().into_iter().next().unwrap_or_default(),
        };
        let value = Some(value).filter(|value| !value.contains('$'));
        let known = variables.entry(found[1].to_owned()).or_insert_with(|| value.clone());
        if *known != value {
            *known = None;
        }
    }
    variables
}

struct Lexer<'a> {
    rest: Chars<'a>,
    /// None where blanks and quotes alone mean something.
    variables: Option<&'a Variables>,
    words: Vec<String>,
    word: Option<String>,
    /// The next word is where input or output goes.
    redirected: bool,
    /// How many bytes came from variables.
    expanded: usize,
}

impl<'a> Lexer<'a> {
    fn new(text: &'a str, variables: Option<&'a Variables>) -> Self {
        Self { rest: text.chars(), variables, words: Vec::new(), word: None, redirected: false, expanded: 0 }
    }

    /// The words of the next command.
    fn command(&mut self) -> Vec<String> {
        while let Some(c) = self.rest.next() {
            match c {
                '\'' => self.single_quoted(),
                '"' => self.double_quoted(),
                '\\' => self.escaped(),
                '\n' if self.variables.is_some() => break,
                c if c.is_whitespace() => self.end_word(),
                c if self.variables.is_none() => self.push(c),
                ';' | '|' | '&' | '(' | ')' => break,
                '#' if self.word.is_none() => {
                    self.skip_to('\n');
                    break;
                }
                '<' | '>' => self.redirection(),
                '$' => self.expansion(false),
                '`' => self.backquoted(),
                c => self.push(c),
            }
        }
        self.end_word();
        self.redirected = false;
        std::mem::take(&mut self.words)
    }

    fn push(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }

    fn push_str(&mut self, text: &str) {
        self.word.get_or_insert_default().push_str(text);
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        if !std::mem::take(&mut self.redirected) {
            self.words.push(word);
        }
    }

    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn skip_while(&mut self, skip: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&skip) {
            self.rest.next();
        }
    }

    fn skip_to(&mut self, end: char) {
        self.rest.by_ref().find(|c| *c == end);
    }

    fn single_quoted(&mut self) {
        self.push_str("");
        while let Some(c) = self.rest.next().filter(|c| *c != '\'') {
            self.push(c);
        }
    }

    fn double_quoted(&mut self) {
        self.push_str("");
        while let Some(c) = self.rest.next().filter(|c| *c != '"') {
            match c {
                '\\' if matches!(self.peek(), Some('"' | '\\' | '$' | '`' | '\n')) => self.escaped(),
                '$' if self.variables.is_some() => self.expansion(true),
                '`' if self.variables.is_some() => self.backquoted(),
                c => self.push(c),
            }
        }
    }

    fn escaped(&mut self) {
        if let Some(c) = self.rest.next().filter(|c| *c != '\n') {
            self.push(c);
        }
    }

    /// From here to the file, which is no argument; neither is the number before.
    fn redirection(&mut self) {
        self.word = self.word.take().filter(|word| !word.bytes().all(|byte| byte.is_ascii_digit()));
        self.end_word();
        self.skip_while(|c| matches!(c, '<' | '>' | '&'));
        self.redirected = true;
    }

    fn backquoted(&mut self) {
        self.skip_to('`');
        self.push_str(SUBSTITUTION);
    }

    fn expansion(&mut self, quoted: bool) {
        match self.peek() {
            Some('(') => self.substitution(),
            Some('{') => {
                self.rest.next();
                let name = self.name();
                let plain = self.peek() == Some('}');
                self.skip_to('}');
                self.variable(&name, plain, quoted);
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let name = self.name();
                self.variable(&name, true, quoted);
            }
            _ => self.push('$'),
        }
    }

    fn name(&mut self) -> String {
        let text = self.rest.as_str();
        self.skip_while(|c| c.is_ascii_alphanumeric() || c == '_');
        text[..text.len() - self.rest.as_str().len()].to_owned()
    }

    /// A variable's value, in words unless it is quoted. What is not known stays as a name.
    fn variable(&mut self, name: &str, plain: bool, quoted: bool) {
        let known = self.variables.and_then(|variables| variables.get(name)?.as_ref());
        let known = known.filter(|value| plain && self.expanded + value.len() <= MAX_EXPANDED);
        self.expanded += known.map_or(0, String::len);
        match known {
            None => self.push_str(&format!("${{{name}}}")),
            Some(value) if quoted => self.push_str(value),
            Some(value) => value.chars().for_each(|c| match c.is_whitespace() {
                true => self.end_word(),
                false => self.push(c),
            }),
        }
    }

    fn substitution(&mut self) {
        let mut open = 0_usize;
        for c in self.rest.by_ref() {
            match c {
                '(' => open += 1,
                ')' => open -= 1,
                _ => {}
            }
            if open == 0 {
                break;
            }
        }
        self.push_str(SUBSTITUTION);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(script: &str) -> Vec<String> {
        bootstrap_calls(script).iter().map(|call| call.join("|")).collect()
    }

    #[test]
    fn calls_are_told_from_mentions() {
        for (script, want) in [
            ("/etc/eks/bootstrap.sh a", Some("a")),
            ("set -e; sudo -E bash -x /etc/eks/bootstrap.sh a >/tmp/log 2>&1 || true", Some("a")),
            ("if ! FOO=1 /etc/eks/bootstrap.sh a; then exit 1; fi", Some("a")),
            ("/etc/eks/bootstrap.sh 'a' \\\n  --x \"b c\" # not this", Some("a|--x|b c")),
            ("# /etc/eks/bootstrap.sh a", None),
            ("sed -i '/^set/a X=\"1\"' /etc/eks/bootstrap.sh", None),
            ("echo '/etc/eks/bootstrap.sh a'", None),
            ("cat /etc/eks/bootstrap.sh && /etc/eks/bootstrap.sh b", Some("b")),
        ] {
            assert_eq!(calls(script), want.into_iter().collect::<Vec<_>>(), "{script}");
        }
    }

    #[test]
    fn variables_that_are_literals_are_known() {
        let script = "A='x y'\nexport B=\"z\"\nC=$(hostname)\nD=1\nD=2\nE=\nF=\"$B\"\n\
            /etc/eks/bootstrap.sh $A \"${A}\" $B-$C ${D} $E\"$E\" $(a (b) c)d `e f` ${B:-q} $ $F";
        let want = "x|y|x y|z-${C}|${D}||$(...)d|$(...)|${B}|$|${F}";
        assert_eq!(calls(script), [want]);
    }

    #[test]
    fn arguments_are_split_outside_quotes_alone() {
        let text = r#"--a=1 --b="c d"  --hard=memory<100Mi;x '--e=$F #' \ g"#;
        assert_eq!(words(text), ["--a=1", "--b=c d", "--hard=memory<100Mi;x", "--e=$F #", " g"]);
    }
}
