//! The ConfigMap `aws-auth`, by which clusters mapped IAM roles to users and groups of Kubernetes before there were
//! access entries.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html>

use super::node_sort::NodeSort;
use crate::facts::known::Known;
use crate::facts::view::{ObjectView, ResourceView, SnapshotView};
use crate::snapshot::{Unknown, UnknownKind};
use crate::value::{Pointer, yaml};
use serde_json::Value;

/// What every node must be in.
const NODES: &str = "system:nodes";
/// Whoever is in it may do everything.
const MASTERS: &str = "system:masters";
/// What Windows nodes must be in as well, for the sake of kube-proxy.
const WINDOWS: &str = "eks:kube-proxy-windows";
/// What the names of nodes start with.
const NODE_NAME: &str = "system:node:";

/// Somebody whom `aws-auth` puts into `system:masters`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MappedPrincipal {
    /// The ARN of the role or the user.
    pub(crate) principal: String,
    /// The list that names it.
    pub(crate) place: Pointer,
}

/// What `aws-auth` says of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Mapped {
    /// It does not name it.
    Not,
    /// It makes nodes of those who have it.
    AsNode,
    /// It names it, and no node can join with that: why, as what follows "aws-auth".
    Useless(String),
}

/// The ConfigMap as a cluster has it.
#[derive(Debug)]
pub(super) struct AwsAuth {
    /// The roles, the later of two that are the same being the one that counts. What cannot be read may be any role.
    mappings: Vec<Known<RoleMapping>>,
}

/// A role that `aws-auth` names.
#[derive(Clone, Debug)]
struct RoleMapping {
    role: String,
    username: String,
    groups: Vec<String>,
}

/// Whom `aws-auth` makes administrators, and what of it cannot be read.
pub(crate) fn masters(view: SnapshotView<'_>) -> Vec<Known<MappedPrincipal>> {
    let item = match config_map(view) {
        Ok(Some(item)) => item,
        Ok(None) => return Vec::new(),
        Err(unknown) => return vec![Err(unknown)],
    };
    let of_list = |(list, arn): (&'static str, &'static str)| {
        let mappings = mappings(&item.whole(), list, arn).unwrap_or_else(|unknown| vec![Err(unknown)]);
        let place = item.pointer().key("data").key(list);
        let admin = |mapping: RoleMapping| MappedPrincipal { principal: mapping.role, place: place.clone() };
        let masters = mappings.into_iter().filter_map(|mapping| match mapping {
            Ok(mapping) => mapping.has(MASTERS).then(|| Ok(admin(mapping))),
            Err(unknown) => Some(Err(unknown)),
        });
        masters.collect::<Vec<_>>()
    };
    [("mapRoles", "rolearn"), ("mapUsers", "userarn")].into_iter().flat_map(of_list).collect()
}

/// The ConfigMap, if the cluster has one.
fn config_map(view: SnapshotView<'_>) -> Known<Option<ResourceView<'_>>> {
    for item in view.items("configMaps") {
        let map = item.whole();
        let Some(metadata) = map.object(&["metadata"])? else { return Err(item.absent(&["metadata"])) };
        let namespace = metadata.optional_text("namespace")?;
        if metadata.text("name")? == "aws-auth" && namespace.is_none_or(|name| name == "kube-system") {
            return Ok(Some(item));
        }
    }
    match view.more("configMaps") {
        None => Ok(None),
        // No scan of AWS has it, so that it is not a gap of the snapshot.
        Some(unknown) => Err(Unknown {
            kind: UnknownKind::NotRequested,
            reason: format!("aws-auth decides, which AWS APIs do not show: {}", unknown.reason),
            ..unknown
        }),
    }
}

impl AwsAuth {
    /// Reads it. A cluster whose ConfigMaps are in the snapshot and that has no such one maps nobody.
    pub(super) fn of(view: SnapshotView<'_>) -> Known<Self> {
        let mappings = config_map(view)?.map(|item| mappings(&item.whole(), "mapRoles", "rolearn"));
        Ok(Self { mappings: mappings.transpose()?.unwrap_or_default() })
    }

    /// What it says of a role that nodes of a sort have.
    pub(super) fn of_role(&self, arn: &str, sort: &Known<NodeSort>) -> Known<Mapped> {
        let of_role = |mapping: &&Known<RoleMapping>| match mapping {
            Ok(mapping) => mapping.is_for(&without_path(arn)) || mapping.is_for(arn),
            Err(_) => true,
        };
        match self.mappings.iter().rfind(of_role) {
            None => Ok(Mapped::Not),
            Some(Err(unknown)) => Err(unknown.clone()),
            Some(Ok(mapping)) => mapping.makes_nodes(arn, sort),
        }
    }
}

impl RoleMapping {
    /// ARNs are compared without regard to case.
    fn is_for(&self, arn: &str) -> bool {
        self.role.eq_ignore_ascii_case(arn)
    }

    fn has(&self, group: &str) -> bool {
        self.groups.iter().any(|known| known == group)
    }

    fn makes_nodes(&self, arn: &str, sort: &Known<NodeSort>) -> Known<Mapped> {
        let useless = |why: &str| Ok(Mapped::Useless(why.to_owned()));
        // A session has the role's name without its path, so an ARN with a path is nobody's.
        if !self.is_for(&without_path(arn)) {
            return useless("names it with its path, which never matches");
        }
        if self.has(MASTERS) {
            return Ok(Mapped::AsNode);
        }
        if !self.has(NODES) {
            return useless("does not put it into the group system:nodes");
        }
        if !self.username.starts_with(NODE_NAME) {
            return useless("gives it a user name that does not start with system:node:");
        }
        match sort {
            Ok(NodeSort::Windows) if !self.has(WINDOWS) => {
                useless("does not put it into the group eks:kube-proxy-windows, which Windows nodes need")
            }
            Err(unknown) if !self.has(WINDOWS) => Err(unknown.clone()),
            _ => Ok(Mapped::AsNode),
        }
    }
}

/// The ARN of a role as `aws-auth` must write it.
fn without_path(arn: &str) -> String {
    match arn.split_once(":role/") {
        Some((account, path)) => format!("{account}:role/{}", path.rsplit('/').next().unwrap_or(path)),
        None => arn.to_owned(),
    }
}

/// What one of its lists says; `arn` is the field of its items with the role or the user.
fn mappings(map: &ObjectView<'_>, list: &'static str, arn: &str) -> Known<Vec<Known<RoleMapping>>> {
    let Some(data) = map.object(&["data"])? else { return Ok(Vec::new()) };
    let Some(text) = data.optional_text(list)? else { return Ok(Vec::new()) };
    let things = if list == "mapRoles" { "roles" } else { "users" };
    let invalid = || data.invalid(list, format!("{list} of aws-auth is no list of {things}"));
    match yaml::bounded(text).ok_or_else(invalid)? {
        Value::Null => Ok(Vec::new()),
        Value::Array(items) => Ok(items.iter().map(|item| mapping(item, arn).ok_or_else(invalid)).collect()),
        _ => Err(invalid()),
    }
}

/// One role; none if it is not written as such.
fn mapping(item: &Value, arn: &str) -> Option<RoleMapping> {
    let text = |name: &str| field(item, name).and_then(Value::as_str);
    let groups = match field(item, "groups") {
        None | Some(Value::Null) => Vec::new(),
        Some(groups) => {
            let texts = groups.as_array()?.iter().map(|group| group.as_str().map(str::to_owned));
            texts.collect::<Option<_>>()?
        }
    };
    Some(RoleMapping {
        role: text(arn)?.to_owned(),
        username: text("username").unwrap_or_default().to_owned(),
        groups,
    })
}

/// A field, whatever the case of its name: so the authenticator reads it.
fn field<'v>(item: &'v Value, name: &str) -> Option<&'v Value> {
    item.as_object()?.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}
