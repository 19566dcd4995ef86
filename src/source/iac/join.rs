//! Makes drafts of what resources became: one for each cluster, with what is its own.
//!
//! Whose a resource is follows the table of sections, as for what AWS answers: what is of EKS names its cluster, what is of a
//! network is in the VPC of the cluster's subnets, and the rest is named by what the cluster has. A template shows only what it
//! describes. What it names and does not describe is there with unknown fields, and a section to which something outside of the
//! template may add says so.

mod attach;
mod fill;
mod index;
mod keys;
mod more;
mod owner;
mod providers;
mod references;
mod stub;

use super::draft::{Draft, DraftSection};
use super::mapped::{MappedItem, MappedResource};
use super::place::Place;
use super::template::{Template, TemplateResource};
use super::value::TemplateValue;
use super::{map, table};
use crate::snapshot::TemplateSource;
use crate::snapshot::section::{self, Membership, Section, SectionScope};
use attach::{PerhapsItem, attach};
use index::ItemIndex;
use more::MoreReasons;
use owner::ClusterOwner;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// The drafts of a template: one for each cluster that it describes, in their order, one for each other cluster that its
/// resources name, and one for what no cluster uses, where the template describes none.
pub fn drafts(template: &Template) -> Vec<Draft> {
    Joined::of(template, map::map_all(template)).drafts()
}

/// The sections that resources of a kind of template can fill, each after those that name its items.
fn fillable_sections(source: TemplateSource) -> &'static [&'static Section] {
    static OF_TERRAFORM: LazyLock<Vec<&Section>> = LazyLock::new(|| filled_by(TemplateSource::Terraform));
    static OF_STACKS: LazyLock<Vec<&Section>> = LazyLock::new(|| filled_by(TemplateSource::CloudFormation));
    match source {
        TemplateSource::Terraform => &OF_TERRAFORM,
        TemplateSource::CloudFormation | TemplateSource::Eksctl => &OF_STACKS,
    }
}

fn filled_by(source: TemplateSource) -> Vec<&'static Section> {
    let fillable: FxHashSet<_> = table::rows(source).flat_map(|(_, row)| row.sections()).collect();
    let sections = section::after_what_names_them().into_iter();
    sections.filter(|section| fillable.contains(section.name.as_str())).collect()
}

/// The items of a template, with what was added to them.
struct Joined<'t> {
    /// The resources of the template, by address.
    resources: FxHashMap<&'t str, &'t TemplateResource>,
    items: ItemIndex,
    /// What may be there.
    perhaps: Vec<PerhapsItem>,
    /// The sections that resources of this kind of template can fill.
    sections: Vec<&'static Section>,
    /// Why there may be more in a section, whosever it is.
    more: MoreReasons,
    /// Whether all of it is made for one cluster, as eksctl does.
    is_of_one: bool,
}

/// A draft before what is not in the template is added.
struct DraftParts<'j> {
    owner: ClusterOwner,
    /// The cluster as resources name it that the template does not describe.
    other: Option<TemplateValue>,
    place: Place,
    /// The resource that says the region.
    address: Arc<str>,
    items: BTreeMap<&'static str, Vec<&'j MappedItem>>,
}

impl<'t> Joined<'t> {
    fn of(template: &'t Template, mapped: MappedResource) -> Self {
        let (items, perhaps) = attach(mapped);
        let resources = template.resources.iter().map(|resource| (&*resource.address, resource));
        // Of several with one address the first counts.
        let resources = resources.rev().collect();
        let more = MoreReasons::of_template(template);
        Self {
            resources,
            items: ItemIndex::new(items),
            perhaps,
            sections: fillable_sections(template.source).to_vec(),
            more,
            is_of_one: template.source == TemplateSource::Eksctl,
        }
    }

    /// The items of a section that are an owner's.
    fn owned(&self, section: &Section, owner: &ClusterOwner) -> Vec<&MappedItem> {
        match self.is_of_one && owner.is_described {
            true => self.items.of_section(&section.name).collect(),
            false => self.items.owned(section, owner),
        }
    }

    fn drafts(&self) -> Vec<Draft> {
        let mut described = self.described();
        // Of several clusters of whose names nothing is known, none is meant by such a name.
        if described.iter().filter(|owner| owner.is_nameless).count() > 1 {
            described.iter_mut().for_each(|owner| owner.is_nameless = false);
        }
        let has_clusters = !described.is_empty();
        let others = self.other_clusters(&described);
        let described = described.into_iter().map(|owner| (owner, None));
        let others = others.into_iter().map(|name| (ClusterOwner::of_name(&name), Some(name)));
        let parts: Vec<_> =
            described.chain(others).filter_map(|(owner, other)| self.parts(owner, other)).collect();
        let rest = if has_clusters { None } else { self.rest(&parts) };
        let described: Vec<_> =
            parts.iter().map(|parts| &parts.owner).filter(|owner| owner.is_described).collect();
        parts.iter().chain(&rest).map(|parts| self.draft(parts, &described)).collect()
    }

    /// The clusters that the template describes, also those that may be there.
    fn described(&self) -> Vec<ClusterOwner> {
        let certain = self.items.of_section("cluster").map(ClusterOwner::of_cluster);
        let perhaps = self.perhaps.iter().filter(|item| item.section == "cluster");
        certain.chain(perhaps.filter_map(ClusterOwner::perhaps)).collect()
    }

    /// The clusters that resources name and the template does not describe.
    fn other_clusters(&self, described: &[ClusterOwner]) -> Vec<TemplateValue> {
        let known: FxHashSet<_> = described.iter().flat_map(ClusterOwner::names_of_cluster).collect();
        let has_nameless = described.iter().any(|owner| owner.is_nameless);
        let mut seen = FxHashSet::default();
        let names = self.items.all().iter().filter_map(|item| item.cluster.as_ref());
        let is_new_other = |name: &&TemplateValue| {
            let key = name.join_key();
            let is_described = key.as_ref().map_or(has_nameless, |key| known.contains(key));
            !is_described && seen.insert(key)
        };
        names.filter(is_new_other).cloned().collect()
    }

    /// The items that are an owner's.
    fn parts(&self, mut owner: ClusterOwner, other: Option<TemplateValue>) -> Option<DraftParts<'_>> {
        let mut items: BTreeMap<&'static str, Vec<&MappedItem>> = BTreeMap::new();
        let is_of_eks = |section: &Section| section.scope == SectionScope::Cluster;
        for section in self.sections.iter().filter(|section| is_of_eks(section)) {
            let own = self.owned(section, &owner);
            own.iter().for_each(|item| owner.names(&item.value));
            items.insert(&section.name, own);
        }
        for section in ["subnets", "securityGroups"] {
            owner.find_vpc(&self.items.named(section, &owner));
        }
        let providers = self.items.providers_for(owner.address.as_ref());
        owner.find_providers(self.items.issuers(), providers);
        // Which providers roles trust is known when the roles are.
        let others = self.sections.iter().filter(|section| !is_of_eks(section));
        let (providers, others): (Vec<_>, Vec<_>) =
            others.partition(|section| section.membership() == Membership::Issuer);
        for section in others.into_iter().chain(providers) {
            let own = self.owned(section, &owner);
            own.iter().for_each(|item| owner.names(&item.value));
            items.insert(&section.name, own);
        }
        let first = items.values().flatten().next();
        let place = owner.place.clone().or_else(|| Some(first?.place.clone()))?;
        let address = owner.address.clone().or_else(|| Some(first?.address.clone()))?;
        Some(DraftParts { owner, other, place, address, items })
    }

    /// What no cluster uses, in a template that describes none.
    fn rest(&self, parts: &[DraftParts<'_>]) -> Option<DraftParts<'_>> {
        let used = parts.iter().flat_map(|parts| parts.items.values().flatten());
        let used = addresses_of(used.copied());
        let is_rest = |item: &&MappedItem| !used.contains(&std::ptr::from_ref::<MappedItem>(*item));
        let mut items: BTreeMap<&'static str, Vec<&MappedItem>> = BTreeMap::new();
        let rest: Vec<_> = self.items.all().iter().filter(is_rest).collect();
        for item in &rest {
            items.entry(item.section).or_default().push(item);
        }
        let first = rest.first()?;
        let (place, address) = (first.place.clone(), first.address.clone());
        Some(DraftParts { owner: ClusterOwner::default(), other: None, place, address, items })
    }

    fn draft(&self, parts: &DraftParts<'_>, described: &[&ClusterOwner]) -> Draft {
        let DraftParts { owner, other, place, address, items } = parts;
        let mut more = self.more.clone();
        more.of_perhaps(&self.perhaps, owner);
        if owner.is_described || other.is_some() {
            let own = addresses_of(items.values().flatten().copied());
            let others = self.items.of_unknown_owners(owner).into_iter();
            let others = others.filter(|item| !own.contains(&std::ptr::from_ref::<MappedItem>(*item)));
            more.of_unknown_owners(others, owner, described);
            more.of_the_vpc(owner, items.get("vpc").is_some_and(|vpcs| !vpcs.is_empty()));
        }
        if let Some(other) = other {
            more.of_other_cluster(other);
        }
        let own = |items: &Vec<&MappedItem>| items.iter().map(|item| owner.in_its_vpc(&item.value)).collect();
        let mut values: BTreeMap<_, Vec<_>> =
            items.iter().map(|(section, items)| (*section, own(items))).collect();
        fill::fill(&mut values, &mut more, owner.is_described);
        references::add_stubs(&mut values, &mut more, &self.perhaps);
        more.of_what_names(&self.sections);
        let mut sections = self.finished(values, &more, owner.is_described);
        for (name, items) in items {
            let addresses = || items.iter().map(|item| item.address.clone()).collect();
            sections.get_mut(name).into_iter().for_each(|section| section.addresses = addresses());
        }
        Draft {
            address: owner.address.clone(),
            place: place.clone(),
            region: self.region(address),
            // No template says it but in ARNs, where the snapshot finds it.
            account: None,
            sections,
        }
    }

    /// Where the template describes the cluster, a section without resources is empty; elsewhere nothing is known of it.
    fn finished(
        &self,
        mut values: BTreeMap<&'static str, Vec<TemplateValue>>,
        more: &MoreReasons,
        is_described: bool,
    ) -> BTreeMap<&'static str, DraftSection> {
        let mut sections = BTreeMap::new();
        for section in &self.sections {
            let items = values.remove(section.name.as_str()).unwrap_or_default();
            // One object is there: that there is no more of it needs no saying.
            let more = more.of(&section.name).filter(|_| section.is_list() || items.is_empty());
            let is_told = is_described && (section.is_list() || more.is_some());
            if !items.is_empty() || is_told {
                sections.insert(section.name.as_str(), DraftSection { items, addresses: Vec::new(), more });
            }
        }
        sections
    }

    fn region(&self, address: &Arc<str>) -> Option<TemplateValue> {
        self.resources.get(&**address)?.region.clone()
    }
}

/// Where items are: two may be equal.
fn addresses_of<'i>(items: impl Iterator<Item = &'i MappedItem>) -> FxHashSet<*const MappedItem> {
    items.map(std::ptr::from_ref).collect()
}

#[cfg(test)]
mod tests;
