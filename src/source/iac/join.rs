//! Makes drafts of what resources became: one for each cluster, with what is its own.
//!
//! Whose a resource is follows the table of sections, as for what AWS answers: what is of EKS names its cluster, what is of a
//! network is in the VPC of the cluster's subnets, and the rest is named by what the cluster has. A template shows only what it
//! describes. What it names and does not describe is there with unknown fields, and a section to which something outside of the
//! template may add says so.

mod attach;
mod fill;
mod keys;
mod more;
mod owner;
mod references;
mod stub;

use super::draft::{Draft, DraftSection};
use super::mapped::{MappedItem, MappedResource};
use super::place::Place;
use super::template::Template;
use super::value::TemplateValue;
use super::{map, table};
use crate::snapshot::section::{self, Section, SectionScope};
use attach::{PerhapsItem, attach};
use more::MoreReasons;
use owner::ClusterOwner;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// The drafts of a template: one for each cluster that it describes, in their order, one for each other cluster that its
/// resources name, and one for what no cluster uses, where the template describes none.
pub fn drafts(template: &Template) -> Vec<Draft> {
    Joined::of(template, map::map_all(template)).drafts()
}

/// The items of a template, with what was added to them.
struct Joined<'t> {
    template: &'t Template,
    items: Vec<MappedItem>,
    /// What may be there.
    perhaps: Vec<PerhapsItem>,
    /// The sections that resources of this kind of template can fill.
    sections: Vec<&'static Section>,
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
        let fillable: HashSet<_> = table::rows(template.source).flat_map(|(_, row)| row.sections()).collect();
        let sections = section::after_what_names_them();
        let sections = sections.into_iter().filter(|section| fillable.contains(section.name.as_str()));
        Self { template, items, perhaps, sections: sections.collect() }
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
        let certain = self.of_section("cluster").map(ClusterOwner::of_cluster);
        let perhaps = self.perhaps.iter().filter(|item| item.section == "cluster");
        certain.chain(perhaps.filter_map(ClusterOwner::perhaps)).collect()
    }

    fn of_section(&self, section: &str) -> impl Iterator<Item = &MappedItem> {
        self.items.iter().filter(move |item| item.section == section)
    }

    /// The clusters that resources name and the template does not describe.
    fn other_clusters(&self, described: &[ClusterOwner]) -> Vec<TemplateValue> {
        let names = self.items.iter().filter_map(|item| item.cluster.as_ref());
        let mut seen = HashSet::new();
        let is_new = |name: &&TemplateValue| seen.insert(name.join_key());
        let names: Vec<_> = names.filter(is_new).collect();
        let is_other = |name: &&TemplateValue| !described.iter().any(|owner| owner.is_called(name));
        names.into_iter().filter(is_other).cloned().collect()
    }

    /// The items that are an owner's.
    fn parts(&self, mut owner: ClusterOwner, other: Option<TemplateValue>) -> Option<DraftParts<'_>> {
        let mut items: BTreeMap<&'static str, Vec<&MappedItem>> = BTreeMap::new();
        let is_of_eks = |section: &Section| section.scope == SectionScope::Cluster;
        for section in self.sections.iter().filter(|section| is_of_eks(section)) {
            let own: Vec<_> = self.of_section(&section.name).filter(|item| owner.has(item)).collect();
            own.iter().for_each(|item| owner.names(&item.value));
            items.insert(&section.name, own);
        }
        owner.find_vpc(self.of_section("subnets"), self.of_section("securityGroups"));
        owner.find_providers(self.of_section("openIDConnectProviders"));
        for section in self.sections.iter().filter(|section| !is_of_eks(section)) {
            let own: Vec<_> =
                self.of_section(&section.name).filter(|item| owner.owns(section, item)).collect();
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
        let used: HashSet<*const MappedItem> =
            used.map(|item| std::ptr::from_ref::<MappedItem>(item)).collect();
        let is_rest = |item: &&MappedItem| !used.contains(&std::ptr::from_ref::<MappedItem>(*item));
        let mut items: BTreeMap<&'static str, Vec<&MappedItem>> = BTreeMap::new();
        let rest: Vec<_> = self.items.iter().filter(is_rest).collect();
        for item in &rest {
            items.entry(item.section).or_default().push(item);
        }
        let first = rest.first()?;
        let (place, address) = (first.place.clone(), first.address.clone());
        Some(DraftParts { owner: ClusterOwner::default(), other: None, place, address, items })
    }

    fn draft(&self, parts: &DraftParts<'_>, described: &[&ClusterOwner]) -> Draft {
        let DraftParts { owner, other, place, address, items } = parts;
        let mut more = MoreReasons::default();
        more.of_template(self.template);
        more.of_perhaps(&self.perhaps, owner);
        if owner.is_described || other.is_some() {
            more.of_unknown_owners(&self.items, owner, described);
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
        Draft {
            address: owner.address.clone(),
            place: place.clone(),
            region: self.region(address),
            // No template says it but in ARNs, where the snapshot finds it.
            account: None,
            sections: self.finished(values, &more, owner.is_described),
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
                sections.insert(section.name.as_str(), DraftSection { items, more });
            }
        }
        sections
    }

    fn region(&self, address: &Arc<str>) -> Option<TemplateValue> {
        let resource = self.template.resources.iter().find(|resource| resource.address == *address);
        resource?.region.clone()
    }
}

#[cfg(test)]
mod tests;
