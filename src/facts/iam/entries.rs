//! The facts of `facts.accessEntries[…]`: whether the principal of an entry is still the one that it
//! was made for. An entry keeps the principal's unique id: a role that was made anew under the same
//! name never matches.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html>

use super::Iam;
use super::trust::account_of;
use super::uses::{RoleUse, field, part, text};
use crate::facts::known::Known;
use crate::facts::time;
use crate::snapshot::Unknown;
use crate::value::{Node, Object};
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

/// What follows about an access entry.
pub(crate) struct EntryFacts<'t> {
    pub(crate) principal: &'t str,
    pub(crate) state: Known<PrincipalState>,
    /// Whether a node group, a Fargate profile or an instance has the role of an entry for nodes.
    pub(crate) used_by_nodes: Known<bool>,
    origin: String,
}

/// The facts about all access entries, by the principal's ARN.
pub(super) fn facts<'t>(iam: &Iam<'t, '_>) -> Node<'t> {
    let builder = iam.builder;
    let node = |entry: EntryFacts<'t>| {
        let fields = [
            ("state", builder.known(entry.state.map(|state| Node::Str(state.as_str())))),
            ("usedByNodes", builder.flag(entry.used_by_nodes)),
        ];
        (entry.principal, builder.object_at(&entry.origin, fields))
    };
    let entries = entries(iam).map(|entries| builder.object(entries.into_iter().map(node)));
    builder.known(entries)
}

/// What follows about all access entries.
pub(super) fn entries<'t>(iam: &Iam<'t, '_>) -> Known<Vec<EntryFacts<'t>>> {
    let part = part(iam.snapshot, "accessEntries")?;
    let facts = part.items().iter().enumerate().filter_map(|(at, item)| {
        let Node::Object(object) = item else { return None };
        let origin = part.item_pointer(at).to_string();
        let principal = text(*item, "principalArn")?;
        Some(EntryFacts {
            principal,
            state: state(iam, principal, object, &origin),
            used_by_nodes: used_by_nodes(iam, principal, object, &origin),
            origin,
        })
    });
    Ok(facts.collect())
}

fn state<'t>(iam: &Iam<'t, '_>, principal: &str, entry: &'t Object<'t>, at: &str) -> Known<PrincipalState> {
    let account = iam.account()?;
    if account_of(principal) != Some(account) {
        return Err(Unknown::undecided(format!("{principal} is of another account than the cluster")));
    }
    let section = match principal.splitn(6, ':').nth(5).and_then(|resource| resource.split('/').next()) {
        Some("user") => "users",
        Some("role") => "roles",
        _ => return Err(Unknown::undecided(format!("{principal} is neither a role nor a user"))),
    };
    let state = state_in(iam, section, principal, entry, at)?;
    // AWS makes the entries of its own roles anew with them.
    match principal.contains(":role/aws-service-role/") && state != PrincipalState::Current {
        true => Err(Unknown::undecided(format!("{principal} is AWS's own role of a service"))),
        false => Ok(state),
    }
}

/// The same for a principal of this account.
fn state_in<'t>(
    iam: &Iam<'t, '_>,
    section: &str,
    principal: &str,
    entry: &'t Object<'t>,
    at: &str,
) -> Known<PrincipalState> {
    let part = part(iam.snapshot, section)?;
    let Some(position) = part.position(principal) else {
        return part.incomplete.clone().map_or(Ok(PrincipalState::Missing), Err);
    };
    let Some(Node::Object(object)) = part.items().get(position) else {
        return Err(Unknown::undecided(format!("{principal} is not described in the snapshot")));
    };
    let api = if section == "users" { "iam:GetUser" } else { "iam:GetRole" };
    let made = time_of(iam, object, "CreateDate", part.item_pointer(position).as_str(), api)?;
    let entered = time_of(iam, entry, "createdAt", at, "eks:DescribeAccessEntry")?;
    Ok(if made > entered { PrincipalState::Recreated } else { PrincipalState::Current })
}

fn time_of<'t>(
    iam: &Iam<'t, '_>,
    object: &'t Object<'t>,
    name: &str,
    at: &str,
    api: &str,
) -> Known<DateTime<Utc>> {
    let node = field(iam.snapshot, object, name, at, api)?;
    let invalid = || Unknown::invalid(format!("{name} is {node}, not a time"), &format!("{at}/{name}"));
    time::from_node(node).ok_or_else(invalid)
}

fn used_by_nodes<'t>(iam: &Iam<'t, '_>, principal: &str, entry: &'t Object<'t>, at: &str) -> Known<bool> {
    let kind = field(iam.snapshot, entry, "type", at, "eks:DescribeAccessEntry")?;
    match kind.as_str().unwrap_or_default() {
        "EC2" | "EC2_LINUX" | "EC2_WINDOWS" => iam.uses.is_used_beside_entries(principal, RoleUse::Node),
        "FARGATE_LINUX" => iam.uses.is_used_beside_entries(principal, RoleUse::Fargate),
        "HYBRID_LINUX" => match iam.uses.is_used_beside_entries(principal, RoleUse::Node) {
            Ok(true) => Ok(true),
            _ => Err(Unknown::undecided("hybrid nodes are not visible to AWS APIs".to_owned())),
        },
        other => Err(Unknown::undecided(format!("an access entry of type {other} is not for nodes"))),
    }
}
