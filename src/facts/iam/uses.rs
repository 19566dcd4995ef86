//! What roles are used for, and where the snapshot says so.

use super::Iam;
use super::oidc;
use crate::facts::known::Known;
use crate::snapshot::{Kind as ClusterKind, Part, Snapshot, Unknown, section};
use crate::value::{Node, Object};
use std::collections::HashMap;

/// The sorts of uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Cluster,
    Node,
    Fargate,
    Workload,
    Capability,
}

impl Kind {
    pub(super) const ALL: [Self; 5] =
        [Self::Cluster, Self::Node, Self::Fargate, Self::Workload, Self::Capability];

    pub(super) fn name(self) -> &'static str {
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
    pub(super) kind: Kind,
    /// Of what: the name of a node group, or of an add-on.
    pub(super) name: &'t str,
    pub(super) origin: String,
}

/// The uses of all roles, by ARN.
#[derive(Debug, Default)]
pub(super) struct Uses<'t> {
    of: HashMap<&'t str, Vec<Use<'t>>>,
    /// For each sort, why there may be more.
    more: [Option<Unknown>; 5],
}

/// Tags that say of which cluster an instance is a node.
/// <https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html>
const CLUSTER_TAGS: [&str; 2] = ["eks:cluster-name", "eks:eks-cluster-name"];

impl<'t> Uses<'t> {
    pub(super) fn of(&self, role: &str) -> &[Use<'t>] {
        self.of.get(role).map_or(&[], Vec::as_slice)
    }

    /// Whether a role is used so.
    pub(super) fn is_used(&self, role: &str, kind: Kind) -> Known<bool> {
        if self.of(role).iter().any(|known| known.kind == kind) {
            return Ok(true);
        }
        self.more[kind as usize].clone().map_or(Ok(false), Err)
    }

    /// Why a role may be used for more than is known.
    pub(super) fn more(&self) -> Option<&Unknown> {
        self.more.iter().flatten().next()
    }

    fn add(&mut self, role: Option<&'t str>, kind: Kind, name: &'t str, origin: String) {
        if let Some(role) = role {
            self.of.entry(role).or_default().push(Use { kind, name, origin });
        }
    }

    fn may_be_more(&mut self, kind: Kind, why: Unknown) {
        self.more[kind as usize].get_or_insert(why);
    }

    /// The roles that fields of a section's items name.
    fn of_section(&mut self, snapshot: &Snapshot<'t>, section: &str, key: &str, fields: &[&str], kind: Kind) {
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
            for field in fields {
                match object.get_go_cased(field) {
                    Some((written, Node::Str(role))) => {
                        let origin = part.item_pointer(at).key(written).to_string();
                        self.add(Some(role), kind, name, origin);
                    }
                    _ => {
                        if let Some(unknown) = snapshot.why_missing(object, field) {
                            self.may_be_more(kind, unknown.clone());
                        }
                    }
                }
            }
        }
    }

    /// The roles of the cluster and of Auto Mode's nodes.
    fn of_cluster(&mut self, snapshot: &Snapshot<'t>) {
        let Ok(part) = part(snapshot, "cluster") else {
            let unknown = section::by_name("cluster").map(|section| snapshot.why_absent(section));
            return [Kind::Cluster, Kind::Node]
                .into_iter()
                .for_each(|kind| unknown.iter().for_each(|why| self.may_be_more(kind, why.clone())));
        };
        let (cluster, pointer) = (part.node, part.pointer());
        let name = text(cluster, "name").unwrap_or_default();
        if let Some(role) = text(cluster, "roleArn") {
            self.add(Some(role), Kind::Cluster, name, pointer.key("roleArn").to_string());
        } else if snapshot.kind != ClusterKind::Connected {
            let at = pointer.key("roleArn");
            let absent = || Unknown::field_absent(at.as_str(), Some("eks:DescribeCluster".to_owned()));
            let missing = cluster.as_object().and_then(|object| snapshot.why_missing(object, "roleArn"));
            self.may_be_more(Kind::Cluster, missing.cloned().unwrap_or_else(absent));
        }
        if let Some(role) = cluster.at(&["computeConfig", "nodeRoleArn"]).and_then(|role| role.as_str()) {
            let origin = pointer.key("computeConfig").key("nodeRoleArn").to_string();
            self.add(Some(role), Kind::Node, name, origin);
        }
    }

    /// The roles of instances that are nodes, through their instance profiles.
    fn of_instances(&mut self, snapshot: &Snapshot<'t>) {
        let part = match part(snapshot, "instances") {
            Ok(part) => part,
            Err(unknown) => return self.may_be_more(Kind::Node, unknown),
        };
        if let Some(unknown) = &part.incomplete {
            self.may_be_more(Kind::Node, unknown.clone());
        }
        let nodes = part.items().iter().enumerate();
        let mut seen = HashMap::new();
        for (at, instance) in nodes.filter(|(_, instance)| is_node(snapshot, **instance)) {
            let profile = instance.at(&["IamInstanceProfile", "Arn"]).and_then(|arn| arn.as_str());
            let Some(profile) = profile else { continue };
            if seen.insert(profile, ()).is_some() {
                continue;
            }
            let name = text(*instance, "InstanceId").unwrap_or_default();
            let origin = part.item_pointer(at).key("IamInstanceProfile").key("Arn").to_string();
            match roles_of_profile(snapshot, profile) {
                Ok(roles) => {
                    roles.into_iter().for_each(|role| self.add(Some(role), Kind::Node, name, origin.clone()));
                }
                Err(unknown) => self.may_be_more(Kind::Node, unknown),
            }
        }
    }

    /// Roles whose access entry is for nodes: those of nodes that EKS does not manage.
    fn of_access_entries(&mut self, snapshot: &Snapshot<'t>) {
        let Some(part) = snapshot.part_named("accessEntries") else { return };
        for (at, entry) in part.items().iter().enumerate() {
            let kind = match text(*entry, "type") {
                Some("EC2" | "EC2_LINUX" | "EC2_WINDOWS" | "HYBRID_LINUX") => Kind::Node,
                _ => continue,
            };
            let origin = part.item_pointer(at).key("principalArn").to_string();
            self.add(text(*entry, "principalArn"), kind, text(*entry, "type").unwrap_or_default(), origin);
        }
    }

    /// Roles that trust the cluster's OpenID Connect provider.
    fn of_trusts(&mut self, iam: &Iam<'t, '_>) {
        if let Err(unknown) = part(iam.snapshot, "roles") {
            return self.may_be_more(Kind::Workload, unknown);
        }
        for role in &iam.roles {
            let document = match &role.trust {
                Ok(document) => document,
                Err(unknown) => {
                    self.may_be_more(Kind::Workload, unknown.clone());
                    continue;
                }
            };
            for trust in oidc::trusts(document, |_| oidc::Provider { audiences: Ok(Some(Vec::new())) }) {
                match iam.is_own_issuer(trust.issuer) {
                    Ok(true) => {
                        let origin = role.statement_origin(trust.statement);
                        self.add(Some(role.arn), Kind::Workload, trust.issuer, origin);
                    }
                    Ok(false) => {}
                    Err(unknown) => self.may_be_more(Kind::Workload, unknown),
                }
            }
        }
    }

    pub(super) fn new(iam: &Iam<'t, '_>) -> Self {
        let snapshot = iam.snapshot;
        let mut uses = Self::default();
        uses.of_cluster(snapshot);
        uses.of_section(snapshot, "nodegroups", "nodegroupName", &["nodeRole"], Kind::Node);
        uses.of_instances(snapshot);
        let fargate = (&["podExecutionRoleArn"], Kind::Fargate);
        uses.of_section(snapshot, "fargateProfiles", "fargateProfileName", fargate.0, fargate.1);
        let roles = ["roleArn", "targetRoleArn"];
        uses.of_section(snapshot, "podIdentityAssociations", "serviceAccount", &roles, Kind::Workload);
        uses.of_section(snapshot, "addons", "addonName", &["serviceAccountRoleArn"], Kind::Workload);
        uses.of_section(snapshot, "capabilities", "capabilityName", &["roleArn"], Kind::Capability);
        uses.of_trusts(iam);
        uses
    }

    /// Adds what access entries say: not for judging the entries themselves.
    pub(super) fn with_access_entries(mut self, snapshot: &Snapshot<'t>) -> Self {
        self.of_access_entries(snapshot);
        self
    }
}

/// A section, or why the snapshot does not have it.
pub(super) fn part<'s, 't>(snapshot: &'s Snapshot<'t>, name: &str) -> Known<&'s Part<'t>> {
    let why = || {
        let absent = |section| snapshot.why_absent(section);
        let nothing = || Unknown::undecided(format!("there is no section {name}"));
        section::by_name(name).map_or_else(nothing, absent)
    };
    snapshot.part_named(name).ok_or_else(why)
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
    let tags = instance.at(&["Tags"]).and_then(|tags| tags.as_list()).unwrap_or_default();
    tags.iter().any(|tag| {
        let key = text(*tag, "Key").unwrap_or_default();
        let owned = key.strip_prefix("kubernetes.io/cluster/") == Some(name);
        owned || CLUSTER_TAGS.contains(&key) && text(*tag, "Value") == Some(name)
    })
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
    Ok(roles.as_list().unwrap_or_default().iter().filter_map(|role| text(*role, "Arn")).collect())
}
