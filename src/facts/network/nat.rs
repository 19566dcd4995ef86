//! NAT gateways: whether they are regional, and the public addresses that traffic leaves from.

use super::cidr;
use crate::facts::known::Known;
use crate::facts::view::ResourceView;
use crate::snapshot::Unknown;
use crate::value::Pointer;
use ipnet::IpNet;

/// A public address, or a block of them, that packets come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EgressAddress {
    pub(crate) block: IpNet,
    /// The gateway, instance or subnet that it belongs to.
    pub(crate) of: String,
    /// Where it is written.
    pub(crate) place: Pointer,
}

/// Whether a NAT gateway is in a VPC rather than in a subnet.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html>
pub(crate) fn is_regional(gateway: &ResourceView<'_>) -> Known<bool> {
    gateway.optional_text("AvailabilityMode").map(|mode| mode == Some("regional"))
}

/// All public addresses of a NAT gateway: any of them may be the one.
pub(crate) fn nat_addresses(gateway: &ResourceView<'_>) -> Known<Vec<EgressAddress>> {
    let place = gateway.pointer().key("NatGatewayAddresses");
    let mut addresses = Vec::new();
    for (at, object) in gateway.objects(&["NatGatewayAddresses", "*"])?.enumerate() {
        // A private gateway has private addresses alone.
        let Some(text) = object?.optional_text("PublicIp")? else { continue };
        let address = cidr::address(text, "/natGateways/*/NatGatewayAddresses/*/PublicIp")?;
        let of = gateway.key().unwrap_or_default().to_owned();
        let place = place.index(at).key("PublicIp");
        addresses.push(EgressAddress { block: address.into(), of, place });
    }
    match addresses.is_empty() {
        true => {
            Err(Unknown::undecided("the NAT gateway's public addresses are not in the snapshot".to_owned()))
        }
        false => Ok(addresses),
    }
}
