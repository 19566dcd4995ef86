//! Address arithmetic on lists of CIDR blocks.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv6Addr};

/// The only space that IANA gives out for the IPv6 internet:
/// <https://www.iana.org/assignments/ipv6-address-space/>.
const IPV6_INTERNET: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// How much of a family stands for all of it.
///
/// Whoever scans the internet finds what is open to half of it, and what people split (`0.0.0.0/1` and
/// `128.0.0.0/1`, because a tool refuses `0.0.0.0/0`) is found by its halves. Lists of a provider or a
/// country, which are meant as they are, stay far below.
pub const HALF: f64 = 0.5;

/// The families of addresses of which something is, or holds, the internet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InternetFamilies {
    /// Of IPv4.
    pub v4: bool,
    /// Of IPv6.
    pub v6: bool,
}

impl InternetFamilies {
    /// Whether it is of one of them.
    pub fn any(self) -> bool {
        self.v4 || self.v6
    }
}

/// A list of blocks, merged: overlaps and neighbours count once.
///
/// Held as the largest blocks that fit, in the order of their addresses: a block that lies in the
/// union lies in one of them.
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

    /// How many blocks it is made of.
    pub fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// Whether it holds no address.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether it holds that address.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.contains_net(&IpNet::from(address))
    }

    /// Whether it holds every address of a block.
    pub fn contains_net(&self, block: &IpNet) -> bool {
        match block {
            IpNet::V4(block) => before(&self.v4, |own| own.network() <= block.network())
                .is_some_and(|own| own.contains(block)),
            IpNet::V6(block) => before(&self.v6, |own| own.network() <= block.network())
                .is_some_and(|own| own.contains(block)),
        }
    }

    /// The merged blocks in the order of their addresses, IPv4 first.
    pub fn ranges(&self) -> impl Iterator<Item = IpNet> {
        let (v4, v6) = (self.v4.iter().copied(), self.v6.iter().copied());
        v4.map(IpNet::V4).chain(v6.map(IpNet::V6))
    }

    /// How many IPv4 addresses it holds.
    pub fn v4_addresses(&self) -> f64 {
        self.v4.iter().map(|net| 2_f64.powi(32 - i32::from(net.prefix_len()))).sum()
    }

    /// How much of IPv6 it holds, counted in networks of 64 bits (the size of a subnet).
    pub fn v6_networks(&self) -> f64 {
        self.v6.iter().map(|net| 2_f64.powi(64 - i32::from(net.prefix_len()))).sum()
    }

    /// How much of all IPv4 addresses it holds, from 0 to 1.
    pub fn v4_share(&self) -> f64 {
        self.v4_addresses() / 2_f64.powi(32)
    }

    /// How much of the IPv6 internet, which is 2000::/3, it holds, from 0 to 1.
    pub fn v6_share(&self) -> f64 {
        let share = |net: &Ipv6Net| match net.contains(&IPV6_INTERNET) {
            true => 1.0,
            false if IPV6_INTERNET.contains(net) => 2_f64.powi(3 - i32::from(net.prefix_len())),
            false => 0.0,
        };
        self.v6.iter().map(share).sum()
    }

    /// Of which families it holds the internet: half of all addresses, or more.
    pub fn internet(&self) -> InternetFamilies {
        InternetFamilies { v4: self.v4_share() >= HALF, v6: self.v6_share() >= HALF }
    }

    /// Whether it holds more than one block of `v4` prefix bits, or of `v6` prefix bits.
    pub fn wider_than(&self, v4: u8, v6: u8) -> bool {
        self.v4_addresses() > 2_f64.powi(32 - i32::from(v4))
            || self.v6_networks() > 2_f64.powi(64 - i32::from(v6))
    }
}

/// The last of sorted blocks that starts no later than what is sought.
fn before<T>(blocks: &[T], starts_before: impl Fn(&T) -> bool) -> Option<&T> {
    blocks.get(blocks.partition_point(starts_before).checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use super::Union;
    use ipnet::IpNet;
    use proptest::prelude::*;
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

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

    #[test]
    fn shares_are_of_the_internet() {
        let shares = |blocks: &[&str]| (union(blocks).v4_share(), union(blocks).v6_share());
        assert_eq!(shares(&["0.0.0.0/0", "::/0"]), (1.0, 1.0));
        assert_eq!(shares(&["0.0.0.0/1", "2000::/4"]), (0.5, 0.5));
        assert_eq!(shares(&["10.0.0.0/8", "fc00::/7"]), (1.0 / 256.0, 0.0));
        assert_eq!(shares(&[]), (0.0, 0.0));
    }

    #[test]
    fn the_internet_may_come_in_pieces() {
        let internet = |blocks: &[&str]| {
            let internet = union(blocks).internet();
            (internet.v4, internet.v6)
        };
        assert_eq!(internet(&["0.0.0.0/2", "64.0.0.0/2"]), (true, false));
        assert_eq!(internet(&["0.0.0.0/2", "0.0.0.0/3", "10.0.0.0/8"]), (false, false));
        assert_eq!(internet(&["128.0.0.0/1"]), (true, false));
        assert_eq!(internet(&["2000::/5", "2800::/5"]), (false, true));
        assert_eq!(internet(&["::/1"]), (false, true));
        // None of it is given out.
        assert_eq!(internet(&["fc00::/7", "8000::/1", "2600::/12"]), (false, false));
    }

    #[test]
    fn a_block_over_several_given_ones_is_held() {
        let holds = |blocks: &[&str], sought: &str| {
            union(blocks).contains_net(&sought.parse::<IpNet>().expect("a CIDR"))
        };
        assert!(holds(&["10.0.0.0/9", "10.128.0.0/9"], "10.0.0.0/8"));
        assert!(!holds(&["10.0.0.0/9", "10.128.0.0/10"], "10.0.0.0/8"));
        assert!(!holds(&["10.0.0.0/8"], "::ffff:10.0.0.1/128"));
        assert!(!holds(&[], "0.0.0.0/0"));
        assert!(
            union(&["2001:db8::/32", "192.0.2.7/24"])
                .ranges()
                .map(|r| r.to_string())
                .eq(["192.0.2.0/24", "2001:db8::/32"])
        );
    }

    /// Blocks of at most 256 addresses, inside 10.0.0.0/24 or inside 2001:db8::/120.
    fn small_block() -> impl Strategy<Value = IpNet> {
        (any::<bool>(), any::<u8>(), 0_u8..=8).prop_map(|(v4, last, host_bits)| {
            if v4 {
                IpNet::new(v4_address(last), 32 - host_bits)
            } else {
                IpNet::new(v6_address(last), 128 - host_bits)
            }
            .expect("a prefix")
        })
    }

    fn v4_address(last: u8) -> IpAddr {
        Ipv4Addr::new(10, 0, 0, last).into()
    }

    fn v6_address(last: u8) -> IpAddr {
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last.into()).into()
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

        #[test]
        fn a_union_holds_what_one_of_its_blocks_holds(
            blocks in prop::collection::vec(small_block(), 0..8), sought in small_block(),
        ) {
            let union = Union::of(blocks.iter().copied());
            let brute = |address: IpAddr| blocks.iter().any(|block| block.contains(&address));
            for last in 0..=255 {
                for address in [v4_address(last), v6_address(last)] {
                    prop_assert_eq!(union.contains(address), brute(address));
                    prop_assert_eq!(union.ranges().any(|range| range.contains(&address)), brute(address));
                }
            }
            let hosts = |last| [v4_address(last), v6_address(last)];
            let inside = (0..=255).flat_map(hosts).filter(|address| sought.contains(address)).all(brute);
            prop_assert_eq!(union.contains_net(&sought), inside);
            let count = (0..=255).filter(|last| brute(v4_address(*last))).count();
            prop_assert_eq!(union.v4_addresses(), count as f64);
        }
    }
}
