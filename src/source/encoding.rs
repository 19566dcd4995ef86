//! Bytes as text: UTF-8, or UTF-16 with a byte order mark.

/// Stands for what is no character in the encoding of its text. Unicode made it for this, and no JSON text may hold it.
pub(super) const NOT_TEXT: u8 = 0x1A;

/// The text of an input, without a byte order mark. It is UTF-8, or UTF-16 where its mark says so, as PowerShell
/// redirects. What is neither is marked, each in its place: it costs the document that it is in, and no other.
pub(super) fn text_of(mut bytes: Vec<u8>) -> String {
    match bytes.as_slice() {
        [0xFF, 0xFE, text @ ..] => return utf16(text, u16::from_le_bytes),
        [0xFE, 0xFF, text @ ..] => return utf16(text, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, ..] => drop(bytes.drain(..3)),
        _ => {}
    }
    String::from_utf8(bytes).unwrap_or_else(|error| marked(error.as_bytes()))
}

/// A text of UTF-16. Half a character is marked, and so is a byte that is left over.
fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (units, rest) = bytes.as_chunks::<2>();
    let characters = char::decode_utf16(units.iter().map(|bytes| unit(*bytes)));
    let marked = rest.iter().map(|_| char::from(NOT_TEXT));
    characters.map(|read| read.unwrap_or(char::from(NOT_TEXT))).chain(marked).collect()
}

fn marked(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::from(NOT_TEXT)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(text: &str, mark: [u8; 2], bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        mark.into_iter().chain(text.encode_utf16().flat_map(bytes)).collect()
    }

    #[test]
    fn half_a_character_is_marked_in_its_place() {
        assert_eq!(text_of(b"\xFF\xFEa\0\0\xD8b\0".to_vec()), "a\u{1A}b");
        assert_eq!(text_of(b"\xFE\xFF\0ab".to_vec()), "a\u{1A}");
        assert_eq!(text_of(b"a\xFFb".to_vec()), "a\u{1A}b");
        assert_eq!(text_of(b"\xFF\xFE".to_vec()), "");
    }

    proptest! {
        #[test]
        fn a_text_is_the_same_in_every_encoding(text in ".*") {
            prop_assert_eq!(&text_of(encoded(&text, [0xFF, 0xFE], u16::to_le_bytes)), &text);
            prop_assert_eq!(&text_of(encoded(&text, [0xFE, 0xFF], u16::to_be_bytes)), &text);
            prop_assert_eq!(&text_of([b"\xEF\xBB\xBF", text.as_bytes()].concat()), &text);
        }

        #[test]
        fn any_bytes_are_read(bytes: Vec<u8>) {
            text_of(bytes);
        }
    }
}
