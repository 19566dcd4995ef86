//! The security groups of the control plane and of all nodes.
//!
//! Written after `addResourcesForSecurityGroups` in `pkg/cfn/builder/cluster.go` of eksctl.

use super::builder::ResourceBuilder;
use super::kinds::{GROUP, INGRESS};
use super::network::{ClusterNetwork, remote_cidrs};
use super::values::{number, written};
use crate::source::iac::cloudformation::REF;
use crate::source::iac::{Place, TemplateValue};

/// The security groups of a cluster.
pub(super) struct ClusterGroups {
    /// Those of the control plane, a list.
    pub(super) of_control_plane: TemplateValue,
    /// The first of them.
    pub(super) control_plane: TemplateValue,
    /// That of all nodes.
    pub(super) shared: TemplateValue,
}

/// Adds the groups, where the file names none.
pub(super) fn add(builder: &mut ResourceBuilder<'_>, network: &ClusterNetwork) -> ClusterGroups {
    let (of_control_plane, control_plane) = of_control_plane(builder, network);
    let place = builder.near("vpc");
    let shared = builder.find("vpc.sharedNodeSecurityGroup").cloned();
    let shared = shared.unwrap_or_else(|| {
        let words = "Communication between all nodes in the cluster";
        let group = group(builder, "sharedNodeSecurityGroup", words, network, &place);
        between(builder, "sharedNodeSecurityGroup.ofNodes", &group, &group, &place);
        group
    });
    match builder.flag("vpc.manageSharedNodeSecurityGroupRules", true) {
        Ok(true) => {
            let cluster = builder.cluster.clone();
            let own = builder.symbol_of(&cluster, "ClusterSecurityGroupId");
            between(builder, "sharedNodeSecurityGroup.ofCluster", &shared, &own, &place);
            between(builder, "clusterSecurityGroup.ofNodes", &own, &shared, &place);
        }
        Ok(false) => {}
        Err(_) => {
            let reason = "what rules eksctl adds to the group of all nodes is not known";
            builder.missing(&[INGRESS], "vpc.manageSharedNodeSecurityGroupRules", reason, &place);
        }
    }
    ClusterGroups { of_control_plane, control_plane, shared }
}

fn of_control_plane(
    builder: &mut ResourceBuilder<'_>,
    network: &ClusterNetwork,
) -> (TemplateValue, TemplateValue) {
    let place = builder.near("vpc");
    if let Some(given) = builder.find("vpc.securityGroup") {
        return (TemplateValue::list(vec![given.clone()], given.place.clone()), given.clone());
    }
    if let Some(given) = builder.find("vpc.controlPlaneSecurityGroupIDs") {
        let first = given.items().first().unwrap_or(given);
        return (given.clone(), first.clone());
    }
    let words = "Communication between the control plane and worker nodegroups";
    let group = group(builder, "controlPlaneSecurityGroup", words, network, &place);
    let mut extra = |path: &str| builder.list(path, &[INGRESS]).iter().take(100).cloned().collect::<Vec<_>>();
    let (ipv4, ipv6) = (extra("vpc.extraCIDRs"), extra("vpc.extraIPv6CIDRs"));
    let peers = [("CidrIp", remote_cidrs(builder)), ("CidrIp", ipv4), ("CidrIpv6", ipv6)];
    for (field, cidr) in
        peers.into_iter().flat_map(|(field, all)| all.into_iter().map(move |one| (field, one)))
    {
        let own = cidr.place.clone().unwrap_or_else(|| place.clone());
        let fields = [
            ("GroupId", Some(group.clone())),
            (field, Some(cidr)),
            ("IpProtocol", written("tcp", &own)),
            ("FromPort", number(443, &own)),
            ("ToPort", number(443, &own)),
        ];
        builder.add("controlPlaneSecurityGroup.ofNetwork", INGRESS, &own, fields);
    }
    (TemplateValue::list(vec![group.clone()], Some(place)), group)
}

/// Adds a group without rules of its own.
fn group(
    builder: &mut ResourceBuilder<'_>,
    address: &str,
    words: &str,
    network: &ClusterNetwork,
    place: &Place,
) -> TemplateValue {
    let fields = [("GroupDescription", written(words, place)), ("VpcId", Some(network.vpc.clone()))];
    let address = builder.add(address, GROUP, place, fields);
    builder.symbol_of(&address, REF)
}

/// Adds a rule that lets everything in from a group.
fn between(
    builder: &mut ResourceBuilder<'_>,
    address: &str,
    to: &TemplateValue,
    from: &TemplateValue,
    place: &Place,
) {
    let fields = [
        ("GroupId", Some(to.clone())),
        ("SourceSecurityGroupId", Some(from.clone())),
        ("IpProtocol", written("-1", place)),
        ("FromPort", number(0, place)),
        ("ToPort", number(65535, place)),
    ];
    builder.add(address, INGRESS, place, fields);
}
