//! Puts a cluster's snapshot together: which resources belong to it, what several answers say of
//! each, and what is missing.

use super::collect::{Collected, Item};
use super::fragments::{Fields, access_entry};
use super::place::{Cluster, Clusters};
use crate::snapshot::{Identity, NotCollected, Section, UnknownKind, envelope, section};
use crate::source::belongs::strings;
use crate::value::{Node, Pointer};
use bumpalo::Bump;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Sections of resources that other sections name, and how their ids start.
const ID_PREFIXES: [(&str, &str); 5] = [
    ("dhcpOptions", "dopt-"),
    ("managedPrefixLists", "pl-"),
    ("volumes", "vol-"),
    ("launchTemplates", "lt-"),
    ("images", "ami-"),
];
/// How many missing names a reason lists.
const NAMED: usize = 5;

/// The snapshot of a cluster.
pub(super) fn snapshot<'t>(
    cluster: usize,
    collected: &mut Collected<'t>,
    clusters: &Clusters<'t>,
    fields: &Fields<'t>,
    arena: &'t Bump,
) -> Node<'t> {
    let mut joiner = Joiner {
        at: cluster,
        cluster: &clusters.all[cluster],
        clusters,
        fields,
        arena,
        sections: BTreeMap::new(),
        gaps: BTreeMap::new(),
        named: HashSet::new(),
    };
    for section in section::after_what_names_them() {
        joiner.section(section, collected);
    }
    joiner.finish()
}

/// Puts one snapshot together.
pub(super) struct Joiner<'c, 't> {
    /// The cluster, by position.
    pub(super) at: usize,
    /// The cluster.
    pub(super) cluster: &'c Cluster<'t>,
    clusters: &'c Clusters<'t>,
    fields: &'c Fields<'t>,
    arena: &'t Bump,
    sections: BTreeMap<usize, Node<'t>>,
    /// By section.
    gaps: BTreeMap<usize, Vec<NotCollected>>,
    /// Every string in the sections so far: what a resource is called that one of them names.
    pub(super) named: HashSet<&'t str>,
}

/// What all answers say of one section.
#[derive(Default)]
struct Gathered<'t> {
    items: Vec<Item<'t>>,
    names: BTreeSet<&'t str>,
    /// Whether an answer tells of this section at all.
    told: bool,
    /// Whether the answers tell of all resources.
    all: bool,
    /// Whether one of them is cut off.
    cut: bool,
}

impl<'t> Gathered<'t> {
    /// Why there may be more resources than are described, and the call that would tell.
    fn incomplete(
        &self,
        section: &'static Section,
        missing: &[&str],
    ) -> Option<(Option<&'static str>, String)> {
        let list = section.calls.first().map(|call| call.api.as_str());
        if !missing.is_empty() {
            let describe = section.describe_call().map(|call| call.api.as_str());
            return Some((describe, format!("only the names of {} are known", shortened(missing))));
        }
        let reason = match list.filter(|api| api.contains(":List")) {
            _ if self.all => return None,
            _ if self.cut => "an answer is cut off: more pages follow".to_owned(),
            Some(api) => format!("no answer of {api} says whether there are more"),
            None => "there may be more than are described".to_owned(),
        };
        Some((list, reason))
    }
}

impl<'t> Joiner<'_, 't> {
    fn section(&mut self, section: &'static Section, collected: &mut Collected<'t>) {
        match section.name.as_str() {
            "cluster" => {
                if let Some(node) = self.cluster.node {
                    self.put(section, node);
                }
                collected.pieces.iter_mut().filter(|p| p.section == section).for_each(|p| p.used = true);
            }
            "regionClusters" => self.region_clusters(section, collected),
            _ => {
                let gathered = self.gather(section, collected);
                let known = self.merge(section, gathered.items.clone(), collected);
                if section.is_list() {
                    self.list(section, &gathered, known);
                } else if let Some((node, summary)) = known.into_values().next() {
                    self.object(section, node, summary);
                }
            }
        }
    }

    fn put(&mut self, section: &Section, node: Node<'t>) {
        strings(node, &mut self.named);
        self.sections.insert(section.index(), node);
    }

    /// What the answers say that belongs to this cluster.
    fn gather(&self, section: &'static Section, collected: &mut Collected<'t>) -> Gathered<'t> {
        let mut gathered = Gathered::default();
        for piece in collected.pieces.iter_mut().filter(|piece| piece.section == section) {
            let covers = self.covers(piece);
            let items = piece.items.iter().filter(|item| self.owns(section, item, covers));
            let before = gathered.items.len();
            gathered.items.extend(items.cloned());
            if covers {
                gathered.all |= piece.all;
                gathered.cut |= piece.cut;
                gathered.names.extend(&piece.names);
            }
            let used = covers || gathered.items.len() > before;
            piece.used |= used;
            gathered.told |= used;
        }
        gathered
    }

    /// Resources by key, each once. A description wins over a summary, an earlier file over a later.
    fn merge(
        &self,
        section: &Section,
        mut items: Vec<Item<'t>>,
        collected: &mut Collected<'t>,
    ) -> BTreeMap<String, (Node<'t>, bool)> {
        items.sort_by_key(|item| item.summary);
        let mut known: BTreeMap<String, (Node<'t>, bool, usize)> = BTreeMap::new();
        for (number, item) in items.into_iter().enumerate() {
            // Resources without a key stay apart.
            let unkeyed = || if section.is_list() { format!("\u{10FFFF}{number:06}") } else { String::new() };
            let key = section.key_of(&item.node).unwrap_or_else(unkeyed);
            let Some((node, _, file)) = known.get_mut(&key) else {
                known.insert(key, (item.node, item.summary, item.file));
                continue;
            };
            if *node == item.node {
                continue;
            }
            if !item.summary && section.is_list() && contradict(*node, item.node) {
                let other = collected.name(*file).to_owned();
                let (title, message) = (&section.title, format!("otherwise than {other}, which was taken"));
                collected.note(item.file, format!("describes the {title} {key} {message}"));
            }
            *node = self.union(*node, item.node.as_object().map_or(&[], |object| object.entries()));
        }
        let joined = known.into_iter().map(|(key, (node, summary, _))| {
            let fields = self.fields.of(section, &self.field_key(section, &key));
            let node = if fields.is_empty() { node } else { self.union(node, fields) };
            (key, (node, summary))
        });
        joined.collect()
    }

    fn field_key(&self, section: &Section, key: &str) -> String {
        match section.name.as_str() {
            "accessEntries" => access_entry(self.at, key),
            _ => key.to_owned(),
        }
    }

    /// A node with the fields that it lacks.
    fn union(&self, node: Node<'t>, more: &[(&'t str, Node<'t>)]) -> Node<'t> {
        let Node::Object(object) = node else { return node };
        let mut entries: Vec<_> = object.entries().to_vec();
        for (name, value) in more {
            match entries.iter_mut().find(|(known, _)| known == name) {
                None => entries.push((name, *value)),
                Some((_, known)) if known.is_null() => *known = *value,
                Some(_) => {}
            }
        }
        Node::object(self.arena, entries)
    }

    fn list(
        &mut self,
        section: &'static Section,
        gathered: &Gathered<'t>,
        known: BTreeMap<String, (Node<'t>, bool)>,
    ) {
        if !gathered.told {
            return;
        }
        let names = gathered.names.iter().copied().chain(self.named_ids(section));
        let missing: Vec<_> = names.filter(|name| !known.contains_key(*name)).collect();
        if let Some((api, reason)) = gathered.incomplete(section, &missing) {
            self.gap(section, Pointer::root().key(&section.name), api, reason);
        }
        if known.is_empty() && !(gathered.all && missing.is_empty()) {
            return;
        }
        for (at, (key, (node, summary))) in known.iter().enumerate() {
            self.item_gaps(section, Pointer::root().key(&section.name).index(at), key, *node, *summary);
        }
        let list = Node::list(self.arena, known.into_values().map(|(node, _)| node));
        self.put(section, list);
    }

    /// The ids of resources that the sections so far name. Answers tell of those that were asked for.
    fn named_ids(&self, section: &Section) -> BTreeSet<&'t str> {
        let ids = ID_PREFIXES.iter().find(|(name, _)| *name == section.name);
        let is_id = |text: &str, prefix: &str| {
            let id = text.strip_prefix(prefix).filter(|id| id.len() >= 8);
            id.is_some_and(|id| id.bytes().all(|byte| byte.is_ascii_hexdigit()))
        };
        let of = |prefix: &str| self.named.iter().filter(|text| is_id(text, prefix)).copied().collect();
        ids.map_or_else(BTreeSet::new, |(_, prefix)| of(prefix))
    }

    fn object(&mut self, section: &'static Section, node: Node<'t>, summary: bool) {
        self.item_gaps(section, Pointer::root().key(&section.name), "", node, summary);
        self.put(section, node);
    }

    /// What is not known of a resource.
    fn item_gaps(
        &mut self,
        section: &'static Section,
        at: Pointer,
        key: &str,
        node: Node<'t>,
        summary: bool,
    ) {
        let mut seen = HashSet::new();
        let fields = envelope::fields_of(section).filter(|(field, _)| seen.insert(*field));
        for (field, row) in fields.filter(|(field, _)| node.get(field).is_none()) {
            let api = row.call().map(|call| call.api.as_str());
            let partial = self.fields.why_partial(section, &self.field_key(section, key), field);
            let reason = partial.map_or_else(|| format!("no answer of `aws {}`", row.command), str::to_owned);
            self.gap(section, at.key(field), api, reason);
        }
        if summary {
            let call = section
                .calls
                .iter()
                .find(|call| call.api.contains(":Get"))
                .filter(|_| section.service.as_deref() == Some("iam"));
            let api = call.or(section.describe_call()).map(|call| call.api.as_str());
            self.gap(section, at, api, format!("only a summary of the {} is known", section.title));
        }
    }

    fn gap(&mut self, section: &Section, at: Pointer, api: Option<&'static str>, reason: String) {
        let (kind, api) = (UnknownKind::NotInSnapshot, api.map(str::to_owned));
        let gap = NotCollected { at, kind, reason, api, action: None };
        self.gaps.entry(section.index()).or_default().push(gap);
    }

    /// The clusters of the region, if all that are listed are described.
    fn region_clusters(&mut self, section: &'static Section, collected: &mut Collected<'t>) {
        let gathered = self.gather(section, collected);
        if !gathered.told {
            return;
        }
        let known = self.merge(section, gathered.items.clone(), collected);
        if !known.is_empty() {
            return self.list(section, &gathered, known);
        }
        let described = |name: &&&str| {
            let same =
                |other: &&Cluster<'t>| other.identity.name.as_deref() == Some(**name) && self.is_near(other);
            self.clusters.all.iter().find(same).and_then(|cluster| cluster.node)
        };
        let missing: Vec<_> =
            gathered.names.iter().filter(|name| described(name).is_none()).copied().collect();
        if missing.is_empty() {
            let nodes = gathered.names.iter().filter_map(|name| described(&name));
            let list = Node::list(self.arena, nodes.map(|node| self.region_cluster(node)));
            // Not named: what belongs to the other clusters does not belong to this one.
            self.sections.insert(section.index(), list);
            return;
        }
        let reason = format!("only the names of {} are known", shortened(&missing));
        self.gap(section, Pointer::root().key(&section.name), Some("eks:DescribeCluster"), reason);
    }

    fn is_near(&self, other: &Cluster<'t>) -> bool {
        let Identity { account, region, .. } = &self.cluster.identity;
        (account, region) == (&other.identity.account, &other.identity.region)
    }

    fn region_cluster(&self, node: Node<'t>) -> Node<'t> {
        let fields = [
            ("name", node.get("name")),
            ("arn", node.get("arn")),
            ("roleArn", node.get("roleArn")),
            ("issuer", node.at(&["identity", "oidc", "issuer"])),
            ("vpcId", node.at(&["resourcesVpcConfig", "vpcId"])),
        ];
        Node::object(self.arena, fields.into_iter().filter_map(|(name, node)| Some((name, node?))))
    }

    fn finish(self) -> Node<'t> {
        let text = |text: &str| Node::Str(self.arena.alloc_str(text));
        let Identity { arn, account, region, .. } = &self.cluster.identity;
        let partition = arn.as_deref().and_then(|arn| arn.split(':').nth(1)).filter(|p| p.starts_with("aws"));
        let head = [("account", account.as_deref()), ("region", region.as_deref()), ("partition", partition)];
        let head = head.into_iter().filter_map(|(name, value)| Some((name, text(value?))));
        let mut entries: Vec<_> = std::iter::once(("schemaVersion", Node::Int(1))).chain(head).collect();
        entries.extend(self.sections.iter().map(|(at, node)| (section::all()[*at].name.as_str(), *node)));
        let gaps: Vec<_> = self.gaps.values().flatten().map(|gap| gap.to_node(self.arena)).collect();
        if !gaps.is_empty() {
            entries.push((NotCollected::FIELD, Node::list(self.arena, gaps)));
        }
        Node::object(self.arena, entries)
    }
}

/// Whether two descriptions give a field different values.
fn contradict(a: Node<'_>, b: Node<'_>) -> bool {
    let (Node::Object(a), Node::Object(b)) = (a, b) else { return a != b };
    a.entries().iter().any(|(name, node)| b.get(name).is_some_and(|other| other != *node))
}

fn shortened(names: &[&str]) -> String {
    let shown = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
