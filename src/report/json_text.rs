//! Writes a value as JSON text: indented or in one line, and with every character escaped that a
//! terminal or the log of a CI job would obey. The value stays the same; only its spelling is safe.

use super::printable::{is_obeyed, is_plain};
use crate::text::json_escape;
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};
use std::io::{self, Write};

/// Writes a value, and ends the line. Sequences are written while they are made.
pub(super) fn write(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Printable(PrettyFormatter::new())))?;
    out.write_all(b"\n")
}

/// Writes a value in one line, and ends it.
pub(super) fn write_line(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Printable(CompactFormatter)))?;
    out.write_all(b"\n")
}

/// JSON text with the same characters escaped, for a text that something else wrote. Outside of strings
/// JSON has none of them but line breaks and tabs, and inside of them it has neither.
pub fn printable(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for (at, c) in json.char_indices() {
        match c {
            '\n' | '\r' | '\t' => text.push(c),
            c if is_obeyed(json, at, c) => text.push_str(&json_escape(c)),
            c => text.push(c),
        }
    }
    text
}

/// Escapes what is not printable; all else is another formatter's.
struct Printable<F>(F);

impl<F: Formatter> Formatter for Printable<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        if is_plain(fragment) {
            return out.write_all(fragment.as_bytes());
        }
        let mut written = 0;
        for (at, c) in fragment.char_indices().filter(|(at, c)| is_obeyed(fragment, *at, *c)) {
            out.write_all(&fragment.as_bytes()[written..at])?;
            out.write_all(json_escape(c).as_bytes())?;
            written = at + c.len_utf8();
        }
        out.write_all(&fragment.as_bytes()[written..])
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    fn written(value: &Value) -> String {
        let mut out = Vec::new();
        super::write(value, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_a_terminal_would_obey_is_escaped() {
        let text = written(&json!([
            "a\u{1b}[2Jb",
            "\u{9b}31m",
            "\u{202e}gnp.exe",
            "\u{7f}",
            "\u{2028}\u{e0041}",
            "팀 🐳\n"
        ]));
        let expected =
            r#"["a\u001b[2Jb","\u009b31m","\u202egnp.exe","\u007f","\u2028\udb40\udc41","팀 🐳\n"]"#;
        assert_eq!(text.replace("\n  ", "").replace(['\n'], ""), expected);
    }

    #[test]
    fn what_a_runner_would_obey_is_escaped() {
        let text = written(&json!(["##[error]x", "::error::x", "::/0"]));
        assert_eq!(text.lines().nth(1), Some("  \"\\u0023#[error]x\","));
        assert_eq!(text.lines().nth(2), Some("  \"\\u003a:error::x\","));
        assert_eq!(text.lines().nth(3), Some("  \"::/0\""));
    }

    proptest::proptest! {
        #[test]
        fn the_value_stays_the_same(text: String, key: String) {
            let value = json!({ key: [text, 1, null, {}, []] });
            proptest::prop_assert_eq!(&serde_json::from_str::<Value>(&written(&value)).unwrap(), &value);
            let pretty = super::printable(&serde_json::to_string_pretty(&value).unwrap());
            proptest::prop_assert_eq!(&serde_json::from_str::<Value>(&pretty).unwrap(), &value);
            let mut line = Vec::new();
            super::write_line(&value, &mut line).unwrap();
            proptest::prop_assert_eq!(line.iter().position(|byte| *byte == b'\n'), Some(line.len() - 1));
            proptest::prop_assert_eq!(&serde_json::from_slice::<Value>(&line).unwrap(), &value);
        }
    }
}
