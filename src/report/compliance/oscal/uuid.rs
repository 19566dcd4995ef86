//! Identifiers that stay the same: UUIDs of version 5 (RFC 9562, section 5.5), made of what a thing is called.

use serde::{Serialize, Serializer};
use sha1::{Digest, Sha1};
use std::fmt;

/// The namespace of names that are URLs (RFC 9562, section 6.6).
const OF_URLS: [u8; 16] =
    [0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];
/// The length of the last group, in bytes. Twelve digits there would read as the id of an account.
const LAST_GROUP: usize = 6;

/// What identifies a thing in an OSCAL document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OscalUuid([u8; 16]);

impl OscalUuid {
    /// That of a thing of a kind that these parts tell apart. They cannot run into each other.
    pub(super) fn of(kind: &str, parts: &[&str]) -> Self {
        let own = Self::version_5(OF_URLS, env!("CARGO_PKG_REPOSITORY").as_bytes());
        let mut name = kind.to_owned();
        parts.iter().for_each(|part| name.push_str(&format!("/{}:{part}", part.len())));
        loop {
            let uuid = Self::version_5(own.0, name.as_bytes());
            if !uuid.reads_as_account() {
                return uuid;
            }
            name.push('/');
        }
    }

    fn version_5(namespace: [u8; 16], name: &[u8]) -> Self {
        let digest = Sha1::new().chain_update(namespace).chain_update(name).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        bytes[6] = 0x50 | (bytes[6] & 0x0F);
        bytes[8] = 0x80 | (bytes[8] & 0x3F);
        Self(bytes)
    }

    /// Whether its last group is twelve digits: where accounts are masked, it would be too.
    fn reads_as_account(self) -> bool {
        self.0[self.0.len() - LAST_GROUP..].iter().all(|byte| byte >> 4 < 10 && byte & 0x0F < 10)
    }
}

impl fmt::Display for OscalUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            let hyphen = if matches!(at, 4 | 6 | 8 | 10) { "-" } else { "" };
            write!(f, "{hyphen}{byte:02x}")?;
        }
        Ok(())
    }
}

impl Serialize for OscalUuid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 9562, appendix A.4.
    #[test]
    fn they_are_those_of_the_standard() {
        let of_dns =
            [0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];
        let uuid = OscalUuid::version_5(of_dns, b"www.example.com");
        assert_eq!(uuid.to_string(), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(OscalUuid::of("a", &["bc", "d"]), OscalUuid::of("a", &["b", "cd"]));
        assert_ne!(OscalUuid::of("a", &["b", ""]), OscalUuid::of("a", &["b"]));
        assert_eq!(OscalUuid::of("a", &["b"]), OscalUuid::of("a", &["b"]));
    }

    #[test]
    fn none_ends_in_what_reads_as_an_account() {
        let plain = |number: &str| {
            let own = OscalUuid::version_5(OF_URLS, env!("CARGO_PKG_REPOSITORY").as_bytes());
            OscalUuid::version_5(own.0, format!("n/{}:{number}", number.len()).as_bytes())
        };
        let numbers: Vec<_> = (0..2_000).map(|number: u32| number.to_string()).collect();
        assert!(numbers.iter().any(|number| plain(number).reads_as_account()));
        for number in &numbers {
            let uuid = OscalUuid::of("n", &[number]).to_string();
            assert_eq!(crate::engine::mask::masked(&uuid), uuid);
        }
    }
}
