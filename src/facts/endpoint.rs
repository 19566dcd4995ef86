//! How far the API server's endpoint is exposed.

use super::Maker;
use super::cidrs::Union;
use crate::snapshot::{Kind, Snapshot};
use crate::value::Node;
use ipnet::IpNet;

/// The facts of `facts.cluster.endpoint`.
pub(super) fn of_cluster<'t>(snapshot: &Snapshot<'t>, maker: Maker<'t>) -> Node<'t> {
    let config = snapshot.cluster().and_then(|cluster| cluster.at(&["resourcesVpcConfig"]));
    let Some(config) = config.filter(|_| snapshot.kind != Kind::Connected) else {
        return maker.undecided("the snapshot has no cluster with an endpoint");
    };
    let flag = |name, absent| config.at(&[name]).map_or(Some(absent), |node| node.as_bool());
    let (Some(public), Some(private)) =
        (flag("endpointPublicAccess", true), flag("endpointPrivateAccess", false))
    else {
        return maker.undecided("the endpoint's access is not given as true or false");
    };
    let mode = match (public, private) {
        (true, false) => "public",
        (true, true) => "public-and-private",
        (false, _) => "private",
    };
    let exposure = if public { exposure(config) } else { Ok(Union::default()) };
    let (open, v4, v6) = match exposure {
        Ok(union) => (
            Node::Bool(union.wider_than(1, 1)),
            Node::Double(union.v4_addresses()),
            Node::Double(union.v6_networks()),
        ),
        Err(reason) => {
            let unknown = maker.undecided(reason);
            (unknown, unknown, unknown)
        }
    };
    maker.object([
        ("mode", Node::Str(mode)),
        ("openToInternet", open),
        ("ipv4Addresses", v4),
        ("ipv6Prefixes64", v6),
    ])
}

/// The addresses that the public endpoint accepts. No list means everyone.
fn exposure(config: Node<'_>) -> Result<Union, String> {
    let list = config.at(&["publicAccessCidrs"]).and_then(|node| node.as_list()).unwrap_or_default();
    if list.is_empty() {
        return Ok(Union::of(["0.0.0.0/0", "::/0"].iter().filter_map(|all| all.parse().ok())));
    }
    let blocks: Result<Vec<IpNet>, _> = list
        .iter()
        .map(|item| {
            let text = item.as_str().unwrap_or_default();
            text.parse().map_err(|_| format!("{item} is not a CIDR"))
        })
        .collect();
    blocks.map(Union::of)
}
