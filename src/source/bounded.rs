//! Reads no more than a limit: standard input, pipes and devices have no size of their own, and what
//! `/dev/zero` gives has no end.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Why something was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It holds more than this many bytes.
    #[error("is larger than {}", size(*.0))]
    TooLarge(u64),
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is no text.
    #[error("is not UTF-8 text")]
    NotText,
}

/// All bytes of a reader.
///
/// # Errors
///
/// They are more than the limit, or cannot be read.
pub fn read(reader: impl Read, limit: u64) -> Result<Vec<u8>, ReadError> {
    fill(reader, limit, Vec::new())
}

/// All bytes of a file.
///
/// # Errors
///
/// They are more than the limit, or cannot be read.
pub fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    if length > limit {
        return Err(ReadError::TooLarge(limit));
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(usize::try_from(length).unwrap_or_default()).map_err(io::Error::from)?;
    fill(file, limit, bytes)
}

/// The text of a file.
///
/// # Errors
///
/// It is larger than the limit, cannot be read, or is no text.
pub fn read_text(path: &Path, limit: u64) -> Result<String, ReadError> {
    String::from_utf8(read_file(path, limit)?).map_err(|_| ReadError::NotText)
}

fn fill(reader: impl Read, limit: u64, mut bytes: Vec<u8>) -> Result<Vec<u8>, ReadError> {
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit { Err(ReadError::TooLarge(limit)) } else { Ok(bytes) }
}

/// A limit in words, in the largest unit that it is a whole number of.
fn size(limit: u64) -> String {
    // The largest place that 32 bits can tell.
    let limit = limit.next_multiple_of(2);
    let units = [(30, "GiB"), (20, "MiB"), (10, "KiB")];
    let whole = units.iter().find(|(bits, _)| limit > 0 && limit.is_multiple_of(1 << bits));
    whole.map_or_else(|| format!("{limit} bytes"), |(bits, unit)| format!("{} {unit}", limit >> bits))
}

#[cfg(test)]
mod tests {
    use super::{ReadError, read, read_file, size};
    use std::io::{self, Read};

    #[test]
    fn what_has_no_end_is_read_to_the_limit_and_no_further() {
        let mut endless = Counted { given: 0 };
        assert!(matches!(read(&mut endless, 1 << 20), Err(ReadError::TooLarge(_))));
        assert_eq!(endless.given, (1 << 20) + 1);
        assert_eq!(read(&b"abc"[..], 3).ok(), Some(b"abc".to_vec()));
    }

    /// A reader without an end, and how much of it was read.
    struct Counted {
        given: u64,
    }

    impl Read for Counted {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.given += buffer.len() as u64;
            buffer.fill(0);
            Ok(buffer.len())
        }
    }

    #[test]
    #[cfg(unix)]
    fn a_device_has_no_size_and_is_bounded_all_the_same() {
        let error = read_file("/dev/zero".as_ref(), 1 << 10).expect_err("no end");
        assert_eq!(error.to_string(), "is larger than 1 KiB");
    }

    #[test]
    fn limits_are_told_in_units() {
        let told = [u64::from(u32::MAX), 1 << 30, 64 << 20, 256 << 10, 1000].map(size);
        assert_eq!(told, ["4 GiB", "1 GiB", "64 MiB", "256 KiB", "1000 bytes"]);
    }
}
