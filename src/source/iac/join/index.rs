//! The items of a template by what tells whose they are, so that many clusters do not look at all items of each other.

use super::super::mapped::MappedItem;
use super::super::value::TemplateValue;
use super::keys::names_of;
use super::owner::{ClusterOwner, names_in_trust, vpcs};
use super::providers::ProviderIssuers;
use crate::snapshot::Section;
use crate::snapshot::section::{self, Membership, SectionScope};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Items by their section, and in it by what owners know of them.
pub(super) struct ItemIndex {
    items: Vec<MappedItem>,
    sections: FxHashMap<&'static str, SectionIndex>,
    /// Items of which nobody may know whose they are.
    unclear: Vec<usize>,
    /// The same for a cluster whose name is not known.
    unclear_without_name: Vec<usize>,
    /// Whose issuers the OpenID Connect providers have.
    issuers: Arc<ProviderIssuers>,
    /// The providers of clusters that the template describes, by cluster, and all others.
    providers: FxHashMap<Arc<str>, Vec<usize>>,
    other_providers: Vec<usize>,
}

/// The positions of the items of a section.
#[derive(Default)]
struct SectionIndex {
    all: Vec<usize>,
    /// By what they are called.
    by_name: FxHashMap<String, Vec<usize>>,
    /// By their VPC.
    by_vpc: FxHashMap<String, Vec<usize>>,
    /// Roles by what their trust names.
    by_trust: FxHashMap<String, Vec<usize>>,
    /// By the cluster that they name.
    by_cluster: FxHashMap<String, Vec<usize>>,
    /// Those that name a cluster of whose name nothing is known, and those that name none.
    of_no_name: Vec<usize>,
}

impl ItemIndex {
    pub(super) fn new(items: Vec<MappedItem>) -> Self {
        let (issuers, providers) = ProviderIssuers::of(&items);
        let of_described: FxHashSet<_> = providers.values().flatten().copied().collect();
        let settled = Arc::new(issuers.settled());
        let mut index = Self {
            items: Vec::new(),
            sections: FxHashMap::default(),
            unclear: Vec::new(),
            unclear_without_name: Vec::new(),
            issuers: Arc::new(issuers),
            providers,
            other_providers: Vec::new(),
        };
        for (at, item) in items.iter().enumerate() {
            let Some(section) = section::by_name(item.section) else { continue };
            index.sections.entry(item.section).or_default().add(at, section, item);
            index.add_unclear(at, section, item, &settled);
            if section.membership() == Membership::Issuer && !of_described.contains(&at) {
                index.other_providers.push(at);
            }
        }
        Self { items, ..index }
    }

    /// What nobody may know of a cluster that is known by nothing else is what nobody may know of any.
    fn add_unclear(
        &mut self,
        at: usize,
        section: &Section,
        item: &MappedItem,
        issuers: &Arc<ProviderIssuers>,
    ) {
        let known = ClusterOwner::known_by_name(true, issuers);
        if known.may_own(section, item) {
            self.unclear.push(at);
        }
        let nameless = ClusterOwner::known_by_name(false, issuers);
        if nameless.may_own(section, item) {
            self.unclear_without_name.push(at);
        }
    }

    /// Whose issuers the OpenID Connect providers have.
    pub(super) fn issuers(&self) -> &Arc<ProviderIssuers> {
        &self.issuers
    }

    /// The OpenID Connect providers that are not certainly those of other clusters than the one with this address.
    pub(super) fn providers_for(&self, cluster: Option<&Arc<str>>) -> Vec<&MappedItem> {
        self.at(self.own_providers(cluster))
    }

    fn own_providers(&self, cluster: Option<&Arc<str>>) -> impl Iterator<Item = &Vec<usize>> {
        let own = cluster.and_then(|cluster| self.providers.get(cluster));
        own.into_iter().chain([&self.other_providers])
    }

    /// All items, in order.
    pub(super) fn all(&self) -> &[MappedItem] {
        &self.items
    }

    /// The items of a section.
    pub(super) fn of_section(&self, section: &str) -> impl Iterator<Item = &MappedItem> {
        let found = self.sections.get(section).map(|index| index.all.as_slice()).unwrap_or_default();
        found.iter().map(|at| &self.items[*at])
    }

    /// The items of a section that are an owner's.
    pub(super) fn owned(&self, section: &Section, owner: &ClusterOwner) -> Vec<&MappedItem> {
        let Some(index) = self.sections.get(section.name.as_str()) else { return Vec::new() };
        let owns = |item: &&MappedItem| match section.scope {
            SectionScope::Cluster => owner.has(item),
            _ => owner.owns(section, item),
        };
        match (section.scope, section.membership()) {
            (SectionScope::Cluster, _) => {
                let named = owner.names_of_cluster().filter_map(|name| index.by_cluster.get(name));
                self.at(named.chain([&index.of_no_name])).into_iter().filter(owns).collect()
            }
            (SectionScope::Vpc, Membership::Scope) => {
                let in_vpc = owner.vpcs().filter_map(|vpc| index.by_vpc.get(vpc));
                self.at(in_vpc.chain(index.named(owner)))
            }
            (_, Membership::Role) => self.at(index.trusting(owner).chain(index.named(owner))),
            (_, Membership::Named) => self.at(index.named(owner)),
            // Those of other clusters matter only where a role trusts them.
            (_, Membership::Issuer) => {
                let own = self.own_providers(owner.address.as_ref());
                self.at(own.chain(index.named(owner))).into_iter().filter(owns).collect()
            }
            _ => self.at([&index.all]).into_iter().filter(owns).collect(),
        }
    }

    /// The items of a section that an owner names.
    pub(super) fn named(&self, section: &str, owner: &ClusterOwner) -> Vec<&MappedItem> {
        self.sections.get(section).map(|index| self.at(index.named(owner))).unwrap_or_default()
    }

    /// The items of which nobody may know whether they are an owner's.
    pub(super) fn of_unknown_owners(&self, owner: &ClusterOwner) -> Vec<&MappedItem> {
        let found = if owner.has_known_name() { &self.unclear } else { &self.unclear_without_name };
        self.at([found])
    }

    /// Items at positions, each once, in order.
    fn at<'i>(&self, positions: impl IntoIterator<Item = &'i Vec<usize>>) -> Vec<&MappedItem> {
        let mut all: Vec<usize> = positions.into_iter().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        all.into_iter().map(|at| &self.items[at]).collect()
    }
}

impl SectionIndex {
    fn add(&mut self, at: usize, section: &Section, item: &MappedItem) {
        self.all.push(at);
        for name in names_of(section, &item.value) {
            self.by_name.entry(name).or_default().push(at);
        }
        if section.scope == SectionScope::Vpc {
            for vpc in vpcs(&item.value).into_iter().filter_map(TemplateValue::join_key) {
                self.by_vpc.entry(vpc).or_default().push(at);
            }
        }
        if section.membership() == Membership::Role {
            for name in names_in_trust(&item.value) {
                self.by_trust.entry(name).or_default().push(at);
            }
        }
        match item.cluster.as_ref().and_then(TemplateValue::join_key) {
            Some(cluster) => self.by_cluster.entry(cluster).or_default().push(at),
            None => self.of_no_name.push(at),
        }
    }

    /// The roles that trust the service accounts of an owner.
    fn trusting<'i>(&'i self, owner: &'i ClusterOwner) -> impl Iterator<Item = &'i Vec<usize>> {
        self.by_trust.iter().filter(|(name, _)| owner.is_trusted_as(name)).map(|(_, found)| found)
    }

    /// The items that an owner names: looked for from where there is less.
    fn named<'i>(&'i self, owner: &'i ClusterOwner) -> impl Iterator<Item = &'i Vec<usize>> {
        let named: &FxHashSet<String> = owner.named();
        let is_few = self.by_name.len() < named.len();
        let by_item = self.by_name.iter().filter(move |(name, _)| is_few && named.contains(*name));
        let by_owner = named.iter().filter(move |_| !is_few).filter_map(|name| self.by_name.get(name));
        by_item.map(|(_, found)| found).chain(by_owner)
    }
}
