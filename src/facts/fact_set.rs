//! Which facts are worked out: those that a rule reads, and no others.

use crate::snapshot::{Section, Type, schema, section};
use std::collections::HashSet;

/// One group of facts: worked out as a whole, or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FactGroup {
    ClusterVersion,
    ClusterEndpoint,
    ClusterNetwork,
    ClusterFlows,
    NodegroupVersion,
    NodegroupAmi,
    Addons,
    Subnets,
    RouteTables,
    NatGateways,
    SecurityGroups,
    NetworkAcls,
    Instances,
    ClusterServiceAccounts,
    ClusterWorkloadIdentity,
    ClusterNodeRoles,
    ClusterCniRoles,
    Roles,
    PodIdentityAssociations,
    AddonIdentities,
    AccessEntries,
    OpenIdConnectProviders,
    Place,
}

/// Which field of which structure of facts leads to which group.
const GROUPS: &[(&str, &str, FactGroup)] = &[
    ("facts.Cluster", "version", FactGroup::ClusterVersion),
    ("facts.Cluster", "endpoint", FactGroup::ClusterEndpoint),
    ("facts.Cluster", "network", FactGroup::ClusterNetwork),
    ("facts.Cluster", "flows", FactGroup::ClusterFlows),
    ("facts.Nodegroup", "version", FactGroup::NodegroupVersion),
    ("facts.Nodegroup", "ami", FactGroup::NodegroupAmi),
    ("facts.Facts", "addons", FactGroup::Addons),
    ("facts.Facts", "subnets", FactGroup::Subnets),
    ("facts.Facts", "routeTables", FactGroup::RouteTables),
    ("facts.Facts", "natGateways", FactGroup::NatGateways),
    ("facts.Facts", "securityGroups", FactGroup::SecurityGroups),
    ("facts.Facts", "networkAcls", FactGroup::NetworkAcls),
    ("facts.Facts", "instances", FactGroup::Instances),
    ("facts.Cluster", "serviceAccounts", FactGroup::ClusterServiceAccounts),
    ("facts.Cluster", "workloadIdentity", FactGroup::ClusterWorkloadIdentity),
    ("facts.Cluster", "nodeRoles", FactGroup::ClusterNodeRoles),
    ("facts.Cluster", "cniRoles", FactGroup::ClusterCniRoles),
    ("facts.Facts", "roles", FactGroup::Roles),
    ("facts.Facts", "podIdentityAssociations", FactGroup::PodIdentityAssociations),
    ("facts.Facts", "addonIdentities", FactGroup::AddonIdentities),
    ("facts.Facts", "accessEntries", FactGroup::AccessEntries),
    ("facts.Facts", "openIDConnectProviders", FactGroup::OpenIdConnectProviders),
    ("facts.Facts", "region", FactGroup::Place),
    ("facts.Facts", "partition", FactGroup::Place),
];

/// Where nodes and the control plane are: what every fact about the network starts from.
const ENDS: &[&str] = &[
    "cluster",
    "nodegroups",
    "fargateProfiles",
    "instances",
    "launchTemplateVersions",
    "networkInterfaces",
    "subnets",
];

/// What decides which way traffic goes, and whether it passes.
const WAYS: &[&str] = &[
    "vpc",
    "dhcpOptions",
    "routeTables",
    "natGateways",
    "securityGroups",
    "managedPrefixLists",
    "networkAcls",
];

/// What uses roles.
const ROLE_USERS: &[&str] = &[
    "cluster",
    "nodegroups",
    "fargateProfiles",
    "addons",
    "accessEntries",
    "podIdentityAssociations",
    "capabilities",
    "instances",
    "instanceProfiles",
    "openIDConnectProviders",
];

/// What says which roles there are, and what they may do.
const RIGHTS: &[&str] = &["roles", "policies"];

impl FactGroup {
    /// The sections that the group follows from.
    fn sections(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::ClusterVersion => &[&[
                "cluster",
                "clusterVersions",
                "nodegroups",
                "fargateProfiles",
                "addons",
                "addonVersions",
                "updates",
            ]],
            Self::ClusterEndpoint => &[&["cluster"]],
            Self::ClusterNetwork => &[
                ENDS,
                WAYS,
                &["vpcEndpoints", "addons", "podIdentityAssociations", "openIDConnectProviders"],
            ],
            Self::ClusterFlows => &[ENDS, WAYS, &["addons"]],
            Self::NodegroupVersion => &[&["cluster", "clusterVersions", "nodegroups"]],
            Self::NodegroupAmi => &[&["nodegroups"]],
            Self::Addons => &[&["cluster", "clusterVersions", "addons", "addonVersions"]],
            Self::Subnets => &[ENDS, &["routeTables", "managedPrefixLists", "networkAcls", "addons"]],
            Self::RouteTables => &[ENDS, &["routeTables"]],
            Self::NatGateways => &[ENDS, &["routeTables", "natGateways", "managedPrefixLists"]],
            Self::SecurityGroups => &[ENDS, &["securityGroups", "managedPrefixLists"]],
            Self::NetworkAcls => &[ENDS, &["networkAcls"]],
            Self::Instances => &[ENDS, &["securityGroups", "managedPrefixLists", "routeTables"]],
            Self::ClusterServiceAccounts | Self::ClusterWorkloadIdentity => {
                &[&["cluster", "addons", "podIdentityAssociations", "roles", "openIDConnectProviders"]]
            }
            Self::ClusterNodeRoles => &[&[
                "cluster",
                "nodegroups",
                "fargateProfiles",
                "instances",
                "instanceProfiles",
                "launchTemplateVersions",
                "images",
                "accessEntries",
                "configMaps",
                "roles",
                "users",
            ]],
            Self::ClusterCniRoles => {
                &[ROLE_USERS, RIGHTS, &["launchTemplateVersions", "images", "configMaps", "users"]]
            }
            Self::Roles => &[ROLE_USERS, RIGHTS],
            Self::PodIdentityAssociations => &[&[
                "cluster",
                "nodegroups",
                "fargateProfiles",
                "instances",
                "podIdentityAssociations",
                "roles",
                "policies",
            ]],
            Self::AddonIdentities => {
                &[&["cluster", "addons", "podIdentityAssociations", "roles", "openIDConnectProviders"]]
            }
            Self::AccessEntries => &[ROLE_USERS, RIGHTS, &["users"]],
            Self::Place => &[&["cluster"]],
            Self::OpenIdConnectProviders => &[&["cluster", "regionClusters", "openIDConnectProviders"]],
        }
    }

    /// Those of them that decide what rules ask most: without those that only say which things there are and who uses them,
    /// which nearly all groups start from, and those that few fields follow from.
    fn deciding_sections(self) -> Vec<&'static str> {
        match self {
            Self::Subnets | Self::Instances => vec!["routeTables", "managedPrefixLists"],
            Self::ClusterNetwork => vec!["routeTables", "natGateways", "managedPrefixLists", "vpcEndpoints"],
            _ => {
                let decide = |names: &&&[&str]| **names != ENDS && **names != ROLE_USERS;
                self.sections().iter().filter(decide).flat_map(|names| names.iter().copied()).collect()
            }
        }
    }
}

/// Which facts are wanted: each group is worked out only if a rule asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FactSet(u32);

impl FactSet {
    /// Every fact.
    pub const ALL: Self = Self(u32::MAX);

    /// Adds what selecting a field of a structure of facts asks for.
    pub fn add(&mut self, structure: &str, field: &str) {
        let group = GROUPS.iter().find(|(s, f, _)| *s == structure && *f == field);
        if let Some((_, _, group)) = group {
            self.0 |= group.bit();
        }
    }

    /// What either asks for.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The sections that these facts follow from, in the order of the table of sections.
    pub fn sections(self) -> impl Iterator<Item = &'static Section> {
        let names: HashSet<_> = self.groups().flat_map(|group| group.sections().concat()).collect();
        section::all().iter().filter(move |section| names.contains(section.name.as_str()))
    }

    /// Those of them that decide what the facts say, and not only which things there are and who uses them.
    pub fn deciding_sections(self) -> impl Iterator<Item = &'static Section> {
        let names: HashSet<_> = self.groups().flat_map(FactGroup::deciding_sections).collect();
        section::all().iter().filter(move |section| names.contains(section.name.as_str()))
    }

    fn groups(self) -> impl Iterator<Item = FactGroup> {
        GROUPS.iter().map(|(.., group)| *group).filter(move |group| self.has(*group))
    }

    /// How rules write these facts, such as `facts.nodegroups[…].ami`, each behind the structure that has it.
    pub fn names(self) -> impl Iterator<Item = (&'static str, String)> {
        let wanted = GROUPS.iter().filter(move |(.., group)| self.has(*group));
        wanted.map(|(structure, field, _)| (*structure, written(structure, field)))
    }

    pub(super) fn has(self, group: FactGroup) -> bool {
        self.0 & group.bit() != 0
    }

    pub(super) fn has_any(self, groups: &[FactGroup]) -> bool {
        groups.iter().any(|group| self.has(*group))
    }
}

/// Every group of facts, by the structure and the field that lead to it.
pub fn group_names() -> impl Iterator<Item = (&'static str, &'static str)> {
    GROUPS.iter().map(|(structure, field, _)| (*structure, *field))
}

/// The path to a field of a structure of facts.
fn written(structure: &str, field: &str) -> String {
    let (schema, own) = (schema(), schema().named(structure));
    let Type::Struct(root) = schema.facts() else { return field.to_owned() };
    let root = schema.structure(root);
    let parent = root.field_names().into_iter().find_map(|name| match root.field(name)?.ty {
        ty if ty == own => Some(format!("{name}.")),
        Type::List(item) | Type::Map(item) if schema.get(item) == own => Some(format!("{name}[…].")),
        _ => None,
    });
    format!("facts.{}{field}", parent.unwrap_or_default())
}

impl FactGroup {
    /// Those that are worked out from the network of a cluster.
    pub(super) const OF_NETWORKS: &[Self] = &[
        Self::ClusterNetwork,
        Self::ClusterFlows,
        Self::Subnets,
        Self::RouteTables,
        Self::NatGateways,
        Self::SecurityGroups,
        Self::NetworkAcls,
        Self::Instances,
    ];

    /// Those that are worked out from the identities of a snapshot.
    pub(super) const OF_IDENTITIES: &[Self] = &[
        Self::ClusterServiceAccounts,
        Self::ClusterWorkloadIdentity,
        Self::ClusterNodeRoles,
        Self::ClusterCniRoles,
        Self::Roles,
        Self::PodIdentityAssociations,
        Self::AddonIdentities,
        Self::AccessEntries,
        Self::OpenIdConnectProviders,
    ];

    /// What is about Kubernetes versions.
    pub(super) const OF_VERSIONS: &[Self] = &[Self::ClusterVersion, Self::NodegroupVersion, Self::Addons];

    fn bit(self) -> u32 {
        1 << self as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_is_one() {
        for (.., group) in GROUPS {
            for name in group.sections().concat() {
                assert!(section::by_name(name).is_some(), "{group:?}: {name}");
            }
            let all = group.sections().concat();
            assert!(group.deciding_sections().iter().all(|name| all.contains(name)), "{group:?}");
        }
    }

    #[test]
    fn facts_are_written_as_rules_write_them() {
        assert_eq!(written("facts.Facts", "subnets"), "facts.subnets");
        assert_eq!(written("facts.Cluster", "flows"), "facts.cluster.flows");
        assert_eq!(written("facts.Nodegroup", "ami"), "facts.nodegroups[…].ami");
        for (structure, field, _) in GROUPS {
            assert!(schema().named(structure) != Type::Any, "{structure}.{field}");
        }
    }

    #[test]
    fn every_group_is_a_field_of_the_schema() {
        for (structure, field, _) in GROUPS {
            assert!(schema().field(structure, field).is_some(), "{structure}.{field}");
        }
    }

    #[test]
    fn every_field_that_leads_to_facts_has_its_group() {
        let parts = ["facts.Facts", "facts.Cluster", "facts.Nodegroup"];
        for structure in schema().structures().filter(|s| parts.contains(&s.name.as_str())) {
            for field in structure.field_names() {
                let holds_groups =
                    structure.name == "facts.Facts" && ["cluster", "nodegroups"].contains(&field);
                let known = GROUPS.iter().any(|(s, f, _)| *s == structure.name && *f == field);
                assert!(known || holds_groups, "{}.{field} is never worked out", structure.name);
            }
        }
    }
}
