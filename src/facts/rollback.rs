//! Whether the last upgrade of the control plane can still be rolled back, until when, and what stands
//! in the way.
//!
//! The conditions: <https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html>. An update
//! says when it was begun and not when it was completed, so the window is at least as long as said here.

use super::builder::FactBuilder;
use super::calendar::Status;
use super::forecast::{self, Policy};
use super::known::Known;
use super::version::{Versions, minor, not_applicable, place, place_in_cluster};
use super::view::{section_of, why_absent};
use super::{addon, time};
use crate::snapshot::{Kind, Part, Unknown};
use crate::value::{Node, Pointer};
use chrono::{DateTime, Days, NaiveTime, SecondsFormat, Utc};

/// For how many days an upgrade can be rolled back.
const WINDOW: Days = Days::new(7);

/// A change of the control plane's version that came to its end.
struct Change<'t> {
    at: DateTime<Utc>,
    kind: &'t str,
    node: Node<'t>,
    pointer: Pointer,
}

/// The facts of `facts.cluster.version.rollback`.
pub(super) fn of_cluster<'t>(
    versions: &Versions<'_, 't>,
    version: &str,
    builder: FactBuilder<'t>,
) -> Node<'t> {
    if versions.snapshot.kind == Kind::Outpost {
        let words = "AWS documents the rollback of versions for control planes in AWS, not on an Outpost";
        return builder.unknown(&not_applicable(words));
    }
    let last = match last_change(versions) {
        Ok(last) => last,
        Err(unknown) => return builder.unknown(&unknown),
    };
    match last {
        Some(change) => builder.known(of_change(versions, version, &change, builder)),
        None => closed(builder, "updates holds no upgrade of the control plane"),
    }
}

fn closed<'t>(builder: FactBuilder<'t>, why: &str) -> Node<'t> {
    builder.object([
        ("isOpen", Node::Bool(false)),
        ("why", builder.text(why)),
        ("obstacles", Node::List(&[])),
    ])
}

/// The last change of the control plane's version, up or down.
fn last_change<'t>(versions: &Versions<'_, 't>) -> Known<Option<Change<'t>>> {
    let Some(part) = versions.snapshot.part_named("updates") else {
        return Err(why_absent(versions.snapshot, "updates"));
    };
    let mut last: Option<Change<'t>> = None;
    for (index, update) in part.items().iter().enumerate() {
        let Some(kind) = change_of_control_plane(update) else { continue };
        let pointer = part.item_pointer(index);
        let at = update.get_go_cased("createdAt").and_then(time::from_node).ok_or_else(|| {
            Unknown::invalid("an update does not say when it was made".to_owned(), "/updates/0/createdAt")
        })?;
        if last.as_ref().is_none_or(|last| last.at < at) {
            last = Some(Change { at, kind, node: *update, pointer });
        }
    }
    decided_by(versions, part, last)
}

/// Updates that are not in the snapshot matter only if no open window is found in those that are: an
/// upgrade to the cluster's present version is the last one.
fn decided_by<'t>(
    versions: &Versions<'_, 't>,
    part: &Part<'t>,
    last: Option<Change<'t>>,
) -> Known<Option<Change<'t>>> {
    let open =
        last.as_ref().is_some_and(|change| change.kind == "VersionUpdate" && until(change) > now(versions));
    match &part.incomplete {
        Some(unknown) if !open => Err(unknown.clone()),
        _ => Ok(last),
    }
}

/// The type of a successful update, if it changed the version of the control plane: updates of node
/// groups are called `VersionUpdate` as well.
fn change_of_control_plane<'t>(update: &Node<'t>) -> Option<&'t str> {
    let text = |field| update.get_go_cased(field).and_then(|node| node.as_str());
    let kind = text("type").filter(|kind| ["VersionUpdate", "VersionRollback"].contains(kind))?;
    let elsewhere = text("nodegroupName").or(text("addonName")).or(param(update, "ReleaseVersion"));
    (elsewhere.is_none() && text("status") == Some("Successful")).then_some(kind)
}

/// A parameter of an update.
fn param<'t>(update: &Node<'t>, name: &str) -> Option<&'t str> {
    let params = update.get_go_cased("params").and_then(|node| node.as_list()).unwrap_or_default();
    let text = |param: &Node<'t>, field| param.get_go_cased(field).and_then(|node| node.as_str());
    params.iter().find(|param| text(param, "type") == Some(name)).and_then(|param| text(param, "value"))
}

fn of_change<'t>(
    versions: &Versions<'_, 't>,
    version: &str,
    change: &Change<'t>,
    builder: FactBuilder<'t>,
) -> Known<Node<'t>> {
    if change.kind == "VersionRollback" {
        return Ok(closed(
            builder,
            &format!("the control plane was rolled back on {}", change.at.date_naive()),
        ));
    }
    let now_on = minor(version, "/cluster/version")?;
    let reached = param(&change.node, "Version").ok_or_else(|| {
        Unknown::invalid("an update does not say to which version".to_owned(), "/updates/0/params")
    })?;
    if minor(reached, "/updates/0/params")? != now_on {
        let words = format!("the last upgrade in updates led to {reached}, and the cluster runs {version}");
        return Err(Unknown::undecided(words));
    }
    let previous = format!("1.{}", now_on - 1);
    let why = why_closed(versions, change, &previous);
    let mut fields = vec![
        ("isOpen", Node::Bool(why.is_none())),
        ("until", builder.text(until(change).to_rfc3339_opts(SecondsFormat::Secs, true))),
        ("to", builder.text(&previous)),
    ];
    match why {
        Some(why) => fields.extend([("why", builder.text(why)), ("obstacles", Node::List(&[]))]),
        None => fields.push(("obstacles", obstacles(versions, now_on - 1, &previous, builder))),
    }
    Ok(builder.object_at(change.pointer.as_str(), fields))
}

/// Why an upgrade can no longer be rolled back, if that is so.
fn why_closed(versions: &Versions<'_, '_>, change: &Change<'_>, previous: &str) -> Option<String> {
    let date = versions.as_of.date;
    if until(change) <= now(versions) {
        return Some(format!("the upgrade was made on {}, more than 7 days ago", change.at.date_naive()));
    }
    let gone = versions.calendar.status(previous, date) == Some(Status::Unsupported);
    gone.then(|| format!("EKS no longer supports {previous}"))
}

fn until(change: &Change<'_>) -> DateTime<Utc> {
    change.at.checked_add_days(WINDOW).unwrap_or(change.at)
}

fn now(versions: &Versions<'_, '_>) -> DateTime<Utc> {
    versions.as_of.date.and_time(NaiveTime::MIN).and_utc()
}

/// What is to be done before the control plane can be rolled back to a minor version.
fn obstacles<'t>(
    versions: &Versions<'_, 't>,
    previous: i64,
    name: &str,
    builder: FactBuilder<'t>,
) -> Node<'t> {
    let found = status(versions, builder).and_then(|status| {
        let mut found: Vec<_> = status.into_iter().collect();
        found.extend(upgrade_policy(versions, name, builder)?);
        found.extend(nodegroups(versions, previous, name, builder)?);
        found.extend(addons(versions, previous, name, builder)?);
        Ok(found)
    });
    builder.known(found.map(|found| builder.list(found)))
}

fn obstacle<'t>(
    builder: FactBuilder<'t>,
    kind: &'static str,
    name: &'t str,
    place: &Pointer,
    todo: &str,
) -> Node<'t> {
    let fields = [("kind", Node::Str(kind)), ("name", Node::Str(name)), ("todo", builder.text(todo))];
    builder.object_at(place.as_str(), fields)
}

/// Another update is under way.
fn status<'t>(versions: &Versions<'_, 't>, builder: FactBuilder<'t>) -> Known<Option<Node<'t>>> {
    let cluster = versions.snapshot.cluster();
    let status = cluster.and_then(|cluster| cluster.get_go_cased("status")).and_then(|node| node.as_str());
    let status = status.ok_or_else(|| super::version::field_absent("status"))?;
    let place = place_in_cluster(versions.snapshot, "status");
    let wait = || obstacle(builder, "status", status, &place, "wait until the cluster is ACTIVE");
    Ok((status != "ACTIVE").then(wait))
}

/// The previous version is in extended support, which the policy does not allow.
fn upgrade_policy<'t>(
    versions: &Versions<'_, 't>,
    name: &str,
    builder: FactBuilder<'t>,
) -> Known<Option<Node<'t>>> {
    if versions.calendar.status(name, versions.as_of.date) != Some(Status::Extended) {
        return Ok(None);
    }
    let place = place_in_cluster(versions.snapshot, "upgradePolicy");
    let todo = format!("set the upgrade policy to EXTENDED, as {name} is in extended support");
    let set = || obstacle(builder, "upgradePolicy", "STANDARD", &place, &todo);
    Ok((forecast::policy(versions.snapshot)? == Policy::Standard).then(set))
}

/// Node groups that are newer than the control plane would be. Nodes of Auto Mode are rolled back by EKS.
fn nodegroups<'t>(
    versions: &Versions<'_, 't>,
    previous: i64,
    name: &str,
    builder: FactBuilder<'t>,
) -> Known<Vec<Node<'t>>> {
    let part = complete(versions, "nodegroups")?;
    let mut found = Vec::new();
    for (at, nodegroup) in part.items().iter().enumerate() {
        let kubelet = minor(versions.version_of_nodegroup(nodegroup)?, "/nodegroups/0/version")?;
        if kubelet > previous {
            let group = nodegroup.get_go_cased("nodegroupName").and_then(|node| node.as_str()).unwrap_or("?");
            let place = place(&part.item_pointer(at), nodegroup, "version");
            found.push(obstacle(
                builder,
                "nodegroup",
                group,
                &place,
                &format!("roll the node group {group} back to {name}"),
            ));
        }
    }
    Ok(found)
}

/// Add-ons that are known not to fit. What is not known is no obstacle: EKS itself lets a rollback pass
/// when it cannot tell.
fn addons<'t>(
    versions: &Versions<'_, 't>,
    previous: i64,
    name: &str,
    builder: FactBuilder<'t>,
) -> Known<Vec<Node<'t>>> {
    let part = complete(versions, "addons")?;
    let misfit = |(at, item): (usize, &Node<'t>)| {
        let addon = item.get_go_cased("addonName").and_then(|node| node.as_str()).unwrap_or("?");
        let place = place(&part.item_pointer(at), item, "addonVersion");
        let todo = format!("set the add-on {addon} to a build that fits {name}");
        let misfits = addon::fits(versions, item, previous, None) == Ok(false);
        misfits.then(|| obstacle(builder, "addon", addon, &place, &todo))
    };
    Ok(part.items().iter().enumerate().filter_map(misfit).collect())
}

/// A section that is there as a whole.
fn complete<'s, 't>(versions: &Versions<'s, 't>, name: &str) -> Known<&'s Part<'t>> {
    let part = section_of(versions.snapshot, name)?;
    part.incomplete.clone().map_or(Ok(part), Err)
}
