//! Address arithmetic on lists of CIDR blocks.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// A list of blocks, merged: overlaps and neighbours count once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Union {
    v4: Vec<Ipv4Net>,
    v6: Vec<Ipv6Net>,
}

impl Union {
    /// Merges blocks. Bits below the prefix are ignored, as AWS does.
    pub fn of(blocks: impl IntoIterator<Item = IpNet>) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for block in blocks {
            match block {
                IpNet::V4(net) => v4.push(net.trunc()),
                IpNet::V6(net) => v6.push(net.trunc()),
            }
        }
        Self { v4: Ipv4Net::aggregate(&v4), v6: Ipv6Net::aggregate(&v6) }
    }

    /// How many IPv4 addresses it holds.
    pub fn v4_addresses(&self) -> f64 {
        self.v4.iter().map(|net| 2_f64.powi(32 - i32::from(net.prefix_len()))).sum()
    }

    /// How much of IPv6 it holds, counted in networks of 64 bits (the size of a subnet).
    pub fn v6_networks(&self) -> f64 {
        self.v6.iter().map(|net| 2_f64.powi(64 - i32::from(net.prefix_len()))).sum()
    }

    /// Whether it holds more than one block of `v4` prefix bits, or of `v6` prefix bits.
    pub fn wider_than(&self, v4: u8, v6: u8) -> bool {
        self.v4_addresses() > 2_f64.powi(32 - i32::from(v4))
            || self.v6_networks() > 2_f64.powi(64 - i32::from(v6))
    }
}

#[cfg(test)]
mod tests {
    use super::Union;
    use ipnet::IpNet;
    use proptest::prelude::*;

    fn union(blocks: &[&str]) -> Union {
        Union::of(blocks.iter().map(|block| block.parse::<IpNet>().expect("a CIDR")))
    }

    #[test]
    fn two_halves_are_the_whole() {
        let halves = union(&["0.0.0.0/1", "128.0.0.0/1"]);
        assert_eq!(halves, union(&["132.1.50.0/0"]));
        assert!(halves.wider_than(8, 32));
        assert!(!union(&["10.0.0.0/8"]).wider_than(8, 32));
        assert!(union(&["10.0.0.0/8", "11.0.0.0/32"]).wider_than(8, 32));
        assert!(union(&["2000::/31"]).wider_than(8, 32));
        assert!(!union(&["2001:db8::/32"]).wider_than(8, 32));
    }

    fn block() -> impl Strategy<Value = IpNet> {
        (any::<u32>(), 0_u8..=32).prop_map(|(bits, prefix)| {
            IpNet::new(std::net::Ipv4Addr::from(bits).into(), prefix).expect("a prefix")
        })
    }

    proptest! {
        #[test]
        fn order_and_repetition_do_not_matter(mut blocks in prop::collection::vec(block(), 0..12)) {
            let once = Union::of(blocks.iter().copied());
            blocks.reverse();
            let twice = Union::of(blocks.iter().chain(&blocks).copied());
            prop_assert_eq!(once, twice);
        }

        #[test]
        fn a_union_is_at_least_its_largest_and_at_most_the_sum(blocks in prop::collection::vec(block(), 1..12)) {
            let size = |block: &IpNet| 2_f64.powi(32 - i32::from(block.prefix_len()));
            let union = Union::of(blocks.iter().copied()).v4_addresses();
            let largest = blocks.iter().map(size).fold(0.0, f64::max);
            prop_assert!(largest <= union && union <= blocks.iter().map(size).sum());
        }
    }
}
