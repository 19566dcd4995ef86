//! What roles are used for, and where the snapshot says so.

use crate::facts::iam::Iam;
use crate::facts::known::Known;
use crate::facts::network::instances::{is_node, name_of_cluster};
use crate::facts::network::nodes::NODEGROUP_TAG;
use crate::facts::view::{ResourceView, SnapshotView};
use crate::snapshot::{ClusterType, Unknown};
use std::collections::{HashMap, HashSet};

/// What a role is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoleUse {
    /// The control plane has it.
    Cluster,
    /// Nodes have it.
    Node,
    /// Fargate starts pods with it.
    Fargate,
    /// Pods get it.
    Workload,
    /// A capability has it.
    Capability,
}

impl RoleUse {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Cluster, Self::Node, Self::Fargate, Self::Workload, Self::Capability];

    /// The word that rules and programs compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Node => "node",
            Self::Fargate => "fargate",
            Self::Workload => "workload",
            Self::Capability => "capability",
        }
    }
}

/// One use of a role.
#[derive(Debug)]
pub(super) struct Use<'t> {
    pub(super) kind: RoleUse,
    /// Of what: the name of a node group, or of an add-on.
    pub(super) name: &'t str,
    pub(super) origin: String,
    /// Whether only an access entry says so.
    by_entry: bool,
}

/// The uses of all roles, by ARN.
#[derive(Debug, Default)]
pub(super) struct Uses<'t> {
    of: HashMap<&'t str, Vec<Use<'t>>>,
    /// Roles whose access entry may be for nodes, and why that is not known.
    may_be_by_entry: HashMap<&'t str, Unknown>,
    /// For each sort, why there may be more.
    more: [Option<Unknown>; 5],
}

/// A field that names roles.
pub(crate) struct RoleField {
    pub(crate) section: &'static str,
    /// The field that people know its items by.
    key: &'static str,
    pub(crate) field: &'static str,
    /// Whether AWS always gives it: without it the role is unknown.
    always: bool,
    pub(crate) role_use: RoleUse,
}

/// The fields that name roles.
pub(crate) const ROLE_FIELDS: [RoleField; 6] = [
    role_field("nodegroups", "nodegroupName", "nodeRole", true, RoleUse::Node),
    role_field("fargateProfiles", "fargateProfileName", "podExecutionRoleArn", true, RoleUse::Fargate),
    role_field("podIdentityAssociations", "serviceAccount", "roleArn", true, RoleUse::Workload),
    role_field("podIdentityAssociations", "serviceAccount", "targetRoleArn", false, RoleUse::Workload),
    role_field("addons", "addonName", "serviceAccountRoleArn", false, RoleUse::Workload),
    role_field("capabilities", "capabilityName", "roleArn", true, RoleUse::Capability),
];

const fn role_field(
    section: &'static str,
    key: &'static str,
    field: &'static str,
    always: bool,
    role_use: RoleUse,
) -> RoleField {
    RoleField { section, key, field, always, role_use }
}

impl<'t> Uses<'t> {
    pub(super) fn of(&self, role: &str) -> &[Use<'t>] {
        self.of.get(role).map_or(&[], Vec::as_slice)
    }

    /// Whether a role is used so.
    pub(super) fn is_used(&self, role: &str, kind: RoleUse) -> Known<bool> {
        match (self.has(role, |known| known.kind == kind, kind), self.may_be_by_entry.get(role)) {
            (Ok(false), Some(unknown)) if kind == RoleUse::Node => Err(unknown.clone()),
            (used, _) => used,
        }
    }

    /// Whether a role is used so by what access entries are for.
    pub(super) fn is_used_beside_entries(&self, role: &str, kind: RoleUse) -> Known<bool> {
        self.has(role, |known| known.kind == kind && !known.by_entry, kind)
    }

    fn has(&self, role: &str, test: impl Fn(&Use<'t>) -> bool, kind: RoleUse) -> Known<bool> {
        if self.of(role).iter().any(test) {
            return Ok(true);
        }
        self.more[kind as usize].clone().map_or(Ok(false), Err)
    }

    /// Why a role may be used for more than is known.
    pub(super) fn more(&self) -> Option<&Unknown> {
        self.more.iter().flatten().next()
    }

    fn add(&mut self, role: &'t str, kind: RoleUse, name: &'t str, origin: String) {
        self.of.entry(role).or_default().push(Use { kind, name, origin, by_entry: false });
    }

    fn may_be_more(&mut self, kind: RoleUse, why: Unknown) {
        self.more[kind as usize].get_or_insert(why);
    }

    /// What is missing of a section may hold more uses.
    fn note_missing(&mut self, view: SnapshotView<'t>, section: &str, kind: RoleUse) {
        view.more(section).into_iter().for_each(|unknown| self.may_be_more(kind, unknown));
    }

    /// The roles that a field of a section's items names.
    fn of_section(&mut self, view: SnapshotView<'t>, named: &RoleField) {
        self.note_missing(view, named.section, named.role_use);
        for item in view.items(named.section) {
            let name = item.reference(&[named.key]).unwrap_or_default();
            match item.optional_id_in("roles", named.field) {
                Ok(Some(role)) => {
                    self.add(role, named.role_use, name, item.place(named.field).to_string());
                }
                Ok(None) if named.always => self.may_be_more(named.role_use, item.absent(&[named.field])),
                Ok(None) => {}
                Err(unknown) => self.may_be_more(named.role_use, unknown),
            }
        }
    }

    /// The roles of the cluster and of Auto Mode's nodes.
    fn of_cluster(&mut self, view: SnapshotView<'t>) {
        let cluster = match view.cluster() {
            Ok(cluster) => cluster,
            Err(unknown) => {
                self.may_be_more(RoleUse::Cluster, unknown.clone());
                return self.may_be_more(RoleUse::Node, unknown);
            }
        };
        let name = cluster.reference(&["name"]).unwrap_or_default();
        match cluster.id_in("roles", "roleArn") {
            Ok(role) => self.add(role, RoleUse::Cluster, name, cluster.pointer().key("roleArn").to_string()),
            Err(_) if view.snapshot.kind == ClusterType::Connected => {}
            Err(unknown) => self.may_be_more(RoleUse::Cluster, unknown),
        }
        // Without Auto Mode there is none.
        let path = ["computeConfig", "nodeRoleArn"];
        match cluster.optional_id_under("roles", &path) {
            Ok(Some(role)) => {
                let origin = cluster.pointer().key(path[0]).key(path[1]).to_string();
                self.add(role, RoleUse::Node, name, origin);
            }
            Ok(None) => {}
            Err(unknown) => self.may_be_more(RoleUse::Node, unknown),
        }
    }

    /// The roles of instances that are nodes, through their instance profiles.
    fn of_instances(&mut self, view: SnapshotView<'t>) {
        self.note_missing(view, "instances", RoleUse::Node);
        let groups: HashSet<_> = view.items("nodegroups").filter_map(|group| group.key()).collect();
        let cluster = name_of_cluster(view);
        let mut seen = HashSet::new();
        for instance in view.items("instances") {
            let profile = match profile_of(&instance, &cluster, &groups) {
                Ok(Some(profile)) if seen.insert(profile) => profile,
                Ok(_) => continue,
                Err(unknown) => {
                    self.may_be_more(RoleUse::Node, unknown);
                    continue;
                }
            };
            let name = instance.key().unwrap_or_default();
            let origin = instance.pointer().key("IamInstanceProfile").key("Arn").to_string();
            match roles_of_profile(view, profile) {
                Ok(roles) => {
                    let add = |role| self.add(role, RoleUse::Node, name, origin.clone());
                    roles.into_iter().for_each(add);
                }
                Err(unknown) => self.may_be_more(RoleUse::Node, unknown),
            }
        }
    }

    /// Roles whose access entry is for nodes: those of nodes that EKS does not manage.
    fn of_access_entries(&mut self, view: SnapshotView<'t>) {
        for entry in view.items("accessEntries") {
            let name = match entry.text("type") {
                Ok(name @ ("EC2" | "EC2_LINUX" | "EC2_WINDOWS" | "HYBRID_LINUX")) => name,
                Ok(_) => continue,
                Err(unknown) => {
                    let role = entry.key().map(|role| (role, unknown));
                    self.may_be_by_entry.extend(role);
                    continue;
                }
            };
            let Some(role) = entry.key() else { continue };
            if let Err(unknown) = view.known_id("roles", role) {
                self.may_be_more(RoleUse::Node, unknown);
                continue;
            }
            let origin = entry.pointer().key("principalArn").to_string();
            let used = Use { kind: RoleUse::Node, name, origin, by_entry: true };
            self.of.entry(role).or_default().push(used);
        }
    }

    /// Roles that trust the cluster's OpenID Connect provider.
    fn of_trusts(&mut self, iam: &Iam<'t>) {
        if let Err(unknown) = iam.view.section("roles") {
            return self.may_be_more(RoleUse::Workload, unknown);
        }
        for role in &iam.roles {
            for unknown in role.trust.as_ref().err().into_iter().chain(&role.more_oidc) {
                self.may_be_more(RoleUse::Workload, unknown.clone());
            }
            for trust in &role.oidc {
                match iam.is_own_issuer(trust.issuer) {
                    Ok(true) => {
                        let origin = role.statement_origin(trust.statement);
                        self.add(role.arn, RoleUse::Workload, trust.issuer, origin);
                    }
                    Ok(false) => {}
                    Err(unknown) => self.may_be_more(RoleUse::Workload, unknown),
                }
            }
        }
    }

    pub(super) fn new(iam: &Iam<'t>) -> Self {
        let view = iam.view;
        let mut uses = Self::default();
        uses.of_cluster(view);
        uses.of_instances(view);
        ROLE_FIELDS.iter().for_each(|named| uses.of_section(view, named));
        uses.of_trusts(iam);
        uses.of_access_entries(view);
        uses
    }
}

/// The instance profile of an instance, if it is a node whose role no node group tells.
fn profile_of<'t>(
    instance: &ResourceView<'t>,
    cluster: &Known<&str>,
    groups: &HashSet<&str>,
) -> Known<Option<&'t str>> {
    if is_outside_groups(instance, cluster, groups)? {
        instance.optional_id_under("instanceProfiles", &PROFILE)
    } else {
        Ok(None)
    }
}

/// Whether an instance is a node of which none of these managed node groups tells.
pub(super) fn is_outside_groups(
    instance: &ResourceView<'_>,
    cluster: &Known<&str>,
    groups: &HashSet<&str>,
) -> Known<bool> {
    let of_group = instance.tag(NODEGROUP_TAG)?.is_some_and(|name| groups.contains(name));
    Ok(!of_group && is_node(instance, cluster.as_ref().map_err(Clone::clone)?)?)
}

const PROFILE: [&str; 2] = ["IamInstanceProfile", "Arn"];

/// The instance profile of a node, which has one: without it no kubelet gets in.
pub(super) fn profile_of_node<'t>(instance: &ResourceView<'t>) -> Known<&'t str> {
    instance.id_under("instanceProfiles", &PROFILE)
}

/// The roles of an instance profile.
pub(super) fn roles_of_profile<'t>(view: SnapshotView<'t>, profile: &str) -> Known<Vec<&'t str>> {
    let unknown = || Unknown::undecided(format!("the instance profile {profile} is not in the snapshot"));
    let profile = view.find("instanceProfiles", profile)?.ok_or_else(unknown)?;
    profile.objects(&["Roles", "*"])?.map(|role| role?.id_in("roles", "Arn")).collect()
}
