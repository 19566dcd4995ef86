//! The API server's endpoint as nodes see it: its mode, to which addresses its name leads them, and
//! whom the public one accepts.

use crate::facts::access_list::{AcceptedBlocks, AccessList};
use crate::facts::known::{Known, all};
use crate::facts::view::SnapshotView;
use crate::snapshot::{ClusterType, Unknown};

/// The endpoint of a cluster.
#[derive(Clone, Debug)]
pub(crate) struct ApiServerEndpoint {
    pub(crate) public: bool,
    pub(crate) private: bool,
    pub(crate) accepts: AcceptedBlocks,
    /// Whether it has IPv6 addresses too.
    pub(crate) dual_stack: bool,
    /// Whether nodes in the VPC get its private addresses when they ask for its name.
    pub(crate) private_names: Known<bool>,
}

impl ApiServerEndpoint {
    pub(crate) fn of(view: SnapshotView<'_>) -> Known<Self> {
        match view.snapshot.kind {
            ClusterType::Eks => {}
            ClusterType::Outpost => {
                return Err(elsewhere("the control plane of a local cluster runs on its Outpost"));
            }
            ClusterType::Connected => {
                return Err(elsewhere("a connected cluster has its control plane elsewhere"));
            }
        }
        let flag = |name| {
            let node = view.vpc_config(name)?;
            let misfit = || Unknown::undecided(format!("{name} is not true or false"));
            node.as_bool().ok_or_else(misfit)
        };
        let (public, private) = (flag("endpointPublicAccess")?, flag("endpointPrivateAccess")?);
        Ok(Self {
            public,
            private,
            accepts: AccessList::of(&view.cluster()?)?.blocks,
            dual_stack: is_dual_stack(view),
            private_names: private_names(view, public),
        })
    }
}

fn elsewhere(why: &str) -> Unknown {
    Unknown::undecided(format!("{why}: its traffic is not worked out"))
}

/// Endpoints of IPv6 clusters made since October 2024 are dual-stack, under api.aws.
/// <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>
fn is_dual_stack(view: SnapshotView<'_>) -> bool {
    let Ok(cluster) = view.cluster() else { return false };
    let v6 = cluster.node.at(&["kubernetesNetworkConfig", "ipFamily"]).and_then(|node| node.as_str())
        == Some("ipv6");
    let name = cluster.node.get("endpoint").and_then(|node| node.as_str()).unwrap_or_default();
    v6 && name.contains(".api.aws")
}

/// Amazon's resolver, wherever it is asked.
/// <https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>
const RESOLVERS: [&str; 3] = ["AmazonProvidedDNS", "169.254.169.253", "fd00:ec2::253"];

/// Whether the endpoint's name leads nodes to its private addresses. That takes both DNS attributes
/// of the VPC and Amazon's resolver. With a private endpoint alone the name leads there from
/// everywhere, so without host names it is not known that it does not.
/// <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>
fn private_names(view: SnapshotView<'_>, public: bool) -> Known<bool> {
    let vpc = view.object("vpc")?;
    let hostnames = match vpc.flag("EnableDnsHostnames") {
        Ok(false) if !public => Err(Unknown::undecided(
            "EnableDnsHostnames is off, which AWS asks for; the name of a private endpoint also stands in public DNS"
                .to_owned(),
        )),
        answer => answer,
    };
    all([vpc.flag("EnableDnsSupport"), hostnames, amazon_resolves(view)])
}

/// Whether nodes ask Amazon's resolver. Where the snapshot has no DHCP options, the default is
/// assumed.
pub(crate) fn amazon_resolves(view: SnapshotView<'_>) -> Known<bool> {
    if view.section("dhcpOptions").is_err() {
        return Ok(true);
    }
    let Some(id) = view.object("vpc")?.optional("DhcpOptionsId")?.and_then(|node| node.as_str()) else {
        return Ok(true);
    };
    let set = view.get("dhcpOptions", id)?;
    let key = |node: &&crate::value::Json<'_>| {
        node.get("Key").and_then(|key| key.as_str()) == Some("domain-name-servers")
    };
    let servers = set.list("DhcpConfigurations")?.iter().find(key);
    let values =
        servers.and_then(|node| node.get("Values")).and_then(|node| node.as_list()).unwrap_or_default();
    let mut known = values.iter().filter_map(|value| value.get("Value").and_then(|node| node.as_str()));
    match values.is_empty() || known.any(|server| !RESOLVERS.contains(&server)) {
        false => Ok(true),
        true => Err(Unknown::undecided(format!(
            "the DHCP options {id} name other DNS servers, which may or may not forward to Amazon's"
        ))),
    }
}
