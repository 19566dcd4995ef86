//! The facts of `facts.accessEntries[…]`: whether the principal of an entry is still the one that it
//! was made for. An entry keeps the principal's unique id: a role that was made anew under the same
//! name never matches.
//!
//! <https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html>

use super::Iam;
use super::trust::account_of;
use super::uses::{Kind, field, part, text};
use crate::facts::known::Known;
use crate::facts::time;
use crate::snapshot::Unknown;
use crate::value::{Node, Object};
use chrono::{DateTime, Utc};

/// The facts about all access entries, by the principal's ARN.
pub(super) fn facts<'t>(iam: &Iam<'t, '_>) -> Node<'t> {
    let part = match part(iam.snapshot, "accessEntries") {
        Ok(part) => part,
        Err(unknown) => return iam.builder.unknown(&unknown),
    };
    let facts = part.items().iter().enumerate().filter_map(|(at, item)| {
        let Node::Object(object) = item else { return None };
        let origin = part.item_pointer(at).to_string();
        let principal = text(*item, "principalArn")?;
        let fields = [
            ("state", iam.builder.known(state(iam, principal, object, &origin).map(Node::Str))),
            ("usedByNodes", iam.builder.flag(used_by_nodes(iam, principal, object, &origin))),
        ];
        Some((principal, iam.builder.object_at(&origin, fields)))
    });
    iam.builder.object(facts.collect::<Vec<_>>())
}

fn state<'t>(iam: &Iam<'t, '_>, principal: &str, entry: &'t Object<'t>, at: &str) -> Known<&'static str> {
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
    match principal.contains(":role/aws-service-role/") && state != "current" {
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
) -> Known<&'static str> {
    let part = part(iam.snapshot, section)?;
    let Some(position) = part.position(principal) else {
        return part.incomplete.clone().map_or(Ok("missing"), Err);
    };
    let Some(Node::Object(object)) = part.items().get(position) else {
        return Err(Unknown::undecided(format!("{principal} is not described in the snapshot")));
    };
    let api = if section == "users" { "iam:GetUser" } else { "iam:GetRole" };
    let made = time_of(iam, object, "CreateDate", part.item_pointer(position).as_str(), api)?;
    let entered = time_of(iam, entry, "createdAt", at, "eks:DescribeAccessEntry")?;
    Ok(if made > entered { "recreated" } else { "current" })
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

/// Whether a node group, a Fargate profile or an instance has the role of an entry for nodes.
fn used_by_nodes<'t>(iam: &Iam<'t, '_>, principal: &str, entry: &'t Object<'t>, at: &str) -> Known<bool> {
    let kind = field(iam.snapshot, entry, "type", at, "eks:DescribeAccessEntry")?;
    match kind.as_str().unwrap_or_default() {
        "EC2" | "EC2_LINUX" | "EC2_WINDOWS" => iam.uses.is_used_beside_entries(principal, Kind::Node),
        "FARGATE_LINUX" => iam.uses.is_used_beside_entries(principal, Kind::Fargate),
        "HYBRID_LINUX" => match iam.uses.is_used_beside_entries(principal, Kind::Node) {
            Ok(true) => Ok(true),
            _ => Err(Unknown::undecided("hybrid nodes are not visible to AWS APIs".to_owned())),
        },
        other => Err(Unknown::undecided(format!("an access entry of type {other} is not for nodes"))),
    }
}
