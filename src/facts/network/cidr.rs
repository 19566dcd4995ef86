//! Addresses in the words of the AWS APIs.

use super::super::known::Known;
use crate::snapshot::Unknown;
use crate::value::Node;
use ipnet::IpNet;
use std::net::IpAddr;

/// A block of addresses. Bits below the prefix do not count, as in AWS.
pub(in crate::facts) fn net(text: &str, at: &str) -> Known<IpNet> {
    match text.parse::<IpNet>() {
        Ok(net) => Ok(net.trunc()),
        Err(_) => Err(Unknown::invalid(format!("{} is not a CIDR", shown(text)), at)),
    }
}

/// One address.
pub(in crate::facts) fn address(text: &str, at: &str) -> Known<IpAddr> {
    text.parse().map_err(|_| Unknown::invalid(format!("{} is not an IP address", shown(text)), at))
}

/// The block that a field of a node holds, if it has the field.
pub(super) fn field(node: &Node<'_>, name: &str, at: &str) -> Option<Known<IpNet>> {
    Some(net(node.get(name)?.as_str()?, at))
}

/// A text of a snapshot, cut for a message.
fn shown(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    format!("'{short}'")
}

/// Blocks of the Internet's special purposes: nothing there is reached over the internet.
/// <https://www.iana.org/assignments/iana-ipv4-special-registry>,
/// <https://www.iana.org/assignments/iana-ipv6-special-registry>
const SPECIAL: [&str; 13] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/3",
    "::/8",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
];

/// Whether a block lies outside the public address space.
pub(super) fn is_special(net: &IpNet) -> bool {
    static BLOCKS: std::sync::LazyLock<Vec<IpNet>> =
        std::sync::LazyLock::new(|| SPECIAL.iter().filter_map(|block| block.parse().ok()).collect());
    BLOCKS.iter().any(|block| block.contains(net))
}

/// Everything of a family of addresses.
pub(in crate::facts) fn everything(v6: bool) -> IpNet {
    match v6 {
        false => IpNet::V4(ipnet::Ipv4Net::default()),
        true => IpNet::V6(ipnet::Ipv6Net::default()),
    }
}

/// Whether a block is of IPv6.
pub(in crate::facts) fn is_v6(net: &IpNet) -> bool {
    matches!(net, IpNet::V6(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_special_block_parses() {
        for block in SPECIAL {
            assert!(net(block, "").is_ok(), "{block}");
        }
        let special = |text: &str| is_special(&text.parse().expect("a CIDR"));
        assert!(special("10.1.0.0/16") && special("fd00::/8") && special("100.64.1.0/24"));
        assert!(!special("203.0.113.0/24") && !special("0.0.0.0/0") && !special("2600::/12"));
    }
}
