//! The VPC endpoints that nodes need that have no way to the internet, and whether those that exist
//! can be used.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html>

use super::connection::{Direction, HTTPS, Peer};
use super::instances::security_group_ids;
use super::nodes::NodePlacement;
use super::reach::groups_admit;
use super::vpc::Vpc;
use crate::facts::known::{Known, all, any};
use crate::facts::view::{ResourceView, SnapshotView};
use crate::snapshot::Unknown;
use crate::value::Pointer;
use ipnet::IpNet;
use std::rc::Rc;

/// A service that nodes call, and whether they can without the internet.
#[derive(Clone, Debug)]
pub(crate) struct NeededEndpoint {
    pub(crate) service: &'static str,
    pub(crate) state: Known<EndpointState>,
    /// What is wrong, in a sentence.
    pub(crate) reason: String,
    /// Who needs it.
    pub(crate) needed_by: &'static str,
    /// The endpoint, or the VPC if there is none.
    pub(crate) place: Pointer,
}

/// Whether a VPC endpoint does its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndpointState {
    /// Nodes can use it.
    Usable,
    /// There is none.
    Missing,
    /// It is there, and nodes cannot use it.
    Unusable,
}

impl EndpointState {
    /// The word that rules compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Usable => "usable",
            Self::Missing => "missing",
            Self::Unusable => "unusable",
        }
    }
}

const REQUIRED: &str = "every node";

/// What every private cluster needs, beside the API server itself.
const SERVICES: [&str; 4] = ["ec2", "ecr.api", "ecr.dkr", "s3"];

/// The services that these nodes, which have no way out, need.
///
/// What these can use is not known to be usable by others that may need it.
pub(crate) fn needed<'s>(vpc: &Vpc<'s>, found: &WithoutEgress<'_, 's>) -> Known<Vec<NeededEndpoint>> {
    let WithoutEgress { nodes, more } = found;
    if nodes.is_empty() {
        return Ok(Vec::new());
    }
    let view = vpc.view;
    view.section("vpcEndpoints")?;
    let vpc_place = view.section("vpc").map(|part| part.pointer()).unwrap_or_default();
    let mut needed: Vec<_> =
        SERVICES.iter().map(|service| of_service(vpc, nodes, service, REQUIRED, &vpc_place)).collect();
    let pod_identity = has_items(view, "podIdentityAssociations", |_| Ok(true));
    for (service, by, uses) in [
        ("sts", "service accounts with an IAM role", uses_irsa(view)),
        ("eks-auth", "EKS Pod Identity", pod_identity),
    ] {
        if uses == Ok(false) {
            continue;
        }
        let mut found = of_service(vpc, nodes, service, by, &vpc_place);
        // Whether it is needed does not matter where it can be used.
        if let (Err(unknown), true) = (uses, found.state != Ok(EndpointState::Usable)) {
            found.reason.clone_from(&unknown.reason);
            found.state = Err(unknown);
        }
        needed.push(found);
    }
    let usable = needed.iter_mut().filter(|found| found.state == Ok(EndpointState::Usable));
    for (found, unknown) in usable.flat_map(|found| more.as_ref().map(|unknown| (found, unknown))) {
        found.reason.clone_from(&unknown.reason);
        found.state = Err(unknown.clone());
    }
    Ok(needed)
}

/// Whether a section has an item of that sort.
fn has_items<'s>(
    view: SnapshotView<'s>,
    section: &str,
    sort: impl Fn(&ResourceView<'s>) -> Known<bool>,
) -> Known<bool> {
    let more = view.more(section).map(Err);
    any(view.items(section).map(|item| sort(&item)).chain(more))
}

/// Whether add-ons or roles of the cluster's own identity provider exchange tokens.
fn uses_irsa(view: SnapshotView<'_>) -> Known<bool> {
    let issuer = view.cluster().and_then(|cluster| cluster.text_under(&["identity", "oidc", "issuer"]));
    let issuer = issuer.map(|issuer| issuer.strip_prefix("https://").unwrap_or(issuer));
    let is_own = |item: &ResourceView<'_>| Ok(item.text("Url")? == issuer.clone()?);
    let has_role =
        |addon: &ResourceView<'_>| addon.optional("serviceAccountRoleArn").map(|role| role.is_some());
    any([has_items(view, "addons", has_role), has_items(view, "openIDConnectProviders", is_own)])
}

fn of_service<'s>(
    vpc: &Vpc<'s>,
    nodes: &[&NodePlacement<'s>],
    service: &'static str,
    needed_by: &'static str,
    vpc_place: &Pointer,
) -> NeededEndpoint {
    let suffix = format!(".{service}");
    let view = vpc.view;
    let named = |item: &ResourceView<'s>| item.text("ServiceName").is_ok_and(|name| name.ends_with(&suffix));
    let unnamed = || view.items("vpcEndpoints").find_map(|item| item.text("ServiceName").err());
    let candidates: Vec<_> = view.items("vpcEndpoints").filter(named).collect();
    let usable =
        all(nodes.iter().map(|nodes| any(candidates.iter().map(|item| is_usable(vpc, item, nodes)))));
    let state = match (usable, candidates.first(), view.more("vpcEndpoints").or_else(unnamed)) {
        (Ok(true), ..) => Ok(EndpointState::Usable),
        (_, None, Some(unknown)) | (Err(unknown), ..) => Err(unknown),
        (Ok(false), None, None) => Ok(EndpointState::Missing),
        (Ok(false), Some(_), _) => Ok(EndpointState::Unusable),
    };
    let reason = match (&state, candidates.first()) {
        (Ok(EndpointState::Missing), _) => format!("the VPC has no endpoint for {service}"),
        (Ok(EndpointState::Unusable), Some(item)) => why_not(vpc, item, service),
        (Err(unknown), _) => unknown.reason.clone(),
        _ => format!("the VPC has an endpoint for {service}"),
    };
    let place = candidates.first().map_or_else(|| vpc_place.clone(), ResourceView::pointer);
    NeededEndpoint { service, state, reason, needed_by, place }
}

/// Whether nodes can use an endpoint.
fn is_usable<'s>(vpc: &Vpc<'s>, item: &ResourceView<'s>, nodes: &NodePlacement<'s>) -> Known<bool> {
    let state = item.text("State")?.eq_ignore_ascii_case("available");
    if item.text("VpcEndpointType")? == "Gateway" {
        let table = vpc.table(nodes.subnet)?.known_id()?;
        return Ok(state && item.texts("RouteTableIds")?.contains(&table));
    }
    let groups = security_group_ids(item, &["Groups", "*"])?;
    let own = nodes.security_groups.as_ref().map_err(Clone::clone);
    let peer = Peer { addresses: addresses(vpc, item), security_groups: Ok(groups.clone()) };
    all([
        Ok(state),
        item.flag("PrivateDnsEnabled"),
        names_resolve(vpc),
        groups_admit(vpc, &groups, Direction::In, HTTPS, &nodes.peer()),
        own.and_then(|own| groups_admit(vpc, own, Direction::Out, HTTPS, &peer)),
    ])
}

/// The private DNS names of endpoints need both DNS attributes of the VPC.
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html>
fn names_resolve(vpc: &Vpc<'_>) -> Known<bool> {
    let item = vpc.view.object("vpc")?;
    all([item.flag("EnableDnsSupport"), item.flag("EnableDnsHostnames")])
}

/// The addresses that an endpoint may have: those of its subnets.
fn addresses<'s>(vpc: &Vpc<'s>, item: &ResourceView<'s>) -> Known<Rc<[IpNet]>> {
    let blocks = item.texts("SubnetIds")?.into_iter().map(|subnet| vpc.blocks(subnet));
    blocks.collect::<Known<Vec<_>>>().map(|blocks| blocks.concat().into())
}

/// What is wrong with an endpoint that is there.
fn why_not(vpc: &Vpc<'_>, item: &ResourceView<'_>, service: &str) -> String {
    let id = item.key().unwrap_or_default();
    let state = item.text("State").unwrap_or_default();
    if !state.eq_ignore_ascii_case("available") {
        return format!("the endpoint {id} for {service} is {state}");
    }
    if item.text("VpcEndpointType") == Ok("Gateway") {
        return format!("the endpoint {id} for {service} is not in the route tables of all nodes");
    }
    match item.flag("PrivateDnsEnabled") {
        Ok(false) => format!("the endpoint {id} for {service} has no private DNS name"),
        _ if names_resolve(vpc) == Ok(false) => {
            format!(
                "the VPC's DNS attributes are not both on, so the private DNS name of {id} for {service} does not resolve"
            )
        }
        _ => {
            format!("the security groups of the endpoint {id} for {service} do not let all nodes reach 443")
        }
    }
}

/// The nodes that have no way out, and why there may be others. Not known if there is none of them,
/// and one whose way is not known, or one that is not in the snapshot, could be.
pub(crate) fn without_egress<'a, 's>(
    nodes: impl Iterator<Item = (&'a NodePlacement<'s>, Known<bool>)>,
    more: &[Unknown],
) -> Known<WithoutEgress<'a, 's>>
where
    's: 'a,
{
    let mut found = WithoutEgress { nodes: Vec::new(), more: more.first().cloned() };
    for (placement, leads) in nodes {
        match leads {
            Ok(false) => found.nodes.push(placement),
            Ok(true) => {}
            Err(why) => {
                found.more.get_or_insert(why);
            }
        }
    }
    match (found.nodes.is_empty(), &found.more) {
        (true, Some(unknown)) => Err(unknown.clone()),
        _ => Ok(found),
    }
}

/// Nodes that have no way out.
#[derive(Debug)]
pub(crate) struct WithoutEgress<'a, 's> {
    nodes: Vec<&'a NodePlacement<'s>>,
    /// Why there may be others.
    more: Option<Unknown>,
}
