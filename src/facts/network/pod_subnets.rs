//! Which subnets give pods their IPv4 addresses: those of the nodes, unless the VPC CNI is told otherwise.
//!
//! Custom networking names subnets in ENIConfigs, and then the nodes' own serve no pods. Else subnet discovery
//! adds those with a tag: <https://docs.aws.amazon.com/eks/latest/userguide/cni-subnet-selection.html>,
//! <https://docs.aws.amazon.com/eks/latest/userguide/cni-custom-network.html>

use super::Network;
use super::nodes::{NodeKind, NodePlacement};
use super::vpc_cni::VpcCni;
use crate::facts::known::{Known, all, any, not};
use crate::facts::view::{ResourceView, SnapshotView};
use crate::snapshot::Unknown;

const ROLE_TAG: &str = "kubernetes.io/role/cni";
/// Subnets that have such a tag are only for the clusters that it names.
const CLUSTER_TAGS: &str = "cni.networking.k8s.aws/cluster/";

/// The subnets of pods.
#[derive(Debug)]
pub(crate) struct PodSubnets<'n, 's> {
    network: &'n Network<'s>,
    view: SnapshotView<'s>,
    cni: Known<VpcCni>,
    /// Whether pods take IPv4 addresses at all.
    is_ipv4: Known<bool>,
    /// The subnets that have the tag, with their zones.
    tagged: Known<Vec<TaggedSubnet<'s>>>,
}

/// A subnet that subnet discovery finds.
#[derive(Clone, Debug)]
struct TaggedSubnet<'s> {
    id: &'s str,
    subnet: ResourceView<'s>,
}

impl<'n, 's> PodSubnets<'n, 's> {
    pub(crate) fn of(network: &'n Network<'s>) -> Self {
        let view = network.vpc.view;
        let family = view.cluster().and_then(|c| c.text_under(&["kubernetesNetworkConfig", "ipFamily"]));
        Self {
            network,
            view,
            cni: VpcCni::of(view),
            is_ipv4: family.map(|family| family != "ipv6"),
            tagged: tagged(view),
        }
    }

    /// Whether the CNI takes addresses of a subnet for pods because somebody told it to.
    pub(crate) fn is_pod_subnet(&self, subnet: &ResourceView<'s>, id: &str) -> Known<bool> {
        all([self.is_ipv4.clone(), any([self.is_configured(id), self.is_discovered(subnet)])])
    }

    /// Whether pods take IPv4 addresses of a subnet.
    pub(crate) fn take_addresses(&self, subnet: &ResourceView<'s>, id: &str) -> Known<bool> {
        let more = self.network.more.first().cloned().map(|unknown| all([Err(unknown), not(self.custom())]));
        let ways = [
            self.is_pod_subnet(subnet, id),
            Ok(self.nodes_in(id).any(|nodes| nodes.kind == NodeKind::FargateProfile)),
            all([Ok(self.nodes_in(id).any(|nodes| nodes.kind == NodeKind::Instance)), self.auto_mode()]),
            Ok(self.has_windows_nodes(id)),
            all([
                Ok(self.nodes_in(id).any(|nodes| nodes.kind != NodeKind::FargateProfile)),
                not(self.custom()),
                not(self.excludes(subnet)),
            ]),
        ];
        all([self.is_ipv4.clone(), any(ways.into_iter().chain(more))])
    }

    /// Nodes of Auto Mode have a CNI of their own, which follows neither the add-on nor the tag.
    /// <https://docs.aws.amazon.com/eks/latest/userguide/auto-networking.html>
    fn auto_mode(&self) -> Known<bool> {
        self.view.cluster()?.flag_under(&["computeConfig", "enabled"])
    }

    /// Custom networking and subnet discovery are for Linux nodes.
    fn has_windows_nodes(&self, id: &str) -> bool {
        let is_windows = |group: &ResourceView<'_>| {
            group.text("amiType").is_ok_and(|ami| ami.starts_with("WINDOWS"))
                && group.ids_under("subnets", &["subnets"]).is_ok_and(|subnets| subnets.contains(&id))
        };
        self.view.items("nodegroups").any(|group| is_windows(&group))
    }

    /// The most free addresses in one subnet from which the same pods can get theirs.
    pub(crate) fn most_free(&self, subnet: &ResourceView<'s>, id: &str) -> Known<i64> {
        let own = free(subnet)?;
        let shares = all([
            not(self.custom()),
            self.cni.as_ref().map(|cni| cni.discovers).map_err(Clone::clone),
            Ok(!self.nodes_in(id).any(|nodes| nodes.kind == NodeKind::FargateProfile)),
        ]);
        let tagged = self.tagged.as_ref().map_err(Clone::clone)?;
        if tagged.is_empty() || !shares? {
            return Ok(own);
        }
        let zone = subnet.text("AvailabilityZone")?;
        let mut most = own;
        for other in tagged.iter().map(|other| Ok(other.subnet)).chain(self.subnets_of_nodes(subnet, tagged))
        {
            let other = other?;
            if other.text("AvailabilityZone")? == zone {
                most = most.max(free(&other)?);
            }
        }
        Ok(most)
    }

    /// The subnets of nodes, for a subnet that such nodes share by its tag.
    fn subnets_of_nodes(
        &self,
        subnet: &ResourceView<'s>,
        tagged: &[TaggedSubnet<'s>],
    ) -> Vec<Known<ResourceView<'s>>> {
        if !tagged.iter().any(|tagged| tagged.subnet.position() == subnet.position()) {
            return Vec::new();
        }
        let nodes = self.network.nodes.iter().filter(|nodes| nodes.kind != NodeKind::FargateProfile);
        nodes.map(|nodes| self.view.get("subnets", nodes.subnet)).collect()
    }

    fn nodes_in(&self, id: &str) -> impl Iterator<Item = &NodePlacement<'s>> {
        self.network.nodes.iter().filter(move |nodes| nodes.subnet == id)
    }

    fn custom(&self) -> Known<bool> {
        self.cni.as_ref().map(|cni| cni.is_custom).map_err(Clone::clone)
    }

    /// Whether an ENIConfig of the add-on names it. ENIConfigs that somebody made by hand are objects of
    /// Kubernetes, which no AWS API shows.
    fn is_configured(&self, id: &str) -> Known<bool> {
        let cni = self.cni.as_ref().map_err(Clone::clone)?;
        match &cni.subnets {
            _ if !cni.is_custom => Ok(false),
            Ok(subnets) if subnets.is_empty() => Ok(false),
            // The values of the add-on name subnets as AWS does.
            Ok(subnets) => self.view.literal(id).map(|()| subnets.iter().any(|subnet| subnet == id)),
            Err(unknown) => Err(unknown.clone()),
        }
    }

    /// Whether subnet discovery finds it: it has the tag, and nodes are in its zone.
    fn is_discovered(&self, subnet: &ResourceView<'s>) -> Known<bool> {
        let discovers = self.cni.as_ref().map(|cni| cni.discovers && !cni.is_custom).map_err(Clone::clone);
        all([discovers, is_tagged(self.view, subnet), self.has_nodes_beside(subnet)])
    }

    fn has_nodes_beside(&self, subnet: &ResourceView<'s>) -> Known<bool> {
        let auto_mode = self.auto_mode();
        let is_beside = |nodes: &NodePlacement<'s>| {
            let beside = || {
                Ok(self.view.get("subnets", nodes.subnet)?.text("AvailabilityZone")?
                    == subnet.text("AvailabilityZone")?)
            };
            match nodes.kind {
                NodeKind::Nodegroup => beside(),
                NodeKind::Instance => all([not(auto_mode.clone()), beside()]),
                NodeKind::FargateProfile => Ok(false),
            }
        };
        any(self.network.nodes.iter().map(is_beside).chain(self.network.more.first().cloned().map(Err)))
    }

    /// Whether the tag keeps pods out of a subnet of nodes. Builds before 1.22 do not do that.
    /// <https://github.com/aws/amazon-vpc-cni-k8s/releases/tag/v1.22.0>
    fn excludes(&self, subnet: &ResourceView<'s>) -> Known<bool> {
        if subnet.tag(ROLE_TAG)? != Some("0") {
            return Ok(false);
        }
        let cni = self.cni.as_ref().map_err(Clone::clone)?;
        let not_known =
            || Unknown::undecided("which build of the VPC CNI runs is not in the snapshot".to_owned());
        all([Ok(cni.discovers), cni.version.map(|version| version >= (1, 22)).ok_or_else(not_known)])
    }
}

fn free(subnet: &ResourceView<'_>) -> Known<i64> {
    subnet
        .whole()
        .optional_int("AvailableIpAddressCount")?
        .ok_or_else(|| subnet.absent(&["AvailableIpAddressCount"]))
}

fn tagged<'s>(view: SnapshotView<'s>) -> Known<Vec<TaggedSubnet<'s>>> {
    let mut tagged = Vec::new();
    for subnet in view.all_items("subnets")? {
        if let (true, Some(id)) = (is_tagged(view, &subnet)?, subnet.key()) {
            tagged.push(TaggedSubnet { id, subnet });
        }
    }
    tagged.sort_by_key(|subnet| subnet.id);
    Ok(tagged)
}

/// Whether a subnet has the tag for pods of this cluster.
fn is_tagged(view: SnapshotView<'_>, subnet: &ResourceView<'_>) -> Known<bool> {
    if subnet.tag(ROLE_TAG)? != Some("1") {
        return Ok(false);
    }
    let tags = subnet.tags()?;
    let mut clusters = tags.iter().filter_map(|(key, _)| key.strip_prefix(CLUSTER_TAGS)).peekable();
    match clusters.peek() {
        None => Ok(true),
        Some(_) => {
            let own = view.cluster()?.text("name")?;
            Ok(clusters.any(|cluster| cluster == own))
        }
    }
}
