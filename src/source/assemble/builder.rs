//! Makes a snapshot of a cluster: which resources are its own, what several pieces say of each, and
//! what is missing.

use super::ownership::{Ownership, strings};
use super::piece::{ClusterContext, Extent, MissingKind, MissingReason, Piece, PieceItem};
use crate::snapshot::nature::why_nothing;
use crate::snapshot::shared_vpc::{SharedVpc, hidden_fields, without};
use crate::snapshot::{Identity, NotCollected, Section, UnknownKind, section};
use crate::text::first_names;
use crate::value::{Json, Pointer};
use bumpalo::Bump;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// How many missing names a reason lists.
const NAMED: usize = 5;
/// How long the part of an id is that follows its prefix, at least.
const MIN_ID: usize = 8;

/// A finished snapshot, and what is to be said of the pieces.
#[derive(Debug)]
pub(crate) struct Assembled<'t> {
    /// The snapshot.
    pub(crate) snapshot: Json<'t>,
    /// The pieces that it took something of, by position.
    pub(crate) used: BTreeSet<usize>,
    /// Where two files contradict each other.
    pub(crate) conflicts: Vec<Conflict>,
}

/// Two descriptions of one resource that differ.
#[derive(Clone, Debug)]
pub(crate) struct Conflict {
    /// The section.
    pub(crate) section: &'static Section,
    /// What tells the resource apart.
    pub(crate) key: String,
    /// The file that was taken.
    pub(crate) taken: usize,
    /// The other file.
    pub(crate) other: usize,
}

/// Makes the snapshot of one cluster.
pub(crate) struct SnapshotBuilder<'b, 't> {
    clusters: &'b [ClusterContext<'t>],
    at: usize,
    cluster: &'b ClusterContext<'t>,
    pieces: Vec<&'b Piece<'t>>,
    arena: &'t Bump,
    shared_vpc: Option<SharedVpc<'t>>,
    /// By section.
    sections: BTreeMap<usize, Json<'t>>,
    /// By section.
    missing: BTreeMap<usize, Vec<NotCollected>>,
    /// Every string in the sections so far: what a resource is called that one of them names.
    named: HashSet<&'t str>,
    /// The first call that failed for a section.
    failed: BTreeMap<&'static str, MissingReason>,
    used: BTreeSet<usize>,
    conflicts: Vec<Conflict>,
}

/// What all pieces say of one section.
#[derive(Default)]
struct SectionContent<'t> {
    items: Vec<PieceItem<'t>>,
    names: BTreeSet<&'t str>,
    /// Whether any piece is about this section of this cluster.
    is_known: bool,
    /// Whether one of them has all that was asked for.
    all: bool,
    /// Whether one of them is cut off.
    cut: bool,
    /// Whether AWS was asked for all that the clusters name.
    asked: bool,
    /// Why resources may be missing.
    missing: Option<MissingReason>,
}

/// The resources of a section by key, each once.
type Resources<'t> = BTreeMap<String, PieceItem<'t>>;

impl<'b, 't> SnapshotBuilder<'b, 't> {
    /// For the cluster at a position, of pieces that may be about others too.
    pub(crate) fn new(
        clusters: &'b [ClusterContext<'t>],
        at: usize,
        pieces: impl IntoIterator<Item = &'b Piece<'t>>,
        arena: &'t Bump,
    ) -> Self {
        let (cluster, pieces): (_, Vec<_>) = (&clusters[at], pieces.into_iter().collect());
        let shared_vpc = shared_vpc(cluster, &pieces);
        Self {
            clusters,
            at,
            cluster,
            pieces,
            arena,
            shared_vpc,
            sections: BTreeMap::new(),
            missing: BTreeMap::new(),
            named: HashSet::new(),
            failed: BTreeMap::new(),
            used: BTreeSet::new(),
            conflicts: Vec::new(),
        }
    }

    /// Makes it.
    pub(crate) fn build(mut self) -> Assembled<'t> {
        for section in section::after_what_names_them() {
            match section.name.as_str() {
                "cluster" => self.cluster(section),
                "regionClusters" => self.region_clusters(section),
                _ => self.section(section),
            }
        }
        let snapshot = self.document();
        Assembled { snapshot, used: self.used, conflicts: self.conflicts }
    }

    /// The cluster itself: what was found out about it is known already.
    fn cluster(&mut self, section: &'static Section) {
        let about_clusters = self.pieces.iter().enumerate().filter(|(_, piece)| piece.is_of(section));
        self.used.extend(about_clusters.map(|(at, _)| at));
        let Some(node) = self.cluster.node else { return };
        let missing = self.cluster.missing.clone();
        let item = PieceItem { node, missing, file: None, cluster: Some(self.at) };
        self.object(section, item);
    }

    fn section(&mut self, section: &'static Section) {
        let content = self.content(section);
        let resources = self.merge(section, content.items.clone());
        if section.is_list() {
            return self.list(section, &content, resources);
        }
        match (resources.into_values().next(), content.missing) {
            (Some(item), _) => self.object(section, item),
            (None, Some(reason)) => self.gap(section, Pointer::root().key(&section.name), &reason),
            (None, None) => {}
        }
    }

    /// What the pieces say that is this cluster's.
    fn content(&mut self, section: &'static Section) -> SectionContent<'t> {
        let ownership = Ownership { cluster: self.cluster, at: self.at, named: &self.named };
        let mut content = SectionContent::default();
        for (at, piece) in self.pieces.iter().enumerate().filter(|(_, piece)| piece.is_of(section)) {
            let covers = ownership.covers(piece);
            let before = content.items.len();
            content
                .items
                .extend(piece.items.iter().filter(|item| ownership.owns(piece, item, covers)).cloned());
            if covers {
                content.all |= piece.extent == Extent::All;
                content.cut |= piece.extent == Extent::Cut;
                content.asked |= piece.is_asked();
                content.names.extend(&piece.names);
                content.missing = content.missing.or_else(|| piece.missing.clone());
            }
            if covers || content.items.len() > before {
                self.used.insert(at);
                content.is_known = true;
            }
        }
        content
    }

    /// Resources by key, each once. A description wins over a summary, an earlier piece over a later.
    fn merge(&mut self, section: &'static Section, mut items: Vec<PieceItem<'t>>) -> Resources<'t> {
        items.sort_by_key(PieceItem::is_summary);
        let mut known: Resources<'t> = BTreeMap::new();
        for (number, item) in items.into_iter().enumerate() {
            // Resources without a key stay apart.
            let unkeyed = || if section.is_list() { format!("\u{10FFFF}{number:06}") } else { String::new() };
            let key = section.key_of(&item.node).unwrap_or_else(unkeyed);
            let Some(first) = known.get_mut(&key) else {
                known.insert(key, item);
                continue;
            };
            if first.node == item.node {
                continue;
            }
            let differ = !item.is_summary() && section.is_list() && contradict(first.node, item.node);
            if let (true, Some(taken), Some(other)) = (differ, first.file, item.file) {
                self.conflicts.push(Conflict { section, key, taken, other });
            }
            first.node = union(first.node, item.node, self.arena);
        }
        known
    }

    /// A section that is a list.
    fn list(&mut self, section: &'static Section, content: &SectionContent<'t>, resources: Resources<'t>) {
        let at = Pointer::root().key(&section.name);
        let shared_vpc = self.shared_vpc.filter(|_| section.owner_only);
        if let Some(shared_vpc) = shared_vpc {
            self.gap(section, at.clone(), &hidden(shared_vpc, section));
        } else if !content.is_known {
            return;
        }
        let named = self.named_ids(section, content);
        let names = content.names.iter().copied().chain(named);
        let missing: Vec<_> = names.filter(|name| !resources.contains_key(*name)).collect();
        let reason = shared_vpc.is_none().then(|| self.incomplete(section, content, &missing)).flatten();
        if let Some(reason) = reason {
            self.gap(section, at.clone(), &reason);
        }
        let is_all = content.all && missing.is_empty() && shared_vpc.is_none();
        if resources.is_empty() && !is_all {
            return;
        }
        let items = resources.into_values().enumerate();
        let items: Vec<_> = items.map(|(index, item)| self.item(section, at.index(index), item)).collect();
        self.put(section, Json::list(self.arena, items));
    }

    /// Why there may be more resources than are described.
    fn incomplete(
        &self,
        section: &'static Section,
        content: &SectionContent<'t>,
        missing: &[&str],
    ) -> Option<MissingReason> {
        if content.missing.is_some() {
            return content.missing.clone();
        }
        let list = section.calls.first().map(|call| call.api.as_str());
        if !missing.is_empty() {
            let describe = section.describe_call().map(|call| call.api.as_str());
            let reason = format!("only the names of {} are known", first_names(missing, NAMED));
            return Some(MissingReason::not_in_snapshot(describe, reason));
        }
        let reason = match list.filter(|api| api.contains(":List")) {
            _ if content.all => return self.unnamed(section),
            _ if content.cut => "an answer is cut off: more pages follow".to_owned(),
            Some(api) => format!("no answer of {api} says whether there are more"),
            None => "there may be more than are described".to_owned(),
        };
        Some(MissingReason::not_in_snapshot(list, reason))
    }

    /// Why a section may lack what other sections did not name, because they failed.
    fn unnamed(&self, section: &Section) -> Option<MissingReason> {
        section.named_by.iter().find_map(|name| self.failed.get(name.as_str())).cloned()
    }

    /// The ids of resources that the sections so far name. Files tell of those that were asked for.
    fn named_ids(&self, section: &Section, content: &SectionContent<'t>) -> BTreeSet<&'t str> {
        let Some(prefix) = section.id_prefix.as_deref().filter(|_| !content.asked) else {
            return BTreeSet::new();
        };
        let is_id = |text: &str| {
            let id = text.strip_prefix(prefix).filter(|id| id.len() >= MIN_ID);
            id.is_some_and(|id| id.bytes().all(|byte| byte.is_ascii_hexdigit()))
        };
        self.named.iter().copied().filter(|text| is_id(text)).collect()
    }

    /// A section that is one object.
    fn object(&mut self, section: &'static Section, item: PieceItem<'t>) {
        let node = self.item(section, Pointer::root().key(&section.name), item);
        self.put(section, node);
    }

    /// One resource, and what is missing of it.
    fn item(&mut self, section: &'static Section, at: Pointer, item: PieceItem<'t>) -> Json<'t> {
        let node = item.node;
        for missing in &item.missing {
            match missing.field {
                // Another piece had it.
                Some(field) if node.get(field).is_some() => {}
                Some(field) => self.gap(section, at.key(field), &missing.reason),
                None => self.gap(section, at.clone(), &missing.reason),
            }
        }
        match self.shared_vpc {
            Some(shared_vpc) => self.without_hidden(section, &at, node, shared_vpc),
            None => node,
        }
    }

    /// A participant of a shared VPC does not see the tags that its owner gave.
    fn without_hidden(
        &mut self,
        section: &'static Section,
        at: &Pointer,
        node: Json<'t>,
        shared_vpc: SharedVpc<'t>,
    ) -> Json<'t> {
        let fields = hidden_fields(section, node);
        for field in &fields {
            self.gap(section, at.key(field), &hidden(shared_vpc, section));
        }
        without(node, &fields, self.arena)
    }

    fn put(&mut self, section: &'static Section, node: Json<'t>) {
        // What belongs to the other clusters does not belong to this one.
        if section.name != "regionClusters" {
            strings(node, &mut self.named);
        }
        self.sections.insert(section.index(), node);
    }

    fn gap(&mut self, section: &'static Section, at: Pointer, reason: &MissingReason) {
        let entry = reason.entry(at, why_nothing(section, self.cluster.node));
        if matches!(entry.kind, UnknownKind::Denied | UnknownKind::Error) {
            self.failed.entry(section.name.as_str()).or_insert_with(|| reason.clone());
        }
        self.missing.entry(section.index()).or_default().push(entry);
    }

    /// The clusters of the region. Where files only have their names, they are known if all are
    /// described.
    fn region_clusters(&mut self, section: &'static Section) {
        let content = self.content(section);
        let resources = self.merge(section, content.items.clone());
        if !resources.is_empty() || content.names.is_empty() {
            return self.list(section, &content, resources);
        }
        let described = |name: &&'t str| {
            let same = |other: &&ClusterContext<'t>| other.name() == *name && self.is_near(other);
            self.clusters.iter().find(same).and_then(|cluster| cluster.node)
        };
        let missing: Vec<_> =
            content.names.iter().copied().filter(|name| described(name).is_none()).collect();
        if missing.is_empty() {
            let nodes = content.names.iter().filter_map(described);
            let nodes: Vec<_> = nodes.map(|node| region_cluster(node, self.arena)).collect();
            return self.put(section, Json::list(self.arena, nodes));
        }
        let reason = format!("only the names of {} are known", first_names(&missing, NAMED));
        let reason = MissingReason::not_in_snapshot(Some("eks:DescribeCluster"), reason);
        self.gap(section, Pointer::root().key(&section.name), &reason);
    }

    fn is_near(&self, other: &ClusterContext<'t>) -> bool {
        let Identity { account, region, .. } = &self.cluster.identity;
        (account, region) == (&other.identity.account, &other.identity.region)
    }

    fn document(&self) -> Json<'t> {
        let text = |text: &str| Json::Str(self.arena.alloc_str(text));
        let ClusterContext { identity: Identity { arn, account, region, .. }, captured_at, .. } =
            self.cluster;
        let partition = arn.as_deref().and_then(|arn| arn.split(':').nth(1)).filter(|p| p.starts_with("aws"));
        let head = [
            ("capturedAt", *captured_at),
            ("account", account.as_deref()),
            ("region", region.as_deref()),
            ("partition", partition),
        ];
        let head = head.into_iter().filter_map(|(name, value)| Some((name, text(value?))));
        let mut entries: Vec<_> = std::iter::once(("schemaVersion", Json::Int(1))).chain(head).collect();
        entries.extend(self.sections.iter().map(|(at, node)| (section::all()[*at].name.as_str(), *node)));
        let missing: Vec<_> = self.missing.values().flatten().map(|gap| gap.to_node(self.arena)).collect();
        // Where AWS was asked, an empty list says that nothing failed.
        if !missing.is_empty() || captured_at.is_some() {
            entries.push((NotCollected::FIELD, Json::list(self.arena, missing)));
        }
        Json::object(self.arena, entries)
    }
}

/// What a snapshot says of each cluster of the region.
pub(crate) fn region_cluster<'t>(cluster: Json<'t>, arena: &'t Bump) -> Json<'t> {
    let fields = [
        ("name", cluster.get("name")),
        ("arn", cluster.get("arn")),
        ("roleArn", cluster.get("roleArn")),
        ("issuer", cluster.at(&["identity", "oidc", "issuer"])),
        ("vpcId", cluster.at(&["resourcesVpcConfig", "vpcId"])),
    ];
    Json::object(arena, fields.into_iter().filter_map(|(name, node)| Some((name, node?))))
}

/// Whether the cluster's VPC is another account's.
fn shared_vpc<'t>(cluster: &ClusterContext<'t>, pieces: &[&Piece<'t>]) -> Option<SharedVpc<'t>> {
    let vpc = Some(cluster.vpc?);
    let of = |section: &'static Section| pieces.iter().filter(move |piece| piece.is_of(section));
    let items = SharedVpc::witnesses().flat_map(of).flat_map(|piece| &piece.items);
    SharedVpc::of(cluster.identity.account.as_deref(), vpc, items.map(|item| item.node))
}

/// Why a participant of a shared VPC does not see something of a section.
fn hidden(shared_vpc: SharedVpc<'_>, section: &'static Section) -> MissingReason {
    let api = section.describe_call().map(|call| call.api.as_str());
    MissingReason { api, kind: MissingKind::SharedVpc, reason: shared_vpc.reason() }
}

/// A node with the fields of another one that it lacks.
pub(crate) fn union<'t>(node: Json<'t>, more: Json<'t>, arena: &'t Bump) -> Json<'t> {
    let (Json::Object(object), Json::Object(more)) = (node, more) else { return node };
    let mut entries: Vec<_> = object.entries().to_vec();
    for (name, value) in more.entries() {
        match entries.iter_mut().find(|(known, _)| known == name) {
            None => entries.push((name, *value)),
            Some((_, known)) if known.is_null() => *known = *value,
            Some(_) => {}
        }
    }
    Json::object(arena, entries)
}

/// Whether two descriptions give a field different values.
fn contradict(a: Json<'_>, b: Json<'_>) -> bool {
    let (Json::Object(a), Json::Object(b)) = (a, b) else { return a != b };
    a.entries().iter().any(|(name, node)| b.get(name).is_some_and(|other| other != *node))
}

#[cfg(test)]
mod tests;
