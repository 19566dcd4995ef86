//! Account ids, masked: what a public repository shows need not say whose clusters they are.

use std::borrow::Cow;
use std::io::{self, Write};

/// How many digits an account id has.
const DIGITS: usize = 12;
/// What is written in its place. Letters, so that it is no account id itself.
const MASK: &[u8; DIGITS] = b"xxxxxxxxxxxx";

/// The text with every account id masked: every run of exactly twelve digits that is no part of a word.
pub fn masked(text: &str) -> Cow<'_, str> {
    let mut writer = Masking::new(Vec::new());
    let written = writer.write_all(text.as_bytes()).and_then(|()| writer.flush());
    match (written, String::from_utf8(writer.inner)) {
        (Ok(()), Ok(masked)) if masked != text => Cow::Owned(masked),
        _ => Cow::Borrowed(text),
    }
}

/// Masks what is written through it.
#[derive(Debug)]
pub struct Masking<W> {
    inner: W,
    /// Digits that may be an account id: how they go on decides.
    held: Vec<u8>,
    /// Whether the byte before them is part of a word.
    in_word: bool,
}

impl<W: Write> Masking<W> {
    /// Writes to `inner`. Call `flush` at the end: the last digits may still be held.
    pub fn new(inner: W) -> Self {
        Self { inner, held: Vec::new(), in_word: false }
    }

    fn release(&mut self, next_in_word: bool) -> io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let is_account = self.held.len() == DIGITS && !self.in_word && !next_in_word;
        self.inner.write_all(if is_account { MASK } else { &self.held })?;
        self.in_word = true;
        self.held.clear();
        Ok(())
    }
}

impl<W: Write> Write for Masking<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut plain = 0;
        for (at, byte) in bytes.iter().enumerate() {
            // A longer run than this is let through as it comes.
            if byte.is_ascii_digit() && !self.in_word && self.held.len() <= DIGITS {
                self.inner.write_all(&bytes[plain..at])?;
                self.held.push(*byte);
                plain = at + 1;
                continue;
            }
            let in_word = byte.is_ascii_alphanumeric() || *byte >= 0x80;
            if !self.held.is_empty() {
                self.release(in_word)?;
            }
            self.in_word = in_word;
        }
        self.inner.write_all(&bytes[plain..])?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.release(false)?;
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_ids_are_masked_and_other_numbers_are_not() {
        let text =
            "arn:aws:eks:eu-west-1:111122223333:cluster/a aws/444455556666/x 1234567890123 a111122223333 12";
        let want =
            "arn:aws:eks:eu-west-1:xxxxxxxxxxxx:cluster/a aws/xxxxxxxxxxxx/x 1234567890123 a111122223333 12";
        assert_eq!(masked(text), want);
        assert_eq!(masked("111122223333"), "xxxxxxxxxxxx");
        assert_eq!(masked("111122223333a \u{ac00}111122223333"), "111122223333a \u{ac00}111122223333");
    }

    proptest::proptest! {
        /// However it is cut into pieces.
        #[test]
        fn pieces_make_no_difference(pieces in proptest::collection::vec("[0-9a:\\-]{0,9}", 0..8)) {
            let mut writer = Masking::new(Vec::new());
            for piece in &pieces {
                writer.write_all(piece.as_bytes()).unwrap();
            }
            writer.flush().unwrap();
            let whole = pieces.concat();
            proptest::prop_assert_eq!(String::from_utf8(writer.inner).unwrap(), masked(&whole));
            let left = |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
                word.len() == DIGITS && word.bytes().all(|byte| byte.is_ascii_digit())
            });
            proptest::prop_assert!(!left(&masked(&whole)));
        }
    }
}
