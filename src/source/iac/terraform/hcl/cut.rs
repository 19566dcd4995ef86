//! Cuts a file at its outermost blocks, so that one that is wrong costs that one.

use std::ops::Range;

/// The words that blocks of a module begin with.
const BLOCK_WORDS: [&str; 15] = [
    "action",
    "check",
    "data",
    "ephemeral",
    "import",
    "list",
    "locals",
    "module",
    "moved",
    "output",
    "provider",
    "removed",
    "resource",
    "terraform",
    "variable",
];

/// The outermost blocks and arguments of a text, each with what stands before it. A block that is never closed ends where
/// a line begins with the word of another one.
pub(super) fn cut(text: &str) -> Vec<Range<usize>> {
    let mut cutter = Cutter { text, at: 0, start: 0, brackets: Vec::new(), pieces: Vec::new() };
    cutter.run();
    cutter.pieces
}

struct Cutter<'t> {
    text: &'t str,
    at: usize,
    start: usize,
    brackets: Vec<u8>,
    pieces: Vec<Range<usize>>,
}

/// So many brackets are kept at most: what has more is refused by the parser anyway.
const MAX_BRACKETS: usize = 10_000;

impl Cutter<'_> {
    fn run(&mut self) {
        while self.at < self.text.len() {
            if self.is_line_start() && self.begins_block() {
                self.end_piece(self.at);
                self.brackets.clear();
            }
            self.step();
        }
        self.end_piece(self.text.len());
    }

    fn byte(&self, offset: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + offset).copied()
    }

    fn is_line_start(&self) -> bool {
        self.at == 0 || self.text.as_bytes()[self.at - 1] == b'\n'
    }

    /// Whether a line begins with a word of a block, and goes on as one does.
    fn begins_block(&self) -> bool {
        let line = &self.text.as_bytes()[self.at..];
        let word = line.iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        let is_known = BLOCK_WORDS.iter().any(|known| known.as_bytes() == &line[..word]);
        let next = line[word..].iter().find(|byte| !matches!(byte, b' ' | b'\t'));
        is_known && matches!(next, Some(b'"' | b'{'))
    }

    fn end_piece(&mut self, end: usize) {
        if self.text.get(self.start..end).is_some_and(|piece| !piece.trim().is_empty()) {
            self.pieces.push(self.start..end);
        }
        self.start = end;
    }

    /// Goes over one thing: a comment, a text, a bracket, a character.
    fn step(&mut self) {
        match (self.byte(0), self.byte(1)) {
            (Some(b'#'), _) | (Some(b'/'), Some(b'/')) => self.skip_to("\n"),
            (Some(b'/'), Some(b'*')) => self.skip_past("*/"),
            (Some(b'"'), _) => self.skip_text(),
            (Some(b'<'), Some(b'<')) => self.skip_heredoc(),
            (Some(byte @ (b'{' | b'[' | b'(')), _) => {
                if self.brackets.len() < MAX_BRACKETS {
                    self.brackets.push(byte);
                }
                self.at += 1;
            }
            (Some(byte @ (b'}' | b']' | b')')), _) => self.close(byte),
            (Some(b'\n'), _) => {
                self.at += 1;
                if self.brackets.is_empty() {
                    self.end_piece(self.at);
                }
            }
            _ => self.at += 1,
        }
    }

    fn close(&mut self, byte: u8) {
        self.at += 1;
        let opening = match byte {
            b'}' => b'{',
            b']' => b'[',
            _ => b'(',
        };
        // One that closes nothing is skipped, and those that were not closed within it count as closed.
        if let Some(found) = self.brackets.iter().rposition(|open| *open == opening) {
            self.brackets.truncate(found);
        }
    }

    fn skip_to(&mut self, end: &str) {
        self.at = self
            .text
            .get(self.at..)
            .and_then(|rest| rest.find(end))
            .map_or(self.text.len(), |found| self.at + found);
    }

    fn skip_past(&mut self, end: &str) {
        self.skip_to(end);
        self.at = (self.at + end.len()).min(self.text.len());
    }

    /// A text ends with its quote, or with the line: `${"…"}` may have texts of its own.
    fn skip_text(&mut self) {
        let mut inner: Vec<u8> = vec![b'"'];
        self.at += 1;
        while let Some(byte) = self.byte(0) {
            let is_text = inner.last() == Some(&b'"');
            match (byte, self.byte(1)) {
                (b'\n', _) if inner.len() == 1 => return,
                (b'\\', Some(next)) if is_text && next != b'\n' => self.at += 1,
                (b'"', _) if is_text => {
                    inner.pop();
                }
                (b'"', _) => inner.push(b'"'),
                (b'$' | b'%', Some(b'{')) if is_text && inner.len() < MAX_BRACKETS => {
                    inner.push(b'{');
                    self.at += 1;
                }
                (b'{', _) if !is_text && inner.len() < MAX_BRACKETS => inner.push(b'{'),
                (b'}', _) if !is_text => {
                    inner.pop();
                }
                _ => {}
            }
            self.at += 1;
            if inner.is_empty() {
                return;
            }
        }
    }

    fn skip_heredoc(&mut self) {
        let rest = &self.text[self.at + 2..];
        let rest = rest.strip_prefix('-').unwrap_or(rest);
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-').unwrap_or(rest.len());
        let (word, body) = rest.split_at(word);
        let Some(body) =
            body.strip_prefix("\r\n").or_else(|| body.strip_prefix('\n')).filter(|_| !word.is_empty())
        else {
            self.at += 2;
            return;
        };
        let mut at = self.text.len() - body.len();
        for line in body.split_inclusive('\n') {
            let is_end = line
                .trim_start()
                .strip_prefix(word)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-'));
            if is_end {
                self.at = at + line.len() - line.trim_start().len() + word.len();
                return;
            }
            at += line.len();
        }
        // It never ends: only the line is skipped, so that what follows is not lost.
        self.skip_to("\n");
    }
}

#[cfg(test)]
mod tests {
    use super::cut;

    fn pieces(text: &str) -> Vec<&str> {
        cut(text).into_iter().map(|range| text[range].trim()).collect()
    }

    #[test]
    fn blocks_are_cut_at_their_ends() {
        let text = "a = 1\n# {\nlocals {\n  x = \"}{\\\"${\"}\"}\" /* } */\n  y = <<-EOT\n    }\n  EOT\n}\n\nvariable \"z\" {}\n";
        let found = pieces(text);
        assert_eq!(found.len(), 4, "{found:#?}");
        assert_eq!(found[0], "a = 1");
        assert!(found[2].starts_with("locals") && found[2].ends_with('}'));
        assert_eq!(found[3], "variable \"z\" {}");
    }

    #[test]
    fn what_is_never_closed_ends_at_the_next_block() {
        let text = "resource \"a\" \"b\" {\n  x = [\n\nresource \"c\" \"d\" {\n}\n";
        assert_eq!(pieces(text), ["resource \"a\" \"b\" {\n  x = [", "resource \"c\" \"d\" {\n}"]);
        let text = "x = <<EOT\nnever\nlocals {\n}\n";
        assert_eq!(pieces(text), ["x = <<EOT", "never", "locals {\n}"]);
    }

    #[test]
    fn nothing_is_lost() {
        for text in
            ["", "\"", "\"${", "<<", "<<-", "/*", "}", "x = \"${\"${\n", "é = \"ü\n{", "<<E\nE", "a=\"\\"]
        {
            let whole: String = cut(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(whole.trim(), text.trim(), "{text:?}");
        }
    }
}
