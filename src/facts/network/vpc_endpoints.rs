//! The VPC endpoints that nodes need that have no way to the internet, and whether those that exist
//! can be used; and those that shut nodes out which have one.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html>

use super::cidr;
use super::connection::{Direction, HTTPS, Peer};
use super::instances::security_group_ids;
use super::nodes::{NodeKind, NodePlacement};
use super::reach::groups_admit;
use super::vpc::Vpc;
use crate::facts::iam::endpoint_policy::{CalledResource, EndpointCall, lets_through};
use crate::facts::known::{Known, all, any, not};
use crate::facts::view::{ResourceView, SnapshotView};
use crate::snapshot::{Unknown, UnknownKind};
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

/// A VPC endpoint that takes the place of a service that nodes reach without it, and that nodes cannot use.
#[derive(Clone, Debug)]
pub(crate) struct EndpointInTheWay {
    pub(crate) service: &'static str,
    /// What is wrong, in a sentence.
    pub(crate) reason: String,
    /// Who needs the service.
    pub(crate) needed_by: &'static str,
    /// The endpoint.
    pub(crate) place: Pointer,
}

/// A service that nodes or pods call.
#[derive(Clone, Copy, Debug)]
struct CalledService {
    name: &'static str,
    /// The calls without which it is of no use to a node.
    actions: &'static [&'static str],
    /// Whether nodes sign them with their role.
    is_signed: bool,
    needed_by: &'static str,
}

/// A VPC endpoint for a service that nodes or pods call.
#[derive(Debug)]
struct ServiceEndpoint<'s> {
    item: ResourceView<'s>,
    service: CalledService,
    /// Whether its policy lets the calls of nodes through, whichever nodes they are.
    policy: Known<bool>,
}

/// What every node calls: EC2 when it starts, and the registry with the bucket where the layers are.
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html>
const OF_EVERY_NODE: [CalledService; 4] = [
    CalledService { name: "ec2", actions: &["ec2:DescribeInstances"], is_signed: true, needed_by: REQUIRED },
    CalledService {
        name: "ecr.api",
        actions: &["ecr:GetAuthorizationToken"],
        is_signed: true,
        needed_by: REQUIRED,
    },
    CalledService {
        name: "ecr.dkr",
        actions: &["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        is_signed: true,
        needed_by: REQUIRED,
    },
    // The registry signs the requests for layers.
    CalledService { name: "s3", actions: &["s3:GetObject"], is_signed: false, needed_by: REQUIRED },
];

/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html>: not signed.
const STS: CalledService = CalledService {
    name: "sts",
    actions: &["sts:AssumeRoleWithWebIdentity"],
    is_signed: false,
    needed_by: "service accounts with an IAM role",
};

/// The agent on the node calls it, with the role of the node:
/// <https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html>
const EKS_AUTH: CalledService = CalledService {
    name: "eks-auth",
    actions: &["eks-auth:AssumeRoleForPodIdentity"],
    is_signed: true,
    needed_by: "EKS Pod Identity",
};

/// The services that nodes and pods of the cluster call, and whether they do.
fn called_services(view: SnapshotView<'_>) -> Vec<(CalledService, Known<bool>)> {
    let pod_identity = has_items(view, "podIdentityAssociations", |_| Ok(true));
    let of_pods = [(STS, uses_irsa(view)), (EKS_AUTH, pod_identity)];
    OF_EVERY_NODE.iter().map(|service| (*service, Ok(true))).chain(of_pods).collect()
}

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
    let mut needed = Vec::new();
    for (service, is_called) in called_services(view) {
        if is_called == Ok(false) {
            continue;
        }
        let mut found = of_service(vpc, nodes, service, &vpc_place);
        // Whether it is needed does not matter where it can be used.
        if let (Err(unknown), true) = (is_called, found.state != Ok(EndpointState::Usable)) {
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

/// The endpoints that nodes with a way out cannot use, and that they use all the same.
///
/// The private DNS name of an interface endpoint takes the place of the service's public one for everything
/// in the VPC, and a gateway endpoint all traffic to its service of the route tables that have it, whatever
/// other way there would be: <https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html>,
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html>
pub(crate) fn in_the_way<'s>(
    vpc: &Vpc<'s>,
    nodes: &[&NodePlacement<'s>],
    more: Option<&Unknown>,
    names: &Known<bool>,
) -> Known<Vec<Known<EndpointInTheWay>>> {
    if nodes.is_empty() && more.is_none() {
        return Ok(Vec::new());
    }
    let view = vpc.view;
    view.section("vpcEndpoints")?;
    let mut found = Vec::new();
    for (service, is_called) in called_services(view) {
        if is_called == Ok(false) {
            continue;
        }
        for endpoint in endpoints_of(vpc, service) {
            let takes = takes_name(vpc, &endpoint.item, names);
            if takes == Ok(false) {
                continue;
            }
            let (shut_out, unknown) = shut_out(vpc, &endpoint, nodes, more);
            let certain = all([is_called.clone(), takes, Ok(!shut_out.is_empty())]);
            match (certain, unknown) {
                (Ok(true), _) => found.push(Ok(EndpointInTheWay {
                    service: service.name,
                    reason: why_in_the_way(vpc, &endpoint, &shut_out),
                    needed_by: service.needed_by,
                    place: endpoint.item.pointer(),
                })),
                (Err(unknown), _) | (Ok(false), Some(unknown)) => found.push(Err(unknown)),
                (Ok(false), None) => {}
            }
        }
    }
    let unnamed = view.items("vpcEndpoints").find_map(|item| service_name(&item).err());
    found.extend(view.more("vpcEndpoints").or(unnamed).map(Err));
    Ok(found)
}

/// Whom an endpoint shuts out, and why there may be others.
fn shut_out<'n, 's>(
    vpc: &Vpc<'s>,
    endpoint: &ServiceEndpoint<'s>,
    nodes: &[&'n NodePlacement<'s>],
    more: Option<&Unknown>,
) -> (Vec<&'n NodePlacement<'s>>, Option<Unknown>) {
    let (mut shut_out, mut unknown) = (Vec::new(), None);
    // Pods on Fargate get their addresses without EC2's help.
    let calls =
        |nodes: &NodePlacement<'s>| endpoint.service.name != "ec2" || nodes.kind != NodeKind::FargateProfile;
    for nodes in nodes.iter().copied().filter(|nodes| calls(nodes)) {
        let item = &endpoint.item;
        let used = if is_gateway(item) { in_table(vpc, item, nodes) } else { Ok(true) };
        match all([used, not(serves(vpc, endpoint, nodes))]) {
            Ok(true) => shut_out.push(nodes),
            Ok(false) => {}
            Err(why) => unknown = unknown.or(Some(why)),
        }
    }
    let others = more.filter(|_| serves_everyone(vpc, endpoint) != Ok(true));
    (shut_out, unknown.or_else(|| others.cloned()))
}

/// Whether an endpoint serves whatever is in the VPC.
fn serves_everyone<'s>(vpc: &Vpc<'s>, endpoint: &ServiceEndpoint<'s>) -> Known<bool> {
    let policy = endpoint.policy.clone();
    if is_gateway(&endpoint.item) {
        return policy;
    }
    let not_known = || Unknown::undecided("the nodes are not in the snapshot".to_owned());
    let blocks = cidr::vpc_blocks(vpc.view).map(Rc::from);
    let everyone = Peer { addresses: blocks, security_groups: Err(not_known()) };
    all([policy, groups_admit(vpc, &endpoint_groups(&endpoint.item)?, Direction::In, HTTPS, &everyone)])
}

fn why_in_the_way(vpc: &Vpc<'_>, endpoint: &ServiceEndpoint<'_>, shut_out: &[&NodePlacement<'_>]) -> String {
    if endpoint.policy == Ok(false) {
        return why_policy(vpc, endpoint);
    }
    let mut titles: Vec<_> = shut_out.iter().map(|nodes| nodes.title()).collect();
    titles.dedup();
    let titles = titles.join(", ");
    let (id, name) = (endpoint.id(), endpoint.service.name);
    format!("security groups do not let {titles} reach the endpoint {id} for {name} on 443")
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

impl ServiceEndpoint<'_> {
    fn id(&self) -> &str {
        self.item.key().unwrap_or_default()
    }
}

/// The endpoints of a service, in the region of the cluster.
fn endpoints_of<'s>(vpc: &Vpc<'s>, service: CalledService) -> Vec<ServiceEndpoint<'s>> {
    let region = arn_part(vpc.view, 3);
    let suffix = format!(".{}", service.name);
    let is_own = |name: &str| match (name.strip_suffix(&suffix), region) {
        (Some(rest), _) if rest.ends_with('}') => true,
        (Some(rest), Some(region)) => rest.rsplit('.').next() == Some(region),
        (rest, None) => rest.is_some(),
        (None, _) => false,
    };
    let named = |item: &ResourceView<'s>| service_name(item).is_ok_and(is_own);
    let endpoint = |item| ServiceEndpoint { policy: policy_admits(vpc, &item, service), item, service };
    vpc.view.items("vpcEndpoints").filter(named).map(endpoint).collect()
}

/// The name of an endpoint's service. Templates write it with the region that they are applied in, whatever that is:
/// `com.amazonaws.${AWS::Region}.s3`.
fn service_name<'s>(endpoint: &ResourceView<'s>) -> Known<&'s str> {
    let written = endpoint.field("ServiceName")?.as_written().unwrap_or_default();
    let (before, after) = written.split_once("${").unwrap_or((written, ""));
    match after.split_once('}') {
        Some((_, service))
            if before.ends_with("amazonaws.") && service.starts_with('.') && !service.contains('$') =>
        {
            Ok(written)
        }
        _ => endpoint.text("ServiceName"),
    }
}

/// A part of the ARN of the cluster: 1 is the partition, 3 the region, 4 the account.
fn arn_part(view: SnapshotView<'_>, at: usize) -> Option<&str> {
    let arn = view.cluster().ok()?.text("arn").ok()?;
    arn.split(':').nth(at).filter(|part| !part.is_empty())
}

fn of_service<'s>(
    vpc: &Vpc<'s>,
    nodes: &[&NodePlacement<'s>],
    called: CalledService,
    vpc_place: &Pointer,
) -> NeededEndpoint {
    let (view, service) = (vpc.view, called.name);
    let unnamed = || view.items("vpcEndpoints").find_map(|item| service_name(&item).err());
    let candidates = endpoints_of(vpc, called);
    let usable =
        all(nodes.iter().map(|nodes| any(candidates.iter().map(|endpoint| is_usable(vpc, endpoint, nodes)))));
    let state = match (usable, candidates.first(), view.more("vpcEndpoints").or_else(unnamed)) {
        (Ok(true), ..) => Ok(EndpointState::Usable),
        (_, None, Some(unknown)) | (Err(unknown), ..) => Err(unknown),
        (Ok(false), None, None) => Ok(EndpointState::Missing),
        (Ok(false), Some(_), _) => Ok(EndpointState::Unusable),
    };
    let reason = match (&state, candidates.first()) {
        (Ok(EndpointState::Missing), _) => format!("the VPC has no endpoint for {service}"),
        (Ok(EndpointState::Unusable), Some(endpoint)) => why_not(vpc, endpoint, nodes),
        (Err(unknown), _) => unknown.reason.clone(),
        _ => format!("the VPC has an endpoint for {service}"),
    };
    let place = candidates.first().map_or_else(|| vpc_place.clone(), |endpoint| endpoint.item.pointer());
    NeededEndpoint { service, state, reason, needed_by: called.needed_by, place }
}

fn is_gateway(item: &ResourceView<'_>) -> bool {
    item.text("VpcEndpointType") == Ok("Gateway")
}

fn is_available(item: &ResourceView<'_>) -> Known<bool> {
    Ok(item.text("State")?.eq_ignore_ascii_case("available"))
}

/// Whether a gateway endpoint is in the route table of nodes.
fn in_table<'s>(vpc: &Vpc<'s>, item: &ResourceView<'s>, nodes: &NodePlacement<'s>) -> Known<bool> {
    let table = vpc.table(nodes.subnet)?.known_id()?;
    Ok(item.ids_under("routeTables", &["RouteTableIds"])?.contains(&table))
}

/// Whether nodes can use an endpoint.
fn is_usable<'s>(vpc: &Vpc<'s>, endpoint: &ServiceEndpoint<'s>, nodes: &NodePlacement<'s>) -> Known<bool> {
    let item = &endpoint.item;
    item.text("VpcEndpointType")?;
    let leads = if is_gateway(item) { in_table(vpc, item, nodes) } else { takes_name(vpc, item, &Ok(true)) };
    all([is_available(item), leads, serves(vpc, endpoint, nodes)])
}

/// Whether the name of a service leads to an endpoint, or for a gateway endpoint, whether it may. `names`
/// says whether nodes ask a resolver that knows private names.
fn takes_name(vpc: &Vpc<'_>, item: &ResourceView<'_>, names: &Known<bool>) -> Known<bool> {
    item.text("VpcEndpointType")?;
    if is_gateway(item) {
        return is_available(item);
    }
    all([
        is_available(item),
        item.flag("PrivateDnsEnabled"),
        names_resolve(vpc),
        not(is_for_resolvers_alone(item)),
        names.clone(),
    ])
}

/// An interface endpoint of Amazon S3 may be for networks outside the VPC alone, beside a gateway endpoint.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html#private-dns-s3>
fn is_for_resolvers_alone(item: &ResourceView<'_>) -> Known<bool> {
    let path = ["DnsOptions", "PrivateDnsOnlyForInboundResolverEndpoint"];
    match item.optional_under(&path)? {
        Some(_) => item.flag_under(&path),
        None => Ok(false),
    }
}

/// Whether an endpoint to which nodes come does what they ask.
fn serves<'s>(vpc: &Vpc<'s>, endpoint: &ServiceEndpoint<'s>, nodes: &NodePlacement<'s>) -> Known<bool> {
    let ServiceEndpoint { item, policy, .. } = endpoint;
    if is_gateway(item) {
        return policy.clone();
    }
    let groups = endpoint_groups(item)?;
    let own = nodes.security_groups.as_ref().map_err(Clone::clone);
    let peer = Peer { addresses: addresses(vpc, item), security_groups: Ok(groups.clone()) };
    all([
        groups_admit(vpc, &groups, Direction::In, HTTPS, &nodes.peer()),
        own.and_then(|own| groups_admit(vpc, own, Direction::Out, HTTPS, &peer)),
        policy.clone(),
    ])
}

fn endpoint_groups<'s>(item: &ResourceView<'s>) -> Known<Vec<&'s str>> {
    security_group_ids(item, &["Groups", "*"])
}

/// Whether the policy of an endpoint lets the calls of nodes through. Without one it lets everything
/// through: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html>
fn policy_admits(vpc: &Vpc<'_>, item: &ResourceView<'_>, service: CalledService) -> Known<bool> {
    let policy = item.field("PolicyDocument")?;
    let arn = resource_of(vpc.view, service);
    let view = vpc.view;
    let place = item.place_in_any(&["PolicyDocument"]);
    if let Some(unknown) = view.snapshot.why_incomplete_within(&policy) {
        return Err(unknown.clone());
    }
    // A policy may name the endpoint itself.
    let names_endpoint = || policy.to_string().to_ascii_lowercase().contains("sourcevpce");
    if let Some(unknown) = item.key().and_then(|key| view.literal(key).err()).filter(|_| names_endpoint()) {
        return Err(unknown);
    }
    let lets_through = |action: &&'static str| {
        let call = EndpointCall {
            action,
            resource: match (service.name, &arn) {
                ("ec2" | "ecr.api", _) => CalledResource::All,
                (_, Some(arn)) => CalledResource::Arn(arn),
                _ => CalledResource::NotKnown,
            },
            account: arn_part(view, 4).filter(|_| service.is_signed),
            vpc: view.cluster().and_then(|cluster| cluster.text_under(&["resourcesVpcConfig", "vpcId"])).ok(),
            endpoint: item.key().unwrap_or_default(),
        };
        lets_through(policy, &place, &call)
    };
    all(service.actions.iter().map(lets_through)).map_err(|why| why_caller_unknown(view).unwrap_or(why))
}

/// Why it is not known who calls and from where, where that is known only after apply.
fn why_caller_unknown(view: SnapshotView<'_>) -> Option<Unknown> {
    let cluster = view.cluster().ok()?;
    let fields = [cluster.text("arn").err(), cluster.text_under(&["resourcesVpcConfig", "vpcId"]).err()];
    fields.into_iter().flatten().find(|why| why.kind == UnknownKind::UntilApply)
}

/// What the calls are about, where the snapshot tells: of S3 a layer of an image of Amazon ECR.
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html#ecr-minimum-s3-perms>
fn resource_of(view: SnapshotView<'_>, service: CalledService) -> Option<String> {
    match service.name {
        "s3" => Some(format!("{}/layer", layer_bucket(view)?)),
        "eks-auth" => view.cluster().ok()?.text("arn").ok().map(str::to_owned),
        _ => None,
    }
}

/// The bucket with the layers of images.
fn layer_bucket(view: SnapshotView<'_>) -> Option<String> {
    let (partition, region) = (arn_part(view, 1)?, arn_part(view, 3)?);
    Some(format!("arn:{partition}:s3:::prod-{region}-starport-layer-bucket"))
}

/// What a policy does not let through.
fn why_policy(vpc: &Vpc<'_>, endpoint: &ServiceEndpoint<'_>) -> String {
    let CalledService { name, actions, .. } = endpoint.service;
    let id = endpoint.id();
    let what = match (name, layer_bucket(vpc.view)) {
        ("s3", Some(bucket)) => format!("{} on {bucket}/*", actions.join(" and ")),
        _ => actions.join(" and "),
    };
    format!("the policy of the endpoint {id} for {name} does not allow {what}")
}

/// The private DNS names of endpoints need both DNS attributes of the VPC.
/// <https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html>
fn names_resolve(vpc: &Vpc<'_>) -> Known<bool> {
    let item = vpc.view.object("vpc")?;
    all([item.flag("EnableDnsSupport"), item.flag("EnableDnsHostnames")])
}

/// The addresses that an endpoint may have: those of its subnets.
fn addresses<'s>(vpc: &Vpc<'s>, item: &ResourceView<'s>) -> Known<Rc<[IpNet]>> {
    let blocks = item.ids_under("subnets", &["SubnetIds"])?.into_iter().map(|subnet| vpc.blocks(subnet));
    blocks.collect::<Known<Vec<_>>>().map(|blocks| blocks.concat().into())
}

/// What is wrong with an endpoint that is there.
fn why_not<'s>(vpc: &Vpc<'s>, endpoint: &ServiceEndpoint<'s>, nodes: &[&NodePlacement<'s>]) -> String {
    let (item, id, service) = (&endpoint.item, endpoint.id(), endpoint.service.name);
    if let (Ok(false), Ok(state)) = (is_available(item), item.text("State")) {
        return format!("the endpoint {id} for {service} is {state}");
    }
    if is_gateway(item) && nodes.iter().any(|nodes| in_table(vpc, item, nodes) == Ok(false)) {
        return format!("the endpoint {id} for {service} is not in the route tables of all nodes");
    }
    if endpoint.policy == Ok(false) {
        return why_policy(vpc, endpoint);
    }
    match item.flag("PrivateDnsEnabled") {
        Ok(false) => format!("the endpoint {id} for {service} has no private DNS name"),
        _ if is_for_resolvers_alone(item) == Ok(true) => {
            format!(
                "the private DNS name of the endpoint {id} for {service} is for networks outside the VPC alone"
            )
        }
        _ if names_resolve(vpc) == Ok(false) => {
            format!(
                "the VPC's DNS attributes are not both on, so the private DNS name of {id} for {service} does not resolve"
            )
        }
        _ => {
            format!("security groups do not let all nodes reach the endpoint {id} for {service} on 443")
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
