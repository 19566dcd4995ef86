//! Which subnets give pods their IPv4 addresses: those of the nodes, unless the VPC CNI is told otherwise.
//!
//! Custom networking names subnets in ENIConfigs, and then the nodes' own serve no pods. Else subnet discovery
//! adds those with a tag: <https://docs.aws.amazon.com/eks/latest/userguide/cni-subnet-selection.html>,
//! <https://docs.aws.amazon.com/eks/latest/userguide/cni-custom-network.html>

use super::Network;
use super::nodes::{NodeKind, NodePlacement};
use crate::facts::known::{Known, all, any, not};
use crate::facts::view::{ResourceView, SnapshotView};
use crate::snapshot::Unknown;
use serde_json::Value;

const CNI: &str = "vpc-cni";
const ROLE_TAG: &str = "kubernetes.io/role/cni";
/// Subnets that have such a tag are only for the clusters that it names.
const CLUSTER_TAGS: &str = "cni.networking.k8s.aws/cluster/";

/// The subnets of pods.
#[derive(Debug)]
pub(crate) struct PodSubnets<'n, 's> {
    network: &'n Network<'s>,
    view: SnapshotView<'s>,
    cni: Known<Cni>,
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
            cni: Cni::of(view),
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
                && group.texts("subnets").is_ok_and(|subnets| subnets.contains(&id))
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
            Ok(subnets) => Ok(subnets.iter().any(|subnet| subnet == id)),
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

/// How the VPC CNI is set up, as far as its add-on tells.
///
/// Where it is not a managed add-on, or one without settings of its own, its defaults are assumed: what
/// somebody set in the DaemonSet by hand, no AWS API shows.
#[derive(Clone, Debug)]
struct Cni {
    /// Custom networking is on.
    is_custom: bool,
    /// Subnet discovery is on.
    discovers: bool,
    /// The subnets of its ENIConfigs.
    subnets: Known<Vec<String>>,
    /// Major and minor.
    version: Option<(u32, u32)>,
}

/// The longest settings that are read; AWS takes far less.
const MOST_BYTES: usize = 256 * 1024;

impl Cni {
    fn of(view: SnapshotView<'_>) -> Known<Self> {
        let Some(addon) = view.find("addons", CNI)? else {
            return Ok(Self { is_custom: false, discovers: true, subnets: Ok(Vec::new()), version: None });
        };
        let version = minor_of(addon.text("addonVersion").unwrap_or_default());
        let text = addon.optional_prose("configurationValues")?.unwrap_or_default();
        let invalid = |reason: &str| addon.invalid(&["configurationValues"], reason.to_owned());
        let settings = settings(text).map_err(invalid)?;
        let env = |name: &str| settings.get("env").and_then(|env| env.get(name));
        let is_custom = env("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG").is_some_and(is_true);
        // On by default since 1.18.
        let discovers =
            env("ENABLE_SUBNET_DISCOVERY").is_none_or(is_true) && version.is_none_or(|v| v >= (1, 18));
        Ok(Self { is_custom, discovers, subnets: eni_subnets(&settings), version })
    }
}

fn eni_subnets(settings: &Value) -> Known<Vec<String>> {
    let config = settings.get("eniConfig").filter(|config| config.get("create").is_some_and(is_true));
    let by_hand = || {
        Unknown::undecided(
            "the ENIConfigs of vpc-cni are objects of Kubernetes, which AWS APIs do not show".to_owned(),
        )
    };
    let subnets =
        config.and_then(|config| config.get("subnets")).and_then(Value::as_object).ok_or_else(by_hand)?;
    let id = |subnet: &Value| subnet.get("id").and_then(Value::as_str).map(str::to_owned).ok_or_else(by_hand);
    subnets.values().map(id).collect()
}

/// The settings of an add-on: JSON or YAML.
fn settings(text: &str) -> Result<Value, &'static str> {
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    if text.len() > MOST_BYTES {
        return Err("configurationValues is too long");
    }
    if let Ok(value) = serde_json::from_str(text) {
        return Ok(value);
    }
    // An alias of YAML can stand for far more than it takes to write.
    if text.contains('&') && text.contains('*') {
        return Err("configurationValues has aliases of YAML, which are not read");
    }
    serde_saphyr::from_str(text).map_err(|_| "configurationValues is neither JSON nor YAML")
}

/// As the CNI reads its environment: <https://pkg.go.dev/strconv#ParseBool>.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::String(text) => ["1", "t", "true"].contains(&text.to_ascii_lowercase().as_str()),
        Value::Number(number) => number.as_i64() == Some(1),
        _ => false,
    }
}

/// Major and minor of `v1.22.4-eksbuild.3`.
fn minor_of(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.trim_start_matches('v').split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_json_or_yaml() {
        let custom = |text: &str| {
            settings(text).map(|settings| {
                let env = settings.get("env").and_then(|env| env.get("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"));
                env.is_some_and(is_true)
            })
        };
        assert_eq!(custom(""), Ok(false));
        assert_eq!(custom("{}"), Ok(false));
        assert_eq!(custom(r#"{"env":{"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG":"true"}}"#), Ok(true));
        assert_eq!(custom("env:\n  AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: \"true\"\n"), Ok(true));
        assert_eq!(custom("env:\n  AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: \"false\"\n"), Ok(false));
        assert!(custom("{").is_err());
        assert!(custom("a: &a [1]\nb: *a\n").is_err());
    }

    #[test]
    fn the_subnets_of_eni_configs() {
        let of = |text: &str| eni_subnets(&settings(text).expect("JSON")).ok();
        let two = r#"{"eniConfig":{"create":true,"subnets":{"eu-west-1a":{"id":"subnet-1"},"eu-west-1b":{"id":"subnet-2"}}}}"#;
        assert_eq!(of(two), Some(vec!["subnet-1".to_owned(), "subnet-2".to_owned()]));
        // The chart makes none then; others may be there.
        assert_eq!(of(&two.replace("true", "false")), None);
        assert_eq!(of("{}"), None);
    }

    #[test]
    fn builds_are_compared_by_major_and_minor() {
        assert_eq!(minor_of("v1.22.4-eksbuild.3"), Some((1, 22)));
        assert_eq!(minor_of("1.9.0"), Some((1, 9)));
        assert_eq!(minor_of("latest"), None);
    }
}
