//! Deals out what was read of a region: one snapshot for each cluster, with what belongs to it,
//! and with all that is missing.

use super::region::{Cluster, Region};
use super::told::{Cause, Item, Pool, Told, Why};
use crate::snapshot::{NotCollected, Section, UnknownKind, section};
use crate::source::belongs::{Belongs, clusters_of, is_deleted, strings};
use crate::source::render;
use crate::value::{Node, Pointer};
use bumpalo::Bump;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

/// A finished snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSnapshot {
    /// The account's id.
    pub account: String,
    /// The region.
    pub region: String,
    /// The cluster's name.
    pub cluster: String,
    /// Its place below any folder: `<account>/<region>/<cluster>.json`.
    pub path: PathBuf,
    /// Its canonical text.
    pub text: String,
}

/// Sections of which AWS shows an account that shares a VPC nothing, and answers with empty lists.
const OF_THE_OWNER: [&str; 5] =
    ["natGateways", "egressOnlyInternetGateways", "vpcEndpoints", "flowLogs", "vpcPeeringConnections"];
/// Sections that are the same for all clusters of a region.
const OF_THE_REGION: [&str; 5] = [
    "clusterVersions",
    "regionClusters",
    "ebsEncryptionByDefault",
    "instanceMetadataDefaults",
    "openIDConnectProviders",
];
/// Sections that do not come from a VPC, although EC2 knows them.
const IAM_SECTIONS: [&str; 4] = ["roles", "users", "policies", "instanceProfiles"];

/// Hands over the snapshots of a region, by name, until nobody takes them.
pub(super) fn deal_out(region: &Region, captured_at: &str, take: impl Fn(LiveSnapshot) -> bool) {
    let (arena, mut taken) = (Bump::new(), HashSet::new());
    let shared = trees(&region.pool, &arena);
    for cluster in &region.clusters {
        let own = Bump::new();
        let path = path(region, cluster, &mut taken);
        let text = render::pretty(Dealer::new(region, &shared, cluster, &own).snapshot(captured_at));
        let (account, name) = (region.client.account.clone(), region.client.region.clone());
        if !take(LiveSnapshot { account, region: name, cluster: cluster.name.clone(), path, text }) {
            return;
        }
    }
}

/// What clusters share, as trees: made once, and looked through for each cluster.
type Trees<'r> = HashMap<&'static str, Vec<Node<'r>>>;

fn trees<'r>(pool: &'r Pool, arena: &'r Bump) -> Trees<'r> {
    let items = |told: &'r Told| told.items.iter().map(|item| Node::of(&item.value, arena)).collect();
    pool.0.iter().map(|(section, told)| (*section, items(told))).collect()
}

/// A file of its own, on file systems too that do not tell `Prod` from `prod`.
fn path(region: &Region, cluster: &Cluster, taken: &mut HashSet<String>) -> PathBuf {
    let mut name = cluster.name.clone();
    while !taken.insert(name.to_lowercase()) {
        name.push('~');
    }
    render::file(&region.client.account, &region.client.region, &name)
}

struct Dealer<'r> {
    region: &'r Region,
    trees: &'r Trees<'r>,
    cluster: &'r Cluster,
    arena: &'r Bump,
    node: Node<'r>,
    sections: Vec<(&'static Section, Node<'r>)>,
    missing: Vec<(usize, NotCollected)>,
    named: HashSet<&'r str>,
    /// What failed, by section.
    failed: Vec<(&'static str, Why)>,
}

/// Sections that hold what other sections name: where these are not known in full, there may be more.
const NAMED_BY: [(&str, &[&str]); 3] = [
    (
        "roles",
        &[
            "cluster",
            "nodegroups",
            "fargateProfiles",
            "addons",
            "accessEntries",
            "podIdentityAssociations",
            "capabilities",
        ],
    ),
    ("users", &["accessEntries"]),
    ("updates", &["nodegroups", "addons"]),
];

impl<'r> Dealer<'r> {
    fn new(region: &'r Region, trees: &'r Trees<'r>, cluster: &'r Cluster, arena: &'r Bump) -> Self {
        let node = Node::of(&cluster.item.value, arena);
        Self {
            region,
            trees,
            cluster,
            arena,
            node,
            sections: Vec::new(),
            missing: Vec::new(),
            named: HashSet::new(),
            failed: Vec::new(),
        }
    }

    fn snapshot(mut self, captured_at: &str) -> Node<'r> {
        for section in section::after_what_names_them() {
            self.section(section);
        }
        let client = &self.region.client;
        let text = |text: &str| Node::Str(self.arena.alloc_str(text));
        let head = [
            ("schemaVersion", Node::Int(1)),
            ("capturedAt", text(captured_at)),
            ("account", text(&client.account)),
            ("region", text(&client.region)),
            ("partition", text(&client.partition)),
        ];
        self.missing.sort_by_key(|(section, _)| *section);
        let missing = self.missing.iter().map(|(_, entry)| entry.to_node(self.arena));
        let missing = (NotCollected::FIELD, Node::list(self.arena, missing));
        let sections = self.sections.iter().map(|(section, node)| (section.name.as_str(), *node));
        Node::object(self.arena, head.into_iter().chain(sections).chain([missing]))
    }

    fn section(&mut self, section: &'static Section) {
        if section.name == "cluster" {
            return self.one(section, &self.cluster.item, self.node);
        }
        if let Some(told) = self.cluster.sections.get(section.name.as_str()) {
            let nodes = told.items.iter().map(|item| (item, Node::of(&item.value, self.arena)));
            let nodes = nodes.collect();
            return self.list(section, told, nodes);
        }
        match self.region.pool.0.get(section.name.as_str()) {
            Some(told) => self.shared(section, told),
            None => self.absent(section),
        }
    }

    /// A section that several clusters share.
    fn shared(&mut self, section: &'static Section, told: &'r Told) {
        let name = section.name.as_str();
        if !OF_THE_REGION.contains(&name) && !IAM_SECTIONS.contains(&name) && self.vpc().is_none() {
            return self.absent(section);
        }
        if OF_THE_OWNER.contains(&name) && self.owner().is_some() {
            return self.gap(section, &Pointer::root().key(name), &self.shared_vpc(section));
        }
        let nodes = told.items.iter().zip(self.trees.get(name).into_iter().flatten().copied());
        if section.is_list() {
            let own = nodes.filter(|(_, node)| self.owns(section, node)).collect();
            return self.list(section, told, own);
        }
        let own = nodes.into_iter().find(|(item, _)| section.name != "vpc" || self.is_own_vpc(item));
        match (own, &told.why) {
            (Some((item, node)), _) => self.one(section, item, node),
            (None, Some(why)) => self.gap(section, &Pointer::root().key(name), why),
            (None, None) => {}
        }
    }

    /// What was not asked for, because the cluster's VPC is not known, or it has none.
    fn absent(&mut self, section: &'static Section) {
        let Some(api) = section.describe_call().map(|call| call.api.as_str()) else { return };
        let why = match self.cluster.item.missing.first() {
            Some((_, why)) => why.clone(),
            None => {
                let cause = "the cluster has no VPC that EKS knows".to_owned();
                Why { api, cause: Cause::NotApplicable(cause) }
            }
        };
        self.gap(section, &Pointer::root().key(&section.name), &why);
    }

    /// A section that is one object.
    fn one(&mut self, section: &'static Section, item: &'r Item, node: Node<'r>) {
        let node = self.item(section, &Pointer::root().key(&section.name), item, node);
        self.put(section, node);
    }

    /// A section that is a list, sorted by key.
    fn list(&mut self, section: &'static Section, told: &'r Told, mut own: Vec<(&'r Item, Node<'r>)>) {
        let at = Pointer::root().key(&section.name);
        if let Some(why) = told.why.clone().or_else(|| self.unnamed(section)) {
            self.gap(section, &at, &why);
        }
        if !told.known {
            return;
        }
        own.sort_by_cached_key(|(_, node)| section.key_of(node));
        let each = own.into_iter().enumerate();
        let items: Vec<_> =
            each.map(|(index, (item, node))| self.item(section, &at.index(index), item, node)).collect();
        self.put(section, Node::list(self.arena, items));
    }

    /// One resource, and what is missing of it.
    fn item(&mut self, section: &'static Section, at: &Pointer, item: &'r Item, node: Node<'r>) -> Node<'r> {
        for (field, why) in &item.missing {
            let place = field.map_or_else(|| at.clone(), |field| at.key(field));
            self.gap(section, &place, why);
        }
        let shared = matches!(section.name.as_str(), "vpc" | "subnets") && self.owner().is_some();
        let Some(object) = node.as_object().filter(|_| shared) else { return node };
        // A participant of a shared VPC does not see the tags that its owner gave.
        self.gap(section, &at.key("Tags"), &self.shared_vpc(section));
        Node::object(self.arena, object.entries().iter().filter(|(name, _)| *name != "Tags").copied())
    }

    fn put(&mut self, section: &'static Section, node: Node<'r>) {
        // What belongs to the other clusters does not belong to this one.
        if section.name != "regionClusters" {
            strings(node, &mut self.named);
        }
        self.sections.push((section, node));
    }

    fn gap(&mut self, section: &Section, at: &Pointer, why: &Why) {
        let entry = why.entry(at.clone(), self.kind_explains(section));
        let failed = matches!(entry.kind, UnknownKind::Denied | UnknownKind::Error);
        if let (true, Some(section)) = (failed, section::by_name(&section.name)) {
            self.failed.push((&section.name, why.clone()));
        }
        self.missing.push((section.index(), entry));
    }

    /// Why a section may lack what other sections did not name, because they failed.
    fn unnamed(&self, section: &Section) -> Option<Why> {
        let (_, by) = NAMED_BY.iter().find(|(name, _)| *name == section.name)?;
        self.failed.iter().find(|(name, _)| by.contains(name)).map(|(_, why)| why.clone())
    }

    /// Whether EKS refuses calls about the section for clusters of this kind.
    fn kind_explains(&self, section: &Section) -> bool {
        let field = |path: &[&str]| self.node.at(path);
        let mode = field(&["accessConfig", "authenticationMode"]).and_then(|mode| mode.as_str());
        let of_eks = section.service.as_deref() == Some("eks");
        of_eks && (field(&["connectorConfig"]).is_some() || field(&["outpostConfig"]).is_some())
            || section.name == "accessEntries" && mode == Some("CONFIG_MAP")
    }

    fn vpc(&self) -> Option<&'r str> {
        self.node.at(&["resourcesVpcConfig", "vpcId"])?.as_str()
    }

    fn is_own_vpc(&self, item: &Item) -> bool {
        item.value.get("VpcId").and_then(|id| id.as_str()) == self.vpc()
    }

    /// The account that owns the cluster's VPC, if it is another one.
    fn owner(&self) -> Option<&'r str> {
        let pool: &'r Pool = &self.region.pool;
        let of_vpc = |value: &&serde_json::Value| value.get("VpcId").and_then(|id| id.as_str()) == self.vpc();
        let resource = pool.values("vpc").chain(pool.values("subnets")).find(of_vpc)?;
        resource.get("OwnerId")?.as_str().filter(|owner| *owner != self.region.client.account)
    }

    fn shared_vpc(&self, section: &'static Section) -> Why {
        let api = section.describe_call().map_or("ec2:DescribeVpcs", |call| call.api.as_str());
        let owner = self.owner().unwrap_or("another account");
        Why { api, cause: Cause::SharedVpc(format!("the VPC belongs to {owner}, which alone may see this")) }
    }

    /// Whether a resource of a shared section is the cluster's.
    fn owns(&self, section: &'static Section, node: &Node<'r>) -> bool {
        let belongs = self.belongs();
        match section.name.as_str() {
            name if OF_THE_REGION.contains(&name) => true,
            // Besides nodes, instances were read that may reach the API server.
            "instances" => {
                let of_others = clusters_of(node).any(|name| name != self.cluster.name);
                belongs.owns(section, node) == Some(true) || belongs.in_vpc(node) && !of_others
            }
            "networkInterfaces" => self.is_own_interface(&belongs, node),
            _ => belongs.owns(section, node).unwrap_or_else(|| belongs.in_vpc(node) && !is_deleted(node)),
        }
    }

    /// The interfaces that EKS made for the cluster, those in its group, and those that routes lead to.
    fn is_own_interface(&self, belongs: &Belongs<'_, 'r>, node: &Node<'r>) -> bool {
        let description = node.get("Description").and_then(|text| text.as_str()).unwrap_or_default();
        let group = self.node.at(&["resourcesVpcConfig", "clusterSecurityGroupId"]);
        let groups = node.get("Groups").and_then(|groups| groups.as_list()).unwrap_or_default();
        let in_group = group.is_some() && groups.iter().any(|one| one.get("GroupId") == group);
        let by_eks = description.strip_prefix("Amazon EKS ") == Some(&self.cluster.name);
        belongs.in_vpc(node) && (by_eks || in_group || belongs.names(node, &["NetworkInterfaceId"]))
    }

    fn belongs(&self) -> Belongs<'_, 'r> {
        let issuer = self.node.at(&["identity", "oidc", "issuer"]).and_then(|issuer| issuer.as_str());
        let issuer = issuer.map(|issuer| issuer.trim_start_matches("https://"));
        Belongs { name: &self.cluster.name, vpc: self.vpc(), issuer, named: &self.named }
    }
}
