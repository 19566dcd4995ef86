//! The fields that decide about the private endpoint: its switch, the VPC's DNS, and the security
//! groups on the control plane's interfaces.

use super::{Endpoint, EndpointMode, Flow, FlowEnd, Listed};
use crate::facts::cidrs::Union;
use crate::facts::flows::kubectl::{KubectlAccess, PrivateSource};
use crate::facts::known::Known;
use crate::facts::network::control_plane::ControlPlane;
use crate::facts::network::security_groups::RulePeer;
use crate::facts::{FlowHop, HopKind, Via};
use crate::snapshot::Snapshot;
use crate::value::{Json, Pointer};
use ipnet::IpNet;
use std::collections::HashMap;

/// Where the cluster is in the document.
pub(super) fn cluster_place(snapshot: &Snapshot<'_>) -> Pointer {
    snapshot.part_named("cluster").map(|part| part.pointer()).unwrap_or_default()
}

/// What the fields of the endpoint say, and what their absence means.
pub(super) fn endpoint_fields(snapshot: &Snapshot<'_>) -> Vec<FlowHop> {
    ENDPOINT.iter().map(|(name, absent)| endpoint_field(snapshot, name, absent)).collect()
}

const ENDPOINT: [(&str, &str); 3] =
    [("endpointPublicAccess", "on"), ("endpointPrivateAccess", "off"), (CIDRS, "0.0.0.0/0, ::/0")];

const CIDRS: &str = "publicAccessCidrs";

fn is_not_public(config: Json<'_>) -> bool {
    config.get_go_cased("endpointPublicAccess") == Some(Json::Bool(false))
}

fn endpoint_field(snapshot: &Snapshot<'_>, name: &str, absent: &str) -> FlowHop {
    let config = snapshot.cluster().and_then(|cluster| cluster.at(&["resourcesVpcConfig"]));
    let text = match config.and_then(|config| config.get_go_cased(name)) {
        Some(Json::Bool(true)) => "on".to_owned(),
        Some(Json::Bool(false)) => "off".to_owned(),
        Some(Json::List(blocks)) if !blocks.is_empty() => {
            let written =
                blocks.iter().map(|block| block.as_str().map_or_else(|| block.to_string(), str::to_owned));
            written.collect::<Vec<_>>().join(", ")
        }
        Some(Json::List(_)) | None if name == CIDRS && config.is_some_and(is_not_public) => {
            "not used, as the public endpoint is off".to_owned()
        }
        Some(Json::List(_)) | None => format!("{absent} (not set: AWS's default)"),
        Some(other) => other.to_string(),
    };
    FlowHop::new(
        HopKind::Endpoint,
        name,
        text,
        Some(cluster_place(snapshot).key("resourcesVpcConfig").key(name)),
    )
}

/// What the flows through the private endpoint have in common.
pub(super) struct EndpointContext<'a, 's> {
    snapshot: &'s Snapshot<'s>,
    pub(super) endpoint: Option<&'a Endpoint>,
    /// Whether the endpoint's name leads nodes to its private addresses.
    pub(super) resolves: Known<bool>,
    /// The security groups on the control plane's interfaces.
    security_groups: Vec<&'s str>,
}

impl<'a, 's> EndpointContext<'a, 's> {
    pub(super) fn new(
        snapshot: &'s Snapshot<'s>,
        endpoint: Option<&'a Endpoint>,
        resolves: Known<bool>,
        control_plane: &ControlPlane<'s>,
    ) -> Self {
        let security_groups = control_plane.security_groups.clone().unwrap_or_default();
        Self { snapshot, endpoint, resolves, security_groups }
    }

    pub(super) fn is_private(&self) -> bool {
        self.endpoint.is_some_and(|endpoint| endpoint.mode != EndpointMode::Public)
    }

    pub(super) fn is_public(&self) -> bool {
        self.endpoint.is_some_and(|endpoint| endpoint.mode != EndpointMode::Private)
    }

    /// A field of the endpoint, as a step.
    pub(super) fn switch(&self, name: &str) -> Option<FlowHop> {
        let hop = self.endpoint?.fields.iter().find(|hop| hop.id == name)?;
        let text = match name {
            "endpointPublicAccess" => format!("the public endpoint is {}", hop.text),
            "endpointPrivateAccess" => format!("the private endpoint is {}", hop.text),
            _ => format!("the public endpoint accepts {}", hop.text),
        };
        Some(FlowHop { text, ..hop.clone() })
    }

    /// The addresses of the VPC, if the snapshot has it.
    pub(super) fn vpc_blocks(&self) -> Option<Union> {
        let vpc = self.snapshot.part_named("vpc")?.node;
        let field = |node: &Json<'_>, name: &str| node.get(name)?.as_str()?.parse().ok();
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
    /// ask, Amazon's are assumed, and a step says so.
    pub(super) fn dns(&self) -> Vec<FlowHop> {
        let vpc = self.snapshot.part_named("vpc");
        let place = |name: &str| vpc.map(|part| part.pointer().key(name));
        let is_off =
            |name: &&&str| vpc.and_then(|part| part.node.get_go_cased(name)) == Some(Json::Bool(false));
        let attributes = ["EnableDnsSupport", "EnableDnsHostnames"];
        let name = attributes.iter().find(is_off).unwrap_or(&"EnableDnsHostnames");
        let text = match &self.resolves {
            Ok(true) => "the VPC's DNS gives nodes the endpoint's private addresses",
            Ok(false) => "the VPC's DNS does not give nodes the endpoint's private addresses",
            Err(_) => "whether the VPC's DNS gives nodes the endpoint's private addresses is not known",
        };
        let mut hops = vec![FlowHop::new(HopKind::Dns, *name, text, place(name))];
        if self.resolves.is_ok() && vpc.is_some() && self.snapshot.part_named("dhcpOptions").is_none() {
            let text = "the DHCP options are not in the snapshot: Amazon's DNS servers are assumed";
            hops.push(FlowHop::new(HopKind::Dns, "DhcpOptionsId", text, place("DhcpOptionsId")));
        }
        hops
    }

    /// The groups on the control plane's interfaces, as steps.
    fn interface_groups(&self) -> impl Iterator<Item = FlowHop> {
        let part = self.snapshot.part_named("securityGroups");
        self.security_groups.iter().map(move |id| {
            let place = part.and_then(|part| Some(part.item_pointer(part.position(id)?)));
            let text = format!("{id} decides what reaches 443 on the control plane");
            FlowHop::new(HopKind::SecurityGroup, id, text, place)
        })
    }

    /// Adds what decides about the private endpoint to the flows of kubelets, where it is on.
    pub(super) fn add_private_hops(
        &self,
        outgoing: &mut Listed<Flow>,
        to_kubelets: &Listed<Flow>,
        kubectl: &Known<KubectlAccess<'s>>,
    ) {
        if !self.is_private() {
            return;
        }
        let admitted = admitted_groups(kubectl);
        let groups = groups_of_nodes(to_kubelets);
        for flow in &mut outgoing.items {
            let mut added = self.dns();
            if flow.via == Via::PrivateEndpoint {
                let own = groups.get(&nodes_of(flow)).map(Vec::as_slice).unwrap_or_default();
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

/// What tells the nodes of a flow apart: their kind, their name and their subnet.
type Nodes<'f> = (FlowEnd, &'f str, Option<&'f str>);

fn nodes_of(flow: &Flow) -> Nodes<'_> {
    (flow.end, &flow.name, flow.subnet.as_deref())
}

/// The security groups of nodes, as the flows to them say.
fn groups_of_nodes(flows: &Listed<Flow>) -> HashMap<Nodes<'_>, Vec<&str>> {
    let mut groups: HashMap<_, Vec<_>> = HashMap::new();
    for flow in &flows.items {
        let own = flow.hops.iter().filter(|hop| hop.kind == HopKind::SecurityGroup);
        groups.entry(nodes_of(flow)).or_default().extend(own.map(|hop| hop.id.as_str()));
    }
    groups
}

/// The security groups whose members may reach 443 on the control plane, each with the rule that
/// says so.
fn admitted_groups<'s>(kubectl: &Known<KubectlAccess<'s>>) -> HashMap<&'s str, FlowHop> {
    let sources = kubectl.iter().flat_map(|access| &access.private);
    let of_group = |source: &PrivateSource<'s>| match source.peer {
        RulePeer::Group(id) => Some((id, source_hop(source))),
        _ => None,
    };
    sources.filter_map(of_group).collect()
}

/// The addresses of a source, if it is a block.
pub(super) fn block_of(source: &PrivateSource<'_>) -> Option<IpNet> {
    match &source.peer {
        RulePeer::Cidr(_, net) => net.clone().ok(),
        _ => None,
    }
}

/// A source that a group on the control plane's interfaces admits on 443, as a step.
pub(super) fn source_hop(source: &PrivateSource<'_>) -> FlowHop {
    let (group, value) = (source.group.key().unwrap_or_default(), source.peer.value());
    let text = format!("{group} on the control plane's interfaces admits 443 from {value}");
    FlowHop::new(HopKind::SecurityGroup, group, text, source.rule.pointer(&source.group))
}
