//! The facts of `facts.accessEntries[…]`: whether the principal of an entry is still the one that it
//! was made for. An entry keeps the principal's unique id: a role that was made anew under the same
//! name never matches.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html>

use super::Iam;
use super::symbols::{arn_from, not_known};
use super::trust::account_of;
use super::uses::RoleUse;
use crate::facts::known::Known;
use crate::facts::time;
use crate::facts::view::ResourceView;
use crate::snapshot::Unknown;
use crate::value::{Json, Pointer};
use chrono::{DateTime, Utc};

/// Whether the principal of an access entry is the one that the entry was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrincipalState {
    /// It is.
    Current,
    /// It was deleted and made again after the entry.
    Recreated,
    /// It does not exist in IAM any more.
    Missing,
}

impl PrincipalState {
    /// The word that rules and programs compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Recreated => "recreated",
            Self::Missing => "missing",
        }
    }
}

/// What sort of principal an access entry is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PrincipalKind {
    Role,
    /// A role of AWS's own for a service.
    ServiceRole,
    User,
    Root,
    /// What EKS would refuse.
    Other,
}

impl PrincipalKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::ServiceRole => "service-role",
            Self::User => "user",
            Self::Root => "root",
            Self::Other => "other",
        }
    }
}

/// What follows about an access entry.
pub(crate) struct EntryFacts<'t> {
    pub(crate) principal: &'t str,
    pub(crate) kind: Known<PrincipalKind>,
    pub(crate) state: Known<PrincipalState>,
    /// Whether a node group, a Fargate profile or an instance has the role of an entry for nodes.
    pub(crate) used_by_nodes: Known<bool>,
    place: Pointer,
}

/// The facts about all access entries, by the principal's ARN.
pub(super) fn facts<'t>(iam: &Iam<'t>) -> Json<'t> {
    let builder = iam.builder;
    let node = |entry: EntryFacts<'t>| {
        let fields = [
            ("kind", builder.known(entry.kind.map(|kind| Json::Str(kind.as_str())))),
            ("state", builder.known(entry.state.map(|state| Json::Str(state.as_str())))),
            ("usedByNodes", builder.flag(entry.used_by_nodes)),
        ];
        (entry.principal, builder.object_at(entry.place.as_str(), fields))
    };
    let entries = entries(iam).map(|entries| builder.object(entries.into_iter().map(node)));
    builder.known(entries)
}

/// What follows about all access entries.
pub(super) fn entries<'t>(iam: &Iam<'t>) -> Known<Vec<EntryFacts<'t>>> {
    iam.view.section("accessEntries")?;
    let facts = iam.view.items("accessEntries").filter_map(|entry| {
        let principal = entry.key()?;
        Some(EntryFacts {
            principal,
            kind: kind(iam, principal),
            state: state(iam, principal, &entry),
            used_by_nodes: used_by_nodes(iam, principal, &entry),
            place: entry.pointer(),
        })
    });
    Ok(facts.collect())
}

/// What sort of principal it is: as its ARN says, or else as the template that makes it.
fn kind(iam: &Iam<'_>, principal: &str) -> Known<PrincipalKind> {
    let is_symbol = iam.view.symbol(principal).is_some();
    let resource = match is_symbol {
        true => arn_from(principal, 5),
        false => Some(principal.splitn(6, ':').nth(5).unwrap_or_default()),
    };
    let is_there = |section: &str| matches!(iam.view.find(section, principal), Ok(Some(_)));
    match resource {
        Some(resource) if resource.starts_with("role/aws-service-role/") => Ok(PrincipalKind::ServiceRole),
        // What follows a symbol may be a path of AWS's own.
        Some(resource) if resource.starts_with("role/${") => Err(not_known(principal)),
        Some(resource) if resource.starts_with("role/") => Ok(PrincipalKind::Role),
        Some(resource) if resource.starts_with("user/") => Ok(PrincipalKind::User),
        Some("root") => Ok(PrincipalKind::Root),
        Some(resource) if !resource.starts_with("${") => Ok(PrincipalKind::Other),
        _ if is_there("roles") => Ok(PrincipalKind::Role),
        _ if is_there("users") => Ok(PrincipalKind::User),
        _ => Err(not_known(principal)),
    }
}

/// Whether the principal of an entry is still the one that it was made for.
pub(super) fn state(iam: &Iam<'_>, principal: &str, entry: &ResourceView<'_>) -> Known<PrincipalState> {
    let found = |section: &str| iam.view.find(section, principal).ok().flatten();
    if let (Some(_), Some(named)) = (iam.view.symbol(principal), found("roles").or_else(|| found("users"))) {
        // Who has an entry by a reference in the template is made before the entry is, unless something says otherwise.
        return match (time_of(&named, "CreateDate"), time_of(entry, "createdAt")) {
            (Ok(made), Ok(entered)) if made > entered => Ok(PrincipalState::Recreated),
            _ => Ok(PrincipalState::Current),
        };
    }
    iam.view.literal(principal)?;
    let account = iam.account()?;
    if account_of(principal) != Some(account) {
        return Err(Unknown::undecided(format!("{principal} is of another account than the cluster")));
    }
    let section = match principal.splitn(6, ':').nth(5).and_then(|resource| resource.split('/').next()) {
        Some("user") => "users",
        Some("role") => "roles",
        _ => return Err(Unknown::undecided(format!("{principal} is neither a role nor a user"))),
    };
    let state = state_in(iam, section, principal, entry)?;
    // AWS makes the entries of its own roles anew with them.
    match principal.contains(":role/aws-service-role/") && state != PrincipalState::Current {
        true => Err(Unknown::undecided(format!("{principal} is AWS's own role of a service"))),
        false => Ok(state),
    }
}

/// The same for a principal of this account.
fn state_in(
    iam: &Iam<'_>,
    section: &str,
    principal: &str,
    entry: &ResourceView<'_>,
) -> Known<PrincipalState> {
    let Some(principal) = iam.view.find(section, principal)? else { return Ok(PrincipalState::Missing) };
    let made = time_of(&principal, "CreateDate")?;
    let entered = time_of(entry, "createdAt")?;
    Ok(if made > entered { PrincipalState::Recreated } else { PrincipalState::Current })
}

fn time_of(resource: &ResourceView<'_>, name: &str) -> Known<DateTime<Utc>> {
    let node = resource.field(name)?;
    let invalid = || resource.misfit(&[name], "a time", &node);
    time::from_node(node).ok_or_else(invalid)
}

fn used_by_nodes(iam: &Iam<'_>, principal: &str, entry: &ResourceView<'_>) -> Known<bool> {
    match entry.text("type")? {
        "EC2" | "EC2_LINUX" | "EC2_WINDOWS" => iam.uses.is_used_beside_entries(principal, RoleUse::Node),
        "FARGATE_LINUX" => iam.uses.is_used_beside_entries(principal, RoleUse::Fargate),
        "HYBRID_LINUX" => match iam.uses.is_used_beside_entries(principal, RoleUse::Node) {
            Ok(true) => Ok(true),
            _ => Err(Unknown::undecided("hybrid nodes are not visible to AWS APIs".to_owned())),
        },
        other => Err(Unknown::undecided(format!("an access entry of type {other} is not for nodes"))),
    }
}
