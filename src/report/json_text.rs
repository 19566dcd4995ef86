//! Writes a value as JSON text: indented or in one line, and with every character escaped that could change what a
//! terminal shows. The value stays the same; only its spelling is safe.

use super::{is_plain, is_unprintable};
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

/// Escapes what is not printable; all else is another formatter's.
struct Printable<F>(F);

impl<F: Formatter> Formatter for Printable<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        if is_plain(fragment) {
            return out.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some(at) = rest.find(is_unprintable) {
            out.write_all(&rest.as_bytes()[..at])?;
            let unprintable = rest[at..].chars().next().unwrap_or_default();
            for unit in unprintable.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = &rest[at + unprintable.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
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
        let text = written(&json!(["a\u{1b}[2Jb", "\u{9b}31m", "\u{202e}gnp.exe", "\u{7f}", "팀 🐳\n"]));
        let expected = r#"["a\u001b[2Jb","\u009b31m","\u202egnp.exe","\u007f","팀 🐳\n"]"#;
        assert_eq!(text.replace("\n  ", "").replace(['\n'], ""), expected);
    }

    proptest::proptest! {
        #[test]
        fn the_value_stays_the_same(text: String, key: String) {
            let value = json!({ key: [text, 1, null, {}, []] });
            proptest::prop_assert_eq!(&serde_json::from_str::<Value>(&written(&value)).unwrap(), &value);
            let mut line = Vec::new();
            super::write_line(&value, &mut line).unwrap();
            proptest::prop_assert_eq!(line.iter().position(|byte| *byte == b'\n'), Some(line.len() - 1));
            proptest::prop_assert_eq!(&serde_json::from_slice::<Value>(&line).unwrap(), &value);
        }
    }
}
