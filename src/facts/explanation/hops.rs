//! The fields that decide about the private endpoint: its switch, the VPC's DNS, and the security
//! groups on the control plane's interfaces.

use super::super::cidrs::Union;
use super::super::known::Known;
use super::read::{flag, items, list, origin, text, texts};
use super::{Endpoint, Flow, Flows, Hop};
use crate::snapshot::Snapshot;
use crate::value::{Node, Pointer};
use ipnet::IpNet;
use std::collections::HashMap;

/// Where the cluster stands.
pub(super) fn cluster_place(snapshot: &Snapshot<'_>) -> Pointer {
    snapshot.part_named("cluster").map(|part| part.pointer()).unwrap_or_default()
}

/// What the fields of the endpoint say, and what their absence means.
pub(super) fn endpoint_fields(snapshot: &Snapshot<'_>) -> Vec<Hop> {
    ENDPOINT.iter().map(|(name, absent)| endpoint_field(snapshot, name, absent)).collect()
}

const ENDPOINT: [(&str, &str); 3] =
    [("endpointPublicAccess", "on"), ("endpointPrivateAccess", "off"), (CIDRS, "0.0.0.0/0, ::/0")];

const CIDRS: &str = "publicAccessCidrs";

fn is_not_public(config: Node<'_>) -> bool {
    config.get_go_cased("endpointPublicAccess") == Some(Node::Bool(false))
}

fn endpoint_field(snapshot: &Snapshot<'_>, name: &str, absent: &str) -> Hop {
    let config = snapshot.cluster().and_then(|cluster| cluster.at(&["resourcesVpcConfig"]));
    let text = match config.and_then(|config| config.get_go_cased(name)) {
        Some(Node::Bool(true)) => "on".to_owned(),
        Some(Node::Bool(false)) => "off".to_owned(),
        Some(Node::List(blocks)) if !blocks.is_empty() => {
            let written =
                blocks.iter().map(|block| block.as_str().map_or_else(|| block.to_string(), str::to_owned));
            written.collect::<Vec<_>>().join(", ")
        }
        Some(Node::List(_)) | None if name == CIDRS && config.is_some_and(is_not_public) => {
            "not used, as the public endpoint is off".to_owned()
        }
        Some(Node::List(_)) | None => format!("{absent} (not set: AWS's default)"),
        Some(other) => other.to_string(),
    };
    Hop::new("endpoint", name, text, Some(cluster_place(snapshot).key("resourcesVpcConfig").key(name)))
}

/// What the flows through the private endpoint have in common.
pub(super) struct Case<'a, 's> {
    snapshot: &'s Snapshot<'s>,
    pub(super) endpoint: Option<&'a Endpoint>,
    /// Whether the endpoint's name leads nodes to its private addresses.
    pub(super) resolves: Known<bool>,
    /// The groups on the control plane's interfaces.
    groups: Vec<String>,
}

impl<'a, 's> Case<'a, 's> {
    pub(super) fn new(
        snapshot: &'s Snapshot<'s>,
        endpoint: Option<&'a Endpoint>,
        network: &Known<Node<'s>>,
    ) -> Self {
        let network = || network.clone();
        Self {
            snapshot,
            endpoint,
            resolves: network().and_then(|node| flag(node, "dnsResolvesPrivately")),
            groups: network().and_then(|node| texts(node, "interfaceGroups")).unwrap_or_default(),
        }
    }

    pub(super) fn is_private(&self) -> bool {
        self.endpoint.is_some_and(|endpoint| endpoint.mode != "public")
    }

    pub(super) fn is_public(&self) -> bool {
        self.endpoint.is_some_and(|endpoint| endpoint.mode != "private")
    }

    /// A field of the endpoint, as a step.
    pub(super) fn switch(&self, name: &str) -> Option<Hop> {
        let hop = self.endpoint?.fields.iter().find(|hop| hop.id == name)?;
        let text = match name {
            "endpointPublicAccess" => format!("the public endpoint is {}", hop.text),
            "endpointPrivateAccess" => format!("the private endpoint is {}", hop.text),
            _ => format!("the public endpoint accepts {}", hop.text),
        };
        Some(Hop { text, ..hop.clone() })
    }

    /// The addresses of the VPC, if the snapshot has it.
    pub(super) fn vpc_blocks(&self) -> Option<Union> {
        let vpc = self.snapshot.part_named("vpc")?.node;
        let field = |node: &Node<'_>, name: &str| node.get(name)?.as_str()?.parse().ok();
        let more =
            [("CidrBlockAssociationSet", "CidrBlock"), ("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock")];
        let more = more.into_iter().flat_map(|(list, name)| {
            let items = vpc.get(list).and_then(|node| node.as_list()).unwrap_or_default();
            items.iter().filter_map(move |item| field(item, name))
        });
        let blocks: Vec<IpNet> = field(&vpc, "CidrBlock").into_iter().chain(more).collect();
        (!blocks.is_empty()).then(|| Union::of(blocks))
    }

    /// What the VPC's DNS does with the endpoint's name. Where nothing says which DNS servers nodes
    /// ask, Amazon's are assumed, and that is said.
    pub(super) fn dns(&self) -> Vec<Hop> {
        let vpc = self.snapshot.part_named("vpc");
        let place = |name: &str| vpc.map(|part| part.pointer().key(name));
        let is_off =
            |name: &&&str| vpc.and_then(|part| part.node.get_go_cased(name)) == Some(Node::Bool(false));
        let attributes = ["EnableDnsSupport", "EnableDnsHostnames"];
        let name = attributes.iter().find(is_off).unwrap_or(&"EnableDnsHostnames");
        let words = match &self.resolves {
            Ok(true) => "the VPC's DNS gives nodes the endpoint's private addresses",
            Ok(false) => "the VPC's DNS does not give nodes the endpoint's private addresses",
            Err(_) => "whether the VPC's DNS gives nodes the endpoint's private addresses is not known",
        };
        let mut hops = vec![Hop::new("dns", *name, words, place(name))];
        if self.resolves.is_ok() && vpc.is_some() && self.snapshot.part_named("dhcpOptions").is_none() {
            let words = "the DHCP options are not in the snapshot: Amazon's DNS servers are assumed";
            hops.push(Hop::new("dns", "DhcpOptionsId", words, place("DhcpOptionsId")));
        }
        hops
    }

    /// The groups on the control plane's interfaces, as steps.
    fn interface_groups(&self) -> impl Iterator<Item = Hop> {
        let part = self.snapshot.part_named("securityGroups");
        self.groups.iter().map(move |id| {
            let place = part.and_then(|part| Some(part.item_pointer(part.position(id)?)));
            Hop::new(
                "security-group",
                id,
                format!("{id} decides what reaches 443 on the control plane"),
                place,
            )
        })
    }

    /// Adds what decides about the private endpoint to the flows of kubelets, where it is on.
    pub(super) fn add_private_hops(
        &self,
        outgoing: &mut Flows,
        to_kubelets: &Flows,
        kubectl: &Known<Node<'_>>,
    ) {
        if !self.is_private() {
            return;
        }
        let admitted = admitted_groups(kubectl);
        let groups = groups_of_workers(to_kubelets);
        for flow in &mut outgoing.flows {
            let mut added = self.dns();
            if flow.via == "private-endpoint" {
                let own = groups.get(&worker(flow)).map(Vec::as_slice).unwrap_or_default();
                match own.iter().find_map(|id| admitted.get(*id)) {
                    Some(hop) => added.push(hop.clone()),
                    None => added.extend(self.interface_groups()),
                }
            }
            let after_switch = flow.hops.len().min(1);
            flow.hops.splice(after_switch..after_switch, added);
        }
    }
}

/// What tells the kubelets of a flow apart.
fn worker(flow: &Flow) -> (&str, &str, Option<&str>) {
    (&flow.kind, &flow.name, flow.subnet.as_deref())
}

/// The security groups of kubelets, as the flows to them say.
fn groups_of_workers(flows: &Flows) -> HashMap<(&str, &str, Option<&str>), Vec<&str>> {
    let mut groups: HashMap<_, Vec<_>> = HashMap::new();
    for flow in &flows.flows {
        let own = flow.hops.iter().filter(|hop| hop.kind == "security-group").map(|hop| hop.id.as_str());
        groups.entry(worker(flow)).or_default().extend(own);
    }
    groups
}

/// The security groups whose members may reach 443 on the control plane, each with the entry that
/// says so.
fn admitted_groups(kubectl: &Known<Node<'_>>) -> HashMap<String, Hop> {
    sources(kubectl)
        .0
        .into_iter()
        .filter(|source| source.kind == "group")
        .map(|source| (source.value.clone(), source.hop()))
        .collect()
}

/// A source that a group on the control plane's interfaces admits on 443.
pub(super) struct Source {
    pub(super) kind: String,
    pub(super) value: String,
    group: String,
    place: Option<Pointer>,
}

impl Source {
    /// Its addresses, if it is a block.
    pub(super) fn block(&self) -> Option<IpNet> {
        if self.kind == "cidr" { self.value.parse().ok() } else { None }
    }

    /// As a step.
    pub(super) fn hop(&self) -> Hop {
        let Self { group, value, place, .. } = self;
        let text = format!("{group} on the control plane's interfaces admits 443 from {value}");
        Hop::new("security-group", group, text, place.clone())
    }
}

/// The sources that may reach the private endpoint, and why there may be more.
pub(super) fn sources(kubectl: &Known<Node<'_>>) -> (Vec<Source>, Vec<crate::snapshot::Unknown>) {
    let (nodes, more) = items(kubectl.clone().and_then(|node| list(node, "privateSources")));
    let source = |node| {
        Some(Source {
            kind: text(node, "kind").ok()?,
            value: text(node, "value").ok()?,
            group: text(node, "group").ok()?,
            place: origin(node),
        })
    };
    (nodes.into_iter().filter_map(source).collect(), more)
}
