//! Why there may be more in a section than a template shows.

use super::super::mapped::MappedItem;
use super::super::table;
use super::super::template::{Mode, Template};
use super::super::value::TemplateValue;
use super::attach::PerhapsItem;
use super::keys::{in_words, values_at};
use super::owner::ClusterOwner;
use crate::snapshot::section::{self, Section, SectionScope};
use std::collections::BTreeMap;

/// The first reason for each section.
#[derive(Clone, Default)]
pub(super) struct MoreReasons {
    by_section: BTreeMap<&'static str, String>,
    /// A reason for all.
    any: Option<String>,
}

impl MoreReasons {
    /// A reason for a section, unless there is one already.
    pub(super) fn add(&mut self, section: &'static str, reason: impl FnOnce() -> String) {
        self.by_section.entry(section).or_insert_with(reason);
    }

    /// The reason for a section.
    pub(super) fn of(&self, section: &str) -> Option<String> {
        self.by_section.get(section).or(self.any.as_ref()).cloned()
    }

    /// Parts of the template that were not understood.
    pub(super) fn of_template(template: &Template) -> Self {
        let mut reasons = Self::default();
        for missing in &template.missing {
            let reason = || missing.in_words();
            if missing.kinds.is_empty() {
                reasons.any.get_or_insert_with(reason);
            }
            for section in
                missing.kinds.iter().filter_map(|kind| table::row(kind)).flat_map(|row| row.sections())
            {
                reasons.add(section, reason);
            }
        }
        reasons.of_what_starts(template);
        reasons
    }

    /// Resources that start others, such as a group of instances: how many, and with which ids, is not in the template.
    fn of_what_starts(&mut self, template: &Template) {
        for resource in template.resources.iter().filter(|resource| resource.mode == Mode::Managed) {
            if let Some(section) = table::row(&resource.kind).and_then(|row| row.more) {
                self.add(section, || {
                    format!("{} starts {section} that are not in the template", resource.address)
                });
            }
        }
    }

    /// Resources that may be there.
    pub(super) fn of_perhaps(&mut self, perhaps: &[PerhapsItem], owner: &ClusterOwner) {
        for item in perhaps {
            let is_own = match (&item.cluster, item.section) {
                (Some(cluster), _) => cluster.join_key().is_none() || owner.is_called(cluster),
                (None, "cluster") => owner.address.as_ref() == Some(&item.address),
                (None, _) => true,
            };
            if is_own {
                let reason = || format!("{} may be there: {}", item.address, item.reason);
                match &item.item {
                    Some(value) => self.of_item(item.section, &value.value, reason),
                    None => self.add(item.section, reason),
                }
            }
        }
    }

    /// An item that there may be, with what EKS makes for it.
    fn of_item(&mut self, section: &'static str, item: &TemplateValue, reason: impl Fn() -> String) {
        self.add(section, &reason);
        if makes_group(item) {
            self.add("securityGroups", &reason);
        }
    }

    /// Resources that are not among a cluster's, and of which nobody knows whose they are.
    pub(super) fn of_unknown_owners<'i>(
        &mut self,
        items: impl Iterator<Item = &'i MappedItem>,
        owner: &ClusterOwner,
        others: &[&ClusterOwner],
    ) {
        for item in items {
            let Some(section) = section::by_name(item.section) else { continue };
            let has = |owner: &ClusterOwner| match item.cluster {
                Some(_) => owner.has(item),
                None => owner.owns(section, item),
            };
            let is_anothers = || item.cluster.is_some() && others.iter().any(|other| has(other));
            if owner.may_own(section, item) && !is_anothers() {
                self.of_item(item.section, &item.value, || {
                    format!("whose {} is, is not known", item.address)
                });
            }
        }
    }

    /// A VPC that the template does not describe has more than the template shows.
    pub(super) fn of_the_vpc(&mut self, owner: &ClusterOwner, is_described: bool) {
        if is_described {
            return;
        }
        let reason = if owner.has_vpc() {
            "the VPC is not described in this template"
        } else {
            "the VPC is not known: its subnets are not described in this template"
        };
        // What runs in a VPC elsewhere is not of this template, and of a cluster that is yet to be made nothing runs.
        let is_of_vpc = |section: &&Section| section.scope == SectionScope::Vpc && !section.running_only;
        for section in section::all().iter().filter(is_of_vpc) {
            self.add(&section.name, || reason.to_owned());
        }
    }

    /// A cluster that the template does not describe may have more than the template shows.
    pub(super) fn of_other_cluster(&mut self, name: &TemplateValue) {
        let name = in_words(name);
        for section in section::all().iter().filter(|section| section.scope == SectionScope::Cluster) {
            self.add(&section.name, || format!("the cluster {name} is not described in this template"));
        }
    }

    /// Where a section may have more, so may those that hold what it names.
    pub(super) fn of_what_names(&mut self, sections: &[&'static Section]) {
        for section in sections {
            let reason = section.named_by.iter().find_map(|name| self.by_section.get(name.as_str())).cloned();
            if let Some(reason) = reason {
                self.add(&section.name, || reason);
            }
        }
    }
}

/// Whether EKS makes a security group for an item: for remote access to the nodes of a group.
fn makes_group(item: &TemplateValue) -> bool {
    !values_at(item, &["resources", "remoteAccessSecurityGroup"]).is_empty()
}
