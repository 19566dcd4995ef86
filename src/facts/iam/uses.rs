//! What roles are used for, and where the snapshot says so.

use super::Iam;
use crate::facts::known::Known;
use crate::facts::network::instances::are_of_node;
pub(super) use crate::facts::view::section_of as part;
use crate::snapshot::{Kind, Snapshot, Unknown};
use crate::value::{Node, Object};
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
    /// For each sort, why there may be more.
    more: [Option<Unknown>; 5],
}

/// The fields that name roles: section, what tells its items apart, the field, whether AWS always
/// gives it, the use.
pub(crate) const NAMED: [(&str, &str, &str, bool, RoleUse); 6] = [
    ("nodegroups", "nodegroupName", "nodeRole", true, RoleUse::Node),
    ("fargateProfiles", "fargateProfileName", "podExecutionRoleArn", true, RoleUse::Fargate),
    ("podIdentityAssociations", "serviceAccount", "roleArn", true, RoleUse::Workload),
    ("podIdentityAssociations", "serviceAccount", "targetRoleArn", false, RoleUse::Workload),
    ("addons", "addonName", "serviceAccountRoleArn", false, RoleUse::Workload),
    ("capabilities", "capabilityName", "roleArn", true, RoleUse::Capability),
];

impl<'t> Uses<'t> {
    pub(super) fn of(&self, role: &str) -> &[Use<'t>] {
        self.of.get(role).map_or(&[], Vec::as_slice)
    }

    /// Whether a role is used so.
    pub(super) fn is_used(&self, role: &str, kind: RoleUse) -> Known<bool> {
        self.has(role, |known| known.kind == kind, kind)
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

    fn add(&mut self, role: Option<&'t str>, kind: RoleUse, name: &'t str, origin: String) {
        if let Some(role) = role {
            self.of.entry(role).or_default().push(Use { kind, name, origin, by_entry: false });
        }
    }

    fn may_be_more(&mut self, kind: RoleUse, why: Unknown) {
        self.more[kind as usize].get_or_insert(why);
    }

    /// The roles that a field of a section's items names. `always` for a field that AWS never leaves
    /// out: without it the role is unknown.
    fn of_section(
        &mut self,
        snapshot: &Snapshot<'t>,
        (section, key): (&str, &str),
        (field, always): (&str, bool),
        kind: RoleUse,
    ) {
        let part = match part(snapshot, section) {
            Ok(part) => part,
            Err(unknown) => return self.may_be_more(kind, unknown),
        };
        if let Some(unknown) = &part.incomplete {
            self.may_be_more(kind, unknown.clone());
        }
        for (at, item) in part.items().iter().enumerate() {
            let Node::Object(object) = item else { continue };
            let name = text(*item, key).unwrap_or_default();
            match object.get_go_cased(field) {
                Some((written, Node::Str(role))) => {
                    let origin = part.item_pointer(at).key(written).to_string();
                    self.add(Some(role), kind, name, origin);
                }
                _ => {
                    let absent = || Unknown::field_absent(&format!("/{section}/*/{field}"), None);
                    let missing = snapshot.why_missing(object, field).cloned();
                    let missing = missing.or_else(|| always.then(absent));
                    missing.into_iter().for_each(|unknown| self.may_be_more(kind, unknown));
                }
            }
        }
    }

    /// The roles of the cluster and of Auto Mode's nodes.
    fn of_cluster(&mut self, snapshot: &Snapshot<'t>) {
        let part = match part(snapshot, "cluster") {
            Ok(part) => part,
            Err(unknown) => {
                self.may_be_more(RoleUse::Cluster, unknown.clone());
                return self.may_be_more(RoleUse::Node, unknown);
            }
        };
        let (cluster, pointer) = (part.node, part.pointer());
        let name = text(cluster, "name").unwrap_or_default();
        if let Some(role) = text(cluster, "roleArn") {
            self.add(Some(role), RoleUse::Cluster, name, pointer.key("roleArn").to_string());
        } else if snapshot.kind != Kind::Connected {
            let at = pointer.key("roleArn");
            let absent = || Unknown::field_absent(at.as_str(), Some("eks:DescribeCluster".to_owned()));
            let missing = cluster.as_object().and_then(|object| snapshot.why_missing(object, "roleArn"));
            self.may_be_more(RoleUse::Cluster, missing.cloned().unwrap_or_else(absent));
        }
        if let Some(role) = cluster.at(&["computeConfig", "nodeRoleArn"]).and_then(|role| role.as_str()) {
            let origin = pointer.key("computeConfig").key("nodeRoleArn").to_string();
            self.add(Some(role), RoleUse::Node, name, origin);
        }
    }

    /// The roles of instances that are nodes, through their instance profiles.
    fn of_instances(&mut self, snapshot: &Snapshot<'t>) {
        let part = match part(snapshot, "instances") {
            Ok(part) => part,
            Err(unknown) => return self.may_be_more(RoleUse::Node, unknown),
        };
        if let Some(unknown) = &part.incomplete {
            self.may_be_more(RoleUse::Node, unknown.clone());
        }
        let groups = snapshot.part_named("nodegroups").map_or(&[][..], |part| part.items());
        let groups: HashSet<_> = groups.iter().filter_map(|group| text(*group, "nodegroupName")).collect();
        let mut seen = HashSet::new();
        for (at, instance) in part.items().iter().enumerate() {
            // The role of a node group's instances is the node group's.
            let of_group = tag(*instance, "eks:nodegroup-name").is_some_and(|name| groups.contains(name));
            if of_group || !is_node(snapshot, *instance) {
                continue;
            }
            let profile = instance.at(&["IamInstanceProfile", "Arn"]).and_then(|arn| arn.as_str());
            let Some(profile) = profile else { continue };
            if !seen.insert(profile) {
                continue;
            }
            let name = text(*instance, "InstanceId").unwrap_or_default();
            let origin = part.item_pointer(at).key("IamInstanceProfile").key("Arn").to_string();
            match roles_of_profile(snapshot, profile) {
                Ok(roles) => {
                    roles
                        .into_iter()
                        .for_each(|role| self.add(Some(role), RoleUse::Node, name, origin.clone()));
                }
                Err(unknown) => self.may_be_more(RoleUse::Node, unknown),
            }
        }
    }

    /// Roles whose access entry is for nodes: those of nodes that EKS does not manage.
    fn of_access_entries(&mut self, snapshot: &Snapshot<'t>) {
        let Some(part) = snapshot.part_named("accessEntries") else { return };
        for (at, entry) in part.items().iter().enumerate() {
            let Some(name @ ("EC2" | "EC2_LINUX" | "EC2_WINDOWS" | "HYBRID_LINUX")) = text(*entry, "type")
            else {
                continue;
            };
            let Some(role) = text(*entry, "principalArn") else { continue };
            let origin = part.item_pointer(at).key("principalArn").to_string();
            let used = Use { kind: RoleUse::Node, name, origin, by_entry: true };
            self.of.entry(role).or_default().push(used);
        }
    }

    /// Roles that trust the cluster's OpenID Connect provider.
    fn of_trusts(&mut self, iam: &Iam<'t, '_>) {
        if let Err(unknown) = part(iam.snapshot, "roles") {
            return self.may_be_more(RoleUse::Workload, unknown);
        }
        for role in &iam.roles {
            if let Err(unknown) = &role.trust {
                self.may_be_more(RoleUse::Workload, unknown.clone());
            }
            for trust in &role.oidc {
                match iam.is_own_issuer(trust.issuer) {
                    Ok(true) => {
                        let origin = role.statement_origin(trust.statement);
                        self.add(Some(role.arn), RoleUse::Workload, trust.issuer, origin);
                    }
                    Ok(false) => {}
                    Err(unknown) => self.may_be_more(RoleUse::Workload, unknown),
                }
            }
        }
    }

    pub(super) fn new(iam: &Iam<'t, '_>) -> Self {
        let snapshot = iam.snapshot;
        let mut uses = Self::default();
        uses.of_cluster(snapshot);
        uses.of_instances(snapshot);
        for (section, key, field, always, kind) in NAMED {
            uses.of_section(snapshot, (section, key), (field, always), kind);
        }
        uses.of_trusts(iam);
        uses.of_access_entries(snapshot);
        uses
    }
}

/// The text of a field.
pub(super) fn text<'t>(node: Node<'t>, field: &str) -> Option<&'t str> {
    node.get_go_cased(field).and_then(|node| node.as_str())
}

/// A field of an object, or why it is not there.
pub(super) fn field<'t>(
    snapshot: &Snapshot<'t>,
    object: &'t Object<'t>,
    name: &str,
    at: &str,
    api: &str,
) -> Known<Node<'t>> {
    let there = object.get_go_cased(name).map(|(_, node)| node).filter(|node| !node.is_null());
    let why = || {
        let absent = || Unknown::field_absent(&format!("{at}/{name}"), Some(api.to_owned()));
        snapshot.why_missing(object, name).cloned().unwrap_or_else(absent)
    };
    there.ok_or_else(why)
}

/// Whether an instance is a node of the cluster.
fn is_node(snapshot: &Snapshot<'_>, instance: Node<'_>) -> bool {
    let Some(name) = snapshot.identity.name.as_deref() else { return false };
    are_of_node(tags(instance), name)
}

fn tag<'t>(instance: Node<'t>, name: &str) -> Option<&'t str> {
    tags(instance).find(|(key, _)| *key == name).map(|(_, value)| value)
}

fn tags<'t>(instance: Node<'t>) -> impl Iterator<Item = (&'t str, &'t str)> {
    let tags = instance.get_go_cased("Tags").and_then(|tags| tags.as_list()).unwrap_or_default();
    tags.iter().filter_map(|tag| Some((text(*tag, "Key")?, text(*tag, "Value").unwrap_or_default())))
}

/// The roles of an instance profile.
fn roles_of_profile<'t>(snapshot: &Snapshot<'t>, profile: &str) -> Known<Vec<&'t str>> {
    let part = part(snapshot, "instanceProfiles")?;
    let Some(at) = part.position(profile) else {
        let unknown = || Unknown::undecided(format!("the instance profile {profile} is not in the snapshot"));
        return Err(part.incomplete.clone().unwrap_or_else(unknown));
    };
    let Some(Node::Object(object)) = part.items().get(at) else { return Ok(Vec::new()) };
    let at = part.item_pointer(at);
    let roles = field(snapshot, object, "Roles", at.as_str(), "iam:GetInstanceProfile")?;
    let absent = || Unknown::field_absent("/instanceProfiles/*/Roles/*/Arn", None);
    let arn = |role: &Node<'t>| text(*role, "Arn").ok_or_else(absent);
    roles.as_list().unwrap_or_default().iter().map(arn).collect()
}
