//! Blocks of addresses that no client on the internet has: private, reserved and documentation space.
//!
//! From the IANA special-purpose address registries, those that are not globally reachable, and the
//! multicast space: <https://www.iana.org/assignments/iana-ipv4-special-registry/>,
//! <https://www.iana.org/assignments/iana-ipv6-special-registry/>.

use ipnet::IpNet;
use std::sync::LazyLock;

/// A block of the registries.
#[derive(Debug)]
pub(super) struct Reserved {
    block: IpNet,
    /// Which sort: `private`, `shared`, `link-local`, `loopback`, `documentation`, `multicast` or `reserved`.
    pub(super) kind: &'static str,
    /// The document that reserves it.
    pub(super) by: &'static str,
}

const TABLE: &[(&str, &str, &str)] = &[
    ("0.0.0.0/8", "reserved", "RFC 791"),
    ("10.0.0.0/8", "private", "RFC 1918"),
    ("100.64.0.0/10", "shared", "RFC 6598"),
    ("127.0.0.0/8", "loopback", "RFC 1122"),
    ("169.254.0.0/16", "link-local", "RFC 3927"),
    ("172.16.0.0/12", "private", "RFC 1918"),
    ("192.0.0.0/24", "reserved", "RFC 6890"),
    ("192.0.2.0/24", "documentation", "RFC 5737"),
    ("192.168.0.0/16", "private", "RFC 1918"),
    ("198.18.0.0/15", "reserved", "RFC 2544"),
    ("198.51.100.0/24", "documentation", "RFC 5737"),
    ("203.0.113.0/24", "documentation", "RFC 5737"),
    ("224.0.0.0/4", "multicast", "RFC 5771"),
    ("240.0.0.0/4", "reserved", "RFC 1112"),
    ("::/128", "reserved", "RFC 4291"),
    ("::1/128", "loopback", "RFC 4291"),
    ("::ffff:0:0/96", "reserved", "RFC 4291"),
    ("64:ff9b:1::/48", "reserved", "RFC 8215"),
    ("100::/64", "reserved", "RFC 6666"),
    ("100:0:0:1::/64", "reserved", "RFC 9780"),
    ("2001:2::/48", "reserved", "RFC 5180"),
    ("2001:db8::/32", "documentation", "RFC 3849"),
    ("3fff::/20", "documentation", "RFC 9637"),
    ("5f00::/16", "reserved", "RFC 9602"),
    ("fc00::/7", "private", "RFC 4193"),
    ("fe80::/10", "link-local", "RFC 4291"),
    ("ff00::/8", "multicast", "RFC 4291"),
];

static RESERVED: LazyLock<Vec<Reserved>> = LazyLock::new(|| {
    let row = |(block, kind, by): &(&str, &'static str, &'static str)| {
        block.parse().ok().map(|block| Reserved { block, kind, by })
    };
    TABLE.iter().filter_map(row).collect()
});

/// The block of the registries that holds a block as a whole.
pub(super) fn holding(block: &IpNet) -> Option<&'static Reserved> {
    RESERVED.iter().find(|reserved| reserved.block.contains(block))
}

#[cfg(test)]
mod tests {
    use super::{RESERVED, TABLE, holding};

    #[test]
    fn every_row_is_a_block() {
        assert_eq!(RESERVED.len(), TABLE.len());
        assert!(RESERVED.iter().all(|row| row.block == row.block.trunc()));
    }

    #[test]
    fn blocks_are_reserved_only_as_a_whole() {
        let kind = |block: &str| holding(&block.parse().expect("a CIDR")).map(|reserved| reserved.kind);
        for (block, expected) in [
            ("10.1.0.0/16", Some("private")),
            ("100.64.0.0/10", Some("shared")),
            ("100.0.0.0/8", None),
            ("172.32.0.0/12", None),
            ("169.254.1.0/24", Some("link-local")),
            ("0.0.0.0/0", None),
            ("8.8.8.8/32", None),
            ("203.0.113.7/32", Some("documentation")),
            ("fd00:1::/32", Some("private")),
            ("2001:db8:1::/48", Some("documentation")),
            ("2600::/16", None),
            ("::/0", None),
        ] {
            assert_eq!(kind(block), expected, "{block}");
        }
    }
}
