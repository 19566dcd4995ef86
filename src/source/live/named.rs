//! What the answers of EKS about a cluster name in EC2.

use super::answer::{SectionAnswers, text};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What a cluster names.
#[derive(Debug)]
pub(super) struct NamedResources<'n> {
    /// The cluster.
    pub(super) cluster: &'n str,
    /// All clusters that are read: what is found by their names is asked for at once.
    pub(super) all: &'n [String],
    /// Its VPC, if it has one that is known.
    pub(super) vpcs: BTreeSet<String>,
    /// The group that EKS made for it.
    pub(super) cluster_groups: BTreeSet<String>,
    /// Launch templates of node groups, with the versions that they use.
    pub(super) templates: BTreeMap<String, BTreeSet<String>>,
}

impl<'n> NamedResources<'n> {
    /// What the description of a cluster names.
    pub(super) fn of(name: &'n str, all: &'n [String], cluster: &Value) -> Self {
        let id = |field| text(cluster.get("resourcesVpcConfig")?, field).map(str::to_owned);
        Self {
            cluster: name,
            all,
            vpcs: id("vpcId").into_iter().collect(),
            cluster_groups: id("clusterSecurityGroupId").into_iter().collect(),
            templates: BTreeMap::new(),
        }
    }

    /// Adds what the node groups of the cluster name.
    pub(super) fn add_templates(&mut self, sections: &SectionAnswers) {
        let nodegroups = sections.values("nodegroups");
        for template in nodegroups.filter_map(|nodegroup| nodegroup.get("launchTemplate")) {
            if let (Some(id), Some(version)) = (text(template, "id"), text(template, "version")) {
                self.templates.entry(id.to_owned()).or_default().insert(version.to_owned());
            }
        }
    }
}
