//! What is understood about a cluster, for people: the facts that explain it, each flow with its
//! verdict, and the fields that decide it.

use super::known::Known;
use super::view::SnapshotView;
use super::{AsOf, FactSet, facts};
use crate::snapshot::{Identity, Kind, Snapshot, Unknown, UnknownKind};
use crate::value::{Node, Pointer};
use bumpalo::Bump;
pub use identities::{
    AccessEntry, Identities, Listed, Power, Problem, Role, ServiceAccount, Trust, Unrestricted,
};
use read::{flag, items, list, number, origin, text, texts};

mod access;
mod hops;
mod identities;
mod read;

/// What is understood about a cluster.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The cluster.
    pub cluster: Identity,
    /// What its control plane runs on.
    pub kind: Kind,
    /// Its VPC.
    pub vpc: Option<String>,
    /// Its Kubernetes version.
    pub version: Known<Version>,
    /// How far the API server's endpoint is exposed.
    pub endpoint: Known<Endpoint>,
    /// A. From the API server to the kubelets.
    pub to_kubelets: Flows,
    /// B. From the kubelets to the API server.
    pub to_api_server: Flows,
    /// C. From kubectl to the API server.
    pub from_kubectl: Flows,
    /// What fails when nodes come or go, though it works today.
    pub scale_out: Vec<ScaleOut>,
    /// The VPC endpoints that nodes need.
    pub vpc_endpoints: Known<Vec<NeededEndpoint>>,
    /// The subnets that the cluster uses.
    pub subnets: Known<Vec<Subnet>>,
    /// The security groups in use that are open to the internet.
    pub open_groups: Known<Vec<OpenGroup>>,
    /// Service accounts with roles, the roles in use, and access entries that are left over.
    pub identities: Known<Identities>,
}

/// Where a Kubernetes version stands in its life.
#[derive(Clone, Debug)]
pub struct Version {
    /// `1.36`
    pub value: String,
    /// `standard`, `extended`, `unsupported` or `not-yet-known`.
    pub status: Known<String>,
    /// The first day of extended support.
    pub end_of_standard_support: Known<String>,
    /// The first day without support.
    pub end_of_extended_support: Known<String>,
    /// From when on EKS upgrades the control plane by itself.
    pub forced_upgrade_date: Known<String>,
    /// To which version.
    pub forced_upgrade_to: Known<String>,
    /// What happens when, in a sentence.
    pub forecast: Option<Known<String>>,
    /// Where the version is written.
    pub place: Pointer,
}

/// The API server's endpoint.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// `public`, `public-and-private` or `private`.
    pub mode: String,
    /// Whether the public endpoint accepts the whole internet, or nearly.
    pub open_to_internet: Known<bool>,
    /// How many IPv4 addresses the public endpoint accepts.
    pub ipv4_addresses: Known<f64>,
    /// How many IPv6 networks of 64 bits the public endpoint accepts.
    pub ipv6_prefixes64: Known<f64>,
    /// The fields that say so.
    pub fields: Vec<Hop>,
}

/// Flows of one kind.
#[derive(Clone, Debug, Default)]
pub struct Flows {
    /// Those that are known to exist.
    pub flows: Vec<Flow>,
    /// Why there may be more.
    pub more: Vec<Unknown>,
}

/// One flow.
#[derive(Clone, Debug)]
pub struct Flow {
    /// What is at the other end of the API server: `nodegroup`, `fargate-profile`, `instance` or `kubectl`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub subnet: Option<String>,
    /// What becomes of the packets.
    pub verdict: Known<Verdict>,
    /// Through what: `private-endpoint`, or the target of the route.
    pub via: String,
    /// The verdict in a sentence; empty if it is not known.
    pub reason: String,
    /// The public addresses that packets come from; for kubectl, the blocks that are accepted.
    pub addresses: Vec<String>,
    /// The steps, each with the field that decides it.
    pub hops: Vec<Hop>,
}

/// What becomes of the packets of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// They stay in the VPC.
    InVpc,
    /// They leave the VPC, through a NAT or internet gateway, to a public address.
    LeavesVpc,
    /// They come from outside, and the public endpoint accepts where they come from.
    Accepted,
    /// The public endpoint does not accept where they come from.
    LockedOut,
    /// There is no way.
    Unreachable,
    /// Something stops them.
    Blocked,
}

/// One step of a flow: what it passes, and the field that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// What it is: `endpoint`, `route`, `security-group` …
    pub kind: String,
    /// The field or the resource.
    pub id: String,
    /// What it says, in words.
    pub text: String,
    /// Where it stands; none if it is not in the document.
    pub place: Option<Pointer>,
}

/// What works today and fails after the next node or the next hour.
#[derive(Clone, Debug)]
pub struct ScaleOut {
    /// The subnet or the NAT gateway.
    pub of: String,
    /// Who uses it.
    pub used_by: Vec<String>,
    /// Why.
    pub why: String,
    /// Where it stands.
    pub place: Option<Pointer>,
}

/// A VPC endpoint that nodes without a way to the internet need.
#[derive(Clone, Debug)]
pub struct NeededEndpoint {
    /// `ecr.api`
    pub service: String,
    /// `usable`, `missing` or `unusable`.
    pub state: Known<String>,
    /// What is wrong, in a sentence.
    pub reason: String,
    /// Who needs it.
    pub needed_by: String,
    /// The endpoint, or the VPC.
    pub place: Option<Pointer>,
}

/// A subnet.
#[derive(Clone, Debug)]
pub struct Subnet {
    /// `subnet-…`
    pub id: String,
    /// Who uses it, in words.
    pub used_by: Known<Vec<String>>,
    /// Whether a route leads straight to an internet gateway.
    pub is_public: Known<bool>,
    /// Where packets to public IPv4 addresses go.
    pub default_route: Known<Route>,
    /// Where packets to public IPv6 addresses go.
    pub default_route_ipv6: Known<Route>,
    /// Where the subnet stands.
    pub place: Option<Pointer>,
}

/// A default route.
#[derive(Clone, Debug)]
pub struct Route {
    /// What it leads to: `nat-gateway`, `none` …
    pub target: String,
    /// The id of that.
    pub id: String,
    /// Whether that is gone.
    pub is_blackhole: bool,
    /// Where the route stands; the table, if there is none.
    pub place: Option<Pointer>,
}

/// A security group that is open to the internet.
#[derive(Clone, Debug)]
pub struct OpenGroup {
    /// `sg-…`
    pub id: String,
    /// Who uses it, in words.
    pub used_by: Known<Vec<String>>,
    /// What it lets in from the internet.
    pub openings: Known<Vec<Opening>>,
}

/// A port range that is open to the internet.
#[derive(Clone, Debug)]
pub struct Opening {
    /// As written: `tcp`, `-1`.
    pub protocol: String,
    /// The first port.
    pub from_port: i64,
    /// The last port.
    pub to_port: i64,
    /// The block or the prefix list.
    pub source: String,
    /// Whether that is the internet.
    pub from_internet: Known<bool>,
    /// Where it stands.
    pub place: Option<Pointer>,
}

/// The facts that an explanation is made of.
const READS: [(&str, &str); 11] = [
    ("facts.Cluster", "version"),
    ("facts.Cluster", "endpoint"),
    ("facts.Cluster", "network"),
    ("facts.Cluster", "flows"),
    ("facts.Cluster", "serviceAccounts"),
    ("facts.Cluster", "workloadIdentity"),
    ("facts.Facts", "subnets"),
    ("facts.Facts", "securityGroups"),
    ("facts.Facts", "roles"),
    ("facts.Facts", "podIdentityAssociations"),
    ("facts.Facts", "accessEntries"),
];

/// Explains one snapshot.
pub fn explain<'s>(snapshot: &'s Snapshot<'s>, as_of: AsOf, arena: &'s Bump) -> Explanation {
    let mut wanted = FactSet::default();
    READS.iter().for_each(|(structure, field)| wanted.add(structure, field));
    let facts = facts(snapshot, as_of, wanted, arena);
    let of_cluster = |name| read::get(read::get(facts, "cluster")?, name);
    let (network, flows) = (of_cluster("network"), of_cluster("flows"));
    let of_flows = |name| read::get(flows.clone()?, name);
    let endpoint = in_vpc(snapshot, of_cluster("endpoint")).and_then(|node| endpoint(snapshot, node));
    let case = hops::Case::new(snapshot, endpoint.as_ref().ok(), &network);
    let mut to_kubelets = flows_of(of_flows("apiServerToKubelet"));
    let mut to_api_server = flows_of(of_flows("kubeletToApiServer"));
    let kubectl = of_flows("kubectlToApiServer");
    if let (Err(unknown), []) = (&kubectl, to_kubelets.flows.as_slice()) {
        // What hides every way to the API server hides the way back.
        to_kubelets.more = vec![unknown.clone()];
    }
    case.add_private_hops(&mut to_api_server, &to_kubelets, &kubectl);
    Explanation {
        cluster: snapshot.identity.clone(),
        kind: snapshot.kind,
        vpc: vpc(snapshot),
        version: of_cluster("version").and_then(|node| version(snapshot, node)),
        from_kubectl: access::flows(&case, &kubectl),
        scale_out: scale_out(of_flows("breaksAtScaleOut")),
        vpc_endpoints: network.and_then(|node| vpc_endpoints(node, &to_api_server)),
        subnets: in_vpc(snapshot, read::get(facts, "subnets")).map(subnets),
        open_groups: in_vpc(snapshot, read::get(facts, "securityGroups")).map(open_groups),
        identities: identities::identities(SnapshotView { snapshot }, facts),
        endpoint,
        to_kubelets,
        to_api_server,
    }
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::InVpc, Self::LeavesVpc, Self::Accepted, Self::LockedOut, Self::Unreachable, Self::Blocked];

    /// The word that programs compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InVpc => "in-vpc",
            Self::LeavesVpc => "leaves-vpc",
            Self::Accepted => "accepted",
            Self::LockedOut => "locked-out",
            Self::Unreachable => "unreachable",
            Self::Blocked => "blocked",
        }
    }

    /// As people say it. AWS says that traffic to a public endpoint stays on Amazon's network: that
    /// it leaves the VPC is all that is claimed.
    pub fn words(self) -> &'static str {
        match self {
            Self::InVpc => "stays in the VPC",
            Self::LeavesVpc => "leaves the VPC",
            Self::Accepted => "accepted",
            Self::LockedOut => "locked out",
            Self::Unreachable => "no way",
            Self::Blocked => "blocked",
        }
    }
}

impl Hop {
    fn new(kind: &str, id: impl Into<String>, text: impl Into<String>, place: Option<Pointer>) -> Self {
        Self { kind: kind.to_owned(), id: id.into(), text: text.into(), place }
    }
}

fn vpc(snapshot: &Snapshot<'_>) -> Option<String> {
    let written = snapshot.cluster().and_then(|cluster| cluster.at(&["resourcesVpcConfig", "vpcId"]));
    let own = || snapshot.part_named("vpc")?.node.get_go_cased("VpcId");
    Some(written.or_else(own)?.as_str()?.to_owned())
}

/// What is in the cluster's VPC. A connected cluster has none, so nothing of it is missing.
fn in_vpc<'s>(snapshot: &Snapshot<'_>, node: Known<Node<'s>>) -> Known<Node<'s>> {
    if snapshot.kind != Kind::Connected {
        return node;
    }
    let words = "a connected cluster has no VPC configuration".to_owned();
    node.map_err(|_| Unknown { kind: UnknownKind::NotApplicable, ..Unknown::undecided(words) })
}

fn version(snapshot: &Snapshot<'_>, node: Node<'_>) -> Known<Version> {
    Ok(Version {
        value: text(node, "value")?,
        status: text(node, "status"),
        end_of_standard_support: text(node, "endOfStandardSupport"),
        end_of_extended_support: text(node, "endOfExtendedSupport"),
        forced_upgrade_date: text(node, "forcedUpgradeDate"),
        forced_upgrade_to: text(node, "forcedUpgradeTo"),
        forecast: node.get("forecast").map(|_| text(node, "forecast")),
        place: hops::cluster_place(snapshot).key("version"),
    })
}

fn endpoint(snapshot: &Snapshot<'_>, node: Node<'_>) -> Known<Endpoint> {
    Ok(Endpoint {
        mode: text(node, "mode")?,
        open_to_internet: flag(node, "openToInternet"),
        ipv4_addresses: number(node, "ipv4Addresses"),
        ipv6_prefixes64: number(node, "ipv6Prefixes64"),
        fields: hops::endpoint_fields(snapshot),
    })
}

fn flows_of(node: Known<Node<'_>>) -> Flows {
    let (nodes, more) = items(node);
    Flows { flows: nodes.into_iter().filter_map(flow).collect(), more }
}

fn flow(node: Node<'_>) -> Option<Flow> {
    let verdict = text(node, "verdict").and_then(|word| {
        let known = Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == word);
        known.ok_or_else(|| Unknown::undecided(format!("the verdict is {word}")))
    });
    let reason = text(node, "reason").ok().filter(|_| verdict.is_ok());
    let (hops, _) = items(list(node, "hops"));
    Some(Flow {
        kind: text(node, "kind").ok()?,
        name: text(node, "name").ok()?,
        subnet: text(node, "subnet").ok(),
        via: text(node, "via").unwrap_or_default(),
        reason: reason.unwrap_or_default(),
        addresses: texts(node, "addresses").unwrap_or_default(),
        hops: hops.into_iter().filter_map(hop).collect(),
        verdict,
    })
}

fn hop(node: Node<'_>) -> Option<Hop> {
    Some(Hop {
        kind: text(node, "kind").ok()?,
        id: text(node, "id").ok()?,
        text: text(node, "text").ok()?,
        place: origin(node),
    })
}

fn scale_out(node: Known<Node<'_>>) -> Vec<ScaleOut> {
    let item = |node| {
        Some(ScaleOut {
            of: text(node, "of").ok()?,
            used_by: texts(node, "usedBy").unwrap_or_default(),
            why: text(node, "why").ok()?,
            place: origin(node),
        })
    };
    // Why flows are not known is said beside them.
    items(node).0.into_iter().filter_map(item).collect()
}

/// The VPC endpoints that are needed. If none is, because no node lacks a way out, that holds only
/// for the nodes that are known.
fn vpc_endpoints(network: Node<'_>, nodes: &Flows) -> Known<Vec<NeededEndpoint>> {
    let item = |node| {
        Some(NeededEndpoint {
            service: text(node, "service").ok()?,
            state: text(node, "state"),
            reason: text(node, "reason").unwrap_or_default(),
            needed_by: text(node, "neededBy").unwrap_or_default(),
            place: origin(node),
        })
    };
    let needed: Vec<_> = items(Ok(list(network, "vpcEndpoints")?)).0.into_iter().filter_map(item).collect();
    match nodes.more.first() {
        Some(unknown) if needed.is_empty() => Err(unknown.clone()),
        _ => Ok(needed),
    }
}

fn subnets(node: Node<'_>) -> Vec<Subnet> {
    let subnet = |(id, node): (&str, Node<'_>)| Subnet {
        id: id.to_owned(),
        used_by: texts(node, "usedBy"),
        is_public: flag(node, "isPublic"),
        default_route: read::get(node, "defaultRoute").and_then(route),
        default_route_ipv6: read::get(node, "defaultRouteIpv6").and_then(route),
        place: origin(node),
    };
    let is_used = |subnet: &Subnet| subnet.used_by.as_ref().map_or(true, |users| !users.is_empty());
    read::entries(node).map(subnet).filter(is_used).collect()
}

fn route(node: Node<'_>) -> Known<Route> {
    Ok(Route {
        target: text(node, "target")?,
        id: text(node, "id")?,
        is_blackhole: flag(node, "isBlackhole")?,
        place: origin(node),
    })
}

fn open_groups(node: Node<'_>) -> Vec<OpenGroup> {
    let group = |(id, node): (&str, Node<'_>)| {
        let used = flag(node, "isInUse") != Ok(false);
        let openings = list(node, "ingress").map(|ingress| openings(ingress));
        let open = openings.as_ref().map_or(true, |openings| !openings.is_empty());
        let group = || OpenGroup { id: id.to_owned(), used_by: texts(node, "usedBy"), openings };
        (used && open).then(group)
    };
    read::entries(node).filter_map(group).collect()
}

fn openings(ingress: Node<'_>) -> Vec<Opening> {
    let opening = |node| {
        Some(Opening {
            protocol: text(node, "protocol").ok()?,
            from_port: read::integer(node, "fromPort").ok()?,
            to_port: read::integer(node, "toPort").ok()?,
            source: text(node, "source").ok()?,
            from_internet: flag(node, "fromInternet"),
            place: origin(node),
        })
    };
    let all = items(Ok(ingress)).0.into_iter().filter_map(opening);
    all.filter(|opening| opening.from_internet != Ok(false)).collect()
}
