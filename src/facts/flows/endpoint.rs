//! The API server's endpoint as nodes see it: its mode, to which addresses its name leads them, and
//! whom the public one accepts.

use crate::facts::access_list::{AcceptedBlocks, AccessList, VPC_CONFIG};
use crate::facts::known::{Known, all};
use crate::facts::view::{ResourceView, SnapshotView};
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
            ClusterType::Outpost | ClusterType::OutpostInstanceStore => {
                return Err(elsewhere("the control plane of a local cluster runs on its Outpost"));
            }
            ClusterType::Connected => {
                return Err(elsewhere("a connected cluster has its control plane elsewhere"));
            }
        }
        let flag = |name| view.cluster()?.flag_under(&[VPC_CONFIG, name]);
        let (public, private) = (flag("endpointPublicAccess")?, flag("endpointPrivateAccess")?);
        Ok(Self {
            public,
            private,
            accepts: AccessList::of(&view.cluster()?)?.blocks,
            dual_stack: is_dual_stack(view)?,
            private_names: private_names(view, public),
        })
    }
}

fn elsewhere(why: &str) -> Unknown {
    Unknown::undecided(format!("{why}: its traffic is not worked out"))
}

/// Endpoints of IPv6 clusters made since October 2024 are dual-stack, under api.aws.
/// <https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html>
fn is_dual_stack(view: SnapshotView<'_>) -> Known<bool> {
    let cluster = view.cluster()?;
    // Before IPv6 clusters there was no such field, and a cluster that is being created has no endpoint. A template tells no
    // endpoint, and what is made of it is new.
    let v6 = cluster.optional_text_under(&["kubernetesNetworkConfig", "ipFamily"])? == Some("ipv6");
    let is_new = || view.snapshot.is_of_template();
    Ok(v6 && cluster.optional_text("endpoint")?.map_or_else(is_new, |name| name.contains(".api.aws")))
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
            "EnableDnsHostnames is off, which AWS asks for; the name of a private endpoint is also in public DNS"
                .to_owned(),
        )),
        answer => answer,
    };
    all([vpc.flag("EnableDnsSupport"), hostnames, amazon_resolves(view)])
}

/// The DNS servers that a set of DHCP options names.
fn name_servers<'s>(options: &ResourceView<'s>) -> Known<Vec<&'s str>> {
    for option in options.objects(&["DhcpConfigurations", "*"])? {
        let option = option?;
        if option.text("Key")? == "domain-name-servers" {
            let values = option.objects(&["DhcpConfigurations", "*", "Values", "*"])?;
            return values.map(|value| value?.text("Value")).collect();
        }
    }
    Ok(Vec::new())
}

/// Whether nodes ask Amazon's resolver. Where the snapshot has no DHCP options, the default is
/// assumed.
pub(crate) fn amazon_resolves(view: SnapshotView<'_>) -> Known<bool> {
    if view.section("dhcpOptions").is_err() {
        return Ok(true);
    }
    let Some(id) = view.object("vpc")?.whole().optional_reference("DhcpOptionsId")? else { return Ok(true) };
    let servers = name_servers(&view.get("dhcpOptions", id)?)?;
    if servers.is_empty() {
        let reason =
            format!("the DHCP options {id} name no DNS servers, so nodes have theirs from elsewhere");
        return Err(Unknown::undecided(reason));
    }
    match servers.iter().all(|server| RESOLVERS.contains(server)) {
        true => Ok(true),
        false => Err(Unknown::undecided(format!(
            "the DHCP options {id} name other DNS servers, which may or may not forward to Amazon's"
        ))),
    }
}
