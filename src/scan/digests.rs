//! The digests of inputs, by which a report says what exactly was judged.

use crate::source::composed::ComposedCluster;
use crate::source::{Input, InputPart, bounded};
use crate::text::hexadecimal;
use sha2::{Digest, Sha256};
use std::path::Path;

/// The SHA-256 of a file, or of what was read otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputDigest {
    /// What it is called.
    pub name: String,
    /// The digest in hexadecimal digits; none of what could not be read again.
    pub sha256: Option<String>,
}

impl InputDigest {
    /// The digest of a text that is no file.
    pub(super) fn of_text(name: &str, text: &str) -> Self {
        Self { name: name.to_owned(), sha256: Some(hexadecimal(Sha256::digest(text))) }
    }

    /// That of the bytes of a file, as `sha256sum` has it.
    fn of_file(path: &Path) -> Self {
        let bytes = bounded::read_file(path, u64::from(u32::MAX));
        Self {
            name: path.display().to_string(),
            sha256: bytes.ok().map(|bytes| hexadecimal(Sha256::digest(bytes))),
        }
    }
}

/// The digests of all files of an input that has these parts.
pub(super) fn of_input(input: &Input, parts: &[InputPart]) -> Vec<InputDigest> {
    let mut digests: Vec<_> = input.files().into_iter().map(InputDigest::of_file).collect();
    let mut add = |name: &str, text: &str| {
        if !digests.iter().any(|known| known.name == name) {
            digests.push(InputDigest::of_text(name, text));
        }
    };
    for part in parts {
        match part {
            InputPart::Text(text) => add(&input.name(), text),
            // All clusters of a template have the same files.
            InputPart::Composed(cluster) => {
                files(&**cluster).for_each(|(name, text)| add(name, text));
            }
        }
    }
    digests
}

fn files(cluster: &dyn ComposedCluster) -> impl Iterator<Item = (&str, &str)> {
    (0..).map_while(|at| cluster.file(at))
}

#[cfg(test)]
mod tests {
    use super::InputDigest;

    #[test]
    fn a_digest_is_that_of_sha256sum() {
        let digest = InputDigest::of_text("x", "abc").sha256.unwrap();
        assert_eq!(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
